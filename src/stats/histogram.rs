//! Histogram.

/// A log-linear histogram.
#[derive(Debug, Clone, Default)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
}

impl Histogram {
    /// Empty.
    pub fn new() -> Self {
        Self::default()
    }
    /// Counts `value`.
    pub fn record(&mut self, _value: u64) {
        unimplemented!()
    }
    /// How many values were counted.
    pub fn count(&self) -> u64 {
        self.total
    }
    /// The smallest recorded-bucket value such that a share `q` of all values, `extra_infinite` of
    /// them larger than any, is at most it; `None` when there is none or it falls among the extra.
    pub fn quantile(&self, _q: f64, _extra_infinite: u64) -> Option<u64> {
        unimplemented!()
    }
    /// Largest value (exact).
    pub fn max(&self) -> Option<u64> {
        unimplemented!()
    }
    /// Mean (exact sum in u128).
    pub fn mean(&self) -> Option<f64> {
        unimplemented!()
    }
}
