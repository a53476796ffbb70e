//! The JSON Schema of scenario files, made from the same tables the readers use.
//!
//! Editors complete and check with it. What takes more than a schema can say (references, sums,
//! names that must exist) is left to [`load`](super::load).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{groups, top};
use crate::api::{self, OPERATIONS};
use crate::describe::{Kind, Param, Presence};
use crate::model::assumption::SETTINGS;
use crate::model::fault::FAULTS;
use crate::model::lb::KINDS;
use crate::workload::arrivals::ARRIVALS;
use crate::workload::dist::FAMILIES;

const RATE_PATTERN: &str =
    r"^\s*[0-9.]+([eE][+-]?[0-9]+)?\s*/\s*(ms|s|sec|second|m|min|minute|h|hour)\s*$";

/// The JSON Schema (draft 2020-12) of scenario files.
pub fn json_schema() -> Value {
    let mut schema = object(top::PARAMS, "");
    let top = schema.as_object_mut().expect("an object was made");
    let mut whole = Map::new();
    whole.insert(
        "$schema".to_owned(),
        json!("https://json-schema.org/draft/2020-12/schema"),
    );
    whole.insert("title".to_owned(), json!("drainsim scenario"));
    whole.append(top);
    whole.insert("$defs".to_owned(), definitions());
    Value::Object(whole)
}

fn definitions() -> Value {
    let family = |name: &str, summary: &str, params: &'static [Param]| {
        json!({
            "type": "object",
            "description": summary,
            "properties": { name: object(params, name) },
            "required": [name],
            "additionalProperties": false,
        })
    };
    let mut distributions = vec![json!({ "$ref": "#/$defs/duration" })];
    for entry in FAMILIES {
        distributions.push(family(entry.name(), entry.summary(), entry.params()));
    }
    let arrivals = ARRIVALS.iter();
    let arrivals = arrivals.map(|entry| family(entry.name(), entry.summary(), entry.params()));
    json!({
        "duration": {
            "type": "string",
            "description": "a duration with its unit, such as 250ms, 5m 30s or 1.5h",
            "pattern": "^\\s*([0-9.]+\\s*[a-zµ]+[\\s,]*)+$",
        },
        "rate": {
            "type": "string",
            "description": "a rate with its unit, such as 300/s or 5/min",
            "pattern": RATE_PATTERN,
        },
        "name": { "type": "string", "pattern": "^[A-Za-z0-9_-]+$" },
        "scalar": { "type": ["string", "number", "boolean"] },
        "distribution": { "anyOf": distributions },
        "arrivals": { "anyOf": arrivals.collect::<Vec<_>>() },
    })
}

/// The schema of a map with these keys; `place` says where it stands.
fn object(params: &'static [Param], place: &str) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for param in params {
        let mut schema = special(param, place).unwrap_or_else(|| value(&param.kind, param.key));
        if let Some(object) = schema.as_object_mut() {
            object.insert("description".to_owned(), json!(param.doc));
            if let Presence::Default(default) = param.presence {
                object.insert("default".to_owned(), default_value(default, &param.kind));
            }
        }
        if param.presence == Presence::Required {
            required.push(json!(param.key));
        }
        properties.insert(param.key.to_owned(), schema);
    }
    let mut schema = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["required"] = Value::Array(required);
    }
    if place == "timeline" {
        let calls = OPERATIONS.iter().map(|operation| {
            json!({
                "if": {
                    "properties": { "call": { "enum": api::spellings(operation) } },
                    "required": ["call"],
                },
                "then": { "properties": { "params": parameters(operation.params) } },
            })
        });
        let faults = FAULTS.iter().map(|fault| {
            json!({
                "if": {
                    "properties": { "fault": { "const": fault.name } },
                    "required": ["fault"],
                },
                "then": { "properties": { "params": object(fault.params, fault.name) } },
            })
        });
        let calls: Vec<Value> = calls.chain(faults).collect();
        if !calls.is_empty() {
            schema["allOf"] = Value::Array(calls);
        }
    }
    schema
}

/// The schema of keys whose value no descriptor can tell.
fn special(param: &Param, place: &str) -> Option<Value> {
    let schema = match (place, param.key) {
        ("", "horizon") => json!({
            "anyOf": [{ "const": "settled" }, { "$ref": "#/$defs/duration" }],
        }),
        ("", "settings") => settings(),
        ("load_balancers", "type") => {
            json!({ "enum": KINDS.iter().map(|kind| kind.name()).collect::<Vec<_>>() })
        }
        ("load_balancers", "attributes") => {
            attributes(KINDS.iter().flat_map(|kind| kind.attributes()))
        }
        ("target_groups" | "server_groups", "attributes") => {
            attributes(KINDS.iter().flat_map(|kind| kind.target_group_attributes()))
        }
        ("groups", "traffic_sources") => json!({
            "type": "array",
            "items": { "anyOf": [{ "$ref": "#/$defs/name" }, object(groups::SOURCE, "source")] },
        }),
        ("timeline", "call") => {
            let operations = OPERATIONS.iter().copied();
            json!({ "enum": operations.flat_map(api::spellings).collect::<Vec<_>>() })
        }
        ("timeline", "expect") => json!({
            "anyOf": [
                { "enum": ["ok", "any", "timed_out", "not_made"] },
                {
                    "type": "object",
                    "properties": {
                        "error": { "type": "string" },
                        "message": { "type": "string" },
                    },
                    "required": ["error"],
                    "additionalProperties": false,
                },
            ],
        }),
        ("timeline", "fault") => {
            json!({ "enum": FAULTS.iter().map(|fault| fault.name).collect::<Vec<_>>() })
        }
        ("timeline", "for_each") => json!({
            "anyOf": [{ "type": "array" }, { "type": "string", "pattern": "\\$\\{.+\\}" }],
        }),
        ("timeline", "steps") => json!({
            "type": "array",
            "items": { "$ref": "#/properties/timeline/items" },
            "minItems": 1,
        }),
        ("timeline", "params") | ("variants", "set") => json!({ "type": "object" }),
        ("piecewise_rate", "points") => json!({
            "type": "array",
            "items": {
                "type": "array",
                "prefixItems": [{ "$ref": "#/$defs/duration" }, { "$ref": "#/$defs/rate" }],
                "items": false,
                "minItems": 2,
            },
        }),
        ("trace", "service") => json!({
            "type": "object",
            "additionalProperties": { "$ref": "#/$defs/duration" },
        }),
        _ => return None,
    };
    Some(schema)
}

fn settings() -> Value {
    let mut properties = Map::new();
    for setting in SETTINGS {
        let param = &setting.param;
        let mut schema = value(&param.kind, param.key);
        schema["description"] = json!(param.doc);
        if let Presence::Default(default) = param.presence {
            schema["default"] = default_value(default, &param.kind);
        }
        properties.insert(param.key.to_owned(), schema);
    }
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

/// Attributes by key; what kinds of load balancers mean differently may be any of it.
fn attributes<'p>(params: impl Iterator<Item = &'p Param>) -> Value {
    let mut meanings: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for param in params {
        let mut schema = match &param.kind {
            Kind::Integer { min, max } => json!({
                "anyOf": [
                    { "type": "integer", "minimum": min, "maximum": max },
                    { "type": "string", "pattern": "^[0-9]+$" },
                ],
            }),
            Kind::Boolean => json!({ "enum": [true, false, "true", "false"] }),
            Kind::OneOf(words) => one_of(words),
            Kind::Duration { .. }
            | Kind::Rate
            | Kind::Number { .. }
            | Kind::Text { .. }
            | Kind::Pattern { .. }
            | Kind::Timestamp
            | Kind::Distribution
            | Kind::Arrivals
            | Kind::List { .. }
            | Kind::Struct(_)
            | Kind::Map(_)
            | Kind::Any => json!({ "$ref": "#/$defs/scalar" }),
        };
        schema["description"] = json!(param.doc);
        if let Presence::Default(default) = param.presence {
            schema["default"] = default_value(default, &param.kind);
        }
        meanings.entry(param.key).or_default().push(schema);
    }
    let properties = meanings.into_iter().map(|(key, mut meanings)| {
        let schema = if meanings.len() == 1 {
            meanings.remove(0)
        } else {
            json!({ "anyOf": meanings })
        };
        (key.to_owned(), schema)
    });
    let properties: Map<String, Value> = properties.collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

/// Words as they may be written: `true` and `500` without quotes are no text in YAML.
fn one_of(words: &[&str]) -> Value {
    let mut values: Vec<Value> = words.iter().map(|word| json!(word)).collect();
    for word in words {
        if let Ok(other @ (Value::Bool(_) | Value::Number(_))) = serde_json::from_str(word) {
            values.push(other);
        }
    }
    json!({ "enum": values })
}

fn value(kind: &Kind, place: &str) -> Value {
    match kind {
        Kind::Duration { .. } => json!({ "$ref": "#/$defs/duration" }),
        Kind::Rate => json!({ "$ref": "#/$defs/rate" }),
        Kind::Integer { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Kind::Number { min, max } => {
            let mut schema = json!({ "type": "number", "minimum": min });
            if *max < f64::MAX {
                schema["maximum"] = json!(max);
            }
            schema
        }
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::Text { .. } | Kind::Pattern { .. } => json!({ "$ref": "#/$defs/scalar" }),
        Kind::Timestamp => json!({ "type": "string", "format": "date-time" }),
        Kind::OneOf(words) => one_of(words),
        Kind::Distribution => json!({ "$ref": "#/$defs/distribution" }),
        Kind::Arrivals => json!({ "$ref": "#/$defs/arrivals" }),
        Kind::List { of, min, max } => json!({
            "type": "array",
            "items": value(of, place),
            "minItems": min,
            "maxItems": max,
        }),
        Kind::Struct(params) => object(params, place),
        Kind::Map(of) => json!({
            "type": "object",
            "propertyNames": { "$ref": "#/$defs/name" },
            "additionalProperties": value(of, place),
        }),
        Kind::Any => json!({}),
    }
}

/// The schema of a call's parameters: types only, as everything else is the cloud's to refuse.
fn parameters(params: &'static [Param]) -> Value {
    let mut properties = Map::new();
    for param in params {
        let mut schema = parameter(&param.kind);
        schema["description"] = json!(param.doc);
        properties.insert(param.key.to_owned(), schema);
    }
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

fn parameter(kind: &Kind) -> Value {
    // A reference may stand for anything but an object.
    let or_reference = |schema: Value| {
        let reference = json!({ "type": "string", "pattern": "\\$\\{.+\\}" });
        json!({ "anyOf": [schema, reference] })
    };
    match kind {
        Kind::Struct(params) => parameters(params),
        Kind::Map(of) => json!({ "type": "object", "additionalProperties": parameter(of) }),
        Kind::List { of, .. } => or_reference(json!({ "type": "array", "items": parameter(of) })),
        Kind::Integer { .. } => or_reference(json!({ "type": "integer" })),
        Kind::Number { .. } => or_reference(json!({ "type": "number" })),
        Kind::Boolean => or_reference(json!({ "type": "boolean" })),
        Kind::Text { .. }
        | Kind::Pattern { .. }
        | Kind::OneOf(_)
        | Kind::Duration { .. }
        | Kind::Rate => json!({ "type": "string" }),
        Kind::Timestamp => json!({ "type": ["string", "integer"] }),
        Kind::Distribution | Kind::Arrivals | Kind::Any => json!({}),
    }
}

/// A default as JSON: numbers and booleans as such, everything else as text.
fn default_value(default: &str, kind: &Kind) -> Value {
    match kind {
        Kind::Integer { .. } | Kind::Number { .. } | Kind::Boolean => {
            serde_json::from_str(default).unwrap_or_else(|_| json!(default))
        }
        Kind::Duration { .. }
        | Kind::Rate
        | Kind::Text { .. }
        | Kind::Pattern { .. }
        | Kind::Timestamp
        | Kind::OneOf(_)
        | Kind::Distribution
        | Kind::Arrivals
        | Kind::List { .. }
        | Kind::Struct(_)
        | Kind::Map(_)
        | Kind::Any => json!(default),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every key of `params` is in the schema under `schema`.
    fn walk(params: &[Param], schema: &Value) {
        for param in params {
            let inner = &schema["properties"][param.key];
            assert!(inner.is_object(), "{} is not in the schema", param.key);
            assert_eq!(inner["description"], json!(param.doc), "{}", param.key);
            if let Kind::Struct(params) = &param.kind {
                walk(params, inner);
            } else if let Kind::Map(Kind::Struct(params)) = &param.kind {
                walk(params, &inner["additionalProperties"]);
            } else if let Kind::List {
                of: Kind::Struct(params),
                ..
            } = &param.kind
            {
                walk(params, &inner["items"]);
            }
        }
    }

    #[test]
    fn every_key_of_every_section_is_in_the_schema() {
        walk(top::PARAMS, &json_schema());
    }

    #[test]
    fn every_registry_is_in_the_schema() {
        let schema = json_schema().to_string();
        let names = KINDS
            .iter()
            .map(|kind| kind.name())
            .chain(FAMILIES.iter().map(|family| family.name()))
            .chain(ARRIVALS.iter().map(|process| process.name()))
            .chain(OPERATIONS.iter().map(|operation| operation.name))
            .chain(SETTINGS.iter().map(|setting| setting.param.key));
        for name in names {
            assert!(schema.contains(&format!("\"{name}\"")), "{name}");
        }
    }
}
