//! Cooldowns: the time after a scaling activity in which no other begins, for those who honor it.
//!
//! A cooldown begins when the last instance of the scaling is in service or has left its sources;
//! until then the scaling itself is in progress. Source: R-POLICY-3. This module must never change
//! a capacity.

use super::cloud::Cloud;
use super::event::{Cx, Timer};
use super::ids::{GroupId, InstanceId};
use crate::engine::time::{SimDuration, SimTime};

/// A scaling in progress, and then its cooldown.
#[derive(Debug)]
pub(super) struct Cooldown {
    /// Its first activity, or one that stands for it until an instance is launched.
    activity: String,
    /// How long it lasts once it has begun.
    span: SimDuration,
    /// Instances are yet to be launched.
    launches: bool,
    /// Instances that are on their way in or out.
    waits_for: Vec<InstanceId>,
    /// When it is over, once it has begun.
    until: Option<SimTime>,
}

impl Cooldown {
    fn begin_if_done(&mut self, now: SimTime) {
        if self.until.is_none() && !self.launches && self.waits_for.is_empty() {
            self.until = Some(now + self.span);
        }
    }
}

impl Cloud {
    /// The scaling that blocks another one that honors cooldowns, by the id of its activity.
    pub fn scaling_in_progress(&self, now: SimTime, group: GroupId) -> Option<&str> {
        let cooldown = self.groups[group.index()].scaling.cooldown.as_ref()?;
        cooldown
            .until
            .is_none_or(|until| now < until)
            .then_some(cooldown.activity.as_str())
    }

    /// Members that count for the capacity.
    pub(super) fn counting(&self, group: GroupId) -> Vec<InstanceId> {
        let members = self.groups[group.index()].members.iter().copied();
        members
            .filter(|member| self.instances[member.index()].lifecycle.counts())
            .collect()
    }

    /// A scaling has begun: who of those who counted `before` it is on the way out is waited for,
    /// and who is launched next. Source: R-POLICY-3.
    pub(super) fn await_cooldown(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        span: SimDuration,
        before: &[InstanceId],
    ) {
        let mut activities = Vec::new();
        let mut waits_for = Vec::new();
        for &id in before {
            let instance = &self.instances[id.index()];
            if instance.group == Some(group) && !instance.lifecycle.counts() {
                activities.extend(instance.activity);
                if !instance.waits_for.is_empty() {
                    waits_for.push(id);
                }
            }
        }
        let activity = match activities.into_iter().min() {
            Some(activity) => self.activities[activity.index()].2.id.clone(),
            None => self.identifiers.uuid(),
        };
        let mut cooldown = Cooldown {
            activity,
            span,
            launches: cx.calendar.due(&Timer::Reconcile(group)).is_some(),
            waits_for,
            until: None,
        };
        cooldown.begin_if_done(cx.now);
        self.groups[group.index()].scaling.cooldown = Some(cooldown);
    }

    /// The group has launched what it lacked.
    pub(super) fn cooldown_sees_launches(&mut self, cx: &Cx<'_>, group: GroupId) {
        let entry = &self.groups[group.index()];
        if !entry.scaling.cooldown.as_ref().is_some_and(|c| c.launches) {
            return;
        }
        let launched: Vec<InstanceId> = entry
            .members
            .iter()
            .copied()
            .filter(|member| self.instances[member.index()].lifecycle.is_pending())
            .collect();
        let activities = launched
            .iter()
            .filter_map(|id| self.instances[id.index()].activity);
        let first = activities.min();
        let first = first.map(|activity| self.activities[activity.index()].2.id.clone());
        if let Some(cooldown) = &mut self.groups[group.index()].scaling.cooldown {
            cooldown.launches = false;
            cooldown.waits_for.extend(launched);
            cooldown.activity = first.unwrap_or_else(|| cooldown.activity.clone());
            cooldown.begin_if_done(cx.now);
        }
    }

    /// An instance is in service, has left its sources, or has left its group.
    pub(super) fn cooldown_sees_arrival(&mut self, now: SimTime, group: GroupId, id: InstanceId) {
        if let Some(cooldown) = &mut self.groups[group.index()].scaling.cooldown {
            cooldown.waits_for.retain(|&other| other != id);
            cooldown.begin_if_done(now);
        }
    }
}
