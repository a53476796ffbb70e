//! Health of members: what a group takes for unhealthy, and how fast it replaces that.
//!
//! A group looks at its members now and then. A mark stays until the instance is replaced or a
//! call takes it back. Source: R-ASG-10, R-ASG-11, R-ASG-15. This module must never look into a
//! process.

use super::autoscaling::TerminationReason;
use super::capacity::next_poll;
use super::cloud::Cloud;
use super::event::{Cx, Timer, schedule};
use super::group::{Group, SourceState};
use super::ids::{GroupId, InstanceId, RegistrationId, TargetGroupId};
use super::lb::Family;
use super::lifecycle::LifecycleState;
use super::maintenance::MaintenancePolicy;
use super::membership::Unhealthy;
use super::scaling_process::ScalingProcess;
use super::settings::Provider;
use crate::engine::time::SimTime;

impl Cloud {
    /// Schedules the group's next look at health, if it has none to come.
    pub(super) fn expect_health_poll(&mut self, cx: &mut Cx<'_>, id: GroupId) {
        let group = &self.groups[id.index()];
        let looks = match group.provider {
            Provider::Aws => !group.is_leaving(),
            // who comes is waited for, and may come no longer
            Provider::Alibaba => {
                group.counts.pending > 0 || (self.ess_checks_health(id) && !group.is_leaving())
            }
        };
        if !looks || cx.calendar.due(&Timer::HealthPoll(id)).is_some() {
            return;
        }
        let at = next_poll(cx.now, group.poll_phase, self.assumptions.health_poll);
        schedule(cx, at, Timer::HealthPoll(id));
    }

    /// Marks a member as a call asks; `false` where the grace period forbids it.
    pub fn set_member_health(
        &mut self,
        cx: &mut Cx<'_>,
        id: InstanceId,
        healthy: bool,
        respects_grace: bool,
    ) -> bool {
        if healthy {
            self.instances[id.index()].membership.unhealthy = None;
            if let Some(group) = self.instances[id.index()].group {
                self.expect_refresh(cx, group);
                self.expect_replaced_to_go(cx, group);
                self.compare_pool(cx, group);
            }
            return true;
        }
        if respects_grace && self.in_grace(cx.now, id) {
            return false;
        }
        let cause = self.cause;
        self.instances[id.index()].membership.unhealthy = Some((Unhealthy::User, cause));
        if let Some(group) = self.instances[id.index()].group {
            // nobody has to look at it first
            schedule(cx, cx.now, Timer::HealthPoll(group));
            self.compare_pool(cx, group);
        }
        true
    }

    /// Whether a member entered service so recently that checks do not count yet.
    fn in_grace(&self, now: SimTime, id: InstanceId) -> bool {
        let instance = &self.instances[id.index()];
        let Some(group) = instance.group.filter(|_| !instance.lifecycle.is_warmed()) else {
            return false;
        };
        let grace = self.groups[group.index()].health_check_grace_period;
        let since = instance.in_service_since;
        since != SimTime::ZERO && now < since + grace
    }

    pub(super) fn on_health_poll(&mut self, cx: &mut Cx<'_>, id: GroupId) {
        if self.groups[id.index()].provider == Provider::Alibaba {
            return self.ess_look_at_health(cx, id);
        }
        if self.groups[id.index()].is_leaving() {
            return;
        }
        if self.does(id, ScalingProcess::HealthCheck) && self.mark_unhealthy(cx.now, id) {
            self.expect_health_poll(cx, id);
        }
        let replaces = self.does(id, ScalingProcess::ReplaceUnhealthy)
            && self.does(id, ScalingProcess::Terminate);
        if replaces && self.replace_unhealthy(cx, id) {
            self.expect_health_poll(cx, id);
        }
        if replaces {
            self.replace_in_pool(cx, id);
        }
    }

    /// Marks members that the group now takes for unhealthy; whether it must look again because a
    /// grace period is not over.
    fn mark_unhealthy(&mut self, now: SimTime, id: GroupId) -> bool {
        let mut again = false;
        for member in self.groups[id.index()].members.clone() {
            let instance = &self.instances[member.index()];
            if instance.membership.unhealthy.is_some() || !instance.lifecycle.counts() {
                continue;
            }
            if instance.state.is_unhealthy() {
                let mark = (Unhealthy::Ec2, instance.stopped_by);
                self.instances[member.index()].membership.unhealthy = Some(mark);
            } else if instance.lifecycle == LifecycleState::InService
                && let Some(failed) = self.failed_target(id, member)
            {
                if self.in_grace(now, member) {
                    again = true;
                    continue;
                }
                let failed = &self.registrations[failed.index()];
                let mark = (Unhealthy::Elb, failed.changed_by.or(failed.entry));
                self.instances[member.index()].membership.unhealthy = Some(mark);
            }
        }
        again
    }

    /// Replaces marked members: those whose machine fails or that a call marked at once, the
    /// others a few at a time; whether some are left for later. Source: R-ASG-11.
    fn replace_unhealthy(&mut self, cx: &mut Cx<'_>, id: GroupId) -> bool {
        let mut pace = self.pace(cx.now, id);
        let mut again = false;
        let waiting = self.groups[id.index()].waiting();
        for member in self.groups[id.index()].members.clone() {
            let instance = &self.instances[member.index()];
            let Some((why, cause)) = instance.membership.unhealthy else {
                continue;
            };
            if !instance.lifecycle.counts() || waiting.contains(&member) {
                continue;
            }
            if self.stands_in_badly(id, member) {
                // nobody has left for it yet
                self.cause = cause;
                self.groups[id.index()].unhealthy_to_replace += 1;
                self.terminate_member(cx, member, &reason_for(why));
                continue;
            }
            if why == Unhealthy::Elb {
                if pace == 0 {
                    again = true;
                    continue;
                }
                pace -= 1;
            }
            self.cause = cause;
            self.replace_member(cx, id, member, why);
        }
        again
    }

    fn replace_member(&mut self, cx: &mut Cx<'_>, id: GroupId, member: InstanceId, why: Unhealthy) {
        let reason = reason_for(why);
        self.groups[id.index()].unhealthy_to_replace += 1;
        let launches_first = self.groups[id.index()]
            .rules
            .maintenance
            .is_some_and(MaintenancePolicy::launches_first)
            && self.does(id, ScalingProcess::Launch);
        // one that cannot serve is not worth waiting for
        if launches_first && why != Unhealthy::Ec2 {
            self.replace_later(cx, member, reason);
        } else {
            self.terminate_member(cx, member, &reason);
        }
    }

    /// Whether a member entered service while others wait for replacements such as it.
    fn stands_in_badly(&self, id: GroupId, member: InstanceId) -> bool {
        let first = self.groups[id.index()].replacements.first();
        first.is_some_and(|first| self.instances[member.index()].in_service_since > first.since)
    }

    /// How many members that fail their checks may be replaced now: a replacement counts for a
    /// member once it has passed its first check and is warm. Source: R-ASG-11.
    fn pace(&self, now: SimTime, id: GroupId) -> u32 {
        let group = &self.groups[id.index()];
        let desired = group.counts.desired;
        // who is marked was ready once
        let settled = |member: &&InstanceId| {
            let instance = &self.instances[member.index()];
            instance.lifecycle == LifecycleState::InService
                && (instance.membership.unhealthy.is_some() || self.is_updated(**member, now))
        };
        let settled = group.members.iter().filter(settled).count();
        let settled = u32::try_from(settled).expect("members fit 32 bits");
        if let Some(policy) = group.rules.maintenance {
            return policy.replaceable(desired, settled, group.wanted());
        }
        let missing = desired.saturating_sub(settled);
        let busy = group.counts.pending > 0
            || group.counts.leaving > 0
            || settled < group.counts.in_service;
        if busy && u64::from(missing) * 10 >= u64::from(desired) {
            return 0;
        }
        (desired / 10).max(1)
    }

    /// A registration of a member that an in-service source reports as unhealthy, if the group
    /// asks its sources.
    fn failed_target(&self, group: GroupId, member: InstanceId) -> Option<RegistrationId> {
        let group = &self.groups[group.index()];
        let registrations = &self.instances[member.index()].registrations;
        registrations.iter().copied().find(|id| {
            let registration = &self.registrations[id.index()];
            registration.health.is_unhealthy()
                && self.asks(group, registration.target_group)
                && group.sources.iter().any(|source| {
                    source.target_group == registration.target_group
                        && source.state == SourceState::InService
                })
        })
    }

    /// Whether a group takes what a source says about health for its own. Source: R-ASG-10.
    pub(super) fn asks(&self, group: &Group, source: TargetGroupId) -> bool {
        match self.target_groups[source.index()].kind.family() {
            Family::Lattice => group.rules.lattice_health_check,
            Family::TargetGroups | Family::Classic | Family::ServerGroups => group.elb_health_check,
            // ESS does not look at what Classic Load Balancers find. Source: R-ACLB-4
            Family::Slb => false,
        }
    }
}

fn reason_for(why: Unhealthy) -> TerminationReason {
    match why {
        Unhealthy::Ec2 => TerminationReason::Ec2Health,
        Unhealthy::Elb => TerminationReason::ElbHealth,
        Unhealthy::User => TerminationReason::UserHealth,
    }
}
