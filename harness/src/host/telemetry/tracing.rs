//! `wasi:otel/tracing`: spans.

use super::attributes;
use crate::host::InstanceState;
use crate::host::bindings::otel_tracing::{
    Datetime, Host, SpanContext, SpanData, SpanKind, Status, TraceFlags,
};
use crate::sandbox::{self, Span, SpanStatus};
use std::sync::Arc;
use std::time::Duration;

impl Host for InstanceState {
    async fn on_start(&mut self, context: SpanContext) -> wasmtime::Result<()> {
        let id = context.span_id;
        self.session.span_starts(&self.caller, &id).await?;
        self.spans.insert(id);
        Ok(())
    }

    async fn on_end(&mut self, span: SpanData) -> wasmtime::Result<()> {
        let was_started = self.spans.remove(&span.span_context.span_id);
        let started = since_epoch(span.start_time);
        let span = Span {
            component: Arc::clone(&self.caller.component),
            name: span.name,
            kind: match span.span_kind {
                SpanKind::Client => sandbox::SpanKind::Client,
                SpanKind::Server => sandbox::SpanKind::Server,
                SpanKind::Producer => sandbox::SpanKind::Producer,
                SpanKind::Consumer => sandbox::SpanKind::Consumer,
                SpanKind::Internal => sandbox::SpanKind::Internal,
            },
            status: match span.status {
                Status::Unset => SpanStatus::Unset,
                Status::Ok => SpanStatus::Ok,
                Status::Error(text) => SpanStatus::Error(text),
            },
            context: sandbox::SpanContext {
                trace_id: span.span_context.trace_id,
                span_id: span.span_context.span_id,
            },
            parent: span.parent_span_id,
            took: since_epoch(span.end_time).saturating_sub(started),
            attributes: attributes(span.attributes),
            events: span.events.into_iter().map(|event| event.name).collect(),
        };
        self.session
            .span_ends(&self.caller, span, was_started)
            .await?;
        Ok(())
    }

    async fn outer_span_context(&mut self) -> wasmtime::Result<SpanContext> {
        let context = self.session.outer_span_context(&self.caller).await?;
        Ok(SpanContext {
            trace_id: context.trace_id,
            span_id: context.span_id,
            trace_flags: TraceFlags::SAMPLED,
            is_remote: false,
            trace_state: Vec::new(),
        })
    }
}

fn since_epoch(time: Datetime) -> Duration {
    // A guest may give more nanoseconds than a second has.
    Duration::from_secs(time.seconds).saturating_add(Duration::from_nanos(time.nanoseconds.into()))
}
