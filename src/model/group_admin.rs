//! Groups that calls create, change and delete.
//!
//! Source: R-ASG-18, R-ASG-19. This module must never check what a call may ask for.

use super::cloud::Cloud;
use super::event::{Cx, Timer};
use super::ids::{GroupId, InstanceId};
use super::lifecycle::LifecycleState;
use super::policy::Scaling;
use super::refresh::RefreshStatus;
use super::settings::GroupSettings;

/// Whether a group is being deleted. Source: R-ASG-18, R-ESS-13.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    /// It stands.
    None,
    /// It is shown as being deleted until its last member is gone.
    InProgress,
    /// It is gone.
    Done,
}

/// Sizes of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Smallest.
    pub min: u32,
    /// Largest.
    pub max: u32,
    /// Wanted.
    pub desired: u32,
}

impl Sizes {
    /// These sizes with the wanted one moved between the others. Source: R-ASG-19.
    #[must_use]
    pub fn within(self) -> Self {
        Self {
            desired: self.desired.max(self.min).min(self.max),
            ..self
        }
    }
}

impl Cloud {
    /// Creates a group, which launches its instances. Its sources are in service at once. The
    /// caller has checked everything.
    pub fn create_group(&mut self, cx: &mut Cx<'_>, settings: GroupSettings) -> GroupId {
        let id = self.new_group(settings, cx.now);
        let desired = self.groups[id.index()].counts.desired;
        if desired > 0 {
            let request = format!(
                "At {} a user request created an AutoScalingGroup changing the desired capacity \
                 from 0 to {desired}.",
                self.clock.seconds(cx.now)
            );
            self.groups[id.index()].request = Some(request);
        }
        self.tell_counts(cx, id);
        self.compare_capacity(cx, id);
        id
    }

    /// Gives a group other sizes, and lets it act on what else was changed about it. The caller
    /// has checked them.
    pub fn update_group(&mut self, cx: &mut Cx<'_>, id: GroupId, sizes: Sizes) {
        let from = self.groups[id.index()].counts.desired;
        let Sizes { min, max, desired } = sizes;
        let request = format!(
            "At {} a user request update of AutoScalingGroup constraints to min: {min}, max: \
             {max}, desired: {desired} changing the desired capacity from {from} to {desired}.",
            self.clock.seconds(cx.now)
        );
        self.resize(cx, id, sizes, request);
        self.sources_may_be_healthy(id);
        self.expect_replaced_to_go(cx, id);
        self.expect_health_poll(cx, id);
    }

    /// Gives a group other sizes; what it does about them begins with `request`.
    pub(super) fn resize(&mut self, cx: &mut Cx<'_>, id: GroupId, sizes: Sizes, request: String) {
        let group = &mut self.groups[id.index()];
        let from = group.counts.desired;
        group.min_size = sizes.min;
        group.max_size = sizes.max;
        group.counts.desired = sizes.desired;
        if sizes.desired != from {
            group.request = Some(request);
        }
        self.tell_counts(cx, id);
        self.compare_capacity(cx, id);
        let group = &mut self.groups[id.index()];
        if !group.will_change_size() {
            group.request = None;
        }
    }

    /// Deletes a group. With members it must be forced: they are deregistered and terminated at
    /// once, without waiting for drains or hooks. Source: R-ASG-18.
    pub fn delete_group(&mut self, cx: &mut Cx<'_>, id: GroupId) {
        self.stop_working(cx, id);
        let group = &mut self.groups[id.index()];
        let (members, sources) = (group.members.clone(), group.sources.clone());
        for member in members {
            self.discard(cx, member, &sources);
        }
        let group = &mut self.groups[id.index()];
        group.sources.clear();
        if group.members.is_empty() {
            group.deletion = Deletion::Done;
        }
        self.tell_counts(cx, id);
    }

    /// A group that is being deleted does nothing by itself any more.
    pub(super) fn stop_working(&mut self, cx: &mut Cx<'_>, id: GroupId) {
        if let Some(refresh) = self.groups[id.index()].refresh {
            self.end_refresh(cx, refresh, RefreshStatus::Cancelled, None);
        }
        let group = &mut self.groups[id.index()];
        group.deletion = Deletion::InProgress;
        group.replacements.clear();
        group.scaling = Scaling::default();
        group.rules.warm_pool = None;
        group.unhealthy_to_replace = 0;
        (group.min_size, group.counts.desired) = (0, 0);
        for timer in [
            Timer::Reconcile(id),
            Timer::HealthPoll(id),
            Timer::Rebalance(id),
            Timer::Replace(id),
            Timer::Scheduled(id),
            Timer::Track(id),
            Timer::Sample(id),
            Timer::Pool(id),
        ] {
            cx.calendar.cancel(&timer);
        }
    }

    /// Terminates a member of a group that is deleted by force.
    fn discard(&mut self, cx: &mut Cx<'_>, id: InstanceId, sources: &[super::group::Source]) {
        self.drop_actions(cx, id);
        let state = self.instances[id.index()].lifecycle;
        if state == LifecycleState::Detaching {
            // it leaves the group alive, as it was told before
            self.instances[id.index()].waits_for.clear();
            return self.finish_detaching(cx, id);
        }
        if state.is_warmed() {
            if !state.is_terminating() {
                self.set_lifecycle(cx, id, LifecycleState::WarmedTerminating);
            } else if state == LifecycleState::WarmedTerminatingWait {
                self.set_lifecycle(cx, id, LifecycleState::WarmedTerminatingProceed);
            }
        } else if state == LifecycleState::TerminatingWait {
            self.set_lifecycle(cx, id, LifecycleState::TerminatingProceed);
        } else if !state.is_terminating() {
            self.set_lifecycle(cx, id, LifecycleState::Terminating);
        }
        self.leave_sources(cx, id, sources);
        self.instances[id.index()].waits_for.clear();
        self.end_machine(cx, id);
    }
}
