//! Refresh choice: which members an instance refresh may take now, and in which order.
//!
//! Source: R-REFRESH-2, R-REFRESH-3, R-REFRESH-7. This module must never change anything.

use std::collections::BTreeMap;

use super::autoscaling::TerminationReason;
use super::cloud::Cloud;
use super::group::SourceState;
use super::ids::{GroupId, InstanceId, RefreshId, ZoneId};
use super::lifecycle::LifecycleState;
use super::machine::MachineState;
use super::maintenance::share;
use super::refresh::{Obstacle, Refresh};
use super::registration::TargetHealth;
use crate::engine::time::SimTime;

impl Cloud {
    /// Whether a refresh may have to replace this member: it counts or stands by.
    pub(super) fn is_refreshable(&self, group: GroupId, member: InstanceId) -> bool {
        let instance = &self.instances[member.index()];
        let state = instance.lifecycle;
        instance.group == Some(group)
            && (state.counts()
                || matches!(
                    state,
                    LifecycleState::Standby | LifecycleState::EnteringStandby
                ))
    }

    /// What the preferences say about a member that may not simply be replaced.
    pub(super) fn obstacle(&self, refresh: &Refresh, member: InstanceId) -> Obstacle {
        let instance = &self.instances[member.index()];
        if !instance.lifecycle.counts() {
            refresh.preferences.standby
        } else if instance.membership.protected {
            refresh.preferences.protected
        } else {
            Obstacle::Replace
        }
    }

    /// Members that are still to be taken out of service.
    pub(super) fn remaining(&self, refresh: &Refresh) -> Vec<InstanceId> {
        let old = refresh.old.iter().copied();
        old.filter(|&member| self.obstacle(refresh, member) != Obstacle::Ignore)
            .collect()
    }

    /// Whether a member is in service and nothing its group looks at says it is not healthy.
    pub(super) fn is_sound(&self, member: InstanceId) -> bool {
        let instance = &self.instances[member.index()];
        let Some(group) = instance.group else {
            return false;
        };
        let group = &self.groups[group.index()];
        let passes = |place: usize, health: TargetHealth| {
            // others are not asked
            group.sources[place].state != SourceState::InService
                || !(health.is_initial() || health.is_unhealthy())
        };
        instance.lifecycle == LifecycleState::InService
            && instance.membership.unhealthy.is_none()
            && instance.state == MachineState::Running
            && instance.registrations.iter().all(|id| {
                let registration = &self.registrations[id.index()];
                !self.asks(group, registration.target_group)
                    || group
                        .source(registration.target_group, Some(registration.port))
                        .is_none_or(|place| passes(place, registration.health))
            })
    }

    /// Whether a member of a group that is being refreshed may stand in for another. Source:
    /// R-REFRESH-2.
    pub(super) fn is_updated(&self, member: InstanceId, now: SimTime) -> bool {
        self.is_sound(member) && self.instances[member.index()].membership.warm_at <= now
    }

    /// Whether replacements are launched before who they replace goes. Source: R-REFRESH-2.
    pub(super) fn launches_first(&self, refresh: &Refresh) -> bool {
        let preferences = &refresh.preferences;
        let desired = self.groups[refresh.group.index()].counts.desired;
        let percentages = preferences.percentages;
        let impossible = share(percentages.min_healthy, desired) >= desired;
        percentages.launches_first()
            || (preferences.maximum_given && impossible)
            || (self.assumptions.refresh_keeps_full_minimum && percentages.min_healthy == 100)
    }

    /// How many members may be replaced now, and how many the next checkpoint allows.
    pub(super) fn room_for_refresh(
        &self,
        refresh: &Refresh,
        first: bool,
        now: SimTime,
    ) -> (u32, u32) {
        let group = &self.groups[refresh.group.index()];
        let (desired, wanted) = (group.counts.desired, group.wanted());
        let percentages = refresh.preferences.percentages;
        let waiting = group
            .replacements
            .iter()
            .filter(|replacement| replacement.reason == TerminationReason::Refresh);
        let waiting = u32::try_from(waiting.count()).expect("members fit 32 bits");
        let leaving = u32::try_from(refresh.leaving.len()).expect("members fit 32 bits");
        let room = if first && !percentages.launches_first() {
            u32::from(wanted == desired)
        } else {
            let ready = group.members.iter().filter(|member| {
                if refresh.old.contains(member) {
                    self.is_sound(**member)
                } else {
                    self.is_updated(**member, now)
                }
            });
            let ready = u32::try_from(ready.count()).expect("members fit 32 bits");
            percentages.replaceable(desired, ready, wanted)
        };
        let remaining = u32::try_from(self.remaining(refresh).len()).expect("they fit 32 bits");
        let taken = refresh.total.saturating_sub(remaining) + waiting;
        let room = room.saturating_sub(leaving);
        (room, refresh.limit().saturating_sub(taken))
    }

    /// Whom a refresh takes next: who does not serve, then of the zone where most remain the one
    /// launched first. Source: R-REFRESH-3.
    pub(super) fn next_victim(&self, id: RefreshId) -> Option<InstanceId> {
        let refresh = &self.refreshes[id.index()];
        let group = &self.groups[refresh.group.index()];
        let waiting = group.waiting();
        let takeable: Vec<InstanceId> = refresh
            .old
            .iter()
            .copied()
            .filter(|&member| {
                let instance = &self.instances[member.index()];
                matches!(
                    instance.lifecycle,
                    LifecycleState::InService | LifecycleState::Standby
                ) && self.obstacle(refresh, member) == Obstacle::Replace
                    && !waiting.contains(&member)
            })
            .collect();
        let mut by_zone: BTreeMap<ZoneId, usize> = BTreeMap::new();
        for member in &takeable {
            *by_zone
                .entry(self.instances[member.index()].zone)
                .or_default() += 1;
        }
        let in_zone = |member: InstanceId| by_zone[&self.instances[member.index()].zone];
        takeable.iter().copied().min_by_key(|&member| {
            (
                self.is_sound(member),
                std::cmp::Reverse(in_zone(member)),
                member,
            )
        })
    }
}
