//! `wasi:otel/logs`: log records.

use super::attributes;
use crate::host::InstanceState;
use crate::host::bindings::otel_logs::{Host, LogRecord};
use crate::sandbox::{self, plain};
use std::sync::Arc;

impl Host for InstanceState {
    async fn on_emit(&mut self, data: LogRecord) -> wasmtime::Result<()> {
        let record = sandbox::LogRecord {
            component: Arc::clone(&self.caller.component),
            severity: data.severity_text.unwrap_or_default(),
            body: data.body.map(plain).unwrap_or_default(),
            attributes: data.attributes.map(attributes).unwrap_or_default(),
        };
        Ok(self.session.log_emitted(&self.caller, record).await?)
    }
}
