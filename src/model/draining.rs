//! Draining: deregistering a target, what happens on it meanwhile, and how that ends.
//!
//! A drain keeps two clocks: what is displayed (the deadline is also a display timer) and what each
//! node does (it cuts at the deadline, or when it learns if that is later). This module must never
//! decide who is deregistered. Source: R-DRAIN-1 to R-DRAIN-7.

use super::cloud::Cloud;
use super::drain::{Drain, DrainOutcome};
use super::event::{Cx, Timer, Write, schedule};
use super::ids::{DrainId, LinkId, RegistrationId};
use super::loss::Cause;
use super::path::Failure;
use super::record::Record;
use super::registration::{Deregistration, TargetHealth};
use super::request::{Request, Stage};
use super::targets::{NewTarget, TargetDetails};
use super::view::{Detours, Standing};
use crate::engine::phase::Phase;
use crate::engine::time::{SimDuration, SimTime};

/// Requests found in one walk over the slab for all cuts of an instant.
#[derive(Debug, Default)]
pub(super) struct CutScan {
    at: Option<SimTime>,
    /// Sorted by link, then by arrival.
    found: Vec<(LinkId, SimTime, u32)>,
}

impl Cloud {
    /// Deregisters a target. Nothing happens to one that is draining already.
    pub fn deregister(&mut self, cx: &mut Cx<'_>, id: RegistrationId) {
        let registration = &self.registrations[id.index()];
        let group = &self.target_groups[registration.target_group.index()];
        let mut rules = group.drain_rules;
        if let Some(deregistration) = registration.deregistration {
            if self.assumptions.redereg_resets && !registration.over && deregistration.rules.cut {
                self.reset_deadline(cx, id, deregistration);
            }
            return;
        }
        // what is in flight on an unhealthy target finishes. Source: R-CLB-4
        rules.cut &= !(rules.spares_unhealthy && registration.verdict == Standing::Unhealthy);
        let in_use = registration.links.iter().any(|link| {
            let link = &self.links[link as usize];
            link.known || link.in_flight > 0 || link.history.unheard > 0
        });
        if !in_use {
            rules.delay = SimDuration::ZERO;
        }
        let deadline = cx.now + rules.delay;
        let cut_at = deadline + rules.slack;
        let drain = DrainId::from_index(self.drains.len());
        let lag = group.kind.propagation(&self.assumptions).clone();
        let before = registration.health;
        let mut in_flight = 0;
        let entry = self.cause.map_or(u64::MAX, |entry| u64::from(entry.0));
        for index in self.registrations[id.index()].links.clone() {
            let link = &mut self.links[index as usize];
            if link.over || !in_use {
                continue;
            }
            in_flight += u64::from(link.in_flight);
            link.detours.set(Detours::DRAINING, true);
            let node = self.views[link.view as usize].node;
            let key = [entry, u64::from(id.0), u64::from(node.0)];
            let drawn = lag.sample(&mut self.streams.stream("propagation lag", &key));
            link.history.last_write = (cx.now + drawn).max(link.history.last_write);
            let learns = link.history.last_write;
            link.history.unheard += 1;
            link.history.told = false;
            schedule(cx, learns, Timer::Learn(LinkId(index), Write::Deregistered));
            if rules.cut {
                self.schedule_cut(cx, LinkId(index), cut_at);
            }
        }
        let delay = rules.cut.then_some(rules.delay);
        self.open_drains += 1;
        self.drains.push(Drain {
            // where nothing is cut there is no slack to allow for
            slack: delay.map_or(SimDuration::ZERO, |_| rules.slack),
            ..Drain::new(id, self.cause, cx.now, delay, in_flight)
        });
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
        if rules.shows_full_delay && rules.delay == SimDuration::ZERO {
            self.end_display(cx, id);
        }
        self.look_for_quiet(cx, id);
    }

    /// A node cuts at the deadline, or right after it learnt if that is not earlier.
    fn schedule_cut(&mut self, cx: &mut Cx<'_>, id: LinkId, deadline: SimTime) {
        let link = &mut self.links[id.index()];
        link.cut_at = deadline.max(link.history.last_write);
        // in the phase of the learning, so that nothing cut is sent back to this target
        let phase = if link.history.last_write >= deadline {
            Phase::Propagation
        } else {
            Phase::Deadline
        };
        cx.calendar.schedule(link.cut_at, phase, Timer::Cut(id));
    }

    fn reset_deadline(&mut self, cx: &mut Cx<'_>, id: RegistrationId, old: Deregistration) {
        let deadline = cx.now + old.rules.delay;
        let cut_at = deadline + old.rules.slack;
        for link in self.registrations[id.index()].links.clone() {
            if !self.links[link as usize].over {
                self.schedule_cut(cx, LinkId(link), cut_at);
            }
        }
        if !old.shown_over {
            schedule(cx, deadline, Timer::DrainShown(id));
        }
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

    /// A draining target turned out to be unhealthy: nothing on it is cut any more. Source: R-CLB-4
    pub(super) fn spare_unhealthy(&mut self, cx: &mut Cx<'_>, id: RegistrationId) {
        let registration = &mut self.registrations[id.index()];
        let Some(deregistration) = &mut registration.deregistration else {
            return;
        };
        if registration.over || !(deregistration.rules.spares_unhealthy && deregistration.rules.cut)
        {
            return;
        }
        deregistration.rules.cut = false;
        self.drains[deregistration.drain.index()].delay = None;
        for link in registration.links.clone() {
            cx.calendar.cancel(&Timer::Cut(LinkId(link)));
            // a node that has cut has nothing left to spare
            if !self.links[link as usize].over {
                self.links[link as usize].cut_at = SimTime::MAX;
            }
        }
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
                request.stage() != Stage::Free
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
        self.end_in_flight(cx, failure, |request| {
            links.contains(request.link.0) && request.arrived <= since
        });
        self.look_for_quiet(cx, id);
    }

    /// Nodes have learnt that a target is unhealthy: they reset its connections, but where they
    /// route to all targets. Source: R-NLB-4.
    pub(super) fn reset_unhealthy(&mut self, cx: &mut Cx<'_>, id: RegistrationId) {
        let registration = &self.registrations[id.index()];
        let rules = self.target_groups[registration.target_group.index()].drain_rules;
        if !rules.resets_unhealthy {
            return;
        }
        let failure = Failure {
            cause: Cause::ResetUnhealthy,
            code: rules.cut_code,
            culprit: registration.changed_by,
        };
        let links = registration.links.iter().filter(|&link| {
            let view = self.links[link as usize].view as usize;
            !self.views[view].fails_open()
        });
        let links: Vec<u32> = links.collect();
        self.end_in_flight(cx, failure, |request| links.contains(&request.link.0));
        self.look_for_quiet(cx, id);
    }

    /// Ends the attempts in flight that are `doomed`, in order of arrival.
    fn end_in_flight(
        &mut self,
        cx: &mut Cx<'_>,
        failure: Failure,
        doomed: impl Fn(&Request) -> bool,
    ) {
        let mut victims: Vec<_> = self
            .slab
            .iter()
            .filter(|(_, request)| doomed(request))
            .map(|(slot, request)| (request.arrived, slot))
            .collect();
        victims.sort_unstable();
        for (_, slot) in victims {
            self.end_attempt(cx, slot, failure);
        }
    }

    pub(super) fn on_drain_shown(&mut self, cx: &mut Cx<'_>, id: RegistrationId) {
        let registration = &mut self.registrations[id.index()];
        self.cause = registration.deregistered_by;
        let deregistration = registration
            .deregistration
            .as_mut()
            .expect("it was deregistered");
        deregistration.shown_over = true;
        self.end_display(cx, id);
        self.drain_is_over(cx, id);
        self.look_for_quiet(cx, id);
    }

    /// The cloud no longer shows the target as draining, whatever its nodes still do. Source:
    /// R-DRAIN-4.
    fn end_display(&mut self, cx: &mut Cx<'_>, id: RegistrationId) {
        let health = &mut self.registrations[id.index()].health;
        if *health == TargetHealth::Draining {
            *health = TargetHealth::NotRegistered;
            self.count_health(cx, id, Some(TargetHealth::Draining), None);
        }
    }

    /// Ends the drain if nothing is in flight, no node would send more, and its display is over.
    pub(super) fn look_for_quiet(&mut self, cx: &mut Cx<'_>, id: RegistrationId) {
        let registration = &self.registrations[id.index()];
        let Some(deregistration) = registration.deregistration else {
            return;
        };
        if registration.over {
            return;
        }
        let quiet = registration.links.iter().all(|link| {
            let link = &self.links[link as usize];
            !link.known && link.in_flight == 0 && link.history.unheard == 0
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

    pub(super) fn end_drain(&mut self, cx: &mut Cx<'_>, id: RegistrationId, outcome: DrainOutcome) {
        let registration = &mut self.registrations[id.index()];
        let deregistration = registration.deregistration.expect("it was deregistered");
        registration.over = true;
        let before = registration.health;
        registration.health = TargetHealth::NotRegistered;
        let drain = &mut self.drains[deregistration.drain.index()];
        drain.end = Some(cx.now);
        self.open_drains -= 1;
        drain.outcome = outcome;
        drain.assert_conserved();
        self.ask_for_check();
        cx.records
            .push(Record::DrainEnded(deregistration.drain, outcome));
        cx.calendar.cancel(&Timer::HealthVerdict(id));
        cx.calendar.cancel(&Timer::VerdictSeen(id));
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
                details: TargetDetails {
                    any_zone: registration.any_zone,
                    quic_server_id: registration.quic_server_id.clone(),
                    weight: registration.weight,
                    description: registration.description.clone(),
                },
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
        // cut by the balancer or killed with its target: it would have been over when it was due
        let cut_short = matches!(
            cause,
            Cause::CutAtDeadline
                | Cause::KilledByTargetExit
                | Cause::FlowBlackholed
                | Cause::ResetUnhealthy
        );
        if cut_short && request.stage() == Stage::Serving {
            drain.need(request.due);
        }
        if cut {
            drain.cut += 1;
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

    /// A request on the draining `link` would have been over at `at`.
    pub(super) fn need_on(&mut self, link: LinkId, at: SimTime) {
        self.drain_of(link).need(at);
    }

    /// What the drains still under way would need at `now`, from the requests held.
    pub fn close_drains(&mut self, now: SimTime) {
        let mut waiting = std::collections::BTreeSet::new();
        let mut open = Vec::new();
        for (_, request) in self.slab.iter() {
            if !self.links[request.link.index()].is_draining() {
                continue;
            }
            match request.stage() {
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
