//! Arrivals at equal distances: the k-th exactly k / rate after the start, for ever.

use super::{ArrivalProcess, BATCH, Process};
use crate::describe::{Kind, Param, Presence, Source};
use crate::engine::time::{NANOS_PER_SECOND, SimTime};
use crate::workload::args::{ArgError, Args};

/// The process, for the registry.
pub(super) static PROCESS: ConstantProcess = ConstantProcess;

/// Mantissa bits of an `f64`, the hidden one not counted.
const MANTISSA_BITS: u32 = 52;

/// `constant {rate}`
#[derive(Debug)]
pub(super) struct ConstantProcess;

/// Equidistant arrivals, without drift.
///
/// The distance is the fraction `whole + part / parts` of nanoseconds, exact because every `f64`
/// rate is a fraction; what is left of each arrival's rounding is carried to the next.
#[derive(Debug, Clone, Copy)]
pub struct ConstantRate {
    rate: f64,
    whole: u128,
    part: u128,
    parts: u128,
    /// The last arrival \[ns\], rounded to nearest.
    last: u128,
    /// Its remainder plus half, in `parts`: rounding down then rounds to nearest.
    carried: u128,
}

impl ConstantRate {
    /// At `rate` a second; `None` when the first arrival lies beyond the end of time.
    pub(super) fn new(rate: f64) -> Option<Self> {
        let (mantissa, exponent) = as_fraction(rate);
        // Beyond this the numbers below could outgrow 128 bits, and so could no time hold them.
        if !(-88..=0).contains(&exponent) {
            return None;
        }
        let nanos = u128::from(2 * NANOS_PER_SECOND) << exponent.unsigned_abs();
        let parts = 2 * u128::from(mantissa);
        Some(Self {
            rate,
            whole: nanos / parts,
            part: nanos % parts,
            parts,
            last: 0,
            carried: u128::from(mantissa),
        })
    }

    /// Arrivals a second.
    pub const fn rate(&self) -> f64 {
        self.rate
    }

    pub(super) fn fill(&mut self, out: &mut Vec<SimTime>) {
        for _ in 0..BATCH {
            let mut next = self.last + self.whole;
            let mut carried = self.carried + self.part;
            if carried >= self.parts {
                carried -= self.parts;
                next += 1;
            }
            let Ok(nanos) = u64::try_from(next) else {
                return;
            };
            (self.last, self.carried) = (next, carried);
            out.push(SimTime::from_nanos(nanos));
        }
    }
}

/// A positive rate as `mantissa * 2^exponent`. A rate of up to one a nanosecond has 53 bits for the
/// mantissa and so a negative exponent.
fn as_fraction(rate: f64) -> (u64, i32) {
    let bits = rate.to_bits();
    let mantissa = (bits & ((1 << MANTISSA_BITS) - 1)) | (1 << MANTISSA_BITS);
    let biased = i32::try_from(bits >> MANTISSA_BITS).expect("a positive number has 11 bits here");
    (mantissa, biased - 1075)
}

impl Process for ConstantProcess {
    fn name(&self) -> &'static str {
        "constant"
    }

    fn summary(&self) -> &'static str {
        "arrivals at equal distances"
    }

    fn params(&self) -> &'static [Param] {
        const PARAMS: &[Param] = &[Param {
            key: "rate",
            kind: Kind::Rate,
            presence: Presence::Required,
            doc: "arrivals per time, such as `300/s`",
            source: Source::Ours,
        }];
        PARAMS
    }

    fn notes(&self) -> &'static [&'static str] {
        &["the k-th request arrives at k / rate, rounded to the nearest nanosecond, without drift"]
    }

    fn build(&self, args: &Args) -> Result<ArrivalProcess, ArgError> {
        let rate = args.need_rate("rate")?;
        Ok(ConstantRate::new(rate).map_or(ArrivalProcess::Never, ArrivalProcess::Constant))
    }
}
