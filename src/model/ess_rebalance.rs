//! Rebalancing: instances of full zones are replaced by ones in zones with fewer, which are launched
//! first.
//!
//! One activity replaces 20 at most, and for so long the group may be a tenth beyond its largest
//! size; where that is not enough for all it goes on in rounds. Source: R-ESS-25. This module must
//! never decide when.

use std::collections::BTreeSet;

use super::cloud::Cloud;
use super::ess_activity::{EssActivity, Shortfall, Trigger};
use super::ess_scaling::NO_STOCK;
use super::event::Cx;
use super::group::Group;
use super::ids::{ActivityId, GroupId, InstanceId};
use super::membership::WayOut;

/// Most instances that one activity replaces.
const MOST: u32 = 20;

/// How far a rebalancing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moves {
    /// So many are still to be replaced.
    left: u32,
    /// So many were launched and replace nobody yet.
    launched: u32,
}

impl Group {
    /// How many instances it may have while it is rebalanced.
    fn most_rebalanced(&self) -> u32 {
        self.max_size + self.max_size.div_ceil(10)
    }
}

impl Moves {
    /// So many of those that were launched do not come: nobody goes in their stead.
    pub(super) fn lose(&mut self, count: u32) {
        self.launched = self.launched.saturating_sub(count);
    }
}

impl Cloud {
    /// How many instances would have to be in other zones for a group's zones to be even.
    pub fn ess_misplaced(&self, id: GroupId) -> u32 {
        let zones = self.groups[id.index()].zones.len();
        let population = self.population(id);
        let mut counts: Vec<usize> = population.iter().take(zones).map(|(_, n)| *n).collect();
        let mut moves = 0;
        loop {
            counts.sort_unstable();
            match counts[..] {
                [fewest, .., most] if most >= fewest + 2 => {
                    counts[0] += 1;
                    *counts.last_mut().expect("there are two") -= 1;
                    moves += 1;
                }
                _ => return moves,
            }
        }
    }

    /// Evens the zones of a group out by one scaling activity. The caller has checked that none is
    /// under way, and that the zones are uneven.
    pub fn ess_rebalance(&mut self, cx: &mut Cx<'_>, id: GroupId) -> ActivityId {
        let left = self.ess_misplaced(id).min(MOST);
        let told = EssActivity {
            moves: Some(Moves { left, launched: 0 }),
            ..EssActivity::new(Trigger::Api)
        };
        let words = (
            "Rebalance the distribution of ECS instances".to_owned(),
            format!("A user requests to rebalance instances, replacing \"{left}\" instances."),
        );
        let activity = self.begin_ess_activity(cx, id, words, told);
        self.end_ess_activity_if_done(cx, id);
        activity
    }

    /// Goes on with a rebalancing in which nobody comes or leaves; `false` where it is over, or the
    /// activity is another.
    pub(super) fn ess_rebalances_on(
        &mut self,
        cx: &mut Cx<'_>,
        id: GroupId,
        activity: ActivityId,
    ) -> bool {
        let told = self.ess_activity_mut(activity);
        let Some(moves) = &mut told.moves else {
            return false;
        };
        let launched = std::mem::take(&mut moves.launched);
        let left = moves.left;
        let created: BTreeSet<InstanceId> = told.created.iter().copied().collect();
        if launched > 0 {
            // they stand in: as many go
            let victims = self.choose_beside(cx.now, id, launched, created);
            if victims.is_empty() {
                // all have been protected since
                return false;
            }
            self.ess_want_fewer(cx, id, &victims);
            self.ess_take_out(cx, id, activity, (&victims, WayOut::default()));
            return true;
        }
        let group = &self.groups[id.index()];
        let room = group.most_rebalanced().saturating_sub(group.total());
        let round = self.choose_beside(cx.now, id, left.min(room), created);
        if round.is_empty() {
            return false;
        }
        self.ess_launch_round(cx, id, activity, round.len())
    }

    /// Launches so many into the zones with the fewest; whether any was.
    fn ess_launch_round(
        &mut self,
        cx: &mut Cx<'_>,
        id: GroupId,
        activity: ActivityId,
        count: usize,
    ) -> bool {
        let mut room = self.room(id);
        let zones = room.zones(false).into_iter();
        let most = zones.filter_map(|zone| room.members(zone)).max();
        let most = most.unwrap_or_default();
        let mut launched = Vec::new();
        while launched.len() < count {
            let mut zones = room.zones(true).into_iter();
            let helps = |zone| {
                room.members(zone)
                    .is_some_and(|members| members + 2 <= most)
            };
            let Some(zone) =
                zones.find(|zone| helps(*zone) && self.has_machines(cx.now, &room, *zone))
            else {
                break;
            };
            room.take(zone);
            launched.push(self.ess_new_member(cx, id, zone));
        }
        self.ess_boot(cx, id, &launched);
        let told = self.ess_activity_mut(activity);
        if let Some(moves) = &mut told.moves {
            moves.launched = u32::try_from(launched.len()).expect("20 at most");
            moves.left -= moves.launched;
        }
        if launched.is_empty() {
            let (code, message) = NO_STOCK;
            told.shortfall = Some(Shortfall {
                code,
                message,
                partly: !told.created.is_empty(),
            });
            return false;
        }
        told.created.extend(launched);
        true
    }
}
