//! The targets in service by their number of outstanding requests: a set of bits for each number.
//!
//! Counts move by one and the smallest moves slowly, so finding the first target of the smallest
//! count takes a handful of instructions whatever the size of the fleet.

/// The count of a target that was taken out.
const OUT: u32 = u32::MAX;

#[derive(Debug)]
pub struct Levels {
    /// Words of a level, one bit a target.
    words: usize,
    /// Words of a level's summary, one bit a word that is not zero.
    summary_words: usize,
    bits: Vec<u64>,
    summaries: Vec<u64>,
    /// Targets at each level.
    population: Vec<u32>,
    /// Level of each target.
    counts: Vec<u32>,
    /// No level below this one has a target.
    lowest: usize,
}

impl Levels {
    /// All targets in service, with nothing outstanding.
    pub fn new(targets: usize) -> Self {
        let words = targets.div_ceil(64);
        let mut levels = Self {
            words,
            summary_words: words.div_ceil(64),
            bits: Vec::new(),
            summaries: Vec::new(),
            population: Vec::new(),
            counts: vec![0; targets],
            lowest: 0,
        };
        levels.grow(63);
        for target in 0..targets {
            levels.set(0, target as u32);
        }
        levels
    }

    /// The target with the fewest outstanding requests, the lowest number among equals.
    #[inline]
    pub fn least(&mut self) -> u32 {
        while self.population[self.lowest] == 0 {
            self.lowest += 1;
        }
        for part in 0..self.summary_words {
            let summary = self.summaries[self.lowest * self.summary_words + part];
            if summary != 0 {
                let word = part * 64 + summary.trailing_zeros() as usize;
                let bits = self.bits[self.lowest * self.words + word];
                return (word * 64) as u32 + bits.trailing_zeros();
            }
        }
        unreachable!("a level with a population has a bit")
    }

    /// Adds to the count of a target; one that was taken out is left alone.
    #[inline]
    pub fn change(&mut self, target: u32, by: i32) {
        let old = self.counts[target as usize];
        if old == OUT {
            return;
        }
        let new = old.wrapping_add_signed(by);
        self.counts[target as usize] = new;
        if new as usize >= self.population.len() {
            self.grow(new as usize);
        }
        self.clear(old as usize, target);
        self.set(new as usize, target);
        self.lowest = self.lowest.min(new as usize);
    }

    /// Takes a target out of service.
    pub fn remove(&mut self, target: u32) {
        let count = self.counts[target as usize];
        self.clear(count as usize, target);
        self.counts[target as usize] = OUT;
    }

    #[inline]
    fn grow(&mut self, level: usize) {
        while self.population.len() <= level {
            self.population.push(0);
            self.bits.resize(self.bits.len() + self.words, 0);
            let summaries = self.summaries.len() + self.summary_words;
            self.summaries.resize(summaries, 0);
        }
    }

    #[inline]
    fn set(&mut self, level: usize, target: u32) {
        let word = (target >> 6) as usize;
        self.bits[level * self.words + word] |= 1 << (target & 63);
        self.summaries[level * self.summary_words + (word >> 6)] |= 1 << (word & 63);
        self.population[level] += 1;
    }

    #[inline]
    fn clear(&mut self, level: usize, target: u32) {
        let word = (target >> 6) as usize;
        let bits = &mut self.bits[level * self.words + word];
        *bits &= !(1 << (target & 63));
        if *bits == 0 {
            self.summaries[level * self.summary_words + (word >> 6)] &= !(1 << (word & 63));
        }
        self.population[level] -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::Levels;

    #[test]
    fn the_first_of_the_least_is_found_as_a_scan_finds_it() {
        let mut levels = Levels::new(5_000);
        let mut counts: Vec<Option<u32>> = vec![Some(0); 5_000];
        for step in 0..20_000_u32 {
            let scan = (0..5_000).min_by_key(|&i| counts[i].unwrap_or(u32::MAX));
            assert_eq!(Some(levels.least() as usize), scan);
            let other = (step.wrapping_mul(2_654_435_761) % 5_000) as usize;
            match counts[other] {
                Some(_) if step % 97 == 0 => {
                    levels.remove(other as u32);
                    counts[other] = None;
                }
                Some(count) if count > 0 => {
                    levels.change(other as u32, -1);
                    counts[other] = Some(count - 1);
                }
                _ => {
                    let least = levels.least();
                    levels.change(least, 1);
                    counts[least as usize] = counts[least as usize].map(|count| count + 1);
                }
            }
        }
    }
}
