//! Metrics of drains: the intervals targets spend deregistering, over the whole run.

use super::measurements::{DrainMeasurement, Measurements};
use super::query::{Query, Value};
use super::{Metric, MetricUnit, Subject};
use crate::engine::math::from_count;
use crate::engine::time::SimDuration;
use crate::model::drain::DrainOutcome;

/// Which number of the drains.
#[derive(Debug, Clone, Copy)]
enum Number {
    /// How many there were.
    Count,
    /// How many ended so.
    Ended(DrainOutcome),
    /// A count of requests, added up.
    Sum(fn(&DrainMeasurement) -> u64),
    /// The largest delay needed.
    Needed,
}

/// A metric of drains.
#[derive(Debug)]
pub(super) struct Drains {
    name: &'static str,
    summary: &'static str,
    number: Number,
}

pub(super) static COUNT: Drains = Drains {
    name: "drains.count",
    summary: "drains that began",
    number: Number::Count,
};
pub(super) static COMPLETED: Drains = Drains {
    name: "drains.completed",
    summary: "drains whose last request finished in time",
    number: Number::Ended(DrainOutcome::Completed),
};
pub(super) static TIMED_OUT: Drains = Drains {
    name: "drains.timed_out",
    summary: "drains whose deadline cut something",
    number: Number::Ended(DrainOutcome::TimedOut),
};
pub(super) static TARGET_LOST: Drains = Drains {
    name: "drains.target_lost",
    summary: "drains whose target stopped with requests in flight",
    number: Number::Ended(DrainOutcome::TargetLost),
};
pub(super) static CANCELLED: Drains = Drains {
    name: "drains.cancelled",
    summary: "drains ended by registering the target again",
    number: Number::Ended(DrainOutcome::Cancelled),
};
pub(super) static OPEN: Drains = Drains {
    name: "drains.open",
    summary: "drains that were not over when the run stopped",
    number: Number::Ended(DrainOutcome::Open),
};
pub(super) static CUT: Drains = Drains {
    name: "drains.cut",
    summary: "requests cut at the deadlines of all drains",
    number: Number::Sum(|drain| drain.cut),
};
pub(super) static IN_FLIGHT_AT_START: Drains = Drains {
    name: "drains.in_flight_at_start",
    summary: "requests in flight on their targets when the drains began",
    number: Number::Sum(|drain| drain.in_flight_at_start),
};
pub(super) static NEEDED: Drains = Drains {
    name: "drains.needed",
    summary: "the deregistration delay that would have been enough for every drain; 0s without any",
    number: Number::Needed,
};

impl Metric for Drains {
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
        match self.number {
            Number::Count | Number::Ended(_) | Number::Sum(_) => MetricUnit::Count,
            Number::Needed => MetricUnit::Duration,
        }
    }

    fn needs_settled(&self) -> bool {
        true
    }

    fn only_grows(&self) -> bool {
        // An open drain ends; every other number of drains only rises.
        !matches!(self.number, Number::Ended(DrainOutcome::Open))
    }

    fn value(&self, measurements: &Measurements, _query: &Query) -> Value {
        let drains = measurements.drains.iter();
        let count = match self.number {
            Number::Count => drains.count() as u64,
            Number::Ended(outcome) => {
                drains.filter(|drain| drain.outcome == outcome).count() as u64
            }
            Number::Sum(requests) => drains.map(requests).sum(),
            Number::Needed => {
                let longest = drains.map(|drain| drain.needed).max();
                return Value::Number(longest.unwrap_or(SimDuration::ZERO).as_secs_f64());
            }
        };
        Value::Number(from_count(count))
    }
}
