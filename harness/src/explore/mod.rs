//! Runs one scenario many times: once for each way that a storage call of it can fail. A scenario that asks for nothing
//! of the kind goes straight through.

mod attempt;
mod determinism;
mod effects;
mod fault_sweep;
mod options;
mod results;
pub(crate) mod schedule_sweep;

pub use effects::{FaultEffects, UnknownEffect};
pub use options::SweepOptions;
pub use results::{FaultSweep, FaultedCall, FaultedRun, RunFailure, Sweeps};

use self::attempt::Attempts;
use self::options::Wanted;
use crate::runner::{
    Exploration, PlannedScenario, Prepared, ResolvedScenario, ScenarioContext, ScenarioResult,
    StepTable, Verdict, Watch, execute,
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
    if let Some(alone) = wanted.alone {
        let once = attempts.first(alone);
        return prepared.result(once, seed, begun.elapsed());
    }
    let mut sweeps = Sweeps::default();
    let mut once = attempts.first(Exploration::default());
    let clean = once.verdict() == Verdict::Passed;
    if let Some(effects) = &wanted.faults {
        sweeps.faults = Some(match clean {
            true => {
                let journal = std::mem::take(&mut once.record.journal);
                fault_sweep::sweep(&attempts, &journal, effects)
            }
            false => FaultSweep::not_made(),
        });
    }
    let mut result = prepared.result(once, seed, begun.elapsed());
    if result.verdict == Verdict::Passed && sweeps.have_failed() {
        result.verdict = Verdict::Failed;
    }
    if !sweeps.is_empty() {
        result.sweeps = Some(Box::new(sweeps));
    }
    result
}
