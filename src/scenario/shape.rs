//! The shape of a section: keys, kinds and ranges checked against its descriptors.
//!
//! [`check`] walks a whole value and reports everything that is wrong with it; [`Fields`] reads the
//! values that passed, with the defaults of the same descriptors. This module must never know what
//! a key means.

use jiff::Timestamp;

use super::codes;
use super::context::Context;
use super::diagnostic::Span;
use super::tree::{Key, Node, Value};
use super::{quantity, suggest};
use crate::describe::{Kind, Param, Presence};
use crate::engine::time::SimDuration;

/// Checks `node`, which stands under the key called `name` at `at`, against `kind`.
///
/// Distributions and arrival processes are left to their own reader.
pub(super) fn check(cx: &mut Context, node: &Node, name: &str, at: Span, kind: &Kind) {
    match kind {
        Kind::Struct(params) => check_struct(cx, node, name, at, params, &[]),
        Kind::Map(of) => check_map(cx, node, name, of),
        Kind::List { of, min, max } => check_list(cx, node, name, (*min, *max), of),
        Kind::Duration { min_ns, max_ns } => {
            if let Some(value) = duration(cx, node, name) {
                check_duration(cx, node, name, value, (*min_ns, *max_ns));
            }
        }
        Kind::Rate => {
            rate(cx, node, name);
        }
        Kind::Integer { min, max } => check_integer(cx, node, name, (*min, *max)),
        Kind::Number { min, max } => check_number(cx, node, name, (*min, *max)),
        Kind::Boolean => {
            if !matches!(node.value, Value::Bool(_)) {
                wrong_kind(cx, node, name, "`true` or `false`");
            }
        }
        Kind::Text { min, max } => check_text(cx, node, name, (*min, *max)),
        Kind::Pattern { min, max, pattern } => {
            check_text(cx, node, name, (*min, *max));
            if node.text().is_some_and(|text| !pattern.matches(text)) {
                wrong_kind(cx, node, name, pattern.words);
            }
        }
        Kind::OneOf(words) => check_word(cx, node, name, words),
        Kind::Timestamp => {
            let time = node.text().map(str::parse::<Timestamp>);
            if !matches!(time, Some(Ok(_))) {
                wrong_kind(cx, node, name, "a time such as `2026-01-05T09:00:00Z`");
            }
        }
        Kind::Distribution | Kind::Arrivals | Kind::Any => {}
    }
}

/// Reports that `node` is of the wrong kind.
pub(super) fn wrong_kind(cx: &mut Context, node: &Node, name: &str, wanted: &str) {
    let is = node.kind();
    cx.report(
        &codes::WRONG_KIND,
        node.span,
        format!("`{name}` takes {wanted}, not {is}"),
    )
    .label(format!("this is {is}"));
}

/// Checks the keys of a map and the values under them, except under those in `own`, which have a
/// form that no descriptor can tell.
pub(super) fn check_struct(
    cx: &mut Context,
    node: &Node,
    name: &str,
    at: Span,
    params: &'static [Param],
    own: &[&str],
) {
    let Some(entries) = node.entries() else {
        let help = listed_keys(params);
        wrong_kind(cx, node, name, &format!("a map ({help})"));
        return;
    };
    let mut meant = Vec::new();
    for (key, value) in entries {
        match params.iter().find(|param| param.key == key.name) {
            Some(param) if own.contains(&param.key) => {}
            Some(param) => check(cx, value, param.key, key.span, &param.kind),
            None => {
                if cx.found.wants_suggestions() {
                    meant.extend(misspelt(&key.name, params));
                }
                unknown_key(cx, key, name, params);
            }
        }
    }
    for param in params {
        // One mistake, one message: a misspelt key is not missing as well.
        let given =
            meant.contains(&param.key) || entries.iter().any(|(key, _)| key.name == param.key);
        if param.presence == Presence::Required && !given {
            let inside = if name.is_empty() {
                "the scenario".to_owned()
            } else {
                format!("`{name}`")
            };
            cx.report(
                &codes::MISSING_KEY,
                at,
                format!("{inside} has no `{}`", param.key),
            )
            .help(format!("add `{}: {}`", param.key, example(param)))
            .note(format!("`{}`: {}", param.key, param.doc));
        }
    }
}

fn listed_keys(params: &[Param]) -> String {
    let keys: Vec<&str> = params.iter().map(|param| param.key).collect();
    keys.join(", ")
}

/// The key that `name`, which is none, was probably meant to be.
fn misspelt(name: &str, params: &'static [Param]) -> Option<&'static str> {
    suggest::nearest(name, params.iter().map(|param| param.key))
}

/// Something that could stand as the value of `param`.
fn example(param: &Param) -> String {
    match param.key {
        "horizon" => return "15m".to_owned(),
        "type" => return "application".to_owned(),
        "zones" => return "[a, b]".to_owned(),
        "to" => return "front/https".to_owned(),
        _ => {}
    }
    match &param.kind {
        Kind::Duration { .. } => "30s".to_owned(),
        Kind::Rate => "300/s".to_owned(),
        Kind::Integer { min, .. } => min.max(&1).to_string(),
        Kind::Number { .. } => "0.5".to_owned(),
        Kind::Boolean => "true".to_owned(),
        Kind::Text { .. } | Kind::Pattern { .. } | Kind::Any => "...".to_owned(),
        Kind::Timestamp => "2026-01-05T09:00:00Z".to_owned(),
        Kind::OneOf(words) => words.first().copied().unwrap_or("...").to_owned(),
        Kind::Distribution => "{ lognormal: { mean: 250ms, cv: 1.5 } }".to_owned(),
        Kind::Arrivals => "{ poisson: { rate: 300/s } }".to_owned(),
        Kind::List { .. } => "[...]".to_owned(),
        Kind::Struct(_) | Kind::Map(_) => "{ ... }".to_owned(),
    }
}

fn unknown_key(cx: &mut Context, key: &Key, name: &str, params: &'static [Param]) {
    let keys = params.iter().map(|param| param.key);
    let help = cx
        .found
        .wants_suggestions()
        .then(|| suggest::help(&key.name, "its keys are", keys))
        .flatten();
    let inside = if name.is_empty() {
        "a scenario has".to_owned()
    } else {
        format!("`{name}` has")
    };
    let help = help.or_else(|| {
        let listed = suggest::listed(params.iter().map(|param| param.key), "and");
        Some(format!("its keys are {listed}"))
    });
    cx.report(
        &codes::UNKNOWN_KEY,
        key.span,
        format!("{inside} no key `{}`", key.name),
    )
    .maybe_help(help);
}

fn check_map(cx: &mut Context, node: &Node, name: &str, of: &'static Kind) {
    let Some(entries) = node.entries() else {
        wrong_kind(cx, node, name, "a map from names to what they stand for");
        return;
    };
    for (key, value) in entries {
        check_name(cx, &key.name, key.span);
        check(cx, value, &key.name, key.span, of);
    }
}

/// Reports a name with characters that names may not have.
pub(super) fn check_name(cx: &mut Context, name: &str, span: Span) {
    let valid = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.len() <= 255 && name.chars().all(valid) {
        return;
    }
    let fixed: String = name
        .chars()
        .take(255)
        .map(|c| if valid(c) { c } else { '-' })
        .collect();
    let report = cx.report(&codes::BAD_NAME, span, format!("`{name}` cannot be a name"));
    if fixed.is_empty() {
        report.help("names consist of letters, digits, `_` and `-`");
    } else {
        report
            .label("letters, digits, `_` and `-` only")
            .help(format!("write `{fixed}`"));
    }
}

fn check_list(cx: &mut Context, node: &Node, name: &str, range: (usize, usize), of: &'static Kind) {
    let Value::List(items) = &node.value else {
        if matches!(node.value, Value::Null) && range.0 == 0 {
            return;
        }
        wrong_kind(cx, node, name, "a list");
        if let Some(last) = node.text() {
            let help = format!("write `[{last}]`");
            cx.found.amend_last(|problem| problem.help(help));
        }
        return;
    };
    let (min, max) = range;
    if items.len() < min || items.len() > max {
        let wanted = if items.len() < min {
            format!("needs at least {min}")
        } else {
            format!("may have at most {max}")
        };
        let count = items.len();
        cx.report(
            &codes::OUT_OF_RANGE,
            node.span,
            format!("`{name}` has {count} items, and {wanted}"),
        );
    }
    for item in items {
        check(cx, item, name, item.span, of);
    }
}

fn check_duration(
    cx: &mut Context,
    node: &Node,
    name: &str,
    value: SimDuration,
    range: (u64, u64),
) {
    let (min, max) = range;
    if (min..=max).contains(&value.as_nanos()) {
        return;
    }
    let show = |nanos| quantity::show(SimDuration::from_nanos(nanos));
    let wanted = if max == u64::MAX {
        format!("at least {}", show(min))
    } else {
        format!("{} to {}", show(min), show(max))
    };
    let shown = show(value.as_nanos());
    out_of_range(cx, node, name, &shown, &wanted);
}

/// Reports that a value is out of its range.
pub(super) fn out_of_range(cx: &mut Context, node: &Node, name: &str, is: &str, wanted: &str) {
    cx.report(
        &codes::OUT_OF_RANGE,
        node.span,
        format!("`{name}` is {is}, which is out of range"),
    )
    .label(format!("allowed: {wanted}"));
}

fn check_integer(cx: &mut Context, node: &Node, name: &str, range: (i64, i64)) {
    let (min, max) = range;
    let Value::Integer(value, _) = node.value else {
        wrong_kind(cx, node, name, "a whole number");
        return;
    };
    if value < i128::from(min) || value > i128::from(max) {
        let wanted = if max == i64::MAX {
            format!("{min} or more")
        } else {
            format!("{min} to {max}")
        };
        out_of_range(cx, node, name, &value.to_string(), &wanted);
    }
}

fn check_number(cx: &mut Context, node: &Node, name: &str, range: (f64, f64)) {
    let (min, max) = range;
    let Some(value) = number(node) else {
        wrong_kind(cx, node, name, "a number");
        return;
    };
    if !(min..=max).contains(&value) {
        let wanted = if max >= f64::MAX {
            format!("{min} or more")
        } else {
            format!("{min} to {max}")
        };
        out_of_range(cx, node, name, &value.to_string(), &wanted);
    }
}

fn check_text(cx: &mut Context, node: &Node, name: &str, range: (usize, usize)) {
    let (min, max) = range;
    let Some(text) = node.text() else {
        wrong_kind(cx, node, name, "text");
        return;
    };
    let length = text.chars().count();
    if length < min || length > max {
        let is = format!("{length} characters long");
        out_of_range(cx, node, name, &is, &format!("{min} to {max} characters"));
    }
}

fn check_word(cx: &mut Context, node: &Node, name: &str, words: &'static [&'static str]) {
    let Some(text) = node.text() else {
        let wanted = suggest::listed(words.iter().copied(), "or");
        wrong_kind(cx, node, name, &wanted);
        return;
    };
    if !words.contains(&text) {
        unknown_word(cx, node.span, name, text, words);
    }
}

/// Reports that `text` is none of `words`.
pub(super) fn unknown_word(cx: &mut Context, span: Span, name: &str, text: &str, words: &[&str]) {
    let listed = suggest::listed(words.iter().copied(), "or");
    let help = suggest::nearest(text, words.iter().copied());
    let elsewhere = || suggest::elsewhere(text).filter(|word| words.contains(word));
    let help = help
        .or_else(elsewhere)
        .map(|near| format!("did you mean `{near}`?"));
    cx.report(
        &codes::UNKNOWN_WORD,
        span,
        format!("`{name}` cannot be `{text}`"),
    )
    .label(format!("{listed} is expected"))
    .maybe_help(help);
}

/// The duration in `node`, or a report that there is none.
pub(super) fn duration(cx: &mut Context, node: &Node, name: &str) -> Option<SimDuration> {
    let Some(text) = node.text() else {
        wrong_kind(cx, node, name, "a duration such as `30s`");
        return None;
    };
    quantity::duration(text)
        .map_err(|problem| {
            cx.report(&codes::BAD_QUANTITY, node.span, problem.message)
                .maybe_help(problem.help);
        })
        .ok()
}

/// The rate in `node` \[1/s\], or a report that there is none.
pub(super) fn rate(cx: &mut Context, node: &Node, name: &str) -> Option<f64> {
    let Some(text) = node.text() else {
        wrong_kind(cx, node, name, "a rate such as `300/s`");
        return None;
    };
    quantity::rate(text)
        .map_err(|problem| {
            cx.report(&codes::BAD_QUANTITY, node.span, problem.message)
                .maybe_help(problem.help);
        })
        .ok()
}

/// The number in `node`.
pub(super) fn number(node: &Node) -> Option<f64> {
    match &node.value {
        // The text of an integer is always a float, too, and rounds correctly as one.
        Value::Integer(value, _) => value.to_string().parse().ok(),
        Value::Float(value, _) => Some(*value),
        Value::Null | Value::Bool(_) | Value::Text(_) | Value::List(_) | Value::Map(_) => None,
    }
}

/// The values of a map that was checked, with the defaults of its descriptors.
///
/// What was wrong was reported by [`check`]; here it counts as not given.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'t> {
    entries: &'t [(Key, Node)],
    params: &'static [Param],
    /// Where the map begins: its key.
    pub(super) at: Span,
}

impl<'t> Fields<'t> {
    pub(super) fn new(node: &'t Node, at: Span, params: &'static [Param]) -> Self {
        Self {
            entries: node.entries().unwrap_or_default(),
            params,
            at,
        }
    }

    /// The value given under `key`.
    pub(super) fn node(&self, key: &'static str) -> Option<&'t Node> {
        debug_assert!(self.params.iter().any(|param| param.key == key), "{key}");
        let mut entries = self.entries.iter();
        entries.find(|(k, _)| k.name == key).map(|(_, node)| node)
    }

    /// Where `key` stands, or where the map begins if it is not given.
    pub(super) fn span(&self, key: &str) -> Span {
        let mut entries = self.entries.iter();
        entries
            .find(|(k, _)| k.name == key)
            .map_or(self.at, |(k, _)| k.span)
    }

    fn default(&self, key: &str) -> Option<&'static str> {
        let param = self.params.iter().find(|param| param.key == key)?;
        match param.presence {
            Presence::Default(value) => Some(value),
            Presence::Required | Presence::Optional => None,
        }
    }

    /// The text under `key`, or its default.
    pub(super) fn text(&self, key: &'static str) -> Option<&'t str> {
        let given = self.node(key).and_then(Node::text);
        given.or_else(|| self.default(key))
    }

    /// The whole number under `key`, or its default.
    pub(super) fn integer(&self, key: &'static str) -> Option<u32> {
        let value = match self.node(key).map(|node| &node.value) {
            Some(Value::Integer(value, _)) => *value,
            _ => self.default(key)?.parse().ok()?,
        };
        u32::try_from(value).ok()
    }

    /// The number under `key`, or its default.
    pub(super) fn number(&self, key: &'static str) -> Option<f64> {
        match self.node(key) {
            Some(node) => number(node),
            None => self.default(key)?.parse().ok(),
        }
    }

    /// The duration under `key`, or its default.
    pub(super) fn duration(&self, key: &'static str) -> Option<SimDuration> {
        let text = self.text(key)?;
        quantity::duration(text)
            .ok()
            .or_else(|| quantity::duration(self.default(key)?).ok())
    }

    /// The items of the list under `key`; empty if it is not given.
    pub(super) fn items(&self, key: &'static str) -> &'t [Node] {
        self.node(key).and_then(Node::items).unwrap_or_default()
    }

    /// The entries of the map under `key`; empty if it is not given.
    pub(super) fn map(&self, key: &'static str) -> &'t [(Key, Node)] {
        self.node(key).and_then(Node::entries).unwrap_or_default()
    }
}
