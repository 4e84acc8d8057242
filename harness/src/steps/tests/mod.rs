//! Whole scenarios over the fixture apps: that steps pass when they should, and fail saying what they should.

mod failing;
mod passing;

use super::{Failed, World};
use crate::engine::Compiler;
use crate::runner::{Apps, RunOptions, ScenarioContext};
use crate::sandbox::Seed;
use crate::snapshot::{Mode, Snapshots};
use cucumber::World as _;
use cucumber::gherkin::{Feature, GherkinEnv};
use cucumber::step::Collection;
use futures::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

/// What a scenario came to.
struct Ran {
    /// Of the steps, or else of the end.
    result: Result<(), String>,
    world: World,
}

impl Ran {
    #[track_caller]
    fn passed(self) -> World {
        if let Err(message) = self.result {
            panic!("{message}\n{}", self.world.evidence());
        }
        self.world
    }

    #[track_caller]
    fn failed(self) -> String {
        self.result.expect_err("the scenario passed")
    }
}

/// Where `feature` would lie for a scenario to name the fixture apps as `apps/visits`.
fn feature_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/steps.feature")
}

fn context(snapshots: Snapshots) -> ScenarioContext {
    static APPS: LazyLock<Arc<Apps>> = LazyLock::new(|| Arc::new(Apps::new(Compiler::shared())));
    ScenarioContext {
        apps: Arc::clone(&APPS),
        options: Arc::new(RunOptions {
            app: feature_path().with_file_name("apps/visits"),
            key_values: vec![("from-options".to_owned(), "1".to_owned())],
            ..RunOptions::default()
        }),
        snapshots: Arc::new(snapshots),
        feature_path: feature_path().into(),
        scenario: "a scenario".into(),
        row: None,
        seed: Seed(42),
        watcher: None,
        exploration: None,
        observer: None,
        recorder: None,
    }
}

/// Runs the steps of a scenario as the runner does: each in turn, until one fails.
fn run(steps: &str) -> Ran {
    run_in(context(Snapshots::new("nowhere", Mode::Check)), steps)
}

fn run_in(context: ScenarioContext, steps: &str) -> Ran {
    static STEPS: LazyLock<Collection<World>> = LazyLock::new(World::collection);
    let text = format!("Feature: f\n  Scenario: s\n{steps}\n");
    let feature = Feature::parse(text, GherkinEnv::default()).expect("the steps are Gherkin");
    let mut world = World::begin(context);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    let result = runtime.block_on(async {
        for step in &feature.scenarios[0].steps {
            let found = STEPS
                .find(step)
                .map_err(|ambiguous| ambiguous.to_string())?;
            let (function, _, _, context) = found.ok_or_else(|| format!("no such step: {step}"))?;
            let outcome = AssertUnwindSafe(function(&mut world, context))
                .catch_unwind()
                .await;
            outcome.map_err(|panic| match panic.downcast::<String>() {
                Ok(message) => *message,
                Err(_) => "a panic without a message".to_owned(),
            })?;
        }
        world.finish().map_err(|failed: Failed| failed.to_string())
    });
    Ran { result, world }
}
