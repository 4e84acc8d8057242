//! Then steps about the telemetry of guests: spans, metrics and log records.

use super::table::Column;
use super::{Failed, World};
use crate::sandbox::{Attributes, LogRecord, Metric, Span, Telemetry};
use crate::value::visible;
use cucumber::gherkin::Step;
use cucumber::then;

const SPANS: [&str; 6] = [
    "component",
    "name",
    "parent",
    "kind",
    "status",
    "attributes",
];
const METRICS: [&str; 7] = [
    "component",
    "name",
    "kind",
    "value",
    "count",
    "unit",
    "attributes",
];
const VALUE: usize = 3;
const LOGS: [&str; 4] = ["component", "severity", "body", "attributes"];

#[then(expr = "a span {string} was recorded")]
fn span_was_recorded(world: &mut World, name: String) -> Result<(), Failed> {
    world.expect_span(&name, &[])
}

#[then(expr = "a span {string} was recorded with the attributes:")]
fn span_was_recorded_with(world: &mut World, name: String, step: &Step) -> Result<(), Failed> {
    let attributes = world.attributes(step)?;
    world.expect_span(&name, &attributes)
}

#[then(expr = "no span {string} was recorded")]
fn span_was_not_recorded(world: &mut World, name: String) -> Result<(), Failed> {
    let name = world.text(&name)?;
    world.session()?.with_telemetry(|telemetry| {
        let mut spans = telemetry.spans().iter();
        match spans.any(|span| span.name == name) {
            false => Ok(()),
            true => Err(
                Failed::new(format!("a span \"{}\" was recorded", visible(&name)))
                    .note(&listed_spans(telemetry)),
            ),
        }
    })
}

#[then(expr = "no span was recorded")]
fn no_span_was_recorded(world: &mut World) -> Result<(), Failed> {
    world
        .session()?
        .with_telemetry(|telemetry| match telemetry.spans().is_empty() {
            true => Ok(()),
            false => Err(Failed::new("a span was recorded").note(&listed_spans(telemetry))),
        })
}

#[then(expr = "the spans are:")]
fn spans_are(world: &mut World, step: &Step) -> Result<(), Failed> {
    let table = world.table(step, SPANS.map(Column::Optional))?;
    let actual = world.session()?.with_telemetry(span_rows);
    world.rows_are("the spans", &table, &actual, &SPANS)
}

#[then(regex = r#"^the metric "((?:[^"\\]|\\.)*)" is (-?[\d.]+)$"#)]
fn metric_is(world: &mut World, name: String, value: String) -> Result<(), Failed> {
    world.expect_metric(&name, &value, None)
}

#[then(regex = r#"^the metric "((?:[^"\\]|\\.)*)" is (-?[\d.]+) with the attributes:$"#)]
fn metric_is_with(
    world: &mut World,
    name: String,
    value: String,
    step: &Step,
) -> Result<(), Failed> {
    let mut attributes = world.attributes(step)?;
    attributes.sort();
    world.expect_metric(&name, &value, Some(attributes))
}

#[then(expr = "no metric {string} was exported")]
fn metric_was_not_exported(world: &mut World, name: String) -> Result<(), Failed> {
    let name = world.text(&name)?;
    let metrics = world.metrics()?;
    match metrics.iter().any(|metric| metric.name == name) {
        false => Ok(()),
        true => Err(
            Failed::new(format!("a metric \"{}\" was exported", visible(&name)))
                .note(&listed_metrics(&metrics)),
        ),
    }
}

#[then(expr = "the metrics are:")]
fn metrics_are(world: &mut World, step: &Step) -> Result<(), Failed> {
    let table = world.table(step, METRICS.map(Column::Optional))?;
    let actual: Vec<_> = world.metrics()?.iter().map(metric_row).collect();
    let same = |column: usize, expected: &str, actual: &str| {
        column == VALUE && is_number(expected, actual)
    };
    world.rows_are_by("the metrics", &table, &actual, &METRICS, &same)
}

#[then(expr = "a log record {string} was emitted")]
fn log_was_emitted(world: &mut World, body: String) -> Result<(), Failed> {
    let body = world.text(&body)?;
    world.session()?.with_telemetry(|telemetry| {
        let mut logs = telemetry.logs().iter();
        match logs.any(|record| record.body == body) {
            true => Ok(()),
            false => Err(
                Failed::new(format!("no log record \"{}\" was emitted", visible(&body)))
                    .note(&listed_logs(telemetry)),
            ),
        }
    })
}

#[then(expr = "no log record was emitted")]
fn no_log_was_emitted(world: &mut World) -> Result<(), Failed> {
    world
        .session()?
        .with_telemetry(|telemetry| match telemetry.logs().is_empty() {
            true => Ok(()),
            false => Err(Failed::new("a log record was emitted").note(&listed_logs(telemetry))),
        })
}

#[then(expr = "the log records are:")]
fn logs_are(world: &mut World, step: &Step) -> Result<(), Failed> {
    let table = world.table(step, LOGS.map(Column::Optional))?;
    let actual: Vec<_> = world
        .session()?
        .with_telemetry(|telemetry| telemetry.logs().iter().map(log_row).collect());
    world.rows_are("the log records", &table, &actual, &LOGS)
}

impl World {
    /// The table below a step about attributes.
    fn attributes(&self, step: &Step) -> Result<Attributes, Failed> {
        let columns = [Column::Needed("key"), Column::Needed("value")];
        let rows = self.table(step, columns)?.rows;
        Ok(rows.into_iter().map(|[key, value]| (key, value)).collect())
    }

    fn metrics(&mut self) -> Result<Vec<Metric>, Failed> {
        Ok(self.session()?.with_telemetry(Telemetry::metrics))
    }

    /// Whether a span of that name has at least these attributes.
    fn expect_span(&mut self, name: &str, wanted: &[(String, String)]) -> Result<(), Failed> {
        let name = self.text(name)?;
        self.session()?.with_telemetry(|telemetry| {
            let mut spans = telemetry.spans().iter().filter(|span| span.name == name);
            if spans.any(|span| wanted.iter().all(|it| span.attributes.contains(it))) {
                return Ok(());
            }
            let with = match wanted.is_empty() {
                true => "",
                false => " with these attributes",
            };
            Err(
                Failed::new(format!("no span \"{}\" was recorded{with}", visible(&name)))
                    .note(&listed_spans(telemetry)),
            )
        })
    }

    /// Whether a metric has a value, in the one series that it has or in that of these attributes.
    fn expect_metric(
        &mut self,
        name: &str,
        expected: &str,
        attributes: Option<Attributes>,
    ) -> Result<(), Failed> {
        let name = self.text(name)?;
        let metrics = self.metrics()?;
        let fitting = metrics.iter().filter(|metric| {
            let wanted =
                |wanted: &Attributes| metric.points.iter().any(|it| it.attributes == *wanted);
            metric.name == name && attributes.as_ref().is_none_or(wanted)
        });
        let values: Vec<_> = fitting
            .map(|metric| metric_row(metric)[VALUE].clone())
            .collect();
        let what = format!("the metric \"{}\"", visible(&name));
        let failed = match values.as_slice() {
            [value] if value == expected || is_number(expected, value) => return Ok(()),
            [value] => format!("{what} is {value} and not {expected}"),
            [] => format!("{what} was not exported"),
            _ => format!(
                "{what} has {} series; say which: `is {expected} with the attributes:`",
                values.len()
            ),
        };
        Err(Failed::new(failed).note(&listed_metrics(&metrics)))
    }
}

/// Whether two texts are the same number, however it is written: `2.50` is `2.5`.
fn is_number(expected: &str, actual: &str) -> bool {
    let whole = |text: &str| text.parse::<i128>().ok();
    match (whole(expected), whole(actual)) {
        (Some(expected), Some(actual)) => expected == actual,
        _ => {
            let real = |text: &str| text.parse::<f64>().ok();
            real(expected).is_some_and(|expected| real(actual) == Some(expected))
        }
    }
}

fn joined(attributes: &Attributes) -> String {
    let pairs = attributes
        .iter()
        .map(|(key, value)| format!("{key}={value}"));
    pairs.collect::<Vec<_>>().join(", ")
}

fn span_rows(telemetry: &Telemetry) -> Vec<[String; 6]> {
    let row = |span: &Span| {
        [
            span.component.to_string(),
            span.name.clone(),
            telemetry.parent_of(span).unwrap_or_default().to_owned(),
            span.kind.to_string(),
            span.status.to_string(),
            joined(&span.attributes),
        ]
    };
    telemetry.spans().iter().map(row).collect()
}

fn metric_row(metric: &Metric) -> [String; 7] {
    // Those that were added up have one series each.
    let point = metric.points.first();
    let count = point.and_then(|point| point.count);
    [
        metric.component.to_string(),
        metric.name.clone(),
        metric.kind.to_string(),
        point.map_or_else(String::new, |point| point.value.to_string()),
        count.map_or_else(String::new, |count| count.to_string()),
        metric.unit.clone(),
        point.map_or_else(String::new, |point| joined(&point.attributes)),
    ]
}

fn log_row(record: &LogRecord) -> [String; 4] {
    [
        record.component.to_string(),
        record.severity.clone(),
        record.body.clone(),
        joined(&record.attributes),
    ]
}

/// The first lines for a message.
fn first(lines: impl Iterator<Item = String>, none: &str) -> String {
    let lines: Vec<_> = lines.take(10).collect();
    match lines.is_empty() {
        true => none.to_owned(),
        false => lines.join("\n"),
    }
}

fn listed_spans(telemetry: &Telemetry) -> String {
    let rows = span_rows(telemetry).into_iter();
    let lines = rows.map(|[component, name, _, _, status, attributes]| {
        let (name, attributes) = (visible(&name), visible(&attributes));
        format!("  {component}: span \"{name}\", {status} ({attributes})")
    });
    first(lines, "no span was recorded")
}

fn listed_metrics(metrics: &[Metric]) -> String {
    let lines = metrics.iter().map(|metric| {
        let [component, name, kind, value, _, _, attributes] = metric_row(metric);
        let (name, attributes) = (visible(&name), visible(&attributes));
        format!("  {component}: {kind} \"{name}\" is {value} ({attributes})")
    });
    first(lines, "no metric was exported")
}

fn listed_logs(telemetry: &Telemetry) -> String {
    let lines = telemetry.logs().iter().map(|record| {
        let body = visible(&record.body);
        format!("  {}: {} \"{body}\"", record.component, record.severity)
    });
    first(lines, "no log record was emitted")
}
