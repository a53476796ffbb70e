//! VPC Lattice: a minute of draining, health checks, and the idle timeout.

use drainsim::model::autoscaling::TerminationReason;
use drainsim::model::ids::{InstanceId, TargetGroupId};
use drainsim::model::lb;
use drainsim::model::loss::Cause;
use drainsim::model::registration::TargetHealth;
use drainsim::model::settings::Provider;

use crate::fleet::{ASG, Fleet, at, at_ms, secs, target_group};

/// Draining takes one minute; no attribute changes it. What outlives it is cut. R-LATTICE-1
#[test]
fn a_target_drains_for_one_minute() {
    assert!(
        lb::kind("lattice")
            .unwrap()
            .target_group_attributes()
            .is_empty()
    );
    let mut lab = Fleet::lattice()
        .machines(2)
        .requests(&[(9_000, 3_000), (10_001, 59_999)])
        .lab();
    lab.run_to(at(11));
    let ids = [lab.deregister(0), lab.deregister(1)];
    lab.run_to(at_ms(70_999));
    for id in ids {
        assert_eq!(
            lab.cloud().registrations[id.index()].health,
            TargetHealth::Draining,
            "also the one that was done long before"
        );
    }
    let ran = lab.finish_at(at(100));
    for drain in &ran.measurements.drains {
        assert_eq!(drain.end, Some(at(71)));
        assert_eq!(drain.delay, Some(secs(60)));
    }
    let completed: u64 = ran.measurements.drains.iter().map(|d| d.completed).sum();
    assert_eq!(completed, 2);
}

/// A request that lasts longer than the minute is cut. R-LATTICE-1
#[test]
fn the_minute_cuts() {
    let mut lab = Fleet::lattice()
        .machines(1)
        .requests(&[(20_000, 55_000)])
        .with(|fleet| {
            fleet.assumptions.propagation_lattice =
                drainsim::workload::dist::Sampler::from_constant(secs(15));
        })
        .lab();
    lab.run_to(at(10));
    lab.deregister(0);
    let ran = lab.finish_at(at(100));
    let [loss] = ran.measurements.losses.as_slice() else {
        panic!("one is cut: {:?}", ran.measurements.losses);
    };
    assert_eq!(
        (loss.at, loss.cause, loss.code.name()),
        (at(70), Cause::CutAtDeadline, "503")
    );
}

/// One check makes a new target healthy, and only healthy ones get requests. R-LATTICE-2
#[test]
fn one_check_is_enough_and_nothing_fails_open() {
    let mut lab = Fleet::lattice().machines(1).requests(&[(95_000, 10)]).lab();
    let checks = lab.cloud().target_groups[0].health_check;
    assert_eq!((checks.interval, checks.timeout), (secs(30), secs(5)));
    let thresholds = (checks.healthy_threshold, checks.unhealthy_threshold);
    assert_eq!(thresholds, (5, 2));
    lab.run_to(at(1));
    lab.deregister(0);
    lab.run_to(at(10));
    let again = lab.register(0);
    lab.run_to(at(12));
    assert_eq!(
        lab.cloud().registrations[again.index()].health,
        TargetHealth::Healthy
    );
    lab.call(|cloud, cx| cloud.kill_process(cx, InstanceId(0)));
    let ran = lab.finish_at(at(100));
    let loss = ran.measurements.losses[0];
    assert_eq!((loss.cause, loss.code.name()), (Cause::NoTarget, "503"));
}

/// A target has a minute to answer. R-LATTICE-3
#[test]
fn the_idle_timeout_is_a_minute() {
    let lab = Fleet::lattice()
        .machines(1)
        .requests(&[(1_000, 60_000), (2_000, 60_001)])
        .lab();
    let ran = lab.finish_at(at(100));
    let [loss] = ran.measurements.losses.as_slice() else {
        panic!("one is late: {:?}", ran.measurements.losses);
    };
    assert_eq!((loss.at, loss.cause), (at(62), Cause::ResponseTimeout));
}

/// An activity that waits for targets of VPC Lattice alone has a status of its own. R-LATTICE-5
#[test]
fn waiting_for_lattice_has_words_of_its_own() {
    let both = |fleet: Fleet| {
        fleet.with(|fleet| {
            let kind = lb::kind("application").unwrap();
            let mut balancer = fleet.load_balancers[0].clone();
            balancer.kind = kind;
            fleet.load_balancers.push(balancer);
            let mut listener = fleet.listeners[0].clone();
            listener.load_balancer = 1;
            listener.forward = vec![(TargetGroupId(1), 1)];
            fleet.listeners.push(listener);
            fleet
                .target_groups
                .push(target_group("api", kind, Provider::Aws, &[]));
            let mut source = fleet.groups[0].sources[0];
            source.target_group = TargetGroupId(1);
            fleet.groups[0].sources.push(source);
        })
    };
    let alone = Fleet::lattice().group(0, 2, 3);
    for (fleet, status, words) in [
        (
            alone.clone(),
            "WaitingForConnectionDraining",
            " - Waiting For Connection Draining.",
        ),
        (
            both(alone),
            "WaitingForELBConnectionDraining",
            " - Waiting For ELB Connection Draining.",
        ),
    ] {
        let mut lab = fleet.lab();
        lab.run_to(at(10));
        lab.detach(ASG, &[InstanceId(0)], true);
        let id = lab.cloud().instances[1].id.clone();
        let reason = TerminationReason::User { shrinking: None };
        lab.call(|cloud, cx| cloud.terminate_member(cx, InstanceId(1), &reason));
        let told: Vec<_> = lab.cloud().activities.iter().take(2).collect();
        for (_, _, activity) in &told {
            assert_eq!((activity.status.name(), activity.progress), (status, 50));
            assert!(
                activity.description.ends_with(words),
                "{}",
                activity.description
            );
        }
        assert!(told[1].2.description.contains(&id));
        lab.run_to(at(400));
        for (_, _, activity) in lab.cloud().activities.iter().take(2) {
            assert_eq!(activity.status.name(), "Successful");
        }
        let detached = &lab.cloud().activities[0].2.description;
        assert!(!detached.contains("Waiting"), "{detached}");
    }
}
