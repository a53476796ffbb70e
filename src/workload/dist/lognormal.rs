//! The lognormal distribution: what request durations usually look like.

use super::{Draw, Family, Sampler, duration, fill_together};
use crate::describe::{Kind, Param, Presence, Source};
use crate::engine::math::special::normal_cdf;
use crate::engine::math::{exp, exp_all, from_count, ln, ln_1p, sqrt};
use crate::engine::random::Stream;
use crate::engine::time::SimDuration;
use crate::workload::args::{ArgError, Args, SOME_DURATION};

/// The family, for the registry.
pub(super) static FAMILY: LognormalFamily = LognormalFamily;

/// Largest coefficient of variation.
const MAX_CV: f64 = 1000.0;
/// Largest standard deviation of the logarithm.
const MAX_SIGMA: f64 = 10.0;

/// `lognormal {mean, cv}` or `{median, sigma}`
#[derive(Debug)]
pub(super) struct LognormalFamily;

/// A lognormal distribution of nanoseconds: ln S is normal with mean `mu`.
#[derive(Debug, Clone, Copy)]
pub struct Lognormal {
    mu: f64,
    sigma: f64,
}

impl Draw for Lognormal {
    #[inline]
    fn draw(&self, stream: &mut Stream) -> SimDuration {
        duration(exp(self.mu + self.sigma * stream.normal()))
    }

    fn fill(&self, stream: &mut Stream, out: &mut [SimDuration]) {
        fill_together(out, |nanos| {
            stream.fill_normal(nanos);
            for value in &mut *nanos {
                *value = self.mu + self.sigma * *value;
            }
            exp_all(nanos);
        });
    }

    fn mean_s(&self) -> Option<f64> {
        Some(exp(self.mu + 0.5 * self.sigma * self.sigma) / 1e9)
    }

    fn excess_mean_s(&self, d: f64) -> Option<f64> {
        let mean = self.mean_s()?;
        let distance = self.mu - ln(1e9) - ln(d);
        if d <= 0.0 || self.sigma <= 0.0 {
            return Some((mean - d).max(0.0));
        }
        let above = normal_cdf(distance / self.sigma);
        let above_by_work = normal_cdf(distance / self.sigma + self.sigma);
        Some((mean * above_by_work - d * above).max(0.0))
    }
}

impl Family for LognormalFamily {
    fn name(&self) -> &'static str {
        "lognormal"
    }

    fn summary(&self) -> &'static str {
        "many short and a few long: the usual shape of request durations"
    }

    fn params(&self) -> &'static [Param] {
        const fn param(key: &'static str, kind: Kind, doc: &'static str) -> Param {
            Param {
                key,
                kind,
                presence: Presence::Optional,
                doc,
                source: Source::Ours,
            }
        }
        const PARAMS: &[Param] = &[
            param("mean", SOME_DURATION, "the mean duration; goes with `cv`"),
            param(
                "cv",
                Kind::Number {
                    min: 0.0,
                    max: MAX_CV,
                },
                "the coefficient of variation: standard deviation over mean; goes with `mean`",
            ),
            param(
                "median",
                SOME_DURATION,
                "the duration half of the draws stay below; goes with `sigma`",
            ),
            param(
                "sigma",
                Kind::Number {
                    min: 0.0,
                    max: MAX_SIGMA,
                },
                "the standard deviation of the logarithm; goes with `median`",
            ),
        ];
        PARAMS
    }

    fn notes(&self) -> &'static [&'static str] {
        &[
            "S = median exp(sigma N) with N standard normal; mean = median exp(sigma^2 / 2)",
            "give either `mean` and `cv` or `median` and `sigma`; sigma^2 = ln(1 + cv^2)",
        ]
    }

    fn build(&self, args: &Args) -> Result<Sampler, ArgError> {
        let by_mean = args.has("mean") || args.has("cv");
        let by_median = args.has("median") || args.has("sigma");
        if by_mean == by_median {
            return Err(ArgError::together(
                "a lognormal is given by `mean` and `cv` or by `median` and `sigma`",
                "write `lognormal: { mean: 250ms, cv: 1.5 }`, for example",
            ));
        }
        let (mu, sigma) = if by_mean {
            let mean = args.need_duration("mean")?;
            let cv = args.need_number("cv", 0.0, MAX_CV)?;
            let variance = ln_1p(cv * cv);
            let mu = ln(from_count(mean.as_nanos())) - 0.5 * variance;
            (mu, sqrt(variance))
        } else {
            let median = args.need_duration("median")?;
            let sigma = args.need_number("sigma", 0.0, MAX_SIGMA)?;
            (ln(from_count(median.as_nanos())), sigma)
        };
        Ok(Sampler::Lognormal(Lognormal { mu, sigma }))
    }
}
