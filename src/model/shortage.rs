//! Shortages: launches that EC2 refuses because a zone, or all of it, has no capacity.
//!
//! A refused launch is an activity that has failed. The group turns to its next zone at once; when
//! all have refused it tries again later. This module must never decide how many are launched.
//! Source: R-FAULT-2.

use super::activity::{Activity, StatusCode};
use super::cloud::Cloud;
use super::event::{Cx, Timer, schedule};
use super::ids::{GroupId, ZoneId};
use super::machine::{Instance, MachineState};
use crate::engine::time::SimTime;

/// Where a group may launch.
#[derive(Debug)]
pub(super) struct Room {
    /// Its zones in their order, with the members that count.
    zones: Vec<(ZoneId, usize)>,
    /// Machines that EC2 still has for it.
    left: usize,
    /// What tries again when all zones have refused.
    again: Timer,
}

impl Room {
    /// An instance was launched in `zone`.
    pub(super) fn take(&mut self, zone: ZoneId) {
        self.left -= 1;
        self.join(zone);
    }

    /// An instance that was there joined in `zone`.
    pub(super) fn join(&mut self, zone: ZoneId) {
        for (_, count) in self.zones.iter_mut().filter(|(other, _)| *other == zone) {
            *count += 1;
        }
    }

    /// Members that count in `zone`; `None` in one that the group has left.
    pub(super) fn members(&self, zone: ZoneId) -> Option<usize> {
        let place = self.zones.iter().find(|(other, _)| *other == zone);
        place.map(|(_, count)| *count)
    }

    /// Its zones, the one with the fewest first if they are to be even, else in their order.
    pub(super) fn zones(&self, even: bool) -> Vec<ZoneId> {
        let mut zones = self.zones.clone();
        if even {
            // of equally full zones the first of the group's
            zones.sort_by_key(|(_, count)| *count);
        }
        zones.into_iter().map(|(zone, _)| zone).collect()
    }

    /// The fewest members that count in a zone.
    pub(super) fn fewest(&self) -> Option<usize> {
        self.zones.iter().map(|(_, count)| *count).min()
    }
}

impl Cloud {
    /// Where a group may launch now.
    pub(super) fn room(&self, group: GroupId) -> Room {
        let mut zones = self.population(group);
        zones.truncate(self.groups[group.index()].zones.len());
        self.room_for(zones, Timer::Reconcile(group))
    }

    /// Where instances may be launched of which so many are in each zone.
    pub(super) fn room_for(&self, zones: Vec<(ZoneId, usize)>, again: Timer) -> Room {
        let there = |instance: &&Instance| instance.state != MachineState::Terminated;
        let there = self.instances.iter().filter(there).count();
        Room {
            zones,
            left: self.most_machines.saturating_sub(there),
            again,
        }
    }

    /// The zone in which a group launches its next instance: of those with capacity the one with
    /// the fewest. Each zone that refuses leaves a failed activity with `cause`; without any zone
    /// the group tries again later.
    pub(super) fn zone_to_launch(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        room: &Room,
        cause: impl Fn(&mut Self) -> String,
    ) -> Option<ZoneId> {
        for zone in room.zones(true) {
            if self.has_machines(cx.now, room, zone) {
                return Some(zone);
            }
            // what the instance was to replace is still to be replaced
            let replaces = self.groups[group.index()].unhealthy_to_replace;
            let cause = cause(self);
            self.groups[group.index()].unhealthy_to_replace = replaces;
            self.fail_launch(cx, group, (zone, room), cause);
        }
        if cx.calendar.due(&room.again).is_none() {
            let later = cx.now + self.assumptions.launch_retry_delay;
            schedule(cx, later, room.again);
        }
        None
    }

    /// Whether machines can be had in a zone.
    pub(super) fn has_machines(&self, now: SimTime, room: &Room, zone: ZoneId) -> bool {
        room.left > 0 && !self.faults.refuses_launch(zone, now)
    }

    /// Tells of a launch that EC2 has refused.
    fn fail_launch(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        (zone, room): (ZoneId, &Room),
        cause: String,
    ) {
        let entry = &self.groups[group.index()];
        let kind = &self.launch_templates[entry.launch_template.index()].name;
        let name = |zone: &ZoneId| self.zones[zone.index()].as_str();
        let others = entry.zones.iter().filter(|other| **other != zone);
        let others = others.filter(|other| self.has_machines(cx.now, room, **other));
        let others: Vec<&str> = others.map(name).collect();
        let choice = if others.is_empty() {
            "not specifying an Availability Zone in your request".to_owned()
        } else {
            format!(
                "not specifying an Availability Zone in your request or choosing {}",
                others.join(", ")
            )
        };
        let message = format!(
            "We currently do not have sufficient {kind} capacity in the Availability Zone you \
             requested ({}). Our system will be working on provisioning additional capacity. You \
             can currently get {kind} capacity by {choice}. Launching EC2 instance failed.",
            name(&zone)
        );
        let details = format!(
            "{{\"Subnet ID\":\"subnet-{0}\",\"Availability Zone\":\"{0}\"}}",
            name(&zone)
        );
        let activity = Activity {
            id: self.identifiers.uuid(),
            description: format!("Launching a new EC2 instance.  Status Reason: {message}"),
            cause,
            start: cx.now,
            end: Some(cx.now),
            status: StatusCode::Failed,
            status_message: Some(message),
            progress: 100,
            details,
        };
        self.add_activity(cx, group, activity);
    }
}
