//! A fault rule as a sentence: read from a step, built by the library, shown in journals.

use super::cursor::{Cursor, FaultSyntaxError};
use super::effect::{Action, AsSentence, Corruption, Effect, Ending, Quota, Quoted, Staleness};
use super::latency::Latency;
use super::matching::{BadKeyPattern, KeyPattern, Match};
use super::when::{When, ordinal_suffix};
use crate::sandbox::service::{AnyOperation, Failure, UnknownServiceOperation};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

/// A fault rule; built by the library as a sentence, or read from one.
///
/// ```
/// use spin_harness::{Error, Fault, Operation};
/// let fault = Fault::on(Operation::Set).store("default").nth(2).fails_with(Error::other("disk full"));
/// assert_eq!(fault.to_string(), "the 2nd \"set\" on store \"default\" fails with \"other: disk full\"");
/// assert_eq!(fault, fault.to_string().parse()?);
/// # Ok::<(), spin_harness::sandbox::BadFault>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// Which calls it is about.
    pub matches: Match,
    /// At which of them it is due.
    pub when: When,
    /// What it does.
    pub effect: Effect,
    /// Whether it may never fire; a scenario fails otherwise.
    pub optional: bool,
}

/// Why a rule cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadFault {
    /// It is no rule.
    #[error(transparent)]
    Syntax(#[from] FaultSyntaxError),
    /// Its operation is none.
    #[error(transparent)]
    Operation(#[from] UnknownServiceOperation),
    /// Its key pattern cannot be read.
    #[error(transparent)]
    Key(#[from] BadKeyPattern),
    /// It asks of an operation what cannot happen to it.
    #[error("\"{operation}\" can never {deed}; {concerned}{advice}")]
    Unconcerned {
        /// The operation.
        operation: AnyOperation,
        /// What it cannot do.
        deed: String,
        /// Which operations can.
        concerned: String,
        /// What to say instead.
        advice: &'static str,
    },
    /// Its error is none that the operation's service has.
    #[error("\"{operation}\" can never fail with \"{error}\"; {}", .operation.failures())]
    Unsayable {
        /// The operation.
        operation: AnyOperation,
        /// The error.
        error: Failure,
    },
    /// It names what a call is made on, where what the call is about says it all.
    #[error(
        "\"{operation}\" is made on nothing that has a label, such as \"{label}\"; what it is about follows `{words}`"
    )]
    Unlabelled {
        /// The operation.
        operation: AnyOperation,
        /// The label.
        label: Arc<str>,
        /// The words.
        words: &'static str,
    },
}

impl Fault {
    /// A rule about one operation; its effect completes it: [`FaultBuilder::fails_with`] and the like.
    pub fn on(operation: impl Into<AnyOperation>) -> FaultBuilder {
        FaultBuilder::new(Some(operation.into()))
    }

    /// A rule about every operation of a key-value store.
    pub fn on_any() -> FaultBuilder {
        FaultBuilder::new(None)
    }

    /// It need not fire.
    #[must_use]
    pub fn optionally(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Whether what it asks for can happen to the operation that it names.
    ///
    /// # Errors
    ///
    /// [`BadFault::Unlabelled`], [`BadFault::Unsayable`] or [`BadFault::Unconcerned`].
    pub fn check(&self) -> Result<(), BadFault> {
        let Some(operation) = self.matches.operation else {
            return Ok(());
        };
        if let (Some(label), Some(family)) = (&self.matches.store, operation.family())
            && family.label_words.is_none()
        {
            return Err(BadFault::Unlabelled {
                operation,
                label: Arc::clone(label),
                words: family.key_words,
            });
        }
        let Some(action) = &self.effect.then else {
            return Ok(());
        };
        if let Some(error) = action.unsayable(operation) {
            return Err(BadFault::Unsayable {
                operation,
                error: error.clone(),
            });
        }
        if action.concerns(operation) {
            return Ok(());
        }
        Err(BadFault::Unconcerned {
            operation,
            deed: action.deed(),
            concerned: match action.concerned(operation).join(", ") {
                none if none.is_empty() => "no operation of its service can".to_owned(),
                concerned => format!("what can is {concerned}"),
            },
            advice: match action {
                Action::AppliedThen(_) => {
                    "; it changes nothing that could be applied before it fails: say `fails with`"
                }
                _ => "",
            },
        })
    }
}

/// The sentence of a step, without `optionally`.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = self.matches.operation.map_or("*", AnyOperation::name);
        match self.when {
            When::Always => write!(f, "every \"{operation}\"")?,
            When::Nth(n) => write!(f, "the {n}{} \"{operation}\"", ordinal_suffix(n))?,
            When::First(n) => write!(f, "the first {n} \"{operation}\"")?,
            When::Every(n) => write!(f, "every {n}{} \"{operation}\"", ordinal_suffix(n))?,
            When::Chance(_) => write!(f, "with {}, every \"{operation}\"", self.when)?,
            When::After(_) | When::FromTo(..) | When::Between(..) => {
                write!(f, "{}, every \"{operation}\"", self.when)?;
            }
        }
        let (key_words, label_words) = words(self.matches.operation);
        if let Some(key) = &self.matches.key {
            write!(f, " {} {}", key_words, Quoted(key.as_str()))?;
        }
        if let Some(store) = &self.matches.store {
            write!(f, " {} {}", label_words, Quoted(store))?;
        }
        if let Some(component) = &self.matches.component {
            write!(f, " by component {}", Quoted(component))?;
        }
        write!(f, " {}", AsSentence(&self.effect))
    }
}

impl FromStr for Fault {
    type Err = BadFault;

    /// Reads the sentence of a step, without `Given`.
    fn from_str(text: &str) -> Result<Self, BadFault> {
        let mut cursor = Cursor::new(text);
        let optional = cursor.eat("optionally,");
        let when = subject(&mut cursor)?;
        let operation = cursor.quoted("an operation")?;
        let mut matches = Match {
            operation: match operation.as_str() {
                "*" | "" => None,
                name => Some(name.parse()?),
            },
            ..Match::default()
        };
        let (key_words, label_words) = words(matches.operation);
        cursor.about(matches.operation);
        if cursor.eat_any(&["of key", key_words]) {
            let key = cursor.quoted("a key")?;
            matches.key = matches.key_pattern(&key)?;
        }
        if cursor.eat_any(&["on store", label_words]) {
            matches.store = said(cursor.quoted("a store label")?);
        }
        if cursor.eat("by component") {
            matches.component = said(cursor.quoted("a component")?);
        }
        let effect = cursor.effect()?;
        cursor.end()?;
        let fault = Self {
            matches,
            when,
            effect,
            optional,
        };
        fault.check()?;
        Ok(fault)
    }
}

/// What a sentence calls what a call is about, and what it is made on.
fn words(operation: Option<AnyOperation>) -> (&'static str, &'static str) {
    operation.map_or(("of key", "on store"), AnyOperation::words)
}

/// Empty text fits every call, as an empty cell does.
fn said(text: String) -> Option<Arc<str>> {
    (!text.is_empty()).then(|| Arc::from(text))
}

/// `every`, `the 2nd`, `the first 3`, `every 3rd`; or a `when` of tables, a comma, and `every`.
fn subject(cursor: &mut Cursor<'_>) -> Result<When, FaultSyntaxError> {
    const HOW: &str = "expected `every`, `the 2nd`, `the first 3`, `every 3rd`, or such as `with chance 0.1, every`";
    if cursor.eat("every") {
        return Ok(match cursor.ordinal()? {
            Some(n) => When::Every(n),
            None => When::Always,
        });
    }
    if cursor.eat("the") {
        if cursor.eat("first") {
            return Ok(When::First(cursor.count("a number of calls")?));
        }
        return match cursor.ordinal()? {
            Some(n) => Ok(When::Nth(n)),
            None => cursor.unexpected(HOW),
        };
    }
    cursor.eat("with");
    let when = cursor.when()?;
    match cursor.eat(",") && cursor.eat("every") {
        true => Ok(when),
        false => cursor.unexpected(HOW),
    }
}

/// A rule without its effect.
#[derive(Clone, Debug)]
#[must_use = "a rule does nothing until it has an effect and is pushed"]
pub struct FaultBuilder {
    matches: Match,
    when: When,
    takes: Option<Latency>,
}

impl FaultBuilder {
    fn new(operation: Option<AnyOperation>) -> Self {
        Self {
            matches: Match {
                operation,
                ..Match::default()
            },
            when: When::Always,
            takes: None,
        }
    }

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
    pub fn nth(self, n: u64) -> Self {
        self.when(When::Nth(n))
    }

    /// Only at the first `n` calls that match.
    pub fn first(self, n: u64) -> Self {
        self.when(When::First(n))
    }

    /// Only then.
    pub fn when(mut self, when: When) -> Self {
        self.when = when;
        self
    }

    /// The call takes so long before anything else happens to it.
    pub fn after_taking(mut self, latency: Latency) -> Self {
        self.takes = Some(latency);
        self
    }

    /// The call takes so long, in virtual time, and then goes on as usual.
    pub fn takes(mut self, time: Duration) -> Fault {
        self.takes = Some(Latency::Fixed(time));
        self.with(None)
    }

    /// The call fails with this error and has no effect.
    pub fn fails_with(self, error: impl Into<Failure>) -> Fault {
        self.with(Some(Action::Fails(error.into())))
    }

    /// The call takes effect and fails with this error all the same.
    pub fn applies_then_fails_with(self, error: impl Into<Failure>) -> Fault {
        self.with(Some(Action::AppliedThen(Ending::Error(error.into()))))
    }

    /// The instance dies at the call, before it takes effect.
    pub fn traps(self) -> Fault {
        self.with(Some(Action::Traps))
    }

    /// The call takes effect, and the instance dies.
    pub fn applies_then_traps(self) -> Fault {
        self.with(Some(Action::AppliedThen(Ending::Trap)))
    }

    /// The call never ends.
    pub fn hangs(self) -> Fault {
        self.with(Some(Action::Hangs))
    }

    /// The guest is told that the write happened, and it did not.
    pub fn is_lost(self) -> Fault {
        self.with(Some(Action::Lost))
    }

    /// The read sees the store as it was.
    pub fn is_stale(self, staleness: Staleness) -> Fault {
        self.with(Some(Action::Stale(staleness)))
    }

    /// The value is damaged.
    pub fn is_corrupt(self, corruption: Corruption) -> Fault {
        self.with(Some(Action::Corrupt(corruption)))
    }

    /// The batch or listing delivers the first `after` entries, then fails.
    pub fn is_torn_after(self, after: u64) -> Fault {
        self.with(Some(Action::Torn { after, error: None }))
    }

    /// In any second so many calls pass, and no more.
    pub fn is_throttled_to(self, per_second: u64) -> Fault {
        self.with(Some(Action::Throttled(per_second)))
    }

    /// The store holds so much and no more.
    pub fn has_a_quota_of(self, quota: Quota) -> Fault {
        self.with(Some(Action::Quota(quota)))
    }

    fn with(self, then: Option<Action>) -> Fault {
        Fault {
            matches: self.matches,
            when: self.when,
            effect: Effect {
                takes: self.takes,
                then,
            },
            optional: false,
        }
    }
}
