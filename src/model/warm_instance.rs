//! Warmed instances: how they come into a warm pool, are drawn from it, given back and replaced.
//!
//! Source: R-WARM-3 to R-WARM-6, R-WARM-8. This module must never decide how many a pool holds.

use super::activity::StatusCode;
use super::autoscaling::TerminationReason;
use super::cloud::Cloud;
use super::event::{Cx, Timer, schedule};
use super::hook::{ActionResult, Transition};
use super::ids::{GroupId, InstanceId};
use super::lifecycle::LifecycleState;
use super::machine::{MachineState, ProcessState};
use super::membership::Membership;
use super::scaling_process::ScalingProcess;
use super::shortage::Room;
use super::warm_pool::PoolState;

impl Cloud {
    /// A machine that is on its way into a pool is running: its launch hooks come next. Source:
    /// R-WARM-3.
    pub(super) fn pool_instance_is_running(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        let state = self.instances[id.index()].lifecycle;
        if state == LifecycleState::WarmedPending {
            if !self.begin_actions(cx, id, Transition::Launching) {
                self.enter_pool(cx, id);
            }
        } else if state == LifecycleState::WarmedPendingProceed {
            // somebody stopped and started it while it waited
            self.enter_pool(cx, id);
        }
    }

    /// An instance has nothing to wait for any more: it is kept as its pool says. Source:
    /// R-WARM-3.
    fn enter_pool(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        let group = self.instances[id.index()].group.expect("it is a member");
        let Some(pool) = self.groups[group.index()].rules.warm_pool else {
            return;
        };
        match self.instances[id.index()].state {
            MachineState::Running => match pool.state {
                PoolState::Running => self.rest(cx, id, LifecycleState::WarmedRunning),
                PoolState::Stopped => self.stop_machine(cx, id, false),
                PoolState::Hibernated => {
                    let serves = self.processes[id.index()].state == ProcessState::Serving;
                    self.instances[id.index()].resumes = serves;
                    self.stop_machine(cx, id, true);
                }
            },
            MachineState::Stopped => self.pool_instance_has_stopped(cx, id),
            // it comes here again when it is off, or on
            MachineState::Stopping | MachineState::Pending => {}
            MachineState::ShuttingDown | MachineState::Terminated => {
                self.dismiss(cx, id, &TerminationReason::Ec2Health, true);
                self.compare_pool(cx, group);
            }
        }
    }

    /// A machine is off; one that was stopped for its pool is in it now.
    pub(super) fn pool_instance_has_stopped(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        let instance = &self.instances[id.index()];
        let enters = matches!(
            instance.lifecycle,
            LifecycleState::WarmedPending | LifecycleState::WarmedPendingProceed
        );
        let group = instance.group.map(|group| &self.groups[group.index()]);
        if let (true, Some(pool)) = (enters, group.and_then(|group| group.rules.warm_pool)) {
            let hibernates = instance.resumes || pool.state == PoolState::Hibernated;
            let state = if hibernates {
                LifecycleState::WarmedHibernated
            } else {
                LifecycleState::WarmedStopped
            };
            self.rest(cx, id, state);
        }
    }

    fn rest(&mut self, cx: &mut Cx<'_>, id: InstanceId, state: LifecycleState) {
        self.set_lifecycle(cx, id, state);
        self.finish_activity_of(cx, id);
        let instance = &mut self.instances[id.index()];
        if instance.state == MachineState::Stopped {
            // off is how it is kept: whoever terminates it is to blame for that
            instance.stopped_by = None;
        }
        let group = instance.group.expect("it is a member");
        if instance.membership.unhealthy.is_some() {
            self.expect_health_poll(cx, group);
        }
    }

    /// Draws an instance from the pool of a group that lacks one: of the zone with the fewest
    /// members the one launched first. Source: R-WARM-4.
    pub(super) fn draw_from_pool(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        growth: (u32, u32),
        room: &mut Room,
    ) -> bool {
        let mut replacements = self.groups[group.index()].replacements.iter();
        let rebalances =
            replacements.any(|replacement| replacement.reason == TerminationReason::Rebalance);
        let members = |id: InstanceId| room.members(self.instances[id.index()].zone);
        let ready = self.ready_in_pool(group).into_iter();
        let drawn = ready
            // zones are not evened out by what stands in a full one
            .filter(|&id| !rebalances || members(id) == room.fewest())
            .min_by_key(|&id| (members(id).unwrap_or(usize::MAX), id));
        let Some(id) = drawn else {
            return false;
        };
        room.join(self.instances[id.index()].zone);
        let cause = self.launch_cause(cx.now, group, growth);
        let name = &self.instances[id.index()].id;
        let description = format!("Launching a new EC2 instance from warm pool: {name}");
        let status = (StatusCode::PreInService, 30);
        self.begin_activity_of(cx, group, id, (description, cause), status);
        self.instances[id.index()].launched_by = self.cause;
        self.set_lifecycle(cx, id, LifecycleState::Pending);
        if self.instances[id.index()].state == MachineState::Stopped {
            self.start_from_pool(cx, id);
        }
        true
    }

    /// Starts a machine that is off in a pool: that takes less than a launch, and one that was
    /// hibernated is ready with it. Source: R-WARM-5.
    fn start_from_pool(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        let instance = &mut self.instances[id.index()];
        instance.state = MachineState::Pending;
        instance.stopped_by = None;
        instance.restarts += 1;
        let setting = if instance.resumes {
            &self.assumptions.warm_pool_resume
        } else {
            &self.assumptions.warm_pool_start
        };
        let start = setting.sample(&mut self.starting_stream("warm start", id));
        let boot = self.time_to_boot(id);
        schedule(cx, cx.now + start.min(boot), Timer::Booted(id));
    }

    /// Instances that were drawn from a pool and run there join their group.
    pub(super) fn let_drawn_join(&mut self, cx: &mut Cx<'_>, id: GroupId) {
        if self.groups[id.index()].rules.warm_pool.is_none() {
            return;
        }
        for member in self.groups[id.index()].members.clone() {
            let instance = &self.instances[member.index()];
            if instance.lifecycle == LifecycleState::Pending
                && instance.state == MachineState::Running
            {
                self.instance_is_running(cx, member);
            }
        }
        self.compare_pool(cx, id);
    }

    /// Notes whether a member that a scale-in has chosen goes back into the pool: if it takes
    /// instances back, has room, and the member is one that has served. Source: R-WARM-8.
    pub(super) fn choose_way_out(&mut self, group: GroupId, id: InstanceId) {
        let entry = &self.groups[group.index()];
        let reuses = entry
            .rules
            .warm_pool
            .is_some_and(|pool| pool.reuse_on_scale_in);
        let instance = &self.instances[id.index()];
        let fit = instance.lifecycle == LifecycleState::InService
            && instance.state == MachineState::Running
            && instance.membership.unhealthy.is_none();
        let returns = reuses && fit && self.pooled(group) < entry.wanted_pool();
        self.instances[id.index()].membership.returns = returns;
    }

    /// A member that leaves has drained: whether it goes back into the pool. What was wanted of
    /// the pool when it was chosen may not be so any more. Source: R-WARM-8.
    pub(super) fn returns_to_pool(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        id: InstanceId,
    ) -> bool {
        let entry = &self.groups[group.index()];
        let instance = &self.instances[id.index()];
        if !instance.membership.returns || entry.is_leaving() {
            return false;
        }
        let fits = entry
            .rules
            .warm_pool
            .is_some_and(|pool| pool.reuse_on_scale_in)
            && instance.state == MachineState::Running
            && self.pooled(group) <= entry.wanted_pool();
        self.instances[id.index()].membership.returns = false;
        if !fits {
            self.compare_pool(cx, group);
            return false;
        }
        self.instances[id.index()].membership = Membership::default();
        self.set_lifecycle(cx, id, LifecycleState::WarmedPending);
        if let Some(activity) = self.instances[id.index()].activity {
            let description = format!(
                "Returning EC2 instance to warm pool: {}",
                self.instances[id.index()].id
            );
            self.update_activity(cx, activity, |activity| {
                activity.description = description;
                activity.status = StatusCode::InProgress;
            });
        }
        if !self.begin_actions(cx, id, Transition::Terminating) {
            self.enter_pool(cx, id);
        }
        true
    }

    /// The lifecycle actions of an instance of a pool are over.
    pub(super) fn pool_actions_are_over(
        &mut self,
        cx: &mut Cx<'_>,
        id: InstanceId,
        result: ActionResult,
    ) {
        if self.instances[id.index()].lifecycle == LifecycleState::WarmedTerminatingWait {
            self.set_lifecycle(cx, id, LifecycleState::WarmedTerminatingProceed);
            return self.end_machine(cx, id);
        }
        match result {
            ActionResult::Continue => {
                self.set_lifecycle(cx, id, LifecycleState::WarmedPendingProceed);
                self.enter_pool(cx, id);
            }
            ActionResult::Abandon | ActionResult::Rollback => {
                let group = self.instances[id.index()].group.expect("it is a member");
                self.dismiss(cx, id, &TerminationReason::Abandoned, false);
                self.compare_pool(cx, group);
            }
        }
    }

    /// The host of an instance that has left its pool is gone.
    pub(super) fn pool_instance_is_gone(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        let group = self.instances[id.index()].group;
        self.leave_group(cx, id, LifecycleState::WarmedTerminated);
        self.finish_activity_of(cx, id);
        if let Some(group) = group {
            self.forget_empty_pool(group);
        }
    }

    /// Terminates instances of a pool whose machines fail, or that a call has marked; the pool is
    /// filled again. Who waits for lifecycle actions is not looked at. Source: R-WARM-6.
    pub(super) fn replace_in_pool(&mut self, cx: &mut Cx<'_>, id: GroupId) {
        let looks = self.does(id, ScalingProcess::HealthCheck);
        for member in self.groups[id.index()].members.clone() {
            let instance = &self.instances[member.index()];
            if !instance.is_pooled() || instance.lifecycle.waits_for_actions() {
                continue;
            }
            let (reason, cause) = match instance.membership.unhealthy {
                Some((_, cause)) => (TerminationReason::UserHealth, cause),
                None if looks && instance.is_failing() => {
                    (TerminationReason::Ec2Health, instance.stopped_by)
                }
                None => continue,
            };
            self.cause = cause;
            self.dismiss(cx, member, &reason, true);
            self.compare_pool(cx, id);
        }
    }
}
