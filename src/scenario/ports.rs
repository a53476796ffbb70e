//! Ports and weights of servers where the kind of load balancer in front leaves no choice.
//!
//! This module must never know which kinds those are.

use super::codes;
use super::context::Context;
use super::shape;
use super::tree::Node;
use crate::model::lb::Kind;
use crate::model::settings::Provider;

/// The port of a target group that says nothing.
pub(super) fn default(kind: &dyn Kind) -> u16 {
    kind.port().unwrap_or(80)
}

/// Reports a `port` and a `weight` in any of `nodes` that the kind does not have. Source: R-AGWLB-5.
pub(super) fn check<'t>(
    cx: &mut Context,
    nodes: impl IntoIterator<Item = &'t Node>,
    kind: &dyn Kind,
) {
    let nodes: Vec<&Node> = nodes.into_iter().collect();
    if kind.provider() == Provider::Alibaba && !kind.has_weights() {
        for weight in nodes.iter().filter_map(|node| node.get("weight")) {
            let message = format!("servers behind `{}` have no weight", kind.name());
            cx.report(&codes::CONFLICT, weight.span, message)
                .help("remove `weight`");
        }
    }
    let Some(only) = kind.port().map(|port| port.to_string()) else {
        return;
    };
    for node in nodes.into_iter().filter_map(|node| node.get("port")) {
        if let Some(given) = node.text().filter(|given| *given != only) {
            shape::out_of_range(cx, node, "port", given, &only);
        }
    }
}
