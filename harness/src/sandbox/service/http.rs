//! Outgoing HTTP as the gate sees it: an operation for each method.

use super::{ErrorCase, Family, ServiceInterface, ServiceOperation, Turns};
use http::Method;

/// The first word of its operations.
const FAMILY: &str = "http";

/// Requests to other hosts; an operation for each method that HTTP has, and one for all others.
pub(super) static SERVICE: Family = Family {
    name: FAMILY,
    interfaces: &[&HTTP, &SPIN_HTTP],
    operations: &[
        &GET, &HEAD, &OPTIONS, &TRACE, &POST, &PUT, &PATCH, &DELETE, &CONNECT, &OTHER,
    ],
    key_words: "to",
    label_words: None,
    normal_label: str::to_owned,
    key_pattern: crate::sandbox::outgoing::url_pattern,
    answers_in_turn: |_| false,
    swept: |_, _, _| true,
};

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
    turns: Turns::Never,
    also: &[
        "wasi:http/outgoing-handler@0.2",
        "wasi:http/outgoing-handler@0.2.0-rc-2023-10-18",
        "wasi:http/client@0.3",
    ],
};

/// `fermyon:spin/http`, the interface of Spin 1. A request that fails on its way is a `runtime-error`, whatever the cause
/// (`log_reqwest_error` in `crates/factor-outbound-http/src/spin.rs`).
pub(crate) static SPIN_HTTP: ServiceInterface = ServiceInterface {
    name: "fermyon:spin/http",
    family: FAMILY,
    errors: &[
        ErrorCase::plain("destination-not-allowed"),
        ErrorCase::plain("invalid-url"),
        ErrorCase::plain("request-error"),
        ErrorCase::plain("runtime-error"),
        ErrorCase::plain("too-many-requests"),
    ],
    injected: "runtime-error",
    injected_after: "runtime-error",
    is_async: false,
    turns: Turns::Never,
    also: &[],
};

static GET: ServiceOperation = ServiceOperation::reads("http GET");
static HEAD: ServiceOperation = ServiceOperation::reads("http HEAD");
static OPTIONS: ServiceOperation = ServiceOperation::reads("http OPTIONS");
static TRACE: ServiceOperation = ServiceOperation::reads("http TRACE");
static POST: ServiceOperation = ServiceOperation::writes("http POST");
static PUT: ServiceOperation = ServiceOperation::writes("http PUT");
static PATCH: ServiceOperation = ServiceOperation::writes("http PATCH");
static DELETE: ServiceOperation = ServiceOperation::writes("http DELETE");
static CONNECT: ServiceOperation = ServiceOperation::writes("http CONNECT");
static OTHER: ServiceOperation = ServiceOperation::writes("http other");

/// The operation that a request of a method is.
pub(crate) fn of_method(method: &Method) -> &'static ServiceOperation {
    let is_named = |operation: &&&ServiceOperation| {
        let name = operation.name.split(' ').nth(1);
        name == Some(method.as_str())
    };
    SERVICE
        .operations
        .iter()
        .find(is_named)
        .copied()
        .unwrap_or(&OTHER)
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
}
