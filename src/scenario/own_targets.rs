//! Targets that load balancers have of their own: the instances of a Classic Load Balancer, and the
//! default server group of one of Alibaba Cloud.
//!
//! Each is read as a target group of the load balancer's name, a default server group only where
//! something has to do with it. Source: R-CLB-1, R-ACLB-1.

use super::context::Context;
use super::fleet::Draft;
use super::section::{NAME, required};
use super::shape::Fields;
use super::tree::{Key, Node};
use super::{target_groups, targets};
use crate::describe::Param;
use crate::model::lb::{Attributes, Family, Kind, kind};
use crate::model::settings::{LoadBalancerSettings, TargetGroupSettings, TargetType};

/// The keys of such a target.
pub(super) const INSTANCE: &[Param] = &[
    required(
        "id",
        NAME,
        "an instance id, or the name of an entry of `instances`",
    ),
    targets::ZONE,
    targets::LAUNCH_TEMPLATE,
];

/// Positions and names of the load balancers of the file that have targets of their own.
pub(super) fn balancers<'t>(fields: &Fields<'t>) -> impl Iterator<Item = (usize, &'t Key)> {
    let entries = fields.map("load_balancers").iter().enumerate();
    let (groups, timeline) = (fields.node("groups"), fields.node("timeline"));
    entries
        .filter(move |(_, (key, node))| {
            let name = node.get("type").and_then(Node::text);
            let family = name.and_then(kind).map(Kind::family);
            family.is_some_and(|family| {
                let used = || is_used(&key.name, node, [groups, timeline]);
                family.has_own_targets() && (family != Family::Slb || used())
            })
        })
        .map(|(index, (key, _))| (index, key))
}

/// Whether anything has to do with the default server group of a load balancer of Alibaba Cloud. One
/// that is of no use would only be one more line in every report.
fn is_used(name: &str, balancer: &Node, [groups, timeline]: [Option<&Node>; 2]) -> bool {
    let listeners = balancer.get("listeners").and_then(Node::entries);
    let mut listeners = listeners.into_iter().flatten();
    let mentioned = |section: Option<&Node>, text| section.is_some_and(|node| mentions(node, text));
    listeners.any(|(_, listener)| listener.get("forward").is_none())
        || balancer.get("instances").is_some()
        || mentions(balancer, name)
        || mentioned(groups, name)
        || mentioned(timeline, "ess:AttachLoadBalancers")
}

/// Whether a text is anywhere in a part of the file.
fn mentions(node: &Node, text: &str) -> bool {
    let items = node.items().unwrap_or_default().iter();
    let entries = node.entries().unwrap_or_default().iter();
    let mut parts = items.chain(entries.map(|(_, node)| node));
    node.text() == Some(text) || parts.any(|part| mentions(part, text))
}

/// Reads the targets of the load balancer at `index`.
pub(super) fn read(cx: &mut Context, draft: &mut Draft, index: usize, fields: &Fields<'_>) {
    let balancer = &draft.load_balancers[index];
    let port = fields.integer("instance_port");
    let mut settings = TargetGroupSettings {
        name: balancer.name.clone(),
        provider: balancer.kind.provider(),
        protocol: "HTTP".to_owned(),
        port: port.and_then(|port| u16::try_from(port).ok()).unwrap_or(80),
        target_type: TargetType::Instance,
        identifier: balancer.own_targets().unwrap_or_default().to_owned(),
        attributes: balancer.attributes.clone(),
        health_check: target_groups::health_check(cx, fields, balancer.kind),
        targets: Vec::new(),
    };
    targets::read(cx, draft, fields.items("instances"), &mut settings);
    draft.target_groups.push(settings);
}

/// The attributes of a vServer group: what is not `given` follows the load balancer, whose
/// attributes are those of its listeners.
pub(super) fn inherited(
    balancer: Option<&LoadBalancerSettings>,
    given: Option<&Node>,
    mut own: Attributes,
) -> Attributes {
    let Some(balancer) = balancer.filter(|balancer| balancer.kind.family() == Family::Slb) else {
        return own;
    };
    for param in balancer.kind.target_group_attributes() {
        let is_given = given.and_then(|node| node.get(param.key)).is_some();
        if let Some(value) = balancer.attributes.get(param.key).filter(|_| !is_given) {
            own.set(param.key.to_owned(), value.to_owned());
        }
    }
    own
}
