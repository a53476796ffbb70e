//! Whether a run has settled: nothing more happens by itself but requests.
//!
//! This module must never change anything.

use super::cloud::Cloud;
use super::group::{Group, SourceState};
use super::ids::{GroupId, InstanceId, RegistrationId};
use super::machine::MachineState;
use super::registration::Registration;
use super::settings::Provider;

impl Cloud {
    /// Whether nothing more happens by itself but requests: no drain, no machine that stops, no
    /// group that changes.
    pub fn is_settled(&self) -> bool {
        self.open_drains == 0
            && self.spreading == 0
            && self.changing_group().is_none()
            && (0..self.instances.len()).all(|index| !self.is_stopping(index))
    }

    /// The first group in which something is under way: somebody comes or leaves, or a member is on
    /// its way to serving or to being replaced. A member that somebody deregistered by hand is
    /// neither: nothing will bring it back.
    pub fn changing_group(&self) -> Option<&Group> {
        let mut groups = (0..).map(GroupId).zip(&self.groups);
        let changing = groups.find(|(id, group)| {
            // the dearest question last
            !group.is_settled()
                || self.pool_is_far_too_small(*id)
                || group
                    .members
                    .iter()
                    .any(|member| self.will_change(group, *member))
                || self.pool_changes(*id)
        });
        changing.map(|(_, group)| group)
    }

    /// Whether a member that does not serve will, or a member will be replaced.
    fn will_change(&self, group: &Group, id: InstanceId) -> bool {
        let instance = &self.instances[id.index()];
        if !instance.lifecycle.counts() {
            return false;
        }
        let replaced = match group.provider {
            Provider::Aws => !instance.serving && instance.state != MachineState::Running,
            // it may serve by what its balancer knows, or have none
            Provider::Alibaba => {
                group.removes_unhealthy() && !instance.is_healthy_in_scaling_group()
            }
        };
        let mut registrations = instance.registrations.iter().copied();
        replaced || (!instance.serving && registrations.any(|id| self.may_recover(group, id)))
    }

    /// Whether a target that is not healthy will be, or its instance will be replaced.
    fn may_recover(&self, group: &Group, id: RegistrationId) -> bool {
        let registration = &self.registrations[id.index()];
        let recovers = self.processes[registration.instance.index()].will_answer();
        let watched = group.provider == Provider::Aws
            && self.asks(group, registration.target_group)
            && group.health_polls(registration);
        let kind = self.target_groups[registration.target_group.index()].kind;
        // else nobody checks it, and it stays as it is
        let checked = registration.weight > 0 || kind.checks_weightless();
        checked
            && registration.is_shown()
            && group.source(registration.target_group, None).is_some()
            && ((registration.health.is_initial() && recovers)
                || (registration.health.is_unhealthy() && (recovers || watched)))
    }
}

impl Group {
    /// Whether the group replaces a member that this target says is unhealthy.
    fn health_polls(&self, registration: &Registration) -> bool {
        self.source(registration.target_group, None)
            .is_some_and(|place| self.sources[place].state == SourceState::InService)
    }

    /// Whether it has a scheduled action to come that does not recur.
    fn waits_for_the_clock(&self) -> bool {
        let mut scheduled = self.scaling.scheduled.iter();
        scheduled.any(|action| action.schedule.recurrence.is_none())
    }

    /// Whether nobody leaves or comes.
    fn is_settled(&self) -> bool {
        let changing = match self.provider {
            Provider::Aws => self.will_change_size() || self.will_replace(),
            Provider::Alibaba => self.returns_to_sizes(),
        };
        self.counts.pending == 0
            && self.counts.leaving == 0
            && !changing
            && (self.refresh.is_none() || self.suspended.rests_refresh())
            && self.busy.is_none()
            && !self.waits_for_the_clock()
            && self
                .sources
                .iter()
                .all(|source| source.state != SourceState::Removing)
    }
}
