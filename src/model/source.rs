//! Traffic sources of a group: where each stands, and which calls attached it.
//!
//! What attaching and detaching do is for `autoscaling` and `ess`. This module must never change a
//! registration. Source: R-ASG-9, R-SOURCE-2.

use std::collections::BTreeSet;

use super::ids::{RegistrationId, TargetGroupId};

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

/// Which calls attached a source, and so which see it. Source: R-SOURCE-2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AttachedVia {
    /// It stood before 0 s and nobody says how it came there: both see it.
    #[default]
    Unknown,
    /// Those on traffic sources.
    TrafficSources,
    /// The older ones, on load balancers and on their target groups.
    LoadBalancers,
}

impl AttachedVia {
    /// Whether the older calls see a source that was attached so.
    pub fn is_seen_by_older_calls(self) -> bool {
        match self {
            Self::Unknown | Self::LoadBalancers => true,
            Self::TrafficSources => false,
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
    /// Which calls attached it.
    pub attached_via: AttachedVia,
    /// Drains that must be over before it is removed.
    pub(super) waits_for: BTreeSet<RegistrationId>,
}
