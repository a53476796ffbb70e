//! Targets: registering, health verdicts, deregistering, and the drain in between.
//!
//! A control-plane write is accepted at once and reaches each node later, in order. A drain keeps
//! two clocks: what is displayed (the deadline is also a display timer) and what each node does
//! (it cuts at the deadline, or when it learns if that is later). Source: semantics of rules
//! R-DRAIN-1 to R-DRAIN-7 in `docs/DESIGN.md`.

use super::assumption::IpReregister;
use super::cloud::Cloud;
use super::drain::{Drain, DrainOutcome};
use super::event::{Cx, Timer, Write, schedule};
use super::health::{Answer, Checker, phase_within};
use super::ids::{DrainId, InstanceId, LinkId, RegistrationId, TargetGroupId};
use super::loss::Cause;
use super::path::Failure;
use super::record::{Record, TargetCounts};
use super::registration::{Deregistration, Registration, TargetHealth};
use super::request::{Request, Stage};
use super::settings::TargetType;
use super::view::{Link, Standing};
use crate::engine::phase::Phase;
use crate::engine::time::{SimDuration, SimTime};

/// Requests found in one walk over the slab for all cuts of an instant.
#[derive(Debug, Default)]
pub(super) struct CutScan {
    at: Option<SimTime>,
    /// Sorted by link, then by arrival.
    found: Vec<(LinkId, SimTime, u32)>,
}

/// A target to register.
#[derive(Debug)]
struct NewTarget {
    target_group: TargetGroupId,
    id: String,
    port: u16,
    instance: InstanceId,
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
    /// The newest registration of a target, if it is not over.
    pub fn registration_of(
        &self,
        target_group: TargetGroupId,
        id: &str,
        port: u16,
    ) -> Option<RegistrationId> {
        let key = (target_group, id.to_owned(), port);
        let registration = self.keys.get(&key).copied()?;
        (!self.registrations[registration.index()].over).then_some(registration)
    }

    /// Registrations of a target group that are not over, by id and port.
    pub fn registrations_of(
        &self,
        target_group: TargetGroupId,
    ) -> impl Iterator<Item = RegistrationId> + '_ {
        let from = (target_group, String::new(), 0);
        self.keys
            .range(from..)
            .take_while(move |((group, _, _), _)| *group == target_group)
            .map(|(_, &registration)| registration)
            .filter(|registration| !self.registrations[registration.index()].over)
    }

    /// Builds the registration and its links; `known` when it stands before 0 s.
    fn new_registration(&mut self, target: NewTarget) -> RegistrationId {
        let NewTarget {
            target_group,
            id,
            port,
            instance,
        } = target;
        let registration = RegistrationId::from_index(self.registrations.len());
        let zone = self.instances[instance.index()].zone;
        let group = &self.target_groups[target_group.index()];
        let cross_zone = group.kind.cross_zone(&group.attributes);
        let zone_enabled = group
            .load_balancer
            .is_some_and(|balancer| self.load_balancers[balancer].zones.contains(&zone));
        let health = if group.load_balancer.is_none() {
            TargetHealth::NotInUse
        } else if zone_enabled {
            TargetHealth::Registering
        } else {
            TargetHealth::ZoneNotEnabled
        };
        let first_link = u32::try_from(self.links.len()).expect("links fit 32 bits");
        for view in group.first_view..group.first_view + group.view_count {
            let node = self.views[view as usize].node;
            let in_scope = cross_zone || self.nodes[node.index()].zone == zone;
            if zone_enabled && in_scope {
                let link = LinkId::from_index(self.links.len());
                self.views[view as usize].links.push(link);
                self.links.push(Link::new(view, registration, instance));
            }
        }
        let links = first_link..u32::try_from(self.links.len()).expect("links fit 32 bits");
        self.registrations.push(Registration {
            target_group,
            id: id.clone(),
            port,
            instance,
            zone,
            health,
            entry: self.cause,
            checker: None,
            links,
            verdict: Standing::Initial,
            deregistration: None,
            deregistered_by: None,
            changed_by: None,
            unhealthy_at: SimTime::MAX,
            over: false,
            register_again: false,
        });
        self.keys.insert((target_group, id, port), registration);
        self.instances[instance.index()]
            .registrations
            .push(registration);
        registration
    }

    /// Registers a target that stands healthy on every node before 0 s.
    pub(super) fn add_standing_target(
        &mut self,
        target_group: TargetGroupId,
        id: String,
        port: u16,
        instance: InstanceId,
    ) {
        let registration = self.new_registration(NewTarget {
            target_group,
            id,
            port,
            instance,
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
        entry.checker = Some(Checker::new(settings, SimTime::ZERO + phase, Answer::Pass));
        counts.healthy += 1;
        for link in entry.links.clone() {
            let link = &mut self.links[link as usize];
            link.known = true;
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
        let old = self.registration_of(target_group, id, port);
        if let Some(old) = old {
            if self.registrations[old.index()].deregistration.is_none() {
                return Registered::Already(old);
            }
            let group = &self.target_groups[target_group.index()];
            if group.target_type == TargetType::Ip && group.load_balancer.is_some() {
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
        };
        Registered::New(self.register_anew(cx, target, old))
    }

    fn register_anew(
        &mut self,
        cx: &mut Cx<'_>,
        target: NewTarget,
        old: Option<RegistrationId>,
    ) -> RegistrationId {
        let target_group = target.target_group;
        let old_links = old.map(|old| self.registrations[old.index()].links.clone());
        if let Some(old) = old {
            self.supersede(cx, old);
        }
        let new = self.new_registration(target);
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
            let last = before.map_or(SimTime::ZERO, |old| self.links[old as usize].last_write);
            let at = (cx.now + drawn).max(last);
            self.links[index as usize].last_write = at;
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
            link.draining = false;
            // a node that knows already will not be told again
            link.over |= !link.known && link.last_write <= cx.now;
        }
        self.end_drain(cx, old, DrainOutcome::Cancelled);
    }

    /// Deregisters a target. Nothing happens to one that is draining already.
    pub fn deregister(&mut self, cx: &mut Cx<'_>, id: RegistrationId) {
        let registration = &self.registrations[id.index()];
        let group = &self.target_groups[registration.target_group.index()];
        let mut rules = group.drain_rules;
        if let Some(deregistration) = registration.deregistration {
            if self.assumptions.redereg_resets && !registration.over && rules.cut {
                self.reset_deadline(cx, id, deregistration);
            }
            return;
        }
        let in_use = !registration.links.is_empty();
        if !in_use {
            rules.delay = SimDuration::ZERO;
        }
        let deadline = cx.now + rules.delay;
        let drain = DrainId::from_index(self.drains.len());
        let lag = group.kind.propagation(&self.assumptions).clone();
        let before = registration.health;
        let mut in_flight = 0;
        let entry = self.cause.map_or(u64::MAX, |entry| u64::from(entry.0));
        for index in self.registrations[id.index()].links.clone() {
            let link = &mut self.links[index as usize];
            in_flight += u64::from(link.in_flight);
            link.draining = true;
            let node = self.views[link.view as usize].node;
            let key = [entry, u64::from(id.0), u64::from(node.0)];
            let drawn = lag.sample(&mut self.streams.stream("propagation lag", &key));
            link.last_write = (cx.now + drawn).max(link.last_write);
            let learns = link.last_write;
            schedule(cx, learns, Timer::Learn(LinkId(index), Write::Deregistered));
            if rules.cut {
                self.schedule_cut(cx, LinkId(index), deadline);
            }
        }
        let delay = rules.cut.then_some(rules.delay);
        self.open_drains += 1;
        self.drains
            .push(Drain::new(id, self.cause, cx.now, delay, in_flight));
        let cause = self.cause;
        let registration = &mut self.registrations[id.index()];
        registration.deregistered_by = cause;
        registration.health = TargetHealth::Draining;
        registration.deregistration = Some(Deregistration {
            drain,
            rules,
            shown_over: !rules.shows_full_delay || rules.delay == SimDuration::ZERO,
        });
        if rules.shows_full_delay && rules.delay > SimDuration::ZERO {
            schedule(cx, deadline, Timer::DrainShown(id));
        }
        cx.records.push(Record::DrainBegan(drain));
        self.count_health(cx, id, Some(before), Some(TargetHealth::Draining));
        self.refresh_serving_of(cx, id);
        self.look_for_quiet(cx, id);
    }

    /// A node cuts at the deadline, or right after it learnt if that is not earlier.
    fn schedule_cut(&mut self, cx: &mut Cx<'_>, id: LinkId, deadline: SimTime) {
        let link = &mut self.links[id.index()];
        link.cut_at = deadline.max(link.last_write);
        // in the phase of the learning, so that nothing cut is sent back to this target
        let phase = if link.last_write >= deadline {
            Phase::Propagation
        } else {
            Phase::Deadline
        };
        cx.calendar.schedule(link.cut_at, phase, Timer::Cut(id));
    }

    fn reset_deadline(&mut self, cx: &mut Cx<'_>, id: RegistrationId, old: Deregistration) {
        let deadline = cx.now + old.rules.delay;
        for link in self.registrations[id.index()].links.clone() {
            if !self.links[link as usize].over {
                self.schedule_cut(cx, LinkId(link), deadline);
            }
        }
        if !old.shown_over {
            schedule(cx, deadline, Timer::DrainShown(id));
        }
    }

    pub(super) fn on_learn(&mut self, cx: &mut Cx<'_>, id: LinkId, write: Write) {
        let registration = RegistrationId(self.links[id.index()].registration);
        let entry = &self.registrations[registration.index()];
        match write {
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

    /// The first node that learns of a registration starts its health checks.
    fn start_checks(&mut self, cx: &mut Cx<'_>, id: RegistrationId) {
        let registration = &self.registrations[id.index()];
        if registration.checker.is_some() || registration.health == TargetHealth::InvalidState {
            return;
        }
        let settings = self.target_groups[registration.target_group.index()].health_check;
        let answer = self.processes[registration.instance.index()].answer();
        let before = registration.health;
        let entry = &mut self.registrations[id.index()];
        entry.checker = Some(Checker::new(settings, cx.now, answer));
        if before == TargetHealth::Registering {
            entry.health = TargetHealth::InitialChecks;
            self.count_health(cx, id, Some(before), Some(TargetHealth::InitialChecks));
        }
        self.expect_verdict(cx, id);
    }

    /// The machine behind a registration answers differently from now on.
    pub(super) fn answer_changed(&mut self, cx: &mut Cx<'_>, id: RegistrationId) {
        let instance = self.registrations[id.index()].instance;
        let answer = self.processes[instance.index()].answer();
        let cause = self.cause;
        let registration = &mut self.registrations[id.index()];
        registration.changed_by = cause;
        if let Some(checker) = &mut registration.checker {
            checker.set_answer(cx.now, answer);
            self.expect_verdict(cx, id);
        }
    }

    /// Schedules the change of verdict that the present answers will lead to, if any.
    fn expect_verdict(&mut self, cx: &mut Cx<'_>, id: RegistrationId) {
        let registration = &mut self.registrations[id.index()];
        let group = &self.target_groups[registration.target_group.index()];
        let settings = group.health_check;
        let Some(checker) = &mut registration.checker else {
            return;
        };
        let passes = checker.answer() == Answer::Pass;
        let threshold = match (registration.verdict, passes) {
            (Standing::Initial, true) => group.kind.initial_checks(&settings),
            (Standing::Unhealthy, true) => settings.healthy_threshold,
            (Standing::Initial | Standing::Healthy, false) => settings.unhealthy_threshold,
            (Standing::Healthy, true) | (Standing::Unhealthy, false) | (Standing::Absent, _) => {
                cx.calendar.cancel(&Timer::HealthVerdict(id));
                return;
            }
        };
        let at = checker.verdict_at(cx.now, threshold);
        schedule(cx, at, Timer::HealthVerdict(id));
    }

    pub(super) fn on_health_verdict(&mut self, cx: &mut Cx<'_>, id: RegistrationId) {
        let registration = &self.registrations[id.index()];
        if registration.over {
            return;
        }
        self.cause = registration.changed_by.or(registration.entry);
        let checker = registration
            .checker
            .as_ref()
            .expect("verdicts come from checks");
        match checker.answer() {
            Answer::Pass => self.set_verdict(cx, id, Standing::Healthy, TargetHealth::Healthy),
            Answer::Refused => {
                self.set_verdict(cx, id, Standing::Unhealthy, TargetHealth::FailedChecks);
            }
            Answer::Silent => {
                self.set_verdict(cx, id, Standing::Unhealthy, TargetHealth::TimedOut);
            }
        }
    }

    /// The nodes take a target for something else from now on.
    pub(super) fn set_verdict(
        &mut self,
        cx: &mut Cx<'_>,
        id: RegistrationId,
        verdict: Standing,
        health: TargetHealth,
    ) {
        let registration = &mut self.registrations[id.index()];
        registration.verdict = verdict;
        let before = registration.health;
        let target_group = registration.target_group;
        if verdict == Standing::Unhealthy {
            registration.unhealthy_at = cx.now;
            let rules = self.target_groups[target_group.index()].drain_rules;
            if rules.starts_on_unhealthy {
                schedule(cx, cx.now + rules.delay, Timer::CutUnhealthy(id));
            }
        }
        if before != TargetHealth::Draining && before != TargetHealth::NotRegistered {
            self.registrations[id.index()].health = health;
            self.count_health(cx, id, Some(before), Some(health));
        }
        for link in self.registrations[id.index()].links.clone() {
            if verdict == Standing::Healthy {
                self.enter_slow_start(cx.now, LinkId(link));
            }
            self.restand(cx, LinkId(link));
        }
        self.refresh_serving_of(cx, id);
    }

    /// A target enters slow start only if another healthy one is out of it. Source: R-ROUTE-4.
    fn enter_slow_start(&mut self, now: SimTime, id: LinkId) {
        let view = self.links[id.index()].view as usize;
        if self.views[view].rules.slow_start == SimDuration::ZERO {
            return;
        }
        let others = self.views[view].links.iter().any(|&other| {
            let link = &self.links[other.index()];
            other != id && link.counted == Standing::Healthy && link.slow_until <= now
        });
        self.views[view].enter_slow_start(now, &mut self.links[id.index()], others);
    }

    /// Brings what a view counts a link as up to date.
    fn restand(&mut self, cx: &mut Cx<'_>, id: LinkId) {
        let link = &mut self.links[id.index()];
        let registration = &self.registrations[link.registration as usize];
        let standing = if link.known {
            registration.verdict
        } else {
            Standing::Absent
        };
        let before = std::mem::replace(&mut link.counted, standing);
        let target_group = registration.target_group;
        if before != standing {
            self.views[link.view as usize].restand(before, standing, self.cause);
            self.recount_eligible(cx, target_group);
        }
    }

    /// Eligible targets of the node that has the fewest.
    pub(super) fn least_eligible(&self, id: TargetGroupId) -> u32 {
        let group = &self.target_groups[id.index()];
        (group.first_view..group.first_view + group.view_count)
            .map(|view| self.views[view as usize].eligible_count())
            .min()
            .unwrap_or(0)
    }

    pub(super) fn recount_eligible(&mut self, cx: &mut Cx<'_>, id: TargetGroupId) {
        let eligible = self.least_eligible(id);
        let counts = &mut self.target_groups[id.index()].counts;
        if counts.eligible != eligible {
            counts.eligible = eligible;
            cx.records.push(Record::TargetCounts(id, *counts));
        }
    }

    /// Moves a registration from one count of its group to another.
    fn count_health(
        &mut self,
        cx: &mut Cx<'_>,
        id: RegistrationId,
        before: Option<TargetHealth>,
        after: Option<TargetHealth>,
    ) {
        if before == after {
            return;
        }
        let target_group = self.registrations[id.index()].target_group;
        let counts = &mut self.target_groups[target_group.index()].counts;
        let change = |counts: &mut TargetCounts, health: TargetHealth, by: i32| {
            let add = |count: &mut u32| {
                *count = count
                    .checked_add_signed(by)
                    .expect("a count is not negative");
            };
            if health.is_registered() {
                add(&mut counts.registered);
            }
            if health == TargetHealth::Healthy {
                add(&mut counts.healthy);
            } else if health.is_unhealthy() {
                add(&mut counts.unhealthy);
            } else if health.is_initial() {
                add(&mut counts.initial);
            } else if health == TargetHealth::Draining {
                add(&mut counts.draining);
            }
        };
        if let Some(before) = before {
            change(counts, before, -1);
        }
        if let Some(after) = after {
            change(counts, after, 1);
            cx.records.push(Record::TargetHealth(id, after));
        }
        cx.records.push(Record::TargetCounts(target_group, *counts));
    }

    pub(super) fn on_cut(&mut self, cx: &mut Cx<'_>, id: LinkId) {
        let link = &self.links[id.index()];
        let registration = RegistrationId(link.registration);
        let entry = &self.registrations[registration.index()];
        self.cause = entry.deregistered_by;
        let rules = entry
            .deregistration
            .expect("only a deregistered target is cut")
            .rules;
        if link.in_flight > 0 {
            let failure = Failure {
                cause: Cause::CutAtDeadline,
                code: rules.cut_code,
                culprit: entry.deregistered_by,
            };
            self.need_of_waiting(cx.now, id);
            for slot in self.victims_of_cut(cx.now, id) {
                self.end_attempt(cx, slot, failure);
            }
        }
        let link = &mut self.links[id.index()];
        assert_eq!(link.in_flight, 0, "nothing is in flight after the cut");
        link.over = true;
        self.look_for_quiet(cx, registration);
    }

    /// Slots to cut on one link, in order of arrival, found in one walk for all cuts of the
    /// instant unless something came to the link since that walk.
    fn victims_of_cut(&mut self, now: SimTime, id: LinkId) -> Vec<u32> {
        if self.cut_scan.at != Some(now) {
            self.walk_for_cuts(now);
        }
        let held = self.links[id.index()].in_flight as usize;
        let slots = self.found_on(id);
        if slots.len() == held {
            return slots;
        }
        // a client cut elsewhere tried again here, or this cut was only now asked for
        self.walk_for_cuts(now);
        self.found_on(id)
    }

    fn walk_for_cuts(&mut self, now: SimTime) {
        self.cut_scan.at = Some(now);
        self.cut_scan.found.clear();
        for (slot, request) in self.slab.iter() {
            if self.links[request.link.index()].cut_at == now {
                self.cut_scan
                    .found
                    .push((request.link, request.arrived, slot));
            }
        }
        self.cut_scan.found.sort_unstable();
    }

    fn found_on(&self, id: LinkId) -> Vec<u32> {
        let found = &self.cut_scan.found;
        let from = found.partition_point(|(link, _, _)| *link < id);
        let slots = found[from..]
            .iter()
            .take_while(|(link, _, _)| *link == id)
            // one that ended at this very instant may have freed its slot to another
            .filter(|(link, arrived, slot)| {
                let request = self.slab.get(*slot);
                request.stage != Stage::Free
                    && request.link == *link
                    && request.arrived == *arrived
            })
            .map(|&(_, _, slot)| slot);
        slots.collect()
    }

    pub(super) fn on_cut_unhealthy(&mut self, cx: &mut Cx<'_>, id: RegistrationId) {
        let registration = &self.registrations[id.index()];
        self.cause = registration.changed_by;
        let group = &self.target_groups[registration.target_group.index()];
        let failure = Failure {
            cause: Cause::CutAtDeadline,
            code: group.drain_rules.cut_code,
            culprit: registration.changed_by,
        };
        let (since, links) = (registration.unhealthy_at, registration.links.clone());
        let mut victims: Vec<_> = self
            .slab
            .iter()
            .filter(|(_, request)| links.contains(&request.link.0) && request.arrived <= since)
            .map(|(slot, request)| (request.arrived, slot))
            .collect();
        victims.sort_unstable();
        for (_, slot) in victims {
            self.end_attempt(cx, slot, failure);
        }
        self.look_for_quiet(cx, id);
    }

    pub(super) fn on_drain_shown(&mut self, cx: &mut Cx<'_>, id: RegistrationId) {
        let registration = &mut self.registrations[id.index()];
        self.cause = registration.deregistered_by;
        let deregistration = registration
            .deregistration
            .as_mut()
            .expect("it was deregistered");
        deregistration.shown_over = true;
        self.look_for_quiet(cx, id);
    }

    /// Ends the drain if nothing is in flight, no node would send more, and its display is over.
    fn look_for_quiet(&mut self, cx: &mut Cx<'_>, id: RegistrationId) {
        let registration = &self.registrations[id.index()];
        let Some(deregistration) = registration.deregistration else {
            return;
        };
        if registration.over {
            return;
        }
        let quiet = registration.links.clone().all(|link| {
            let link = &self.links[link as usize];
            !link.known && link.in_flight == 0 && link.last_write <= cx.now
        });
        if !quiet {
            return;
        }
        let drain = &mut self.drains[deregistration.drain.index()];
        if drain.quiet.is_none() {
            drain.quiet = Some(cx.now);
            for link in registration.links.clone() {
                cx.calendar.cancel(&Timer::Cut(LinkId(link)));
                self.links[link as usize].over = true;
            }
            self.drain_is_quiet(cx, id);
        }
        if deregistration.shown_over {
            let outcome = self.drains[deregistration.drain.index()].outcome_by_counts();
            self.end_drain(cx, id, outcome);
        }
    }

    fn end_drain(&mut self, cx: &mut Cx<'_>, id: RegistrationId, outcome: DrainOutcome) {
        let registration = &mut self.registrations[id.index()];
        let deregistration = registration.deregistration.expect("it was deregistered");
        registration.over = true;
        let before = registration.health;
        registration.health = TargetHealth::NotRegistered;
        let drain = &mut self.drains[deregistration.drain.index()];
        drain.end = Some(cx.now);
        self.open_drains -= 1;
        self.check_due = true;
        drain.outcome = outcome;
        drain.assert_conserved();
        cx.records
            .push(Record::DrainEnded(deregistration.drain, outcome));
        cx.calendar.cancel(&Timer::HealthVerdict(id));
        if before == TargetHealth::Draining {
            self.count_health(cx, id, Some(before), None);
        }
        self.drain_is_over(cx, id);
        let registration = &self.registrations[id.index()];
        if registration.register_again {
            let target = NewTarget {
                target_group: registration.target_group,
                id: registration.id.clone(),
                port: registration.port,
                instance: registration.instance,
            };
            self.register_anew(cx, target, None);
        }
    }

    fn drain_of(&mut self, id: LinkId) -> &mut Drain {
        let registration = self.links[id.index()].registration as usize;
        let deregistration = self.registrations[registration].deregistration;
        let drain = deregistration
            .expect("a link drains with its registration")
            .drain;
        &mut self.drains[drain.index()]
    }

    /// A request came to a draining target.
    #[cold]
    pub(super) fn note_arrived(&mut self, id: LinkId) {
        let drain = self.drain_of(id);
        drain.arrived_during += 1;
        drain.in_flight += 1;
    }

    /// A request on a draining target was answered.
    #[cold]
    pub(super) fn note_completed(&mut self, cx: &mut Cx<'_>, id: LinkId) {
        let drain = self.drain_of(id);
        drain.completed += 1;
        drain.in_flight -= 1;
        drain.need(cx.now);
        drain.assert_conserved();
        let registration = RegistrationId(self.links[id.index()].registration);
        self.cause = self.registrations[registration.index()].deregistered_by;
        self.look_for_quiet(cx, registration);
        self.cause = None;
    }

    /// A request on a draining target was lost.
    pub(super) fn note_lost(
        &mut self,
        cx: &mut Cx<'_>,
        id: LinkId,
        request: &Request,
        cause: Cause,
    ) {
        let cut = cause == Cause::CutAtDeadline;
        let drain = self.drain_of(id);
        drain.in_flight -= 1;
        if cut {
            drain.cut += 1;
            if request.stage == Stage::Serving {
                drain.need(request.due);
            }
        } else {
            drain.lost_other += 1;
            if cause == Cause::ClientGaveUp || cause == Cause::ResponseTimeout {
                drain.need(cx.now);
            }
        }
        drain.assert_conserved();
        if !cut {
            let registration = RegistrationId(self.links[id.index()].registration);
            let outer = self.cause;
            self.cause = self.registrations[registration.index()].deregistered_by;
            self.look_for_quiet(cx, registration);
            self.cause = outer;
        }
    }
}

impl Cloud {
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
        for view in group.first_view..group.first_view + group.view_count {
            self.views[view as usize].set_rules(rules);
        }
        self.recount_eligible(cx, id);
    }

    /// A request on the draining `link` would have been over at `at`.
    pub(super) fn need_on(&mut self, link: LinkId, at: SimTime) {
        self.drain_of(link).need(at);
    }

    /// What the drains still under way would need at `now`, from the requests held.
    pub fn close_drains(&mut self, now: SimTime) {
        let mut waiting = std::collections::BTreeSet::new();
        let mut open = Vec::new();
        for (_, request) in self.slab.iter() {
            if !self.links[request.link.index()].draining {
                continue;
            }
            match request.stage {
                // its event is a timeout; its place in line says when it would be over
                Stage::Waiting => {
                    waiting.insert(request.link);
                }
                Stage::Serving | Stage::Connecting | Stage::Free => {
                    open.push((request.link, request.due));
                }
            }
        }
        for (link, due) in open {
            self.need_on(link, due);
        }
        for link in waiting {
            self.need_of_waiting(now, link);
        }
    }
}
