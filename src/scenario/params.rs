//! Parameters of calls: keys and JSON types checked, everything else left to the cloud.
//!
//! A missing, malformed or out-of-range value is the cloud's own error, made when the call is made.
//! This module must never know an operation by its name.

use serde_json::{Map, Number, Value as Json};

use super::context::{Context, Thing};
use super::diagnostic::Span;
use super::reference::{self, Piece, Reference, Segment};
use super::tree::{Key, Node, Value};
use super::{codes, suggest};
use crate::api;
use crate::describe::{Kind, Param};

/// What a reference may ask of a kind of thing.
pub const PROPERTIES: &[(&str, &[&str])] = &[
    (
        "load balancer",
        &[
            "name",
            "arn",
            "listeners.<name>.arn",
            "listeners.<name>.rules.<name>.arn",
        ],
    ),
    (
        "target group",
        &["arn", "id", "name", "port", "resource_label"],
    ),
    (
        "group",
        &["name", "id", "instances", "oldest(n)", "newest(n)"],
    ),
    ("instance", &["id"]),
    (
        "timeline entry",
        &["response", "outcome", "error", "item", "index"],
    ),
];

/// References to responses, with the place each stands at; they must be of earlier entries.
pub(super) type Responses = Vec<(usize, Span)>;

/// Checks the parameters `node` of `operation` and reports what its client library would refuse.
pub(super) fn check(
    cx: &mut Context,
    node: &Node,
    operation: &str,
    params: &'static [Param],
    responses: &mut Responses,
) {
    check_struct(cx, node, operation, operation, params);
    check_references(cx, node, responses);
}

fn check_struct(
    cx: &mut Context,
    node: &Node,
    operation: &str,
    name: &str,
    params: &'static [Param],
) {
    let Some(entries) = node.entries() else {
        wrong_type(cx, node, name, "an object");
        return;
    };
    for (key, value) in entries {
        let kind = if api::sends_text(operation) {
            api::kind_for(params, &key.name)
        } else {
            api::param_for(params, &key.name).map(|param| &param.kind)
        };
        match kind {
            Some(kind) => check_value(cx, value, operation, &key.name, kind),
            None => unknown(cx, key, operation, name, params),
        }
    }
}

fn unknown(cx: &mut Context, key: &Key, operation: &str, name: &str, params: &'static [Param]) {
    let keys = params.iter().map(|param| param.key);
    let help = suggest::help(&key.name, "its parameters are", keys)
        .unwrap_or_else(|| format!("`drainsim explain {operation}` lists them"));
    let place = if name == operation {
        format!("`{operation}`")
    } else {
        format!("`{name}` of `{operation}`")
    };
    cx.report(
        &codes::UNKNOWN_PARAMETER,
        key.span,
        format!("{place} has no parameter `{}`", key.name),
    )
    .help(help);
}

fn check_value(cx: &mut Context, node: &Node, operation: &str, name: &str, kind: &Kind) {
    let text = node.text();
    let sent_as_text = text.is_some() && api::sends_text(operation);
    if text.is_some_and(|text| text.contains("${"))
        || (sent_as_text && (api::has_type_of(kind, &json(node)) || is_list_as_text(kind, text)))
    {
        return;
    }
    match kind {
        Kind::Struct(params) => check_struct(cx, node, operation, name, params),
        Kind::Map(of) => match node.entries() {
            Some(entries) => {
                for (key, value) in entries {
                    check_value(cx, value, operation, &key.name, of);
                }
            }
            None => wrong_type(cx, node, name, "an object"),
        },
        Kind::List { of, .. } => match &node.value {
            Value::List(items) => {
                for item in items {
                    check_value(cx, item, operation, name, of);
                }
            }
            Value::Null
            | Value::Bool(_)
            | Value::Integer(..)
            | Value::Float(..)
            | Value::Text(_)
            | Value::Map(_) => wrong_type(cx, node, name, "a list"),
        },
        Kind::Integer { .. } => {
            if !matches!(node.value, Value::Integer(..)) {
                wrong_type(cx, node, name, "a whole number");
            }
        }
        Kind::Number { .. } => {
            if !matches!(node.value, Value::Integer(..) | Value::Float(..)) {
                wrong_type(cx, node, name, "a number");
            }
        }
        Kind::Boolean => {
            if !matches!(node.value, Value::Bool(_)) {
                wrong_type(cx, node, name, "true or false");
            }
        }
        Kind::Text { .. }
        | Kind::Pattern { .. }
        | Kind::OneOf(_)
        | Kind::Duration { .. }
        | Kind::Rate => {
            if !matches!(node.value, Value::Text(_)) {
                wrong_type(cx, node, name, "a string");
            }
        }
        Kind::Timestamp => {
            if !matches!(node.value, Value::Text(_) | Value::Integer(..)) {
                wrong_type(cx, node, name, "a time such as \"2026-01-05T09:00:00Z\"");
            }
        }
        Kind::Distribution | Kind::Arrivals | Kind::Any => {}
    }
}

/// Whether a list is written as JSON text.
fn is_list_as_text(kind: &Kind, text: Option<&str>) -> bool {
    matches!(kind, Kind::List { .. }) && text.is_some_and(|text| text.trim_start().starts_with('['))
}

fn wrong_type(cx: &mut Context, node: &Node, name: &str, wanted: &str) {
    let is = match node.value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Integer(..) | Value::Float(..) => "a number",
        Value::Text(_) => "a string",
        Value::List(_) => "a list",
        Value::Map(_) => "an object",
    };
    let help = match (&node.value, wanted) {
        (Value::Integer(_, text) | Value::Float(_, text), "a string") => {
            Some(format!("put quotes around it: \"{text}\""))
        }
        (Value::Bool(value), "a string") => Some(format!("put quotes around it: \"{value}\"")),
        (Value::Text(text), "true or false" | "a whole number" | "a number")
            if looks_like(text, wanted) =>
        {
            Some(format!("remove the quotes: {text}"))
        }
        (Value::Text(text), "a list") => Some(format!("write `[{text}]`")),
        _ => None,
    };
    cx.report(
        &codes::WRONG_JSON_TYPE,
        node.span,
        format!("`{name}` takes {wanted}, not {is}"),
    )
    .label(format!("this is {is}"))
    .maybe_help(help);
}

fn looks_like(text: &str, wanted: &str) -> bool {
    match wanted {
        "true or false" => matches!(text, "true" | "false"),
        _ => text.parse::<f64>().is_ok(),
    }
}

/// Checks every reference in the texts of `node`.
pub(super) fn check_references(cx: &mut Context, node: &Node, responses: &mut Responses) {
    match &node.value {
        Value::Text(text) => check_text(cx, text, node.span, responses),
        Value::List(items) => {
            for item in items {
                check_references(cx, item, responses);
            }
        }
        Value::Map(entries) => {
            for (_, value) in entries {
                check_references(cx, value, responses);
            }
        }
        Value::Null | Value::Bool(_) | Value::Integer(..) | Value::Float(..) => {}
    }
}

fn check_text(cx: &mut Context, text: &str, span: Span, responses: &mut Responses) {
    match reference::pieces(text) {
        Ok(pieces) => {
            for piece in pieces {
                if let Piece::Reference(reference, range) = piece {
                    let at = within(cx, text, span, &range);
                    check_reference(cx, &reference, at, responses);
                }
            }
        }
        Err(error) => {
            let at = within(cx, text, span, &error.range);
            cx.report(
                &codes::BAD_REFERENCE,
                at,
                format!("malformed reference: {}", error.message),
            )
            .help("write it as in `${web.arn}`, `${web-asg.instances[0]}`, `${web-asg.oldest(2)}`");
        }
    }
}

/// The place of `range` of `text`, which stands at `span` with or without quotes around it.
pub(super) fn within(cx: &Context, text: &str, span: Span, range: &std::ops::Range<usize>) -> Span {
    let Some(offset) = cx.found.slice(span).find(text).filter(|_| !text.is_empty()) else {
        return span;
    };
    Span {
        source: span.source,
        start: span.start + offset + range.start,
        end: span.start + offset + range.end,
    }
}

fn check_reference(cx: &mut Context, reference: &Reference, at: Span, responses: &mut Responses) {
    let name = reference.name.as_str();
    let thing = cx.names.get(name).map(|named| (named.thing, named.index));
    let created = cx.created.get(name).map(|thing| (*thing, 0));
    let Some((thing, index)) = thing.or(created) else {
        let help = cx.found.wants_suggestions().then(|| {
            let names = cx.names.keys().map(String::as_str).take(10_000);
            suggest::help(name, "names in this file are", names)
        });
        cx.report(
            &codes::UNKNOWN_NAME,
            at,
            format!("there is no `{name}` in this file"),
        )
        .maybe_help(help.flatten());
        return;
    };
    let known = match (thing, reference.path.as_slice()) {
        (Thing::TargetGroup, [Segment::Field(field)]) => {
            ["arn", "id", "name", "port", "resource_label"].contains(&field.as_str())
        }
        (Thing::LoadBalancer, path) => is_of_balancer(cx, name, path),
        (Thing::Group, [Segment::Field(field)]) => {
            ["name", "id", "instances"].contains(&field.as_str())
        }
        (Thing::Group, [Segment::Field(field), Segment::Index(_)]) => field == "instances",
        (
            Thing::Group,
            [Segment::Call(field, _)] | [Segment::Call(field, _), Segment::Index(_)],
        ) => ["oldest", "newest"].contains(&field.as_str()),
        (Thing::Instance, [Segment::Field(field)]) => field == "id",
        (Thing::Entry, [Segment::Field(field), rest @ ..]) => match field.as_str() {
            "response" | "error" | "item" => true,
            "outcome" | "index" => rest.is_empty(),
            _ => false,
        },
        _ => false,
    };
    if !known {
        unknown_property(cx, reference, at, thing);
    } else if thing == Thing::Entry {
        responses.push((index, at));
    }
}

/// Whether a load balancer has this: its ARN, or that of a listener or a rule.
fn is_of_balancer(cx: &Context, name: &str, path: &[Segment]) -> bool {
    let fields: Option<Vec<&str>> = path.iter().map(Segment::field).collect();
    let listener = match fields.as_deref() {
        Some(["name" | "arn"]) => return true,
        Some(["listeners", listener, "arn"]) => format!("{name}/{listener}"),
        Some(["listeners", listener, "rules", rule, "arn"]) => format!("{name}/{listener}/{rule}"),
        _ => return false,
    };
    cx.listeners.contains(&listener)
}

fn unknown_property(cx: &mut Context, reference: &Reference, at: Span, thing: Thing) {
    let noun = thing.noun();
    let bare = noun.split_once(' ').map_or(noun, |(_, bare)| bare);
    let properties = PROPERTIES
        .iter()
        .find(|(name, _)| *name == bare)
        .map(|(_, properties)| *properties);
    let name = &reference.name;
    let Some(properties) = properties else {
        let message = format!("`{name}` is {noun}, which has no properties to refer to");
        cx.report(&codes::UNKNOWN_PROPERTY, at, message);
        return;
    };
    let asked = match reference.path.first() {
        Some(Segment::Field(field) | Segment::Call(field, _)) => field.as_str(),
        Some(Segment::Index(_) | Segment::All) | None => "",
    };
    let help = suggest::nearest(asked, properties.iter().copied())
        .filter(|near| *near != asked)
        .map_or_else(
            || {
                format!(
                    "{noun} has {}",
                    suggest::listed(properties.iter().copied(), "and")
                )
            },
            |near| {
                format!(
                    "did you mean `${{{name}.{near}{}}}`?",
                    indices(&reference.path)
                )
            },
        );
    let message = format!("`{name}` is {noun}, which has no such property");
    cx.report(&codes::UNKNOWN_PROPERTY, at, message).help(help);
}

/// The indices behind a reference's first property, as they are written.
fn indices(path: &[Segment]) -> String {
    let rest = path.iter().skip(1);
    rest.map_while(|segment| match segment {
        Segment::Index(index) => Some(format!("[{index}]")),
        Segment::All => Some("[*]".to_owned()),
        Segment::Field(_) | Segment::Call(..) => None,
    })
    .collect()
}

/// `node` as JSON.
pub(super) fn json(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Integer(value, text) => i64::try_from(*value)
            .map(Number::from)
            .or_else(|_| u64::try_from(*value).map(Number::from))
            .map_or_else(|_| Json::String(text.clone()), Json::Number),
        Value::Float(value, _) => Number::from_f64(*value).map_or(Json::Null, Json::Number),
        Value::Text(text) => Json::String(text.clone()),
        Value::List(items) => Json::Array(items.iter().map(json).collect()),
        Value::Map(entries) => {
            let pairs = entries
                .iter()
                .map(|(key, value)| (key.name.clone(), json(value)));
            Json::Object(pairs.collect::<Map<_, _>>())
        }
    }
}
