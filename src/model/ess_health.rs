//! Scaling groups of Alibaba Cloud that keep themselves: unhealthy instances are removed, and what
//! is then missing to the smallest size is launched.
//!
//! A group looks at its instances now and then, between its scaling activities. Who dies before it
//! is in service is given up by the activity that launched it. Source: R-ESS-24. This module must
//! never look into a process.

use super::cloud::Cloud;
use super::ess_activity::{EssActivity, Shortfall, Trigger};
use super::ess_scaling::{ScalingRequest, instances};
use super::event::{Cx, Timer, schedule};
use super::ids::{GroupId, InstanceId};
use super::lifecycle::LifecycleState;
use super::membership::WayOut;
use super::scaling_process::ScalingProcess;
use super::settings::Provider;

impl Cloud {
    /// Whether a group of Alibaba Cloud checks the health of its instances.
    pub(super) fn ess_checks_health(&self, id: GroupId) -> bool {
        let group = &self.groups[id.index()];
        group.provider == Provider::Alibaba && group.rules.ess.health_check
    }

    /// Looks at the health of a group's instances. Source: R-ESS-24.
    pub(super) fn ess_look_at_health(&mut self, cx: &mut Cx<'_>, id: GroupId) {
        let members = self.groups[id.index()].members.iter().copied();
        let (pending, serving): (Vec<InstanceId>, Vec<InstanceId>) = members
            .filter(|member| {
                let instance = &self.instances[member.index()];
                matches!(
                    instance.lifecycle,
                    LifecycleState::Pending | LifecycleState::InService
                ) && !instance.is_healthy_in_scaling_group()
            })
            .partition(|member| {
                self.instances[member.index()].lifecycle == LifecycleState::Pending
            });
        if let Some(first) = pending.first() {
            self.cause = self.instances[first.index()].stopped_by;
            self.ess_give_up(cx, id, &pending);
        }
        let group = &self.groups[id.index()];
        let Some(first) = serving.first().filter(|_| group.removes_unhealthy()) else {
            return;
        };
        self.cause = self.instances[first.index()].stopped_by;
        if self.groups[id.index()].busy.is_some() {
            return self.expect_health_poll(cx, id);
        }
        self.ess_remove_unhealthy(cx, id, &serving);
    }

    /// Gives up instances that died before they were in service.
    fn ess_give_up(&mut self, cx: &mut Cx<'_>, id: GroupId, ids: &[InstanceId]) {
        let activity = self.groups[id.index()].busy;
        let activity = activity.expect("instances come through an activity");
        let told = self.ess_activity_mut(activity);
        for scaled in [&mut told.created, &mut told.started] {
            scaled.retain(|instance| !ids.contains(instance));
        }
        if let Some(moves) = &mut told.moves {
            moves.lose(u32::try_from(ids.len()).expect("members fit 32 bits"));
        }
        told.shortfall = Some(Shortfall {
            code: "InvalidInstanceStatus",
            message: "Some ECS instances did not start.",
            partly: told.scaled() > 0,
        });
        self.ess_want_fewer(cx, id, ids);
        self.ess_take_out(cx, id, activity, (ids, WayOut::default()));
        self.end_ess_activity_if_done(cx, id);
    }

    /// Removes unhealthy instances, below the smallest size if need be.
    fn ess_remove_unhealthy(&mut self, cx: &mut Cx<'_>, id: GroupId, ids: &[InstanceId]) {
        let count = u32::try_from(ids.len()).expect("members fit 32 bits");
        let from = self.groups[id.index()].total();
        let names = ids.iter().map(|id| self.instances[id.index()].id.as_str());
        let names = names.collect::<Vec<_>>().join(", ");
        let description = format!("Remove \"{count}\" ECS {}", instances(count));
        let cause = format!(
            "The ECS instances \"{names}\" are unhealthy, changing the Total Capacity from \
             \"{from}\" to \"{}\".",
            from - count
        );
        let told = EssActivity {
            success: Some(format!("\"{count}\" ECS instances are removed")),
            ..EssActivity::new(Trigger::Ess)
        };
        let activity = self.begin_ess_activity(cx, id, (description, cause), told);
        self.ess_want_fewer(cx, id, ids);
        self.ess_take_out(cx, id, activity, (ids, WayOut::default()));
        self.end_ess_activity_if_done(cx, id);
    }

    /// Schedules the group's return to its sizes, if it is beyond them: a while later if it `tried`
    /// in vain.
    pub(super) fn ess_expect_bounds(&mut self, cx: &mut Cx<'_>, id: GroupId, tried: bool) {
        let group = &mut self.groups[id.index()];
        group.all_protected &= tried;
        if !group.returns_to_sizes() {
            group.short_by = None;
            return;
        }
        // what an activity under way is asked for is due to who asked, not to the activity
        group.short_by = group.short_by.or(self.cause);
        if tried {
            let later = cx.now + self.assumptions.launch_retry_delay;
            schedule(cx, later, Timer::Reconcile(id));
        } else {
            self.expect_launches(cx, id);
        }
    }

    /// Brings a group that is beyond its sizes back to them, if no activity is under way; when one
    /// ends it is looked at again.
    pub fn ess_keep_bounds(&mut self, cx: &mut Cx<'_>, id: GroupId) {
        let group = &self.groups[id.index()];
        if group.busy.is_some() || !group.returns_to_sizes() {
            return;
        }
        let below = group.total() < group.min_size;
        let (to, why) = if below {
            (group.min_size, "smaller than the MinSize")
        } else {
            (group.max_size, "greater than the MaxSize")
        };
        let request = ScalingRequest {
            why: format!("The total capacity is {why}"),
            trigger: Trigger::Ess,
            metadata: None,
        };
        // as on AWS it is told once that all are protected. Source: R-ASG-13
        self.groups[id.index()].all_protected = !below && self.nobody_may_go(id);
        self.ess_scale(cx, id, to, request);
    }

    /// Whether all who count are protected.
    fn nobody_may_go(&self, id: GroupId) -> bool {
        let mut members = self.groups[id.index()].members.iter();
        members.all(|member| {
            let instance = &self.instances[member.index()];
            instance.membership.protected || !instance.lifecycle.counts()
        })
    }

    /// Members that nothing was to touch may be touched again: they may be unhealthy, or too many.
    pub(super) fn ess_may_touch(&mut self, cx: &mut Cx<'_>, id: GroupId) {
        self.ess_expect_bounds(cx, id, false);
        self.expect_health_poll(cx, id);
    }
}

impl super::group::Group {
    /// Whether a scaling group removes unhealthy instances. Source: R-ESS-14, R-ESS-24.
    pub(super) fn removes_unhealthy(&self) -> bool {
        let processes = [ScalingProcess::HealthCheck, ScalingProcess::Terminate];
        self.rules.ess.health_check
            && self.is_active()
            && !processes
                .into_iter()
                .any(|process| self.suspended.has(process))
    }

    /// Whether a scaling group has fewer or more instances than its sizes allow, and does something
    /// about it.
    pub(super) fn returns_to_sizes(&self) -> bool {
        let process = if self.total() < self.min_size {
            ScalingProcess::Launch
        } else {
            ScalingProcess::Terminate
        };
        let beyond =
            self.total() < self.min_size || (self.total() > self.max_size && !self.all_protected);
        beyond && self.is_active() && !self.suspended.has(process)
    }
}
