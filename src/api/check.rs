//! The check of a request's shape: its parameters against their descriptors.
//!
//! What is wrong comes out as facts, in the order of the descriptors; each cloud has its own words
//! for them. This module must never look at the cloud's state.

use serde_json::Value;

use super::params::{Fields, double, has_type_of, integer, param_for};
use crate::describe::{Kind, Param, Pattern, Presence};

/// How a cloud spells the path of a member of its request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// `targets.1.member.id`
    Aws,
    /// `ServerGroup.1.Type`
    Alibaba,
}

/// What a value fails to be.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Constraint {
    /// Present.
    NotNull,
    /// At least so long.
    MinLength(usize),
    /// At most so long.
    MaxLength(usize),
    /// Of this pattern.
    Pattern(&'static Pattern),
    /// A list whose members are all of these, as a list of texts is answered as a whole.
    Members(Vec<Constraint>),
    /// At least this.
    MinValue(i64),
    /// At most this.
    MaxValue(i64),
    /// At least this, with a fraction.
    MinNumber(f64),
    /// At most this, with a fraction.
    MaxNumber(f64),
    /// One of these.
    OneOf(&'static [&'static str]),
    /// Of this type.
    Type(&'static str),
    /// A parameter of this operation.
    Known,
}

/// One thing wrong with a request.
#[derive(Debug, Clone, PartialEq)]
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
            Kind::Number { min, max } => {
                let number = double(value).unwrap_or_default();
                if number < *min {
                    self.note(path, Some(value), Constraint::MinNumber(*min));
                }
                if number > *max {
                    self.note(path, Some(value), Constraint::MaxNumber(*max));
                }
            }
            Kind::Text { .. } | Kind::Pattern { .. } | Kind::OneOf(_) => {
                let text = value.as_str().unwrap_or_default();
                let demands = demands(kind).into_iter();
                for constraint in demands.filter(|constraint| !constraint.is_met_by(text)) {
                    self.note(path, Some(value), constraint);
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
            Kind::Map(of) => {
                for (key, value) in Fields::of(value).entries() {
                    self.value(of, value, &format!("{path}.{key}.member"), true);
                }
            }
            Kind::Boolean
            | Kind::Timestamp
            | Kind::Duration { .. }
            | Kind::Rate
            | Kind::Distribution
            | Kind::Arrivals
            | Kind::Any => {}
        }
    }

    fn items(&mut self, of: &Kind, list: &Value, path: &str) {
        let items = list.as_array().map(Vec::as_slice).unwrap_or_default();
        let demands = demands(of);
        if !demands.is_empty()
            && self.spelling == Spelling::Aws
            && items.iter().all(Value::is_string)
        {
            // one violation for all members, as the services word it
            let mut texts = items.iter().filter_map(Value::as_str);
            if texts.any(|text| demands.iter().any(|demand| !demand.is_met_by(text))) {
                self.note(path, Some(list), Constraint::Members(demands));
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

/// What a text of this kind must be; nothing for what is no text.
fn demands(kind: &Kind) -> Vec<Constraint> {
    let lengths = |min: usize, max: usize| {
        let most = (max < usize::MAX).then_some(Constraint::MaxLength(max));
        let fewest = (min > 0).then_some(Constraint::MinLength(min));
        most.into_iter().chain(fewest)
    };
    match kind {
        Kind::Text { min, max } => lengths(*min, *max).collect(),
        Kind::Pattern { min, max, pattern } => lengths(*min, *max)
            .chain([Constraint::Pattern(pattern)])
            .collect(),
        Kind::OneOf(words) => vec![Constraint::OneOf(words)],
        Kind::Duration { .. }
        | Kind::Rate
        | Kind::Integer { .. }
        | Kind::Number { .. }
        | Kind::Boolean
        | Kind::Timestamp
        | Kind::Distribution
        | Kind::Arrivals
        | Kind::List { .. }
        | Kind::Struct(_)
        | Kind::Map(_)
        | Kind::Any => Vec::new(),
    }
}

impl Constraint {
    /// Whether a text is what it must be.
    fn is_met_by(&self, text: &str) -> bool {
        match self {
            Self::MinLength(min) => text.chars().count() >= *min,
            Self::MaxLength(max) => text.chars().count() <= *max,
            Self::Pattern(pattern) => pattern.matches(text),
            Self::OneOf(words) => words.contains(&text),
            Self::NotNull
            | Self::Members(_)
            | Self::MinValue(_)
            | Self::MaxValue(_)
            | Self::MinNumber(_)
            | Self::MaxNumber(_)
            | Self::Type(_)
            | Self::Known => true,
        }
    }
}

fn type_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Boolean => "a boolean",
        Kind::Integer { .. } => "a whole number",
        Kind::Rate | Kind::Number { .. } => "a number",
        Kind::Timestamp => "a timestamp",
        Kind::Duration { .. } | Kind::Text { .. } | Kind::Pattern { .. } | Kind::OneOf(_) => {
            "a string"
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::params::{optional, required};
    use crate::describe::{Chars, Piece, Source};
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
    fn texts_numbers_and_maps_are_held_to_their_kind() {
        const DIGITS: Pattern = Pattern {
            text: "[0-9]+",
            words: "digits",
            forms: &[&[Piece::Run {
                of: &[Chars::Range('0', '9')],
                min: 1,
                max: usize::MAX,
            }]],
        };
        const CODE: Kind = Kind::Pattern {
            min: 2,
            max: 3,
            pattern: &DIGITS,
        };
        const SHARE: Kind = Kind::Number { min: 0.0, max: 1.0 };
        const CODES: Kind = Kind::List {
            of: &CODE,
            min: 0,
            max: 9,
        };
        let params = [
            optional("Code", CODE, "code", Source::Ours),
            optional("Codes", CODES, "codes", Source::Ours),
            optional("Share", SHARE, "share", Source::Ours),
            optional("Shares", Kind::Map(&SHARE), "shares", Source::Ours),
            optional("Time", Kind::Timestamp, "time", Source::Ours),
        ];
        let paths = |value: &Value| -> Vec<(String, Constraint)> {
            let found = violations(&params, value, Spelling::Aws, &[]).into_iter();
            found.map(|found| (found.path, found.constraint)).collect()
        };
        let right = json!({"Code": "12", "Codes": ["12", "345"], "Share": 0.5,
            "Shares": {"a": 1}, "Time": "2026-01-05T09:00:00+01:00"});
        assert_eq!(paths(&right), []);
        let wrong = json!({"Code": "x", "Codes": ["12", "1234"], "Share": 1.5,
            "Shares": {"a": 1, "b": -1}, "Time": "yesterday"});
        let pattern = Constraint::Pattern(&DIGITS);
        let (fewest, most) = (Constraint::MinLength(2), Constraint::MaxLength(3));
        let expected = [
            ("code", fewest.clone()),
            ("code", pattern.clone()),
            ("codes", Constraint::Members(vec![most, fewest, pattern])),
            ("share", Constraint::MaxNumber(1.0)),
            ("shares.b.member", Constraint::MinNumber(0.0)),
            ("time", Constraint::Type("a timestamp")),
        ];
        let expected = expected.map(|(path, constraint)| (path.to_owned(), constraint));
        assert_eq!(paths(&wrong), expected);
    }

    #[test]
    fn null_is_a_parameter_left_out() {
        let expected = vec![("Name".to_owned(), Constraint::NotNull)];
        assert_eq!(paths(&json!({"Name": null}), Spelling::Alibaba), expected);
        assert_eq!(paths(&json!("text"), Spelling::Alibaba), expected);
    }
}
