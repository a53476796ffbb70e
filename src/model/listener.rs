//! Listeners and rules: where requests are forwarded to, and what nodes know of it.
//!
//! A change of weights is accepted at once and reaches each node later, in order. Requests read a
//! table made from what the nodes know; it is made anew when one of them learns. This module must
//! never look into a target. Source: R-FORWARD-1 to R-FORWARD-3.

use std::collections::BTreeMap;

use super::cloud::{Cloud, NodeState};
use super::event::{Cx, Timer, schedule};
use super::ids::{EntryId, ListenerId, NodeId, TargetGroupId};
use super::settings::{ListenerSettings, RuleSettings};
use super::view::View;
use crate::engine::time::SimTime;

/// Target groups with their weights; none when the balancer answers by itself.
pub type Forward = Vec<(TargetGroupId, u32)>;

/// A listener with its default action, or one of a listener's rules.
#[derive(Debug)]
pub struct Listener {
    /// Name in the file.
    pub name: String,
    /// Position of its load balancer.
    pub load_balancer: usize,
    /// ARN of the listener or the rule.
    pub identifier: String,
    /// What makes it a rule.
    pub rule: Option<RuleSettings>,
    /// For how long a client stays with its target group \[s, 1..=604800\]: shown only.
    pub stickiness: Option<i64>,
    /// Every forward that was accepted and what asked for it, the present one last. Not empty.
    writes: Vec<(Forward, Option<EntryId>)>,
    heard: BTreeMap<NodeId, Heard>,
}

/// What a node knows of a listener.
#[derive(Debug, Clone, Copy)]
struct Heard {
    /// The write it follows.
    write: u32,
    /// When it learns of the last write.
    last: SimTime,
}

impl Listener {
    /// A listener as it stands at 0 s.
    pub(super) fn new(settings: &ListenerSettings) -> Self {
        Self {
            name: settings.name.clone(),
            load_balancer: settings.load_balancer,
            identifier: settings.identifier.clone(),
            rule: settings.rule,
            stickiness: None,
            writes: vec![(settings.forward.clone(), None)],
            heard: BTreeMap::new(),
        }
    }

    /// Where it forwards, as the cloud shows it.
    pub fn forward(&self) -> &[(TargetGroupId, u32)] {
        self.writes.last().map_or(&[], |(forward, _)| forward)
    }

    /// A node that comes knows the present forward.
    pub(super) fn add_node(&mut self, node: NodeId) {
        let write = u32::try_from(self.writes.len() - 1).expect("writes fit 32 bits");
        let last = SimTime::ZERO;
        self.heard.insert(node, Heard { write, last });
    }

    /// Where a node forwards, and what made it do so.
    fn known_to(&self, node: NodeId) -> (&[(TargetGroupId, u32)], Option<EntryId>) {
        let write = self.heard.get(&node).map_or(0, |heard| heard.write);
        let (forward, by) = &self.writes[write as usize];
        (forward, *by)
    }

    fn mentions(forward: &[(TargetGroupId, u32)], id: TargetGroupId) -> bool {
        forward.iter().any(|(group, _)| *group == id)
    }
}

impl Cloud {
    /// The listener or rule with this ARN.
    pub fn listener_named(&self, identifier: &str) -> Option<ListenerId> {
        self.listeners
            .iter()
            .position(|listener| listener.identifier == identifier)
            .map(ListenerId::from_index)
    }

    /// Changes where a listener or a rule forwards; its nodes learn of it later. The caller has
    /// checked that the target groups may be used there.
    pub fn set_forward(&mut self, cx: &mut Cx<'_>, id: ListenerId, forward: Forward) {
        let listener = &mut self.listeners[id.index()];
        let balancer = listener.load_balancer;
        let before = listener.forward().to_vec();
        listener.writes.push((forward.clone(), self.cause));
        self.spread_forward(cx, id);
        for (group, _) in forward {
            if self.target_groups[group.index()].load_balancer.is_none() {
                self.enter_use(cx, group, balancer);
            }
        }
        for (group, _) in before {
            if !self.is_forwarded_to(group) {
                self.leave_use(cx, group);
            }
        }
    }

    /// Every node of the listener's load balancer learns of its last write after a lag of its own.
    fn spread_forward(&mut self, cx: &mut Cx<'_>, id: ListenerId) {
        let listener = &self.listeners[id.index()];
        let write = u32::try_from(listener.writes.len() - 1).expect("writes fit 32 bits");
        let kind = self.load_balancers[listener.load_balancer].kind;
        let lag = kind.forwarding(&self.assumptions).clone();
        let entry = self.cause.map_or(u64::MAX, |entry| u64::from(entry.0));
        let nodes: Vec<NodeId> = listener.heard.keys().copied().collect();
        for node in nodes {
            let key = [entry, u64::from(id.0), u64::from(node.0)];
            let drawn = lag.sample(&mut self.streams.stream("forward lag", &key));
            let heard = self.listeners[id.index()].heard.get_mut(&node);
            let heard = heard.expect("it is one of the keys");
            heard.last = (cx.now + drawn).max(heard.last);
            let timer = Timer::LearnForward(id, node, write);
            schedule(cx, heard.last, timer);
            self.spreading += 1;
        }
    }

    pub(super) fn on_learn_forward(
        &mut self,
        cx: &mut Cx<'_>,
        id: ListenerId,
        node: NodeId,
        write: u32,
    ) {
        self.spreading -= 1;
        let listener = &mut self.listeners[id.index()];
        self.cause = listener.writes[write as usize].1;
        if let Some(heard) = listener.heard.get_mut(&node) {
            let (old, _) = &listener.writes[heard.write as usize];
            let old: Vec<TargetGroupId> = old.iter().map(|(group, _)| *group).collect();
            heard.write = write;
            let balancer = listener.load_balancer;
            self.route(balancer);
            self.forget_unrouted(cx, old);
        }
    }

    /// Forgets those of the target groups to which nobody routes any more.
    pub(super) fn forget_unrouted(&mut self, cx: &mut Cx<'_>, groups: Vec<TargetGroupId>) {
        for group in groups {
            let unused = self.target_groups[group.index()].load_balancer.is_none();
            let routed = self.listeners.iter().any(|listener| {
                let mut nodes = listener.heard.keys();
                nodes.any(|&node| Listener::mentions(listener.known_to(node).0, group))
            });
            if unused && !routed {
                self.forget_target_group(cx, group);
            }
        }
    }

    /// A node is gone: no listener waits for it.
    pub(super) fn forget_node(&mut self, cx: &mut Cx<'_>, node: NodeId) {
        let mut routed = Vec::new();
        for listener in &mut self.listeners {
            let forward = listener.known_to(node).0.iter();
            routed.extend(forward.map(|(group, _)| *group));
            listener.heard.remove(&node);
        }
        self.forget_unrouted(cx, routed);
    }

    /// Whether a listener or rule forwards to a target group, with whatever weight.
    pub fn is_forwarded_to(&self, id: TargetGroupId) -> bool {
        let mut listeners = self.listeners.iter();
        listeners.any(|listener| Listener::mentions(listener.forward(), id))
    }

    /// Makes the tables anew by which the requests to a load balancer find their views.
    pub(super) fn route(&mut self, balancer: usize) {
        let serves = |(_, node): &(usize, &super::cloud::Node)| {
            let state = matches!(node.state, NodeState::Serving | NodeState::Leaving);
            node.load_balancer == balancer && state
        };
        let nodes = self.nodes.iter().enumerate().filter(serves);
        let nodes: Vec<NodeId> = nodes.map(|(node, _)| NodeId::from_index(node)).collect();
        for index in 0..self.workloads.len() {
            let listener = self.workloads[index].listener;
            if self.listeners[listener.index()].load_balancer != balancer {
                continue;
            }
            let routes: Vec<Vec<(u32, u32)>> = nodes
                .iter()
                .map(|&node| self.routes_of(listener, node))
                .collect();
            let known = |node| self.listeners[listener.index()].known_to(node).0;
            let agreed = nodes
                .windows(2)
                .all(|pair| known(pair[0]) == known(pair[1]));
            self.workloads[index].set_routes(&routes, agreed);
        }
    }

    /// Weights and views among which a node chooses for the requests to a listener. Source:
    /// R-FORWARD-2.
    fn routes_of(&mut self, listener: ListenerId, node: NodeId) -> Vec<(u32, u32)> {
        let (forward, by) = self.listeners[listener.index()].known_to(node);
        let weighted = forward.iter().filter(|(_, weight)| *weight > 0);
        let routes: Vec<(u32, u32)> = weighted
            .filter_map(|&(group, weight)| Some((weight, self.view_at(group, node)?)))
            .collect();
        if routes.is_empty() {
            return vec![(1, self.nowhere(node, by))];
        }
        routes
    }

    /// The view of a node in which there is nothing to choose.
    fn nowhere(&mut self, node: NodeId, by: Option<EntryId>) -> u32 {
        let view = self.nodes[node.index()].nowhere.unwrap_or_else(|| {
            let view = u32::try_from(self.views.len()).expect("views fit 32 bits");
            self.views.push(View::empty(node));
            view
        });
        self.nodes[node.index()].nowhere = Some(view);
        self.views[view as usize].emptied_by = by;
        view
    }
}
