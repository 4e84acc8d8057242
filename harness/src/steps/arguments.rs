//! Tells a step whose words are right, and of which one argument is not, from one that has other words.

use super::reference::{Keyword, StepHelp, reference};
use crate::value::parse_duration;
use regex::Regex;

/// An argument that no step takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongArgument {
    /// What stands there.
    pub given: String,
    /// What should: `a number`.
    pub expected: &'static str,
    /// The sentence that has the same words.
    pub help: &'static StepHelp,
}

/// What a sentence of the vocabulary is made of.
#[derive(Debug, PartialEq, Eq)]
enum Part<'a> {
    Words(&'a str),
    Text,
    Number,
    Time,
}

impl Part<'_> {
    fn expression(&self) -> String {
        match self {
            Self::Words(words) => regex::escape(words),
            // What is right is taken as it is, so that words in it are not taken for the sentence's.
            Self::Text => r#"("(?:[^"\\]|\\.)*"|.+?)"#.to_owned(),
            Self::Number | Self::Time => "(.+?)".to_owned(),
        }
    }

    fn expected(&self) -> &'static str {
        match self {
            Self::Words(_) => "a word",
            Self::Text => "a text in double quotes",
            Self::Number => "a number",
            Self::Time => "a time such as `250 ms`",
        }
    }

    fn admits(&self, given: &str) -> bool {
        match self {
            Self::Words(_) => true,
            Self::Text => given.len() >= 2 && given.starts_with('"') && given.ends_with('"'),
            Self::Number => {
                let digits = given.strip_prefix('-').unwrap_or(given);
                !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit())
            }
            Self::Time => parse_duration(given).is_ok(),
        }
    }
}

/// The first argument of a step that matches none which is not what the step with its words takes.
pub fn wrong_argument(keyword: Keyword, step: &str) -> Option<WrongArgument> {
    let of_kind = reference().iter().filter(|help| help.keyword == keyword);
    let fitting = of_kind.filter_map(|help| {
        let parts = parts(help.sentence);
        let words: usize = parts.iter().map(words_in).sum();
        let expressions: String = parts.iter().map(Part::expression).collect();
        let captures = Regex::new(&format!("^{expressions}$"))
            .ok()?
            .captures(step)?;
        let arguments = parts.iter().filter(|part| words_in(part) == 0);
        let mut given = captures.iter().skip(1).flatten();
        let wrong = arguments.zip(&mut given).find_map(|(part, given)| {
            let given = given.as_str();
            // A text and words around it are no argument: the sentence is another one.
            let is_one = !given.contains('"') || Part::Text.admits(given);
            (is_one && !part.admits(given)).then(|| WrongArgument {
                given: given.to_owned(),
                expected: part.expected(),
                help,
            })
        });
        Some((words, wrong?))
    });
    // Of several the one with most words in common.
    fitting
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
        .map(|(_, wrong)| wrong)
}

fn words_in(part: &Part<'_>) -> usize {
    match part {
        Part::Words(words) => words.len(),
        _ => 0,
    }
}

/// Takes an example apart.
fn parts(sentence: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = sentence;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let unit = rest[digits..].strip_prefix(' ').map(|unit| {
            let end = unit.find([' ', ':', ',']).unwrap_or(unit.len());
            digits + 1 + end
        });
        let time = unit.filter(|end| digits > 0 && parse_duration(&rest[..*end]).is_ok());
        let (part, length) = if let Some(end) = time {
            (Part::Time, end)
        } else if digits > 0 {
            (Part::Number, digits)
        } else if let Some(quoted) = rest.strip_prefix('"') {
            let length = quoted.find('"').map_or(rest.len(), |end| end + 2);
            (Part::Text, length)
        } else {
            let next = |c: char| c == '"' || c.is_ascii_digit();
            let length = rest.find(next).unwrap_or(rest.len());
            (Part::Words(&rest[..length]), length)
        };
        parts.push(part);
        rest = &rest[length..];
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(keyword: Keyword, step: &str) -> Option<(String, &'static str, &'static str)> {
        let wrong = wrong_argument(keyword, step)?;
        Some((wrong.given, wrong.expected, wrong.help.sentence))
    }

    #[test]
    fn an_argument_of_another_kind_is_named() {
        let number = "a number";
        let text = "a text in double quotes";
        for (keyword, step, given, expected) in [
            (
                Keyword::Then,
                "the response status is two hundred",
                "two hundred",
                number,
            ),
            (Keyword::When, "I send GET /visit", "/visit", text),
            (Keyword::Given, "the random seed is \"7\"", "\"7\"", number),
            (
                Keyword::Then,
                "the response took a while",
                "a while",
                "a time such as `250 ms`",
            ),
            (
                Keyword::Given,
                "the key-value store default is empty",
                "default",
                text,
            ),
        ] {
            let found = wrong(keyword, step).map(|(given, expected, _)| (given, expected));
            assert_eq!(found, Some((given.to_owned(), expected)), "{step}");
        }
    }

    #[test]
    fn other_words_are_no_wrong_argument() {
        assert_eq!(wrong(Keyword::Then, "the response's status is 200"), None);
        assert_eq!(wrong(Keyword::When, "I sent GET \"/\""), None);
        // Another kind of step.
        assert_eq!(wrong(Keyword::When, "the response status is two"), None);
    }

    /// What is right of a sentence is right for its own example.
    #[test]
    fn every_sentence_admits_its_own_arguments() {
        for help in reference() {
            let parts = parts(help.sentence);
            let expressions: String = parts.iter().map(Part::expression).collect();
            let own = Regex::new(&format!("^{expressions}$")).unwrap();
            let captures = own.captures(help.sentence).unwrap();
            let arguments = parts.iter().filter(|part| words_in(part) == 0);
            for (part, given) in arguments.zip(captures.iter().skip(1).flatten()) {
                assert!(part.admits(given.as_str()), "{help}: {part:?} {given:?}");
            }
        }
    }
}
