//! The path of a request: arrive, route, serve, complete, record.
//!
//! Allocates nothing, hashes nothing, calls nothing through a box. What a request does not use
//! costs it a flag at most: drains, waiting rooms, slow start and stopped processes branch off to
//! cold functions. A started request has one pending event, the earliest of its ends.

use super::cloud::Cloud;
use super::event::Cx;
use super::ids::{EntryId, LinkId, NodeId, RegistrationId, WorkloadId};
use super::lb::Answers;
use super::loss::{Cause, Code, Loss};
use super::machine::ProcessState;
use super::record::Record;
use super::request::{End, NONE, Progress, Request, Stage};
use super::settings::ServiceTimes;
use super::view::{Detours, Standing};
use crate::engine::time::{SimDuration, SimTime};

/// An Application Load Balancer gives up connecting after this. Source: R-LOSS-4.
const CONNECT_TIMEOUT: SimDuration = SimDuration::from_secs(10);

/// Events whose requests and links are read at once: what they need fits the nearest cache.
const READ_AHEAD: usize = 64;

/// One try of a request.
#[derive(Debug, Clone, Copy)]
struct Attempt {
    workload: u16,
    number: u8,
    arrived: SimTime,
    ordinal: u64,
    service: SimDuration,
    view: u32,
    patience: (SimDuration, End),
}

/// Why an attempt failed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Failure {
    pub(super) cause: Cause,
    pub(super) code: Code,
    pub(super) culprit: Option<EntryId>,
}

impl Cloud {
    #[inline]
    pub(super) fn on_arrival(&mut self, cx: &mut Cx<'_>, source: u32) {
        let index = source as usize;
        let workload = &mut self.workloads[index];
        let service = workload.source.take();
        cx.calendar.set_source(source, workload.source.next());
        let attempt = Attempt {
            workload: workload.number,
            number: 0,
            arrived: cx.now,
            ordinal: self.recorder.arrived(cx.now, index),
            service,
            view: workload.choose_view(),
            patience: workload.patience,
        };
        self.try_once(cx, &attempt);
    }

    /// Sends a request to a target.
    #[expect(
        clippy::inline_always,
        reason = "one of the two callers is the path of a request"
    )]
    #[inline(always)]
    fn try_once(&mut self, cx: &mut Cx<'_>, attempt: &Attempt) {
        let view = &mut self.views[attempt.view as usize];
        let Some(id) = view.choose(cx.now, &mut self.links, &mut self.routing_stream) else {
            return self.find_no_target(cx, attempt);
        };
        let link = &mut self.links[id.index()];
        link.attempts += 1;
        link.in_flight += 1;
        let (detours, instance) = (link.detours, link.instance as usize);
        if detours.has(Detours::DRAINING) {
            self.note_arrived(id);
        }
        if detours.has(Detours::STOPPED) {
            return self.try_stopped(cx, attempt, id);
        }
        if detours.has(Detours::LIMITED) && !self.processes[instance].takes_server() {
            return self.wait(cx, attempt, id);
        }
        let (limit, end) = attempt.patience;
        let (span, end) = if attempt.service <= limit {
            (attempt.service, End::Completion)
        } else {
            (limit, end)
        };
        let due = cx.now + span;
        let slot = self.slab.vacant();
        let sequence = cx.calendar.push(due, slot);
        let progress = Progress::new(Stage::Serving, end);
        self.hold(attempt, id, progress, due, (slot, sequence));
        if detours.has(Detours::RANKED) {
            self.rank(id);
        }
    }

    /// Holds a request in a vacant slot until its event, numbered `sequence`, is due.
    #[expect(
        clippy::inline_always,
        reason = "one of the callers is the path of a request"
    )]
    #[inline(always)]
    fn hold(
        &mut self,
        attempt: &Attempt,
        link: LinkId,
        progress: Progress,
        due: SimTime,
        (slot, sequence): (u32, u32),
    ) {
        let request = Request {
            arrived: attempt.arrived,
            due,
            ordinal: attempt.ordinal,
            service: attempt.service,
            link,
            next: NONE,
            sequence,
            workload: attempt.workload,
            attempt: attempt.number,
            progress,
        };
        self.slab.insert(slot, request);
    }

    /// Tells the view that a link has another number of requests in flight.
    #[inline]
    fn rank(&mut self, id: LinkId) {
        let link = &self.links[id.index()];
        self.views[link.view as usize].outstanding(link);
    }

    #[cold]
    fn find_no_target(&mut self, cx: &mut Cx<'_>, attempt: &Attempt) {
        let view = &self.views[attempt.view as usize];
        let failure = Failure {
            cause: Cause::NoTarget,
            code: self.answers_to(attempt).no_target,
            culprit: view.emptied_by,
        };
        let node = view.node;
        self.fail(cx, *attempt, None, node, failure);
    }

    /// All servers of the target are busy: the request waits, or overflows.
    fn wait(&mut self, cx: &mut Cx<'_>, attempt: &Attempt, id: LinkId) {
        self.rank(id);
        let instance = self.links[id.index()].instance as usize;
        let process = &self.processes[instance];
        let (limit, end) = attempt.patience;
        let due = cx.now + limit;
        if process.waiting >= process.room {
            let slot = self.slab.vacant();
            let progress = Progress::new(Stage::Connecting, end);
            self.hold(attempt, id, progress, due, (slot, 0));
            let failure = Failure {
                cause: Cause::QueueOverflow,
                code: self.answers_on(id).overflow,
                culprit: None,
            };
            return self.end_attempt(cx, slot, failure);
        }
        let slot = self.slab.vacant();
        let timeouts = &mut self.workloads[usize::from(attempt.workload)].timeouts;
        let sequence = timeouts.set(cx, &self.slab, due, slot);
        let progress = Progress::new(Stage::Waiting, end);
        self.hold(attempt, id, progress, due, (slot, sequence));
        let process = &mut self.processes[instance];
        if process.tail == NONE {
            process.head = slot;
        } else {
            self.slab.get_mut(process.tail).next = slot;
        }
        process.tail = slot;
        process.waiting += 1;
    }

    /// The node sends a request to a process that does not take it.
    #[cold]
    fn try_stopped(&mut self, cx: &mut Cx<'_>, attempt: &Attempt, id: LinkId) {
        let instance = self.links[id.index()].instance as usize;
        let silent = match self.processes[instance].state {
            ProcessState::Gone => true,
            ProcessState::Exited => self.answers_on(id).silent,
            ProcessState::Starting | ProcessState::Serving | ProcessState::Finishing => false,
        };
        let workload = &self.workloads[usize::from(attempt.workload)];
        let (limit, end) = if workload.client_timeout < CONNECT_TIMEOUT {
            (workload.client_timeout, End::ClientTimeout)
        } else {
            (CONNECT_TIMEOUT, End::ConnectTimeout)
        };
        let due = cx.now + limit;
        let slot = self.slab.vacant();
        let sequence = if silent {
            cx.calendar.push(due, slot)
        } else {
            0
        };
        let progress = Progress::new(Stage::Connecting, end);
        self.hold(attempt, id, progress, due, (slot, sequence));
        self.rank(id);
        if !silent {
            let failure = self.unanswered(id, false);
            self.end_attempt(cx, slot, failure);
        }
    }

    /// What clients of attempts see that find no target.
    fn answers_to(&self, attempt: &Attempt) -> Answers {
        let listener = self.workloads[usize::from(attempt.workload)].listener;
        let balancer = self.listeners[listener.index()].load_balancer;
        let kind = self.load_balancers[balancer].kind;
        kind.answers(&self.assumptions)
    }

    /// What clients of attempts that fail on this link see.
    pub(super) fn answers_on(&self, id: LinkId) -> Answers {
        let registration = self.links[id.index()].registration as usize;
        let target_group = self.registrations[registration].target_group;
        let kind = self.target_groups[target_group.index()].kind;
        kind.answers(&self.assumptions)
    }

    /// Why a target that does not answer does not: by what its registration is, and by what
    /// stopped it.
    fn unanswered(&self, id: LinkId, silent: bool) -> Failure {
        let link = &self.links[id.index()];
        let answers = self.answers_on(id);
        let registration = &self.registrations[link.registration as usize];
        let instance = &self.instances[link.instance as usize];
        let starting = self.processes[link.instance as usize].state == ProcessState::Starting;
        let cause = if starting {
            Cause::RefusedNotReady
        } else if registration.deregistration.is_none() {
            Cause::UnreachableTarget
        } else if silent {
            Cause::TimeoutStaleRoute
        } else {
            Cause::RefusedStaleRoute
        };
        Failure {
            cause,
            code: if silent {
                answers.unreachable
            } else {
                answers.refused
            },
            culprit: if starting {
                // a node sends to a target that never was healthy because no healthy one is left
                let view = &self.views[link.view as usize];
                let failed_open = (link.counted != Standing::Healthy)
                    .then_some(view.last_healthy_left_by)
                    .flatten();
                failed_open.or(instance.launched_by).or(registration.entry)
            } else {
                instance.stopped_by
            },
        }
    }

    /// Reads what the next events will need, all at once: in a large fleet each would wait for
    /// memory on its own.
    #[inline(never)]
    fn read_ahead(&mut self, cx: &Cx<'_>) {
        let mut read = 0;
        for slot in cx.calendar.window().take(READ_AHEAD) {
            read ^= self.slab.get(slot).link.0;
            self.read_ahead += 1;
        }
        for slot in cx.calendar.window().take(READ_AHEAD) {
            read ^= self.links[self.slab.get(slot).link.index()].in_flight;
        }
        std::hint::black_box(read);
    }

    #[inline]
    pub(super) fn on_due(&mut self, cx: &mut Cx<'_>, slot: u32, sequence: u32) {
        if self.read_ahead == 0 {
            self.read_ahead(cx);
        } else {
            self.read_ahead -= 1;
        }
        if let Some(request) = self.slab.complete(slot, sequence) {
            self.complete(cx, &request);
        } else {
            self.time_out(cx, slot, sequence);
        }
    }

    #[inline]
    fn complete(&mut self, cx: &mut Cx<'_>, request: &Request) {
        let id = request.link;
        let link = &mut self.links[id.index()];
        link.in_flight -= 1;
        link.completed += 1;
        assert!(
            link.attempts == link.completed + link.lost + u64::from(link.in_flight),
            "attempts on a target are completed, lost or in flight"
        );
        let (detours, instance) = (link.detours, link.instance as usize);
        let workload = usize::from(request.workload);
        self.recorder
            .completed(cx.now, request.arrived, workload, id.0);
        if detours == Detours::NONE {
            return;
        }
        if detours.has(Detours::RANKED) {
            self.rank(id);
        }
        if detours.has(Detours::LIMITED) {
            self.free_server(cx, instance);
        }
        if detours.has(Detours::DRAINING) {
            self.note_completed(cx, id);
        }
        if detours.has(Detours::STOPPED) {
            self.exit_if_finished(cx, instance);
        }
    }

    /// A server of a limited process is free: the first in the waiting room starts.
    #[inline]
    fn free_server(&mut self, cx: &mut Cx<'_>, instance: usize) {
        let process = &mut self.processes[instance];
        if process.head == NONE {
            process.busy -= 1;
        } else {
            self.start_next(cx, instance);
        }
    }

    fn start_next(&mut self, cx: &mut Cx<'_>, instance: usize) {
        let process = &mut self.processes[instance];
        let slot = process.head;
        let request = self.slab.get_mut(slot);
        process.head = request.next;
        process.waiting -= 1;
        if process.head == NONE {
            process.tail = NONE;
        }
        request.next = NONE;
        let done = cx.now + request.service;
        if done <= request.due {
            request.due = done;
            request.progress = Progress::COMPLETING;
            request.sequence = cx.calendar.push(done, slot);
        } else {
            request.progress = Progress::new(Stage::Serving, request.end());
        }
    }

    /// An event that is no completion: a timeout, or one that means nothing any more.
    #[cold]
    fn time_out(&mut self, cx: &mut Cx<'_>, slot: u32, sequence: u32) {
        for workload in &mut self.workloads {
            workload.timeouts.follow(cx, &self.slab, slot, sequence);
        }
        if !self.slab.is_valid(slot, sequence) {
            return;
        }
        let request = self.slab.get(slot);
        let failure = match request.end() {
            End::ClientTimeout => Failure {
                cause: Cause::ClientGaveUp,
                code: self.answers_on(request.link).gave_up,
                culprit: None,
            },
            End::ConnectTimeout => self.unanswered(request.link, true),
            End::ResponseTimeout | End::Completion => Failure {
                cause: Cause::ResponseTimeout,
                code: self.answers_on(request.link).late,
                culprit: None,
            },
        };
        self.end_attempt(cx, slot, failure);
    }

    /// Takes a failed attempt off its target and lets its client try again, or lose.
    #[cold]
    pub(super) fn end_attempt(&mut self, cx: &mut Cx<'_>, slot: u32, failure: Failure) {
        let request = *self.slab.get(slot);
        let id = request.link;
        let link = &mut self.links[id.index()];
        link.in_flight -= 1;
        link.lost += 1;
        let (instance, view) = (link.instance as usize, link.view);
        let (draining, limited) = (link.is_draining(), link.detours.has(Detours::LIMITED));
        self.views[view as usize].outstanding(link);
        match request.stage() {
            Stage::Waiting => self.leave_room(instance, slot),
            Stage::Serving if limited && self.processes[instance].is_alive() => {
                self.free_server(cx, instance);
            }
            Stage::Serving | Stage::Connecting | Stage::Free => {}
        }
        self.slab.remove(slot);
        if draining {
            self.note_lost(cx, id, &request, failure.cause);
        }
        let node = self.views[view as usize].node;
        let registration = RegistrationId(self.links[id.index()].registration);
        if self.processes[instance].state != ProcessState::Serving {
            self.exit_if_finished(cx, instance);
        }
        let attempt = Attempt {
            workload: request.workload,
            number: request.attempt,
            arrived: request.arrived,
            ordinal: request.ordinal,
            service: request.service,
            view: 0,
            patience: self.workloads[usize::from(request.workload)].patience,
        };
        self.fail(cx, attempt, Some(registration), node, failure);
    }

    /// An attempt failed: the client tries again at once, or the request is lost.
    #[cold]
    fn fail(
        &mut self,
        cx: &mut Cx<'_>,
        attempt: Attempt,
        target: Option<RegistrationId>,
        node: NodeId,
        failure: Failure,
    ) {
        let index = usize::from(attempt.workload);
        let workload = &mut self.workloads[index];
        if attempt.number < workload.retries {
            let number = attempt.number + 1;
            let key = [
                u64::from(attempt.workload),
                attempt.ordinal,
                u64::from(number),
            ];
            let mut stream = self.streams.stream("attempt", &key);
            let service = match &workload.service {
                ServiceTimes::Distribution(sampler) => sampler.sample(&mut stream),
                ServiceTimes::Trace(_) => attempt.service,
            };
            std::mem::swap(&mut workload.choices, &mut stream);
            let view = workload.choose_view();
            std::mem::swap(&mut workload.choices, &mut stream);
            let again = Attempt {
                number,
                service,
                view,
                ..attempt
            };
            self.recorder.tried_again(attempt.arrived, index);
            return self.try_once(cx, &again);
        }
        let loss = Loss {
            at: cx.now,
            arrived: attempt.arrived,
            request: attempt.ordinal,
            workload: WorkloadId(u32::from(attempt.workload)),
            target,
            node,
            cause: failure.cause,
            code: failure.code,
            culprit: failure.culprit,
        };
        self.recorder.lost(&loss);
        cx.records.push(Record::Lost(loss));
    }

    /// Takes a request out of the waiting room; with one timeout for all it is the first.
    fn leave_room(&mut self, instance: usize, slot: u32) {
        let process = &mut self.processes[instance];
        let next = self.slab.get(slot).next;
        process.waiting -= 1;
        if process.head == slot {
            process.head = next;
            if next == NONE {
                process.tail = NONE;
            }
            return;
        }
        let mut before = process.head;
        while self.slab.get(before).next != slot {
            before = self.slab.get(before).next;
        }
        self.slab.get_mut(before).next = next;
        if process.tail == slot {
            process.tail = before;
        }
    }
}
