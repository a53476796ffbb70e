//! Metrics of requests: how many there were and what became of them.
//!
//! Tallies hold logical requests that arrived after the warm-up.

use super::measurements::{Measurements, RequestTally};
use super::query::{Query, Value};
use super::{Label, Metric, MetricUnit, Subject};
use crate::engine::math::from_count;
use crate::model::ids::EntryId;

/// Which number of a tally.
#[derive(Debug, Clone, Copy)]
enum Number {
    Arrived,
    Completed,
    Lost,
    LossRatio,
    InFlight,
    Attempts,
    Unattributed,
}

/// A metric of requests.
#[derive(Debug)]
pub(super) struct Requests {
    name: &'static str,
    summary: &'static str,
    number: Number,
}

pub(super) static ARRIVED: Requests = Requests {
    name: "requests.arrived",
    summary: "requests that arrived",
    number: Number::Arrived,
};
pub(super) static COMPLETED: Requests = Requests {
    name: "requests.completed",
    summary: "requests that a target answered",
    number: Number::Completed,
};
pub(super) static LOST: Requests = Requests {
    name: "requests.lost",
    summary: "requests that were lost, for whatever cause",
    number: Number::Lost,
};
pub(super) static LOSS_RATIO: Requests = Requests {
    name: "requests.loss_ratio",
    summary: "the share of the arrived requests that was lost",
    number: Number::LossRatio,
};
pub(super) static IN_FLIGHT: Requests = Requests {
    name: "requests.in_flight",
    summary: "requests still held when the run stopped",
    number: Number::InFlight,
};
pub(super) static ATTEMPTS: Requests = Requests {
    name: "requests.attempts",
    summary: "tries made for the requests, retries included",
    number: Number::Attempts,
};
pub(super) static UNATTRIBUTED: Requests = Requests {
    name: "requests.unattributed",
    summary: "lost requests that no entry of the timeline is to blame for",
    number: Number::Unattributed,
};

impl Metric for Requests {
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
            Number::LossRatio => MetricUnit::Ratio,
            Number::Arrived
            | Number::Completed
            | Number::Lost
            | Number::InFlight
            | Number::Attempts
            | Number::Unattributed => MetricUnit::Count,
        }
    }

    fn labels(&self) -> &'static [Label] {
        match self.number {
            Number::Lost => &[Label::Cause, Label::Code, Label::Workload, Label::Call],
            Number::Arrived
            | Number::Completed
            | Number::LossRatio
            | Number::InFlight
            | Number::Attempts => &[Label::Workload],
            Number::Unattributed => &[],
        }
    }

    fn needs_settled(&self) -> bool {
        matches!(
            self.number,
            Number::Lost | Number::LossRatio | Number::Unattributed
        )
    }

    fn only_grows(&self) -> bool {
        matches!(self.number, Number::Lost | Number::Unattributed)
    }

    fn value(&self, measurements: &Measurements, query: &Query) -> Value {
        let tally = tally_of(measurements, query);
        let count = match self.number {
            Number::Arrived => tally.arrived,
            Number::Completed => tally.completed,
            Number::InFlight => tally.in_flight,
            Number::Attempts => tally.attempts,
            Number::Unattributed => measurements.unattributed,
            Number::Lost => match lost(measurements, query) {
                Some(lost) => lost,
                None => return Value::Undecided,
            },
            Number::LossRatio if tally.arrived == 0 => return Value::Absent,
            Number::LossRatio => {
                return Value::Number(from_count(tally.lost()) / from_count(tally.arrived));
            }
        };
        Value::Number(from_count(count))
    }
}

/// The tally of the workload asked for, or of all.
fn tally_of<'a>(measurements: &'a Measurements, query: &Query) -> &'a RequestTally {
    query.workload.map_or(&measurements.requests, |workload| {
        &measurements.workloads[workload].1
    })
}

/// Lost requests that match all labels. One label on its own, or with a workload, is tallied; other
/// combinations are counted from the list of losses, `None` when that does not hold all of them.
fn lost(measurements: &Measurements, query: &Query) -> Option<u64> {
    let tally = tally_of(measurements, query);
    match (query.cause, query.code, query.call) {
        (None, None, None) => return Some(tally.lost()),
        (Some(cause), None, None) => return Some(tally.lost_for(cause)),
        (None, Some(code), None) => return Some(tally.lost_with(code)),
        (None, None, Some(call)) if query.workload.is_none() => {
            let by_entry = measurements.lost_by_entry.iter().enumerate();
            let mine = by_entry
                .filter(|(made, _)| measurements.is_made_from(EntryId::from_index(*made), call));
            return Some(mine.map(|(_, lost)| lost).sum());
        }
        (Some(_), Some(_), _) | (Some(_), _, Some(_)) | (_, Some(_), Some(_)) | (.., Some(_)) => {}
    }
    if measurements.losses_not_listed > 0 {
        return None;
    }
    let matching = measurements.losses.iter().filter(|loss| {
        loss.arrived >= measurements.warm_up
            && query.cause.is_none_or(|cause| loss.cause == cause)
            && query.code.is_none_or(|code| loss.code == code)
            && query.call.is_none_or(|call| {
                loss.culprit
                    .is_some_and(|made| measurements.is_made_from(made, call))
            })
            && query
                .workload
                .is_none_or(|workload| loss.workload.index() == workload)
    });
    Some(matching.count() as u64)
}
