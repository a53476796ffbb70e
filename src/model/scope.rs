//! Scope: which nodes may choose a target, and what changes when its target group comes into use or
//! falls out of it, a zone is enabled or disabled, or cross-zone balancing is switched.
//!
//! The state of a target changes with the call; a node learns later, as it does of registrations. A
//! target that no node knows any more is forgotten, and checked anew when it is back in use; one
//! that is back before goes on as it was. This module must never decide where a listener forwards.
//! Source: R-FORWARD-3, R-ZONE-2.

use super::cloud::{Cloud, NodeState, TargetGroup};
use super::event::{Cx, Timer, Write, schedule};
use super::health::{Answer, Checker};
use super::ids::{EntryId, LinkId, NodeId, RegistrationId, TargetGroupId};
use super::lb::Attributes;
use super::record::Record;
use super::registration::{Registration, TargetHealth};
use super::view::{Standing, View};

impl Cloud {
    /// Views of a target group at nodes of the load balancer that forwards to it.
    pub(super) fn views_in_use(&self, id: TargetGroupId) -> impl Iterator<Item = u32> + '_ {
        let group = &self.target_groups[id.index()];
        group.views.iter().copied().filter(|&view| {
            let node = &self.nodes[self.views[view as usize].node.index()];
            Some(node.load_balancer) == group.load_balancer && !node.is_gone()
        })
    }

    /// Those of them to which requests come.
    pub(super) fn views_with_traffic(&self, id: TargetGroupId) -> impl Iterator<Item = u32> + '_ {
        self.views_in_use(id).filter(|&view| {
            let node = self.views[view as usize].node;
            self.nodes[node.index()].state != NodeState::Coming
        })
    }

    /// Whether nodes choose among the targets of all zones.
    pub fn is_cross_zone(&self, group: &TargetGroup) -> bool {
        let balancer = group
            .load_balancer
            .map(|balancer| &self.load_balancers[balancer]);
        let none = Attributes::default();
        let attributes = balancer.map_or(&none, |balancer| &balancer.attributes);
        group.kind.cross_zone(&group.attributes, attributes)
    }

    /// Views that may choose a target.
    pub(super) fn views_in_scope(&self, id: RegistrationId) -> Vec<u32> {
        let registration = &self.registrations[id.index()];
        if self.health_when_registered(registration) != TargetHealth::Registering {
            return Vec::new();
        }
        let group = &self.target_groups[registration.target_group.index()];
        let everywhere = registration.any_zone || self.is_cross_zone(group);
        self.views_in_use(registration.target_group)
            .filter(|&view| {
                let node = self.views[view as usize].node;
                everywhere || self.nodes[node.index()].zone == registration.zone
            })
            .collect()
    }

    /// Makes the views that a target group lacks at the nodes of its load balancer.
    pub(super) fn add_missing_views(&mut self, id: TargetGroupId) {
        let group = &self.target_groups[id.index()];
        let rules = group.kind.routing_rules(&group.attributes);
        for index in 0..self.nodes.len() {
            let (node, place) = (NodeId::from_index(index), &self.nodes[index]);
            let group = &self.target_groups[id.index()];
            let missing = Some(place.load_balancer) == group.load_balancer
                && !place.is_gone()
                && self.view_at(id, node).is_none();
            if missing {
                let view = u32::try_from(self.views.len()).expect("views fit 32 bits");
                self.views.push(View::new(node, rules));
                self.views[view as usize].emptied_by = self.cause;
                self.target_groups[id.index()].views.push(view);
            }
        }
    }

    /// The view that a node has of a target group.
    pub(super) fn view_at(&self, id: TargetGroupId, node: NodeId) -> Option<u32> {
        let views = self.target_groups[id.index()].views.iter().copied();
        views
            .into_iter()
            .find(|&view| self.views[view as usize].node == node)
    }

    /// A listener of a load balancer forwards to a target group that no listener did.
    pub(super) fn enter_use(&mut self, cx: &mut Cx<'_>, id: TargetGroupId, balancer: usize) {
        let kind = self.load_balancers[balancer].kind;
        let group = &mut self.target_groups[id.index()];
        group.load_balancer = Some(balancer);
        group.kind = kind;
        group.attributes.complete(kind.target_group_attributes());
        group.drain_rules = kind.drain_rules(&group.attributes, &self.assumptions);
        self.add_missing_views(id);
        self.refit_targets(cx, id);
    }

    /// No listener forwards to a target group any more; its nodes do until they learn.
    pub(super) fn leave_use(&mut self, cx: &mut Cx<'_>, id: TargetGroupId) {
        self.target_groups[id.index()].load_balancer = None;
        self.refit_targets(cx, id);
    }

    /// Brings every target of a group in line with which nodes may choose it now.
    pub(super) fn refit_targets(&mut self, cx: &mut Cx<'_>, id: TargetGroupId) {
        self.target_groups[id.index()].refit_by = self.cause;
        let registered: Vec<RegistrationId> = self.registrations_of(id).collect();
        for registration in registered {
            if self.registrations[registration.index()]
                .deregistration
                .is_none()
            {
                self.refit(cx, registration);
            }
        }
        self.recount_eligible(cx, id);
    }

    fn refit(&mut self, cx: &mut Cx<'_>, id: RegistrationId) {
        let registration = &self.registrations[id.index()];
        let before = registration.health;
        let placed = self.health_when_registered(registration);
        let after = if before.is_off() {
            before
        } else if placed != TargetHealth::Registering {
            placed
        } else if before.is_out_of_use() {
            shown(registration)
        } else {
            before
        };
        self.registrations[id.index()].health = after;
        self.count_health(cx, id, Some(before), Some(after));
        // a group out of use is forgotten with its last listener
        if placed != TargetHealth::NotInUse {
            self.tell_scope(cx, id);
        }
        if after == TargetHealth::Registering && self.is_known(id) {
            self.start_checks(cx, id);
        }
        self.refresh_serving_of(cx, id);
    }

    /// Tells nodes that may choose a target and do not know it, and nodes that may not and do.
    fn tell_scope(&mut self, cx: &mut Cx<'_>, id: RegistrationId) {
        let scope = self.views_in_scope(id);
        for &view in &scope {
            let links = &self.registrations[id.index()].links;
            let known = links
                .iter()
                .find(|&link| self.links[link as usize].view == view);
            let link = known.map_or_else(
                || {
                    let link = self.add_link(view, id);
                    self.registrations[id.index()].links.add(link.0);
                    link
                },
                LinkId,
            );
            if !self.links[link.index()].history.told {
                self.tell_use(cx, link, true);
            }
        }
        for link in self.registrations[id.index()].links.clone() {
            let state = &self.links[link as usize];
            if state.history.told && !scope.contains(&state.view) {
                self.tell_use(cx, LinkId(link), false);
            }
        }
    }

    fn tell_use(&mut self, cx: &mut Cx<'_>, id: LinkId, usable: bool) {
        let link = &self.links[id.index()];
        let registration = &self.registrations[link.registration as usize];
        let kind = self.target_groups[registration.target_group.index()].kind;
        let (lag, purpose) = if usable {
            (kind.registration(&self.assumptions), "registration lag")
        } else {
            (kind.propagation(&self.assumptions), "propagation lag")
        };
        let entry = self.cause.map_or(u64::MAX, |entry| u64::from(entry.0));
        let node = self.views[link.view as usize].node;
        let key = [entry, u64::from(link.registration), u64::from(node.0)];
        let drawn = lag.sample(&mut self.streams.stream(purpose, &key));
        let history = &mut self.links[id.index()].history;
        history.last_write = (cx.now + drawn).max(history.last_write);
        history.unheard += 1;
        history.refits += 1;
        history.told = usable;
        let write = if usable {
            Write::Usable(history.refits)
        } else {
            Write::Unusable(history.refits)
        };
        schedule(cx, history.last_write, Timer::Learn(id, write));
    }

    /// What last changed which nodes may choose a target.
    pub(super) fn refit_by(&self, id: RegistrationId) -> Option<EntryId> {
        let group = self.registrations[id.index()].target_group;
        self.target_groups[group.index()].refit_by
    }

    /// A node no longer chooses a target; what is in flight on it goes on.
    pub(super) fn lose_sight(&mut self, cx: &mut Cx<'_>, id: LinkId) {
        let link = &mut self.links[id.index()];
        let registration = RegistrationId(link.registration);
        if std::mem::replace(&mut link.known, false) {
            cx.records.push(Record::Learnt(id, false));
            self.restand(cx, id);
        }
        let forgotten = {
            let registration = &self.registrations[registration.index()];
            registration.health.is_out_of_use()
                && registration.links.iter().all(|link| {
                    let link = &self.links[link as usize];
                    !link.known && link.history.unheard == 0
                })
        };
        if forgotten {
            cx.calendar.cancel(&Timer::HealthVerdict(registration));
            cx.calendar.cancel(&Timer::VerdictSeen(registration));
            let registration = &mut self.registrations[registration.index()];
            registration.checker = None;
            registration.verdict = Standing::Initial;
            registration.seen = Standing::Initial;
        }
    }

    /// Nodes that route to a target group no more lose sight of its targets.
    pub(super) fn forget_target_group(&mut self, cx: &mut Cx<'_>, id: TargetGroupId) {
        let registered: Vec<RegistrationId> = self.registrations_of(id).collect();
        for registration in registered {
            if self.registrations[registration.index()]
                .deregistration
                .is_some()
            {
                continue;
            }
            for link in self.registrations[registration.index()].links.clone() {
                self.links[link as usize].history.told = false;
                self.lose_sight(cx, LinkId(link));
            }
        }
    }

    /// Whether some node knows a registration.
    pub(super) fn is_known(&self, id: RegistrationId) -> bool {
        let mut links = self.registrations[id.index()].links.iter();
        links.any(|link| self.links[link as usize].known)
    }
}

/// What a target that is back in use is shown as: what its checks say, if they have gone on.
fn shown(registration: &Registration) -> TargetHealth {
    let answer = registration.checker.as_ref().map(Checker::answer);
    match (answer, registration.verdict) {
        (None, _) | (_, Standing::Absent) => TargetHealth::Registering,
        (Some(_), Standing::Initial) => TargetHealth::InitialChecks,
        (Some(_), Standing::Healthy) => TargetHealth::Healthy,
        (Some(Answer::Silent), Standing::Unhealthy) => TargetHealth::TimedOut,
        (Some(Answer::Pass | Answer::Refused), Standing::Unhealthy) => TargetHealth::FailedChecks,
    }
}
