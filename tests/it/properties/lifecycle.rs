//! Lifecycle: documented edges only, sizes within their bounds, detaching that ends nothing.

use std::collections::BTreeMap;

use drainsim::engine::time::SimTime;
use drainsim::model::group::SourceState;
use drainsim::model::ids::{GroupId, InstanceId};
use drainsim::model::lifecycle::LifecycleState;
use drainsim::model::machine::{MachineState, ProcessState};
use drainsim::model::record::Record;
use drainsim::model::settings::{Provider, ShutdownWhen};
use proptest::prelude::*;

use super::cases;
use super::commands::Command;
use super::strategies::any_plan;
use crate::fleet::{Lab, at_ms};

/// The edges of the user guides' lifecycle pages, among the states that are modelled. An instance
/// outside of any group is `Detached`. R-ASG-1
const EDGES: &[(&str, &[&str])] = &[
    (
        "Pending",
        &["Pending:Wait", "InService", "Terminating", "Removing"],
    ),
    (
        "Pending:Wait",
        &["Pending:Proceed", "Terminating", "Pending", "Removing"],
    ),
    ("Pending:Proceed", &["InService"]),
    (
        "InService",
        &[
            "Detaching",
            "EnteringStandby",
            "Standby",
            "Terminating",
            "Removing",
        ],
    ),
    // launched into a warm pool, or back in it after a scale-in
    (
        "Warmed:Pending",
        &[
            "Warmed:Pending:Wait",
            "Warmed:Stopped",
            "Warmed:Running",
            "Warmed:Hibernated",
            "Warmed:Terminating",
        ],
    ),
    (
        "Warmed:Pending:Wait",
        &["Warmed:Pending:Proceed", "Warmed:Terminating"],
    ),
    (
        "Warmed:Pending:Proceed",
        &[
            "Warmed:Stopped",
            "Warmed:Running",
            "Warmed:Hibernated",
            "Warmed:Terminating",
        ],
    ),
    ("Warmed:Stopped", &["Pending", "Warmed:Terminating"]),
    ("Warmed:Running", &["Pending", "Warmed:Terminating"]),
    ("Warmed:Hibernated", &["Pending", "Warmed:Terminating"]),
    (
        "Warmed:Terminating",
        &["Warmed:Terminating:Wait", "Warmed:Terminated"],
    ),
    ("Warmed:Terminating:Wait", &["Warmed:Terminating:Proceed"]),
    ("Warmed:Terminating:Proceed", &["Warmed:Terminated"]),
    ("Warmed:Terminated", &[]),
    // a forced deletion takes it from there
    ("EnteringStandby", &["Standby", "Terminating"]),
    // on Alibaba Cloud who stands by has not left, and serves again at once
    (
        "Standby",
        &[
            "Pending",
            "InService",
            "Detaching",
            "Terminating",
            "Removing",
        ],
    ),
    ("Detaching", &["Detached", "Removing:Wait"]),
    // attached to a group, or terminated by hand
    ("Detached", &["Pending", "Terminated"]),
    (
        "Terminating",
        &["Terminating:Wait", "Terminated", "Warmed:Pending"],
    ),
    (
        "Terminating:Wait",
        &["Terminating:Proceed", "Terminating:Retained"],
    ),
    ("Terminating:Proceed", &["Terminated"]),
    ("Terminating:Retained", &["Terminating"]),
    (
        "Removing",
        &["Detached", "Stopped", "Terminated", "Removing:Wait"],
    ),
    (
        "Removing:Wait",
        &["Removing", "Detaching", "InService", "Pending", "Standby"],
    ),
    // kept by a scaling group that recycles
    ("Stopped", &["Pending", "Removing", "Terminated"]),
    ("Terminated", &[]),
];

/// Sizes and membership of all groups.
pub(super) fn assert_sizes(lab: &Lab) {
    let cloud = lab.cloud();
    let mut owner: BTreeMap<InstanceId, usize> = BTreeMap::new();
    for (index, group) in cloud.groups.iter().enumerate() {
        if group.provider == Provider::Aws {
            let desired = group.counts.desired;
            assert!(group.min_size <= desired && desired <= group.max_size);
        } else {
            let total = group.total();
            assert!(total >= group.min_size.min(group.counts.desired));
        }
        for &member in &group.members {
            assert_eq!(owner.insert(member, index), None, "a member of two groups");
            assert_eq!(
                cloud.instances[member.index()].group,
                Some(GroupId::from_index(index))
            );
        }
    }
}

/// The lifecycle states of the instances there are.
pub(super) fn first_states(lab: &Lab) -> BTreeMap<InstanceId, &'static str> {
    let instances = (0..).zip(&lab.cloud().instances);
    instances
        .map(|(index, instance)| (InstanceId(index), instance.lifecycle.name()))
        .collect()
}

/// Only documented edges were taken from `states` on.
pub(super) fn assert_edges(
    states: &BTreeMap<InstanceId, &'static str>,
    records: &[(SimTime, Record)],
) {
    let mut states = states.clone();
    for (at, record) in records {
        if let Record::Lifecycle(id, to) = *record {
            // an attached instance becomes Pending without a record of its own
            let from = match (states.get(&id), to) {
                (None, to) if to.is_warmed() => "Warmed:Pending",
                (Some(&"Detached"), LifecycleState::InService | LifecycleState::PendingWait)
                | (None, _) => "Pending",
                (Some(&from), _) => from,
            };
            let (_, allowed) = EDGES.iter().find(|(name, _)| *name == from).unwrap();
            assert!(
                allowed.contains(&to.name()),
                "{id:?}: {from} -> {} at {at}",
                to.name()
            );
            states.insert(id, to.name());
        }
    }
}

proptest! {
    #![proptest_config(cases(250))]

    /// Invariant 4, sizes: min <= desired <= max after every event, and an instance is in one group
    /// at most. R-ASG-3
    #[test]
    fn sizes_stay_within_their_bounds(plan in any_plan()) {
        plan.run(assert_sizes);
    }

    /// Invariant 4, edges: only documented edges of the lifecycle are taken. R-ASG-1
    #[test]
    fn only_documented_edges_are_taken(plan in any_plan()) {
        let lab = plan.lab(true);
        let states = first_states(&lab);
        let lab = plan.run_in(lab, 1, |_| {});
        assert_edges(&states, &lab.kernel.observer.records);
    }

    /// Invariant 5, instances: a detached instance keeps running, and its process keeps serving
    /// unless its own shutdown rule is about detaching. R-ASG-2
    #[test]
    fn a_detached_instance_keeps_running(plan in any_plan()) {
        let mut lab = plan.lab(true);
        let stops = |c: &Command| matches!(
            c,
            Command::TerminateMachine(_) | Command::StopProcess(_) | Command::KillProcess(_)
        );
        for (at, command) in plan.commands.iter().filter(|(_, command)| !stops(command)) {
            lab.run_to(at_ms(*at));
            command.make(&mut lab, 1);
        }
        lab.run_to(plan.end_of_everything());
        let cloud = lab.cloud();
        let detached: Vec<InstanceId> = lab
            .kernel
            .observer
            .records
            .iter()
            .filter_map(|(_, record)| {
                if let Record::Lifecycle(id, LifecycleState::Detached) = record {
                    return Some(*id);
                }
                None
            })
            .collect();
        for id in detached {
            let instance = &cloud.instances[id.index()];
            // one that was attached again may have been terminated by its new group
            if instance.lifecycle == LifecycleState::Detached {
                prop_assert_eq!(instance.state, MachineState::Running);
                let rule = cloud.launch_templates[instance.launch_template.index()].shutdown;
                if rule.when == ShutdownWhen::Terminate {
                    prop_assert_eq!(cloud.process_state(id), ProcessState::Serving);
                }
            }
        }
    }

    /// Invariant 5, sources: detaching traffic sources changes neither the desired capacity nor the
    /// membership and starts no activity; the sources are gone when all their drains are. R-ASG-9
    #[test]
    fn detaching_sources_changes_no_size(plan in any_plan(), when in 0_u64..60) {
        let mut lab = plan.lab(true);
        lab.run_to(at_ms(when * 500));
        for index in 0..lab.cloud().groups.len() {
            let group = GroupId::from_index(index);
            let before = &lab.cloud().groups[index];
            if before.provider != Provider::Aws || before.sources.is_empty() {
                continue;
            }
            let (members, desired) = (before.members.clone(), before.counts.desired);
            let activities = lab.cloud().activities.len();
            let places: Vec<usize> = (0..before.sources.len()).collect();
            lab.call(|cloud, cx| cloud.detach_sources(cx, group, &places));
            lab.run_to(lab.now() + crate::fleet::secs(600));
            let after = &lab.cloud().groups[index];
            prop_assert_eq!(&after.members, &members);
            prop_assert_eq!(after.counts.desired, desired);
            prop_assert_eq!(lab.cloud().activities.len(), activities);
            prop_assert!(after.sources.iter().all(|s| s.state != SourceState::Removing));
            prop_assert!(after.sources.is_empty());
        }
    }

    /// Invariant 5, Alibaba Cloud: dropping the association with a server group moves no traffic.
    /// R-ESS-3
    #[test]
    fn forgetting_a_server_group_moves_no_traffic(mut plan in any_plan(), when in 0_u64..60) {
        plan.alibaba = true;
        let run = |forget: bool| {
            let mut lab = plan.lab(true);
            lab.run_to(at_ms(when * 500));
            if forget {
                for index in 0..lab.cloud().groups.len() {
                    let places: Vec<usize> = (0..lab.cloud().groups[index].sources.len()).collect();
                    let group = GroupId::from_index(index);
                    lab.call(|cloud, cx| cloud.ess_forget_sources(cx, group, &places));
                }
            }
            lab.finish_at(at_ms(plan.horizon))
        };
        let (with, without) = (run(true), run(false));
        prop_assert_eq!(with.measurements.drains.len(), 0);
        prop_assert_eq!(with.measurements.requests, without.measurements.requests);
        prop_assert_eq!(with.measurements.losses, without.measurements.losses);
        prop_assert_eq!(with.measurements.latency.sum(), without.measurements.latency.sum());
    }
}
