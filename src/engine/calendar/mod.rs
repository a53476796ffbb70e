//! The event calendar: one total order (time, phase, sequence) over three lanes.
//!
//! The fast lane takes the bulk of events, which all have the first phase and are cancelled
//! lazily; the timer lane takes keyed events that are cancelled or moved; a source is a stream of
//! arrivals of which only the next one is pending. All lanes merge here by the full key. The
//! calendar must never know what an event means.

pub mod heap;
pub mod ladder;
mod timers;

use std::fmt::Debug;
use std::hash::Hash;

use super::phase::Phase;
use super::time::SimTime;
use ladder::LadderWheel;
use timers::TimerLane;

/// Pushes one calendar can number; a run is stopped long before.
pub const SEQUENCES: u64 = 1 << ladder::SEQUENCE_BITS;

/// The next thing to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<T> {
    /// An event of the fast lane.
    Bulk {
        /// The slot it was pushed with.
        slot: u32,
        /// The sequence its push returned, by which a holder tells it from a stale one.
        sequence: u32,
    },
    /// A timer.
    Timer(T),
    /// The next arrival of this source.
    Source(u32),
}

/// Pending events.
#[derive(Debug)]
pub struct Calendar<T: Hash + Eq> {
    bulk: LadderWheel,
    timers: TimerLane<T>,
    sources: Vec<SimTime>,
    /// The earliest source and its time, so that the path of a request compares one register.
    next_source: (SimTime, u32),
    /// The earlier of the first timer and the earliest source.
    bound: SimTime,
    sequence: u64,
}

impl<T: Copy + Eq + Hash + Debug> Calendar<T> {
    /// An empty calendar for `sources` streams of arrivals.
    pub fn new(sources: usize) -> Self {
        Self {
            bulk: LadderWheel::new(),
            timers: TimerLane::default(),
            sources: vec![SimTime::MAX; sources],
            next_source: (SimTime::MAX, 0),
            bound: SimTime::MAX,
            sequence: 0,
        }
    }

    /// Takes the next sequence, for an event that [`Calendar::push_numbered`] puts in later.
    ///
    /// # Panics
    /// When all [`SEQUENCES`] are taken.
    #[inline]
    pub fn number(&mut self) -> u64 {
        let sequence = self.sequence;
        assert!(sequence < SEQUENCES, "the calendar has numbered all it can");
        self.sequence += 1;
        sequence
    }

    /// Puts an event of the first phase into the fast lane and returns its sequence, cut to 32
    /// bits. `at` must not be earlier than now.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the low half tells events apart"
    )]
    #[inline]
    pub fn push(&mut self, at: SimTime, slot: u32) -> u32 {
        let sequence = self.number();
        self.bulk.push(at.as_nanos(), sequence, slot);
        sequence as u32
    }

    /// Puts an event into the fast lane under a `sequence` taken before, so that among events of
    /// its instant it goes where it was numbered, not where it was put in. Of several events in
    /// one order only the first need be pending. `at` must not be earlier than now, and no event
    /// that goes after this one may have been taken out.
    ///
    /// # Panics
    /// When this calendar has not given out `sequence`.
    #[inline]
    pub fn push_numbered(&mut self, at: SimTime, sequence: u64, slot: u32) {
        assert!(sequence < self.sequence, "a sequence is taken before use");
        self.bulk.push(at.as_nanos(), sequence, slot);
    }

    /// Slots of the next events of the fast lane, in their order, as far as they are sorted.
    pub fn window(&self) -> impl Iterator<Item = u32> + '_ {
        self.bulk.window()
    }

    /// Schedules `timer`, or moves it if it is pending.
    ///
    /// # Panics
    /// When `phase` is that of the fast lane, of calls or of arrivals.
    pub fn schedule(&mut self, at: SimTime, phase: Phase, timer: T) {
        assert!(
            phase > Phase::Request && phase < Phase::Call,
            "{phase:?} is no phase of timers"
        );
        let sequence = self.number();
        self.timers.schedule(at, phase, sequence, timer);
        self.find_bound();
    }

    /// Cancels `timer`; nothing happens if it is not pending.
    pub fn cancel(&mut self, timer: &T) {
        self.timers.cancel(timer);
        self.find_bound();
    }

    #[inline]
    fn find_bound(&mut self) {
        self.bound = self.timers.head().0.min(self.next_source.0);
    }

    /// When `timer` is due.
    pub fn due(&self, timer: &T) -> Option<SimTime> {
        self.timers.due(timer)
    }

    /// The next arrival of `source`; `SimTime::MAX` when there is none.
    #[inline]
    pub fn set_source(&mut self, source: u32, at: SimTime) {
        self.sources[source as usize] = at;
        if self.sources.len() == 1 {
            self.next_source = (at, source);
        } else {
            self.find_next_source();
        }
        self.find_bound();
    }

    fn find_next_source(&mut self) {
        self.next_source = (SimTime::MAX, 0);
        for (&at, source) in self.sources.iter().zip(0..) {
            // strictly earlier: of several at one instant the first source goes first
            if at < self.next_source.0 {
                self.next_source = (at, source);
            }
        }
    }

    /// Takes the next event before (`time`, `phase`), if there is one.
    ///
    /// # Panics
    /// When `phase` is that of the fast lane: it could not be split from it.
    #[inline]
    pub fn next_before(&mut self, time: SimTime, phase: Phase) -> Option<(SimTime, Event<T>)> {
        assert!(
            phase > Phase::Request,
            "a run cannot stop within the fast lane"
        );
        // the fast lane has the first phase, so at the bound it goes before everything else
        let bound = self.bound.min(time);
        if let Some((at, sequence, slot)) = self.bulk.pop_before(bound.as_nanos()) {
            return Some((SimTime::from_nanos(at), Event::Bulk { slot, sequence }));
        }
        let (timer_at, timer_phase) = self.timers.head();
        let source_at = self.next_source.0;
        if timer_at <= source_at {
            if timer_at == SimTime::MAX || (timer_at, timer_phase) >= (time, phase) {
                return None;
            }
            let timer = self.timers.pop();
            self.find_bound();
            return Some((timer_at, Event::Timer(timer)));
        }
        if (source_at, Phase::Arrival) >= (time, phase) {
            return None;
        }
        Some((source_at, Event::Source(self.next_source.1)))
    }
}
