//! Every sentence of the vocabulary, for `spin-harness steps`, for the README, and for naming the nearest ones when a step
//! is missing.

use cucumber::gherkin::StepType;
use std::fmt;

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

/// Every sentence, in the order of the documentation. Sentences with optional parts are listed with and without them.
pub fn reference() -> &'static [StepHelp] {
    ALL
}

/// The sentences most like a step that matches none, nearest first.
pub fn nearest(keyword: Keyword, step: &str, count: usize) -> Vec<&'static StepHelp> {
    /// A step that differs more than this is about something else.
    const FAR: f64 = 0.5;
    // The comparison takes quadratic time, and no sentence is that long.
    let wanted: String = outline(step).chars().take(200).collect();
    let mut near: Vec<_> = ALL
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

const fn given(sentence: &'static str, takes: Takes) -> StepHelp {
    StepHelp {
        keyword: Keyword::Given,
        sentence,
        takes,
    }
}

const fn when(sentence: &'static str, takes: Takes) -> StepHelp {
    StepHelp {
        keyword: Keyword::When,
        sentence,
        takes,
    }
}

const fn then(sentence: &'static str, takes: Takes) -> StepHelp {
    StepHelp {
        keyword: Keyword::Then,
        sentence,
        takes,
    }
}

const NOTHING: Takes = Takes::Nothing;
const TEXT: Takes = Takes::DocString;
const TUPLES: Takes = Takes::Table(&["key", "value"]);

static ALL: &[StepHelp] = &[
    // The app
    given(r#"the app "path/to/spin.toml""#, NOTHING),
    given(r#"the runtime config "runtime-config.toml""#, NOTHING),
    given("the runtime config:", TEXT),
    given(r#"the variable "name" is "value""#, NOTHING),
    given(r#"the environment variable "NAME" is "value""#, NOTHING),
    given(
        r#"component "api" may use the key-value stores "default, cache""#,
        NOTHING,
    ),
    given(
        r#"component "api" may use the key-value store "cache""#,
        NOTHING,
    ),
    given(r#"component "api" may use no key-value store"#, NOTHING),
    given("instances are reused", NOTHING),
    given("the random seed is 7", NOTHING),
    given(r#"the time is "2026-01-01T00:00:00Z""#, NOTHING),
    given(r#"the client address is "127.0.0.1:1""#, NOTHING),
    given(r#"the authority is "localhost:3000""#, NOTHING),
    given(r#"the compute bound is "5 s""#, NOTHING),
    given(r#"the memory bound is "64 MiB""#, NOTHING),
    given(r#"the response bound is "16 MiB""#, NOTHING),
    given(r#"the log bound is "1 MiB""#, NOTHING),
    given(r#"the time bound is "60 s""#, NOTHING),
    // What is stored
    given(r#"the key-value store "default" contains:"#, TUPLES),
    given(r#"the key-value store "default" is empty"#, NOTHING),
    given(
        r#"the key-value store "default" holds 1024 tuples"#,
        NOTHING,
    ),
    given(
        r#"the key-value store "default" is loaded from "seed.json""#,
        NOTHING,
    ),
    given(r#"the key-value limits are "documented""#, NOTHING),
    // What goes wrong
    given(r#"every "set" fails with "other: disk full""#, NOTHING),
    given(
        r#"every "set" of key "user:*" fails with "other: disk full""#,
        NOTHING,
    ),
    given(
        r#"every "set" on store "default" fails with "other: disk full""#,
        NOTHING,
    ),
    given(
        r#"every "set" of key "user:*" on store "default" fails with "other: disk full""#,
        NOTHING,
    ),
    given(
        r#"every "set" applies, then fails with "other: timeout""#,
        NOTHING,
    ),
    given(r#"the 2nd "set" fails with "other: disk full""#, NOTHING),
    given(
        r#"the 2nd "set" of key "user:*" on store "default" fails with "other: disk full""#,
        NOTHING,
    ),
    given(
        r#"the 1st "set" on store "default" applies, then fails with "other: timeout""#,
        NOTHING,
    ),
    given(r#"the first 3 "get" fail with "no-such-store""#, NOTHING),
    given(
        r#"the first 3 "set" of key "user:*" on store "default" apply, then fail with "other: timeout""#,
        NOTHING,
    ),
    given(
        "storage faults:",
        Takes::Table(&["operation", "store", "key", "component", "when", "effect"]),
    ),
    when("storage recovers", NOTHING),
    // What happens
    when(r#"I send GET "/path""#, NOTHING),
    when(r#"I send POST "/path" with body "text""#, NOTHING),
    when(r#"I send POST "/path" with the body:"#, TEXT),
    when(r#"I send POST "/path" with JSON:"#, TEXT),
    when(
        r#"I send POST "/path" with the body of file "order.json""#,
        NOTHING,
    ),
    when(
        r#"I send POST "/path" with the headers:"#,
        Takes::Table(&["name", "value"]),
    ),
    when("I send the request:", TEXT),
    given(
        r#"every request has the header "authorization" with "Bearer ${token}""#,
        NOTHING,
    ),
    when(
        r#"10 clients send POST "/count?name=hits" at once"#,
        NOTHING,
    ),
    when(
        r#"10 clients send POST "/count" with body "text" at once"#,
        NOTHING,
    ),
    when(
        "these requests are sent at once:",
        Takes::Table(&["method", "path", "body"]),
    ),
    when("5 minutes pass", NOTHING),
    when(r#"I remember the JSON path "$.id" as "id""#, NOTHING),
    when(r#"I remember the response body as "id""#, NOTHING),
    when(
        r#"I remember the response header "location" as "place""#,
        NOTHING,
    ),
    // What must be true of the response
    then("the response status is 200", NOTHING),
    then("the response status is one of 200, 503", NOTHING),
    then(
        r#"the response header "content-type" is "text/plain""#,
        NOTHING,
    ),
    then(
        r#"the response header "content-type" contains "text""#,
        NOTHING,
    ),
    then(
        r#"the response header "content-type" matches "^text/""#,
        NOTHING,
    ),
    then(r#"the response header "content-type" is absent"#, NOTHING),
    then(r#"the response body is "41""#, NOTHING),
    then(r#"the response body contains "4""#, NOTHING),
    then(r#"the response body matches "^[0-9]+$""#, NOTHING),
    then("the response body is empty", NOTHING),
    then("the response body is:", TEXT),
    then("the response body is JSON:", TEXT),
    then("the response body contains JSON:", TEXT),
    then(r#"the JSON path "$.a[0].b" is 3"#, NOTHING),
    then(r#"the JSON path "$.a" is "text""#, NOTHING),
    then(r#"the JSON path "$.a" exists"#, NOTHING),
    then(r#"the JSON path "$.a" does not exist"#, NOTHING),
    then(
        r#"the response matches the snapshot "first visit""#,
        NOTHING,
    ),
    then("the response took 250 ms", NOTHING),
    then("the response took at most 250 ms", NOTHING),
    // of several responses
    then("every response status is 200", NOTHING),
    then("9 responses have status 200", NOTHING),
    then("the response bodies are, in any order:", Takes::Table(&[])),
    // of the stores
    then(r#"the key-value store "default" contains:"#, TUPLES),
    then(r#"the key-value store "default" contains exactly:"#, TUPLES),
    then(r#"the key "x" of store "default" is "value""#, NOTHING),
    then(r#"the key "x" of store "default" contains "val""#, NOTHING),
    then(r#"the key "x" of store "default" matches "^val""#, NOTHING),
    then(r#"the key-value store "default" has no key "x""#, NOTHING),
    then(r#"the key-value store "default" is empty"#, NOTHING),
    then(r#"the key-value store "default" holds 3 tuples"#, NOTHING),
    then(r#"the key-value store "default" is unchanged"#, NOTHING),
    then(
        r#"the key-value store "default" matches the snapshot "after checkout""#,
        NOTHING,
    ),
    // of the calls
    then(
        "the storage calls are:",
        Takes::Table(&["component", "operation", "store", "key", "outcome"]),
    ),
    then(
        r#"the storage calls match the snapshot "checkout""#,
        NOTHING,
    ),
    then(r#""set" was called 3 times"#, NOTHING),
    then(r#""set" was called 3 times on store "default""#, NOTHING),
    then(r#""delete" was never called"#, NOTHING),
    then(r#""delete" was never called on store "default""#, NOTHING),
    // of the components
    then(r#"component "api" was denied the store "secret""#, NOTHING),
    then(r#"component "api" trapped"#, NOTHING),
    then(r#"component "api" did not trap"#, NOTHING),
    then(r#"component "api" logged "text""#, NOTHING),
    then(r#"component "api" did not log "text""#, NOTHING),
];

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
