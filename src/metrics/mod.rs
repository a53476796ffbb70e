//! Metrics: what the facts of a run amount to, and the names under which expectations ask for it.
//!
//! One file and one line of [`METRICS`] each. Metrics read measurements; they must never change a
//! run or know how a number is shown.

pub mod collector;
mod drains;
mod groups;
mod latency;
pub mod measurements;
pub mod query;
mod requests;
mod targets;

use std::fmt::Debug;

use crate::describe::Source;
use crate::stats::step_series::StepSeries;
use measurements::Measurements;
use query::{Query, Value};

/// What a metric is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The run: `requests.lost`.
    Run,
    /// A target group: `targets.web.draining`.
    TargetGroup,
    /// A group: `groups.web-asg.time_to_replace`.
    Group,
}

/// What a metric's number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricUnit {
    /// Things: written as a bare number.
    Count,
    /// Seconds: written as a duration.
    Duration,
    /// A share: written as a bare number or in `%`.
    Ratio,
    /// Instances times seconds: written as a bare number.
    InstanceSeconds,
}

/// Labels a metric may be narrowed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// `cause=`
    Cause,
    /// `code=`
    Code,
    /// `workload=`
    Workload,
    /// `call=`
    Call,
}

/// A metric an expectation can name.
pub trait Metric: Debug + Sync {
    /// Its name with `*` for the subject: `requests.lost`, `targets.*.draining`.
    fn name(&self) -> &'static str;
    /// One line.
    fn summary(&self) -> &'static str;
    /// What it is about.
    fn subject(&self) -> Subject;
    /// What its number counts.
    fn unit(&self) -> MetricUnit;
    /// Labels it may be narrowed by.
    fn labels(&self) -> &'static [Label] {
        &[]
    }
    /// Whether `@ time` may follow it.
    fn has_time(&self) -> bool {
        false
    }
    /// Whether an open drain or replacement leaves it undecided.
    fn needs_settled(&self) -> bool {
        false
    }
    /// Whether running on can only make its number larger, never smaller. What such a number
    /// exceeds already, it will exceed whatever else happens.
    fn only_grows(&self) -> bool {
        false
    }
    /// Its value.
    fn value(&self, measurements: &Measurements, query: &Query) -> Value;
    /// Where its definition comes from.
    fn source(&self) -> Source {
        Source::Ours
    }
}

/// Every metric.
pub static METRICS: &[&dyn Metric] = &[
    &requests::ARRIVED,
    &requests::COMPLETED,
    &requests::LOST,
    &requests::LOSS_RATIO,
    &requests::IN_FLIGHT,
    &requests::ATTEMPTS,
    &requests::UNATTRIBUTED,
    &latency::P50,
    &latency::P90,
    &latency::P99,
    &latency::P999,
    &latency::MAX,
    &latency::MEAN,
    &latency::WITH_LOSSES_P50,
    &latency::WITH_LOSSES_P90,
    &latency::WITH_LOSSES_P99,
    &latency::WITH_LOSSES_P999,
    &latency::WITH_LOSSES_MAX,
    &latency::WITH_LOSSES_MEAN,
    &drains::COUNT,
    &drains::COMPLETED,
    &drains::TIMED_OUT,
    &drains::TARGET_LOST,
    &drains::CANCELLED,
    &drains::OPEN,
    &drains::CUT,
    &drains::IN_FLIGHT_AT_START,
    &drains::NEEDED,
    &targets::REGISTERED,
    &targets::HEALTHY,
    &targets::UNHEALTHY,
    &targets::INITIAL,
    &targets::ELIGIBLE,
    &targets::DRAINING,
    &targets::REGISTERED_MIN,
    &targets::HEALTHY_MIN,
    &targets::ELIGIBLE_MIN,
    &targets::ZERO_TARGET,
    &groups::DESIRED,
    &groups::IN_SERVICE,
    &groups::SERVING,
    &groups::PENDING,
    &groups::LEAVING,
    &groups::IN_SERVICE_MIN,
    &groups::SERVING_MIN,
    &groups::TIME_TO_REPLACE,
    &groups::CAPACITY_DEFICIT,
];

/// Most suggestions for a name that does not exist.
const MAX_SUGGESTIONS: usize = 3;

/// How alike a suggestion must be, 1 being the same.
const ALIKE: f64 = 0.7;

/// The metric that `path` names, and the name in the place of its `*`.
///
/// `targets.web.draining` finds `targets.*.draining` and `web`. Whether there is a target group or
/// group of that name is for the caller to say.
pub fn find(path: &str) -> Option<(&'static dyn Metric, Option<&str>)> {
    METRICS
        .iter()
        .find_map(|&metric| match metric.name().split_once('*') {
            None => (metric.name() == path).then_some((metric, None)),
            Some((before, after)) => {
                let subject = path.strip_prefix(before)?.strip_suffix(after)?;
                is_name(subject).then_some((metric, Some(subject)))
            }
        })
}

/// Names of metrics that `path` may have meant, the likeliest first; the name in the place of a
/// `*` is kept as it was written.
pub fn names_like(path: &str) -> Vec<String> {
    let written = path
        .split('.')
        .nth(1)
        .filter(|name| is_name(name))
        .unwrap_or("*");
    let mut candidates: Vec<(f64, String)> = METRICS
        .iter()
        .map(|metric| metric.name().replace('*', written))
        .map(|name| (strsim::jaro_winkler(path, &name), name))
        .filter(|&(likeness, _)| likeness >= ALIKE)
        .collect();
    // A stable sort: of two as likely the one that stands first in the registry.
    candidates.sort_by(|left, right| right.0.total_cmp(&left.0));
    candidates.truncate(MAX_SUGGESTIONS);
    candidates.into_iter().map(|(_, name)| name).collect()
}

/// Whether `text` may be the name of something in a file.
fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    !text.is_empty() && text.bytes().all(allowed)
}

/// The value of `series` at the time asked for, or at the end of the run.
fn over_time(series: &StepSeries, measurements: &Measurements, query: &Query) -> Value {
    let at = query.at.unwrap_or(measurements.end);
    if at > measurements.end {
        return Value::Undecided;
    }
    Value::Number(f64::from(series.at(at)))
}

/// The smallest value of `series` from the warm-up to the end, both included.
fn smallest(series: &StepSeries, measurements: &Measurements) -> f64 {
    let end = measurements.end;
    f64::from(series.min(measurements.warm_up, end).min(series.at(end)))
}

#[cfg(test)]
pub(crate) mod tests;
