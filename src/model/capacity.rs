//! Capacity: what a group lacks or has too much of, who goes, and who is replaced first.
//!
//! The actual capacity is compared with the wanted one after everything that changes either: what
//! is missing is launched a little later, what is too much is terminated now. A replacement that
//! is launched before its predecessor goes raises what is wanted by one for so long. Source:
//! R-ASG-3, R-ASG-8, R-ASG-13, R-ASG-14. This module must never look into a target group.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::activity::{Activity, StatusCode};
use super::autoscaling::TerminationReason;
use super::cloud::Cloud;
use super::event::{Cx, Timer, schedule};
use super::group::Group;
use super::ids::{EntryId, GroupId, InstanceId, ZoneId};
use super::lifecycle::LifecycleState;
use super::scaling_process::ScalingProcess;
use super::settings::Provider;
use crate::engine::time::{SimDuration, SimTime};

/// Most instances of which each activity of one scale-in tells; of more each tells of its own.
const MOST_TOLD: usize = 20;

/// A member that goes as soon as another one serves in its stead.
#[derive(Debug, Clone)]
pub struct Replacement {
    /// Who goes.
    pub victim: InstanceId,
    /// Why.
    pub(super) reason: TerminationReason,
    /// Through which entry.
    pub(super) cause: Option<EntryId>,
    /// Since when it waits: who enters service later must be healthy to stand in for it.
    pub(super) since: SimTime,
}

impl Group {
    /// Instances that count for the desired capacity. Source: R-ASG-3.
    pub fn actual(&self) -> u32 {
        self.counts.in_service + self.counts.pending
    }

    /// Instances the group wants to have now: as desired, and one for each member that waits for
    /// its replacement.
    pub fn wanted(&self) -> u32 {
        let waiting = u32::try_from(self.replacements.len()).expect("members fit 32 bits");
        self.counts.desired + waiting
    }

    /// Members that wait for their replacements.
    pub(super) fn waiting(&self) -> BTreeSet<InstanceId> {
        let waiting = self.replacements.iter();
        waiting.map(|replacement| replacement.victim).collect()
    }

    /// Whether those who wait for their replacements will go, as far as its processes go.
    pub(super) fn will_replace(&self) -> bool {
        let launches =
            self.actual() >= self.wanted() || !self.suspended.has(ScalingProcess::Launch);
        !self.replacements.is_empty() && launches && !self.suspended.has(ScalingProcess::Terminate)
    }

    /// Whether so many instances are missing that the group will launch, or too many are there
    /// that it will terminate, as far as its processes go.
    pub(super) fn will_change_size(&self) -> bool {
        let (actual, wanted) = (self.actual(), self.wanted());
        !self.is_leaving()
            && ((actual < wanted && !self.suspended.has(ScalingProcess::Launch))
                || (actual > wanted
                    && !self.suspended.has(ScalingProcess::Terminate)
                    && !self.all_protected))
    }
}

impl Cloud {
    /// Launches what is missing a little later, terminates what is too much now.
    pub(super) fn compare_capacity(&mut self, cx: &mut Cx<'_>, id: GroupId) {
        let group = &mut self.groups[id.index()];
        if group.provider != Provider::Aws || group.is_leaving() {
            return;
        }
        group.all_protected = false;
        let missing = group.wanted().saturating_sub(group.actual());
        if missing > group.short_of {
            group.short_by = self.cause;
        }
        group.short_of = missing;
        self.forget_launches_beyond(cx, id, missing);
        if missing > 0 {
            self.expect_launches(cx, id);
        }
        self.terminate_surplus(cx, id);
        self.compare_pool(cx, id);
        self.expect_rebalance(cx, id);
        self.expect_refresh(cx, id);
        self.expect_replaced_to_go(cx, id);
    }

    /// What was to be launched for a reason is not, where fewer than that are missing.
    fn forget_launches_beyond(&mut self, cx: &Cx<'_>, id: GroupId, missing: u32) {
        let group = &mut self.groups[id.index()];
        group.unhealthy_to_replace = group.unhealthy_to_replace.min(missing);
        if let Some(refresh) = group.refresh {
            let due = &mut self.refreshes[refresh.index()].launches_due;
            *due = (*due).min(missing);
        }
        if missing == 0 {
            self.policies_see_launches(cx, id);
        }
    }

    pub(super) fn expect_launches(&mut self, cx: &mut Cx<'_>, id: GroupId) {
        if !self.does(id, ScalingProcess::Launch)
            || cx.calendar.due(&Timer::Reconcile(id)).is_some()
        {
            return;
        }
        let key = [u64::from(id.0), cx.now.as_nanos()];
        let mut stream = self.streams.stream("launch delay", &key);
        let delay = self
            .assumptions
            .replacement_launch_delay
            .sample(&mut stream);
        schedule(cx, cx.now + delay, Timer::Reconcile(id));
    }

    fn terminate_surplus(&mut self, cx: &mut Cx<'_>, id: GroupId) {
        if !self.does(id, ScalingProcess::Terminate) {
            return;
        }
        loop {
            let group = &self.groups[id.index()];
            let (actual, wanted) = (group.actual(), group.wanted());
            if actual <= wanted {
                return;
            }
            let victims = self.choose_victims(cx.now, id, actual - wanted);
            if victims.is_empty() {
                return self.find_all_protected(cx, id);
            }
            self.take_surplus(cx, id, &victims);
            // less is wanted where one of them waited for its replacement
        }
    }

    fn take_surplus(&mut self, cx: &mut Cx<'_>, id: GroupId, victims: &[InstanceId]) {
        let from = self.groups[id.index()].actual();
        let to = from - u32::try_from(victims.len()).expect("members fit 32 bits");
        for victim in victims {
            let told = if victims.len() > MOST_TOLD {
                std::slice::from_ref(victim)
            } else {
                victims
            };
            let selected = self.selected(cx.now, told);
            let reason = TerminationReason::ScaleIn { from, to, selected };
            self.choose_way_out(id, *victim);
            self.take_out_of_service(cx, *victim, &reason);
        }
    }

    /// Who was selected for termination, as an activity tells it.
    fn selected(&self, now: SimTime, victims: &[InstanceId]) -> String {
        let at = self.clock.seconds(now);
        let victims = victims.iter().map(|victim| {
            let name = &self.instances[victim.index()].id;
            format!("  At {at} instance {name} was selected for termination.")
        });
        victims.collect()
    }

    /// Nobody may be terminated although there are too many. Source: R-ASG-13.
    fn find_all_protected(&mut self, cx: &mut Cx<'_>, id: GroupId) {
        let group = &mut self.groups[id.index()];
        group.all_protected = true;
        let (actual, wanted) = (group.actual(), group.wanted());
        let cause = format!(
            "{}At {} an instance was taken out of service in response to a difference between \
             desired and actual capacity, shrinking the capacity from {actual} to {wanted}.",
            group.prelude(),
            self.clock.seconds(cx.now)
        );
        let message = "Could not scale to desired capacity because all remaining instances are \
                       protected from scale-in.";
        let activity = Activity {
            id: self.identifiers.uuid(),
            description: message.to_owned(),
            cause,
            start: cx.now,
            end: Some(cx.now),
            status: StatusCode::Failed,
            status_message: Some(message.to_owned()),
            progress: 100,
            details: String::new(),
        };
        self.add_activity(cx, id, activity);
    }

    /// Members that count for the capacity: by zone of the group, then in those it has left.
    pub(super) fn population(&self, id: GroupId) -> Vec<(ZoneId, usize)> {
        let group = &self.groups[id.index()];
        let count = |zone: &ZoneId| group.by_zone.get(zone).copied().unwrap_or_default();
        let enabled = group.zones.iter().map(|zone| (*zone, count(zone)));
        let left = group.by_zone.iter().map(|(zone, count)| (*zone, *count));
        let left = left.filter(|(zone, count)| *count > 0 && !group.zones.contains(zone));
        enabled.chain(left).collect()
    }

    /// The same without some members that count.
    fn population_without(
        &self,
        id: GroupId,
        members: &BTreeSet<InstanceId>,
    ) -> Vec<(ZoneId, usize)> {
        let mut population = self.population(id);
        for member in members {
            let zone = self.instances[member.index()].zone;
            for (_, count) in population.iter_mut().filter(|(other, _)| *other == zone) {
                *count -= 1;
            }
        }
        population
    }

    /// The members a scale-in terminates, one after another: of those that are not protected, one
    /// of the zone with the most members, chosen there by the termination policies and last by id.
    /// Who waits for a replacement goes for that, and here only if there is nobody else. Source:
    /// R-ASG-8.
    fn choose_victims(&self, now: SimTime, id: GroupId, count: u32) -> Vec<InstanceId> {
        let waiting = self.groups[id.index()].waiting();
        let victims = self.choose_beside(now, id, count, waiting);
        if victims.is_empty() {
            return self.choose_beside(now, id, count, BTreeSet::new());
        }
        victims
    }

    /// The same beside those that are `chosen` already. Where a group does not keep its zones even,
    /// the last zone with anybody goes first. Source: R-ESS-22.
    pub(super) fn choose_beside(
        &self,
        now: SimTime,
        id: GroupId,
        count: u32,
        mut chosen: BTreeSet<InstanceId>,
    ) -> Vec<InstanceId> {
        let even = self.groups[id.index()].keeps_zones_even();
        let mut population = self.population_without(id, &chosen);
        // of two equally full zones the later one in the group's list
        population.reverse();
        let mut victims = Vec::new();
        for _ in 0..count {
            let mut places: Vec<usize> = (0..population.len()).collect();
            if even {
                places.sort_by_key(|&place| Reverse(population[place].1));
            }
            let found = places.into_iter().find_map(|place| {
                let victim = self.victim_in(now, id, population[place].0, &chosen)?;
                Some((place, victim))
            });
            let Some((place, victim)) = found else {
                break;
            };
            population[place].1 -= 1;
            chosen.insert(victim);
            victims.push(victim);
        }
        victims
    }

    /// The member of a zone that goes next, of those that are not `chosen` yet.
    fn victim_in(
        &self,
        now: SimTime,
        id: GroupId,
        zone: ZoneId,
        chosen: &BTreeSet<InstanceId>,
    ) -> Option<InstanceId> {
        let group = &self.groups[id.index()];
        let mut candidates: Vec<InstanceId> = group
            .members
            .iter()
            .copied()
            .filter(|member| {
                let instance = &self.instances[member.index()];
                instance.lifecycle.counts()
                    && instance.zone == zone
                    && !instance.membership.protected
                    && !chosen.contains(member)
            })
            .collect();
        match group.provider {
            Provider::Aws => {
                for policy in &group.rules.termination_policies {
                    policy.narrow(&self.instances, now, &mut candidates);
                }
            }
            Provider::Alibaba => {
                for policy in &group.rules.ess.removal_policies {
                    policy.narrow(&self.instances, &mut candidates);
                }
            }
        }
        candidates
            .into_iter()
            .min_by_key(|member| &self.instances[member.index()].id)
    }

    pub(super) fn on_reconcile(&mut self, cx: &mut Cx<'_>, id: GroupId) {
        self.cause = self.groups[id.index()].short_by;
        if self.groups[id.index()].provider == Provider::Alibaba {
            return self.ess_keep_bounds(cx, id);
        }
        if !self.does(id, ScalingProcess::Launch) || self.groups[id.index()].is_leaving() {
            return;
        }
        let group = &self.groups[id.index()];
        let growth = (group.actual(), group.wanted());
        let mut room = self.room(id);
        for _ in growth.0..growth.1 {
            let drawn = self.draw_from_pool(cx, id, growth, &mut room);
            if !drawn && !self.launch(cx, id, growth, &mut room) {
                break;
            }
        }
        let group = &mut self.groups[id.index()];
        group.request = None;
        group.short_of = group.wanted().saturating_sub(group.actual());
        self.policies_see_launches(cx, id);
        self.let_drawn_join(cx, id);
        self.expect_rebalance(cx, id);
    }

    /// Protects members from scale-in, or no longer. Source: R-ASG-13.
    pub fn set_protection(
        &mut self,
        cx: &mut Cx<'_>,
        id: GroupId,
        members: &[InstanceId],
        protected: bool,
    ) {
        for member in members {
            self.instances[member.index()].membership.protected = protected;
        }
        if !protected && self.groups[id.index()].provider == Provider::Alibaba {
            self.ess_may_touch(cx, id);
        }
        self.compare_capacity(cx, id);
    }

    /// Replaces a member by one that is launched first. The caller has checked that it counts.
    pub(super) fn replace_later(
        &mut self,
        cx: &mut Cx<'_>,
        victim: InstanceId,
        reason: TerminationReason,
    ) {
        let group = self.instances[victim.index()]
            .group
            .expect("it is a member");
        self.groups[group.index()].replacements.push(Replacement {
            victim,
            reason,
            cause: self.cause,
            since: cx.now,
        });
        self.compare_capacity(cx, group);
    }

    /// A member serves and is healthy, or its warm-up is over: those it replaces may go. Source:
    /// R-ASG-16.
    pub(super) fn let_replaced_go(&mut self, cx: &mut Cx<'_>, id: GroupId) {
        if self.groups[id.index()].replacements.is_empty()
            || !self.does(id, ScalingProcess::Terminate)
        {
            return;
        }
        while self.let_one_go(cx, id) {}
        self.compare_pool(cx, id);
        self.expect_rebalance(cx, id);
    }

    /// Whether one who waited for a replacement went.
    fn let_one_go(&mut self, cx: &mut Cx<'_>, id: GroupId) -> bool {
        let group = &self.groups[id.index()];
        let Some(first) = group.replacements.first() else {
            return false;
        };
        // asked often, and mostly told without looking at anybody
        if group.counts.in_service < group.wanted() {
            return false;
        }
        let waiting = group.waiting();
        let ready = group.members.iter().filter(|member| {
            waiting.contains(member) || self.stands_in(id, **member, first.since, cx.now)
        });
        if ready.count() < group.wanted() as usize {
            return false;
        }
        let Replacement {
            victim,
            reason,
            cause,
            since: _,
        } = first.clone();
        let outer = std::mem::replace(&mut self.cause, cause);
        if reason == TerminationReason::Refresh {
            self.is_let_go_by_refresh(id, victim);
        }
        // leaving takes it off the list
        self.take_out_of_service(cx, victim, &reason);
        self.cause = outer;
        true
    }

    /// Something changed for which those may go who wait for their replacements: the group looks as
    /// soon as what is under way is over.
    pub(super) fn expect_replaced_to_go(&self, cx: &mut Cx<'_>, id: GroupId) {
        if !self.groups[id.index()].replacements.is_empty() {
            schedule(cx, cx.now, Timer::Replace(id));
        }
    }

    /// Whether a member counts among those that let replaced ones go: who came `since` they wait,
    /// and what an instance refresh launches, must be healthy, too. Source: R-ASG-16, R-REFRESH-2.
    fn stands_in(&self, group: GroupId, member: InstanceId, since: SimTime, now: SimTime) -> bool {
        let instance = &self.instances[member.index()];
        let refreshed = self
            .active_refresh(group)
            .is_some_and(|refresh| !refresh.old.contains(&member));
        instance.lifecycle == LifecycleState::InService
            && instance.membership.warm_at <= now
            && ((instance.in_service_since <= since && !refreshed) || self.is_updated(member, now))
    }

    /// Schedules the group's next look at its zones, if they are uneven. Source: R-ASG-14.
    pub(super) fn expect_rebalance(&mut self, cx: &mut Cx<'_>, id: GroupId) {
        if cx.calendar.due(&Timer::Rebalance(id)).is_some() || self.misplaced(cx.now, id).is_none()
        {
            return;
        }
        self.groups[id.index()].uneven_by = self.cause;
        let phase = self.groups[id.index()].poll_phase;
        let at = next_poll(cx.now, phase, self.assumptions.az_rebalance_poll);
        schedule(cx, at, Timer::Rebalance(id));
    }

    /// A member of a zone that has two more than another, or of one the group has left; `None`
    /// where the zones are even or the group may not act. While nobody may be terminated the group
    /// grows a tenth beyond its largest size at most. Source: R-PROC-2.
    fn misplaced(&self, now: SimTime, id: GroupId) -> Option<InstanceId> {
        let group = &self.groups[id.index()];
        let may = [ScalingProcess::AzRebalance, ScalingProcess::Launch]
            .into_iter()
            .all(|process| self.does(id, process));
        let room = if self.does(id, ScalingProcess::Terminate) {
            group.replacements.is_empty()
        } else {
            group.wanted() < group.max_size + (group.max_size / 10).max(1)
        };
        if !may || group.provider != Provider::Aws || !room {
            return None;
        }
        let waiting = group.waiting();
        let population = self.population_without(id, &waiting);
        let (enabled, left) = population.split_at(group.zones.len());
        let abroad = left.iter().filter(|(_, count)| *count > 0);
        let abroad = abroad.map(|(zone, _)| self.victim_in(now, id, *zone, &waiting));
        if let Some(victim) = abroad.flatten().next() {
            return Some(victim);
        }
        let (_, fewest) = *enabled.iter().min_by_key(|(_, count)| *count)?;
        let (zone, most) = *enabled.iter().rev().max_by_key(|(_, count)| *count)?;
        (most >= fewest + 2)
            .then(|| self.victim_in(now, id, zone, &waiting))
            .flatten()
    }

    pub(super) fn on_rebalance(&mut self, cx: &mut Cx<'_>, id: GroupId) {
        self.cause = self.groups[id.index()].uneven_by;
        let group = &self.groups[id.index()];
        if group.is_leaving() {
            return;
        }
        if group.counts.pending > 0 || group.actual() != group.wanted() {
            // wait for what is under way; it may even the zones out
            if group.will_change_size() || group.counts.pending > 0 {
                self.expect_rebalance(cx, id);
            }
            return;
        }
        if let Some(victim) = self.misplaced(cx.now, id) {
            self.replace_later(cx, victim, TerminationReason::Rebalance);
        }
    }
}

/// The first of the instants `phase`, `phase + period`, ... that is not before `now`, and after it
/// where `now` is past the first.
pub(super) fn next_poll(now: SimTime, phase: SimDuration, period: SimDuration) -> SimTime {
    let first = SimTime::ZERO + phase;
    let passed = if now < first {
        0
    } else {
        now.since(first).as_nanos() / period.as_nanos().max(1) + 1
    };
    first + period.times(passed)
}
