//! Settings: how one is described, and the values one may have.
//!
//! `assumption` has the table of all. This module must never know what a setting means.

use super::assumption::{Assumptions, InitialChecks};
use super::loss::Code;
use crate::describe::{Kind, Param, Presence, Source};
use crate::workload::dist::Sampler;

/// A value for a setting, checked against its [`Kind`].
#[derive(Debug, Clone)]
pub enum SettingValue {
    /// For [`Kind::Distribution`] and [`Kind::Duration`] (a constant).
    Duration(Sampler),
    /// For [`Kind::Boolean`].
    Flag(bool),
    /// For [`Kind::OneOf`].
    Word(&'static str),
    /// For [`Kind::Number`].
    Number(f64),
}

impl SettingValue {
    pub(super) fn sampler(self) -> Sampler {
        match self {
            Self::Duration(sampler) => sampler,
            Self::Flag(_) | Self::Word(_) | Self::Number(_) => {
                panic!("the value was checked against its kind")
            }
        }
    }

    pub(super) fn flag(self) -> bool {
        matches!(self, Self::Flag(true))
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self, Self::Word(given) if *given == word)
    }

    pub(super) fn initial_checks(&self) -> InitialChecks {
        if self.is_word("one") {
            InitialChecks::One
        } else {
            InitialChecks::Threshold
        }
    }

    /// A status of the server's fault; the word is one of [`SERVER_FAULTS`].
    pub(super) fn status(&self) -> Code {
        if self.is_word("500") {
            Code::C500
        } else if self.is_word("502") {
            Code::C502
        } else if self.is_word("503") {
            Code::C503
        } else {
            Code::C504
        }
    }
}

/// One setting: its description and how it is set.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Key, kind, default, doc and source.
    pub param: Param,
    /// Puts a checked value in place.
    pub apply: fn(&mut Assumptions, SettingValue),
}

/// Statuses by which a server says that it is to blame.
pub(super) const SERVER_FAULTS: Kind = Kind::OneOf(&["500", "502", "503", "504"]);
/// How many successful checks make a new target healthy.
pub(super) const INITIAL_CHECKS: Kind = Kind::OneOf(&["one", "healthy_threshold"]);
/// Any duration that is no shorter than a second.
pub(super) const AT_LEAST_A_SECOND: Kind = Kind::Duration {
    min_ns: 1_000_000_000,
    max_ns: u64::MAX,
};
/// Any duration.
pub(super) const ANY_DURATION: Kind = Kind::Duration {
    min_ns: 0,
    max_ns: u64::MAX,
};

/// A line for a time that no cloud tells of.
pub(super) const fn assumed_time(
    key: &'static str,
    default: &'static str,
    doc: &'static str,
    apply: fn(&mut Assumptions, SettingValue),
) -> Setting {
    let source = Source::Assumed;
    setting(key, Kind::Distribution, default, doc, source, apply)
}

/// One line of the table of settings.
pub(super) const fn setting(
    key: &'static str,
    kind: Kind,
    default: &'static str,
    doc: &'static str,
    source: Source,
    apply: fn(&mut Assumptions, SettingValue),
) -> Setting {
    Setting {
        param: Param {
            key,
            kind,
            presence: Presence::Default(default),
            doc,
            source,
        },
        apply,
    }
}
