//! `@fault-sweep`: runs a scenario once for each call of a service that it makes and each way in which that call can fail.

use super::attempt::{Attempts, TOLD_IN_FULL, failure_of};
use super::effects::FaultEffects;
use super::results::{FaultSweep, FaultedCall, FaultedRun, RunFailure};
use crate::runner::Exploration;
use crate::sandbox::{Call, Injection, Journal};

/// Pairs of failures that are tried of a scenario.
const MOST_PAIRS: usize = 1_000;

/// Makes a run with these failures; the other argument says whether a failure is to be told with what led to it.
type Run<'a> = dyn FnMut(&[FaultedCall], bool) -> (Journal, Option<RunFailure>) + 'a;

/// Runs a scenario whose clean run made these calls with each of them failing, in each way.
pub(super) fn sweep(
    attempts: &Attempts<'_>,
    clean: &Journal,
    effects: &FaultEffects,
) -> FaultSweep {
    sweep_by(clean, effects, &mut |calls, evidence| {
        let exploration = Exploration {
            injections: calls.iter().map(|call| call.injection.clone()).collect(),
            faulted: true,
            ..Exploration::default()
        };
        let mut once = attempts.further(exploration, evidence);
        let journal = std::mem::take(&mut once.record.journal);
        (journal, failure_of(once))
    })
}

/// As [`sweep`], of whatever makes a run.
pub(super) fn sweep_by(clean: &Journal, effects: &FaultEffects, run: &mut Run<'_>) -> FaultSweep {
    let mut sweep = Sweep {
        run,
        effects,
        failed: 0,
        found: FaultSweep {
            made: true,
            ..FaultSweep::default()
        },
    };
    let mut survived = Vec::new();
    for call in clean.calls().iter().filter(|call| call.can_fail) {
        for failing in sweep.failures(call) {
            let later = sweep.try_out(vec![failing.clone()]);
            survived.extend(later.map(|later| (failing, later)));
        }
    }
    sweep.pairs(survived);
    sweep.found
}

struct Sweep<'a, 'r> {
    run: &'a mut Run<'r>,
    effects: &'a FaultEffects,
    failed: usize,
    found: FaultSweep,
}

impl Sweep<'_, '_> {
    /// The ways in which a call can fail.
    fn failures(&self, call: &Call) -> Vec<FaultedCall> {
        let Some(operation) = call.operation() else {
            return Vec::new();
        };
        let effects = self.effects.of(call).into_iter();
        let failures = effects.map(|effect| FaultedCall {
            injection: Injection {
                operation,
                ordinal: call.ordinal,
                effect,
            },
            key: call.key.clone(),
        });
        failures.collect()
    }

    /// Runs the scenario with these calls failing. If it survives, and pairs are wanted: the calls that came after
    /// them.
    fn try_out(&mut self, calls: Vec<FaultedCall>) -> Option<Vec<Call>> {
        let (journal, failure) = (self.run)(&calls, self.failed < TOLD_IN_FULL);
        self.failed += usize::from(failure.is_some());
        let wanted = failure.is_none() && self.effects.pairs && calls.len() == 1;
        self.found.runs.push(FaultedRun { calls, failure });
        wanted.then(|| after_the_failure(&journal))
    }

    /// Lets each call fail that came after a failure which the scenario survived: what recovers from it is tried too.
    fn pairs(&mut self, survived: Vec<(FaultedCall, Vec<Call>)>) {
        let mut tried = 0;
        for (first, later) in survived {
            for call in later {
                for second in self.failures(&call) {
                    if tried == MOST_PAIRS {
                        self.found.pairs_bounded_at = Some(MOST_PAIRS);
                        return;
                    }
                    tried += 1;
                    self.try_out(vec![first.clone(), second]);
                }
            }
        }
    }
}

/// The calls after the one that was made to fail, as far as they can be made to fail too.
fn after_the_failure(journal: &Journal) -> Vec<Call> {
    let calls = journal.calls().iter();
    let after = calls.skip_while(|call| !call.injected).skip(1);
    after.filter(|call| call.can_fail).cloned().collect()
}
