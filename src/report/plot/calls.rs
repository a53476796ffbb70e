//! The calls in a picture: numbered lines over the data and a strip that explains the numbers.
//!
//! Calls too close to be told apart share a mark. Entries that were never made have no mark. This
//! module must never judge a call.

use super::canvas::{Align, Canvas, LABEL, WIDTH};
use super::palette::{BLACK, GREY, dashed, solid};
use super::panel::Panel;
use crate::engine::time::{SimDuration, SimTime};
use crate::experiment::outcome::{EntryOutcome, EntryResult, Outcome};
use crate::report::phrase::humane;

/// Entries that share a mark: their numbers from 1, and the entries.
#[derive(Debug)]
struct Mark<'a> {
    first: usize,
    entries: Vec<&'a EntryOutcome>,
}

impl Mark<'_> {
    fn label(&self) -> String {
        match self.entries.len() {
            1 => self.first.to_string(),
            count => format!("{}-{}", self.first, self.first + count - 1),
        }
    }
}

const STYLE: super::canvas::Type = LABEL.sized(15);
/// Height of a line of the strip \[px\].
const LINE: i32 = 20;
/// Lines of the strip.
const LINES: usize = 3;

/// The marks of an outcome in a panel.
#[derive(Debug)]
pub(super) struct Calls<'a> {
    marks: Vec<Mark<'a>>,
}

fn made_at(entry: &EntryOutcome) -> SimTime {
    entry.at.unwrap_or(SimTime::MAX)
}

/// Groups entries that begin within `gap` pixels of the first of their group.
fn group<'a>(
    made: &[&'a EntryOutcome],
    gap: i32,
    column: impl Fn(&EntryOutcome) -> i32,
) -> Vec<Mark<'a>> {
    let mut marks: Vec<Mark<'a>> = Vec::new();
    let mut begin = 0;
    for (i, &entry) in made.iter().enumerate() {
        let x = column(entry);
        match marks.last_mut() {
            Some(mark) if x - begin < gap => mark.entries.push(entry),
            _ => {
                begin = x;
                let entries = vec![entry];
                marks.push(Mark {
                    first: i + 1,
                    entries,
                });
            }
        }
    }
    marks
}

/// Whether the numbers of `marks` stand apart from each other.
fn fits(marks: &[Mark<'_>], column: impl Fn(&EntryOutcome) -> i32) -> bool {
    let extents = marks.iter().map(|mark| {
        let (first, last) = (mark.entries[0], mark.entries[mark.entries.len() - 1]);
        let middle = i32::midpoint(column(first), column(last));
        let half = STYLE.bold().width(&mark.label()) / 2 + 3;
        (middle - half, middle + half)
    });
    let extents: Vec<(i32, i32)> = extents.collect();
    extents.windows(2).all(|pair| pair[0].1 <= pair[1].0)
}

impl<'a> Calls<'a> {
    /// Groups the entries of `outcome` by the room their numbers have between two columns, given as
    /// the width of the data \[px\] and its end \[s\].
    pub(super) fn new(outcome: &'a Outcome, width: i32, end_s: f64) -> Self {
        // what waits, sleeps or has steps does nothing to the fleet
        let does = |kind: &str| matches!(kind, "call" | "do" | "fault");
        let made = outcome.timeline.iter();
        let mut made: Vec<&EntryOutcome> =
            made.filter(|e| e.at.is_some() && does(e.kind)).collect();
        made.sort_by_key(|entry| made_at(entry));
        let column = |entry: &EntryOutcome| {
            super::panel::pixel(made_at(entry).as_secs_f64() / end_s * f64::from(width))
        };
        // The smallest gap that keeps the numbers apart; the last one always does.
        let gaps = [6, 12, 20, 30, 45, 60, 90, 140];
        let marks = gaps.into_iter().map(|gap| group(&made, gap, column));
        let marks = marks.reduce(|found, next| if fits(&found, column) { found } else { next });
        let marks = marks.unwrap_or_default();
        Self { marks }
    }

    /// Height of the band above the data that the numbers need \[px\].
    pub(super) fn band(&self) -> i32 {
        if self.marks.is_empty() { 0 } else { 20 }
    }

    /// Height of the strip \[px\].
    pub(super) fn strip_height(&self) -> i32 {
        let lines = self.marks.len().div_ceil(2).min(LINES);
        let lines = i32::try_from(lines).expect("the strip has few lines");
        if lines == 0 { 0 } else { lines * LINE + 8 }
    }

    /// Draws the numbered lines over `panel`.
    pub(super) fn draw(&self, canvas: &mut Canvas, panel: &Panel) {
        for mark in &self.marks {
            let columns: Vec<i32> = mark
                .entries
                .iter()
                .map(|entry| panel.x(made_at(entry).as_secs_f64()))
                .collect();
            let (first, last) = (columns[0], columns[columns.len() - 1]);
            // More lines than can be told apart would hide the data: their span is enough.
            let mut lines = if columns.len() > 3 {
                vec![first, last]
            } else {
                columns
            };
            lines.dedup();
            for x in lines {
                let line = [(x, panel.area.top - 4), (x, panel.area.bottom - 1)];
                canvas.path(&line, dashed(BLACK, 1, (4, 3)));
            }
            let top = panel.area.top - 4;
            canvas.path(&[(first, top), (last, top)], solid(BLACK, 1));
            let middle = i32::midpoint(first, last);
            let at = (middle, panel.area.top - 8);
            canvas.text(&mark.label(), at, Align::Centre, STYLE.bold());
        }
    }

    /// Draws the strip from `top` on.
    pub(super) fn strip(&self, canvas: &mut Canvas, left: i32, top: i32) {
        let room = LINES * 2;
        let shown = if self.marks.len() > room {
            room - 1
        } else {
            self.marks.len()
        };
        let rows = self.marks.len().div_ceil(2).min(LINES);
        let width = (WIDTH - left - 24) / 2;
        let mut place = |i: usize, number: &str, text: &str| {
            let (column, row) = (i / rows.max(1), i % rows.max(1));
            let column = i32::try_from(column).expect("there are two columns");
            let row = i32::try_from(row).expect("there are few rows");
            let (x, y) = (left + column * width, top + row * LINE + 14);
            let indent = STYLE.bold().width(number).max(20) + 8;
            canvas.text(number, (x, y), Align::Left, STYLE.bold());
            let text = STYLE.fit(text, width - indent - 16);
            canvas.text(&text, (x + indent, y), Align::Left, STYLE);
        };
        for (i, mark) in self.marks.iter().take(shown).enumerate() {
            place(i, &mark.label(), &explain(mark));
        }
        if shown < self.marks.len() {
            let rest: usize = self.marks[shown..].iter().map(|m| m.entries.len()).sum();
            place(shown, "", &format!("+{rest} more, see calls.csv"));
        }
        if shown > 0 {
            let line = [(left, top - 4), (WIDTH - 24, top - 4)];
            canvas.path(&line, solid(GREY, 1));
        }
    }
}

/// What stands in the strip for a mark: `5m  autoscaling:DetachInstances (detach)`.
fn explain(mark: &Mark<'_>) -> String {
    let first = mark.entries[0];
    let from = time(made_at(first));
    if let [entry] = mark.entries.as_slice() {
        let refused = match &entry.result {
            EntryResult::Error { code, .. } => format!(" refused: {code}"),
            EntryResult::Unfinished { how, .. } => format!(" {}", how.name()),
            EntryResult::Ok { .. } | EntryResult::NotMade { .. } => String::new(),
        };
        return format!("{from}  {} ({}){refused}", entry.what, entry.name);
    }
    let last = mark.entries[mark.entries.len() - 1];
    let to = time(made_at(last));
    let mut kinds: Vec<(&str, usize)> = Vec::new();
    for entry in &mark.entries {
        let what = entry.what.rsplit(':').next().unwrap_or(&entry.what);
        match kinds.iter_mut().find(|(kind, _)| *kind == what) {
            Some((_, count)) => *count += 1,
            None => kinds.push((what, 1)),
        }
    }
    let words: Vec<String> = kinds
        .iter()
        .map(|&(kind, count)| {
            if count == 1 {
                kind.to_owned()
            } else {
                format!("{count} {kind}")
            }
        })
        .collect();
    let span = if from == to {
        from
    } else {
        format!("{from} to {to}")
    };
    format!("{span}  {}", words.join(", "))
}

fn time(at: SimTime) -> String {
    humane(SimDuration::from_nanos(at.as_nanos()))
}
