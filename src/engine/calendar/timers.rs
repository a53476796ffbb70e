//! The timer lane: keyed events that are cancelled or moved, a few hundred a simulated second.

use std::cmp::Reverse;
use std::hash::Hash;

use priority_queue::PriorityQueue;
use std::hash::BuildHasherDefault;

use rustc_hash::FxHasher;

use crate::engine::phase::Phase;
use crate::engine::time::SimTime;

type Key = (SimTime, Phase, u64);

/// Timers in the order (time, phase, sequence). The map inside is never iterated.
#[derive(Debug)]
pub(super) struct TimerLane<T: Hash + Eq> {
    queue: PriorityQueue<T, Reverse<Key>, BuildHasherDefault<FxHasher>>,
    /// Key of the earliest timer, so that looking costs nothing.
    head: (SimTime, Phase),
}

impl<T: Hash + Eq> Default for TimerLane<T> {
    fn default() -> Self {
        Self {
            queue: PriorityQueue::with_hasher(BuildHasherDefault::default()),
            head: NONE,
        }
    }
}

const NONE: (SimTime, Phase) = (SimTime::MAX, Phase::Arrival);

impl<T: Copy + Eq + Hash> TimerLane<T> {
    fn find_head(&mut self) {
        self.head = self
            .queue
            .peek()
            .map_or(NONE, |(_, Reverse((at, phase, _)))| (*at, *phase));
    }

    pub(super) fn schedule(&mut self, at: SimTime, phase: Phase, sequence: u64, timer: T) {
        self.queue.push(timer, Reverse((at, phase, sequence)));
        self.find_head();
    }

    pub(super) fn cancel(&mut self, timer: &T) {
        if self.queue.remove(timer).is_some() {
            self.find_head();
        }
    }

    pub(super) fn due(&self, timer: &T) -> Option<SimTime> {
        self.queue
            .get_priority(timer)
            .map(|Reverse((at, _, _))| *at)
    }

    #[inline]
    pub(super) fn head(&self) -> (SimTime, Phase) {
        self.head
    }

    pub(super) fn pop(&mut self) -> T {
        let (timer, _) = self.queue.pop().expect("the caller saw a head");
        self.find_head();
        timer
    }
}
