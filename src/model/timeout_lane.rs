//! The timeout lane: deadlines of requests that wait, all after the same span and so in order.
//!
//! Most of them never matter, because the request is served first. Only the first is an event in
//! the calendar; the others keep the place in the total order they were given and follow when it
//! is their turn. Memory follows the requests held, not those that ever waited. A lane must never
//! know what a timeout does.

use std::collections::VecDeque;

use super::event::Cx;
use super::request::Slab;
use crate::engine::time::SimTime;

/// Entries a lane may hold beside twice the requests in flight before it looks for stale ones.
const SLACK: u64 = 64;

/// A deadline with its place in the total order.
#[derive(Debug, Clone, Copy)]
struct Deadline {
    at: SimTime,
    sequence: u64,
    slot: u32,
}

/// Deadlines in the order in which they were set. The first one is in the calendar.
#[derive(Debug, Default)]
pub(super) struct TimeoutLane {
    deadlines: VecDeque<Deadline>,
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the low half tells events apart"
)]
const fn low_half(sequence: u64) -> u32 {
    sequence as u32
}

impl TimeoutLane {
    /// Numbers the deadline of the request that `slot` is about to hold; the sequence by which
    /// its event is told from a stale one.
    pub(super) fn set(&mut self, cx: &mut Cx<'_>, slab: &Slab, at: SimTime, slot: u32) -> u32 {
        if self.deadlines.len() as u64 > 2 * slab.held() + SLACK {
            self.drop_stale(slab);
        }
        let sequence = cx.calendar.number();
        let last = self.deadlines.back();
        if last.is_some_and(|last| at < last.at) {
            // the span was made shorter while others wait
            cx.calendar.push_numbered(at, sequence, slot);
        } else {
            if last.is_none() {
                cx.calendar.push_numbered(at, sequence, slot);
            }
            self.deadlines.push_back(Deadline { at, sequence, slot });
        }
        low_half(sequence)
    }

    /// Forgets all deadlines that mean nothing any more but the first, which is in the calendar.
    #[cold]
    fn drop_stale(&mut self, slab: &Slab) {
        let first = self.deadlines.pop_front();
        self.deadlines
            .retain(|deadline| slab.is_valid(deadline.slot, low_half(deadline.sequence)));
        if let Some(first) = first {
            self.deadlines.push_front(first);
        }
    }

    /// The event `sequence` of `slot` came; if it was the first of this lane, the next one that
    /// means something goes into the calendar.
    pub(super) fn follow(&mut self, cx: &mut Cx<'_>, slab: &Slab, slot: u32, sequence: u32) {
        let came = |first: &Deadline| first.slot == slot && low_half(first.sequence) == sequence;
        if !self.deadlines.front().is_some_and(came) {
            return;
        }
        self.deadlines.pop_front();
        while let Some(&next) = self.deadlines.front() {
            if slab.is_valid(next.slot, low_half(next.sequence)) {
                cx.calendar.push_numbered(next.at, next.sequence, next.slot);
                return;
            }
            self.deadlines.pop_front();
        }
    }
}
