//! Redis as the gate sees it: three generations of one interface, an operation for each of its functions.

use super::{ErrorCase, Family, ServiceInterface, ServiceOperation, Turns};
use crate::sandbox::KeyPattern;

/// The first word of its operations.
const FAMILY: &str = "redis";

/// Redis, a server for each address; spellings of one address are one server.
pub(super) static SERVICE: Family = Family {
    name: FAMILY,
    interfaces: &[&REDIS_1, &REDIS_2, &REDIS_3],
    operations: &[
        &OPEN, &PUBLISH, &GET, &SET, &INCR, &DEL, &SADD, &SMEMBERS, &SREM, &EXECUTE,
    ],
    key_words: "of key",
    label_words: Some("at"),
    normal_label: crate::sandbox::redis::label,
    key_pattern: KeyPattern::new,
    answers_in_turn: |_| false,
    swept: |_, _, _| true,
};

/// What the newer two can say.
const ERRORS: &[ErrorCase] = &[
    ErrorCase::plain("invalid-address"),
    ErrorCase::plain("too-many-connections"),
    ErrorCase::plain("type-error"),
    ErrorCase::with_text("other"),
];

/// `fermyon:spin/redis`: each call names the server, and all errors are one.
pub(crate) static REDIS_1: ServiceInterface = ServiceInterface {
    name: "fermyon:spin/redis",
    errors: &[ErrorCase::plain("error")],
    injected: "error",
    injected_after: "error",
    ..REDIS_2
};

/// `fermyon:spin/redis@2.0.0`.
pub(crate) static REDIS_2: ServiceInterface = ServiceInterface {
    name: "fermyon:spin/redis@2.0.0",
    family: FAMILY,
    errors: ERRORS,
    injected: "other: injected failure",
    injected_after: "other: injected failure",
    is_async: false,
    turns: Turns::Always,
    also: &[],
};

/// `spin:redis/redis@3.0.0`.
pub(crate) static REDIS_3: ServiceInterface = ServiceInterface {
    name: "spin:redis/redis@3.0.0",
    is_async: true,
    ..REDIS_2
};

const fn writes(name: &'static str) -> ServiceOperation {
    ServiceOperation::writes(name).that_can_be_lost()
}

pub(crate) static OPEN: ServiceOperation = ServiceOperation::opens("redis open");
pub(crate) static PUBLISH: ServiceOperation = writes("redis publish");
pub(crate) static GET: ServiceOperation = ServiceOperation::reads("redis get");
pub(crate) static SET: ServiceOperation = writes("redis set");
pub(crate) static INCR: ServiceOperation = writes("redis incr");
pub(crate) static DEL: ServiceOperation = writes("redis del");
pub(crate) static SADD: ServiceOperation = writes("redis sadd");
pub(crate) static SMEMBERS: ServiceOperation = ServiceOperation::reads("redis smembers");
pub(crate) static SREM: ServiceOperation = writes("redis srem");
/// Not every command that it sends writes.
pub(crate) static EXECUTE: ServiceOperation = writes("redis execute");
