//! Health of targets: states, thresholds, and when a verdict falls.

use drainsim::model::ids::InstanceId;
use drainsim::model::lb;
use drainsim::model::record::Record;
use drainsim::model::registration::TargetHealth;

use crate::fleet::{Fleet, Lab, at, constant, secs};

/// The states, reasons and descriptions of the API; a healthy target has a state only. R-HEALTH-1
#[test]
fn states_have_the_words_of_the_api() {
    use TargetHealth as H;
    let table = [
        (
            H::Registering,
            "initial Elb.RegistrationInProgress",
            "Target registration is in progress",
        ),
        (
            H::InitialChecks,
            "initial Elb.InitialHealthChecking",
            "Initial health checks in progress",
        ),
        (H::Healthy, "healthy", ""),
        (
            H::FailedChecks,
            "unhealthy Target.FailedHealthChecks",
            "Health checks failed",
        ),
        (H::TimedOut, "unhealthy Target.Timeout", "Request timed out"),
        (
            H::Draining,
            "draining Target.DeregistrationInProgress",
            "Target deregistration is in progress",
        ),
        (
            H::NotRegistered,
            "unused Target.NotRegistered",
            "Target is not registered to the target group",
        ),
        (
            H::NotInUse,
            "unused Target.NotInUse",
            "Target group is not configured to receive traffic from the load balancer",
        ),
        (
            H::ZoneNotEnabled,
            "unused Target.NotInUse",
            "Target is in an Availability Zone that is not enabled for the load balancer",
        ),
        (
            H::InvalidState,
            "unused Target.InvalidState",
            "Target is in the terminated state",
        ),
        (
            H::StoppedState,
            "unused Target.InvalidState",
            "Target is in the stopped state",
        ),
    ];
    for (health, words, description) in table {
        let reason = health.reason().unwrap_or_default();
        assert_eq!(format!("{} {reason}", health.state()).trim(), words);
        assert_eq!(health.description().unwrap_or_default(), description);
        assert_eq!(health.description().is_some(), health.reason().is_some());
    }
}

/// Defaults: 30 s, 5 s, 5 and 2 on AWS; 2 s, 5 s, 3 and 3 with an ALB of Alibaba Cloud, and longer
/// intervals with fewer checks with its NLB and GWLB. R-HEALTH-2
#[test]
fn health_checks_have_the_documented_defaults() {
    for (kind, expected) in [
        ("application", (30, 5, 5, 2)),
        ("alibaba:alb", (2, 5, 3, 3)),
        ("alibaba:nlb", (5, 5, 2, 2)),
        ("alibaba:gwlb", (10, 5, 2, 2)),
        ("alibaba:clb", (2, 5, 3, 3)),
    ] {
        let check = lb::kind(kind).unwrap().health_check();
        let found = (
            check.interval,
            check.timeout,
            check.healthy_threshold,
            check.unhealthy_threshold,
        );
        let (interval, timeout, healthy, unhealthy) = expected;
        assert_eq!(found, (secs(interval), secs(timeout), healthy, unhealthy));
    }
}

/// When each health record of a registration was told.
fn told(lab: &Lab, wanted: TargetHealth) -> Vec<drainsim::engine::time::SimTime> {
    let records = lab.kernel.observer.records.iter();
    records
        .filter(
            |(_, record)| matches!(record, Record::TargetHealth(_, health) if *health == wanted),
        )
        .map(|(at, _)| *at)
        .collect()
}

/// After registration one success makes a target healthy, whatever the threshold; on Alibaba Cloud
/// it takes the threshold: checks at 2, 4 and 6 s. Trap 11. R-HEALTH-3
#[test]
fn one_success_is_enough_after_registration() {
    for (fleet, healthy_at) in [(Fleet::aws(), at(2)), (Fleet::alibaba(), at(6))] {
        let mut lab = fleet
            .registration(constant(secs(2)))
            .machines(1)
            .with(|fleet| fleet.target_groups[0].targets.clear())
            .lab();
        lab.register(0);
        lab.run_to(at(60));
        assert_eq!(told(&lab, TargetHealth::InitialChecks), [at(2)]);
        assert_eq!(told(&lab, TargetHealth::Healthy), [healthy_at]);
    }
}

/// A target whose port closes is unhealthy at its second failed check; registered at 0 s, it is
/// checked every 10 s, so killed at 12 s it fails at 20 and 30 s. R-HEALTH-4
#[test]
fn two_failures_make_a_target_unhealthy() {
    let mut lab = Fleet::aws()
        .machines(1)
        .with(|fleet| {
            fleet.target_groups[0].targets.clear();
            fleet.target_groups[0].health_check.interval = secs(10);
        })
        .lab();
    lab.register(0);
    lab.run_to(at(12));
    lab.call(|cloud, cx| cloud.kill_process(cx, InstanceId(0)));
    lab.run_to(at(60));
    assert_eq!(told(&lab, TargetHealth::FailedChecks), [at(30)]);
}

/// A new instance whose process takes long is unhealthy first and healthy after five successes:
/// ready at 25 s, it fails at 0, 10 and 20 s and passes from 30 to 70 s. R-HEALTH-4
#[test]
fn five_successes_make_an_unhealthy_target_healthy() {
    let mut lab = Fleet::aws()
        .machine(|template| {
            template.boot = constant(secs(0));
            template.ready = constant(secs(25));
        })
        .with(|fleet| {
            fleet.target_groups[0].health_check.interval = secs(10);
            fleet.assumptions.replacement_launch_delay = constant(secs(0));
        })
        .group(1, 1, 2)
        .with(|fleet| fleet.groups[0].elb_health_check = false)
        .lab();
    lab.call(|cloud, cx| cloud.set_desired_capacity(cx, crate::fleet::ASG, 2));
    lab.run_to(at(200));
    assert_eq!(told(&lab, TargetHealth::FailedChecks), [at(10)]);
    assert_eq!(told(&lab, TargetHealth::Healthy), [at(70)]);
}

/// The balancer shows a terminated instance as unused at once. R-HEALTH-1
#[test]
fn a_terminated_instance_is_an_unused_target() {
    let mut lab = Fleet::aws()
        .machines(2)
        .with(|fleet| fleet.assumptions.ec2_terminate = constant(secs(20)))
        .lab();
    lab.run_to(at(10));
    lab.call(|cloud, cx| cloud.terminate_machine(cx, InstanceId(0)));
    lab.run_to(at(60));
    assert_eq!(told(&lab, TargetHealth::InvalidState), [at(30)]);
}
