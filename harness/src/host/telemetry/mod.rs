//! `wasi:otel@0.2.0-rc.2` for guests: what they hand over goes to the sandbox.

mod logs;
mod metrics;
mod tracing;

use super::bindings::otel_types::KeyValue;
use crate::sandbox::{Attributes, plain};

/// Keys and values as a person writes them.
fn attributes(attributes: Vec<KeyValue>) -> Attributes {
    attributes
        .into_iter()
        .map(|attribute| (attribute.key, plain(attribute.value)))
        .collect()
}
