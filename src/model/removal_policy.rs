//! Removal policies: which instances of a zone a scale-in of a scaling group takes first.
//!
//! A policy narrows the candidates; the next one narrows what is left. Source: R-ESS-22. This
//! module must never look at zones or protection.

use super::ids::InstanceId;
use super::machine::Instance;
use super::termination_policy::keep_least;
use crate::engine::time::SimTime;

/// A removal policy. The words are the cloud's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemovalPolicy {
    /// Of the oldest launch template; who was attached has none and goes last.
    OldestScalingConfiguration,
    /// The one that joined first.
    OldestInstance,
    /// The one that joined last.
    NewestInstance,
}

impl RemovalPolicy {
    /// Every policy.
    pub const ALL: [Self; 3] = [
        Self::OldestScalingConfiguration,
        Self::OldestInstance,
        Self::NewestInstance,
    ];

    /// Their names.
    pub const NAMES: [&'static str; 3] = [
        "OldestScalingConfiguration",
        "OldestInstance",
        "NewestInstance",
    ];

    /// The cloud's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::OldestScalingConfiguration => "OldestScalingConfiguration",
            Self::OldestInstance => "OldestInstance",
            Self::NewestInstance => "NewestInstance",
        }
    }

    /// The policy called `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|policy| policy.name() == name)
    }

    /// Leaves those of `candidates` that the policy would take first; never none of several.
    pub(super) fn narrow(self, instances: &[Instance], candidates: &mut Vec<InstanceId>) {
        match self {
            Self::OldestScalingConfiguration => keep_least(candidates, |id| {
                let instance = &instances[id.index()];
                let attached = instance.membership.attached.is_some();
                (attached, (!attached).then_some(instance.launch_template))
            }),
            Self::OldestInstance => keep_least(candidates, |id| age(instances, id)),
            Self::NewestInstance => {
                keep_least(candidates, |id| std::cmp::Reverse(age(instances, id)));
            }
        }
    }
}

/// When an instance joined; of several at once the one that was launched first is the oldest.
fn age(instances: &[Instance], id: InstanceId) -> (SimTime, u32) {
    let instance = &instances[id.index()];
    let attached = instance.membership.attached;
    let joined = attached.map_or(instance.launched_at, |attached| attached.at);
    (joined, id.0)
}
