//! What is wrong with a feature file, said for a person: the Gherkin parser only knows how far it got.

use crate::app::{Problem, SourceFile};
use crate::value;
use cucumber::gherkin::Feature;
use std::ops::Range;

/// The words that open a line, in English; files in other languages get no suggestion.
const KEYWORDS: [&str; 15] = [
    "Feature:",
    "Rule:",
    "Background:",
    "Scenario:",
    "Example:",
    "Scenario Outline:",
    "Scenario Template:",
    "Examples:",
    "Scenarios:",
    "Given",
    "When",
    "Then",
    "And",
    "But",
    "*",
];

/// A line of a file: its number from 1, where it starts, and its text without the line end.
#[derive(Clone, Copy)]
struct Line<'t> {
    number: usize,
    start: usize,
    text: &'t str,
}

impl<'t> Line<'t> {
    fn trimmed(self) -> &'t str {
        self.text.trim()
    }

    /// Where the text stands, without the blanks around it.
    fn span(self) -> Range<usize> {
        let start = self.start + (self.text.len() - self.text.trim_start().len());
        start..start + self.trimmed().len()
    }
}

fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    text.split('\n').enumerate().map(move |(index, line)| {
        let begins = start;
        start += line.len() + 1;
        Line {
            number: index + 1,
            start: begins,
            text: line.strip_suffix('\r').unwrap_or(line),
        }
    })
}

/// Why the parser stopped at a line. `None` for a line means that it gave no place.
pub(super) fn explain(file: &SourceFile, line: Option<usize>) -> Problem {
    let text = file.text();
    if text.trim().is_empty() {
        return problem("the feature file is empty")
            .help("a feature file begins with `Feature:` and a name");
    }
    if let Some(found) = unknown_language(file)
        .or_else(|| open_doc_string(file))
        .or_else(|| ragged_table(file))
        .or_else(|| bad_escape(file))
    {
        return found;
    }
    let content = |line: &Line<'_>| !line.trimmed().is_empty() && !line.trimmed().starts_with('#');
    let first = lines(text).find(|line| content(line) && !line.trimmed().starts_with('@'));
    let Some(first) = first else {
        return problem("the feature file has no `Feature:`")
            .help("a feature file begins with `Feature:` and a name");
    };
    let at = line.unwrap_or(1).max(first.number);
    // A line that is fine may be where the parser gave up on the one after it, never on one before.
    let stopped = lines(text).skip(at - 1).find(content).unwrap_or(first);
    let shown: String = stopped.trimmed().chars().take(60).collect();
    let word = stopped
        .trimmed()
        .split([' ', '\t'])
        .next()
        .unwrap_or_default();
    let problem = match stopped.number == first.number {
        true => problem(format!("expected `Feature:`, found `{shown}`"))
            .labelled("a feature file begins with `Feature:`"),
        false => problem(format!("unexpected `{shown}`")).labelled(
            "expected a step, a table, a doc string, `Scenario:`, `Rule:` or `Examples:`",
        ),
    };
    problem
        .maybe_help(suggestion(stopped.trimmed(), word))
        .at(file, stopped.span())
}

/// What stands in a file that parses and yet is not what its author meant.
pub(super) fn overlooked(feature: &Feature, file: &SourceFile) -> Option<Problem> {
    ragged_table(file).or_else(|| misspelt_block(feature, file))
}

/// A `Scenaro:` before the first scenario: with its steps it is a part of the description above it.
fn misspelt_block(feature: &Feature, file: &SourceFile) -> Option<Problem> {
    const BLOCKS: [&str; 5] = [
        "Scenario",
        "Scenario Outline",
        "Background",
        "Rule",
        "Example",
    ];
    const STEPS: [&str; 4] = ["Given ", "When ", "Then ", "* "];
    let rules = feature.rules.iter().map(|rule| &rule.description);
    let descriptions = rules.chain([&feature.description]).flatten();
    let (line, keyword) = descriptions.into_iter().find_map(|description| {
        let lines: Vec<&str> = description.lines().map(str::trim).collect();
        lines.iter().enumerate().find_map(|(at, line)| {
            let (word, _) = line.split_once(':')?;
            let near = BLOCKS.into_iter().find(|block| {
                let distance = strsim::damerau_levenshtein(word, block);
                (1..=block.len() / 4).contains(&distance)
            })?;
            let next = lines[at + 1..].iter().find(|line| !line.is_empty())?;
            let has_steps = STEPS.iter().any(|step| next.starts_with(step));
            has_steps.then_some((*line, near))
        })
    })?;
    let place = lines(file.text()).find(|known| known.trimmed() == line)?;
    Some(
        problem(format!(
            "`{}` begins nothing: what stands below it never runs",
            crate::value::visible(line)
        ))
        .labelled("a part of the description above")
        .help(format!("did you mean `{keyword}:`?"))
        .at(file, place.span()),
    )
}

fn problem(message: impl Into<String>) -> Problem {
    Problem::error("feature::syntax", message)
}

fn suggestion(line: &str, word: &str) -> Option<String> {
    if let Some(keyword) = KEYWORDS.iter().find(|keyword| line.starts_with(**keyword)) {
        return match *keyword {
            "Background:" => Some(
                "a `Background:` stands before the first scenario of its feature or rule, once"
                    .to_owned(),
            ),
            "Feature:" => Some("one file has one feature".to_owned()),
            "Rule:" => {
                Some("a `Rule:` stands after the scenarios of the feature itself".to_owned())
            }
            "Examples:" | "Scenarios:" => {
                Some("`Examples:` follows the steps of a `Scenario Outline:`".to_owned())
            }
            "Given" | "When" | "Then" | "And" | "But" if line == *keyword => {
                Some(format!("`{keyword}` is followed by a space and a sentence"))
            }
            _ => None,
        };
    }
    let colon = line.split_once(':').map(|(head, _)| format!("{head}:"));
    let candidates = [colon.as_deref(), Some(word)];
    candidates.into_iter().flatten().find_map(|candidate| {
        let bare = candidate.trim_end_matches(':');
        KEYWORDS
            .iter()
            .map(|keyword| {
                (
                    strsim::damerau_levenshtein(
                        &bare.to_lowercase(),
                        &keyword.trim_end_matches(':').to_lowercase(),
                    ),
                    keyword,
                )
            })
            .filter(|(distance, keyword)| *distance <= keyword.len() / 3)
            .min_by_key(|(distance, _)| *distance)
            .map(|(_, keyword)| format!("did you mean `{keyword}`?"))
    })
}

/// Whether a line of a description looks like a step with a mistake in its first word.
pub(super) fn is_almost_a_step(line: &str) -> bool {
    let word = line.trim().split([' ', '\t']).next().unwrap_or_default();
    let steps = ["Given", "When", "Then"];
    let near = |step: &str| strsim::damerau_levenshtein(word, step) <= 1;
    // A sentence may begin with the word "The"; a step keyword that stands alone is one without its sentence.
    !["The", "They", "This", "Them", "There", "That"].contains(&word)
        && word.len() >= 3
        && steps.into_iter().any(near)
}

fn unknown_language(file: &SourceFile) -> Option<Problem> {
    let first = lines(file.text()).find(|line| !line.trimmed().is_empty())?;
    let name = first
        .trimmed()
        .strip_prefix('#')?
        .trim()
        .strip_prefix("language")?
        .trim()
        .strip_prefix(':')?
        .trim();
    (!cucumber::gherkin::is_language_supported(name)).then(|| {
        problem(format!(
            "Gherkin has no language `{}`",
            name.chars().take(40).collect::<String>()
        ))
        .labelled("not a language of Gherkin")
        .help("write for example `# language: en`, `de`, `fr` or `zh-CN`")
        .at(file, first.span())
    })
}

fn open_doc_string(file: &SourceFile) -> Option<Problem> {
    let mut open: Option<(&str, Line<'_>)> = None;
    for line in lines(file.text()) {
        open = match open {
            None => ["\"\"\"", "```"]
                .into_iter()
                .find(|fence| line.trimmed().starts_with(fence))
                .and_then(|fence| {
                    let closed = line.trimmed()[fence.len()..].contains(fence);
                    (!closed).then_some((fence, line))
                }),
            Some((fence, _)) if line.text.contains(fence) => None,
            still => still,
        };
    }
    let (fence, line) = open?;
    Some(
        problem("this doc string has no end")
            .labelled(format!("expected another `{fence}` below"))
            .at(file, line.span()),
    )
}

/// A table with a row that has more or fewer cells than its first: the parser drops what is too much without a word.
fn ragged_table(file: &SourceFile) -> Option<Problem> {
    let mut width = None;
    for line in outside_doc_strings(file.text()) {
        let trimmed = line.trimmed();
        if !trimmed.starts_with('|') {
            // Comments and empty lines do not end a table.
            if !trimmed.is_empty() && !trimmed.starts_with('#') {
                width = None;
            }
            continue;
        }
        let cells = cells(trimmed);
        let first = *width.get_or_insert(cells);
        if cells != first {
            let problem = problem(format!(
                "this row has {}, the first row of its table has {}",
                count(cells),
                count(first)
            ));
            return Some(
                problem
                    .labelled(count(cells))
                    .at(file, line.span())
                    .help("a `|` inside a cell is written `\\|`"),
            );
        }
    }
    None
}

/// The lines but for those of doc strings after their first.
fn outside_doc_strings(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut fence: Option<&str> = None;
    lines(text).filter(move |line| {
        let trimmed = line.trimmed();
        if let Some(open) = fence {
            if trimmed.contains(open) {
                fence = None;
            }
            return false;
        }
        fence = ["\"\"\"", "```"]
            .into_iter()
            .find(|fence| trimmed.starts_with(fence) && !trimmed[3..].contains(fence));
        true
    })
}

/// A cell with a backslash before something that it does not stand before: the parser takes no such row.
fn bad_escape(file: &SourceFile) -> Option<Problem> {
    let rows = outside_doc_strings(file.text()).filter(|line| line.trimmed().starts_with('|'));
    for line in rows {
        let mut characters = line.text.char_indices();
        while let Some((offset, character)) = characters.next() {
            if character != '\\' {
                continue;
            }
            let escaped = characters.next().map(|(_, escaped)| escaped);
            if matches!(escaped, Some('|' | '\\' | 'n')) {
                continue;
            }
            let shown: String = std::iter::once('\\').chain(escaped).collect();
            let help = match escaped {
                Some('"') => "a quote needs no backslash in a cell: write `\"`".to_owned(),
                _ => "a backslash is written `\\\\`".to_owned(),
            };
            let at = line.start + offset;
            let problem = problem(format!(
                "`{}` means nothing in a cell",
                value::visible(&shown)
            ))
            .labelled("only `\\|`, `\\\\` and `\\n` are known here")
            .help(help)
            .at(file, at..at + shown.len());
            return Some(problem);
        }
    }
    None
}

fn count(cells: usize) -> String {
    format!("{cells} cell{}", crate::value::plural(cells))
}

/// Cells of a row: the `|` that are not escaped, but for the first.
fn cells(row: &str) -> usize {
    let mut bars = 0_usize;
    let mut escaped = false;
    for character in row.chars() {
        bars += usize::from(character == '|' && !escaped);
        escaped = character == '\\' && !escaped;
    }
    bars.saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained(text: &str, line: usize) -> (String, Option<String>, String) {
        let problem = explain(&SourceFile::new("a.feature", text), Some(line));
        let help = problem.help.clone().unwrap_or_default();
        (problem.to_string(), problem.location(), help)
    }

    #[test]
    fn a_misspelt_keyword_is_named_with_the_one_that_was_meant() {
        let text = "Feature: f\n  Scenario: s\n    Given a\n    Whne b\n";
        let (message, place, help) = explained(text, 4);
        assert_eq!(message, "unexpected `Whne b`");
        assert_eq!(place.as_deref(), Some("a.feature:4:5"));
        assert_eq!(help, "did you mean `When`?");
        let (message, _, help) = explained("# hello\nFeatur: f\n", 1);
        assert_eq!(message, "expected `Feature:`, found `Featur: f`");
        assert_eq!(help, "did you mean `Feature:`?");
    }

    #[test]
    fn an_open_doc_string_is_reported_where_it_begins() {
        let text = "Feature: f\n  Scenario: s\n    Given a\n      \"\"\"\n      text\n    When b\n";
        let (message, place, _) = explained(text, 7);
        assert_eq!(message, "this doc string has no end");
        assert_eq!(place.as_deref(), Some("a.feature:4:7"));
    }

    #[test]
    fn rows_have_as_many_cells_as_the_first() {
        let text = "Feature: f\n Scenario: s\n  Given a:\n   | a | b |\n   # c\n   | a \\| b | c |\n   | a |\n";
        let (message, place, _) = explained(text, 1);
        assert_eq!(
            message,
            "this row has 1 cell, the first row of its table has 2 cells"
        );
        assert_eq!(place.as_deref(), Some("a.feature:7:4"));
        let fine = "Feature: f\n Scenario: s\n  Given a:\n  | a |\n  When b:\n  | a | b |\n  When c:\n  \"\"\"\n  | x |\n  | x | y |\n  \"\"\"";
        let feature = crate::runner::parse::parse(fine).unwrap();
        assert!(overlooked(&feature, &SourceFile::new("a.feature", fine)).is_none());
    }

    #[test]
    fn a_misspelt_scenario_would_never_run() {
        let found = |text: &str| {
            let feature = crate::runner::parse::parse(text).unwrap();
            let problem = overlooked(&feature, &SourceFile::new("a.feature", text))?;
            Some((
                problem.message.clone(),
                problem.location(),
                problem.help.clone(),
            ))
        };
        let text = "Feature: f\n  Scenaro: a\n    When b\n\n  Scenario: c\n    When d\n";
        let (message, place, help) = found(text).unwrap();
        assert_eq!(
            message,
            "`Scenaro: a` begins nothing: what stands below it never runs"
        );
        assert_eq!(place.as_deref(), Some("a.feature:2:3"));
        assert_eq!(help.as_deref(), Some("did you mean `Scenario:`?"));
        let in_rule =
            "Feature: f\n  Rule: r\n  Backgrond:\n    Given b\n\n  Scenario: c\n    When d\n";
        assert!(found(in_rule).is_some());
        // What people write about a feature.
        let prose = "Feature: f\n  Notes: these\n  Given time: yes\n  Scenaro: text\n  and more\n\n  Scenario: c\n    When d\n";
        assert_eq!(found(prose), None);
    }

    #[test]
    fn an_escape_that_means_nothing_is_named_with_what_to_write() {
        let text =
            "Feature: f\n Scenario: s\n  Given a:\n   | a |\n   | {\\\"x\\\":1} |\n   | \\d |\n";
        let (message, place, help) = explained(text, 5);
        assert_eq!(message, "`\\\"` means nothing in a cell");
        assert_eq!(place.as_deref(), Some("a.feature:5:7"));
        assert_eq!(help, "a quote needs no backslash in a cell: write `\"`");
        let (message, _, help) = explained(&text.replace("\\\"", "\""), 6);
        assert_eq!(message, "`\\d` means nothing in a cell");
        assert_eq!(help, "a backslash is written `\\\\`");
    }

    #[test]
    fn files_without_a_feature_say_so() {
        assert_eq!(explained("  \n", 1).0, "the feature file is empty");
        assert_eq!(
            explained("# x\n@tag\n", 1).0,
            "the feature file has no `Feature:`"
        );
        assert_eq!(
            explained("# language: klingon\nFeature: x\n", 1).0,
            "Gherkin has no language `klingon`"
        );
    }
}
