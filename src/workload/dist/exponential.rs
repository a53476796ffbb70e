//! The exponential distribution: how long it has taken says nothing about how long it will take.

use super::{Draw, Family, Sampler, duration, fill_together};
use crate::describe::{Param, Presence, Source};
use crate::engine::math::{exp, from_count};
use crate::engine::random::Stream;
use crate::engine::time::SimDuration;
use crate::workload::args::{ArgError, Args, SOME_DURATION};

/// The family, for the registry.
pub(super) static FAMILY: ExponentialFamily = ExponentialFamily;

/// `exponential {mean}`
#[derive(Debug)]
pub(super) struct ExponentialFamily;

/// An exponential distribution.
#[derive(Debug, Clone, Copy)]
pub struct Exponential {
    mean_ns: f64,
}

impl Draw for Exponential {
    #[inline]
    fn draw(&self, stream: &mut Stream) -> SimDuration {
        duration(self.mean_ns * stream.exponential())
    }

    fn fill(&self, stream: &mut Stream, out: &mut [SimDuration]) {
        fill_together(out, |nanos| {
            stream.fill_exponential(nanos);
            for value in nanos {
                *value *= self.mean_ns;
            }
        });
    }

    fn mean_s(&self) -> Option<f64> {
        Some(self.mean_ns / 1e9)
    }

    fn excess_mean_s(&self, d: f64) -> Option<f64> {
        let mean = self.mean_ns / 1e9;
        Some(mean * exp(-d / mean))
    }
}

impl Family for ExponentialFamily {
    fn name(&self) -> &'static str {
        "exponential"
    }

    fn summary(&self) -> &'static str {
        "without memory: the rest takes as long, however long it has taken"
    }

    fn params(&self) -> &'static [Param] {
        const PARAMS: &[Param] = &[Param {
            key: "mean",
            kind: SOME_DURATION,
            presence: Presence::Required,
            doc: "the mean duration",
            source: Source::Ours,
        }];
        PARAMS
    }

    fn notes(&self) -> &'static [&'static str] {
        &[
            "P(S > x) = exp(-x / mean); mean = mean; cv = 1",
            "E[(S - d)+] = mean exp(-d / mean): each mean of deregistration delay cuts losses by e",
        ]
    }

    fn build(&self, args: &Args) -> Result<Sampler, ArgError> {
        let mean = args.need_duration("mean")?;
        Ok(Sampler::Exponential(Exponential {
            mean_ns: from_count(mean.as_nanos()),
        }))
    }
}
