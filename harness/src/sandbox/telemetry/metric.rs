//! Metrics as a collector would add them up.

use super::{Attributes, Telemetry};
use std::fmt;
use std::sync::Arc;

/// A measured number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A whole one.
    Whole(i128),
    /// Any other.
    Real(f64),
}

impl Number {
    fn plus(self, other: Self) -> Self {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => Self::Whole(a.saturating_add(b)),
            (a, b) => Self::Real(a.real() + b.real()),
        }
    }

    fn real(self) -> f64 {
        match self {
            // Beyond 2^53 a double is near it.
            Self::Whole(number) => number as f64,
            Self::Real(number) => number,
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(number) => write!(f, "{number}"),
            Self::Real(number) => write!(f, "{number}"),
        }
    }
}

/// What a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// What something is at the moment.
    Gauge,
    /// How much there was of it.
    Sum,
    /// How it is spread.
    Histogram,
    /// The same, in buckets whose bounds grow.
    ExponentialHistogram,
}

/// As the interface has it.
impl fmt::Display for MetricKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gauge => "gauge",
            Self::Sum => "sum",
            Self::Histogram => "histogram",
            Self::ExponentialHistogram => "exponential-histogram",
        })
    }
}

/// What an export says about time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Temporality {
    /// Everything since the instance began.
    Cumulative,
    /// What came since the last export.
    Delta,
}

/// One series of a metric.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricPoint {
    /// What tells it from the other series of the metric, sorted.
    pub attributes: Attributes,
    /// Its value; of a histogram the sum of its values.
    pub value: Number,
    /// Of a histogram the number of its values.
    pub count: Option<u64>,
}

/// A metric, as an instance exported it or as a collector would show it.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// The component.
    pub component: Arc<str>,
    /// The instance that exported it last.
    pub instance: u32,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: MetricKind,
    /// Its unit.
    pub unit: String,
    /// What it says about time.
    pub temporality: Temporality,
    /// Its series.
    pub points: Vec<MetricPoint>,
}

impl Telemetry {
    /// The metrics so far, each series once, in the order in which they were first exported.
    ///
    /// Of a gauge the last value counts. Sums and histograms are added up: what instances exported, and within an
    /// instance deltas, while a cumulative value takes the place of the one before.
    pub fn metrics(&self) -> Vec<Metric> {
        let mut metrics: Vec<Metric> = Vec::new();
        for (at, exported) in self.exported.iter().enumerate() {
            for point in &exported.points {
                if self.is_replaced(at, point) {
                    continue;
                }
                add(&mut metrics, exported, point);
            }
        }
        metrics
    }

    /// Whether a later export of the same instance says all that a point says.
    fn is_replaced(&self, at: usize, point: &MetricPoint) -> bool {
        let exported = &self.exported[at];
        let has_point = |later: &Metric| {
            let mut points = later.points.iter();
            points.any(|other| other.attributes == point.attributes)
        };
        exported.kind != MetricKind::Gauge
            && exported.temporality == Temporality::Cumulative
            && self.exported[at + 1..].iter().any(|later| {
                later.instance == exported.instance && later.is_same(exported) && has_point(later)
            })
    }
}

impl Metric {
    fn is_same(&self, other: &Self) -> bool {
        self.component == other.component && self.name == other.name && self.kind == other.kind
    }
}

fn add(metrics: &mut Vec<Metric>, exported: &Metric, point: &MetricPoint) {
    let of_series = |metric: &&mut Metric| {
        metric.is_same(exported) && metric.points[0].attributes == point.attributes
    };
    match metrics.iter_mut().find(of_series) {
        None => metrics.push(Metric {
            points: vec![point.clone()],
            ..exported.clone()
        }),
        Some(known) => {
            let known = &mut known.points[0];
            if exported.kind == MetricKind::Gauge {
                known.value = point.value;
            } else {
                known.value = known.value.plus(point.value);
                known.count = known
                    .count
                    .map(|count| count.saturating_add(point.count.unwrap_or_default()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exported(
        instance: u32,
        kind: MetricKind,
        temporality: Temporality,
        points: &[(&str, i128)],
    ) -> Metric {
        Metric {
            component: Arc::from("api"),
            instance,
            name: "visits".to_owned(),
            kind,
            unit: "1".to_owned(),
            temporality,
            points: points
                .iter()
                .map(|(path, value)| MetricPoint {
                    attributes: vec![("path".to_owned(), (*path).to_owned())],
                    value: Number::Whole(*value),
                    count: (kind == MetricKind::Histogram).then_some(2),
                })
                .collect(),
        }
    }

    fn values(exported: Vec<Metric>) -> Vec<(String, String, Option<u64>)> {
        let telemetry = Telemetry {
            exported,
            ..Telemetry::default()
        };
        let series = |metric: Metric| {
            let point = metric.points[0].clone();
            let path = point.attributes[0].1.clone();
            (path, point.value.to_string(), point.count)
        };
        telemetry.metrics().into_iter().map(series).collect()
    }

    fn row(path: &str, value: &str, count: Option<u64>) -> (String, String, Option<u64>) {
        (path.to_owned(), value.to_owned(), count)
    }

    #[test]
    fn a_cumulative_sum_replaces_itself_and_adds_to_that_of_others() {
        use MetricKind::Sum;
        use Temporality::Cumulative;
        let exported = vec![
            exported(1, Sum, Cumulative, &[("/a", 1), ("/b", 5)]),
            exported(1, Sum, Cumulative, &[("/a", 2)]),
            exported(2, Sum, Cumulative, &[("/a", 1)]),
        ];
        // Of the first export only what the second does not say again is left.
        assert_eq!(
            values(exported),
            [row("/b", "5", None), row("/a", "3", None)]
        );
    }

    #[test]
    fn deltas_are_added_and_of_a_gauge_the_last_value_counts() {
        use MetricKind::{Gauge, Sum};
        use Temporality::{Cumulative, Delta};
        let deltas = vec![
            exported(1, Sum, Delta, &[("/a", 1)]),
            exported(1, Sum, Delta, &[("/a", 2)]),
        ];
        assert_eq!(values(deltas), [row("/a", "3", None)]);
        let gauges = vec![
            exported(1, Gauge, Cumulative, &[("/a", 1)]),
            exported(2, Gauge, Cumulative, &[("/a", 7)]),
        ];
        assert_eq!(values(gauges), [row("/a", "7", None)]);
    }

    #[test]
    fn histograms_add_sums_and_counts() {
        use MetricKind::Histogram;
        use Temporality::Cumulative;
        let histograms = vec![
            exported(1, Histogram, Cumulative, &[("/a", 3)]),
            exported(2, Histogram, Cumulative, &[("/a", 4)]),
        ];
        assert_eq!(values(histograms), [row("/a", "7", Some(4))]);
    }

    #[test]
    fn numbers_stay_whole_as_long_as_they_are() {
        assert_eq!(Number::Whole(1).plus(Number::Whole(2)), Number::Whole(3));
        assert_eq!(Number::Whole(1).plus(Number::Real(0.5)), Number::Real(1.5));
        assert_eq!(Number::Real(0.5).to_string(), "0.5");
    }
}
