//! Warm pools: instances that are prepared beside a group, to join it sooner than new ones would.
//!
//! A pool is filled and shrunk to its wanted size after everything that changes that. What is in
//! it is a member that neither counts nor serves; `warm_instance` has what becomes of it there. Source:
//! R-WARM-1, R-WARM-2, R-WARM-7, R-WARM-9. This module must never look into a target group.

use super::activity::StatusCode;
use super::autoscaling::TerminationReason;
use super::cloud::Cloud;
use super::event::{Cx, Timer, schedule};
use super::group::Group;
use super::hook::Transition;
use super::ids::{EntryId, GroupId, InstanceId, ZoneId};
use super::lifecycle::LifecycleState;
use super::machine::{Instance, MachineState, ProcessState};
use super::scaling_process::ScalingProcess;
use super::shortage::Room;

/// How instances are kept in a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PoolState {
    /// Stopped.
    #[default]
    Stopped,
    /// Running, without requests.
    Running,
    /// Hibernated: stopped, with what was in memory.
    Hibernated,
}

impl PoolState {
    /// The words of all.
    pub const NAMES: [&'static str; 3] = ["Stopped", "Running", "Hibernated"];

    /// The cloud's word.
    pub fn name(self) -> &'static str {
        let [stopped, running, hibernated] = Self::NAMES;
        match self {
            Self::Stopped => stopped,
            Self::Running => running,
            Self::Hibernated => hibernated,
        }
    }

    /// The state called `name`.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Stopped, Self::Running, Self::Hibernated]
            .into_iter()
            .find(|state| state.name() == name)
    }

    /// Where an instance stands that is kept so.
    fn lifecycle(self) -> LifecycleState {
        match self {
            Self::Stopped => LifecycleState::WarmedStopped,
            Self::Running => LifecycleState::WarmedRunning,
            Self::Hibernated => LifecycleState::WarmedHibernated,
        }
    }
}

/// What a group is told about its warm pool. The default is the API's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WarmPool {
    /// Instances that the group and its pool may have together; the group's largest size without.
    pub most_prepared: Option<u32>,
    /// Fewest instances of the pool.
    pub min_size: u32,
    /// How they are kept.
    pub state: PoolState,
    /// Whether a scale-in takes instances back into the pool.
    pub reuse_on_scale_in: bool,
}

impl WarmPool {
    /// Instances the pool of a group of these sizes is to hold. Source: R-WARM-1.
    pub fn size(&self, max_size: u32, desired: u32) -> u32 {
        let most = self.most_prepared.unwrap_or(max_size);
        most.saturating_sub(desired).max(self.min_size)
    }
}

/// What is under way in a pool.
#[derive(Debug, Default)]
pub(super) struct PoolWork {
    /// It is gone when its last instance is.
    deleting: bool,
    /// The entry that last left it short.
    short_by: Option<EntryId>,
    /// Of how many.
    short_of: u32,
}

impl Group {
    /// Instances its pool is to hold. Source: R-WARM-1.
    pub fn wanted_pool(&self) -> u32 {
        match &self.rules.warm_pool {
            Some(pool) if !self.pool.deleting => pool.size(self.max_size, self.counts.desired),
            Some(_) | None => 0,
        }
    }

    /// Whether its pool is shown as being deleted.
    pub fn deletes_pool(&self) -> bool {
        self.pool.deleting
    }
}

impl Instance {
    /// Whether its machine is not as its group wants it to be. Source: R-ASG-10, R-WARM-6.
    pub fn is_failing(&self) -> bool {
        let is_kept_off =
            self.lifecycle.is_warmed() && self.lifecycle != LifecycleState::WarmedRunning;
        match self.state {
            MachineState::ShuttingDown | MachineState::Terminated => true,
            MachineState::Stopping | MachineState::Stopped => !is_kept_off,
            MachineState::Pending | MachineState::Running => false,
        }
    }

    /// Whether it lies in a pool, and is to stay there.
    pub(super) fn is_pooled(&self) -> bool {
        self.lifecycle.is_warmed()
            && !self.lifecycle.is_terminating()
            && self.lifecycle != LifecycleState::WarmedTerminated
    }

    /// Whether it can be drawn from a pool.
    pub(super) fn is_ready(&self) -> bool {
        let rests = matches!(
            self.lifecycle,
            LifecycleState::WarmedStopped
                | LifecycleState::WarmedRunning
                | LifecycleState::WarmedHibernated
        );
        // what was stopped by hand a moment ago cannot be started yet
        rests
            && !self.is_failing()
            && self.state != MachineState::Stopping
            && self.membership.unhealthy.is_none()
    }
}

impl Cloud {
    /// Gives a group a pool, or its pool other settings. What lies in it stays as it is kept.
    pub fn put_warm_pool(&mut self, cx: &mut Cx<'_>, id: GroupId, pool: WarmPool) {
        self.groups[id.index()].rules.warm_pool = Some(pool);
        self.compare_pool(cx, id);
    }

    /// Deletes a pool: it is gone when its instances are, which `force` terminates without hooks.
    /// Source: R-WARM-7.
    pub fn delete_warm_pool(&mut self, cx: &mut Cx<'_>, id: GroupId, force: bool) {
        self.groups[id.index()].pool.deleting = true;
        cx.calendar.cancel(&Timer::Pool(id));
        if force {
            for member in self.groups[id.index()].members.clone() {
                self.force_from_pool(cx, id, member);
            }
        }
        self.compare_pool(cx, id);
    }

    /// Terminates an instance of a pool at once.
    fn force_from_pool(&mut self, cx: &mut Cx<'_>, group: GroupId, id: InstanceId) {
        let state = self.instances[id.index()].lifecycle;
        if state == LifecycleState::WarmedTerminatingWait {
            self.drop_actions(cx, id);
            self.set_lifecycle(cx, id, LifecycleState::WarmedTerminatingProceed);
            self.end_machine(cx, id);
        } else if self.instances[id.index()].is_pooled() {
            let size = self.groups[group.index()].counts.warmed;
            let reason = self.surplus_reason(cx, group, id, size);
            self.dismiss(cx, id, &reason, false);
        }
    }

    /// A pool that stands before 0 s, filled.
    pub(super) fn fill_standing_pool(&mut self, id: GroupId) {
        let group = &self.groups[id.index()];
        let Some(pool) = group.rules.warm_pool else {
            return;
        };
        let (size, template, provider) =
            (group.wanted_pool(), group.launch_template, group.provider);
        let taken = group.members.len();
        for ordinal in 0..size as usize {
            let zones = &self.groups[id.index()].zones;
            let zone = zones[(taken + ordinal) % zones.len()];
            let name = self.new_instance_id(provider);
            let member = self.add_standing_instance(name, zone, template, Some(id));
            let instance = &mut self.instances[member.index()];
            instance.lifecycle = pool.state.lifecycle();
            if pool.state != PoolState::Running {
                instance.state = MachineState::Stopped;
                instance.resumes = pool.state == PoolState::Hibernated;
                self.processes[member.index()].state = ProcessState::Gone;
            }
            self.groups[id.index()].members.push(member);
        }
        self.groups[id.index()].counts.warmed = size;
    }

    /// Instances that can be drawn now. Those of an older launch template are left where an
    /// instance refresh is under way.
    pub(super) fn ready_in_pool(&self, id: GroupId) -> Vec<InstanceId> {
        let group = &self.groups[id.index()];
        if group.rules.warm_pool.is_none() || group.pool.deleting {
            return Vec::new();
        }
        let template = group.refresh.map(|_| self.launched_template(id));
        let members = group.members.iter().copied();
        members
            .filter(|member| {
                let instance = &self.instances[member.index()];
                instance.is_ready()
                    && template.is_none_or(|template| instance.launch_template == template)
            })
            .collect()
    }

    /// Instances that are in a pool to stay, or on their way back into it.
    pub(super) fn pooled(&self, id: GroupId) -> u32 {
        let members = self.groups[id.index()].members.iter();
        let pooled = members.filter(|member| {
            let instance = &self.instances[member.index()];
            instance.is_pooled() || instance.membership.returns
        });
        u32::try_from(pooled.count()).expect("members fit 32 bits")
    }

    /// How many of them are left when the group has drawn what it lacks.
    fn left_in_pool(&self, id: GroupId) -> u32 {
        let group = &self.groups[id.index()];
        let missing = if self.does(id, ScalingProcess::Launch) {
            group.wanted().saturating_sub(group.actual())
        } else {
            0
        };
        let ready = u32::try_from(self.ready_in_pool(id).len()).expect("members fit 32 bits");
        self.pooled(id) - missing.min(ready)
    }

    /// Fills a pool a little later, or terminates now what it has too much of. Source: R-WARM-2.
    pub(super) fn compare_pool(&mut self, cx: &mut Cx<'_>, id: GroupId) {
        let group = &self.groups[id.index()];
        if group.rules.warm_pool.is_none() || group.is_leaving() {
            return;
        }
        let (left, wanted) = (self.left_in_pool(id), group.wanted_pool());
        let missing = wanted.saturating_sub(left);
        if missing > group.pool.short_of {
            self.groups[id.index()].pool.short_by = self.cause;
        }
        self.groups[id.index()].pool.short_of = missing;
        if left < wanted {
            self.expect_pool_launches(cx, id);
        } else if left > wanted && self.does(id, ScalingProcess::Terminate) {
            self.shrink_pool(cx, id, left - wanted);
        }
        self.forget_empty_pool(id);
    }

    /// A pool that is being deleted is gone when nothing is in it.
    pub(super) fn forget_empty_pool(&mut self, id: GroupId) {
        let group = &mut self.groups[id.index()];
        if group.pool.deleting && group.counts.warmed == 0 {
            group.rules.warm_pool = None;
            group.pool = PoolWork::default();
        }
    }

    fn expect_pool_launches(&mut self, cx: &mut Cx<'_>, id: GroupId) {
        if !self.does(id, ScalingProcess::Launch) || cx.calendar.due(&Timer::Pool(id)).is_some() {
            return;
        }
        let key = [u64::from(id.0), cx.now.as_nanos()];
        let mut stream = self.streams.stream("pool launch delay", &key);
        let delay = self
            .assumptions
            .replacement_launch_delay
            .sample(&mut stream);
        schedule(cx, cx.now + delay, Timer::Pool(id));
    }

    /// Terminates instances that are too many: those on their way in first, then those that came
    /// last.
    fn shrink_pool(&mut self, cx: &mut Cx<'_>, id: GroupId, surplus: u32) {
        let members = self.groups[id.index()].members.iter().copied();
        let mut candidates: Vec<InstanceId> = members
            .filter(|member| self.instances[member.index()].is_pooled())
            .collect();
        candidates.sort_by_key(|member| {
            let ready = self.instances[member.index()].is_ready();
            (ready, std::cmp::Reverse(*member))
        });
        let mut size = self.pooled(id);
        for victim in candidates.into_iter().take(surplus as usize) {
            let reason = self.surplus_reason(cx, id, victim, size);
            self.dismiss(cx, victim, &reason, true);
            size -= 1;
        }
    }

    /// Why one of `size` instances of a pool goes that is smaller from now on.
    fn surplus_reason(
        &self,
        cx: &Cx<'_>,
        group: GroupId,
        id: InstanceId,
        size: u32,
    ) -> TerminationReason {
        let why = if self.groups[group.index()].pool.deleting {
            "the deletion of its warm pool".to_owned()
        } else {
            format!(
                "a difference between desired and actual warm pool capacity, shrinking the \
                 capacity from {size} to {}",
                size.saturating_sub(1)
            )
        };
        TerminationReason::Other(format!(
            "an instance was taken out of service in response to {why}.  At {} instance {} was \
             selected for termination.",
            self.clock.seconds(cx.now),
            self.instances[id.index()].id
        ))
    }

    /// An instance leaves its pool for good; with `hooks` those for terminations run first.
    /// Source: R-WARM-7.
    pub(super) fn dismiss(
        &mut self,
        cx: &mut Cx<'_>,
        id: InstanceId,
        reason: &TerminationReason,
        hooks: bool,
    ) {
        let group = self.instances[id.index()].group.expect("it is a member");
        self.begin_termination_activity(cx, group, id, reason);
        self.set_lifecycle(cx, id, LifecycleState::WarmedTerminating);
        if !(hooks && self.begin_actions(cx, id, Transition::Terminating)) {
            self.end_machine(cx, id);
        }
    }

    pub(super) fn on_pool(&mut self, cx: &mut Cx<'_>, id: GroupId) {
        self.cause = self.groups[id.index()].pool.short_by;
        if !self.does(id, ScalingProcess::Launch) || self.groups[id.index()].is_leaving() {
            return;
        }
        let missing = self.left_in_pool(id)..self.groups[id.index()].wanted_pool();
        let mut room = self.room_for(self.pool_by_zone(id), Timer::Pool(id));
        let size = self.pooled(id);
        for (more, _) in (0..).zip(missing) {
            if !self.launch_into_pool(cx, id, size + more, &mut room) {
                break;
            }
        }
        let (left, wanted) = (self.left_in_pool(id), self.groups[id.index()].wanted_pool());
        self.groups[id.index()].pool.short_of = wanted.saturating_sub(left);
    }

    /// Instances of a pool, by zone of its group.
    fn pool_by_zone(&self, id: GroupId) -> Vec<(ZoneId, usize)> {
        let group = &self.groups[id.index()];
        let in_zone = |zone: ZoneId| {
            let members = group.members.iter();
            let there = members.filter(|member| {
                let instance = &self.instances[member.index()];
                instance.is_pooled() && instance.zone == zone
            });
            there.count()
        };
        let zones = group.zones.iter();
        zones.map(|&zone| (zone, in_zone(zone))).collect()
    }

    /// Launches one instance into a pool of `size`; whether EC2 had capacity for it.
    fn launch_into_pool(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        size: u32,
        room: &mut Room,
    ) -> bool {
        let at = self.clock.seconds(cx.now);
        let cause = format!(
            "At {at} an instance was started in response to a difference between desired and \
             actual warm pool capacity, increasing the capacity from {size} to {}.",
            size + 1
        );
        let Some(zone) = self.zone_to_launch(cx, group, room, |_| cause.clone()) else {
            return false;
        };
        room.take(zone);
        let template = self.launched_template(group);
        let name = self.new_instance_id(self.groups[group.index()].provider);
        let id = self.new_instance(name.clone(), zone, template, Some(group));
        let instance = &mut self.instances[id.index()];
        instance.launched_at = cx.now;
        instance.lifecycle = LifecycleState::WarmedPending;
        let entry = &mut self.groups[group.index()];
        entry.members.push(id);
        entry.counts.warmed += 1;
        let description = format!("Launching a new EC2 instance into warm pool: {name}");
        let status = (StatusCode::PreInService, 30);
        self.begin_activity_of(cx, group, id, (description, cause), status);
        self.tell_counts(cx, group);
        self.boot(cx, id);
        true
    }

    /// Whether the pool of a group is filled even if all who may be in it count: asked often, and
    /// told without looking at anybody.
    pub(super) fn pool_is_far_too_small(&self, id: GroupId) -> bool {
        let group = &self.groups[id.index()];
        let most = group.counts.warmed + group.counts.leaving;
        most < group.wanted_pool() && self.does(id, ScalingProcess::Launch)
    }

    /// Whether instances come into or leave the pool of a group, or will.
    pub(super) fn pool_changes(&self, id: GroupId) -> bool {
        let group = &self.groups[id.index()];
        if group.rules.warm_pool.is_none() {
            return false;
        }
        let looks = self.does(id, ScalingProcess::HealthCheck);
        let replaces = !(group.suspended.has(ScalingProcess::ReplaceUnhealthy)
            || group.suspended.has(ScalingProcess::Terminate));
        let passing = |member: &InstanceId| {
            let instance = &self.instances[member.index()];
            let rests = matches!(
                instance.lifecycle,
                LifecycleState::WarmedStopped
                    | LifecycleState::WarmedRunning
                    | LifecycleState::WarmedHibernated
            );
            let fails = instance.membership.unhealthy.is_some() || (looks && instance.is_failing());
            instance.lifecycle.is_warmed() && (!rests || (fails && replaces))
        };
        let fills =
            self.does(id, ScalingProcess::Launch) && self.left_in_pool(id) < group.wanted_pool();
        fills || group.members.iter().any(passing)
    }
}
