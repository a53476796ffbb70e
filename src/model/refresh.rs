//! Instance refreshes: what one was asked to do, where it stands, and how it begins and ends.
//!
//! A group has one active refresh at most. How it goes on stands in `refreshing`, whom it takes in
//! `refresh_choice`. Source: R-REFRESH-1 to R-REFRESH-7. This module must never look into a
//! target group.

use std::collections::BTreeSet;

use super::autoscaling::TerminationReason;
use super::cloud::Cloud;
use super::event::{Cx, Timer, schedule};
use super::ids::{EntryId, GroupId, InstanceId, LaunchTemplateId, RefreshId};
use super::maintenance::MaintenancePolicy;
use crate::engine::time::{SimDuration, SimTime};

/// Where a refresh stands. The words are the cloud's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshStatus {
    /// Asked for, not begun.
    Pending,
    /// Instances are being replaced.
    InProgress,
    /// Over, well.
    Successful,
    /// Over, badly.
    Failed,
    /// Called off, waiting for what is under way.
    Cancelling,
    /// Called off.
    Cancelled,
    /// Instances that were replaced are being replaced again.
    RollbackInProgress,
    /// That went badly.
    RollbackFailed,
    /// That went well.
    RollbackSuccessful,
    /// All are replaced; it waits to see.
    Baking,
}

impl RefreshStatus {
    /// The cloud's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::InProgress => "InProgress",
            Self::Successful => "Successful",
            Self::Failed => "Failed",
            Self::Cancelling => "Cancelling",
            Self::Cancelled => "Cancelled",
            Self::RollbackInProgress => "RollbackInProgress",
            Self::RollbackFailed => "RollbackFailed",
            Self::RollbackSuccessful => "RollbackSuccessful",
            Self::Baking => "Baking",
        }
    }

    /// Whether nothing more will happen.
    pub fn is_over(self) -> bool {
        match self {
            Self::Successful
            | Self::Failed
            | Self::Cancelled
            | Self::RollbackFailed
            | Self::RollbackSuccessful => true,
            Self::Pending
            | Self::InProgress
            | Self::Cancelling
            | Self::RollbackInProgress
            | Self::Baking => false,
        }
    }

    /// Whether it still goes forward, so that it can be rolled back.
    pub fn goes_forward(self) -> bool {
        matches!(self, Self::Pending | Self::InProgress | Self::Baking)
    }
}

/// What a refresh does about members that it may not simply replace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// It replaces them all the same.
    Replace,
    /// It leaves them alone.
    Ignore,
    /// It waits for them, an hour at most.
    Wait,
}

/// What a refresh was asked to mind. Source: R-REFRESH-1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshPreferences {
    /// How far replacing may take the group from its desired capacity.
    pub percentages: MaintenancePolicy,
    /// Whether somebody said what the larger percentage is.
    pub maximum_given: bool,
    /// Time after `InService` until a replacement counts.
    pub warmup: SimDuration,
    /// Percentages at which it pauses, ascending \[%, 1..=100\].
    pub checkpoints: Vec<u32>,
    /// For how long it pauses \[s, 0..=172800, default 3600\].
    pub checkpoint_delay: SimDuration,
    /// Whether members that have the desired launch template stay.
    pub skip_matching: bool,
    /// Whether it is rolled back when it fails.
    pub auto_rollback: bool,
    /// What it does about members protected from scale-in.
    pub protected: Obstacle,
    /// What it does about members on standby.
    pub standby: Obstacle,
    /// How long it waits at the end \[s, 0..=172800\].
    pub bake: SimDuration,
}

/// How a refresh is taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rollback {
    /// Why.
    pub reason: String,
    /// Since when.
    pub start: SimTime,
    /// How far the refresh had come \[%\].
    pub percentage: u32,
    /// How many members it had not updated.
    pub to_update: u32,
}

/// An instance refresh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refresh {
    /// `InstanceRefreshId`.
    pub id: String,
    /// Whose.
    pub group: GroupId,
    /// Where it stands.
    pub status: RefreshStatus,
    /// Why it stands there.
    pub reason: Option<String>,
    /// When it was asked for.
    pub start: SimTime,
    /// When it ended.
    pub end: Option<SimTime>,
    /// What it minds.
    pub preferences: RefreshPreferences,
    /// What it launches; without one what the group launches.
    pub desired: Option<LaunchTemplateId>,
    /// How far it is \[%\].
    pub percentage: u32,
    /// How many members it has not updated yet.
    pub to_update: u32,
    /// How it is taken back, if it is.
    pub rollback: Option<Rollback>,
    /// How many members it set out to update.
    pub(super) total: u32,
    /// Members that it has not taken out of service yet.
    pub(super) old: BTreeSet<InstanceId>,
    /// Members it took out of service that are not gone yet.
    pub(super) leaving: BTreeSet<InstanceId>,
    /// Replacements that its group has not launched yet.
    pub(super) launches_due: u32,
    /// Checkpoints that are reached.
    pub(super) checkpoints_passed: usize,
    /// When its checkpoint delay or bake time is over.
    pub(super) pauses_until: SimTime,
    /// When it last came on.
    pub(super) came_on_at: SimTime,
    /// Whether something had to be over first when it was looked at last.
    pub(super) was_held: bool,
    /// The entry that started it.
    pub(super) entry: Option<EntryId>,
}

impl Cloud {
    /// The active refresh of a group.
    pub fn active_refresh(&self, group: GroupId) -> Option<&Refresh> {
        let id = self.groups[group.index()].refresh?;
        Some(&self.refreshes[id.index()])
    }

    /// What a group launches now: the desired configuration of a refresh that goes on, its own
    /// launch template else. Source: R-REFRESH-5.
    pub(super) fn launched_template(&self, group: GroupId) -> LaunchTemplateId {
        let own = self.groups[group.index()].launch_template;
        self.active_refresh(group)
            .filter(|refresh| refresh.rollback.is_none())
            .and_then(|refresh| refresh.desired)
            .unwrap_or(own)
    }

    /// How long what joins a group now is warming up. Source: R-REFRESH-1.
    pub(super) fn warmup(&self, group: GroupId) -> SimDuration {
        let rules = &self.groups[group.index()].rules;
        self.active_refresh(group).map_or_else(
            || rules.default_instance_warmup.unwrap_or_default(),
            |refresh| refresh.preferences.warmup,
        )
    }

    /// Starts a refresh. The caller has checked that the group has none.
    pub fn start_refresh(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        preferences: RefreshPreferences,
        desired: Option<LaunchTemplateId>,
    ) -> RefreshId {
        let id = RefreshId::from_index(self.refreshes.len());
        self.refreshes.push(Refresh {
            id: self.identifiers.uuid(),
            group,
            status: RefreshStatus::Pending,
            reason: None,
            start: cx.now,
            end: None,
            preferences,
            desired,
            percentage: 0,
            to_update: 0,
            rollback: None,
            total: 0,
            old: BTreeSet::new(),
            leaving: BTreeSet::new(),
            launches_due: 0,
            checkpoints_passed: 0,
            pauses_until: cx.now,
            came_on_at: cx.now,
            was_held: false,
            entry: self.cause,
        });
        self.groups[group.index()].refresh = Some(id);
        let waiting = self.refresh_population(id);
        self.refreshes[id.index()].old = waiting;
        let total = self.remaining(&self.refreshes[id.index()]).len();
        let refresh = &mut self.refreshes[id.index()];
        refresh.total = u32::try_from(total).expect("members fit 32 bits");
        refresh.to_update = refresh.total;
        self.expect_refresh(cx, group);
        id
    }

    /// Members a refresh sets out to replace. Source: R-REFRESH-3.
    fn refresh_population(&self, id: RefreshId) -> BTreeSet<InstanceId> {
        let refresh = &self.refreshes[id.index()];
        let group = &self.groups[refresh.group.index()];
        let wanted = refresh.desired.unwrap_or(group.launch_template);
        let members = group.members.iter().copied();
        members
            .filter(|&member| {
                let same = self.instances[member.index()].launch_template == wanted;
                self.is_refreshable(refresh.group, member)
                    && !(same && refresh.preferences.skip_matching)
            })
            .collect()
    }

    /// Calls a refresh off: at once, or when what is under way is over.
    pub fn cancel_refresh(&mut self, cx: &mut Cx<'_>, id: RefreshId, waits: bool) {
        let group = self.refreshes[id.index()].group;
        // what is under way goes on either way, nothing else is launched for it
        self.drop_refresh_replacements(group, false);
        if waits {
            self.refreshes[id.index()].status = RefreshStatus::Cancelling;
            self.expect_refresh(cx, group);
        } else {
            self.end_refresh(cx, id, RefreshStatus::Cancelled, None);
        }
        self.compare_capacity(cx, group);
    }

    /// Takes a refresh back: what it launched is replaced by what the group launches. The caller
    /// has checked that it has a desired configuration and goes forward. Source: R-REFRESH-6.
    pub fn roll_refresh_back(&mut self, cx: &mut Cx<'_>, id: RefreshId, reason: String) {
        let group = self.refreshes[id.index()].group;
        let dropped = self.drop_refresh_replacements(group, true);
        let refresh = &self.refreshes[id.index()];
        let launched: BTreeSet<InstanceId> = self.groups[group.index()]
            .members
            .iter()
            .copied()
            .filter(|member| {
                let instance = &self.instances[member.index()];
                self.is_refreshable(group, *member)
                    && instance.launched_at >= refresh.start
                    && Some(instance.launch_template) == refresh.desired
                    && !refresh.old.contains(member)
            })
            .collect();
        let refresh = &mut self.refreshes[id.index()];
        refresh.status = RefreshStatus::RollbackInProgress;
        refresh.reason = None;
        refresh.rollback = Some(Rollback {
            reason,
            start: cx.now,
            percentage: refresh.percentage,
            to_update: refresh.to_update,
        });
        refresh.old = launched;
        (refresh.came_on_at, refresh.was_held) = (cx.now, false);
        // neither checkpoints nor bake time hold it up: assumed
        refresh.pauses_until = cx.now;
        self.take_back_launches(cx, id, dropped);
        self.compare_capacity(cx, group);
        self.expect_refresh(cx, group);
    }

    /// Terminates the newest of what a refresh launched for members that stay after all.
    fn take_back_launches(&mut self, cx: &mut Cx<'_>, id: RefreshId, count: usize) {
        for _ in 0..count {
            let refresh = &self.refreshes[id.index()];
            let group = &self.groups[refresh.group.index()];
            if group.actual() <= group.wanted() {
                return;
            }
            let Some(&newest) = refresh.old.last() else {
                return;
            };
            self.take_for_refresh(cx, id, newest);
        }
    }

    /// Forgets the members that wait for their replacement because of a refresh: all, or those
    /// whose replacement is not launched yet. How many those are.
    pub(super) fn drop_refresh_replacements(&mut self, group: GroupId, all: bool) -> usize {
        let mut dropped = 0;
        loop {
            let group = &mut self.groups[group.index()];
            let found = group
                .replacements
                .iter()
                .rposition(|replacement| replacement.reason == TerminationReason::Refresh);
            match found {
                Some(place) if all || group.actual() < group.wanted() => {
                    group.replacements.remove(place);
                    dropped += 1;
                    if let Some(id) = group.refresh {
                        let due = &mut self.refreshes[id.index()].launches_due;
                        *due = due.saturating_sub(1);
                    }
                }
                Some(_) | None => return dropped,
            }
        }
    }

    /// Ends a refresh.
    pub(super) fn end_refresh(
        &mut self,
        cx: &mut Cx<'_>,
        id: RefreshId,
        status: RefreshStatus,
        reason: Option<String>,
    ) {
        assert!(status.is_over(), "a refresh ends in a last status");
        let refresh = &mut self.refreshes[id.index()];
        refresh.status = status;
        refresh.reason = reason;
        refresh.end = Some(cx.now);
        let (group, desired) = (refresh.group, refresh.desired);
        self.groups[group.index()].refresh = None;
        cx.calendar.cancel(&Timer::Refresh(group));
        // a run that waits for the group to settle looks at it when something is told
        self.tell_counts(cx, group);
        if status == RefreshStatus::Successful
            && let Some(desired) = desired
        {
            self.groups[group.index()].launch_template = desired;
        }
    }

    /// Lets the active refresh of a group look at what has changed.
    pub(super) fn expect_refresh(&mut self, cx: &mut Cx<'_>, group: GroupId) {
        if self.groups[group.index()].refresh.is_some() {
            schedule(cx, cx.now, Timer::Refresh(group));
        }
    }
}
