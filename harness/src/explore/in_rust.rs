//! The fault sweep of a test that is written in Rust.

use super::effects::FaultEffects;
use super::fault_sweep::sweep_by;
use super::results::{FaultSweep, RunFailure};
use crate::runner::{Failure, caught};
use crate::sandbox::{Journal, Sandbox};

/// Runs a test once as it is, and then once for each storage call that it makes and each way in which that call can
/// fail, each time in a sandbox of its own. What the test asserts must hold in every run.
///
/// ```
/// use spin_harness::explore::{FaultEffects, fault_sweep};
/// use spin_harness::{App, Request};
///
/// # let manifest = "../fixtures/apps/visits/spin.toml";
/// let app = App::load(manifest)?;
/// let sweep = fault_sweep(|| app.sandbox(), &FaultEffects::default(), |sandbox| {
///     let response = sandbox.send_blocking(Request::new("GET", "/visit").unwrap());
///     assert!([200, 503].contains(&response.status()));
/// });
/// sweep.assert_survived();
/// // open, get and set, and the set once more, which takes effect before it fails.
/// assert_eq!(sweep.runs.len(), 4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Panics
///
/// The test panics in the clean run.
pub fn fault_sweep(
    sandbox: impl Fn() -> Sandbox,
    effects: &FaultEffects,
    mut test: impl FnMut(&mut Sandbox),
) -> FaultSweep {
    let mut clean = sandbox();
    test(&mut clean);
    sweep_by(&clean.journal(), effects, &mut |calls, _| {
        let mut sandbox = sandbox();
        for call in calls {
            sandbox.faults().inject(call.injection.clone());
        }
        let ended = caught(|| test(&mut sandbox));
        let message = match ended {
            Err(panic) => Some(panic.message),
            Ok(()) => sandbox.faults().never_reached(),
        };
        let failure = message.map(|message| RunFailure {
            step: None,
            failure: Failure {
                message,
                ..Failure::default()
            },
        });
        let journal: Journal = sandbox.journal();
        (journal, failure)
    })
}

impl FaultSweep {
    /// Fails the test that asks, unless everything held in every run.
    ///
    /// # Panics
    ///
    /// With each run in which something did not hold, and why.
    #[track_caller]
    pub fn assert_survived(&self) {
        let failed: Vec<String> = self
            .failed()
            .map(|(run, why)| {
                let calls: Vec<_> = run
                    .calls
                    .iter()
                    .map(|call| call.injection.to_string())
                    .collect();
                let message = why.failure.message.replace('\n', "\n    ");
                format!("  {}\n    {message}", calls.join(", then "))
            })
            .collect();
        assert!(
            failed.is_empty(),
            "{} of {} faulted runs failed:\n{}",
            failed.len(),
            self.runs.len(),
            failed.join("\n")
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::App;
    use crate::trigger::Request;

    fn sweep(statuses: &[u16], effects: &str) -> FaultSweep {
        let manifest = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../fixtures/apps/visits/spin.toml"
        );
        let app = App::load(manifest).unwrap();
        fault_sweep(
            || app.sandbox(),
            &effects.parse().unwrap(),
            |sandbox| {
                let response = sandbox.send_blocking(Request::new("GET", "/visit").unwrap());
                assert!(
                    statuses.contains(&response.status()),
                    "it was {}",
                    response.status()
                );
            },
        )
    }

    #[test]
    fn a_test_in_rust_is_swept_as_a_scenario_is() {
        let sweep = sweep(&[200, 503], "default,traps");
        let failed: Vec<_> = sweep.failed().collect();
        // Three calls that trap, and the write that traps once it is made; the default ones are survived.
        assert_eq!((sweep.runs.len(), failed.len()), (8, 4));
        let (run, why) = failed[0];
        assert_eq!(run.calls[0].injection.to_string(), "open#1: traps");
        assert_eq!(why.failure.message, "it was 500");
    }

    #[test]
    #[should_panic = "1 of 6 faulted runs failed:\n  set#1: lost\n    it was 200"]
    fn what_does_not_survive_fails_the_test() {
        let mut runs = 0;
        let manifest = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../fixtures/apps/visits/spin.toml"
        );
        let app = App::load(manifest).unwrap();
        let effects = "default,lost,stale".parse().unwrap();
        let sweep = fault_sweep(
            || app.sandbox(),
            &effects,
            |sandbox| {
                runs += 1;
                let response = sandbox.send_blocking(Request::new("GET", "/visit").unwrap());
                let stored = sandbox.key_value("default").get("visits").is_some();
                assert!(
                    stored || response.status() != 200,
                    "it was {}",
                    response.status()
                );
            },
        );
        assert_eq!(runs, 7);
        sweep.assert_survived();
    }
}
