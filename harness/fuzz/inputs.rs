//! What is done with one input: shared by the fuzz targets and by the ordinary test that tries a bounded number of them.
//! Whatever the input, the outcome is a value or an error that can be shown: never a panic, never a hang.
#![allow(dead_code, reason = "each fuzz target uses one of them")]

use spin_harness::app::{LoadError, Manifest, RuntimeConfig};
use std::path::Path;

/// A manifest.
pub fn manifest(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    show(Manifest::parse(Path::new("/nowhere/spin.toml"), &text));
}

/// A runtime config.
pub fn runtime_config(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    show(RuntimeConfig::parse("runtime-config.toml", &text));
}

/// A feature file: parsed, and its scenarios run without an app, so that every step reads its sentence and its table.
pub fn feature(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    spin_harness::runner::try_text(&text);
}

fn show<T>(outcome: Result<T, LoadError>) {
    if let Err(error) = outcome {
        let mut text = String::new();
        let report = miette_like(&error);
        text.push_str(&report);
        assert!(!text.is_empty());
    }
}

/// Everything that a person would be shown of an error.
fn miette_like(error: &LoadError) -> String {
    error
        .problems()
        .map(|problem| format!("{:?} {problem}\n", problem.location()))
        .collect()
}
