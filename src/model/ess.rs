//! Alibaba Cloud Auto Scaling (ESS): one scaling activity at a time, server groups that are left
//! with or without their instances, and removal.
//!
//! Source: R-ESS-1 to R-ESS-11.

use super::activity::{Activity, StatusCode};
use super::cloud::Cloud;
use super::ess_activity::{EssActivity, Trigger};
use super::event::Cx;
use super::group::{Group, SourceState};
use super::hook::{Hook, Transition};
use super::ids::{ActivityId, GroupId, InstanceId, TargetGroupId};
use super::lifecycle::LifecycleState;
use super::machine::{Instance, MachineState};
use super::membership::{Attached, WayOut};
use super::settings::GroupSourceSettings;
use super::source::AttachedVia;
use crate::engine::time::SimTime;

/// A server group to attach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewSource {
    /// The server group.
    pub target_group: TargetGroupId,
    /// Port.
    pub port: u16,
    /// Weight.
    pub weight: u32,
}

/// How instances are attached.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Joining {
    /// Whether the group releases them when they are removed.
    pub entrusted: bool,
    /// Whether they wait for the hooks of the group.
    pub hooked: bool,
    /// What a call named in vain and ignored.
    pub warning: Option<String>,
}

/// How instances are detached.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Leaving {
    /// Whether they leave the server groups, too.
    pub leaves_sources: bool,
    /// Whether they wait for the hooks of the group.
    pub hooked: bool,
    /// What a call named in vain and ignored.
    pub warning: Option<String>,
}

/// An accepted call that had a client token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RememberedCall {
    /// When it was accepted.
    pub at: SimTime,
    /// What it asked for, as text that is equal for equal requests.
    pub request: String,
    /// What was answered, as JSON text.
    pub answer: String,
}

impl Group {
    /// Instances of a scaling group that are not on their way out: what its sizes limit. Source:
    /// R-ESS-8.
    pub fn total(&self) -> u32 {
        self.actual() + self.counts.standby
    }
}

impl Instance {
    /// Whether it is one of the total of its scaling group.
    pub fn is_in_total(&self) -> bool {
        self.lifecycle.counts() || self.lifecycle == LifecycleState::Standby
    }

    /// Where it stands in its scaling group, in the words of ESS. Source: R-ESS-9.
    pub fn scaling_state(&self) -> &'static str {
        if self.lifecycle == LifecycleState::Detaching {
            LifecycleState::Removing.name()
        } else if self.lifecycle == LifecycleState::InService && self.membership.protected {
            "Protected"
        } else {
            self.lifecycle.name()
        }
    }

    /// Whether its scaling group takes it for healthy: its machine runs or boots for the first
    /// time, or it is in a state in which nobody looks. Source: R-ESS-9, R-ESS-24.
    pub fn is_healthy_in_scaling_group(&self) -> bool {
        self.state == MachineState::Running
            || (self.state == MachineState::Pending && self.lifecycle.is_pending())
            || self.membership.protected
            || matches!(
                self.lifecycle,
                LifecycleState::Standby | LifecycleState::Stopped
            )
    }
}

/// What a call does to instances of a scaling group.
#[derive(Debug, Clone, Copy)]
enum Change {
    /// They join.
    Attach,
    /// They leave and run on.
    Detach,
    /// They leave and are released.
    Remove,
}

impl Cloud {
    /// Begins the one scaling activity of a group. The caller has checked that none is under way.
    pub(super) fn begin_ess_activity(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        (description, cause): (String, String),
        told: EssActivity,
    ) -> ActivityId {
        let activity = Activity {
            id: self.identifiers.alibaba_activity(),
            description,
            cause,
            start: cx.now,
            end: None,
            status: StatusCode::InProgress,
            status_message: None,
            progress: 0,
            details: String::new(),
        };
        let activity = self.add_activity(cx, group, activity);
        self.ess_activities.insert(activity, told);
        self.groups[group.index()].busy = Some(activity);
        self.groups[group.index()].scaling_group.begin(0);
        activity
    }

    /// Announces what a call does to instances; who is to leave is wanted no longer. What the call
    /// named in vain and ignored is in `warning`.
    fn begin_change(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        change: Change,
        ids: &[InstanceId],
        warning: Option<String>,
    ) -> ActivityId {
        let before = self.groups[group.index()].total();
        let count = u32::try_from(ids.len()).expect("members fit 32 bits");
        // those that the group keeps stopped are none of its total
        let in_total = |id: &InstanceId| self.instances[id.index()].is_in_total();
        let counted: Vec<InstanceId> = ids.iter().copied().filter(in_total).collect();
        let fewer = u32::try_from(counted.len()).expect("members fit 32 bits");
        let (title, verb, way, after) = match change {
            Change::Attach => ("Attach", "attach", "increasing", before + count),
            Change::Detach => ("Detach", "detach", "shrinking", before - fewer),
            Change::Remove => ("Remove", "remove", "shrinking", before - fewer),
        };
        let names = ids.iter().map(|id| self.instances[id.index()].id.as_str());
        let names = names.collect::<Vec<_>>().join(", ");
        let description = format!("{title} ECS instances \"{names}\"");
        let cause = format!(
            "A user requests to {verb} {count} instances at \"{}\", {way} the total capacity from \
             \"{before}\" to \"{after}\".",
            self.clock.seconds(cx.now)
        );
        let told = EssActivity::new(Trigger::Api);
        let activity = self.begin_ess_activity(cx, group, (description, cause), told);
        self.groups[group.index()].scaling_group.begin(count);
        self.activities[activity.index()].2.status_message = warning;
        if after < before {
            self.ess_want_fewer(cx, group, &counted);
        }
        activity
    }

    /// Ends the scaling activity of a group if nothing of it is left to do.
    pub(super) fn end_ess_activity_if_done(&mut self, cx: &mut Cx<'_>, id: GroupId) {
        let group = &self.groups[id.index()];
        let (leaving, pending) = (group.counts.leaving, group.counts.pending);
        let mut sources = group.sources.iter();
        let removing = sources.any(|source| source.state == SourceState::Removing);
        if let (Some(activity), 0, 0, false) = (group.busy, leaving, pending, removing) {
            let deleting = group.is_leaving();
            if !deleting && self.ess_rebalances_on(cx, id, activity) {
                return;
            }
            self.groups[id.index()].busy = None;
            let after = self.ess_totals(id);
            self.ess_activity_mut(activity).after = Some(after);
            let told = self.ess_activity_mut(activity).clone();
            let now = cx.now;
            let failed = self.groups[id.index()]
                .scaling_group
                .has_failed(told.scaled());
            let undone = self.groups[id.index()].scaling_group.undone > 0;
            self.update_activity(cx, activity, |activity| {
                told.end(activity, now);
                if failed {
                    activity.status = StatusCode::Failed;
                }
            });
            if deleting {
                self.ess_clear_out(cx, id);
            } else {
                self.ess_expect_bounds(cx, id, told.shortfall.is_some() || undone);
            }
        }
    }

    pub(super) fn ess_sources_removed(&mut self, cx: &mut Cx<'_>, group: GroupId) {
        self.end_ess_activity_if_done(cx, group);
    }

    pub(super) fn ess_member_joined(&mut self, cx: &mut Cx<'_>, group: GroupId) {
        self.end_ess_activity_if_done(cx, group);
    }

    pub(super) fn ess_member_gone(&mut self, cx: &mut Cx<'_>, group: GroupId) {
        self.end_ess_activity_if_done(cx, group);
    }

    /// Drops the association with server groups; their servers stay and keep receiving traffic.
    pub fn ess_forget_sources(&mut self, cx: &mut Cx<'_>, group: GroupId, places: &[usize]) {
        let mut place = 0;
        self.groups[group.index()].sources.retain(|_| {
            place += 1;
            !places.contains(&(place - 1))
        });
        for member in self.groups[group.index()].members.clone() {
            self.refresh_serving(cx, member);
        }
    }

    /// Removes the group's instances from server groups and then the association, through a
    /// scaling activity.
    pub fn ess_detach_sources(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        places: &[usize],
    ) -> ActivityId {
        let at = self.clock.seconds(cx.now);
        let activity = self.begin_ess_activity(
            cx,
            group,
            (
                "Detach server groups and remove their instances".to_owned(),
                format!("A user requests to detach server groups at \"{at}\"."),
            ),
            EssActivity::new(Trigger::Api),
        );
        self.detach_sources(cx, group, places);
        self.end_ess_activity_if_done(cx, group);
        activity
    }

    /// Tells of a change that is over within its call as a scaling activity, which was asked for.
    pub fn ess_tell(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        description: &str,
        cause: &str,
    ) -> ActivityId {
        let at = self.clock.seconds(cx.now);
        let cause = format!("A user requests to {cause} at \"{at}\".");
        let activity = self.begin_ess_activity(
            cx,
            group,
            (description.to_owned(), cause),
            EssActivity::new(Trigger::Api),
        );
        self.end_ess_activity_if_done(cx, group);
        activity
    }

    /// Attaches server groups; with `force` the group's instances are added through a scaling
    /// activity, to those that are attached already, too; without it only instances to come are.
    pub fn ess_attach_sources(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        new: &[NewSource],
        force: bool,
    ) -> Option<ActivityId> {
        let at = self.clock.seconds(cx.now);
        let activity = force.then(|| {
            self.begin_ess_activity(
                cx,
                group,
                (
                    "Attach server groups and add instances to them".to_owned(),
                    format!("A user requests to attach server groups at \"{at}\"."),
                ),
                EssActivity::new(Trigger::Api),
            )
        });
        for source in new {
            let mut sources = self.groups[group.index()].sources.iter();
            let known = sources.find(|known| {
                (known.target_group, known.port) == (source.target_group, source.port)
                    && known.state != SourceState::Removing
            });
            if let Some(known) = known.cloned() {
                if force {
                    self.register_members(cx, group, &known);
                }
            } else if force {
                let new = GroupSourceSettings {
                    target_group: source.target_group,
                    port: source.port,
                    weight: source.weight,
                    attached_via: AttachedVia::Unknown,
                };
                self.attach_source(cx, group, new);
            } else {
                self.groups[group.index()]
                    .sources
                    .push(super::group::Source {
                        target_group: source.target_group,
                        port: source.port,
                        weight: source.weight,
                        state: SourceState::Added,
                        attached_via: AttachedVia::Unknown,
                        waits_for: std::collections::BTreeSet::new(),
                    });
            }
        }
        for member in self.groups[group.index()].members.clone() {
            self.refresh_serving(cx, member);
        }
        self.end_ess_activity_if_done(cx, group);
        activity
    }

    /// Removes members: each waits for the hooks of the group, leaves the server groups still
    /// associated with it and is released or stopped. What a call named in vain and ignored is in
    /// `warning`. Source: R-ESS-5, R-ESS-26.
    pub fn ess_remove_instances(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        ids: &[InstanceId],
        way_out: WayOut,
        warning: Option<String>,
    ) -> ActivityId {
        let hooks = self.hooks_of(group, Transition::Terminating);
        self.ess_remove_hooked(cx, group, (ids, way_out), warning, &hooks)
    }

    /// Removes members as [`Self::ess_remove_instances`] does, with these hooks.
    pub fn ess_remove_hooked(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        (ids, way_out): (&[InstanceId], WayOut),
        warning: Option<String>,
        hooks: &[Hook],
    ) -> ActivityId {
        let activity = self.begin_change(cx, group, Change::Remove, ids, warning);
        self.ess_take_out_hooked(cx, activity, (ids, way_out), hooks);
        self.end_ess_activity_if_done(cx, group);
        activity
    }

    /// Takes members out of the server groups still associated with the group, after its hooks;
    /// each goes on its way out then.
    pub(super) fn ess_take_out(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        activity: ActivityId,
        members: (&[InstanceId], WayOut),
    ) {
        let hooks = self.hooks_of(group, Transition::Terminating);
        self.ess_take_out_hooked(cx, activity, members, &hooks);
    }

    fn ess_take_out_hooked(
        &mut self,
        cx: &mut Cx<'_>,
        activity: ActivityId,
        (ids, way_out): (&[InstanceId], WayOut),
        hooks: &[Hook],
    ) {
        let released = ids.iter().copied().filter(|id| self.is_released(*id));
        let released: Vec<InstanceId> = released.collect();
        let told = self.ess_activity_mut(activity);
        if way_out.recycle {
            told.stopped.extend(released);
        } else {
            told.destroyed.extend(released);
        }
        for &id in ids {
            self.instances[id.index()].membership.way_out = way_out;
        }
        self.ess_depart(cx, ids, LifecycleState::Removing, true, hooks);
    }

    /// Whether a member is released when it is removed: launched by its group, or entrusted to it;
    /// a protected one outlives its group. Source: R-ESS-11, R-ESS-13.
    pub(super) fn is_released(&self, id: InstanceId) -> bool {
        let instance = &self.instances[id.index()];
        let leaving = |group: GroupId| self.groups[group.index()].is_leaving();
        let outlives = instance.membership.protected && instance.group.is_some_and(leaving);
        let attached = instance.membership.attached;
        attached.is_none_or(|attached| attached.entrusted) && !outlives
    }

    /// Detaches members: they run on, and stay in the server groups unless they are to leave
    /// those, too. Source: R-ESS-10.
    pub fn ess_detach_instances(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        ids: &[InstanceId],
        leaving: Leaving,
    ) -> ActivityId {
        let hooks = if leaving.hooked {
            self.hooks_of(group, Transition::Terminating)
        } else {
            Vec::new()
        };
        let activity = self.begin_change(cx, group, Change::Detach, ids, leaving.warning);
        let state = LifecycleState::Detaching;
        self.ess_depart(cx, ids, state, leaving.leaves_sources, &hooks);
        activity
    }

    /// Attaches running instances to a scaling group and its server groups. Source: R-ESS-11.
    pub fn ess_attach_instances(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        ids: &[InstanceId],
        joining: Joining,
    ) -> ActivityId {
        let activity = self.begin_change(cx, group, Change::Attach, ids, joining.warning);
        // all at once: the activity is over when nobody is pending
        for &id in ids {
            self.take_in(group, id);
            self.instances[id.index()].membership.attached = Some(Attached {
                at: cx.now,
                entrusted: joining.entrusted,
            });
        }
        self.tell_counts(cx, group);
        for &id in ids {
            if !joining.hooked || !self.begin_actions(cx, id, Transition::Launching) {
                self.join_sources(cx, id);
            }
        }
        activity
    }
}
