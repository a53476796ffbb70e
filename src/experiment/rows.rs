//! Rows: what became of each entry of the timeline so far, and what the names in it mean now.
//!
//! The entries of the file have the first rows, in its order; each making of a step adds one. The
//! place of a row is the id under which its effects are known while a run is under way; when it is
//! over the rows are put into the order in which people read them. This module must never make
//! anything.

use std::collections::BTreeMap;

use serde_json::Value;

use super::outcome::{EntryOutcome, EntryResult, Unfinished};
use crate::engine::time::SimTime;
use crate::metrics::measurements::Measurements;
use crate::model::ids::EntryId;
use crate::scenario::plan::{Action, Entry, EntryExpect, Rounds, Scenario};

/// Most rows of a run.
pub(super) const MOST_ROWS: usize = 100_000;

/// Most bytes of responses that are kept.
pub(super) const MOST_BYTES: usize = 256 << 20;

/// What names mean, beside what became of each entry.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) list: Vec<EntryOutcome>,
    /// The entry of the file each row was made from.
    plans: Vec<usize>,
    /// Entries by their names.
    names: BTreeMap<String, usize>,
    /// The row of the last making of each entry.
    latest: Vec<Option<usize>>,
    /// The round each entry with steps is in, and its member of the list.
    rounds: Vec<Option<(u32, Option<Value>)>>,
    /// Bytes of responses so far.
    pub(super) bytes: usize,
}

const NOT_REACHED: &str = "the run stopped before";

impl Rows {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let timeline = &scenario.timeline;
        let mut names = BTreeMap::new();
        for (index, entry) in timeline.iter().enumerate() {
            names.entry(entry.name.clone()).or_insert(index);
        }
        let own = timeline.iter().take_while(|entry| entry.parent.is_none());
        let list: Vec<EntryOutcome> = own
            .enumerate()
            .map(|(index, entry)| unreached(EntryId::from_index(index), entry))
            .collect();
        Self {
            plans: (0..list.len()).collect(),
            list,
            names,
            latest: vec![None; timeline.len()],
            rounds: vec![None; timeline.len()],
            bytes: 0,
        }
    }

    /// A row for the next making of the step `entry` at `plan`, in a round of the entry whose row is
    /// `parent`; `round` is given where there may be several.
    pub(super) fn add(
        &mut self,
        plan: usize,
        entry: &Entry,
        parent: usize,
        round: Option<u32>,
    ) -> usize {
        let row = self.list.len();
        let mut outcome = unreached(EntryId::from_index(row), entry);
        let above = &self.list[parent].name;
        outcome.name = match round {
            Some(round) => format!("{above}[{round}].{}", entry.name),
            None => format!("{above}.{}", entry.name),
        };
        self.list.push(outcome);
        self.plans.push(plan);
        row
    }

    /// The making at `row` begins now.
    pub(super) fn begin(&mut self, row: usize, at: SimTime) {
        let outcome = &mut self.list[row];
        outcome.at = Some(at);
        outcome.result = EntryResult::Unfinished {
            how: Unfinished::Open,
            reason: "it was not over when the run stopped".to_owned(),
        };
        self.latest[self.plans[row]] = Some(row);
    }

    /// The entry called `name`.
    pub(super) fn plan_named(&self, name: &str) -> Option<usize> {
        self.names.get(name).copied()
    }

    /// What became of the last making of the entry at `plan`.
    pub(super) fn latest(&self, plan: usize) -> Option<&EntryOutcome> {
        self.latest[plan].map(|row| &self.list[row])
    }

    /// Begins a round of the entry at `plan`.
    pub(super) fn begin_round(&mut self, plan: usize, round: u32, item: Option<Value>) {
        self.rounds[plan] = Some((round, item));
    }

    /// The round the entry at `plan` is in, or was in last.
    pub(super) fn round(&self, plan: usize) -> Option<u32> {
        self.rounds[plan].as_ref().map(|(round, _)| *round)
    }

    /// Its member of the list in that round.
    pub(super) fn item(&self, plan: usize) -> Option<&Value> {
        self.rounds[plan].as_ref()?.1.as_ref()
    }

    /// The rows of a run that is over, in the order of the file with the makings of steps behind
    /// their entry; what was measured names them in that order from now on.
    pub(super) fn finish(
        mut self,
        scenario: &Scenario,
        measurements: &mut Measurements,
    ) -> Vec<EntryOutcome> {
        for (row, outcome) in self.list.iter_mut().enumerate() {
            let lost = measurements.lost_by_entry.get(row);
            outcome.lost = lost.copied().unwrap_or_default();
            let expect = &scenario.timeline[self.plans[row]].expect;
            outcome.unexpected = match (&outcome.result, outcome.at) {
                (EntryResult::NotMade { reason }, None) if reason == NOT_REACHED => {
                    (*expect != EntryExpect::NotMade).then(|| "it was not reached".to_owned())
                }
                (result, _) => unexpected(expect, result),
            };
        }
        let has_steps = scenario.timeline.iter().any(|entry| entry.parent.is_some());
        if !has_steps {
            return self.list;
        }
        self.in_order(scenario, measurements)
    }

    fn in_order(self, scenario: &Scenario, measurements: &mut Measurements) -> Vec<EntryOutcome> {
        let around = |plan: usize| {
            let up = |plan: &usize| scenario.timeline[*plan].parent.map(EntryId::index);
            std::iter::successors(Some(plan), up)
        };
        let mut order: Vec<usize> = (0..self.list.len()).collect();
        order.sort_by_key(|&row| around(self.plans[row]).last());
        let mut place = vec![EntryId(0); order.len()];
        for (new, &old) in order.iter().enumerate() {
            place[old] = EntryId::from_index(new);
        }
        measurements.made_from = order
            .iter()
            .map(|&row| around(self.plans[row]).map(EntryId::from_index).collect())
            .collect();
        let lost = std::mem::take(&mut measurements.lost_by_entry);
        let lost = |row: &usize| lost.get(*row).copied().unwrap_or_default();
        measurements.lost_by_entry = order.iter().map(lost).collect();
        let moved = |entry: &mut Option<EntryId>| {
            *entry = entry.map(|entry| place[entry.index()]);
        };
        measurements
            .losses
            .iter_mut()
            .for_each(|loss| moved(&mut loss.culprit));
        measurements
            .drains
            .iter_mut()
            .for_each(|drain| moved(&mut drain.entry));
        let activities = measurements.activities.iter_mut();
        activities.for_each(|activity| moved(&mut activity.entry));
        let mut rows: Vec<Option<EntryOutcome>> = self.list.into_iter().map(Some).collect();
        let taken = order.iter().filter_map(|&row| rows[row].take());
        taken
            .enumerate()
            .map(|(index, mut outcome)| {
                outcome.entry = EntryId::from_index(index);
                outcome
            })
            .collect()
    }
}

/// The row of an entry that was not reached.
fn unreached(id: EntryId, entry: &Entry) -> EntryOutcome {
    let empty = || Value::Object(serde_json::Map::new());
    let (kind, what, params) = match &entry.action {
        Action::Call { operation, params } => ("call", operation.name.to_owned(), params.clone()),
        Action::Do { deed, instance } => (
            "do",
            deed.name().to_owned(),
            serde_json::json!({ "instance": instance }),
        ),
        Action::Fault { fault, params, .. } => {
            ("fault", fault.kind().name.to_owned(), params.clone())
        }
        Action::Wait { condition, .. } => ("wait_until", condition.text.clone(), empty()),
        Action::Sleep(span) => ("sleep", span.humane(), empty()),
        Action::Steps { rounds, .. } => match rounds {
            Rounds::Once => ("steps", "once".to_owned(), empty()),
            Rounds::Each(list) => {
                let text = list
                    .as_str()
                    .map_or_else(|| list.to_string(), str::to_owned);
                ("for_each", text, empty())
            }
            Rounds::Repeat(repeat) => {
                let until = repeat
                    .until
                    .as_ref()
                    .map(|until| format!("until {}", until.text));
                let times = || format!("{} times", repeat.times);
                ("repeat", until.unwrap_or_else(times), empty())
            }
        },
    };
    EntryOutcome {
        entry: id,
        name: entry.name.clone(),
        at: None,
        kind,
        what,
        params,
        result: EntryResult::NotMade {
            reason: NOT_REACHED.to_owned(),
        },
        unexpected: None,
        lost: 0,
    }
}

/// What the file demanded and did not get.
fn unexpected(expect: &EntryExpect, result: &EntryResult) -> Option<String> {
    match (expect, result) {
        (EntryExpect::NotMade, EntryResult::NotMade { .. })
        | (EntryExpect::Any | EntryExpect::Ok, EntryResult::Ok { .. })
        | (
            EntryExpect::Any | EntryExpect::TimedOut,
            EntryResult::Unfinished {
                how: Unfinished::TimedOut,
                ..
            },
        )
        | (
            EntryExpect::Any,
            EntryResult::Error { .. }
            | EntryResult::Unfinished {
                how: Unfinished::Stopped,
                ..
            },
        ) => None,
        (_, EntryResult::NotMade { reason }) => Some(format!("it was not made: {reason}")),
        (EntryExpect::NotMade, _) => Some("it was made".to_owned()),
        (_, EntryResult::Unfinished { how, reason }) => Some(match how {
            Unfinished::TimedOut => format!("it timed out: {reason}"),
            Unfinished::Stopped => format!("it was stopped: {reason}"),
            Unfinished::Open => reason.clone(),
        }),
        (EntryExpect::TimedOut, EntryResult::Ok { .. }) => {
            Some("it came to its end instead of timing out".to_owned())
        }
        (EntryExpect::Ok | EntryExpect::TimedOut, EntryResult::Error { code, message, .. }) => {
            Some(format!("it was refused: {code}: {message}"))
        }
        (EntryExpect::Error { code, .. }, EntryResult::Ok { .. }) => {
            Some(format!("it was accepted instead of refused with {code}"))
        }
        (
            EntryExpect::Error { code, message },
            EntryResult::Error {
                code: got,
                message: text,
                ..
            },
        ) => {
            if code != got {
                return Some(format!("it was refused with {got} instead of {code}"));
            }
            let wanted = message
                .as_ref()
                .filter(|wanted| !text.contains(wanted.as_str()));
            wanted.map(|wanted| format!("its message `{text}` does not contain `{wanted}`"))
        }
    }
}
