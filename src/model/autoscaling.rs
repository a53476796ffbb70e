//! EC2 Auto Scaling: what a group does when told, and what it does by itself.
//!
//! Detaching, terminating, launching, health replacement and the activities that tell of them.
//! Source: R-ASG-1 to R-ASG-12.

use std::fmt::Write;

use super::activity::{Activity, StatusCode};
use super::cloud::Cloud;
use super::event::{Cx, Timer, schedule};
use super::group::{LifecycleState, Source, SourceState};
use super::ids::{ActivityId, GroupId, InstanceId, RegistrationId, TargetGroupId, ZoneId};
use super::machine::MachineState;
use super::settings::Provider;
use super::targets::Registered;
use crate::engine::time::{SimDuration, SimTime};

impl Activity {
    /// Over, well.
    pub(super) fn finish(&mut self, now: SimTime) {
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
    },
    /// Its targets fail their health checks.
    ElbHealth,
    /// It is not running.
    Ec2Health,
}

impl Cloud {
    /// Subnet and zone of an instance, as an activity shows them.
    fn details(&self, id: InstanceId) -> String {
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
            let desired = self.groups[group.index()].counts.desired;
            if decrement {
                let to = desired - 1;
                write!(cause, ", shrinking the capacity from {desired} to {to}")
                    .expect("writing to a string works");
                self.groups[group.index()].counts.desired = desired - 1;
                self.tell_counts(cx, group);
            }
            cause.push('.');
            let activity = Activity {
                id: self.identifiers.uuid(),
                description: format!("Detaching EC2 instance: {name}"),
                cause,
                start: cx.now,
                end: None,
                status: StatusCode::InProgress,
                progress: 50,
                details: self.details(id),
            };
            let activity = self.add_activity(cx, group, activity);
            activities.push(activity);
            self.instances[id.index()].activity = Some(activity);
        }
        activities
    }

    /// Carries out what [`Self::detach_instances`] announced, after the answer was taken.
    pub fn begin_detaching(&mut self, cx: &mut Cx<'_>, group: GroupId, instances: &[InstanceId]) {
        let sources = self.groups[group.index()].sources.clone();
        for &id in instances {
            self.set_lifecycle(cx, id, LifecycleState::Detaching);
            self.leave_sources(cx, id, &sources);
            if self.instances[id.index()].waits_for.is_empty() {
                self.finish_detaching(cx, id);
            } else if let Some(activity) = self.instances[id.index()].activity {
                self.update_activity(cx, activity, |activity| {
                    activity.status = StatusCode::WaitingForElbConnectionDraining;
                    activity.description += " - Waiting For ELB Connection Draining.";
                });
            }
            self.stop_if_detached(cx, id);
        }
        self.compare_capacity(cx, group);
    }

    pub(super) fn finish_detaching(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        self.leave_group(cx, id, LifecycleState::Detached);
        if let Some(activity) = self.instances[id.index()].activity {
            self.update_activity(cx, activity, |activity| {
                if let Some((plain, _)) = activity.description.split_once(" - Waiting For") {
                    activity.description = plain.to_owned();
                }
            });
        }
        self.finish_activity_of(cx, id);
        if self.instances[id.index()].state == MachineState::Terminated {
            self.set_lifecycle(cx, id, LifecycleState::Terminated);
        }
    }

    /// Attaches running instances to a group; the desired capacity grows with them.
    pub fn attach_instances(&mut self, cx: &mut Cx<'_>, group: GroupId, ids: &[InstanceId]) {
        for &id in ids {
            let name = self.instances[id.index()].id.clone();
            let counts = &mut self.groups[group.index()].counts;
            let before = counts.desired;
            counts.desired += 1;
            counts.pending += 1;
            self.instances[id.index()].group = Some(group);
            self.instances[id.index()].lifecycle = LifecycleState::Pending;
            self.groups[group.index()].members.push(id);
            let cause = format!(
                "At {} an instance was attached in response to a user request, increasing the \
                 capacity from {before} to {}.",
                self.clock.seconds(cx.now),
                before + 1
            );
            let activity = Activity {
                id: self.identifiers.uuid(),
                description: format!("Attaching an existing EC2 instance: {name}"),
                cause,
                start: cx.now,
                end: None,
                status: StatusCode::PreInService,
                progress: 30,
                details: self.details(id),
            };
            let activity = self.add_activity(cx, group, activity);
            self.instances[id.index()].activity = Some(activity);
            self.tell_counts(cx, group);
            self.instance_is_running(cx, id);
        }
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
        let waits = begun
            .into_iter()
            .filter(|id| self.registrations[id.index()].is_shown());
        waits.collect()
    }

    /// Attaches sources: every member in service is registered with them.
    pub fn attach_sources(&mut self, cx: &mut Cx<'_>, group: GroupId, new: &[TargetGroupId]) {
        for &target_group in new {
            let port = self.target_groups[target_group.index()].port;
            self.attach_source(cx, group, target_group, port, 100);
        }
    }

    /// Attaches one source on a port.
    pub(super) fn attach_source(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        target_group: TargetGroupId,
        port: u16,
        weight: u32,
    ) {
        self.groups[group.index()].sources.push(Source {
            target_group,
            port,
            weight,
            // registering is accepted within the call, so `Adding` is over when it is answered
            state: SourceState::Added,
            waits_for: std::collections::BTreeSet::new(),
        });
        for member in self.groups[group.index()].members.clone() {
            if self.instances[member.index()].lifecycle == LifecycleState::InService {
                let name = self.instances[member.index()].id.clone();
                let target = self.register(cx, target_group, &name, port, member);
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

    /// Launches what is missing a little later, terminates what is too much now.
    pub(super) fn compare_capacity(&mut self, cx: &mut Cx<'_>, id: GroupId) {
        let group = &mut self.groups[id.index()];
        if group.provider != Provider::Aws {
            return;
        }
        let (actual, desired) = (group.actual(), group.counts.desired);
        if actual < desired {
            group.short_by = self.cause;
            if cx.calendar.due(&Timer::Reconcile(id)).is_none() {
                let key = [u64::from(id.0), cx.now.as_nanos()];
                let mut stream = self.streams.stream("launch delay", &key);
                let delay = self
                    .assumptions
                    .replacement_launch_delay
                    .sample(&mut stream);
                schedule(cx, cx.now + delay, Timer::Reconcile(id));
            }
        }
        for left in (desired..actual).rev() {
            let victim = self.choose_victim(id);
            let reason = TerminationReason::ScaleIn {
                from: left + 1,
                to: left,
            };
            self.take_out_of_service(cx, victim, &reason);
        }
    }

    /// Members that count for the capacity, by zone of the group.
    fn population(&self, id: GroupId) -> Vec<(ZoneId, usize)> {
        let group = &self.groups[id.index()];
        let mut population: Vec<_> = group.zones.iter().map(|&zone| (zone, 0)).collect();
        for member in &group.members {
            let instance = &self.instances[member.index()];
            if !instance.lifecycle.counts() {
                continue;
            }
            match population
                .iter_mut()
                .find(|(zone, _)| *zone == instance.zone)
            {
                Some((_, count)) => *count += 1,
                None => population.push((instance.zone, 1)),
            }
        }
        population
    }

    /// The member a scale-in terminates: of the fullest zone, the first by id. Source: R-ASG-8.
    fn choose_victim(&self, id: GroupId) -> InstanceId {
        let population = self.population(id);
        let fullest = population.iter().rev().max_by_key(|(_, count)| *count);
        let (zone, _) = *fullest.expect("a group has zones");
        let candidates = self.groups[id.index()].members.iter().filter(|member| {
            let instance = &self.instances[member.index()];
            instance.lifecycle.counts() && instance.zone == zone
        });
        *candidates
            .min_by_key(|member| &self.instances[member.index()].id)
            .expect("the fullest zone has members")
    }

    pub(super) fn on_reconcile(&mut self, cx: &mut Cx<'_>, id: GroupId) {
        self.cause = self.groups[id.index()].short_by;
        let group = &self.groups[id.index()];
        for actual in group.actual()..group.counts.desired {
            self.launch(cx, id, actual);
        }
    }

    /// Launches one instance into the zone with the fewest.
    fn launch(&mut self, cx: &mut Cx<'_>, group: GroupId, actual: u32) {
        let enabled = self.groups[group.index()].zones.len();
        let population = self.population(group);
        let emptiest = population[..enabled].iter().min_by_key(|(_, count)| *count);
        let (zone, _) = *emptiest.expect("a group has zones");
        let entry = &self.groups[group.index()];
        let template = entry.launch_template;
        let provider = entry.provider;
        let name = self.new_instance_id(provider);
        let instance = self.new_instance(name.clone(), zone, template, Some(group));
        let entry = &mut self.groups[group.index()];
        entry.members.push(instance);
        entry.counts.pending += 1;
        let cause = format!(
            "At {} an instance was started in response to a difference between desired and actual \
             capacity, increasing the capacity from {actual} to {}.",
            self.clock.seconds(cx.now),
            actual + 1
        );
        let activity = Activity {
            id: self.identifiers.uuid(),
            description: format!("Launching a new EC2 instance: {name}"),
            cause,
            start: cx.now,
            end: None,
            status: StatusCode::PreInService,
            progress: 30,
            details: self.details(instance),
        };
        let activity = self.add_activity(cx, group, activity);
        self.instances[instance.index()].activity = Some(activity);
        self.tell_counts(cx, group);
        self.boot(cx, instance);
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
            let desired = &mut self.groups[group.index()].counts.desired;
            let shrinking = decrement.then(|| (*desired, *desired - 1));
            if let Some((_, after)) = shrinking {
                *desired = after;
            }
            let reason = TerminationReason::User { shrinking };
            activities.push(self.take_out_of_service(cx, id, &reason));
        }
        self.compare_capacity(cx, group);
        activities
    }

    /// Takes a member out of its sources and, once those have drained, terminates it. Source:
    /// R-ASG-6.
    fn take_out_of_service(
        &mut self,
        cx: &mut Cx<'_>,
        id: InstanceId,
        reason: &TerminationReason,
    ) -> ActivityId {
        let group = self.instances[id.index()].group.expect("it is a member");
        let name = self.instances[id.index()].id.clone();
        let at = self.clock.seconds(cx.now);
        let taken = format!("At {at} an instance was taken out of service in response to");
        let cause = match reason {
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
            TerminationReason::ScaleIn { from, to } => format!(
                "{taken} a difference between desired and actual capacity, shrinking the capacity \
                 from {from} to {to}.  At {at} instance {name} was selected for termination."
            ),
            TerminationReason::ElbHealth => {
                format!("{taken} an ELB system health check failure.")
            }
            TerminationReason::Ec2Health => {
                format!("{taken} an EC2 health check indicating it has been terminated or stopped.")
            }
        };
        // an activity of its launch under way ends with it
        if let Some(launch) = self.instances[id.index()].activity.take() {
            let now = cx.now;
            self.update_activity(cx, launch, |activity| {
                activity.status = StatusCode::Cancelled;
                activity.end = Some(now);
            });
        }
        let activity = Activity {
            id: self.identifiers.uuid(),
            description: format!("Terminating EC2 instance: {name}"),
            cause,
            start: cx.now,
            end: None,
            status: StatusCode::InProgress,
            progress: 0,
            details: self.details(id),
        };
        let activity = self.add_activity(cx, group, activity);
        self.instances[id.index()].activity = Some(activity);
        self.begin_terminating(cx, group, id, activity);
        activity
    }

    fn begin_terminating(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        id: InstanceId,
        activity: ActivityId,
    ) {
        self.set_lifecycle(cx, id, LifecycleState::Terminating);
        let sources = self.groups[group.index()].sources.clone();
        self.leave_sources(cx, id, &sources);
        if !self.instances[id.index()].waits_for.is_empty() {
            self.update_activity(cx, activity, |activity| {
                activity.status = StatusCode::WaitingForElbConnectionDraining;
                activity.progress = 50;
                activity.description += " - Waiting For ELB Connection Draining.";
            });
        } else if self.instances[id.index()].state == MachineState::Terminated {
            self.instance_is_gone(cx, id);
        } else {
            self.terminate_machine(cx, id);
        }
    }

    /// Schedules the group's next look at health, if it has none to come.
    pub(super) fn expect_health_poll(&mut self, cx: &mut Cx<'_>, id: GroupId) {
        let group = &self.groups[id.index()];
        if group.provider != Provider::Aws || cx.calendar.due(&Timer::HealthPoll(id)).is_some() {
            return;
        }
        let period = self.assumptions.health_poll;
        let phase = SimTime::ZERO + group.poll_phase;
        let passed = if cx.now < phase {
            0
        } else {
            cx.now.since(phase).as_nanos() / period.as_nanos().max(1) + 1
        };
        schedule(cx, phase + period.times(passed), Timer::HealthPoll(id));
    }

    pub(super) fn on_health_poll(&mut self, cx: &mut Cx<'_>, id: GroupId) {
        let group = &self.groups[id.index()];
        let elb = group.elb_health_check;
        // at most a tenth of the group at a time for failed checks. Source: R-ASG-11
        let mut pace = (group.counts.desired / 10).max(1);
        let mut again = false;
        for member in group.members.clone() {
            let lifecycle = self.instances[member.index()].lifecycle;
            let going = self.instances[member.index()].state.is_unhealthy();
            if going
                && matches!(
                    lifecycle,
                    LifecycleState::Pending | LifecycleState::InService
                )
            {
                self.cause = self.instances[member.index()].stopped_by;
                self.terminate_member(cx, member, &TerminationReason::Ec2Health);
                continue;
            }
            if lifecycle != LifecycleState::InService {
                continue;
            }
            let Some(failed) = self.failed_target(id, member).filter(|_| elb) else {
                continue;
            };
            let grace = self.groups[id.index()].health_check_grace_period;
            let since = self.instances[member.index()].in_service_since;
            let counts = since == SimTime::ZERO || cx.now >= since + grace;
            if counts && pace > 0 {
                pace -= 1;
                let failed = &self.registrations[failed.index()];
                self.cause = failed.changed_by.or(failed.entry);
                self.terminate_member(cx, member, &TerminationReason::ElbHealth);
            } else {
                again = true;
            }
        }
        if again {
            self.expect_health_poll(cx, id);
        }
    }

    /// A registration of a member that an in-service source reports as unhealthy.
    fn failed_target(&self, group: GroupId, member: InstanceId) -> Option<RegistrationId> {
        let sources = &self.groups[group.index()].sources;
        let registrations = &self.instances[member.index()].registrations;
        registrations.iter().copied().find(|id| {
            let registration = &self.registrations[id.index()];
            registration.health.is_unhealthy()
                && sources.iter().any(|source| {
                    source.target_group == registration.target_group
                        && source.state == SourceState::InService
                })
        })
    }

    /// The launch delay of a group that is short, for tests of its arithmetic.
    pub fn next_launch(&self, cx: &Cx<'_>, group: GroupId) -> Option<SimDuration> {
        let due = cx.calendar.due(&Timer::Reconcile(group))?;
        Some(due.since(cx.now))
    }
}
