//! Arguments: the values a file gives to a distribution or an arrival process, already parsed.
//!
//! The reader of files turns text into these by the descriptor's [`Param`]s; builders take them by
//! key and answer for what single values cannot show, such as two that contradict each other. This
//! module must never parse text or open a file.
//!
//! [`Param`]: crate::describe::Param

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::describe::Kind;
use crate::engine::time::{SimDuration, SimTime};

/// Any duration a file can hold.
pub(super) const ANY_DURATION: Kind = Kind::Duration {
    min_ns: 0,
    max_ns: u64::MAX,
};

/// Any duration but none at all.
pub(super) const SOME_DURATION: Kind = Kind::Duration {
    min_ns: 1,
    max_ns: u64::MAX,
};

/// The largest rate of arrivals \[1/s\]: one a nanosecond, as instants are whole nanoseconds.
pub const MAX_RATE: f64 = 1e9;

/// One parsed value.
#[derive(Debug, Clone, PartialEq)]
pub enum ArgValue {
    /// A duration.
    Duration(SimDuration),
    /// A rate \[1/s\].
    Rate(f64),
    /// A number.
    Number(f64),
    /// A list of numbers.
    Numbers(Vec<f64>),
    /// A list of durations, or the column of a file that holds them.
    Durations(Arc<[SimDuration]>),
    /// The column of a file that holds instants, in order.
    Times(Arc<[SimTime]>),
    /// Instants with rates \[1/s\].
    Points(Vec<(SimTime, f64)>),
    /// One of a closed set of words.
    Word(&'static str),
    /// Text.
    Text(String),
}

/// Parsed values by their key.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Args(BTreeMap<String, ArgValue>);

impl Args {
    /// None.
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// With `value` under `key`.
    #[must_use]
    pub fn with(mut self, key: &str, value: ArgValue) -> Self {
        self.insert(key, value);
        self
    }

    /// Puts `value` under `key`; one that was there is replaced.
    pub fn insert(&mut self, key: &str, value: ArgValue) {
        self.0.insert(key.to_owned(), value);
    }

    /// The value under `key`.
    pub fn get(&self, key: &str) -> Option<&ArgValue> {
        self.0.get(key)
    }

    /// Whether there is a value under `key`.
    pub fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// The duration under `key`.
    pub fn duration(&self, key: &str) -> Option<SimDuration> {
        if let Some(&ArgValue::Duration(duration)) = self.get(key) {
            return Some(duration);
        }
        None
    }

    /// The rate under `key` \[1/s\].
    pub fn rate(&self, key: &str) -> Option<f64> {
        if let Some(&ArgValue::Rate(rate)) = self.get(key) {
            return Some(rate);
        }
        None
    }

    /// The number under `key`.
    pub fn number(&self, key: &str) -> Option<f64> {
        if let Some(&ArgValue::Number(number)) = self.get(key) {
            return Some(number);
        }
        None
    }

    /// The numbers under `key`.
    pub fn numbers(&self, key: &str) -> Option<&[f64]> {
        if let Some(ArgValue::Numbers(numbers)) = self.get(key) {
            return Some(numbers);
        }
        None
    }

    /// The durations under `key`.
    pub fn durations(&self, key: &str) -> Option<&Arc<[SimDuration]>> {
        if let Some(ArgValue::Durations(durations)) = self.get(key) {
            return Some(durations);
        }
        None
    }

    /// The instants under `key`.
    pub fn times(&self, key: &str) -> Option<&Arc<[SimTime]>> {
        if let Some(ArgValue::Times(times)) = self.get(key) {
            return Some(times);
        }
        None
    }

    /// The instants with rates under `key`.
    pub fn points(&self, key: &str) -> Option<&[(SimTime, f64)]> {
        if let Some(ArgValue::Points(points)) = self.get(key) {
            return Some(points);
        }
        None
    }

    /// The word under `key`.
    pub fn word(&self, key: &str) -> Option<&'static str> {
        if let Some(&ArgValue::Word(word)) = self.get(key) {
            return Some(word);
        }
        None
    }

    /// The text under `key`.
    pub fn text(&self, key: &str) -> Option<&str> {
        if let Some(ArgValue::Text(text)) = self.get(key) {
            return Some(text);
        }
        None
    }

    /// The duration a builder cannot do without, which is not zero.
    pub(super) fn need_duration(&self, key: &'static str) -> Result<SimDuration, ArgError> {
        let duration = self
            .duration(key)
            .ok_or_else(|| ArgError::missing(key, "2s"))?;
        if duration == SimDuration::ZERO {
            return Err(ArgError::new(
                key,
                format!("`{key}` is zero"),
                "give a duration above zero; for no time at all write a bare `0s` instead",
            ));
        }
        Ok(duration)
    }

    /// The number a builder cannot do without, within `min..=max`.
    pub(super) fn need_number(
        &self,
        key: &'static str,
        min: f64,
        max: f64,
    ) -> Result<f64, ArgError> {
        let number = self
            .number(key)
            .ok_or_else(|| ArgError::missing(key, "1.5"))?;
        if (min..=max).contains(&number) {
            return Ok(number);
        }
        Err(ArgError::new(
            key,
            format!("`{key}` is {number}"),
            format!("give a number from {min} to {max}"),
        ))
    }

    /// The rate a builder cannot do without: above zero and at most [`MAX_RATE`].
    pub(super) fn need_rate(&self, key: &'static str) -> Result<f64, ArgError> {
        let rate = self
            .rate(key)
            .ok_or_else(|| ArgError::missing(key, "300/s"))?;
        if rate > 0.0 && rate <= MAX_RATE {
            return Ok(rate);
        }
        Err(ArgError::new(
            key,
            format!("`{key}` is {rate}/s"),
            "give a rate above zero and at most 1000000000/s; leave a workload without traffic out",
        ))
    }
}

/// Why nothing can be built of some arguments.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ArgError {
    /// The key at fault, where it is a single one.
    pub key: Option<&'static str>,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

impl ArgError {
    /// An error about the value under `key`.
    pub(super) fn new(
        key: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            key: Some(key),
            message: message.into(),
            help: help.into(),
        }
    }

    /// An error about several values together.
    pub(super) fn together(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            key: None,
            message: message.into(),
            help: help.into(),
        }
    }

    /// An error about a value that is not there or of another kind.
    pub(super) fn missing(key: &'static str, example: &str) -> Self {
        Self::new(
            key,
            format!("`{key}` is missing"),
            format!("write `{key}: {example}`, for example"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_getter_gives_only_its_own_kind() {
        let args = Args::new()
            .with("mean", ArgValue::Duration(SimDuration::from_secs(2)))
            .with("cv", ArgValue::Number(1.5));
        assert_eq!(args.duration("mean"), Some(SimDuration::from_secs(2)));
        assert_eq!(args.number("mean"), None);
        assert_eq!(args.number("cv"), Some(1.5));
        assert_eq!(args.rate("cv"), None);
        assert!(args.has("cv") && !args.has("sigma"));
    }

    #[test]
    fn numbers_out_of_range_and_no_numbers_are_refused() {
        for number in [-0.1, 10.5, f64::NAN, f64::INFINITY] {
            let args = Args::new().with("cv", ArgValue::Number(number));
            let error = args.need_number("cv", 0.0, 10.0).unwrap_err();
            assert_eq!(error.key, Some("cv"));
        }
        for rate in [0.0, -1.0, 2e9, f64::NAN, f64::INFINITY] {
            let args = Args::new().with("rate", ArgValue::Rate(rate));
            assert!(args.need_rate("rate").is_err());
        }
        assert!(Args::new().need_duration("mean").is_err());
    }
}
