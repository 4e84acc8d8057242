//! The one grammar of rules: what tables, TOML files, `--fault` and the library write as `when` and `effect`, and the
//! sentences of steps.

use super::effect::{Action, Corruption, Effect, Ending, Quota, Staleness};
use super::latency::Latency;
use super::when::When;
use crate::storage::Error;
use crate::value::{parse_duration, unescape};
use std::fmt;
use std::ops::Range;
use std::str::FromStr;
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

/// What an effect may be, for messages.
const EFFECTS: &str = "an error (`other: text`, `access-denied`, `no-such-store`, `store-table-full`, `no-such-key`, \
    `invalid-store`, `cas-failed`), `applied then ERROR`, `applied then traps`, `takes 250 ms`, `takes 250 ms then …`, \
    `hangs`, `traps`, `lost`, `stale`, `corrupt`, `torn N`, `throttled N per second` or `quota N`";

/// What a `when` may be, for messages.
const WHENS: &str = "`always`, `first N`, `nth N` (or `2nd`), `every N`, `after N`, `from N to M`, `chance 0.1` or \
    `between 5 s and 10 s`";

type Parsed<T> = Result<T, FaultSyntaxError>;

/// Reads a text from its start to its end.
pub(super) struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Cursor<'t> {
    pub fn new(text: &'t str) -> Self {
        let mut cursor = Self { text, at: 0 };
        cursor.blanks();
        cursor
    }

    fn rest(&self) -> &'t str {
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
        let count = self.count("a call")?;
        self.at += 2;
        self.blanks();
        Ok(Some(count))
    }

    fn probability(&mut self) -> Parsed<f64> {
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

    fn duration(&mut self) -> Parsed<Duration> {
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

    fn latency(&mut self) -> Parsed<Latency> {
        let start = self.at;
        let first = self.duration()?;
        if self.eat("to") {
            let second = self.duration()?;
            if second <= first {
                return self.error(
                    start..self.at,
                    "the second duration must be longer than the first",
                );
            }
            return Ok(Latency::Uniform(first, second));
        }
        if self.eat("(p99") {
            let p99 = self.duration()?;
            if first.is_zero() || p99 <= first {
                return self.error(
                    start..self.at,
                    "the 99th percentile must be longer than the median, and the median more than nothing",
                );
            }
            return match self.eat(")") {
                true => Ok(Latency::LogNormal { median: first, p99 }),
                false => self.unexpected("expected `)`"),
            };
        }
        Ok(Latency::Fixed(first))
    }

    pub fn when(&mut self) -> Parsed<When> {
        if self.at_end() || self.eat("always") {
            return Ok(When::Always);
        }
        if self.eat("first") {
            return Ok(When::First(self.count("a number of calls")?));
        }
        if self.eat("nth") {
            return Ok(When::Nth(self.count("a call")?));
        }
        if self.eat("every") {
            return Ok(When::Every(match self.ordinal()? {
                Some(n) => n,
                None => self.count("a number of calls")?,
            }));
        }
        if self.eat("after") {
            return Ok(When::After(self.count("a number of calls")?));
        }
        if self.eat("from") {
            let start = self.at;
            let from = self.count("a call")?;
            if !self.eat("to") {
                return self.unexpected("expected `to` and a number, such as `from 2 to 4`");
            }
            let to = self.count("a call")?;
            return match from <= to {
                true => Ok(When::FromTo(from, to)),
                false => self.error(
                    start..self.at,
                    "the second call must not come before the first",
                ),
            };
        }
        if self.eat("chance") {
            return Ok(When::Chance(self.probability()?));
        }
        if self.eat("between") {
            let start = self.at;
            let from = self.duration()?;
            if !self.eat("and") {
                return self
                    .unexpected("expected `and` and a time, such as `between 5 s and 10 s`");
            }
            let to = self.duration()?;
            return match from < to {
                true => Ok(When::Between(from, to)),
                false => self.error(start..self.at, "the second time must come after the first"),
            };
        }
        self.eat("the");
        match self.ordinal()? {
            Some(n) => Ok(When::Nth(n)),
            None => self.error(
                0..self.text.trim_end().len(),
                format!(
                    "`{}` does not say when a fault happens; expected {WHENS}",
                    self.text.trim()
                ),
            ),
        }
    }

    pub fn effect(&mut self) -> Parsed<Effect> {
        if !self.eat_any(&["takes", "take"]) {
            return Ok(Effect::only(self.action()?));
        }
        let takes = Some(self.latency()?);
        self.eat(",");
        let then = match self.eat("then") {
            true => Some(self.action()?),
            false => None,
        };
        Ok(Effect { takes, then })
    }

    fn action(&mut self) -> Parsed<Action> {
        if self.eat_any(&["traps", "trap"]) {
            return Ok(Action::Traps);
        }
        if self.eat_any(&["hangs", "hang"]) {
            return Ok(Action::Hangs);
        }
        if self.eat_any(&[
            "applied then",
            "applies, then",
            "apply, then",
            "applies then",
        ]) {
            if self.eat_any(&["traps", "trap"]) {
                return Ok(Action::AppliedThen(Ending::Trap));
            }
            self.eat_any(&["fails with", "fail with"]);
            return Ok(Action::AppliedThen(Ending::Error(self.failure()?)));
        }
        if self.eat_any(&["fails with", "fail with"]) {
            return Ok(Action::Fails(self.failure()?));
        }
        if self.eat_any(&["has a quota of", "have a quota of", "quota"]) {
            return self.quota().map(Action::Quota);
        }
        self.eat_any(&["is", "are"]);
        if self.eat("lost") {
            return Ok(Action::Lost);
        }
        if self.eat("stale") {
            return self.staleness().map(Action::Stale);
        }
        if self.eat("corrupt") {
            let comma = self.eat(",");
            let corruption = match (self.eat("flipped"), self.eat("truncated")) {
                (true, _) => Corruption::Flipped,
                (_, true) => Corruption::Truncated,
                _ if comma => return self.unexpected("expected `flipped` or `truncated`"),
                _ => Corruption::Either,
            };
            return Ok(Action::Corrupt(corruption));
        }
        if self.eat("torn") {
            self.eat("after");
            let after = self.number("how many entries are delivered")?;
            let comma = self.eat(",");
            let error = match self.eat("then") {
                true => {
                    self.eat_any(&["fails with", "fail with"]);
                    Some(self.failure()?)
                }
                false if comma => return self.unexpected("expected `then` and an error"),
                false => None,
            };
            return Ok(Action::Torn { after, error });
        }
        if self.eat("throttled") {
            self.eat("to");
            let rate = self.count("a number of operations")?;
            return match self.eat_any(&["per second", "a second"]) {
                true => Ok(Action::Throttled(rate)),
                false => self.unexpected("expected `per second`"),
            };
        }
        let start = self.at;
        if self.at_end() {
            return self.unexpected(format!("an effect is missing; expected {EFFECTS}"));
        }
        match self.failure() {
            Ok(error) => Ok(Action::Fails(error)),
            Err(error) => self.error(
                error.span.clone(),
                format!(
                    "`{}` is nothing that can happen to a call; expected {EFFECTS}",
                    &self.text[start..error.span.end.max(start)]
                ),
            ),
        }
    }

    fn staleness(&mut self) -> Parsed<Staleness> {
        if !self.eat("by") {
            return Ok(Staleness::Writes(1));
        }
        let before = self.at;
        if let Ok(writes) = self.count("a number of writes")
            && self.eat_any(&["writes", "write"])
        {
            return Ok(Staleness::Writes(writes));
        }
        self.at = before;
        if self.rest().starts_with('0') {
            return self.unexpected("a read that is stale by nothing is none");
        }
        match self.duration() {
            Ok(time) => Ok(Staleness::By(time)),
            Err(_) => self.unexpected("expected how stale, such as `by 3 writes` or `by 5 s`"),
        }
    }

    fn quota(&mut self) -> Parsed<Quota> {
        let start = self.at;
        let number = self.number("how much the store holds")?;
        let units = [
            ("bytes", 1),
            ("byte", 1),
            ("KiB", 1 << 10),
            ("MiB", 1 << 20),
        ];
        for (unit, scale) in units {
            if self.eat(unit) {
                return match number.checked_mul(scale) {
                    Some(bytes) => Ok(Quota::Bytes(bytes)),
                    None => self.error(start..self.at, "this number is too large"),
                };
            }
        }
        match self.eat_any(&["tuples", "tuple"]) || self.at_end() {
            true => Ok(Quota::Tuples(number)),
            false => self.unexpected("expected `tuples`, `bytes`, `KiB` or `MiB`"),
        }
    }

    /// An error of a store, in quotes or up to the end.
    fn failure(&mut self) -> Parsed<Error> {
        let start = self.at;
        let text = match self.rest().starts_with('"') {
            true => self.quoted("an error")?,
            false => {
                let text = self.rest().trim_end().to_owned();
                self.at = self.text.len();
                text
            }
        };
        let span = start..start + self.text[start..self.at].trim_end().len();
        match text.parse::<Error>() {
            Ok(error) => Ok(error),
            Err(error) => self.error(span, error.to_string()),
        }
    }
}

impl FromStr for When {
    type Err = FaultSyntaxError;

    /// Reads what the column `when` of a table has; nothing is `always`.
    fn from_str(text: &str) -> Parsed<Self> {
        let mut cursor = Cursor::new(text);
        let when = cursor.when()?;
        cursor.end()?;
        Ok(when)
    }
}

impl FromStr for Effect {
    type Err = FaultSyntaxError;

    /// Reads what the column `effect` of a table has, or the end of a sentence.
    fn from_str(text: &str) -> Parsed<Self> {
        let mut cursor = Cursor::new(text);
        let effect = cursor.effect()?;
        cursor.end()?;
        Ok(effect)
    }
}
