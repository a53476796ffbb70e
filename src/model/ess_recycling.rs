//! How an instance that a scaling group removes ends: released, stopped to be started again, or out
//! of the group.
//!
//! Source: R-ESS-11, R-ESS-26. This module must never choose who is removed.

use super::cloud::Cloud;
use super::event::{Cx, Timer, schedule};
use super::ids::{GroupId, InstanceId};
use super::lifecycle::LifecycleState;
use super::machine::MachineState;
use super::membership::WayOut;

impl Cloud {
    /// A member to be removed has left its server groups: it is released or stopped, or runs on
    /// outside. Source: R-ESS-11, R-ESS-26.
    pub(super) fn end_removal(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        if !self.is_released(id) {
            return self.finish_detaching(cx, id);
        }
        let instance = &self.instances[id.index()];
        let WayOut {
            recycle,
            stop_within,
        } = instance.membership.way_out;
        match (recycle, instance.state) {
            (true, MachineState::Running) => self.stop_machine(cx, id, false),
            (true, MachineState::Stopped) => self.ess_instance_has_stopped(cx, id),
            // it comes here again when it is off
            (true, MachineState::Stopping) => {}
            _ => self.end_machine(cx, id),
        }
        if let Some(span) = stop_within
            && self.processes[id.index()].is_alive()
        {
            let at = cx.now + span;
            let due = cx.calendar.due(&Timer::Killed(id));
            if due.is_none_or(|due| due > at) {
                schedule(cx, at, Timer::Killed(id));
            }
        }
    }

    /// A machine is off: one that its scaling group stopped is kept so.
    pub(super) fn ess_instance_has_stopped(&mut self, cx: &mut Cx<'_>, id: InstanceId) {
        let instance = &self.instances[id.index()];
        let recycled = instance.lifecycle == LifecycleState::Removing
            && instance.membership.way_out.recycle
            && instance.waits_for.is_empty();
        if let (true, Some(group)) = (recycled, instance.group) {
            self.set_lifecycle(cx, id, LifecycleState::Stopped);
            self.instances[id.index()].membership.way_out = WayOut::default();
            self.instances[id.index()].stopped_by = None;
            self.ess_member_gone(cx, group);
        }
    }

    /// Starts so many of the instances that a group keeps stopped, at most: those that were launched
    /// first.
    pub(super) fn ess_start_stopped(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        count: u32,
    ) -> Vec<InstanceId> {
        let members = self.groups[group.index()].members.iter().copied();
        let stopped: Vec<InstanceId> = members
            .filter(|member| {
                let instance = &self.instances[member.index()];
                instance.lifecycle == LifecycleState::Stopped
                    && instance.state == MachineState::Stopped
            })
            .take(count as usize)
            .collect();
        for &id in &stopped {
            self.groups[group.index()].counts.desired += 1;
            self.set_lifecycle(cx, id, LifecycleState::Pending);
            self.start_machine(cx, id);
        }
        stopped
    }
}
