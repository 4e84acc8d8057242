//! What a rule does to a call: how long it takes, and what goes wrong with it.

use super::latency::Latency;
use crate::sandbox::Interface;
use crate::sandbox::service::{AnyOperation, Failure, ServiceInterface, ServiceOperation};
use crate::storage::Operation;
use crate::value::{show_duration, unescape};
use std::fmt;
use std::time::Duration;

/// What a rule does to a call: it takes time, or something goes wrong, or both, in this order.
///
/// Written and read as tables have it:
///
/// ```
/// use spin_harness::sandbox::Effect;
/// let effect: Effect = "takes 250 ms then other: timeout".parse()?;
/// assert_eq!(effect.to_string(), "takes 250 ms then other: timeout");
/// # Ok::<(), spin_harness::sandbox::FaultSyntaxError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// How long the call takes, in virtual time.
    pub takes: Option<Latency>,
    /// What goes wrong.
    pub then: Option<Action>,
}

/// What goes wrong with a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// It has no effect and gives this error.
    Fails(Failure),
    /// It takes effect, and ends badly all the same. Writes only.
    AppliedThen(Ending),
    /// It has no effect, and the guest is told that it succeeded. Writes only.
    Lost,
    /// It sees the store as it was. Reads only.
    Stale(Staleness),
    /// The value that it reads or stores is damaged.
    Corrupt(Corruption),
    /// It delivers only the first so many entries and then fails: set-many, delete-many, and get-keys of 3.0.0.
    Torn {
        /// How many entries take effect, or are listed.
        after: u64,
        /// With which error it fails; `other: torn after N` if none is said.
        error: Option<Failure>,
    },
    /// The instance dies at the call, before it takes effect.
    Traps,
    /// It never ends: the bound on the request's time ends the request.
    Hangs,
    /// Calls above this rate fail with `other: too many requests`: so many in any second of virtual time pass.
    Throttled(u64),
    /// Writes that would make the store larger than this fail.
    Quota(Quota),
}

/// How a call ends that took effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With this error.
    Error(Failure),
    /// With the end of the instance.
    Trap,
}

/// How far back a stale read sees. Never further than what the Given steps stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Staleness {
    /// As it was before this many of the last writes to what it reads.
    Writes(u64),
    /// As it was this long ago, of virtual time.
    By(Duration),
}

/// How a value is damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Corruption {
    /// The seed chooses one of the others.
    Either,
    /// One bit is flipped; the seed chooses which.
    Flipped,
    /// It ends early; the seed chooses where.
    Truncated,
}

/// How much a store holds and no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quota {
    /// So many tuples.
    Tuples(u64),
    /// So many bytes, those of the keys and of the values.
    Bytes(u64),
}

/// What a throttled call is answered (`crates/factor-key-value` in Spin).
pub(crate) const TOO_MANY_REQUESTS: &str = "too many requests";

impl Effect {
    /// Only what goes wrong, at once.
    pub fn only(action: Action) -> Self {
        Self {
            takes: None,
            then: Some(action),
        }
    }

    /// The call has no effect and gives this error.
    pub fn fails(error: impl Into<Failure>) -> Self {
        Self::only(Action::Fails(error.into()))
    }

    /// The call takes effect and gives this error all the same.
    pub fn applied_then(error: impl Into<Failure>) -> Self {
        Self::only(Action::AppliedThen(Ending::Error(error.into())))
    }

    /// Whether it depends on, or changes, when calls happen: such calls are not independent of each other.
    pub(crate) fn depends_on_order(&self) -> bool {
        self.takes.is_some()
            || matches!(
                self.then,
                Some(Action::Throttled(_) | Action::Quota(_) | Action::Stale(_))
            )
    }

    /// Whether it can happen to this operation at all, through whatever interface.
    pub fn concerns(&self, operation: impl Into<AnyOperation>) -> bool {
        let operation = operation.into();
        self.then
            .as_ref()
            .is_none_or(|action| action.concerns(operation))
    }

    /// Whether a call of `operation` through `interface` can go wrong like this.
    pub fn can_be_said(&self, interface: Interface, operation: Operation) -> bool {
        self.then
            .as_ref()
            .is_none_or(|action| action.can_be_said(interface, operation))
    }
}

impl Action {
    /// Whether it can happen to this operation at all, through whatever interface.
    pub fn concerns(&self, operation: impl Into<AnyOperation>) -> bool {
        let operation = match operation.into() {
            AnyOperation::KeyValue(operation) => operation,
            AnyOperation::Service(operation) => return self.concerns_service(operation),
        };
        match self {
            Self::Fails(_) | Self::Traps | Self::Hangs | Self::Throttled(_) => true,
            Self::AppliedThen(_) | Self::Lost | Self::Quota(_) => operation.is_write(),
            Self::Stale(_) => operation.is_read(),
            Self::Corrupt(_) => operation.carries_a_value(),
            Self::Torn { .. } => matches!(
                operation,
                Operation::SetMany | Operation::DeleteMany | Operation::GetKeys
            ),
        }
    }

    /// What can happen to a call of another service than key-value: nothing that is about values, batches or sizes.
    fn concerns_service(&self, operation: &ServiceOperation) -> bool {
        match self {
            Self::Fails(_) | Self::Traps | Self::Hangs => true,
            Self::AppliedThen(_) => operation.writes,
            Self::Lost => operation.can_be_lost,
            Self::Stale(_)
            | Self::Corrupt(_)
            | Self::Torn { .. }
            | Self::Throttled(_)
            | Self::Quota(_) => false,
        }
    }

    /// The operations that it can happen to, of the service that this one belongs to, for messages.
    pub(crate) fn concerned(&self, like: AnyOperation) -> Vec<&'static str> {
        let operations: Vec<AnyOperation> = match like.family() {
            None => Operation::ALL.map(AnyOperation::from).to_vec(),
            Some(family) => {
                let operations = family.operations.iter().copied();
                operations.map(AnyOperation::Service).collect()
            }
        };
        let concerned = operations.into_iter().filter(|it| self.concerns(*it));
        concerned.map(AnyOperation::name).collect()
    }

    /// The error that it answers with, if it does.
    pub(crate) fn error(&self) -> Option<&Failure> {
        match self {
            Self::Fails(error) | Self::AppliedThen(Ending::Error(error)) => Some(error),
            Self::Torn { error, .. } => error.as_ref(),
            _ => None,
        }
    }

    /// Whether a call of `operation` through an interface of another service can go wrong like this.
    pub fn can_be_said_of(
        &self,
        interface: &ServiceInterface,
        operation: &'static ServiceOperation,
    ) -> bool {
        self.concerns(AnyOperation::Service(operation))
            && self.error().is_none_or(|error| interface.can_say(error))
    }

    /// Why no interface of the operation's service can say the error, if none can.
    pub(crate) fn unsayable(&self, operation: AnyOperation) -> Option<&Failure> {
        let error = self.error()?;
        let sayable = match operation {
            // `io` is what the oldest interface calls `other`.
            AnyOperation::KeyValue(_) => error.of_store().is_some(),
            AnyOperation::Service(_) => operation.errors().iter().any(|case| case.is_of(error)),
        };
        (!sayable).then_some(error)
    }

    /// Whether a call of `operation` through `interface` can go wrong like this.
    pub fn can_be_said(&self, interface: Interface, operation: Operation) -> bool {
        let sayable = |error: &Failure| {
            let error = error.of_store();
            error.is_some_and(|error| interface.can_say(&error, operation))
        };
        let listing = matches!(self, Self::Torn { .. }) && operation == Operation::GetKeys;
        self.concerns(operation)
            && self.error().is_none_or(sayable)
            && (!listing || interface == Interface::KeyValue3)
    }

    /// As [`Action::deed`], with the operation: `answer "get" with "cas-failed"`.
    pub(crate) fn deed_of(&self, operation: AnyOperation) -> String {
        match self {
            Self::Fails(error) | Self::AppliedThen(Ending::Error(error)) => {
                format!("answer \"{operation}\" with \"{error}\"")
            }
            Self::Torn {
                error: Some(error), ..
            } => format!("break \"{operation}\" off with \"{error}\""),
            Self::Torn { .. } => format!("break \"{operation}\" off"),
            _ => format!("let \"{operation}\" {}", self.deed()),
        }
    }

    /// What it is called where a person is told that it cannot happen: `answer with "cas-failed"`.
    pub(crate) fn deed(&self) -> String {
        match self {
            Self::Fails(error) => format!("answer with \"{error}\""),
            Self::AppliedThen(Ending::Error(error)) => {
                format!("be applied and then fail with \"{error}\"")
            }
            Self::Torn {
                error: Some(error), ..
            } => format!("break off with \"{error}\""),
            Self::Torn { .. } => "break off".to_owned(),
            Self::Lost => "be lost".to_owned(),
            Self::Stale(_) => "be stale".to_owned(),
            Self::Corrupt(_) => "be corrupt".to_owned(),
            Self::AppliedThen(Ending::Trap) => "be applied and then trap".to_owned(),
            Self::Quota(_) => "be held back by a quota".to_owned(),
            Self::Traps => "trap".to_owned(),
            Self::Hangs => "hang".to_owned(),
            Self::Throttled(_) => "be throttled".to_owned(),
        }
    }
}

/// As a table has it: `takes 250 ms then other: timeout`.
impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(takes) = &self.takes {
            write!(f, "takes {takes}")?;
        }
        match (&self.takes, &self.then) {
            (Some(_), Some(then)) => write!(f, " then {then}"),
            (None, Some(then)) => write!(f, "{then}"),
            (Some(_), None) => Ok(()),
            (None, None) => f.write_str("takes 0 ms"),
        }
    }
}

/// As a table has it: `applied then other: timeout`.
impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fails(error) => write!(f, "{error}"),
            Self::AppliedThen(ending) => write!(f, "applied then {ending}"),
            Self::Lost => f.write_str("lost"),
            Self::Stale(staleness) => write!(f, "stale{staleness}"),
            Self::Corrupt(corruption) => write!(f, "corrupt{corruption}"),
            Self::Torn { after, error: None } => write!(f, "torn {after}"),
            Self::Torn {
                after,
                error: Some(error),
            } => write!(f, "torn {after} then {error}"),
            Self::Traps => f.write_str("traps"),
            Self::Hangs => f.write_str("hangs"),
            Self::Throttled(rate) => write!(f, "throttled {rate} per second"),
            Self::Quota(quota) => write!(f, "quota {quota}"),
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(error) => write!(f, "{error}"),
            Self::Trap => f.write_str("traps"),
        }
    }
}

/// What follows `stale`: nothing for the last write.
impl fmt::Display for Staleness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Writes(1) => Ok(()),
            Self::Writes(n) => write!(f, " by {n} writes"),
            Self::By(time) => write!(f, " by {}", show_duration(*time)),
        }
    }
}

/// What follows `corrupt`: nothing where the seed chooses.
impl fmt::Display for Corruption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Either => "",
            Self::Flipped => ", flipped",
            Self::Truncated => ", truncated",
        })
    }
}

impl fmt::Display for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tuples(1) => f.write_str("1 tuple"),
            Self::Tuples(n) => write!(f, "{n} tuples"),
            Self::Bytes(1) => f.write_str("1 byte"),
            Self::Bytes(n) => write!(f, "{n} bytes"),
        }
    }
}

/// An effect as a sentence ends with it: `takes 250 ms, then fails with "other: timeout"`.
pub(super) struct AsSentence<'e>(pub &'e Effect);

impl fmt::Display for AsSentence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Effect { takes, then } = self.0;
        if let Some(takes) = takes {
            write!(f, "takes {takes}")?;
        }
        let Some(action) = then else {
            return match takes {
                Some(_) => Ok(()),
                None => f.write_str("takes 0 ms"),
            };
        };
        if takes.is_some() {
            f.write_str(", then ")?;
        }
        match action {
            Action::Fails(error) => write!(f, "fails with {}", Quoted(error)),
            Action::AppliedThen(Ending::Error(error)) => {
                write!(f, "applies, then fails with {}", Quoted(error))
            }
            Action::AppliedThen(Ending::Trap) => f.write_str("applies, then traps"),
            Action::Torn { after, error: None } => write!(f, "is torn after {after}"),
            Action::Torn {
                after,
                error: Some(error),
            } => write!(
                f,
                "is torn after {after}, then fails with {}",
                Quoted(error)
            ),
            Action::Throttled(rate) => write!(f, "is throttled to {rate} per second"),
            Action::Quota(quota) => write!(f, "has a quota of {quota}"),
            Action::Traps | Action::Hangs => write!(f, "{action}"),
            Action::Lost | Action::Stale(_) | Action::Corrupt(_) => write!(f, "is {action}"),
        }
    }
}

/// In quotes, as a sentence's strings are.
pub(super) struct Quoted<T>(pub T);

impl<T: fmt::Display> fmt::Display for Quoted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        // Most backslashes mean themselves; those that would not are doubled.
        let plain = !text.contains('"') && !text.ends_with('\\') && unescape(&text) == text;
        match plain {
            true => write!(f, "\"{text}\""),
            false => write!(f, "\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
        }
    }
}
