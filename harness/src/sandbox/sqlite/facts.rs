//! The interfaces and operations of SQLite, as the gate knows them.

use crate::sandbox::service::{ErrorCase, ServiceInterface, ServiceOperation};

const FAMILY: &str = "sqlite";

/// The same in all versions (`wit/deps/*/sqlite.wit` in Spin).
const ERRORS: &[ErrorCase] = &[
    ErrorCase::plain("no-such-database"),
    ErrorCase::plain("access-denied"),
    ErrorCase::plain("invalid-connection"),
    ErrorCase::plain("database-full"),
    ErrorCase::with_text("io"),
];

const fn interface(name: &'static str, is_async: bool) -> ServiceInterface {
    ServiceInterface {
        name,
        family: FAMILY,
        errors: ERRORS,
        injected: "io: injected failure",
        injected_after: "io: injected failure",
        is_async,
        stateful: true,
    }
}

/// Without a version.
pub(crate) static SQLITE_1: ServiceInterface = interface("fermyon:spin/sqlite", false);
/// Of Spin 2.
pub(crate) static SQLITE_2: ServiceInterface = interface("fermyon:spin/sqlite@2.0.0", false);
/// Of Spin 3 and 4; that of 3.0.0 is a part of it.
pub(crate) static SQLITE_3: ServiceInterface = interface("spin:sqlite/sqlite@3.1.0", false);
/// The `async` functions of the same interface.
pub(crate) static SQLITE_3_ASYNC: ServiceInterface = interface("spin:sqlite/sqlite@3.1.0", true);

pub(super) static OPEN: ServiceOperation = ServiceOperation {
    name: "sqlite open",
    writes: false,
    can_be_lost: false,
};
pub(super) static EXECUTE: ServiceOperation = ServiceOperation {
    name: "sqlite execute",
    writes: true,
    can_be_lost: true,
};

pub(crate) static OPERATIONS: [&ServiceOperation; 2] = [&OPEN, &EXECUTE];
