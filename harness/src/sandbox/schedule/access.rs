//! What a call that waits for its turn is about to do, and which calls may change places without anyone noticing.

use crate::sandbox::gate::{Asked, Caller, Target};
use crate::sandbox::interface::Interface;
use crate::sandbox::service::AnyOperation;
use crate::storage::{Operation, Request};
use crate::value::visible;
use std::fmt;
use std::sync::Arc;

/// A call at the gate, as it is when its turn is asked for. Borrowed: a plain run has no use for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asking<'a> {
    pub caller: &'a Caller,
    pub about: About<'a>,
    /// Whether it had its turn before, slept, and now wants to go on.
    pub waking: bool,
}

/// What a call is about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum About<'a> {
    /// A key-value store.
    Store {
        interface: Interface,
        target: Target<'a>,
        request: &'a Request,
    },
    /// Another service.
    Service {
        asked: &'a Asked<'a>,
        /// Whether its answers are given one after the other: then each call changes what the next one is answered.
        in_turn: bool,
    },
}

/// What is used under a label: stores by their number, since labels may share one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A key-value store.
    Store(usize),
    /// What a service other than key-value has under a label, all of it.
    Service(&'static str, Arc<str>),
}

/// What a call that waits for its turn is about to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The request it belongs to, counted from 1 among those sent at once.
    pub lane: u32,
    /// The instance that calls.
    pub instance: u32,
    /// The operation.
    pub operation: AnyOperation,
    /// Whether it may change what is there.
    pub writes: bool,
    /// What it uses, where a handle of it is open.
    pub place: Option<Place>,
    /// The label it was opened by; empty where the handle is not open.
    pub label: Arc<str>,
    /// The keys it names.
    pub keys: Vec<String>,
    /// Whether it had its turn before, slept, and now goes on.
    pub waking: bool,
    /// Whether nothing else in its instance moves while it waits: so it is with synchronous imports.
    pub(crate) holds: bool,
}

impl From<Asking<'_>> for Access {
    fn from(asking: Asking<'_>) -> Self {
        let Asking {
            caller,
            about,
            waking,
        } = asking;
        match about {
            About::Store {
                interface,
                target,
                request,
            } => {
                let (place, label) = match target {
                    Target::Label(label) => (None, Arc::clone(label)),
                    Target::Handle(open) => {
                        (Some(Place::Store(open.index)), Arc::clone(&open.label))
                    }
                    Target::Dead => (None, Arc::from("")),
                };
                let keys = request.keys();
                Self {
                    lane: caller.lane,
                    instance: caller.instance,
                    operation: request.operation().into(),
                    writes: request.operation().is_write(),
                    place,
                    label,
                    keys: keys.iter().map(|key| (*key).to_owned()).collect(),
                    waking,
                    holds: interface != Interface::KeyValue3,
                }
            }
            About::Service { asked, in_turn } => {
                let label: Arc<str> = Arc::from(asked.label);
                let family = asked.interface.family;
                let used = !asked.operation.opens;
                Self {
                    lane: caller.lane,
                    instance: caller.instance,
                    operation: AnyOperation::Service(asked.operation),
                    writes: asked.changes.any() || in_turn,
                    place: used.then(|| Place::Service(family, Arc::clone(&label))),
                    label,
                    keys: vec![asked.key.clone()],
                    waking,
                    holds: !asked.interface.is_async,
                }
            }
        }
    }
}

impl Access {
    /// Whether two calls of different lanes give the same in either order.
    pub(crate) fn is_independent_of(&self, other: &Self) -> bool {
        self.lane != other.lane
            && self.instance != other.instance
            && (self.opens()
                || other.opens()
                || (self.reads() && other.reads())
                || !self.meets(other))
    }

    /// Whether both touch some key of one store, or the same service.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        self.place.is_some()
            && self.place == other.place
            && (self.is_of_all()
                || other.is_of_all()
                || self.keys.iter().any(|key| other.keys.contains(key)))
    }

    /// Whether it looks into what is there, and changes nothing.
    pub(crate) fn reads(&self) -> bool {
        match self.operation {
            AnyOperation::KeyValue(operation) => operation.is_read(),
            AnyOperation::Service(_) => self.place.is_some() && !self.writes,
        }
    }

    /// Whether it only makes a handle.
    pub(crate) fn opens(&self) -> bool {
        match self.operation {
            AnyOperation::KeyValue(operation) => {
                matches!(operation, Operation::Open | Operation::CasNew)
            }
            AnyOperation::Service(_) => self.place.is_none(),
        }
    }

    /// Whether it is about everything that is there: of a service's keys nothing is known.
    fn is_of_all(&self) -> bool {
        match self.operation {
            AnyOperation::KeyValue(operation) => operation == Operation::GetKeys,
            AnyOperation::Service(_) => true,
        }
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.operation)?;
        let what = match self.operation == Operation::Open {
            true => self.label.to_string(),
            false => self.keys.join(", "),
        };
        if what.is_empty() {
            return Ok(());
        }
        write!(f, " {}", visible(&what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(lane: u32, operation: Operation, store: usize, keys: &[&str]) -> Access {
        Access {
            lane,
            instance: lane,
            operation: operation.into(),
            writes: operation.is_write(),
            place: Some(Place::Store(store)),
            label: Arc::from("default"),
            keys: keys.iter().map(|key| (*key).to_owned()).collect(),
            waking: false,
            holds: true,
        }
    }

    fn independent(a: (Operation, usize, &[&str]), b: (Operation, usize, &[&str])) -> bool {
        let (a, b) = (access(1, a.0, a.1, a.2), access(2, b.0, b.1, b.2));
        assert_eq!(a.is_independent_of(&b), b.is_independent_of(&a));
        a.is_independent_of(&b)
    }

    #[test]
    fn calls_are_independent_as_the_semantics_say() {
        use Operation::*;
        assert!(independent((Get, 0, &["a"]), (Get, 0, &["a"])));
        assert!(!independent((Get, 0, &["a"]), (Set, 0, &["a"])));
        assert!(!independent((Set, 0, &["a"]), (Delete, 0, &["a"])));
        assert!(independent((Set, 0, &["a"]), (Set, 0, &["b"])));
        assert!(independent((Set, 0, &["a"]), (Set, 1, &["a"])));
        assert!(!independent((GetKeys, 0, &[]), (Set, 0, &["a"])));
        assert!(independent((GetKeys, 0, &[]), (Set, 1, &["a"])));
        assert!(independent((GetKeys, 0, &[]), (Exists, 0, &["a"])));
        assert!(!independent((GetMany, 0, &["a", "b"]), (Set, 0, &["b"])));
        assert!(independent((CasNew, 0, &["a"]), (Swap, 0, &["a"])));
        assert!(!independent((CasCurrent, 0, &["a"]), (Swap, 0, &["a"])));
        assert!(!independent((Increment, 0, &["a"]), (Increment, 0, &["a"])));
    }

    #[test]
    fn nothing_in_one_instance_is_independent() {
        let first = access(1, Operation::Open, 0, &[]);
        let mut second = access(2, Operation::Open, 0, &[]);
        assert!(first.is_independent_of(&second));
        second.instance = 1;
        assert!(!first.is_independent_of(&second));
    }
}
