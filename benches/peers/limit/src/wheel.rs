//! The pending events: a hierarchical wheel with a short sorted list at its end.
//!
//! An event is one `u128`, `time (64) | sequence (36) | slot (28)`, so one comparison orders by time
//! and then by the order of scheduling. Eleven levels of 64 buckets; an event lies at the level of
//! the highest six-bit digit in which its time differs from the start of the window. A small bucket
//! is sorted into the list the next events are taken from, a large one is spread over the levels
//! below. No bucket width has to be chosen.
//!
//! The caller never schedules before the last bound it gave to [`Wheel::pop_before`].

const SLOT_BITS: u32 = 28;
const SLOT_MASK: u64 = (1 << SLOT_BITS) - 1;
const LEVELS: usize = 11;
const BUCKETS: usize = 64;
/// A bucket of at most so many events is sorted, not spread.
const SMALL: usize = 48;
/// A sorted list of more than this hands its later part back to the levels.
const LONG: usize = 192;

#[derive(Debug)]
pub struct Wheel {
    /// Start of the window.
    base: u64,
    /// Events before this time are in the sorted list.
    limit: u64,
    /// For each level, its buckets that are not empty.
    occupied: [u64; LEVELS],
    buckets: Vec<Vec<u128>>,
    /// Latest first.
    sorted: Vec<u128>,
    sequence: u64,
}

#[inline(always)]
fn time_of(event: u128) -> u64 {
    (event >> 64) as u64
}

impl Wheel {
    pub fn new() -> Self {
        Self {
            base: 0,
            limit: 0,
            occupied: [0; LEVELS],
            buckets: vec![Vec::new(); LEVELS * BUCKETS],
            sorted: Vec::with_capacity(256),
            sequence: 0,
        }
    }

    #[inline]
    pub fn push(&mut self, time: u64, slot: u32) {
        let low = (self.sequence << SLOT_BITS) | u64::from(slot);
        let event = (u128::from(time) << 64) | u128::from(low);
        self.sequence += 1;
        if time < self.limit {
            let place = self.sorted.partition_point(|&other| other > event);
            self.sorted.insert(place, event);
            if self.sorted.len() > LONG {
                self.shorten();
            }
        } else {
            self.place(event);
        }
    }

    /// Takes out the first event, its time and slot, if its time is not after `bound`. The window
    /// does not move past `bound`, which is what makes room for later pushes.
    #[inline]
    pub fn pop_before(&mut self, bound: u64) -> Option<(u64, u32)> {
        if self.sorted.is_empty() && !self.advance(bound) {
            return None;
        }
        let event = *self.sorted.last()?;
        if time_of(event) > bound {
            return None;
        }
        self.sorted.pop();
        Some((time_of(event), (event as u64 & SLOT_MASK) as u32))
    }

    #[inline]
    fn place(&mut self, event: u128) {
        let time = time_of(event);
        let differing = (time ^ self.base) | 1;
        let level = (63 - differing.leading_zeros()) / 6;
        let bucket = (time >> (6 * level)) & 63;
        self.occupied[level as usize] |= 1 << bucket;
        self.buckets[level as usize * BUCKETS + bucket as usize].push(event);
    }

    /// Fills the sorted list from the first bucket that is not empty, unless it begins after
    /// `bound`.
    #[inline(never)]
    fn advance(&mut self, bound: u64) -> bool {
        loop {
            let Some(level) = self.occupied.iter().position(|&bits| bits != 0) else {
                return false;
            };
            let bucket = u64::from(self.occupied[level].trailing_zeros());
            let shift = 6 * level as u32;
            let above = if shift + 6 >= 64 {
                0
            } else {
                self.base >> (shift + 6) << (shift + 6)
            };
            let start = above | (bucket << shift);
            if start > bound {
                return false;
            }
            self.occupied[level] &= self.occupied[level] - 1;
            self.base = start;
            let index = level * BUCKETS + bucket as usize;
            if level == 0 || self.buckets[index].len() <= SMALL {
                self.limit = start.saturating_add(1 << shift);
                self.sorted.append(&mut self.buckets[index]);
                self.sorted.sort_unstable_by(|a, b| b.cmp(a));
                return true;
            }
            self.limit = start;
            // its memory is given back: memory follows the pending events, not the buckets touched
            for event in std::mem::take(&mut self.buckets[index]) {
                self.place(event);
            }
        }
    }

    /// Hands the later part of a list that covers too wide a span back to the levels.
    #[cold]
    fn shorten(&mut self) {
        let last = self.sorted.len() - 1;
        let time = time_of(self.sorted[last + 1 - SMALL]);
        if time == time_of(self.sorted[last]) {
            return; // all at one instant, which cannot be divided
        }
        let cut = self.sorted.partition_point(|&event| time_of(event) >= time);
        self.limit = time;
        for index in 0..cut {
            self.place(self.sorted[index]);
        }
        self.sorted.drain(..cut);
    }
}

#[cfg(test)]
mod tests {
    use super::Wheel;
    use std::cmp::Reverse;
    use std::collections::BinaryHeap;

    /// Offsets from nothing to hours, many at one instant, bounds before and after the next event.
    #[test]
    fn events_come_in_the_order_of_a_heap() {
        let (mut wheel, mut heap) = (Wheel::new(), BinaryHeap::new());
        let (mut now, mut state) = (0_u64, 1_u64);
        for sequence in 0..200_000_u64 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let offset = (state >> 20) >> (state >> 59);
            let slot = (sequence % 1_000) as u32;
            wheel.push(now + offset, slot);
            heap.push(Reverse((now + offset, sequence, slot)));
            let bound = now + (state >> 44);
            while heap.len() > 1_500 || heap.peek().is_some_and(|next| next.0.0 <= bound) {
                let next = heap.peek().map_or(u64::MAX, |next| next.0.0);
                let allowed = bound.max(next);
                let expected = heap.pop().map(|Reverse((time, _, slot))| (time, slot));
                assert_eq!(wheel.pop_before(allowed), expected);
                now = now.max(allowed);
            }
            assert_eq!(wheel.pop_before(bound), None);
            now = now.max(bound);
        }
    }
}
