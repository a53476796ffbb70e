//! EC2 Auto Scaling: what a group does when told, and what it does by itself.
//!
//! Detaching, terminating, launching, health replacement and the activities that tell of them.
//! Source: R-ASG-1 to R-ASG-12.

use std::fmt::Write;

use super::activity::{Activity, StatusCode};
use super::cloud::Cloud;
use super::event::Cx;
use super::group::{Source, SourceState};
use super::ids::{ActivityId, GroupId, InstanceId, RegistrationId, TargetGroupId, ZoneId};
use super::lb::Family;
use super::lifecycle::LifecycleState;
use super::machine::MachineState;
use super::settings::{GroupSourceSettings, Provider};
use super::shortage::Room;
use super::source::AttachedVia;
use super::targets::Registered;
use crate::engine::time::SimTime;

impl Activity {
    /// It waits for drains no longer, and says so no longer.
    fn goes_on(&mut self) {
        self.status = StatusCode::InProgress;
        if let Some((plain, _)) = self.description.split_once(" - Waiting For") {
            self.description = plain.to_owned();
        }
    }

    /// Over, well.
    pub(super) fn finish(&mut self, now: SimTime) {
        self.goes_on();
        self.status = StatusCode::Successful;
        self.progress = 100;
        self.end = Some(now);
    }
}

/// Why a member is terminated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TerminationReason {
    /// A call named it.
    User {
        /// Capacity before and after, when it was decremented.
        shrinking: Option<(u32, u32)>,
    },
    /// The group has more instances than it wants.
    ScaleIn {
        /// Capacity before.
        from: u32,
        /// Capacity after.
        to: u32,
        /// Who goes, in the words of its activity.
        selected: String,
    },
    /// Its targets fail their health checks.
    ElbHealth,
    /// It is not running.
    Ec2Health,
    /// A call marked it unhealthy.
    UserHealth,
    /// A launch hook was abandoned.
    Abandoned,
    /// Its zone has more members than others.
    Rebalance,
    /// An instance refresh replaces it.
    Refresh,
    /// Another reason, in the words of its activity.
    Other(String),
}

impl Cloud {
    /// Subnet and zone of an instance, as an activity shows them.
    pub(super) fn details(&self, id: InstanceId) -> String {
        let zone = &self.zones[self.instances[id.index()].zone.index()];
        format!("{{\"Subnet ID\":\"subnet-{zone}\",\"Availability Zone\":\"{zone}\"}}")
    }

    /// Detaches members: each leaves all sources and then the group; it keeps running. The caller
    /// has checked everything. Source: R-ASG-2.
    pub fn detach_instances(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        instances: &[InstanceId],
        decrement: bool,
    ) -> Vec<ActivityId> {
        let mut activities = Vec::new();
        for &id in instances {
            let name = self.instances[id.index()].id.clone();
            let mut cause = format!(
                "At {} instance {name} was detached in response to a user request",
                self.clock.seconds(cx.now)
            );
            if decrement {
                let (from, to) = self.shrink(cx, group);
                write!(cause, ", shrinking the capacity from {from} to {to}")
                    .expect("writing to a string works");
            }
            cause.push('.');
            let description = format!("Detaching EC2 instance: {name}");
            let status = (StatusCode::InProgress, 50);
            activities.push(self.begin_activity_of(cx, group, id, (description, cause), status));
        }
        activities
    }

    /// Carries out what [`Self::detach_instances`] announced, after the answer was taken.
    pub fn begin_detaching(&mut self, cx: &mut Cx<'_>, group: GroupId, instances: &[InstanceId]) {
        let sources = self.sources_to_leave(group);
        for &id in instances {
            self.set_lifecycle(cx, id, LifecycleState::Detaching);
            self.leave_sources(cx, id, &sources);
            if self.instances[id.index()].waits_for.is_empty() {
                self.finish_detaching(cx, id);
            } else if let Some(activity) = self.instances[id.index()].activity {
                let (status, words) = self.awaited_drains(id);
                self.update_activity(cx, activity, |activity| {
                    activity.status = status;
                    activity.description += words;
                });
            }
            self.stop_if_detached(cx, id);
        }
        self.compare_capacity(cx, group);
    }

    pub(super) fn finish_detaching(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        let group = self.instances[id.index()].group;
        self.leave_group(cx, id, LifecycleState::Detached);
        self.finish_activity_of(cx, id);
        if self.instances[id.index()].state == MachineState::Terminated {
            self.set_lifecycle(cx, id, LifecycleState::Terminated);
        }
        if let Some(group) = group {
            self.ess_member_gone(cx, group);
        }
    }

    /// Attaches running instances to a group; the desired capacity grows with them.
    pub fn attach_instances(&mut self, cx: &mut Cx<'_>, group: GroupId, ids: &[InstanceId]) {
        for &id in ids {
            let name = self.instances[id.index()].id.clone();
            let before = self.groups[group.index()].counts.desired;
            self.take_in(group, id);
            let cause = format!(
                "At {} an instance was attached in response to a user request, increasing the \
                 capacity from {before} to {}.",
                self.clock.seconds(cx.now),
                before + 1
            );
            let description = format!("Attaching an existing EC2 instance: {name}");
            let status = (StatusCode::PreInService, 30);
            self.begin_activity_of(cx, group, id, (description, cause), status);
            self.tell_counts(cx, group);
            self.join_sources(cx, id);
        }
        let entry = &self.groups[group.index()];
        if entry.actual() > entry.wanted() {
            // of too many all were protected, which these are not
            self.compare_capacity(cx, group);
        }
        self.compare_pool(cx, group);
    }

    /// Sources a member that leaves deregisters from and waits for. Source: R-ASG-17.
    pub(super) fn sources_to_leave(&self, group: GroupId) -> Vec<Source> {
        let waits = self.assumptions.waits_for_removing_sources;
        let sources = self.groups[group.index()].sources.iter();
        sources
            .filter(|source| waits || source.state != SourceState::Removing)
            .cloned()
            .collect()
    }

    /// Detaches sources: every member is deregistered from them, nothing else changes. Source:
    /// R-ASG-9.
    pub fn detach_sources(&mut self, cx: &mut Cx<'_>, group: GroupId, places: &[usize]) {
        for &place in places {
            self.groups[group.index()].sources[place].state = SourceState::Removing;
        }
        for &place in places {
            let source = self.groups[group.index()].sources[place].clone();
            let waits_for = self.deregister_members(cx, group, &source);
            self.groups[group.index()].sources[place].waits_for = waits_for;
        }
        for member in self.groups[group.index()].members.clone() {
            self.refresh_serving(cx, member);
        }
        self.remove_empty_sources(cx, group);
        self.expect_replaced_to_go(cx, group);
    }

    /// Deregisters all members from a source; drains to wait for.
    pub(super) fn deregister_members(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        source: &Source,
    ) -> std::collections::BTreeSet<RegistrationId> {
        let mut begun = Vec::new();
        for member in self.groups[group.index()].members.clone() {
            let name = self.instances[member.index()].id.clone();
            if let Some(id) = self.registration_of(source.target_group, &name, source.port) {
                self.deregister(cx, id);
                begun.push(id);
            }
        }
        let waits = begun.into_iter().filter(|id| self.is_awaited(group, *id));
        waits.collect()
    }

    /// Attaches sources: every member in service is registered with them.
    pub fn attach_sources(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        new: &[TargetGroupId],
        via: AttachedVia,
    ) {
        for &target_group in new {
            let port = self.target_groups[target_group.index()].port;
            let new = GroupSourceSettings {
                target_group,
                port,
                weight: 100,
                attached_via: via,
            };
            self.attach_source(cx, group, new);
        }
    }

    /// Attaches one source on a port.
    pub(super) fn attach_source(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        new: GroupSourceSettings,
    ) {
        let GroupSourceSettings {
            target_group,
            port,
            weight,
            attached_via,
        } = new;
        let source = Source {
            target_group,
            port,
            weight,
            // registering is accepted within the call, so `Adding` is over when it is answered
            state: SourceState::Added,
            attached_via,
            waits_for: std::collections::BTreeSet::new(),
        };
        self.groups[group.index()].sources.push(source.clone());
        self.register_members(cx, group, &source);
    }

    /// Registers the members in service with a source, and those of Alibaba Cloud on standby without
    /// weight. Source: R-ASG-9, R-ESS-40.
    pub(super) fn register_members(&mut self, cx: &mut Cx<'_>, group: GroupId, source: &Source) {
        for member in self.groups[group.index()].members.clone() {
            let state = self.instances[member.index()].lifecycle;
            let stands_by = state == LifecycleState::Standby
                && self.groups[group.index()].provider == Provider::Alibaba;
            if state == LifecycleState::InService || stands_by {
                let name = self.instances[member.index()].id.clone();
                let target = self.register_with(cx, source, &name, member);
                // registered by hand before, it may be healthy already
                if let Registered::Already(id) = target {
                    self.refresh_serving_of(cx, id);
                }
            }
            self.refresh_serving(cx, member);
        }
    }

    /// Sets the desired capacity and acts on it.
    pub fn set_desired_capacity(&mut self, cx: &mut Cx<'_>, group: GroupId, desired: u32) {
        self.groups[group.index()].counts.desired = desired;
        self.tell_counts(cx, group);
        self.compare_capacity(cx, group);
    }

    /// Launches one instance into the zone with the fewest, as part of a `growth` from one capacity
    /// to another; whether EC2 had capacity for it.
    pub(super) fn launch(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        growth: (u32, u32),
        room: &mut Room,
    ) -> bool {
        let now = cx.now;
        let cause = |cloud: &mut Self| cloud.launch_cause(now, group, growth);
        let Some(zone) = self.zone_to_launch(cx, group, room, cause) else {
            return false;
        };
        room.take(zone);
        let instance = self.new_member(now, group, zone);
        let cause = self.launch_cause(cx.now, group, growth);
        let name = &self.instances[instance.index()].id;
        let description = format!("Launching a new EC2 instance: {name}");
        let status = (StatusCode::PreInService, 30);
        self.begin_activity_of(cx, group, instance, (description, cause), status);
        self.tell_counts(cx, group);
        self.boot(cx, instance);
        true
    }

    /// A new member in a zone, pending; nothing about it is scheduled or told.
    pub(super) fn new_member(&mut self, now: SimTime, group: GroupId, zone: ZoneId) -> InstanceId {
        let template = self.launched_template(group);
        let name = self.new_instance_id(self.groups[group.index()].provider);
        let instance = self.new_instance(name, zone, template, Some(group));
        self.instances[instance.index()].launched_at = now;
        let entry = &mut self.groups[group.index()];
        entry.members.push(instance);
        entry.counts.pending += 1;
        entry.joins_zone(zone);
        instance
    }

    /// Why a group that grows from one capacity to another launches an instance, in the words of
    /// its activity: all launches of one growth tell of the whole of it.
    pub(super) fn launch_cause(
        &mut self,
        now: SimTime,
        group: GroupId,
        (from, to): (u32, u32),
    ) -> String {
        let at = self.clock.seconds(now);
        let entry = &mut self.groups[group.index()];
        if entry.unhealthy_to_replace > 0 {
            entry.unhealthy_to_replace -= 1;
            return format!(
                "At {at} an instance was launched in response to an unhealthy instance needing to \
                 be replaced."
            );
        }
        if let Some(id) = entry.refresh
            && self.refreshes[id.index()].launches_due > 0
        {
            self.refreshes[id.index()].launches_due -= 1;
            return format!("At {at} an instance was launched in response to an instance refresh.");
        }
        format!(
            "{}At {at} an instance was started in response to a difference between desired and \
             actual capacity, increasing the capacity from {from} to {to}.",
            entry.prelude()
        )
    }

    /// A member has left its sources: its activity waits for their drains no longer.
    pub(super) fn drains_are_over(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        if let Some(activity) = self.instances[id.index()].activity {
            self.update_activity(cx, activity, Activity::goes_on);
        }
    }

    /// Terminates a member as [`Self::take_out_of_service`] does, and lets the group act on what
    /// it then lacks.
    pub fn terminate_member(
        &mut self,
        cx: &mut Cx<'_>,
        id: InstanceId,
        reason: &TerminationReason,
    ) -> ActivityId {
        let group = self.instances[id.index()].group.expect("it is a member");
        let activity = self.take_out_of_service(cx, id, reason);
        self.compare_capacity(cx, group);
        activity
    }

    /// Terminates members because a call named them; with `decrement` the desired capacity shrinks
    /// with each. The caller has checked everything.
    pub fn terminate_by_user(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        ids: &[InstanceId],
        decrement: bool,
    ) -> Vec<ActivityId> {
        let mut activities = Vec::new();
        for &id in ids {
            let shrinking = decrement.then(|| self.shrink(cx, group));
            let reason = TerminationReason::User { shrinking };
            activities.push(self.take_out_of_service(cx, id, &reason));
        }
        self.compare_capacity(cx, group);
        activities
    }

    /// Takes a member out of its sources and, once those have drained, terminates it. Source:
    /// R-ASG-6.
    pub(super) fn take_out_of_service(
        &mut self,
        cx: &mut Cx<'_>,
        id: InstanceId,
        reason: &TerminationReason,
    ) -> ActivityId {
        let group = self.instances[id.index()].group.expect("it is a member");
        let activity = self.begin_termination_activity(cx, group, id, reason);
        self.begin_terminating(cx, group, id, activity);
        activity
    }

    /// The activity of a termination, in the place of what was under way for the instance.
    pub(super) fn begin_termination_activity(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        id: InstanceId,
        reason: &TerminationReason,
    ) -> ActivityId {
        let name = self.instances[id.index()].id.clone();
        let cause = self.termination_cause(cx.now, group, &name, reason);
        // what was under way for it ends with it
        if let Some(earlier) = self.instances[id.index()].activity.take() {
            let now = cx.now;
            self.update_activity(cx, earlier, |activity| {
                activity.status = StatusCode::Cancelled;
                activity.end = Some(now);
            });
        }
        self.drop_actions(cx, id);
        let description = format!("Terminating EC2 instance: {name}");
        let status = (StatusCode::InProgress, 0);
        self.begin_activity_of(cx, group, id, (description, cause), status)
    }

    /// Why a member is terminated, in the words of its activity.
    fn termination_cause(
        &self,
        now: SimTime,
        group: GroupId,
        name: &str,
        reason: &TerminationReason,
    ) -> String {
        let at = self.clock.seconds(now);
        let taken = format!("At {at} an instance was taken out of service in response to");
        match reason {
            TerminationReason::User { shrinking: None } => {
                format!(
                    "At {at} instance {name} was taken out of service in response to a user request."
                )
            }
            TerminationReason::User {
                shrinking: Some((from, to)),
            } => format!(
                "At {at} instance {name} was taken out of service in response to a user request, \
                 shrinking the capacity from {from} to {to}."
            ),
            TerminationReason::ScaleIn { from, to, selected } => format!(
                "{}{taken} a difference between desired and actual capacity, shrinking the \
                 capacity from {from} to {to}.{selected}",
                self.groups[group.index()].prelude()
            ),
            TerminationReason::ElbHealth => {
                format!("{taken} an ELB system health check failure.")
            }
            TerminationReason::Ec2Health => {
                format!("{taken} an EC2 health check indicating it has been terminated or stopped.")
            }
            TerminationReason::UserHealth => format!("{taken} a user health-check."),
            TerminationReason::Abandoned => {
                format!("{taken} a lifecycle action that was abandoned.")
            }
            TerminationReason::Rebalance => format!(
                "{taken} an imbalance of the Availability Zones of the group.  At {at} instance \
                 {name} was selected for termination."
            ),
            TerminationReason::Refresh => format!(
                "{taken} an instance refresh.  At {at} instance {name} was selected for \
                 termination."
            ),
            TerminationReason::Other(words) => format!("At {at} {words}"),
        }
    }

    /// The status of an activity that waits for the drains of an instance, and what its description
    /// adds: those of VPC Lattice alone have words of their own. Source: R-LATTICE-5.
    fn awaited_drains(&self, id: InstanceId) -> (StatusCode, &'static str) {
        let lattice = |id: &RegistrationId| {
            let group = self.registrations[id.index()].target_group;
            self.target_groups[group.index()].kind.family() == Family::Lattice
        };
        if self.instances[id.index()].waits_for.iter().all(lattice) {
            let status = StatusCode::WaitingForConnectionDraining;
            (status, " - Waiting For Connection Draining.")
        } else {
            let status = StatusCode::WaitingForElbConnectionDraining;
            (status, " - Waiting For ELB Connection Draining.")
        }
    }

    fn begin_terminating(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        id: InstanceId,
        activity: ActivityId,
    ) {
        let before = self.instances[id.index()].lifecycle;
        self.set_lifecycle(cx, id, LifecycleState::Terminating);
        if before == LifecycleState::TerminatingRetained {
            // it has drained and its hooks have run
            return self.end_machine(cx, id);
        }
        let sources = self.sources_to_leave(group);
        self.leave_sources(cx, id, &sources);
        if self.instances[id.index()].waits_for.is_empty() {
            self.go_on_terminating(cx, id);
        } else {
            let (status, words) = self.awaited_drains(id);
            self.update_activity(cx, activity, |activity| {
                activity.status = status;
                activity.progress = 50;
                activity.description += words;
            });
        }
    }
}
