//! Tests of the whole way from text to app. What is expected was read off Spin's source, file by file as named there.

mod build;
mod errors;
mod files;
mod hostile;
mod locked;
mod manifest;
mod routes;
mod runtime_config;
mod settings;
mod version_1;

use std::path::Path;

use miette::Diagnostic as _;

use super::{LoadError, Manifest, Problem};

/// A manifest of version 2 whose last table is `[component.api]`, with `more` after it.
fn with(more: &str) -> String {
    format!(
        "spin_manifest_version = 2\n[application]\nname = \"app\"\n[[trigger.http]]\nroute = \"/...\"\ncomponent = \"api\"\n\
         [component.api]\nsource = \"api.wasm\"\n{more}"
    )
}

fn parse(text: &str) -> Result<Manifest, LoadError> {
    Manifest::parse(Path::new("/app/spin.toml"), text)
}

fn loaded(text: &str) -> Manifest {
    parse(text).unwrap_or_else(|error| panic!("{}\n{text}", all(&error)))
}

/// All problems of an error, one a line.
fn all(error: &LoadError) -> String {
    error.problems().map(shown).collect::<Vec<_>>().join("\n")
}

/// `location [underlined] message | help`
fn shown(problem: &Problem) -> String {
    let mut text = format!(
        "{} [{}] {problem}",
        problem.location().unwrap_or_default(),
        problem.underlined().unwrap_or_default()
    );
    if let Some(help) = problem.help() {
        text.push_str(&format!(" | {help}"));
    }
    text
}

/// The problems of a text that must not load.
fn problems(text: &str) -> String {
    match parse(text) {
        Ok(_) => panic!("this loads:\n{text}"),
        Err(error) => all(&error),
    }
}

fn warnings(manifest: &Manifest) -> Vec<String> {
    manifest.warnings.iter().map(shown).collect()
}
