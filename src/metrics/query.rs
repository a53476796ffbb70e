//! Queries: which metric, of what, with which labels, when.

use super::Metric;
use crate::engine::time::SimTime;
use crate::model::ids::EntryId;
use crate::model::loss::{Cause, Code};

/// A metric with everything needed to read its value out of measurements.
#[derive(Debug, Clone)]
pub struct Query {
    /// The metric.
    pub metric: &'static dyn Metric,
    /// Position of the target group or group it is about, for metrics that have one.
    pub subject: Option<usize>,
    /// Only losses of this cause.
    pub cause: Option<Cause>,
    /// Only losses with this code.
    pub code: Option<Code>,
    /// Only requests of the workload at this position.
    pub workload: Option<usize>,
    /// Only losses this entry of the file, or one of its steps, is to blame for.
    pub call: Option<EntryId>,
    /// The value at this time, for metrics that have one over time.
    pub at: Option<SimTime>,
}

/// What a query found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// A number in the metric's base unit: counts as they are, durations in seconds.
    Number(f64),
    /// Larger than any number: the quantile falls among lost requests.
    Infinite,
    /// There is nothing to measure: the latency of no request.
    Absent,
    /// The horizon came before it could be known.
    Undecided,
}
