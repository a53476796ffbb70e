//! Membership: what a group knows of one of its instances beyond its lifecycle state.
//!
//! An instance that leaves its group loses all of it. This module must never decide anything.

use super::ess_hook::Departure;
use super::ids::{EntryId, LifecycleActionId};
use crate::engine::time::{SimDuration, SimTime};

/// Why a group takes an instance for unhealthy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unhealthy {
    /// Its machine does not run.
    Ec2,
    /// A traffic source reports that it fails its checks.
    Elb,
    /// A call said so.
    User,
}

/// How an instance was attached to a scaling group of Alibaba Cloud. Source: R-ESS-11.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attached {
    /// When.
    pub at: SimTime,
    /// Whether the group releases it when it is removed.
    pub entrusted: bool,
    /// Its weight behind Classic Load Balancers, if the call said one \[1..=100\].
    pub weight: Option<u32>,
}

/// How an instance that a scaling group of Alibaba Cloud removes ends. Source: R-ESS-26.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WayOut {
    /// It is stopped, to be started by a later scale-out, and not released.
    pub recycle: bool,
    /// Its process is killed after this time, if it has not exited \[s, 30..=240\].
    pub stop_within: Option<SimDuration>,
}

/// What a group knows of an instance. The default is what a new member begins with.
#[derive(Debug, Clone, Default)]
pub struct Membership {
    /// It has been in service as a member.
    pub joined: bool,
    /// Never chosen by a scale-in.
    pub protected: bool,
    /// How a call attached it (Alibaba Cloud); launched by its group without.
    pub attached: Option<Attached>,
    /// How it ends once it is removed (Alibaba Cloud).
    pub way_out: WayOut,
    /// Unhealthy, why, and through which entry; healthy without.
    pub unhealthy: Option<(Unhealthy, Option<EntryId>)>,
    /// A scale-in has chosen it, and it goes back into the warm pool.
    pub(super) returns: bool,
    /// Its instance warm-up is over at this time.
    pub warm_at: SimTime,
    /// The warm-up of the policy that launched it.
    pub(super) warmup: Option<SimDuration>,
    /// Scaling policies count it from this time on.
    pub contributes_at: SimTime,
    /// How it leaves (Alibaba Cloud), if it does.
    pub(super) departure: Option<Departure>,
    /// Lifecycle actions it waits for.
    pub(super) actions: Vec<LifecycleActionId>,
}
