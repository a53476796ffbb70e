//! Metrics: what the facts of a run amount to, and the names under which expectations ask for it.
//!
//! One file and one line of [`METRICS`] each. Metrics read measurements; they must never change a
//! run or know how a number is shown.

pub mod collector;
pub mod measurements;
pub mod query;

use std::fmt::Debug;

use crate::describe::Source;
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
    /// Its value.
    fn value(&self, measurements: &Measurements, query: &Query) -> Value;
    /// Where its definition comes from.
    fn source(&self) -> Source {
        Source::Ours
    }
}

/// Every metric.
pub static METRICS: &[&dyn Metric] = &[];
