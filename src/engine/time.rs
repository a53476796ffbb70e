//! Simulated time: integer nanoseconds since the start of the run.
//!
//! Integers make "the same instant" exact and sums associative. This module must never read a
//! clock. A run may last 584 years before the counter wraps; addition saturates at the end of
//! time, which no horizon can reach.

use std::fmt;

/// Nanoseconds in a second.
pub const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// An instant of simulated time \[ns since 0 s\].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SimTime(u64);

/// A span of simulated time \[ns\].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SimDuration(u64);

impl SimTime {
    /// The start of the run.
    pub const ZERO: Self = Self(0);
    /// Later than anything that happens.
    pub const MAX: Self = Self(u64::MAX);

    /// The instant `nanos` after the start.
    #[inline]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the start.
    #[inline]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Seconds since the start, for people and plots.
    #[expect(
        clippy::cast_precision_loss,
        reason = "only shown, never computed with"
    )]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// The span since `earlier`.
    ///
    /// # Panics
    /// When `earlier` is later: the caller has lost the order of events.
    #[inline]
    pub const fn since(self, earlier: Self) -> SimDuration {
        assert!(self.0 >= earlier.0, "time went backwards");
        SimDuration(self.0 - earlier.0)
    }
}

impl SimDuration {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// Longer than any run.
    pub const MAX: Self = Self(u64::MAX);

    /// A span of `nanos` nanoseconds.
    #[inline]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// A span of whole seconds.
    #[inline]
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(NANOS_PER_SECOND))
    }

    /// A span of milliseconds.
    #[inline]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000_000))
    }

    /// The nearest span to `secs` seconds; negative and not-a-number become zero.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float-to-integer cast saturates, which is the rule wanted here"
    )]
    #[inline]
    pub fn from_secs_f64(secs: f64) -> Self {
        Self((secs * 1e9 + 0.5) as u64)
    }

    /// Nanoseconds in the span.
    #[inline]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Seconds in the span, for people and plots.
    #[expect(
        clippy::cast_precision_loss,
        reason = "only shown, never computed with"
    )]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// As a person would write it in a file: `812ms`, `1.25s`, `2m 30s`, `1h 0m 5s`.
    ///
    /// Rounded to three decimals of the unit shown, so at least four digits stay right.
    pub fn humane(self) -> String {
        let millis = thousandths(self.0, NANOS_PER_SECOND);
        if millis >= 60_000 {
            return hours_and_minutes(millis);
        }
        // What a smaller unit would round up to a thousand of itself is shown in the larger one.
        let micros = thousandths(self.0, 1_000_000);
        if micros >= 1_000_000 {
            return format!("{}s", decimal(millis));
        }
        match self.0 {
            0 => "0s".to_owned(),
            1..1000 => format!("{}ns", self.0),
            1000..1_000_000 => format!("{}us", decimal(self.0)),
            1_000_000.. => format!("{}ms", decimal(micros)),
        }
    }

    /// The span repeated `times` times, saturating.
    #[inline]
    #[must_use]
    pub const fn times(self, times: u64) -> Self {
        Self(self.0.saturating_mul(times))
    }
}

/// `nanos` in thousandths of `unit`, rounded to the nearest. `unit` is a multiple of 1000.
const fn thousandths(nanos: u64, unit: u64) -> u64 {
    let step = unit / 1000;
    nanos / step + (nanos % step >= step.div_ceil(2)) as u64
}

/// A number given in thousandths, with as many decimals as are needed.
fn decimal(thousandths: u64) -> String {
    let (whole, rest) = (thousandths / 1000, thousandths % 1000);
    if rest == 0 {
        return whole.to_string();
    }
    let digits = format!("{rest:03}");
    format!("{whole}.{}", digits.trim_end_matches('0'))
}

/// Milliseconds as hours, minutes and seconds, leading and trailing zeros left out.
fn hours_and_minutes(millis: u64) -> String {
    let (hours, minutes, rest) = (millis / 3_600_000, millis / 60_000 % 60, millis % 60_000);
    let mut parts = Vec::with_capacity(3);
    if hours > 0 {
        parts.push(format!("{hours}h"));
    }
    if minutes > 0 || (hours > 0 && rest > 0) {
        parts.push(format!("{minutes}m"));
    }
    if rest > 0 {
        parts.push(format!("{}s", decimal(rest)));
    }
    parts.join(" ")
}

impl std::ops::Add<SimDuration> for SimTime {
    type Output = Self;

    #[inline]
    fn add(self, span: SimDuration) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl std::ops::Add for SimDuration {
    type Output = Self;

    #[inline]
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

/// Writes seconds with as many decimals as are needed and the unit: `12.5s`.
fn write_seconds(nanos: u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (whole, rest) = (nanos / NANOS_PER_SECOND, nanos % NANOS_PER_SECOND);
    if rest == 0 {
        return write!(f, "{whole}s");
    }
    let digits = format!("{rest:09}");
    write!(f, "{whole}.{}s", digits.trim_end_matches('0'))
}

impl fmt::Display for SimTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_seconds(self.0, f)
    }
}

impl fmt::Display for SimDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_seconds(self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_humane_duration_reads_as_in_a_file() {
        for (nanos, text) in [
            (0, "0s"),
            (7, "7ns"),
            (1500, "1.5us"),
            (999_999, "999.999us"),
            (812_000_000, "812ms"),
            (121_634_816, "121.635ms"),
            (999_999_600, "1s"),
            (1_250_000_000, "1.25s"),
            (59_999_600_000, "1m"),
            (150_000_000_000, "2m 30s"),
            (150_250_000_000, "2m 30.25s"),
            (3_600_000_000_000, "1h"),
            (3_605_000_000_000, "1h 0m 5s"),
            (u64::MAX, "5124095h 34m 33.71s"),
        ] {
            assert_eq!(SimDuration::from_nanos(nanos).humane(), text);
        }
    }
}
