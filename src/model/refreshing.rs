//! Refreshing: how an instance refresh replaces members, a few at a time, and when it gives up.
//!
//! A refresh looks at its group whenever something about it changes, and at the instants its own
//! delays end. A replacement counts once it is in service, healthy and warm. Source: R-REFRESH-2
//! to R-REFRESH-7. This module must never launch: it makes the group want more.

use super::autoscaling::TerminationReason;
use super::cloud::Cloud;
use super::event::{Cx, Timer, schedule};
use super::ids::{GroupId, InstanceId, RefreshId};
use super::lifecycle::LifecycleState;
use super::maintenance::share;
use super::refresh::{Obstacle, Refresh, RefreshStatus};
use super::scaling_process::{ScalingProcess, Suspended};
use crate::engine::time::{SimDuration, SimTime};

/// How long a refresh that cannot go on tries. Source: R-REFRESH-7.
const PATIENCE: SimDuration = SimDuration::from_secs(3_600);

/// The longest a refresh may take. Source: R-REFRESH-7.
const LONGEST: SimDuration = SimDuration::from_secs(14 * 86_400);

impl Suspended {
    /// Whether an instance refresh rests. Source: R-PROC-1.
    pub(super) fn rests_refresh(self) -> bool {
        [
            ScalingProcess::InstanceRefresh,
            ScalingProcess::Launch,
            ScalingProcess::Terminate,
        ]
        .into_iter()
        .any(|process| self.has(process))
    }
}

impl Refresh {
    /// Whether it is to stop short of replacing everybody, and has come so far.
    fn has_passed_last_checkpoint(&self) -> bool {
        let checkpoints = &self.preferences.checkpoints;
        self.rollback.is_none()
            && self.checkpoints_passed == checkpoints.len()
            && checkpoints.last().is_some_and(|&last| last < 100)
    }

    /// How many members may have been taken until the next checkpoint is reached.
    pub(super) fn limit(&self) -> u32 {
        let checkpoints = &self.preferences.checkpoints;
        if self.rollback.is_some() || checkpoints.is_empty() {
            return u32::MAX;
        }
        checkpoints
            .get(self.checkpoints_passed)
            .map_or(0, |&next| share(next, self.total).max(1))
    }
}

impl Cloud {
    /// How many members are yet to be updated: who remains, or whose replacement does not count
    /// yet.
    fn left(&self, refresh: &Refresh, now: SimTime) -> u32 {
        let remaining = self.remaining(refresh);
        let group = &self.groups[refresh.group.index()];
        let updated = group
            .members
            .iter()
            .filter(|member| !remaining.contains(member) && self.is_updated(**member, now));
        let updated = u32::try_from(updated.count()).expect("members fit 32 bits");
        let remaining = u32::try_from(remaining.len()).expect("members fit 32 bits");
        let missing = group.counts.desired.saturating_sub(updated);
        remaining.max(missing)
    }

    pub(super) fn on_refresh(&mut self, cx: &mut Cx<'_>, group: GroupId) {
        let Some(id) = self.groups[group.index()].refresh else {
            return;
        };
        self.cause = self.refreshes[id.index()].entry;
        self.forget_who_left(id);
        self.let_replaced_go(cx, group);
        self.forget_who_left(id);
        let rests = self.groups[group.index()].suspended.rests_refresh();
        if self.refreshes[id.index()].status == RefreshStatus::Pending && !rests {
            self.refreshes[id.index()].status = RefreshStatus::InProgress;
        }
        match self.refreshes[id.index()].status {
            RefreshStatus::InProgress | RefreshStatus::RollbackInProgress => {
                self.go_on_refreshing(cx, id, rests);
            }
            RefreshStatus::Cancelling => self.go_on_cancelling(cx, id),
            RefreshStatus::Baking => self.go_on_baking(cx, id),
            RefreshStatus::Pending => {}
            RefreshStatus::Successful
            | RefreshStatus::Failed
            | RefreshStatus::Cancelled
            | RefreshStatus::RollbackFailed
            | RefreshStatus::RollbackSuccessful => unreachable!("an active refresh is not over"),
        }
        self.schedule_refresh(cx, id);
    }

    /// Members that left otherwise are not its business any more.
    fn forget_who_left(&mut self, id: RefreshId) {
        let group = self.refreshes[id.index()].group;
        let old = std::mem::take(&mut self.refreshes[id.index()].old);
        let old = old
            .into_iter()
            .filter(|&member| self.is_refreshable(group, member))
            .collect();
        self.refreshes[id.index()].old = old;
        let leaving = std::mem::take(&mut self.refreshes[id.index()].leaving);
        let leaving = leaving
            .into_iter()
            .filter(|member| {
                let instance = &self.instances[member.index()];
                instance.group == Some(group) && instance.lifecycle.is_terminating()
            })
            .collect();
        self.refreshes[id.index()].leaving = leaving;
    }

    fn go_on_refreshing(&mut self, cx: &mut Cx<'_>, id: RefreshId, rests: bool) {
        let now = cx.now;
        if now >= self.refreshes[id.index()].start + LONGEST {
            return self.fail_refresh(cx, id, "The instance refresh took longer than 14 days.");
        }
        let came_on = self.tell_progress(now, id);
        self.pass_checkpoints(now, id);
        let refresh = &self.refreshes[id.index()];
        let done = refresh.has_passed_last_checkpoint() || self.left(refresh, now) == 0;
        if done && refresh.leaving.is_empty() && now >= refresh.pauses_until {
            return self.finish_refresh(cx, id);
        }
        let pauses = now < refresh.pauses_until;
        let took = !rests && !pauses && !done && self.take_next(cx, id);
        let held = rests || pauses || self.is_held(now, id);
        let refresh = &mut self.refreshes[id.index()];
        if came_on || took || held || refresh.was_held {
            refresh.came_on_at = now;
        }
        refresh.was_held = held;
        let gives_up = now >= refresh.came_on_at + PATIENCE;
        let reason = self.why_it_waits(now, id);
        if gives_up {
            let why = reason.unwrap_or_else(|| "No instance could be replaced.".to_owned());
            self.fail_refresh(cx, id, &why);
        } else {
            self.refreshes[id.index()].reason = reason;
        }
    }

    /// Brings percentage and count up to date; whether they got better.
    fn tell_progress(&mut self, now: SimTime, id: RefreshId) -> bool {
        let left = self.left(&self.refreshes[id.index()], now);
        let refresh = &mut self.refreshes[id.index()];
        // a group that grew meanwhile has no more to update than before
        let left = left.min(refresh.total);
        let total = refresh.total.max(1);
        match &refresh.rollback {
            None => {
                let before = std::mem::replace(&mut refresh.to_update, left);
                refresh.percentage = if refresh.total == 0 {
                    100
                } else {
                    (refresh.total - left) * 100 / total
                };
                left < before
            }
            Some(rollback) => {
                // it goes back to zero as what was updated is replaced again
                let back = (left * 100 / total).min(rollback.percentage);
                let before = std::mem::replace(&mut refresh.percentage, back);
                back < before
            }
        }
    }

    /// Begins the pause of a checkpoint; those that were skipped on the way have none of their
    /// own, and after the last nothing is waited for. Source: R-REFRESH-4.
    fn pass_checkpoints(&mut self, now: SimTime, id: RefreshId) {
        let refresh = &mut self.refreshes[id.index()];
        let checkpoints = &refresh.preferences.checkpoints;
        let reached = checkpoints
            .iter()
            .take_while(|&&checkpoint| checkpoint <= refresh.percentage)
            .count();
        if refresh.rollback.is_none() && reached > refresh.checkpoints_passed {
            refresh.checkpoints_passed = reached;
            if reached < checkpoints.len() {
                refresh.pauses_until = now + refresh.preferences.checkpoint_delay;
            }
        }
    }

    /// Takes as many members out of service, or waits for as many replacements, as the
    /// percentages allow; whether there were any. Source: R-REFRESH-2, R-REFRESH-3.
    fn take_next(&mut self, cx: &mut Cx<'_>, id: RefreshId) -> bool {
        let refresh = &self.refreshes[id.index()];
        let group = refresh.group;
        let first = self.launches_first(refresh);
        let (mut room, mut allowed) = self.room_for_refresh(refresh, first, cx.now);
        let mut took = false;
        while allowed > 0 {
            let Some(victim) = self.next_victim(id) else {
                break;
            };
            let instance = &self.instances[victim.index()];
            // one that does not serve is no loss
            let free = !instance.lifecycle.counts() || (!first && !self.is_sound(victim));
            if !free {
                if room == 0 {
                    break;
                }
                room -= 1;
            }
            allowed -= 1;
            took = true;
            // nobody stands in for a member on standby
            let counted = instance.lifecycle.counts();
            self.refreshes[id.index()].launches_due += u32::from(counted);
            if first && counted {
                self.replace_later(cx, victim, TerminationReason::Refresh);
            } else {
                self.take_for_refresh(cx, id, victim);
            }
        }
        if took {
            self.compare_capacity(cx, group);
        }
        took
    }

    /// Terminates a member for a refresh.
    pub(super) fn take_for_refresh(&mut self, cx: &mut Cx<'_>, id: RefreshId, member: InstanceId) {
        let refresh = &mut self.refreshes[id.index()];
        refresh.old.remove(&member);
        refresh.leaving.insert(member);
        self.take_out_of_service(cx, member, &TerminationReason::Refresh);
    }

    /// A replacement that was launched first serves: who it replaces goes.
    pub(super) fn is_let_go_by_refresh(&mut self, group: GroupId, member: InstanceId) {
        if let Some(id) = self.groups[group.index()].refresh {
            let refresh = &mut self.refreshes[id.index()];
            refresh.old.remove(&member);
            refresh.leaving.insert(member);
        }
    }

    /// Whether something is under way that ends by itself: members leave, boot, wait for hooks or
    /// warm up.
    fn is_held(&self, now: SimTime, id: RefreshId) -> bool {
        let refresh = &self.refreshes[id.index()];
        let members = &self.groups[refresh.group.index()].members;
        !refresh.leaving.is_empty()
            || members.iter().any(|&member| {
                let instance = &self.instances[member.index()];
                (instance.lifecycle.waits_for_actions() && !instance.lifecycle.is_warmed())
                    || (self.is_sound(member) && now < instance.membership.warm_at)
            })
    }

    /// Why a refresh does not go on, in words for its status.
    fn why_it_waits(&self, now: SimTime, id: RefreshId) -> Option<String> {
        let refresh = &self.refreshes[id.index()];
        let group = &self.groups[refresh.group.index()];
        let example = |what: &str, member: Option<InstanceId>| {
            member.map(|member| {
                let name = &self.instances[member.index()].id;
                format!("Waiting for {what} before continuing. For example: {name}")
            })
        };
        let members = || group.members.iter().copied();
        let warming = members().find(|member| {
            !refresh.old.contains(member)
                && self.instances[member.index()].lifecycle == LifecycleState::InService
                && now < self.instances[member.index()].membership.warm_at
        });
        let failing = members().find(|member| {
            !refresh.old.contains(member)
                && self.instances[member.index()].lifecycle == LifecycleState::InService
                && !self.is_sound(*member)
        });
        let waits = |member: &InstanceId| self.obstacle(refresh, *member) == Obstacle::Wait;
        let blocked = refresh.old.iter().copied().find(waits);
        if group.suspended.rests_refresh() {
            return Some("Waiting for suspended processes to be resumed.".to_owned());
        }
        if now < refresh.pauses_until {
            return Some("Waiting at a checkpoint.".to_owned());
        }
        example("instances to warm up", warming)
            .map(|text| format!("{text} is warming up."))
            .or_else(|| {
                example("remaining instances to be available", failing)
                    .map(|text| format!("{text} is not healthy."))
            })
            .or_else(|| {
                let on_standby = blocked
                    .is_some_and(|member| !self.instances[member.index()].lifecycle.counts());
                let state = if on_standby {
                    "on standby"
                } else {
                    "protected from scale in"
                };
                example("remaining instances to be available", blocked)
                    .map(|text| format!("{text} is {state}."))
            })
    }

    /// All is replaced.
    fn finish_refresh(&mut self, cx: &mut Cx<'_>, id: RefreshId) {
        let refresh = &mut self.refreshes[id.index()];
        refresh.reason = None;
        if refresh.rollback.is_some() {
            refresh.percentage = 0;
            return self.end_refresh(cx, id, RefreshStatus::RollbackSuccessful, None);
        }
        refresh.status = RefreshStatus::Baking;
        refresh.pauses_until = cx.now + refresh.preferences.bake;
        self.go_on_baking(cx, id);
    }

    fn go_on_baking(&mut self, cx: &mut Cx<'_>, id: RefreshId) {
        if cx.now >= self.refreshes[id.index()].pauses_until {
            self.end_refresh(cx, id, RefreshStatus::Successful, None);
        }
    }

    fn go_on_cancelling(&mut self, cx: &mut Cx<'_>, id: RefreshId) {
        self.tell_progress(cx.now, id);
        let refresh = &self.refreshes[id.index()];
        let group = &self.groups[refresh.group.index()];
        let waits = group
            .replacements
            .iter()
            .any(|replacement| replacement.reason == TerminationReason::Refresh);
        let late = cx.now >= refresh.start + LONGEST;
        if late || (refresh.leaving.is_empty() && group.counts.pending == 0 && !waits) {
            self.end_refresh(cx, id, RefreshStatus::Cancelled, None);
        }
    }

    /// A refresh gives up; if it was asked to, it is rolled back instead. Source: R-REFRESH-7.
    fn fail_refresh(&mut self, cx: &mut Cx<'_>, id: RefreshId, reason: &str) {
        let refresh = &self.refreshes[id.index()];
        let group = refresh.group;
        let rolls_back = refresh.rollback.is_none()
            && refresh.preferences.auto_rollback
            && refresh.desired.is_some();
        if rolls_back {
            return self.roll_refresh_back(cx, id, format!("The refresh failed: {reason}"));
        }
        let status = if refresh.rollback.is_some() {
            RefreshStatus::RollbackFailed
        } else {
            RefreshStatus::Failed
        };
        self.drop_refresh_replacements(group, true);
        self.end_refresh(cx, id, status, Some(reason.to_owned()));
        self.compare_capacity(cx, group);
    }

    /// Schedules the next instant at which a refresh may go on although nothing else happens.
    fn schedule_refresh(&mut self, cx: &mut Cx<'_>, id: RefreshId) {
        let refresh = &self.refreshes[id.index()];
        if refresh.status.is_over() {
            return;
        }
        let group = &self.groups[refresh.group.index()];
        let warm = group
            .members
            .iter()
            .map(|member| self.instances[member.index()].membership.warm_at);
        let own = [
            refresh.pauses_until,
            refresh.came_on_at + PATIENCE,
            refresh.start + LONGEST,
        ];
        let next = warm.chain(own).filter(|&at| at > cx.now).min();
        let group = refresh.group;
        if let Some(at) = next
            && cx.calendar.due(&Timer::Refresh(group)).is_none()
        {
            schedule(cx, at, Timer::Refresh(group));
        }
    }
}
