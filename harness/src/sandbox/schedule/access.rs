//! What a call that waits for its turn is about to do, and which calls may change places without anyone noticing.

use crate::sandbox::gate::{Caller, Target};
use crate::sandbox::interface::Interface;
use crate::storage::{Operation, Request};
use crate::value::visible;
use std::fmt;
use std::sync::Arc;

/// A call at the gate, as it is when its turn is asked for. Borrowed: a plain run has no use for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asking<'a> {
    pub caller: &'a Caller,
    pub interface: Interface,
    pub target: Target<'a>,
    pub request: &'a Request,
    /// Whether it had its turn before, slept, and now wants to go on.
    pub waking: bool,
}

/// What a storage call that waits for its turn is about to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The request it belongs to, counted from 1 among those sent at once.
    pub lane: u32,
    /// The instance that calls.
    pub instance: u32,
    /// The operation.
    pub operation: Operation,
    /// Which store, where a handle of one is used: labels may share one.
    pub store: Option<usize>,
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
        let (store, label) = match asking.target {
            Target::Label(label) => (None, Arc::clone(label)),
            Target::Handle(open) => (Some(open.index), Arc::clone(&open.label)),
            Target::Dead => (None, Arc::from("")),
        };
        let keys = asking.request.keys();
        Self {
            lane: asking.caller.lane,
            instance: asking.caller.instance,
            operation: asking.request.operation(),
            store,
            label,
            keys: keys.iter().map(|key| (*key).to_owned()).collect(),
            waking: asking.waking,
            holds: asking.interface != Interface::KeyValue3,
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
                || (self.operation.is_read() && other.operation.is_read())
                || !self.meets(other))
    }

    /// Whether both touch some key of one store.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        self.store.is_some()
            && self.store == other.store
            && (self.operation == Operation::GetKeys
                || other.operation == Operation::GetKeys
                || self.keys.iter().any(|key| other.keys.contains(key)))
    }

    /// Whether it only makes a handle.
    fn opens(&self) -> bool {
        matches!(self.operation, Operation::Open | Operation::CasNew)
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.operation)?;
        let what = match self.operation {
            Operation::Open => self.label.to_string(),
            _ => self.keys.join(", "),
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
            operation,
            store: Some(store),
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
