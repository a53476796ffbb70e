//! Machines: instances that boot, processes that answer, stop, and take their requests with them.
//!
//! An instance is what the cloud manages; its process is what serves. The process follows its own
//! shutdown rule: the cloud may tell it to stop, never how long it takes. Source: R-STOP-1 to
//! R-STOP-4.

use super::cloud::Cloud;
use super::event::{Cx, Timer, schedule};
use super::health::Answer;
use super::ids::{
    ActivityId, EntryId, GroupId, InstanceId, LaunchTemplateId, LinkId, RegistrationId, ZoneId,
};
use super::lifecycle::LifecycleState;
use super::loss::Cause;
use super::membership::Membership;
use super::path::Failure;
use super::request::{NONE, Stage};
use super::settings::{ShutdownThen, ShutdownWhen};
use super::view::Detours;
use crate::engine::random::Stream;
use crate::engine::time::{SimDuration, SimTime};

/// What a process does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ProcessState {
    /// Not ready: its port is closed.
    Starting,
    /// Takes requests.
    Serving,
    /// Finishes what it has; its port is closed.
    Finishing,
    /// Has exited; its port is closed.
    Exited,
    /// Its host is gone: nobody answers.
    Gone,
}

/// A process, as the path of a request sees it.
#[derive(Debug, Clone, Copy)]
#[repr(align(32))]
pub(super) struct Process {
    pub(super) state: ProcessState,
    /// Requests served at once; `u32::MAX` is unlimited and then nothing is counted.
    pub(super) concurrency: u32,
    pub(super) busy: u32,
    /// Requests that may wait.
    pub(super) room: u32,
    pub(super) waiting: u32,
    pub(super) head: u32,
    pub(super) tail: u32,
}

impl Process {
    /// What a health check finds.
    pub(super) fn answer(&self) -> Answer {
        match self.state {
            ProcessState::Serving => Answer::Pass,
            ProcessState::Starting | ProcessState::Finishing | ProcessState::Exited => {
                Answer::Refused
            }
            ProcessState::Gone => Answer::Silent,
        }
    }

    /// Whether it answers, or will.
    pub(super) fn will_answer(&self) -> bool {
        matches!(self.state, ProcessState::Starting | ProcessState::Serving)
    }

    /// Whether it serves only so many at once.
    pub(super) fn is_limited(&self) -> bool {
        self.concurrency != u32::MAX
    }

    /// Takes one of its servers, if one is free.
    #[inline]
    pub(super) fn takes_server(&mut self) -> bool {
        let free = self.busy < self.concurrency;
        self.busy += u32::from(free);
        free
    }

    /// Whether it takes no requests.
    pub(super) fn is_stopped(&self) -> bool {
        self.state != ProcessState::Serving
    }

    /// Whether it still works on requests.
    pub(super) fn is_alive(&self) -> bool {
        matches!(self.state, ProcessState::Serving | ProcessState::Finishing)
    }
}

/// What EC2 or ECS says about an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MachineState {
    /// Booting.
    Pending,
    /// Running.
    Running,
    /// Told to go.
    ShuttingDown,
    /// Gone.
    Terminated,
    /// Told to stop; it can be started again.
    Stopping,
    /// Off.
    Stopped,
}

impl MachineState {
    /// EC2's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::ShuttingDown => "shutting-down",
            Self::Terminated => "terminated",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
        }
    }

    /// Whether it comes or goes by itself.
    pub(super) fn is_passing(self) -> bool {
        match self {
            Self::Pending | Self::ShuttingDown | Self::Stopping => true,
            Self::Running | Self::Terminated | Self::Stopped => false,
        }
    }

    /// Whether EC2 reports an instance in this state as unhealthy. Source: R-ASG-10.
    pub fn is_unhealthy(self) -> bool {
        match self {
            Self::ShuttingDown | Self::Terminated | Self::Stopping | Self::Stopped => true,
            Self::Pending | Self::Running => false,
        }
    }
}

/// An instance.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact that holds beside the others"
)]
#[derive(Debug)]
pub struct Instance {
    /// Id.
    pub id: String,
    /// Zone.
    pub zone: ZoneId,
    /// Launch template.
    pub launch_template: LaunchTemplateId,
    /// What EC2 or ECS says.
    pub state: MachineState,
    /// Its group, if it is a member of one.
    pub group: Option<GroupId>,
    /// Where it stands in its group.
    pub lifecycle: LifecycleState,
    /// What its group knows of it.
    pub membership: Membership,
    /// When it was launched; 0 s for one that stood before.
    pub launched_at: SimTime,
    /// When it entered `InService`.
    pub in_service_since: SimTime,
    /// `InService` and healthy in every configured source.
    pub serving: bool,
    /// What launched it.
    pub launched_by: Option<EntryId>,
    /// What stopped it.
    pub stopped_by: Option<EntryId>,
    /// Its registrations, past ones included.
    pub registrations: Vec<RegistrationId>,
    /// Scaling activity under way for it.
    pub activity: Option<ActivityId>,
    /// Registrations whose drains its group waits for.
    pub(super) waits_for: Vec<RegistrationId>,
    pub(super) told_to_stop: bool,
    /// The host may disappear as soon as the process has exited.
    pub(super) host_may_go: bool,
    /// How often it was started again.
    pub(super) restarts: u64,
    /// It hibernates with its process, which answers as soon as it runs.
    pub(super) resumes: bool,
}

impl Instance {
    /// Whether it was stopped and started again.
    pub fn was_started_again(&self) -> bool {
        self.restarts > 0
    }
}

impl Cloud {
    /// Adds an instance of `group` or of none; nothing about it is scheduled.
    pub(super) fn new_instance(
        &mut self,
        id: String,
        zone: ZoneId,
        launch_template: LaunchTemplateId,
        group: Option<GroupId>,
    ) -> InstanceId {
        let instance = InstanceId::from_index(self.instances.len());
        let template = &self.launch_templates[launch_template.index()];
        self.processes.push(Process {
            state: ProcessState::Starting,
            concurrency: template.concurrency.unwrap_or(u32::MAX),
            busy: 0,
            room: template.queue.unwrap_or(u32::MAX),
            waiting: 0,
            head: NONE,
            tail: NONE,
        });
        self.instance_ids.insert(id.clone(), instance);
        self.instances.push(Instance {
            id,
            zone,
            launch_template,
            state: MachineState::Pending,
            group,
            lifecycle: LifecycleState::Pending,
            membership: Membership::default(),
            launched_at: SimTime::ZERO,
            in_service_since: SimTime::ZERO,
            serving: false,
            launched_by: self.cause,
            stopped_by: None,
            registrations: Vec::new(),
            activity: None,
            waits_for: Vec::new(),
            told_to_stop: false,
            host_may_go: false,
            restarts: 0,
            resumes: false,
        });
        instance
    }

    /// Adds an instance that runs and serves at 0 s.
    pub(super) fn add_standing_instance(
        &mut self,
        id: String,
        zone: ZoneId,
        launch_template: LaunchTemplateId,
        group: Option<GroupId>,
    ) -> InstanceId {
        let instance = self.new_instance(id, zone, launch_template, group);
        self.instances[instance.index()].state = MachineState::Running;
        self.instances[instance.index()].lifecycle = match group {
            Some(_) => LifecycleState::InService,
            None => LifecycleState::Detached,
        };
        self.processes[instance.index()].state = ProcessState::Serving;
        instance
    }

    /// Schedules the boot of a new instance.
    pub(super) fn boot(&mut self, cx: &mut Cx<'_>, instance: InstanceId) {
        let boot = self.time_to_boot(instance);
        schedule(cx, cx.now + boot, Timer::Booted(instance));
    }

    /// How long the boot of the present start of an instance takes.
    pub(super) fn time_to_boot(&self, instance: InstanceId) -> SimDuration {
        let mut stream = self.starting_stream("boot", instance);
        let template = self.instances[instance.index()].launch_template;
        self.launch_templates[template.index()]
            .boot
            .sample(&mut stream)
    }

    /// The stream of a span of the present start of an instance.
    pub(super) fn starting_stream(&self, purpose: &'static str, id: InstanceId) -> Stream {
        match self.instances[id.index()].restarts {
            0 => self.streams.stream(purpose, &[u64::from(id.0)]),
            again => self.streams.stream(purpose, &[u64::from(id.0), again]),
        }
    }

    pub(super) fn on_booted(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        self.cause = self.instances[id.index()].launched_by;
        if self.instances[id.index()].state != MachineState::Pending {
            return;
        }
        self.instances[id.index()].state = MachineState::Running;
        if self.processes[id.index()].state == ProcessState::Gone {
            self.host_is_back(cx, id);
        }
        let mut stream = self.starting_stream("ready", id);
        let template = self.instances[id.index()].launch_template;
        let mut ready = self.launch_templates[template.index()]
            .ready
            .sample(&mut stream);
        if std::mem::take(&mut self.instances[id.index()].resumes) {
            ready = SimDuration::ZERO;
        }
        schedule(cx, cx.now + ready, Timer::Ready(id));
        self.instance_is_running(cx, id);
    }

    pub(super) fn on_ready(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        self.cause = self.instances[id.index()].launched_by;
        if self.processes[id.index()].state == ProcessState::Starting {
            self.set_process(cx, id, ProcessState::Serving);
        }
    }

    pub(super) fn set_process(&mut self, cx: &mut Cx<'_>, id: InstanceId, state: ProcessState) {
        let process = &mut self.processes[id.index()];
        let before = process.answer();
        process.state = state;
        let (stopped, same_answer) = (process.is_stopped(), process.answer() == before);
        for index in 0..self.instances[id.index()].registrations.len() {
            let registration = self.instances[id.index()].registrations[index];
            for link in self.registrations[registration.index()].links.clone() {
                self.links[link as usize]
                    .detours
                    .set(Detours::STOPPED, stopped);
            }
            if !same_answer && !self.registrations[registration.index()].over {
                self.answer_changed(cx, registration);
            }
        }
    }

    /// Tells a process to stop; it follows its shutdown rule. A second time changes nothing.
    pub fn stop_process(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        let instance = &mut self.instances[id.index()];
        if instance.told_to_stop
            || !matches!(
                self.processes[id.index()].state,
                ProcessState::Starting | ProcessState::Serving
            )
        {
            return;
        }
        instance.told_to_stop = true;
        instance.stopped_by = self.cause;
        let rule = self.launch_templates[instance.launch_template.index()].shutdown;
        schedule(cx, cx.now + rule.grace, Timer::Killed(id));
        if rule.pre_stop == SimDuration::ZERO {
            self.pre_stop_is_over(cx, id);
        } else {
            schedule(cx, cx.now + rule.pre_stop, Timer::PreStopOver(id));
        }
    }

    pub(super) fn on_pre_stop_over(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        self.cause = self.instances[id.index()].stopped_by;
        self.pre_stop_is_over(cx, id);
    }

    fn pre_stop_is_over(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        let template = self.instances[id.index()].launch_template;
        match self.launch_templates[template.index()].shutdown.then {
            ShutdownThen::Finish => {
                self.set_process(cx, id, ProcessState::Finishing);
                self.exit_if_finished(cx, id.index());
            }
            ShutdownThen::Exit => self.exit(cx, id),
            ShutdownThen::Ignore => {}
        }
    }

    pub(super) fn on_killed(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        self.cause = self.instances[id.index()].stopped_by;
        self.exit(cx, id);
    }

    /// Kills a process at once.
    pub fn kill_process(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        let alive = self.processes[id.index()].is_alive();
        let instance = &mut self.instances[id.index()];
        instance.told_to_stop = true;
        // a process that was asked to stop and still served is lost through the kill
        if alive || instance.stopped_by.is_none() {
            instance.stopped_by = self.cause;
        }
        self.exit(cx, id);
    }

    /// A finishing process exits when it has nothing left.
    #[cold]
    pub(super) fn exit_if_finished(&mut self, cx: &mut Cx<'_>, index: usize) {
        if self.processes[index].state == ProcessState::Finishing && self.load_of(index) == 0 {
            let outer = self.cause;
            self.cause = self.instances[index].stopped_by;
            self.exit(cx, InstanceId::from_index(index));
            self.cause = outer;
        }
    }

    /// Requests in flight on a machine, from all nodes, in all its registrations.
    pub(super) fn load_of(&self, index: usize) -> u64 {
        self.instances[index]
            .registrations
            .iter()
            .flat_map(|registration| self.registrations[registration.index()].links.iter())
            .map(|link| u64::from(self.links[link as usize].in_flight))
            .sum()
    }

    /// The process exits; what is in flight on it is lost.
    pub(super) fn exit(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        if !self.processes[id.index()].is_alive()
            && self.processes[id.index()].state != ProcessState::Starting
        {
            return;
        }
        cx.calendar.cancel(&Timer::Killed(id));
        cx.calendar.cancel(&Timer::PreStopOver(id));
        cx.calendar.cancel(&Timer::Ready(id));
        self.set_process(cx, id, ProcessState::Exited);
        let load = self.load_of(id.index());
        let mut victims = Vec::new();
        if load > 0 {
            let on_it = self
                .slab
                .iter()
                .filter(|(_, request)| self.links[request.link.index()].instance == id.0);
            victims.extend(on_it.map(|(slot, request)| (request.arrived, slot, request.link)));
        }
        victims.sort_unstable();
        for (_, slot, link) in victims {
            let answers = self.answers_on(link);
            let failure = Failure {
                // where nobody tells the client, it goes on sending. Source: R-GWLB-2
                cause: if answers.silent {
                    Cause::FlowBlackholed
                } else {
                    Cause::KilledByTargetExit
                },
                code: answers.exited,
                culprit: self.instances[id.index()].stopped_by,
            };
            self.end_attempt(cx, slot, failure);
        }
        let process = &mut self.processes[id.index()];
        process.busy = 0;
        assert_eq!(
            process.waiting, 0,
            "nobody waits at a process that has exited"
        );
        if self.instances[id.index()].host_may_go {
            self.host_is_gone(cx, id);
        }
    }

    /// A detached instance follows its own shutdown rule.
    pub(super) fn stop_if_detached(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        let template = self.instances[id.index()].launch_template;
        if self.launch_templates[template.index()].shutdown.when == ShutdownWhen::Detach {
            self.stop_process(cx, id);
        }
    }

    /// Tells the drain of a link what delay the requests waiting at its machine would have
    /// needed: their place in line and drawn service times say when each would have been over.
    pub(super) fn need_of_waiting(&mut self, now: SimTime, id: LinkId) {
        let instance = self.links[id.index()].instance;
        let process = self.processes[instance as usize];
        if process.waiting == 0 {
            return;
        }
        let mut servers: Vec<SimTime> = self
            .slab
            .iter()
            .filter(|(_, request)| {
                request.stage() == Stage::Serving
                    && self.links[request.link.index()].instance == instance
            })
            .map(|(_, request)| request.due)
            .collect();
        servers.sort_unstable();
        let mut last = now;
        let mut slot = process.head;
        while slot != NONE {
            let request = *self.slab.get(slot);
            let start = if servers.is_empty() {
                now
            } else {
                servers.remove(0)
            };
            let done = (start + request.service).min(request.due);
            let place = servers.partition_point(|&other| other <= done);
            servers.insert(place, done);
            if request.link == id {
                last = last.max(done);
            }
            slot = request.next;
        }
        self.need_on(id, last);
    }
}
