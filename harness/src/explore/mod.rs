//! Runs one scenario many times: once for each way that a storage call of it can fail, or for each order in which those
//! of its requests at once can interleave. A scenario that asks for nothing of the kind goes straight through.

mod attempt;
mod determinism;
mod effects;
mod fault_sweep;
mod in_rust;
mod options;
mod orders;
mod results;
pub(crate) mod schedule_sweep;

pub use effects::{FaultEffects, UnknownEffect};
pub use in_rust::fault_sweep;
pub use options::SweepOptions;
pub use results::{
    FailedOrder, FaultSweep, FaultedCall, FaultedRun, Order, RunFailure, ScheduleSweep, Sweeps,
};

use self::attempt::Attempts;
use self::options::Wanted;
use crate::runner::{
    Exploration, Once, PlannedScenario, Prepared, ResolvedScenario, ScenarioContext,
    ScenarioResult, StepTable, Verdict, Watch, execute,
};
use std::time::Instant;

/// Runs a scenario as often as its tags and the options of the run say, and gives one result.
pub(crate) fn run(
    scenario: &PlannedScenario,
    resolved: ResolvedScenario,
    context: ScenarioContext,
    table: &StepTable,
    watch: Option<&Watch<'_>>,
) -> ScenarioResult {
    let wanted = Wanted::of(&resolved.tags, &context.options.sweeps);
    if matches!(&wanted, Ok(wanted) if wanted.is_plain()) {
        return execute(scenario, resolved, context, table, watch);
    }
    let begun = Instant::now();
    let seed = context.seed;
    let prepared = Prepared::new(scenario, resolved, table);
    let wanted = match wanted {
        Ok(wanted) => wanted,
        Err(message) => {
            let once = prepared.not_run(message);
            return prepared.result(once, seed, begun.elapsed());
        }
    };
    let attempts = Attempts {
        prepared: &prepared,
        context: &context,
        watch,
        twice: wanted.twice,
    };
    let (once, sweeps) = explore(&attempts, wanted);
    let mut result = prepared.result(once, seed, begun.elapsed());
    if result.verdict == Verdict::Passed && sweeps.have_failed() {
        result.verdict = Verdict::Failed;
    }
    if !sweeps.is_empty() {
        result.sweeps = Some(Box::new(sweeps));
    }
    result
}

/// Makes all runs that are wanted; gives the one that the scenario's steps are reported of.
fn explore(attempts: &Attempts<'_>, wanted: Wanted) -> (Once, Sweeps) {
    let mut sweeps = Sweeps::default();
    if let Some(alone) = wanted.alone {
        let mut once = attempts.first(alone);
        sweeps.followed = orders::followed(&mut once);
        return (once, sweeps);
    }
    let mut clean = None;
    if wanted.faults.is_some() || wanted.schedules.is_none() {
        let once = clean.insert(attempts.first(Exploration::default()));
        if let Some(effects) = &wanted.faults {
            sweeps.faults = Some(match once.verdict() {
                Verdict::Passed => fault_sweep::sweep(attempts, &once.record.journal, effects),
                _ => FaultSweep::not_made(),
            });
        }
    }
    let Some(bound) = wanted.schedules else {
        return (clean.unwrap_or_default(), sweeps);
    };
    let (found, once) = orders::sweep(attempts, bound, clean);
    sweeps.schedules = Some(found);
    (once, sweeps)
}
