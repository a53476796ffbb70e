//! Scaling policies: what they make of a group's capacity when they are carried out.
//!
//! A simple policy adjusts the desired capacity. A step policy counts from the capacity without
//! the instances that are warming up, so that a breach that goes on scales once, and does not
//! scale in while any is. Source: R-POLICY-1 to R-POLICY-5. What target tracking wants is decided
//! in `tracking`. This module must never check what a call may ask for.

use super::adjustment::{Adjustment, Step};
use super::cloud::Cloud;
use super::cooldown::Cooldown;
use super::event::Cx;
use super::ids::{EntryId, GroupId, InstanceId};
use super::lifecycle::LifecycleState;
use super::schedule::ScheduledAction;
use super::tracking::Tracking;
use crate::engine::time::{SimDuration, SimTime};

/// What a policy does.
#[derive(Debug, Clone, PartialEq)]
pub enum PolicyKind {
    /// Adjusts once, and then waits for a cooldown.
    Simple {
        /// What its number means.
        adjustment: Adjustment,
        /// The number.
        by: i64,
        /// Its own cooldown; the group's without.
        cooldown: Option<SimDuration>,
    },
    /// Adjusts by the size of the breach.
    Step {
        /// What the numbers of its steps mean.
        adjustment: Adjustment,
        /// Its steps.
        steps: Vec<Step>,
        /// `EstimatedInstanceWarmup`.
        warmup: Option<SimDuration>,
    },
    /// Keeps a metric near a target.
    Tracking(Tracking),
    /// Kept and shown; it never scales.
    Predictive,
}

impl PolicyKind {
    /// The cloud's word.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Simple { .. } => "SimpleScaling",
            Self::Step { .. } => "StepScaling",
            Self::Tracking(_) => "TargetTrackingScaling",
            Self::Predictive => "PredictiveScaling",
        }
    }
}

/// A scaling policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Name, unique in its group.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Whether it may be carried out.
    pub enabled: bool,
    /// What it does.
    pub kind: PolicyKind,
    /// How it was put, to be shown again.
    pub shown: String,
    /// Through which entry.
    pub entry: Option<EntryId>,
}

/// What a group knows of scaling by policies and by the clock.
#[derive(Debug, Default)]
pub struct Scaling {
    /// Policies, in the order in which they were put first.
    pub policies: Vec<Policy>,
    /// Scheduled actions, in the order in which they were put first.
    pub scheduled: Vec<ScheduledAction>,
    /// The last scaling that has a cooldown.
    pub(super) cooldown: Option<Cooldown>,
    /// Warm-up of the instances a policy wants and that are yet to be launched.
    pub(super) warmup_of_launches: Option<SimDuration>,
}

impl Cloud {
    /// Puts a policy, in the place of one of the same name.
    pub fn put_policy(&mut self, cx: &mut Cx<'_>, group: GroupId, mut policy: Policy) {
        if let PolicyKind::Tracking(tracking) = &mut policy.kind {
            self.begin_tracking(cx.now, tracking);
        }
        let policies = &mut self.groups[group.index()].scaling.policies;
        match policies.iter_mut().find(|other| other.name == policy.name) {
            Some(other) => *other = policy,
            None => policies.push(policy),
        }
        self.expect_tracking(cx, group);
    }

    /// Deletes the policy at `place`. What it began goes on.
    pub fn delete_policy(&mut self, cx: &mut Cx<'_>, group: GroupId, place: usize) {
        self.groups[group.index()].scaling.policies.remove(place);
        self.expect_tracking(cx, group);
    }

    /// The policy of this name or ARN.
    pub fn policy_named(&self, group: GroupId, name: &str) -> Option<usize> {
        let policies = &self.groups[group.index()].scaling.policies;
        policies
            .iter()
            .position(|policy| policy.name == name || policy.arn == name)
    }

    /// Carries a policy out because a call says so, a step policy for a metric that is `breach`
    /// above its threshold. The caller has checked everything.
    pub fn execute_policy(&mut self, cx: &mut Cx<'_>, group: GroupId, place: usize, breach: f64) {
        let Policy { name, kind, .. } = &self.groups[group.index()].scaling.policies[place];
        let who = format!("a user request executed policy {name}");
        match kind.clone() {
            PolicyKind::Simple {
                adjustment,
                by,
                cooldown,
            } => {
                let entry = &self.groups[group.index()];
                let wanted = adjustment.apply(entry.counts.desired, by);
                let span = cooldown.unwrap_or(entry.rules.default_cooldown);
                let before = self.counting(group);
                if self.scale(cx, group, wanted, &who, None) {
                    self.await_cooldown(cx, group, span, &before);
                }
            }
            PolicyKind::Step {
                adjustment,
                steps,
                warmup,
            } => {
                if let Some(step) = Step::find(&steps, breach) {
                    let wanted = |capacity| adjustment.apply(capacity, step.by);
                    if let Some(wanted) = self.warm_capacity(cx.now, group, wanted) {
                        let warmup = self.warmup_after_policy(group, warmup);
                        self.scale(cx, group, wanted, &who, Some(warmup));
                    }
                }
            }
            PolicyKind::Tracking(_) | PolicyKind::Predictive => {}
        }
    }

    /// The capacity that `wanted` makes of what there is, if the group is to take it. Source:
    /// R-POLICY-4.
    fn warm_capacity(
        &self,
        now: SimTime,
        group: GroupId,
        wanted: impl Fn(u32) -> u32,
    ) -> Option<u32> {
        let more = self.more_capacity(now, group, &wanted);
        more.or_else(|| self.less_capacity(now, group, wanted))
    }

    /// The capacity that `wanted` makes of what there is without who is warming up, if that is more
    /// than is desired. Source: R-POLICY-4.
    pub(super) fn more_capacity(
        &self,
        now: SimTime,
        group: GroupId,
        wanted: impl Fn(u32) -> u32,
    ) -> Option<u32> {
        let desired = self.groups[group.index()].counts.desired;
        let warm = desired.saturating_sub(self.warming(now, group));
        let more = self.limited(group, wanted(warm));
        (more > desired).then_some(more)
    }

    /// The capacity that `wanted` makes of what there is with who is being terminated, if that is
    /// less than is desired and nobody is warming up. Source: R-POLICY-4.
    pub(super) fn less_capacity(
        &self,
        now: SimTime,
        group: GroupId,
        wanted: impl Fn(u32) -> u32,
    ) -> Option<u32> {
        let entry = &self.groups[group.index()];
        let leaving = entry.members.iter().filter(|member| {
            let state = self.instances[member.index()].lifecycle;
            state.is_terminating() && !state.is_warmed()
        });
        let leaving = u32::try_from(leaving.count()).unwrap_or(u32::MAX);
        let desired = entry.counts.desired;
        let fewer = self.limited(group, wanted(desired.saturating_add(leaving)));
        (fewer < desired && self.warming(now, group) == 0).then_some(fewer)
    }

    /// A capacity moved between the sizes of a group.
    fn limited(&self, group: GroupId, capacity: u32) -> u32 {
        let entry = &self.groups[group.index()];
        capacity.max(entry.min_size).min(entry.max_size)
    }

    /// Instances that do not contribute yet: launched or to be launched, and warming up.
    pub(super) fn warming(&self, now: SimTime, group: GroupId) -> u32 {
        let entry = &self.groups[group.index()];
        let by_default = entry.rules.default_instance_warmup.is_some();
        let warming = entry.members.iter().filter(|member| {
            let instance = &self.instances[member.index()];
            if instance.lifecycle.is_pending() {
                by_default || instance.membership.warmup.is_some()
            } else {
                instance.lifecycle == LifecycleState::InService
                    && now < instance.membership.contributes_at
            }
        });
        let warming = u32::try_from(warming.count()).unwrap_or(u32::MAX);
        if entry.scaling.warmup_of_launches.is_some() {
            warming + entry.counts.desired.saturating_sub(entry.actual())
        } else {
            warming
        }
    }

    /// The warm-up of instances a policy launches. Source: R-POLICY-5.
    pub(super) fn warmup_after_policy(
        &self,
        group: GroupId,
        own: Option<SimDuration>,
    ) -> SimDuration {
        let rules = &self.groups[group.index()].rules;
        own.or(rules.default_instance_warmup)
            .unwrap_or(rules.default_cooldown)
    }

    /// Gives a group another desired capacity between its sizes, in the name of `who`; `false`
    /// where it has that already.
    pub(super) fn scale(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        wanted: u32,
        who: &str,
        warmup: Option<SimDuration>,
    ) -> bool {
        let entry = &self.groups[group.index()];
        let from = entry.counts.desired;
        let to = self.limited(group, wanted);
        if from == to || entry.is_leaving() {
            return false;
        }
        if to > from {
            self.groups[group.index()].scaling.warmup_of_launches = warmup;
        }
        self.set_capacity_for(cx, group, to, who);
        true
    }

    /// Sets the desired capacity because a call says so. It is between the sizes of the group.
    pub fn request_capacity(&mut self, cx: &mut Cx<'_>, group: GroupId, desired: u32) {
        let from = self.groups[group.index()].counts.desired;
        let before = self.counting(group);
        let who = "a user request explicitly set group desired capacity";
        self.set_capacity_for(cx, group, desired, who);
        if from != desired && self.assumptions.manual_scaling_cooldown {
            let span = self.groups[group.index()].rules.default_cooldown;
            self.await_cooldown(cx, group, span, &before);
        }
    }

    fn set_capacity_for(&mut self, cx: &mut Cx<'_>, group: GroupId, to: u32, who: &str) {
        let at = self.clock.seconds(cx.now);
        let entry = &mut self.groups[group.index()];
        let from = entry.counts.desired;
        if from != to {
            entry.request = Some(format!(
                "At {at} {who} changing the desired capacity from {from} to {to}."
            ));
        }
        self.set_desired_capacity(cx, group, to);
        let entry = &mut self.groups[group.index()];
        if !entry.will_change_size() {
            entry.request = None;
        }
    }

    /// The group lacks nothing any more: what a policy was to launch is there, or was taken back.
    pub(super) fn policies_see_launches(&mut self, cx: &Cx<'_>, group: GroupId) {
        let entry = &self.groups[group.index()];
        if entry.actual() < entry.wanted() {
            // some were refused and will be tried again
            return;
        }
        self.cooldown_sees_launches(cx, group);
        if let Some(warmup) = self.groups[group.index()].scaling.warmup_of_launches.take() {
            for member in self.groups[group.index()].members.clone() {
                let instance = &mut self.instances[member.index()];
                if instance.lifecycle.is_pending() {
                    instance.membership.warmup.get_or_insert(warmup);
                }
            }
        }
    }

    /// A member is in service: its warm-up begins.
    pub(super) fn policies_see_arrival(&mut self, now: SimTime, group: GroupId, id: InstanceId) {
        self.cooldown_sees_arrival(now, group, id);
        let by_default = self.groups[group.index()].rules.default_instance_warmup;
        let membership = &mut self.instances[id.index()].membership;
        let warmup = membership.warmup.or(by_default);
        membership.contributes_at = now + warmup.unwrap_or_default();
    }
}
