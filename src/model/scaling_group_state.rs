//! Scaling groups of Alibaba Cloud as a whole: created, enabled, disabled, resized and deleted.
//!
//! Source: R-ESS-12, R-ESS-13. This module must never check what a call may ask for.

use std::collections::BTreeMap;

use super::cloud::Cloud;
use super::ess::Joining;
use super::event::Cx;
use super::group::Group;
use super::group_admin::Deletion;
use super::ids::{GroupId, InstanceId, LaunchTemplateId};
use super::membership::WayOut;
use super::settings::GroupSettings;

/// What a scaling group is beyond what groups of both clouds are. One that stands at 0 s is
/// enabled and has a launch template.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScalingGroupState {
    /// It begins no scaling activity.
    pub disabled: bool,
    /// Nobody has said what it launches, so it cannot be enabled.
    pub unconfigured: bool,
    /// Instances that the activity under way attaches, detaches or removes.
    pub(super) changing: u32,
    /// Instances to which it did not do so in the end.
    pub(super) undone: u32,
    /// Tokens under which its instances wait for hooks, by the name of the hook.
    pub(super) tokens: BTreeMap<String, String>,
}

impl ScalingGroupState {
    /// An activity begins that attaches, detaches or removes so many instances.
    pub(super) fn begin(&mut self, changing: u32) {
        (self.changing, self.undone) = (changing, 0);
        self.tokens.clear();
    }

    /// Whether the activity under way did nothing of what it was to do.
    /// `scaled` more are those that it launches, starts, stops or releases.
    pub(super) fn has_failed(&self, scaled: usize) -> bool {
        self.undone > 0 && self.undone >= self.changing && self.undone as usize >= scaled
    }
}

impl Group {
    /// Whether a scaling group may begin activities. Source: R-ESS-12.
    pub fn is_active(&self) -> bool {
        !self.is_leaving() && !self.scaling_group.disabled
    }

    /// Says what a scaling group launches, if somebody does.
    pub fn configure(&mut self, template: Option<LaunchTemplateId>) {
        if let Some(template) = template {
            self.launch_template = template;
            self.scaling_group.unconfigured = false;
        }
    }

    /// Where a scaling group stands, in the words of ESS. Source: R-ESS-12.
    pub fn scaling_group_state(&self) -> &'static str {
        if self.is_leaving() {
            "Deleting"
        } else if self.scaling_group.disabled {
            "Inactive"
        } else {
            "Active"
        }
    }
}

impl Cloud {
    /// Creates a scaling group without members. It does nothing until it is enabled. Source:
    /// R-ESS-12.
    pub fn ess_create_group(
        &mut self,
        cx: &mut Cx<'_>,
        settings: GroupSettings,
        unconfigured: bool,
    ) -> GroupId {
        let id = self.new_group(settings, cx.now);
        self.groups[id.index()].scaling_group = ScalingGroupState {
            disabled: true,
            unconfigured,
            ..ScalingGroupState::default()
        };
        self.tell_counts(cx, id);
        id
    }

    /// Enables a scaling group and attaches instances to it. Source: R-ESS-12.
    pub fn ess_enable_group(&mut self, cx: &mut Cx<'_>, id: GroupId, attach: &[InstanceId]) {
        self.groups[id.index()].scaling_group.disabled = false;
        if !attach.is_empty() {
            self.ess_attach_instances(cx, id, attach, Joining::default());
        }
        self.ess_expect_bounds(cx, id, false);
        self.expect_health_poll(cx, id);
    }

    /// Disables a scaling group; what is under way goes on. Source: R-ESS-12.
    pub fn ess_disable_group(&mut self, id: GroupId) {
        self.groups[id.index()].scaling_group.disabled = true;
    }

    /// Gives a scaling group other sizes, and lets it act on them and on its other rules.
    pub fn ess_resize_group(&mut self, cx: &mut Cx<'_>, id: GroupId, (min, max): (u32, u32)) {
        let group = &mut self.groups[id.index()];
        (group.min_size, group.max_size) = (min, max);
        self.ess_expect_bounds(cx, id, false);
        self.expect_health_poll(cx, id);
    }

    /// Deletes a scaling group: it waits for the activity under way, its members leave its server
    /// groups, and when the last of them is gone so is the group. Source: R-ESS-13.
    pub fn ess_delete_group(&mut self, cx: &mut Cx<'_>, id: GroupId) {
        self.stop_working(cx, id);
        if self.groups[id.index()].busy.is_none() {
            self.ess_clear_out(cx, id);
        }
        self.tell_counts(cx, id);
    }

    /// The members of a scaling group that is being deleted leave it.
    pub(super) fn ess_clear_out(&mut self, cx: &mut Cx<'_>, id: GroupId) {
        let members = self.groups[id.index()].members.clone();
        if members.is_empty() {
            self.groups[id.index()].deletion = Deletion::Done;
        } else {
            self.ess_remove_hooked(cx, id, (&members, WayOut::default()), None, &[]);
        }
        self.groups[id.index()].sources.clear();
    }
}
