//! The ladder wheel: the fast lane of the calendar, in exact order at a nearly flat cost.
//!
//! Times are told apart by the highest group of six bits in which they differ from the window's
//! base: eleven levels of 64 buckets. The bucket that comes next is sorted at once into `bottom`,
//! from which events are taken, or spread over the levels below if it is large for what is
//! pending. There is no knob.
//!
//! - Sorting a few hundred keys at once, by counting, is what makes it fast: buckets of two or
//!   three cost a call and several mispredicted branches each.
//! - Buckets are chains of short chunks in one buffer, so a push is one store, chunks just emptied
//!   are filled next, and memory is the most that was ever pending.
//! - `bottom` ascends and is read from its head: an event at the current instant goes to its end
//!   or near its head, so a burst of ties moves next to nothing.
//! - Moves within `bottom` are paid from a credit; when it is used up the window was too wide,
//!   and what is later goes back to the levels.
//!
//! It must never know what an event means. Contract: a push is never earlier than the last bound
//! given to `pop_before`. `benches/calendar.rs` measures it.

mod chunks;
#[cfg(test)]
mod tests;

use chunks::{CHUNK, Chain, Chunks, NONE};

/// Bits that number a push.
pub(super) const SEQUENCE_BITS: u32 = 36;
const SLOT_BITS: u32 = 28;
const SLOT_MASK: u64 = (1 << SLOT_BITS) - 1;

/// Slots a fast lane can tell apart.
pub const SLOTS: u32 = 1 << SLOT_BITS;

const LEVELS: usize = 11;
const BUCKETS: usize = 64;
/// A bucket of at most so many is always sorted at once.
const SMALL: usize = 32;
/// A bucket of more is always spread, so that sorting stays within the nearest caches.
const CROWD: usize = 4096;
/// A bucket of n is sorted at once if n * n is at most this times what is pending: the wider the
/// window the more pushes fall into it, and each moves keys in proportion to n.
const SHARE: usize = 128;
/// A bucket of at most so many is not worth counting.
const TINY: usize = 12;
/// A fuller bin says that the times cluster: comparing sorts them better than counting.
const FULL: u16 = 16;

/// One comparison of the packed key orders by (time, sequence).
#[inline]
pub(super) fn pack(at: u64, sequence: u64, slot: u32) -> u128 {
    (u128::from(at) << 64) | u128::from((sequence << SLOT_BITS) | u64::from(slot))
}

#[expect(clippy::cast_possible_truncation, reason = "fields of a packed word")]
#[inline]
pub(super) fn unpack(key: u128) -> (u64, u32, u32) {
    let low = key as u64;
    (
        (key >> 64) as u64,
        (low >> SLOT_BITS) as u32,
        (low & SLOT_MASK) as u32,
    )
}

#[inline]
fn time_of(key: u128) -> u64 {
    (key >> 64) as u64
}

/// The low bits of `time` under `mask`, which is below 2^16.
#[expect(clippy::cast_possible_truncation, reason = "the mask is short")]
#[inline]
fn low_bits(time: u64, mask: usize) -> usize {
    time as usize & mask
}

/// Moves the last key to its place among the others, which are in order.
#[inline]
fn sink(keys: &mut [u128]) {
    let last = keys.len() - 1;
    let key = keys[last];
    let mut place = last;
    while place > 0 && key < keys[place - 1] {
        keys[place] = keys[place - 1];
        place -= 1;
    }
    if place < last {
        keys[place] = key;
    }
}

/// Sorts keys that are nearly in order.
#[inline]
fn settle(keys: &mut [u128]) {
    for right in 1..keys.len() {
        sink(&mut keys[..=right]);
    }
}

/// Pending events in a ladder of 64-way wheels.
#[derive(Debug)]
pub struct LadderWheel {
    /// Start of the current window: every key in the levels is due at `limit` or later.
    base: u64,
    /// End of the window that `bottom` holds.
    limit: u64,
    /// Keys of the current window from `head` on, the earliest first.
    bottom: Vec<u128>,
    head: usize,
    /// Keys that may be moved within `bottom` before it counts as too wide.
    credit: usize,
    /// Keys in the levels.
    stored: usize,
    /// A bit for every level that is not empty.
    levels: u32,
    /// A bit for every bucket that is not empty.
    occupied: [u64; LEVELS],
    firsts: [u32; LEVELS * BUCKETS],
    /// Where the next key of a bucket goes; a multiple of `CHUNK` when that needs a new chunk.
    tails: [u32; LEVELS * BUCKETS],
    chunks: Chunks,
    bins: Vec<u16>,
}

impl Default for LadderWheel {
    fn default() -> Self {
        Self::new()
    }
}

impl LadderWheel {
    /// An empty wheel; it takes memory with the first push.
    pub fn new() -> Self {
        Self {
            base: 0,
            limit: 0,
            bottom: Vec::new(),
            head: 0,
            credit: 0,
            stored: 0,
            levels: 0,
            occupied: [0; LEVELS],
            firsts: [NONE; LEVELS * BUCKETS],
            tails: [0; LEVELS * BUCKETS],
            chunks: Chunks::new(),
            bins: Vec::new(),
        }
    }

    #[inline]
    fn put(&mut self, key: u128) {
        let at = time_of(key);
        let level = ((at ^ self.base) | 1).ilog2() / 6;
        let index = level as usize * BUCKETS + low_bits(at >> (6 * level), BUCKETS - 1);
        let mut place = self.tails[index];
        if place.is_multiple_of(CHUNK) {
            place = self.extend(index);
        }
        self.chunks.keys[place as usize] = key;
        self.tails[index] = place.wrapping_add(1);
        self.stored = self.stored.wrapping_add(1);
    }

    /// Chains a chunk to a bucket that has none or a full one last, and returns where it starts.
    #[inline(never)]
    fn extend(&mut self, index: usize) -> u32 {
        let chunk = self.chunks.take();
        if self.firsts[index] == NONE {
            self.firsts[index] = chunk;
            self.occupied[index / BUCKETS] |= 1 << (index % BUCKETS);
            self.levels |= 1 << (index / BUCKETS);
        } else {
            let last = (self.tails[index] - 1) / CHUNK;
            self.chunks.next[last as usize] = chunk;
        }
        chunk * CHUNK
    }

    /// Puts in an event.
    #[inline]
    pub fn push(&mut self, at: u64, sequence: u64, slot: u32) {
        debug_assert!(
            at >= self.base,
            "a push may not be earlier than the last bound"
        );
        let key = pack(at, sequence, slot);
        if at < self.limit {
            self.insert(key);
        } else {
            self.put(key);
        }
    }

    /// Puts a key into the window, moving the shorter side of it.
    #[inline(never)]
    fn insert(&mut self, key: u128) {
        if self.bottom.len() == self.bottom.capacity() && self.head > self.bottom.len() / 2 {
            // what was taken out makes room: a burst of ties is no reason to grow for ever
            self.bottom.drain(..self.head);
            self.head = 0;
        }
        let live = &self.bottom[self.head..];
        if live.len() <= SMALL {
            // one branch to mispredict, where a search and a move of any length have several
            self.bottom.push(key);
            sink(&mut self.bottom[self.head..]);
            return;
        }
        let before = live.partition_point(|&pending| pending < key);
        let behind = live.len() - before;
        let moves = if before < behind && self.head > 0 {
            let place = self.head + before;
            self.bottom.copy_within(self.head..place, self.head - 1);
            self.head -= 1;
            self.bottom[place - 1] = key;
            before
        } else {
            self.bottom.insert(self.head + before, key);
            behind
        };
        match self.credit.checked_sub(moves) {
            Some(credit) => self.credit = credit,
            None => self.spill(),
        }
    }

    /// A window of `count` keys may move each a few times over, which is dearer than sorting.
    fn grant(&mut self, count: usize) {
        self.credit = 64 * count + 1024;
    }

    /// Hands the later part of a wide window back to the levels, all of it if it is due at once.
    #[cold]
    fn spill(&mut self) {
        let live = &self.bottom[self.head..];
        let count = live.len();
        if count <= 2 * SMALL {
            self.grant(count);
            return;
        }
        let (first, split) = (time_of(live[0]), time_of(live[SMALL]));
        let later = self.head + live.partition_point(|&key| time_of(key) < split);
        self.grant(count);
        if split == first && first == self.base {
            // the current instant cannot be split, and nothing later is in the way
            return;
        }
        self.limit = split;
        for index in later..self.bottom.len() {
            self.put(self.bottom[index]);
        }
        self.bottom.truncate(later);
    }

    /// Moves the window to the next bucket that is not empty, unless it begins after `bound`.
    #[inline(never)]
    fn advance(&mut self, bound: u64) -> bool {
        while self.levels != 0 {
            let level = self.levels.trailing_zeros();
            let bits = self.occupied[level as usize];
            let bucket = bits.trailing_zeros();
            let shift = 6 * level;
            let above = self.base.checked_shr(shift + 6).unwrap_or(0);
            let start = above.checked_shl(shift + 6).unwrap_or(0) | (u64::from(bucket) << shift);
            if start > bound {
                return false;
            }
            self.base = start;
            self.occupied[level as usize] = bits & (bits - 1);
            if bits.is_power_of_two() {
                self.levels &= self.levels - 1;
            }
            let index = level as usize * BUCKETS + bucket as usize;
            let chain = Chain {
                first: std::mem::replace(&mut self.firsts[index], NONE),
                tail: std::mem::take(&mut self.tails[index]),
            };
            let most = if level == 0 { usize::MAX } else { CROWD };
            let count = self.chunks.count(chain, most);
            let narrow = count <= SMALL || count <= CROWD && count * count <= SHARE * self.stored;
            if narrow || level == 0 {
                self.limit = start.saturating_add(1 << shift);
                self.stored -= count;
                self.grant(count);
                self.load(chain, count, shift);
                return true;
            }
            self.limit = start;
            self.cascade(chain);
        }
        false
    }

    fn cascade(&mut self, chain: Chain) {
        let mut chunk = chain.first;
        while chunk != NONE {
            let (after, end) = self.chunks.end(chunk, chain.tail);
            self.stored -= (end - chunk * CHUNK) as usize;
            for place in chunk * CHUNK..end {
                self.put(self.chunks.keys[place as usize]);
            }
            self.chunks.give(chunk);
            chunk = after;
        }
    }

    /// Sorts a bucket of `count` keys, 2^`shift` ns wide, into the empty window.
    fn load(&mut self, chain: Chain, count: usize, shift: u32) {
        self.head = 0;
        if count <= CROWD && self.bottom.capacity() > 4 * CROWD {
            // memory follows what is pending: a burst is over
            self.bottom = Vec::new();
        }
        if count <= TINY || shift == 0 {
            let bottom = &mut self.bottom;
            bottom.clear();
            self.chunks.each(chain, |key| bottom.push(key));
        } else {
            // what the window held is overwritten, so most of it need not be cleared
            self.bottom.resize(count, 0);
            self.distribute(chain, count, shift);
        }
        self.chunks.give_all(chain);
        if count <= TINY {
            settle(&mut self.bottom);
        } else if shift == 0 {
            // one instant, and nearly always in order already
            self.bottom.sort_unstable();
        }
    }

    /// Sorts by counting how many keys fall into each of `count` spans, then within the spans.
    fn distribute(&mut self, chain: Chain, count: usize, shift: u32) {
        let (bottom, bins) = (&mut self.bottom, &mut self.bins);
        let spans = count.next_power_of_two();
        let drop = shift.saturating_sub(spans.ilog2());
        bins.clear();
        bins.resize(spans, 0);
        self.chunks.each(chain, |key| {
            bins[low_bits(time_of(key) >> drop, spans - 1)] += 1;
        });
        let (mut sum, mut fullest) = (0_u16, 0);
        for bin in bins.iter_mut() {
            let inside = std::mem::replace(bin, sum);
            sum = sum.wrapping_add(inside);
            fullest = fullest.max(inside);
        }
        self.chunks.each(chain, |key| {
            let bin = &mut bins[low_bits(time_of(key) >> drop, spans - 1)];
            bottom[usize::from(*bin)] = key;
            *bin = bin.wrapping_add(1);
        });
        if fullest > FULL {
            bottom.sort_unstable();
        } else {
            settle(bottom);
        }
    }

    /// Takes out the first event if it is due at `bound` or earlier: its time, the low half of
    /// its sequence, its slot. The window never moves past `bound`.
    #[inline]
    pub fn pop_before(&mut self, bound: u64) -> Option<(u64, u32, u32)> {
        if self.head >= self.bottom.len() && !self.advance(bound) {
            return None;
        }
        let event = unpack(self.bottom[self.head]);
        if event.0 > bound {
            return None;
        }
        self.head += 1;
        Some(event)
    }

    /// Slots of the events in the current window in their order, for whoever wants to fetch what
    /// they need.
    pub fn window(&self) -> impl Iterator<Item = u32> + '_ {
        self.bottom[self.head..].iter().map(|&key| unpack(key).2)
    }
}
