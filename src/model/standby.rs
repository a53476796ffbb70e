//! Standby: members that leave their sources for a while without leaving their group.
//!
//! Source: R-STANDBY-1, R-STANDBY-2. This module must never check what a call may ask for.

use super::activity::{Activity, StatusCode};
use super::cloud::Cloud;
use super::event::Cx;
use super::ids::{ActivityId, GroupId, InstanceId};
use super::lifecycle::LifecycleState;

impl Cloud {
    /// Moves members to standby: announces it; [`Self::begin_standby`] carries it out. The caller
    /// has checked everything.
    pub fn announce_standby(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        ids: &[InstanceId],
        decrement: bool,
    ) -> Vec<ActivityId> {
        let mut activities = Vec::new();
        for &id in ids {
            let shrinking = decrement.then(|| self.shrink(cx, group));
            let name = self.instances[id.index()].id.clone();
            let cause = format!(
                "At {} instance {name} was moved to standby in response to a user request{}.",
                self.clock.seconds(cx.now),
                shrinking.map_or_else(String::new, |(from, to)| format!(
                    ", shrinking the capacity from {from} to {to}"
                ))
            );
            let description = format!("Moving EC2 instance to Standby: {name}");
            let status = (StatusCode::InProgress, 50);
            activities.push(self.begin_activity_of(cx, group, id, (description, cause), status));
        }
        activities
    }

    /// Carries out what [`Self::announce_standby`] announced.
    pub fn begin_standby(&mut self, cx: &mut Cx<'_>, group: GroupId, ids: &[InstanceId]) {
        for &id in ids {
            self.set_lifecycle(cx, id, LifecycleState::EnteringStandby);
            let sources = self.sources_to_leave(group);
            self.leave_sources(cx, id, &sources);
            if self.instances[id.index()].waits_for.is_empty() {
                self.stand_by(cx, id);
            }
        }
        self.compare_capacity(cx, group);
    }

    /// An instance on its way to standby has left its sources.
    pub(super) fn stand_by(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        self.set_lifecycle(cx, id, LifecycleState::Standby);
        self.finish_activity_of(cx, id);
    }

    /// Moves members out of standby: the desired capacity grows with them. The caller has checked
    /// everything; [`Self::join_again`] carries it out.
    pub fn announce_exit_standby(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        ids: &[InstanceId],
    ) -> Vec<ActivityId> {
        let mut activities = Vec::new();
        for &id in ids {
            let counts = &mut self.groups[group.index()].counts;
            let from = counts.desired;
            counts.desired += 1;
            self.tell_counts(cx, group);
            let name = self.instances[id.index()].id.clone();
            let cause = format!(
                "At {} instance {name} was moved out of standby in response to a user request, \
                 increasing the capacity from {from} to {}.",
                self.clock.seconds(cx.now),
                from + 1
            );
            let description = format!("Moving EC2 instance out of Standby: {name}");
            let status = (StatusCode::PreInService, 30);
            activities.push(self.begin_activity_of(cx, group, id, (description, cause), status));
        }
        activities
    }

    /// Carries out what [`Self::announce_exit_standby`] announced.
    pub fn join_again(&mut self, cx: &mut Cx<'_>, group: GroupId, ids: &[InstanceId]) {
        for &id in ids {
            self.set_lifecycle(cx, id, LifecycleState::Pending);
        }
        for &id in ids {
            self.join_sources(cx, id);
            // one that was stopped meanwhile is found at the next look at health
            self.instance_is_stopping(cx, id);
        }
        self.compare_capacity(cx, group);
    }

    /// An activity about one member, which becomes its activity under way.
    pub(super) fn begin_activity_of(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        id: InstanceId,
        (description, cause): (String, String),
        (status, progress): (StatusCode, u8),
    ) -> ActivityId {
        let activity = Activity {
            id: self.identifiers.uuid(),
            description,
            cause,
            start: cx.now,
            end: None,
            status,
            status_message: None,
            progress,
            details: self.details(id),
        };
        let activity = self.add_activity(cx, group, activity);
        self.instances[id.index()].activity = Some(activity);
        activity
    }

    /// Lowers the desired capacity by one; what it was and is.
    pub(super) fn shrink(&mut self, cx: &mut Cx<'_>, group: GroupId) -> (u32, u32) {
        let desired = &mut self.groups[group.index()].counts.desired;
        let from = *desired;
        *desired -= 1;
        let to = *desired;
        self.tell_counts(cx, group);
        (from, to)
    }
}
