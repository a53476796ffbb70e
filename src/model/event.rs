//! Events of the cloud: the closed set of timers, and the context they run in.

use super::ids::{
    GroupId, InstanceId, LifecycleActionId, LinkId, ListenerId, NodeId, RegistrationId,
};
use super::record::Record;
use crate::engine::kernel::Context;
use crate::engine::phase::Phase;
use crate::engine::time::SimTime;

/// What a node learns about a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Write {
    /// It exists.
    Registered,
    /// It is deregistered.
    Deregistered,
    /// It may be chosen again, or by a new node; which such write about it this is.
    Usable(u32),
    /// It may not be chosen, though it is registered; which such write about it this is.
    Unusable(u32),
    /// It has another weight.
    Weight {
        /// The weight \[0..=100\].
        weight: u8,
        /// Which such write about it this is.
        write: u32,
    },
}

/// Everything that happens by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Timer {
    /// A node learns of a control-plane write.
    Learn(LinkId, Write),
    /// A node cuts what is in flight on a deregistered target.
    Cut(LinkId),
    /// A node cuts what was in flight when the target was found unhealthy.
    CutUnhealthy(RegistrationId),
    /// Nodes learn that a target is unhealthy.
    VerdictSeen(RegistrationId),
    /// The displayed deregistration delay is over.
    DrainShown(RegistrationId),
    /// Enough health checks agreed.
    HealthVerdict(RegistrationId),
    /// An instance is running.
    Booted(InstanceId),
    /// Its process answers.
    Ready(InstanceId),
    /// Its process has served long enough after the stop signal.
    PreStopOver(InstanceId),
    /// Its process is killed.
    Killed(InstanceId),
    /// Its host may disappear.
    HostGone(InstanceId),
    /// A node learns where a listener forwards since its so many-th write.
    LearnForward(ListenerId, NodeId, u32),
    /// Clients find a new node.
    NodeComes(NodeId),
    /// Clients no longer come to a node.
    NodeGoes(NodeId),
    /// A group compares desired and actual capacity.
    Reconcile(GroupId),
    /// A group looks at the health of its instances.
    HealthPoll(GroupId),
    /// A lifecycle action had no heartbeat for too long.
    Heartbeat(LifecycleActionId),
    /// The warm-up of a member is over.
    Warm(InstanceId),
    /// A group looks at whether those may go who wait for their replacements.
    Replace(GroupId),
    /// A group looks at whether its zones are even.
    Rebalance(GroupId),
    /// A scheduled action of a group is due.
    Scheduled(GroupId),
    /// A group reads the metrics its policies track.
    Track(GroupId),
    /// A group looks at how busy its instances are.
    Sample(GroupId),
    /// An instance refresh looks at how its group has changed.
    Refresh(GroupId),
    /// A group compares desired and actual size of its warm pool.
    Pool(GroupId),
}

impl Timer {
    /// Its place within an instant.
    pub fn phase(self) -> Phase {
        match self {
            Self::Cut(_) | Self::CutUnhealthy(_) | Self::DrainShown(_) => Phase::Deadline,
            Self::PreStopOver(_) | Self::Killed(_) | Self::HostGone(_) => Phase::ProcessExit,
            Self::Learn(..)
            | Self::LearnForward(..)
            | Self::VerdictSeen(_)
            | Self::NodeComes(_)
            | Self::NodeGoes(_) => Phase::Propagation,
            Self::Booted(_)
            | Self::Ready(_)
            | Self::Reconcile(_)
            | Self::Pool(_)
            | Self::Heartbeat(_)
            | Self::Warm(_)
            | Self::Rebalance(_)
            | Self::Scheduled(_) => Phase::Lifecycle,
            Self::HealthVerdict(_)
            | Self::HealthPoll(_)
            | Self::Replace(_)
            | Self::Refresh(_)
            | Self::Track(_)
            | Self::Sample(_) => Phase::Health,
        }
    }
}

/// The context in which the cloud handles events and calls.
pub type Cx<'a> = Context<'a, Timer, Record>;

/// Schedules `timer` in its phase.
pub(super) fn schedule(cx: &mut Cx<'_>, at: SimTime, timer: Timer) {
    cx.calendar.schedule(at, timer.phase(), timer);
}
