//! Operations of all services under one set of names: `set` is a key-value store's, `sqlite execute` another service's.

use super::{ErrorCase, FAMILIES, Family, ServiceOperation, interfaces, named, operations};
use crate::sandbox::faults::{BadKeyPattern, KeyPattern};
use crate::storage::{Operation, UnknownOperation};
use crate::value::nearest;
use std::collections::BTreeSet;
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

/// What key-value stores can fail with ([`crate::Error`]).
const ERRORS_OF_STORES: [ErrorCase; 7] = [
    ErrorCase::with_text("other"),
    ErrorCase::plain("access-denied"),
    ErrorCase::plain("no-such-store"),
    ErrorCase::plain("store-table-full"),
    ErrorCase::plain("no-such-key"),
    ErrorCase::plain("invalid-store"),
    ErrorCase::plain("cas-failed"),
];

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

    /// The service that it is of; none for a key-value store.
    pub fn family(self) -> Option<&'static Family> {
        match self {
            Self::KeyValue(_) => None,
            Self::Service(operation) => Some(operation.family()),
        }
    }

    /// What sentences call what its calls are about, and what they are made on: `of statement`, `on database`.
    pub(crate) fn words(self) -> (&'static str, &'static str) {
        let of = self.family().map(|it| (it.key_words, it.label_words));
        let (of, on) = of.unwrap_or(("of key", None));
        (of, on.unwrap_or("on store"))
    }

    /// Reads a pattern of what its calls are about.
    ///
    /// # Errors
    ///
    /// An unfinished `[…]` or `{…}`, or a URL that no request has.
    pub fn key_pattern(self, text: &str) -> Result<KeyPattern, BadKeyPattern> {
        match self.family() {
            Some(family) => (family.key_pattern)(text),
            None => KeyPattern::new(text),
        }
    }

    /// The errors that some interface of its service can say.
    pub(crate) fn errors(self) -> Vec<ErrorCase> {
        let family = match self {
            Self::KeyValue(_) => return ERRORS_OF_STORES.to_vec(),
            Self::Service(operation) if !operation.fails => return Vec::new(),
            Self::Service(operation) => operation.family(),
        };
        let mut seen = BTreeSet::new();
        let all = family.interfaces.iter().flat_map(|it| it.errors);
        all.filter(|case| seen.insert(**case)).copied().collect()
    }

    /// Which errors there are, as a sentence.
    pub(crate) fn failures(self) -> String {
        match (self.errors().as_slice(), self) {
            ([], _) => "it never fails".to_owned(),
            (cases, Self::KeyValue(_)) => format!("a store has {}", named(cases)),
            (cases, Self::Service(_)) => format!("its service has {}", named(cases)),
        }
    }

    /// A label as calls of this operation have it: of a server's addresses that mean the same, one.
    pub(crate) fn normal_label(self, label: &str) -> String {
        match self.family() {
            Some(family) => (family.normal_label)(label),
            None => label.to_owned(),
        }
    }
}

/// The errors of all services, those of key-value stores first.
pub(crate) fn all_errors() -> Vec<ErrorCase> {
    let of_services = interfaces().flat_map(|interface| interface.errors);
    let all = ERRORS_OF_STORES.iter().chain(of_services);
    all.copied().collect()
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
    #[error(
        "{unknown}; those of other services begin with {}{}",
        families(),
        meant(name)
    )]
    OfStore {
        /// The text.
        name: String,
        /// What a key-value store says of it.
        unknown: UnknownOperation,
    },
    /// It begins with the name of a service.
    #[error(
        "`{name}` is no operation of {family}{}; there are {}",
        meant_of(family, name),
        of_family(family)
    )]
    OfService {
        /// The text.
        name: String,
        /// The service.
        family: &'static str,
    },
}

fn families() -> String {
    let names: Vec<_> = FAMILIES
        .iter()
        .map(|family| format!("`{} `", family.name))
        .collect();
    names.join(", ")
}

/// Which operation of a service was meant, for messages.
fn meant_of(family: &str, name: &str) -> String {
    // What all of them begin with would make any two of them alike.
    let own = |name: &'static str| name.split_once(' ').map_or(name, |(_, own)| own);
    let wrong = name.split_once(' ').map_or(name, |(_, own)| own);
    let of_family = operations().filter(|operation| operation.family().name == family);
    match nearest(wrong, of_family.map(|operation| own(operation.name))) {
        Some(meant) => format!(" (did you mean `{family} {meant}`?)"),
        None => String::new(),
    }
}

/// The same where not even the service is known. What has a blank is no operation of a key-value store.
fn meant(name: &str) -> String {
    let names = operations().map(|operation| operation.name);
    match nearest(name, names).filter(|_| name.contains(' ')) {
        Some(meant) => format!(" (did you mean `{meant}`?)"),
        None => String::new(),
    }
}

fn of_family(family: &str) -> String {
    let names: Vec<_> = operations()
        .filter(|operation| operation.family().name == family)
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
        if let Some(operation) = operations().find(|operation| operation.name == name) {
            return Ok(Self::Service(operation));
        }
        let first = name.split(' ').next().unwrap_or_default();
        Err(match FAMILIES.iter().find(|family| family.name == first) {
            Some(family) => UnknownServiceOperation::OfService {
                name: name.to_owned(),
                family: family.name,
            },
            None => UnknownServiceOperation::OfStore {
                name: name.to_owned(),
                unknown,
            },
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
        assert!(!message.contains("did you mean"), "{message}");
    }

    #[test]
    fn one_that_is_misspelt_is_told_with_what_was_meant() {
        for (wrong, meant) in [
            (
                "http GTE",
                "is no operation of http (did you mean `http GET`?); there are `http GET`",
            ),
            (
                "sqlite exceute",
                "is no operation of sqlite (did you mean `sqlite execute`?)",
            ),
            ("sqlit execute", "(did you mean `sqlite execute`?)"),
        ] {
            let message = wrong.parse::<AnyOperation>().unwrap_err().to_string();
            assert!(message.starts_with(&format!("`{wrong}` ")), "{message}");
            assert!(message.contains(meant), "{message}");
        }
    }
}
