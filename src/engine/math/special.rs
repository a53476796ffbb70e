//! Special functions: incomplete gamma and beta functions and the normal distribution.
//!
//! Closed-form means of cut work and exact confidence intervals are written in them. They are for
//! set-up and summaries; nothing here may be called once per request.

use super::{exp, from_count, ln, ln_1p};

/// Terms after which a series or fraction is taken as it is. Both settle within a few times the
/// square root of their largest parameter, which callers keep below a million.
const MAX_TERMS: u32 = 20_000;

/// A term this much smaller than the sum changes nothing.
const NEGLIGIBLE: f64 = 1e-16;

/// What stands in for a zero denominator in a continued fraction.
const TINY: f64 = 1e-300;

/// The natural logarithm of the gamma function, for `x` > 0.
pub fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// The gamma function, for `x` > 0.
pub fn gamma(x: f64) -> f64 {
    libm::tgamma(x)
}

/// P(N <= `x`) for a standard normal N.
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
}

/// The regularised lower incomplete gamma function P(`a`, `x`): the distribution function of a
/// gamma variable of shape `a` and scale 1. For `a` > 0 and `x` >= 0.
pub fn gamma_p(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else if x.is_infinite() {
        1.0
    } else if x < a + 1.0 {
        gamma_series(a, x)
    } else {
        1.0 - gamma_fraction(a, x)
    }
}

/// The regularised upper incomplete gamma function Q = 1 - P, without cancellation.
pub fn gamma_q(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        1.0
    } else if x.is_infinite() {
        0.0
    } else if x < a + 1.0 {
        1.0 - gamma_series(a, x)
    } else {
        gamma_fraction(a, x)
    }
}

/// The regularised incomplete beta function of `x` with positive parameters `a`
/// and `b`, for `x` in \[0, 1\].
pub fn beta_inc(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front = exp(ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * ln(x) + b * ln_1p(-x));
    if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(a, b, x) / a
    } else {
        1.0 - front * beta_fraction(b, a, 1.0 - x) / b
    }
}

/// x^a e^-x / Gamma(a), through logarithms so that nothing overflows.
fn gamma_front(a: f64, x: f64) -> f64 {
    exp(a * ln(x) - x - ln_gamma(a))
}

fn gamma_series(a: f64, x: f64) -> f64 {
    let mut term = 1.0 / a;
    let mut sum = term;
    let mut above = a;
    for _ in 0..MAX_TERMS {
        above += 1.0;
        term *= x / above;
        sum += term;
        if term < sum * NEGLIGIBLE {
            break;
        }
    }
    sum * gamma_front(a, x)
}

/// Legendre's continued fraction, by Lentz's method.
fn gamma_fraction(a: f64, x: f64) -> f64 {
    let mut partial = x + 1.0 - a;
    let mut above = 1.0 / TINY;
    let mut below = 1.0 / partial;
    let mut value = below;
    for term in 1..=u64::from(MAX_TERMS) {
        let term = from_count(term);
        let numerator = -term * (term - a);
        partial += 2.0;
        below = 1.0 / away_from_zero(numerator * below + partial);
        above = away_from_zero(partial + numerator / above);
        let factor = below * above;
        value *= factor;
        if (factor - 1.0).abs() < NEGLIGIBLE {
            break;
        }
    }
    value * gamma_front(a, x)
}

/// The continued fraction of the incomplete beta function, by Lentz's method.
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let mut above = 1.0;
    let mut below = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut value = below;
    for term in 1..=u64::from(MAX_TERMS) {
        let term = from_count(term);
        let twice = a + 2.0 * term;
        let even = term * (b - term) * x / ((twice - 1.0) * twice);
        below = 1.0 / away_from_zero(1.0 + even * below);
        above = away_from_zero(1.0 + even / above);
        value *= below * above;
        let odd = -(a + term) * (a + b + term) * x / (twice * (twice + 1.0));
        below = 1.0 / away_from_zero(1.0 + odd * below);
        above = away_from_zero(1.0 + odd / above);
        let factor = below * above;
        value *= factor;
        if (factor - 1.0).abs() < NEGLIGIBLE {
            break;
        }
    }
    value
}

fn away_from_zero(x: f64) -> f64 {
    if x.abs() < TINY { TINY } else { x }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!(
            (found - expected).abs() <= 1e-12 * expected.abs().max(1e-3),
            "{found} is not {expected}"
        );
    }

    #[test]
    fn incomplete_gamma_meets_its_closed_forms() {
        for x in [0.1, 1.0, 3.7, 20.0] {
            close(gamma_q(1.0, x), libm::exp(-x));
            close(gamma_q(2.0, x), (1.0 + x) * libm::exp(-x));
            close(gamma_p(0.5, x), libm::erf(libm::sqrt(x)));
            close(gamma_p(3.3, x) + gamma_q(3.3, x), 1.0);
        }
    }

    #[test]
    fn incomplete_beta_meets_its_closed_forms() {
        for x in [0.05, 0.3, 0.5, 0.92] {
            close(beta_inc(1.0, 1.0, x), x);
            close(beta_inc(2.0, 1.0, x), x * x);
            close(beta_inc(2.0, 2.0, x), x * x * (3.0 - 2.0 * x));
            close(
                beta_inc(0.5, 0.5, x),
                2.0 / std::f64::consts::PI * libm::asin(libm::sqrt(x)),
            );
        }
    }

    #[test]
    fn normal_distribution_meets_the_tables() {
        assert!((normal_cdf(1.959_963_984_540_054) - 0.975).abs() < 1e-15);
        assert!((normal_cdf(-1.0) - 0.158_655_253_931_457).abs() < 1e-14);
    }
}
