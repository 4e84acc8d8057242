//! Reads the text of a rule word by word, and says where it stops being one.

use crate::sandbox::service::AnyOperation;
use crate::value::{parse_duration, unescape};
use std::fmt;
use std::ops::Range;
use std::time::Duration;

/// A text that is no rule, and where it stops being one.
///
/// ```
/// use spin_harness::sandbox::Effect;
/// let error = "takes 250 mss".parse::<Effect>().unwrap_err();
/// assert_eq!(&"takes 250 mss"[error.span()], "250 mss");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultSyntaxError {
    text: String,
    span: Range<usize>,
    message: String,
}

impl FaultSyntaxError {
    /// Which bytes of the text it is about; empty at its end where something is missing.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// What is wrong, without the text.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl std::error::Error for FaultSyntaxError {}

impl fmt::Display for FaultSyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if self.text.is_empty() || self.text.chars().any(char::is_control) {
            return Ok(());
        }
        let before = self.text[..self.span.start].chars().count();
        let marked = self.text[self.span.clone()].chars().count().max(1);
        write!(
            f,
            "\n  {}\n  {}{}",
            self.text,
            " ".repeat(before),
            "^".repeat(marked)
        )
    }
}

pub(super) type Parsed<T> = Result<T, FaultSyntaxError>;

/// Reads a text from its start to its end.
pub(super) struct Cursor<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
    /// What the rule is about, once that is known: for messages.
    pub(super) operation: Option<AnyOperation>,
}

impl<'t> Cursor<'t> {
    pub fn new(text: &'t str) -> Self {
        let mut cursor = Self {
            text,
            at: 0,
            operation: None,
        };
        cursor.blanks();
        cursor
    }

    /// What follows is about this operation.
    pub fn about(&mut self, operation: Option<AnyOperation>) {
        self.operation = operation;
    }

    pub(super) fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    pub fn at_end(&self) -> bool {
        self.rest().is_empty()
    }

    /// Takes these words, if they come next and a word ends where they end.
    pub fn eat(&mut self, words: &str) -> bool {
        let Some(after) = self.rest().strip_prefix(words) else {
            return false;
        };
        let whole = !words.ends_with(char::is_alphanumeric)
            || !after.starts_with(|c: char| c.is_alphanumeric() || c == '-');
        if whole {
            self.at += words.len();
            self.blanks();
        }
        whole
    }

    pub fn eat_any(&mut self, several: &[&str]) -> bool {
        several.iter().any(|words| self.eat(words))
    }

    pub fn error<T>(&self, span: Range<usize>, message: impl Into<String>) -> Parsed<T> {
        Err(FaultSyntaxError {
            text: self.text.to_owned(),
            span,
            message: message.into(),
        })
    }

    /// An error about the next word, or about the end.
    pub fn unexpected<T>(&self, message: impl Into<String>) -> Parsed<T> {
        let word = self.rest().split_whitespace().next().unwrap_or_default();
        self.error(self.at..self.at + word.len(), message)
    }

    pub fn end(&self) -> Parsed<()> {
        match self.at_end() {
            true => Ok(()),
            false => self.error(
                self.at..self.text.trim_end().len(),
                "nothing is expected here",
            ),
        }
    }

    /// Text in quotes, with its escapes resolved.
    pub fn quoted(&mut self, what: &str) -> Parsed<String> {
        let Some(inner) = self.rest().strip_prefix('"') else {
            return self.unexpected(format!("expected {what} in quotes"));
        };
        let mut escaped = false;
        for (index, character) in inner.char_indices() {
            match character {
                '"' if !escaped => {
                    self.at += index + 2;
                    self.blanks();
                    return Ok(unescape(&inner[..index]));
                }
                '\\' => escaped = !escaped,
                _ => escaped = false,
            }
        }
        self.error(self.at..self.text.len(), "the closing quote is missing")
    }

    fn digits(&self) -> &'t str {
        let rest = self.rest();
        let end = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        &rest[..end]
    }

    /// A whole number.
    pub fn number(&mut self, what: &str) -> Parsed<u64> {
        let digits = self.digits();
        if digits.is_empty() {
            return self.unexpected(format!("expected {what}, a whole number"));
        }
        let span = self.at..self.at + digits.len();
        let Ok(number) = digits.parse() else {
            return self.error(span, "this number is too large");
        };
        self.at += digits.len();
        self.blanks();
        Ok(number)
    }

    /// A number of calls or the like, from 1.
    pub fn count(&mut self, what: &str) -> Parsed<u64> {
        let start = self.at;
        match self.number(what)? {
            0 => {
                let message = match what.contains("call") {
                    true => "calls are counted from 1".to_owned(),
                    false => format!("expected {what}, 1 at least"),
                };
                self.error(start..start + 1, message)
            }
            count => Ok(count),
        }
    }

    /// `2nd`, if one comes next.
    pub fn ordinal(&mut self) -> Parsed<Option<u64>> {
        let digits = self.digits();
        let after = &self.rest()[digits.len()..];
        let ends = ["st", "nd", "rd", "th"]
            .iter()
            .any(|end| after.split([' ', '\t', '"', ',']).next() == Some(end));
        if digits.is_empty() || !ends {
            return Ok(None);
        }
        let count = self.count("the number of a call")?;
        self.at += 2;
        self.blanks();
        Ok(Some(count))
    }

    pub(super) fn probability(&mut self) -> Parsed<f64> {
        let word = self
            .rest()
            .split(|c: char| c.is_whitespace() || c == ',')
            .next()
            .unwrap_or_default();
        let (digits, scale) = match word.strip_suffix('%') {
            Some(percent) => (percent, 0.01),
            None => (word, 1.0),
        };
        let plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        match digits.parse::<f64>() {
            Ok(number) if plain && number * scale > 0.0 && number * scale <= 1.0 => {
                self.at += word.len();
                self.blanks();
                Ok(number * scale)
            }
            _ => self.error(
                self.at..self.at + word.len(),
                "expected a chance above 0 and at most 1, such as `0.1` or `10%`",
            ),
        }
    }

    pub(super) fn duration(&mut self) -> Parsed<Duration> {
        let rest = self.rest();
        let number = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let blank = rest[number..].len() - rest[number..].trim_start().len();
        let unit = rest[number + blank..]
            .find(|c: char| !c.is_alphabetic())
            .unwrap_or(rest[number + blank..].len());
        let end = number + blank + unit;
        match parse_duration(&rest[..end]) {
            Ok(duration) => {
                self.at += end;
                self.blanks();
                Ok(duration)
            }
            Err(error) => self.error(
                self.at..self.at + rest[..end].trim_end().len(),
                format!(
                    "{error}; durations are written `250 ms`, `30 s`, `5 minutes` or `2 hours`"
                ),
            ),
        }
    }
}
