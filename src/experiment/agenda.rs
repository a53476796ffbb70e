//! The agenda: what the driver of the timeline does next, and when.
//!
//! Of two things at one instant the one comes first that follows fewer entries, then the one whose
//! entry stands first in the file, then the one that was put down first. It must never do any.

use std::collections::BTreeMap;

use crate::engine::time::SimTime;

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Task {
    /// An entry of the file is made.
    Begin(usize),
    /// The next step of a thread is made.
    Go(usize),
    /// A thread has slept enough.
    Wake(usize),
    /// A waiting thread looks at its condition.
    Look(usize),
    /// A waiting thread has waited long enough.
    GiveUp(usize),
    /// A call that only reads is answered ahead of its time.
    Peek(usize),
}

/// Where a task stands: time, entries it follows, place in the file, sequence.
pub(super) type Key = (SimTime, u32, usize, u64);

/// Tasks in the order in which they are done.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    tasks: BTreeMap<Key, Task>,
    sequence: u64,
}

impl Agenda {
    /// Puts `task` down for `at`; `depth` entries are followed by its own, which stands at `place`
    /// in the file.
    pub(super) fn add(&mut self, at: SimTime, (depth, place): (u32, usize), task: Task) -> Key {
        let key = (at, depth, place, self.sequence);
        self.sequence += 1;
        self.tasks.insert(key, task);
        key
    }

    /// Strikes what stands at `key`.
    pub(super) fn strike(&mut self, key: Key) {
        self.tasks.remove(&key);
    }

    /// When the next task is done.
    pub(super) fn next(&self) -> Option<SimTime> {
        self.tasks.first_key_value().map(|(key, _)| key.0)
    }

    /// The next task.
    pub(super) fn take(&mut self) -> Option<(Key, Task)> {
        self.tasks.pop_first()
    }
}
