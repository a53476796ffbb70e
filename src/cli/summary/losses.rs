//! What was lost and through which call, and how long the drains would have needed.
//!
//! It must never show more drains than fit a screen.

use super::super::text::{WIDTH, fit, left, right};
use super::{bold, count, more};
use crate::experiment::outcome::Outcome;
use crate::metrics::measurements::DrainMeasurement;
use crate::model::loss::{CAUSES, Cause, Loss};
use crate::report::phrase::{humane, percent, thousands};
use crate::report::subject::entry_name;

/// Rows of drains.
const DRAINS: usize = 10;

/// The section on losses.
pub(super) fn losses(outcome: &Outcome) -> String {
    let m = &outcome.measurements;
    let (lost, arrived) = (m.requests.lost(), m.requests.arrived);
    if lost == 0 {
        let none = format!("no request was lost, of {}", thousands(arrived));
        return format!("{}\n", bold(&none));
    }
    let all = format!(
        "lost {} of {} requests ({})",
        thousands(lost),
        thousands(arrived),
        percent(lost, arrived)
    );
    let mut text = format!("{}\n", bold(&all));
    for descriptor in CAUSES {
        let number = m.requests.lost_for(descriptor.cause);
        if number > 0 {
            let line = format!(
                "  {}  {}  {}",
                right(&thousands(number), 9),
                left(descriptor.name, 21),
                blame(outcome, descriptor.cause)
            );
            text.push_str(&fit(&line, WIDTH));
            text.push('\n');
        }
    }
    if m.unattributed > 0 && m.unattributed < lost {
        let number = right(&thousands(m.unattributed), 9);
        let line = format!("  {number}  of them no entry is to blame for\n");
        text.push_str(&line);
    }
    text
}

/// The codes and culprits of the listed losses for `cause`.
fn blame(outcome: &Outcome, cause: Cause) -> String {
    let of_cause = |loss: &&Loss| loss.cause == cause;
    let mut codes: Vec<&str> = Vec::new();
    let mut culprits: Vec<&str> = Vec::new();
    for loss in outcome.measurements.losses.iter().filter(of_cause) {
        let culprit = entry_name(outcome, loss.culprit);
        if !codes.contains(&loss.code.name()) {
            codes.push(loss.code.name());
        }
        if !culprit.is_empty() && !culprits.contains(&culprit) && culprits.len() < 4 {
            culprits.push(culprit);
        }
    }
    codes.sort_unstable();
    let by = match culprits.as_slice() {
        [] => String::new(),
        [one] => format!("  through {one}"),
        [first, second] => format!("  through {first}, {second}"),
        [first, second, ..] => format!("  through {first}, {second}, ..."),
    };
    format!("{}{by}", codes.join(", "))
}

/// What worst-first is sorted by: cut most, then short of the longest time.
fn badness(drain: &DrainMeasurement) -> (u64, u64) {
    (drain.cut + drain.lost_other, drain.needed.as_nanos())
}

/// The section on drains.
pub(super) fn drains(outcome: &Outcome) -> String {
    let mut drains: Vec<&DrainMeasurement> = outcome.measurements.drains.iter().collect();
    if drains.is_empty() {
        return String::new();
    }
    drains.sort_by_key(|drain| std::cmp::Reverse(badness(drain)));
    let title = format!("{}, worst first", count(drains.len(), "drain", "drains"));
    let mut text = format!(
        "{}{}\n",
        bold(&left(&title, 33)),
        bold("in flight    cut  quiet after   needed    delay")
    );
    for drain in drains.iter().take(DRAINS) {
        let quiet = drain.quiet.map_or_else(
            || "open".to_owned(),
            |quiet| humane(quiet.max(drain.start).since(drain.start)),
        );
        let delay = drain.delay.map_or_else(|| "none".to_owned(), humane);
        let row = format!(
            "  {}{}{}{}{}{}\n",
            left(&fit(&drain.target, 30), 31),
            right(&thousands(drain.in_flight_at_start), 9),
            right(&thousands(drain.cut), 7),
            right(&quiet, 13),
            right(&humane(drain.needed), 9),
            right(&delay, 9),
        );
        text.push_str(&row);
    }
    text.push_str(&more(drains.len().saturating_sub(DRAINS), "drains.csv"));
    text
}
