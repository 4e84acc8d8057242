//! Operations of all services under one set of names: `set` is a key-value store's, `sqlite execute` another service's.

use super::{OPERATIONS, ServiceOperation};
use crate::storage::{Operation, UnknownOperation};
use std::fmt;
use std::str::FromStr;

/// An operation of a key-value store or of another service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AnyOperation {
    /// Of a key-value store.
    KeyValue(Operation),
    /// Of another service.
    Service(&'static ServiceOperation),
}

impl AnyOperation {
    /// The name in journals, tables and fault rules.
    pub fn name(self) -> &'static str {
        match self {
            Self::KeyValue(operation) => operation.name(),
            Self::Service(operation) => operation.name,
        }
    }

    /// The operation of a key-value store, if it is one.
    pub fn of_store(self) -> Option<Operation> {
        match self {
            Self::KeyValue(operation) => Some(operation),
            Self::Service(_) => None,
        }
    }

    /// Whether it may change what the service holds.
    pub fn is_write(self) -> bool {
        match self {
            Self::KeyValue(operation) => operation.is_write(),
            Self::Service(operation) => operation.writes,
        }
    }
}

impl From<Operation> for AnyOperation {
    fn from(operation: Operation) -> Self {
        Self::KeyValue(operation)
    }
}

impl PartialEq<Operation> for AnyOperation {
    fn eq(&self, other: &Operation) -> bool {
        *self == Self::KeyValue(*other)
    }
}

impl fmt::Display for AnyOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A text that names no operation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownServiceOperation {
    /// Nor does it begin as one of another service does.
    #[error("{unknown}; those of other services begin with {}", families())]
    OfStore {
        /// What a key-value store says of it.
        unknown: UnknownOperation,
    },
    /// It begins with the name of a service.
    #[error(
        "`{name}` is no operation of {family}; there are {}",
        of_family(family)
    )]
    OfService {
        /// The text.
        name: String,
        /// The service.
        family: &'static str,
    },
}

fn all() -> impl Iterator<Item = &'static ServiceOperation> {
    OPERATIONS.iter().copied().flatten().copied()
}

fn families() -> String {
    let mut families: Vec<_> = all()
        .map(|operation| format!("`{} `", operation.family()))
        .collect();
    families.dedup();
    families.join(", ")
}

fn of_family(family: &str) -> String {
    let names: Vec<_> = all()
        .filter(|operation| operation.family() == family)
        .map(|operation| format!("`{operation}`"))
        .collect();
    names.join(", ")
}

impl FromStr for AnyOperation {
    type Err = UnknownServiceOperation;

    fn from_str(name: &str) -> Result<Self, UnknownServiceOperation> {
        let unknown = match name.parse() {
            Ok(operation) => return Ok(Self::KeyValue(operation)),
            Err(unknown) => unknown,
        };
        if let Some(operation) = all().find(|operation| operation.name == name) {
            return Ok(Self::Service(operation));
        }
        let first = name.split(' ').next().unwrap_or_default();
        Err(match all().find(|operation| operation.family() == first) {
            Some(operation) => UnknownServiceOperation::OfService {
                name: name.to_owned(),
                family: operation.family(),
            },
            None => UnknownServiceOperation::OfStore { unknown },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_of_stores_keep_their_names() {
        assert_eq!(
            "list-keys".parse(),
            Ok(AnyOperation::from(Operation::GetKeys))
        );
        let message = "sett".parse::<AnyOperation>().unwrap_err().to_string();
        assert!(message.contains("did you mean `set`?"), "{message}");
    }

    #[test]
    fn one_that_a_service_lacks_is_told_with_those_it_has() {
        let message = "http FETCH"
            .parse::<AnyOperation>()
            .unwrap_err()
            .to_string();
        assert!(
            message.contains("`http FETCH` is no operation of http"),
            "{message}"
        );
        assert!(message.contains("`http GET`"), "{message}");
    }
}
