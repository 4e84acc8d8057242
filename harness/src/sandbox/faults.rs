//! Fault rules: which calls go wrong, when, and how.
//!
//! A rule is a [`Match`], a [`When`] and an [`Effect`]. It counts every call that its match fits, from the moment it is
//! stated; of several rules that are due at one call the first wins.

use crate::storage::{Error, Operation};
use globset::{GlobBuilder, GlobMatcher};
use std::fmt;
use std::sync::Arc;

/// Which calls a rule is about. What is `None` fits every call.
#[derive(Clone, Debug, Default)]
pub struct Match {
    /// The component that calls.
    pub component: Option<Arc<str>>,
    /// The store label.
    pub store: Option<Arc<str>>,
    /// The operation, whatever interface it comes through.
    pub operation: Option<Operation>,
    /// A pattern for the key; a batch fits when one of its keys does.
    pub key: Option<KeyPattern>,
}

/// A pattern for keys: `*` is any text, `?` any character, `[ab]` either character, `{one,two}` either text; `\`, on
/// every system, takes the next character as it is.
#[derive(Clone, Debug)]
pub struct KeyPattern {
    text: Arc<str>,
    /// `None` for a plain text, which is compared as it is.
    glob: Option<GlobMatcher>,
}

/// A key pattern that cannot be read.
#[derive(Clone, Debug, thiserror::Error)]
#[error(
    "`{pattern}` is no pattern for keys: {reason}; `*` is any text, `?` any character, `[ab]` either character, \
     `{{one,two}}` either text, and `\\` before one of these takes it as it is"
)]
pub struct BadKeyPattern {
    pattern: String,
    reason: String,
}

impl KeyPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// An unfinished `[…]` or `{…}`.
    pub fn new(pattern: &str) -> Result<Self, BadKeyPattern> {
        let text = Arc::from(pattern);
        if !pattern.contains(['*', '?', '[', '{', '\\']) {
            return Ok(Self { text, glob: None });
        }
        let glob = GlobBuilder::new(pattern)
            .literal_separator(false)
            .backslash_escape(true)
            .build()
            .map_err(|error| BadKeyPattern {
                pattern: pattern.to_owned(),
                reason: error.kind().to_string(),
            })?;
        Ok(Self {
            text,
            glob: Some(glob.compile_matcher()),
        })
    }

    fn fits(&self, key: &str) -> bool {
        match &self.glob {
            Some(glob) => glob.is_match(key),
            None => &*self.text == key,
        }
    }
}

/// At which of the calls that match a rule is due. Calls are counted from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum When {
    /// At every one.
    #[default]
    Always,
    /// At this one only.
    Nth(u64),
    /// At the first so many.
    First(u64),
}

impl When {
    fn due(self, count: u64) -> bool {
        match self {
            Self::Always => true,
            Self::Nth(n) => count == n,
            Self::First(n) => count <= n,
        }
    }
}

/// What a rule does to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The call has no effect and gives this error.
    Fails(Error),
    /// The call takes effect, and gives this error all the same.
    AppliedThen(Error),
}

impl Effect {
    /// The error that the guest is given.
    pub fn error(&self) -> &Error {
        match self {
            Self::Fails(error) | Self::AppliedThen(error) => error,
        }
    }
}

/// A fault rule; built by the library as a sentence.
///
/// ```
/// use spin_harness::{Error, Fault, Operation};
/// let fault = Fault::on(Operation::Set).store("default").nth(2).fails_with(Error::other("disk full"));
/// assert_eq!(fault.to_string(), "the 2nd \"set\" on store \"default\" fails with \"other: disk full\"");
/// ```
#[derive(Clone, Debug)]
pub struct Fault {
    /// Which calls it is about.
    pub matches: Match,
    /// At which of them it is due.
    pub when: When,
    /// What it does.
    pub effect: Effect,
}

impl Fault {
    /// A rule about one operation; [`FaultBuilder::fails_with`] completes it.
    pub fn on(operation: Operation) -> FaultBuilder {
        FaultBuilder {
            matches: Match {
                operation: Some(operation),
                ..Match::default()
            },
            when: When::Always,
        }
    }

    /// A rule about every operation.
    pub fn on_any() -> FaultBuilder {
        FaultBuilder {
            matches: Match::default(),
            when: When::Always,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = self.matches.operation.map_or("*", Operation::name);
        match self.when {
            When::Always => write!(f, "every \"{operation}\"")?,
            When::Nth(n) => write!(f, "the {n}{} \"{operation}\"", ordinal_suffix(n))?,
            When::First(n) => write!(f, "the first {n} \"{operation}\"")?,
        }
        if let Some(key) = &self.matches.key {
            write!(f, " of key \"{}\"", key.text)?;
        }
        if let Some(store) = &self.matches.store {
            write!(f, " on store \"{store}\"")?;
        }
        if let Some(component) = &self.matches.component {
            write!(f, " by component \"{component}\"")?;
        }
        match &self.effect {
            Effect::Fails(error) => write!(f, " fails with \"{error}\""),
            Effect::AppliedThen(error) => write!(f, " applies, then fails with \"{error}\""),
        }
    }
}

/// The English ending of an ordinal: 1st, 2nd, 3rd, 4th, 11th.
fn ordinal_suffix(n: u64) -> &'static str {
    match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    }
}

/// A rule without its effect.
#[derive(Clone, Debug)]
#[must_use = "a rule does nothing until it has an effect and is pushed"]
pub struct FaultBuilder {
    matches: Match,
    when: When,
}

impl FaultBuilder {
    /// Only calls on this store label.
    pub fn store(mut self, label: impl Into<Arc<str>>) -> Self {
        self.matches.store = Some(label.into());
        self
    }

    /// Only calls of this component.
    pub fn component(mut self, id: impl Into<Arc<str>>) -> Self {
        self.matches.component = Some(id.into());
        self
    }

    /// Only calls on keys that fit this pattern.
    pub fn key(mut self, pattern: KeyPattern) -> Self {
        self.matches.key = Some(pattern);
        self
    }

    /// Only at the `n`th call that matches, counted from 1.
    pub fn nth(mut self, n: u64) -> Self {
        self.when = When::Nth(n);
        self
    }

    /// Only at the first `n` calls that match.
    pub fn first(mut self, n: u64) -> Self {
        self.when = When::First(n);
        self
    }

    /// The call fails with this error and has no effect.
    pub fn fails_with(self, error: Error) -> Fault {
        self.with(Effect::Fails(error))
    }

    /// The call takes effect and fails with this error all the same.
    pub fn applies_then_fails_with(self, error: Error) -> Fault {
        self.with(Effect::AppliedThen(error))
    }

    fn with(self, effect: Effect) -> Fault {
        Fault {
            matches: self.matches,
            when: self.when,
            effect,
        }
    }
}

/// A rule that is in force, with what it has counted.
#[derive(Clone, Debug)]
struct Standing {
    fault: Fault,
    text: Arc<str>,
    /// Calls that matched.
    matched: u64,
    /// Calls that it decided.
    fired: u64,
}

/// The rules of a scenario.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    rules: Vec<Standing>,
    /// Rules before this index no longer hold: storage has recovered.
    recovered: usize,
}

/// What a rule decided about a call.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    pub effect: Effect,
    pub rule: Arc<str>,
}

impl Faults {
    /// Puts a rule in force.
    pub fn push(&mut self, fault: Fault) {
        let text = Arc::from(fault.to_string());
        self.rules.push(Standing {
            fault,
            text,
            matched: 0,
            fired: 0,
        });
    }

    /// From here on no rule stated so far holds.
    pub fn recover(&mut self) {
        self.recovered = self.rules.len();
    }

    /// Whether no rule is in force.
    pub fn is_empty(&self) -> bool {
        self.recovered == self.rules.len()
    }

    /// The rules stated so far, recovered ones too.
    pub fn rules(&self) -> impl Iterator<Item = &Fault> {
        self.rules.iter().map(|standing| &standing.fault)
    }

    /// Counts a call and says which rule decides it, if any.
    pub(crate) fn decide(
        &mut self,
        component: &str,
        store: &str,
        operation: Operation,
        keys: &[&str],
    ) -> Option<Verdict> {
        let mut verdict = None;
        for standing in &mut self.rules[self.recovered..] {
            if !standing
                .fault
                .matches
                .fits(component, store, operation, keys)
            {
                continue;
            }
            standing.matched += 1;
            if verdict.is_none() && standing.fault.when.due(standing.matched) {
                standing.fired += 1;
                verdict = Some(Verdict {
                    effect: standing.fault.effect.clone(),
                    rule: Arc::clone(&standing.text),
                });
            }
        }
        verdict
    }

    /// A rule did not decide the call after all; gives nothing, for the journal's column.
    pub(crate) fn take_back(&mut self, rule: &Arc<str>) -> Option<Arc<str>> {
        let mut rules = self.rules.iter_mut();
        if let Some(standing) = rules.find(|standing| Arc::ptr_eq(&standing.text, rule)) {
            standing.fired -= 1;
        }
        None
    }

    /// The rules that decided no call, with the number of calls that they matched.
    pub(crate) fn never_fired(&self) -> impl Iterator<Item = (&Fault, u64)> {
        self.rules
            .iter()
            .filter(|standing| standing.fired == 0)
            .map(|standing| (&standing.fault, standing.matched))
    }
}

impl Match {
    fn fits(&self, component: &str, store: &str, operation: Operation, keys: &[&str]) -> bool {
        self.operation.is_none_or(|wanted| wanted == operation)
            && self.store.as_deref().is_none_or(|wanted| wanted == store)
            && self
                .component
                .as_deref()
                .is_none_or(|wanted| wanted == component)
            && self
                .key
                .as_ref()
                .is_none_or(|pattern| keys.iter().any(|key| pattern.fits(key)))
    }

    /// In how many of its conditions a call differs: what "nearest" means when a rule never fired.
    pub(crate) fn distance(
        &self,
        component: &str,
        store: &str,
        operation: Operation,
        keys: &[&str],
    ) -> usize {
        usize::from(self.operation.is_some_and(|wanted| wanted != operation)) * 2
            + usize::from(self.store.as_deref().is_some_and(|wanted| wanted != store))
            + usize::from(
                self.component
                    .as_deref()
                    .is_some_and(|wanted| wanted != component),
            )
            + usize::from(
                self.key
                    .as_ref()
                    .is_some_and(|pattern| !keys.iter().any(|key| pattern.fits(key))),
            )
    }
}

#[cfg(test)]
mod tests;
