//! Recurrences: when a cron expression of five fields comes round, in UTC.
//!
//! Source: R-SCHEDULE-2. This module must never know what recurs.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// Days within which every expression that ever comes round does: a 29 February may be eight years
/// away.
const DAYS: u32 = 8 * 366 + 1;

/// Minute, hour, day of the month, month, day of the week, each as a set of bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recurrence {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Both kinds of days are restricted: then either will do, as crontab has it.
    either_day: bool,
}

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// What a field may hold.
#[derive(Debug, Clone, Copy)]
struct Field {
    min: u32,
    max: u32,
    /// Names of the values from `min` on.
    names: &'static [&'static str],
}

const fn field(min: u32, max: u32, names: &'static [&'static str]) -> Field {
    Field { min, max, names }
}

impl Field {
    /// The set that a field describes: lists of values, ranges and steps.
    fn read(self, text: &str) -> Option<u64> {
        let mut set = 0;
        for item in text.split(',') {
            let (range, step) = match item.split_once('/') {
                Some((range, step)) => (range, Some(number(step)?)),
                None => (item, None),
            };
            let (from, to) = match range.split_once('-') {
                _ if range == "*" => (self.min, self.max),
                Some((from, to)) => (self.value(from)?, self.value(to)?),
                // `0/10` is every tenth from 0 on
                None if step.is_some() => (self.value(range)?, self.max),
                None => (self.value(range)?, self.value(range)?),
            };
            let step = step.unwrap_or(1);
            if from > to || step == 0 {
                return None;
            }
            for value in (from..=to).step_by(step as usize) {
                set |= 1 << value;
            }
        }
        Some(set)
    }

    fn value(self, text: &str) -> Option<u32> {
        let named = self
            .names
            .iter()
            .zip(self.min..)
            .find(|(name, _)| name.eq_ignore_ascii_case(text));
        let value = match named {
            Some((_, value)) => value,
            None => number(text)?,
        };
        (self.min..=self.max).contains(&value).then_some(value)
    }
}

/// A number without a sign.
fn number(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|digit| digit.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

fn has(set: u64, value: i8) -> bool {
    u32::try_from(value).is_ok_and(|value| set & (1 << value) != 0)
}

impl Recurrence {
    /// The recurrence that an expression such as `30 0 1 JAN,6,12 *` describes; `None` for what is
    /// none, or never comes round.
    pub fn read(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields.as_slice() else {
            return None;
        };
        let sundays = field(0, 7, &WEEKDAYS).read(weekdays)?;
        let recurrence = Self {
            minutes: field(0, 59, &[]).read(minutes)?,
            hours: field(0, 23, &[]).read(hours)?,
            days: field(1, 31, &[]).read(days)?,
            months: field(1, 12, &MONTHS).read(months)?,
            // Sunday is 0 and 7
            weekdays: sundays | (sundays >> 7 & 1),
            either_day: !days.starts_with('*') && !weekdays.starts_with('*'),
        };
        recurrence.next(Timestamp::UNIX_EPOCH).map(|_| recurrence)
    }

    fn is_day(&self, date: Date) -> bool {
        let day = has(self.days, date.day());
        let weekday = has(self.weekdays, date.weekday().to_sunday_zero_offset());
        let days = if self.either_day {
            day || weekday
        } else {
            day && weekday
        };
        has(self.months, date.month()) && days
    }

    /// The first time after `now` at which it comes round.
    pub(super) fn next(&self, now: Timestamp) -> Option<Timestamp> {
        let now = TimeZone::UTC.to_datetime(now);
        let mut date = now.date();
        for ahead in 0..DAYS {
            if self.is_day(date) {
                let after = (ahead == 0).then(|| (now.hour(), now.minute()));
                if let Some((hour, minute)) = self.time_after(after) {
                    let time = DateTime::from_parts(date, jiff::civil::time(hour, minute, 0, 0));
                    return TimeZone::UTC.to_timestamp(time).ok();
                }
            }
            date = date.checked_add(1.day()).ok()?;
        }
        None
    }

    /// The first hour and minute of a day, after another if one is given.
    fn time_after(&self, after: Option<(i8, i8)>) -> Option<(i8, i8)> {
        let hours = (0..24).filter(|&hour| has(self.hours, hour));
        hours
            .flat_map(|hour| (0..60).map(move |minute| (hour, minute)))
            .find(|&time| has(self.minutes, time.1) && after.is_none_or(|after| time > after))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When an expression comes round after 2026-01-01T00:00:00Z, a Thursday.
    fn rounds(text: &str, count: usize) -> Vec<String> {
        let recurrence = Recurrence::read(text).unwrap();
        let mut now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let mut times = Vec::new();
        for _ in 0..count {
            now = recurrence.next(now).unwrap();
            times.push(now.to_string());
        }
        times
    }

    /// R-SCHEDULE-2: the fields are those of crontab, `30 0 1 1,6,12 *` is the documented example.
    #[test]
    fn expressions_come_round_when_they_say() {
        let cases: [(&str, &[&str]); 11] = [
            (
                "30 0 1 1,6,12 *",
                &[
                    "2026-01-01T00:30:00Z",
                    "2026-06-01T00:30:00Z",
                    "2026-12-01T00:30:00Z",
                ],
            ),
            (
                "* * * * *",
                &["2026-01-01T00:01:00Z", "2026-01-01T00:02:00Z"],
            ),
            (
                "0 0 * * *",
                &["2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"],
            ),
            (
                "0/25 12 * * *",
                &[
                    "2026-01-01T12:00:00Z",
                    "2026-01-01T12:25:00Z",
                    "2026-01-01T12:50:00Z",
                    "2026-01-02T12:00:00Z",
                ],
            ),
            (
                "*/30 23 * * *",
                &["2026-01-01T23:00:00Z", "2026-01-01T23:30:00Z"],
            ),
            (
                "10-20/5 1 * * *",
                &[
                    "2026-01-01T01:10:00Z",
                    "2026-01-01T01:15:00Z",
                    "2026-01-01T01:20:00Z",
                ],
            ),
            (
                "0 8 * * 1-5",
                &[
                    "2026-01-01T08:00:00Z",
                    "2026-01-02T08:00:00Z",
                    "2026-01-05T08:00:00Z",
                ],
            ),
            ("0 8 * * sun", &["2026-01-04T08:00:00Z"]),
            ("0 8 * * 7", &["2026-01-04T08:00:00Z"]),
            // both kinds of days: either
            (
                "0 0 3 * MON",
                &[
                    "2026-01-03T00:00:00Z",
                    "2026-01-05T00:00:00Z",
                    "2026-01-12T00:00:00Z",
                ],
            ),
            (
                "0 0 29 FEB *",
                &["2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"],
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(rounds(text, expected.len()), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        for text in [
            "",
            "0 0 * *",
            "0 0 * * * *",
            "60 0 * * *",
            "0 24 * * *",
            "0 0 0 * *",
            "0 0 * 13 *",
            "0 0 * * 8",
            "5-1 0 * * *",
            "*/0 0 * * *",
            "+1 0 * * *",
            "0 0 * * MONDAY",
            "0 0 30 2 *",
            "@daily",
            "1,,2 0 * * *",
        ] {
            assert_eq!(Recurrence::read(text), None, "{text}");
        }
    }
}
