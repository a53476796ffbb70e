//! What a scaling group of Alibaba Cloud is told about itself beyond its sizes.
//!
//! Source: R-ESS-21, R-ESS-22, R-ESS-24. This module must never change a group.

use super::group::Group;
use super::removal_policy::RemovalPolicy;
use super::settings::Provider;

/// How a scaling group uses its zones (`MultiAZPolicy`). Source: R-ESS-21.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MultiAz {
    /// The first of its list in which machines can be had; scaling in from the last.
    #[default]
    Priority,
    /// Evenly.
    Balance,
    /// The cheapest machines; as by priority here, where there is one type of machine.
    CostOptimized,
}

impl MultiAz {
    /// Every policy.
    pub const ALL: [Self; 3] = [Self::Priority, Self::Balance, Self::CostOptimized];

    /// Their names.
    pub const NAMES: [&'static str; 3] = ["PRIORITY", "BALANCE", "COST_OPTIMIZED"];

    /// The cloud's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Priority => "PRIORITY",
            Self::Balance => "BALANCE",
            Self::CostOptimized => "COST_OPTIMIZED",
        }
    }

    /// The policy called `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|policy| policy.name() == name)
    }
}

/// What becomes of instances that scaling in removes, as `ScalingPolicy` has it.
pub const RECLAIM: [&str; 2] = ["release", "recycle"];

impl EssRules {
    /// The word of `ScalingPolicy`.
    pub fn scaling_policy(&self) -> &'static str {
        RECLAIM[usize::from(self.recycles)]
    }
}

/// What only a scaling group of Alibaba Cloud is told. The defaults are the API's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EssRules {
    /// How it uses its zones.
    pub multi_az: MultiAz,
    /// What a scale-in takes first, in order.
    pub removal_policies: Vec<RemovalPolicy>,
    /// Whether scaling in stops instances and does not release them (`ScalingPolicy`).
    pub recycles: bool,
    /// Whether instances whose machine does not run are removed.
    pub health_check: bool,
}

impl Default for EssRules {
    fn default() -> Self {
        Self {
            multi_az: MultiAz::default(),
            removal_policies: vec![
                RemovalPolicy::OldestScalingConfiguration,
                RemovalPolicy::OldestInstance,
            ],
            recycles: false,
            health_check: true,
        }
    }
}

impl Group {
    /// Whether it launches into the zone with the fewest members and scales in from the fullest;
    /// else its zones are in order of priority. Source: R-ASG-8, R-ESS-21.
    pub fn keeps_zones_even(&self) -> bool {
        match self.provider {
            Provider::Aws => true,
            Provider::Alibaba => self.rules.ess.multi_az == MultiAz::Balance,
        }
    }
}
