//! Metrics of targets: how many a target group had, in which health, over time.
//!
//! Minima and the time without a target are from the warm-up to the end, both included.

use super::measurements::{Measurements, TargetGroupMeasurement};
use super::query::{Query, Value};
use super::{Metric, MetricUnit, Subject, over_time, smallest};
use crate::stats::step_series::StepSeries;

/// Which number of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Number {
    /// Its value at a time.
    Then,
    /// Its smallest value.
    Min,
    /// How long it was zero.
    Zero,
}

/// A metric of the targets of a group.
#[derive(Debug)]
pub(super) struct Targets {
    name: &'static str,
    summary: &'static str,
    series: fn(&TargetGroupMeasurement) -> &StepSeries,
    number: Number,
}

pub(super) static REGISTERED: Targets = Targets {
    name: "targets.*.registered",
    summary: "registered targets, draining ones not counted",
    series: |group| &group.registered,
    number: Number::Then,
};
pub(super) static HEALTHY: Targets = Targets {
    name: "targets.*.healthy",
    summary: "healthy targets",
    series: |group| &group.healthy,
    number: Number::Then,
};
pub(super) static UNHEALTHY: Targets = Targets {
    name: "targets.*.unhealthy",
    summary: "unhealthy targets",
    series: |group| &group.unhealthy,
    number: Number::Then,
};
pub(super) static INITIAL: Targets = Targets {
    name: "targets.*.initial",
    summary: "targets whose first health checks are not over",
    series: |group| &group.initial,
    number: Number::Then,
};
pub(super) static ELIGIBLE: Targets = Targets {
    name: "targets.*.eligible",
    summary: "targets that the load balancer node with the fewest chooses among",
    series: |group| &group.eligible,
    number: Number::Then,
};
pub(super) static DRAINING: Targets = Targets {
    name: "targets.*.draining",
    summary: "draining targets",
    series: |group| &group.draining,
    number: Number::Then,
};
pub(super) static REGISTERED_MIN: Targets = Targets {
    name: "targets.*.registered_min",
    summary: "the fewest registered targets after the warm-up",
    series: |group| &group.registered,
    number: Number::Min,
};
pub(super) static HEALTHY_MIN: Targets = Targets {
    name: "targets.*.healthy_min",
    summary: "the fewest healthy targets after the warm-up",
    series: |group| &group.healthy,
    number: Number::Min,
};
pub(super) static ELIGIBLE_MIN: Targets = Targets {
    name: "targets.*.eligible_min",
    summary: "the fewest targets any node had to choose among after the warm-up",
    series: |group| &group.eligible,
    number: Number::Min,
};
pub(super) static ZERO_TARGET: Targets = Targets {
    name: "targets.*.zero_target",
    summary: "how long some node had no target to choose, after the warm-up",
    series: |group| &group.eligible,
    number: Number::Zero,
};

impl Metric for Targets {
    fn name(&self) -> &'static str {
        self.name
    }

    fn summary(&self) -> &'static str {
        self.summary
    }

    fn subject(&self) -> Subject {
        Subject::TargetGroup
    }

    fn unit(&self) -> MetricUnit {
        match self.number {
            Number::Then | Number::Min => MetricUnit::Count,
            Number::Zero => MetricUnit::Duration,
        }
    }

    fn has_time(&self) -> bool {
        self.number == Number::Then
    }

    fn only_grows(&self) -> bool {
        self.number == Number::Zero
    }

    fn value(&self, measurements: &Measurements, query: &Query) -> Value {
        let Some(group) = query
            .subject
            .and_then(|i| measurements.target_groups.get(i))
        else {
            return Value::Absent;
        };
        let series = (self.series)(group);
        match self.number {
            Number::Then => over_time(series, measurements, query),
            Number::Min => Value::Number(smallest(series, measurements)),
            Number::Zero => {
                let zero = series.time_at_zero(measurements.warm_up, measurements.end);
                Value::Number(zero.as_secs_f64())
            }
        }
    }
}
