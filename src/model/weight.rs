//! Weights: how large a share of requests a target gets, and what nodes know of that.
//!
//! A weight is accepted at once and reaches each node later, in order with all else that is said of
//! the target. A target of weight 0 gets nothing new and is not checked; what is in flight on it
//! goes on, as it does not drain. This module must never decide who is weighed. Source: R-WEIGHT-1.

use super::cloud::Cloud;
use super::event::{Cx, Timer, Write, schedule};
use super::ids::{LinkId, RegistrationId};
use super::record::Record;

/// The weight of a target of which nothing else was said.
pub const FULL_WEIGHT: u32 = 100;

impl Cloud {
    /// Gives a registered target another weight \[0..=100\]; its nodes learn of it later.
    pub fn set_weight(&mut self, cx: &mut Cx<'_>, id: RegistrationId, weight: u32) {
        let registration = &mut self.registrations[id.index()];
        let before = std::mem::replace(&mut registration.weight, weight);
        // who drains gets nothing new whatever its weight
        if before == weight || registration.deregistration.is_some() {
            return;
        }
        registration.weighed_by = self.cause;
        let group = &self.target_groups[registration.target_group.index()];
        let lag = group.kind.propagation(&self.assumptions).clone();
        let weight = u8::try_from(weight).expect("weights are 100 at most");
        let entry = self.cause.map_or(u64::MAX, |entry| u64::from(entry.0));
        for index in registration.links.clone() {
            let link = &self.links[index as usize];
            if link.over {
                continue;
            }
            let node = self.views[link.view as usize].node;
            let key = [entry, u64::from(id.0), u64::from(node.0)];
            let drawn = lag.sample(&mut self.streams.stream("weight lag", &key));
            let history = &mut self.links[index as usize].history;
            history.last_write = (cx.now + drawn).max(history.last_write);
            history.unheard += 1;
            history.weighings += 1;
            let write = Write::Weight {
                weight,
                write: history.weighings,
            };
            schedule(cx, history.last_write, Timer::Learn(LinkId(index), write));
        }
        self.refresh_serving_of(cx, id);
    }

    /// A node learnt the weight of a target.
    pub(super) fn learn_weight(&mut self, cx: &mut Cx<'_>, id: LinkId, weight: u32) {
        let link = &mut self.links[id.index()];
        let registration = RegistrationId(link.registration);
        link.history.weight = weight;
        link.history.turn = 0;
        cx.records.push(Record::Weighed(id, weight));
        self.cause = self.registrations[registration.index()].weighed_by;
        self.views[self.links[id.index()].view as usize].mark_stale();
        self.restand(cx, id);
        if self.is_checked(registration) {
            self.start_checks(cx, registration);
        } else {
            cx.calendar.cancel(&Timer::HealthVerdict(registration));
            self.registrations[registration.index()].checker = None;
        }
    }

    /// Whether some node that knows a registration checks it: one that gives it weight, or of a
    /// kind that checks all.
    pub(super) fn is_checked(&self, id: RegistrationId) -> bool {
        let registration = &self.registrations[id.index()];
        let group = &self.target_groups[registration.target_group.index()];
        let checks_all = group.kind.checks_weightless();
        registration.links.iter().any(|link| {
            let link = &self.links[link as usize];
            link.known && (link.history.weight > 0 || checks_all)
        })
    }
}
