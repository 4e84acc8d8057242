//! What is done with one input: shared by the fuzz targets and by the ordinary test that tries a bounded number of them.
//! Whatever the input, the outcome is a value or an error that can be shown: never a panic, never a hang.
#![allow(dead_code, reason = "each fuzz target uses one of them")]

use spin_harness::app::{LoadError, Manifest, RuntimeConfig};
use spin_harness::audit::{Audit, Binary, Observed};
use spin_harness::runner::pool::Setup;
use spin_harness::runner::{RunOptions, run_text_with};
use spin_harness::snapshot::Mode;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Where the features of this repository are: the fuzz targets and the tests are crates in different folders of it.
fn features() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .find(|folder| folder.join("fixtures").is_dir());
    root.expect("the crate stands in the repository")
        .join("features")
}

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

/// A component or module, as an audit reads it.
pub fn binary(bytes: &[u8]) {
    if let Err(error) = Binary::of(std::io::Cursor::new(bytes), bytes.len() as u64) {
        assert!(!error.to_string().is_empty());
    }
}

/// A manifest, as an audit reads it: whatever is wrong with it, the rest is looked at.
pub fn audited(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(manifest) = Manifest::parse(Path::new("/nowhere/spin.toml"), &text) {
        let audit = Audit::of_examined(&manifest, &manifest.warnings, None);
        let observed = Observed {
            scenarios: 1,
            ..Observed::default()
        };
        // Whatever is proposed is a manifest that loads.
        if let Some(least) = &audit.with_observed(observed, &manifest).least {
            let read = Manifest::parse(&manifest.path, &least.text);
            assert!(read.is_ok(), "{}", least.patch);
        }
    }
}

/// A feature file: parsed, and its scenarios run as if it stood in the `features/` of this repository, so that every
/// step reads its sentence and its table. Guests get little to compute with.
pub fn feature(bytes: &[u8]) {
    static SETUP: OnceLock<Setup> = OnceLock::new();
    let setup = SETUP.get_or_init(|| {
        let mut options = RunOptions::default();
        options.bounds.fuel = 100_000_000;
        Setup::new(options, Mode::Check)
    });
    let text = String::from_utf8_lossy(bytes);
    match run_text_with(&text, &features().join("fuzz.feature"), setup) {
        Ok(results) => {
            for result in &results {
                // What the harness itself gets wrong is caught there, and must not pass for a failing scenario.
                if let Some(failure) = &result.afterwards {
                    assert!(failure.panicked_at.is_none(), "{failure:?}");
                    assert!(!failure.message.contains("itself failed"), "{failure:?}");
                }
                for step in &result.steps {
                    if let Some(failure) = &step.failure {
                        assert!(
                            failure.panicked_at.is_none(),
                            "{}: {failure:?}",
                            step.step.value
                        );
                    }
                }
            }
        }
        Err(problem) => assert!(!problem.to_string().is_empty()),
    }
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
