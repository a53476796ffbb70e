//! Standby in scaling groups of Alibaba Cloud: members that stay in their server groups with no
//! weight, and get it back.
//!
//! AWS deregisters who stands by and drains it; here nothing drains and nothing is cut. This module
//! must never check what a call may ask for. Source: R-ESS-40.

use super::cloud::Cloud;
use super::ess_activity::{EssActivity, Trigger};
use super::event::Cx;
use super::ids::{ActivityId, GroupId, InstanceId};
use super::lifecycle::LifecycleState;
use super::source::SourceState;

/// A way of standing by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standby {
    /// In service until now.
    Enter,
    /// In service again.
    Exit,
}

impl Cloud {
    /// Moves members to standby or back, which is done at once; with `activity` a scaling activity
    /// tells of it. The caller has checked everything.
    pub fn ess_move_standby(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        ids: &[InstanceId],
        way: Standby,
        activity: bool,
    ) -> Option<ActivityId> {
        let activity = activity.then(|| self.begin_standby_activity(cx, group, ids, way));
        for &id in ids {
            let state = match way {
                Standby::Enter => LifecycleState::Standby,
                Standby::Exit => LifecycleState::InService,
            };
            self.set_lifecycle(cx, id, state);
            self.weigh_member(cx, group, id, way);
        }
        self.end_ess_activity_if_done(cx, group);
        if way == Standby::Exit {
            self.ess_may_touch(cx, group);
        }
        activity
    }

    fn begin_standby_activity(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        ids: &[InstanceId],
        way: Standby,
    ) -> ActivityId {
        let names = ids.iter().map(|id| self.instances[id.index()].id.as_str());
        let names = names.collect::<Vec<_>>().join(", ");
        let (title, verb) = match way {
            Standby::Enter => ("Put", "put"),
            Standby::Exit => ("Move", "move"),
        };
        let where_to = match way {
            Standby::Enter => "into the Standby state",
            Standby::Exit => "out of the Standby state",
        };
        let at = self.clock.seconds(cx.now);
        let count = ids.len();
        self.begin_ess_activity(
            cx,
            group,
            (
                format!("{title} ECS instances \"{names}\" {where_to}"),
                format!("A user requests to {verb} {count} instances {where_to} at \"{at}\"."),
            ),
            EssActivity::new(Trigger::Api),
        )
    }

    /// Gives a member no weight in the server groups of its group, or its own again.
    fn weigh_member(&mut self, cx: &mut Cx<'_>, group: GroupId, id: InstanceId, way: Standby) {
        let name = self.instances[id.index()].id.clone();
        let sources = self.groups[group.index()].sources.clone();
        for source in sources
            .iter()
            .filter(|source| source.state != SourceState::Removing)
        {
            let kind = self.target_groups[source.target_group.index()].kind;
            let found = self.registration_of(source.target_group, &name, source.port);
            let Some(registration) = found.filter(|_| kind.has_weights()) else {
                continue;
            };
            let weight = match way {
                Standby::Enter => 0,
                Standby::Exit => kind.weight_after_standby().unwrap_or(source.weight),
            };
            self.set_weight(cx, registration, weight);
        }
    }
}
