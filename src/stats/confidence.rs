//! Confidence intervals: how far a finite number of runs can be trusted.
//!
//! Student's t for means, and the exact intervals for counts (Garwood) and shares
//! (Clopper-Pearson), which stay honest where nothing or everything was lost. Levels are shares in
//! (0, 1) such as 0.95, always two-sided. It must never know what was measured.

use crate::engine::math::special::{beta_inc, gamma_p, gamma_q, normal_cdf};
use crate::engine::math::{from_count, sqrt};

/// Counts above this take the Wilson-Hilferty form of the interval, then right to nine digits.
const EXACT_COUNT_LIMIT: u64 = 100_000;

/// Mean, variance and range of numbers given one by one (Welford).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    count: u64,
    mean: f64,
    squares: f64,
    min: f64,
    max: f64,
}

impl Default for Sample {
    fn default() -> Self {
        Self::new()
    }
}

impl Sample {
    /// Of nothing yet.
    pub const fn new() -> Self {
        Self {
            count: 0,
            mean: 0.0,
            squares: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
        }
    }

    /// Takes `x` in.
    pub fn push(&mut self, x: f64) {
        self.count += 1;
        let before = x - self.mean;
        self.mean += before / from_count(self.count);
        self.squares += before * (x - self.mean);
        self.min = self.min.min(x);
        self.max = self.max.max(x);
    }

    /// How many numbers were taken in.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Their mean.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then_some(self.mean)
    }

    /// The smallest.
    pub fn min(&self) -> Option<f64> {
        (self.count > 0).then_some(self.min)
    }

    /// The largest.
    pub fn max(&self) -> Option<f64> {
        (self.count > 0).then_some(self.max)
    }

    /// The unbiased variance; there is none of fewer than two numbers.
    pub fn variance(&self) -> Option<f64> {
        (self.count > 1).then(|| self.squares / from_count(self.count - 1))
    }

    /// Half the width of the interval that holds the true mean with probability `level`, for
    /// normal numbers; there is none of fewer than two numbers.
    pub fn half_width(&self, level: f64) -> Option<f64> {
        let error = sqrt(self.variance()? / from_count(self.count));
        Some(student_t(level, self.count - 1) * error)
    }
}

impl FromIterator<f64> for Sample {
    fn from_iter<I: IntoIterator<Item = f64>>(numbers: I) -> Self {
        let mut sample = Self::new();
        for x in numbers {
            sample.push(x);
        }
        sample
    }
}

/// The t with P(|T| <= t) = `level` for Student's distribution with `degrees` of freedom;
/// infinite for none.
pub fn student_t(level: f64, degrees: u64) -> f64 {
    if degrees == 0 {
        return f64::INFINITY;
    }
    // P(|T| > t) = I_x(degrees / 2, 1 / 2) with x = degrees / (degrees + t^2), falling in t.
    let degrees = from_count(degrees.min(1_000_000));
    let inside = |t: f64| 1.0 - beta_inc(0.5 * degrees, 0.5, degrees / (degrees + t * t));
    root(inside, level, 0.0, f64::INFINITY)
}

/// The z with P(|N| <= z) = `level` for a standard normal N.
pub fn normal_z(level: f64) -> f64 {
    root(|z| 1.0 - 2.0 * normal_cdf(-z), level, 0.0, f64::INFINITY)
}

/// Garwood's interval for the mean of a Poisson count of which `count` was seen: the mean lies in
/// it with probability `level` at least.
pub fn poisson_interval(count: u64, level: f64) -> (f64, f64) {
    let tail = 0.5 * (1.0 - level);
    let n = from_count(count);
    if count > EXACT_COUNT_LIMIT {
        let z = normal_z(level);
        let bound = |n: f64, z: f64| {
            let root = 1.0 - 1.0 / (9.0 * n) + z / (3.0 * sqrt(n));
            n * root * root * root
        };
        return (bound(n, -z), bound(n + 1.0, z));
    }
    let low = if count == 0 {
        0.0
    } else {
        root(|mean| gamma_p(n, mean), tail, 0.0, f64::INFINITY)
    };
    let high = root(|mean| -gamma_q(n + 1.0, mean), -tail, 0.0, f64::INFINITY);
    (low, high)
}

/// Clopper and Pearson's interval for the probability behind `successes` out of `trials`: the
/// probability lies in it with probability `level` at least. All of \[0, 1\] for no trial.
pub fn proportion_interval(successes: u64, trials: u64, level: f64) -> (f64, f64) {
    let tail = 0.5 * (1.0 - level);
    let (k, n) = (from_count(successes.min(trials)), from_count(trials));
    let low = if successes == 0 {
        0.0
    } else {
        root(|p| beta_inc(k, n - k + 1.0, p), tail, 0.0, 1.0)
    };
    let high = if successes >= trials {
        1.0
    } else {
        root(|p| beta_inc(k + 1.0, n - k, p), 1.0 - tail, 0.0, 1.0)
    };
    (low, high)
}

/// Where the rising function `f` reaches `wanted` in `low..high`, by bisection to the last bit; an
/// infinite `high` is looked for first by doubling.
fn root(f: impl Fn(f64) -> f64, wanted: f64, mut low: f64, mut high: f64) -> f64 {
    if high.is_infinite() {
        high = 1.0;
        while f(high) < wanted && high < 1e300 {
            low = high;
            high *= 2.0;
        }
    }
    // 200 halvings reach the last bit from anywhere; most roots need about 60.
    for _ in 0..200 {
        let middle = low + 0.5 * (high - low);
        if middle <= low || middle >= high {
            break;
        }
        if f(middle) < wanted {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64, error: f64) {
        assert!(
            (found - expected).abs() <= error,
            "{found} is not {expected}"
        );
    }

    #[test]
    fn student_meets_the_printed_table() {
        // NIST/SEMATECH e-Handbook, section 1.3.6.7.2.
        for (degrees, t) in [
            (1, 12.706),
            (2, 4.303),
            (4, 2.776),
            (9, 2.262),
            (10, 2.228),
            (29, 2.045),
            (30, 2.042),
            (100, 1.984),
        ] {
            close(student_t(0.95, degrees), t, 0.000_5);
        }
        close(student_t(0.99, 9), 3.250, 0.000_5);
        close(student_t(0.90, 5), 2.015, 0.000_5);
        close(student_t(0.95, 10_000_000), 1.959_966, 0.000_01);
        // One degree of freedom is Cauchy's: t = tan(pi * level / 2).
        close(student_t(0.5, 1), 1.0, 1e-12);
        assert!(student_t(0.95, 0).is_infinite());
    }

    #[test]
    fn normal_meets_the_printed_table() {
        close(normal_z(0.95), 1.959_963_985, 1e-9);
        close(normal_z(0.99), 2.575_829_304, 1e-9);
    }

    #[test]
    fn a_sample_has_the_interval_of_the_textbook() {
        // 2, 4, 4, 4, 5, 5, 7, 9: mean 5, sum of squares 32, variance 32/7.
        let sample: Sample = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]
            .into_iter()
            .collect();
        close(sample.mean().unwrap(), 5.0, 1e-15);
        close(sample.variance().unwrap(), 32.0 / 7.0, 1e-14);
        // t(0.95, 7) = 2.365.
        close(
            sample.half_width(0.95).unwrap(),
            2.365 * sqrt(32.0 / 7.0 / 8.0),
            4e-4,
        );
        assert_eq!((sample.min(), sample.max()), (Some(2.0), Some(9.0)));
        let one: Sample = [3.0].into_iter().collect();
        assert_eq!((one.variance(), one.half_width(0.95)), (None, None));
        assert_eq!(Sample::new().mean(), None);
    }

    #[test]
    fn poisson_meets_garwoods_table() {
        // Garwood (1936), as reprinted in Pearson and Hartley, table 40.
        for (count, low, high) in [
            (0, 0.0, 3.689),
            (1, 0.025_3, 5.572),
            (2, 0.242, 7.225),
            (5, 1.624, 11.668),
            (10, 4.795, 18.390),
            (50, 37.111, 65.919),
        ] {
            let (found_low, found_high) = poisson_interval(count, 0.95);
            close(found_low, low, 0.000_6);
            close(found_high, high, 0.000_6);
        }
    }

    #[test]
    fn poisson_goes_on_smoothly_above_its_exact_limit() {
        let exact = poisson_interval(EXACT_COUNT_LIMIT, 0.95);
        let approximate = poisson_interval(EXACT_COUNT_LIMIT + 1, 0.95);
        close(approximate.0 - exact.0, 1.0, 0.01);
        close(approximate.1 - exact.1, 1.0, 0.01);
    }

    #[test]
    fn proportion_meets_clopper_and_pearson() {
        // No success in n: 1 - (alpha/2)^(1/n); the other rows are in Agresti, table of exact
        // intervals, and in R's binom.test.
        let (low, high) = proportion_interval(0, 20, 0.95);
        close(low, 0.0, 0.0);
        close(high, 1.0 - libm::pow(0.025, 1.0 / 20.0), 1e-12);
        let (low, high) = proportion_interval(20, 20, 0.95);
        close(low, libm::pow(0.025, 1.0 / 20.0), 1e-12);
        close(high, 1.0, 0.0);
        let (low, high) = proportion_interval(5, 10, 0.95);
        close(low, 0.187_086, 1e-6);
        close(high, 0.812_914, 1e-6);
        let (low, high) = proportion_interval(0, 0, 0.95);
        close(low, 0.0, 0.0);
        close(high, 1.0, 0.0);
    }
}
