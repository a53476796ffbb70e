//! The empirical distribution: durations somebody measured, drawn with replacement.

use std::sync::Arc;

use super::{Draw, Family, Sampler};
use crate::describe::{Kind, Param, Presence, Source};
use crate::engine::math::from_count;
use crate::engine::random::Stream;
use crate::engine::time::SimDuration;
use crate::workload::args::{ArgError, Args};

/// The family, for the registry.
pub(super) static FAMILY: EmpiricalFamily = EmpiricalFamily;

/// `empirical {file, column}`
#[derive(Debug)]
pub(super) struct EmpiricalFamily;

/// Measured durations, all as likely. Not empty.
#[derive(Debug, Clone)]
pub struct Empirical {
    values: Arc<[SimDuration]>,
}

impl Draw for Empirical {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "below the length of a slice"
    )]
    #[inline]
    fn draw(&self, stream: &mut Stream) -> SimDuration {
        self.values[stream.below(self.values.len() as u64) as usize]
    }

    fn mean_s(&self) -> Option<f64> {
        self.excess_mean_s(0.0)
    }

    fn excess_mean_s(&self, d: f64) -> Option<f64> {
        let above = |value: &SimDuration| (value.as_secs_f64() - d).max(0.0);
        Some(self.values.iter().map(above).sum::<f64>() / from_count(self.values.len() as u64))
    }
}

impl Family for EmpiricalFamily {
    fn name(&self) -> &'static str {
        "empirical"
    }

    fn summary(&self) -> &'static str {
        "durations from a file, each row as likely"
    }

    fn params(&self) -> &'static [Param] {
        const PARAMS: &[Param] = &[
            Param {
                key: "file",
                kind: Kind::Text { min: 1, max: 4096 },
                presence: Presence::Required,
                doc: "a CSV file with a header, relative to the scenario",
                source: Source::Ours,
            },
            Param {
                key: "column",
                kind: Kind::Text { min: 1, max: 256 },
                presence: Presence::Required,
                doc: "the column that holds durations: with a unit, or bare numbers of seconds",
                source: Source::Ours,
            },
        ];
        PARAMS
    }

    fn notes(&self) -> &'static [&'static str] {
        &[
            "each draw is one row of the file, drawn with replacement; mean = mean of the column",
            "nothing longer than the longest row is ever drawn: a short file hides the tail",
        ]
    }

    fn build(&self, args: &Args) -> Result<Sampler, ArgError> {
        let values = args
            .durations("file")
            .ok_or_else(|| ArgError::missing("file", "durations.csv"))?;
        if values.is_empty() {
            return Err(ArgError::new(
                "file",
                "the file has no rows",
                "give a file with at least one duration",
            ));
        }
        Ok(Sampler::Empirical(Empirical {
            values: Arc::clone(values),
        }))
    }
}
