//! Sockets as the gate sees them: only connecting goes through it, since nothing else ever comes about.

use super::{ErrorCase, ServiceInterface, ServiceOperation};

/// The first word of its operations.
pub(super) const FAMILY: &str = "sockets";

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
    stateful: false,
};

/// `wasi:sockets` of 0.2, whatever its last number.
pub(crate) static SOCKETS_2: ServiceInterface = SOCKETS;

/// `wasi:sockets` of 0.3, whatever its last number.
pub(crate) static SOCKETS_3: ServiceInterface = ServiceInterface {
    name: "wasi:sockets/types",
    is_async: true,
    ..SOCKETS
};

/// Whether an import of this name is of an interface with this one.
pub(super) fn is_import(name: &str, import: &str) -> bool {
    let (interface, version) = import.split_once('@').unwrap_or((import, ""));
    !version.contains('-')
        && interface == name
        && (version.starts_with("0.2.") || version.starts_with("0.3."))
}

/// A connection to an address, which is its label.
pub(crate) static CONNECT: ServiceOperation = ServiceOperation {
    name: "sockets connect",
    writes: false,
    can_be_lost: false,
};

/// What a component can do with a socket that a fault can hit.
pub(super) static OPERATIONS: [&ServiceOperation; 1] = [&CONNECT];

/// An address of its own that a socket asks for. Never given, so that no fault can hit it.
pub(crate) static BIND: ServiceOperation = ServiceOperation {
    name: "sockets bind",
    writes: false,
    can_be_lost: false,
};

/// A UDP socket. Never made, so that no fault can hit it.
pub(crate) static UDP: ServiceOperation = ServiceOperation {
    name: "sockets create-udp",
    writes: false,
    can_be_lost: false,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_release_of_an_interface_is_it() {
        for import in ["wasi:sockets/tcp@0.2.0", "wasi:sockets/tcp@0.2.12"] {
            assert!(is_import(SOCKETS_2.name, import));
            assert!(!is_import(SOCKETS_3.name, import));
        }
        assert!(is_import(SOCKETS_3.name, "wasi:sockets/types@0.3.0"));
        assert!(!is_import(
            SOCKETS_3.name,
            "wasi:sockets/types@0.3.0-rc-2026-03-15"
        ));
        assert!(!is_import(SOCKETS_2.name, "wasi:sockets/udp@0.2.0"));
    }
}
