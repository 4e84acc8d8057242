//! The specification of the harness, `features/` at the top of the repository, run by the harness itself.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The top of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .unwrap()
}

/// Runs `spin-harness test` at the top of the repository, as a person would.
fn harness(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_spin-harness"))
        .arg("test")
        .args(arguments)
        .args(["--snapshots", "check", "--snapshots-dir", "snapshots"])
        .args(["--no-durations", "--color", "never"])
        .current_dir(root())
        .output()
        .unwrap()
}

/// What a run that passed wrote.
fn passed(arguments: &[&str]) -> String {
    let output = harness(arguments);
    let text = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    // A report of a thousand scenarios that passed would hide the one that did not.
    let is_noise =
        |line: &str| line.is_empty() || line.starts_with("  ✔ ") || line.starts_with("Feature: ");
    let failures: Vec<_> = text.lines().filter(|line| !is_noise(line)).collect();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}\n{errors}",
        failures.join("\n")
    );
    text
}

/// The number of scenarios in the feature files, counted without the harness's own parser: one for each row of examples,
/// and one for each scenario that has none.
fn scenarios_in(folder: &Path) -> usize {
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let features = files.filter(|path| path.extension().is_some_and(|ending| ending == "feature"));
    features
        .map(|path| scenarios_of(&std::fs::read_to_string(path).unwrap()))
        .sum()
}

fn scenarios_of(feature: &str) -> usize {
    let begins_with = |line: &str, words: &[&str]| words.iter().any(|word| line.starts_with(word));
    let (mut count, mut in_examples, mut in_text, mut heading) = (0, false, false, false);
    for line in feature.lines().map(str::trim) {
        if begins_with(line, &["\"\"\"", "```"]) {
            in_text = !in_text;
        } else if in_text || line.is_empty() || line.starts_with('#') {
            // Nothing that counts, and no end of a table.
        } else if begins_with(line, &["Examples:", "Scenarios:"]) {
            (in_examples, heading) = (true, true);
        } else if in_examples && line.starts_with('|') {
            count += usize::from(!std::mem::take(&mut heading));
        } else {
            in_examples = false;
            count += usize::from(begins_with(line, &["Scenario:", "Example:", "Szenario:"]));
        }
    }
    count
}

#[test]
fn the_specification_holds() {
    let report = passed(&["features"]);
    let scenarios = scenarios_in(&root().join("features"));
    assert!(
        scenarios > 300,
        "the specification has shrunk to {scenarios} scenarios"
    );
    let totals = format!("\n{scenarios} scenarios ({scenarios} passed)\n");
    let tail: Vec<_> = report.lines().rev().take(4).collect();
    assert!(
        report.contains(&totals),
        "expected {totals:?}, the report ends with {tail:#?}"
    );
}

#[test]
fn the_repository_needs_no_path_to_find_its_features() {
    // Neither those that must fail nor those of the fixtures are among them.
    let text = passed(&["--name", "two visits at once"]);
    assert!(text.contains("\n3 scenarios (3 passed)\n"), "{text}");
}

#[test]
fn a_scenario_alone_is_what_it_is_among_the_others() {
    // Its requests interleave as the seed says, and the seed follows from its place: alone it must come out the same.
    let feature = std::fs::read_to_string(root().join("features/at-once.feature")).unwrap();
    let index = feature
        .lines()
        .position(|line| line.contains("Scenario: it is with asynchronous calls too"));
    let place = format!("features/at-once.feature:{}", index.unwrap() + 1);
    let calls = |arguments: &[&str]| -> Vec<String> {
        let output = harness(arguments);
        assert_eq!(output.status.code(), Some(0));
        let text = String::from_utf8(output.stdout).unwrap();
        let begins = text.find("10 clients send POST").unwrap();
        let ends = begins + text[begins..].find("every response status is 200").unwrap();
        text[begins..ends].lines().map(str::to_owned).collect()
    };
    let alone = calls(&[&place, "-v"]);
    assert!(alone.len() > 30, "no storage calls are shown: {alone:#?}");
    assert_eq!(
        alone,
        calls(&["features/at-once.feature", "-v", "--jobs", "1"])
    );

    let report = passed(&[&place]);
    assert!(report.contains("\n1 scenario (1 passed)\n"), "{report}");
}
