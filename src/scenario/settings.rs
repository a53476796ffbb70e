//! The section `settings`: what no cloud documents, where it differs from the default.

use super::context::Context;
use super::shape::{self, Fields};
use super::tree::{Key, Node, Value};
use super::{codes, distribution, suggest};
use crate::describe::Kind;
use crate::model::assumption::{Assumptions, SETTINGS, SettingValue};
use crate::workload::dist::Sampler;

/// The assumptions of the file.
pub(super) fn read(cx: &mut Context, fields: &Fields<'_>) -> Assumptions {
    let mut assumptions = Assumptions::default();
    let Some(node) = fields.node("settings") else {
        return assumptions;
    };
    let Some(entries) = node.entries() else {
        shape::wrong_kind(cx, node, "settings", "a map from settings to values");
        return assumptions;
    };
    for (key, node) in entries {
        apply(cx, key, node, &mut assumptions);
    }
    assumptions
}

fn apply(cx: &mut Context, key: &Key, node: &Node, assumptions: &mut Assumptions) {
    let Some(setting) = SETTINGS
        .iter()
        .find(|setting| setting.param.key == key.name)
    else {
        let keys = SETTINGS.iter().map(|setting| setting.param.key);
        let help = suggest::nearest(&key.name, keys).map_or_else(
            || "`drainsim list settings` shows every key".to_owned(),
            |key| format!("did you mean `{key}`?"),
        );
        cx.report(
            &codes::UNKNOWN_SETTING,
            key.span,
            format!("there is no setting `{}`", key.name),
        )
        .help(help);
        return;
    };
    let param = &setting.param;
    let before = cx.found.len();
    shape::check(cx, node, param.key, key.span, &param.kind);
    let value = match &param.kind {
        Kind::Distribution => {
            distribution::sampler(cx, node, param.key).map(SettingValue::Duration)
        }
        Kind::Duration { .. } if cx.found.len() == before => {
            let duration = shape::duration(cx, node, param.key);
            duration.map(|value| SettingValue::Duration(Sampler::from_constant(value)))
        }
        Kind::Boolean => Some(SettingValue::Flag(node.value == Value::Bool(true))),
        Kind::Number { .. } | Kind::Integer { .. } => shape::number(node).map(SettingValue::Number),
        Kind::OneOf(words) => {
            let given = node.text().unwrap_or_default();
            let word = words.iter().find(|word| **word == given);
            word.map(|word| SettingValue::Word(word))
        }
        Kind::Duration { .. }
        | Kind::Rate
        | Kind::Text { .. }
        | Kind::Pattern { .. }
        | Kind::Timestamp
        | Kind::Arrivals
        | Kind::List { .. }
        | Kind::Struct(_)
        | Kind::Map(_)
        | Kind::Any => None,
    };
    if let Some(value) = value.filter(|_| cx.found.len() == before) {
        (setting.apply)(assumptions, value);
    }
}
