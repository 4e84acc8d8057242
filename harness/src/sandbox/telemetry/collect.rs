//! The way of telemetry through the gate.

use super::{LogRecord, Metric, Size, Span, SpanContext, Telemetry};
use crate::sandbox::random::Purpose;
use crate::sandbox::service::telemetry::{
    EXPORT, LOGS, METRICS, ON_EMIT, ON_END, ON_START, OUTER_SPAN_CONTEXT, TRACING,
};
use crate::sandbox::service::{Failure, ServiceInterface, ServiceOperation};
use crate::sandbox::session::Session;
use crate::sandbox::{Asked, CallTrap, Caller, Changes, Keep, Served};

/// What messages call it.
const TELEMETRY: &str = "telemetry";

impl Session {
    /// A span begins.
    pub(crate) async fn span_starts(&self, caller: &Caller, id: &str) -> Result<(), CallTrap> {
        let asked = asked(&TRACING, &ON_START, id.to_owned(), Size::default());
        // The instance keeps the id until the span ends.
        let begin = |_| async move {
            let Size { things, bytes } = Size::of(&[id]);
            self.state().telemetry.kept.add(things, bytes, TELEMETRY)?;
            done()
        };
        self.service_call(caller, asked, begin).await.map(drop)
    }

    /// A span has ended. One that was never started ends its instance, as in Spin (`crates/factor-otel/src/host.rs`).
    pub(crate) async fn span_ends(
        &self,
        caller: &Caller,
        span: Span,
        was_started: bool,
    ) -> Result<(), CallTrap> {
        let size = span.size();
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
        let asked = asked(
            &TRACING,
            &OUTER_SPAN_CONTEXT,
            String::new(),
            Size::default(),
        );
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
        let sizes = metrics.iter().map(Metric::size);
        let size = sizes.fold(Size::default(), Size::and);
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
        let size = record.size();
        let asked = asked(&LOGS, &ON_EMIT, record.body.clone(), size);
        let take =
            |keep| async move { self.collect(keep, size, |telemetry| telemetry.logs.push(record)) };
        self.service_call(caller, asked, take).await.map(drop)
    }

    /// Keeps what is handed over, unless it is to be lost.
    fn collect(
        &self,
        keep: Keep,
        Size { things, bytes }: Size,
        take: impl FnOnce(&mut Telemetry),
    ) -> Result<Served<()>, CallTrap> {
        if keep == Keep::Kept {
            let telemetry = &mut self.state().telemetry;
            telemetry.kept.add(things, bytes, TELEMETRY)?;
            take(telemetry);
        }
        done()
    }
}

fn asked(
    interface: &'static ServiceInterface,
    operation: &'static ServiceOperation,
    key: String,
    size: Size,
) -> Asked<'static> {
    Asked {
        interface,
        operation,
        label: "",
        key,
        size: size.bytes,
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
