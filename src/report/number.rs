//! Numbers as text: seconds, milliseconds and counts, from integers and without exponents.
//!
//! Every report writes its numbers through here, so the same quantity reads the same everywhere
//! and on every platform. This module must never know which report asks.

use crate::engine::time::{NANOS_PER_SECOND, SimDuration, SimTime};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// A number that stands in JSON digit for digit as it was written here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Number(String);

impl Number {
    /// Seconds since the start of the run.
    pub(crate) fn time(time: SimTime) -> Self {
        Self(seconds(u128::from(time.as_nanos())))
    }

    /// A span in seconds.
    pub(crate) fn span(span: SimDuration) -> Self {
        Self(seconds(u128::from(span.as_nanos())))
    }

    /// Milliseconds with three decimals.
    pub(crate) fn millis(nanos: u64) -> Self {
        Self(millis(nanos))
    }

    /// A number with at most `decimals` decimals.
    pub(crate) fn decimal(value: f64, decimals: usize) -> Self {
        Self(decimal(value, decimals))
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.0.clone())
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

/// `nanos` in seconds with as many decimals as are needed, at most nine: `12.5`.
pub(crate) fn seconds(nanos: u128) -> String {
    let second = u128::from(NANOS_PER_SECOND);
    let (whole, rest) = (nanos / second, nanos % second);
    if rest == 0 {
        return whole.to_string();
    }
    let digits = format!("{rest:09}");
    format!("{whole}.{}", digits.trim_end_matches('0'))
}

/// A time in seconds, empty for none: what stands in a CSV cell.
pub(crate) fn time_cell(time: Option<SimTime>) -> String {
    time.map_or_else(String::new, |t| seconds(u128::from(t.as_nanos())))
}

/// `nanos` in milliseconds, rounded half up to three decimals: `250.125`.
pub(crate) fn millis(nanos: u64) -> String {
    let micros = nanos / 1000 + u64::from(nanos % 1000 >= 500);
    format!("{}.{:03}", micros / 1000, micros % 1000)
}

/// `value` with at most `decimals` decimals, never with an exponent; not-a-number becomes `0`.
pub(crate) fn decimal(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return "0".to_owned();
    }
    let text = format!("{value:.decimals$}");
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        text.as_str()
    };
    if text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_have_as_many_decimals_as_they_need() {
        let cases = [
            (0, "0"),
            (1, "0.000000001"),
            (12_500_000_000, "12.5"),
            (u128::from(u64::MAX), "18446744073.709551615"),
        ];
        for (nanos, text) in cases {
            assert_eq!(seconds(nanos), text);
        }
    }

    #[test]
    fn milliseconds_are_rounded_half_up() {
        assert_eq!(millis(250_125_499), "250.125");
        assert_eq!(millis(250_125_500), "250.126");
        assert_eq!(millis(u64::MAX), "18446744073709.552");
    }

    #[test]
    fn decimals_never_have_an_exponent() {
        assert_eq!(decimal(1e-9, 6), "0");
        assert_eq!(decimal(-1e-9, 6), "0");
        assert_eq!(decimal(1e20, 3), "100000000000000000000");
        assert_eq!(decimal(2.5, 3), "2.5");
    }

    #[test]
    fn a_number_stands_in_json_as_it_was_written() {
        let text = serde_json::to_string(&Number::span(SimDuration::from_nanos(1))).unwrap();
        assert_eq!(text, "0.000000001");
    }
}
