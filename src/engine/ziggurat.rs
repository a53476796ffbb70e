//! Ziggurats: exponential and normal draws from one 64-bit number most of the time.
//!
//! 256 layers of equal area under the density (Marsaglia and Tsang 2000). Eight bits choose the
//! layer and 53 others the place in it, so both are independent. The tables are computed once,
//! from `libm`, and never typed in. Only random streams may call this.

use std::sync::LazyLock;

use super::math::{exp, ln, sqrt};
use super::random::Stream;

/// Layers under the density; the lowest one holds the tail.
const LAYERS: usize = 256;

/// 2^-53: the low bits of a draw as a share of the layer's width.
const SHARE: f64 = 1.0 / 9_007_199_254_740_992.0;

/// What the fast path reads, side by side in memory.
#[derive(Debug, Clone, Copy)]
struct Layer {
    /// The layer's width times 2^-53 (2^-52 for the normal, whose draws carry a sign).
    scale: f64,
    /// Everything below this lies under the density for certain.
    inner: f64,
}

/// One density cut into layers.
#[derive(Debug)]
struct Table {
    layers: [Layer; LAYERS],
    /// The density at the right edge of each layer, rising to 1 at the peak.
    heights: [f64; LAYERS + 1],
    /// Where the tail begins.
    tail: f64,
}

impl Table {
    /// Cuts `density` (1 at zero, falling) with `inverse` into layers of equal `area`, the tail
    /// beyond `tail` being part of the lowest. `share` turns a draw's bits into a share of a width.
    fn new(
        tail: f64,
        area: f64,
        share: f64,
        density: fn(f64) -> f64,
        inverse: fn(f64) -> f64,
    ) -> Self {
        let mut edges = [0.0; LAYERS + 1];
        edges[0] = area / density(tail);
        edges[1] = tail;
        for i in 2..LAYERS {
            edges[i] = inverse(density(edges[i - 1]) + area / edges[i - 1]);
        }
        Self {
            layers: std::array::from_fn(|i| Layer {
                scale: edges[i] * share,
                inner: edges[i + 1],
            }),
            heights: edges.map(density),
            tail,
        }
    }
}

/// e^-x. The tail begins where 256 layers of equal area just reach the peak.
static EXPONENTIAL: LazyLock<Table> = LazyLock::new(|| {
    let tail = 7.697_117_470_131_05;
    let area = (tail + 1.0) * libm::exp(-tail);
    Table::new(tail, area, SHARE, |x| libm::exp(-x), |y| -libm::log(y))
});

/// e^(-x²/2), its right half; the sign is drawn apart.
static NORMAL: LazyLock<Table> = LazyLock::new(|| {
    let tail = 3.654_152_885_361_009;
    let beyond =
        sqrt(std::f64::consts::FRAC_PI_2) * libm::erfc(tail * std::f64::consts::FRAC_1_SQRT_2);
    let area = tail * libm::exp(-0.5 * tail * tail) + beyond;
    Table::new(
        tail,
        area,
        2.0 * SHARE,
        |x| libm::exp(-0.5 * x * x),
        |y| sqrt(-2.0 * libm::log(y)),
    )
});

/// The layer `bits` chooses: its low eight.
#[inline]
const fn layer_of(bits: u64) -> usize {
    (bits & 0xff) as usize
}

/// The upper 53 bits as a whole number.
#[expect(clippy::cast_precision_loss, reason = "53 bits fit an f64 exactly")]
#[inline]
const fn unsigned(bits: u64) -> f64 {
    (bits >> 11) as f64
}

/// The upper 53 bits as a whole number with a sign.
#[expect(clippy::cast_precision_loss, reason = "53 bits fit an f64 exactly")]
#[inline]
const fn signed(bits: u64) -> f64 {
    (bits.cast_signed() >> 11) as f64
}

/// Exponential with mean 1.
#[inline]
pub(super) fn exponential(stream: &mut Stream) -> f64 {
    exponential_from(&EXPONENTIAL, stream)
}

/// Normal with mean 0 and variance 1.
#[inline]
pub(super) fn normal(stream: &mut Stream) -> f64 {
    normal_from(&NORMAL, stream)
}

/// Exponentials with mean 1; a batch asks once whether the table is there.
pub(super) fn fill_exponential(stream: &mut Stream, out: &mut [f64]) {
    let table = &*EXPONENTIAL;
    for slot in out {
        *slot = exponential_from(table, stream);
    }
}

/// As [`fill_exponential`], for the normal.
pub(super) fn fill_normal(stream: &mut Stream, out: &mut [f64]) {
    let table = &*NORMAL;
    for slot in out {
        *slot = normal_from(table, stream);
    }
}

#[inline]
fn exponential_from(table: &Table, stream: &mut Stream) -> f64 {
    let bits = stream.bits();
    let layer = &table.layers[layer_of(bits)];
    let x = unsigned(bits) * layer.scale;
    if x < layer.inner {
        return x;
    }
    exponential_slow(table, stream, bits)
}

#[inline]
fn normal_from(table: &Table, stream: &mut Stream) -> f64 {
    let bits = stream.bits();
    let layer = &table.layers[layer_of(bits)];
    let x = signed(bits) * layer.scale;
    if x.abs() < layer.inner {
        return x;
    }
    normal_slow(table, stream, bits)
}

/// Decides a draw at the edge of its layer, and draws on until one is accepted.
#[cold]
fn exponential_slow(table: &Table, stream: &mut Stream, mut bits: u64) -> f64 {
    loop {
        let i = layer_of(bits);
        let x = unsigned(bits) * table.layers[i].scale;
        if x < table.layers[i].inner {
            return x;
        }
        if i == 0 {
            // Beyond any point an exponential starts again.
            return table.tail - ln(stream.open_unit());
        }
        if height_in(table, i, stream) < exp(-x) {
            return x;
        }
        bits = stream.bits();
    }
}

/// As `exponential_slow`, for the normal.
#[cold]
fn normal_slow(table: &Table, stream: &mut Stream, mut bits: u64) -> f64 {
    loop {
        let i = layer_of(bits);
        let x = signed(bits) * table.layers[i].scale;
        if x.abs() < table.layers[i].inner {
            return x;
        }
        if i == 0 {
            return normal_tail(table.tail, stream).copysign(x);
        }
        if height_in(table, i, stream) < exp(-0.5 * x * x) {
            return x;
        }
        bits = stream.bits();
    }
}

/// A uniform height within layer `i`.
fn height_in(table: &Table, i: usize, stream: &mut Stream) -> f64 {
    let (low, high) = (table.heights[i], table.heights[i + 1]);
    low + (high - low) * stream.unit()
}

/// A normal draw known to lie beyond `tail` (Marsaglia 1964).
fn normal_tail(tail: f64, stream: &mut Stream) -> f64 {
    loop {
        let x = -ln(stream.open_unit()) / tail;
        let y = -ln(stream.open_unit());
        if y + y > x * x {
            return tail + x;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::math::from_count;
    use crate::engine::math::special::normal_cdf;
    use crate::engine::random::Streams;

    const DRAWS: u64 = 1_000_000;

    /// Moments 1..=4 of a million draws, and the shares of them at or below `at`.
    fn summary(draw: fn(&mut Stream) -> f64, at: &[f64]) -> ([f64; 4], Vec<f64>) {
        let mut stream = Streams::new(11).stream("test", &[]);
        let mut moments = [0.0; 4];
        let mut below = vec![0_u64; at.len()];
        for _ in 0..DRAWS {
            let x = draw(&mut stream);
            let mut power = 1.0;
            for moment in &mut moments {
                power *= x;
                *moment += power;
            }
            for (count, &limit) in below.iter_mut().zip(at) {
                *count += u64::from(x <= limit);
            }
        }
        let n = from_count(DRAWS);
        let shares = below.iter().map(|&count| from_count(count) / n).collect();
        (moments.map(|sum| sum / n), shares)
    }

    /// Five standard errors of a share: a false alarm in two million.
    fn assert_share(found: f64, expected: f64) {
        let error = sqrt(expected * (1.0 - expected) / from_count(DRAWS));
        assert!(
            (found - expected).abs() < 5.0 * error,
            "{found} instead of {expected}"
        );
    }

    #[test]
    fn exponential_draws_have_the_moments_and_quantiles_of_theory() {
        // The last place lies in the tail, the first in every layer's core.
        let at = [0.01, 0.5, 1.0, 3.0, 7.0, 7.697_2, 9.0];
        let (moments, shares) = summary(exponential, &at);
        for ((found, expected), variance) in moments
            .into_iter()
            .zip([1.0, 2.0, 6.0, 24.0])
            .zip([1.0, 20.0, 684.0, 39_744.0])
        {
            let error = sqrt(variance / from_count(DRAWS));
            assert!(
                (found - expected).abs() < 5.0 * error,
                "{found} instead of {expected}"
            );
        }
        for (found, x) in shares.into_iter().zip(at) {
            assert_share(found, 1.0 - libm::exp(-x));
        }
    }

    #[test]
    fn normal_draws_have_the_moments_and_quantiles_of_theory() {
        let at = [-3.7, -2.0, -1.0, -0.1, 0.0, 0.5, 1.5, 3.0, 3.66, 4.0];
        let (moments, shares) = summary(normal, &at);
        for ((found, expected), variance) in moments
            .into_iter()
            .zip([0.0, 1.0, 0.0, 3.0])
            .zip([1.0, 2.0, 15.0, 96.0])
        {
            let error = sqrt(variance / from_count(DRAWS));
            assert!(
                (found - expected).abs() < 5.0 * error,
                "{found} instead of {expected}"
            );
        }
        for (found, x) in shares.into_iter().zip(at) {
            assert_share(found, normal_cdf(x));
        }
    }

    #[test]
    fn the_layers_close_at_the_peak() {
        for table in [&*EXPONENTIAL, &*NORMAL] {
            let last = table.layers[LAYERS - 1];
            assert!(
                last.inner.abs() < f64::MIN_POSITIVE,
                "the top layer ends at zero"
            );
            let [below, top] = [table.heights[LAYERS - 1], table.heights[LAYERS]];
            assert!(below < top && (top - 1.0).abs() < 1e-15);
            // The top layer has the area of the others: width times height, the width being the
            // inner edge of the layer below it.
            let width = table.layers[LAYERS - 2].inner;
            let area =
                |i: usize| table.layers[i - 1].inner * (table.heights[i + 1] - table.heights[i]);
            assert!((width * (top - below) / area(7) - 1.0).abs() < 1e-9);
        }
    }

    /// Values computed from the same stream's bits by an independent program; the sums run through
    /// edges, rejections and tails.
    #[test]
    fn a_fixed_stream_gives_these_draws() {
        type Golden = (fn(&mut Stream) -> f64, [f64; 6], f64);
        let golden: [Golden; 2] = [
            (
                exponential,
                [
                    1.231_831_630_283_184_9,
                    0.502_451_703_903_540_9,
                    1.272_966_948_180_786_8,
                    0.364_355_241_399_108_24,
                    0.092_332_427_328_717_2,
                    0.071_201_335_270_566_19,
                ],
                998.779_577_126_991_6,
            ),
            (
                normal,
                [
                    -1.596_438_338_154_986_5,
                    -0.007_381_037_840_618_546,
                    0.276_500_475_845_513_5,
                    -0.909_104_564_251_581,
                    -0.668_160_220_550_301_7,
                    -0.004_176_223_299_448_153,
                ],
                -26.216_993_803_644_81,
            ),
        ];
        for (draw, first, sum_of_1000) in golden {
            let mut stream = Streams::new(7).stream("golden", &[]);
            let draws: Vec<f64> = (0..1000).map(|_| draw(&mut stream)).collect();
            for (found, expected) in draws.iter().zip(first) {
                assert!(
                    (found / expected - 1.0).abs() < 1e-13,
                    "{found} instead of {expected}"
                );
            }
            let sum: f64 = draws.iter().sum();
            assert!(
                (sum / sum_of_1000 - 1.0).abs() < 1e-11,
                "{sum} instead of {sum_of_1000}"
            );
        }
    }
}
