//! OpenTelemetry as the gate sees it. Only the export of metrics can fail; what else a guest hands over is taken.

use super::{ErrorCase, ServiceInterface, ServiceOperation};

/// The first word of its operations.
const FAMILY: &str = "otel";

/// `wasi:otel/tracing`: no call of it has an error.
pub(crate) static TRACING: ServiceInterface = ServiceInterface {
    name: "wasi:otel/tracing@0.2.0-rc.2",
    family: FAMILY,
    errors: &[],
    injected: "",
    injected_after: "",
    is_async: false,
    stateful: false,
};

/// `wasi:otel/metrics`: its error is a text alone, which rules write as `other: text`.
pub(crate) static METRICS: ServiceInterface = ServiceInterface {
    name: "wasi:otel/metrics@0.2.0-rc.2",
    family: FAMILY,
    errors: &[ErrorCase::with_text("other")],
    injected: "other: injected failure",
    injected_after: "other: injected failure",
    is_async: false,
    stateful: false,
};

/// `wasi:otel/logs`: no call of it has an error.
pub(crate) static LOGS: ServiceInterface = ServiceInterface {
    name: "wasi:otel/logs@0.2.0-rc.2",
    family: FAMILY,
    errors: &[],
    injected: "",
    injected_after: "",
    is_async: false,
    stateful: false,
};

/// A call that hands something over.
const fn hands_over(name: &'static str) -> ServiceOperation {
    ServiceOperation {
        name,
        writes: true,
        can_be_lost: true,
    }
}

/// A span begins: the key is its id.
pub(crate) static ON_START: ServiceOperation = ServiceOperation {
    name: "otel on-start",
    writes: false,
    can_be_lost: false,
};

/// A span has ended: the key is its name.
pub(crate) static ON_END: ServiceOperation = hands_over("otel on-end");

/// The span of the host is asked for.
pub(crate) static OUTER_SPAN_CONTEXT: ServiceOperation = ServiceOperation {
    name: "otel outer-span-context",
    writes: false,
    can_be_lost: false,
};

/// Metrics are exported: the key is their names, joined by `, `.
pub(crate) static EXPORT: ServiceOperation = hands_over("otel export");

/// A log record: the key is what it says.
pub(crate) static ON_EMIT: ServiceOperation = hands_over("otel on-emit");

/// What a component can do with telemetry.
pub(super) static OPERATIONS: [&ServiceOperation; 5] =
    [&ON_START, &ON_END, &OUTER_SPAN_CONTEXT, &EXPORT, &ON_EMIT];
