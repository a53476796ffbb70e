//! Scaling groups of Alibaba Cloud that scale: who is launched where, and who goes.
//!
//! A scaling activity launches or removes instances and is over when the last of them is in service
//! or gone. What machines cannot be had for is not tried again by it. Source: R-ESS-20 to R-ESS-22.
//! This module must never decide when a group scales.

use std::collections::BTreeSet;

use super::cloud::Cloud;
use super::ess_activity::{EssActivity, Shortfall, Trigger};
use super::event::Cx;
use super::ids::{ActivityId, GroupId, InstanceId, ZoneId};
use super::membership::WayOut;

/// What is told where machines cannot be had: a code and a message.
pub(super) const NO_STOCK: (&str, &str) = (
    "OperationDenied.NoStock",
    "The specified ECS resource is out of stock in this region. Please try again later.",
);

/// What makes a scaling group scale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScalingRequest {
    /// What happened, as the first half of the activity's cause: `A user requests to ...`.
    pub why: String,
    /// What triggered it.
    pub trigger: Trigger,
    /// What the call gave to be kept.
    pub metadata: Option<String>,
}

impl Cloud {
    /// Brings a scaling group to a total capacity by one scaling activity. The caller has checked
    /// that none is under way and that the total changes.
    pub fn ess_scale(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        to: u32,
        request: ScalingRequest,
    ) -> ActivityId {
        let from = self.groups[group.index()].total();
        let count = from.abs_diff(to);
        let verb = if to > from { "Add" } else { "Remove" };
        let description = format!("{verb} \"{count}\" ECS {}", instances(count));
        let cause = format!(
            "{}, changing the Total Capacity from \"{from}\" to \"{to}\".",
            request.why
        );
        let told = EssActivity {
            metadata: request.metadata,
            ..EssActivity::new(request.trigger)
        };
        let activity = self.begin_ess_activity(cx, group, (description, cause), told);
        if to > from {
            self.ess_scale_out(cx, group, activity, count);
        } else {
            self.ess_scale_in(cx, group, activity, count);
        }
        self.end_ess_activity_if_done(cx, group);
        activity
    }

    /// Starts and launches so many instances, as far as machines can be had. Source: R-ESS-21,
    /// R-ESS-26.
    fn ess_scale_out(&mut self, cx: &mut Cx<'_>, group: GroupId, activity: ActivityId, count: u32) {
        let started = self.ess_start_stopped(cx, group, count);
        let even = self.groups[group.index()].keeps_zones_even();
        let mut room = self.room(group);
        let mut created = Vec::new();
        while started.len() + created.len() < count as usize {
            let mut zones = room.zones(even).into_iter();
            let Some(zone) = zones.find(|zone| self.has_machines(cx.now, &room, *zone)) else {
                break;
            };
            room.take(zone);
            created.push(self.ess_new_member(cx, group, zone));
        }
        self.ess_boot(cx, group, &created);
        let scaled = started.len() + created.len();
        self.tell_scaled(activity, (scaled, count), "added", NO_STOCK);
        let told = self.ess_activity_mut(activity);
        told.created = created;
        told.started = started;
    }

    /// A new member of a scaling group, which wants it; nothing about it is told yet.
    pub(super) fn ess_new_member(
        &mut self,
        cx: &Cx<'_>,
        group: GroupId,
        zone: ZoneId,
    ) -> InstanceId {
        self.groups[group.index()].counts.desired += 1;
        self.new_member(cx.now, group, zone)
    }

    /// Boots new members once all of them are counted.
    pub(super) fn ess_boot(&mut self, cx: &mut Cx<'_>, group: GroupId, created: &[InstanceId]) {
        self.tell_counts(cx, group);
        for &instance in created {
            self.boot(cx, instance);
        }
    }

    /// Removes so many instances, as far as they may be removed. Source: R-ESS-22.
    fn ess_scale_in(&mut self, cx: &mut Cx<'_>, group: GroupId, activity: ActivityId, count: u32) {
        let victims = self.choose_beside(cx.now, group, count, BTreeSet::new());
        let shortfall = (
            "OperationDenied",
            "The other ECS instances of the scaling group cannot be removed.",
        );
        self.tell_scaled(activity, (victims.len(), count), "removed", shortfall);
        self.ess_want_fewer(cx, group, &victims);
        let way_out = WayOut {
            recycle: self.groups[group.index()].rules.ess.recycles,
            stop_within: None,
        };
        self.ess_take_out(cx, group, activity, (&victims, way_out));
    }

    /// An activity tells how many of how many it scales, and why it does not scale all.
    fn tell_scaled(
        &mut self,
        activity: ActivityId,
        (scaled, count): (usize, u32),
        done: &str,
        (code, message): (&'static str, &'static str),
    ) {
        let told = self.ess_activity_mut(activity);
        told.success = Some(format!("\"{scaled}\" ECS instances are {done}"));
        told.shortfall = (scaled < count as usize).then_some(Shortfall {
            code,
            message,
            partly: scaled > 0,
        });
    }

    /// Instances that are to leave are wanted no longer.
    pub(super) fn ess_want_fewer(&mut self, cx: &mut Cx<'_>, group: GroupId, ids: &[InstanceId]) {
        let fewer = u32::try_from(ids.len()).expect("members fit 32 bits");
        let counts = &mut self.groups[group.index()].counts;
        counts.desired = counts.desired.saturating_sub(fewer);
        self.tell_counts(cx, group);
    }
}

/// `instance` or `instances`.
pub(super) fn instances(count: u32) -> &'static str {
    if count == 1 { "instance" } else { "instances" }
}
