//! Least outstanding requests: the eligible target with the fewest in flight from this node.
//!
//! Targets stand in one bit set per count, so the least is found without a search. Counts from
//! [`CROWDED`] on share one set that is searched; only a fleet far beyond its capacity gets there.

/// Counts below this have a bit set each; the cap bounds memory.
const CROWDED: usize = 4096;

/// Positions of a view by how many requests each has in flight.
#[derive(Debug, Clone, Default)]
pub(in crate::model) struct Levels {
    /// Words of a bit set.
    words: usize,
    /// The sets lie 2^stride words apart.
    stride: u32,
    /// One bit set of positions per count.
    sets: Vec<u64>,
    /// How many positions are in each set.
    sizes: Vec<u32>,
    /// Count of each position.
    counts: Vec<u32>,
    /// No set below this one has a position.
    least: usize,
}

/// Where a position stands in a set: its word and its bit there.
#[inline]
const fn place(position: usize) -> (usize, u64) {
    (position / 64, 1 << (position % 64))
}

impl Levels {
    /// Positions 0.. with these counts.
    pub(in crate::model) fn new(counts: Vec<u32>) -> Self {
        let words = counts.len().div_ceil(64);
        let mut levels = Self {
            words,
            stride: words.next_power_of_two().ilog2(),
            least: CROWDED,
            ..Self::default()
        };
        for (position, &count) in counts.iter().enumerate() {
            levels.insert(position, Self::level(count));
        }
        levels.counts = counts;
        levels
    }

    #[inline]
    fn level(count: u32) -> usize {
        (count as usize).min(CROWDED)
    }

    #[inline]
    fn insert(&mut self, position: usize, level: usize) {
        if level >= self.sizes.len() {
            self.grow(level);
        }
        let (word, bit) = place(position);
        self.sets[(level << self.stride) + word] |= bit;
        self.sizes[level] += 1;
        self.least = self.least.min(level);
    }

    #[cold]
    fn grow(&mut self, level: usize) {
        self.sizes.resize(level + 1, 0);
        self.sets.resize((level + 1) << self.stride, 0);
    }

    /// The count of `position` is now `count`.
    #[inline]
    pub(in crate::model) fn set(&mut self, position: u32, count: u32) {
        let position = position as usize;
        let level = Self::level(count);
        let before = Self::level(std::mem::replace(&mut self.counts[position], count));
        if before == level {
            return;
        }
        let (word, bit) = place(position);
        self.sets[(before << self.stride) + word] &= !bit;
        self.sizes[before] -= 1;
        self.insert(position, level);
    }

    /// The position with the smallest count, the first from `cursor` on, around.
    #[inline]
    pub(in crate::model) fn choose(&mut self, cursor: u32) -> u32 {
        while self.sizes[self.least] == 0 {
            self.least += 1;
        }
        if self.least == CROWDED {
            return self.search(cursor);
        }
        let set = &self.sets[self.least << self.stride..][..self.words];
        let (start, bit) = place(cursor as usize);
        let from_cursor = set[start] & bit.wrapping_neg();
        if from_cursor != 0 {
            return index(start, from_cursor);
        }
        let found = |(word, &bits): (usize, &u64)| (bits != 0).then(|| index(word, bits));
        let behind = (start + 1..).zip(&set[start + 1..]).find_map(found);
        let around = || (0..).zip(&set[..=start]).find_map(found);
        behind
            .or_else(around)
            .expect("a set that is not empty has a bit")
    }

    #[cold]
    fn search(&self, cursor: u32) -> u32 {
        let count = self.counts.len();
        let (_, position) = (0..count)
            .map(|step| (cursor as usize + step) % count)
            .map(|position| (self.counts[position], position))
            .min_by_key(|&(count, _)| count)
            .expect("the view has targets");
        u32::try_from(position).expect("positions fit 32 bits")
    }
}

#[expect(clippy::cast_possible_truncation, reason = "positions fit 32 bits")]
#[inline]
fn index(word: usize, bits: u64) -> u32 {
    (word * 64) as u32 + bits.trailing_zeros()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The plain meaning: smallest count, first from the cursor on.
    fn reference(counts: &[u32], cursor: usize) -> u32 {
        let least = *counts.iter().min().unwrap();
        let place = (0..counts.len())
            .map(|step| (cursor + step) % counts.len())
            .find(|&place| counts[place] == least)
            .unwrap();
        u32::try_from(place).unwrap()
    }

    #[test]
    fn chooses_as_a_plain_search_does() {
        for size in [1_usize, 2, 63, 64, 65, 200] {
            let mut counts = vec![0_u32; size];
            let mut levels = Levels::new(counts.clone());
            let mut state = 7_u64;
            for step in 0..2_000 {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let cursor = usize::try_from(state >> 33).unwrap() % size;
                let chosen = levels.choose(u32::try_from(cursor).unwrap());
                assert_eq!(
                    chosen,
                    reference(&counts, cursor),
                    "size {size} step {step}"
                );
                counts[chosen as usize] += 1;
                levels.set(chosen, counts[chosen as usize]);
                let other = usize::try_from(state >> 20).unwrap() % size;
                if counts[other] > 0 && !state.is_multiple_of(3) {
                    counts[other] -= 1;
                    levels.set(u32::try_from(other).unwrap(), counts[other]);
                }
            }
        }
    }

    #[test]
    fn crowded_targets_are_still_told_apart() {
        let counts = vec![9_000, 5_000, 8_000];
        assert_eq!(Levels::new(counts.clone()).choose(0), 1);
        assert_eq!(reference(&counts, 0), 1);
    }
}
