//! Runs scenarios for `cucumber`: its parsers before, its writers after, and between them the same execution as the
//! command's.
//!
//! ```no_run
//! use cucumber::{Cucumber, parser, writer, writer::Ext as _};
//! use spin_harness::runner::{RunOptions, ScenarioRunner};
//!
//! # async fn run() {
//! let runner = ScenarioRunner::new(RunOptions { app: "spin.toml".into(), ..RunOptions::default() });
//! Cucumber::<_, _, _, _, _, cucumber::cli::Empty>::custom(parser::Basic::new(), runner, writer::Basic::stdout().summarized())
//!     .run_and_exit("features")
//!     .await;
//! # }
//! ```

use super::context::RunOptions;
use super::events::{ScenarioResult, StepStatus};
use super::execute::broken;
use super::feature_file::FeatureFile;
use super::panics;
use super::planned::PlannedScenario;
use super::pool::Setup;
use super::step_table::StepTable;
use crate::app::seen_from;
use crate::explore;
use crate::snapshot::Mode;
use crate::steps::World;
use cucumber::event::{self, Source};
use cucumber::gherkin::{Feature, Rule, Scenario, Step};
use cucumber::{Event, parser};
use futures::stream::{LocalBoxStream, Stream, StreamExt as _};
use std::any::Any;
use std::path::Path;
use std::sync::Arc;

/// Runs scenarios for `cucumber`, in order, each in a world, a runtime and a time of its own.
///
/// Steps must not be registered with cucumber: those of [`World`] are found by themselves. Retries, hooks and
/// cucumber's own options for concurrency are not supported.
pub struct ScenarioRunner {
    setup: Arc<Setup>,
}

impl ScenarioRunner {
    /// A runner with these options; snapshots are handled as the command does by default.
    pub fn new(options: RunOptions) -> Self {
        let mode = Mode::for_ci(std::env::var("CI").ok().as_deref());
        Self::of(Setup::new(options, mode))
    }

    /// A runner with everything that scenarios of a run share. What it says about files, threads and filters is not
    /// for this runner: cucumber's parser reads the files.
    pub fn of(setup: Setup) -> Self {
        Self {
            setup: Arc::new(setup),
        }
    }
}

impl cucumber::Runner<World> for ScenarioRunner {
    type Cli = cucumber::cli::Empty;
    type EventStream = LocalBoxStream<'static, parser::Result<Event<event::Cucumber<World>>>>;

    fn run<S>(self, features: S, _: Self::Cli) -> Self::EventStream
    where
        S: Stream<Item = parser::Result<Feature>> + 'static,
    {
        let started = futures::stream::iter([Ok(Event::new(event::Cucumber::Started))]);
        let setup = self.setup;
        let mut totals = Totals::default();
        // Features come one after the other, so the totals are whole when the last has been taken.
        let body = features
            .map(Some)
            .chain(futures::stream::iter([None]))
            .flat_map(move |feature| -> LocalBoxStream<'static, parser::Result<Event<event::Cucumber<World>>>> {
                let events = match feature {
                    Some(Ok(feature)) => {
                        totals.count(&feature);
                        return futures::stream::iter(of_feature(Arc::clone(&setup), feature).map(|event| Ok(Event::new(event)))).boxed_local();
                    }
                    Some(Err(error)) => {
                        totals.errors += 1;
                        vec![Err(error)]
                    }
                    None => vec![Ok(Event::new(totals.event())), Ok(Event::new(event::Cucumber::Finished))],
                };
                futures::stream::iter(events).boxed_local()
            });
        started.chain(body).boxed_local()
    }
}

#[derive(Clone, Copy, Default)]
struct Totals {
    features: usize,
    rules: usize,
    scenarios: usize,
    steps: usize,
    errors: usize,
}

impl Totals {
    fn count(&mut self, feature: &Feature) {
        use cucumber::feature::Ext as _;
        self.features += 1;
        self.rules += feature.rules.len();
        self.scenarios += feature.count_scenarios();
        self.steps += feature.count_steps();
    }

    fn event(self) -> event::Cucumber<World> {
        event::Cucumber::ParsingFinished {
            features: self.features,
            rules: self.rules,
            scenarios: self.scenarios,
            steps: self.steps,
            parser_errors: self.errors,
        }
    }
}

/// Everything that identifies a feature in cucumber's events: the same pointer each time.
struct Sources {
    feature: Source<Feature>,
    rules: Vec<Source<Rule>>,
}

/// The events of a feature; its scenarios run as the events are asked for.
fn of_feature(setup: Arc<Setup>, feature: Feature) -> impl Iterator<Item = event::Cucumber<World>> {
    let base = std::env::current_dir().unwrap_or_default();
    let at = Arc::from(seen_from(
        feature.path.as_deref().unwrap_or(Path::new("")),
        &base,
    ));
    let sources = Arc::new(Sources {
        rules: feature.rules.iter().cloned().map(Source::new).collect(),
        feature: Source::new(feature.clone()),
    });
    let file = Arc::new(FeatureFile::of_parsed(feature, at));
    let planned: Vec<PlannedScenario> = file.planned().collect();
    let last_of_rule = |index: usize, planned: &[PlannedScenario]| {
        let rule = planned[index].rule_number();
        (rule.is_some()
            && planned
                .get(index + 1)
                .and_then(PlannedScenario::rule_number)
                != rule)
            .then_some(rule)
            .flatten()
    };
    let first_of_rule = |index: usize, planned: &[PlannedScenario]| {
        let rule = planned[index].rule_number();
        let before = index
            .checked_sub(1)
            .and_then(|before| planned[before].rule_number());
        (before != rule).then_some(rule).flatten()
    };
    let begin = event::Cucumber::feature_started(sources.feature.clone());
    let end = event::Cucumber::feature_finished(sources.feature.clone());
    let table = StepTable::shared();
    let scenarios = (0..planned.len()).flat_map(move |index| {
        let rule =
            |number: Option<usize>| number.and_then(|number| sources.rules.get(number)).cloned();
        let opened = rule(first_of_rule(index, &planned))
            .map(|rule| event::Cucumber::rule_started(sources.feature.clone(), rule));
        let closed = rule(last_of_rule(index, &planned))
            .map(|rule| event::Cucumber::rule_finished(sources.feature.clone(), rule));
        let own_rule = rule(planned[index].rule_number());
        let events = of_scenario(&setup, &planned[index], &table);
        let wrapped: Vec<_> = events
            .into_iter()
            .map(|(scenario, event)| {
                let event = event.with_retries(None);
                event::Cucumber::scenario(
                    sources.feature.clone(),
                    own_rule.clone(),
                    scenario,
                    event,
                )
            })
            .collect();
        opened
            .into_iter()
            .chain(wrapped)
            .chain(closed)
            .collect::<Vec<_>>()
    });
    std::iter::once(begin)
        .chain(scenarios)
        .chain(std::iter::once(end))
}

type ScenarioEvent = (Source<Scenario>, event::Scenario<World>);

fn of_scenario(setup: &Setup, planned: &PlannedScenario, table: &StepTable) -> Vec<ScenarioEvent> {
    let Some(scenario) = planned.parsed().cloned().map(Source::new) else {
        return Vec::new();
    };
    // The thread is cucumber's and may be inside a runtime already, where another cannot be entered.
    let result = std::thread::scope(|scope| {
        let worker = std::thread::Builder::new()
            .stack_size(8 << 20)
            .spawn_scoped(scope, || {
                panics::caught(|| {
                    let resolved = planned.resolve();
                    let context = setup.context(planned, &resolved);
                    explore::run(planned, resolved, context, table, None)
                })
            });
        let ended = worker
            .map_err(|error| error.to_string())
            .and_then(|worker| worker.join().map_err(|_| "its thread ended".to_owned()));
        match ended {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => broken(planned, planned.seed(setup.seed), panic.message),
            Err(message) => broken(planned, planned.seed(setup.seed), message),
        }
    });
    let mut events = vec![event::Scenario::Started];
    for step in &result.steps {
        let source = Source::new(Step::clone(&step.step));
        events.push(wrap(step.background, source.clone(), event::Step::Started));
        events.push(wrap(step.background, source, outcome(table, step)));
    }
    if let Some(failure) = afterwards(&result) {
        events.push(event::Scenario::hook_started(event::HookType::After));
        events.push(event::Scenario::hook_failed(
            event::HookType::After,
            None,
            failure,
        ));
    }
    events.push(event::Scenario::Finished);
    events
        .into_iter()
        .map(|event| (scenario.clone(), event))
        .collect()
}

fn wrap(background: bool, step: Source<Step>, event: event::Step<World>) -> event::Scenario<World> {
    match background {
        true => event::Scenario::Background(step, event),
        false => event::Scenario::Step(step, event),
    }
}

fn outcome(table: &StepTable, result: &super::events::StepResult) -> event::Step<World> {
    let step = &result.step;
    let matched = table.location(step.ty, &step.value);
    let message = || result.failure.as_ref().map_or_else(String::new, told);
    let info = |message: String| -> event::Info { Arc::new(message) as Arc<dyn Any + Send> };
    match (result.status, matched) {
        (StepStatus::Passed, Some((captures, location))) => {
            event::Step::Passed(captures, Some(location))
        }
        (StepStatus::Passed | StepStatus::Failed, matched) => {
            let (captures, location) = matched.unzip();
            event::Step::Failed(
                captures,
                location,
                None,
                event::StepError::Panic(info(message())),
            )
        }
        // Cucumber takes a step that nobody wrote for a skipped one; its message names the nearest, so it is told.
        (StepStatus::Undefined | StepStatus::Ambiguous, _) => {
            event::Step::Failed(None, None, None, event::StepError::Panic(info(message())))
        }
        (StepStatus::Skipped, _) => event::Step::Skipped,
    }
}

fn afterwards(result: &ScenarioResult) -> Option<event::Info> {
    let message = match (&result.afterwards, &result.sweeps) {
        (Some(failure), _) => told(failure),
        (None, Some(sweeps)) => sweeps.what_failed()?,
        (None, None) => return None,
    };
    Some(Arc::new(message) as Arc<dyn Any + Send>)
}

fn told(failure: &super::events::Failure) -> String {
    match &failure.evidence {
        Some(evidence) => format!("{}\n\n{evidence}", failure.message),
        None => failure.message.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cucumber::Runner as _;
    use cucumber::feature::Ext as _;

    /// The events of a feature by name: a step's with what is said of it.
    fn events(text: &str) -> Vec<String> {
        let feature = Feature::parse(text, cucumber::gherkin::GherkinEnv::default()).unwrap();
        let features = futures::stream::iter([Ok(feature.expand_examples().unwrap())]);
        let runner = ScenarioRunner::new(RunOptions::default());
        let stream = runner.run(features, cucumber::cli::Empty);
        let events: Vec<_> = futures::executor::block_on(stream.collect());
        events
            .into_iter()
            .map(|event| name(event.unwrap().into_inner()))
            .collect()
    }

    #[test]
    fn cucumber_is_told_of_runs_of_a_sweep() {
        let visits = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/apps/visits");
        let text = format!(
            "Feature: f\n  @fault-sweep\n  Scenario: a\n    Given the app \"{visits}\"\n    When I send GET \"/visit\"\n    \
             Then the response status is 200\n"
        );
        let told = events(&text);
        let hook = told.iter().find(|event| event.contains("hook failed"));
        let hook = hook.unwrap_or_else(|| panic!("{told:#?}"));
        assert!(
            hook.contains("with set#1: other: injected failure: "),
            "{hook}"
        );
    }

    fn name(event: event::Cucumber<World>) -> String {
        use event::{Cucumber, Feature, Rule};
        match event {
            Cucumber::Started => "started".into(),
            Cucumber::Finished => "finished".into(),
            Cucumber::ParsingFinished {
                scenarios, steps, ..
            } => format!("parsed {scenarios} {steps}"),
            Cucumber::Feature(_, Feature::Started) => "feature".into(),
            Cucumber::Feature(_, Feature::Finished) => "end of feature".into(),
            Cucumber::Feature(_, Feature::Rule(_, Rule::Started)) => "rule".into(),
            Cucumber::Feature(_, Feature::Rule(_, Rule::Finished)) => "end of rule".into(),
            Cucumber::Feature(_, Feature::Scenario(scenario, event))
            | Cucumber::Feature(_, Feature::Rule(_, Rule::Scenario(scenario, event))) => {
                format!("{} {}", scenario.name, of_scenario(event.event))
            }
        }
    }

    fn of_scenario(event: event::Scenario<World>) -> String {
        use event::{Scenario, Step, StepError};
        let (kind, step, event) = match event {
            Scenario::Started => return "started".into(),
            Scenario::Finished => return "finished".into(),
            Scenario::Background(step, event) => ("background", step, event),
            Scenario::Step(step, event) => ("step", step, event),
            Scenario::Hook(_, event::Hook::Failed(_, message)) => {
                return format!("hook failed {}", message.downcast_ref::<String>().unwrap());
            }
            Scenario::Hook(..) | Scenario::Log(_) => return "something else".into(),
        };
        let ended = match event {
            Step::Started => "started".to_owned(),
            Step::Skipped => "skipped".to_owned(),
            Step::Passed(captures, location) => {
                format!("passed {} {}", captures.len(), location.is_some())
            }
            Step::Failed(_, _, _, StepError::Panic(message)) => message
                .downcast_ref::<String>()
                .unwrap()
                .lines()
                .next()
                .unwrap()
                .to_owned(),
            Step::Failed(..) => "failed".to_owned(),
        };
        format!("{kind} {}: {ended}", step.value)
    }

    #[test]
    fn cucumber_is_told_everything_in_order() {
        let text = "Feature: f\n  Background:\n    Given the random seed is 1\n  Scenario: a\n    When nobody wrote this\n    \
            Then nor this\n  Rule: r\n    Scenario Outline: b\n      Given the random seed is <n>\n      Examples:\n        | n |\n        | 2 |\n";
        let told = events(text);
        let ended: Vec<_> = told
            .iter()
            .map(String::as_str)
            .filter(|event| !event.ends_with(": started"))
            .collect();
        assert_eq!(ended[..4], ["started", "feature", "a started", ended[3]]);
        assert!(
            ended[3].starts_with("a background the random seed is 1: passed")
                && ended[3].ends_with("true"),
            "{}",
            ended[3]
        );
        assert!(
            ended[4].starts_with("a step nobody wrote this: no step has these words"),
            "{}",
            ended[4]
        );
        assert_eq!(
            ended[5..9],
            [
                "a step nor this: skipped",
                "a finished",
                "rule",
                "b started"
            ]
        );
        assert!(
            ended[10].starts_with("b step the random seed is 2: passed"),
            "{}",
            ended[10]
        );
        assert_eq!(
            ended[11..],
            [
                "b finished",
                "end of rule",
                "end of feature",
                "parsed 2 3",
                "finished"
            ]
        );
    }
}
