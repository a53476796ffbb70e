//! Distributions of durations.

use crate::engine::random::Stream;
use crate::engine::time::SimDuration;

/// A ready-made sampler of durations.
#[derive(Debug, Clone)]
pub enum Sampler {
    /// x
    Constant(SimDuration),
}

impl Sampler {
    /// Always `value`.
    pub const fn from_constant(value: SimDuration) -> Self {
        Self::Constant(value)
    }
    /// Uniform in `min..=max`.
    pub fn from_uniform(_min: SimDuration, _max: SimDuration) -> Self {
        unimplemented!()
    }
    /// The value if it is constant.
    pub fn constant(&self) -> Option<SimDuration> {
        unimplemented!()
    }
    /// One draw.
    pub fn sample(&self, _stream: &mut Stream) -> SimDuration {
        unimplemented!()
    }
    /// Fills `out` with draws, the same ones `sample` would give in turn.
    pub fn fill(&self, _stream: &mut Stream, _out: &mut [SimDuration]) {
        unimplemented!()
    }
    /// Mean [s], `None` when infinite.
    pub fn mean_s(&self) -> Option<f64> {
        unimplemented!()
    }
}
