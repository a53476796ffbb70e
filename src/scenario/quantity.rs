//! Quantities as they are written: durations, rates, and how they are shown again.
//!
//! A duration is a whole number of nanoseconds from the first character on; no fraction goes
//! through a float. This module must never know a key or a place in a file.

use std::str::FromStr;

use jiff::SignedDuration;

use super::suggest;
use crate::engine::time::SimDuration;

/// Why a text is no quantity, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Malformed {
    pub(super) message: String,
    pub(super) help: Option<String>,
}

impl Malformed {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: Some(help.into()),
        }
    }
}

const UNITS: &[&str] = &[
    "ns", "us", "ms", "s", "sec", "secs", "second", "seconds", "m", "min", "mins", "minute",
    "minutes", "h", "hour", "hours",
];

/// The duration written as `text`: `250ms`, `5m 30s`, `1.5s`, `2h`.
pub(super) fn duration(text: &str) -> Result<SimDuration, Malformed> {
    let text = text.trim();
    let is_number = |text: &str| !text.is_empty() && text.parse::<f64>().is_ok();
    if is_number(text) {
        return Err(Malformed::new(
            format!("the duration `{text}` has no unit"),
            format!("write `{text}s` for seconds or `{text}ms` for milliseconds"),
        ));
    }
    if text.starts_with('-') {
        return Err(Malformed::new(
            format!("the duration `{text}` is negative"),
            "durations are zero or longer",
        ));
    }
    let parsed = SignedDuration::from_str(text).ok();
    match parsed.map(|span| u64::try_from(span.as_nanos())) {
        Some(Ok(nanos)) => Ok(SimDuration::from_nanos(nanos)),
        Some(Err(_)) => Err(Malformed::new(
            format!("the duration `{text}` is longer than 584 years"),
            "write a shorter one",
        )),
        None => Err(unknown_duration(text)),
    }
}

fn unknown_duration(text: &str) -> Malformed {
    let message = format!("`{text}` is not a duration");
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ' '));
    let number = &text[..text.len() - unit.len()];
    let days = ["d", "day", "days"].contains(&unit);
    if days && let Ok(count) = number.trim().parse::<u32>() {
        let hours = u64::from(count) * 24;
        return Malformed::new(message, format!("write `{hours}h`"));
    }
    let one_word = unit.chars().all(char::is_alphabetic);
    if one_word
        && !number.is_empty()
        && !UNITS.contains(&unit)
        && let Some(unit) = suggest::nearest(unit, UNITS.iter().copied())
    {
        return Malformed::new(message, format!("write `{number}{unit}`"));
    }
    Malformed::new(
        message,
        "write a number with a unit, such as `250ms`, `5m 30s` or `1.5h`",
    )
}

/// The rate written as `text`: `300/s`, `5/min`, `1e6/s` \[1/s\].
pub(super) fn rate(text: &str) -> Result<f64, Malformed> {
    let text = text.trim();
    let Some((number, unit)) = text.split_once('/') else {
        if text.parse::<f64>().is_ok() {
            return Err(Malformed::new(
                format!("the rate `{text}` has no unit"),
                format!("write `{text}/s`"),
            ));
        }
        return Err(Malformed::new(
            format!("`{text}` is not a rate"),
            "write a number a unit of time, such as `300/s` or `5/min`",
        ));
    };
    let seconds = match unit.trim() {
        "ms" => 0.001,
        "s" | "sec" | "second" => 1.0,
        "m" | "min" | "minute" => 60.0,
        "h" | "hour" => 3600.0,
        other => {
            return Err(Malformed::new(
                format!("the rate `{text}` is per `{other}`, which is no unit of time here"),
                format!("write `{}/s`, `/min` or `/h`", number.trim()),
            ));
        }
    };
    let parsed: Option<f64> = number.trim().parse().ok();
    match parsed.filter(|number| number.is_finite()) {
        Some(number) if number >= 0.0 => Ok(number / seconds),
        Some(_) => Err(Malformed::new(
            format!("the rate `{text}` is negative"),
            "rates are zero or higher",
        )),
        None => Err(Malformed::new(
            format!("`{}` in the rate `{text}` is not a number", number.trim()),
            "write a number a unit of time, such as `300/s`",
        )),
    }
}

/// `duration` as one would write it: `250ms`, `5m 30s`.
pub(super) fn show(duration: SimDuration) -> String {
    let nanos = duration.as_nanos();
    let units: [(u64, &str); 6] = [
        (3_600_000_000_000, "h"),
        (60_000_000_000, "m"),
        (1_000_000_000, "s"),
        (1_000_000, "ms"),
        (1_000, "us"),
        (1, "ns"),
    ];
    let mut rest = nanos;
    let mut parts = Vec::new();
    for (size, unit) in units {
        if rest >= size {
            parts.push(format!("{}{unit}", rest / size));
            rest %= size;
        }
    }
    if parts.is_empty() {
        return "0s".to_owned();
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nanos(text: &str) -> u64 {
        duration(text).unwrap().as_nanos()
    }

    #[test]
    fn durations_are_exact() {
        assert_eq!(nanos("250ms"), 250_000_000);
        assert_eq!(nanos("5m 30s"), 330_000_000_000);
        assert_eq!(nanos("1.5s"), 1_500_000_000);
        assert_eq!(nanos("0.000000001s"), 1);
        assert_eq!(nanos("60us"), 60_000);
        assert_eq!(nanos("7ns"), 7);
        assert_eq!(nanos("2h"), 7_200_000_000_000);
        assert_eq!(nanos("0s"), 0);
        assert_eq!(nanos("8760h"), 31_536_000_000_000_000);
    }

    #[test]
    fn what_is_no_duration_says_what_to_write() {
        let help = |text: &str| duration(text).unwrap_err().help.unwrap();
        assert!(help("30").contains("`30s`"));
        assert!(help("2d").contains("`48h`"));
        assert!(help("3 mss").contains("`3 ms`"));
        assert!(help("soon").contains("250ms"));
        assert!(help("").contains("250ms"));
        assert!(duration("-5s").unwrap_err().message.contains("negative"));
        assert!(
            duration("99999999h")
                .unwrap_err()
                .message
                .contains("584 years")
        );
        assert!(duration("999999999999999999999h").is_err());
    }

    #[test]
    fn rates_are_per_second() {
        let is = |text: &str, want: f64| (rate(text).unwrap() - want).abs() < 1e-12;
        assert!(is("300/s", 300.0));
        assert!(is("6/min", 0.1));
        assert!(is("1e6/s", 1e6));
        assert!(is("0/h", 0.0));
        for text in ["300", "x/s", "-1/s", "1/week", "inf/s", "nan/s", "/s", ""] {
            assert!(rate(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_shown_duration_reads_back_as_itself() {
        for nanos in [0, 1, 999, 1_500_000, 61_000_000_000, 3_600_000_000_001] {
            let span = SimDuration::from_nanos(nanos);
            assert_eq!(duration(&show(span)), Ok(span), "{}", show(span));
        }
    }
}
