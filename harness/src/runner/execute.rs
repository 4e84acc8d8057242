//! Runs one scenario from its first step to its end, on this thread, in a world, a runtime and a time of its own.

use super::context::ScenarioContext;
use super::events::{Event, Failure, ScenarioResult, StepResult, StepStatus, Verdict};
use super::panics::{self, Caught};
use super::planned::{PlannedScenario, ResolvedScenario};
use super::step_table::{Candidate, StepMatch, StepTable};
use super::suspicious::Mistyped;
use crate::steps::{self, Takes, World};
use cucumber::gherkin::Step;
use cucumber::step::{Context, Location};
use std::sync::Arc;
use std::time::Instant;

/// Sentences that are named when a step is missing.
const NEAREST: usize = 3;

/// Tells what happens in a scenario while it runs.
pub struct Watch<'w> {
    /// The scenario's number in the run.
    pub index: usize,
    /// Takes what happens.
    pub tell: &'w dyn Fn(Event),
}

/// Runs a scenario. `resolved` is what `scenario` resolves to, or a variation of it.
///
/// Nothing is left of it afterwards but the result: the world, the runtime and everything in them are dropped here.
/// A step that panics fails; the panic goes no further.
pub fn execute(
    scenario: &PlannedScenario,
    resolved: ResolvedScenario,
    context: ScenarioContext,
    table: &StepTable,
    watch: Option<&Watch<'_>>,
) -> ScenarioResult {
    let begun = Instant::now();
    let seed = context.seed;
    let ResolvedScenario {
        name,
        tags,
        background,
        steps,
    } = resolved;
    let mut run = Run {
        results: Vec::with_capacity(steps.len()),
        background,
        table,
        watch,
    };
    let steps: Vec<Arc<Step>> = steps.into_iter().map(Arc::new).collect();
    let afterwards = run.scenario(&steps, scenario.mistyped(), context);
    // What a panic outside of a step kept from running.
    for step in steps.iter().skip(run.results.len()) {
        run.skip(step);
    }
    let verdict = verdict(&run.results, afterwards.is_some());
    ScenarioResult {
        scenario: scenario.clone(),
        name,
        tags,
        steps: run.results,
        afterwards,
        seed,
        took: begun.elapsed(),
        verdict,
    }
}

/// A scenario that could not be run at all, for a reason that is no step's.
pub(super) fn broken(
    scenario: &PlannedScenario,
    seed: crate::sandbox::Seed,
    message: String,
) -> ScenarioResult {
    ScenarioResult {
        scenario: scenario.clone(),
        name: Arc::from(""),
        tags: Vec::new(),
        steps: Vec::new(),
        afterwards: Some(Failure {
            message,
            ..Failure::default()
        }),
        seed,
        took: std::time::Duration::ZERO,
        verdict: Verdict::Failed,
    }
}

/// A scenario during which the harness panicked outside of any step.
pub(super) fn broken_by(
    scenario: &PlannedScenario,
    seed: crate::sandbox::Seed,
    panic: Caught,
) -> ScenarioResult {
    let place = panic
        .place
        .map_or_else(String::new, |place| format!(" (at {place})"));
    let message = format!("spin-harness itself failed: {}{place}", panic.message);
    broken(scenario, seed, message)
}

fn verdict(steps: &[StepResult], failed_afterwards: bool) -> Verdict {
    let decisive = steps
        .iter()
        .map(|step| step.status)
        .find(|status| *status != StepStatus::Passed);
    match decisive {
        Some(StepStatus::Undefined) => Verdict::Undefined,
        Some(StepStatus::Ambiguous) => Verdict::Ambiguous,
        Some(StepStatus::Failed) => Verdict::Failed,
        Some(StepStatus::Passed | StepStatus::Skipped) | None if failed_afterwards => {
            Verdict::Failed
        }
        Some(StepStatus::Passed | StepStatus::Skipped) | None => Verdict::Passed,
    }
}

struct Run<'r> {
    results: Vec<StepResult>,
    background: usize,
    table: &'r StepTable,
    watch: Option<&'r Watch<'r>>,
}

impl Run<'_> {
    fn scenario(
        &mut self,
        steps: &[Arc<Step>],
        mistyped: Option<&Mistyped>,
        context: ScenarioContext,
    ) -> Option<Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build();
        let runtime = match runtime {
            Ok(runtime) => runtime,
            Err(error) => {
                return Some(failure(format!(
                    "the scenario's runtime cannot start: {error}"
                )));
            }
        };
        let ended = panics::caught(|| {
            runtime.block_on(async {
                let mut world = World::begin(context);
                for step in steps {
                    self.step(&mut world, step).await;
                }
                if let Some(mistyped) = mistyped {
                    self.mistyped(mistyped);
                }
                self.finish(&mut world)
            })
        });
        // Instances that wait for a next request live on the runtime; a guest's destructor must not end the thread.
        let dropped = panics::caught(|| drop(runtime));
        match (ended, dropped) {
            (Ok(None), Ok(())) => None,
            (Ok(Some(failure)), _) => Some(failure),
            (Err(panic), _) | (Ok(None), Err(panic)) => Some(of_panic(panic, None)),
        }
    }

    async fn step(&mut self, world: &mut World, step: &Arc<Step>) {
        if self
            .results
            .last()
            .is_some_and(|before| before.status != StepStatus::Passed)
        {
            return self.skip(step);
        }
        self.tell(|index| Event::StepStarted {
            index,
            step: Arc::clone(step),
        });
        match self.table.find(step.ty, &step.value) {
            StepMatch::None => self.push(step, StepStatus::Undefined, Some(failure(missing(step)))),
            StepMatch::Several(candidates) => self.push(
                step,
                StepStatus::Ambiguous,
                Some(failure(ambiguous(&candidates))),
            ),
            StepMatch::One {
                function,
                location,
                matches,
            } => {
                let bare = step.table.is_none() && step.docstring.is_none();
                let takes = if bare {
                    &[]
                } else {
                    self.table.takes(step.ty, location)
                };
                if let Some(message) = superfluous(step, takes) {
                    let mut failure = failure(message);
                    failure.evidence = panics::caught(|| Box::new(world.evidence())).ok();
                    self.push(step, StepStatus::Failed, Some(failure));
                    return self.tell_finished();
                }
                let context = Context {
                    step: Step::clone(step),
                    matches,
                };
                match panics::caught_async(function(world, context)).await {
                    Ok(()) => self.push(step, StepStatus::Passed, None),
                    Err(panic) => {
                        let mut failure = of_panic(panic, Some(&location));
                        failure.evidence = panics::caught(|| Box::new(world.evidence())).ok();
                        self.push(step, StepStatus::Failed, Some(failure));
                    }
                }
            }
        }
        if self.watch.is_some() {
            self.tell_finished();
        }
    }

    /// What stands where a scenario's steps should: it has none, and must not pass as if it had checked something.
    fn mistyped(&mut self, mistyped: &Mistyped) {
        let step = &mistyped.step;
        let passed = |step: &StepResult| step.status == StepStatus::Passed;
        if !self.results.iter().all(passed) {
            return self.skip(step);
        }
        self.tell(|index| Event::StepStarted {
            index,
            step: Arc::clone(step),
        });
        let failure = failure(mistyped.message.clone());
        self.push(step, StepStatus::Undefined, Some(failure));
        self.tell_finished();
    }

    fn finish(&self, world: &mut World) -> Option<Failure> {
        let passed = self
            .results
            .iter()
            .all(|step| step.status == StepStatus::Passed);
        if !passed {
            return None;
        }
        let failed = world.finish().err()?;
        Some(Failure {
            message: failed.to_string(),
            panicked_at: None,
            evidence: panics::caught(|| Box::new(world.evidence())).ok(),
        })
    }

    fn push(&mut self, step: &Arc<Step>, status: StepStatus, failure: Option<Failure>) {
        let background = self.results.len() < self.background;
        self.results.push(StepResult {
            step: Arc::clone(step),
            background,
            status,
            failure,
        });
    }

    fn skip(&mut self, step: &Arc<Step>) {
        self.push(step, StepStatus::Skipped, None);
    }

    fn tell(&self, event: impl FnOnce(usize) -> Event) {
        if let Some(watch) = self.watch {
            (watch.tell)(event(watch.index));
        }
    }

    fn tell_finished(&self) {
        let Some(result) = self.results.last().cloned() else {
            return;
        };
        self.tell(|index| Event::StepFinished {
            index,
            result: Box::new(result),
        });
    }
}

fn failure(message: String) -> Failure {
    Failure {
        message,
        ..Failure::default()
    }
}

/// A step's `Err` arrives as a panic of the code that the attribute wrote; only other panics have a place worth telling.
fn of_panic(panic: Caught, step: Option<&Location>) -> Failure {
    let own = |place: &panics::Place| {
        step.is_some_and(|step| place.file == step.path && place.line == step.line)
    };
    let place = panic.place.filter(|place| !own(place));
    Failure {
        message: panic.message,
        panicked_at: place.map(|place| place.to_string()),
        evidence: None,
    }
}

/// What stands below a step that takes no such thing: it would be passed over without a word.
fn superfluous(step: &Step, takes: &[Takes]) -> Option<String> {
    if takes.is_empty() {
        return None;
    }
    let takes_table = takes.iter().any(|takes| matches!(takes, Takes::Table(_)));
    let takes_text = takes.contains(&Takes::DocString);
    let (what, wanted): (_, fn(&Takes) -> bool) = match (&step.table, &step.docstring) {
        (Some(_), _) if !takes_table => ("table", |takes| matches!(takes, Takes::Table(_))),
        (_, Some(_)) if !takes_text => ("text", |takes| *takes == Takes::DocString),
        _ => return None,
    };
    let own = match (takes_table, takes_text) {
        (true, _) => ", but a table",
        (_, true) => ", but a text between lines of `\"\"\"`",
        (false, false) => "",
    };
    let mut message = format!("a {what} stands below this step, which takes none{own}");
    if !own.is_empty() {
        return Some(message);
    }
    let likely = steps::nearest(step.ty.into(), &step.value, usize::MAX);
    if let Some(help) = likely.into_iter().find(|help| wanted(&help.takes)) {
        message.push_str(&format!("\nthe nearest that takes one is:\n  {help}"));
    }
    Some(message)
}

fn missing(step: &Step) -> String {
    let nearest = steps::nearest(step.ty.into(), &step.value, NEAREST);
    if nearest.is_empty() {
        return "no step has these words; `spin-harness steps` lists all there are".to_owned();
    }
    let mut message = "no step has these words; the nearest are:".to_owned();
    for help in nearest {
        message.push_str(&format!("\n  {help}"));
    }
    message
}

fn ambiguous(candidates: &[Candidate]) -> String {
    let mut message = "several steps have these words:".to_owned();
    for candidate in candidates {
        message.push_str(&format!(
            "\n  {} ({})",
            candidate.pattern, candidate.location
        ));
    }
    message
}
