//! The one grammar of rules: what tables, TOML files, `--fault` and the library write as `when` and `effect`, and the
//! sentences of steps.

use super::cursor::{Cursor, FaultSyntaxError, Parsed};
use super::effect::{Action, Corruption, Effect, Ending, Quota, Staleness};
use super::latency::Latency;
use super::when::When;
use crate::sandbox::service::{AnyOperation, ErrorCase, Failure, all_errors, named};
use crate::storage::Operation;
use crate::value::nearest;
use std::str::FromStr;

/// What an effect may be, for messages.
const EFFECTS: &str = "`applied then ERROR`, `applied then traps`, `takes 250 ms`, `takes 250 ms then …`, `hangs`, `traps`, \
    `lost`, `stale`, `corrupt`, `torn N`, `throttled N per second` or `quota N`";

/// The same of a call of another service than key-value.
const EFFECTS_OF_SERVICES: &str = "`applied then ERROR`, `applied then traps`, `takes 250 ms`, `takes 250 ms then …`, \
    `hangs`, `traps` or `lost`";

/// The same of one that never fails.
const EFFECTS_WITHOUT_ERRORS: &str =
    "`applied then traps`, `takes 250 ms`, `takes 250 ms then …`, `hangs`, `traps` or `lost`";

/// What a `when` may be, for messages.
const WHENS: &str = "`always`, `first N`, `nth N` (or `2nd`), `every N`, `after N`, `from N to M`, `chance 0.1` or \
    `between 5 s and 10 s`";

impl Cursor<'_> {
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
            return Ok(When::Nth(self.count("the number of a call")?));
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
            let from = self.count("the number of a call")?;
            if !self.eat("to") {
                return self.unexpected("expected `to` and a number, such as `from 2 to 4`");
            }
            let to = self.count("the number of a call")?;
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
        let effects = self.effects();
        if self.at_end() {
            return self.unexpected(format!("an effect is missing; expected {effects}"));
        }
        match self.failure() {
            Ok(error) => Ok(Action::Fails(error)),
            Err(error) => {
                let text = &self.text[start..error.span().end.max(start)];
                let meant = self.meant(text, &["traps", "hangs", "lost", "stale", "corrupt"]);
                self.error(
                    error.span(),
                    format!(
                        "`{text}` is nothing that can happen to a call{meant}; expected {effects}"
                    ),
                )
            }
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

    /// An error, in quotes or up to the end.
    fn failure(&mut self) -> Parsed<Failure> {
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
        match text.parse::<Failure>() {
            Ok(error) => Ok(error),
            Err(unknown) => {
                let meant = self.meant(&text, &[]);
                let message = match self.operation {
                    None => format!("{unknown}{meant}"),
                    Some(AnyOperation::KeyValue(_)) => format!("{}{meant}", unknown.of_store()),
                    Some(operation) => {
                        format!("`{text}` is no error{meant}; {}", operation.failures())
                    }
                };
                self.error(span, message)
            }
        }
    }

    /// Which error of the rule's operation was meant, or which of these words, for messages. A rule about any operation
    /// may have meant any error.
    fn meant(&self, text: &str, words: &[&str]) -> String {
        let cases = match self.operation {
            Some(operation) => operation.errors(),
            None => all_errors(),
        };
        let case = text.split(':').next().unwrap_or(text).trim();
        let names = cases.iter().map(|case| case.name);
        let Some(name) = nearest(case, names.chain(words.iter().copied())) else {
            return String::new();
        };
        let written = cases.iter().find(|case| case.name == name);
        let written = written.map_or_else(|| name.to_owned(), ErrorCase::to_string);
        format!(" (did you mean `{written}`?)")
    }

    /// What may happen to the call that the rule is about, for messages.
    fn effects(&self) -> String {
        // A rule about any operation is about those of key-value stores.
        let operation = self.operation.unwrap_or(Operation::Get.into());
        let effects = match operation {
            AnyOperation::KeyValue(_) => EFFECTS,
            AnyOperation::Service(_) => EFFECTS_OF_SERVICES,
        };
        match operation.errors().as_slice() {
            [] => EFFECTS_WITHOUT_ERRORS.to_owned(),
            cases => format!("an error ({}), {effects}", named(cases)),
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

impl Effect {
    /// Reads what the column `effect` of a table has in a rule about this operation: what is wrong with it is told in its
    /// terms.
    ///
    /// # Errors
    ///
    /// It is no effect.
    pub fn read_for(text: &str, operation: Option<AnyOperation>) -> Result<Self, FaultSyntaxError> {
        let mut cursor = Cursor::new(text);
        cursor.about(operation);
        let effect = cursor.effect()?;
        cursor.end()?;
        Ok(effect)
    }
}

impl FromStr for Effect {
    type Err = FaultSyntaxError;

    /// Reads what the column `effect` of a table has, or the end of a sentence.
    fn from_str(text: &str) -> Parsed<Self> {
        Self::read_for(text, None)
    }
}
