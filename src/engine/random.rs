//! Random streams: every purpose draws from a `ChaCha8` stream of its own.
//!
//! A stream is named by its purpose and keys, not by the order of creation, so a change in one
//! place of a scenario leaves the draws of every other place as they were. This module must never
//! touch the system's entropy, and its samplers use the engine's own exact math.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::ziggurat;

/// All the random streams of one seed.
#[derive(Debug, Clone, Copy)]
pub struct Streams {
    seed: u64,
}

/// Words drawn at once: what the generator makes in one go.
const BLOCK: usize = 32;

/// One stream of random numbers.
#[derive(Debug, Clone)]
pub struct Stream {
    generator: ChaCha8Rng,
    /// The words drawn, of which those from `place` on are not used yet.
    block: [u64; BLOCK],
    place: usize,
}

impl Streams {
    /// The streams of `seed`.
    pub const fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The seed they come from.
    pub const fn seed(self) -> u64 {
        self.seed
    }

    /// The stream for `purpose` and `keys`, the same at every call.
    pub fn stream(self, purpose: &'static str, keys: &[u64]) -> Stream {
        let mut id = 0xcbf2_9ce4_8422_2325_u64;
        for byte in purpose.bytes() {
            id = (id ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        for key in keys {
            id = mix(id ^ mix(key.wrapping_add(0x9e37_79b9_7f4a_7c15)));
        }
        let mut generator = ChaCha8Rng::seed_from_u64(self.seed);
        generator.set_stream(id);
        Stream {
            generator,
            block: [0; BLOCK],
            place: BLOCK,
        }
    }
}

/// The finaliser of `splitmix64`: every input bit reaches every output bit.
const fn mix(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

impl Stream {
    /// 64 random bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        if self.place >= BLOCK {
            self.refill();
        }
        let bits = self.block[self.place];
        self.place += 1;
        bits
    }

    #[inline(never)]
    fn refill(&mut self) {
        let mut bytes = [0; 8 * BLOCK];
        self.generator.fill_bytes(&mut bytes);
        for (word, bytes) in self.block.iter_mut().zip(bytes.as_chunks::<8>().0) {
            *word = u64::from_le_bytes(*bytes);
        }
        self.place = 0;
    }

    /// Uniform in \[0, 1), a multiple of 2^-53.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit an f64 exactly")]
    #[inline]
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// Uniform in (0, 1): for formulas that take a logarithm.
    #[expect(clippy::cast_precision_loss, reason = "52 bits fit an f64 exactly")]
    #[inline]
    pub fn open_unit(&mut self) -> f64 {
        ((self.bits() >> 12) as f64 + 0.5) * (1.0 / 4_503_599_627_370_496.0)
    }

    /// Uniform in 0..`bound`, by multiplication and rejection, so without bias.
    ///
    /// # Panics
    /// When `bound` is zero.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the halves of a 128-bit product"
    )]
    #[inline]
    pub fn below(&mut self, bound: u64) -> u64 {
        assert!(bound > 0, "nothing to choose from");
        loop {
            let product = u128::from(self.bits()) * u128::from(bound);
            let low = product as u64;
            if low >= bound || low >= bound.wrapping_neg() % bound {
                return (product >> 64) as u64;
            }
        }
    }

    /// Exponential with mean 1.
    #[inline]
    pub fn exponential(&mut self) -> f64 {
        ziggurat::exponential(self)
    }

    /// Normal with mean 0 and variance 1.
    #[inline]
    pub fn normal(&mut self) -> f64 {
        ziggurat::normal(self)
    }

    /// Fills `out` with what as many calls of [`Self::exponential`] would give.
    pub fn fill_exponential(&mut self, out: &mut [f64]) {
        ziggurat::fill_exponential(self, out);
    }

    /// Fills `out` with what as many calls of [`Self::normal`] would give.
    pub fn fill_normal(&mut self, out: &mut [f64]) {
        ziggurat::fill_normal(self, out);
    }
}
