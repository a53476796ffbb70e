//! The summary of a run: one screen for people, the verdict first.
//!
//! Readable without colour and at 80 columns. It must never show a number that no report holds, nor
//! grow with the size of a fleet: long lists end in a count of what is left out.

use super::terminal::{Paint, paint};
use super::text::{WIDTH, fit, left, length, right, wrap};
use crate::engine::time::{SimDuration, SimTime};
use crate::experiment::outcome::{EntryOutcome, EntryResult, Outcome, Stop, Verdict};
use crate::metrics::measurements::DrainMeasurement;
use crate::metrics::query::Value;
use crate::model::loss::{CAUSES, Cause, Loss};
use crate::report::number::{humane, percent, thousands};
use crate::report::subject::{entry_name, metric};

/// Rows of drains.
const DRAINS: usize = 10;
/// Rows of groups, target groups and expectations that hold.
const ROWS: usize = 8;
/// Rows of the timeline.
const ENTRIES: usize = 12;

/// The summary of `outcome`, with colour codes.
pub(super) fn text(outcome: &Outcome) -> String {
    let parts = [
        heading(outcome),
        losses(outcome),
        drains(outcome),
        capacity(outcome),
        latency(outcome),
        timeline(outcome),
        expectations(outcome),
        replications(outcome),
    ];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("\n")
}

fn time(at: SimTime) -> String {
    humane(SimDuration::from_nanos(at.as_nanos()))
}

fn nanos(nanos: u64) -> String {
    humane(SimDuration::from_nanos(nanos))
}

/// `1 entry`, `2 entries`.
fn count(number: usize, singular: &str, plural: &str) -> String {
    let word = if number == 1 { singular } else { plural };
    format!("{} {word}", thousands(number as u64))
}

/// The line that stands for what is left out.
fn more(left_out: usize, place: &str) -> String {
    if left_out == 0 {
        return String::new();
    }
    format!("  +{} more in {place}\n", thousands(left_out as u64))
}

fn bold(text: &str) -> String {
    paint(Paint::Bold, text)
}

fn heading(outcome: &Outcome) -> String {
    let end = time(outcome.measurements.end);
    let stop = match outcome.stop {
        Stop::Horizon => format!("ran to its horizon at {end}"),
        Stop::Settled => format!("settled at {end}"),
        Stop::NeverSettled => format!("NEVER SETTLED, given up at {end}"),
        Stop::EventLimit => format!("STOPPED at the limit on events, at {end}"),
        Stop::TooManyInFlight => format!("STOPPED with too many requests in flight, at {end}"),
        Stop::Interrupted => format!("interrupted at {end}"),
    };
    let (word, reasons) = verdict(outcome);
    let name = fit(&outcome.scenario, WIDTH - 10);
    let mut text = format!("{}: {word}\n{}", bold(&name), wrap(&reasons, 2));
    text.push_str(&wrap(&format!("{stop}, seed {}", outcome.seed), 2));
    if !outcome.description.is_empty() {
        text.push_str(&wrap(&outcome.description, 2));
    }
    text
}

/// The verdict and why.
fn verdict(outcome: &Outcome) -> (String, String) {
    let not = |verdict: Verdict| {
        let expectations = outcome.expectations.iter();
        expectations.filter(|e| e.verdict == verdict).count()
    };
    let mut reasons = Vec::new();
    let (failed, undecided) = (not(Verdict::Failed), not(Verdict::Undecided));
    if failed > 0 {
        let all = count(outcome.expectations.len(), "expectation", "expectations");
        reasons.push(format!("{failed} of {all} failed"));
    }
    if undecided > 0 {
        reasons.push(count(undecided, "is undecided", "are undecided"));
    }
    let unexpected = |entry: &&EntryOutcome| entry.unexpected.is_some();
    let unexpected = outcome.timeline.iter().filter(unexpected).count();
    if unexpected > 0 {
        let entries = count(unexpected, "timeline entry", "timeline entries");
        reasons.push(format!("{entries} went otherwise than expected"));
    }
    if let Some(runs) = outcome.replications.as_ref().filter(|r| r.passed < r.count) {
        reasons.push(format!("{} of {} runs passed", runs.passed, runs.count));
    }
    let ended = matches!(outcome.stop, Stop::Horizon | Stop::Settled);
    if !reasons.is_empty() {
        return (paint(Paint::Bad, "FAILED"), reasons.join(", "));
    }
    if !ended {
        let why = "the run did not reach its end".to_owned();
        return (paint(Paint::Bad, "FAILED"), why);
    }
    let what = if outcome.expectations.is_empty() {
        "the file expects nothing".to_owned()
    } else {
        count(
            outcome.expectations.len(),
            "expectation holds",
            "expectations hold",
        )
    };
    (paint(Paint::Good, "ok"), what)
}

fn losses(outcome: &Outcome) -> String {
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
            text.push_str(&format!("{}\n", fit(&line, WIDTH)));
        }
    }
    if m.unattributed > 0 && m.unattributed < lost {
        let number = right(&thousands(m.unattributed), 9);
        text.push_str(&format!("  {number}  of them no entry is to blame for\n"));
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

fn drains(outcome: &Outcome) -> String {
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
        text.push_str(&format!(
            "  {}{}{}{}{}{}\n",
            left(&fit(&drain.target, 30), 31),
            right(&thousands(drain.in_flight_at_start), 9),
            right(&thousands(drain.cut), 7),
            right(&quiet, 13),
            right(&humane(drain.needed), 9),
            right(&delay, 9),
        ));
    }
    text.push_str(&more(drains.len().saturating_sub(DRAINS), "drains.csv"));
    text
}

fn capacity(outcome: &Outcome) -> String {
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
        let least = |series: &crate::stats::step_series::StepSeries| {
            thousands(u64::from(series.min(m.warm_up, m.end)))
        };
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

fn latency(outcome: &Outcome) -> String {
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

fn timeline(outcome: &Outcome) -> String {
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
    if !detail.is_empty() {
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

fn expectations(outcome: &Outcome) -> String {
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
        text.push_str(&format!("  {word}  {}", wrap(&what, 13).trim_start()));
        if !is_ok && !expectation.hint.is_empty() {
            text.push_str(&wrap(&format!("help: {}", expectation.hint), 13));
        }
    }
    text.push_str(&more(hidden, "summary.json"));
    text
}

fn replications(outcome: &Outcome) -> String {
    let Some(runs) = &outcome.replications else {
        return String::new();
    };
    let head = format!("{} runs", thousands(u64::from(runs.count)));
    format!(
        "{}: {} passed, {} lost requests; the numbers above are the first run's\n",
        bold(&head),
        thousands(u64::from(runs.passed)),
        thousands(u64::from(runs.with_losses))
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{self, Sample};

    /// Without colour codes.
    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn fits_80_columns_and_a_screen_or_two_at_any_size() {
        let large = Sample {
            targets: 10_000,
            drains: 200,
            groups: 40,
            calls: 200,
            ..Sample::default()
        };
        for outcome in [sample::detach_two(), large.build()] {
            let text = plain(&text(&outcome));
            for line in text.lines() {
                assert!(length(line) <= WIDTH, "{line}");
            }
            assert!(text.lines().count() < 100);
        }
    }

    #[test]
    fn the_verdict_comes_first() {
        let failed = plain(&text(&sample::detach_two()));
        let mut lines = failed.lines();
        assert!(lines.next().unwrap().ends_with(": FAILED"), "{failed}");
        assert!(lines.next().unwrap().contains("1 of 2 expectations failed"));
        let calm = Sample {
            lost: Vec::new(),
            calls: 1,
            ..Sample::default()
        };
        let text = plain(&text(&calm.build()));
        assert!(text.lines().next().unwrap().ends_with(": ok"), "{text}");
        assert!(text.contains("no request was lost"));
    }

    #[test]
    fn losses_name_cause_code_and_culprit() {
        let text = plain(&text(&sample::detach_two()));
        let line = text
            .lines()
            .find(|line| line.contains("cut_at_deadline"))
            .unwrap();
        assert!(
            line.contains("502") && line.contains("through detach"),
            "{line}"
        );
    }
}
