//! Targets: registering them, and what nodes learn of control-plane writes.
//!
//! A write is accepted at once and reaches each node later, in order. A registration is a generation:
//! registering a draining target again makes a new one. This module must never decide what a node
//! does with what it learnt. Source: R-DRAIN-2, R-DRAIN-6.

use super::assumption::IpReregister;
use super::cloud::Cloud;
use super::drain::DrainOutcome;
use super::event::{Cx, Timer, Write, schedule};
use super::health::{Answer, Checker, phase_within};
use super::ids::{InstanceId, LinkId, RegistrationId, TargetGroupId};
use super::lb::Family;
use super::lifecycle::LifecycleState;
use super::record::Record;
use super::registration::{LinkSet, Registration, TargetHealth};
use super::settings::{Provider, TargetType};
use super::source::Source;
use super::view::{Detours, Link, Standing};
use super::weight::FULL_WEIGHT;
use crate::engine::time::SimTime;

/// A target to register.
#[derive(Debug)]
pub(super) struct NewTarget {
    pub(super) target_group: TargetGroupId,
    pub(super) id: String,
    pub(super) port: u16,
    pub(super) instance: InstanceId,
    pub(super) details: TargetDetails,
}

/// What else a registration may say of its target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetDetails {
    /// Any node may choose it, whatever its zone.
    pub any_zone: bool,
    /// Its QUIC server id.
    pub quic_server_id: Option<String>,
    /// Its weight \[0..=100\].
    pub weight: u32,
    /// What somebody wrote about it.
    pub description: Option<String>,
}

impl Default for TargetDetails {
    fn default() -> Self {
        Self {
            any_zone: false,
            quic_server_id: None,
            weight: FULL_WEIGHT,
            description: None,
        }
    }
}

/// What came of asking for a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registered {
    /// A new registration.
    New(RegistrationId),
    /// It was registered already.
    Already(RegistrationId),
    /// It drains and will be registered when that is over.
    Queued(RegistrationId),
    /// It drains, and such a target cannot be registered again before that is over.
    Refused,
}

impl Cloud {
    /// The newest registration of a target, if the cloud still shows one.
    pub fn registration_of(
        &self,
        target_group: TargetGroupId,
        id: &str,
        port: u16,
    ) -> Option<RegistrationId> {
        let newest = self.newest_of(target_group, id, port)?;
        self.registrations[newest.index()]
            .is_shown()
            .then_some(newest)
    }

    /// The newest registrations of an id on each port it ever had, whether the cloud still shows
    /// them or not.
    pub fn registrations_with_id(
        &self,
        target_group: TargetGroupId,
        id: &str,
    ) -> impl Iterator<Item = RegistrationId> + '_ {
        let key = |port| (target_group, id.to_owned(), port);
        self.keys
            .range(key(0)..=key(u16::MAX))
            .map(|(_, &registration)| registration)
    }

    fn newest_of(&self, group: TargetGroupId, id: &str, port: u16) -> Option<RegistrationId> {
        self.keys.get(&(group, id.to_owned(), port)).copied()
    }

    /// Registrations of a target group that the cloud shows, by id and port.
    pub fn registrations_of(
        &self,
        target_group: TargetGroupId,
    ) -> impl Iterator<Item = RegistrationId> + '_ {
        let from = (target_group, String::new(), 0);
        self.keys
            .range(from..)
            .take_while(move |((group, _, _), _)| *group == target_group)
            .map(|(_, &registration)| registration)
            .filter(|registration| self.registrations[registration.index()].is_shown())
    }

    /// What a target is shown as before anything is known of it.
    pub(super) fn health_when_registered(&self, registration: &Registration) -> TargetHealth {
        let group = &self.target_groups[registration.target_group.index()];
        match group.load_balancer {
            None => TargetHealth::NotInUse,
            Some(balancer)
                if registration.any_zone
                    || self.load_balancers[balancer]
                        .zones
                        .contains(&registration.zone) =>
            {
                TargetHealth::Registering
            }
            Some(_) => TargetHealth::ZoneNotEnabled,
        }
    }

    /// Builds the registration and its links; `known` when it stands before 0 s.
    fn new_registration(&mut self, target: NewTarget) -> RegistrationId {
        let NewTarget {
            target_group,
            id,
            port,
            instance,
            details,
        } = target;
        let new = RegistrationId::from_index(self.registrations.len());
        self.registrations.push(Registration {
            target_group,
            id: id.clone(),
            port,
            instance,
            zone: self.instances[instance.index()].zone,
            health: TargetHealth::Registering,
            entry: self.cause,
            since: SimTime::ZERO,
            checker: None,
            links: LinkSet::default(),
            any_zone: details.any_zone,
            quic_server_id: details.quic_server_id,
            weight: details.weight,
            weighed_by: self.cause,
            description: details.description,
            verdict: Standing::Initial,
            seen: Standing::Initial,
            sightings: 0,
            deregistration: None,
            deregistered_by: None,
            changed_by: None,
            unhealthy_at: SimTime::MAX,
            over: false,
            register_again: false,
        });
        let health = self.health_when_registered(&self.registrations[new.index()]);
        self.registrations[new.index()].health = health;
        let first_link = u32::try_from(self.links.len()).expect("links fit 32 bits");
        for view in self.views_in_scope(new) {
            self.add_link(view, new);
        }
        let end = u32::try_from(self.links.len()).expect("links fit 32 bits");
        self.registrations[new.index()].links = LinkSet::new(first_link..end);
        self.keys.insert((target_group, id, port), new);
        self.instances[instance.index()].registrations.push(new);
        new
    }

    /// A link between a view and a registration, of which the node knows nothing yet.
    pub(super) fn add_link(&mut self, view: u32, registration: RegistrationId) -> LinkId {
        let id = LinkId::from_index(self.links.len());
        let instance = self.registrations[registration.index()].instance;
        let mut link = Link::new(view, registration, instance);
        link.history.weight = self.registrations[registration.index()].weight;
        let process = &self.processes[instance.index()];
        link.detours.set(Detours::LIMITED, process.is_limited());
        link.detours.set(Detours::STOPPED, process.is_stopped());
        let view = &mut self.views[view as usize];
        link.detours.set(Detours::RANKED, view.is_ranked());
        view.links.push(id);
        self.links.push(link);
        id
    }

    /// Registers a target that stands healthy on every node before 0 s, with its weight.
    pub(super) fn add_standing_target(
        &mut self,
        (target_group, id, port): (TargetGroupId, String, u16),
        instance: InstanceId,
        weight: u32,
    ) {
        let registration = self.new_registration(NewTarget {
            target_group,
            id,
            port,
            instance,
            details: TargetDetails {
                weight,
                ..TargetDetails::default()
            },
        });
        let settings = self.target_groups[target_group.index()].health_check;
        let mut stream = self
            .streams
            .stream("health check phase", &[u64::from(registration.0)]);
        let phase = phase_within(settings.interval, &mut stream);
        let entry = &mut self.registrations[registration.index()];
        let counts = &mut self.target_groups[target_group.index()].counts;
        counts.registered += 1;
        if !entry.health.is_initial() {
            return;
        }
        entry.health = TargetHealth::Healthy;
        entry.verdict = Standing::Healthy;
        entry.seen = Standing::Healthy;
        if weight > 0 {
            entry.checker = Some(Checker::new(settings, SimTime::ZERO + phase, Answer::Pass));
        }
        counts.healthy += 1;
        for link in entry.links.clone() {
            let link = &mut self.links[link as usize];
            link.known = true;
            link.history.told = true;
            if weight == 0 {
                continue;
            }
            link.counted = Standing::Healthy;
            self.views[link.view as usize].restand(Standing::Absent, Standing::Healthy, None);
        }
    }

    /// Registers a target; the nodes learn of it later.
    pub fn register(
        &mut self,
        cx: &mut Cx<'_>,
        target_group: TargetGroupId,
        id: &str,
        port: u16,
        instance: InstanceId,
    ) -> Registered {
        self.register_in(
            cx,
            (target_group, id, port),
            instance,
            TargetDetails::default(),
        )
    }

    /// Registers a member with a source, with the weight of the source or, behind a Classic Load
    /// Balancer of Alibaba Cloud, its own; without while it stands by. Source: R-ESS-11, R-ESS-31,
    /// R-ESS-40.
    pub(super) fn register_with(
        &mut self,
        cx: &mut Cx<'_>,
        source: &Source,
        name: &str,
        id: InstanceId,
    ) -> Registered {
        let kind = self.target_groups[source.target_group.index()].kind;
        let instance = &self.instances[id.index()];
        let own = instance.membership.attached.and_then(|how| how.weight);
        let own = own.filter(|_| kind.family() == Family::Slb);
        let stands_by = instance.lifecycle == LifecycleState::Standby && kind.has_weights();
        let weight = if stands_by {
            0
        } else {
            own.unwrap_or(source.weight)
        };
        let details = TargetDetails {
            weight,
            ..TargetDetails::default()
        };
        let key = (source.target_group, name, source.port);
        self.register_in(cx, key, id, details)
    }

    /// Registers a target with what else is said of it.
    pub fn register_in(
        &mut self,
        cx: &mut Cx<'_>,
        (target_group, id, port): (TargetGroupId, &str, u16),
        instance: InstanceId,
        details: TargetDetails,
    ) -> Registered {
        let old = self.registration_of(target_group, id, port);
        if let Some(old) = old {
            if self.registrations[old.index()].deregistration.is_none() {
                return Registered::Already(old);
            }
            let group = &self.target_groups[target_group.index()];
            // only Elastic Load Balancing has such targets wait
            if group.provider == Provider::Aws
                && group.target_type == TargetType::Ip
                && group.load_balancer.is_some()
            {
                match self.assumptions.ip_reregister {
                    IpReregister::Accept => {}
                    IpReregister::Reject => return Registered::Refused,
                    IpReregister::Queue => {
                        self.registrations[old.index()].register_again = true;
                        return Registered::Queued(old);
                    }
                }
            }
        }
        let target = NewTarget {
            target_group,
            id: id.to_owned(),
            port,
            instance,
            details,
        };
        let newest = self.newest_of(target_group, id, port);
        Registered::New(self.register_anew(cx, target, newest))
    }

    pub(super) fn register_anew(
        &mut self,
        cx: &mut Cx<'_>,
        target: NewTarget,
        old: Option<RegistrationId>,
    ) -> RegistrationId {
        let target_group = target.target_group;
        let old_links = old.map(|old| self.registrations[old.index()].links.clone());
        if let Some(old) = old.filter(|old| self.registrations[old.index()].is_shown()) {
            self.supersede(cx, old);
        }
        let new = self.new_registration(target);
        self.registrations[new.index()].since = cx.now;
        let lag = self.target_groups[target_group.index()]
            .kind
            .registration(&self.assumptions)
            .clone();
        let entry = self.cause.map_or(u64::MAX, |entry| u64::from(entry.0));
        for index in self.registrations[new.index()].links.clone() {
            let node = self.views[self.links[index as usize].view as usize].node;
            let key = [entry, u64::from(new.0), u64::from(node.0)];
            let drawn = lag.sample(&mut self.streams.stream("registration lag", &key));
            let before = old_links
                .clone()
                .into_iter()
                .flatten()
                .find(|&old| self.links[old as usize].view == self.links[index as usize].view);
            let last = before.map_or(SimTime::ZERO, |old| {
                self.links[old as usize].history.last_write
            });
            let at = (cx.now + drawn).max(last);
            self.links[index as usize].history.last_write = at;
            self.links[index as usize].history.unheard += 1;
            self.links[index as usize].history.told = true;
            schedule(cx, at, Timer::Learn(LinkId(index), Write::Registered));
        }
        let health = self.registrations[new.index()].health;
        self.count_health(cx, new, None, Some(health));
        new
    }

    /// A draining target is registered again: the old registration makes room for the new one.
    fn supersede(&mut self, cx: &mut Cx<'_>, old: RegistrationId) {
        let registration = &self.registrations[old.index()];
        let deregistration = registration.deregistration.expect("it was draining");
        self.count_health(cx, old, Some(TargetHealth::Draining), None);
        self.registrations[old.index()].health = TargetHealth::NotRegistered;
        if !deregistration.rules.reregistration_rescues {
            // the new one stands beside it; the old drain goes on
            return;
        }
        cx.calendar.cancel(&Timer::DrainShown(old));
        for link in self.registrations[old.index()].links.clone() {
            cx.calendar.cancel(&Timer::Cut(LinkId(link)));
            let link = &mut self.links[link as usize];
            link.cut_at = SimTime::MAX;
            link.detours.set(Detours::DRAINING, false);
            // a node that knows already will not be told again
            link.over |= !link.known && link.history.unheard == 0;
        }
        self.end_drain(cx, old, DrainOutcome::Cancelled);
    }

    pub(super) fn on_learn(&mut self, cx: &mut Cx<'_>, id: LinkId, write: Write) {
        let registration = RegistrationId(self.links[id.index()].registration);
        let entry = &self.registrations[registration.index()];
        self.links[id.index()].history.unheard -= 1;
        let node = self.views[self.links[id.index()].view as usize].node;
        match write {
            // nobody is left to learn it
            Write::Registered | Write::Usable(_) if self.nodes[node.index()].is_gone() => {}
            Write::Weight { weight, .. } => self.learn_weight(cx, id, u32::from(weight)),
            Write::Usable(_) => {
                self.cause = self.refit_by(registration);
                self.links[id.index()].known = true;
                cx.records.push(Record::Learnt(id, true));
                self.start_checks(cx, registration);
                self.restand(cx, id);
            }
            Write::Unusable(_) => {
                self.cause = self.refit_by(registration);
                self.lose_sight(cx, id);
            }
            Write::Registered => {
                self.cause = entry.entry;
                self.links[id.index()].known = true;
                cx.records.push(Record::Learnt(id, true));
                self.start_checks(cx, registration);
                self.restand(cx, id);
            }
            Write::Deregistered => {
                self.cause = entry.deregistered_by;
                self.links[id.index()].known = false;
                cx.records.push(Record::Learnt(id, false));
                self.restand(cx, id);
                // a registration that was taken back before the node knew has no drain to end it
                let registered_again = self.registrations[registration.index()].over;
                self.links[id.index()].over |= registered_again;
                self.removal_spreads(cx, registration);
                self.look_for_quiet(cx, registration);
            }
        }
    }

    /// Sets attributes of a target group; the caller has checked them. A drain under way keeps
    /// the rules it began with.
    pub fn set_attributes(
        &mut self,
        cx: &mut Cx<'_>,
        id: TargetGroupId,
        changes: impl IntoIterator<Item = (String, String)>,
    ) {
        let group = &mut self.target_groups[id.index()];
        for (key, value) in changes {
            group.attributes.set(key, value);
        }
        group.drain_rules = group.kind.drain_rules(&group.attributes, &self.assumptions);
        let rules = group.kind.routing_rules(&group.attributes);
        for &view in &group.views {
            self.views[view as usize].set_rules(rules, &mut self.links);
        }
        self.refit_targets(cx, id);
        self.recount_eligible(cx, id);
    }
}
