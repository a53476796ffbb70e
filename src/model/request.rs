//! Requests in flight: a slab of small fixed-size entries.
//!
//! A slot is reused as soon as its request is over. An event in the fast lane names a slot and a
//! sequence; the slot remembers the sequence of its one valid event, so a stale event is told from
//! it without searching. This module must never know why a request ends.

use super::ids::LinkId;
use crate::engine::calendar::ladder::SLOTS;
use crate::engine::time::{SimDuration, SimTime};

/// No slot.
pub(super) const NONE: u32 = u32::MAX;

/// What a request is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// The slot is free.
    Free,
    /// It waits behind others at its target.
    Waiting,
    /// Its target works on it.
    Serving,
    /// Its node tries to reach a host that does not answer.
    Connecting,
}

/// What its pending event means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The target answers.
    Completion,
    /// The load balancer stops waiting for the answer.
    ResponseTimeout,
    /// The client gives up.
    ClientTimeout,
    /// The load balancer stops trying to connect.
    ConnectTimeout,
}

/// Stage and end in one byte: the common case is one comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Progress(u8);

impl Progress {
    /// Served to its end.
    pub(super) const COMPLETING: Self = Self::new(Stage::Serving, End::Completion);
    const FREE: Self = Self::new(Stage::Free, End::Completion);

    pub(super) const fn new(stage: Stage, end: End) -> Self {
        Self(stage as u8 | (end as u8) << 4)
    }

    pub(super) const fn stage(self) -> Stage {
        match self.0 & 0xf {
            0 => Stage::Free,
            1 => Stage::Waiting,
            2 => Stage::Serving,
            _ => Stage::Connecting,
        }
    }

    pub(super) const fn end(self) -> End {
        match self.0 >> 4 {
            0 => End::Completion,
            1 => End::ResponseTimeout,
            2 => End::ClientTimeout,
            _ => End::ConnectTimeout,
        }
    }
}

/// A request in flight: one cache line, so that a completion waits for memory once.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(super) struct Request {
    /// When it arrived at the listener.
    pub(super) arrived: SimTime,
    /// When its pending event is due.
    pub(super) due: SimTime,
    /// Which of its workload's requests it is.
    pub(super) ordinal: u64,
    /// Service time.
    pub(super) service: SimDuration,
    /// The registration and node it is on.
    pub(super) link: LinkId,
    /// The next in the waiting room, or the next free slot.
    pub(super) next: u32,
    /// Sequence of its valid event.
    pub(super) sequence: u32,
    /// Its workload.
    pub(super) workload: u16,
    /// Attempts made before this one.
    pub(super) attempt: u8,
    /// What it is doing and what its pending event means.
    pub(super) progress: Progress,
}

const _: () = assert!(size_of::<Request>() == 64, "one cache line");

impl Request {
    pub(super) const fn stage(&self) -> Stage {
        self.progress.stage()
    }

    pub(super) const fn end(&self) -> End {
        self.progress.end()
    }
}

/// All requests in flight.
#[derive(Debug)]
pub(super) struct Slab {
    entries: Vec<Request>,
    free: u32,
    held: u64,
}

impl Slab {
    pub(super) fn new() -> Self {
        Self {
            entries: Vec::new(),
            free: NONE,
            held: 0,
        }
    }

    /// Requests held.
    pub(super) fn held(&self) -> u64 {
        self.held
    }

    /// Slots ever used.
    pub(super) fn capacity(&self) -> usize {
        self.entries.len()
    }

    /// The slot that the next [`Self::insert`] may fill.
    #[inline]
    pub(super) fn vacant(&mut self) -> u32 {
        if self.free == NONE {
            self.grow();
        }
        self.free
    }

    #[cold]
    fn grow(&mut self) {
        let slot = u32::try_from(self.entries.len()).expect("slots fit 28 bits");
        assert!(
            slot < SLOTS,
            "more requests in flight than the calendar has slots for"
        );
        self.entries.push(Request {
            arrived: SimTime::ZERO,
            due: SimTime::ZERO,
            ordinal: 0,
            service: SimDuration::ZERO,
            link: LinkId(0),
            next: NONE,
            sequence: 0,
            workload: 0,
            attempt: 0,
            progress: Progress::FREE,
        });
        self.free = slot;
    }

    /// Stores `request` in the vacant `slot`.
    #[inline]
    pub(super) fn insert(&mut self, slot: u32, request: Request) {
        assert!(slot == self.free, "a request goes where there is room");
        self.held += 1;
        let entry = &mut self.entries[slot as usize];
        self.free = entry.next;
        *entry = request;
    }

    /// Whether event `sequence` of `slot` still means something.
    pub(super) fn is_valid(&self, slot: u32, sequence: u32) -> bool {
        let entry = self.get(slot);
        entry.sequence == sequence && entry.progress != Progress::FREE
    }

    /// Frees `slot`.
    #[inline]
    pub(super) fn remove(&mut self, slot: u32) {
        let entry = &mut self.entries[slot as usize];
        assert!(entry.progress != Progress::FREE, "a slot is freed once");
        entry.progress = Progress::FREE;
        entry.next = self.free;
        self.free = slot;
        self.held -= 1;
    }

    /// Takes out the request that completes with event `sequence`; `None` when that event means
    /// something else, or nothing any more.
    #[inline]
    pub(super) fn complete(&mut self, slot: u32, sequence: u32) -> Option<Request> {
        let entry = &mut self.entries[slot as usize];
        if entry.sequence != sequence || entry.progress != Progress::COMPLETING {
            return None;
        }
        let request = *entry;
        entry.progress = Progress::FREE;
        entry.next = self.free;
        self.free = slot;
        self.held -= 1;
        Some(request)
    }

    #[inline]
    pub(super) fn get(&self, slot: u32) -> &Request {
        &self.entries[slot as usize]
    }

    #[inline]
    pub(super) fn get_mut(&mut self, slot: u32) -> &mut Request {
        &mut self.entries[slot as usize]
    }

    /// Slots and requests held, by slot.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &Request)> {
        (0..)
            .zip(&self.entries)
            .filter(|(_, request)| request.progress != Progress::FREE)
    }
}
