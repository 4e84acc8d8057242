//! The storage errors that people meet: each is found in the guest that was written naively, and not in the fixed one.
//!
//! The guide `docs/reproducing-a-storage-error.md` shows them; what it shows is checked here.

mod fails_with;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const GUIDE: &str = include_str!("../../docs/reproducing-a-storage-error.md");

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn app(name: &str) -> PathBuf {
    repository().join("fixtures/apps").join(name)
}

/// Runs both feature files of an app as its owner would, and holds its section of the guide against them.
fn check(name: &str) {
    let app = app(name);
    let output = harness(&app, ["test", "features/fixed.feature"]);
    let passed = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{passed}\n{errors}");

    let failed = fails_with::check(&app, "features/naive.feature", &[]);

    let features =
        ["fixed", "naive"].map(|kind| read(&app.join(format!("features/{kind}.feature"))));
    for (feature, report) in features.iter().zip([&passed, &failed]) {
        for end in ends(feature) {
            assert!(
                report.lines().rev().take(4).any(|line| line == end),
                "the report does not end with {end:?}:\n{report}"
            );
        }
    }
    let guests: Vec<_> = guests(name);
    let section = section(name);
    assert!(!blocks(section, "gherkin").is_empty() && !blocks(section, "text").is_empty());
    for shown in blocks(section, "gherkin") {
        assert!(
            features.iter().any(|feature| has_lines(feature, shown)),
            "no feature of {name} has these lines:\n{shown}"
        );
    }
    for shown in blocks(section, "text") {
        assert!(
            has_shortened(&failed, shown) || has_shortened(&passed, shown),
            "no report about {name} has these lines:\n{shown}\n\nthe reports:\n{failed}\n{passed}"
        );
    }
    for command in blocks(section, "text")
        .iter()
        .flat_map(|shown| shown.lines())
        .filter_map(|line| line.trim().strip_prefix("to run it alone: spin-harness "))
    {
        // Quoted parts are the odd ones.
        let arguments = command.split('"').enumerate().flat_map(|(index, part)| {
            let words: Vec<_> = if index % 2 == 1 {
                vec![part]
            } else {
                part.split_whitespace().collect()
            };
            words
        });
        let alone = harness(&app, arguments);
        assert_eq!(alone.status.code(), Some(1), "{command}");
        let report = String::from_utf8(alone.stdout).unwrap();
        assert!(
            report.contains("\n1 scenario (1 failed)\n"),
            "{command}\n{report}"
        );
    }
    for shown in blocks(section, "rust") {
        assert!(
            guests.iter().any(|guest| has_lines(guest, shown)),
            "no guest of {name} has these lines:\n{shown}"
        );
    }
}

fn harness<'a>(app: &Path, arguments: impl IntoIterator<Item = &'a str>) -> Output {
    Command::new(env!("CARGO_BIN_EXE_spin-harness"))
        .args(arguments)
        .args(["--no-durations", "--color", "never"])
        .current_dir(app)
        .output()
        .unwrap()
}

/// What a feature says of the end of its report, below its last scenario.
fn ends(feature: &str) -> impl Iterator<Item = &str> {
    feature
        .lines()
        .filter_map(|line| line.strip_prefix("# the report ends with: "))
}

/// The sources of the guests whose components lie in the folder of the app.
fn guests(name: &str) -> Vec<String> {
    let files = std::fs::read_dir(app(name)).unwrap();
    files
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "wasm"))
        .map(|path| {
            let guest = path.file_stem().unwrap().to_str().unwrap();
            read(&repository().join(format!("fixtures/guests/{guest}/src/lib.rs")))
        })
        .collect()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The part of the guide that names the folder of this app, up to the next heading.
fn section(name: &str) -> &'static str {
    let link = format!("(../fixtures/apps/{name})");
    GUIDE
        .split("\n## ")
        .find(|section| section.contains(&link))
        .unwrap_or_else(|| panic!("no section of the guide names {link}"))
}

/// The blocks of a language, in order.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let opening = format!("```{language}\n");
    text.split(&opening)
        .skip(1)
        .filter_map(|rest| rest.split_once("\n```").map(|(block, _)| block))
        .collect()
}

/// Whether the lines stand there one after the other, indented as a whole as one likes.
fn has_lines(text: &str, shown: &str) -> bool {
    let lines: Vec<_> = text.lines().collect();
    let shown: Vec<_> = shown.lines().collect();
    lines.windows(shown.len()).any(|window| {
        let Some(first) = shown.first() else {
            return false;
        };
        let indent = window[0].len().saturating_sub(first.len());
        window.iter().zip(&shown).all(|(line, shown)| {
            shown.is_empty() && line.is_empty()
                || line.get(indent..) == Some(shown) && line[..indent].trim().is_empty()
        })
    })
}

/// As `has_lines`, with lines `…` that stand for any number of lines.
fn has_shortened(text: &str, shown: &str) -> bool {
    let lines: Vec<_> = text.lines().collect();
    let mut from = 0;
    shown
        .split("\n")
        .collect::<Vec<_>>()
        .split(|line| line.trim() == "…")
        .filter(|piece| !piece.is_empty())
        .all(|piece| {
            let found = (from..=lines.len().saturating_sub(piece.len())).find(|at| {
                lines[*at..]
                    .iter()
                    .zip(piece)
                    .all(|(line, shown)| line == shown)
            });
            found.is_some_and(|at| {
                from = at + piece.len();
                true
            })
        })
}

#[test]
fn a_transfer() {
    check("transfer");
}

#[test]
fn a_rate_limiter() {
    check("rate-limiter");
}

#[test]
fn counters_that_race() {
    check("counter-race");
}

#[test]
fn a_counter_by_compare_and_swap() {
    check("cas-counter");
}

#[test]
fn a_cache() {
    check("cache");
}

#[test]
fn sessions() {
    check("sessions");
}

#[test]
fn the_guide_has_a_section_for_each() {
    let headings = GUIDE.lines().filter(|line| line.starts_with("## ")).count();
    let named = GUIDE.matches("(../fixtures/apps/").count();
    assert_eq!(
        (headings, named),
        (8, 6),
        "six subjects, what comes first, and what comes last"
    );
}

#[test]
fn lines_that_are_shown_are_found_only_where_they_are() {
    let report = "a\n  b\n  c\nd\ne";
    assert!(has_lines(report, "b\nc"));
    assert!(!has_lines(report, "b\nd"));
    assert!(!has_lines(report, "c\n  b"));
    assert!(has_shortened(report, "a\n…\nd"));
    assert!(has_shortened(report, "a\n  b\n…\ne"));
    assert!(!has_shortened(report, "d\n…\na"));
    assert!(!has_shortened(report, "a\n  c"));
    assert!(!has_shortened(report, "f"));
}
