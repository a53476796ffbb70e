//! A log-linear histogram: 256 buckets an octave, so a value is known to 0.4 %.

const BITS: u32 = 8;

#[derive(Debug)]
pub struct Histogram {
    buckets: Vec<u64>,
    count: u64,
}

impl Histogram {
    pub fn new() -> Self {
        Self {
            buckets: vec![0; (64 - BITS as usize + 1) << BITS],
            count: 0,
        }
    }

    #[inline(always)]
    pub fn record(&mut self, value: u64) {
        // 0 for everything below 512, which is counted exactly
        let octave = (63 - (value | (1 << BITS)).leading_zeros()) - BITS;
        let bucket = ((octave as usize) << BITS) + (value >> octave) as usize;
        self.buckets[bucket] += 1;
        self.count += 1;
    }

    /// The middle of the bucket that holds the given share of the values, 0 when empty.
    pub fn quantile(&self, share: f64) -> u64 {
        let rank = (share * self.count as f64).ceil().max(1.0) as u64;
        let mut below = 0;
        for (bucket, &count) in self.buckets.iter().enumerate() {
            below += count;
            if below >= rank {
                return Self::middle(bucket);
            }
        }
        0
    }

    fn middle(bucket: usize) -> u64 {
        if bucket < (2 << BITS) {
            return bucket as u64;
        }
        let octave = (bucket >> BITS) as u32 - 1;
        let mantissa = (bucket - ((octave as usize) << BITS)) as u64;
        (mantissa << octave) + (1 << octave) / 2
    }
}

#[cfg(test)]
mod tests {
    use super::Histogram;

    #[test]
    fn a_value_comes_back_within_the_promised_error() {
        for value in [0, 1, 255, 511, 512, 1_000, 121_306_132, u64::MAX / 3] {
            let mut histogram = Histogram::new();
            histogram.record(value);
            let found = histogram.quantile(0.5);
            assert!(found.abs_diff(value) <= value / 250, "{value}: {found}");
        }
    }
}
