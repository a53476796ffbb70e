//! Words in which the section tables are written.
//!
//! This module must never know a section.

use crate::describe::{Kind, Param, Presence, Source};

/// Any duration that fits a run.
pub(super) const DURATION: Kind = Kind::Duration {
    min_ns: 0,
    max_ns: u64::MAX,
};
/// The name of something.
pub(super) const NAME: Kind = Kind::Text { min: 1, max: 255 };
/// A text of any length.
pub(super) const TEXT: Kind = Kind::Text {
    min: 0,
    max: 100_000,
};
/// A list of zone names.
pub(super) const ZONES: Kind = Kind::List {
    of: &NAME,
    min: 1,
    max: 100,
};

/// A count that fits 32 bits.
pub(super) const fn count(min: i64) -> Kind {
    Kind::Integer {
        min,
        max: u32::MAX as i64,
    }
}

/// A key that must be given.
pub(super) const fn required(key: &'static str, kind: Kind, doc: &'static str) -> Param {
    param(key, kind, Presence::Required, doc)
}

/// A key that may be left out.
pub(super) const fn optional(key: &'static str, kind: Kind, doc: &'static str) -> Param {
    param(key, kind, Presence::Optional, doc)
}

/// A key with a default.
pub(super) const fn default(
    key: &'static str,
    kind: Kind,
    value: &'static str,
    doc: &'static str,
) -> Param {
    param(key, kind, Presence::Default(value), doc)
}

const fn param(key: &'static str, kind: Kind, presence: Presence, doc: &'static str) -> Param {
    Param {
        key,
        kind,
        presence,
        doc,
        source: Source::Ours,
    }
}
