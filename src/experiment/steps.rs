//! Steps: entries that take time, wait, or make others.
//!
//! An entry of the file under way is a thread: it makes one thing at a time, and everything it does
//! next goes through the agenda, so that no loop of a file is a loop of ours. This module must
//! never call the cloud.

use serde_json::{Value, json};

use super::agenda::{Key, Task};
use super::driver::Driver;
use super::outcome::{EntryResult, Unfinished};
use super::rows::{MOST_BYTES, MOST_ROWS};
use crate::engine::time::{SimDuration, SimTime};
use crate::scenario::plan::{Action, Condition, Rounds, When};

/// Most members of a list that a loop goes over.
const MOST_MEMBERS: usize = 10_000;

/// An entry of the file under way.
#[derive(Debug)]
pub(super) struct Thread {
    /// Its place in the file.
    root: usize,
    /// How many entries it follows.
    depth: u32,
    /// The entries with steps it is in, the outermost first.
    frames: Vec<Frame>,
    /// What it waits or sleeps in: entry and row, and since when.
    waits: Option<(usize, usize, SimTime)>,
    /// What it has put down to end its wait.
    pending: Vec<Key>,
}

/// An entry with steps under way.
#[derive(Debug)]
struct Frame {
    plan: usize,
    row: usize,
    /// Members of the list it goes over.
    members: Vec<Value>,
    round: u32,
    /// The step to make next.
    step: usize,
    began: SimTime,
}

impl Thread {
    pub(super) fn new(root: usize, depth: u32) -> Self {
        Self {
            root,
            depth,
            frames: Vec::new(),
            waits: None,
            pending: Vec::new(),
        }
    }
}

fn ok(response: Value) -> EntryResult {
    EntryResult::Ok { response }
}

fn timed_out(reason: String) -> EntryResult {
    EntryResult::Unfinished {
        how: Unfinished::TimedOut,
        reason,
    }
}

fn stopped(reason: String) -> EntryResult {
    EntryResult::Unfinished {
        how: Unfinished::Stopped,
        reason,
    }
}

/// What came of `done` rounds after which nothing is repeated any more.
fn in_vain(until: Option<&Condition>, done: u32) -> EntryResult {
    until.map_or_else(
        || ok(json!({ "rounds": done })),
        |until| timed_out(format!("`{}` did not hold after {done} rounds", until.text)),
    )
}

impl Driver<'_> {
    fn put_down(&mut self, thread: usize, at: SimTime, task: Task) -> Key {
        let Thread { depth, root, .. } = self.threads[thread];
        self.agenda.add(at, (depth, root), task)
    }

    /// Begins the entry at `plan`, which is to stand in `row`.
    pub(super) fn start(&mut self, thread: usize, plan: usize, row: usize) {
        let now = self.kernel.now();
        self.rows.begin(row, now);
        match &self.entry(plan).action {
            Action::Call { .. } | Action::Do { .. } | Action::Fault { .. } => {
                self.make(plan, row);
                self.over(thread, plan, row);
            }
            Action::Sleep(span) => {
                self.threads[thread].waits = Some((plan, row, now));
                self.put_down(thread, now + *span, Task::Wake(thread));
            }
            Action::Wait { every, timeout, .. } => {
                self.threads[thread].waits = Some((plan, row, now));
                let end = self.put_down(thread, now + *timeout, Task::GiveUp(thread));
                self.threads[thread].pending.push(end);
                if every.is_some() {
                    self.look(thread);
                } else {
                    self.watching.insert(thread);
                    self.look_once(thread);
                }
            }
            Action::Steps { rounds, .. } => self.enter(thread, plan, row, rounds),
        }
    }

    /// Begins an entry with steps.
    fn enter(&mut self, thread: usize, plan: usize, row: usize, rounds: &Rounds) {
        let members = match rounds {
            Rounds::Once | Rounds::Repeat(_) => Ok(Vec::new()),
            Rounds::Each(list) => match self.scope().resolve(list) {
                Ok(Value::Array(members)) if members.len() <= MOST_MEMBERS => Ok(members),
                Ok(Value::Array(members)) => Err(format!(
                    "the list has {} members, and {MOST_MEMBERS} is the most",
                    members.len()
                )),
                Ok(one) => Ok(vec![one]),
                Err(reason) => Err(reason),
            },
        };
        match members {
            Err(reason) => {
                self.rows.list[row].result = EntryResult::NotMade { reason };
                self.over(thread, plan, row);
            }
            Ok(members) if members.is_empty() && matches!(rounds, Rounds::Each(_)) => {
                self.rows.list[row].result = ok(json!({ "rounds": 0 }));
                self.over(thread, plan, row);
            }
            Ok(members) => {
                let began = self.kernel.now();
                self.threads[thread].frames.push(Frame {
                    plan,
                    row,
                    members,
                    round: 0,
                    step: 0,
                    began,
                });
                self.begin_round(thread, began);
            }
        }
    }

    /// Begins a round of the innermost entry with steps at `at`.
    fn begin_round(&mut self, thread: usize, at: SimTime) {
        let Some(frame) = self.threads[thread].frames.last() else {
            return;
        };
        let member = usize::try_from(frame.round).ok();
        let member = member.and_then(|round| frame.members.get(round)).cloned();
        let (plan, round) = (frame.plan, frame.round);
        self.rows.begin_round(plan, round, member);
        self.schedule_step(thread, at);
    }

    /// Puts down the next step of a thread, or the end of its round, for `at` and the delay of that
    /// step.
    fn schedule_step(&mut self, thread: usize, at: SimTime) {
        let Some(frame) = self.threads[thread].frames.last() else {
            return;
        };
        let mut at = at;
        if let Some(step) = self.steps_of(frame.plan).get(frame.step).copied() {
            if let When::Next(delay) = self.entry(step).when {
                at = at + delay;
            }
            self.schedule_peeks(step, at);
        }
        self.put_down(thread, at, Task::Go(thread));
    }

    fn steps_of(&self, plan: usize) -> Vec<usize> {
        match &self.entry(plan).action {
            Action::Steps { steps, .. } => steps.iter().map(|step| step.index()).collect(),
            Action::Call { .. }
            | Action::Do { .. }
            | Action::Fault { .. }
            | Action::Wait { .. }
            | Action::Sleep(_) => Vec::new(),
        }
    }

    /// Makes the next step of a thread, or ends its round.
    pub(super) fn go(&mut self, thread: usize) {
        let Some(frame) = self.threads[thread].frames.last() else {
            return;
        };
        let (plan, row, round) = (frame.plan, frame.row, frame.round);
        let Some(step) = self.steps_of(plan).get(frame.step).copied() else {
            self.end_round(thread);
            return;
        };
        let full = if self.rows.list.len() >= MOST_ROWS {
            Some(format!("a run makes {MOST_ROWS} entries at most"))
        } else if self.rows.bytes >= MOST_BYTES {
            Some(format!(
                "a run keeps {} MiB of answers at most",
                MOST_BYTES >> 20
            ))
        } else {
            None
        };
        if let Some(reason) = full {
            self.break_off(thread, &reason);
            return;
        }
        let again = match &self.entry(plan).action {
            Action::Steps { rounds, .. } => !matches!(rounds, Rounds::Once),
            Action::Call { .. }
            | Action::Do { .. }
            | Action::Fault { .. }
            | Action::Wait { .. }
            | Action::Sleep(_) => false,
        };
        let place = self.entry(step);
        let made = self.rows.add(step, place, row, again.then_some(round));
        self.start(thread, step, made);
    }

    /// Stops a thread that has met a limit of ours, whatever its entries say.
    fn break_off(&mut self, thread: usize, reason: &str) {
        for frame in std::mem::take(&mut self.threads[thread].frames) {
            self.rows.list[frame.row].result = stopped(reason.to_owned());
        }
        let Thread { root, depth, .. } = self.threads[thread];
        self.follow(root, depth, true);
    }

    /// All steps of a round are made: there is another, or the entry is over.
    fn end_round(&mut self, thread: usize) {
        let now = self.kernel.now();
        let Some(frame) = self.threads[thread].frames.last() else {
            return;
        };
        let (plan, done) = (frame.plan, frame.round + 1);
        let result = match &self.entry(plan).action {
            Action::Steps {
                rounds: Rounds::Repeat(repeat),
                ..
            } => {
                let until = repeat.until.as_ref();
                let end = repeat.timeout.map(|timeout| frame.began + timeout);
                if until.is_some_and(|until| self.holds(until)) {
                    Some(ok(json!({ "rounds": done })))
                } else if done >= repeat.times {
                    Some(in_vain(until, done))
                } else if let Some(end) = end.filter(|end| now + repeat.every >= *end) {
                    let at = end.max(now);
                    let key = self.put_down(thread, at, Task::GiveUp(thread));
                    self.threads[thread].pending.push(key);
                    return;
                } else {
                    self.next_round(thread, now + repeat.every);
                    None
                }
            }
            Action::Steps {
                rounds: Rounds::Each(_),
                ..
            } if usize::try_from(done).is_ok_and(|done| done < frame.members.len()) => {
                self.next_round(thread, now);
                None
            }
            Action::Steps { .. }
            | Action::Call { .. }
            | Action::Do { .. }
            | Action::Fault { .. }
            | Action::Wait { .. }
            | Action::Sleep(_) => Some(ok(json!({ "rounds": done }))),
        };
        if let Some(result) = result {
            self.leave(thread, result);
        }
    }

    fn next_round(&mut self, thread: usize, at: SimTime) {
        if let Some(frame) = self.threads[thread].frames.last_mut() {
            frame.round += 1;
            frame.step = 0;
        }
        self.begin_round(thread, at);
    }

    /// The innermost entry with steps is over.
    fn leave(&mut self, thread: usize, result: EntryResult) {
        if let Some(Frame { plan, row, .. }) = self.threads[thread].frames.pop() {
            self.rows.list[row].result = result;
            self.over(thread, plan, row);
        }
    }

    /// What stands in `row` is over: the next step comes, or what is after it.
    fn over(&mut self, thread: usize, plan: usize, row: usize) {
        let (mut plan, mut row) = (plan, row);
        let now = self.kernel.now();
        loop {
            let entry = self.entry(plan);
            let failed = !matches!(self.rows.list[row].result, EntryResult::Ok { .. });
            let stops = failed && !entry.goes_on;
            let Some(frame) = self.threads[thread].frames.last_mut() else {
                let depth = self.threads[thread].depth;
                self.follow(plan, depth, stops);
                return;
            };
            if !stops {
                frame.step += 1;
                self.schedule_step(thread, now);
                return;
            }
            (plan, row) = (frame.plan, frame.row);
            let reason = format!("its step `{}` failed", entry.name);
            self.rows.list[row].result = stopped(reason);
            self.threads[thread].frames.pop();
        }
    }

    fn holds(&self, condition: &Condition) -> bool {
        self.scope().is_so(condition, &self.kernel.observer)
    }

    /// Ends the wait of a thread.
    fn end_wait(&mut self, thread: usize, result: impl FnOnce(SimDuration) -> EntryResult) {
        let Some((plan, row, since)) = self.threads[thread].waits.take() else {
            return;
        };
        self.watching.remove(&thread);
        for key in std::mem::take(&mut self.threads[thread].pending) {
            self.agenda.strike(key);
        }
        self.rows.list[row].result = result(self.kernel.now().since(since));
        self.over(thread, plan, row);
    }

    /// A thread has slept enough.
    pub(super) fn wake(&mut self, thread: usize) {
        self.end_wait(thread, |span| ok(json!({ "slept": span.humane() })));
    }

    /// A thread looks at its condition; whether it has waited enough.
    pub(super) fn look_once(&mut self, thread: usize) -> bool {
        let Some((plan, ..)) = self.threads[thread].waits else {
            return false;
        };
        let Action::Wait { condition, .. } = &self.entry(plan).action else {
            return false;
        };
        let holds = self.holds(condition);
        if holds {
            self.end_wait(thread, |span| ok(json!({ "waited": span.humane() })));
        }
        holds
    }

    /// A thread that looks now and then looks, and says when it looks again.
    pub(super) fn look(&mut self, thread: usize) {
        let Some((plan, _, since)) = self.threads[thread].waits else {
            return;
        };
        let Action::Wait {
            every: Some(every),
            timeout,
            ..
        } = &self.entry(plan).action
        else {
            return;
        };
        if self.look_once(thread) {
            return;
        }
        let next = self.kernel.now() + *every;
        if next < since + *timeout {
            let key = self.put_down(thread, next, Task::Look(thread));
            self.threads[thread].pending.push(key);
        }
    }

    /// A thread has waited long enough for what did not come.
    pub(super) fn give_up(&mut self, thread: usize) {
        self.threads[thread].pending.clear();
        if let Some((plan, ..)) = self.threads[thread].waits {
            let text = match &self.entry(plan).action {
                Action::Wait { condition, .. } => condition.text.clone(),
                Action::Call { .. }
                | Action::Do { .. }
                | Action::Fault { .. }
                | Action::Sleep(_)
                | Action::Steps { .. } => String::new(),
            };
            self.end_wait(thread, |span| {
                timed_out(format!("`{text}` did not hold within {}", span.humane()))
            });
            return;
        }
        let Some(frame) = self.threads[thread].frames.last() else {
            return;
        };
        let (plan, done) = (frame.plan, frame.round + 1);
        let until = match &self.entry(plan).action {
            Action::Steps {
                rounds: Rounds::Repeat(repeat),
                ..
            } => repeat.until.as_ref(),
            Action::Steps { .. }
            | Action::Call { .. }
            | Action::Do { .. }
            | Action::Fault { .. }
            | Action::Wait { .. }
            | Action::Sleep(_) => None,
        };
        let result = in_vain(until, done);
        self.leave(thread, result);
    }
}
