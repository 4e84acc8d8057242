//! Telemetry of guests: spans, metrics and log records are written down, and none leaves the machine.

mod collect;
mod metric;

pub use metric::{Metric, MetricKind, MetricPoint, Number, Temporality};

use super::kept::Kept;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// What a span, a point of a metric or a log record says besides its name: keys, and values as text.
pub type Attributes = Vec<(String, String)>;

/// Where a span belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpanContext {
    /// The trace, in 32 hex digits.
    pub trace_id: String,
    /// The span, in 16 hex digits.
    pub span_id: String,
}

/// What a span is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanKind {
    /// A request to elsewhere.
    Client,
    /// The answer to a request.
    Server,
    /// A message that is sent.
    Producer,
    /// A message that is received.
    Consumer,
    /// Anything else.
    Internal,
}

/// As the interface has it.
impl fmt::Display for SpanKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Client => "client",
            Self::Server => "server",
            Self::Producer => "producer",
            Self::Consumer => "consumer",
            Self::Internal => "internal",
        })
    }
}

/// How what a span is of ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpanStatus {
    /// Nobody said.
    Unset,
    /// Well.
    Ok,
    /// Badly, and why.
    Error(String),
}

/// As errors are written elsewhere: `error: text`.
impl fmt::Display for SpanStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unset => f.write_str("unset"),
            Self::Ok => f.write_str("ok"),
            Self::Error(text) => write!(f, "error: {text}"),
        }
    }
}

/// A span that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The component.
    pub component: Arc<str>,
    /// Its name.
    pub name: String,
    /// What it is of.
    pub kind: SpanKind,
    /// How that ended.
    pub status: SpanStatus,
    /// Where it belongs.
    pub context: SpanContext,
    /// The id of the span that it is inside of; empty for none.
    pub parent: String,
    /// How long it took, by the guest's own account.
    pub took: Duration,
    /// What else it says.
    pub attributes: Attributes,
    /// The names of what happened during it.
    pub events: Vec<String>,
}

/// A log record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRecord {
    /// The component.
    pub component: Arc<str>,
    /// How severe it is, in the guest's words; empty where it says nothing.
    pub severity: String,
    /// What it says.
    pub body: String,
    /// What else it says.
    pub attributes: Attributes,
}

/// What guests handed over so far.
#[derive(Debug, Default)]
pub struct Telemetry {
    spans: Vec<Span>,
    exported: Vec<Metric>,
    logs: Vec<LogRecord>,
    /// The spans that the host opened for requests.
    outer: Vec<SpanContext>,
    pub(in crate::sandbox) kept: Kept,
}

impl Telemetry {
    /// The spans, in the order in which they ended.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The log records, in order.
    pub fn logs(&self) -> &[LogRecord] {
        &self.logs
    }

    /// The name of the span that a span is inside of, if it has ended; `request` is the host's own.
    pub fn parent_of(&self, span: &Span) -> Option<&str> {
        let is_parent = |context: &SpanContext| {
            context.span_id == span.parent && context.trace_id == span.context.trace_id
        };
        if self.outer.iter().any(is_parent) {
            return Some("request");
        }
        let mut spans = self.spans.iter();
        let parent = spans.find(|other| is_parent(&other.context))?;
        Some(&parent.name)
    }
}

/// A value as a person writes it: a text of JSON without its quotes, anything else as the JSON it is.
pub(crate) fn plain(value: String) -> String {
    match serde_json::from_str(&value) {
        Ok(serde_json::Value::String(text)) => text,
        _ => value,
    }
}

/// How much is to be kept of something: how many things it is made of, and their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Size {
    things: usize,
    bytes: usize,
}

impl Size {
    /// One thing that has these texts.
    fn of(texts: &[&str]) -> Self {
        Self {
            things: 1,
            bytes: texts.iter().map(|text| text.len()).sum(),
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            things: self.things.saturating_add(other.things),
            bytes: self.bytes.saturating_add(other.bytes),
        }
    }

    /// The same with attributes.
    fn with(self, attributes: &Attributes) -> Self {
        let attributes = attributes
            .iter()
            .map(|(key, value)| Self::of(&[key, value]));
        attributes.fold(self, Self::and)
    }
}

impl Span {
    fn size(&self) -> Size {
        let SpanContext { trace_id, span_id } = &self.context;
        let why = match &self.status {
            SpanStatus::Error(text) => text,
            SpanStatus::Unset | SpanStatus::Ok => "",
        };
        let itself = Size::of(&[&self.name, trace_id, span_id, &self.parent, why]);
        let events = self.events.iter().map(|event| Size::of(&[event]));
        events.fold(itself, Size::and).with(&self.attributes)
    }
}

impl LogRecord {
    fn size(&self) -> Size {
        Size::of(&[&self.severity, &self.body]).with(&self.attributes)
    }
}

impl Metric {
    fn size(&self) -> Size {
        let itself = Size::of(&[&self.name, &self.unit]);
        let points = self.points.iter();
        points.fold(itself, |size, point| {
            size.and(Size::of(&[])).with(&point.attributes)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_loses_its_quotes_and_nothing_else_does() {
        for (value, text) in [
            (r#""maria""#, "maria"),
            (r#""say \"hi\"""#, r#"say "hi""#),
            ("3", "3"),
            ("[1,2]", "[1,2]"),
            ("no JSON", "no JSON"),
        ] {
            assert_eq!(plain(value.to_owned()), text);
        }
    }

    fn span(name: &str, trace: &str, id: &str, parent: &str) -> Span {
        Span {
            component: Arc::from("api"),
            name: name.to_owned(),
            kind: SpanKind::Internal,
            status: SpanStatus::Unset,
            context: SpanContext {
                trace_id: trace.to_owned(),
                span_id: id.to_owned(),
            },
            parent: parent.to_owned(),
            took: Duration::ZERO,
            attributes: Vec::new(),
            events: Vec::new(),
        }
    }

    #[test]
    fn everything_that_is_kept_counts() {
        let attributes = vec![("key".to_owned(), "value".to_owned()); 2];
        let span = Span {
            status: SpanStatus::Error("broken".to_owned()),
            attributes: attributes.clone(),
            events: vec![String::new(), "retried".to_owned()],
            ..span("name", "trace", "id", "parent")
        };
        // Itself, two events, two attributes.
        let bytes = 4 + 5 + 2 + 6 + 6 + 7 + 2 * 8;
        assert_eq!(span.size(), Size { things: 5, bytes });
        let point = MetricPoint {
            attributes: attributes.clone(),
            value: Number::Whole(1),
            count: None,
        };
        let metric = Metric {
            component: Arc::from("api"),
            instance: 1,
            name: "visits".to_owned(),
            kind: MetricKind::Sum,
            unit: "1".to_owned(),
            temporality: Temporality::Delta,
            points: vec![point.clone(), point],
        };
        let bytes = 6 + 1 + 4 * 8;
        assert_eq!(metric.size(), Size { things: 7, bytes });
        let record = LogRecord {
            component: Arc::from("api"),
            severity: "warn".to_owned(),
            body: "late".to_owned(),
            attributes,
        };
        let bytes = 4 + 4 + 2 * 8;
        assert_eq!(record.size(), Size { things: 3, bytes });
    }

    #[test]
    fn a_parent_is_of_the_same_trace() {
        let mut telemetry = Telemetry::default();
        telemetry.outer.push(SpanContext {
            trace_id: "a".to_owned(),
            span_id: "0".to_owned(),
        });
        telemetry.spans.push(span("query", "a", "2", "1"));
        telemetry.spans.push(span("order", "a", "1", "0"));
        let parent = |span: Span| telemetry.parent_of(&span).map(str::to_owned);
        assert_eq!(parent(span("x", "a", "2", "1")).as_deref(), Some("order"));
        assert_eq!(parent(span("x", "a", "1", "0")).as_deref(), Some("request"));
        assert_eq!(parent(span("x", "b", "2", "1")), None);
        assert_eq!(parent(span("x", "a", "9", "")), None);
    }
}
