//! Runs one scenario from its first step to its end, on this thread, in a world, a runtime and a time of its own.

use super::context::ScenarioContext;
use super::events::{Event, Failure, ScenarioResult, StepResult, StepStatus, Verdict};
use super::meaning::Meaning;
use super::panics::{self, Caught};
use super::planned::{PlannedScenario, ResolvedScenario};
use super::step_table::StepTable;
use crate::steps::{Record, World};
use cucumber::gherkin::Step;
use cucumber::step::{Context, Location};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Tells what happens in a scenario while it runs.
pub struct Watch<'w> {
    /// The scenario's number in the run.
    pub index: usize,
    /// Takes what happens.
    pub tell: &'w dyn Fn(Event),
}

/// Runs a scenario once, whatever its tags say. `resolved` is what `scenario` resolves to, or a variation of it.
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
    let prepared = Prepared::new(scenario, resolved, table);
    let once = prepared.run(context, watch, true);
    prepared.result(once, seed, begun.elapsed())
}

/// A scenario whose steps have been matched to their functions, to be run any number of times.
pub(crate) struct Prepared {
    scenario: PlannedScenario,
    name: Arc<str>,
    tags: Vec<String>,
    background: usize,
    steps: Vec<(Arc<Step>, Meaning)>,
}

/// What came of running a scenario once.
#[derive(Default)]
pub(crate) struct Once {
    /// Its steps.
    pub steps: Vec<StepResult>,
    /// What failed after the last one.
    pub afterwards: Option<Failure>,
    /// What happened in it.
    pub record: Record,
}

impl Once {
    /// How it ended.
    pub fn verdict(&self) -> Verdict {
        verdict(&self.steps, self.afterwards.is_some())
    }
}

impl Prepared {
    /// Matches the steps of a scenario.
    pub fn new(scenario: &PlannedScenario, resolved: ResolvedScenario, table: &StepTable) -> Self {
        let ResolvedScenario {
            name,
            tags,
            background,
            steps,
            mut unfilled,
        } = resolved;
        let steps = steps.into_iter().enumerate().map(|(place, step)| {
            let meaning = match unfilled.remove(&place) {
                Some(what) => Meaning::None(what),
                None => Meaning::of(&step, table),
            };
            (Arc::new(step), meaning)
        });
        Self {
            scenario: scenario.clone(),
            name,
            tags,
            background,
            steps: steps.collect(),
        }
    }

    /// Runs it once. Without `evidence` a failure is told without what led to it, which takes far longer to put
    /// together than the scenario to run.
    pub fn run(&self, context: ScenarioContext, watch: Option<&Watch<'_>>, evidence: bool) -> Once {
        let mut run = Run {
            prepared: self,
            results: Vec::with_capacity(self.steps.len()),
            watch,
            evidence,
            record: Record::default(),
        };
        let afterwards = run.scenario(context);
        run.skip_the_rest();
        Once {
            steps: run.results,
            afterwards,
            record: run.record,
        }
    }

    /// The scenario as if it had not been run: for what is wrong with it before it begins.
    pub fn not_run(&self, message: String) -> Once {
        let skipped = |(index, (step, _)): (usize, &(Arc<Step>, Meaning))| StepResult {
            step: Arc::clone(step),
            background: index < self.background,
            status: StepStatus::Skipped,
            failure: None,
        };
        Once {
            steps: self.steps.iter().enumerate().map(skipped).collect(),
            afterwards: Some(failure(message)),
            record: Record::default(),
        }
    }

    /// What is reported of it.
    pub fn result(self, once: Once, seed: crate::sandbox::Seed, took: Duration) -> ScenarioResult {
        ScenarioResult {
            verdict: once.verdict(),
            scenario: self.scenario,
            name: self.name,
            tags: self.tags,
            steps: once.steps,
            afterwards: once.afterwards,
            sweeps: None,
            seed,
            took,
        }
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
        sweeps: None,
        seed,
        took: Duration::ZERO,
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
    prepared: &'r Prepared,
    results: Vec<StepResult>,
    watch: Option<&'r Watch<'r>>,
    evidence: bool,
    record: Record,
}

impl Run<'_> {
    fn scenario(&mut self, context: ScenarioContext) -> Option<Failure> {
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
                let prepared = self.prepared;
                for (step, meaning) in &prepared.steps {
                    self.step(&mut world, step, meaning).await;
                }
                self.mistyped();
                let failure = self.finish(&mut world);
                let passed = |step: &StepResult| step.status == StepStatus::Passed;
                world.observe(failure.is_none() && self.results.iter().all(passed));
                self.record = world.into_record();
                failure
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

    async fn step(&mut self, world: &mut World, step: &Arc<Step>, meaning: &Meaning) {
        let stopped = |before: &StepResult| before.status != StepStatus::Passed;
        if self.results.last().is_some_and(stopped) {
            return self.push(step, StepStatus::Skipped, None);
        }
        self.tell(|index| Event::StepStarted {
            index,
            step: Arc::clone(step),
        });
        match meaning {
            Meaning::None(message) => {
                self.push(step, StepStatus::Undefined, Some(failure(message.clone())));
            }
            Meaning::Several(message) => {
                self.push(step, StepStatus::Ambiguous, Some(failure(message.clone())));
            }
            Meaning::Superfluous(message) => {
                let failure = self.with_evidence(failure(message.clone()), world);
                self.push(step, StepStatus::Failed, Some(failure));
            }
            Meaning::One {
                function,
                location,
                matches,
            } => {
                let context = Context {
                    step: Step::clone(step),
                    matches: matches.clone(),
                };
                match panics::caught_async(function(world, context)).await {
                    Ok(()) => self.push(step, StepStatus::Passed, None),
                    Err(panic) => {
                        let failure = self.with_evidence(of_panic(panic, Some(location)), world);
                        self.push(step, StepStatus::Failed, Some(failure));
                    }
                }
            }
        }
        if self.watch.is_some() {
            self.tell_finished();
        }
    }

    fn with_evidence(&self, mut failure: Failure, world: &World) -> Failure {
        if self.evidence {
            failure.evidence = panics::caught(|| Box::new(world.evidence())).ok();
        }
        failure
    }

    /// What stands where a scenario's steps should: it has none, and must not pass as if it had checked something.
    fn mistyped(&mut self) {
        let prepared = self.prepared;
        let Some(mistyped) = prepared.scenario.mistyped() else {
            return;
        };
        let step = &mistyped.step;
        let passed = |step: &StepResult| step.status == StepStatus::Passed;
        if !self.results.iter().all(passed) {
            return self.push(step, StepStatus::Skipped, None);
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
        let passed = |step: &StepResult| step.status == StepStatus::Passed;
        if !self.results.iter().all(passed) {
            // What led to it stands below the step that failed.
            let failed = world.went_as_asked().err()?;
            return Some(failure(failed.to_string()));
        }
        let failed = world.finish().err()?;
        Some(self.with_evidence(failure(failed.to_string()), world))
    }

    /// What a panic outside of a step kept from running.
    fn skip_the_rest(&mut self) {
        let prepared = self.prepared;
        for (step, _) in prepared.steps.iter().skip(self.results.len()) {
            self.push(step, StepStatus::Skipped, None);
        }
    }

    fn push(&mut self, step: &Arc<Step>, status: StepStatus, failure: Option<Failure>) {
        let background = self.results.len() < self.prepared.background;
        self.results.push(StepResult {
            step: Arc::clone(step),
            background,
            status,
            failure,
        });
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
