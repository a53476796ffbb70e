//! Scaling rules of Alibaba Cloud: what a scaling group does when one is executed.
//!
//! Source: R-ESS-23. This module must never scale a group.

use super::adjustment::{Adjustment, Step};
use super::cloud::Cloud;
use super::group_admin::Deletion;
use super::ids::GroupId;

/// What a rule does.
#[derive(Debug, Clone, PartialEq)]
pub enum RuleKind {
    /// It adjusts by a number.
    Simple {
        /// By how much.
        by: i64,
        /// Time after it in which no event executes a rule \[s\]: kept and shown.
        cooldown: Option<i64>,
    },
    /// It adjusts by the step that a metric is in.
    Step(Vec<Step>),
}

impl RuleKind {
    /// The cloud's word.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Simple { .. } => "SimpleScalingRule",
            Self::Step(_) => "StepScalingRule",
        }
    }
}

/// A scaling rule.
#[derive(Debug, Clone, PartialEq)]
pub struct ScalingRule {
    /// `asr-...`
    pub id: String,
    /// `ari:acs:ess:...`
    pub ari: String,
    /// Name; its id if none was given.
    pub name: String,
    /// Its scaling group.
    pub group: GroupId,
    /// How its numbers are meant.
    pub adjustment: Adjustment,
    /// What it does.
    pub kind: RuleKind,
}

impl Cloud {
    /// Scaling rules of groups that are there.
    pub fn scaling_rules(&self) -> impl Iterator<Item = &ScalingRule> {
        let groups = &self.groups;
        self.scaling_rules
            .iter()
            .filter(|rule| groups[rule.group.index()].deletion != Deletion::Done)
    }

    /// Adds a rule of a region; its id and ARI are made here, and its name where it has none.
    pub fn add_scaling_rule(&mut self, region: &str, mut rule: ScalingRule) -> &ScalingRule {
        rule.id = self.identifiers.alibaba_scaling_rule();
        rule.ari = format!(
            "ari:acs:ess:{region}:1234567890123456:scalingrule/{}",
            rule.id
        );
        if rule.name.is_empty() {
            rule.name.clone_from(&rule.id);
        }
        self.scaling_rules.push(rule);
        self.scaling_rules.last().expect("it was added")
    }

    /// Deletes a rule; what it began goes on.
    pub fn delete_scaling_rule(&mut self, id: &str) {
        self.scaling_rules.retain(|rule| rule.id != id);
    }
}
