//! OpenTelemetry as the gate sees it. Only the export of metrics can fail; what else a guest hands over is taken.

use super::{ErrorCase, Family, ServiceInterface, ServiceOperation, Turns};
use crate::sandbox::KeyPattern;

/// The first word of its operations.
const FAMILY: &str = "otel";

/// What a component can do with telemetry.
pub(super) static SERVICE: Family = Family {
    name: FAMILY,
    interfaces: &[&TRACING, &METRICS, &LOGS],
    operations: &[&ON_START, &ON_END, &OUTER_SPAN_CONTEXT, &EXPORT, &ON_EMIT],
    key_words: "of key",
    label_words: None,
    normal_label: str::to_owned,
    key_pattern: KeyPattern::new,
    answers_in_turn: |_| false,
    swept: |_, _, _| true,
};

/// `wasi:otel/tracing`: no call of it has an error.
pub(crate) static TRACING: ServiceInterface = ServiceInterface {
    name: "wasi:otel/tracing@0.2.0-rc.2",
    family: FAMILY,
    errors: &[],
    injected: "",
    injected_after: "",
    is_async: false,
    turns: Turns::WhereTold,
    also: &[],
};

/// `wasi:otel/metrics`: its error is a text alone, which rules write as `other: text`.
pub(crate) static METRICS: ServiceInterface = ServiceInterface {
    name: "wasi:otel/metrics@0.2.0-rc.2",
    family: FAMILY,
    errors: &[ErrorCase::with_text("other")],
    injected: "other: injected failure",
    injected_after: "other: injected failure",
    is_async: false,
    turns: Turns::WhereTold,
    also: &[],
};

/// `wasi:otel/logs`: no call of it has an error.
pub(crate) static LOGS: ServiceInterface = ServiceInterface {
    name: "wasi:otel/logs@0.2.0-rc.2",
    family: FAMILY,
    errors: &[],
    injected: "",
    injected_after: "",
    is_async: false,
    turns: Turns::WhereTold,
    also: &[],
};

/// A call that hands something over.
const fn hands_over(name: &'static str) -> ServiceOperation {
    ServiceOperation::writes(name).that_can_be_lost()
}

/// A span begins: the key is its id.
pub(crate) static ON_START: ServiceOperation =
    ServiceOperation::reads("otel on-start").that_never_fails();

/// A span has ended: the key is its name.
pub(crate) static ON_END: ServiceOperation = hands_over("otel on-end").that_never_fails();

/// The span of the host is asked for.
pub(crate) static OUTER_SPAN_CONTEXT: ServiceOperation =
    ServiceOperation::reads("otel outer-span-context").that_never_fails();

/// Metrics are exported: the key is their names, joined by `, `.
pub(crate) static EXPORT: ServiceOperation = hands_over("otel export");

/// A log record: the key is what it says.
pub(crate) static ON_EMIT: ServiceOperation = hands_over("otel on-emit").that_never_fails();
