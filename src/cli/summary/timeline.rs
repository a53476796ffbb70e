//! What became of each timeline entry and of each expectation.
//!
//! What went otherwise than expected is shown before anything is left out.

use super::super::terminal::{Paint, paint};
use super::super::text::{WIDTH, fit, left, length, wrap};
use super::{ROWS, bold, more, time};
use crate::experiment::outcome::{EntryOutcome, EntryResult, Outcome, Verdict};
use crate::report::phrase::thousands;

/// Rows of the timeline.
const ENTRIES: usize = 12;

/// The section on timeline.
pub(super) fn timeline(outcome: &Outcome) -> String {
    if outcome.timeline.is_empty() {
        return String::new();
    }
    let mut text = format!("{}\n", bold("timeline"));
    let shown = outcome.timeline.iter().take(ENTRIES);
    let width = shown.clone().map(|entry| length(&entry.name)).max();
    let width = width.unwrap_or(0).min(20);
    let widest = shown.clone().map(|entry| length(&entry.what)).max();
    let widths = (width, widest.unwrap_or(0).min(44));
    for entry in shown {
        text.push_str(&entry_lines(entry, widths));
    }
    let rest = outcome.timeline.get(ENTRIES..).unwrap_or_default();
    let bad = rest.iter().filter(|entry| entry.unexpected.is_some());
    for entry in bad.clone().take(ENTRIES) {
        text.push_str(&entry_lines(entry, widths));
    }
    text.push_str(&more(rest.len() - bad.count().min(ENTRIES), "calls.csv"));
    text
}

fn entry_lines(entry: &EntryOutcome, (width, what): (usize, usize)) -> String {
    let at = entry.at.map_or_else(|| "never".to_owned(), time);
    let (mut result, detail) = match &entry.result {
        EntryResult::Ok { .. } => ("ok".to_owned(), String::new()),
        EntryResult::Error { code, message, .. } => (code.clone(), message.clone()),
        EntryResult::NotMade { reason } => ("not made".to_owned(), reason.clone()),
        EntryResult::Unfinished { how, reason } => (how.name().replace('_', " "), reason.clone()),
    };
    if entry.lost > 0 {
        result = format!("{result}, {} lost", thousands(entry.lost));
    }
    let line = format!(
        "  {}  {}  {}  ",
        left(&at, 8),
        left(&fit(&entry.name, width), width),
        left(&entry.what, what)
    );
    let mut text = if length(&line) + length(&result) <= WIDTH {
        format!("{line}{result}\n")
    } else {
        format!("{}\n{}", line.trim_end(), wrap(&result, 12))
    };
    // what was expected instead repeats the detail, and says more
    let repeats = |expected: &String| expected.contains(&detail);
    if !detail.is_empty() && !entry.unexpected.as_ref().is_some_and(repeats) {
        text.push_str(&wrap(&fit(&detail, 400), 12));
    }
    if let Some(expected) = &entry.unexpected {
        let expected = format!(
            "{} {expected}",
            paint(Paint::Bad, "otherwise than expected:")
        );
        text.push_str(&wrap(&expected, 12));
    }
    text
}

/// The section on expectations.
pub(super) fn expectations(outcome: &Outcome) -> String {
    if outcome.expectations.is_empty() {
        return String::new();
    }
    let mut text = format!("{}\n", bold("expectations"));
    let mut hidden = 0;
    for (i, expectation) in outcome.expectations.iter().enumerate() {
        let is_ok = expectation.verdict == Verdict::Ok;
        if i >= if is_ok { ROWS } else { 4 * ROWS } {
            hidden += 1;
            continue;
        }
        let (colour, word) = match expectation.verdict {
            Verdict::Ok => (Paint::Good, "ok"),
            Verdict::Failed => (Paint::Bad, "FAILED"),
            Verdict::Undecided => (Paint::Bad, "undecided"),
        };
        let runs = outcome.replications.as_ref().and_then(|runs| {
            let held = runs.expectations_ok.get(i)?;
            Some(format!("; held in {held} of {} runs", runs.count))
        });
        let what = format!(
            "{} (is {}{})",
            expectation.text,
            expectation.actual,
            runs.unwrap_or_default()
        );
        let word = paint(colour, &left(word, 9));
        let lines = format!("  {word}  {}", wrap(&what, 13).trim_start());
        text.push_str(&lines);
        if !is_ok && !expectation.hint.is_empty() {
            text.push_str(&wrap(&format!("help: {}", expectation.hint), 13));
        }
    }
    text.push_str(&more(hidden, "summary.json"));
    text
}
