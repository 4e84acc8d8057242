//! The README's examples, run as they stand there.

use spin_harness::app::Manifest;
use std::path::Path;
use std::process::Command;

const README: &str = include_str!("../../README.md");
const VISITS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/apps/visits");

/// The blocks of a language, in order.
fn blocks(language: &str) -> Vec<&'static str> {
    let opening = format!("```{language}\n");
    README
        .split(&opening)
        .skip(1)
        .filter_map(|rest| rest.split_once("```").map(|(block, _)| block))
        .collect()
}

/// Runs a feature against the app `visits`; gives the exit code and the report.
fn run(feature: &str) -> (i32, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("features")).unwrap();
    std::fs::write(folder.path().join("features/visits.feature"), feature).unwrap();
    for file in ["spin.toml", "visits.wasm"] {
        std::fs::copy(Path::new(VISITS).join(file), folder.path().join(file)).unwrap();
    }
    let output = Command::new(env!("CARGO_BIN_EXE_spin-harness"))
        .args(["test", "--no-durations", "--color", "never"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    (output.status.code().unwrap(), text)
}

#[test]
fn the_first_screen_shows_what_really_comes_out() {
    let feature = blocks("gherkin")[0];
    let (code, output) = run(feature);
    assert_eq!(code, 1, "{output}");
    let shown = blocks("text")[0];
    assert_eq!(
        shown.trim_end(),
        output.trim_end(),
        "the README should show:\n{output}"
    );
}

#[test]
fn every_whole_feature_runs() {
    let features: Vec<_> = blocks("gherkin")
        .into_iter()
        .filter(|block| block.starts_with("Feature:"))
        .collect();
    let (swept, others): (Vec<&str>, _) = features[1..]
        .iter()
        .partition(|feature| feature.contains("@schedule-sweep"));
    assert!(!others.is_empty());
    for feature in others {
        let (code, output) = run(feature);
        assert_eq!(code, 0, "{output}");
    }
    let (code, output) = run(swept[0]);
    assert_eq!(code, 1, "{output}");
    // Lines that are left out are shown as `…`.
    let mut rest = output.trim_end();
    for part in blocks("text")[1].trim_end().split("\n…\n") {
        let Some((_, after)) = rest.split_once(part) else {
            panic!("the README should show:\n{output}\nand not:\n{part}");
        };
        rest = after;
    }
    assert_eq!(rest, "", "the README should end with the end of the report");
}

#[test]
fn the_audit_says_what_is_shown_of_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(
        Path::new(VISITS).join("visits.wasm"),
        folder.path().join("visits.wasm"),
    )
    .unwrap();
    let manifest = std::fs::read_to_string(Path::new(VISITS).join("spin.toml")).unwrap();
    let (head, _) = manifest.split_once("[component.visits]").unwrap();
    let tables = blocks("toml");
    let table = tables
        .iter()
        .find(|table| table.contains("sesions"))
        .unwrap();
    std::fs::write(folder.path().join("spin.toml"), format!("{head}{table}")).unwrap();
    let config = "[key_value_store.sessions]\ntype = \"spin\"\n";
    std::fs::write(folder.path().join("runtime-config.toml"), config).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_spin-harness"))
        .args([
            "audit",
            "--runtime-config-file",
            "runtime-config.toml",
            "--color",
            "never",
        ])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    let shown = blocks("text")
        .into_iter()
        .find(|block| block.starts_with("audit of"));
    let (start, end) = shown.unwrap().trim_end().split_once("\n…\n").unwrap();
    assert!(
        output.starts_with(start),
        "the README should show:\n{output}"
    );
    assert!(
        output.trim_end().ends_with(end),
        "the README should show:\n{output}"
    );
}

#[test]
fn every_single_sentence_is_a_step() {
    let taste = blocks("gherkin")
        .into_iter()
        .find(|block| block.starts_with("Given the runtime config"))
        .unwrap();
    for line in taste.lines() {
        let scenario = format!("Feature: f\n  Scenario: s\n    {line}\n");
        let (_, output) = run(&scenario);
        assert!(!output.contains("undefined"), "{line}\n{output}");
    }
}

#[test]
fn the_tables_of_the_manifest_are_understood() {
    let manifest = std::fs::read_to_string(Path::new(VISITS).join("spin.toml")).unwrap();
    let tables = blocks("toml");
    assert!(tables.len() >= 4);
    for table in tables {
        let text = if table.contains("[component.visits]") {
            let (head, _) = manifest.split_once("[component.visits]").unwrap();
            format!("{head}{table}")
        } else {
            format!("{manifest}\n{table}")
        };
        if let Err(error) = Manifest::parse(&Path::new(VISITS).join("spin.toml"), &text) {
            panic!("{table}\n{:?}", miette::Report::new(error));
        }
    }
}
