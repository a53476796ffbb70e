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

#[cfg(test)]
mod tests {
    use super::super::event::Timer;
    use super::super::ids::LinkId;
    use super::super::request::{End, NONE, Progress, Request, Stage};
    use super::*;
    use crate::engine::calendar::{Calendar, Event};
    use crate::engine::phase::Phase;
    use crate::engine::random::Streams;
    use crate::engine::time::SimDuration;

    const LIMIT: SimDuration = SimDuration::from_millis(5);

    /// Requests that wait, each until it is served or its deadline comes.
    struct Room {
        calendar: Calendar<Timer>,
        slab: Slab,
        lane: TimeoutLane,
        now: SimTime,
        /// Deadlines that came and meant something.
        timed_out: Vec<(SimTime, u32)>,
    }

    impl Room {
        fn new() -> Self {
            Self {
                calendar: Calendar::new(0),
                slab: Slab::new(),
                lane: TimeoutLane::default(),
                now: SimTime::ZERO,
                timed_out: Vec::new(),
            }
        }

        fn cx<'a>(
            now: SimTime,
            calendar: &'a mut Calendar<Timer>,
            records: &'a mut Vec<super::super::record::Record>,
        ) -> Cx<'a> {
            Cx {
                now,
                events: 0,
                calendar,
                records,
            }
        }

        fn wait(&mut self) -> u32 {
            let mut records = Vec::new();
            let mut cx = Self::cx(self.now, &mut self.calendar, &mut records);
            let (slot, due) = (self.slab.vacant(), self.now + LIMIT);
            let request = Request {
                arrived: self.now,
                due,
                ordinal: 0,
                service: SimDuration::ZERO,
                link: LinkId(0),
                next: NONE,
                sequence: self.lane.set(&mut cx, &self.slab, due, slot),
                workload: 0,
                attempt: 0,
                progress: Progress::new(Stage::Waiting, End::ClientTimeout),
            };
            self.slab.insert(slot, request);
            slot
        }

        fn run_until(&mut self, time: SimTime) {
            while let Some((at, event)) = self.calendar.next_before(time, Phase::Call) {
                let Event::Bulk { slot, sequence } = event else {
                    panic!("only deadlines are pending");
                };
                let mut records = Vec::new();
                let mut cx = Self::cx(at, &mut self.calendar, &mut records);
                self.lane.follow(&mut cx, &self.slab, slot, sequence);
                if self.slab.is_valid(slot, sequence) {
                    self.slab.remove(slot);
                    self.timed_out.push((at, slot));
                }
            }
            self.now = time;
        }
    }

    #[test]
    fn every_deadline_comes_when_it_should_unless_it_was_served() {
        let mut stream = Streams::new(3).stream("test", &[]);
        let mut room = Room::new();
        let (mut waiting, mut expected) = (Vec::<(SimTime, u32)>::new(), Vec::new());
        for _ in 0..20_000 {
            let next = room.now + SimDuration::from_nanos(stream.below(2_000_000));
            room.run_until(next);
            let over = waiting.partition_point(|&(due, _)| due <= next);
            expected.extend(waiting.drain(..over));
            assert_eq!(room.timed_out, expected);
            for _ in 0..stream.below(4) {
                let slot = room.wait();
                waiting.push((next + LIMIT, slot));
            }
            if !waiting.is_empty() && stream.below(3) > 0 {
                let place = usize::try_from(stream.below(waiting.len() as u64)).unwrap();
                room.slab.remove(waiting.remove(place).1);
            }
        }
        assert!(expected.len() > 1_000, "{}", expected.len());
    }

    #[test]
    fn requests_served_in_time_leave_nothing_behind() {
        let mut room = Room::new();
        let forever = room.wait();
        for _ in 0..100_000 {
            let slot = room.wait();
            room.slab.remove(slot);
        }
        assert!(
            room.lane.deadlines.len() < 100,
            "{}",
            room.lane.deadlines.len()
        );
        room.run_until(SimTime::ZERO + LIMIT);
        room.run_until(SimTime::ZERO + LIMIT.times(2));
        assert_eq!(room.timed_out, [(SimTime::ZERO + LIMIT, forever)]);
        assert!(room.lane.deadlines.is_empty());
    }
}
