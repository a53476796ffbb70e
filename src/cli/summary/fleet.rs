//! How deep the capacity dip was and what clients felt.
//!
//! It must never show a minimum from before the warm-up was over.

use super::super::text::{left, right, wrap};
use super::{ROWS, bold, more, nanos};
use crate::engine::time::SimDuration;
use crate::experiment::outcome::Outcome;
use crate::metrics::query::Value;
use crate::report::phrase::{humane, thousands};
use crate::report::subject::metric;
use crate::stats::step_series::StepSeries;

/// The section on capacity.
pub(super) fn capacity(outcome: &Outcome) -> String {
    let m = &outcome.measurements;
    if m.groups.is_empty() && m.target_groups.is_empty() {
        return String::new();
    }
    let mut text = format!("{}\n", bold("capacity"));
    for (i, group) in m.groups.iter().enumerate().take(ROWS) {
        let desired = thousands(u64::from(group.desired.last()));
        let serving = thousands(u64::from(group.serving.min(m.warm_up, m.end)));
        let replaced = match metric(outcome, "groups.*.time_to_replace", Some(i)) {
            Value::Number(secs) if secs > 0.0 => {
                let span = humane(SimDuration::from_secs_f64(secs));
                format!("; short of desired for {span}")
            }
            Value::Undecided => "; still short of desired at the end".to_owned(),
            Value::Number(_) | Value::Infinite | Value::Absent => String::new(),
        };
        let line = format!(
            "{}: at least {serving} of {desired} serving{replaced}",
            group.name
        );
        text.push_str(&wrap(&line, 2));
    }
    text.push_str(&more(m.groups.len().saturating_sub(ROWS), "summary.json"));
    for (i, group) in m.target_groups.iter().enumerate().take(ROWS) {
        let least = |series: &StepSeries| thousands(u64::from(series.min(m.warm_up, m.end)));
        let none = match metric(outcome, "targets.*.zero_target", Some(i)) {
            Value::Number(secs) if secs > 0.0 => {
                let span = humane(SimDuration::from_secs_f64(secs));
                format!("; without any for {span}")
            }
            Value::Number(_) | Value::Infinite | Value::Absent | Value::Undecided => String::new(),
        };
        let (healthy, eligible) = (least(&group.healthy), least(&group.eligible));
        let line = format!(
            "{}: at least {healthy} healthy, {eligible} eligible targets{none}",
            group.name
        );
        text.push_str(&wrap(&line, 2));
    }
    text.push_str(&more(
        m.target_groups.len().saturating_sub(ROWS),
        "summary.json",
    ));
    text
}

/// The section on latency.
pub(super) fn latency(outcome: &Outcome) -> String {
    let m = &outcome.measurements;
    let lost = m.requests.lost();
    if m.latency.count() == 0 {
        return format!("{}\n", bold("no request was completed"));
    }
    let row = |name: &str, infinite: u64| {
        let show = |value: Option<u64>| value.map_or_else(|| "infinite".to_owned(), nanos);
        format!(
            "  {}{}{}{}\n",
            left(name, 16),
            right(&show(m.latency.quantile(0.5, infinite)), 11),
            right(&show(m.latency.quantile(0.99, infinite)), 11),
            right(&show(m.latency.max().filter(|_| infinite == 0)), 11),
        )
    };
    let head = format!(
        "{}{}",
        left("latency", 18),
        "        p50        p99        max"
    );
    let mut text = format!("{}\n{}", bold(&head), row("completed", 0));
    if lost > 0 {
        text.push_str(&row("with losses", lost));
    }
    text
}
