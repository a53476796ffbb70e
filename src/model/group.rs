//! Groups: membership, lifecycle states and traffic sources, for both clouds.
//!
//! What both kinds of group share stands here; `autoscaling` has what EC2 Auto Scaling does by
//! itself, `ess` what Alibaba's Auto Scaling does. An instance is in one group at most, and only
//! documented lifecycle edges are taken. A group must never look into a process: it asks the
//! cloud's API like anyone else.

use std::collections::{BTreeMap, BTreeSet};

pub use super::source::{Source, SourceState};

use super::capacity::Replacement;
use super::cloud::Cloud;
use super::event::{Cx, Timer, schedule};
use super::group_admin::Deletion;
use super::hook::{Hook, Transition};
use super::identifier::Identifiers;
use super::ids::{
    ActivityId, EntryId, GroupId, InstanceId, LaunchTemplateId, RefreshId, RegistrationId,
    TargetGroupId, ZoneId,
};
use super::lifecycle::LifecycleState;
use super::machine::MachineState;
use super::membership::Membership;
use super::policy::Scaling;
use super::record::{InstanceCounts, Record};
use super::registration::TargetHealth;
use super::scaling_group_state::ScalingGroupState;
use super::scaling_process::{ScalingProcess, Suspended};
use super::settings::{GroupRules, GroupSettings, Provider};
use super::warm_pool::PoolWork;
use crate::engine::time::{SimDuration, SimTime};

/// An Auto Scaling group or scaling group.
#[derive(Debug)]
pub struct Group {
    /// Name in the file.
    pub name: String,
    /// Whose cloud.
    pub provider: Provider,
    /// The name on AWS, `asg-...` on Alibaba Cloud.
    pub identifier: String,
    /// Its ARN on AWS.
    pub arn: String,
    /// Smallest size.
    pub min_size: u32,
    /// Largest size.
    pub max_size: u32,
    /// Zones.
    pub zones: Vec<ZoneId>,
    /// What is launched.
    pub launch_template: LaunchTemplateId,
    /// Traffic sources.
    pub sources: Vec<Source>,
    /// Whether failed ELB checks replace instances.
    pub elb_health_check: bool,
    /// Grace after `InService`.
    pub health_check_grace_period: SimDuration,
    /// Members in launch order, leaving ones included.
    pub members: Vec<InstanceId>,
    /// Desired capacity and how many are in which state.
    pub counts: InstanceCounts,
    /// Members that count for the capacity, by zone.
    pub(super) by_zone: BTreeMap<ZoneId, usize>,
    /// The one scaling activity under way (Alibaba Cloud).
    pub busy: Option<ActivityId>,
    /// What else it is (Alibaba Cloud).
    pub scaling_group: ScalingGroupState,
    /// What it is told about itself beyond its sizes.
    pub rules: GroupRules,
    /// Lifecycle hooks.
    pub hooks: Vec<Hook>,
    /// Processes that are suspended.
    pub suspended: Suspended,
    /// Members that go once others serve in their stead, in the order in which they will.
    pub replacements: Vec<Replacement>,
    /// The active instance refresh.
    pub refresh: Option<RefreshId>,
    /// Its policies and what they have begun.
    pub scaling: Scaling,
    /// What is under way in its warm pool.
    pub(super) pool: PoolWork,
    /// When it was created; 0 s for one that stood before.
    pub created: SimTime,
    /// Whether it is being deleted, or is.
    pub deletion: Deletion,
    /// Failed members whose replacements are not launched yet.
    pub(super) unhealthy_to_replace: u32,
    /// The sentence of the request that changed its size, until it has launched what it asks for.
    pub(super) request: Option<String>,
    /// Nobody may be terminated although there are too many.
    pub(super) all_protected: bool,
    /// The entry that last left its zones uneven.
    pub(super) uneven_by: Option<EntryId>,
    /// The entry that last left the group short, to which its launches are due.
    pub(super) short_by: Option<EntryId>,
    /// How many it then lacked.
    pub(super) short_of: u32,
    pub(super) poll_phase: SimDuration,
}

impl Group {
    /// Whether it is being deleted, or is: it does nothing by itself any more.
    pub fn is_leaving(&self) -> bool {
        self.deletion != Deletion::None
    }

    /// Whether it is deleted: nobody can name it any more.
    pub fn is_gone(&self) -> bool {
        self.deletion == Deletion::Done
    }

    /// The sentence of a user's request with the space that activities put behind it.
    pub(super) fn prelude(&self) -> String {
        self.request
            .as_ref()
            .map_or_else(String::new, |request| format!("{request}  "))
    }

    /// One more of the members in a zone counts for the capacity.
    pub(super) fn joins_zone(&mut self, zone: ZoneId) {
        *self.by_zone.entry(zone).or_default() += 1;
    }

    /// One of the members in a zone counts no longer.
    fn leaves_zone(&mut self, zone: ZoneId) {
        if let Some(count) = self.by_zone.get_mut(&zone) {
            *count -= 1;
        }
    }

    /// Its source for this target group, on this port if one is given.
    pub fn source(&self, target_group: TargetGroupId, port: Option<u16>) -> Option<usize> {
        self.sources.iter().position(|source| {
            source.target_group == target_group && port.is_none_or(|port| port == source.port)
        })
    }
}

impl Cloud {
    /// A group that stands before 0 s with all its members in service.
    pub(super) fn add_group(&mut self, settings: GroupSettings) {
        let (desired, provider) = (settings.desired_capacity, settings.provider);
        let template = settings.launch_template;
        let sources = settings.sources.clone();
        let mut given = settings.instance_ids.clone().into_iter();
        let id = self.new_group(settings, SimTime::ZERO);
        self.groups[id.index()].counts.in_service = desired;
        for ordinal in 0..desired as usize {
            let zones = &self.groups[id.index()].zones;
            let zone = zones[ordinal % zones.len()];
            let name = given
                .next()
                .unwrap_or_else(|| self.new_instance_id(provider));
            let instance = self.add_standing_instance(name.clone(), zone, template, Some(id));
            let group = &mut self.groups[id.index()];
            group.members.push(instance);
            group.joins_zone(zone);
            self.instances[instance.index()].membership = Membership {
                joined: true,
                protected: group.rules.new_instances_protected,
                ..Membership::default()
            };
            for source in &sources {
                let target = name.clone();
                let key = (source.target_group, target, source.port);
                self.add_standing_target(key, instance, source.weight);
            }
        }
        self.fill_standing_pool(id);
    }

    /// A group without members.
    pub(super) fn new_group(&mut self, settings: GroupSettings, created: SimTime) -> GroupId {
        let id = GroupId::from_index(self.groups.len());
        let mut stream = self.streams.stream("health poll phase", &[u64::from(id.0)]);
        let poll_phase = super::health::phase_within(self.assumptions.health_poll, &mut stream);
        let source = |source: &super::settings::GroupSourceSettings| Source {
            target_group: source.target_group,
            port: source.port,
            weight: source.weight,
            state: SourceState::InService,
            attached_via: source.attached_via,
            waits_for: BTreeSet::new(),
        };
        let mut own = Identifiers::new(self.streams.stream("group arn", &[u64::from(id.0)]));
        let arn = format!(
            "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:{}:autoScalingGroupName/{}",
            own.uuid(),
            settings.identifier
        );
        self.groups.push(Group {
            arn,
            name: settings.name,
            provider: settings.provider,
            identifier: settings.identifier,
            min_size: settings.min_size,
            max_size: settings.max_size,
            launch_template: settings.launch_template,
            sources: settings.sources.iter().map(source).collect(),
            elb_health_check: settings.elb_health_check,
            health_check_grace_period: settings.health_check_grace_period,
            members: Vec::new(),
            counts: InstanceCounts {
                desired: settings.desired_capacity,
                ..InstanceCounts::default()
            },
            by_zone: BTreeMap::new(),
            busy: None,
            scaling_group: ScalingGroupState::default(),
            rules: settings.rules,
            hooks: settings.hooks,
            suspended: Suspended::default(),
            replacements: Vec::new(),
            refresh: None,
            scaling: Scaling::default(),
            pool: PoolWork::default(),
            created,
            deletion: Deletion::None,
            unhealthy_to_replace: 0,
            request: None,
            all_protected: false,
            uneven_by: None,
            short_by: None,
            short_of: 0,
            poll_phase,
            zones: settings.zones,
        });
        id
    }

    pub(super) fn new_instance_id(&mut self, provider: Provider) -> String {
        match provider {
            Provider::Aws => self.identifiers.instance(),
            Provider::Alibaba => self.identifiers.alibaba_instance(),
        }
    }

    /// The group with this name or id.
    pub fn group_named(&self, provider: Provider, identifier: &str) -> Option<GroupId> {
        self.groups
            .iter()
            .position(|group| {
                group.provider == provider && group.identifier == identifier && !group.is_gone()
            })
            .map(GroupId::from_index)
    }

    pub(super) fn tell_counts(&self, cx: &mut Cx<'_>, id: GroupId) {
        cx.records
            .push(Record::InstanceCounts(id, self.groups[id.index()].counts));
    }

    /// Takes an instance along a documented edge.
    pub(super) fn set_lifecycle(&mut self, cx: &mut Cx<'_>, id: InstanceId, to: LifecycleState) {
        let instance = &mut self.instances[id.index()];
        let from = std::mem::replace(&mut instance.lifecycle, to);
        assert!(from.may_become(to), "{from:?} does not become {to:?}");
        cx.records.push(Record::Lifecycle(id, to));
        if to == LifecycleState::InService {
            instance.in_service_since = cx.now;
        }
        let zone = instance.zone;
        let Some(group) = instance.group else {
            return;
        };
        match (from.counts(), to.counts()) {
            (true, false) => self.groups[group.index()].leaves_zone(zone),
            (false, true) => self.groups[group.index()].joins_zone(zone),
            (true, true) | (false, false) => {}
        }
        let counts = &mut self.groups[group.index()].counts;
        if let Some(count) = from.count_in(counts) {
            *count -= 1;
        }
        if let Some(count) = to.count_in(counts) {
            *count += 1;
        }
        if !to.counts() {
            self.groups[group.index()]
                .replacements
                .retain(|replacement| replacement.victim != id);
        }
        self.tell_counts(cx, group);
        self.refresh_serving(cx, id);
        self.expect_refresh(cx, group);
        if to == LifecycleState::InService && self.instances[id.index()].state.is_unhealthy() {
            // it died where nobody looked
            self.expect_health_poll(cx, group);
        }
    }

    /// Takes a running instance of no group into one.
    pub(super) fn take_in(&mut self, group: GroupId, id: InstanceId) {
        let instance = &mut self.instances[id.index()];
        instance.group = Some(group);
        instance.lifecycle = LifecycleState::Pending;
        let entry = &mut self.groups[group.index()];
        entry.counts.desired += 1;
        entry.counts.pending += 1;
        entry.members.push(id);
        entry.joins_zone(instance.zone);
    }

    /// Takes an instance out of its group.
    pub(super) fn leave_group(&mut self, cx: &mut Cx<'_>, id: InstanceId, to: LifecycleState) {
        self.set_lifecycle(cx, id, to);
        if let Some(group) = self.instances[id.index()].group.take() {
            self.instances[id.index()].membership = Membership::default();
            self.cooldown_sees_arrival(cx.now, group, id);
            let entry = &mut self.groups[group.index()];
            entry.members.retain(|&member| member != id);
            if entry.deletion == Deletion::InProgress && entry.members.is_empty() {
                entry.deletion = Deletion::Done;
            }
        }
    }

    fn is_serving(&self, id: InstanceId) -> bool {
        let instance = &self.instances[id.index()];
        let Some(group) = instance.group else {
            return false;
        };
        instance.lifecycle == LifecycleState::InService
            && self.groups[group.index()]
                .sources
                .iter()
                .filter(|source| source.state != SourceState::Removing)
                .all(|source| {
                    instance.registrations.iter().any(|registration| {
                        let registration = &self.registrations[registration.index()];
                        registration.target_group == source.target_group
                            && registration.port == source.port
                            && registration.weight > 0
                            && registration.health == TargetHealth::Healthy
                    })
                })
    }

    /// Brings the count of serving instances up to date without a record, before 0 s.
    pub(super) fn refresh_serving_quietly(&mut self, id: InstanceId) {
        if self.is_serving(id) {
            self.instances[id.index()].serving = true;
            let group = self.instances[id.index()]
                .group
                .expect("a serving instance is a member");
            self.groups[group.index()].counts.serving += 1;
        }
    }

    /// Brings the count of serving instances up to date for one instance.
    pub(super) fn refresh_serving(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        let serving = self.is_serving(id);
        let instance = &mut self.instances[id.index()];
        if std::mem::replace(&mut instance.serving, serving) == serving {
            return;
        }
        let group = instance.group.expect("it was or is a member");
        let count = &mut self.groups[group.index()].counts.serving;
        *count = if serving { *count + 1 } else { *count - 1 };
        self.tell_counts(cx, group);
        self.expect_refresh(cx, group);
    }

    /// The health of a registration changed.
    pub(super) fn refresh_serving_of(&mut self, cx: &mut Cx<'_>, id: RegistrationId) {
        let registration = &self.registrations[id.index()];
        let (instance, target_group) = (registration.instance, registration.target_group);
        let healthy = registration.health == TargetHealth::Healthy;
        let unhealthy = registration.health.is_unhealthy();
        self.refresh_serving(cx, instance);
        if let Some(group) = self.instances[instance.index()].group {
            if healthy {
                self.source_is_healthy(group, target_group);
            }
            self.expect_replaced_to_go(cx, group);
            // a scaling group looks at machines only
            if unhealthy && self.groups[group.index()].provider == Provider::Aws {
                self.expect_health_poll(cx, group);
            }
        }
    }

    /// Sources some instance of which passes its checks already are in service once the group asks
    /// for checks. Source: R-ASG-9.
    pub(super) fn sources_may_be_healthy(&mut self, id: GroupId) {
        let members = self.groups[id.index()].members.iter();
        let healthy: Vec<TargetGroupId> = members
            .flat_map(|member| &self.instances[member.index()].registrations)
            .map(|registration| &self.registrations[registration.index()])
            .filter(|registration| registration.health == TargetHealth::Healthy)
            .map(|registration| registration.target_group)
            .collect();
        for target_group in healthy {
            self.source_is_healthy(id, target_group);
        }
    }

    /// A source some instance of which passes its checks is in service.
    fn source_is_healthy(&mut self, group: GroupId, target_group: TargetGroupId) {
        if !self.asks(&self.groups[group.index()], target_group) {
            return;
        }
        for source in &mut self.groups[group.index()].sources {
            if source.state == SourceState::Added && source.target_group == target_group {
                source.state = SourceState::InService;
            }
        }
    }

    /// Deregisters an instance from sources of its group; what must drain before it may go on.
    pub(super) fn leave_sources(&mut self, cx: &mut Cx<'_>, id: InstanceId, sources: &[Source]) {
        let name = self.instances[id.index()].id.clone();
        let mut leaving: Vec<RegistrationId> = sources
            .iter()
            .filter_map(|source| self.registration_of(source.target_group, &name, source.port))
            .collect();
        for &registration in &leaving {
            self.deregister(cx, registration);
        }
        let group = self.instances[id.index()].group.expect("it is a member");
        // only now: a target without traffic is gone at once, and nobody is waiting yet
        leaving.retain(|registration| self.is_awaited(group, *registration));
        self.instances[id.index()].waits_for = leaving;
    }

    /// An instance has nothing to wait for any more.
    pub(super) fn sources_are_left(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        let state = self.instances[id.index()].lifecycle;
        if self.instances[id.index()].membership.departure.is_some() {
            self.ess_has_left(cx, id);
        } else if state == LifecycleState::Detaching {
            self.finish_detaching(cx, id);
        } else if state == LifecycleState::EnteringStandby {
            self.stand_by(cx, id);
        } else if state == LifecycleState::Terminating {
            self.drains_are_over(cx, id);
            self.go_on_terminating(cx, id);
        }
    }

    /// A member to be terminated has left its sources: its hooks come next, then its end. Source:
    /// R-HOOK-1.
    pub(super) fn go_on_terminating(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        let joined = self.instances[id.index()].membership.joined;
        if let Some(group) = self.instances[id.index()].group {
            self.cooldown_sees_arrival(cx.now, group, id);
            if self.returns_to_pool(cx, group, id) {
                return;
            }
        }
        let hooked = joined && self.begin_actions(cx, id, Transition::Terminating);
        if !hooked {
            self.end_machine(cx, id);
        }
    }

    /// Terminates the machine of a member that has nothing to wait for.
    pub(super) fn end_machine(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        if self.instances[id.index()].state == MachineState::Terminated {
            // somebody else terminated it before its group did
            self.instance_is_gone(cx, id);
        } else {
            self.terminate_machine(cx, id);
        }
    }

    /// Sources all of whose instances are deregistered can no longer be described.
    pub(super) fn remove_empty_sources(&mut self, cx: &mut Cx<'_>, id: GroupId) {
        let before = self.groups[id.index()].sources.len();
        self.groups[id.index()]
            .sources
            .retain(|source| source.state != SourceState::Removing || !source.waits_for.is_empty());
        if self.groups[id.index()].sources.len() < before {
            self.ess_sources_removed(cx, id);
        }
    }

    /// An instance that its group launched is running: its launch hooks come next, then its
    /// sources. Source: R-HOOK-1.
    pub(super) fn instance_is_running(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        if self.instances[id.index()].group.is_some()
            && self.instances[id.index()].lifecycle == LifecycleState::Pending
            && !self.begin_actions(cx, id, Transition::Launching)
        {
            self.join_sources(cx, id);
        }
        self.pool_instance_is_running(cx, id);
    }

    /// An instance registers with every source and is in service.
    pub(super) fn join_sources(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        let group = self.instances[id.index()].group.expect("it is a member");
        let sources = self.groups[group.index()].sources.clone();
        let name = self.instances[id.index()].id.clone();
        if self.does(group, ScalingProcess::AddToLoadBalancer) {
            for source in sources
                .iter()
                .filter(|source| source.state != SourceState::Removing)
            {
                self.register_with(cx, source, &name, id);
            }
        }
        let warmup = self.warmup(group);
        let rules = &self.groups[group.index()].rules;
        let membership = &mut self.instances[id.index()].membership;
        // back from standby it is not new
        membership.protected |= rules.new_instances_protected && !membership.joined;
        membership.joined = true;
        membership.unhealthy = None;
        membership.warm_at = cx.now + warmup;
        self.set_lifecycle(cx, id, LifecycleState::InService);
        self.finish_activity_of(cx, id);
        self.policies_see_arrival(cx.now, group, id);
        if warmup > SimDuration::ZERO {
            schedule(cx, cx.now + warmup, Timer::Warm(id));
        }
        self.let_replaced_go(cx, group);
        self.expect_rebalance(cx, group);
        self.ess_member_joined(cx, group);
    }

    pub(super) fn on_warm(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        let instance = &self.instances[id.index()];
        self.cause = instance.launched_by;
        if let Some(group) = instance.group {
            self.let_replaced_go(cx, group);
        }
    }

    /// An instance was told to terminate, by its group or by anyone.
    pub(super) fn instance_is_stopping(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        let instance = &self.instances[id.index()];
        if let Some(group) = instance.group
            && ((instance.lifecycle.counts() && instance.state != MachineState::Running)
                || (instance.lifecycle.is_warmed() && instance.is_failing()))
        {
            self.expect_health_poll(cx, group);
        }
    }

    /// The host of an instance is gone.
    pub(super) fn instance_is_gone(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        // a group waits for the drains of a target that died under them
        let waits = !self.instances[id.index()].waits_for.is_empty();
        let state = self.instances[id.index()].lifecycle;
        let ends = matches!(
            state,
            LifecycleState::Terminating
                | LifecycleState::TerminatingProceed
                | LifecycleState::Removing
                | LifecycleState::Stopped
        );
        if ends && !waits {
            let group = self.instances[id.index()].group;
            self.leave_group(cx, id, LifecycleState::Terminated);
            self.finish_activity_of(cx, id);
            if let Some(group) = group {
                self.ess_member_gone(cx, group);
            }
        } else if state.is_warmed() && state.is_terminating() && !state.waits_for_actions() {
            self.pool_instance_is_gone(cx, id);
        } else if state == LifecycleState::TerminatingRetained {
            self.set_lifecycle(cx, id, LifecycleState::Terminating);
            self.leave_group(cx, id, LifecycleState::Terminated);
        } else if state == LifecycleState::Detached {
            self.set_lifecycle(cx, id, LifecycleState::Terminated);
        }
    }

    /// Ends the activity under way for an instance.
    pub(super) fn finish_activity_of(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        if let Some(activity) = self.instances[id.index()].activity.take() {
            let now = cx.now;
            self.update_activity(cx, activity, |activity| activity.finish(now));
        }
    }
}
