//! Classic Load Balancers: draining that is off by default and over early, who is spared, what is
//! seen of losses, and how requests are spread.

use drainsim::model::drain::DrainOutcome;
use drainsim::model::ids::InstanceId;
use drainsim::model::lb;
use drainsim::model::loss::Cause;
use drainsim::model::registration::TargetHealth;
use drainsim::model::settings::HealthCheckSettings;

use crate::fleet::{ASG, Fleet, at, at_ms, constant, secs};

const MACHINE: InstanceId = InstanceId(0);

/// Checks that find out within a few seconds.
fn quick_checks(fleet: Fleet) -> Fleet {
    fleet.with(|fleet| {
        fleet.target_groups[0].health_check = HealthCheckSettings {
            interval: secs(5),
            timeout: secs(2),
            healthy_threshold: 2,
            unhealthy_threshold: 2,
        };
    })
}

/// Requests may take an hour.
fn patient(fleet: Fleet) -> Fleet {
    fleet.with(|fleet| {
        let attributes = &mut fleet.load_balancers[0].attributes;
        attributes.set(
            "ConnectionSettings.IdleTimeout".to_owned(),
            "3600".to_owned(),
        );
    })
}

/// Draining is off unless it is turned on: what is in flight is lost when the node learns, and the
/// instance is out of service at once. R-CLB-1
#[test]
fn without_draining_requests_are_cut_at_once() {
    let mut lab = Fleet::classic()
        .propagation(constant(secs(3)))
        .machines(2)
        .requests(&[(9_000, 2_000), (9_500, 30_000)])
        .lab();
    lab.run_to(at(10));
    let id = lab.deregister(0);
    let other = lab.deregister(1);
    for id in [id, other] {
        let health = lab.cloud().registrations[id.index()].health;
        assert_eq!(health, TargetHealth::NotRegistered);
    }
    let ran = lab.finish_at(at(60));
    let [loss] = ran.measurements.losses.as_slice() else {
        panic!("one is cut: {:?}", ran.measurements.losses);
    };
    assert_eq!((loss.at, loss.cause), (at(13), Cause::CutAtDeadline));
    assert_eq!(loss.code.name(), "504");
    let completed: u64 = ran.measurements.drains.iter().map(|d| d.completed).sum();
    assert_eq!(completed, 1, "the short one ended before the node learnt");
}

/// With draining the instance is `InService` until its last request is over, and no longer: an
/// Application Load Balancer shows `draining` for the whole delay. Trap 1. R-CLB-2
#[test]
fn a_drain_shows_that_it_is_over_early() {
    for (fleet, end) in [
        (Fleet::classic_draining(60), at(12)),
        (Fleet::aws().delay(60), at(70)),
    ] {
        let mut lab = fleet.machines(2).requests(&[(9_000, 3_000)]).lab();
        lab.run_to(at(10));
        let id = lab.deregister(0);
        lab.run_to(at_ms(11_999));
        assert_eq!(
            lab.cloud().registrations[id.index()].health,
            TargetHealth::Draining
        );
        let ran = lab.finish_at(at(100));
        let drain = ran.drain(0);
        assert_eq!((drain.quiet, drain.end), (Some(at(12)), Some(end)));
        assert_eq!(drain.outcome, DrainOutcome::Completed);
        let shown: Vec<_> = ran.measurements.target_groups[0].draining.points().to_vec();
        assert_eq!(shown, [(at(0), 0), (at(10), 1), (end, 0)]);
    }
}

/// An instance with nothing in flight is out of service as soon as the nodes know. R-CLB-2
#[test]
fn an_idle_instance_is_gone_at_once() {
    let mut lab = Fleet::classic_draining(300)
        .propagation(constant(secs(5)))
        .machines(1)
        .lab();
    lab.run_to(at(10));
    lab.deregister(0);
    let ran = lab.finish_at(at(60));
    assert_eq!(ran.drain(0).end, Some(at(15)));
}

/// A group waits for a Classic Load Balancer until nothing is in flight, whatever
/// `asg.drain_wait` says of others. R-CLB-2
#[test]
fn a_group_waits_no_longer_than_the_drain() {
    for (fleet, left) in [
        (Fleet::classic_draining(60), at(14)),
        (Fleet::aws().delay(60), at(70)),
    ] {
        let mut lab = fleet.group(0, 1, 2).requests(&[(9_000, 5_000)]).lab();
        lab.run_to(at(10));
        lab.detach(ASG, &[MACHINE], true);
        lab.run_to(left);
        assert_eq!(lab.cloud().instances[0].group, None);
        let ran = lab.finish_at(at(100));
        assert!(ran.measurements.losses.is_empty());
    }
    let mut lab = Fleet::classic_draining(60)
        .group(0, 1, 2)
        .requests(&[(9_000, 5_000)])
        .lab();
    lab.run_to(at(10));
    lab.detach(ASG, &[MACHINE], true);
    lab.run_to(at_ms(13_999));
    assert_eq!(lab.cloud().instances[0].group, Some(ASG));
}

/// When the timeout is over connections are closed. R-CLB-3
#[test]
fn what_outlives_the_timeout_is_cut() {
    let mut lab = Fleet::classic_draining(5)
        .machines(1)
        .requests(&[(8_000, 7_000), (9_000, 6_001)])
        .lab();
    lab.run_to(at(10));
    lab.deregister(0);
    let ran = lab.finish_at(at(30));
    let [loss] = ran.measurements.losses.as_slice() else {
        panic!("one is cut: {:?}", ran.measurements.losses);
    };
    assert_eq!(
        (loss.at, loss.cause, loss.code.name()),
        (at(15), Cause::CutAtDeadline, "504")
    );
    let drain = ran.drain(0);
    assert_eq!((drain.completed, drain.cut), (1, 1));
    assert_eq!(drain.end, Some(at(15)));
}

/// The timeout is 1 to 3600 seconds, 300 by default. R-CLB-3
#[test]
fn the_timeout_is_300_seconds_by_default() {
    let kind = lb::kind("classic").unwrap();
    let timeout = kind.attributes().iter();
    let timeout = timeout
        .clone()
        .find(|param| param.key == "ConnectionDraining.Timeout")
        .unwrap();
    let range = drainsim::describe::Kind::Integer { min: 1, max: 3600 };
    assert_eq!(format!("{:?}", timeout.kind), format!("{range:?}"));
    let fleet = Fleet::classic().attribute("ConnectionDraining.Enabled", "true");
    let mut lab = patient(fleet)
        .machines(1)
        .requests(&[(9_000, 3_600_000)])
        .lab();
    lab.run_to(at(10));
    lab.deregister(0);
    let ran = lab.finish_at(at(400));
    assert_eq!(ran.drain(0).end, Some(at(310)));
}

/// What is in flight on an unhealthy instance finishes, whether it was unhealthy before or becomes
/// so while it drains. R-CLB-4
#[test]
fn the_unhealthy_are_not_cut() {
    // checks fail from `stops` on, twice within 10 s; the timeout would end at 30 s + 15 s
    for (stops, deregistered, cut) in [(10, 30, 0), (31, 30, 0), (44, 30, 1)] {
        let mut lab = patient(quick_checks(Fleet::classic_draining(15)))
            .machine(|machine| machine.shutdown.grace = secs(600))
            .machines(2)
            .requests(&[(9_000, 100_000)])
            .lab();
        let mut calls = [(stops, true), (deregistered, false)];
        calls.sort_unstable();
        for (time, stop) in calls {
            lab.run_to(at(time));
            if stop {
                lab.call(|cloud, cx| cloud.stop_process(cx, MACHINE));
            } else {
                lab.deregister(0);
            }
        }
        let ran = lab.finish_at(at(200));
        assert_eq!(
            ran.measurements.requests.lost_for(Cause::CutAtDeadline),
            cut,
            "stops at {stops} s"
        );
        let end = if cut == 0 { at(109) } else { at(45) };
        assert_eq!(ran.drain(0).end, Some(end), "stops at {stops} s");
        assert_eq!(ran.drain(0).delay.is_none(), cut == 0);
    }
}

/// The node sends each request to the instance with the fewest in flight. R-CLB-5
#[test]
fn requests_go_where_the_fewest_are() {
    let requests = [(1_000, 60_000), (2_000, 100), (3_000, 100), (4_000, 100)];
    let mut lab = Fleet::classic().machines(2).requests(&requests).lab();
    lab.run_to(at(10));
    let sent = |machine| -> u64 {
        let id = lab.registration(machine);
        lab.cloud().traffic_of(id).map(|link| link.attempts).sum()
    };
    let mut sent = [sent(0), sent(1)];
    sent.sort_unstable();
    assert_eq!(sent, [1, 3], "in turn each would have had two");
}

/// Without a healthy instance requests are answered with 503; nothing fails open. R-CLB-5
#[test]
fn only_healthy_instances_get_requests() {
    let mut lab = quick_checks(Fleet::classic())
        .machines(1)
        .requests(&[(30_000, 10)])
        .lab();
    lab.run_to(at(10));
    lab.call(|cloud, cx| cloud.kill_process(cx, MACHINE));
    let ran = lab.finish_at(at(40));
    let loss = ran.measurements.losses[0];
    assert_eq!((loss.cause, loss.code.name()), (Cause::NoTarget, "503"));
}

/// What the client of a lost request sees depends on the kind of balancer. R-LOSS-9
#[test]
fn a_classic_balancer_has_codes_of_its_own() {
    let only_code = |lab: crate::fleet::Lab| {
        let ran = lab.finish_at(at(200));
        let [loss] = ran.measurements.losses.as_slice() else {
            panic!("one is lost: {:?}", ran.measurements.losses);
        };
        (loss.cause, loss.code.name())
    };
    for (fleet, exited, refused, gave_up) in [
        (Fleet::classic(), "504", "503", "408"),
        (Fleet::aws(), "502", "502", "460"),
        (Fleet::lattice(), "502", "502", "460"),
    ] {
        let fleet = fleet.machines(1);
        let mut lab = fleet.clone().requests(&[(9_000, 5_000)]).lab();
        lab.run_to(at(10));
        lab.call(|cloud, cx| cloud.kill_process(cx, MACHINE));
        assert_eq!(only_code(lab), (Cause::KilledByTargetExit, exited));

        let mut lab = fleet.clone().requests(&[(11_000, 5_000)]).lab();
        lab.run_to(at(10));
        lab.call(|cloud, cx| cloud.kill_process(cx, MACHINE));
        assert_eq!(only_code(lab), (Cause::UnreachableTarget, refused));

        let lab = fleet.clone().requests(&[(9_000, 90_000)]);
        assert_eq!(only_code(lab.lab()), (Cause::ResponseTimeout, "504"));

        let lab = fleet.requests(&[(9_000, 50_000)]);
        let lab = lab.client(Some(secs(5)), 0).lab();
        assert_eq!(only_code(lab), (Cause::ClientGaveUp, gave_up));
    }
}

/// A changed idle timeout counts for requests that begin later; those under way are waited for as
/// they were. R-CLB-7
#[test]
fn a_new_idle_timeout_counts_for_later_requests() {
    let mut lab = Fleet::classic()
        .machines(1)
        .requests(&[
            (1_000, 90_000),
            (11_000, 90_000),
            (12_000, 25_000),
            (13_000, 19_000),
        ])
        .lab();
    lab.run_to(at(10));
    lab.call(|cloud, cx| {
        let changes = [("ConnectionSettings.IdleTimeout", "20".to_owned())];
        cloud.set_balancer_attributes(cx, 0, &changes);
    });
    let ran = lab.finish_at(at(120));
    let losses = ran.measurements.losses.iter();
    let lost: Vec<_> = losses
        .map(|loss| (loss.at, loss.cause, loss.code.name()))
        .collect();
    let late = Cause::ResponseTimeout;
    assert_eq!(
        lost,
        [
            (at(31), late, "504"),
            (at(32), late, "504"),
            (at(61), late, "504")
        ]
    );
}
