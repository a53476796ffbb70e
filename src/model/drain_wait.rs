//! Waiting for drains: what ends the wait of a member that leaves, or of a source that is detached.
//!
//! Source: R-ASG-2, R-ASG-9, R-ESS-6. This module must never decide what comes after a wait.

use super::assumption::DrainWait;
use super::cloud::Cloud;
use super::event::Cx;
use super::ids::{GroupId, RegistrationId};
use super::settings::Provider;

/// What ends a group's wait for a drain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WaitEnd {
    /// Every node has learnt.
    Spread,
    /// Nothing is in flight.
    Quiet,
    /// The displayed state is no longer draining.
    Over,
}

impl Cloud {
    /// What a group waits for.
    fn awaited(&self, group: GroupId) -> WaitEnd {
        match self.groups[group.index()].provider {
            Provider::Aws => match self.assumptions.drain_wait {
                DrainWait::DisplayedState => WaitEnd::Over,
                DrainWait::Early => WaitEnd::Quiet,
            },
            Provider::Alibaba if self.assumptions.ess_waits_for_drain => WaitEnd::Over,
            Provider::Alibaba => WaitEnd::Spread,
        }
    }

    /// Whether a group has to wait for a target that is being deregistered: it may have been long
    /// before, by hand.
    pub(super) fn is_awaited(&self, group: GroupId, id: RegistrationId) -> bool {
        let spread = self.awaited(group) == WaitEnd::Spread && self.has_spread(id);
        self.registrations[id.index()].is_shown() && !spread
    }

    /// Whether every node has learnt that a target is deregistered.
    fn has_spread(&self, id: RegistrationId) -> bool {
        let mut links = self.registrations[id.index()].links.iter();
        links.all(|link| {
            let link = &self.links[link as usize];
            // one that has not even learnt of the registration will, and only then of its end
            !link.known && link.history.unheard == 0
        })
    }

    /// A node learnt that a target is deregistered; others may not have.
    pub(super) fn removal_spreads(&mut self, cx: &mut Cx<'_>, id: RegistrationId) {
        if self.has_spread(id) {
            self.wait_ends(cx, id, WaitEnd::Spread);
        }
    }

    /// Nothing is in flight any more on a deregistered target.
    pub(super) fn drain_is_quiet(&mut self, cx: &mut Cx<'_>, id: RegistrationId) {
        self.wait_ends(cx, id, WaitEnd::Quiet);
    }

    /// A drain is over, whatever one waits for.
    pub(super) fn drain_is_over(&mut self, cx: &mut Cx<'_>, id: RegistrationId) {
        self.wait_ends(cx, id, WaitEnd::Over);
    }

    fn wait_ends(&mut self, cx: &mut Cx<'_>, id: RegistrationId, end: WaitEnd) {
        let instance = self.registrations[id.index()].instance;
        if let Some(group) = self.instances[instance.index()].group
            && (end == WaitEnd::Over || end == self.awaited(group))
            && self.instances[instance.index()].waits_for.contains(&id)
        {
            self.instances[instance.index()]
                .waits_for
                .retain(|&other| other != id);
            if self.instances[instance.index()].waits_for.is_empty() {
                self.sources_are_left(cx, instance);
            }
        }
        for index in 0..self.groups.len() {
            let group = GroupId::from_index(index);
            if end != WaitEnd::Over && end != self.awaited(group) {
                continue;
            }
            let mut done = false;
            for source in &mut self.groups[index].sources {
                done |= source.waits_for.remove(&id) && source.waits_for.is_empty();
            }
            if done {
                self.remove_empty_sources(cx, group);
            }
        }
    }
}
