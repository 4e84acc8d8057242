//! The way of telemetry through the gate.

use super::{LogRecord, Metric, Span, SpanContext, Telemetry, size_of};
use crate::sandbox::random::Purpose;
use crate::sandbox::service::telemetry::{
    EXPORT, LOGS, METRICS, ON_EMIT, ON_END, ON_START, OUTER_SPAN_CONTEXT, TRACING,
};
use crate::sandbox::service::{Failure, ServiceInterface, ServiceOperation};
use crate::sandbox::session::Session;
use crate::sandbox::{Asked, CallTrap, Caller, Changes, Keep, Served};

impl Session {
    /// A span begins.
    pub(crate) async fn span_starts(&self, caller: &Caller, id: &str) -> Result<(), CallTrap> {
        let asked = asked(&TRACING, &ON_START, id.to_owned(), 0);
        self.service_call(caller, asked, |_| async { done() })
            .await
            .map(drop)
    }

    /// A span has ended. One that was never started ends its instance, as in Spin (`crates/factor-otel/src/host.rs`).
    pub(crate) async fn span_ends(
        &self,
        caller: &Caller,
        span: Span,
        was_started: bool,
    ) -> Result<(), CallTrap> {
        let size = span.name.len() + size_of(&span.attributes);
        let asked = asked(&TRACING, &ON_END, span.name.clone(), size);
        let take = |keep| async move {
            if !was_started {
                let why = "Trying to end a span that was not started";
                return Err(CallTrap(why.to_owned()));
            }
            self.collect(keep, size, |telemetry| telemetry.spans.push(span))
        };
        self.service_call(caller, asked, take).await.map(drop)
    }

    /// The span that the host has opened for the instance's request. Its ids follow from the seed.
    pub(crate) async fn outer_span_context(
        &self,
        caller: &Caller,
    ) -> Result<SpanContext, CallTrap> {
        let number = |part| {
            let number = u64::from(caller.instance) * 3 + part;
            self.options().seed.number(Purpose::Trace, number)
        };
        let context = SpanContext {
            trace_id: format!("{:016x}{:016x}", number(0), number(1)),
            span_id: format!("{:016x}", number(2)),
        };
        let asked = asked(&TRACING, &OUTER_SPAN_CONTEXT, String::new(), 0);
        let outer = context.clone();
        let open = |_| async move {
            let mut state = self.state();
            if !state.telemetry.outer.contains(&outer) {
                state.telemetry.outer.push(outer);
            }
            done()
        };
        self.service_call(caller, asked, open).await?.ok();
        Ok(context)
    }

    /// Metrics are exported.
    pub(crate) async fn export_metrics(
        &self,
        caller: &Caller,
        metrics: Vec<Metric>,
    ) -> Result<Result<(), Failure>, CallTrap> {
        let names: Vec<_> = metrics.iter().map(|metric| metric.name.as_str()).collect();
        let size = metrics
            .iter()
            .flat_map(|metric| &metric.points)
            .map(|point| size_of(&point.attributes) + std::mem::size_of::<u64>())
            .sum();
        let asked = asked(&METRICS, &EXPORT, names.join(", "), size);
        let take = |keep| async move {
            self.collect(keep, size, |telemetry| telemetry.exported.extend(metrics))
        };
        self.service_call(caller, asked, take).await
    }

    /// A log record is emitted.
    pub(crate) async fn log_emitted(
        &self,
        caller: &Caller,
        record: LogRecord,
    ) -> Result<(), CallTrap> {
        let size = record.body.len() + size_of(&record.attributes);
        let asked = asked(&LOGS, &ON_EMIT, record.body.clone(), size);
        let take =
            |keep| async move { self.collect(keep, size, |telemetry| telemetry.logs.push(record)) };
        self.service_call(caller, asked, take).await.map(drop)
    }

    /// Keeps what is handed over, unless it is to be lost.
    fn collect(
        &self,
        keep: Keep,
        size: usize,
        take: impl FnOnce(&mut Telemetry),
    ) -> Result<Served<()>, CallTrap> {
        if keep == Keep::Kept {
            let telemetry = &mut self.state().telemetry;
            telemetry.kept.add(size, "telemetry")?;
            take(telemetry);
        }
        done()
    }
}

fn asked(
    interface: &'static ServiceInterface,
    operation: &'static ServiceOperation,
    key: String,
    size: usize,
) -> Asked<'static> {
    Asked {
        interface,
        operation,
        label: "",
        key,
        size,
        changes: Changes::of(operation, operation.writes),
        admitted: Ok(()),
    }
}

fn done() -> Result<Served<()>, CallTrap> {
    Ok(Served {
        reply: Ok(()),
        size: 0,
        note: None,
    })
}
