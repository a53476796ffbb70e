//! Invariants: what must hold whatever a scenario does, checked in release too.
//!
//! A broken one is our bug: the assert names what does not hold, and the driver adds the seed and
//! the simulated time. The touched entity is checked where it is touched; here the whole state is
//! recounted, after events that ended a drain, at calls, now and then, and at every event in tests.

use std::collections::BTreeMap;

use super::cloud::Cloud;
use super::ids::{GroupId, ZoneId};
use super::machine::Process;
use super::record::InstanceCounts;
use super::request::Stage;
use super::settings::Provider;
use super::view::Detours;
use crate::engine::time::SimTime;

impl Cloud {
    /// Recounts everything.
    ///
    /// # Panics
    /// When something does not add up: a bug of drainsim.
    pub fn assert_coherent(&self, now: SimTime) {
        self.assert_requests(now);
        self.assert_drains(now);
        for view in &self.views {
            view.assert_coherent(&self.links);
        }
        for (index, _) in self.groups.iter().enumerate() {
            self.assert_group(index);
        }
        self.assert_membership();
    }

    fn assert_requests(&self, now: SimTime) {
        let (mut held, mut ages) = (0_u64, 0_u128);
        let mut on_link = vec![0_u32; self.links.len()];
        for (_, request) in self.slab.iter() {
            held += 1;
            ages += u128::from(now.since(request.arrived).as_nanos());
            on_link[request.link.index()] += 1;
            assert!(
                request.due >= now,
                "a request in flight is due in the future"
            );
        }
        assert_eq!(held, self.slab.held(), "the slab counts what it holds");
        for (link, held) in self.links.iter().zip(&on_link) {
            assert_eq!(link.in_flight, *held, "a link counts what is held on it");
            assert_eq!(
                link.attempts,
                link.completed + link.lost + u64::from(link.in_flight),
                "attempts on a target are completed, lost or in flight"
            );
        }
        self.recorder.assert_conserved(now, held, ages);
        self.assert_detours();
        self.assert_servers();
    }

    /// What requests turn off for is what the process, the drain and the view say.
    fn assert_detours(&self) {
        for link in self.links.iter().filter(|link| !link.over) {
            let process = &self.processes[link.instance as usize];
            let mut detours = Detours::NONE;
            detours.set(Detours::LIMITED, process.is_limited());
            detours.set(Detours::STOPPED, process.is_stopped());
            let view = &self.views[link.view as usize];
            detours.set(Detours::RANKED, view.is_ranked());
            let registration = &self.registrations[link.registration as usize];
            let draining = registration.deregistration.is_some() && !registration.over;
            detours.set(Detours::DRAINING, draining);
            assert_eq!(link.detours, detours, "detours of a link");
        }
    }

    /// Counts busy servers and waiters of all limited processes in one walk.
    fn assert_servers(&self) {
        if !self.processes.iter().any(Process::is_limited) {
            return;
        }
        let mut counted = vec![(0_u32, 0_u32); self.processes.len()];
        for (_, request) in self.slab.iter() {
            let instance = self.links[request.link.index()].instance as usize;
            match request.stage() {
                Stage::Serving => counted[instance].0 += 1,
                Stage::Waiting => counted[instance].1 += 1,
                Stage::Connecting | Stage::Free => {}
            }
        }
        for (process, (busy, waiting)) in self.processes.iter().zip(counted) {
            if !process.is_limited() {
                continue;
            }
            assert_eq!(
                (process.busy, process.waiting),
                (busy, waiting),
                "busy servers and waiters"
            );
            assert!(
                process.busy <= process.concurrency,
                "no more served than can be"
            );
            assert!(
                waiting == 0 || busy == process.concurrency,
                "nobody waits beside a free server"
            );
        }
    }

    fn assert_drains(&self, now: SimTime) {
        for drain in &self.drains {
            drain.assert_conserved();
            assert!(
                drain.outcome == super::drain::DrainOutcome::Cancelled
                    || drain.end.is_none()
                    || drain.in_flight == 0,
                "nothing is in flight on a target whose drain is over"
            );
        }
        for link in &self.links {
            assert!(
                link.cut_at >= now || link.in_flight == 0,
                "nothing is in flight on a target after it was cut"
            );
        }
    }

    fn assert_group(&self, index: usize) {
        let group = &self.groups[index];
        let mut by_zone: BTreeMap<ZoneId, usize> = BTreeMap::new();
        let mut counts = InstanceCounts {
            desired: group.counts.desired,
            ..InstanceCounts::default()
        };
        for member in &group.members {
            let instance = &self.instances[member.index()];
            let state = instance.lifecycle;
            match state.count_in(&mut counts) {
                Some(count) => *count += 1,
                None => panic!("{} is still a member as {state:?}", instance.id),
            }
            assert!(
                instance.membership.actions.is_empty() != state.waits_for_actions(),
                "{} waits for lifecycle actions as {state:?}",
                instance.id
            );
            counts.serving += u32::from(instance.serving);
            if state.counts() {
                *by_zone.entry(instance.zone).or_default() += 1;
            }
            assert!(
                !state.is_warmed() || (!instance.serving && instance.waits_for.is_empty()),
                "{} neither serves nor drains as {state:?}",
                instance.id
            );
        }
        assert_eq!(counts, group.counts, "a group counts its members");
        let counted = group.by_zone.iter().filter(|(_, count)| **count > 0);
        assert!(counted.eq(&by_zone), "a group counts its members by zone");
        assert!(
            counts.warmed == 0
                || group.rules.warm_pool.is_some()
                || group.is_leaving()
                || group.provider == Provider::Alibaba,
            "what is warmed lies in a pool"
        );
        for replacement in &group.replacements {
            let victim = &self.instances[replacement.victim.index()];
            assert!(
                victim.group.map(GroupId::index) == Some(index) && victim.lifecycle.counts(),
                "a member that waits for its replacement still counts"
            );
        }
        if let Some(id) = group.refresh {
            let refresh = &self.refreshes[id.index()];
            assert!(
                refresh.group.index() == index && !refresh.status.is_over(),
                "the refresh of a group is active and its own"
            );
        }
        if group.provider == Provider::Aws {
            assert!(
                group.min_size <= group.counts.desired && group.counts.desired <= group.max_size,
                "min <= desired <= max"
            );
        }
    }

    fn assert_membership(&self) {
        let mut members = 0;
        for (index, group) in self.groups.iter().enumerate() {
            for member in &group.members {
                members += 1;
                let of = self.instances[member.index()].group;
                assert_eq!(
                    of.map(GroupId::index),
                    Some(index),
                    "a member knows its group"
                );
            }
        }
        let claimed = self
            .instances
            .iter()
            .filter(|instance| instance.group.is_some())
            .count();
        assert_eq!(members, claimed, "an instance is in one group at most");
    }
}
