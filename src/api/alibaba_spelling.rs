//! Requests to Alibaba Cloud in one spelling, however clients of different ages sent them.
//!
//! A list may be flattened under the key of current SDKs (`ServerGroups.1.Type`) or of older ones
//! (`ServerGroup.1.Type`), nested, or JSON text; numbers and booleans may be text. Two requests that
//! ask for the same come out the same, which client tokens rely on. Source: R-ESS-7, R-ESS-19. This
//! module must never look at the cloud's state.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::ApiError;
use super::alibaba::invalid;
use super::params::{boolean, double, integer, param_for};
use crate::describe::{Kind, Param};

/// The items of a list that is flattened, by their places.
type Places = BTreeMap<u32, Value>;

/// A request as current SDKs would write it: its lists nested under their own keys, numbers and
/// booleans as such, nothing that is `null`. What is none of this stays as it is, for the check.
///
/// # Errors
/// `InvalidParameter` for what should be a list and is none, and for a place that cannot be one.
pub(super) fn plain(params: &[Param], value: &Value) -> Result<Value, ApiError> {
    let Value::Object(members) = value else {
        return Ok(value.clone());
    };
    let mut plain = Map::new();
    let mut flat: BTreeMap<&str, Places> = BTreeMap::new();
    for (key, value) in members.iter().filter(|(_, value)| !value.is_null()) {
        let (head, rest) = key
            .split_once('.')
            .map_or((key.as_str(), None), |(head, rest)| (head, Some(rest)));
        let Some((param, of)) = list_for(params, key, head) else {
            let kind = param_for(params, key).map(|param| &param.kind);
            let value = kind.map_or(Ok(value.clone()), |kind| plain_value(kind, value))?;
            plain.insert(key.clone(), value);
            continue;
        };
        if let Some(rest) = rest {
            let places = flat.entry(param.key).or_default();
            place(places, (key, rest), value)?;
            continue;
        }
        match (listed(value), plain.get_mut(param.key)) {
            (None, _) => return Err(invalid(key)),
            // it travels flattened, as nothing
            (Some(items), _) if items.is_empty() => {}
            (Some(items), Some(Value::Array(list))) => list.extend(plain_items(of, &items)?),
            (Some(items), _) => {
                let items = plain_items(of, &items)?;
                plain.insert(param.key.to_owned(), Value::Array(items));
            }
        }
    }
    for (key, places) in flat {
        let (_, of) = list_for(params, key, key).ok_or_else(|| invalid(key))?;
        let items: Vec<Value> = places.into_values().collect();
        let items = plain_items(of, &items)?;
        match plain.get_mut(key) {
            Some(Value::Array(list)) => list.extend(items),
            _ => {
                plain.insert(key.to_owned(), Value::Array(items));
            }
        }
    }
    Ok(Value::Object(plain))
}

/// The list that `key`, whose first part is `head`, is or is of, and the kind of its members. A
/// list of older SDKs is known where the operation says so.
fn list_for<'a>(params: &'a [Param], key: &str, head: &str) -> Option<(&'a Param, &'a Kind)> {
    let older = || {
        let exact = param_for(params, key).or_else(|| param_for(params, head))?;
        let is_list = exact.key != head || matches!(exact.kind, Kind::Any | Kind::List { .. });
        is_list.then_some(())?;
        params.iter().find(|param| is_singular(head, param.key))
    };
    let own = || params.iter().find(|param| param.key == head);
    let is_list = |param: &&Param| matches!(param.kind, Kind::List { .. });
    let param = older().filter(is_list).or_else(own)?;
    if let Kind::List { of, .. } = &param.kind {
        return Some((param, of));
    }
    None
}

/// Whether `one` is the key older SDKs use for the list `many`.
fn is_singular(one: &str, many: &str) -> bool {
    let rest = many.strip_prefix(one.trim_end_matches('y'));
    match rest {
        Some("s" | "es") => true,
        Some("ies") => one.ends_with('y'),
        _ => false,
    }
}

/// The path of what is wrong with a request in one spelling, as `value` spelt it.
pub(super) fn as_spelt(path: &str, value: &Value) -> String {
    let (head, rest) = path.find('.').map_or((path, ""), |dot| path.split_at(dot));
    let keys = value.as_object().into_iter().flat_map(Map::keys);
    let mut heads = keys.filter_map(|key| key.split('.').next());
    if heads.clone().any(|given| given == head) {
        return path.to_owned();
    }
    let older = heads.find(|given| is_singular(given, head));
    older.map_or(path.to_owned(), |older| format!("{older}{rest}"))
}

/// Puts `value` at the place that `rest` of `key` names, or into the structure there.
fn place(places: &mut Places, (key, rest): (&str, &str), value: &Value) -> Result<(), ApiError> {
    let (index, member) = rest
        .split_once('.')
        .map_or((rest, None), |(index, member)| (index, Some(member)));
    let index = index.parse().map_err(|_| invalid(key))?;
    let Some(member) = member else {
        let taken = places.insert(index, value.clone()).is_some();
        return if taken { Err(invalid(key)) } else { Ok(()) };
    };
    let empty = || Value::Object(Map::new());
    let structure = places.entry(index).or_insert_with(empty);
    let members = structure.as_object_mut().ok_or_else(|| invalid(key))?;
    members.insert(member.to_owned(), value.clone());
    Ok(())
}

/// The items of a list, which may be JSON text.
fn listed(value: &Value) -> Option<Vec<Value>> {
    match value {
        Value::Array(items) => Some(items.clone()),
        Value::String(text) => serde_json::from_str(text).ok(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
    }
}

fn plain_items(of: &Kind, items: &[Value]) -> Result<Vec<Value>, ApiError> {
    items.iter().map(|item| plain_value(of, item)).collect()
}

fn plain_value(kind: &Kind, value: &Value) -> Result<Value, ApiError> {
    let read = match kind {
        Kind::Boolean => boolean(value).map(Value::Bool),
        Kind::Integer { .. } => integer(value).map(Value::from),
        Kind::Number { .. } => double(value).map(Value::from),
        Kind::Struct(params) => {
            let text = value.as_str();
            let parsed: Option<Value> = text.and_then(|text| serde_json::from_str(text).ok());
            let structure = parsed.as_ref().unwrap_or(value);
            return plain(params, structure);
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
        | Kind::Map(_)
        | Kind::Any => None,
    };
    Ok(read.unwrap_or_else(|| value.clone()))
}

/// The kind of what a client sends under `key`, in whichever spelling: of a list that is flattened,
/// the kind of its member.
pub fn kind_for<'a>(params: &'a [Param], key: &str) -> Option<&'a Kind> {
    if let Some(exact) = param_for(params, key) {
        return Some(&exact.kind);
    }
    let (head, rest) = key.split_once('.')?;
    let (_, of) = list_for(params, key, head)?;
    let (index, member) = rest
        .split_once('.')
        .map_or((rest, None), |(index, member)| (index, Some(member)));
    index.parse::<u32>().ok()?;
    match (member, of) {
        (None, of) => Some(of),
        (Some(member), Kind::Struct(params)) => kind_for(params, member),
        (Some(_), _) => None,
    }
}
