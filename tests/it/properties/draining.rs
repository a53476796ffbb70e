//! Draining: who gets no new requests, when a drain must be over, and what it is told to have been.

use std::cell::RefCell;
use std::collections::BTreeMap;

use drainsim::engine::time::SimTime;
use drainsim::model::drain::DrainOutcome;
use drainsim::model::ids::{DrainId, LinkId, RegistrationId};
use drainsim::model::record::Record;
use proptest::prelude::*;

use super::cases;
use super::strategies::any_plan;
use crate::fleet::Lab;

/// What each node has learnt, and how many attempts it had sent then.
#[derive(Default)]
pub(super) struct Learnt {
    seen: usize,
    /// By link: when the node learnt of the deregistration, and its attempts until then.
    gone: BTreeMap<LinkId, (SimTime, u64)>,
}

impl Learnt {
    pub(super) fn read(&mut self, lab: &Lab) {
        let attempts = attempts(lab);
        for (at, record) in &lab.kernel.observer.records[self.seen..] {
            if let Record::Learnt(link, registered) = *record {
                if registered {
                    self.gone.remove(&link);
                } else {
                    self.gone.insert(link, (*at, attempts[&link]));
                }
            }
        }
        self.seen = lab.kernel.observer.records.len();
    }
}

fn attempts(lab: &Lab) -> BTreeMap<LinkId, u64> {
    let cloud = lab.cloud();
    (0..cloud.registrations.len())
        .flat_map(|index| cloud.traffic_of(RegistrationId::from_index(index)))
        .map(|traffic| (traffic.link, traffic.attempts))
        .collect()
}

/// The instant by which each node must have cut, for drains that cut and were not taken back.
pub(super) fn overdue(lab: &Lab, learnt: &Learnt) -> Option<(DrainId, LinkId)> {
    let cloud = lab.cloud();
    for (index, drain) in cloud.drains.iter().enumerate() {
        let Some(delay) = drain.delay else { continue };
        if drain.outcome == DrainOutcome::Cancelled {
            continue;
        }
        for traffic in cloud.traffic_of(drain.registration) {
            let Some(&(learnt_at, _)) = learnt.gone.get(&traffic.link) else {
                continue;
            };
            let bound = (drain.start + delay + drain.slack).max(learnt_at);
            if lab.now() > bound && traffic.in_flight > 0 {
                return Some((DrainId::from_index(index), traffic.link));
            }
        }
    }
    None
}

proptest! {
    #![proptest_config(cases(250))]

    /// Invariant 2: a node that has learnt of a deregistration sends no new request to that
    /// registration. R-DRAIN-2
    #[test]
    fn a_node_that_has_learnt_sends_nothing_new(plan in any_plan()) {
        let learnt = RefCell::new(Learnt::default());
        plan.run(|lab| {
            let mut learnt = learnt.borrow_mut();
            learnt.read(lab);
            let attempts = attempts(lab);
            for (link, (at, before)) in &learnt.gone {
                assert_eq!(attempts[link], *before, "{link:?}, which learnt at {at}");
            }
        });
    }

    /// Invariant 3: on every node nothing is in flight after max(deadline, learnt), where a drain
    /// cuts. R-DRAIN-3
    #[test]
    fn a_drain_that_cuts_is_over_by_its_deadline_or_when_learnt(mut plan in any_plan()) {
        // a deadline that is reset moves, and then this is another statement
        plan.rules.resets = false;
        let learnt = RefCell::new(Learnt::default());
        plan.run(|lab| {
            learnt.borrow_mut().read(lab);
            assert_eq!(overdue(lab, &learnt.borrow()), None, "at {}", lab.now());
        });
    }

    /// What is told of a drain adds up, and its outcome follows from its counts.
    #[test]
    fn a_drain_adds_up(plan in any_plan()) {
        let ran = plan.run_fast().finish();
        for drain in &ran.measurements.drains {
            prop_assert_eq!(
                drain.in_flight_at_start + drain.arrived_during,
                drain.completed + drain.cut + drain.lost_other + drain.in_flight_at_end
            );
            let quiet = drain.quiet.unwrap_or(SimTime::MAX);
            prop_assert!(drain.start <= quiet);
            match drain.outcome {
                DrainOutcome::Completed => {
                    prop_assert_eq!((drain.cut, drain.lost_other, drain.in_flight_at_end), (0, 0, 0));
                }
                DrainOutcome::TimedOut => prop_assert!(drain.cut > 0),
                DrainOutcome::TargetLost => prop_assert!(drain.cut == 0 && drain.lost_other > 0),
                DrainOutcome::Cancelled => prop_assert!(drain.end.is_some()),
                DrainOutcome::Open => prop_assert!(drain.quiet.is_none() && drain.end.is_none()),
            }
            if drain.cut > 0 {
                prop_assert!(drain.delay.is_some() || plan.alibaba);
            }
        }
    }

    /// What is counted of targets is what is recounted at the end, and no minimum lies below it.
    #[test]
    fn target_counts_are_those_of_the_registrations(plan in any_plan()) {
        let lab = plan.run_fast();
        let cloud = lab.cloud();
        for (index, group) in cloud.target_groups.iter().enumerate() {
            let states: Vec<_> = cloud
                .registrations
                .iter()
                .filter(|r| r.target_group.index() == index)
                .map(|r| r.health.state())
                .collect();
            let count = |state| {
                u32::try_from(states.iter().filter(|&&other| other == state).count()).unwrap()
            };
            let counts = group.counts;
            prop_assert_eq!(counts.healthy, count("healthy"));
            prop_assert_eq!(counts.unhealthy, count("unhealthy"));
            prop_assert_eq!(counts.initial, count("initial"));
            prop_assert_eq!(counts.draining, count("draining"));
        }
    }
}
