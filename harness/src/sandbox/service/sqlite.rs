//! SQLite as the gate sees it: one interface in three generations.

use super::{ErrorCase, Family, ServiceInterface, ServiceOperation, Turns};
use crate::sandbox::KeyPattern;

/// The first word of its operations.
const FAMILY: &str = "sqlite";

/// SQLite databases, each under a label.
pub(super) static SERVICE: Family = Family {
    name: FAMILY,
    interfaces: &[&SQLITE_1, &SQLITE_2, &SQLITE_3],
    operations: &[&OPEN, &EXECUTE],
    key_words: "of statement",
    label_words: Some("on database"),
    normal_label: str::to_owned,
    key_pattern: KeyPattern::new,
    answers_in_turn: |_| false,
    swept: |_, _, _| true,
};

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
        turns: Turns::Always,
        also: &[],
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

pub(crate) static OPEN: ServiceOperation = ServiceOperation::opens("sqlite open");
pub(crate) static EXECUTE: ServiceOperation =
    ServiceOperation::writes("sqlite execute").that_can_be_lost();
