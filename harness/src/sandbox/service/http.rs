//! Outgoing HTTP as the gate sees it: an operation for each method.

use super::{ErrorCase, ServiceInterface, ServiceOperation};
use http::Method;

/// The first word of its operations.
pub(super) const FAMILY: &str = "http";

/// `wasi:http` of 0.2 and 0.3, which hand requests to the same hooks.
pub(crate) static HTTP: ServiceInterface = ServiceInterface {
    name: "wasi:http",
    family: FAMILY,
    errors: &[
        ErrorCase::plain("http-request-denied"),
        ErrorCase::plain("dns-error"),
        ErrorCase::plain("connection-refused"),
        ErrorCase::plain("connection-terminated"),
        ErrorCase::plain("connection-timeout"),
        ErrorCase::plain("connection-read-timeout"),
        ErrorCase::plain("tls-certificate-error"),
        ErrorCase::plain("http-protocol-error"),
    ],
    injected: "connection-refused",
    injected_after: "connection-terminated",
    is_async: true,
    stateful: false,
};

/// Whether an import sends requests.
pub(super) fn is_import(import: &str) -> bool {
    let (interface, version) = import.split_once('@').unwrap_or((import, ""));
    !version.contains('-')
        && (interface == "wasi:http/outgoing-handler" && version.starts_with("0.2.")
            || interface == "wasi:http/client" && version.starts_with("0.3."))
}

/// A request whose method only asks.
const fn asks(name: &'static str) -> ServiceOperation {
    ServiceOperation {
        name,
        writes: false,
        can_be_lost: false,
    }
}

/// A request that may change something where it goes.
const fn changes(name: &'static str) -> ServiceOperation {
    ServiceOperation {
        writes: true,
        ..asks(name)
    }
}

static GET: ServiceOperation = asks("http GET");
static HEAD: ServiceOperation = asks("http HEAD");
static OPTIONS: ServiceOperation = asks("http OPTIONS");
static TRACE: ServiceOperation = asks("http TRACE");
static POST: ServiceOperation = changes("http POST");
static PUT: ServiceOperation = changes("http PUT");
static PATCH: ServiceOperation = changes("http PATCH");
static DELETE: ServiceOperation = changes("http DELETE");
static CONNECT: ServiceOperation = changes("http CONNECT");
static OTHER: ServiceOperation = changes("http other");

/// Every method that HTTP has, and one for all others.
pub(super) static OPERATIONS: [&ServiceOperation; 10] = [
    &GET, &HEAD, &OPTIONS, &TRACE, &POST, &PUT, &PATCH, &DELETE, &CONNECT, &OTHER,
];

/// The operation that a request of a method is.
pub(crate) fn of_method(method: &Method) -> &'static ServiceOperation {
    let is_named = |operation: &&&ServiceOperation| {
        let name = operation.name.split(' ').nth(1);
        name == Some(method.as_str())
    };
    OPERATIONS.iter().find(is_named).copied().unwrap_or(&OTHER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_has_an_operation() {
        assert_eq!(of_method(&Method::GET).name, "http GET");
        assert_eq!(of_method(&Method::DELETE).name, "http DELETE");
        let brew = Method::from_bytes(b"BREW").unwrap();
        assert_eq!(of_method(&brew).name, "http other");
    }

    #[test]
    fn both_generations_of_wasi_http_send() {
        assert!(is_import("wasi:http/outgoing-handler@0.2.6"));
        assert!(is_import("wasi:http/client@0.3.0"));
        assert!(!is_import("wasi:http/client@0.3.0-rc-2026-03-15"));
        assert!(!is_import("wasi:http/types@0.2.6"));
    }
}
