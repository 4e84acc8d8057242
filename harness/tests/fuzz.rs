//! A bounded number of damaged inputs for every parser of a user's files, the same in every run.

#[path = "../fuzz/inputs.rs"]
mod inputs;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use std::panic::catch_unwind;
use std::path::Path;

const INPUTS_EACH: u64 = 3_000;

/// Files of the repository with this ending: what damage is done to.
fn corpus(folder: &str, name: &str) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(folder);
    let mut files: Vec<_> = walkdir::WalkDir::new(&root)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| entry.file_name() != "target")
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_string_lossy().ends_with(name))
        // Its guests use all that they are given.
        .filter(|entry| entry.file_name() != "hostile.feature")
        .map(|entry| std::fs::read(entry.path()).unwrap())
        .collect();
    files.retain(|file| file.len() < 4_000);
    assert!(!files.is_empty(), "no {name} below {folder}");
    files
}

/// Components without their code, which an audit passes over: the rest is small enough to be damaged often.
fn components() -> Vec<Vec<u8>> {
    let apps = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/apps");
    let names = ["composed/till-with-quote", "visits/visits", "module/module"];
    let head = |name: &str| {
        let bytes = std::fs::read(apps.join(format!("{name}.wasm"))).unwrap();
        let end = bytes.len().min(6_000);
        // The end has the sections that are read last.
        [&bytes[..end], &bytes[bytes.len() - 2_000..]].concat()
    };
    names.into_iter().map(head).collect()
}

/// Cuts, doubles, swaps, breaks and joins.
fn damaged(random: &mut ChaCha8Rng, corpus: &[Vec<u8>]) -> Vec<u8> {
    let below = |random: &mut ChaCha8Rng, n: usize| (random.next_u64() % n.max(1) as u64) as usize;
    let mut bytes = corpus[below(random, corpus.len())].clone();
    for _ in 0..=below(random, 4) {
        let at = below(random, bytes.len());
        match below(random, 8) {
            0 => bytes.truncate(at),
            1 if !bytes.is_empty() => bytes[at] ^= 1 << below(random, 8),
            2 => bytes.insert(
                at,
                [b'[', b'"', b'=', b'\\', b'|', 0, 0xff, b'\n'][below(random, 8)],
            ),
            3 => {
                let to = (at + below(random, 60)).min(bytes.len());
                let piece = bytes[at..to].to_vec();
                let into = below(random, bytes.len());
                bytes.splice(into..into, piece);
            }
            4 => {
                let to = (at + below(random, 60)).min(bytes.len());
                bytes.drain(at..to);
            }
            5 => {
                let other = &corpus[below(random, corpus.len())];
                bytes.extend_from_slice(&other[below(random, other.len())..]);
            }
            6 => {
                let number = [
                    &b"-1"[..],
                    b"99999999999999999999",
                    b"1e999",
                    b"\xf0\x9f\x92\xa9",
                    b"{{",
                    b"${",
                ];
                bytes.splice(at..at, number[below(random, 6)].iter().copied());
            }
            _ => {
                let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
                let (a, b) = (below(random, lines.len()), below(random, lines.len()));
                let mut lines: Vec<Vec<u8>> = lines.into_iter().map(<[u8]>::to_vec).collect();
                lines.swap(a, b);
                bytes = lines.join(&b'\n');
            }
        }
    }
    bytes
}

fn survives(corpus: &[Vec<u8>], parse: fn(&[u8])) {
    for number in 0..INPUTS_EACH {
        let mut random = ChaCha8Rng::seed_from_u64(number);
        let input = damaged(&mut random, corpus);
        if catch_unwind(|| parse(&input)).is_err() {
            panic!(
                "input {number} panics:\n{}",
                String::from_utf8_lossy(&input)
            );
        }
    }
}

#[test]
fn damaged_manifests_are_errors() {
    survives(&corpus("fixtures/apps", "spin.toml"), inputs::manifest);
}

#[test]
fn damaged_runtime_configs_are_errors() {
    survives(
        &corpus("fixtures/apps", "runtime-config.toml"),
        inputs::runtime_config,
    );
}

#[test]
fn damaged_feature_files_are_errors() {
    survives(&corpus("features", ".feature"), inputs::feature);
}

#[test]
fn damaged_components_are_errors_of_an_audit() {
    survives(&components(), inputs::binary);
}

#[test]
fn damaged_manifests_are_audited_as_far_as_they_load() {
    survives(&corpus("fixtures/apps", "spin.toml"), inputs::audited);
}
