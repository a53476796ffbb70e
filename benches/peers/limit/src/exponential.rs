//! The exponential function from a table of 128 powers of two and a short polynomial.
//!
//! Only additions and multiplications of `f64`, so every machine gets the same bits, at the price
//! of the platform's own function. Differs from it by at most a few units in the last place.

use std::f64::consts::LN_2;
use std::sync::LazyLock;

/// 2 to the power of `n / 128`.
static POWERS: LazyLock<[f64; 128]> =
    LazyLock::new(|| std::array::from_fn(|n| libm::exp2(n as f64 / 128.0)));

/// `e` to the power of `x`.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    const STEPS: f64 = 128.0 / LN_2;
    // ln 2 / 128 in two parts, so that a multiple of it can be taken away without an error
    const HIGH: f64 = 5.415212348111709e-3;
    const LOW: f64 = LN_2 / 128.0 - HIGH;
    // 1.5 * 2^52: adding it rounds to the nearest integer and leaves that in the lowest bits
    const ROUND: f64 = 6_755_399_441_055_744.0;
    if !(-700.0..=700.0).contains(&x) {
        return libm::exp(x);
    }
    let rounded = x * STEPS + ROUND;
    let steps = rounded.to_bits() as i32;
    let whole = rounded - ROUND;
    let rest = (x - whole * HIGH) - whole * LOW;
    let square = rest * rest;
    let series =
        rest + square * (0.5 + rest * (1.0 / 6.0) + square * (1.0 / 24.0 + rest * (1.0 / 120.0)));
    let power = POWERS[(steps & 127) as usize];
    let scale = f64::from_bits((((steps >> 7) + 1023) as u64) << 52);
    (power + power * series) * scale
}

#[cfg(test)]
mod tests {
    use super::exp;

    #[test]
    fn it_agrees_with_the_library_to_the_last_places() {
        for step in -80_000..=80_000 {
            let x = f64::from(step) * 1e-4;
            let error = (exp(x) / libm::exp(x) - 1.0).abs();
            assert!(error < 1e-15, "exp({x}) is off by {error}");
        }
    }
}
