//! Arrival processes, in a registry: one file and one line of [`ARRIVALS`] each.
//!
//! A process describes itself and builds an [`ArrivalProcess`], a closed enum that appends batches
//! of arrivals in order. The times do not depend on how many are asked for at once. This module
//! must never know what arrives.

mod constant;
mod piecewise_rate;
mod poisson;
mod trace;

use std::fmt::Debug;

use super::args::{ArgError, Args};
use crate::describe::{Param, Source};
use crate::engine::random::Stream;
use crate::engine::time::SimTime;

pub use self::constant::ConstantRate;
pub use self::piecewise_rate::PiecewiseRate;
pub use self::poisson::Poisson;
pub use self::trace::Trace;

/// Arrivals appended at once.
pub const BATCH: usize = 256;

/// An arrival process a user can name.
pub trait Process: Debug + Sync {
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
    /// Its formula and what it is good for.
    fn notes(&self) -> &'static [&'static str];
    /// The process, ready at 0 s.
    ///
    /// # Errors
    /// When a value is missing, out of range, or contradicts another.
    fn build(&self, args: &Args) -> Result<ArrivalProcess, ArgError>;
}

/// Every arrival process.
pub static ARRIVALS: &[&dyn Process] = &[
    &constant::PROCESS,
    &poisson::PROCESS,
    &piecewise_rate::PROCESS,
    &trace::PROCESS,
];

/// The arrival process called `name`.
pub fn process(name: &str) -> Option<&'static dyn Process> {
    ARRIVALS
        .iter()
        .copied()
        .find(|process| process.name() == name)
}

/// A ready-made arrival process.
#[derive(Debug, Clone)]
pub enum ArrivalProcess {
    /// Nothing ever arrives.
    Never,
    /// At equal distances.
    Constant(ConstantRate),
    /// At a constant rate, each arrival independent of the others.
    Poisson(Poisson),
    /// As Poisson, at a rate that changes with time.
    PiecewiseRate(PiecewiseRate),
    /// At the instants of a file.
    Trace(Trace),
}

impl ArrivalProcess {
    /// Appends the next arrivals, at most [`BATCH`] and in non-decreasing order, to `out`; appends
    /// none when there are no more.
    pub fn fill(&mut self, stream: &mut Stream, out: &mut Vec<SimTime>) {
        match self {
            Self::Never => {}
            Self::Constant(process) => process.fill(out),
            Self::Poisson(process) => process.fill(stream, out),
            Self::PiecewiseRate(process) => process.fill(stream, out),
            Self::Trace(process) => process.fill(out),
        }
    }

    /// The mean rate at `at` \[1/s\], where one is known.
    pub fn mean_rate_at(&self, at: SimTime) -> Option<f64> {
        match self {
            Self::Never => Some(0.0),
            Self::Constant(process) => Some(process.rate()),
            Self::Poisson(process) => Some(process.rate()),
            Self::PiecewiseRate(process) => Some(process.rate_at(at)),
            Self::Trace(_) => None,
        }
    }

    /// How many arrivals there are in all, where a file says so.
    pub fn trace_len(&self) -> Option<usize> {
        match self {
            Self::Trace(process) => Some(process.len()),
            Self::Never | Self::Constant(_) | Self::Poisson(_) | Self::PiecewiseRate(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;
