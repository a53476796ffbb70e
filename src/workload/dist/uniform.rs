//! The uniform distribution: every duration between two bounds is as likely.

use super::{Draw, Family, Sampler};
use crate::describe::{Param, Presence, Source};
use crate::engine::random::Stream;
use crate::engine::time::SimDuration;
use crate::workload::args::{ANY_DURATION, ArgError, Args};

/// The family, for the registry.
pub(super) static FAMILY: UniformFamily = UniformFamily;

/// `uniform {min, max}`
#[derive(Debug)]
pub(super) struct UniformFamily;

/// A uniform distribution over whole nanoseconds, both bounds included.
#[derive(Debug, Clone, Copy)]
pub struct Uniform {
    min: u64,
    max: u64,
}

impl Uniform {
    /// Between `min` and a larger or equal `max`.
    pub(super) fn new(min: SimDuration, max: SimDuration) -> Self {
        assert!(
            min <= max,
            "the bounds of a uniform distribution are in order"
        );
        Self {
            min: min.as_nanos(),
            max: max.as_nanos(),
        }
    }

    fn bounds_s(self) -> (f64, f64) {
        let seconds = |nanos| SimDuration::from_nanos(nanos).as_secs_f64();
        (seconds(self.min), seconds(self.max))
    }
}

impl Draw for Uniform {
    #[inline]
    fn draw(&self, stream: &mut Stream) -> SimDuration {
        let offset = match (self.max - self.min).checked_add(1) {
            Some(choices) => stream.below(choices),
            None => stream.bits(),
        };
        SimDuration::from_nanos(self.min + offset)
    }

    fn mean_s(&self) -> Option<f64> {
        let (min, max) = self.bounds_s();
        Some(0.5 * (min + max))
    }

    fn excess_mean_s(&self, d: f64) -> Option<f64> {
        let (min, max) = self.bounds_s();
        if d <= min {
            return Some(0.5 * (min + max) - d);
        }
        let above = (max - d).max(0.0);
        Some(0.5 * above * above / (max - min))
    }
}

impl Family for UniformFamily {
    fn name(&self) -> &'static str {
        "uniform"
    }

    fn summary(&self) -> &'static str {
        "any duration between two bounds, all as likely"
    }

    fn params(&self) -> &'static [Param] {
        const PARAMS: &[Param] = &[
            Param {
                key: "min",
                kind: ANY_DURATION,
                presence: Presence::Required,
                doc: "the shortest duration",
                source: Source::Ours,
            },
            Param {
                key: "max",
                kind: ANY_DURATION,
                presence: Presence::Required,
                doc: "the longest duration, not below `min`",
                source: Source::Ours,
            },
        ];
        PARAMS
    }

    fn notes(&self) -> &'static [&'static str] {
        &["P(S <= x) = (x - min) / (max - min); mean = (min + max) / 2"]
    }

    fn build(&self, args: &Args) -> Result<Sampler, ArgError> {
        let min = args
            .duration("min")
            .ok_or_else(|| ArgError::missing("min", "1s"))?;
        let max = args
            .duration("max")
            .ok_or_else(|| ArgError::missing("max", "10s"))?;
        if min > max {
            return Err(ArgError::new(
                "max",
                format!("`max` ({max}) is below `min` ({min})"),
                "swap the two",
            ));
        }
        Ok(Sampler::from_uniform(min, max))
    }
}
