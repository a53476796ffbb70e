//! The Pareto distribution: a power-law tail, for uploads, streams and long polls.

use super::{Draw, Family, Sampler, duration};
use crate::describe::{Kind, Param, Presence, Source};
use crate::engine::math::{exp, from_count, pow};
use crate::engine::random::Stream;
use crate::engine::time::SimDuration;
use crate::workload::args::{ArgError, Args, SOME_DURATION};

/// The family, for the registry.
pub(super) static FAMILY: ParetoFamily = ParetoFamily;

/// Smallest shape: below it nearly every draw outlasts any run.
const MIN_SHAPE: f64 = 0.1;
/// Largest shape: above it every draw is the scale.
const MAX_SHAPE: f64 = 1000.0;

/// `pareto {shape, scale}`
#[derive(Debug)]
pub(super) struct ParetoFamily;

/// A Pareto distribution.
#[derive(Debug, Clone, Copy)]
pub struct Pareto {
    shape: f64,
    scale_ns: f64,
}

impl Draw for Pareto {
    #[inline]
    fn draw(&self, stream: &mut Stream) -> SimDuration {
        // The logarithm of a Pareto draw over its scale is exponential.
        duration(self.scale_ns * exp(stream.exponential() / self.shape))
    }

    fn mean_s(&self) -> Option<f64> {
        self.excess_mean_s(0.0)
    }

    fn excess_mean_s(&self, d: f64) -> Option<f64> {
        let scale = self.scale_ns / 1e9;
        if self.shape <= 1.0 {
            return None;
        }
        if d <= scale {
            return Some(self.shape * scale / (self.shape - 1.0) - d);
        }
        Some(pow(scale / d, self.shape) * d / (self.shape - 1.0))
    }
}

impl Family for ParetoFamily {
    fn name(&self) -> &'static str {
        "pareto"
    }

    fn summary(&self) -> &'static str {
        "a power-law tail: uploads, streams, long polls"
    }

    fn params(&self) -> &'static [Param] {
        const PARAMS: &[Param] = &[
            Param {
                key: "shape",
                kind: Kind::Number {
                    min: MIN_SHAPE,
                    max: MAX_SHAPE,
                },
                presence: Presence::Required,
                doc: "the exponent of the tail; at 1 and below the mean is infinite",
                source: Source::Ours,
            },
            Param {
                key: "scale",
                kind: SOME_DURATION,
                presence: Presence::Required,
                doc: "the shortest duration",
                source: Source::Ours,
            },
        ];
        PARAMS
    }

    fn notes(&self) -> &'static [&'static str] {
        &[
            "P(S > x) = (scale / x)^shape for x >= scale; mean = shape scale / (shape - 1)",
            "E[(S - d)+] = scale^shape d^(1 - shape) / (shape - 1): no practical deregistration \
             delay ends the losses of a shape below 2",
        ]
    }

    fn build(&self, args: &Args) -> Result<Sampler, ArgError> {
        let shape = args.need_number("shape", MIN_SHAPE, MAX_SHAPE)?;
        let scale = args.need_duration("scale")?;
        Ok(Sampler::Pareto(Pareto {
            shape,
            scale_ns: from_count(scale.as_nanos()),
        }))
    }
}
