//! Lifecycle hooks of Alibaba Cloud's scaling groups, where they differ from those of AWS.
//!
//! All instances of one scaling activity wait for a hook under one token, and the activity waits
//! with them. Who leaves waits before it leaves its server groups, so it serves on meanwhile; a
//! rollback puts it back. Source: R-ESS-15 to R-ESS-18. This module must never know who completes
//! an action.

use super::cloud::Cloud;
use super::event::{Cx, Timer, schedule};
use super::hook::{ActionResult, Hook, LifecycleAction, Transition};
use super::ids::{ActivityId, GroupId, InstanceId, LifecycleActionId};
use super::lifecycle::LifecycleState;
use super::machine::MachineState;
use crate::engine::time::{SimDuration, SimTime};

/// The longest an instance may wait for a hook, whatever heartbeats are recorded. Source:
/// R-ESS-16.
pub(super) const LONGEST: SimDuration = SimDuration::from_secs(21_600);

/// How often the wait for a hook may be extended. Source: R-ESS-16.
pub const MOST_BEATS: u32 = 20;

impl Transition {
    /// The words of ESS for all.
    pub const ESS_NAMES: [&'static str; 2] = ["SCALE_OUT", "SCALE_IN"];

    /// The word of ESS.
    pub fn ess_name(self) -> &'static str {
        let [out, into] = Self::ESS_NAMES;
        match self {
            Self::Launching => out,
            Self::Terminating => into,
        }
    }

    /// The transition that ESS calls `name`.
    pub fn ess_named(name: &str) -> Option<Self> {
        [Self::Launching, Self::Terminating]
            .into_iter()
            .find(|transition| transition.ess_name() == name)
    }
}

/// How an instance leaves its scaling group.
#[derive(Debug, Clone)]
pub(super) struct Departure {
    /// What it was before: a rollback makes it that again.
    from: LifecycleState,
    /// What it is on its way out.
    state: LifecycleState,
    /// Whether it leaves the server groups, too.
    leaves_sources: bool,
    /// The hooks that it waits for next.
    hooks: Vec<Hook>,
}

impl LifecycleAction {
    /// Where it stands, in the words of ESS. Source: R-ESS-15.
    pub fn ess_status(&self) -> &'static str {
        match self.result {
            None => "Pending",
            Some(_) if self.timed_out => "Timeout",
            Some(_) => "Completed",
        }
    }
}

impl Cloud {
    /// The token under which the instances of the activity under way wait for a hook.
    pub(super) fn ess_token(&mut self, group: GroupId, hook: &str) -> String {
        let known = self.groups[group.index()].scaling_group.tokens.get(hook);
        if let Some(token) = known {
            return token.clone();
        }
        let token = self.identifiers.alibaba_request();
        let tokens = &mut self.groups[group.index()].scaling_group.tokens;
        tokens.insert(hook.to_owned(), token.clone());
        token
    }

    /// The lifecycle actions under way of a hook under this token, over all scaling groups.
    pub fn ess_open_actions(&self, hook: &str, token: &str) -> Vec<LifecycleActionId> {
        let members = self.groups.iter().flat_map(|group| &group.members);
        let open = members.flat_map(|member| &self.instances[member.index()].membership.actions);
        let wanted = |id: &LifecycleActionId| {
            let action = &self.lifecycle_actions[id.index()];
            action.hook.id == hook && action.token == token
        };
        open.copied().filter(wanted).collect()
    }

    /// The lifecycle actions of a scaling activity, in the order in which they began.
    pub fn ess_actions_of(
        &self,
        activity: ActivityId,
    ) -> impl Iterator<Item = &LifecycleAction> + '_ {
        let actions = self.lifecycle_actions.iter();
        actions.filter(move |action| action.activity == Some(activity))
    }

    /// Whether an action would last longer than it may if it lasted `span` from now on. Source:
    /// R-ESS-16.
    pub fn exceeds_longest_wait(
        &self,
        now: SimTime,
        id: LifecycleActionId,
        span: SimDuration,
    ) -> bool {
        now + span > self.lifecycle_actions[id.index()].deadline
    }

    /// An action lasts for `span` from now on. Source: R-ESS-16.
    pub fn extend_action(&mut self, cx: &mut Cx<'_>, id: LifecycleActionId, span: SimDuration) {
        self.lifecycle_actions[id.index()].beats += 1;
        schedule(cx, cx.now + span, Timer::Heartbeat(id));
    }

    /// Members leave: first they wait for the hooks, if there are any. All are told at once,
    /// because the activity is over when nobody is leaving. Source: R-ESS-17.
    pub(super) fn ess_depart(
        &mut self,
        cx: &mut Cx<'_>,
        ids: &[InstanceId],
        state: LifecycleState,
        leaves_sources: bool,
        hooks: &[Hook],
    ) {
        for &id in ids {
            let instance = &mut self.instances[id.index()];
            instance.membership.departure = Some(Departure {
                from: instance.lifecycle,
                state,
                leaves_sources,
                hooks: hooks.to_vec(),
            });
            self.set_lifecycle(cx, id, state);
        }
        for &id in ids {
            if self.assumptions.ess_hook_after_removal || !self.ess_wait(cx, id) {
                self.ess_leave_sources(cx, id);
            }
        }
    }

    /// An instance that leaves waits for the hooks it has not waited for; `false` without any.
    fn ess_wait(&mut self, cx: &mut Cx<'_>, id: InstanceId) -> bool {
        let departure = self.instances[id.index()].membership.departure.as_mut();
        let hooks = departure.map(|departure| std::mem::take(&mut departure.hooks));
        self.wait_for(cx, id, hooks.unwrap_or_default())
    }

    /// An instance that leaves is removed from the server groups, if it is to be.
    fn ess_leave_sources(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        let group = self.instances[id.index()].group.expect("it is a member");
        let departure = self.departure(id);
        let runs_on = departure.state == LifecycleState::Detaching || !self.is_released(id);
        let sources = if departure.leaves_sources {
            self.groups[group.index()].sources.clone()
        } else {
            Vec::new()
        };
        self.leave_sources(cx, id, &sources);
        if self.instances[id.index()].waits_for.is_empty() {
            self.ess_has_left(cx, id);
        }
        if runs_on {
            self.stop_if_detached(cx, id);
        }
    }

    fn departure(&self, id: InstanceId) -> &Departure {
        let departure = self.instances[id.index()].membership.departure.as_ref();
        departure.expect("it is leaving")
    }

    /// An instance that leaves has left its server groups.
    pub(super) fn ess_has_left(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        if !self.ess_wait(cx, id) {
            self.ess_is_out(cx, id);
        }
    }

    /// An instance has nothing to wait for any more on its way out.
    fn ess_is_out(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        let departure = self.instances[id.index()].membership.departure.take();
        if departure.expect("it is leaving").state == LifecycleState::Detaching {
            self.finish_detaching(cx, id);
        } else {
            self.end_removal(cx, id);
        }
    }

    /// The lifecycle actions of a member are over. Source: R-ESS-17, R-ESS-18.
    pub(super) fn ess_actions_are_over(
        &mut self,
        cx: &mut Cx<'_>,
        id: InstanceId,
        result: ActionResult,
    ) {
        let group = self.instances[id.index()].group.expect("it is a member");
        if self.instances[id.index()].lifecycle == LifecycleState::PendingWait {
            if result == ActionResult::Continue {
                self.set_lifecycle(cx, id, LifecycleState::Pending);
                self.join_sources(cx, id);
            } else {
                self.ess_undo(cx, group, id, result);
                self.set_lifecycle(cx, id, LifecycleState::Removing);
                self.end_removal(cx, id);
            }
        } else if result == ActionResult::Rollback && self.may_be_put_back(id) {
            self.ess_undo(cx, group, id, result);
            self.ess_put_back(cx, id);
        } else {
            let state = self.departure(id).state;
            self.set_lifecycle(cx, id, state);
            if self.assumptions.ess_hook_after_removal {
                self.ess_is_out(cx, id);
            } else {
                self.ess_leave_sources(cx, id);
            }
        }
        self.end_ess_activity_if_done(cx, group);
    }

    /// The activity does not do to an instance what it was to do.
    fn ess_undo(&mut self, cx: &mut Cx<'_>, group: GroupId, id: InstanceId, result: ActionResult) {
        let entry = &mut self.groups[group.index()];
        entry.scaling_group.undone += 1;
        let coming = self.instances[id.index()].lifecycle == LifecycleState::PendingWait;
        let desired = &mut entry.counts.desired;
        *desired = if coming {
            desired.saturating_sub(1)
        } else {
            *desired + 1
        };
        let words = format!(
            "The lifecycle hook of instance \"{}\" ended with {}.",
            self.instances[id.index()].id,
            result.name()
        );
        if let Some(activity) = self.groups[group.index()].busy {
            let told = self.ess_activity_mut(activity);
            told.leave_out(id);
            if let Some(moves) = told.moves.as_mut().filter(|_| coming) {
                moves.lose(1);
            }
            self.update_activity(cx, activity, |activity| {
                let told = activity.status_message.take();
                let told = told.map(|told| format!("{told} "));
                activity.status_message = Some(told.unwrap_or_default() + &words);
            });
        }
    }

    /// Whether an instance that was to leave may stay: one whose machine is gone would only be
    /// found unhealthy again.
    fn may_be_put_back(&self, id: InstanceId) -> bool {
        self.instances[id.index()].state == MachineState::Running
    }

    /// An instance that was to leave stays, as it was.
    fn ess_put_back(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        let departure = self.instances[id.index()].membership.departure.take();
        let from = departure.expect("it was leaving").from;
        if self.assumptions.ess_hook_after_removal && from == LifecycleState::InService {
            self.set_lifecycle(cx, id, LifecycleState::Pending);
            self.join_sources(cx, id);
        } else {
            self.set_lifecycle(cx, id, from);
        }
    }
}
