//! Parameters of a call: described and read.
//!
//! What makes up a descriptor, and how a value that has passed the check is read: booleans and
//! numbers may be text, `null` is a parameter left out. This module must never look at the cloud's
//! state.

use std::fmt::Write;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

pub(super) use super::check::{Constraint, Spelling, Violation, violations};
use crate::describe::{Kind, Param, Presence, Source};

/// A parameter that must be given.
pub(super) const fn required(
    key: &'static str,
    kind: Kind,
    doc: &'static str,
    source: Source,
) -> Param {
    Param {
        key,
        kind,
        presence: Presence::Required,
        doc,
        source,
    }
}

/// A parameter that may be left out.
pub(super) const fn optional(
    key: &'static str,
    kind: Kind,
    doc: &'static str,
    source: Source,
) -> Param {
    Param {
        key,
        kind,
        presence: Presence::Optional,
        doc,
        source,
    }
}

/// A parameter that has a value when it is left out.
pub(super) const fn defaulted(
    key: &'static str,
    kind: Kind,
    default: &'static str,
    doc: &'static str,
    source: Source,
) -> Param {
    Param {
        key,
        kind,
        presence: Presence::Default(default),
        doc,
        source,
    }
}

/// Parameters of one operation followed by those it shares with others.
pub(super) const fn with_shared<const OWN: usize, const ALL: usize>(
    own: [Param; OWN],
    shared: &[Param],
) -> [Param; ALL] {
    let mut all = [own[0]; ALL];
    let mut place = 0;
    while place < ALL {
        all[place] = if place < OWN {
            own[place]
        } else {
            shared[place - OWN]
        };
        place += 1;
    }
    all
}

/// Whether `value` has a JSON type in which a parameter of this kind may be written; what is in a
/// list or a struct is not looked at. Booleans and whole numbers may be text, as some tools write
/// them; `null` is a parameter left out.
pub fn has_type_of(kind: &Kind, value: &Value) -> bool {
    match kind {
        Kind::Boolean => boolean(value).is_some() || value.is_null(),
        Kind::Integer { .. } => integer(value).is_some() || value.is_null(),
        Kind::Number { .. } => double(value).is_some() || value.is_null(),
        Kind::Rate => value.is_number() || value.is_null(),
        Kind::Duration { .. } | Kind::Text { .. } | Kind::Pattern { .. } | Kind::OneOf(_) => {
            value.is_string() || value.is_null()
        }
        Kind::Timestamp => timestamp(value).is_some() || value.is_null(),
        Kind::List { .. } => value.is_array() || value.is_null(),
        Kind::Struct(_) | Kind::Map(_) => value.is_object() || value.is_null(),
        Kind::Distribution | Kind::Arrivals | Kind::Any => true,
    }
}

/// `true` or `false`, which may be written as text.
pub(super) fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            None
        }
    }
}

/// A whole number, which may be written as text.
pub(super) fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A number with a fraction, which may be written as text.
pub(super) fn double(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    number.filter(|number| number.is_finite())
}

/// A point in time: a date, in UTC where it has no zone, or seconds since 1970, as clients send
/// both.
pub(super) fn timestamp(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => text.parse().ok().or_else(|| in_utc(text)),
        Value::Number(number) => Timestamp::from_second(number.as_i64()?).ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A date in UTC, with or without a `Z`; one beyond the calendar is its last instant.
fn in_utc(text: &str) -> Option<Timestamp> {
    let date: DateTime = text.strip_suffix('Z').unwrap_or(text).parse().ok()?;
    let zoned = date.to_zoned(TimeZone::UTC).ok();
    zoned
        .map(|zoned| zoned.timestamp())
        .or((date.year() > 0).then_some(Timestamp::MAX))
}

/// The parameters of a call, or of one item in it. `null` is a parameter left out, and so is a
/// value of the wrong type: the check comes first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a>(Option<&'a Map<String, Value>>);

impl<'a> Fields<'a> {
    /// The fields of `value`; what is not an object has none.
    pub(super) fn of(value: &'a Value) -> Self {
        Self(value.as_object())
    }

    /// Keys and values.
    pub(super) fn entries(self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let entries = self.0.into_iter().flatten();
        entries.map(|(key, value)| (key.as_str(), value))
    }

    /// The value of `key`.
    pub(super) fn get(self, key: &str) -> Option<&'a Value> {
        self.0?.get(key).filter(|value| !value.is_null())
    }

    /// A text.
    pub(super) fn text(self, key: &str) -> Option<&'a str> {
        self.get(key)?.as_str()
    }

    /// A text that the check has found to be there.
    pub(super) fn given(self, key: &str) -> &'a str {
        self.text(key).unwrap_or_default()
    }

    /// `true` or `false`, absent being `false`.
    pub(super) fn flag(self, key: &str) -> bool {
        self.get(key).and_then(boolean).unwrap_or(false)
    }

    /// A whole number.
    pub(super) fn integer(self, key: &str) -> Option<i64> {
        self.get(key).and_then(integer)
    }

    /// A port.
    pub(super) fn port(self, key: &str) -> Option<u16> {
        self.integer(key).and_then(|port| u16::try_from(port).ok())
    }

    /// The items of a list.
    pub(super) fn items(self, key: &str) -> &'a [Value] {
        let list = self.get(key).and_then(Value::as_array);
        list.map(Vec::as_slice).unwrap_or_default()
    }

    /// The items of a list of texts.
    pub(super) fn texts(self, key: &str) -> Vec<&'a str> {
        self.items(key).iter().filter_map(Value::as_str).collect()
    }
}

/// A page of what a call asks for.
#[derive(Debug)]
pub(super) struct Paged<T> {
    /// What is on it.
    pub(super) items: Vec<T>,
    /// How many it may hold.
    pub(super) size: usize,
    /// The token of the next one.
    pub(super) next: Option<String>,
}

/// The page of `all` that a request names: how many under `size`, `standard` without, from the
/// token under `token` on. `None` where that is a token of nobody.
pub(super) fn page<T>(
    fields: Fields<'_>,
    [size, token]: [&str; 2],
    standard: usize,
    all: Vec<T>,
) -> Option<Paged<T>> {
    let size = fields.integer(size);
    let size = size
        .and_then(|size| usize::try_from(size).ok())
        .unwrap_or(standard);
    let from = match fields.text(token) {
        None => 0,
        Some(token) => {
            let place = token.parse::<usize>().ok();
            place.filter(|from| *from > 0 && *from < all.len())?
        }
    };
    let next = from.saturating_add(size);
    let next = (next < all.len()).then(|| next.to_string());
    let items = all.into_iter().skip(from).take(size).collect();
    Some(Paged { items, size, next })
}

/// The descriptor of the parameter spelt `key`; a whole number stands for the `N` of a flattened
/// list: `ServerGroup.1.Port` is `ServerGroup.N.Port`.
pub fn param_for<'a>(params: &'a [Param], key: &str) -> Option<&'a Param> {
    let is_index = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    params.iter().find(|param| {
        let mut given = key.split('.');
        let same = param.key.split('.').all(|part| {
            given
                .next()
                .is_some_and(|given| given == part || (part == "N" && is_index(given)))
        });
        same && given.next().is_none()
    })
}

/// Texts with a comma between them, each in single quotes.
pub(super) fn quoted<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut list = String::new();
    for text in texts {
        if !list.is_empty() {
            list += ", ";
        }
        write!(list, "'{text}'").expect("writing to a string works");
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flattened_list_is_known_by_any_index() {
        let text = Kind::Text { min: 1, max: 3 };
        let params = [optional("Group.N.Id", text, "flat", Source::Ours)];
        assert!(param_for(&params, "Group.12.Id").is_some());
        assert!(param_for(&params, "Group.x.Id").is_none());
        assert!(param_for(&params, "Group..Id").is_none());
        assert!(param_for(&params, "Group.1").is_none());
        assert!(param_for(&params, "Group.1.Id.2").is_none());
    }
}
