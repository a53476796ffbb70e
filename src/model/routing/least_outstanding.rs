//! Least outstanding requests: the eligible target with the fewest in flight from this node.
//!
//! Targets stand in one bit set per count, so the least is found without a search. Counts from
//! [`CROWDED`] on share one set that is searched; only a fleet far beyond its capacity gets there.

/// Counts below this have a bit set each; the cap bounds memory.
const CROWDED: usize = 4096;

/// Positions of a view by how many requests each has in flight.
#[derive(Debug, Clone, Default)]
pub(in crate::model) struct Levels {
    words: usize,
    /// One bit set of positions per count.
    sets: Vec<u64>,
    /// How many positions are in each set.
    sizes: Vec<u32>,
    /// Count of each position.
    counts: Vec<u32>,
    /// No set below this one has a position.
    least: usize,
}

impl Levels {
    /// Positions 0.. with these counts.
    pub(in crate::model) fn new(counts: Vec<u32>) -> Self {
        let mut levels = Self {
            words: counts.len().div_ceil(64),
            ..Self::default()
        };
        levels.least = CROWDED;
        for (position, &count) in counts.iter().enumerate() {
            levels.insert(position, count);
        }
        levels.counts = counts;
        levels
    }

    fn level(count: u32) -> usize {
        (count as usize).min(CROWDED)
    }

    #[inline]
    fn insert(&mut self, position: usize, count: u32) {
        let level = Self::level(count);
        if self.sizes.len() <= level {
            self.sizes.resize(level + 1, 0);
            self.sets.resize((level + 1) * self.words, 0);
        }
        self.sets[level * self.words + position / 64] |= 1 << (position % 64);
        self.sizes[level] += 1;
        self.least = self.least.min(level);
    }

    /// The count of `position` is now `count`.
    #[inline]
    pub(in crate::model) fn set(&mut self, position: u32, count: u32) {
        let position = position as usize;
        let before = Self::level(self.counts[position]);
        self.counts[position] = count;
        if before == Self::level(count) {
            return;
        }
        self.sets[before * self.words + position / 64] &= !(1 << (position % 64));
        self.sizes[before] -= 1;
        self.insert(position, count);
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
        let set = &self.sets[self.least * self.words..][..self.words];
        let (start, bit) = (cursor as usize / 64, cursor % 64);
        let from_cursor = set[start] & (u64::MAX << bit);
        if from_cursor != 0 {
            return index(start, from_cursor);
        }
        let after = (start + 1..self.words).chain(0..=start);
        for word in after {
            if set[word] != 0 {
                return index(word, set[word]);
            }
        }
        unreachable!("a set that is not empty has a bit")
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
