//! What a run tells while it goes on. Reports are made of nothing else.

use super::planned::PlannedScenario;
use crate::app::Problem;
use crate::explore::Sweeps;
use crate::sandbox::{Happening, Seed};
use crate::steps::Evidence;
use cucumber::gherkin::Step;
use std::sync::Arc;
use std::time::Duration;

/// Something that a run tells.
///
/// Events of one scenario come in their order; those of different scenarios are mixed as they run at the same time,
/// unless a reporter puts them into the order of the files.
#[derive(Clone, Debug)]
pub enum Event {
    /// The run begins.
    RunStarted {
        /// Its seed.
        seed: Seed,
    },
    /// A scenario begins.
    ScenarioStarted {
        /// Its number in the run, from 0, in the order of the files.
        index: usize,
        /// Which.
        scenario: PlannedScenario,
    },
    /// One of its steps begins. Told only where [`super::Watch`] asks for it.
    StepStarted {
        /// The scenario's number.
        index: usize,
        /// The step.
        step: Arc<Step>,
    },
    /// Something happens in it. Told only where [`super::Watch`] asks for it.
    Happening {
        /// The scenario's number.
        index: usize,
        /// What.
        happening: Box<Happening>,
    },
    /// One of its steps has ended. Told only where [`super::Watch`] asks for it.
    StepFinished {
        /// The scenario's number.
        index: usize,
        /// How.
        result: Box<StepResult>,
    },
    /// A scenario has ended.
    ScenarioFinished {
        /// Its number.
        index: usize,
        /// How.
        result: Box<ScenarioResult>,
    },
    /// A scenario is not run: it needs the run's app, which does not load.
    ScenarioLeftOut {
        /// Its number.
        index: usize,
    },
    /// The user asked for an end.
    Interrupted,
    /// Every scenario has ended, or none is started any more.
    RunFinished,
}

impl Event {
    /// The number of the scenario that it is about.
    pub fn index(&self) -> Option<usize> {
        match self {
            Self::ScenarioStarted { index, .. }
            | Self::StepStarted { index, .. }
            | Self::Happening { index, .. }
            | Self::StepFinished { index, .. }
            | Self::ScenarioFinished { index, .. }
            | Self::ScenarioLeftOut { index } => Some(*index),
            Self::RunStarted { .. } | Self::Interrupted | Self::RunFinished => None,
        }
    }
}

/// Consumes the events of a run.
pub trait Reporter {
    /// Takes the next event.
    ///
    /// # Errors
    ///
    /// The report cannot be written, as when the program that reads it has ended.
    fn take(&mut self, event: Event) -> std::io::Result<()>;
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepStatus {
    /// It held.
    Passed,
    /// It did not.
    Failed,
    /// No step has these words.
    Undefined,
    /// Several steps have these words.
    Ambiguous,
    /// A step before it did not pass.
    Skipped,
}

/// Why a step or a scenario failed.
#[derive(Clone, Debug, Default)]
pub struct Failure {
    /// What is wrong, in one line or several.
    pub message: String,
    /// Where the code that panicked stands, for steps of the user's own.
    pub panicked_at: Option<String>,
    /// What happened in the scenario until then.
    pub evidence: Option<Box<Evidence>>,
}

/// One step, and how it ended.
#[derive(Clone, Debug)]
pub struct StepResult {
    /// The step, with the values of its row.
    pub step: Arc<Step>,
    /// Whether it comes from a background.
    pub background: bool,
    /// How it ended.
    pub status: StepStatus,
    /// Why, unless it passed or was skipped.
    pub failure: Option<Failure>,
}

/// How a scenario ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Every step passed, and so did what is checked at the end.
    Passed,
    /// A step failed, or what is checked at the end.
    Failed,
    /// It has a step that nobody wrote.
    Undefined,
    /// It has a step that means several things.
    Ambiguous,
}

/// A scenario, and how it ended.
#[derive(Clone, Debug)]
pub struct ScenarioResult {
    /// Which.
    pub scenario: PlannedScenario,
    /// Its name, with the values of its row.
    pub name: Arc<str>,
    /// Its tags, with those of feature, rule and examples; without `@`.
    pub tags: Vec<String>,
    /// Its steps, those of backgrounds first.
    pub steps: Vec<StepResult>,
    /// What failed after the last step: a fault rule that never fired.
    pub afterwards: Option<Failure>,
    /// What came of its other runs, if it was to run many times.
    pub sweeps: Option<Box<Sweeps>>,
    /// Its own seed.
    pub seed: Seed,
    /// How long it took, of real time.
    pub took: Duration,
    /// How it ended.
    pub verdict: Verdict,
}

impl ScenarioResult {
    /// Whether it came to no step at all, for what is wrong with its tags or the like.
    pub fn was_not_begun(&self) -> bool {
        let mut steps = self.steps.iter();
        steps.all(|step| step.status == StepStatus::Skipped)
    }

    /// Whether it failed without regard to the runs of a sweep.
    pub fn fails_by_itself(&self) -> bool {
        let passed = |step: &StepResult| step.status == StepStatus::Passed;
        self.afterwards.is_some() || !self.steps.iter().all(passed)
    }

    /// What made it fail, with the step if it was one. Of a scenario that only failed in runs of a sweep, that of the
    /// first such run.
    pub fn failure(&self) -> Option<(Option<&StepResult>, &Failure)> {
        let of_step = self
            .steps
            .iter()
            .find_map(|step| Some((Some(step), step.failure.as_ref()?)));
        of_step
            .or_else(|| Some((None, self.afterwards.as_ref()?)))
            .or_else(|| Some((None, self.sweeps.as_ref()?.first_failure()?)))
    }
}

/// How many of something ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Passed.
    pub passed: usize,
    /// Failed.
    pub failed: usize,
    /// Without a step that fits.
    pub undefined: usize,
    /// With several steps that fit.
    pub ambiguous: usize,
    /// Not reached.
    pub skipped: usize,
}

impl Counts {
    /// All of them.
    pub fn total(&self) -> usize {
        self.passed + self.failed + self.undefined + self.ambiguous + self.skipped
    }
}

/// What a run came to.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Features of which a scenario was reported.
    pub features: usize,
    /// Scenarios that were reported.
    pub scenarios: Counts,
    /// Their steps.
    pub steps: Counts,
    /// Scenarios that need the run's app, which does not load.
    pub left_out: usize,
    /// Whether the user ended the run.
    pub interrupted: bool,
    /// Faulted runs, if a scenario was swept.
    pub fault_sweep: Option<SweepCounts>,
    /// Orders, if a scenario was run in several.
    pub schedule_sweep: Option<SweepCounts>,
}

/// How the runs of sweeps ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SweepCounts {
    /// Those in which every Then held.
    pub passed: usize,
    /// The others.
    pub failed: usize,
    /// The bound, if one was reached.
    pub bounded_at: Option<usize>,
}

impl SweepCounts {
    /// All of them.
    pub fn total(&self) -> usize {
        self.passed + self.failed
    }

    /// Adds those of another scenario.
    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.bounded_at = self.bounded_at.max(other.bounded_at);
    }
}

impl Summary {
    /// Counts a scenario.
    pub fn count(&mut self, result: &ScenarioResult) {
        let slot = match result.verdict {
            Verdict::Passed => &mut self.scenarios.passed,
            Verdict::Failed => &mut self.scenarios.failed,
            Verdict::Undefined => &mut self.scenarios.undefined,
            Verdict::Ambiguous => &mut self.scenarios.ambiguous,
        };
        *slot += 1;
        if let Some(sweeps) = &result.sweeps {
            let faults = sweeps.faults.as_ref().and_then(|sweep| sweep.counts());
            let schedules = sweeps.schedules.as_ref().and_then(|sweep| sweep.counts());
            for (of, to) in [
                (faults, &mut self.fault_sweep),
                (schedules, &mut self.schedule_sweep),
            ] {
                if let Some(counts) = of {
                    to.get_or_insert_default().add(counts);
                }
            }
        }
        for step in &result.steps {
            let slot = match step.status {
                StepStatus::Passed => &mut self.steps.passed,
                StepStatus::Failed => &mut self.steps.failed,
                StepStatus::Undefined => &mut self.steps.undefined,
                StepStatus::Ambiguous => &mut self.steps.ambiguous,
                StepStatus::Skipped => &mut self.steps.skipped,
            };
            *slot += 1;
        }
    }

    /// Whether a scenario was reported that did not pass.
    pub fn has_failures(&self) -> bool {
        self.scenarios.passed < self.scenarios.total()
    }

    /// The exit code of a run: 2 if the command could not do all of its work, else 1 if a scenario did not pass.
    ///
    /// `problems` are files that could not be read and the like. An interrupted run has not passed: it gives 1 too.
    pub fn exit_code(&self, problems: &[Problem]) -> u8 {
        let nothing = self.scenarios.total() == 0 && !self.interrupted;
        match (
            problems.is_empty() && self.left_out == 0 && !nothing,
            self.has_failures() || self.interrupted,
        ) {
            (false, _) => 2,
            (true, true) => 1,
            (true, false) => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_those_of_the_documentation() {
        let run = |passed, failed, left_out, interrupted| Summary {
            scenarios: Counts {
                passed,
                failed,
                ..Counts::default()
            },
            left_out,
            interrupted,
            ..Summary::default()
        };
        assert_eq!(run(3, 0, 0, false).exit_code(&[]), 0);
        assert_eq!(run(3, 1, 0, false).exit_code(&[]), 1);
        assert_eq!(run(0, 0, 0, false).exit_code(&[]), 2);
        assert_eq!(run(3, 1, 2, false).exit_code(&[]), 2);
        assert_eq!(
            run(3, 0, 0, false).exit_code(&[Problem::error("feature::unreadable", "gone")]),
            2
        );
        assert_eq!(run(3, 0, 0, true).exit_code(&[]), 1);
        let mut undefined = run(3, 0, 0, false);
        undefined.scenarios.undefined = 1;
        assert_eq!(undefined.exit_code(&[]), 1);
    }
}
