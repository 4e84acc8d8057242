//! Sockets as the gate sees them: only connecting goes through it, since nothing else ever comes about.

use super::{ErrorCase, Family, ServiceInterface, ServiceOperation, Turns};
use crate::sandbox::KeyPattern;

/// The first word of its operations.
const FAMILY: &str = "sockets";

/// What a component can do with a socket that a fault can hit.
pub(super) static SERVICE: Family = Family {
    name: FAMILY,
    interfaces: &[&SOCKETS_2, &SOCKETS_3],
    operations: &[&CONNECT],
    key_words: "of key",
    label_words: Some("at"),
    normal_label: str::to_owned,
    key_pattern: KeyPattern::new,
    answers_in_turn: |_| false,
    swept: |_, _, _| true,
};

/// What both generations have.
const SOCKETS: ServiceInterface = ServiceInterface {
    name: "wasi:sockets/tcp",
    family: FAMILY,
    errors: &[
        ErrorCase::plain("access-denied"),
        ErrorCase::plain("connection-refused"),
        ErrorCase::plain("connection-reset"),
        ErrorCase::plain("connection-aborted"),
        ErrorCase::plain("remote-unreachable"),
        ErrorCase::plain("timeout"),
    ],
    injected: "connection-refused",
    injected_after: "connection-reset",
    is_async: false,
    turns: Turns::WhereTold,
    also: &["wasi:sockets/tcp@0.2"],
};

/// `wasi:sockets` of 0.2, whatever its last number.
pub(crate) static SOCKETS_2: ServiceInterface = SOCKETS;

/// `wasi:sockets` of 0.3, whatever its last number.
pub(crate) static SOCKETS_3: ServiceInterface = ServiceInterface {
    name: "wasi:sockets/types",
    is_async: true,
    also: &["wasi:sockets/types@0.3"],
    ..SOCKETS
};

/// A connection to an address, which is its label.
pub(crate) static CONNECT: ServiceOperation = ServiceOperation::reads("sockets connect");

/// An address of its own that a socket asks for. Never given, so that no fault can hit it.
pub(crate) static BIND: ServiceOperation = ServiceOperation::reads("sockets bind");

/// A UDP socket. Never made, so that no fault can hit it.
pub(crate) static UDP: ServiceOperation = ServiceOperation::reads("sockets create-udp");
