//! A coarse histogram for one window of time: 32 sub-buckets an octave (3 % error), emptied into a
//! short list of counts when the window closes.

const SUB_BITS: u32 = 5;
const BUCKETS: usize = (64 - SUB_BITS as usize + 1) << SUB_BITS;

/// Counts of one window.
#[derive(Debug, Clone)]
pub struct WindowHistogram {
    counts: Vec<u32>,
    low: usize,
    high: usize,
}

/// The non-empty buckets of a closed window, by bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClosedWindow(Vec<(u16, u32)>);

impl Default for WindowHistogram {
    fn default() -> Self {
        Self {
            counts: vec![0; BUCKETS],
            low: BUCKETS,
            high: 0,
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "at most 1,919 buckets")]
#[inline]
fn bucket(value: u64) -> usize {
    let exponent = (value | (1 << SUB_BITS)).ilog2() - SUB_BITS;
    ((exponent as usize) << SUB_BITS) + (value >> exponent) as usize
}

#[expect(clippy::cast_possible_truncation, reason = "at most 1,919 buckets")]
fn bucket_number(bucket: usize) -> u16 {
    bucket as u16
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

impl WindowHistogram {
    /// Counts `value`.
    #[inline]
    pub fn record(&mut self, value: u64) {
        let bucket = bucket(value);
        self.counts[bucket] += 1;
        self.low = self.low.min(bucket);
        self.high = self.high.max(bucket);
    }

    /// Empties it.
    pub fn close(&mut self) -> ClosedWindow {
        let mut closed = Vec::new();
        if self.low <= self.high {
            // most buckets lie outside of what a window saw
            let seen = &mut self.counts[self.low..=self.high];
            closed.reserve_exact(seen.iter().filter(|&&count| count > 0).count());
            for (bucket, count) in (bucket_number(self.low)..).zip(seen) {
                if *count > 0 {
                    closed.push((bucket, *count));
                    *count = 0;
                }
            }
        }
        self.low = BUCKETS;
        self.high = 0;
        ClosedWindow(closed)
    }
}

impl ClosedWindow {
    /// Adds the counts of a later window.
    pub fn merge(&mut self, later: &Self) {
        let mut merged = Vec::with_capacity(self.0.len() + later.0.len());
        let (mut a, mut b) = (self.0.iter().peekable(), later.0.iter().peekable());
        loop {
            match (a.peek(), b.peek()) {
                (Some(&&(x, count)), Some(&&(y, other))) if x == y => {
                    merged.push((x, count + other));
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

    #[test]
    fn quantiles_are_within_a_bucket() {
        let mut histogram = WindowHistogram::default();
        for value in 1..=1000_u64 {
            histogram.record(value * 1_000_000);
        }
        let closed = histogram.close();
        let p50 = closed.quantile(0.5).unwrap();
        assert!(p50.abs_diff(500_000_000) < 500_000_000 / 32, "{p50}");
        assert_eq!(histogram.close().quantile(0.5), None, "closing empties it");
    }

    #[test]
    fn merging_is_counting_together() {
        let (mut first, mut second, mut both) = (
            WindowHistogram::default(),
            WindowHistogram::default(),
            WindowHistogram::default(),
        );
        for value in [3_u64, 900, 17, 900, 1 << 40] {
            first.record(value);
            both.record(value);
        }
        for value in [0_u64, 900, 55_555] {
            second.record(value);
            both.record(value);
        }
        let mut merged = first.close();
        merged.merge(&second.close());
        assert_eq!(merged, both.close());
    }
}
