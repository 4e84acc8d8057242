//! `spin-harness init`: a first feature for the app that is here, of what it really answers.

use super::Outcome;
use super::output::Output;
use super::settings::{self, Pair};
use crate::app::{HttpRoute, Manifest, Router, seen_from};
use crate::engine::{App, Cache, Compiler};
use crate::report::{InOrder, Terminal, TerminalOptions};
use crate::runner::plan;
use crate::runner::pool::{self, Setup, SnapshotFolders};
use crate::runner::{Apps, ConfigKey, Event, Filter, Reporter as _, RunOptions};
use crate::sandbox::{DEFAULT_TIME, Sandbox, SandboxOptions, Seed};
use crate::snapshot::{Mode, Redactions};
use crate::trigger::Request;
use clap::Args;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Longest body that a scenario quotes, in characters.
const MOST_QUOTED: usize = 60;

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

/// What the app answered to a request, and what it left in the stores that the component may open.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: u16,
    body: Option<String>,
    stores: Vec<(String, usize)>,
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

fn feature(
    manifest: &Manifest,
    app: &App,
    environment: &[(String, String)],
) -> Result<String, Option<String>> {
    let router = Router::new(manifest.http_triggers().map(|(trigger, _)| trigger));
    let mut text = format!("Feature: {}\n", one_line(&manifest.name));
    if let Some(description) = manifest
        .description
        .as_deref()
        .map(one_line)
        .filter(|text| is_description(text))
    {
        let _ = writeln!(text, "  {description}");
    }
    let mut scenarios = 0;
    for (trigger, http) in manifest.http_triggers() {
        let HttpRoute::Route(route) = &http.route else {
            continue;
        };
        let Some(path) = sample(route) else { continue };
        // Where several routes fit the path, another trigger may be the one that answers.
        if router
            .route(&path)
            .is_none_or(|found| found.raw_route != *route)
        {
            continue;
        }
        let labels: Vec<&str> = trigger
            .component
            .as_deref()
            .and_then(|id| manifest.component(id))
            .map(|component| {
                component
                    .key_value_stores
                    .iter()
                    .map(AsRef::as_ref)
                    .collect()
            })
            .unwrap_or_default();
        let Some(answer) = ask(app, environment, &path, &labels)? else {
            continue;
        };
        scenario(&mut text, route, &path, &answer);
        scenarios += 1;
    }
    match scenarios {
        0 => Err(Some(format!(
            "{} has no HTTP route that a first scenario could call",
            manifest.path.display()
        ))),
        _ => Ok(text),
    }
}

/// What the app answers to a GET; what of it depends on chance or on the time of day is left out.
fn ask(
    app: &App,
    environment: &[(String, String)],
    path: &str,
    labels: &[&str],
) -> Result<Option<Answer>, Option<String>> {
    let once = |seed, time| -> Result<Option<Answer>, Option<String>> {
        let options = SandboxOptions {
            seed: Seed(seed),
            time,
            environment: environment.to_vec(),
            ..SandboxOptions::default()
        };
        let sandbox =
            Sandbox::with_options(app, options).map_err(|error| Some(error.to_string()))?;
        let Ok(request) = Request::new("GET", path) else {
            return Ok(None);
        };
        let response = sandbox.send_blocking(request);
        let body = std::str::from_utf8(response.body())
            .ok()
            .filter(|text| is_quotable(text));
        let stores = labels
            .iter()
            .map(|label| ((*label).to_owned(), sandbox.key_value(label).len()))
            .collect();
        Ok(Some(Answer {
            status: response.status(),
            body: body.map(str::to_owned),
            stores,
        }))
    };
    let Some(first) = once(1, DEFAULT_TIME)? else {
        return Ok(None);
    };
    let Some(second) = once(2, DEFAULT_TIME + Duration::from_secs(12_345_678))? else {
        return Ok(None);
    };
    if first.status != second.status {
        return Ok(None);
    }
    Ok(Some(Answer {
        status: first.status,
        body: first.body.filter(|body| second.body.as_ref() == Some(body)),
        stores: first
            .stores
            .into_iter()
            .filter(|store| second.stores.contains(store))
            .collect(),
    }))
}

fn scenario(text: &mut String, route: &str, path: &str, answer: &Answer) {
    let mut line = |line: String| {
        text.push_str(&line);
        text.push('\n');
    };
    line(format!("\n  Scenario: GET {}", one_line(route)));
    for (label, _) in &answer.stores {
        line(format!(
            "    Given the key-value store \"{label}\" is empty"
        ));
    }
    line(format!("    When I send GET \"{path}\""));
    line(format!("    Then the response status is {}", answer.status));
    match answer.body.as_deref() {
        Some("") => line("    And the response body is empty".to_owned()),
        Some(body) => line(format!(
            "    And the response body is \"{}\"",
            body.replace('\\', r"\\").replace('"', r#"\""#)
        )),
        None => {}
    }
    for (label, tuples) in &answer.stores {
        match tuples {
            0 => line(format!("    And the key-value store \"{label}\" is empty")),
            1 => line(format!(
                "    And the key-value store \"{label}\" holds 1 tuple"
            )),
            _ => line(format!(
                "    And the key-value store \"{label}\" holds {tuples} tuples"
            )),
        }
    }
}

/// A path that a route fits: `1` for every name in it, nothing for what may follow.
fn sample(route: &str) -> Option<String> {
    let segments = route.trim_end_matches("...").split('/');
    let path = segments
        .map(|segment| {
            if segment.starts_with(':') {
                "1"
            } else {
                segment
            }
        })
        .collect::<Vec<_>>()
        .join("/");
    let path = match path.trim_end_matches('/') {
        "" => "/".to_owned(),
        path => path.to_owned(),
    };
    let plain = |character: char| character.is_ascii_graphic() && !"\"\\$*<>".contains(character);
    (path.starts_with('/') && path.chars().all(plain)).then_some(path)
}

/// Whether a step can quote a body and a person wants to read it.
fn is_quotable(text: &str) -> bool {
    text.chars().count() <= MOST_QUOTED
        && !text.contains("${")
        && text.trim() == text
        && text.chars().all(|c| !c.is_control())
}

/// Whether a line can stand below `Feature:` without being taken for something else.
fn is_description(line: &str) -> bool {
    line.starts_with(|c: char| c.is_alphanumeric()) && !line.contains(':') && !line.is_empty()
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
    fn every_form_of_route_has_a_sample() {
        let samples = [
            ("/", "/"),
            ("/...", "/"),
            ("/a/...", "/a"),
            ("/a/:id/b", "/a/1/b"),
            ("/:x/...", "/1"),
        ];
        for (route, path) in samples {
            assert_eq!(sample(route).as_deref(), Some(path), "{route}");
        }
        assert_eq!(sample("/a\"b"), None);
    }

    #[test]
    fn a_scenario_says_what_came_back() {
        let answer = Answer {
            status: 200,
            body: Some(r#"a "b" \"#.into()),
            stores: vec![("default".into(), 1)],
        };
        let mut text = String::new();
        scenario(&mut text, "/...", "/", &answer);
        assert_eq!(
            text,
            "\n  Scenario: GET /...\n    Given the key-value store \"default\" is empty\n    When I send GET \"/\"\n    \
             Then the response status is 200\n    And the response body is \"a \\\"b\\\" \\\\\"\n    \
             And the key-value store \"default\" holds 1 tuple\n"
        );
    }

    #[test]
    fn an_apps_name_makes_a_file_name() {
        assert_eq!(file_stem("my app/../x"), "my-app----x");
        assert_eq!(file_stem("é"), "app");
    }
}
