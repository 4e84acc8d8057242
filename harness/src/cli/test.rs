//! `spin-harness test`: runs scenarios and reports what came of them.

use super::arguments::TestArguments;
use super::observed::Observation;
use super::output::Output;
use super::{Outcome, build, follow, record, settings};
use crate::app::{HarnessSettings, Manifest, Problem, seen_from};
use crate::audit::Observer;
use crate::engine::{Cache, Compiler};
use crate::runner::plan::{self, FeatureSource};
use crate::runner::pool::{Setup, SnapshotFolders};
use crate::runner::{Apps, Filter};
use crate::sandbox::{Mistake, Seed, drop_copies};
use crate::storage::RealStore;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The seed of a run that is given none: always the same, so that a run can be repeated without an option.
pub(super) const DEFAULT_SEED: u64 = 1;

/// Runs the command.
pub(super) fn run(arguments: &TestArguments, output: &Output) -> Outcome {
    if !arguments.audit && !arguments.judging.is_empty() {
        output.error("--deny and --allow are about what `--audit` finds");
        return Outcome::Unable;
    }
    if let Err(error) = arguments.judging.check() {
        error.tell(output);
        return Outcome::Unable;
    }
    let outcome = prepared(arguments, output);
    for left in drop_copies() {
        let text = format!("a copy of a database is left behind: {left}");
        let help = "drop it when nobody is connected to it any more";
        output.diagnostic(&Problem::warning("real::copy_left", text).help(help));
    }
    outcome
}

fn prepared(arguments: &TestArguments, output: &Output) -> Outcome {
    match prepare(arguments, output) {
        Ok((mut setup, files, problems)) => {
            let recordings = setup.recordings.clone();
            let recorded = || match &recordings {
                Some(recordings) => record::finish(recordings, output),
                None => Outcome::Passed,
            };
            if !arguments.audit {
                let (outcome, _) = follow::run(arguments, output, Arc::new(setup), files, problems);
                return outcome.worse(recorded());
            }
            let observer = Arc::new(Observer::default());
            setup.observer = Some(Arc::clone(&observer));
            let setup = Arc::new(setup);
            let observation = Observation::new(&setup, &files, &observer);
            let (outcome, passed) = follow::run(arguments, output, setup, files, problems);
            let outcome = outcome.worse(recorded());
            outcome.worse(observation.report(arguments, &passed, output))
        }
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
            let path = seen_from(path, &base);
            progress_output.note(format_args!(
                "compiling {path} (once: what comes of it is kept)"
            ));
        }
    });
    let apps = Arc::new(Apps::new(Arc::new(Compiler::new(
        Cache::of_user(),
        Some(progress),
    ))));
    let manifest = apps.manifest(&arguments.manifest(), arguments.profile.as_deref());
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
    if let (Ok(manifest), None) = (&manifest, &arguments.runtime_config_file) {
        let there = manifest.runtime_config_file();
        there.map_err(|error| output.diagnostic(&error))?;
    }
    if let Ok(manifest) = &manifest {
        let stores = settings::check_stores(arguments, manifest);
        stores.map_err(|problem| output.diagnostic(&*problem))?;
    }
    let options =
        settings::run_options(arguments, &settings, output.color).map_err(|error| say(&error))?;
    if arguments.audit
        && let Ok(manifest) = &manifest
    {
        let levels = arguments
            .judging
            .levels(&manifest.harness, &manifest.source);
        levels.map_err(|error| error.tell(output))?;
    }
    for (label, store) in &options.real_stores {
        store.check().map_err(|error| {
            let mistake = Mistake::RealStore {
                label: label.clone(),
                reason: error.to_string(),
            };
            let manifest = manifest.as_deref().ok();
            let problem = settings::bad_store(arguments, manifest, label, mistake.to_string());
            output.diagnostic(&problem);
        })?;
    }
    let one_at_a_time = options.real_stores.values().any(RealStore::is_shared);
    let redactions = settings::redactions(&settings).map_err(|error| say(&error))?;
    let filter = filter(arguments, &settings).map_err(|error| say(&error))?;
    let named = named(arguments, &settings, manifest.as_deref().ok(), &here);
    let (files, mut problems) = plan::find(&named, &here);
    if let Ok(manifest) = &manifest
        && arguments.paths.is_empty()
        && !settings.features.is_empty()
    {
        problems = missing_of_settings(&named, manifest, &here);
    }
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
        .map(|folder| PathBuf::from(seen_from(folder, &here)));
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let setup = Setup {
        apps,
        options: Arc::new(options),
        snapshots: SnapshotFolders::new(in_one_folder, arguments.mode(), redactions),
        seed: Seed(arguments.seed.or(settings.seed).unwrap_or(DEFAULT_SEED)),
        filter,
        jobs: match one_at_a_time {
            true => 1,
            false => arguments
                .jobs
                .map(usize::from)
                .or(settings.jobs)
                .unwrap_or_else(cores),
        },
        fail_fast: arguments.fail_fast,
        watch: arguments.verbose,
        observer: None,
        recordings: record::recordings(arguments, &settings).map_err(|error| say(&error))?,
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
    let seen_from_here = |path: &PathBuf| PathBuf::from(seen_from(path, here));
    if !settings.features.is_empty() {
        let features = settings.features.iter();
        return features.map(|it| seen_from_here(&it.value)).collect();
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

/// What is wrong with the feature files that the manifest names, with their places in it.
fn missing_of_settings(named: &[PathBuf], manifest: &Manifest, here: &Path) -> Vec<Problem> {
    let named = named.iter().zip(&manifest.harness.features);
    named
        .flat_map(|(path, setting)| {
            let (_, problems) = plan::find(std::slice::from_ref(path), here);
            problems.into_iter().map(|problem| match problem.code {
                "feature::missing" => problem
                    .at(&manifest.source, setting.span.clone())
                    .labelled("named here"),
                _ => problem,
            })
        })
        .collect()
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
