//! The kernel: a world of state, its calendar, and the loop that runs them.
//!
//! Generic over the closed set of timers a world has; it knows no cloud. Calls are not events: a
//! driver stops the kernel at (time, call phase), changes the world, and runs on.

use std::fmt::Debug;
use std::hash::Hash;

use super::calendar::{Calendar, Event};
use super::phase::Phase;
use super::time::SimTime;

/// State that events change.
pub trait World {
    /// The closed set of timers.
    type Timer: Copy + Eq + Hash + Debug;
    /// Facts that observers are told.
    type Record;

    /// Applies one event.
    fn handle(
        &mut self,
        cx: &mut Context<'_, Self::Timer, Self::Record>,
        event: Event<Self::Timer>,
    );

    /// Whether the world has outgrown its limit on memory; the kernel asks now and then.
    fn is_exhausted(&self) -> bool {
        false
    }
}

/// Whoever is told the facts.
pub trait Observer<R> {
    /// Takes one fact, in the order in which facts happen.
    fn observe(&mut self, at: SimTime, record: R);
}

/// What a world may touch while it handles an event.
#[derive(Debug)]
pub struct Context<'a, T: Hash + Eq, R> {
    /// The current instant.
    pub now: SimTime,
    /// Events handled so far, this one included.
    pub events: u64,
    /// Pending events.
    pub calendar: &'a mut Calendar<T>,
    /// Facts of this instant, told to the observer when the event is over. A buffer rather than
    /// the observer itself, so that API operations can be plain functions.
    pub records: &'a mut Vec<R>,
}

/// Why a kernel stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// Nothing before the asked key is left.
    Reached,
    /// The limit on events.
    EventLimit,
    /// The watcher asked for it.
    Interrupted,
    /// The world has outgrown its limit on memory.
    Exhausted,
}

/// How often the watcher is asked \[events\].
const WATCH_EVERY: u64 = 1 << 16;

/// A world in motion.
#[derive(Debug)]
pub struct Kernel<W: World, O> {
    /// The world.
    pub world: W,
    /// The observer.
    pub observer: O,
    calendar: Calendar<W::Timer>,
    records: Vec<W::Record>,
    now: SimTime,
    events: u64,
}

impl<W: World, O: Observer<W::Record>> Kernel<W, O> {
    /// A kernel at 0 s with an empty calendar for `sources` streams of arrivals.
    pub fn new(world: W, observer: O, sources: usize) -> Self {
        Self {
            world,
            observer,
            calendar: Calendar::new(sources),
            records: Vec::new(),
            now: SimTime::ZERO,
            events: 0,
        }
    }

    /// The current instant.
    pub fn now(&self) -> SimTime {
        self.now
    }

    /// Events handled so far.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// Applies `change` to the world at the current instant.
    pub fn apply<T>(
        &mut self,
        change: impl FnOnce(&mut W, &mut Context<'_, W::Timer, W::Record>) -> T,
    ) -> T {
        let mut cx = Context {
            now: self.now,
            events: self.events,
            calendar: &mut self.calendar,
            records: &mut self.records,
        };
        let result = change(&mut self.world, &mut cx);
        tell(&mut self.observer, self.now, &mut self.records);
        result
    }

    /// Runs every event before (`time`, `phase`) and moves the clock to `time`. It stops early
    /// when `max_events` have been handled in all, or when `watch` says so; `watch` is given the
    /// clock and the count now and then.
    pub fn run_until(
        &mut self,
        time: SimTime,
        phase: Phase,
        max_events: u64,
        watch: &mut dyn FnMut(SimTime, u64) -> bool,
    ) -> Stopped {
        loop {
            let batch = (max_events - self.events).min(WATCH_EVERY);
            if batch == 0 {
                return Stopped::EventLimit;
            }
            if !self.run_batch(time, phase, batch) {
                if time < SimTime::MAX {
                    self.now = time;
                }
                return Stopped::Reached;
            }
            if self.world.is_exhausted() {
                return Stopped::Exhausted;
            }
            if !watch(self.now, self.events) {
                return Stopped::Interrupted;
            }
        }
    }

    /// Runs up to `batch` events; whether there may be more.
    fn run_batch(&mut self, time: SimTime, phase: Phase, batch: u64) -> bool {
        let last = self.events + batch;
        let mut cx = Context {
            now: self.now,
            events: self.events,
            calendar: &mut self.calendar,
            records: &mut self.records,
        };
        let more = loop {
            if cx.events == last {
                break true;
            }
            let Some((at, event)) = cx.calendar.next_before(time, phase) else {
                break false;
            };
            assert!(at >= cx.now, "the calendar gave an event of the past");
            cx.now = at;
            cx.events += 1;
            self.world.handle(&mut cx, event);
            if !cx.records.is_empty() {
                tell(&mut self.observer, at, cx.records);
            }
        };
        (self.now, self.events) = (cx.now, cx.events);
        more
    }

    /// Runs one event before (`time`, `phase`), if there is one: for drivers that look at the
    /// world after every event.
    pub fn step(&mut self, time: SimTime, phase: Phase) -> bool {
        self.run_batch(time, phase, 1)
    }
}

#[inline(never)]
fn tell<R>(observer: &mut impl Observer<R>, now: SimTime, records: &mut Vec<R>) {
    for record in records.drain(..) {
        observer.observe(now, record);
    }
}
