//! The calendar against plain references: total order, first in first out among ties, timers that
//! move and are cancelled, sources, and no limit on how far or how crowded a time may be.

use std::collections::{BTreeMap, VecDeque};

use drainsim::engine::calendar::heap::QuaternaryHeap;
use drainsim::engine::calendar::ladder::LadderWheel;
use drainsim::engine::calendar::{Calendar, Event};
use drainsim::engine::phase::Phase;
use drainsim::engine::time::SimTime;
use proptest::collection::vec;
use proptest::prelude::*;

use super::cases;

/// What is done to a calendar; spans are from the current instant on.
#[derive(Debug, Clone)]
enum Step {
    Push(u64),
    Burst(u64, u16),
    Schedule(u8, u64, usize),
    Cancel(u8),
    Source(u8, Option<u64>),
    Run(u64, usize),
    Pop,
}

const TIMER_PHASES: [Phase; 5] = [
    Phase::Deadline,
    Phase::ProcessExit,
    Phase::Propagation,
    Phase::Lifecycle,
    Phase::Health,
];
const SOURCES: u32 = 3;

fn span() -> impl Strategy<Value = u64> {
    prop_oneof![
        4 => 0_u64..3,
        4 => 0_u64..1_000,
        3 => 0_u64..10_000_000_000,
        1 => 0_u64..1 << 62,
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => span().prop_map(Step::Push),
        1 => (span(), 1_u16..400).prop_map(|(span, count)| Step::Burst(span, count)),
        3 => (0_u8..20, span(), 0_usize..5).prop_map(|(t, s, p)| Step::Schedule(t, s, p)),
        1 => (0_u8..20).prop_map(Step::Cancel),
        2 => (0_u8..3, prop::option::of(span())).prop_map(|(s, span)| Step::Source(s, span)),
        2 => (span(), 0_usize..5).prop_map(|(span, phase)| Step::Run(span, phase)),
        6 => Just(Step::Pop),
    ]
}

/// Everything pending, in no order.
#[derive(Default)]
struct Reference {
    bulk: Vec<(u64, u64, u32)>,
    timers: BTreeMap<u8, (u64, Phase, u64)>,
    sources: BTreeMap<u32, u64>,
    sequence: u64,
}

impl Reference {
    fn number(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence - 1
    }

    fn next_before(&mut self, time: u64, phase: Phase) -> Option<(u64, Event<u8>)> {
        let bulk = self.bulk.iter().min().map(|&(at, sequence, slot)| {
            let sequence_cut = u32::try_from(sequence).unwrap();
            let event = Event::Bulk {
                slot,
                sequence: sequence_cut,
            };
            ((at, Phase::Request, sequence), event)
        });
        let timer = self
            .timers
            .iter()
            .map(|(&timer, &key)| (key, Event::Timer(timer)));
        let timer = timer.min_by_key(|(key, _)| *key);
        let source = self
            .sources
            .iter()
            .map(|(&source, &at)| {
                (
                    (at, Phase::Arrival, u64::from(source)),
                    Event::Source(source),
                )
            })
            .min_by_key(|(key, _)| *key);
        let candidates = bulk.into_iter().chain(timer).chain(source);
        let (key, event) = candidates.min_by_key(|(key, _)| *key)?;
        if (key.0, key.1) >= (time, phase) {
            return None;
        }
        match event {
            Event::Bulk { slot, .. } => self.bulk.retain(|&(_, _, other)| other != slot),
            Event::Timer(timer) => {
                self.timers.remove(&timer);
            }
            Event::Source(_) => {}
        }
        Some((key.0, event))
    }
}

/// A calendar and its reference, kept in step.
struct Pair {
    calendar: Calendar<u8>,
    reference: Reference,
    now: u64,
    slots: u32,
}

impl Pair {
    fn push(&mut self, at: u64) {
        let slot = self.slots;
        self.slots += 1;
        let sequence = self.reference.number();
        self.reference.bulk.push((at, sequence, slot));
        let given = self.calendar.push(SimTime::from_nanos(at), slot);
        assert_eq!(u64::from(given), sequence);
    }

    fn set_source(&mut self, source: u32, at: Option<u64>) {
        match at {
            Some(at) => self.reference.sources.insert(source, at),
            None => self.reference.sources.remove(&source),
        };
        let at = at.map_or(SimTime::MAX, SimTime::from_nanos);
        self.calendar.set_source(source, at);
    }

    fn next(&mut self, time: u64, phase: Phase) -> bool {
        let expected = self.reference.next_before(time, phase);
        let found = self.calendar.next_before(SimTime::from_nanos(time), phase);
        let found = found.map(|(at, event)| (at.as_nanos(), event));
        assert_eq!(found, expected, "before {time}, {phase:?}");
        let Some((at, event)) = found else {
            self.now = time;
            return false;
        };
        self.now = at;
        if let Event::Source(source) = event {
            // as a world does: the next arrival, or none
            let next = (at % 3 > 0).then(|| at + at % 1_000);
            self.set_source(source, next);
        }
        true
    }

    fn apply(&mut self, step: &Step) {
        match *step {
            Step::Push(span) => self.push(self.now.saturating_add(span)),
            Step::Burst(span, count) => {
                for _ in 0..count {
                    self.push(self.now.saturating_add(span));
                }
            }
            Step::Schedule(timer, span, phase) => {
                let (at, phase) = (self.now.saturating_add(span), TIMER_PHASES[phase]);
                let sequence = self.reference.number();
                self.reference.timers.insert(timer, (at, phase, sequence));
                self.calendar
                    .schedule(SimTime::from_nanos(at), phase, timer);
                assert_eq!(self.calendar.due(&timer), Some(SimTime::from_nanos(at)));
            }
            Step::Cancel(timer) => {
                self.reference.timers.remove(&timer);
                self.calendar.cancel(&timer);
                self.calendar.cancel(&timer);
                assert_eq!(self.calendar.due(&timer), None);
            }
            Step::Source(source, span) => {
                let at = span.map(|span| self.now.saturating_add(span));
                self.set_source(u32::from(source), at);
            }
            Step::Run(span, phase) => {
                let time = self.now.saturating_add(span).min(1 << 63);
                let phase = if phase == 0 {
                    Phase::Call
                } else {
                    TIMER_PHASES[phase]
                };
                for _ in 0..2_000 {
                    if !self.next(time, phase) {
                        break;
                    }
                }
            }
            Step::Pop => {
                self.next(1 << 63, Phase::Call);
            }
        }
    }
}

/// Deadlines of one constant span, which come due in the order they are numbered in.
struct Lane {
    calendar: Calendar<u8>,
    /// What is not in the calendar yet, behind the one that is.
    waiting: VecDeque<(SimTime, u64, u32)>,
    head: Option<u32>,
}

impl Lane {
    fn set(&mut self, at: SimTime, slot: u32) {
        let sequence = self.calendar.number();
        if self.head.is_some() {
            self.waiting.push_back((at, sequence, slot));
        } else {
            self.calendar.push_numbered(at, sequence, slot);
            self.head = Some(slot);
        }
    }

    fn next(&mut self, bound: SimTime) -> Option<(SimTime, Event<u8>)> {
        let hint = self.calendar.window().next();
        let event = self.calendar.next_before(bound, Phase::Call)?;
        let Event::Bulk { slot, .. } = event.1 else {
            panic!("only bulk events were pushed");
        };
        assert!(hint.is_none_or(|hint| hint == slot), "{hint:?} for {slot}");
        if self.head == Some(slot) {
            self.head = None;
            if let Some((at, sequence, slot)) = self.waiting.pop_front() {
                self.calendar.push_numbered(at, sequence, slot);
                self.head = Some(slot);
            }
        }
        Some(event)
    }
}

proptest! {
    #![proptest_config(cases(300))]

    /// Whatever is pushed, scheduled, moved and cancelled, events come by (time, phase, sequence).
    #[test]
    fn events_come_in_the_one_total_order(steps in vec(step(), 1..200)) {
        let mut pair = Pair {
            calendar: Calendar::new(SOURCES as usize),
            reference: Reference::default(),
            now: 0,
            slots: 0,
        };
        for step in &steps {
            if pair.now < 1 << 63 {
                pair.apply(step);
            }
        }
        for _ in 0..5_000 {
            if pair.now >= 1 << 63 || !pair.next(1 << 63, Phase::Call) {
                break;
            }
        }
    }

    /// An event that is numbered now and put in when it is the first of its lane comes where it
    /// would have come, had it been put in at once; all slots differ.
    #[test]
    fn numbering_early_and_pushing_late_keeps_the_order(
        constant in prop_oneof![0_u64..3, 0_u64..1_000],
        steps in vec((any::<bool>(), 0_u64..1_000, 1_u32..30, 0_u64..500), 1..80),
    ) {
        let mut at_once: Calendar<u8> = Calendar::new(0);
        let mut lane = Lane { calendar: Calendar::new(0), waiting: VecDeque::new(), head: None };
        let (mut now, mut slots) = (0_u64, 0_u32);
        for (in_lane, span, count, run) in steps {
            for _ in 0..count {
                let at = SimTime::from_nanos(now + if in_lane { constant } else { span });
                at_once.push(at, slots);
                if in_lane {
                    lane.set(at, slots);
                } else {
                    lane.calendar.push(at, slots);
                }
                slots += 1;
            }
            now += run;
            loop {
                let bound = SimTime::from_nanos(now);
                let (one, other) = (at_once.next_before(bound, Phase::Call), lane.next(bound));
                prop_assert_eq!(one, other);
                if one.is_none() {
                    break;
                }
            }
        }
        while let Some(event) = at_once.next_before(SimTime::MAX, Phase::Call) {
            prop_assert_eq!(lane.next(SimTime::MAX), Some(event));
        }
        prop_assert_eq!(lane.next(SimTime::MAX), None);
        prop_assert!(lane.waiting.is_empty());
    }

    /// The ladder gives what the heap gives, whatever the bounds.
    #[test]
    fn the_ladder_is_the_heap(
        steps in vec((span(), 1_u32..40, span()), 1..120),
    ) {
        let (mut ladder, mut heap) = (LadderWheel::new(), QuaternaryHeap::new());
        let (mut bound, mut sequence) = (0_u64, 0_u64);
        for (ahead, count, run) in steps {
            for step in 0..count {
                let at = bound.saturating_add(ahead).saturating_add(u64::from(step % 3));
                ladder.push(at, sequence, step);
                heap.push(at, sequence, step);
                sequence += 1;
            }
            bound = bound.saturating_add(run);
            loop {
                let (one, other) = (ladder.pop_before(bound), heap.pop_before(bound));
                prop_assert_eq!(one, other);
                if one.is_none() {
                    break;
                }
            }
        }
        while let Some(event) = heap.pop_before(u64::MAX) {
            prop_assert_eq!(ladder.pop_before(u64::MAX), Some(event));
        }
        prop_assert_eq!(ladder.pop_before(u64::MAX), None);
    }
}

/// Ten thousand events of one instant come first in first out, between those before and after.
#[test]
fn a_burst_at_one_instant_keeps_its_order() {
    let mut calendar: Calendar<u8> = Calendar::new(0);
    let instant = SimTime::from_nanos(5_000_000_000);
    calendar.push(SimTime::from_nanos(9_000_000_000), 20_000);
    for slot in 0..10_000 {
        calendar.push(instant, slot);
    }
    calendar.push(SimTime::from_nanos(1), 20_001);
    let end = SimTime::from_nanos(u64::MAX - 1);
    let mut slots = Vec::new();
    while let Some((_, event)) = calendar.next_before(end, Phase::Call) {
        let Event::Bulk { slot, .. } = event else {
            panic!("nothing else was pushed");
        };
        slots.push(slot);
    }
    let expected: Vec<u32> = std::iter::once(20_001)
        .chain(0..10_000)
        .chain([20_000])
        .collect();
    assert_eq!(slots, expected);
}

/// After an empty period of a century the calendar still takes and gives events.
#[test]
fn an_empty_century_costs_nothing() {
    const CENTURY: u64 = 100 * 365 * 86_400 * 1_000_000_000;
    let mut calendar: Calendar<u8> = Calendar::new(0);
    calendar.push(SimTime::from_nanos(3), 1);
    calendar.push(SimTime::from_nanos(CENTURY), 2);
    let end = SimTime::from_nanos(CENTURY);
    let first = calendar.next_before(end, Phase::Deadline).unwrap();
    assert_eq!(first.0, SimTime::from_nanos(3));
    let second = calendar.next_before(end, Phase::Deadline).unwrap();
    assert_eq!(second.0, end);
    assert!(calendar.next_before(end, Phase::Deadline).is_none());
    calendar.push(end, 3);
    assert!(calendar.next_before(end, Phase::Deadline).is_some());
}
