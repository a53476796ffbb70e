//! What a scaling activity of Alibaba Cloud tells beyond what every activity tells: whom it
//! created or removed, what triggered it, and how many instances there were after it.
//!
//! Source: R-ESS-20. This module must never change a group.

use super::activity::{Activity, StatusCode};
use super::cloud::Cloud;
use super::ess_rebalance::Moves;
use super::ids::{ActivityId, GroupId, InstanceId};
use crate::engine::time::SimTime;

/// What triggered a scaling activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// A call.
    Api,
    /// Auto Scaling itself.
    Ess,
}

impl Trigger {
    /// The cloud's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Api => "APIs",
            Self::Ess => "Ess",
        }
    }
}

/// Instances of a scaling group by how they came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// All of them.
    pub total: u32,
    /// Launched by the group.
    pub auto_created: u32,
    /// Attached by a call.
    pub attached: u32,
}

/// Why a scaling activity did less than it was to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shortfall {
    /// The code.
    pub code: &'static str,
    /// The message.
    pub message: &'static str,
    /// Whether it did some of it.
    pub partly: bool,
}

/// What a scaling activity of Alibaba Cloud tells beyond what every activity tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EssActivity {
    /// What triggered it.
    pub trigger: Trigger,
    /// What a call gave it to keep.
    pub metadata: Option<String>,
    /// Instances it creates.
    pub created: Vec<InstanceId>,
    /// Instances it releases.
    pub destroyed: Vec<InstanceId>,
    /// Instances that were stopped and that it starts.
    pub started: Vec<InstanceId>,
    /// Instances it stops.
    pub stopped: Vec<InstanceId>,
    /// How far it is, if it rebalances.
    pub moves: Option<Moves>,
    /// Why it does less than it was to do.
    pub shortfall: Option<Shortfall>,
    /// What it says when it has ended well, if that is known.
    pub success: Option<String>,
    /// What there was when it had ended.
    pub after: Option<Totals>,
}

impl EssActivity {
    /// An activity that has done nothing yet.
    pub(super) fn new(trigger: Trigger) -> Self {
        Self {
            trigger,
            metadata: None,
            created: Vec::new(),
            destroyed: Vec::new(),
            started: Vec::new(),
            stopped: Vec::new(),
            moves: None,
            shortfall: None,
            success: None,
            after: None,
        }
    }

    /// Instances it scales.
    pub fn scaled(&self) -> usize {
        self.created.len() + self.destroyed.len() + self.started.len() + self.stopped.len()
    }

    /// The activity does not do to an instance what it was to do.
    pub(super) fn leave_out(&mut self, id: InstanceId) {
        for scaled in [
            &mut self.created,
            &mut self.destroyed,
            &mut self.started,
            &mut self.stopped,
        ] {
            scaled.retain(|other| *other != id);
        }
    }

    /// Ends the activity that this is about, as well as it went.
    pub(super) fn end(&self, activity: &mut Activity, now: SimTime) {
        activity.finish(now);
        if let Some(shortfall) = &self.shortfall {
            activity.status = if shortfall.partly {
                StatusCode::Warning
            } else {
                StatusCode::Failed
            };
            activity.status_message = Some(shortfall.message.to_owned());
        } else if activity.status_message.is_some() {
            activity.status = StatusCode::Warning;
        } else {
            activity.status_message.clone_from(&self.success);
        }
    }
}

impl Cloud {
    /// What an activity of a scaling group tells beyond what every activity tells.
    pub fn ess_activity(&self, id: ActivityId) -> Option<&EssActivity> {
        self.ess_activities.get(&id)
    }

    /// What a scaling activity that is under way tells, to be added to.
    pub(super) fn ess_activity_mut(&mut self, id: ActivityId) -> &mut EssActivity {
        let found = self.ess_activities.get_mut(&id);
        found.expect("a scaling activity was begun as one")
    }

    /// Instances of a scaling group by how they came. Source: R-ESS-8.
    pub fn ess_totals(&self, group: GroupId) -> Totals {
        let group = &self.groups[group.index()];
        let members = group.members.iter();
        let members = members.map(|member| &self.instances[member.index()]);
        let attached = members
            .filter(|member| member.is_in_total() && member.membership.attached.is_some())
            .count();
        let attached = u32::try_from(attached).expect("members fit 32 bits");
        let total = group.total();
        Totals {
            total,
            auto_created: total - attached,
            attached,
        }
    }
}
