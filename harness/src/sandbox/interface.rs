//! The interfaces through which a guest can reach a service, and which errors each of them can say.

use crate::storage::{Error, Operation};
use std::fmt;

/// A key-value interface, by the name a component imports it under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Interface {
    /// `fermyon:spin/key-value`, without a version (Spin 1).
    KeyValue1,
    /// `fermyon:spin/key-value@2.0.0`.
    KeyValue2,
    /// `wasi:keyvalue/{store,batch,atomics}@0.2.0-draft2`.
    WasiKeyValue,
    /// `spin:key-value/key-value@3.0.0`.
    KeyValue3,
}

impl Interface {
    /// All four, oldest first.
    pub const ALL: [Self; 4] = [
        Self::KeyValue1,
        Self::KeyValue2,
        Self::WasiKeyValue,
        Self::KeyValue3,
    ];

    /// The name under which it is imported; for wasi:keyvalue that of the package.
    pub fn name(self) -> &'static str {
        match self {
            Self::KeyValue1 => "fermyon:spin/key-value",
            Self::KeyValue2 => "fermyon:spin/key-value@2.0.0",
            Self::WasiKeyValue => "wasi:keyvalue@0.2.0-draft2",
            Self::KeyValue3 => "spin:key-value/key-value@3.0.0",
        }
    }

    /// The interface that an import of this name belongs to, if it is one of the four.
    pub fn of_import(import: &str) -> Option<Self> {
        match import {
            "fermyon:spin/key-value" => Some(Self::KeyValue1),
            "fermyon:spin/key-value@2.0.0" => Some(Self::KeyValue2),
            "spin:key-value/key-value@3.0.0" => Some(Self::KeyValue3),
            _ => (import.starts_with("wasi:keyvalue/") && import.ends_with("@0.2.0-draft2"))
                .then_some(Self::WasiKeyValue),
        }
    }

    /// Whether this interface has this operation; only wasi:keyvalue has batches, increment and swap.
    pub fn has(self, operation: Operation) -> bool {
        self == Self::WasiKeyValue
            || matches!(
                operation,
                Operation::Open
                    | Operation::Get
                    | Operation::Set
                    | Operation::Delete
                    | Operation::Exists
                    | Operation::GetKeys
            )
    }

    /// Whether this interface can answer `operation` with `error` at all.
    ///
    /// Where its own error type has no such case but another says the same, it can: `store-table-full` is
    /// `other("store table full")` in wasi:keyvalue.
    pub fn can_say(self, error: &Error, operation: Operation) -> bool {
        if !self.has(operation) {
            return false;
        }
        match error {
            Error::Other(_) | Error::AccessDenied | Error::NoSuchStore | Error::StoreTableFull => {
                true
            }
            Error::NoSuchKey => self == Self::KeyValue1 && operation == Operation::Get,
            Error::InvalidStore => self == Self::KeyValue1 && operation != Operation::Open,
            Error::CasFailed => self == Self::WasiKeyValue && operation == Operation::Swap,
        }
    }
}

impl fmt::Display for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_one_interface_can_say() {
        let who = |error: Error, operation| {
            Interface::ALL.map(|interface| interface.can_say(&error, operation))
        };
        let only_v1 = [true, false, false, false];
        assert_eq!(who(Error::NoSuchKey, Operation::Get), only_v1);
        assert_eq!(who(Error::NoSuchKey, Operation::Set), [false; 4]);
        assert_eq!(who(Error::InvalidStore, Operation::Set), only_v1);
        assert_eq!(who(Error::InvalidStore, Operation::Open), [false; 4]);
        assert_eq!(who(Error::InvalidStore, Operation::Swap), [false; 4]);
        let only_wasi = [false, false, true, false];
        assert_eq!(who(Error::AccessDenied, Operation::GetMany), only_wasi);
        assert_eq!(
            who(Error::CasFailed, Operation::Swap),
            [false, false, true, false]
        );
        assert_eq!(who(Error::StoreTableFull, Operation::Open), [true; 4]);
    }
}
