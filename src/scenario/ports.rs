//! Ports of servers where the kind of load balancer in front leaves no choice.
//!
//! This module must never know which kinds those are.

use super::context::Context;
use super::shape;
use super::tree::Node;
use crate::model::lb::Kind;

/// The port of a target group that says nothing.
pub(super) fn default(kind: &dyn Kind) -> u16 {
    kind.port().unwrap_or(80)
}

/// Reports a port below `port` in any of `nodes` that the kind does not have.
pub(super) fn check<'t>(
    cx: &mut Context,
    nodes: impl IntoIterator<Item = &'t Node>,
    kind: &dyn Kind,
) {
    let Some(only) = kind.port().map(|port| port.to_string()) else {
        return;
    };
    for node in nodes.into_iter().filter_map(|node| node.get("port")) {
        if let Some(given) = node.text().filter(|given| *given != only) {
            shape::out_of_range(cx, node, "port", given, &only);
        }
    }
}
