//! Runs the scenarios of a run on several threads and sends what happens to one place.

use super::context::{Apps, RunOptions, ScenarioContext};
use super::events::Event;
use super::execute::{Watch, broken_by};
use super::feature_file::{FeatureFile, FeatureSource};
use super::mailbox::{Events, Sender, mailbox};
use super::panics;
use super::planned::{PlannedScenario, ResolvedScenario};
use super::recording::Recordings;
use super::selection::Filter;
use super::step_table::StepTable;
use crate::app::Problem;
use crate::audit::Observer;
use crate::engine::{Cache, Compiler};
use crate::explore;
use crate::sandbox::{Happening, Seed};
use crate::snapshot::{Mode, Redactions, Snapshots};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// Stack of a worker: guests have stacks of their own, so this is for steps and for wasmtime itself.
const STACK: usize = 8 << 20;
/// How many scenarios may be started after the oldest that has not been reported: what waits to be reported is kept.
const AHEAD: usize = 2_000;

/// What all scenarios of a run share.
pub struct Setup {
    /// The apps of the run.
    pub apps: Arc<Apps>,
    /// The options of the run.
    pub options: Arc<RunOptions>,
    /// Where snapshots are and what happens to those that differ.
    pub snapshots: SnapshotFolders,
    /// The run's seed.
    pub seed: Seed,
    /// Which scenarios run.
    pub filter: Filter,
    /// How many scenarios run at once; at least one does.
    pub jobs: usize,
    /// Whether no scenario starts after one that did not pass.
    pub fail_fast: bool,
    /// Whether steps and happenings are told as they happen.
    pub watch: bool,
    /// Who takes down what scenarios use, if anybody does.
    pub observer: Option<Arc<Observer>>,
    /// Who records what real servers answer, if the run is recorded: one of [`start`], not one of cucumber's. Scenarios then
    /// run one at a time: what one does to a server may change what another is answered.
    pub recordings: Option<Arc<Recordings>>,
}

/// The snapshots of a run: one [`Snapshots`] for each folder of feature files, or one for all.
pub struct SnapshotFolders {
    folder: Option<PathBuf>,
    mode: Mode,
    redactions: Redactions,
    made: Mutex<BTreeMap<PathBuf, Arc<Snapshots>>>,
}

impl SnapshotFolders {
    /// Snapshots in one folder for all feature files, or in a folder `snapshots` beside each of them.
    pub fn new(folder: Option<PathBuf>, mode: Mode, redactions: Redactions) -> Self {
        Self {
            folder,
            mode,
            redactions,
            made: Mutex::default(),
        }
    }

    /// The same, of which none is written.
    pub(crate) fn only_checked(&self) -> Self {
        Self::new(self.folder.clone(), Mode::Check, self.redactions.clone())
    }

    /// The snapshots of a feature file.
    pub fn of(&self, feature: &Path) -> Arc<Snapshots> {
        let folder = match &self.folder {
            Some(folder) => folder.clone(),
            None => feature.parent().unwrap_or(Path::new("")).join("snapshots"),
        };
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let snapshots = made.entry(folder.clone()).or_insert_with(|| {
            Arc::new(Snapshots::new(folder, self.mode).with_redactions(self.redactions.clone()))
        });
        Arc::clone(snapshots)
    }
}

impl Setup {
    /// The defaults around these options: one scenario at a time, seed 1, every scenario, apps compiled over the user's
    /// cache, snapshots beside the feature files.
    pub fn new(options: RunOptions, snapshots: Mode) -> Self {
        Self {
            apps: Arc::new(Apps::new(Arc::new(Compiler::new(Cache::of_user(), None)))),
            options: Arc::new(options),
            snapshots: SnapshotFolders::new(None, snapshots, Redactions::new()),
            seed: Seed(1),
            filter: Filter::default(),
            jobs: 1,
            fail_fast: false,
            watch: false,
            observer: None,
            recordings: None,
        }
    }

    /// What a scenario of this run is given.
    pub fn context(
        &self,
        scenario: &PlannedScenario,
        resolved: &ResolvedScenario,
    ) -> ScenarioContext {
        ScenarioContext {
            apps: Arc::clone(&self.apps),
            options: Arc::clone(&self.options),
            snapshots: self.snapshots.of(&scenario.file().path),
            feature_path: Arc::clone(&scenario.file().path),
            scenario: Arc::clone(&resolved.name),
            row: scenario.label().cloned(),
            seed: scenario.seed(self.seed),
            watcher: None,
            exploration: None,
            observer: self.observer.clone(),
            recorder: None,
        }
    }
}

/// Ends a run early, from any thread.
#[derive(Clone)]
pub struct Stop {
    stopped: Arc<AtomicBool>,
    events: Sender,
}

impl Stop {
    /// No further scenario starts, and the reporter is told at once, whatever the workers are doing.
    pub fn interrupt(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        self.events.send(Event::Interrupted);
    }
}

/// A run that is going on.
pub struct Running {
    /// What happens. Ends after [`Event::RunFinished`].
    pub events: Events,
    /// Ends it early.
    pub stop: Stop,
    queue: Arc<Queue>,
}

/// What was found out about the files of a run.
#[derive(Default)]
pub struct Found {
    /// Files that could not be read or parsed, in their order.
    pub problems: Vec<Problem>,
    /// What is suspicious in files, in their order.
    pub warnings: Vec<Problem>,
    /// Scenarios that were planned.
    pub scenarios: usize,
    /// Whether some scenario names no app and so needs the run's.
    pub needs_app: bool,
}

impl Running {
    /// Says how many scenarios have been reported, so that more may run ahead of them.
    pub fn reported(&self, count: usize) {
        let before = self.queue.reported.fetch_max(count, Ordering::SeqCst);
        if before < count {
            self.queue.changed.notify_all();
        }
    }

    /// What was found out about the files; whole once the run has finished.
    pub fn found(&self) -> std::sync::MutexGuard<'_, Found> {
        self.queue
            .found
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The scenarios to run. Files are parsed when their turn comes and dropped with their last scenario, so what a run
/// keeps does not grow with the number of files.
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
    reported: AtomicUsize,
    found: Mutex<Found>,
    stopped: Arc<AtomicBool>,
}

struct State {
    files: std::vec::IntoIter<FeatureSource>,
    current: Option<(Arc<FeatureFile>, std::ops::Range<usize>)>,
    next: usize,
}

impl Queue {
    /// The next scenario and its number; `None` when there is none, or the run has been stopped.
    fn next(&self, setup: &Setup) -> Option<(usize, PlannedScenario)> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if self.stopped.load(Ordering::SeqCst) {
                return None;
            }
            if state.next >= self.reported.load(Ordering::SeqCst) + AHEAD {
                // `reported` changes without the lock: a wait that missed it ends by itself.
                let wait = std::time::Duration::from_millis(20);
                state = self
                    .changed
                    .wait_timeout(state, wait)
                    .unwrap_or_else(PoisonError::into_inner)
                    .0;
                continue;
            }
            if let Some((file, left)) = &mut state.current
                && let Some(position) = left.next()
            {
                let scenario = file.planned_at(position);
                let index = state.next;
                state.next += 1;
                return Some((index, scenario));
            }
            state.current = None;
            let source = state.files.next()?;
            let read = panics::caught(|| FeatureFile::read(&source, &setup.filter)).unwrap_or_else(
                |panic| {
                    Err(Box::new(Problem::error(
                        "feature::unreadable",
                        format!("{}: {}", source.place, panic.message),
                    )))
                },
            );
            let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
            match read {
                Err(problem) => found.problems.push(*problem),
                Ok(mut file) => {
                    found.warnings.append(&mut file.warnings);
                    let file = Arc::new(file);
                    let count = file.planned().len();
                    found.scenarios += count;
                    state.current = Some((file, 0..count));
                }
            }
        }
    }
}

/// Starts a run. Workers go on until every scenario has ended; they end with the process otherwise.
///
/// # Errors
///
/// The system gives no thread.
pub fn start(setup: Arc<Setup>, files: Vec<FeatureSource>) -> std::io::Result<Running> {
    let (sender, events) = mailbox(setup.watch);
    let stopped = Arc::new(AtomicBool::new(false));
    let queue = Arc::new(Queue {
        state: Mutex::new(State {
            files: files.into_iter(),
            current: None,
            next: 0,
        }),
        changed: Condvar::new(),
        reported: AtomicUsize::new(0),
        found: Mutex::default(),
        stopped: Arc::clone(&stopped),
    });
    sender.send(Event::RunStarted { seed: setup.seed });
    // Without it the workers compile expressions one by one as they need them.
    let _ = std::thread::Builder::new()
        .name("steps".to_owned())
        .spawn(|| StepTable::shared().warm_up());
    let jobs = match setup.recordings {
        Some(_) => 1,
        None => setup.jobs.max(1),
    };
    let busy = Arc::new(AtomicUsize::new(jobs));
    for number in 0..jobs {
        let worker = Worker {
            setup: Arc::clone(&setup),
            queue: Arc::clone(&queue),
            events: sender.clone(),
            stopped: Arc::clone(&stopped),
        };
        let busy = Arc::clone(&busy);
        std::thread::Builder::new()
            .name(format!("scenarios-{number}"))
            .stack_size(STACK)
            .spawn(move || {
                worker.work();
                if busy.fetch_sub(1, Ordering::SeqCst) == 1 {
                    worker.events.send(Event::RunFinished);
                }
            })?;
    }
    Ok(Running {
        events,
        stop: Stop {
            stopped,
            events: sender,
        },
        queue,
    })
}

struct Worker {
    setup: Arc<Setup>,
    queue: Arc<Queue>,
    events: Sender,
    stopped: Arc<AtomicBool>,
}

impl Worker {
    fn work(&self) {
        let table = StepTable::shared();
        while let Some((index, scenario)) = self.queue.next(&self.setup) {
            let event = self.one(index, scenario, &table);
            self.events.send(event);
        }
    }

    /// Runs a scenario; whatever goes wrong becomes its result.
    fn one(&self, index: usize, scenario: PlannedScenario, table: &StepTable) -> Event {
        let needs_app = !scenario.has_step("the app \"");
        if needs_app {
            let mut found = self
                .queue
                .found
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            found.needs_app = true;
        }
        if needs_app && self.app_is_unusable(&scenario) {
            return Event::ScenarioLeftOut { index };
        }
        let started = Event::ScenarioStarted {
            index,
            scenario: scenario.clone(),
        };
        self.events.send(started);
        let result = panics::caught(|| {
            let resolved = scenario.resolve();
            let mut context = self.setup.context(&scenario, &resolved);
            let recordings = self.setup.recordings.as_ref();
            context.recorder = recordings.map(|it| it.begin(index, scenario.place()));
            if !self.setup.watch {
                return explore::run(&scenario, resolved, context, table, None);
            }
            let events = self.events.clone();
            context.watcher = Some(Arc::new(move |happening: Happening| {
                let happening = Box::new(happening);
                events.send(Event::Happening { index, happening });
            }));
            let tell = |event| self.events.send(event);
            explore::run(
                &scenario,
                resolved,
                context,
                table,
                Some(&Watch { index, tell: &tell }),
            )
        });
        let result = result
            .unwrap_or_else(|panic| broken_by(&scenario, scenario.seed(self.setup.seed), panic));
        if let Some(recordings) = &self.setup.recordings {
            recordings.ended(index, &result);
        }
        if self.setup.fail_fast && result.verdict != super::events::Verdict::Passed {
            self.stopped.store(true, Ordering::SeqCst);
        }
        Event::ScenarioFinished {
            index,
            result: Box::new(result),
        }
    }

    /// Whether a scenario would use the run's app just as the command line says, and that does not load or lacks what an
    /// option names. One that
    /// changes the app's settings may yet load it, and else says itself why not.
    fn app_is_unusable(&self, scenario: &PlannedScenario) -> bool {
        const SETTINGS: [&str; 2] = ["the runtime config", "the variable \""];
        if scenario.has_step("the build profile") {
            return false;
        }
        match SETTINGS.iter().any(|setting| scenario.has_step(setting)) {
            true => {
                let manifest = self.setup.options.manifest(&self.setup.apps);
                manifest.is_err() || self.setup.unknown_variable().is_some()
            }
            false => self.setup.app().is_err() || self.setup.misfit().is_some(),
        }
    }
}
