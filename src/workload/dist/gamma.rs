//! The gamma distribution: several steps in a row, each without memory.

use super::{Draw, Family, Sampler, duration};
use crate::describe::{Kind, Param, Presence, Source};
use crate::engine::math::special::gamma_q;
use crate::engine::math::{exp, from_count, ln, sqrt};
use crate::engine::random::Stream;
use crate::engine::time::SimDuration;
use crate::workload::args::{ArgError, Args, SOME_DURATION};

/// The family, for the registry.
pub(super) static FAMILY: GammaFamily = GammaFamily;

/// Smallest coefficient of variation.
const MIN_CV: f64 = 0.001;
/// Largest coefficient of variation.
const MAX_CV: f64 = 100.0;

/// `gamma {mean, cv}`
#[derive(Debug)]
pub(super) struct GammaFamily;

/// A gamma distribution.
#[derive(Debug, Clone, Copy)]
pub struct Gamma {
    shape: f64,
    scale_ns: f64,
    /// Marsaglia and Tsang's d, of the shape or, below 1, of the shape plus 1.
    d: f64,
    /// Their c.
    c: f64,
}

impl Gamma {
    fn new(mean: SimDuration, cv: f64) -> Self {
        let shape = 1.0 / (cv * cv);
        let d = if shape < 1.0 { shape + 1.0 } else { shape } - 1.0 / 3.0;
        Self {
            shape,
            scale_ns: from_count(mean.as_nanos()) / shape,
            d,
            c: 1.0 / (3.0 * sqrt(d)),
        }
    }
}

impl Draw for Gamma {
    /// Marsaglia and Tsang (2000): a cubed normal, accepted in 95 % of the tries or more.
    #[inline]
    fn draw(&self, stream: &mut Stream) -> SimDuration {
        let value = loop {
            let x = stream.normal();
            let root = 1.0 + self.c * x;
            if root <= 0.0 {
                continue;
            }
            let v = root * root * root;
            if ln(stream.open_unit()) < 0.5 * x * x + self.d * (1.0 - v + ln(v)) {
                break self.d * v;
            }
        };
        if self.shape >= 1.0 {
            return duration(self.scale_ns * value);
        }
        // A gamma of shape a is one of shape a + 1 times U^(1/a), and -ln U is exponential.
        let thinner = exp(-stream.exponential() / self.shape);
        duration(self.scale_ns * value * thinner)
    }

    fn mean_s(&self) -> Option<f64> {
        Some(self.shape * self.scale_ns / 1e9)
    }

    fn excess_mean_s(&self, d: f64) -> Option<f64> {
        let (mean, x) = (self.mean_s()?, d / (self.scale_ns / 1e9));
        let above = gamma_q(self.shape, x);
        let above_by_work = gamma_q(self.shape + 1.0, x);
        Some((mean * above_by_work - d * above).max(0.0))
    }
}

impl Family for GammaFamily {
    fn name(&self) -> &'static str {
        "gamma"
    }

    fn summary(&self) -> &'static str {
        "a sum of steps without memory: narrower than an exponential for a `cv` below 1"
    }

    fn params(&self) -> &'static [Param] {
        const PARAMS: &[Param] = &[
            Param {
                key: "mean",
                kind: SOME_DURATION,
                presence: Presence::Required,
                doc: "the mean duration",
                source: Source::Ours,
            },
            Param {
                key: "cv",
                kind: Kind::Number {
                    min: MIN_CV,
                    max: MAX_CV,
                },
                presence: Presence::Required,
                doc: "the coefficient of variation: standard deviation over mean",
                source: Source::Ours,
            },
        ];
        PARAMS
    }

    fn notes(&self) -> &'static [&'static str] {
        &[
            "density x^(k - 1) exp(-x / theta) / (Gamma(k) theta^k) with k = 1 / cv^2 and \
             theta = mean cv^2; mean = mean",
            "a cv of 1/sqrt(k) is the Erlang distribution of k steps, a cv of 1 the exponential",
        ]
    }

    fn build(&self, args: &Args) -> Result<Sampler, ArgError> {
        let mean = args.need_duration("mean")?;
        let cv = args.need_number("cv", MIN_CV, MAX_CV)?;
        Ok(Sampler::Gamma(Gamma::new(mean, cv)))
    }
}
