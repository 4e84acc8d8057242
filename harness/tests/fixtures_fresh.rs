//! The committed fixture components were built from the sources beside them.
//!
//! `fixtures/guests/README.md` defines the digest that is recomputed here.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

#[test]
fn every_component_was_built_from_the_sources_that_are_here() {
    let mut stale = Vec::new();
    let components = components();
    assert!(
        components.len() >= 25,
        "where are the fixtures? found {components:?}"
    );
    for component in &components {
        let record = component.with_extension("wasm.sources");
        let Ok(recorded) = fs::read_to_string(&record) else {
            stale.push(format!("{} is missing", record.display()));
            continue;
        };
        let (digest, files) = recorded.split_once('\n').unwrap_or((&recorded, ""));
        let listed: Vec<String> = files.lines().map(str::to_owned).collect();
        let present = files_of(&folders_of(&listed));
        if listed != present {
            stale.push(format!(
                "{}: made of {listed:?}, but there are {present:?}",
                component.display()
            ));
        } else if digest_of(&present) != digest {
            stale.push(format!("{}: its sources have changed", component.display()));
        }
    }
    assert!(
        stale.is_empty(),
        "run fixtures/guests/build and commit what it makes:\n{}",
        stale.join("\n")
    );
}

#[test]
fn every_guest_is_part_of_a_component() {
    let built: String = components()
        .iter()
        .filter_map(|component| fs::read_to_string(component.with_extension("wasm.sources")).ok())
        .collect();
    for entry in fs::read_dir(repository().join("fixtures/guests")).expect("the folder of guests") {
        let name = entry.expect("an entry").file_name();
        let manifest = format!("fixtures/guests/{}/Cargo.toml", name.to_string_lossy());
        // `componentize` builds the others and is part of none.
        if name != "componentize" && repository().join(&manifest).is_file() {
            assert!(
                built.lines().any(|line| line == manifest),
                "no component was built from {manifest}"
            );
        }
    }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every `.wasm` in a folder of `fixtures/apps`, sorted.
fn components() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for app in fs::read_dir(repository().join("fixtures/apps")).expect("the folder of apps") {
        let app = app.expect("an entry").path();
        for file in fs::read_dir(&app)
            .into_iter()
            .flatten()
            .map(|file| file.expect("an entry").path())
        {
            if file
                .extension()
                .is_some_and(|extension| extension == "wasm")
            {
                found.push(file);
            }
        }
    }
    found.sort();
    found
}

/// The crates and WIT folders that the recorded files lie in. A file that is in neither makes the record wrong.
fn folders_of(files: &[String]) -> BTreeSet<String> {
    files
        .iter()
        .map(|file| {
            let parts = if file.starts_with("harness/wit/deps/") {
                4
            } else {
                3
            };
            file.split('/').take(parts).collect::<Vec<_>>().join("/")
        })
        .collect()
}

/// What the definition makes of these folders: of a crate its manifest, `src` and `wit`, of any other folder everything.
fn files_of(folders: &BTreeSet<String>) -> Vec<String> {
    let mut files = Vec::new();
    for folder in folders {
        let manifest = format!("{folder}/Cargo.toml");
        if repository().join(&manifest).is_file() {
            files.push(manifest);
            collect(&format!("{folder}/src"), &mut files);
            collect(&format!("{folder}/wit"), &mut files);
        } else {
            collect(folder, &mut files);
        }
    }
    files.sort();
    files
}

fn collect(folder: &str, files: &mut Vec<String>) {
    // A crate may have no `wit`; any other folder that is gone shows as a difference between the lists.
    let Ok(entries) = fs::read_dir(repository().join(folder)) else {
        return;
    };
    for entry in entries {
        let entry = entry.expect("an entry");
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.file_type().expect("a file type").is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

fn digest_of(files: &[String]) -> String {
    let mut hash = Sha256::new();
    for file in files {
        let content = fs::read(repository().join(file)).expect("a source file");
        hash.update(format!("{file}\n{}\n", content.len()));
        hash.update(content);
    }
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
