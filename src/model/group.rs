//! Groups: membership, lifecycle states and traffic sources, for both clouds.
//!
//! What both kinds of group share stands here; `autoscaling` has what EC2 Auto Scaling does by
//! itself, `ess` what Alibaba's Auto Scaling does. An instance is in one group at most, and only
//! documented lifecycle edges are taken. A group must never look into a process: it asks the
//! cloud's API like anyone else.

use std::collections::BTreeSet;

use super::assumption::DrainWait;
use super::cloud::Cloud;
use super::event::Cx;
use super::ids::{
    ActivityId, EntryId, GroupId, InstanceId, LaunchTemplateId, RegistrationId, TargetGroupId,
    ZoneId,
};
use super::machine::MachineState;
use super::record::{InstanceCounts, Record};
use super::registration::{Registration, TargetHealth};
use super::settings::{GroupSettings, Provider};
use crate::engine::time::SimDuration;

/// Where an instance stands in its group. The words are the clouds' own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LifecycleState {
    /// Launched or attached, not registered yet.
    Pending,
    /// Registered with every source.
    InService,
    /// Detached by a call, waiting for its drains.
    Detaching,
    /// Out of the group, running. Also an instance that never was in one.
    Detached,
    /// To be terminated, waiting for its drains or for its end.
    Terminating,
    /// Gone.
    Terminated,
    /// Alibaba Cloud: to be released.
    Removing,
}

impl LifecycleState {
    /// The cloud's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::InService => "InService",
            Self::Detaching => "Detaching",
            Self::Detached => "Detached",
            Self::Terminating => "Terminating",
            Self::Terminated => "Terminated",
            Self::Removing => "Removing",
        }
    }

    /// Whether an instance in this state counts for the capacity of its group. Source: R-ASG-3.
    pub fn counts(self) -> bool {
        matches!(self, Self::Pending | Self::InService)
    }

    /// Whether an instance may go from this state to `next`. Source: R-ASG-1.
    pub fn may_become(self, next: Self) -> bool {
        match self {
            Self::Pending => matches!(next, Self::InService | Self::Terminating),
            Self::InService => {
                matches!(next, Self::Detaching | Self::Terminating | Self::Removing)
            }
            Self::Detaching => matches!(next, Self::Detached | Self::Terminated),
            Self::Detached => matches!(next, Self::Pending | Self::Terminated),
            Self::Terminating | Self::Removing => matches!(next, Self::Terminated),
            Self::Terminated => false,
        }
    }
}

/// State of a traffic source. Source: R-ASG-9.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceState {
    /// Instances are being registered.
    Adding,
    /// All instances are registered.
    Added,
    /// At least one has passed a health check.
    InService,
    /// Instances are being deregistered.
    Removing,
}

impl SourceState {
    /// The cloud's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Adding => "Adding",
            Self::Added => "Added",
            Self::InService => "InService",
            Self::Removing => "Removing",
        }
    }
}

/// A target group or server group attached to a group.
#[derive(Debug, Clone)]
pub struct Source {
    /// The target group.
    pub target_group: TargetGroupId,
    /// Port instances are registered on.
    pub port: u16,
    /// Weight.
    pub weight: u32,
    /// Where it stands.
    pub state: SourceState,
    /// Drains that must be over before it is removed.
    pub(super) waits_for: BTreeSet<RegistrationId>,
}

/// An Auto Scaling group or scaling group.
#[derive(Debug)]
pub struct Group {
    /// Name in the file.
    pub name: String,
    /// Whose cloud.
    pub provider: Provider,
    /// The name on AWS, `asg-...` on Alibaba Cloud.
    pub identifier: String,
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
    /// The one scaling activity under way (Alibaba Cloud).
    pub busy: Option<ActivityId>,
    /// The entry that last left the group short, to which its launches are due.
    pub(super) short_by: Option<EntryId>,
    pub(super) poll_phase: SimDuration,
}

impl Group {
    /// Instances that count for the desired capacity. Source: R-ASG-3.
    pub fn actual(&self) -> u32 {
        self.counts.in_service + self.counts.pending
    }

    /// Its source for this target group, on this port if one is given.
    pub fn source(&self, target_group: TargetGroupId, port: Option<u16>) -> Option<usize> {
        self.sources.iter().position(|source| {
            source.target_group == target_group && port.is_none_or(|port| port == source.port)
        })
    }
}

/// What ends a group's wait for a drain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WaitEnd {
    /// Every node has learnt.
    Spread,
    /// Nothing is in flight.
    Quiet,
    /// The displayed state is no longer draining.
    Over,
}

impl Cloud {
    pub(super) fn add_group(&mut self, settings: GroupSettings) {
        let id = GroupId::from_index(self.groups.len());
        let mut stream = self.streams.stream("health poll phase", &[u64::from(id.0)]);
        let poll_phase = super::health::phase_within(self.assumptions.health_poll, &mut stream);
        let source = |source: &super::settings::GroupSourceSettings| Source {
            target_group: source.target_group,
            port: source.port,
            weight: source.weight,
            state: SourceState::InService,
            waits_for: BTreeSet::new(),
        };
        self.groups.push(Group {
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
                in_service: settings.desired_capacity,
                ..InstanceCounts::default()
            },
            busy: None,
            short_by: None,
            poll_phase,
            zones: settings.zones,
        });
        let mut given = settings.instance_ids.into_iter();
        for ordinal in 0..settings.desired_capacity as usize {
            let zones = &self.groups[id.index()].zones;
            let zone = zones[ordinal % zones.len()];
            let name = given
                .next()
                .unwrap_or_else(|| self.new_instance_id(settings.provider));
            let template = settings.launch_template;
            let instance = self.add_standing_instance(name.clone(), zone, template, Some(id));
            self.groups[id.index()].members.push(instance);
            for source in &settings.sources {
                let target = name.clone();
                self.add_standing_target(source.target_group, target, source.port, instance);
            }
        }
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
            .position(|group| group.provider == provider && group.identifier == identifier)
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
        let Some(group) = instance.group else {
            return;
        };
        let counts = &mut self.groups[group.index()].counts;
        if let Some(count) = count_of(counts, from) {
            *count -= 1;
        }
        if let Some(count) = count_of(counts, to) {
            *count += 1;
        }
        self.tell_counts(cx, group);
        self.refresh_serving(cx, id);
    }

    /// Takes an instance out of its group.
    pub(super) fn leave_group(&mut self, cx: &mut Cx<'_>, id: InstanceId, to: LifecycleState) {
        self.set_lifecycle(cx, id, to);
        if let Some(group) = self.instances[id.index()].group.take() {
            self.groups[group.index()]
                .members
                .retain(|&member| member != id);
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
            if unhealthy {
                self.expect_health_poll(cx, group);
            }
        }
    }

    /// A source some instance of which passes its checks is in service.
    fn source_is_healthy(&mut self, group: GroupId, target_group: TargetGroupId) {
        let group = &mut self.groups[group.index()];
        for source in &mut group.sources {
            let added = source.state == SourceState::Added;
            if added && source.target_group == target_group && group.elb_health_check {
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
        // only now: a target without traffic is gone at once, and nobody is waiting yet
        leaving.retain(|registration| self.registrations[registration.index()].is_shown());
        self.instances[id.index()].waits_for = leaving;
    }

    /// What a group waits for.
    fn awaited(&self, group: GroupId) -> WaitEnd {
        match self.groups[group.index()].provider {
            Provider::Aws => match self.assumptions.drain_wait {
                DrainWait::DisplayedState => WaitEnd::Over,
                DrainWait::Early => WaitEnd::Quiet,
            },
            Provider::Alibaba if self.assumptions.ess_waits_for_drain => WaitEnd::Over,
            Provider::Alibaba => WaitEnd::Spread,
        }
    }

    /// A node learnt that a target is deregistered; others may not have.
    pub(super) fn removal_spreads(&mut self, cx: &mut Cx<'_>, id: RegistrationId) {
        let mut links = self.registrations[id.index()].links.clone();
        let removed = |link: u32| {
            let link = &self.links[link as usize];
            // one that has not even learnt of the registration will, and only then of its end
            !link.known && link.history.unheard == 0
        };
        if links.all(removed) {
            self.wait_ends(cx, id, WaitEnd::Spread);
        }
    }

    /// Nothing is in flight any more on a deregistered target.
    pub(super) fn drain_is_quiet(&mut self, cx: &mut Cx<'_>, id: RegistrationId) {
        self.wait_ends(cx, id, WaitEnd::Quiet);
    }

    /// A drain is over, whatever one waits for.
    pub(super) fn drain_is_over(&mut self, cx: &mut Cx<'_>, id: RegistrationId) {
        self.wait_ends(cx, id, WaitEnd::Over);
    }

    fn wait_ends(&mut self, cx: &mut Cx<'_>, id: RegistrationId, end: WaitEnd) {
        let instance = self.registrations[id.index()].instance;
        if let Some(group) = self.instances[instance.index()].group
            && (end == WaitEnd::Over || end == self.awaited(group))
            && self.instances[instance.index()].waits_for.contains(&id)
        {
            self.instances[instance.index()]
                .waits_for
                .retain(|&other| other != id);
            if self.instances[instance.index()].waits_for.is_empty() {
                self.sources_are_left(cx, instance);
            }
        }
        for index in 0..self.groups.len() {
            let group = GroupId::from_index(index);
            if end != WaitEnd::Over && end != self.awaited(group) {
                continue;
            }
            let mut done = false;
            for source in &mut self.groups[index].sources {
                done |= source.waits_for.remove(&id) && source.waits_for.is_empty();
            }
            if done {
                self.remove_empty_sources(cx, group);
            }
        }
    }

    /// An instance has nothing to wait for any more.
    pub(super) fn sources_are_left(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        match self.instances[id.index()].lifecycle {
            LifecycleState::Detaching => self.finish_detaching(cx, id),
            LifecycleState::Terminating | LifecycleState::Removing => {
                if self.instances[id.index()].state == MachineState::Terminated {
                    // somebody else terminated it before its group did
                    self.instance_is_gone(cx, id);
                } else {
                    self.terminate_machine(cx, id);
                }
            }
            LifecycleState::Pending
            | LifecycleState::InService
            | LifecycleState::Detached
            | LifecycleState::Terminated => {}
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

    /// An instance is running: it registers with every source and is in service.
    pub(super) fn instance_is_running(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        let Some(group) = self.instances[id.index()].group else {
            return;
        };
        if self.instances[id.index()].lifecycle != LifecycleState::Pending {
            return;
        }
        let sources = self.groups[group.index()].sources.clone();
        let name = self.instances[id.index()].id.clone();
        for source in sources
            .iter()
            .filter(|source| source.state != SourceState::Removing)
        {
            self.register(cx, source.target_group, &name, source.port, id);
        }
        self.set_lifecycle(cx, id, LifecycleState::InService);
        self.finish_activity_of(cx, id);
    }

    /// An instance was told to terminate, by its group or by anyone.
    pub(super) fn instance_is_stopping(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        if let Some(group) = self.instances[id.index()].group
            && matches!(
                self.instances[id.index()].lifecycle,
                LifecycleState::Pending | LifecycleState::InService
            )
        {
            self.expect_health_poll(cx, group);
        }
    }

    /// The host of an instance is gone.
    pub(super) fn instance_is_gone(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        match self.instances[id.index()].lifecycle {
            // a group waits for the drains of a target that died under them
            LifecycleState::Terminating | LifecycleState::Removing
                if !self.instances[id.index()].waits_for.is_empty() => {}
            LifecycleState::Terminating | LifecycleState::Removing => {
                let group = self.instances[id.index()].group;
                self.leave_group(cx, id, LifecycleState::Terminated);
                self.finish_activity_of(cx, id);
                if let Some(group) = group {
                    self.ess_member_gone(cx, group);
                }
            }
            LifecycleState::Detached => self.set_lifecycle(cx, id, LifecycleState::Terminated),
            LifecycleState::Pending
            | LifecycleState::InService
            | LifecycleState::Detaching
            | LifecycleState::Terminated => {}
        }
    }

    /// Ends the activity under way for an instance.
    pub(super) fn finish_activity_of(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        if let Some(activity) = self.instances[id.index()].activity.take() {
            let now = cx.now;
            self.update_activity(cx, activity, |activity| activity.finish(now));
        }
    }

    /// Whether nothing more happens by itself but requests: no drain, no machine that stops, no
    /// group that changes.
    pub fn is_settled(&self) -> bool {
        self.open_drains == 0
            && self.changing_group().is_none()
            && (0..self.instances.len()).all(|index| !self.is_stopping(index))
    }

    /// The first group in which something is under way: somebody comes or leaves, or a member is on
    /// its way to serving or to being replaced. A member that somebody deregistered by hand is
    /// neither: nothing will bring it back.
    pub fn changing_group(&self) -> Option<&Group> {
        self.groups.iter().find(|group| {
            !group.is_settled()
                || group
                    .members
                    .iter()
                    .any(|member| self.will_change(group, *member))
        })
    }

    /// Whether a member that does not serve will, or will be replaced.
    fn will_change(&self, group: &Group, id: InstanceId) -> bool {
        let instance = &self.instances[id.index()];
        if instance.serving || group.provider != Provider::Aws {
            return false;
        }
        instance.state != MachineState::Running
            || instance.registrations.iter().any(|registration| {
                let registration = &self.registrations[registration.index()];
                let recovers = self.processes[id.index()].will_answer();
                let watched = group.elb_health_check && group.health_polls(registration);
                registration.is_shown()
                    && group.source(registration.target_group, None).is_some()
                    && ((registration.health.is_initial() && recovers)
                        || (registration.health.is_unhealthy() && (recovers || watched)))
            })
    }
}

impl Group {
    /// Whether the group replaces a member that this target says is unhealthy.
    fn health_polls(&self, registration: &Registration) -> bool {
        self.source(registration.target_group, None)
            .is_some_and(|place| self.sources[place].state == SourceState::InService)
    }

    /// Whether nobody leaves or comes.
    fn is_settled(&self) -> bool {
        let missing = self.provider == Provider::Aws && self.actual() != self.counts.desired;
        self.counts.pending == 0
            && self.counts.leaving == 0
            && !missing
            && self.busy.is_none()
            && self
                .sources
                .iter()
                .all(|source| source.state != SourceState::Removing)
    }
}

fn count_of(counts: &mut InstanceCounts, state: LifecycleState) -> Option<&mut u32> {
    match state {
        LifecycleState::Pending => Some(&mut counts.pending),
        LifecycleState::InService => Some(&mut counts.in_service),
        LifecycleState::Detaching | LifecycleState::Terminating | LifecycleState::Removing => {
            Some(&mut counts.leaving)
        }
        LifecycleState::Detached | LifecycleState::Terminated => None,
    }
}
