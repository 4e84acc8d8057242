//! What sweeps found, for reports.

use crate::runner::{Failure, SweepCounts};
use crate::sandbox::Injection;
use cucumber::gherkin::Step;
use std::sync::Arc;

/// What the sweeps of a scenario found.
#[derive(Clone, Debug, Default)]
pub struct Sweeps {
    /// Of its runs with injected failures, if it was to have any.
    pub faults: Option<FaultSweep>,
}

/// The runs of a scenario in each of which one call fails, or two.
#[derive(Clone, Debug, Default)]
pub struct FaultSweep {
    /// Whether they were made: the clean run comes first and must pass.
    pub made: bool,
    /// The runs, in the order of the calls of the clean run; pairs after all others.
    pub runs: Vec<FaultedRun>,
    /// How many pairs were tried at most, if there would have been more.
    pub pairs_bounded_at: Option<usize>,
}

/// A run with injected failures.
#[derive(Clone, Debug)]
pub struct FaultedRun {
    /// The calls that failed: one, or two.
    pub calls: Vec<FaultedCall>,
    /// Why the run did not pass; nothing if it did.
    pub failure: Option<RunFailure>,
}

/// A call that failed because a sweep wanted it.
#[derive(Clone, Debug)]
pub struct FaultedCall {
    /// Which call, and how it failed.
    pub injection: Injection,
    /// Its key or keys, as the journal has them.
    pub key: String,
}

/// Why a run of a sweep did not pass.
#[derive(Clone, Debug)]
pub struct RunFailure {
    /// The step that did not; nothing for what is judged at the end.
    pub step: Option<Arc<Step>>,
    /// What was wrong. What led to it is kept for the first failing runs only.
    pub failure: Failure,
}

impl FaultedRun {
    /// Whether everything held.
    pub fn survived(&self) -> bool {
        self.failure.is_none()
    }
}

impl FaultSweep {
    /// Of a scenario whose clean run did not pass.
    pub(super) fn not_made() -> Self {
        Self::default()
    }

    /// The runs that did not pass.
    pub fn failed(&self) -> impl Iterator<Item = (&FaultedRun, &RunFailure)> {
        let runs = self.runs.iter();
        runs.filter_map(|run| Some((run, run.failure.as_ref()?)))
    }

    /// How many runs ended how; nothing if they were not made.
    pub fn counts(&self) -> Option<SweepCounts> {
        let failed = self.failed().count();
        self.made.then(|| SweepCounts {
            passed: self.runs.len() - failed,
            failed,
            bounded_at: self.pairs_bounded_at,
        })
    }
}

impl Sweeps {
    /// Whether there was nothing to sweep for.
    pub(super) fn is_empty(&self) -> bool {
        self.faults.is_none()
    }

    /// Whether some run did not pass.
    pub(super) fn have_failed(&self) -> bool {
        self.first_failure().is_some()
    }

    /// What was wrong in the first run that did not pass.
    pub(crate) fn first_failure(&self) -> Option<&Failure> {
        let (_, failure) = self.faults.as_ref()?.failed().next()?;
        Some(&failure.failure)
    }
}
