//! Scheduled actions: other sizes of a group at a time of the clock, once or again and again.
//!
//! An action that comes due sets the sizes it gives; the desired capacity moves with them, and the
//! group acts at once. Cooldowns do not hold it up. Source: R-SCHEDULE-1 to R-SCHEDULE-3. This module
//! must never check what a call may ask for.

use std::fmt::Write;

use jiff::Timestamp;

use super::cloud::Cloud;
use super::event::{Cx, Timer, schedule};
use super::group_admin::Sizes;
use super::ids::{EntryId, GroupId};
use super::recurrence::Recurrence;
use super::scaling_process::ScalingProcess;
use crate::engine::time::SimTime;

/// When an action is carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The first time; without, when it comes round first.
    pub start: Option<Timestamp>,
    /// It does not recur after this time.
    pub end: Option<Timestamp>,
    /// When it comes round, as it was put and as it is read; without, it does not.
    pub recurrence: Option<(String, Recurrence)>,
}

/// A scheduled action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduledAction {
    /// Name, unique in its group.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// When it is carried out.
    pub schedule: Schedule,
    /// Smallest size from then on, if it sets one.
    pub min_size: Option<u32>,
    /// Largest size from then on, if it sets one.
    pub max_size: Option<u32>,
    /// Desired capacity then, if it sets one.
    pub desired_capacity: Option<u32>,
    /// The time zone of its recurrence, as it was put.
    pub time_zone: Option<String>,
    /// When it is carried out next.
    pub next: SimTime,
    /// Through which entry.
    pub entry: Option<EntryId>,
}

impl Cloud {
    /// When a schedule put at `now` begins; `None` where that never is.
    pub fn first_time(&self, now: SimTime, schedule: &Schedule) -> Option<SimTime> {
        match schedule.start {
            Some(start) => self.clock.when(start),
            None => self.next_time(now, schedule),
        }
    }

    /// When a schedule comes round after `now`.
    fn next_time(&self, now: SimTime, schedule: &Schedule) -> Option<SimTime> {
        let (_, recurrence) = schedule.recurrence.as_ref()?;
        let next = recurrence.next(self.clock.at(now))?;
        let comes = schedule.end.is_none_or(|end| next <= end);
        comes.then(|| self.clock.when(next)).flatten()
    }

    /// Puts an action, in the place of one of the same name.
    pub fn put_scheduled_action(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        action: ScheduledAction,
    ) {
        let actions = &mut self.groups[group.index()].scaling.scheduled;
        match actions.iter_mut().find(|other| other.name == action.name) {
            Some(other) => *other = action,
            None => actions.push(action),
        }
        self.expect_scheduled(cx, group);
    }

    /// Deletes the action at `place`.
    pub fn delete_scheduled_action(&mut self, cx: &mut Cx<'_>, group: GroupId, place: usize) {
        self.groups[group.index()].scaling.scheduled.remove(place);
        self.expect_scheduled(cx, group);
    }

    /// Schedules the instant at which the next action of a group is due.
    pub(super) fn expect_scheduled(&self, cx: &mut Cx<'_>, group: GroupId) {
        cx.calendar.cancel(&Timer::Scheduled(group));
        let actions = &self.groups[group.index()].scaling.scheduled;
        if let Some(at) = actions.iter().map(|action| action.next).min() {
            schedule(cx, at, Timer::Scheduled(group));
        }
    }

    pub(super) fn on_scheduled(&mut self, cx: &mut Cx<'_>, group: GroupId) {
        let actions = &self.groups[group.index()].scaling.scheduled;
        let mut due: Vec<ScheduledAction> = actions
            .iter()
            .filter(|action| action.next <= cx.now)
            .cloned()
            .collect();
        due.sort_by(|a, b| a.name.cmp(&b.name));
        for action in due {
            self.cause = action.entry;
            // one that is not carried out while its process is suspended is not made up for
            if self.does(group, ScalingProcess::ScheduledActions) {
                self.carry_out(cx, group, &action);
            }
            let next = self.next_time(cx.now, &action.schedule);
            let actions = &mut self.groups[group.index()].scaling.scheduled;
            if let Some(next) = next {
                let same = |other: &&mut ScheduledAction| other.name == action.name;
                if let Some(action) = actions.iter_mut().find(same) {
                    action.next = next;
                }
            } else {
                actions.retain(|other| other.name != action.name);
            }
        }
        self.expect_scheduled(cx, group);
    }

    fn carry_out(&mut self, cx: &mut Cx<'_>, id: GroupId, action: &ScheduledAction) {
        let group = &self.groups[id.index()];
        let (min, max, from) = (group.min_size, group.max_size, group.counts.desired);
        let sizes = Sizes {
            min: action.min_size.unwrap_or(min),
            max: action.max_size.unwrap_or(max),
            desired: action.desired_capacity.unwrap_or(from),
        };
        if group.is_leaving() || sizes.min > sizes.max {
            return;
        }
        let sizes = sizes.within();
        let mut done = String::new();
        for (what, before, after) in [
            ("min size", min, sizes.min),
            ("max size", max, sizes.max),
            ("desired capacity", from, sizes.desired),
        ] {
            if before != after {
                write!(done, " Setting {what} from {before} to {after}.")
                    .expect("writing to a string works");
            }
        }
        let at = self.clock.seconds(cx.now);
        let Sizes { min, max, desired } = sizes;
        let request = format!(
            "At {at} a scheduled action update of AutoScalingGroup constraints to min: {min}, max: \
             {max}, desired: {desired} changing the desired capacity from {from} to {desired}.  At \
             {at} the scheduled action {} executed.{done}",
            action.name
        );
        self.resize(cx, id, sizes, request);
    }
}
