//! What parses and yet is probably not what its author meant.

use super::feature_file::scenarios;
use super::syntax_error;
use crate::app::{Problem, SourceFile};
use cucumber::gherkin::{Feature, LineCol, Scenario, Span, Step, StepType};
use std::ops::Range;
use std::sync::Arc;

/// Words that begin a step.
const KEYWORDS: [(&str, StepType); 5] = [
    ("Given", StepType::Given),
    ("When", StepType::When),
    ("Then", StepType::Then),
    ("And", StepType::Given),
    ("But", StepType::Given),
];

/// Words that are near a keyword and yet begin sentences of English.
const ENGLISH: [&str; 43] = [
    "the", "they", "this", "them", "there", "that", "these", "those", "than", "thing", "think",
    "thin", "thus", "ten", "hen", "open", "where", "what", "were", "went", "here", "even", "been",
    "seen", "seven", "driven", "give", "gives", "giving", "live", "any", "add", "end", "put",
    "buy", "bug", "bus", "bit", "cut", "out", "one", "who", "why",
];

/// The first step of a scenario that has none, as its author probably meant it.
#[derive(Debug)]
pub(super) struct Mistyped {
    /// The line, taken apart as a step.
    pub step: Arc<Step>,
    /// What is wrong with it.
    pub message: String,
}

/// What of a scenario without steps looks like a step: Gherkin takes it for a description. `text` is that of the file,
/// or nothing where it is not known.
pub(super) fn mistyped(scenario: &Scenario, text: &str) -> Option<Mistyped> {
    if !scenario.steps.is_empty() {
        return None;
    }
    let lines = scenario.description.as_deref()?.lines().enumerate();
    let (index, line, (keyword, ty)) = lines
        .map(|(index, line)| (index, line.trim()))
        .find_map(|(index, line)| Some((index, line, meant(first_word(line))?)))?;
    let word = first_word(line);
    let position = place(scenario, line, text);
    let (line_number, span) = position.unwrap_or((scenario.position.line + 1 + index, 0..0));
    let value = line[word.len()..].trim();
    let message = match (word == keyword, value.is_empty()) {
        (true, true) => format!("`{keyword}` begins a step, and no words follow it"),
        _ => format!("no step begins with `{word}`: did you mean `{keyword}`?"),
    };
    let step = Step {
        keyword: format!("{word} "),
        ty,
        value: value.to_owned(),
        docstring: None,
        table: None,
        span: Span {
            start: span.start,
            end: span.end,
        },
        position: LineCol {
            line: line_number,
            col: 1,
        },
    };
    Some(Mistyped {
        step: Arc::new(step),
        message,
    })
}

fn first_word(line: &str) -> &str {
    line.split(char::is_whitespace).next().unwrap_or_default()
}

/// The keyword that a word was probably meant to be. Half of a short word is too much to be a slip.
fn meant(word: &str) -> Option<(&'static str, StepType)> {
    let bare = word.trim_end_matches([':', ',', '.', ';']).to_lowercase();
    let length = bare.chars().count();
    // A step that was made a comment is none.
    if !bare.starts_with(char::is_alphabetic)
        || !(3..=8).contains(&length)
        || ENGLISH.contains(&&*bare)
    {
        return None;
    }
    KEYWORDS
        .into_iter()
        .map(|(keyword, ty)| {
            let distance = strsim::damerau_levenshtein(&bare, &keyword.to_lowercase());
            (distance, keyword, ty)
        })
        .filter(|(distance, keyword, _)| *distance <= length.min(keyword.len()) / 2)
        .filter(|(distance, ..)| *distance <= 2)
        .min_by_key(|(distance, ..)| *distance)
        .map(|(_, keyword, ty)| (keyword, ty))
}

/// The number of a line of a scenario's description, and its bytes.
fn place(scenario: &Scenario, line: &str, text: &str) -> Option<(usize, Range<usize>)> {
    let mut start = scenario.span.start;
    for (index, raw) in text.get(start..)?.split_inclusive('\n').enumerate() {
        // The line of the scenario itself may have the same words.
        if index > 0 && raw.trim() == line {
            let start = start + (raw.len() - raw.trim_start().len());
            return Some((scenario.position.line + index, start..start + line.len()));
        }
        start += raw.len();
    }
    None
}

/// Warnings about scenarios that would pass without having checked what they were written for.
pub(super) fn in_feature(feature: &Feature, file: &SourceFile) -> Vec<Problem> {
    let warning = |scenario: &Scenario, message: String| {
        let start = scenario.span.start.min(file.text().len());
        let line = file
            .text()
            .get(start..)
            .map_or(0, |rest| rest.find('\n').unwrap_or(rest.len()));
        Problem::warning("feature::suspicious", message).at(file, start..start + line)
    };
    let mut found = Vec::new();
    for (_, _, scenario) in scenarios(feature) {
        let rows = |scenario: &Scenario| {
            scenario
                .examples
                .iter()
                .filter_map(|examples| examples.table.as_ref())
                .map(|table| table.rows.len().saturating_sub(1))
                .sum::<usize>()
        };
        if scenario.steps.is_empty() && mistyped(scenario, file.text()).is_some() {
            // It fails, and says so itself.
            continue;
        }
        if scenario.steps.is_empty() {
            let problem = warning(
                scenario,
                format!("the scenario \"{}\" has no steps", scenario.name),
            );
            let described = scenario.description.as_deref().unwrap_or_default();
            let help = "its text is a description: steps begin with Given, When, Then, And, But or *, and a space";
            found.push(match described.trim().is_empty() {
                true => problem,
                false => problem.help(help),
            });
            continue;
        }
        if !scenario.examples.is_empty() && rows(scenario) == 0 {
            found.push(warning(
                scenario,
                format!(
                    "the examples of \"{}\" have no rows: it never runs",
                    scenario.name
                ),
            ));
        } else if scenario.examples.is_empty() && scenario.keyword.contains("Outline") {
            let problem = warning(
                scenario,
                format!(
                    "the outline \"{}\" has no examples: it runs once, as it stands",
                    scenario.name
                ),
            );
            found.push(problem.help("add `Examples:` with a table below its steps"));
        }
        let misspelt = scenario
            .description
            .as_deref()
            .unwrap_or_default()
            .lines()
            .find(|line| syntax_error::is_almost_a_step(line));
        if let Some(line) = misspelt {
            let message = format!(
                "`{}` is no step: text before the first step is a description",
                line.trim()
            );
            let problem = match place(scenario, line.trim(), file.text()) {
                Some((_, span)) => Problem::warning("feature::suspicious", message).at(file, span),
                None => warning(scenario, message),
            };
            found.push(
                problem.help("steps begin with Given, When, Then, And, But or *, and a space"),
            );
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_keyword_is_told_from_english() {
        let meant = |word| meant(word).map(|(keyword, _)| keyword);
        for (word, keyword) in [
            ("Whenn", "When"),
            ("Wehn", "When"),
            ("when", "When"),
            ("When:", "When"),
            ("Given", "Given"),
            ("Gvien", "Given"),
            ("Gievnn", "Given"),
            ("Thne", "Then"),
            ("Adn", "And"),
            ("Bu", ""),
            ("The", ""),
            ("This", ""),
            ("A", ""),
            ("As", ""),
            ("Whenever", ""),
            ("Visitors", ""),
            ("#When", ""),
        ] {
            assert_eq!(meant(word).unwrap_or_default(), keyword, "{word}");
        }
    }
}
