//! What the gate knows of each service besides key-value: its interfaces, its operations, and the errors that it can say.
//!
//! Fault rules, sweeps and the journal need no more than this; what a call does is the service's own affair.

mod failure;
mod http;
pub(crate) mod llm;
pub(crate) mod mqtt;
mod operation;
mod rdbms;
pub(crate) mod redis;
pub(crate) mod sockets;
pub(crate) mod sqlite;
pub(crate) mod telemetry;
pub(crate) mod variables;

pub(crate) use failure::named;
pub use failure::{ErrorCase, Failure, UnknownFailure};
pub(crate) use operation::all_errors;
pub use operation::{AnyOperation, UnknownServiceOperation};

pub(crate) use http::{HTTP, SPIN_HTTP, of_method};
pub(crate) use rdbms::{
    MYSQL_1, MYSQL_2, MYSQL_3, POSTGRES_1, POSTGRES_2, POSTGRES_3, POSTGRES_4, SqlOperation,
    sql_operation,
};

use super::faults::{BadKeyPattern, KeyPattern};
use super::state::State;
use crate::app::{LockedApp, released};
use std::fmt;

/// A service: what is the same for all of its interfaces and operations.
#[derive(Debug)]
pub struct Family {
    /// The first word of its operations: `sqlite`.
    pub name: &'static str,
    /// Its interfaces, the oldest first.
    pub interfaces: &'static [&'static ServiceInterface],
    /// Its operations, as far as faults can hit them.
    pub operations: &'static [&'static ServiceOperation],
    /// What a rule's sentence calls what a call is about: `of statement`.
    pub key_words: &'static str,
    /// What it calls what a call is made on: `on database`. None where what a call is about says it all.
    pub label_words: Option<&'static str>,
    /// A label as calls have it: of spellings that mean the same, one, and without secrets.
    pub normal_label: fn(&str) -> String,
    /// Reads a pattern of what calls are about.
    pub key_pattern: fn(&str) -> Result<KeyPattern, BadKeyPattern>,
    /// Whether a scenario gives its answers one after the other: then which call comes first can be told.
    pub(crate) answers_in_turn: fn(&State) -> bool,
    /// Whether a fault sweep lets its calls fail: not where Spin has nothing to ask that could.
    pub(crate) swept: fn(&LockedApp, component: &str, key: &str) -> bool,
}

/// Every service besides key-value.
pub static FAMILIES: &[&Family] = &[
    &http::SERVICE,
    &redis::SERVICE,
    &sqlite::SERVICE,
    &rdbms::POSTGRES,
    &rdbms::MYSQL,
    &llm::SERVICE,
    &mqtt::SERVICE,
    &telemetry::SERVICE,
    &sockets::SERVICE,
    &variables::SERVICE,
];

/// Every interface of every service besides key-value.
pub(crate) fn interfaces() -> impl Iterator<Item = &'static ServiceInterface> {
    FAMILIES
        .iter()
        .flat_map(|family| family.interfaces)
        .copied()
}

/// Every operation of every service besides key-value.
pub(crate) fn operations() -> impl Iterator<Item = &'static ServiceOperation> {
    FAMILIES
        .iter()
        .flat_map(|family| family.operations)
        .copied()
}

/// An interface of a service, and what it can say.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceInterface {
    /// The name it is imported under, with its version.
    pub name: &'static str,
    /// The first word of its operations: `sqlite`.
    pub family: &'static str,
    /// The errors that it can say.
    pub errors: &'static [ErrorCase],
    /// What a fault sweep lets a call fail with before it takes effect: `io: injected failure`. Empty where the interface
    /// has no errors.
    pub injected: &'static str,
    /// What a fault sweep lets a call fail with after it has taken effect.
    pub injected_after: &'static str,
    /// Whether its functions are `async` ones: other tasks of the instance go on while one waits.
    pub is_async: bool,
    /// Whether requests at once wait for turns at its calls.
    pub turns: Turns,
    /// Imports that it stands for besides its own name: WASI's, with all released versions that begin so, or a snapshot of it:
    /// `wasi:http/client@0.3`.
    pub also: &'static [&'static str],
}

/// Whether requests at once take turns at the calls of an interface: a schedule sweep tries the orders of turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Turns {
    /// At every call: one can see what another one did.
    Always,
    /// Where a scenario makes the order tell: its rules count calls, or its answers are given one after the other.
    WhereTold,
    /// Never: its calls do not wait on the thread of the request that makes them.
    Never,
}

impl ServiceInterface {
    /// Whether it can answer with an error at all.
    pub fn can_say(&self, failure: &Failure) -> bool {
        self.errors.iter().any(|case| case.is_of(failure))
    }

    /// The interface that is imported under a name.
    pub fn of_import(import: &str) -> Option<&'static Self> {
        let import = released(import);
        interfaces().find(|interface| interface.is_imported_as(&import))
    }

    /// Whether an import of this name is of this interface: a later version stands for the earlier ones that it is
    /// compatible with.
    fn is_imported_as(&self, import: &str) -> bool {
        if self.name == import {
            return true;
        }
        let Some((imported, theirs)) = import.split_once('@') else {
            return false;
        };
        let release = |also: &&str| {
            let rest = import.strip_prefix(also);
            rest.is_some_and(|rest| rest.starts_with('.') && !rest.contains('-'))
        };
        if self.also.contains(&import) || self.also.iter().any(release) {
            return true;
        }
        let ours = match self.name.split_once('@') {
            Some((name, ours)) if name == imported => ours,
            _ => return false,
        };
        let version = |text: &str| semver::Version::parse(text).ok();
        version(ours)
            .zip(version(theirs))
            .is_some_and(|(ours, theirs)| {
                ours.major > 0
                    && ours.major == theirs.major
                    && theirs <= ours
                    && theirs.pre.is_empty()
            })
    }
}

/// An operation of a service.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceOperation {
    /// What journals and fault rules call it: the family, a blank and the operation's own name, `sqlite execute`.
    pub name: &'static str,
    /// Whether it may change what the service holds: then it can be applied, and fail all the same.
    pub writes: bool,
    /// Whether it can be done and undone, with the guest being told that it succeeded.
    pub can_be_lost: bool,
    /// Whether it only makes a handle: then it meets no other call.
    pub opens: bool,
    /// Whether it can answer with an error at all.
    pub fails: bool,
}

impl ServiceOperation {
    /// One that only makes a handle.
    pub(crate) const fn opens(name: &'static str) -> Self {
        Self {
            opens: true,
            ..Self::reads(name)
        }
    }

    /// One that changes nothing.
    pub(crate) const fn reads(name: &'static str) -> Self {
        Self {
            name,
            writes: false,
            can_be_lost: false,
            opens: false,
            fails: true,
        }
    }

    /// One that may change something.
    pub(crate) const fn writes(name: &'static str) -> Self {
        Self {
            writes: true,
            ..Self::reads(name)
        }
    }

    /// The same, which has no error to answer with.
    pub(crate) const fn that_never_fails(self) -> Self {
        Self {
            fails: false,
            ..self
        }
    }

    /// The same, which can be undone.
    pub(crate) const fn that_can_be_lost(self) -> Self {
        Self {
            can_be_lost: true,
            ..self
        }
    }

    /// The service that it is of.
    pub fn family(&self) -> &'static Family {
        let name = self.name.split(' ').next().unwrap_or(self.name);
        let named = FAMILIES.iter().find(|family| family.name == name);
        // A test looks at every operation.
        named.copied().unwrap_or(FAMILIES[0])
    }
}

impl fmt::Display for ServiceOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_interface_has_operations_and_can_say_what_sweeps_inject() {
        for interface in interfaces() {
            let family = FAMILIES.iter().find(|it| it.name == interface.family);
            let family = family.unwrap();
            assert!(!family.operations.is_empty(), "{interface:?}");
            assert!(family.interfaces.contains(&interface), "{interface:?}");
            for injected in [interface.injected, interface.injected_after] {
                if interface.errors.is_empty() {
                    assert_eq!(injected, "", "{interface:?}");
                    continue;
                }
                let failure: Failure = injected.parse().unwrap();
                assert!(interface.can_say(&failure), "{interface:?} {injected}");
            }
        }
    }

    #[test]
    fn an_earlier_version_is_imported_from_a_later_one() {
        let of = |import: &str| ServiceInterface::of_import(import).map(|interface| interface.name);
        let latest = Some("spin:sqlite/sqlite@3.1.0");
        assert_eq!(of("spin:sqlite/sqlite@3.0.0"), latest);
        assert_eq!(of("spin:sqlite/sqlite@3.1.0"), latest);
        assert_eq!(of("spin:sqlite/sqlite@3.2.0"), None);
        assert_eq!(of("fermyon:spin/sqlite"), Some("fermyon:spin/sqlite"));
        assert_eq!(of("wasi:http/client@0.3.0"), Some("wasi:http"));
        assert_eq!(of("wasi:http/outgoing-handler@0.2.6"), Some("wasi:http"));
        assert_eq!(of("wasi:http/types@0.2.6"), None);
        assert_eq!(
            of("wasi:http/client@0.3.0-rc-2026-03-15"),
            Some("wasi:http")
        );
        assert_eq!(of("wasi:http/client@0.3.0-rc-2026-02-09"), None);
        for snapshot in ["2023-10-18", "2023-11-10"] {
            let of = |interface: &str| of(&format!("wasi:{interface}@0.2.0-rc-{snapshot}"));
            assert_eq!(of("http/outgoing-handler"), Some("wasi:http"));
            assert_eq!(of("sockets/tcp"), Some("wasi:sockets/tcp"));
            assert_eq!(of("http/types"), None);
        }
        assert_eq!(of("wasi:sockets/tcp@0.2.0-rc-2023-12-05"), None);
        assert_eq!(of("wasi:sockets/tcp@0.2.12"), Some("wasi:sockets/tcp"));
        assert_eq!(of("wasi:sockets/types@0.3.0"), Some("wasi:sockets/types"));
        assert_eq!(of("wasi:sockets/udp@0.2.0"), None);
    }

    /// Calls have labels without what a person must not read; a rule that was written with it means them all the same.
    #[test]
    fn labels_are_known_without_users_and_passwords() {
        for family in ["postgres", "mysql", "mqtt", "redis"] {
            let of_family = operations().filter(|operation| operation.family().name == family);
            for operation in of_family {
                let address = format!("{family}://user:pass@db.example:1/x");
                let label = AnyOperation::Service(operation).normal_label(&address);
                assert!(
                    !label.contains("user") && !label.contains("pass"),
                    "{label}"
                );
                assert!(
                    label.starts_with(&format!("{family}://db.example:1")),
                    "{label}"
                );
            }
        }
    }

    #[test]
    fn every_operation_reads_back() {
        for operation in operations() {
            assert_eq!(operation.name.parse(), Ok(AnyOperation::Service(operation)));
            let family = operation.family();
            assert!(
                operation.name.starts_with(&format!("{} ", family.name)),
                "{operation}"
            );
            assert!(family.operations.contains(&operation), "{operation}");
        }
    }
}
