//! The Weibull distribution: an exponential, stretched or squeezed.

use super::{Draw, Family, Sampler, duration};
use crate::describe::{Kind, Param, Presence, Source};
use crate::engine::math::special::{gamma, gamma_q};
use crate::engine::math::{exp, from_count, ln, pow};
use crate::engine::random::Stream;
use crate::engine::time::SimDuration;
use crate::workload::args::{ArgError, Args, SOME_DURATION};

/// The family, for the registry.
pub(super) static FAMILY: WeibullFamily = WeibullFamily;

/// Smallest shape.
const MIN_SHAPE: f64 = 0.1;
/// Largest shape.
const MAX_SHAPE: f64 = 100.0;

/// `weibull {shape, scale}`
#[derive(Debug)]
pub(super) struct WeibullFamily;

/// A Weibull distribution.
#[derive(Debug, Clone, Copy)]
pub struct Weibull {
    shape: f64,
    scale_ns: f64,
}

impl Draw for Weibull {
    #[inline]
    fn draw(&self, stream: &mut Stream) -> SimDuration {
        duration(self.scale_ns * exp(ln(stream.exponential()) / self.shape))
    }

    fn mean_s(&self) -> Option<f64> {
        self.excess_mean_s(0.0)
    }

    fn excess_mean_s(&self, d: f64) -> Option<f64> {
        let scale = self.scale_ns / 1e9;
        let mean = scale * gamma(1.0 + 1.0 / self.shape);
        // The integral of P(S > x) from d on, which is an incomplete gamma function.
        Some(mean * gamma_q(1.0 / self.shape, pow(d / scale, self.shape)))
    }
}

impl Family for WeibullFamily {
    fn name(&self) -> &'static str {
        "weibull"
    }

    fn summary(&self) -> &'static str {
        "a stretched exponential (shape below 1) or a squeezed one (above)"
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
                doc: "below 1 a long tail, 1 the exponential, above 1 a peak",
                source: Source::Ours,
            },
            Param {
                key: "scale",
                kind: SOME_DURATION,
                presence: Presence::Required,
                doc: "the duration 63 % of the draws stay below",
                source: Source::Ours,
            },
        ];
        PARAMS
    }

    fn notes(&self) -> &'static [&'static str] {
        &["P(S > x) = exp(-(x / scale)^shape); mean = scale Gamma(1 + 1 / shape)"]
    }

    fn build(&self, args: &Args) -> Result<Sampler, ArgError> {
        let shape = args.need_number("shape", MIN_SHAPE, MAX_SHAPE)?;
        let scale = args.need_duration("scale")?;
        Ok(Sampler::Weibull(Weibull {
            shape,
            scale_ns: from_count(scale.as_nanos()),
        }))
    }
}
