//! Numbers as people read them: rounded spans, shares, thousands.
//!
//! Only what is shown to people is rounded; files for machines take their numbers from `number`.
//! This module must never know who reads.

use crate::engine::time::{NANOS_PER_SECOND, SimDuration};

/// `count` with a comma between groups of three digits: `10,000`.
pub(crate) fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A span for people, three digits or the two largest units: `812 ms`, `41.3 s`, `5m 30s`.
pub(crate) fn humane(span: SimDuration) -> String {
    let nanos = span.as_nanos();
    let short = |unit: u64, name: &str| {
        let tenths = (u128::from(nanos) * 10 + u128::from(unit) / 2) / u128::from(unit);
        if tenths >= 1000 || tenths.is_multiple_of(10) {
            format!("{} {name}", tenths / 10)
        } else {
            format!("{}.{} {name}", tenths / 10, tenths % 10)
        }
    };
    match nanos {
        0 => "0 s".to_owned(),
        1..1_000 => short(1, "ns"),
        1_000..1_000_000 => short(1_000, "µs"),
        1_000_000..1_000_000_000 => short(1_000_000, "ms"),
        1_000_000_000..60_000_000_000 => short(NANOS_PER_SECOND, "s"),
        _ => long_span(nanos / NANOS_PER_SECOND),
    }
}

/// The two largest units of a span of a minute or more.
fn long_span(secs: u64) -> String {
    let parts = [
        (secs / 86_400, "d"),
        (secs / 3600 % 24, "h"),
        (secs / 60 % 60, "m"),
        (secs % 60, "s"),
    ];
    let first = parts.iter().position(|part| part.0 > 0).unwrap_or(3);
    let words: Vec<String> = parts[first..]
        .iter()
        .take(2)
        .filter(|part| part.0 > 0)
        .map(|(number, unit)| format!("{number}{unit}"))
        .collect();
    words.join(" ")
}

/// A share of a whole in percent: `0.15 %`, `< 0.01 %` where it is smaller but not nothing.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    if part == 0 || whole == 0 {
        return "0 %".to_owned();
    }
    let whole = u128::from(whole);
    let hundredths = (u128::from(part) * 20_000 + whole) / (2 * whole);
    if hundredths == 0 {
        return "< 0.01 %".to_owned();
    }
    format!("{}.{:02} %", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_like_speech() {
        let cases = [
            (0, "0 s"),
            (812_400_000, "812 ms"),
            (41_349_000_000, "41.3 s"),
            (30_000_000_000, "30 s"),
            (330_000_000_000, "5m 30s"),
            (7_200_000_000_000, "2h"),
            (90_061_000_000_000, "1d 1h"),
        ];
        for (nanos, text) in cases {
            assert_eq!(humane(SimDuration::from_nanos(nanos)), text);
        }
    }

    #[test]
    fn counts_and_shares_are_readable() {
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(percent(3, 2_000), "0.15 %");
        assert_eq!(percent(1, 1_000_000), "< 0.01 %");
        assert_eq!(percent(2, 3), "66.67 %");
        assert_eq!(percent(0, 0), "0 %");
    }
}
