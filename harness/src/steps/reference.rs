//! Every sentence of the vocabulary, for `spin-harness steps`, for the README, and for naming the nearest ones when a step
//! is missing.

use super::sentences::SUBJECTS;
use cucumber::gherkin::StepType;
use std::fmt;
use std::sync::LazyLock;

/// Which kind of step a sentence is; `And` and `But` are of the kind before them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Keyword {
    /// What is so before anything happens.
    Given,
    /// What happens.
    When,
    /// What must be true.
    Then,
}

impl From<StepType> for Keyword {
    fn from(ty: StepType) -> Self {
        match ty {
            StepType::Given => Self::Given,
            StepType::When => Self::When,
            StepType::Then => Self::Then,
        }
    }
}

impl fmt::Display for Keyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Given => "Given",
            Self::When => "When",
            Self::Then => "Then",
        })
    }
}

/// What must stand below a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Takes {
    /// Nothing.
    Nothing,
    /// A table; its headings, none for a list.
    Table(&'static [&'static str]),
    /// A text between lines of `"""`.
    DocString,
}

/// A sentence of the vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StepHelp {
    /// Its kind.
    pub keyword: Keyword,
    /// An example of it, as it stands in a feature file after the keyword.
    pub sentence: &'static str,
    /// What must stand below it.
    pub takes: Takes,
}

impl fmt::Display for StepHelp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.keyword, self.sentence)?;
        match self.takes {
            Takes::Nothing => Ok(()),
            Takes::Table([]) => f.write_str("  (a table of one column, no heading)"),
            Takes::Table(headings) => write!(f, "  | {} |", headings.join(" | ")),
            Takes::DocString => f.write_str("  (a text between lines of \"\"\")"),
        }
    }
}

/// Sentences about one thing.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    /// What they are about.
    pub name: &'static str,
    /// What must be known to use them, as Markdown; may be empty.
    pub about: &'static str,
    /// The sentences.
    pub steps: &'static [StepHelp],
}

/// Every sentence by its subject, in the order of the documentation.
pub fn subjects() -> &'static [Subject] {
    &SUBJECTS
}

/// Every sentence, in the order of the documentation. Sentences with optional parts are listed with and without them.
pub fn reference() -> &'static [StepHelp] {
    static ALL: LazyLock<Vec<StepHelp>> = LazyLock::new(|| {
        SUBJECTS
            .iter()
            .flat_map(|subject| subject.steps)
            .copied()
            .collect()
    });
    &ALL
}

/// The sentences most like a step that matches none, nearest first.
pub fn nearest(keyword: Keyword, step: &str, count: usize) -> Vec<&'static StepHelp> {
    /// A step that differs more than this is about something else.
    const FAR: f64 = 0.5;
    // The comparison takes quadratic time, and no sentence is that long.
    let wanted: String = outline(step).chars().take(200).collect();
    let mut near: Vec<_> = reference()
        .iter()
        .map(|help| {
            let likeness = strsim::normalized_damerau_levenshtein(&outline(help.sentence), &wanted);
            // The same words under another keyword are the likelier mistake than other words.
            let likeness = if help.keyword == keyword {
                likeness
            } else {
                likeness * 0.9
            };
            (likeness, help)
        })
        .filter(|(likeness, _)| *likeness >= FAR)
        .collect();
    near.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    near.truncate(count);
    near.into_iter().map(|(_, help)| help).collect()
}

/// A sentence without what is quoted and without numbers, which say nothing about which sentence it is.
fn outline(sentence: &str) -> String {
    let mut outline = String::new();
    let mut quoted = false;
    let mut characters = sentence.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' if quoted => {
                characters.next();
            }
            '"' => {
                quoted = !quoted;
                outline.push('"');
            }
            _ if quoted => {}
            digit if digit.is_ascii_digit() => {
                if !outline.ends_with('0') {
                    outline.push('0');
                }
            }
            other => outline.extend(other.to_lowercase()),
        }
    }
    outline
}

#[cfg(test)]
mod tests {
    use super::super::table::tests::step;
    use super::*;
    use crate::steps::World;
    use cucumber::World as _;
    use cucumber::codegen::{Regex, StepConstructor, WorldInventory, inventory};

    fn type_of(keyword: Keyword) -> StepType {
        match keyword {
            Keyword::Given => StepType::Given,
            Keyword::When => StepType::When,
            Keyword::Then => StepType::Then,
        }
    }

    /// The patterns of every step of a kind, with the place each was defined.
    fn patterns(keyword: Keyword) -> Vec<(String, Regex)> {
        fn all<S: StepConstructor<World> + inventory::Collect>() -> Vec<(String, Regex)> {
            let steps = inventory::iter::<S>.into_iter();
            steps
                .map(|step| {
                    let (place, regex, _) = step.inner();
                    (place.to_string(), regex())
                })
                .collect()
        }
        match keyword {
            Keyword::Given => all::<<World as WorldInventory>::Given>(),
            Keyword::When => all::<<World as WorldInventory>::When>(),
            Keyword::Then => all::<<World as WorldInventory>::Then>(),
        }
    }

    #[test]
    fn every_sentence_is_matched_by_exactly_one_step() {
        let steps = World::collection();
        for help in reference() {
            match steps.find(&step(type_of(help.keyword), help.sentence)) {
                Ok(found) => assert!(found.is_some(), "no step matches: {help}"),
                Err(ambiguous) => panic!("{help}\n{ambiguous}"),
            }
        }
    }

    #[test]
    fn every_step_has_a_sentence() {
        for keyword in [Keyword::Given, Keyword::When, Keyword::Then] {
            for (place, regex) in patterns(keyword) {
                let mut sentences = reference().iter().filter(|help| help.keyword == keyword);
                assert!(
                    sentences.any(|help| regex.is_match(help.sentence)),
                    "{place}: no sentence of the reference matches {regex}"
                );
            }
        }
    }

    #[test]
    fn quotes_and_backslashes_stay_inside_a_string() {
        let steps = World::collection();
        for (keyword, sentence) in [
            (Keyword::Then, r#"the response body is "say \"hi\" and \\""#),
            (Keyword::Then, r#"the JSON path "$[\"a b\"]" is "x is 3""#),
            (
                Keyword::Given,
                r#"every "set" of key "a\" on store \"b" fails with "other: on store \"c\"""#,
            ),
            (
                Keyword::When,
                r#"I send POST "/a \" with body \"b" with body "c""#,
            ),
        ] {
            let found = steps.find(&step(type_of(keyword), sentence));
            assert!(matches!(found, Ok(Some(_))), "{sentence}");
        }
    }

    #[test]
    fn a_mistyped_sentence_finds_its_own() {
        let first = |keyword, text| nearest(keyword, text, 3).first().map(|help| help.sentence);
        assert_eq!(
            first(Keyword::Then, "the response staus is 404"),
            Some("the response status is 200")
        );
        assert_eq!(
            first(Keyword::Given, r#"the key value store "visits" contains"#),
            Some(r#"the key-value store "default" contains:"#)
        );
        assert_eq!(first(Keyword::When, "I dance"), None);
    }
}
