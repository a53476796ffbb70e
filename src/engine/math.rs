//! Exact math: elementary functions whose bits are the same on every platform.
//!
//! The platform's own `exp` and `ln` differ in the last bit between systems, and one bit is enough
//! to make two runs of one seed drift apart. Everything here is built of IEEE additions and
//! multiplications or is the `libm` crate by name. This module must never call the math of `std`
//! beyond `sqrt`, `abs` and rounding, which IEEE fixes to the bit.

pub mod special;

use std::ops::RangeInclusive;
use std::sync::LazyLock;

/// Steps of the table in an octave.
const STEPS: usize = 128;

/// 2^(j/128) for every j below 128.
static POWERS: LazyLock<[f64; STEPS]> = LazyLock::new(|| {
    let mut powers = [1.0; STEPS];
    let mut exponent = 0.0;
    for power in &mut powers {
        *power = libm::exp2(exponent);
        exponent += 1.0 / 128.0;
    }
    powers
});

/// e^x, within 1e-15 of the true value relatively.
///
/// A table of 128 powers of two and a polynomial of degree 5: about a third of the cost of
/// `libm::exp`, which serves arguments beyond ±700 and those that are no number.
#[inline]
pub fn exp(x: f64) -> f64 {
    exp_from(&POWERS, x)
}

/// Puts e^x in the place of every x, the same bits as [`exp`]; a batch asks once whether the table
/// is there.
pub fn exp_all(values: &mut [f64]) {
    let powers = &*POWERS;
    if values.iter().all(|x| IN_TABLE.contains(x)) {
        for value in values {
            *value = exp_in_table(powers, *value);
        }
    } else {
        for value in values {
            *value = exp_from(powers, *value);
        }
    }
}

/// What the table serves.
const IN_TABLE: RangeInclusive<f64> = -700.0..=700.0;

#[inline]
fn exp_from(powers: &[f64; STEPS], x: f64) -> f64 {
    if IN_TABLE.contains(&x) {
        exp_in_table(powers, x)
    } else {
        libm::exp(x)
    }
}

#[inline]
fn exp_in_table(powers: &[f64; STEPS], x: f64) -> f64 {
    // ln 2 in two parts, so that a whole multiple of the upper one is exact.
    const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
    const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    // Adding 1.5 * 2^52 rounds to the nearest integer and leaves it in the low bits.
    const ROUNDER: f64 = 6_755_399_441_055_744.0;
    let shifted = x * (128.0 / std::f64::consts::LN_2) + ROUNDER;
    let steps = shifted.to_bits().wrapping_sub(ROUNDER.to_bits());
    let whole = shifted - ROUNDER;
    let r = (x - whole * (LN_2_HIGH / 128.0)) - whole * (LN_2_LOW / 128.0);
    let square = r * r;
    let tail = 1.0 / 24.0 + r * (1.0 / 120.0);
    let polynomial = r + square * (0.5 + r * (1.0 / 6.0) + square * tail);
    let power = powers[(steps & 127) as usize];
    let octaves = f64::from_bits(((steps & !127) << 45).wrapping_add(1023 << 52));
    (power + power * polynomial) * octaves
}

/// The natural logarithm of `x`.
#[inline]
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}

/// The natural logarithm of 1 + `x`, exact for a small `x`.
#[inline]
pub fn ln_1p(x: f64) -> f64 {
    libm::log1p(x)
}

/// `base` to the power of `exponent`.
#[inline]
pub fn pow(base: f64, exponent: f64) -> f64 {
    libm::pow(base, exponent)
}

/// The square root; IEEE fixes its bits.
#[inline]
pub fn sqrt(x: f64) -> f64 {
    x.sqrt()
}

/// The inverse hyperbolic sine.
#[inline]
pub fn asinh(x: f64) -> f64 {
    libm::asinh(x)
}

/// A count as a number, exact below 2^53 and the nearest one above.
#[expect(
    clippy::cast_precision_loss,
    reason = "the nearest number is what is wanted"
)]
#[inline]
pub const fn from_count(count: u64) -> f64 {
    count as f64
}

/// The nearest count to `x`: zero for negative numbers and what is no number, saturating.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float-to-integer cast saturates, which is the rule wanted here"
)]
#[inline]
pub const fn to_count(x: f64) -> u64 {
    (x + 0.5) as u64
}

/// Puts what [`to_count`] makes of each value through `from` into `out`, in a loop without branches
/// for values that are all below 2^51.
#[inline]
pub fn to_counts<T>(values: &[f64], out: &mut [T], from: impl Fn(u64) -> T) {
    /// Adding it leaves the nearest whole number in the low bits.
    const ROUNDER: f64 = 4_503_599_627_370_496.0;
    let pairs = out.iter_mut().zip(values);
    if values.iter().all(|x| (0.0..ROUNDER / 2.0).contains(x)) {
        for (slot, &value) in pairs {
            let value = value + 0.5;
            let nearest = (value + ROUNDER) - ROUNDER;
            let floor = if nearest > value {
                nearest - 1.0
            } else {
                nearest
            };
            *slot = from((floor + ROUNDER).to_bits() ^ ROUNDER.to_bits());
        }
    } else {
        for (slot, &value) in pairs {
            *slot = from(to_count(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_within_1e_15_of_libm() {
        let mut worst = 0.0_f64;
        for step in 0..2_000_000_u32 {
            let x = -700.0 + f64::from(step) * 0.000_7;
            let expected = libm::exp(x);
            worst = worst.max(((exp(x) - expected) / expected).abs());
        }
        assert!(worst <= 1e-15, "worst relative error {worst:e}");
    }

    /// The bits were computed by an independent program in the same order of IEEE operations, on
    /// a table of correctly rounded powers.
    #[test]
    fn exp_has_these_bits_everywhere() {
        let golden: &[(f64, u64)] = &[
            (0.0, 0x3ff0_0000_0000_0000),
            (1.0, 0x4005_bf0a_8b14_5769),
            (-1.0, 0x3fd7_8b56_362c_ef37),
            (0.5, 0x3ffa_6129_8e1e_069c),
            (-0.001, 0x3fef_f7cf_e56f_1a9e),
            (2.25, 0x4022_f9b8_82f4_7e81),
            (19.35, 0x41ae_3171_d297_193f),
            (-37.25, 0x3c93_278b_cd70_e981),
            (300.125, 0x5aff_c0ed_35ef_0037),
            (-699.9, 0x00d3_2132_bfae_6577),
            (700.0, 0x7f0d_945d_f4f8_ec8e),
        ];
        for &(x, bits) in golden {
            assert_eq!(exp(x).to_bits(), bits, "exp({x})");
            let mut batch = [x; 3];
            exp_all(&mut batch);
            assert_eq!(batch.map(f64::to_bits), [bits; 3], "exp({x}) of a batch");
        }
    }

    #[test]
    fn exp_goes_on_beyond_its_table() {
        assert_eq!(exp(f64::NEG_INFINITY).to_bits(), 0.0_f64.to_bits());
        assert!(exp(710.0).is_infinite());
        assert!(exp(f64::NAN).is_nan());
        assert_eq!(exp(-745.0).to_bits(), libm::exp(-745.0).to_bits());
    }

    #[test]
    fn many_counts_are_those_of_one_by_one() {
        let mut state = 1_u64;
        for round in 0..20_000 {
            let mut values = [0.0; 16];
            for value in &mut values {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                // every size, halves and near-halves among them
                *value = from_count(state >> 33 >> (state & 31)) / 2.0;
                *value += f64::from(round % 3) * 1e-9;
            }
            match round % 100 {
                97 => values[3] = -1.0,
                98 => values[15] = f64::NAN,
                99 => values[0] = 1e300,
                _ => {}
            }
            let mut counts = [0; 16];
            to_counts(&values, &mut counts, |count| count);
            assert_eq!(counts, values.map(to_count), "{values:?}");
        }
    }

    #[test]
    fn counts_round_and_saturate() {
        assert_eq!(to_count(2.5), 3);
        assert_eq!(to_count(2.499), 2);
        assert_eq!(to_count(0.49), 0);
        assert_eq!(to_count(-0.4), 0);
        assert_eq!(to_count(8.9e18), 8_900_000_000_000_000_000);
        assert_eq!(to_count(9.5e18), 9_500_000_000_000_000_000);
        assert_eq!(to_count(-4.0), 0);
        assert_eq!(to_count(f64::NAN), 0);
        assert_eq!(to_count(f64::INFINITY), u64::MAX);
        assert_eq!(to_count(from_count(1 << 53)), 1 << 53);
    }
}
