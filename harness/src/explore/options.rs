//! Which runs a scenario is to have: what its tags say, and what the command line says for every scenario.

use super::effects::FaultEffects;
use super::schedule_sweep::DEFAULT_BOUND;
use crate::runner::Exploration;
use crate::sandbox::{Guide, Injection};

/// What the command line says about running scenarios many times.
#[derive(Clone, Debug, Default)]
pub struct SweepOptions {
    /// Every scenario is swept, as with the tag `@fault-sweep`.
    pub fault_sweep: Option<FaultEffects>,
    /// Scenarios run once, with these failures, in place of their sweep.
    pub faults: Vec<Injection>,
    /// Every scenario is run in so many orders at most, as with the tag `@schedule-sweep`.
    pub schedule_sweep: Option<usize>,
    /// Scenarios run once, in this order, in place of their sweep.
    pub schedule: Option<Guide>,
    /// Every run is made twice and compared.
    pub check_determinism: bool,
}

/// What one scenario is to have.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub faults: Option<FaultEffects>,
    /// So many orders at most.
    pub schedules: Option<usize>,
    /// One run, in place of every sweep.
    pub alone: Option<Exploration>,
    pub twice: bool,
}

/// What the tags begin with that are about sweeps.
const FAULT_SWEEP: &str = "fault-sweep";
const SCHEDULE_SWEEP: &str = "schedule-sweep";

impl Wanted {
    /// Reads the tags of a scenario; the error names what there is.
    pub fn of(tags: &[String], options: &SweepOptions) -> Result<Self, String> {
        let mut faults = options.fault_sweep.clone();
        let mut schedules = options.schedule_sweep;
        for tag in tags {
            if let Some(rest) = tag.strip_prefix(SCHEDULE_SWEEP) {
                schedules = Some(bound(tag, rest)?);
            }
            mistyped(tag)?;
            if let Some(rest) = tag.strip_prefix(FAULT_SWEEP) {
                let effects = fault_effects(tag, rest)?;
                match &mut faults {
                    Some(faults) => faults.add(effects),
                    None => faults = Some(effects),
                }
            }
        }
        let alone = !options.faults.is_empty() || options.schedule.is_some();
        Ok(Self {
            faults: faults.filter(|_| !alone),
            schedules: schedules.filter(|_| !alone),
            alone: alone.then(|| Exploration {
                injections: options.faults.clone(),
                schedule: options.schedule.clone(),
                faulted: true,
                ..Exploration::default()
            }),
            twice: options.check_determinism,
        })
    }

    /// Whether it is to run once, as it is.
    pub fn is_plain(&self) -> bool {
        self.faults.is_none() && self.schedules.is_none() && self.alone.is_none() && !self.twice
    }
}

impl SweepOptions {
    /// How many orders are tried of a scenario, unless it says so itself.
    pub const MOST_ORDERS: usize = DEFAULT_BOUND;
}

fn bound(tag: &str, rest: &str) -> Result<usize, String> {
    if rest.is_empty() {
        return Ok(DEFAULT_BOUND);
    }
    let bound = rest.strip_prefix(':').and_then(|bound| bound.parse().ok());
    bound.filter(|bound| *bound > 0).ok_or_else(|| {
        format!(
            "the tag `@{tag}` is not understood: expected `@schedule-sweep`, or `@schedule-sweep:200` for 200 orders at \
             most"
        )
    })
}

/// A tag that is nearly one of a sweep: without a word about it the scenario would pass as if it had been swept.
fn mistyped(tag: &str) -> Result<(), String> {
    let name = tag.split(':').next().unwrap_or(tag);
    let near = |known: &&str| {
        // Looked at more closely only where it can be near: every tag of every scenario comes by here.
        !tag.starts_with(*known)
            && name.len().abs_diff(known.len()) <= 2
            && strsim::damerau_levenshtein(&name.to_lowercase(), known) <= 2
    };
    match [FAULT_SWEEP, SCHEDULE_SWEEP]
        .iter()
        .find(|known| near(known))
    {
        Some(known) => Err(format!(
            "the tag `@{tag}` is not understood: did you mean `@{known}`?"
        )),
        None => Ok(()),
    }
}

fn fault_effects(tag: &str, rest: &str) -> Result<FaultEffects, String> {
    let read = match rest.strip_prefix(':') {
        Some(list) => list
            .parse::<FaultEffects>()
            .map_err(|error| error.to_string()),
        None if rest.is_empty() => Ok(FaultEffects::default()),
        None => Err(format!(
            "expected `@fault-sweep`, or `@fault-sweep:` and a list of {}",
            FaultEffects::names()
        )),
    };
    read.map_err(|why| format!("the tag `@{tag}` is not understood: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(tags: &[&str]) -> Result<Wanted, String> {
        let tags: Vec<_> = tags.iter().map(|tag| (*tag).to_owned()).collect();
        Wanted::of(&tags, &SweepOptions::default())
    }

    #[test]
    fn tags_say_what_is_swept() {
        assert!(of(&["slow", "fault"]).unwrap().is_plain());
        assert_eq!(
            of(&["fault-sweep"]).unwrap().faults,
            Some(FaultEffects::default())
        );
        let both = of(&["fault-sweep:traps", "fault-sweep:lost,pairs"]).unwrap();
        // `pairs` without a way to fail means the default ones; beside one it does not.
        assert_eq!(both.faults, Some("lost,pairs,traps".parse().unwrap()));
        let pairs = of(&["fault-sweep:pairs"]).unwrap().faults;
        assert_eq!(pairs, Some("default,pairs".parse().unwrap()));
    }

    #[test]
    fn a_tag_that_is_not_understood_names_what_there_is() {
        let message = of(&["fault-sweep:trap"]).unwrap_err();
        assert!(message.contains("`@fault-sweep:trap`"), "{message}");
        assert!(message.contains("did you mean `traps`?"), "{message}");
        assert!(message.contains("hangs, lost,"), "{message}");
        for (tag, meant) in [
            ("fault-sweeep", "`@fault-sweep`"),
            ("fault_sweep:traps", "`@fault-sweep`"),
            ("FaultSweep", "`@fault-sweep`"),
            ("schedulesweep", "`@schedule-sweep`"),
        ] {
            let message = of(&[tag]).unwrap_err();
            assert!(message.contains(meant), "{message}");
        }
        assert!(
            of(&["default-sleep", "swept", "scheduled"])
                .unwrap()
                .is_plain()
        );
        for tag in ["fault-sweeps", "fault-sweep-traps", "fault-sweep:"] {
            let message = of(&[tag]).unwrap_err();
            assert!(message.contains("no-such-store"), "{message}");
        }
    }

    #[test]
    fn a_schedule_sweep_has_a_bound() {
        assert_eq!(of(&["schedule-sweep"]).unwrap().schedules, Some(1_000));
        assert_eq!(of(&["schedule-sweep:20"]).unwrap().schedules, Some(20));
        for tag in ["schedule-sweeps", "schedule-sweep:0", "schedule-sweep:all"] {
            let message = of(&[tag]).unwrap_err();
            assert!(message.contains("`@schedule-sweep:200`"), "{message}");
        }
    }

    #[test]
    fn failures_that_are_given_take_the_place_of_sweeps() {
        let options = SweepOptions {
            faults: vec!["set#1: lost".parse().unwrap()],
            ..SweepOptions::default()
        };
        let wanted = Wanted::of(&["fault-sweep".to_owned()], &options).unwrap();
        assert!(wanted.faults.is_none());
        let alone = wanted.alone.unwrap();
        assert!(alone.faulted);
        assert_eq!(alone.injections, options.faults);
    }
}
