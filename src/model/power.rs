//! Power: hosts that are terminated, stopped, and started again, and what balancers see of it.
//!
//! Nothing is drained here: a process is told to stop and follows its own shutdown rule, and its
//! host disappears after it. Whoever wants a drain deregisters first. Source: R-STOP-4 to R-STOP-7.

use super::cloud::Cloud;
use super::event::{Cx, Timer, schedule};
use super::ids::{InstanceId, RegistrationId};
use super::machine::{MachineState, ProcessState};
use super::registration::TargetHealth;
use super::settings::{Provider, TargetType};
use super::view::Standing;

impl Cloud {
    /// Terminates an instance: its process is told to stop, its host disappears once
    /// `ec2.terminate` has passed and the process has exited.
    pub fn terminate_machine(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        let instance = &mut self.instances[id.index()];
        if matches!(
            instance.state,
            MachineState::ShuttingDown | MachineState::Terminated
        ) {
            return;
        }
        instance.state = MachineState::ShuttingDown;
        instance.host_may_go = false;
        if instance.stopped_by.is_none() {
            instance.stopped_by = self.cause;
        }
        let mut stream = self.streams.stream("terminate", &[u64::from(id.0)]);
        let span = self.assumptions.ec2_terminate.sample(&mut stream);
        schedule(cx, cx.now + span, Timer::HostGone(id));
        self.stop_or_exit(cx, id);
        self.instance_is_stopping(cx, id);
    }

    /// Stops a running instance, to be started again: its process is told to stop, or killed at
    /// once with `force`; its host disappears once `ec2.stop` has passed and the process has
    /// exited. Does nothing in any other state. Source: R-STOP-6.
    pub fn stop_machine(&mut self, cx: &mut Cx<'_>, id: InstanceId, force: bool) {
        let instance = &mut self.instances[id.index()];
        let waits = instance.state == MachineState::Stopping && force;
        if instance.state != MachineState::Running && !waits {
            return;
        }
        if !waits {
            instance.state = MachineState::Stopping;
            if instance.stopped_by.is_none() {
                instance.stopped_by = self.cause;
            }
            let key = [u64::from(id.0), instance.restarts];
            let span = self
                .assumptions
                .ec2_stop
                .sample(&mut self.streams.stream("stop", &key));
            schedule(cx, cx.now + span, Timer::HostGone(id));
        }
        if force {
            self.kill_process(cx, id);
        } else {
            self.stop_or_exit(cx, id);
        }
        self.instance_is_stopping(cx, id);
    }

    /// Starts a stopped instance: it boots, and its process is ready, as after a launch. Does
    /// nothing in any other state. Source: R-STOP-7.
    pub fn start_machine(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        let instance = &mut self.instances[id.index()];
        if instance.state != MachineState::Stopped {
            return;
        }
        instance.state = MachineState::Pending;
        instance.launched_by = self.cause;
        instance.restarts += 1;
        self.boot(cx, id);
    }

    /// A process that is not ready yet has nothing to finish.
    fn stop_or_exit(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        if self.processes[id.index()].state == ProcessState::Starting {
            self.exit(cx, id);
        } else {
            self.stop_process(cx, id);
        }
    }

    pub(super) fn on_host_gone(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        self.cause = self.instances[id.index()].stopped_by;
        self.instances[id.index()].host_may_go = true;
        if matches!(
            self.processes[id.index()].state,
            ProcessState::Exited | ProcessState::Gone
        ) {
            self.host_is_gone(cx, id);
        }
    }

    pub(super) fn host_is_gone(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        self.set_process(cx, id, ProcessState::Gone);
        let stopped = self.instances[id.index()].state == MachineState::Stopping;
        let (state, health) = if stopped {
            (MachineState::Stopped, TargetHealth::StoppedState)
        } else {
            (MachineState::Terminated, TargetHealth::InvalidState)
        };
        self.instances[id.index()].state = state;
        for registration in self.instances[id.index()].registrations.clone() {
            if self.sees_host_of(registration) {
                cx.calendar.cancel(&Timer::HealthVerdict(registration));
                self.registrations[registration.index()].checker = None;
                self.set_verdict(cx, registration, Standing::Absent, health);
            }
        }
        if stopped {
            self.pool_instance_has_stopped(cx, id);
            self.ess_instance_has_stopped(cx, id);
        } else {
            self.instance_is_gone(cx, id);
        }
    }

    /// A host that was stopped is running again, and its process starts.
    pub(super) fn host_is_back(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        let instance = &mut self.instances[id.index()];
        instance.told_to_stop = false;
        instance.host_may_go = false;
        instance.stopped_by = None;
        self.set_process(cx, id, ProcessState::Starting);
        for registration in self.instances[id.index()].registrations.clone() {
            if self.sees_host_of(registration) {
                self.check_anew(cx, registration);
            }
        }
    }

    /// Whether a machine is on its way out, or comes back.
    pub(super) fn is_stopping(&self, index: usize) -> bool {
        let instance = &self.instances[index];
        instance.state.is_passing() || (instance.told_to_stop && self.processes[index].is_alive())
    }

    /// The balancer sees the state of an instance; it cannot see that of an IP address.
    fn sees_host_of(&self, id: RegistrationId) -> bool {
        let registration = &self.registrations[id.index()];
        let group = &self.target_groups[registration.target_group.index()];
        group.target_type == TargetType::Instance
            && group.provider == Provider::Aws
            && !registration.over
            && registration.health.is_registered()
    }
}
