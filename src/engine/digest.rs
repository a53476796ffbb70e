//! The digest of a run: one number that two runs share only if they did the same things.
//!
//! Rare records are folded in order. Completions are folded by a sum, which does not depend on
//! their order, so that one costs a request next to nothing.

/// Folds words into a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest {
    ordered: u64,
    unordered: u64,
}

impl Default for Digest {
    fn default() -> Self {
        Self {
            ordered: 0x6472_6169_6e73_696d,
            unordered: 0,
        }
    }
}

/// A bijection that spreads every input bit over the word.
#[inline]
const fn spread(word: u64) -> u64 {
    let word = (word ^ (word >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    (word ^ (word >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93)
}

impl Digest {
    /// Folds in words whose order counts.
    pub fn fold(&mut self, words: &[u64]) {
        for &word in words {
            self.ordered = spread(self.ordered.rotate_left(23) ^ word);
        }
    }

    /// Folds in text whose order counts.
    pub fn fold_text(&mut self, text: &str) {
        self.fold(&[text.len() as u64]);
        for chunk in text.as_bytes().chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.fold(&[u64::from_le_bytes(word)]);
        }
    }

    /// Folds in a fact whose place among the others does not count.
    #[inline]
    pub fn add(&mut self, a: u64, b: u64) {
        self.unordered = self.unordered.wrapping_add(spread(a ^ b.rotate_left(31)));
    }

    /// The digest so far.
    pub const fn value(self) -> u64 {
        spread(self.ordered ^ spread(self.unordered))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_counts_only_where_it_should() {
        let digest = |words: &[u64], pairs: &[(u64, u64)]| {
            let mut digest = Digest::default();
            digest.fold(words);
            for &(a, b) in pairs {
                digest.add(a, b);
            }
            digest.value()
        };
        assert_ne!(digest(&[1, 2], &[]), digest(&[2, 1], &[]));
        assert_eq!(
            digest(&[], &[(1, 2), (3, 4)]),
            digest(&[], &[(3, 4), (1, 2)])
        );
        assert_ne!(digest(&[], &[(1, 2)]), digest(&[], &[(2, 1)]));
    }
}
