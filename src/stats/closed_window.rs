//! The latencies of one window of time: a histogram made coarse, 32 sub-buckets an octave (3 %
//! error), so that hundreds of windows fit in little memory.

use super::histogram::Histogram;

const SUB_BITS: u32 = 5;

/// The non-empty buckets of a closed window, by bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClosedWindow(Vec<(u16, u32)>);

#[expect(clippy::cast_possible_truncation, reason = "at most 1,919 buckets")]
fn bucket(value: u64) -> u16 {
    let exponent = (value | (1 << SUB_BITS)).ilog2() - SUB_BITS;
    ((exponent as u16) << SUB_BITS) + (value >> exponent) as u16
}

/// The middle of a bucket.
fn middle(bucket: usize) -> u64 {
    if bucket < 2 << SUB_BITS {
        return bucket as u64;
    }
    let exponent = (bucket >> SUB_BITS) - 1;
    let mantissa = (bucket - (exponent << SUB_BITS)) as u64;
    (mantissa << exponent) + (1 << exponent) / 2
}

impl ClosedWindow {
    /// What `fine` has counted, which moves on into `all`. Each fine bucket lies within one of
    /// these.
    pub fn close(fine: &mut Histogram, all: &mut Histogram) -> Self {
        let mut buckets: Vec<(u16, u32)> = Vec::new();
        fine.drain_into(all, |low, count| {
            let bucket = bucket(low);
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            match buckets.last_mut() {
                Some((last, sum)) if *last == bucket => *sum = sum.saturating_add(count),
                _ => buckets.push((bucket, count)),
            }
        });
        Self(buckets)
    }

    /// Adds the counts of a later window.
    pub fn merge(&mut self, later: &Self) {
        let mut merged = Vec::with_capacity(self.0.len() + later.0.len());
        let (mut a, mut b) = (self.0.iter().peekable(), later.0.iter().peekable());
        loop {
            match (a.peek(), b.peek()) {
                (Some(&&(x, count)), Some(&&(y, other))) if x == y => {
                    merged.push((x, count.saturating_add(other)));
                    a.next();
                    b.next();
                }
                (Some(&&(x, count)), other) if other.is_none_or(|&&(y, _)| x < y) => {
                    merged.push((x, count));
                    a.next();
                }
                (_, Some(&&pair)) => {
                    merged.push(pair);
                    b.next();
                }
                (_, None) => break,
            }
        }
        self.0 = merged;
    }

    /// The smallest bucket such that a share `q` of the values is in it or below.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank among at most 2^53 values"
    )]
    pub fn quantile(&self, q: f64) -> Option<u64> {
        let total: u64 = self.0.iter().map(|&(_, count)| u64::from(count)).sum();
        let rank = ((q * total as f64).ceil() as u64).max(1);
        let mut below = 0;
        for &(bucket, count) in &self.0 {
            below += u64::from(count);
            if below >= rank {
                return Some(middle(usize::from(bucket)));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn closed(mut histogram: Histogram) -> ClosedWindow {
        ClosedWindow::close(&mut histogram, &mut Histogram::new())
    }

    #[test]
    fn every_fine_bucket_lies_within_one() {
        for value in (0..5_000_u64).chain((13..63).map(|bits| (1 << bits) + (1 << (bits - 1)))) {
            let mut fine = Histogram::new();
            fine.record(value);
            let (low, high, _) = fine.buckets().next().unwrap();
            assert_eq!(bucket(low), bucket(high), "{value}");
            assert_eq!(bucket(low), bucket(value), "{value}");
            let mut all = Histogram::new();
            let closed = ClosedWindow::close(&mut fine, &mut all);
            assert_eq!(closed.0, [(bucket(value), 1)], "{value}");
            assert_eq!((all.count(), all.max()), (1, Some(value)));
            assert_eq!((fine.count(), fine.buckets().count()), (0, 0));
        }
    }

    #[test]
    fn quantiles_are_within_a_bucket() {
        let mut histogram = Histogram::new();
        for value in 1..=1000_u64 {
            histogram.record(value * 1_000_000);
        }
        let p50 = closed(histogram).quantile(0.5).unwrap();
        assert!(p50.abs_diff(500_000_000) < 500_000_000 / 32, "{p50}");
        assert_eq!(closed(Histogram::new()).quantile(0.5), None);
    }

    #[test]
    fn merging_is_counting_together() {
        let (mut first, mut second, mut both) =
            (Histogram::new(), Histogram::new(), Histogram::new());
        for value in [3_u64, 900, 17, 900, 1 << 40] {
            first.record(value);
            both.record(value);
        }
        for value in [0_u64, 900, 55_555] {
            second.record(value);
            both.record(value);
        }
        let mut merged = closed(first);
        merged.merge(&closed(second));
        assert_eq!(merged, closed(both));
    }
}
