//! Targets registered by hand before 0 s: their machines, ids, ports and weights.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::context::{Context, Thing};
use super::fleet::Draft;
use super::section::{NAME, optional, required};
use super::shape::Fields;
use super::target_groups::PORT;
use super::tree::Node;
use super::{codes, instances};
use crate::describe::{Kind as ValueKind, Param};
use crate::model::ids::LaunchTemplateId;
use crate::model::settings::{
    InstanceSettings, Provider, TargetGroupSettings, TargetSettings, TargetType,
};
use crate::model::weight::FULL_WEIGHT;

/// The zone of a target's machine.
pub(super) const ZONE: Param = optional(
    "zone",
    NAME,
    "the zone of a machine that is listed only here",
);

/// The launch template of a target's machine.
pub(super) const LAUNCH_TEMPLATE: Param = optional(
    "launch_template",
    NAME,
    "the behaviour of a machine that is listed only here",
);

/// The keys of a target.
pub(super) const TARGET: &[Param] = &[
    required(
        "id",
        NAME,
        "an instance id, an address, or the name of an entry of `instances`",
    ),
    optional("port", PORT, "port override"),
    ZONE,
    LAUNCH_TEMPLATE,
    optional(
        "weight",
        ValueKind::Integer { min: 0, max: 100 },
        "its weight, 0 for no new requests; 100 if left out (Alibaba Cloud)",
    ),
];

/// Reads the targets in `items` into `group`.
pub(super) fn read(
    cx: &mut Context,
    draft: &mut Draft,
    items: &[Node],
    group: &mut TargetGroupSettings,
) {
    let mut registered = BTreeSet::new();
    for item in items {
        let target = Fields::new(item, item.span, TARGET);
        let Some((node, id)) = target
            .node("id")
            .and_then(|node| Some((node, node.text()?)))
        else {
            continue;
        };
        let instance = machine(cx, draft, &target, node, id, group);
        let id = draft.instances[instance].id.clone();
        check_id(cx, node, &id, group);
        let port = target
            .integer("port")
            .and_then(|port| u16::try_from(port).ok());
        let port = port.unwrap_or(group.port);
        if !registered.insert((id.clone(), port)) {
            cx.report(
                &codes::ID_TAKEN,
                node.span,
                format!("the target `{id}` is listed twice on port {port}"),
            )
            .help("remove one, or give one another `port`");
        }
        let weight = weight(cx, &target, group.provider);
        group.targets.push(TargetSettings {
            instance,
            id,
            port,
            weight,
        });
    }
}

/// The weight of a target, which only servers of Alibaba Cloud have.
fn weight(cx: &mut Context, target: &Fields<'_>, provider: Provider) -> u32 {
    let given = target.integer("weight");
    if provider == Provider::Aws && given.is_some() {
        let message = "targets of AWS have no weight";
        cx.report(&codes::CONFLICT, target.span("weight"), message)
            .help("remove `weight`; listeners and rules weigh target groups");
    }
    given.unwrap_or(FULL_WEIGHT)
}

/// The position of the machine behind a target; one listed only here is added.
fn machine(
    cx: &mut Context,
    draft: &mut Draft,
    target: &Fields<'_>,
    node: &Node,
    id: &str,
    group: &TargetGroupSettings,
) -> usize {
    let named = cx
        .names
        .get(id)
        .filter(|named| named.thing == Thing::Instance);
    if let Some(named) = named {
        return named.index;
    }
    if let Some(index) = draft.instance_with_id(id) {
        return index;
    }
    let zone = if let Some(zone) = target.text("zone") {
        draft.zone(zone)
    } else {
        if draft.zones.len() != 1 {
            missing(cx, target, "zone", id);
        }
        draft.zone(draft.zones.first().cloned().unwrap_or_default().as_str())
    };
    let template = if let Some(node) = target.node("launch_template") {
        cx.find(node, Thing::LaunchTemplate).unwrap_or_default()
    } else {
        if draft.launch_templates.len() != 1 {
            missing(cx, target, "launch_template", id);
        }
        0
    };
    draft.use_template(template);
    let known = is_form(id, group);
    if known {
        cx.take_id(id, node.span);
    }
    draft.add_instance(InstanceSettings {
        name: String::new(),
        id: id.to_owned(),
        zone,
        launch_template: LaunchTemplateId::from_index(template),
    })
}

fn missing(cx: &mut Context, target: &Fields<'_>, key: &str, id: &str) {
    cx.report(
        &codes::MISSING_KEY,
        target.at,
        format!("the target `{id}` has no `{key}`"),
    )
    .note("it is no entry of `instances`, and there is not exactly one to choose")
    .help(format!(
        "add `{key}: ...` to the target, or list it under `instances`"
    ));
}

fn is_form(id: &str, group: &TargetGroupSettings) -> bool {
    match group.target_type {
        TargetType::Ip => id.parse::<IpAddr>().is_ok(),
        TargetType::Instance => id.starts_with("i-") || id.starts_with("eci-"),
        TargetType::Lambda | TargetType::Alb => false,
    }
}

fn check_id(cx: &mut Context, node: &Node, id: &str, group: &TargetGroupSettings) {
    match group.target_type {
        TargetType::Instance => {
            if id.parse::<IpAddr>().is_ok() {
                cx.report(
                    &codes::BAD_ID,
                    node.span,
                    format!(
                        "`{id}` is an address, and `{}` takes instance ids",
                        group.name
                    ),
                )
                .help("write `target_type: ip` in the target group, or an instance id here");
            } else {
                instances::check_instance_id(cx, id, node.span, group.provider);
            }
        }
        TargetType::Lambda | TargetType::Alb => {}
        TargetType::Ip => {
            if id.parse::<IpAddr>().is_err() {
                cx.report(
                    &codes::BAD_ID,
                    node.span,
                    format!(
                        "`{id}` is not an address, and `{}` takes addresses",
                        group.name
                    ),
                )
                .help("write an address such as `10.0.1.7`, or drop `target_type: ip`");
            }
        }
    }
}
