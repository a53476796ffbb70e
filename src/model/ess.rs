//! Alibaba Cloud Auto Scaling (ESS): one scaling activity at a time, server groups that are left
//! with or without their instances, and removal.
//!
//! Source: R-ESS-1 to R-ESS-7.

use super::activity::{Activity, StatusCode};
use super::cloud::Cloud;
use super::event::Cx;
use super::group::{Group, SourceState};
use super::ids::{ActivityId, GroupId, InstanceId, TargetGroupId};
use super::lifecycle::LifecycleState;
use super::machine::{Instance, MachineState};
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

    /// Whether its scaling group takes it for healthy: its machine runs, or it is in a state in
    /// which nobody looks. Source: R-ESS-9.
    pub fn is_healthy_in_scaling_group(&self) -> bool {
        self.state == MachineState::Running
            || self.membership.protected
            || self.lifecycle == LifecycleState::Standby
    }
}

impl Cloud {
    /// Begins the one scaling activity of a group. The caller has checked that none is under way.
    fn begin_ess_activity(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        description: String,
        cause: String,
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
        self.groups[group.index()].busy = Some(activity);
        activity
    }

    /// Ends the scaling activity of a group if nothing of it is left to do.
    fn end_ess_activity_if_done(&mut self, cx: &mut Cx<'_>, id: GroupId) {
        let group = &self.groups[id.index()];
        let removing = group.counts.leaving > 0
            || group
                .sources
                .iter()
                .any(|source| source.state == SourceState::Removing);
        if let (Some(activity), false) = (group.busy, removing) {
            self.groups[id.index()].busy = None;
            let now = cx.now;
            self.update_activity(cx, activity, |activity| activity.finish(now));
        }
    }

    pub(super) fn ess_sources_removed(&mut self, cx: &mut Cx<'_>, group: GroupId) {
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
            "Detach server groups and remove their instances".to_owned(),
            format!("A user requests to detach server groups at \"{at}\"."),
        );
        self.detach_sources(cx, group, places);
        self.end_ess_activity_if_done(cx, group);
        activity
    }

    /// Attaches server groups; with `force` the group's instances are added through a scaling
    /// activity, without it only instances to come are.
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
                "Attach server groups and add instances to them".to_owned(),
                format!("A user requests to attach server groups at \"{at}\"."),
            )
        });
        for source in new {
            if force {
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

    /// Removes members: each leaves the server groups still associated with the group and is
    /// released. Source: R-ESS-5.
    pub fn ess_remove_instances(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        ids: &[InstanceId],
    ) -> ActivityId {
        let at = self.clock.seconds(cx.now);
        let before = self.groups[group.index()].total();
        let count = u32::try_from(ids.len()).expect("a call names at most 20");
        let names: Vec<_> = ids
            .iter()
            .map(|id| self.instances[id.index()].id.clone())
            .collect();
        let activity = self.begin_ess_activity(
            cx,
            group,
            format!("Remove ECS instances \"{}\"", names.join(", ")),
            format!(
                "A user requests to remove {count} instances at \"{at}\", shrinking the total \
                 capacity from \"{before}\" to \"{}\".",
                before - count
            ),
        );
        let counts = &mut self.groups[group.index()].counts;
        counts.desired = counts.desired.saturating_sub(count);
        self.tell_counts(cx, group);
        let sources = self.groups[group.index()].sources.clone();
        for &id in ids {
            self.set_lifecycle(cx, id, LifecycleState::Removing);
            self.leave_sources(cx, id, &sources);
            if self.instances[id.index()].waits_for.is_empty() {
                if self.instances[id.index()].state == MachineState::Terminated {
                    self.instance_is_gone(cx, id);
                } else {
                    self.terminate_machine(cx, id);
                }
            }
        }
        self.end_ess_activity_if_done(cx, group);
        activity
    }
}
