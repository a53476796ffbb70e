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
        let first = pending.first().or(serving.first());
        self.cause = first.and_then(|first| self.instances[first.index()].stopped_by);
        if !pending.is_empty() {
            self.ess_give_up(cx, id, &pending);
        }
        if serving.is_empty() {
            return;
        }
        let group = &self.groups[id.index()];
        let looks =
            group.rules.ess.health_check && !group.suspended.has(ScalingProcess::HealthCheck);
        if !group.is_active() || !looks {
            return;
        }
        if group.busy.is_some() {
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
            let dead = u32::try_from(ids.len()).expect("members fit 32 bits");
            moves.launched = moves.launched.saturating_sub(dead);
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
        if !group.returns_to_sizes() {
            return;
        }
        group.short_by = self.cause;
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
        self.ess_scale(cx, id, to, request);
    }
}

impl super::group::Group {
    /// Whether a scaling group has fewer or more instances than its sizes allow, and does something
    /// about it.
    pub(super) fn returns_to_sizes(&self) -> bool {
        let process = if self.total() < self.min_size {
            ScalingProcess::Launch
        } else {
            ScalingProcess::Terminate
        };
        let beyond = !(self.min_size..=self.max_size).contains(&self.total());
        beyond && self.is_active() && !self.suspended.has(process)
    }
}
