//! Lifecycle hooks: what a group waits for before an instance serves and before it goes.
//!
//! When an instance comes to a transition that has hooks, each begins a lifecycle action with a
//! heartbeat timeout; the instance waits until all are over. Hooks run for launches and
//! terminations by the group, never for attach, detach, standby or a forced delete. This module
//! must never know who completes an action. What differs on Alibaba Cloud is in `ess_hook`. Source:
//! R-HOOK-1 to R-HOOK-6.

use super::activity::StatusCode;
use super::autoscaling::TerminationReason;
use super::cloud::Cloud;
use super::ess_hook;
use super::event::{Cx, Timer, schedule};
use super::ids::{ActivityId, EntryId, GroupId, InstanceId, LifecycleActionId};
use super::lifecycle::LifecycleState;
use super::settings::Provider;
use crate::engine::time::{SimDuration, SimTime};

/// The longest a lifecycle action may take, whatever heartbeats are recorded. Source: R-HOOK-2.
const LONGEST: SimDuration = SimDuration::from_secs(172_800);

/// The most heartbeat timeouts a lifecycle action may last. Source: R-HOOK-2.
const MOST_HEARTBEATS: u64 = 100;

/// When a hook runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Transition {
    /// An instance was launched.
    Launching,
    /// An instance has left its sources and is to be terminated.
    Terminating,
}

impl Transition {
    /// The words of all.
    pub const NAMES: [&'static str; 2] = [
        "autoscaling:EC2_INSTANCE_LAUNCHING",
        "autoscaling:EC2_INSTANCE_TERMINATING",
    ];

    /// The cloud's word.
    pub fn name(self) -> &'static str {
        let [launching, terminating] = Self::NAMES;
        match self {
            Self::Launching => launching,
            Self::Terminating => terminating,
        }
    }

    /// The transition called `name`.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Launching, Self::Terminating]
            .into_iter()
            .find(|transition| transition.name() == name)
    }
}

/// How a lifecycle action ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionResult {
    /// The instance goes on.
    Continue,
    /// An instance that was launched is terminated; for one that is terminated the other hooks
    /// are not waited for.
    Abandon,
    /// An instance that was to leave stays (Alibaba Cloud).
    Rollback,
}

impl ActionResult {
    /// The cloud's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Continue => "CONTINUE",
            Self::Abandon => "ABANDON",
            Self::Rollback => "ROLLBACK",
        }
    }

    /// The result called `name`, which AWS reads in any case.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Continue, Self::Abandon, Self::Rollback]
            .into_iter()
            .find(|result| result.name().eq_ignore_ascii_case(name))
    }
}

/// A lifecycle hook of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// `ash-...` on Alibaba Cloud; empty on AWS, which knows it by its name.
    pub id: String,
    /// Name, unique in its group.
    pub name: String,
    /// When it runs.
    pub transition: Transition,
    /// Time without a heartbeat after which an action ends \[s, 30..=7200, default 3600; on Alibaba
    /// Cloud 30..=21600, default 600\].
    pub heartbeat: SimDuration,
    /// How it ends then.
    pub default_result: ActionResult,
    /// Whom it notifies: kept and shown, nobody is.
    pub notification_target: Option<String>,
    /// As whom: kept and shown.
    pub role: Option<String>,
    /// What it tells them: kept and shown.
    pub metadata: Option<String>,
}

impl Hook {
    /// The longest an action of this hook may take. Source: R-HOOK-2.
    pub fn global_timeout(&self) -> SimDuration {
        LONGEST.min(self.heartbeat.times(MOST_HEARTBEATS))
    }

    /// The longest an instance may wait for it. Source: R-HOOK-2, R-ESS-16.
    fn longest_wait(&self, provider: Provider) -> SimDuration {
        match provider {
            Provider::Aws => self.global_timeout(),
            Provider::Alibaba => ess_hook::LONGEST,
        }
    }

    /// How its actions under way end when it is deleted. Source: R-HOOK-6, R-ESS-15.
    fn result_of_deletion(&self, provider: Provider) -> ActionResult {
        match (provider, self.transition) {
            (Provider::Alibaba, _) => self.default_result,
            (Provider::Aws, Transition::Launching) => ActionResult::Abandon,
            (Provider::Aws, Transition::Terminating) => ActionResult::Continue,
        }
    }

    /// Whether an action with this result ends the others of its instance. Source: R-HOOK-3,
    /// R-HOOK-4, R-ESS-18.
    fn ends_others(&self, provider: Provider, result: ActionResult) -> bool {
        let waits_for_all =
            provider == Provider::Alibaba && self.transition == Transition::Launching;
        result != ActionResult::Continue && !waits_for_all
    }
}

/// One hook at work on one instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LifecycleAction {
    /// The instance that waits.
    pub instance: InstanceId,
    /// Its group.
    pub group: GroupId,
    /// The hook as it was when the action began.
    pub hook: Hook,
    /// `LifecycleActionToken`.
    pub token: String,
    /// When it ends whatever heartbeats come.
    pub deadline: SimTime,
    /// How it ended, if it has.
    pub result: Option<ActionResult>,
    /// Whether it ended because nobody completed it in time.
    pub timed_out: bool,
    /// How often it was extended (Alibaba Cloud).
    pub beats: u32,
    /// The scaling activity that waits (Alibaba Cloud).
    pub activity: Option<ActivityId>,
    /// What made the instance come to the transition.
    entry: Option<EntryId>,
}

impl Cloud {
    /// Begins the lifecycle actions of an instance that comes to a transition; `false` where the
    /// group has no hooks for it.
    pub(super) fn begin_actions(
        &mut self,
        cx: &mut Cx<'_>,
        id: InstanceId,
        transition: Transition,
    ) -> bool {
        let Some(group) = self.instances[id.index()].group else {
            return false;
        };
        let hooks = self.hooks_of(group, transition);
        self.wait_for(cx, id, hooks)
    }

    /// The hooks of a group for a transition.
    pub fn hooks_of(&self, group: GroupId, transition: Transition) -> Vec<Hook> {
        let hooks = self.groups[group.index()].hooks.iter();
        hooks
            .filter(|hook| hook.transition == transition)
            .cloned()
            .collect()
    }

    /// A member waits for hooks; `false` without any.
    pub(super) fn wait_for(&mut self, cx: &mut Cx<'_>, id: InstanceId, hooks: Vec<Hook>) -> bool {
        let group = self.instances[id.index()].group.expect("it is a member");
        let (provider, activity) = {
            let group = &self.groups[group.index()];
            (group.provider, group.busy)
        };
        let launches = hooks
            .iter()
            .any(|hook| hook.transition == Transition::Launching);
        if hooks.is_empty() {
            return false;
        }
        let waits = waiting_state(self.instances[id.index()].lifecycle);
        self.set_lifecycle(cx, id, waits);
        for hook in hooks {
            let action = LifecycleActionId::from_index(self.lifecycle_actions.len());
            schedule(cx, cx.now + hook.heartbeat, Timer::Heartbeat(action));
            let deadline = cx.now + hook.longest_wait(provider);
            let token = match provider {
                Provider::Aws => self.identifiers.uuid(),
                Provider::Alibaba => self.ess_token(group, &hook.name),
            };
            self.lifecycle_actions.push(LifecycleAction {
                instance: id,
                group,
                hook,
                token,
                deadline,
                result: None,
                timed_out: false,
                beats: 0,
                activity,
                entry: self.cause,
            });
            self.instances[id.index()].membership.actions.push(action);
        }
        if let Some(activity) = self.instances[id.index()].activity {
            self.update_activity(cx, activity, |activity| {
                activity.status = StatusCode::MidLifecycleAction;
                if launches {
                    activity.progress = 40;
                }
            });
        }
        true
    }

    /// Gives a group a hook; one of the same name takes its place, which actions under way do not
    /// notice.
    pub fn put_hook(&mut self, group: GroupId, hook: Hook) {
        let hooks = &mut self.groups[group.index()].hooks;
        match hooks.iter_mut().find(|other| other.name == hook.name) {
            Some(old) => *old = hook,
            None => hooks.push(hook),
        }
    }

    /// Deletes a hook. Its actions under way are completed: on AWS abandoned for instances that are
    /// launched and continued for those that are terminated. Source: R-HOOK-6, R-ESS-15.
    pub fn delete_hook(&mut self, cx: &mut Cx<'_>, group: GroupId, place: usize) {
        let hook = self.groups[group.index()].hooks.remove(place);
        let actions = self.groups[group.index()].members.iter();
        let actions: Vec<LifecycleActionId> = actions
            .flat_map(|member| &self.instances[member.index()].membership.actions)
            .copied()
            .filter(|id| self.lifecycle_actions[id.index()].hook.name == hook.name)
            .collect();
        for id in actions {
            if self.lifecycle_actions[id.index()].result.is_some() {
                // an earlier one of these has ended it
                continue;
            }
            let provider = self.groups[group.index()].provider;
            let hook = &self.lifecycle_actions[id.index()].hook;
            let result = hook.result_of_deletion(provider);
            self.complete_action(cx, id, result);
        }
    }

    /// The action under way of a hook, by instance or by token.
    pub fn open_action(
        &self,
        group: GroupId,
        hook: &str,
        is_it: impl Fn(&Self, &LifecycleAction) -> bool,
    ) -> Option<LifecycleActionId> {
        let members = self.groups[group.index()].members.iter();
        let open = members.flat_map(|member| &self.instances[member.index()].membership.actions);
        let wanted = open.copied().filter(|id| {
            let action = &self.lifecycle_actions[id.index()];
            action.hook.name == hook && is_it(self, action)
        });
        wanted.min()
    }

    /// A heartbeat: the action has its whole heartbeat timeout again, within its global timeout.
    pub fn record_heartbeat(&mut self, cx: &mut Cx<'_>, id: LifecycleActionId) {
        let action = &self.lifecycle_actions[id.index()];
        let at = (cx.now + action.hook.heartbeat).min(action.deadline);
        schedule(cx, at, Timer::Heartbeat(id));
    }

    pub(super) fn on_heartbeat_missed(&mut self, cx: &mut Cx<'_>, id: LifecycleActionId) {
        self.cause = self.lifecycle_actions[id.index()].entry;
        let action = &mut self.lifecycle_actions[id.index()];
        action.timed_out = true;
        let result = action.hook.default_result;
        self.conclude(cx, id, result, "Heartbeat Timeout");
    }

    /// Ends one action, and with the last of them the wait of its instance.
    pub fn complete_action(
        &mut self,
        cx: &mut Cx<'_>,
        id: LifecycleActionId,
        result: ActionResult,
    ) {
        let why = "Lifecycle Action Completed with ABANDON Result";
        self.conclude(cx, id, result, why);
    }

    /// Ends one action; `why` it is abandoned, if it is.
    fn conclude(
        &mut self,
        cx: &mut Cx<'_>,
        id: LifecycleActionId,
        result: ActionResult,
        why: &str,
    ) {
        let action = &self.lifecycle_actions[id.index()];
        let (instance, group) = (action.instance, action.group);
        let provider = self.groups[group.index()].provider;
        let ends_others = action.hook.ends_others(provider, result);
        self.end_action(cx, id, result);
        if ends_others {
            self.drop_actions(cx, instance);
            self.tell_of_abandoned_launch(cx, id, why);
        }
        if !self.instances[instance.index()]
            .membership
            .actions
            .is_empty()
        {
            return;
        }
        let state = self.instances[instance.index()].lifecycle;
        if provider == Provider::Alibaba {
            self.ess_actions_are_over(cx, instance, result);
        } else if state == LifecycleState::PendingWait {
            self.launch_actions_are_over(cx, instance, result);
        } else if state.is_warmed() {
            self.pool_actions_are_over(cx, instance, result);
        } else {
            assert_eq!(
                state,
                LifecycleState::TerminatingWait,
                "only who waits has lifecycle actions"
            );
            self.termination_actions_are_over(cx, instance, result);
        }
    }

    /// The activity of a launch says why it is called off. Source: R-HOOK-3.
    fn tell_of_abandoned_launch(&mut self, cx: &mut Cx<'_>, id: LifecycleActionId, why: &str) {
        let action = &self.lifecycle_actions[id.index()];
        let activity = self.instances[action.instance.index()].activity;
        let Some(activity) = activity.filter(|_| action.hook.transition == Transition::Launching)
        else {
            return;
        };
        let message = format!(
            "Instance failed to complete user's Lifecycle Action: Lifecycle Action with token {} \
             was abandoned: {why}",
            action.token
        );
        self.update_activity(cx, activity, |activity| {
            activity.progress = 100;
            activity.description += ".  Status Reason: ";
            activity.description += &message;
            activity.status_message = Some(message);
        });
    }

    fn launch_actions_are_over(&mut self, cx: &mut Cx<'_>, id: InstanceId, result: ActionResult) {
        match result {
            ActionResult::Abandon | ActionResult::Rollback => {
                self.terminate_member(cx, id, &TerminationReason::Abandoned);
            }
            ActionResult::Continue => {
                self.set_lifecycle(cx, id, LifecycleState::PendingProceed);
                self.join_sources(cx, id);
            }
        }
    }

    fn termination_actions_are_over(
        &mut self,
        cx: &mut Cx<'_>,
        id: InstanceId,
        result: ActionResult,
    ) {
        if self.retains(id, result) {
            self.set_lifecycle(cx, id, LifecycleState::TerminatingRetained);
            return self.finish_activity_of(cx, id);
        }
        self.set_lifecycle(cx, id, LifecycleState::TerminatingProceed);
        if let Some(activity) = self.instances[id.index()].activity {
            self.update_activity(cx, activity, |activity| {
                activity.status = StatusCode::InProgress;
            });
        }
        self.end_machine(cx, id);
    }

    /// Whether the group keeps an instance whose termination hook was abandoned.
    fn retains(&self, id: InstanceId, result: ActionResult) -> bool {
        let group = self.instances[id.index()].group;
        result == ActionResult::Abandon
            && group.is_some_and(|group| self.groups[group.index()].rules.retain_on_abandon)
    }

    fn end_action(&mut self, cx: &mut Cx<'_>, id: LifecycleActionId, result: ActionResult) {
        cx.calendar.cancel(&Timer::Heartbeat(id));
        let action = &mut self.lifecycle_actions[id.index()];
        action.result = Some(result);
        self.instances[action.instance.index()]
            .membership
            .actions
            .retain(|&other| other != id);
    }

    /// Ends every action of an instance that no longer waits.
    pub(super) fn drop_actions(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        for action in self.instances[id.index()].membership.actions.clone() {
            self.end_action(cx, action, ActionResult::Abandon);
        }
    }
}

/// Where an instance waits that comes from `state`.
fn waiting_state(state: LifecycleState) -> LifecycleState {
    let places = [
        (LifecycleState::Pending, LifecycleState::PendingWait),
        (LifecycleState::Terminating, LifecycleState::TerminatingWait),
        (LifecycleState::Removing, LifecycleState::RemovingWait),
        (LifecycleState::Detaching, LifecycleState::RemovingWait),
        (
            LifecycleState::WarmedPending,
            LifecycleState::WarmedPendingWait,
        ),
        (
            LifecycleState::WarmedTerminating,
            LifecycleState::WarmedTerminatingWait,
        ),
    ];
    let place = places.iter().find(|(from, _)| *from == state);
    place.expect("hooks run in these states only").1
}
