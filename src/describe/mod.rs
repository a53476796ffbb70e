//! What a descriptor is: the words in which every registry describes what a user can name.
//!
//! Parsing, `explain`, `list`, the JSON Schema and the reference pages all read these structs, so
//! a thing is described once, beside its code. This module is at the bottom: it knows no cloud,
//! no simulator and no file format, and must never learn of one.

mod pattern;

pub use pattern::{Chars, Pattern, Piece};

/// Where a fact comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The vendor's documentation or API model says so.
    Documented(&'static str),
    /// Seen in an issue thread, a log or a real payload.
    Observed(&'static str),
    /// No source: a default behind a named setting.
    Assumed,
    /// A rule of drainsim's own file format or textbook knowledge, not a claim about a cloud.
    Ours,
}

impl Source {
    /// The one-word mark used in tables: `documented`, `observed`, `assumed` or `drainsim`.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Documented(_) => "documented",
            Self::Observed(_) => "observed",
            Self::Assumed => "assumed",
            Self::Ours => "drainsim",
        }
    }

    /// The place to read on, empty where there is none.
    pub fn place(self) -> &'static str {
        match self {
            Self::Documented(place) | Self::Observed(place) => place,
            Self::Assumed | Self::Ours => "",
        }
    }
}

/// What kind of value a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// A duration such as `250ms` or `5m 30s`, bounds in nanoseconds.
    Duration {
        /// Smallest value allowed \[ns\].
        min_ns: u64,
        /// Largest value allowed \[ns\].
        max_ns: u64,
    },
    /// A rate such as `300/s`.
    Rate,
    /// A whole number.
    Integer {
        /// Smallest value allowed.
        min: i64,
        /// Largest value allowed.
        max: i64,
    },
    /// A number with a fraction.
    Number {
        /// Smallest value allowed.
        min: f64,
        /// Largest value allowed.
        max: f64,
    },
    /// `true` or `false`.
    Boolean,
    /// Text of a length in characters.
    Text {
        /// Fewest characters.
        min: usize,
        /// Most characters.
        max: usize,
    },
    /// Text of a length in characters that looks a certain way.
    Pattern {
        /// Fewest characters.
        min: usize,
        /// Most characters.
        max: usize,
        /// How it must look.
        pattern: &'static Pattern,
    },
    /// A point in time, as in `2026-01-05T09:00:00Z`.
    Timestamp,
    /// One of a closed set of words.
    OneOf(&'static [&'static str]),
    /// A distribution of durations: a bare duration or a family with its parameters.
    Distribution,
    /// An arrival process.
    Arrivals,
    /// A list of one kind.
    List {
        /// What each item is.
        of: &'static Kind,
        /// Fewest items.
        min: usize,
        /// Most items.
        max: usize,
    },
    /// A map with these keys.
    Struct(&'static [Param]),
    /// A map from names to values of one kind.
    Map(&'static Kind),
    /// Any value; the reader decides.
    Any,
}

/// What happens when a parameter is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It must be given.
    Required,
    /// It may be left out; the doc says what then holds.
    Optional,
    /// It may be left out and then has this value, written as in a file.
    Default(&'static str),
}

/// One parameter of anything a user can name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Param {
    /// The key as it is spelt in a file.
    pub key: &'static str,
    /// What the value is.
    pub kind: Kind,
    /// What leaving it out means.
    pub presence: Presence,
    /// One sentence: what it does, with its unit.
    pub doc: &'static str,
    /// Where the parameter and its range come from.
    pub source: Source,
}

/// One page of reference: what `explain` prints and what the generated docs hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The registry it belongs to, in the singular: `operation`, `distribution`, `loss cause`.
    pub topic: &'static str,
    /// The name a user writes.
    pub name: String,
    /// One line.
    pub summary: String,
    /// The parameters, attributes or labels.
    pub params: &'static [Param],
    /// Further paragraphs: formulas, errors raised, known deviations.
    pub notes: Vec<String>,
    /// Where it comes from.
    pub source: Source,
}
