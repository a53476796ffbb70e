//! Parameters of a call: read, and checked against their descriptors.
//!
//! The clouds check the shape of a request before they look at anything it names; here is that
//! check, once for all operations. What is wrong comes out as facts; each cloud has its own words
//! for them. This module must never look at the cloud's state.

use std::fmt::Write;

use serde_json::{Map, Value};

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

/// Whether `value` has a JSON type in which a parameter of this kind may be written; what is in a
/// list or a struct is not looked at. Booleans and whole numbers may be text, as some tools write
/// them; `null` is a parameter left out.
pub fn has_type_of(kind: &Kind, value: &Value) -> bool {
    match kind {
        Kind::Boolean => boolean(value).is_some() || value.is_null(),
        Kind::Integer { .. } => integer(value).is_some() || value.is_null(),
        Kind::Rate | Kind::Number { .. } => value.is_number() || value.is_null(),
        Kind::Duration { .. } | Kind::Text { .. } | Kind::OneOf(_) => {
            value.is_string() || value.is_null()
        }
        Kind::List { .. } => value.is_array() || value.is_null(),
        Kind::Struct(_) | Kind::Map(_) => value.is_object() || value.is_null(),
        Kind::Distribution | Kind::Arrivals | Kind::Any => true,
    }
}

fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            None
        }
    }
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
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

/// How a cloud spells the path of a member of its request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// `targets.1.member.id`
    Aws,
    /// `ServerGroup.1.Type`
    Alibaba,
}

/// What a value fails to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Constraint {
    /// Present.
    NotNull,
    /// At least so long.
    MinLength(usize),
    /// At most so long.
    MaxLength(usize),
    /// A list whose members are of a length.
    MemberLength(usize, usize),
    /// At least this.
    MinValue(i64),
    /// At most this.
    MaxValue(i64),
    /// One of these.
    OneOf(&'static [&'static str]),
    /// Of this type.
    Type(&'static str),
    /// A parameter of this operation.
    Known,
}

/// One thing wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Violation {
    /// Where.
    pub(super) path: String,
    /// What is there, as text; `None` is nothing.
    pub(super) value: Option<String>,
    /// What it should be.
    pub(super) constraint: Constraint,
}

/// Everything wrong with `value`, in the order of the descriptors. The length of lists named in
/// `own` is left to the operation, which has its own words for it.
pub(super) fn violations(
    params: &[Param],
    value: &Value,
    spelling: Spelling,
    own: &[&str],
) -> Vec<Violation> {
    let mut check = Check {
        spelling,
        own,
        found: Vec::new(),
    };
    check.fields(params, value, "");
    check.found
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

struct Check<'a> {
    spelling: Spelling,
    own: &'a [&'a str],
    found: Vec<Violation>,
}

impl Check<'_> {
    fn note(&mut self, path: &str, value: Option<&Value>, constraint: Constraint) {
        self.found.push(Violation {
            path: path.to_owned(),
            value: value.map(shown),
            constraint,
        });
    }

    fn fields(&mut self, params: &[Param], value: &Value, path: &str) {
        let fields = Fields::of(value);
        for param in params {
            let path = self.member(path, param.key);
            match fields.get(param.key) {
                Some(value) => {
                    let sized_here = !self.own.contains(&param.key);
                    self.value(&param.kind, value, &path, sized_here);
                }
                None if param.presence == Presence::Required => {
                    self.note(&path, None, Constraint::NotNull);
                }
                None => {}
            }
        }
        for (key, value) in fields.entries() {
            if param_for(params, key).is_none() {
                let path = self.member(path, key);
                self.note(&path, Some(value), Constraint::Known);
            }
        }
    }

    fn member(&self, path: &str, key: &str) -> String {
        let mut path = path.to_owned();
        if !path.is_empty() {
            path.push('.');
        }
        match self.spelling {
            Spelling::Alibaba => path += key,
            Spelling::Aws => {
                let mut letters = key.chars();
                path.extend(letters.next().map(|first| first.to_ascii_lowercase()));
                path.extend(letters);
            }
        }
        path
    }

    fn value(&mut self, kind: &Kind, value: &Value, path: &str, sized_here: bool) {
        if !has_type_of(kind, value) {
            self.note(path, Some(value), Constraint::Type(type_name(kind)));
            return;
        }
        match kind {
            Kind::Integer { min, max } => {
                let number = integer(value).unwrap_or_default();
                if number < *min {
                    self.note(path, Some(value), Constraint::MinValue(*min));
                }
                if number > *max {
                    self.note(path, Some(value), Constraint::MaxValue(*max));
                }
            }
            Kind::Text { min, max } => {
                let length = length_of(value);
                if length < *min {
                    self.note(path, Some(value), Constraint::MinLength(*min));
                }
                if length > *max {
                    self.note(path, Some(value), Constraint::MaxLength(*max));
                }
            }
            Kind::OneOf(words) => {
                if !value.as_str().is_some_and(|text| words.contains(&text)) {
                    self.note(path, Some(value), Constraint::OneOf(words));
                }
            }
            Kind::List { of, min, max } => {
                let items = value.as_array().map_or(0, Vec::len);
                if items < *min {
                    self.note(path, Some(value), Constraint::MinLength(*min));
                }
                if items > *max && sized_here {
                    self.note(path, Some(value), Constraint::MaxLength(*max));
                }
                self.items(of, value, path);
            }
            Kind::Struct(params) => self.fields(params, value, path),
            Kind::Boolean
            | Kind::Duration { .. }
            | Kind::Rate
            | Kind::Number { .. }
            | Kind::Distribution
            | Kind::Arrivals
            | Kind::Map(_)
            | Kind::Any => {}
        }
    }

    fn items(&mut self, of: &Kind, list: &Value, path: &str) {
        let items = list.as_array().map(Vec::as_slice).unwrap_or_default();
        if let Kind::Text { min, max } = of
            && self.spelling == Spelling::Aws
            && items.iter().all(Value::is_string)
        {
            // one violation for all members, as the services word it
            if items
                .iter()
                .any(|item| !(*min..=*max).contains(&length_of(item)))
            {
                self.note(path, Some(list), Constraint::MemberLength(*min, *max));
            }
            return;
        }
        for (index, item) in items.iter().enumerate() {
            let place = index + 1;
            let path = match self.spelling {
                Spelling::Aws => format!("{path}.{place}.member"),
                Spelling::Alibaba => format!("{path}.{place}"),
            };
            self.value(of, item, &path, true);
        }
    }
}

fn length_of(value: &Value) -> usize {
    value.as_str().map_or(0, |text| text.chars().count())
}

fn type_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Boolean => "a boolean",
        Kind::Integer { .. } => "a whole number",
        Kind::Rate | Kind::Number { .. } => "a number",
        Kind::Duration { .. } | Kind::Text { .. } | Kind::OneOf(_) => "a string",
        Kind::List { .. } => "a list",
        Kind::Struct(_) | Kind::Map(_) => "a structure",
        Kind::Distribution | Kind::Arrivals | Kind::Any => "a value",
    }
}

/// A value as it stands in a message: texts bare, lists in brackets.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(shown).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
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
    use serde_json::json;

    const ITEM: &[Param] = &[
        required("Id", Kind::Text { min: 1, max: 9 }, "id", Source::Ours),
        optional(
            "Port",
            Kind::Integer { min: 1, max: 9 },
            "port",
            Source::Ours,
        ),
    ];
    const PARAMS: &[Param] = &[
        required("Name", Kind::Text { min: 1, max: 3 }, "name", Source::Ours),
        optional(
            "Targets",
            Kind::List {
                of: &Kind::Struct(ITEM),
                min: 1,
                max: 2,
            },
            "targets",
            Source::Ours,
        ),
        optional(
            "Group.N.Id",
            Kind::Text { min: 1, max: 3 },
            "flat",
            Source::Ours,
        ),
    ];

    fn paths(value: &Value, spelling: Spelling) -> Vec<(String, Constraint)> {
        let found = violations(PARAMS, value, spelling, &[]).into_iter();
        found.map(|found| (found.path, found.constraint)).collect()
    }

    #[test]
    fn what_is_wrong_is_found_where_it_is() {
        let wrong = json!({"Name": "", "Targets": [{"Port": 0}, {"Id": "a", "Port": "x"}, 3]});
        let expected = [
            ("name", Constraint::MinLength(1)),
            ("targets", Constraint::MaxLength(2)),
            ("targets.1.member.id", Constraint::NotNull),
            ("targets.1.member.port", Constraint::MinValue(1)),
            ("targets.2.member.port", Constraint::Type("a whole number")),
            ("targets.3.member", Constraint::Type("a structure")),
        ];
        let expected = expected.map(|(path, constraint)| (path.to_owned(), constraint));
        assert_eq!(paths(&wrong, Spelling::Aws), expected);
    }

    #[test]
    fn null_is_a_parameter_left_out() {
        let expected = vec![("Name".to_owned(), Constraint::NotNull)];
        assert_eq!(paths(&json!({"Name": null}), Spelling::Alibaba), expected);
        assert_eq!(paths(&json!("text"), Spelling::Alibaba), expected);
    }

    #[test]
    fn a_flattened_list_is_known_by_any_index() {
        assert!(param_for(PARAMS, "Group.12.Id").is_some());
        assert!(param_for(PARAMS, "Group.x.Id").is_none());
        assert!(param_for(PARAMS, "Group..Id").is_none());
        assert!(param_for(PARAMS, "Group.1").is_none());
        assert!(param_for(PARAMS, "Group.1.Id.2").is_none());
    }
}
