//! The constant distribution: what a bare duration in a file means.

use super::{Family, Sampler};
use crate::describe::{Param, Presence, Source};
use crate::workload::args::{ANY_DURATION, ArgError, Args};

/// The family, for the registry.
pub(super) static FAMILY: Constant = Constant;

/// `constant {value}`
#[derive(Debug)]
pub(super) struct Constant;

impl Family for Constant {
    fn name(&self) -> &'static str {
        "constant"
    }

    fn summary(&self) -> &'static str {
        "always the same duration"
    }

    fn params(&self) -> &'static [Param] {
        const PARAMS: &[Param] = &[Param {
            key: "value",
            kind: ANY_DURATION,
            presence: Presence::Required,
            doc: "the duration",
            source: Source::Ours,
        }];
        PARAMS
    }

    fn notes(&self) -> &'static [&'static str] {
        &[
            "S = value; mean = value",
            "a bare duration such as `250ms` means the same",
        ]
    }

    fn build(&self, args: &Args) -> Result<Sampler, ArgError> {
        let value = args
            .duration("value")
            .ok_or_else(|| ArgError::missing("value", "250ms"))?;
        Ok(Sampler::from_constant(value))
    }
}
