//! The hyperexponential distribution: a mixture of exponentials, such as cache hits and misses.

use std::sync::Arc;

use super::{Draw, Family, Sampler, duration};
use crate::describe::{Kind, Param, Presence, Source};
use crate::engine::math::{exp, from_count};
use crate::engine::random::Stream;
use crate::engine::time::SimDuration;
use crate::workload::args::{ArgError, Args, SOME_DURATION};

/// The family, for the registry.
pub(super) static FAMILY: HyperexponentialFamily = HyperexponentialFamily;

/// Most branches.
const MAX_BRANCHES: usize = 64;

const WEIGHT: Kind = Kind::Number { min: 0.0, max: 1e9 };

/// `hyperexponential {weights, means}`
#[derive(Debug)]
pub(super) struct HyperexponentialFamily;

/// One exponential of the mixture.
#[derive(Debug, Clone, Copy)]
struct Branch {
    /// The share of draws in this branch.
    share: f64,
    /// The share of draws in this branch and those before it; 1 in the last one.
    up_to: f64,
    mean_ns: f64,
}

/// A mixture of exponential distributions.
#[derive(Debug, Clone)]
pub struct Hyperexponential {
    branches: Arc<[Branch]>,
}

impl Draw for Hyperexponential {
    #[inline]
    fn draw(&self, stream: &mut Stream) -> SimDuration {
        let place = stream.unit();
        let branch = self.branches.iter().find(|branch| place < branch.up_to);
        let mean_ns = branch.map_or(0.0, |branch| branch.mean_ns);
        duration(mean_ns * stream.exponential())
    }

    fn mean_s(&self) -> Option<f64> {
        self.excess_mean_s(0.0)
    }

    fn excess_mean_s(&self, d: f64) -> Option<f64> {
        let excess = |branch: &Branch| {
            let mean = branch.mean_ns / 1e9;
            branch.share * mean * exp(-d / mean)
        };
        Some(self.branches.iter().map(excess).sum())
    }
}

impl Family for HyperexponentialFamily {
    fn name(&self) -> &'static str {
        "hyperexponential"
    }

    fn summary(&self) -> &'static str {
        "one of several exponentials: cache hits and misses, reads and reports"
    }

    fn params(&self) -> &'static [Param] {
        const PARAMS: &[Param] = &[
            Param {
                key: "weights",
                kind: Kind::List {
                    of: &WEIGHT,
                    min: 1,
                    max: MAX_BRANCHES,
                },
                presence: Presence::Required,
                doc: "how often each branch is taken, relative to the others",
                source: Source::Ours,
            },
            Param {
                key: "means",
                kind: Kind::List {
                    of: &SOME_DURATION,
                    min: 1,
                    max: MAX_BRANCHES,
                },
                presence: Presence::Required,
                doc: "the mean duration of each branch",
                source: Source::Ours,
            },
        ];
        PARAMS
    }

    fn notes(&self) -> &'static [&'static str] {
        &[
            "P(S > x) = sum of w_i exp(-x / mean_i), the weights divided by their sum; \
             mean = sum of w_i mean_i",
        ]
    }

    fn build(&self, args: &Args) -> Result<Sampler, ArgError> {
        let weights = args
            .numbers("weights")
            .ok_or_else(|| ArgError::missing("weights", "[9, 1]"))?;
        let means = args
            .durations("means")
            .ok_or_else(|| ArgError::missing("means", "[20ms, 2s]"))?;
        if weights.is_empty() || weights.len() != means.len() || weights.len() > MAX_BRANCHES {
            return Err(ArgError::together(
                format!("{} weights for {} means", weights.len(), means.len()),
                "give one weight for each mean, at least one and at most 64",
            ));
        }
        if weights.iter().any(|weight| !(0.0..=1e9).contains(weight)) {
            return Err(ArgError::new(
                "weights",
                "a weight is negative or no number",
                "give weights from 0 to 1000000000",
            ));
        }
        let sum: f64 = weights.iter().sum();
        if sum <= 0.0 {
            return Err(ArgError::new(
                "weights",
                "all weights are zero",
                "give at least one branch a weight",
            ));
        }
        if means.contains(&SimDuration::ZERO) {
            return Err(ArgError::new(
                "means",
                "a mean is zero",
                "give means above zero",
            ));
        }
        Ok(Sampler::Hyperexponential(mixture(weights, means, sum)))
    }
}

/// The mixture of valid weights and means; branches without weight are left out.
fn mixture(weights: &[f64], means: &[SimDuration], sum: f64) -> Hyperexponential {
    let mut below = 0.0;
    let mut branches: Vec<Branch> = weights
        .iter()
        .zip(means)
        .filter(|&(&weight, _)| weight > 0.0)
        .map(|(&weight, mean)| {
            below += weight;
            Branch {
                share: weight / sum,
                up_to: below / sum,
                mean_ns: from_count(mean.as_nanos()),
            }
        })
        .collect();
    // Rounding must not leave a gap at the top, where no branch would be found.
    if let Some(last) = branches.last_mut() {
        last.up_to = 1.0;
    }
    Hyperexponential {
        branches: branches.into(),
    }
}
