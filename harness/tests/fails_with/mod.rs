//! Feature files whose scenarios must fail, and for the right reason.
//!
//! Each scenario stands below comments `# fails with: TEXT`; every such text must appear in what the report says about it.
//! Above an outline the text may have its placeholders; each row of the examples must fail so.

use std::path::Path;
use std::process::Command;

const MARK: &str = "# fails with:";

/// A scenario and what its failure must say.
struct Expected {
    name: String,
    texts: Vec<String>,
}

impl Expected {
    /// What is expected of one row of an outline's examples.
    fn of_row(&self, columns: &[String], row: &[String]) -> Self {
        let filled = |text: &String| {
            let cells = columns.iter().zip(row);
            cells.fold(text.clone(), |text, (column, cell)| {
                text.replace(&format!("<{column}>"), cell)
            })
        };
        Self {
            name: filled(&self.name),
            texts: self.texts.iter().map(filled).collect(),
        }
    }
}

/// The cells of a row; none of these tables has a `|` within a cell.
fn cells(row: &str) -> Vec<String> {
    let inner = row.trim_matches('|').split('|');
    inner
        .map(|cell| cell.trim().replace("\\\\", "\\"))
        .collect()
}

fn expected(feature: &str) -> Vec<Expected> {
    let mut scenarios = Vec::new();
    let mut texts = Vec::new();
    let mut outline = None;
    let mut examples: Option<Vec<String>> = None;
    for line in feature.lines().map(str::trim) {
        let name = line
            .strip_prefix("Scenario:")
            .or_else(|| line.strip_prefix("Scenario Outline:"));
        if let Some(text) = line.strip_prefix(MARK) {
            texts.push(text.trim().to_owned());
        } else if let Some(name) = name {
            let name = name.trim().to_owned();
            assert!(
                !texts.is_empty(),
                "the scenario {name:?} does not say how it fails"
            );
            let texts = std::mem::take(&mut texts);
            let scenario = Expected { name, texts };
            (outline, examples) = (None, None);
            match line.starts_with("Scenario:") {
                true => scenarios.push(scenario),
                false => outline = Some(scenario),
            }
        } else if line.starts_with("Examples:") {
            examples = Some(Vec::new());
        } else if let (Some(outline), Some(columns)) = (&outline, &mut examples)
            && line.starts_with('|')
        {
            match columns.is_empty() {
                true => *columns = cells(line),
                false => scenarios.push(outline.of_row(columns, &cells(line))),
            }
        }
    }
    assert!(
        texts.is_empty(),
        "these stand before no scenario: {texts:?}"
    );
    scenarios
}

/// What the report says about each scenario, in order: the first line of a part is its mark and its name.
fn parts(report: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for line in report.lines() {
        if line.starts_with("not passed:") {
            break;
        }
        if ["  ✔ ", "  ✘ ", "  ? "]
            .iter()
            .any(|mark| line.starts_with(mark))
        {
            parts.push(line.trim_start().to_owned());
        } else if let Some(part) = parts.last_mut() {
            part.push('\n');
            part.push_str(line);
        }
    }
    parts
}

/// Runs a feature file, named as seen from `folder`, and gives its report.
///
/// # Panics
///
/// Where a scenario passes, or fails without saying what stands above it.
pub fn check(folder: &Path, feature: &str, arguments: &[&str]) -> String {
    let expected = expected(&std::fs::read_to_string(folder.join(feature)).unwrap());
    let output = Command::new(env!("CARGO_BIN_EXE_spin-harness"))
        .args(["test", feature, "--snapshots", "check"])
        .args(["--no-durations", "--color", "never"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let report = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{report}\n{errors}");
    let parts = parts(&report);
    assert_eq!(parts.len(), expected.len(), "{report}\n{errors}");
    let mut wrong = Vec::new();
    for (expected, part) in expected.iter().zip(&parts) {
        let heading = part.lines().next().unwrap_or_default();
        assert!(
            heading.contains(&expected.name),
            "expected {:?}, got {heading:?}",
            expected.name
        );
        if heading.starts_with('✔') {
            wrong.push(format!("this scenario passes:\n{part}"));
        }
        for text in &expected.texts {
            if !part.contains(text) {
                wrong.push(format!("its failure does not say {text:?}:\n{part}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{}\n\n{} in {feature}",
        wrong.join("\n\n"),
        wrong.len()
    );
    report
}
