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
pub(crate) mod telemetry;

pub use failure::{ErrorCase, Failure, UnknownFailure};
pub use operation::{AnyOperation, UnknownServiceOperation};

pub(crate) use http::{HTTP, SPIN_HTTP, of_method};
pub(crate) use rdbms::{
    MYSQL_1, MYSQL_2, MYSQL_3, POSTGRES_1, POSTGRES_2, POSTGRES_3, POSTGRES_4, SqlOperation,
    sql_operation,
};

use super::sqlite;
use std::borrow::Cow;
use std::fmt;

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
    /// Whether a call can see what another one did: then a schedule sweep orders them.
    pub stateful: bool,
}

impl ServiceInterface {
    /// Whether it can answer with an error at all.
    pub fn can_say(&self, failure: &Failure) -> bool {
        self.errors.iter().any(|case| case.is_of(failure))
    }

    /// The interface that is imported under a name.
    pub fn of_import(import: &str) -> Option<&'static Self> {
        let interfaces = INTERFACES.iter().copied();
        interfaces
            .into_iter()
            .find(|interface| interface.is_imported_as(import))
    }

    /// Whether an import of this name is of this interface: that of `wasi:http` stands for two, of several versions, and
    /// a later version for the earlier ones that it is compatible with.
    fn is_imported_as(&self, import: &str) -> bool {
        let is_of_wasi = self.name == http::HTTP.name && http::is_wasi_import(import)
            || self.family == sockets::FAMILY && sockets::is_import(self.name, import);
        if self.name == import || is_of_wasi {
            return true;
        }
        let (Some((name, ours)), Some((imported, theirs))) =
            (self.name.split_once('@'), import.split_once('@'))
        else {
            return false;
        };
        let version = |text: &str| semver::Version::parse(text).ok();
        let compatible = |ours: semver::Version, theirs: semver::Version| {
            ours.major > 0 && ours.major == theirs.major && theirs <= ours && theirs.pre.is_empty()
        };
        name == imported
            && version(ours)
                .zip(version(theirs))
                .is_some_and(|(ours, theirs)| compatible(ours, theirs))
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
}

impl ServiceOperation {
    /// The service that it is of.
    pub fn family(&self) -> &'static str {
        self.name.split(' ').next().unwrap_or(self.name)
    }

    /// The errors that some interface of its service can say.
    pub(crate) fn errors(&self) -> impl Iterator<Item = &'static ErrorCase> {
        let family = self.family();
        let of_family = INTERFACES.iter().filter(move |it| it.family == family);
        let mut seen = std::collections::BTreeSet::new();
        of_family
            .flat_map(|interface| interface.errors)
            .filter(move |case| seen.insert(*case))
    }
}

impl fmt::Display for ServiceOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name)
    }
}

/// A label as calls of an operation have it: of a server's addresses that mean the same, one.
pub(crate) fn normal_label(operation: AnyOperation, label: &str) -> Cow<'_, str> {
    match operation {
        AnyOperation::Service(operation) if operation.family() == redis::FAMILY => {
            Cow::Owned(crate::sandbox::redis::label(label))
        }
        _ => Cow::Borrowed(label),
    }
}

/// Every interface of every service besides key-value.
pub static INTERFACES: &[&ServiceInterface] = &[
    &HTTP,
    &SPIN_HTTP,
    &redis::REDIS_1,
    &redis::REDIS_2,
    &redis::REDIS_3,
    &sqlite::SQLITE_1,
    &sqlite::SQLITE_2,
    &sqlite::SQLITE_3,
    &POSTGRES_1,
    &POSTGRES_2,
    &POSTGRES_3,
    &POSTGRES_4,
    &MYSQL_1,
    &MYSQL_2,
    &MYSQL_3,
    &llm::LLM_1,
    &llm::LLM_2,
    &mqtt::MQTT_2,
    &mqtt::MQTT_3,
    &telemetry::TRACING,
    &telemetry::METRICS,
    &telemetry::LOGS,
    &sockets::SOCKETS_2,
    &sockets::SOCKETS_3,
];

/// The operations of every service besides key-value.
pub static OPERATIONS: &[&[&ServiceOperation]] = &[
    &http::OPERATIONS,
    &redis::OPERATIONS,
    &sqlite::OPERATIONS,
    &rdbms::OF_POSTGRES,
    &rdbms::OF_MYSQL,
    &llm::OPERATIONS,
    &mqtt::OPERATIONS,
    &telemetry::OPERATIONS,
    &sockets::OPERATIONS,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_interface_has_operations_and_can_say_what_sweeps_inject() {
        for interface in INTERFACES {
            let mut operations = OPERATIONS.iter().copied().flatten();
            assert!(
                operations.any(|operation| operation.family() == interface.family),
                "{interface:?}"
            );
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
        let of = |import| ServiceInterface::of_import(import).map(|interface| interface.name);
        let latest = Some("spin:sqlite/sqlite@3.1.0");
        assert_eq!(of("spin:sqlite/sqlite@3.0.0"), latest);
        assert_eq!(of("spin:sqlite/sqlite@3.1.0"), latest);
        assert_eq!(of("spin:sqlite/sqlite@3.2.0"), None);
        assert_eq!(of("fermyon:spin/sqlite"), Some("fermyon:spin/sqlite"));
        assert_eq!(of("wasi:http/client@0.3.0"), Some("wasi:http"));
    }

    #[test]
    fn every_operation_reads_back() {
        for operation in OPERATIONS.iter().copied().flatten() {
            assert_eq!(operation.name.parse(), Ok(AnyOperation::Service(operation)));
            assert!(operation.name.contains(' '), "{operation}");
        }
    }
}
