//! Requests in flight: a slab of small fixed-size entries.
//!
//! A slot is reused as soon as its request is over. An event in the fast lane names a slot and a
//! sequence; the slot remembers the sequence of its one valid event, so a stale event is told from
//! it without searching. This module must never know why a request ends.

use super::ids::LinkId;
use crate::engine::calendar::ladder::SLOTS;
use crate::engine::time::SimTime;

/// No slot.
pub(super) const NONE: u32 = u32::MAX;

/// What a request is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
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
#[repr(u8)]
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

/// A request in flight.
#[derive(Debug, Clone, Copy)]
pub(super) struct Request {
    /// When it arrived at the listener.
    pub(super) arrived: SimTime,
    /// When its pending event is due.
    pub(super) due: SimTime,
    /// Which of its workload's requests it is.
    pub(super) ordinal: u64,
    /// Service time \[ns\], kept while it waits.
    pub(super) service: u64,
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
    /// What it is doing.
    pub(super) stage: Stage,
    /// What its pending event means.
    pub(super) end: End,
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

    /// Stores `request` and names its slot.
    #[inline]
    pub(super) fn insert(&mut self, request: Request) -> u32 {
        self.held += 1;
        if self.free == NONE {
            let slot = u32::try_from(self.entries.len()).expect("slots fit 28 bits");
            assert!(
                slot < SLOTS,
                "more requests in flight than the calendar has slots for"
            );
            self.entries.push(request);
            slot
        } else {
            let slot = self.free;
            self.free = self.entries[slot as usize].next;
            self.entries[slot as usize] = request;
            slot
        }
    }

    /// Frees `slot`.
    #[inline]
    pub(super) fn remove(&mut self, slot: u32) {
        let entry = &mut self.entries[slot as usize];
        assert!(entry.stage != Stage::Free, "a slot is freed once");
        entry.stage = Stage::Free;
        entry.next = self.free;
        self.free = slot;
        self.held -= 1;
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
            .filter(|(_, request)| request.stage != Stage::Free)
    }
}
