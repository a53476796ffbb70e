//! Distributions of durations, in a registry: one file and one line of [`FAMILIES`] each.
//!
//! A family describes itself and builds a [`Sampler`], a closed enum, so that a draw is a jump and
//! never a call through a pointer. Durations are whole nanoseconds, never negative, and saturate at
//! the end of time. This module must never know what takes so long.

mod constant;
mod empirical;
mod exponential;
mod gamma;
mod hyperexponential;
mod lognormal;
mod pareto;
mod uniform;
mod weibull;

use std::fmt::Debug;

use super::args::{ArgError, Args};
use crate::describe::{Param, Source};
use crate::engine::math::{to_count, to_counts};
use crate::engine::random::Stream;
use crate::engine::time::SimDuration;

pub use self::empirical::Empirical;
pub use self::exponential::Exponential;
pub use self::gamma::Gamma;
pub use self::hyperexponential::Hyperexponential;
pub use self::lognormal::Lognormal;
pub use self::pareto::Pareto;
pub use self::uniform::Uniform;
pub use self::weibull::Weibull;

/// A family of distributions a user can name.
pub trait Family: Debug + Sync {
    /// Its name in a file.
    fn name(&self) -> &'static str;
    /// One line.
    fn summary(&self) -> &'static str;
    /// Its parameters.
    fn params(&self) -> &'static [Param];
    /// Where its definition comes from.
    fn source(&self) -> Source {
        Source::Ours
    }
    /// Its formula, its mean and what it is good for.
    fn notes(&self) -> &'static [&'static str];
    /// A sampler.
    ///
    /// # Errors
    /// When a value is missing, out of range, or contradicts another.
    fn build(&self, args: &Args) -> Result<Sampler, ArgError>;
}

/// Every family.
pub static FAMILIES: &[&dyn Family] = &[
    &constant::FAMILY,
    &uniform::FAMILY,
    &exponential::FAMILY,
    &lognormal::FAMILY,
    &pareto::FAMILY,
    &weibull::FAMILY,
    &gamma::FAMILY,
    &hyperexponential::FAMILY,
    &empirical::FAMILY,
];

/// The family called `name`.
pub fn family(name: &str) -> Option<&'static dyn Family> {
    FAMILIES
        .iter()
        .copied()
        .find(|family| family.name() == name)
}

/// A ready-made sampler of durations.
#[derive(Debug, Clone)]
pub enum Sampler {
    /// Always the same.
    Constant(SimDuration),
    /// Between two bounds.
    Uniform(Uniform),
    /// Without memory.
    Exponential(Exponential),
    /// The exponential of a normal.
    Lognormal(Lognormal),
    /// A power-law tail.
    Pareto(Pareto),
    /// A stretched exponential.
    Weibull(Weibull),
    /// A sum of exponentials, for whole shapes.
    Gamma(Gamma),
    /// One of several exponentials.
    Hyperexponential(Hyperexponential),
    /// Measured values.
    Empirical(Empirical),
}

/// What each variant of [`Sampler`] can do.
trait Draw {
    /// One draw.
    fn draw(&self, stream: &mut Stream) -> SimDuration;
    /// Fills `out` with draws, the same ones `draw` would give in turn.
    fn fill(&self, stream: &mut Stream, out: &mut [SimDuration]) {
        for slot in out {
            *slot = self.draw(stream);
        }
    }
    /// Mean \[s\], `None` when infinite.
    fn mean_s(&self) -> Option<f64>;
    /// E\[(S - d)+\] \[s\] for `d` in seconds, `None` when infinite.
    fn excess_mean_s(&self, d: f64) -> Option<f64>;
}

/// A draw of `nanos` nanoseconds, rounded to the nearest, saturating, never negative.
#[inline]
const fn duration(nanos: f64) -> SimDuration {
    SimDuration::from_nanos(to_count(nanos))
}

/// Draws made step by step for many at once, so that each step is a short loop.
const TOGETHER: usize = 64;

/// Fills `out` step by step: `draw` makes numbers of nanoseconds, which are then rounded.
#[inline]
fn fill_together(out: &mut [SimDuration], mut draw: impl FnMut(&mut [f64])) {
    let mut nanos = [0.0; TOGETHER];
    for part in out.chunks_mut(TOGETHER) {
        let nanos = &mut nanos[..part.len()];
        draw(nanos);
        to_counts(nanos, part, SimDuration::from_nanos);
    }
}

impl Sampler {
    /// Always `value`.
    pub const fn from_constant(value: SimDuration) -> Self {
        Self::Constant(value)
    }

    /// Uniform in `min..=max`; the bounds may come in either order.
    pub fn from_uniform(min: SimDuration, max: SimDuration) -> Self {
        if min == max {
            return Self::Constant(min);
        }
        Self::Uniform(Uniform::new(min.min(max), min.max(max)))
    }

    /// The value if it is constant.
    pub const fn constant(&self) -> Option<SimDuration> {
        if let Self::Constant(value) = self {
            return Some(*value);
        }
        None
    }

    /// One draw.
    #[inline]
    pub fn sample(&self, stream: &mut Stream) -> SimDuration {
        match self {
            Self::Constant(value) => *value,
            Self::Uniform(draw) => draw.draw(stream),
            Self::Exponential(draw) => draw.draw(stream),
            Self::Lognormal(draw) => draw.draw(stream),
            Self::Pareto(draw) => draw.draw(stream),
            Self::Weibull(draw) => draw.draw(stream),
            Self::Gamma(draw) => draw.draw(stream),
            Self::Hyperexponential(draw) => draw.draw(stream),
            Self::Empirical(draw) => draw.draw(stream),
        }
    }

    /// Fills `out` with draws, the same ones `sample` would give in turn.
    pub fn fill(&self, stream: &mut Stream, out: &mut [SimDuration]) {
        match self {
            Self::Constant(value) => out.fill(*value),
            Self::Uniform(draw) => draw.fill(stream, out),
            Self::Exponential(draw) => draw.fill(stream, out),
            Self::Lognormal(draw) => draw.fill(stream, out),
            Self::Pareto(draw) => draw.fill(stream, out),
            Self::Weibull(draw) => draw.fill(stream, out),
            Self::Gamma(draw) => draw.fill(stream, out),
            Self::Hyperexponential(draw) => draw.fill(stream, out),
            Self::Empirical(draw) => draw.fill(stream, out),
        }
    }

    /// Mean \[s\], `None` when infinite.
    pub fn mean_s(&self) -> Option<f64> {
        match self {
            Self::Constant(value) => Some(value.as_secs_f64()),
            Self::Uniform(draw) => draw.mean_s(),
            Self::Exponential(draw) => draw.mean_s(),
            Self::Lognormal(draw) => draw.mean_s(),
            Self::Pareto(draw) => draw.mean_s(),
            Self::Weibull(draw) => draw.mean_s(),
            Self::Gamma(draw) => draw.mean_s(),
            Self::Hyperexponential(draw) => draw.mean_s(),
            Self::Empirical(draw) => draw.mean_s(),
        }
    }

    /// E\[(S - `d`)+\] \[s\]: by how much a draw exceeds `d` on average, draws below it counting
    /// nothing; `None` when infinite. Times the rate of arrivals at a target it is the mean number
    /// of requests that a deregistration delay of `d` cuts there.
    pub fn excess_mean_s(&self, d: SimDuration) -> Option<f64> {
        let seconds = d.as_secs_f64();
        match self {
            Self::Constant(value) => Some((value.as_secs_f64() - seconds).max(0.0)),
            Self::Uniform(draw) => draw.excess_mean_s(seconds),
            Self::Exponential(draw) => draw.excess_mean_s(seconds),
            Self::Lognormal(draw) => draw.excess_mean_s(seconds),
            Self::Pareto(draw) => draw.excess_mean_s(seconds),
            Self::Weibull(draw) => draw.excess_mean_s(seconds),
            Self::Gamma(draw) => draw.excess_mean_s(seconds),
            Self::Hyperexponential(draw) => draw.excess_mean_s(seconds),
            Self::Empirical(draw) => draw.excess_mean_s(seconds),
        }
    }
}

#[cfg(test)]
mod tests;
