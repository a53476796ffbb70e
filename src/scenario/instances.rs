//! The section `instances`: machines outside groups.

use std::net::IpAddr;

use super::codes;
use super::context::{Context, Thing};
use super::diagnostic::Span;
use super::fleet::{self, Draft};
use super::section::{NAME, optional, required};
use super::shape::Fields;
use super::tree::{Key, Node};
use crate::describe::Param;
use crate::model::ids::LaunchTemplateId;
use crate::model::settings::{InstanceSettings, Provider};

/// The keys of an instance.
pub(super) const PARAMS: &[Param] = &[
    optional(
        "id",
        NAME,
        "its id, or its address if it is an `ip` target; generated if left out",
    ),
    required("zone", NAME, "the Availability Zone it runs in"),
    required("launch_template", NAME, "how it behaves"),
];

/// Reads one instance.
pub(super) fn read(cx: &mut Context, draft: &mut Draft, key: &Key, node: &Node) {
    let fields = Fields::new(node, key.span, PARAMS);
    let id = match fields.node("id") {
        Some(node) => {
            let id = node.text().unwrap_or_default().to_owned();
            if id.parse::<IpAddr>().is_err() {
                check_any_instance_id(cx, &id, node.span);
            }
            cx.take_id(&id, node.span);
            id
        }
        None => fleet::generated_instance_id(cx.seed, &key.name),
    };
    let zone = draft.zone(fields.text("zone").unwrap_or_default());
    let template = fields
        .node("launch_template")
        .and_then(|node| cx.find(node, Thing::LaunchTemplate))
        .unwrap_or_default();
    draft.use_template(template);
    draft.add_instance(InstanceSettings {
        name: key.name.clone(),
        id,
        zone,
        launch_template: LaunchTemplateId::from_index(template),
    });
}

/// Reports an id that is in neither cloud's form.
fn check_any_instance_id(cx: &mut Context, id: &str, span: Span) {
    if !is_instance_id(id, Provider::Aws) && !is_instance_id(id, Provider::Alibaba) {
        bad_instance_id(cx, id, span);
    }
}

/// Reports an id that is not in the form of `provider`.
pub(super) fn check_instance_id(cx: &mut Context, id: &str, span: Span, provider: Provider) {
    if !is_instance_id(id, provider) {
        bad_instance_id(cx, id, span);
    }
}

fn is_instance_id(id: &str, provider: Provider) -> bool {
    let Some(rest) = id.strip_prefix("i-").or(match provider {
        Provider::Aws => None,
        Provider::Alibaba => id.strip_prefix("eci-"),
    }) else {
        return false;
    };
    match provider {
        Provider::Aws => {
            let hex = |c: char| c.is_ascii_digit() || matches!(c, 'a'..='f');
            matches!(rest.len(), 8 | 17) && rest.chars().all(hex)
        }
        Provider::Alibaba => {
            let valid = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '*';
            (1..=64).contains(&rest.len()) && rest.chars().all(valid)
        }
    }
}

fn bad_instance_id(cx: &mut Context, id: &str, span: Span) {
    cx.report(
        &codes::BAD_ID,
        span,
        format!("`{id}` is not an instance id"),
    )
    .help(
        "write `i-` and 8 or 17 hexadecimal digits, such as `i-93633f9b` \
         (on Alibaba Cloud `i-` and lower-case letters and digits)",
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instance_ids_have_the_form_of_their_cloud() {
        for id in ["i-93633f9b", "i-0123456789abcdef0"] {
            assert!(is_instance_id(id, Provider::Aws), "{id}");
        }
        for id in ["i-", "i-93633f9", "i-93633F9B", "web-1", "i-93633f9bz", "é"] {
            assert!(!is_instance_id(id, Provider::Aws), "{id}");
        }
        assert!(is_instance_id("i-bp1a2b3c4d", Provider::Alibaba));
        assert!(!is_instance_id("i-BP1", Provider::Alibaba));
    }
}
