//! Records: facts that happened, told to observers and folded into the digest.

use super::drain::DrainOutcome;

use super::ids::{ActivityId, DrainId, GroupId, InstanceId, LinkId, RegistrationId, TargetGroupId};
use super::lifecycle::LifecycleState;
use super::loss::Loss;
use super::registration::TargetHealth;

/// How many targets of a group are in which state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TargetCounts {
    /// Registered, not draining.
    pub registered: u32,
    /// `healthy`.
    pub healthy: u32,
    /// `unhealthy`.
    pub unhealthy: u32,
    /// `initial`.
    pub initial: u32,
    /// `draining`.
    pub draining: u32,
    /// Targets the node with the fewest would choose among.
    pub eligible: u32,
}

/// How many instances of a group are in which state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct InstanceCounts {
    /// Wanted.
    pub desired: u32,
    /// `InService`.
    pub in_service: u32,
    /// `InService` and healthy in every configured source.
    pub serving: u32,
    /// `Pending`.
    pub pending: u32,
    /// `Detaching`, `EnteringStandby`, `Terminating` or `Removing`.
    pub leaving: u32,
    /// `Standby`, or kept as `Terminating:Retained`.
    pub standby: u32,
    /// In the warm pool, or stopped by a scaling group that will start them again.
    pub warmed: u32,
}

/// A fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Record {
    /// A target's state changed.
    TargetHealth(RegistrationId, TargetHealth),
    /// The counts of a target group changed.
    TargetCounts(TargetGroupId, TargetCounts),
    /// The counts of a group changed.
    InstanceCounts(GroupId, InstanceCounts),
    /// An instance changed its lifecycle state.
    Lifecycle(InstanceId, LifecycleState),
    /// A node learnt of a control-plane write: `true` for a registration.
    Learnt(LinkId, bool),
    /// A drain began.
    DrainBegan(DrainId),
    /// A drain ended.
    DrainEnded(DrainId, DrainOutcome),
    /// A scaling activity began or changed.
    Activity(ActivityId),
    /// A request was lost for good.
    Lost(Loss),
    /// A node learnt the weight of a target.
    Weighed(LinkId, u32),
}

impl Record {
    /// The fact as words for the digest, the first being its kind.
    pub fn words(&self) -> [u64; 6] {
        let id = u64::from;
        match *self {
            Self::TargetHealth(registration, health) => {
                [1, id(registration.0), health as u64, 0, 0, 0]
            }
            Self::TargetCounts(group, counts) => [
                2,
                id(group.0),
                pair(counts.registered, counts.healthy),
                pair(counts.unhealthy, counts.initial),
                pair(counts.draining, counts.eligible),
                0,
            ],
            Self::InstanceCounts(group, counts) => [
                3,
                id(group.0),
                pair(counts.desired, counts.in_service),
                pair(counts.serving, counts.pending),
                id(counts.leaving),
                pair(counts.standby, counts.warmed),
            ],
            Self::Lifecycle(instance, state) => [4, id(instance.0), state as u64, 0, 0, 0],
            Self::Learnt(link, registered) => [5, id(link.0), id(u32::from(registered)), 0, 0, 0],
            Self::DrainBegan(drain) => [6, id(drain.0), 0, 0, 0, 0],
            Self::DrainEnded(drain, outcome) => [7, id(drain.0), outcome as u64, 0, 0, 0],
            Self::Activity(activity) => [8, id(activity.0), 0, 0, 0, 0],
            Self::Lost(loss) => [
                9,
                loss.arrived.as_nanos(),
                loss.request,
                pair(
                    loss.workload.0,
                    loss.target.map_or(u32::MAX, |target| target.0),
                ),
                pair(loss.node.0, loss.culprit.map_or(u32::MAX, |entry| entry.0)),
                (loss.cause as u64) << 8 | loss.code as u64,
            ],
            Self::Weighed(link, weight) => [10, id(link.0), id(weight), 0, 0, 0],
        }
    }
}

fn pair(high: u32, low: u32) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}
