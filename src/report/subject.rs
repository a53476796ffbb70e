//! Names and derived values of the things a report speaks of: entries, workloads, metrics.
//!
//! Derived values come from the metrics registry, so a report and an expectation can never
//! disagree. This module must never format a file.

use crate::experiment::outcome::{EntryOutcome, Outcome};
use crate::metrics::METRICS;
use crate::metrics::query::{Query, Value};
use crate::model::ids::EntryId;

/// The name of the entry to blame, empty for none.
pub(crate) fn entry_name(outcome: &Outcome, entry: Option<EntryId>) -> &str {
    entry
        .and_then(|entry| outcome.timeline.get(entry.index()))
        .map_or("", |entry| entry.name.as_str())
}

/// The value of the metric called `name` for the group or target group at `subject`.
pub(crate) fn metric(outcome: &Outcome, name: &str, subject: Option<usize>) -> Value {
    let Some(metric) = METRICS.iter().find(|metric| metric.name() == name) else {
        return Value::Absent;
    };
    let query = Query {
        metric: *metric,
        subject,
        cause: None,
        code: None,
        workload: None,
        call: None,
        at: None,
    };
    metric.value(&outcome.measurements, &query)
}

/// `ok`, `error`, `not_made`, `timed_out`, `stopped` or `open`.
pub(crate) fn entry_outcome(entry: &EntryOutcome) -> &'static str {
    entry.result.name()
}
