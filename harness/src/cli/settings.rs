//! What the command line says, and for what it leaves open the manifest's `[application.tool.harness]`.

use super::arguments::TestArguments;
use crate::app::{self, HarnessSettings, Manifest, Problem, Redaction};
use crate::runner::RunOptions;
use crate::sandbox::Bounds;
use crate::snapshot::{RedactionError, Redactions};
use crate::steps::set_bound;
use crate::storage::{BadRealStore, Limits, RealStore};
use std::collections::BTreeMap;

/// `NAME=VALUE` of an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub name: String,
    pub value: String,
}

impl std::str::FromStr for Pair {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((name, value)) if !name.is_empty() => Ok(Self {
                name: name.to_owned(),
                value: value.to_owned(),
            }),
            _ => Err("expected NAME=VALUE".to_owned()),
        }
    }
}

/// `LABEL=STORE` of `--key-value-store`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LabelledStore {
    pub label: String,
    pub store: RealStore,
}

impl std::str::FromStr for LabelledStore {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((label, store)) if !label.is_empty() => Ok(Self {
                label: label.to_owned(),
                store: store
                    .parse()
                    .map_err(|error: BadRealStore| error.to_string())?,
            }),
            _ => Err("expected LABEL=sqlite:PATH or LABEL=redis:URL".to_owned()),
        }
    }
}

/// The real stores of a run: those of the command line, and for other labels those of the manifest.
fn real_stores(
    arguments: &TestArguments,
    settings: &HarnessSettings,
) -> Result<BTreeMap<String, RealStore>, String> {
    let mut stores = BTreeMap::new();
    for LabelledStore { label, store } in &arguments.key_value_stores {
        if stores.insert(label.clone(), store.clone()).is_some() {
            return Err(format!(
                "--key-value-store: the label \"{label}\" is there twice; a store stands for one"
            ));
        }
    }
    for setting in &settings.key_value_stores {
        if stores.contains_key(&setting.label) {
            continue;
        }
        // `prepare` has told what is none, with its place.
        let store: RealStore = setting.store.value.parse().map_err(|error: BadRealStore| {
            let label = &setting.label;
            format!("[application.tool.harness.key_value_stores] {label}: {error}")
        })?;
        stores.insert(setting.label.clone(), store.seen_from(&setting.root));
    }
    Ok(stores)
}

/// What is wrong with the real store of a label: at its place in the manifest, where the command line names none.
pub(super) fn bad_store(
    arguments: &TestArguments,
    manifest: Option<&Manifest>,
    label: &str,
    text: String,
) -> Problem {
    let problem = Problem::error("app::bad_setting", text);
    let is_of_option = arguments
        .key_value_stores
        .iter()
        .any(|it| it.label == label);
    let Some(manifest) = manifest.filter(|_| !is_of_option) else {
        return problem;
    };
    let mut settings = manifest.harness.key_value_stores.iter();
    match settings.find(|setting| setting.label == label) {
        Some(setting) => problem
            .at(&manifest.source, setting.store.span.clone())
            .labelled("this store"),
        None => problem,
    }
}

/// Checks how the manifest writes its real stores; whether they can be used is looked at later.
pub(super) fn check_stores(
    arguments: &TestArguments,
    manifest: &Manifest,
) -> Result<(), Box<Problem>> {
    for setting in &manifest.harness.key_value_stores {
        let parsed = setting.store.value.parse::<RealStore>();
        parsed.map_err(|error| {
            let (label, text) = (&setting.label, error.to_string());
            bad_store(arguments, Some(manifest), label, text)
        })?;
    }
    Ok(())
}

/// Names and values of an option that may be given several times, in order.
pub(super) fn pairs(pairs: &[Pair]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|pair| (pair.name.clone(), pair.value.clone()))
        .collect()
}

/// The options that every scenario of a run gets.
///
/// # Errors
///
/// A bound that is none; the message names it.
pub(super) fn run_options(
    arguments: &TestArguments,
    settings: &HarnessSettings,
    color: bool,
) -> Result<RunOptions, String> {
    let from_settings = settings.limits.map(|limits| match limits {
        app::Limits::Documented => Limits::Documented,
        app::Limits::None => Limits::None,
    });
    let mut bounds = Bounds::default();
    apply(&mut bounds, &settings.bounds);
    for Pair { name, value } in &arguments.bounds {
        set_bound(&mut bounds, name, value)
            .map_err(|error| format!("--bound {name}={value}: {error}"))?;
    }
    Ok(RunOptions {
        app: arguments.manifest(),
        profile: arguments.profile.clone(),
        runtime_config: arguments
            .runtime_config_file
            .clone()
            .or_else(|| Some(settings.runtime_config_file.as_ref()?.value.clone())),
        variables: pairs(&arguments.variables).into_iter().collect(),
        environment: pairs(&arguments.environment),
        key_values: pairs(&arguments.key_values),
        real_stores: real_stores(arguments, settings)?,
        sql: sql(&arguments.sqlite)?,
        limits: arguments
            .limits
            .map(Limits::from)
            .or(from_settings)
            .unwrap_or_default(),
        bounds,
        client_address: settings.client_address.map(|address| address.to_string()),
        authority: settings.authority.clone(),
        volatile_headers: settings.volatile_headers.clone(),
        color,
        sweeps: arguments.sweeps(),
    })
}

/// What `--sqlite` names, as `spin up` reads it: statements for the database `default`, or a file of them, for another
/// one too (`crates/trigger/src/cli/sqlite_statements.rs` in Spin).
fn sql(options: &[String]) -> Result<Vec<(String, String)>, String> {
    let read = |option: &String| {
        let Some(named) = option.strip_prefix('@') else {
            return Ok(("default".to_owned(), option.clone()));
        };
        let (file, label) = named.split_once(':').unwrap_or((named, "default"));
        let (file, label) = (file.trim(), label.trim());
        if file.is_empty() || label.is_empty() {
            return Err(format!(
                "--sqlite {option}: expected `@FILE` or `@FILE:LABEL`"
            ));
        }
        match std::fs::read_to_string(file) {
            Ok(statements) => Ok((label.to_owned(), statements)),
            Err(error) => Err(format!("--sqlite {option}: {file} cannot be read: {error}")),
        }
    };
    options.iter().map(read).collect()
}

fn apply(bounds: &mut Bounds, settings: &app::Bounds) {
    match settings.compute {
        Some(app::ComputeBound::Fuel(fuel)) => bounds.fuel = fuel,
        Some(app::ComputeBound::Time(time)) => {
            // The manifest's reader has bounded the time; a longer one than a step may state leaves the default.
            let _ = set_bound(bounds, "compute", &format!("{} ms", time.as_millis()));
        }
        None => {}
    }
    bounds.memory = settings.memory.unwrap_or(bounds.memory);
    bounds.response = settings.response.unwrap_or(bounds.response);
    bounds.log = settings.log.unwrap_or(bounds.log);
    bounds.time = settings.time.unwrap_or(bounds.time);
}

/// What snapshots replace.
///
/// # Errors
///
/// A path or an expression that is none.
pub(super) fn redactions(settings: &HarnessSettings) -> Result<Redactions, RedactionError> {
    settings.redactions.iter().try_fold(
        Redactions::new(),
        |redactions, redaction| match redaction {
            Redaction::JsonPath { path, with } => redactions.json_path(path, with),
            Redaction::Regex { regex, with } => redactions.regex(regex, with),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn options_go_before_the_manifest_and_the_manifest_before_defaults() {
        let settings = HarnessSettings {
            limits: Some(app::Limits::None),
            bounds: app::Bounds {
                compute: Some(app::ComputeBound::Time(Duration::from_millis(2_500))),
                memory: Some(5),
                ..app::Bounds::default()
            },
            ..HarnessSettings::default()
        };
        let arguments = TestArguments::of(&[
            "--bound",
            "memory=1 MiB",
            "--variable",
            "a=b=c",
            "--key-value",
            "k=",
        ]);
        let options = run_options(&arguments, &settings, false).unwrap();
        assert_eq!(options.limits, Limits::None);
        assert_eq!(options.bounds.memory, 1 << 20);
        assert_eq!(options.bounds.fuel, Bounds::default().fuel / 2);
        assert_eq!(options.bounds.log, Bounds::default().log);
        assert_eq!(options.variables["a"], "b=c");
        assert_eq!(options.key_values, [("k".to_owned(), String::new())]);
        let arguments = TestArguments::of(&["--limits", "documented"]);
        assert_eq!(
            run_options(&arguments, &settings, false).unwrap().limits,
            Limits::Documented
        );
        let arguments = TestArguments::of(&["--bound", "memry=1 MiB"]);
        assert!(
            run_options(&arguments, &settings, false)
                .unwrap_err()
                .contains("memry")
        );
    }
}
