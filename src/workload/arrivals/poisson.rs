//! Poisson arrivals: many independent clients, seen together.

use super::{ArrivalProcess, BATCH, Process};
use crate::describe::{Kind, Param, Presence, Source};
use crate::engine::math::{asinh, to_counts};
use crate::engine::random::Stream;
use crate::engine::time::SimTime;
use crate::workload::args::{ArgError, Args};

/// The process, for the registry.
pub(super) static PROCESS: PoissonProcess = PoissonProcess;

/// `poisson {rate}`
#[derive(Debug)]
pub(super) struct PoissonProcess;

/// Poisson arrivals.
#[derive(Debug, Clone, Copy)]
pub struct Poisson {
    rate: f64,
    /// Mean of the gaps before they are rounded \[ns\].
    scale_ns: f64,
    /// The last arrival \[ns\].
    last: u64,
}

impl Poisson {
    /// At `rate` a second.
    ///
    /// An exponential of mean s, rounded to the nearest integer, has the mean 1 / (2 sinh(1 / 2s));
    /// s is chosen so that this is the wanted gap, so rounding leaves the rate as it is.
    pub(super) fn new(rate: f64) -> Self {
        Self {
            rate,
            scale_ns: 0.5 / asinh(0.5 * (rate / 1e9)),
            last: 0,
        }
    }

    /// Mean arrivals a second.
    pub const fn rate(&self) -> f64 {
        self.rate
    }

    pub(super) fn fill(&mut self, stream: &mut Stream, out: &mut Vec<SimTime>) {
        let mut draws = [0.0; BATCH];
        stream.fill_exponential(&mut draws);
        for draw in &mut draws {
            *draw *= self.scale_ns;
        }
        let mut gaps = [0; BATCH];
        to_counts(&draws, &mut gaps, |gap| gap);
        let end = gaps
            .iter()
            .try_fold(self.last, |at, &gap| at.checked_add(gap));
        if end.is_none_or(|end| end == u64::MAX) {
            return self.fill_to_the_end_of_time(&gaps, out);
        }
        out.extend(gaps.iter().map(|gap| {
            self.last += gap;
            SimTime::from_nanos(self.last)
        }));
    }

    /// Beyond the end of time there is nothing, whatever later gaps would be.
    #[cold]
    fn fill_to_the_end_of_time(&mut self, gaps: &[u64], out: &mut Vec<SimTime>) {
        for &gap in gaps {
            self.last = self.last.saturating_add(gap);
            if self.last == u64::MAX {
                return;
            }
            out.push(SimTime::from_nanos(self.last));
        }
    }
}

impl Process for PoissonProcess {
    fn name(&self) -> &'static str {
        "poisson"
    }

    fn summary(&self) -> &'static str {
        "independent arrivals at a constant mean rate"
    }

    fn params(&self) -> &'static [Param] {
        const PARAMS: &[Param] = &[Param {
            key: "rate",
            kind: Kind::Rate,
            presence: Presence::Required,
            doc: "mean arrivals per time, such as `300/s`",
            source: Source::Ours,
        }];
        PARAMS
    }

    fn notes(&self) -> &'static [&'static str] {
        &[
            "gaps are exponential with mean 1 / rate",
            "the number of arrivals within a span t is Poisson with mean rate t",
        ]
    }

    fn build(&self, args: &Args) -> Result<ArrivalProcess, ArgError> {
        Ok(ArrivalProcess::Poisson(Poisson::new(
            args.need_rate("rate")?,
        )))
    }
}
