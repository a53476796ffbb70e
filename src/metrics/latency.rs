//! Metrics of latency: the time from a request's arrival to its completion.
//!
//! `latency` is of completed requests only; `latency_with_losses` counts a lost one as infinite, so
//! that cutting the slow ones cannot look like an improvement.

use super::measurements::Measurements;
use super::query::{Query, Value};
use super::{Metric, MetricUnit, Subject};
use crate::engine::time::SimDuration;

/// Which number of a distribution.
#[derive(Debug, Clone, Copy)]
enum Statistic {
    Quantile(f64),
    Max,
    Mean,
}

/// A metric of latency.
#[derive(Debug)]
pub(super) struct Latency {
    name: &'static str,
    summary: &'static str,
    statistic: Statistic,
    with_losses: bool,
}

pub(super) static P50: Latency = Latency {
    name: "latency.p50",
    summary: "the median latency of completed requests",
    statistic: Statistic::Quantile(0.5),
    with_losses: false,
};
pub(super) static P90: Latency = Latency {
    name: "latency.p90",
    summary: "the 90th percentile of the latency of completed requests",
    statistic: Statistic::Quantile(0.9),
    with_losses: false,
};
pub(super) static P99: Latency = Latency {
    name: "latency.p99",
    summary: "the 99th percentile of the latency of completed requests",
    statistic: Statistic::Quantile(0.99),
    with_losses: false,
};
pub(super) static P999: Latency = Latency {
    name: "latency.p999",
    summary: "the 99.9th percentile of the latency of completed requests",
    statistic: Statistic::Quantile(0.999),
    with_losses: false,
};
pub(super) static MAX: Latency = Latency {
    name: "latency.max",
    summary: "the largest latency of a completed request",
    statistic: Statistic::Max,
    with_losses: false,
};
pub(super) static MEAN: Latency = Latency {
    name: "latency.mean",
    summary: "the mean latency of completed requests",
    statistic: Statistic::Mean,
    with_losses: false,
};
pub(super) static WITH_LOSSES_P50: Latency = Latency {
    name: "latency_with_losses.p50",
    summary: "the median latency, a lost request being infinitely late",
    statistic: Statistic::Quantile(0.5),
    with_losses: true,
};
pub(super) static WITH_LOSSES_P90: Latency = Latency {
    name: "latency_with_losses.p90",
    summary: "the 90th percentile of latency, a lost request being infinitely late",
    statistic: Statistic::Quantile(0.9),
    with_losses: true,
};
pub(super) static WITH_LOSSES_P99: Latency = Latency {
    name: "latency_with_losses.p99",
    summary: "the 99th percentile of latency, a lost request being infinitely late",
    statistic: Statistic::Quantile(0.99),
    with_losses: true,
};
pub(super) static WITH_LOSSES_P999: Latency = Latency {
    name: "latency_with_losses.p999",
    summary: "the 99.9th percentile of latency, a lost request being infinitely late",
    statistic: Statistic::Quantile(0.999),
    with_losses: true,
};
pub(super) static WITH_LOSSES_MAX: Latency = Latency {
    name: "latency_with_losses.max",
    summary: "the largest latency, a lost request being infinitely late",
    statistic: Statistic::Max,
    with_losses: true,
};
pub(super) static WITH_LOSSES_MEAN: Latency = Latency {
    name: "latency_with_losses.mean",
    summary: "the mean latency, infinite as soon as one request is lost",
    statistic: Statistic::Mean,
    with_losses: true,
};

impl Metric for Latency {
    fn name(&self) -> &'static str {
        self.name
    }

    fn summary(&self) -> &'static str {
        self.summary
    }

    fn subject(&self) -> Subject {
        Subject::Run
    }

    fn unit(&self) -> MetricUnit {
        MetricUnit::Duration
    }

    fn needs_settled(&self) -> bool {
        self.with_losses
    }

    fn value(&self, measurements: &Measurements, _query: &Query) -> Value {
        let latency = &measurements.latency;
        let lost = if self.with_losses {
            measurements.requests.lost()
        } else {
            0
        };
        if latency.count() == 0 && lost == 0 {
            return Value::Absent;
        }
        let seconds = |nanos: u64| SimDuration::from_nanos(nanos).as_secs_f64();
        let found = match self.statistic {
            Statistic::Quantile(q) => latency.quantile(q, lost).map(seconds),
            Statistic::Max => latency.max().filter(|_| lost == 0).map(seconds),
            Statistic::Mean => latency.mean().filter(|_| lost == 0).map(|mean| mean / 1e9),
        };
        // Something was measured, so only lost requests can have swallowed the number.
        found.map_or(Value::Infinite, Value::Number)
    }
}
