//! Zones of a load balancer, enabled and disabled while it runs: nodes that come and go.
//!
//! Clients find a new node, and stop coming to one that was taken away, a while later: their DNS
//! answers have to run out. This module must never touch a target: scope does. Source: R-ZONE-1 to
//! R-ZONE-3.

use super::assumption::RemovedNode;
use super::cloud::{Cloud, Node, NodeState};
use super::event::{Cx, Timer, schedule};
use super::ids::{LinkId, NodeId, TargetGroupId, ZoneId};
use super::loss::{Cause, Code};
use super::path::Failure;
use crate::engine::time::SimTime;

impl Cloud {
    /// The load balancer with this ARN.
    pub fn load_balancer_named(&self, identifier: &str) -> Option<usize> {
        let mut balancers = self.load_balancers.iter();
        balancers.position(|balancer| balancer.identifier == identifier)
    }

    /// One node for each load balancer and zone, before 0 s.
    pub(super) fn add_standing_nodes(&mut self) {
        for balancer in 0..self.load_balancers.len() {
            for zone in self.load_balancers[balancer].zones.clone() {
                self.add_node(balancer, zone, NodeState::Serving);
            }
        }
    }

    fn add_node(&mut self, load_balancer: usize, zone: ZoneId, state: NodeState) -> NodeId {
        let node = NodeId::from_index(self.nodes.len());
        self.nodes.push(Node {
            load_balancer,
            zone,
            state,
            changed_by: self.cause,
            nowhere: None,
        });
        for listener in &mut self.listeners {
            if listener.load_balancer == load_balancer {
                listener.add_node(node);
            }
        }
        node
    }

    /// Enables exactly these zones of a load balancer. Not empty.
    pub fn set_zones(&mut self, cx: &mut Cx<'_>, balancer: usize, zones: &[ZoneId]) {
        let before = std::mem::replace(&mut self.load_balancers[balancer].zones, zones.to_vec());
        let mut all_come = cx.now;
        for &zone in zones.iter().filter(|zone| !before.contains(zone)) {
            all_come = all_come.max(self.enable_zone(cx, balancer, zone));
        }
        for &zone in before.iter().filter(|zone| !zones.contains(zone)) {
            self.disable_zone(cx, balancer, zone, all_come);
        }
        for index in 0..self.target_groups.len() {
            let id = TargetGroupId::from_index(index);
            if self.target_groups[index].load_balancer == Some(balancer) {
                self.add_missing_views(id);
                self.refit_targets(cx, id);
            }
        }
        self.route(balancer);
    }

    fn node_in(&self, balancer: usize, zone: ZoneId) -> Option<NodeId> {
        let place =
            |node: &Node| node.load_balancer == balancer && node.zone == zone && !node.is_gone();
        self.nodes.iter().position(place).map(NodeId::from_index)
    }

    /// When clients come to the node of a zone that is enabled.
    fn enable_zone(&mut self, cx: &mut Cx<'_>, balancer: usize, zone: ZoneId) -> SimTime {
        if let Some(node) = self.node_in(balancer, zone) {
            // it was taken away a moment ago, and clients still come
            cx.calendar.cancel(&Timer::NodeGoes(node));
            self.spreading -= 1;
            self.nodes[node.index()].state = NodeState::Serving;
            self.nodes[node.index()].changed_by = self.cause;
            return cx.now;
        }
        let node = self.add_node(balancer, zone, NodeState::Coming);
        let at = cx.now + self.node_lag(node);
        schedule(cx, at, Timer::NodeComes(node));
        self.spreading += 1;
        at
    }

    /// Clients stop coming to the node of a zone that is disabled, not before all new ones have
    /// come.
    fn disable_zone(
        &mut self,
        cx: &mut Cx<'_>,
        balancer: usize,
        zone: ZoneId,
        not_before: SimTime,
    ) {
        let node = self.node_in(balancer, zone);
        let node = node.expect("an enabled zone has a node");
        self.nodes[node.index()].changed_by = self.cause;
        if self.nodes[node.index()].state == NodeState::Coming {
            cx.calendar.cancel(&Timer::NodeComes(node));
            self.spreading -= 1;
            self.take_node_away(cx, node);
            return;
        }
        self.nodes[node.index()].state = NodeState::Leaving;
        let at = (cx.now + self.node_lag(node)).max(not_before);
        schedule(cx, at, Timer::NodeGoes(node));
        self.spreading += 1;
    }

    fn node_lag(&self, node: NodeId) -> crate::engine::time::SimDuration {
        let entry = self.cause.map_or(u64::MAX, |entry| u64::from(entry.0));
        let key = [entry, u64::from(node.0)];
        let mut stream = self.streams.stream("node lag", &key);
        self.assumptions.node_lag.sample(&mut stream)
    }

    pub(super) fn on_node_comes(&mut self, cx: &mut Cx<'_>, node: NodeId) {
        self.spreading -= 1;
        self.cause = self.nodes[node.index()].changed_by;
        self.nodes[node.index()].state = NodeState::Serving;
        let balancer = self.nodes[node.index()].load_balancer;
        self.route(balancer);
        self.recount_all(cx, balancer);
    }

    pub(super) fn on_node_goes(&mut self, cx: &mut Cx<'_>, node: NodeId) {
        self.spreading -= 1;
        self.cause = self.nodes[node.index()].changed_by;
        self.take_node_away(cx, node);
    }

    /// A node is no more: what it carries is finished or lost, as the settings say.
    fn take_node_away(&mut self, cx: &mut Cx<'_>, node: NodeId) {
        self.nodes[node.index()].state = NodeState::Gone;
        let balancer = self.nodes[node.index()].load_balancer;
        self.route(balancer);
        for view in 0..self.views.len() {
            if self.views[view].node == node {
                for link in self.views[view].links.clone() {
                    self.links[link.index()].history.told = false;
                    self.lose_sight(cx, link);
                }
            }
        }
        self.forget_node(cx, node);
        if self.assumptions.removed_node == RemovedNode::Lose {
            self.lose_requests_of(cx, node);
        }
        self.recount_all(cx, balancer);
    }

    fn lose_requests_of(&mut self, cx: &mut Cx<'_>, node: NodeId) {
        let carries = |link: LinkId| {
            let view = self.links[link.index()].view;
            self.views[view as usize].node == node
        };
        let mut victims: Vec<(SimTime, u32)> = self
            .slab
            .iter()
            .filter(|(_, request)| carries(request.link))
            .map(|(slot, request)| (request.arrived, slot))
            .collect();
        victims.sort_unstable();
        let failure = Failure {
            cause: Cause::NodeLost,
            code: Code::C502,
            culprit: self.nodes[node.index()].changed_by,
        };
        for (_, slot) in victims {
            self.end_attempt(cx, slot, failure);
        }
    }

    fn recount_all(&mut self, cx: &mut Cx<'_>, balancer: usize) {
        for index in 0..self.target_groups.len() {
            if self.target_groups[index].load_balancer == Some(balancer) {
                self.recount_eligible(cx, TargetGroupId::from_index(index));
            }
        }
    }
}
