//! The cloud: every entity of a run, how it is built, and the one dispatch of its events.
//!
//! Entities live in vectors and name each other by index. The rules stand in the files beside this
//! one, a file for each thing: `path` (requests), `targets` (registrations and drains), `machine`
//! (instances and processes), `group` (Auto Scaling), `ess` (Alibaba scaling). The cloud must
//! never read a file, name an API operation, or look at a clock.

use std::collections::BTreeMap;

pub use super::target_group::TargetGroup;

use super::activity::Activity;
use super::assumption::Assumptions;
use super::clock::Clock;
use super::drain::Drain;
use super::draining::CutScan;
use super::ess::RememberedCall;
use super::ess_activity::EssActivity;
use super::event::{Cx, Timer};
use super::fault::{Faults, Refusal};
use super::group::Group;
use super::hook::LifecycleAction;
use super::identifier::Identifiers;
use super::ids::{ActivityId, EntryId, GroupId, InstanceId, RegistrationId, TargetGroupId, ZoneId};
use super::listener::Listener;
use super::machine::{Instance, Process};
use super::record::Record;
use super::recorder::Recorder;
use super::refresh::Refresh;
use super::registration::Registration;
use super::request::Slab;
use super::scaling_rule::ScalingRule;
use super::settings::{
    FleetSettings, InstanceSettings, LaunchTemplateSettings, LoadBalancerSettings,
    TargetGroupSettings,
};
use super::view::{Link, View};
use super::workload::Workload;
use crate::engine::calendar::Event;
use crate::engine::kernel::World;
use crate::engine::random::{Stream, Streams};
use crate::engine::time::{SimDuration, SimTime};

/// Requests in flight beyond which a run is stopped: about 2 GB of memory.
pub const MAX_IN_FLIGHT: u64 = 25_000_000;

/// Instances, registrations, activities and lifecycle actions, past ones included, that may come up
/// in a run before it is stopped: about 2 GB of memory. A group whose launches are always abandoned
/// would go on for ever.
pub const MAX_HISTORY: usize = 3_000_000;

/// Machines that EC2 has for a run: launches beyond fail for want of capacity. As many as a file may
/// begin with.
pub const MAX_MACHINES: usize = 200_000;

/// Whether requests come to a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeState {
    /// Its zone is enabled; clients do not know it yet.
    Coming,
    /// Requests come to it.
    Serving,
    /// Its zone is disabled; clients still come.
    Leaving,
    /// It is no more.
    Gone,
}

/// A load balancer node.
#[derive(Debug, Clone, Copy)]
pub struct Node {
    /// Position of its load balancer.
    pub load_balancer: usize,
    /// Its zone.
    pub zone: ZoneId,
    /// Whether requests come to it.
    pub state: NodeState,
    /// What enabled or disabled its zone last.
    pub(super) changed_by: Option<EntryId>,
    /// Its view in which there is nothing to choose.
    pub(super) nowhere: Option<u32>,
}

impl Node {
    /// Whether it is no more.
    pub(super) fn is_gone(&self) -> bool {
        self.state == NodeState::Gone
    }
}

/// All state of a run.
#[derive(Debug)]
pub struct Cloud {
    /// Zone names.
    pub zones: Vec<String>,
    /// The virtual clock.
    pub clock: Clock,
    /// What no cloud documents.
    pub assumptions: Assumptions,
    /// Machines that EC2 has, [`MAX_MACHINES`] unless a test says otherwise.
    pub most_machines: usize,
    /// What may come up, [`MAX_HISTORY`] unless a test says otherwise.
    pub most_history: usize,
    /// What stood at 0 s of that.
    first_history: usize,
    /// Makes identifiers.
    pub identifiers: Identifiers,
    /// The timeline entry whose effects are being applied.
    pub cause: Option<EntryId>,
    /// Load balancers.
    pub load_balancers: Vec<LoadBalancerSettings>,
    /// Listeners of all load balancers, and their rules.
    pub listeners: Vec<Listener>,
    /// Nodes of all load balancers, past ones included.
    pub nodes: Vec<Node>,
    /// Target groups.
    pub target_groups: Vec<TargetGroup>,
    /// Registrations, past ones included.
    pub registrations: Vec<Registration>,
    /// Launch templates.
    pub launch_templates: Vec<LaunchTemplateSettings>,
    /// Instances, past ones included.
    pub instances: Vec<Instance>,
    /// Groups.
    pub groups: Vec<Group>,
    /// Activities with the group they belong to and what caused them.
    pub activities: Vec<(GroupId, Option<EntryId>, Activity)>,
    /// What those of scaling groups tell beyond that.
    pub(super) ess_activities: BTreeMap<ActivityId, EssActivity>,
    /// Scaling rules of Alibaba Cloud in the order they were created.
    pub(super) scaling_rules: Vec<ScalingRule>,
    /// Lifecycle actions in the order they began, past ones included.
    pub lifecycle_actions: Vec<LifecycleAction>,
    /// Instance refreshes in the order they were started, past ones included.
    pub refreshes: Vec<Refresh>,
    /// Drains in the order they began.
    pub drains: Vec<Drain>,
    /// Drains that have not ended.
    pub(super) open_drains: usize,
    /// Changes of listeners and zones that have yet to reach a node.
    pub(super) spreading: usize,
    /// Names of the workloads.
    pub workload_names: Vec<String>,
    /// The newest registration of each (target group, id, port).
    pub(super) keys: BTreeMap<(TargetGroupId, String, u16), RegistrationId>,
    pub(super) instance_ids: BTreeMap<String, InstanceId>,
    pub(super) streams: Streams,
    pub(super) routing_stream: Stream,
    pub(super) slab: Slab,
    pub(super) links: Vec<Link>,
    pub(super) views: Vec<View>,
    pub(super) processes: Vec<Process>,
    pub(super) workloads: Vec<Workload>,
    pub(super) recorder: Recorder,
    pub(super) cut_scan: CutScan,
    /// Events to come whose requests have been read ahead.
    pub(super) read_ahead: u32,
    /// What goes wrong with the cloud itself.
    pub faults: Faults,
    /// Accepted ESS calls that had a client token, by operation and token.
    pub client_tokens: BTreeMap<(&'static str, String), RememberedCall>,
    check_every: u64,
    /// Events that had passed at the last check of the whole state.
    checked_at: u64,
    /// It is checked when so many events have passed.
    check_at: u64,
}

/// The whole state is checked every so many events, or every eight times as many as it has things
/// to count if that is more.
const CHECK_EVERY: u64 = 1 << 20;

impl Cloud {
    /// The standing fleet at 0 s: listed targets healthy on every node, groups at their desired
    /// capacity, nothing in flight. `window` is the width of the first windows of the series.
    pub fn new(settings: FleetSettings, window: SimDuration) -> Self {
        let streams = Streams::new(settings.seed);
        let workloads = Workload::build_all(&settings, streams);
        let mut cloud = Self {
            zones: settings.zones,
            clock: Clock::new(settings.start_unix_s),
            identifiers: Identifiers::new(streams.stream("identifiers", &[])),
            cause: None,
            listeners: settings.listeners.iter().map(Listener::new).collect(),
            nodes: Vec::new(),
            target_groups: Vec::new(),
            registrations: Vec::new(),
            launch_templates: settings.launch_templates,
            instances: Vec::new(),
            groups: Vec::new(),
            activities: Vec::new(),
            ess_activities: BTreeMap::new(),
            scaling_rules: Vec::new(),
            lifecycle_actions: Vec::new(),
            refreshes: Vec::new(),
            drains: Vec::new(),
            open_drains: 0,
            spreading: 0,
            workload_names: settings.workloads.iter().map(|w| w.name.clone()).collect(),
            keys: BTreeMap::new(),
            instance_ids: BTreeMap::new(),
            streams,
            routing_stream: streams.stream("routing", &[]),
            slab: Slab::new(),
            links: Vec::new(),
            views: Vec::new(),
            processes: Vec::new(),
            recorder: Recorder::new(workloads.len(), settings.warm_up, window),
            workloads,
            cut_scan: CutScan::default(),
            read_ahead: 0,
            faults: Faults::default(),
            client_tokens: BTreeMap::new(),
            check_every: CHECK_EVERY,
            checked_at: 0,
            check_at: CHECK_EVERY,
            load_balancers: settings.load_balancers,
            assumptions: settings.assumptions,
            most_machines: MAX_MACHINES,
            most_history: MAX_HISTORY,
            first_history: 0,
        };
        cloud.add_standing_nodes();
        cloud.add_target_groups(&settings.target_groups, &settings.listeners);
        for balancer in 0..cloud.load_balancers.len() {
            cloud.route(balancer);
        }
        cloud.add_standing_machines(&settings.instances, &settings.target_groups);
        for group in settings.groups {
            cloud.add_group(group);
        }
        cloud.settle_start();
        cloud.first_history = cloud.history();
        cloud
    }

    /// Machines outside groups, and what was registered by hand.
    fn add_standing_machines(
        &mut self,
        instances: &[InstanceSettings],
        target_groups: &[TargetGroupSettings],
    ) {
        for instance in instances {
            let id = instance.id.clone();
            self.add_standing_instance(id, instance.zone, instance.launch_template, None);
        }
        for (id, target_group) in (0..).map(TargetGroupId).zip(target_groups) {
            for target in &target_group.targets {
                let instance = InstanceId::from_index(target.instance);
                let key = (id, target.id.clone(), target.port);
                self.add_standing_target(key, instance, target.weight);
            }
        }
    }

    /// What a run remembers of what was there.
    fn history(&self) -> usize {
        self.instances.len()
            + self.registrations.len()
            + self.activities.len()
            + self.lifecycle_actions.len()
    }

    /// Whether more requests are in flight than a run may hold.
    pub fn holds_too_many(&self) -> bool {
        self.slab.held() > MAX_IN_FLIGHT
    }

    /// Counts of the standing fleet, without a record for each target.
    fn settle_start(&mut self) {
        for index in 0..self.target_groups.len() {
            let id = TargetGroupId::from_index(index);
            self.target_groups[index].counts.eligible = self.least_eligible(id);
        }
        for index in 0..self.instances.len() {
            self.refresh_serving_quietly(InstanceId::from_index(index));
        }
    }

    /// Gives the first arrivals to the calendar.
    pub fn begin(&mut self, cx: &mut Cx<'_>) {
        for (source, workload) in (0..).zip(&self.workloads) {
            cx.calendar.set_source(source, workload.next_arrival());
        }
        for index in 0..self.target_groups.len() {
            let counts = self.target_groups[index].counts;
            cx.records.push(Record::TargetCounts(
                TargetGroupId::from_index(index),
                counts,
            ));
        }
        for index in 0..self.groups.len() {
            let counts = self.groups[index].counts;
            cx.records
                .push(Record::InstanceCounts(GroupId::from_index(index), counts));
        }
    }

    /// Starts a new activity of `group`.
    pub(super) fn add_activity(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        activity: Activity,
    ) -> ActivityId {
        let id = ActivityId::from_index(self.activities.len());
        self.activities.push((group, self.cause, activity));
        cx.records.push(Record::Activity(id));
        id
    }

    /// Changes an activity.
    pub(super) fn update_activity(
        &mut self,
        cx: &mut Cx<'_>,
        id: ActivityId,
        change: impl FnOnce(&mut Activity),
    ) {
        change(&mut self.activities[id.index()].2);
        cx.records.push(Record::Activity(id));
    }

    /// The instance with this id, past ones included.
    pub fn instance_named(&self, id: &str) -> Option<InstanceId> {
        self.instance_ids.get(id).copied()
    }

    /// Whether the call of the present entry meets an update under way by chance
    /// (`faults.contention_rate`, or the fault of that name). Nothing is drawn when the rate is
    /// zero.
    pub fn draws_contention(&self, now: SimTime) -> bool {
        let rate = self.faults.contention(now);
        let rate = rate.max(self.assumptions.contention_rate);
        let entry = self.cause.map_or(u64::MAX, |entry| u64::from(entry.0));
        rate > 0.0 && {
            let key = [entry, now.as_nanos()];
            self.streams.stream("contention", &key).unit() < rate
        }
    }

    /// Whether the call of `operation` that `entry` makes is refused for there being too many.
    pub fn is_throttled(&mut self, operation: &str, entry: EntryId, now: SimTime) -> bool {
        let streams = self.streams;
        let key = [u64::from(entry.0), now.as_nanos()];
        let draw = || streams.stream("throttling", &key).unit();
        self.faults.throttles(operation, now, draw)
    }

    /// With what the scenario has a call of `operation` refused, if it has.
    pub fn refuses(&mut self, operation: &str, now: SimTime) -> Option<Refusal> {
        self.faults.refuses(operation, now)
    }

    /// The request id in what is answered to the call of `entry` when it is refused: a refusal
    /// changes no stream that others draw from.
    pub fn refusal_id(&self, entry: EntryId, now: SimTime) -> String {
        let key = [u64::from(entry.0), now.as_nanos()];
        let stream = self.streams.stream("refusals", &key);
        Identifiers::new(stream).alibaba_request()
    }

    /// The recorder, for reading.
    pub fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// What each workload holds of requests that arrived at or after `warm_up`, by counting them.
    pub fn held(&self, warm_up: SimTime) -> Vec<u64> {
        let mut held = vec![0; self.workloads.len()];
        for (_, request) in self.slab.iter() {
            if request.arrived >= warm_up {
                held[usize::from(request.workload)] += 1;
            }
        }
        held
    }

    /// The digest of completions; losses and rare records are folded by the observer.
    pub fn digest(&self) -> crate::engine::digest::Digest {
        self.recorder.digest
    }

    /// Gives the recorder away at the end of a run.
    pub fn into_recorder(self) -> Recorder {
        self.recorder
    }
}

impl World for Cloud {
    type Timer = Timer;
    type Record = Record;

    #[inline]
    fn handle(&mut self, cx: &mut Cx<'_>, event: Event<Timer>) {
        match event {
            Event::Bulk { slot, sequence } => self.on_due(cx, slot, sequence),
            Event::Source(source) => self.on_arrival(cx, source),
            Event::Timer(timer) => self.on_timer(cx, timer),
        }
        if cx.events >= self.check_at {
            self.check_now(cx);
        }
    }

    fn is_exhausted(&self) -> bool {
        self.holds_too_many() || self.history() - self.first_history > self.most_history
    }
}

impl Cloud {
    /// Asks for a check of the whole state: at the end of this event, or once as many events have
    /// passed since the last check as it has things to count, so that checks never dominate.
    pub(super) fn ask_for_check(&mut self) {
        self.check_at = self.check_at.min(self.checked_at + self.size());
    }

    /// What a check of the whole state counts.
    fn size(&self) -> u64 {
        (self.slab.capacity() + self.links.len() + self.processes.len()) as u64
    }

    /// Checks the whole state at every event from now on: for tests.
    pub fn check_everything(&mut self) {
        self.check_every = 1;
        self.check_at = 0;
    }

    #[cold]
    fn check_now(&mut self, cx: &Cx<'_>) {
        self.checked_at = cx.events;
        let period = match self.check_every {
            CHECK_EVERY => CHECK_EVERY.max(8 * self.size()),
            all => all,
        };
        self.check_at = cx.events + period;
        self.assert_coherent(cx.now);
    }

    fn on_timer(&mut self, cx: &mut Cx<'_>, timer: Timer) {
        match timer {
            Timer::Learn(link, write) => self.on_learn(cx, link, write),
            Timer::Cut(link) => self.on_cut(cx, link),
            Timer::CutUnhealthy(registration) => self.on_cut_unhealthy(cx, registration),
            Timer::VerdictSeen(registration) => self.on_verdict_seen(cx, registration),
            Timer::DrainShown(registration) => self.on_drain_shown(cx, registration),
            Timer::HealthVerdict(registration) => self.on_health_verdict(cx, registration),
            Timer::Booted(instance) => self.on_booted(cx, instance),
            Timer::Ready(instance) => self.on_ready(cx, instance),
            Timer::PreStopOver(instance) => self.on_pre_stop_over(cx, instance),
            Timer::Killed(instance) => self.on_killed(cx, instance),
            Timer::HostGone(instance) => self.on_host_gone(cx, instance),
            Timer::LearnForward(listener, node, write) => {
                self.on_learn_forward(cx, listener, node, write);
            }
            Timer::NodeComes(node) => self.on_node_comes(cx, node),
            Timer::NodeGoes(node) => self.on_node_goes(cx, node),
            Timer::Reconcile(group) => self.on_reconcile(cx, group),
            Timer::HealthPoll(group) => self.on_health_poll(cx, group),
            Timer::Heartbeat(action) => self.on_heartbeat_missed(cx, action),
            Timer::Warm(instance) => self.on_warm(cx, instance),
            Timer::Replace(group) => self.let_replaced_go(cx, group),
            Timer::Rebalance(group) => self.on_rebalance(cx, group),
            Timer::Refresh(group) => self.on_refresh(cx, group),
            Timer::Scheduled(group) => self.on_scheduled(cx, group),
            Timer::Track(group) => self.on_track(cx, group),
            Timer::Sample(group) => self.on_sample(cx, group),
            Timer::Pool(group) => self.on_pool(cx, group),
        }
        self.cause = None;
    }
}
