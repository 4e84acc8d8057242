//! What sweeps found, for reports.

use super::schedule_sweep::Clash;
use crate::runner::{Failure, SweepCounts};
use crate::sandbox::{Injection, Trace};
use cucumber::gherkin::Step;
use std::sync::Arc;

/// What the sweeps of a scenario found.
#[derive(Clone, Debug, Default)]
pub struct Sweeps {
    /// Of its runs with injected failures, if it was to have any.
    pub faults: Option<FaultSweep>,
    /// Of its runs in other orders, if it was to have any.
    pub schedules: Option<ScheduleSweep>,
    /// The order of its only run, if one was given and the run did not pass.
    pub followed: Option<Order>,
}

/// The runs of a scenario in each of which requests at once go on in another order.
#[derive(Clone, Debug, Default)]
pub struct ScheduleSweep {
    /// How many different orders were run; none if the scenario fails before requests are sent at once.
    pub orders: usize,
    /// Those that did not pass.
    pub failed: Vec<FailedOrder>,
    /// How many orders were tried at most, if there would have been more.
    pub bounded_at: Option<usize>,
    /// Whether requests were sent at once at all.
    pub concurrent: bool,
}

/// An order in which something did not hold.
#[derive(Clone, Debug)]
pub struct FailedOrder {
    /// What has the scenario follow it again.
    pub schedule: String,
    /// The order itself; kept for the first failing ones only.
    pub order: Option<Order>,
    /// Why it did not pass; nothing for the run that the scenario's steps are reported of.
    pub failure: Option<RunFailure>,
}

/// An order of the storage calls of requests at once.
#[derive(Clone, Debug)]
pub struct Order {
    /// Every turn.
    pub trace: Trace,
    /// The two calls to point at.
    pub(crate) clash: Option<Clash>,
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

impl ScheduleSweep {
    /// How many orders ended how; nothing if none was run.
    pub fn counts(&self) -> Option<SweepCounts> {
        (self.orders > 0).then(|| SweepCounts {
            passed: self.orders - self.failed.len(),
            failed: self.failed.len(),
            bounded_at: self.bounded_at,
        })
    }
}

impl Sweeps {
    /// Whether there was nothing to sweep for.
    pub(super) fn is_empty(&self) -> bool {
        self.faults.is_none() && self.schedules.is_none() && self.followed.is_none()
    }

    /// Whether some run did not pass.
    pub(super) fn have_failed(&self) -> bool {
        let orders = self.schedules.as_ref();
        self.first_failure().is_some() || orders.is_some_and(|sweep| !sweep.failed.is_empty())
    }

    /// What was wrong in the first run that did not pass.
    pub(crate) fn first_failure(&self) -> Option<&Failure> {
        let faults = self.faults.iter().flat_map(FaultSweep::failed);
        let faults = faults.map(|(_, failure)| failure);
        let orders = self.schedules.iter().flat_map(|sweep| &sweep.failed);
        let orders = orders.filter_map(|order| order.failure.as_ref());
        faults.chain(orders).next().map(|failure| &failure.failure)
    }

    /// Every run that did not pass, and why, for reports of others.
    pub(crate) fn what_failed(&self) -> Option<String> {
        let of_run = |(run, why): (&FaultedRun, &RunFailure)| {
            let calls = run.calls.iter().map(|call| call.injection.to_string());
            let calls: Vec<_> = calls.collect();
            format!("with {}: {}", calls.join(", then "), why.failure.message)
        };
        let of_order = |order: &FailedOrder| match &order.failure {
            Some(why) => format!("in the order {}: {}", order.schedule, why.failure.message),
            None => format!("in the order {}", order.schedule),
        };
        let faults = self.faults.iter().flat_map(FaultSweep::failed).map(of_run);
        let orders = self.schedules.iter().flat_map(|sweep| &sweep.failed);
        let failed: Vec<_> = faults.chain(orders.map(of_order)).collect();
        (!failed.is_empty()).then(|| failed.join("\n"))
    }
}
