//! The summary of a run: one screen for people, the verdict first.
//!
//! Readable without colour and at 80 columns. It must never show a number that no report holds, nor
//! grow with the size of a fleet: long lists end in a count of what is left out.

mod fleet;
mod losses;
mod timeline;

use super::terminal::{Paint, paint};
use super::text::{WIDTH, fit, wrap};
use crate::engine::time::{SimDuration, SimTime};
use crate::experiment::outcome::{EntryOutcome, Outcome, Stop, Verdict};
use crate::report::phrase::{humane, thousands};

/// Rows of groups, target groups and expectations that hold.
const ROWS: usize = 8;

/// The summary of `outcome`, with colour codes.
pub(super) fn text(outcome: &Outcome) -> String {
    let parts = [
        heading(outcome),
        losses::losses(outcome),
        losses::drains(outcome),
        fleet::capacity(outcome),
        fleet::latency(outcome),
        timeline::timeline(outcome),
        timeline::expectations(outcome),
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
    format!(
        "  +{} more in {place}, which --out writes\n",
        thousands(left_out as u64)
    )
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
        Stop::TooMuchHistory => {
            format!("STOPPED with too many instances and activities to remember, at {end}")
        }
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
    use super::super::text::length;
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
