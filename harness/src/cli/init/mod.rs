//! `spin-harness init`: a first feature for the app that is here, of what it really answers.

mod messages;
mod requests;
mod trial;

use super::Outcome;
use super::output::Output;
use super::settings::{self, Pair};
use crate::app::{Manifest, seen_from};
use crate::engine::{App, Cache, Compiler};
use crate::report::{InOrder, Terminal, TerminalOptions};
use crate::runner::plan;
use crate::runner::pool::{self, Setup, SnapshotFolders};
use crate::runner::{Apps, ConfigKey, Event, Filter, Reporter as _, RunOptions};
use crate::sandbox::Seed;
use crate::snapshot::{Mode, Redactions};
use clap::Args;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use trial::Trial;

/// Write a first feature file for the app that is here.
#[derive(Args, Debug)]
pub(super) struct InitArguments {
    /// The app: a manifest, or a folder with a spin.toml
    #[arg(
        short,
        long = "from",
        visible_alias = "file",
        value_name = "APP",
        default_value = "spin.toml"
    )]
    from: PathBuf,
    /// The app's runtime config
    #[arg(long, value_name = "FILE")]
    runtime_config_file: Option<PathBuf>,
    /// Give an application variable a value
    #[arg(long = "variable", value_name = "NAME=VALUE")]
    variables: Vec<Pair>,
    /// Give every component an environment variable
    #[arg(long = "env", value_name = "NAME=VALUE")]
    environment: Vec<Pair>,
}

/// Runs the command.
pub(super) fn run(arguments: &InitArguments, output: &Output) -> Outcome {
    match write(arguments, output) {
        Ok(()) => Outcome::Passed,
        Err(Some(message)) => {
            output.error(message);
            Outcome::Unable
        }
        Err(None) => Outcome::Unable,
    }
}

/// Writes the file. An error without a message has been told already.
fn write(arguments: &InitArguments, output: &Output) -> Result<(), Option<String>> {
    let here = std::env::current_dir()
        .map_err(|error| Some(format!("there is no current folder: {error}")))?;
    let apps = Arc::new(Apps::new(Arc::new(Compiler::new(Cache::of_user(), None))));
    let manifest = apps.manifest(&arguments.from, None).map_err(|error| {
        output.diagnostic(&*error);
        None
    })?;
    let runtime_config = match &arguments.runtime_config_file {
        Some(file) => Some(file.clone()),
        None => {
            let of_manifest = manifest.runtime_config_file().map_err(|error| {
                output.diagnostic(&error);
                None
            })?;
            of_manifest.map(Path::to_owned)
        }
    };
    let config = runtime_config.clone().map(ConfigKey::File);
    let file = manifest
        .root
        .join("features")
        .join(format!("{}.feature", file_stem(&manifest.name)));
    let shown = seen_from(&file, &here);
    if file.exists() {
        return Err(Some(format!(
            "{shown} exists already, and is left as it is"
        )));
    }
    let variables: BTreeMap<_, _> = settings::pairs(&arguments.variables).into_iter().collect();
    let environment = settings::pairs(&arguments.environment);
    let app = apps
        .get(&arguments.from, None, config.as_ref(), &variables)
        .map_err(|error| {
            output.diagnostic(&*error);
            None
        })?;
    let text = feature(&manifest, &app, &environment)?;
    store(&file, &text).map_err(|error| Some(format!("{shown} cannot be written: {error}")))?;
    let options = RunOptions {
        app: arguments.from.clone(),
        runtime_config,
        variables,
        environment,
        ..RunOptions::default()
    };
    check(&file, apps, options, &here, output)?;
    let mut command = "spin-harness test".to_owned();
    if !seen_from(&manifest.root, &here).is_empty() {
        let _ = write!(
            command,
            " -f {}",
            crate::report::shell_word(&arguments.from.display().to_string())
        );
    }
    if let Some(config) = &arguments.runtime_config_file {
        let _ = write!(
            command,
            " --runtime-config-file {}",
            crate::report::shell_word(&config.display().to_string())
        );
    }
    let pairs = [
        ("--variable", &arguments.variables),
        ("--env", &arguments.environment),
    ];
    for (option, pairs) in pairs {
        for Pair { name, value } in pairs {
            let pair = crate::report::shell_word(&format!("{name}={value}"));
            let _ = write!(command, " {option} {pair}");
        }
    }
    println!("wrote {shown}, which passes; run it with `{command}`");
    Ok(())
}

/// Creates the file, never over another.
fn store(file: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = std::fs::File::create_new(file)?;
    std::io::Write::write_all(&mut file, text.as_bytes())
}

/// Whether a line can stand below `Feature:` without being taken for something else.
fn is_description(line: &str) -> bool {
    line.starts_with(|c: char| c.is_alphanumeric()) && !line.contains(':') && !line.is_empty()
}

/// The whole feature: a scenario for each route and each channel that can be tried.
fn feature(
    manifest: &Manifest,
    app: &App,
    environment: &[(String, String)],
) -> Result<String, Option<String>> {
    let mut text = format!("Feature: {}\n", one_line(&manifest.name));
    if let Some(description) = manifest
        .description
        .as_deref()
        .map(one_line)
        .filter(|text| is_description(text))
    {
        let _ = writeln!(text, "  {description}");
    }
    let mut trial = Trial::new(manifest, app, environment);
    let mut scenarios = requests::scenarios(&mut trial)?;
    scenarios.extend(messages::scenarios(&mut trial)?);
    if scenarios.is_empty() {
        let why = trial.mistake.map(|mistake| format!(": {mistake}"));
        return Err(Some(format!(
            "{} has no HTTP route and no Redis channel that a first scenario could try{}",
            manifest.path.display(),
            why.unwrap_or_default()
        )));
    }
    text.extend(scenarios);
    Ok(text)
}

fn one_line(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    crate::value::visible(&words.join(" ")).into_owned()
}

fn file_stem(name: &str) -> String {
    let stem: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '-' || c == '_' {
                c
            } else {
                '-'
            }
        })
        .collect();
    match stem.trim_matches('-').is_empty() {
        true => "app".to_owned(),
        false => stem,
    }
}

/// Runs what was written; what does not pass is shown.
fn check(
    file: &Path,
    apps: Arc<Apps>,
    options: RunOptions,
    here: &Path,
    output: &Output,
) -> Result<(), Option<String>> {
    let named = PathBuf::from(seen_from(file, here));
    let (files, _) = plan::find(&[named], here);
    let folders = SnapshotFolders::new(None, Mode::Check, Redactions::new());
    let setup = Setup {
        apps,
        options: Arc::new(options),
        snapshots: folders,
        seed: Seed(super::test::DEFAULT_SEED),
        filter: Filter::default(),
        jobs: 1,
        fail_fast: false,
        observer: None,
        recordings: None,
        watch: false,
    };
    let running = pool::start(Arc::new(setup), files)
        .map_err(|error| Some(format!("no thread can be started: {error}")))?;
    let detail = crate::report::Detail::Quiet;
    let terminal = Terminal::new(
        Vec::new(),
        TerminalOptions {
            detail,
            ..TerminalOptions::default()
        },
    );
    let mut report = InOrder::new(terminal, false);
    loop {
        let event = running.events.next();
        let over = matches!(event, Event::RunFinished);
        // It is written to memory.
        let _ = report.take(event);
        running.reported(report.reported());
        if over {
            break;
        }
    }
    let mut terminal = report.into_inner();
    let problems = std::mem::take(&mut running.found().problems);
    if terminal.summary().exit_code(&problems) == 0 {
        return Ok(());
    }
    problems
        .iter()
        .for_each(|problem| output.diagnostic(problem));
    let _ = terminal.finish(&[]);
    output.note(String::from_utf8_lossy(terminal.written()));
    Err(Some(format!(
        "{} was written and does not pass, which should not happen: please report it",
        seen_from(file, here)
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_apps_name_makes_a_file_name() {
        assert_eq!(file_stem("my app/../x"), "my-app----x");
        assert_eq!(file_stem("é"), "app");
    }
}
