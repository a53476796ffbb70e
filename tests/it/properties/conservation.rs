//! Conservation: nothing that arrives is ever counted twice or forgotten.

use drainsim::engine::time::SimTime;
use drainsim::model::ids::{RegistrationId, TargetGroupId, WorkloadId};
use proptest::prelude::*;

use super::strategies::any_plan;
use super::{cases, has_settled};
use crate::fleet::Lab;

/// Recounts attempts per target, per target group and requests per workload from outside.
fn assert_conserved(lab: &Lab) {
    let cloud = lab.cloud();
    let mut by_group = vec![(0, 0); cloud.target_groups.len()];
    for index in 0..cloud.registrations.len() {
        let id = RegistrationId::from_index(index);
        let group = cloud.registrations[index].target_group;
        for link in cloud.traffic_of(id) {
            assert_eq!(
                link.attempts,
                link.completed + link.lost + link.in_flight,
                "attempts on {id:?}"
            );
            let (attempts, ended) = &mut by_group[group.index()];
            *attempts += link.attempts;
            *ended += link.completed + link.lost + link.in_flight;
        }
    }
    for (index, (attempts, ended)) in by_group.into_iter().enumerate() {
        assert_eq!(attempts, ended, "{:?}", TargetGroupId::from_index(index));
    }
    let held = cloud.held(SimTime::ZERO);
    let mut logical = (0, 0);
    for (index, held) in held.into_iter().enumerate() {
        let counts = cloud.recorder().all(WorkloadId::from_index(index));
        assert_eq!(
            counts.arrived,
            counts.completed + counts.lost() + held,
            "requests of workload {index}"
        );
        assert_eq!(counts.lost(), counts.lost_by_code.iter().sum::<u64>());
        logical.0 += counts.arrived;
        logical.1 += counts.completed + counts.lost() + held;
    }
    assert_eq!(logical.0, logical.1);
}

proptest! {
    #![proptest_config(cases(250))]

    /// Invariant 1: arrived = completed + lost + in flight, per target, target group, workload and
    /// in total, after every event.
    #[test]
    fn arrived_is_completed_lost_or_in_flight(plan in any_plan()) {
        plan.run(assert_conserved);
    }

    /// The losses of the entries and the unattributed ones are all losses; every loss is listed
    /// with the same cause, code and culprit it is counted under.
    #[test]
    fn every_loss_has_one_cause_one_code_and_one_culprit(plan in any_plan()) {
        let ran = plan.run_fast().finish();
        let m = &ran.measurements;
        prop_assert_eq!(m.losses_not_listed, 0);
        prop_assert_eq!(m.losses.len() as u64, m.requests.lost());
        let blamed: u64 = m.lost_by_entry.iter().sum();
        prop_assert_eq!(blamed + m.unattributed, m.requests.lost());
        for (index, &count) in m.lost_by_entry.iter().enumerate() {
            let of_it = m.losses.iter().filter(|l| l.culprit.is_some_and(|e| e.index() == index));
            prop_assert_eq!(of_it.count() as u64, count);
            prop_assert!(index < plan.commands.len());
        }
        for loss in &m.losses {
            prop_assert!(loss.arrived <= loss.at);
            prop_assert_eq!(loss.target.is_none(), loss.cause.name() == "no_target");
        }
        let distinct = ran.lost();
        prop_assert_eq!(distinct.len(), m.losses.len(), "a request is lost once");
    }

    /// Whatever is asked, it comes to an end: no drain, no leaving instance and no scaling activity
    /// stays open for ever.
    #[test]
    fn everything_that_begins_ends(mut plan in any_plan()) {
        // with a grace shorter than its start a group replaces its members for ever, and rightly
        for group in &mut plan.groups {
            group.grace = 120_000;
        }
        let mut lab = plan.run_fast();
        lab.run_to(plan.end_of_everything());
        has_settled(&lab);
    }
}
