//! `wasi:otel/metrics`: what guests have aggregated.

use super::attributes;
use crate::host::InstanceState;
use crate::host::bindings::otel_metrics::{
    ExponentialHistogram, Gauge, Histogram, Host, MetricData, MetricNumber, ResourceMetrics, Sum,
    Temporality,
};
use crate::host::bindings::otel_types::KeyValue;
use crate::sandbox::{self, Metric, MetricKind, MetricPoint, Number};
use std::sync::Arc;

impl Host for InstanceState {
    async fn export(&mut self, metrics: ResourceMetrics) -> wasmtime::Result<Result<(), String>> {
        let of_scopes = metrics.scope_metrics.into_iter();
        let metrics = of_scopes
            .flat_map(|scope| scope.metrics)
            .map(|metric| {
                let data = data(metric.data);
                Metric {
                    component: Arc::clone(&self.caller.component),
                    instance: self.caller.instance,
                    name: metric.name,
                    kind: data.kind,
                    unit: metric.unit,
                    temporality: data.temporality,
                    points: data.points,
                }
            })
            .collect();
        let exported = self.session.export_metrics(&self.caller, metrics).await?;
        Ok(exported.map_err(|failure| failure.text().to_owned()))
    }
}

/// What is kept of a metric's data, whatever its kind and its kind of number.
struct Data {
    kind: MetricKind,
    temporality: sandbox::Temporality,
    points: Vec<MetricPoint>,
}

fn data(data: MetricData) -> Data {
    match data {
        MetricData::F64Gauge(it) | MetricData::U64Gauge(it) | MetricData::S64Gauge(it) => {
            of_gauge(it)
        }
        MetricData::F64Sum(it) | MetricData::U64Sum(it) | MetricData::S64Sum(it) => of_sum(it),
        MetricData::F64Histogram(it)
        | MetricData::U64Histogram(it)
        | MetricData::S64Histogram(it) => of_histogram(it),
        MetricData::F64ExponentialHistogram(it)
        | MetricData::U64ExponentialHistogram(it)
        | MetricData::S64ExponentialHistogram(it) => of_exponential_histogram(it),
    }
}

fn of_gauge(gauge: Gauge) -> Data {
    let points = gauge.data_points.into_iter();
    Data {
        kind: MetricKind::Gauge,
        temporality: sandbox::Temporality::Cumulative,
        points: points
            .map(|it| point(it.attributes, it.value, None))
            .collect(),
    }
}

fn of_sum(sum: Sum) -> Data {
    let points = sum.data_points.into_iter();
    Data {
        kind: MetricKind::Sum,
        temporality: temporality(sum.temporality),
        points: points
            .map(|it| point(it.attributes, it.value, None))
            .collect(),
    }
}

fn of_histogram(histogram: Histogram) -> Data {
    let points = histogram.data_points.into_iter();
    Data {
        kind: MetricKind::Histogram,
        temporality: temporality(histogram.temporality),
        points: points
            .map(|it| point(it.attributes, it.sum, Some(it.count)))
            .collect(),
    }
}

fn of_exponential_histogram(histogram: ExponentialHistogram) -> Data {
    let points = histogram.data_points.into_iter();
    Data {
        kind: MetricKind::ExponentialHistogram,
        temporality: temporality(histogram.temporality),
        points: points
            .map(|it| point(it.attributes, it.sum, Some(it.count)))
            .collect(),
    }
}

fn temporality(temporality: Temporality) -> sandbox::Temporality {
    match temporality {
        Temporality::Cumulative => sandbox::Temporality::Cumulative,
        // Counters and histograms, which alone say so, are deltas then.
        Temporality::Delta | Temporality::LowMemory => sandbox::Temporality::Delta,
    }
}

fn point(of_guest: Vec<KeyValue>, value: MetricNumber, count: Option<u64>) -> MetricPoint {
    let mut attributes = attributes(of_guest);
    attributes.sort();
    MetricPoint {
        attributes,
        value: match value {
            MetricNumber::F64(number) => Number::Real(number),
            MetricNumber::S64(number) => Number::Whole(number.into()),
            MetricNumber::U64(number) => Number::Whole(number.into()),
        },
        count,
    }
}
