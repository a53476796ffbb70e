//! A log-linear histogram: quantiles of millions of values in a fixed piece of memory.
//!
//! 256 buckets an octave, so a bucket's middle is within 0.2 % of every value in it; values below
//! 512 are exact, and so are the count, the sum, the smallest and the largest. It must never know
//! what a value means, and recording one never allocates.

use crate::engine::math::{from_count, to_count};

/// Bits of resolution within an octave.
const SUB_BITS: u32 = 8;

/// Buckets for every `u64`.
const BUCKETS: usize = ((64 - SUB_BITS as usize) + 1) << SUB_BITS;

/// A log-linear histogram of whole numbers.
#[derive(Debug, Clone)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
    sum: u128,
    smallest: u64,
    largest: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self::new()
    }
}

/// The bucket of `value`.
#[inline]
const fn bucket_of(value: u64) -> usize {
    let octave = 63 - SUB_BITS - (value | (1 << SUB_BITS)).leading_zeros();
    ((octave as usize) << SUB_BITS) + widen(value >> octave)
}

/// The first and last value of bucket `index`.
const fn bounds_of(index: usize) -> (u64, u64) {
    if index < 2 << SUB_BITS {
        return (index as u64, index as u64);
    }
    let octave = (index >> SUB_BITS) - 1;
    let low = ((index - (octave << SUB_BITS)) as u64) << octave;
    (low, low + ((1 << octave) - 1))
}

/// A number below 512 as an index.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a shifted value has at most SUB_BITS + 1 bits"
)]
const fn widen(small: u64) -> usize {
    small as usize
}

impl Histogram {
    /// Empty; the only allocation of its life.
    pub fn new() -> Self {
        Self {
            counts: vec![0; BUCKETS],
            total: 0,
            sum: 0,
            smallest: u64::MAX,
            largest: 0,
        }
    }

    /// Counts `value`.
    #[inline]
    pub fn record(&mut self, value: u64) {
        self.counts[bucket_of(value)] += 1;
        self.total += 1;
        self.sum += u128::from(value);
        self.smallest = self.smallest.min(value);
        self.largest = self.largest.max(value);
    }

    /// How many values were counted.
    pub fn count(&self) -> u64 {
        self.total
    }

    /// The smallest recorded-bucket value such that a share `q` of all values, `extra_infinite` of
    /// them larger than any, is at most it; `None` when there is none or it falls among the extra.
    ///
    /// The nearest-rank quantile: of n values the one at place `ceil(q * n)`, counted from 1, with
    /// `q` clamped to \[0, 1\]. The answer is the middle of its bucket, never above the largest
    /// value.
    pub fn quantile(&self, q: f64, extra_infinite: u64) -> Option<u64> {
        let rank = rank_of(q, self.total.saturating_add(extra_infinite));
        if self.total == 0 || rank > self.total {
            return None;
        }
        if rank == self.total {
            return self.max();
        }
        let mut cumulative = 0;
        for (low, high, count) in self.buckets() {
            cumulative += count;
            if cumulative >= rank {
                return Some((low + (high - low) / 2).clamp(self.smallest, self.largest));
            }
        }
        unreachable!("the counts of the buckets add up to the total")
    }

    /// Largest value (exact).
    pub fn max(&self) -> Option<u64> {
        (self.total > 0).then_some(self.largest)
    }

    /// Smallest value (exact).
    pub fn min(&self) -> Option<u64> {
        (self.total > 0).then_some(self.smallest)
    }

    /// Sum of all values (exact).
    pub fn sum(&self) -> u128 {
        self.sum
    }

    /// Mean, of the exact sum.
    #[expect(
        clippy::cast_precision_loss,
        reason = "the sum is exact; its mean is the nearest number"
    )]
    pub fn mean(&self) -> Option<f64> {
        (self.total > 0).then(|| self.sum as f64 / from_count(self.total))
    }

    /// Buckets that hold something, in rising order: first value, last value, count.
    pub fn buckets(&self) -> impl Iterator<Item = (u64, u64, u64)> + '_ {
        let first = bucket_of(self.smallest);
        self.counts[self.touched()]
            .iter()
            .enumerate()
            .filter(|&(_, &count)| count > 0)
            .map(move |(offset, &count)| {
                let (low, high) = bounds_of(first + offset);
                (low, high, count)
            })
    }

    /// Moves everything into `other` in one pass, and shows it in coarser steps: the first value
    /// and the count of eight buckets at a time, from 256 on, that hold something.
    pub fn drain_into(&mut self, other: &mut Self, mut see: impl FnMut(u64, u64)) {
        const SINGLES: usize = 1 << SUB_BITS;
        let touched = self.touched();
        for index in touched.start.min(SINGLES)..touched.end.min(SINGLES) {
            let count = std::mem::take(&mut self.counts[index]);
            if count > 0 {
                other.counts[index] += count;
                see(bounds_of(index).0, count);
            }
        }
        let first = (touched.start / 8).max(SINGLES / 8);
        let last = touched.end.div_ceil(8).max(first);
        let groups = &mut self.counts.as_chunks_mut::<8>().0[first..last];
        let others = &mut other.counts.as_chunks_mut::<8>().0[first..last];
        for ((group, other), place) in groups.iter_mut().zip(others).zip(first..) {
            let count = group.iter().sum();
            if count > 0 {
                for (sum, count) in other.iter_mut().zip(std::mem::take(group)) {
                    *sum += count;
                }
                see(bounds_of(place * 8).0, count);
            }
        }
        other.total += self.total;
        other.sum += self.sum;
        other.smallest = other.smallest.min(self.smallest);
        other.largest = other.largest.max(self.largest);
        (self.total, self.sum) = (0, 0);
        (self.smallest, self.largest) = (u64::MAX, 0);
    }

    /// Counts everything `other` has counted.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.counts[other.touched()]
            .iter_mut()
            .zip(&other.counts[other.touched()])
        {
            *mine += theirs;
        }
        self.total += other.total;
        self.sum += other.sum;
        self.smallest = self.smallest.min(other.smallest);
        self.largest = self.largest.max(other.largest);
    }

    /// The same counts in the standard format of `HdrHistogram`, with three significant digits.
    pub fn to_hdr(&self) -> hdrhistogram::Histogram<u64> {
        let mut hdr = hdrhistogram::Histogram::new_with_bounds(1, self.largest.max(2), 3)
            .expect("bounds of 1 and at least 2 with 3 digits are valid");
        for (low, high, count) in self.buckets() {
            hdr.saturating_record_n((low + (high - low) / 2).min(self.largest), count);
        }
        hdr
    }

    /// The buckets anything was ever counted in since the last `clear`.
    fn touched(&self) -> std::ops::Range<usize> {
        if self.total == 0 {
            return 0..0;
        }
        bucket_of(self.smallest)..bucket_of(self.largest) + 1
    }
}

/// `ceil(q * total)`, at least 1. A product within rounding of a whole number is that number:
/// 0.07 * 100 is 7, not the 7.000000000000001 that floating point makes of it.
fn rank_of(q: f64, total: u64) -> u64 {
    let product = q.clamp(0.0, 1.0) * from_count(total);
    let nearest = product.round();
    let rank = if (product - nearest).abs() <= 1e-12 * product {
        nearest
    } else {
        product.ceil()
    };
    to_count(rank).clamp(1, total.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: impl IntoIterator<Item = u64>) -> Histogram {
        let mut histogram = Histogram::new();
        for value in values {
            histogram.record(value);
        }
        histogram
    }

    #[test]
    fn buckets_tile_the_whole_range() {
        let mut next = 0_u64;
        for index in 0..BUCKETS {
            let (low, high) = bounds_of(index);
            assert_eq!((low, bucket_of(low), bucket_of(high)), (next, index, index));
            assert!(
                low < 512 || (high - low) * 256 <= low,
                "bucket {index} is too wide"
            );
            next = high.wrapping_add(1);
        }
        assert_eq!(next, 0, "the last bucket ends with the range");
    }

    #[test]
    fn small_values_give_exact_nearest_rank_quantiles() {
        let histogram = of(1..=100);
        for percent in 1..=100 {
            let q = from_count(percent) / 100.0;
            assert_eq!(histogram.quantile(q, 0), Some(percent));
        }
        assert_eq!(histogram.quantile(0.0, 0), Some(1));
        assert_eq!(histogram.quantile(f64::NAN, 0), Some(1));
    }

    #[test]
    fn infinite_values_push_quantiles_up_and_out() {
        let histogram = of(1..=98);
        assert_eq!(histogram.quantile(0.98, 2), Some(98));
        assert_eq!(histogram.quantile(0.981, 2), None);
        assert_eq!(histogram.quantile(0.5, 98), Some(98));
        assert_eq!(Histogram::new().quantile(0.5, 3), None);
        assert_eq!(Histogram::new().quantile(0.5, 0), None);
    }

    #[test]
    fn large_values_are_within_their_bound_and_never_above_the_largest() {
        let values: Vec<u64> = (0..1000).map(|i| 1_000_003 * (i + 1) * (i + 7)).collect();
        let histogram = of(values.iter().copied());
        for rank in 1..=1000_usize {
            let q = from_count(rank as u64) / 1000.0;
            let found = histogram.quantile(q, 0).unwrap();
            let error = from_count(found.abs_diff(values[rank - 1])) / from_count(values[rank - 1]);
            assert!(error < 0.004, "rank {rank}: {found}");
            assert!(found <= values[999]);
        }
        assert_eq!(histogram.max(), Some(values[999]));
        assert_eq!(histogram.min(), Some(values[0]));
        assert_eq!(histogram.sum(), values.iter().map(|&v| u128::from(v)).sum());
    }

    #[test]
    fn the_ends_of_the_range_are_counted() {
        let histogram = of([0, u64::MAX, u64::MAX]);
        assert_eq!(histogram.count(), 3);
        assert_eq!(histogram.sum(), 2 * u128::from(u64::MAX));
        assert_eq!(histogram.quantile(1.0 / 3.0, 0), Some(0));
        assert_eq!(histogram.quantile(1.0, 0), Some(u64::MAX));
    }

    #[test]
    fn merging_equals_recording_both() {
        let (left, right) = (of([1, 70, 9_000_000]), of([2, 70, 123_456_789_012]));
        let mut merged = left.clone();
        merged.merge(&right);
        merged.merge(&Histogram::new());
        let both = of([1, 70, 9_000_000, 2, 70, 123_456_789_012]);
        assert!(merged.buckets().eq(both.buckets()));
        assert_eq!(merged.mean(), both.mean());
        assert_eq!(merged.max(), both.max());
    }

    #[test]
    fn clearing_leaves_nothing_behind() {
        let mut histogram = of([5, 123_456, 99_999_999_999]);
        histogram.drain_into(&mut Histogram::new(), |_, _| {});
        assert!(histogram.counts.iter().all(|&count| count == 0));
        assert_eq!(
            (histogram.count(), histogram.mean(), histogram.max()),
            (0, None, None)
        );
        histogram.record(7);
        assert_eq!(histogram.buckets().collect::<Vec<_>>(), [(7, 7, 1)]);
    }

    #[test]
    fn the_standard_format_agrees() {
        let histogram = of((1..=10_000).map(|i| i * 12_345));
        let hdr = histogram.to_hdr();
        assert_eq!(hdr.len(), 10_000);
        for q in [0.5, 0.9, 0.99, 0.999] {
            let ours = from_count(histogram.quantile(q, 0).unwrap());
            let theirs = from_count(hdr.value_at_quantile(q));
            assert!(
                (ours / theirs - 1.0).abs() < 0.005,
                "{q}: {ours} and {theirs}"
            );
        }
        assert_eq!(Histogram::new().to_hdr().len(), 0);
    }
}
