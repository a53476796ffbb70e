//! The tree of a file: YAML values that know where they stand.
//!
//! Numbers keep their text beside their value, because an id or a port may look like one. This
//! module must never know what a key means or how the tree was read.

use super::diagnostic::Span;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) span: Span,
}

/// A YAML value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    /// With its text, which tells `080` from `80`.
    Integer(i128, String),
    /// Always finite, with its text.
    Float(f64, String),
    Text(String),
    List(Vec<Node>),
    /// Keys are unique, in the order of the file.
    Map(Vec<(Key, Node)>),
}

/// The key of a map's entry.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Key {
    pub(super) name: String,
    pub(super) span: Span,
}

impl Node {
    /// Nothing, at `span`: what a key that was not given stands for.
    pub(super) const fn empty(span: Span) -> Self {
        Self {
            value: Value::Null,
            span,
        }
    }

    /// What kind of value it is, for people.
    pub(super) fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "true or false",
            Value::Integer(..) | Value::Float(..) => "a number",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }

    /// A scalar as it is written, without quotes.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Bool(true) => Some("true"),
            Value::Bool(false) => Some("false"),
            Value::Integer(_, text) | Value::Float(_, text) | Value::Text(text) => Some(text),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// The entries of a map; a key without a value counts as an empty map.
    pub(super) fn entries(&self) -> Option<&[(Key, Node)]> {
        match &self.value {
            Value::Map(entries) => Some(entries),
            Value::Null => Some(&[]),
            Value::Bool(_)
            | Value::Integer(..)
            | Value::Float(..)
            | Value::Text(_)
            | Value::List(_) => None,
        }
    }

    /// The items of a list; a key without a value counts as an empty list.
    pub(super) fn items(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(items) => Some(items),
            Value::Null => Some(&[]),
            Value::Bool(_)
            | Value::Integer(..)
            | Value::Float(..)
            | Value::Text(_)
            | Value::Map(_) => None,
        }
    }

    /// The value under `key` of a map.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let entries = self.entries()?;
        entries
            .iter()
            .find(|(k, _)| k.name == key)
            .map(|(_, value)| value)
    }
}
