//! Termination policies: which instances of the fullest zone a scale-in takes first.
//!
//! A policy narrows the candidates; the next one narrows what is left. Source: R-ASG-8. This
//! module must never look at zones or protection.

use super::ids::InstanceId;
use super::machine::Instance;
use crate::engine::time::{NANOS_PER_SECOND, SimTime};

/// A termination policy. The words are the cloud's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TerminationPolicy {
    /// Oldest launch template, then closest to the next hour.
    Default,
    /// For groups of several instance types; it narrows nothing here.
    AllocationStrategy,
    /// Oldest launch template.
    OldestLaunchTemplate,
    /// Launch configurations do not exist here; it narrows nothing.
    OldestLaunchConfiguration,
    /// Closest to the end of its running hour.
    ClosestToNextInstanceHour,
    /// The one launched last.
    NewestInstance,
    /// The one launched first.
    OldestInstance,
    /// The ARN of a Lambda function; it narrows nothing here.
    Custom(String),
}

impl TerminationPolicy {
    const PREDEFINED: [Self; 7] = [
        Self::Default,
        Self::AllocationStrategy,
        Self::OldestLaunchTemplate,
        Self::OldestLaunchConfiguration,
        Self::ClosestToNextInstanceHour,
        Self::NewestInstance,
        Self::OldestInstance,
    ];

    /// The names of the predefined ones.
    pub const NAMES: [&'static str; 7] = [
        "Default",
        "AllocationStrategy",
        "OldestLaunchTemplate",
        "OldestLaunchConfiguration",
        "ClosestToNextInstanceHour",
        "NewestInstance",
        "OldestInstance",
    ];

    /// The cloud's word.
    pub fn name(&self) -> &str {
        match self {
            Self::Default => "Default",
            Self::AllocationStrategy => "AllocationStrategy",
            Self::OldestLaunchTemplate => "OldestLaunchTemplate",
            Self::OldestLaunchConfiguration => "OldestLaunchConfiguration",
            Self::ClosestToNextInstanceHour => "ClosestToNextInstanceHour",
            Self::NewestInstance => "NewestInstance",
            Self::OldestInstance => "OldestInstance",
            Self::Custom(arn) => arn,
        }
    }

    /// The policy called `name`: one of the cloud's words, or the ARN of a Lambda function.
    pub fn named(name: &str) -> Option<Self> {
        if name.starts_with("arn:") && name.contains(":lambda:") {
            return Some(Self::Custom(name.to_owned()));
        }
        Self::PREDEFINED
            .into_iter()
            .find(|policy| policy.name() == name)
    }

    /// Leaves those of `candidates` that the policy would take first; never none of several.
    pub(super) fn narrow(
        &self,
        instances: &[Instance],
        now: SimTime,
        candidates: &mut Vec<InstanceId>,
    ) {
        match self {
            Self::Default => {
                Self::OldestLaunchTemplate.narrow(instances, now, candidates);
                Self::ClosestToNextInstanceHour.narrow(instances, now, candidates);
            }
            Self::AllocationStrategy | Self::OldestLaunchConfiguration | Self::Custom(_) => {}
            Self::OldestLaunchTemplate => keep_least(candidates, |id| {
                u64::from(instances[id.index()].launch_template.0)
            }),
            Self::ClosestToNextInstanceHour => keep_least(candidates, |id| {
                let hour = 3600 * NANOS_PER_SECOND;
                let age = now.since(instances[id.index()].launched_at).as_nanos();
                hour - 1 - age % hour
            }),
            // instances are numbered in the order in which they were launched
            Self::NewestInstance => keep_least(candidates, |id| u64::from(u32::MAX - id.0)),
            Self::OldestInstance => keep_least(candidates, |id| u64::from(id.0)),
        }
    }
}

/// Leaves those of `candidates` with the least `key`.
pub(super) fn keep_least<K: Ord>(candidates: &mut Vec<InstanceId>, key: impl Fn(InstanceId) -> K) {
    let least = candidates.iter().map(|&id| key(id)).min();
    candidates.retain(|&id| Some(key(id)) == least);
}
