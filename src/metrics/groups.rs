//! Metrics of groups: wanted and real capacity over time, and how long a gap between them lasts.
//!
//! Minima are from the warm-up to the end, both included. A gap is a span with serving below
//! desired; gaps are looked for over the whole run, as replacements are no matter of requests.

use super::measurements::{GroupMeasurement, Measurements};
use super::query::{Query, Value};
use super::{Metric, MetricUnit, Subject, over_time, smallest};
use crate::engine::time::{SimDuration, SimTime};
use crate::stats::step_series::StepSeries;

/// Which number of a group.
#[derive(Debug, Clone, Copy)]
enum Number {
    /// The value of a series at a time.
    Then(fn(&GroupMeasurement) -> &StepSeries),
    /// Its smallest value.
    Min(fn(&GroupMeasurement) -> &StepSeries),
    /// The longest gap.
    TimeToReplace,
    /// The size of all gaps.
    CapacityDeficit,
}

/// A metric of a group.
#[derive(Debug)]
pub(super) struct Groups {
    name: &'static str,
    summary: &'static str,
    number: Number,
}

pub(super) static DESIRED: Groups = Groups {
    name: "groups.*.desired",
    summary: "the size the group wants to have",
    number: Number::Then(|group| &group.desired),
};
pub(super) static IN_SERVICE: Groups = Groups {
    name: "groups.*.in_service",
    summary: "instances in service",
    number: Number::Then(|group| &group.in_service),
};
pub(super) static SERVING: Groups = Groups {
    name: "groups.*.serving",
    summary: "instances in service and healthy in every traffic source",
    number: Number::Then(|group| &group.serving),
};
pub(super) static PENDING: Groups = Groups {
    name: "groups.*.pending",
    summary: "instances that are being launched",
    number: Number::Then(|group| &group.pending),
};
pub(super) static LEAVING: Groups = Groups {
    name: "groups.*.leaving",
    summary: "instances that are being detached or terminated",
    number: Number::Then(|group| &group.leaving),
};
pub(super) static IN_SERVICE_MIN: Groups = Groups {
    name: "groups.*.in_service_min",
    summary: "the fewest instances in service after the warm-up",
    number: Number::Min(|group| &group.in_service),
};
pub(super) static SERVING_MIN: Groups = Groups {
    name: "groups.*.serving_min",
    summary: "the fewest serving instances after the warm-up",
    number: Number::Min(|group| &group.serving),
};
pub(super) static TIME_TO_REPLACE: Groups = Groups {
    name: "groups.*.time_to_replace",
    summary: "the longest span with fewer serving instances than desired; 0s without one",
    number: Number::TimeToReplace,
};
pub(super) static CAPACITY_DEFICIT: Groups = Groups {
    name: "groups.*.capacity_deficit",
    summary: "missing serving instances, each times the seconds it was missing",
    number: Number::CapacityDeficit,
};

impl Groups {
    /// Whether it is about a gap between desired and serving.
    const fn is_of_gaps(&self) -> bool {
        matches!(self.number, Number::TimeToReplace | Number::CapacityDeficit)
    }
}

impl Metric for Groups {
    fn name(&self) -> &'static str {
        self.name
    }

    fn summary(&self) -> &'static str {
        self.summary
    }

    fn subject(&self) -> Subject {
        Subject::Group
    }

    fn unit(&self) -> MetricUnit {
        match self.number {
            Number::Then(_) | Number::Min(_) => MetricUnit::Count,
            Number::TimeToReplace => MetricUnit::Duration,
            Number::CapacityDeficit => MetricUnit::InstanceSeconds,
        }
    }

    fn has_time(&self) -> bool {
        matches!(self.number, Number::Then(_))
    }

    fn needs_settled(&self) -> bool {
        self.is_of_gaps()
    }

    fn only_grows(&self) -> bool {
        self.is_of_gaps()
    }

    fn value(&self, measurements: &Measurements, query: &Query) -> Value {
        let Some(group) = query.subject.and_then(|i| measurements.groups.get(i)) else {
            return Value::Absent;
        };
        match self.number {
            Number::Then(series) => over_time(series(group), measurements, query),
            Number::Min(series) => Value::Number(smallest(series(group), measurements)),
            Number::TimeToReplace => time_to_replace(group, measurements.end),
            Number::CapacityDeficit => Value::Number(capacity_deficit_s(group, measurements.end)),
        }
    }
}

/// Spans within which neither series changes, with how many serving instances are missing.
fn missing(
    group: &GroupMeasurement,
    end: SimTime,
) -> impl Iterator<Item = (SimTime, SimTime, u32)> + '_ {
    group
        .desired
        .spans(SimTime::ZERO, end)
        .flat_map(|(from, to, desired)| {
            group
                .serving
                .spans(from, to)
                .map(move |(from, to, serving)| (from, to, desired.saturating_sub(serving)))
        })
}

fn time_to_replace(group: &GroupMeasurement, end: SimTime) -> Value {
    if group.serving.at(end) < group.desired.at(end) {
        return Value::Undecided;
    }
    let (mut longest, mut begun) = (SimDuration::ZERO, None);
    for (from, to, missing) in missing(group, end) {
        begun = (missing > 0).then(|| begun.unwrap_or(from));
        if let Some(begun) = begun {
            longest = longest.max(to.since(begun));
        }
    }
    Value::Number(longest.as_secs_f64())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "the integral is exact; it is shown as the nearest number"
)]
fn capacity_deficit_s(group: &GroupMeasurement, end: SimTime) -> f64 {
    let nanos: u128 = missing(group, end)
        .map(|(from, to, missing)| u128::from(to.since(from).as_nanos()) * u128::from(missing))
        .sum();
    nanos as f64 / 1e9
}
