//! The ladder wheel: the fast lane of the calendar, in exact order at a nearly flat cost.
//!
//! Times are sorted by their highest group of six bits in which they differ from the window's
//! base: eleven levels of 64 buckets. The bucket that comes next is sorted into the short
//! `bottom` if it is small, and spread over the levels below if it is large. There is no knob.
//! `docs/ARCHITECTURE.md` says why this one; `benches/calendar.rs` measures it.
//!
//! Contract: a push is never earlier than the last bound given to `pop_before`.

/// Bits that number a push.
pub(super) const SEQUENCE_BITS: u32 = 36;
const SLOT_BITS: u32 = 28;
const SLOT_MASK: u64 = (1 << SLOT_BITS) - 1;

/// Slots a fast lane can tell apart.
pub const SLOTS: u32 = 1 << SLOT_BITS;

const LEVELS: usize = 11;
const BUCKETS: usize = 64;
/// A bucket of at most so many is sorted at once; more are spread over the level below.
const SMALL: usize = 48;
/// A bottom longer than this covers too wide a window: inserting into it costs a long move.
const LONG: usize = 192;
/// Buffers up to this many entries are kept for reuse, larger ones are given back.
const KEPT: usize = 1024;

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

/// Pending events in a ladder of 64-way wheels.
#[derive(Debug)]
pub struct LadderWheel {
    /// Start of the current window: every key in the levels is due at `limit` or later.
    base: u64,
    /// End of the window that `bottom` holds.
    limit: u64,
    /// A bit for every bucket that is not empty.
    occupied: [u64; LEVELS],
    buckets: Vec<Vec<u128>>,
    /// Keys of the current window, the earliest last.
    bottom: Vec<u128>,
    /// Windows so far.
    windows: u64,
}

impl Default for LadderWheel {
    fn default() -> Self {
        Self::new()
    }
}

impl LadderWheel {
    /// An empty wheel.
    pub fn new() -> Self {
        Self {
            base: 0,
            limit: 0,
            occupied: [0; LEVELS],
            buckets: (0..LEVELS * BUCKETS).map(|_| Vec::new()).collect(),
            bottom: Vec::with_capacity(LONG + 1),
            windows: 0,
        }
    }

    #[inline]
    fn put(&mut self, key: u128) {
        let at = time_of(key);
        let level = ((at ^ self.base) | 1).ilog2() / 6;
        let bucket = (at >> (6 * level)) & 63;
        self.occupied[level as usize] |= 1 << bucket;
        let index = usize::try_from(u64::from(level) * 64 + bucket).expect("704 buckets");
        self.buckets[index].push(key);
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
            let place = self.bottom.partition_point(|&pending| pending > key);
            self.bottom.insert(place, key);
            if self.bottom.len() > LONG {
                self.spill();
            }
        } else {
            self.put(key);
        }
    }

    /// Hands the later part of a long bottom back to the levels, all of it if it is due at once.
    #[cold]
    fn spill(&mut self) {
        let first = time_of(self.bottom[self.bottom.len() - 1]);
        let split = time_of(self.bottom[self.bottom.len() - SMALL]);
        let later = self.bottom.partition_point(|&key| time_of(key) >= split);
        if split == first && first == self.base {
            // the current instant cannot be split, and nothing later is in the way
            return;
        }
        self.limit = split;
        for index in 0..later {
            self.put(self.bottom[index]);
        }
        self.bottom.drain(..later);
    }

    /// Moves the window to the next bucket that is not empty, unless it begins after `bound`.
    #[inline(never)]
    fn advance(&mut self, bound: u64) -> bool {
        loop {
            let Some(level) = self.occupied.iter().position(|&bits| bits != 0) else {
                return false;
            };
            let bucket = self.occupied[level].trailing_zeros();
            let shift = 6 * u32::try_from(level).expect("eleven levels");
            let above = self.base.checked_shr(shift + 6).unwrap_or(0);
            let start = above.checked_shl(shift + 6).unwrap_or(0) | (u64::from(bucket) << shift);
            if start > bound {
                return false;
            }
            self.occupied[level] &= self.occupied[level] - 1;
            self.base = start;
            let index = level * BUCKETS + bucket as usize;
            if level == 0 || self.buckets[index].len() <= SMALL {
                self.limit = start.saturating_add(1 << shift);
                self.windows += 1;
                self.bottom.append(&mut self.buckets[index]);
                self.bottom.sort_unstable_by(|a, b| b.cmp(a));
                if self.buckets[index].capacity() > KEPT {
                    self.buckets[index] = Vec::new();
                }
                return true;
            }
            self.limit = start;
            let mut crowd = std::mem::take(&mut self.buckets[index]);
            for &key in &crowd {
                self.put(key);
            }
            // memory follows what is pending, not the buckets ever touched
            if crowd.capacity() <= KEPT {
                crowd.clear();
                self.buckets[index] = crowd;
            }
        }
    }

    /// Takes out the first event if it is due at `bound` or earlier: its time, the low half of
    /// its sequence, its slot. The window never moves past `bound`.
    #[inline]
    pub fn pop_before(&mut self, bound: u64) -> Option<(u64, u32, u32)> {
        if self.bottom.is_empty() && !self.advance(bound) {
            return None;
        }
        let event = unpack(*self.bottom.last()?);
        if event.0 > bound {
            return None;
        }
        self.bottom.pop();
        Some(event)
    }

    /// Windows so far: another number means other events in [`Self::window`].
    #[inline]
    pub fn windows(&self) -> u64 {
        self.windows
    }

    /// Slots of the events in the current window, for whoever wants to fetch what they need.
    pub fn window(&self) -> impl Iterator<Item = u32> + '_ {
        self.bottom.iter().map(|&key| unpack(key).2)
    }
}
