//! Parses a feature file: in pieces, because the Gherkin parser takes quadratic time in the number of lines, and with
//! the line at which it stops making sense, because the parser gives none.

use super::panics;
use crate::value::without_media_type;
use cucumber::gherkin::{Feature, LineCol, Scenario, Span, Step, StepType, Table};
use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Lines after which the next scenario begins a new piece.
const PIECE: usize = 40;
/// Lines of one piece: as many take a second or two. An outline of more rows has to be split.
pub(super) const MOST_LINES: usize = 100_000;
/// What a piece after the first begins with, so that it is a feature of its own.
const HEADER: &str = "Feature: continued\n";
/// What begins a scenario or a rule, in English; files in other languages are parsed in one piece.
const OPENINGS: [&str; 5] = [
    "Scenario:",
    "Scenario Outline:",
    "Scenario Template:",
    "Example:",
    "Rule:",
];

/// Why a file does not parse.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unparsable {
    /// A line that the parser makes no sense of, from 1, if that can be told.
    Line(Option<usize>),
    /// Too many lines in one scenario, or in a file that is not in English.
    TooLong,
}

/// A piece of the file: bytes, and the number of lines before it.
struct Piece {
    bytes: Range<usize>,
    lines_before: usize,
    lines: usize,
}

/// Parses the text of a feature file. Positions and spans are those of the whole text.
pub(super) fn parse(text: &str) -> Result<Feature, Unparsable> {
    let mut whole: Option<Feature> = None;
    let pieces = pieces(text);
    if pieces.iter().any(|piece| piece.lines > MOST_LINES) {
        return Err(Unparsable::TooLong);
    }
    let parsed = parse_pieces(text, &pieces);
    for (piece, parsed) in pieces.into_iter().zip(parsed) {
        let part = &text[piece.bytes.clone()];
        match &mut whole {
            None => whole = Some(parsed.ok_or_else(|| stopped(part, "", &piece))?),
            Some(whole) => {
                let mut more = parsed.ok_or_else(|| stopped(part, HEADER, &piece))?;
                let shift = Shift {
                    bytes: piece.bytes.start,
                    lines: piece.lines_before,
                };
                more.scenarios
                    .iter_mut()
                    .for_each(|scenario| shift.scenario(scenario));
                for rule in &mut more.rules {
                    shift.span(&mut rule.span, &mut rule.position);
                    rule.scenarios
                        .iter_mut()
                        .for_each(|scenario| shift.scenario(scenario));
                    if let Some(background) = &mut rule.background {
                        shift.span(&mut background.span, &mut background.position);
                        background
                            .steps
                            .iter_mut()
                            .for_each(|step| shift.step(step));
                    }
                }
                match whole.rules.last_mut() {
                    Some(rule) => rule.scenarios.append(&mut more.scenarios),
                    None => whole.scenarios.append(&mut more.scenarios),
                }
                whole.rules.append(&mut more.rules);
            }
        }
    }
    let mut feature = whole.ok_or(Unparsable::Line(None))?;
    mend(&mut feature);
    Ok(feature)
}

/// Parses each piece, on all cores where there are many.
fn parse_pieces(text: &str, pieces: &[Piece]) -> Vec<Option<Feature>> {
    let one = |index: usize| {
        let part = &text[pieces[index].bytes.clone()];
        match index {
            0 => parse_piece(part),
            _ => parse_piece(&format!("{HEADER}{part}")),
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    if threads == 1 || pieces.len() < 4 {
        return (0..pieces.len()).map(one).collect();
    }
    let next = AtomicUsize::new(0);
    let parsed: Vec<OnceLock<Option<Feature>>> = pieces.iter().map(|_| OnceLock::new()).collect();
    std::thread::scope(|scope| {
        for _ in 0..threads.min(pieces.len()) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(slot) = parsed.get(index) else { break };
                    // Nobody else was given this index.
                    let _ = slot.set(one(index));
                }
            });
        }
    });
    parsed
        .into_iter()
        .map(|slot| slot.into_inner().flatten())
        .collect()
}

/// The parser panics on a few damaged inputs; that is no reason to.
fn parse_piece(text: &str) -> Option<Feature> {
    panics::caught(|| Feature::parse(text, cucumber::gherkin::GherkinEnv::default()).ok())
        .ok()
        .flatten()
}

/// What Gherkin means and the parser takes for something else.
fn mend(feature: &mut Feature) {
    let backgrounds = feature.background.iter_mut().chain(
        feature
            .rules
            .iter_mut()
            .filter_map(|rule| rule.background.as_mut()),
    );
    backgrounds.for_each(|background| mend_steps(&mut background.steps));
    let scenarios = feature
        .rules
        .iter_mut()
        .flat_map(|rule| &mut rule.scenarios)
        .chain(&mut feature.scenarios);
    scenarios.for_each(|scenario| mend_steps(&mut scenario.steps));
}

/// A `*` continues the step before it, as `And` does; the parser takes it for a Given. What stands behind the quotes that begin
/// a doc string tells an editor what it is, and is no part of it.
fn mend_steps(steps: &mut [Step]) {
    let mut last = StepType::Given;
    // An `And` after a `*` was resolved by the parser against the wrong type, too.
    let mut after_star = false;
    for step in steps {
        if let Some(text) = step.docstring.as_deref().and_then(without_media_type) {
            step.docstring = Some(text);
        }
        let star = step.keyword.trim() == "*";
        let continues = matches!(step.keyword.trim(), "And" | "But");
        if star || (continues && after_star) {
            step.ty = last;
            after_star = true;
        } else {
            after_star = false;
        }
        last = step.ty;
    }
}

/// The first line with which a piece no longer parses.
fn stopped(part: &str, header: &str, piece: &Piece) -> Unparsable {
    let ends = cuts(part);
    let parses =
        |index: &usize| parse_piece(&format!("{header}{}", &part[..ends[*index].1])).is_some();
    // Halving takes for granted that what no longer parses does not parse with more lines either.
    let (mut good, mut bad) = (0, ends.len());
    while good < bad {
        let middle = (good + bad) / 2;
        match parses(&middle) {
            true => good = middle + 1,
            false => bad = middle,
        }
    }
    Unparsable::Line(ends.get(good).map(|(line, _)| piece.lines_before + line))
}

/// Lines after which a text may end and still be whole, each with the byte at which it ends: not inside a doc string,
/// not after a tag, and not before the name of the feature.
fn cuts(text: &str) -> Vec<(usize, usize)> {
    let mut cuts = Vec::new();
    let mut fence = None;
    let mut end = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        end += line.len();
        let trimmed = line.trim();
        match fence {
            Some(open) => {
                if !trimmed.contains(open) {
                    continue;
                }
                fence = None;
            }
            None => {
                fence = ["\"\"\"", "```"]
                    .into_iter()
                    .find(|fence| trimmed.starts_with(fence) && !trimmed[3..].contains(fence));
            }
        }
        let whole = fence.is_none() && !trimmed.is_empty() && !trimmed.starts_with(['#', '@']);
        if whole {
            cuts.push((index + 1, end));
        }
    }
    cuts
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut lines_before = 0;
    let mut offset = 0;
    let mut fence = None;
    // Where the tags and comments begin that belong to the next scenario, and the lines before them.
    let mut lead: Option<(usize, usize)> = None;
    let english = is_english(text);
    let mut count = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        count = index + 1;
        let trimmed = line.trim();
        let begins = offset;
        offset += line.len();
        if let Some(open) = fence {
            if trimmed.contains(open) {
                fence = None;
            }
            continue;
        }
        fence = ["\"\"\"", "```"]
            .into_iter()
            .find(|fence| trimmed.starts_with(fence) && !trimmed[3..].contains(fence));
        if trimmed.starts_with(['@', '#']) || trimmed.is_empty() {
            lead.get_or_insert((begins, index));
            continue;
        }
        let (cut, lines) = lead.take().unwrap_or((begins, index));
        let long_enough = lines - lines_before >= PIECE;
        if english && long_enough && OPENINGS.iter().any(|opening| trimmed.starts_with(opening)) {
            pieces.push(Piece {
                bytes: start..cut,
                lines_before,
                lines: lines - lines_before,
            });
            (start, lines_before) = (cut, lines);
        }
    }
    pieces.push(Piece {
        bytes: start..text.len(),
        lines_before,
        lines: count - lines_before,
    });
    pieces
}

fn is_english(text: &str) -> bool {
    let first = text
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default();
    match first
        .trim()
        .strip_prefix('#')
        .and_then(|comment| comment.trim().strip_prefix("language"))
    {
        Some(language) => language.trim_start_matches([' ', '\t', ':']).trim() == "en",
        None => true,
    }
}

/// Moves what was parsed in a piece to where it stands in the file.
struct Shift {
    bytes: usize,
    lines: usize,
}

impl Shift {
    fn span(&self, span: &mut Span, position: &mut LineCol) {
        let moved = |offset: usize| (offset + self.bytes).saturating_sub(HEADER.len());
        *span = Span {
            start: moved(span.start),
            end: moved(span.end),
        };
        position.line = (position.line + self.lines).saturating_sub(1);
    }

    fn table(&self, table: &mut Table) {
        self.span(&mut table.span, &mut table.position);
    }

    fn step(&self, step: &mut Step) {
        self.span(&mut step.span, &mut step.position);
        if let Some(table) = &mut step.table {
            self.table(table);
        }
    }

    fn scenario(&self, scenario: &mut Scenario) {
        self.span(&mut scenario.span, &mut scenario.position);
        scenario.steps.iter_mut().for_each(|step| self.step(step));
        for examples in &mut scenario.examples {
            self.span(&mut examples.span, &mut examples.position);
            if let Some(table) = &mut examples.table {
                self.table(table);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn long(scenarios: usize) -> String {
        let mut text = "Feature: f\n  Background:\n    Given b\n\n".to_owned();
        for number in 0..scenarios {
            if number == scenarios / 2 {
                text.push_str("  @of-the-rule\n  Rule: r\n    Background:\n      Given c\n\n");
            }
            text.push_str(&format!(
                "  # about it\n  @t{number}\n  Scenario: s {number}\n    Given é:\n      \"\"\"\n  Scenario: none\n      \"\"\"\n    When x:\n      | a |\n    Then t\n\n"
            ));
        }
        text
    }

    #[test]
    fn pieces_give_what_the_whole_gives() {
        let text = long(100);
        assert!(pieces(&text).len() > 2);
        let whole = Feature::parse(&text, cucumber::gherkin::GherkinEnv::default()).unwrap();
        let mut pieced = parse(&text).unwrap();
        assert_eq!(
            (pieced.scenarios.len(), pieced.rules[0].scenarios.len()),
            (50, 50)
        );
        assert_eq!(pieced.rules[0].tags, ["of-the-rule"]);
        // Spans of what holds scenarios end where its piece does.
        pieced.span = whole.span;
        for (one, other) in pieced.rules.iter_mut().zip(&whole.rules) {
            one.span = other.span;
            for (one, other) in one.scenarios.iter_mut().zip(&other.scenarios) {
                one.span = other.span;
            }
        }
        for (one, other) in pieced.scenarios.iter_mut().zip(&whole.scenarios) {
            one.span = other.span;
        }
        assert_eq!(pieced, whole);
    }

    #[test]
    fn the_line_that_does_not_parse_is_found() {
        let stop = |text: &str| parse(text).unwrap_err();
        assert_eq!(
            stop("Feature: f\n Scenario: s\n  Given a\n  Whne b\n  Then c\n"),
            Unparsable::Line(Some(4))
        );
        assert_eq!(stop("Featur: f\n"), Unparsable::Line(Some(1)));
        assert_eq!(stop(""), Unparsable::Line(None));
        let german = "# language: de\nFunktionalität: f\n Szenario: s\n  Angenommen a\n  Wen b\n";
        assert_eq!(stop(german), Unparsable::Line(Some(5)));
        let broken = long(100) + "  Scenario: last\n    Given a\n    oops\n";
        assert_eq!(
            stop(&broken),
            Unparsable::Line(Some(broken.lines().count()))
        );
    }

    #[test]
    fn a_star_continues_the_step_before_it() {
        let text = "Feature: f\n Scenario: s\n  * a\n  When b\n  * c\n  And d\n  Then e\n  * f\n";
        let feature = parse(text).unwrap();
        let types: Vec<_> = feature.scenarios[0]
            .steps
            .iter()
            .map(|step| step.ty)
            .collect();
        use StepType::{Given, Then, When};
        assert_eq!(types, [Given, When, When, When, Then, Then]);
    }

    #[test]
    fn many_lines_are_refused_before_they_take_hours() {
        let text = format!("Feature: f\n{}", "\n".repeat(MOST_LINES));
        assert_eq!(parse(&text).unwrap_err(), Unparsable::TooLong);
    }
}
