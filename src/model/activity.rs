//! Scaling activities: what a group says about what it is doing, in the cloud's own words.

use crate::engine::time::SimTime;

/// Where an activity stands. The words are the cloud's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StatusCode {
    /// The instance was requested.
    WaitingForInstanceId,
    /// Launched, not yet in service.
    PreInService,
    /// Going on.
    InProgress,
    /// Waiting for deregistered targets to drain.
    WaitingForElbConnectionDraining,
    /// Waiting for deregistered targets of VPC Lattice to drain.
    WaitingForConnectionDraining,
    /// Waiting for lifecycle hooks.
    MidLifecycleAction,
    /// In service, warming up.
    WaitingForInstanceWarmup,
    /// Over, well.
    Successful,
    /// Over, partly (Alibaba Cloud).
    Warning,
    /// Over, badly.
    Failed,
    /// Called off.
    Cancelled,
}

impl StatusCode {
    /// The cloud's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::WaitingForInstanceId => "WaitingForInstanceId",
            Self::PreInService => "PreInService",
            Self::InProgress => "InProgress",
            Self::WaitingForElbConnectionDraining => "WaitingForELBConnectionDraining",
            Self::WaitingForConnectionDraining => "WaitingForConnectionDraining",
            Self::MidLifecycleAction => "MidLifecycleAction",
            Self::WaitingForInstanceWarmup => "WaitingForInstanceWarmup",
            Self::Successful => "Successful",
            Self::Warning => "Warning",
            Self::Failed => "Failed",
            Self::Cancelled => "Cancelled",
        }
    }

    /// Whether nothing more will happen to it.
    pub fn is_over(self) -> bool {
        match self {
            Self::Successful | Self::Warning | Self::Failed | Self::Cancelled => true,
            Self::WaitingForInstanceId
            | Self::PreInService
            | Self::InProgress
            | Self::WaitingForElbConnectionDraining
            | Self::WaitingForConnectionDraining
            | Self::MidLifecycleAction
            | Self::WaitingForInstanceWarmup => false,
        }
    }
}

/// A scaling activity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// `ActivityId`, or `ScalingActivityId` (`asa-...`) on Alibaba Cloud.
    pub id: String,
    /// What it does.
    pub description: String,
    /// Why it began.
    pub cause: String,
    /// When it began.
    pub start: SimTime,
    /// When it ended.
    pub end: Option<SimTime>,
    /// Where it stands.
    pub status: StatusCode,
    /// What went wrong, if something did.
    pub status_message: Option<String>,
    /// How far it is \[%, 0..=100\].
    pub progress: u8,
    /// Subnet and zone, as JSON text.
    pub details: String,
}
