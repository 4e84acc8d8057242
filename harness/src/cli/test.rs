//! `spin-harness test`: runs scenarios and reports what came of them.

use super::output::Output;
use super::settings::{self, Pair};
use super::{Outcome, build};
use crate::app::{HarnessSettings, Manifest, Problem};
use crate::engine::{Cache, Compiler};
use crate::report::{Detail, InOrder, Terminal, TerminalOptions, shell_word};
use crate::runner::plan::{self, FeatureSource};
use crate::runner::pool::{self, Running, Setup, SnapshotFolders};
use crate::runner::{Apps, Event, Filter, Reporter, Summary};
use crate::sandbox::Seed;
use crate::snapshot::Mode;
use crate::storage::Limits;
use clap::{Args, ValueEnum};
use std::io::{BufWriter, Stdout};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The seed of a run that is given none: always the same, so that a run can be repeated without an option.
pub(super) const DEFAULT_SEED: u64 = 1;

/// Run scenarios.
#[derive(Args, Debug)]
pub(super) struct TestArguments {
    /// Feature files, folders of them, or single scenarios (`visits.feature:12`) [default: features]
    pub(super) paths: Vec<PathBuf>,
    /// The app of scenarios that name none: a manifest, or a folder with a spin.toml [default: spin.toml]
    #[arg(short, long = "from", visible_alias = "file", value_name = "APP")]
    from: Option<PathBuf>,
    /// The runtime config of scenarios that name none
    #[arg(long, value_name = "FILE")]
    pub(super) runtime_config_file: Option<PathBuf>,
    /// Give an application variable a value
    #[arg(long = "variable", value_name = "NAME=VALUE")]
    pub(super) variables: Vec<Pair>,
    /// Give every component an environment variable
    #[arg(long = "env", value_name = "NAME=VALUE")]
    pub(super) environment: Vec<Pair>,
    /// Store a value in the key-value store `default` before every scenario
    #[arg(long = "key-value", value_name = "KEY=VALUE")]
    pub(super) key_values: Vec<Pair>,
    /// Run only scenarios whose tags satisfy this: `@slow and not (@redis or @wip)`
    #[arg(short, long, value_name = "EXPRESSION")]
    tags: Option<String>,
    /// Run only scenarios whose name this matches
    #[arg(short, long, value_name = "REGEX")]
    pub(super) name: Option<String>,
    /// How many scenarios run at once [default: one for each core]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// The seed of everything random [default: 1]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Stop after the first scenario that does not pass
    #[arg(long)]
    fail_fast: bool,
    /// Run the components' build commands first
    #[arg(long)]
    build: bool,
    /// What to do with snapshots that are missing or different [default: check if CI is set, else review]
    #[arg(long, value_name = "MODE")]
    snapshots: Option<SnapshotMode>,
    /// Keep the snapshots of all feature files in this folder [default: `snapshots` beside each feature file]
    #[arg(long, value_name = "DIR")]
    snapshots_dir: Option<PathBuf>,
    /// Which limits the stores enforce [default: documented]
    #[arg(long, value_name = "WHICH")]
    pub(super) limits: Option<LimitsChoice>,
    /// Change a bound of each request: compute, memory, response, log or time, such as `memory=2 GiB`
    #[arg(long = "bound", value_name = "NAME=VALUE")]
    pub(super) bounds: Vec<Pair>,
    /// Leave out how long things took: the same run then gives the same bytes
    #[arg(long)]
    no_durations: bool,
    /// Show only what did not pass, and the totals
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,
    /// Show every step, request, storage call and log line as it happens
    #[arg(short, long)]
    verbose: bool,
    /// What runs these scenarios again; the command itself, unless a program of the user's own has it.
    #[arg(skip = "spin-harness test".to_owned())]
    pub(super) command: String,
    /// Whether it is no error that no scenario has the name that was asked for.
    #[arg(skip)]
    pub(super) may_be_nothing: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SnapshotMode {
    /// They fail, and nothing is written
    Check,
    /// They fail, and a .snap.new is left for review
    Review,
    /// They are written and pass
    Update,
}

/// The sets of limits by their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum LimitsChoice {
    /// Those that the store's provider documents
    Documented,
    /// None, as under `spin up`
    None,
}

impl From<LimitsChoice> for Limits {
    fn from(choice: LimitsChoice) -> Self {
        match choice {
            LimitsChoice::Documented => Self::Documented,
            LimitsChoice::None => Self::None,
        }
    }
}

impl TestArguments {
    /// The manifest, or the folder that has it, as the user named it.
    pub(super) fn manifest(&self) -> PathBuf {
        self.from
            .clone()
            .unwrap_or_else(|| PathBuf::from("spin.toml"))
    }

    fn mode(&self) -> Mode {
        match self.snapshots {
            Some(SnapshotMode::Check) => Mode::Check,
            Some(SnapshotMode::Review) => Mode::Review,
            Some(SnapshotMode::Update) => Mode::Update,
            None => Mode::for_ci(std::env::var("CI").ok().as_deref()),
        }
    }

    /// The options that a single scenario has to be given to run in the same way.
    fn rerun_options(&self) -> String {
        let mut words: Vec<(&str, String)> = Vec::new();
        let path = |path: &PathBuf| path.display().to_string();
        words.extend(self.from.as_ref().map(|app| ("-f", path(app))));
        words.extend(
            self.runtime_config_file
                .as_ref()
                .map(|file| ("--runtime-config-file", path(file))),
        );
        words.extend(
            self.snapshots_dir
                .as_ref()
                .map(|folder| ("--snapshots-dir", path(folder))),
        );
        let pairs = [
            ("--variable", &self.variables),
            ("--env", &self.environment),
            ("--key-value", &self.key_values),
            ("--bound", &self.bounds),
        ];
        for (option, pairs) in pairs {
            words.extend(
                pairs
                    .iter()
                    .map(|pair| (option, format!("{}={}", pair.name, pair.value))),
            );
        }
        let limits = self.limits.map(|limits| match limits {
            LimitsChoice::Documented => "documented",
            LimitsChoice::None => "none",
        });
        words.extend(limits.map(|limits| ("--limits", limits.to_owned())));
        words
            .iter()
            .map(|(option, value)| format!(" {option} {}", shell_word(value)))
            .collect()
    }

    #[cfg(test)]
    pub(super) fn of(arguments: &[&str]) -> Self {
        #[derive(clap::Parser)]
        struct Whole {
            #[command(flatten)]
            arguments: TestArguments,
        }
        let words = std::iter::once(&"test").chain(arguments);
        <Whole as clap::Parser>::try_parse_from(words)
            .unwrap()
            .arguments
    }
}

/// Runs the command.
pub(super) fn run(arguments: &TestArguments, output: &Output) -> Outcome {
    match prepare(arguments, output) {
        Ok((setup, files, problems)) => go(arguments, output, Arc::new(setup), files, problems),
        Err(()) => Outcome::Unable,
    }
}

/// Reads settings and finds files; whatever keeps the command from starting has been said when it fails.
fn prepare(
    arguments: &TestArguments,
    output: &Output,
) -> Result<(Setup, Vec<FeatureSource>, Vec<Problem>), ()> {
    let say = |error: &dyn std::fmt::Display| output.error(error);
    let here = std::env::current_dir()
        .map_err(|error| say(&format_args!("there is no current folder: {error}")))?;
    let quiet = arguments.quiet;
    let (progress_output, base) = (*output, here.clone());
    let progress: Arc<dyn Fn(&Path) + Send + Sync> = Arc::new(move |path: &Path| {
        if !quiet {
            let path = plan::place(path, &base);
            progress_output.note(format_args!(
                "compiling {path} (once: what comes of it is kept)"
            ));
        }
    });
    let apps = Arc::new(Apps::new(Arc::new(Compiler::new(
        Cache::of_user(),
        Some(progress),
    ))));
    let manifest = apps.manifest(&arguments.manifest());
    if arguments.build {
        let manifest = manifest
            .as_ref()
            .map_err(|error| output.diagnostic(&**error))?;
        build::build(manifest, output).map_err(|error| say(&error))?;
    }
    let settings = manifest
        .as_ref()
        .map(|manifest| manifest.harness.clone())
        .unwrap_or_default();
    let options =
        settings::run_options(arguments, &settings, output.color).map_err(|error| say(&error))?;
    let redactions = settings::redactions(&settings).map_err(|error| say(&error))?;
    let filter = filter(arguments, &settings).map_err(|error| say(&error))?;
    let named = named(arguments, &settings, manifest.as_deref().ok(), &here);
    let (files, mut problems) = plan::find(&named, &here);
    if files.is_empty() && arguments.paths.is_empty() {
        // The manifest might have said where the feature files are.
        if let Err(error) = &manifest
            && arguments.manifest().exists()
        {
            output.diagnostic(&**error);
        }
        let by_default = settings.features.is_empty();
        if by_default && named.iter().all(|folder| !folder.exists()) {
            problems = vec![no_folder_here()];
        } else if problems.is_empty() {
            problems.push(nothing_here(&named));
        }
    }
    let in_one_folder = arguments
        .snapshots_dir
        .as_ref()
        .or(settings.snapshots.as_ref())
        .map(|folder| PathBuf::from(plan::place(folder, &here)));
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let setup = Setup {
        apps,
        options: Arc::new(options),
        snapshots: SnapshotFolders::new(in_one_folder, arguments.mode(), redactions),
        seed: Seed(arguments.seed.or(settings.seed).unwrap_or(DEFAULT_SEED)),
        filter,
        jobs: arguments
            .jobs
            .map(usize::from)
            .or(settings.jobs)
            .unwrap_or_else(cores),
        fail_fast: arguments.fail_fast,
        watch: arguments.verbose,
    };
    Ok((setup, files, problems))
}

fn filter(
    arguments: &TestArguments,
    settings: &HarnessSettings,
) -> Result<Filter, plan::FilterError> {
    let filter = Filter::default();
    let filter = match arguments.tags.as_ref().or(settings.tags.as_ref()) {
        Some(expression) => filter.tags(expression)?,
        None => filter,
    };
    match &arguments.name {
        Some(pattern) => filter.name(pattern),
        None => Ok(filter),
    }
}

/// The feature files and folders to run, or what stands for them when the user names none.
fn named(
    arguments: &TestArguments,
    settings: &HarnessSettings,
    manifest: Option<&Manifest>,
    here: &Path,
) -> Vec<PathBuf> {
    if !arguments.paths.is_empty() {
        return arguments.paths.clone();
    }
    let seen_from_here = |path: &PathBuf| PathBuf::from(plan::place(path, here));
    if !settings.features.is_empty() {
        return settings.features.iter().map(seen_from_here).collect();
    }
    let beside = manifest
        .map(|manifest| manifest.root.join("features"))
        .filter(|folder| folder.is_dir());
    // An app that was named brings its own; else those that are here.
    match beside {
        Some(beside) if arguments.from.is_some() || !Path::new("features").is_dir() => {
            vec![seen_from_here(&beside)]
        }
        _ => vec![PathBuf::from("features")],
    }
}

fn no_folder_here() -> Problem {
    Problem::error("feature::missing", "there is no folder `features` here")
        .help("`spin-harness init` writes a first one")
}

fn nothing_here(named: &[PathBuf]) -> Problem {
    let names: Vec<_> = named
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    Problem::error(
        "feature::none",
        format!("there is no feature file under {}", names.join(", ")),
    )
    .help("write a first one with `spin-harness init`")
}

fn go(
    arguments: &TestArguments,
    output: &Output,
    setup: Arc<Setup>,
    files: Vec<FeatureSource>,
    mut problems: Vec<Problem>,
) -> Outcome {
    let running = match pool::start(Arc::clone(&setup), files) {
        Ok(running) => running,
        Err(error) => {
            output.error(format_args!("no thread can be started: {error}"));
            return Outcome::Unable;
        }
    };
    on_interrupt(&running, output);
    let options = TerminalOptions {
        color: output.color,
        detail: match (arguments.quiet, arguments.verbose) {
            (true, _) => Detail::Quiet,
            (_, true) => Detail::Verbose,
            _ => Detail::Normal,
        },
        durations: !arguments.no_durations,
        width: terminal_width(),
        command: arguments.command.clone(),
        rerun_options: arguments.rerun_options(),
    };
    let terminal = Terminal::new(BufWriter::new(std::io::stdout()), options);
    let mut report = InOrder::new(terminal, arguments.fail_fast);
    let written = follow(&running, &mut report);
    let mut terminal = report.into_inner();
    if let Err(error) = written.and_then(|()| terminal.flush()) {
        // Whoever read the report has gone; what is left to say would be lost.
        output.error(format_args!("the report cannot be written: {error}"));
        return Outcome::Unable;
    }
    let notes = {
        let mut found = running.found();
        problems.append(&mut found.problems);
        found
            .warnings
            .iter()
            .for_each(|warning| output.diagnostic(warning));
        let notes = about_app(&setup, found.needs_app, terminal.summary(), output);
        about_apps(&setup, output);
        notes
    };
    problems
        .iter()
        .for_each(|problem| output.diagnostic(problem));
    let summary = terminal.summary().clone();
    if summary.scenarios.total() == 0
        && problems.is_empty()
        && summary.left_out == 0
        && !summary.interrupted
    {
        if arguments.may_be_nothing {
            return Outcome::Passed;
        }
        output.error(nothing_selected(arguments, &setup));
    }
    if summary.scenarios.total() == 0 && !summary.interrupted {
        // Why nothing ran has been said; totals of nothing would only hide it.
        return Outcome::Unable;
    }
    if terminal.finish(&notes).is_err() {
        return Outcome::Unable;
    }
    match summary.exit_code(&problems) {
        0 => Outcome::Passed,
        1 => Outcome::Failed,
        _ => Outcome::Unable,
    }
}

/// Takes events until the run is over, and writes what there is whenever no further event waits.
fn follow(
    running: &Running,
    report: &mut InOrder<Terminal<BufWriter<Stdout>>>,
) -> std::io::Result<()> {
    loop {
        let event = match running.events.try_next() {
            Some(event) => event,
            None => {
                report.inner_mut().flush()?;
                running.events.next()
            }
        };
        let over = matches!(event, Event::RunFinished | Event::Interrupted);
        report.take(event)?;
        running.reported(report.reported());
        if over || report.has_ended() {
            return Ok(());
        }
    }
}

/// The first Ctrl-C ends the run with what was found so far, the second ends it at once.
fn on_interrupt(running: &Running, output: &Output) {
    let stop = running.stop.clone();
    let before = AtomicBool::new(false);
    let handler = move || {
        if before.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
        stop.interrupt();
    };
    if let Err(error) = ctrlc::set_handler(handler) {
        output.note(format_args!(
            "Ctrl-C will end the run without a report: {error}"
        ));
    }
}

/// Says what is wrong with the run's app, if it was needed; returns what of it was passed over.
fn about_app(setup: &Setup, needed: bool, summary: &Summary, output: &Output) -> Vec<String> {
    if !needed {
        return Vec::new();
    }
    if summary.left_out > 0 {
        let (count, verb) = (
            summary.left_out,
            if summary.left_out == 1 { "was" } else { "were" },
        );
        let scenarios = if count == 1 { "scenario" } else { "scenarios" };
        let error = setup
            .apps
            .manifest(&setup.options.app)
            .err()
            .or_else(|| setup.app().err());
        if let Some(error) = error {
            output.diagnostic(&*error);
        }
        output.error(format_args!(
            "{count} {scenarios} {verb} not run: the app they need, {}, does not load",
            setup.options.app.display()
        ));
    }
    let Ok(manifest) = setup.apps.manifest(&setup.options.app) else {
        return Vec::new();
    };
    let mut kinds: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for trigger in manifest.skipped_triggers() {
        *kinds.entry(&trigger.kind).or_default() += 1;
    }
    let note = |(kind, count): (&str, usize)| {
        let triggers = if count == 1 { "trigger" } else { "triggers" };
        format!("skipped: {count} {triggers} of type {kind} (only http triggers are run)")
    };
    kinds.into_iter().map(note).collect()
}

/// The columns of the terminal that the report is shown on; 80 where it goes elsewhere, so that it is the same anywhere.
fn terminal_width() -> usize {
    match terminal_size::terminal_size_of(std::io::stdout()) {
        Some((terminal_size::Width(width), _)) if width >= 40 => width.into(),
        _ => 80,
    }
}

/// Warns about every app that a scenario used, the run's own among them: each once, in the order of their manifests.
fn about_apps(setup: &Setup, output: &Output) {
    for manifest in setup.apps.used() {
        let of_sources = manifest.check_sources().unwrap_or_default();
        manifest
            .warnings
            .iter()
            .chain(&of_sources)
            .for_each(|warning| output.diagnostic(warning));
    }
}

fn nothing_selected(arguments: &TestArguments, setup: &Setup) -> String {
    match setup.filter.is_empty() {
        true => "there is no scenario in these files".to_owned(),
        false => {
            let options = [("--tags", &arguments.tags), ("--name", &arguments.name)];
            let options: Vec<_> = options
                .iter()
                .filter_map(|(name, value)| Some(format!("{name} {}", shell_word(value.as_ref()?))))
                .collect();
            match options.is_empty() {
                true => "no scenario fits the `tags` of [application.tool.harness]".to_owned(),
                false => format!("no scenario fits {}", options.join(" ")),
            }
        }
    }
}
