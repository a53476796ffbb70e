//! Deregistration of AWS targets: what stops when, what is cut, and what is shown meanwhile.

use drainsim::model::Registered;
use drainsim::model::assumption::IpReregister;
use drainsim::model::drain::DrainOutcome;
use drainsim::model::ids::{EntryId, InstanceId};
use drainsim::model::lb;
use drainsim::model::loss::Cause;
use drainsim::model::record::Record;
use drainsim::model::registration::TargetHealth;
use drainsim::model::settings::TargetType;

use crate::fleet::{Fleet, WEB, at, at_ms, constant, ms, secs};

/// The deregistration delay is 0 to 3600 seconds and 300 by default. R-DRAIN-1
#[test]
fn the_delay_is_300_seconds_by_default() {
    let kind = lb::kind("application").unwrap();
    let key = "deregistration_delay.timeout_seconds";
    let param = kind
        .target_group_attributes()
        .iter()
        .find(|param| param.key == key)
        .unwrap();
    let range = drainsim::describe::Kind::Integer { min: 0, max: 3600 };
    assert_eq!(format!("{:?}", param.kind), format!("{range:?}"));
    let mut lab = Fleet::aws().machines(2).lab();
    let id = lab.deregister(0);
    lab.run_to(at_ms(299_999));
    assert_eq!(
        lab.cloud().registrations[id.index()].health,
        TargetHealth::Draining
    );
    let ran = lab.finish_at(at(301));
    assert_eq!(ran.drain(0).delay, Some(secs(300)));
    assert_eq!(ran.drain(0).end, Some(at(300)));
}

/// A node goes on sending until it learns, then stops; requests on open client connections are new
/// requests too. Trap 3. R-DRAIN-2
#[test]
fn new_requests_stop_when_the_node_learns() {
    let mut lab = Fleet::aws()
        .propagation(constant(secs(3)))
        .machines(1)
        .requests(&[(12_999, 10), (13_000, 10), (13_001, 10)])
        .lab();
    lab.run_to(at(10));
    let id = lab.deregister(0);
    lab.run_to(at(20));
    let sent: u64 = lab
        .cloud()
        .traffic_of(id)
        .map(|traffic| traffic.attempts)
        .sum();
    assert_eq!(
        sent, 1,
        "a request of the instant in which the node learns is not sent"
    );
    let ran = lab.finish();
    assert_eq!(ran.drain(0).arrived_during, 1);
    assert_eq!(ran.measurements.requests.lost_for(Cause::NoTarget), 2);
}

/// At the deadline what is in flight is cut with 502; what completes at that very instant is not.
/// R-DRAIN-3
#[test]
fn requests_are_cut_with_502_at_the_deadline() {
    let mut lab = Fleet::aws()
        .delay(5)
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
        (at(15), Cause::CutAtDeadline, "502")
    );
    assert_eq!(loss.culprit.map(EntryId::index), Some(0));
    assert_eq!((ran.drain(0).completed, ran.drain(0).cut), (1, 1));
    assert_eq!(ran.drain(0).needed, ms(5_001));
    assert_eq!(ran.drain(0).outcome, DrainOutcome::TimedOut);
}

/// A node that learns only after the deadline cuts when it learns. R-DRAIN-3
#[test]
fn a_late_node_cuts_when_it_learns() {
    let mut lab = Fleet::aws()
        .delay(1)
        .propagation(constant(secs(4)))
        .machines(1)
        .requests(&[(12_000, 9_000)])
        .lab();
    lab.run_to(at(10));
    lab.deregister(0);
    let ran = lab.finish_at(at(30));
    assert_eq!(ran.measurements.losses[0].at, at(14));
    assert_eq!(ran.drain(0).end, Some(at(14)));
}

/// With a delay of zero nothing is waited for. R-DRAIN-3
#[test]
fn no_delay_cuts_at_once() {
    let mut lab = Fleet::aws()
        .delay(0)
        .machines(2)
        .requests(&[(9_000, 2_000), (9_000, 2_000)])
        .lab();
    lab.run_to(at(10));
    lab.deregister(0);
    lab.deregister(1);
    let ran = lab.finish_at(at(30));
    assert_eq!(ran.measurements.requests.lost_for(Cause::CutAtDeadline), 2);
    assert!(ran.measurements.losses.iter().all(|loss| loss.at == at(10)));
}

/// A client cut on one target may try again on the next that the same instant cuts; it is cut
/// there as well, and lost when its tries are used up. R-DRAIN-3
#[test]
fn a_second_try_is_cut_like_a_first() {
    let mut lab = Fleet::aws()
        .delay(0)
        .propagation(constant(secs(5)))
        .machines(2)
        .requests(&[(12_000, 60_000)])
        .client(None, 1)
        .lab();
    lab.run_to(at(10));
    lab.deregister(0);
    lab.deregister(1);
    let ran = lab.finish_at(at(30));
    let [loss] = ran.measurements.losses.as_slice() else {
        panic!("one is lost: {:?}", ran.measurements.losses);
    };
    assert_eq!(loss.at, at(15));
    assert_eq!(ran.measurements.requests.attempts, 2);
}

/// Nothing in flight: the balancer is done at once, and goes on showing `draining` until the
/// deadline. R-DRAIN-4
#[test]
fn an_idle_target_still_shows_draining_to_the_end() {
    let mut lab = Fleet::aws()
        .delay(60)
        .machines(2)
        .requests(&[(9_000, 3_000)])
        .lab();
    lab.run_to(at(10));
    lab.deregister(0);
    let ran = lab.finish_at(at(100));
    let drain = ran.drain(0);
    assert_eq!((drain.quiet, drain.end), (Some(at(12)), Some(at(70))));
    assert_eq!(drain.outcome, DrainOutcome::Completed);
    let shown: Vec<_> = ran.measurements.target_groups[0].draining.points().to_vec();
    assert_eq!(shown, [(at(0), 0), (at(10), 1), (at(70), 0)]);
}

/// A delay that is modified does not move the deadline of a drain under way. R-DRAIN-5
#[test]
fn a_drain_keeps_the_delay_it_began_with() {
    let mut lab = Fleet::aws().delay(20).machines(2).lab();
    lab.run_to(at(10));
    lab.deregister(0);
    let change = (
        "deregistration_delay.timeout_seconds".to_owned(),
        "5".to_owned(),
    );
    lab.call(|cloud, cx| cloud.set_attributes(cx, WEB, [change]));
    lab.deregister(1);
    let ran = lab.finish_at(at(60));
    assert_eq!(ran.drain(0).end, Some(at(30)));
    assert_eq!(ran.drain(1).end, Some(at(15)));
}

/// Registering a draining instance again calls its drain off: what is in flight finishes, and the
/// target takes requests again once it has passed a check: trap 8, as AWS has it. R-DRAIN-6
#[test]
fn registering_again_rescues_what_is_in_flight() {
    for (rescues, cut) in [(true, 0), (false, 1)] {
        let mut lab = Fleet::aws()
            .delay(10)
            .machines(2)
            .requests(&[(9_000, 30_000)])
            .with(|fleet| fleet.assumptions.reregister_cancels_drain = rescues)
            .lab();
        lab.run_to(at(10));
        lab.deregister(0);
        lab.run_to(at(15));
        let again = lab.register(0);
        let ran = lab.finish_at(at(60));
        assert_eq!(
            ran.measurements.requests.lost_for(Cause::CutAtDeadline),
            cut
        );
        let healthy = Record::TargetHealth(again, TargetHealth::Healthy);
        assert!(ran.records.contains(&(at(15), healthy)));
        if rescues {
            assert_eq!(ran.drain(0).outcome, DrainOutcome::Cancelled);
            assert_eq!(ran.drain(0).end, Some(at(15)));
        }
    }
}

/// The same IP address can be registered again only when its delay is over: by default the
/// registration waits for that. R-TARGET-6
#[test]
fn an_ip_target_waits_for_its_delay() {
    let fleet = |rule| {
        Fleet::aws()
            .delay(10)
            .machines(1)
            .with(move |fleet| {
                fleet.target_groups[0].target_type = TargetType::Ip;
                fleet.assumptions.ip_reregister = rule;
            })
            .lab()
    };
    for rule in [
        IpReregister::Queue,
        IpReregister::Accept,
        IpReregister::Reject,
    ] {
        let mut lab = fleet(rule);
        lab.run_to(at(10));
        let old = lab.deregister(0);
        lab.run_to(at(15));
        let id = lab.cloud().instances[0].id.clone();
        let answer = lab.call(|cloud, cx| cloud.register(cx, WEB, &id, 80, InstanceId(0)));
        lab.run_to(at(30));
        let registered = lab.cloud().registration_of(WEB, &id, 80);
        match rule {
            IpReregister::Queue => {
                assert_eq!(answer, Registered::Queued(old));
                let new = Record::TargetHealth(registered.unwrap(), TargetHealth::Registering);
                assert!(lab.kernel.observer.records.contains(&(at(20), new)));
            }
            IpReregister::Accept => {
                assert_eq!(answer, Registered::New(registered.unwrap()));
            }
            IpReregister::Reject => {
                assert_eq!((answer, registered), (Registered::Refused, None));
            }
        }
    }
}

/// Deregistering a draining target again neither fails nor starts its delay anew, unless the
/// setting says so. R-TARGET-4
#[test]
fn a_second_deregistration_changes_nothing() {
    for (resets, end) in [(false, at(20)), (true, at(25))] {
        let mut lab = Fleet::aws()
            .delay(10)
            .machines(1)
            .with(|fleet| fleet.assumptions.redereg_resets = resets)
            .lab();
        lab.run_to(at(10));
        lab.deregister(0);
        lab.run_to(at(15));
        lab.deregister(0);
        let ran = lab.finish_at(at(60));
        assert_eq!(ran.measurements.drains.len(), 1);
        assert_eq!(ran.drain(0).end, Some(end));
    }
}

/// A draining target gets nothing new even when its node fails open. Trap 11. R-ROUTE-9
#[test]
fn failing_open_does_not_revive_a_draining_target() {
    let mut lab = Fleet::aws()
        .machines(1)
        .requests(&[(9_000, 10), (11_000, 10)])
        .lab();
    lab.run_to(at(10));
    lab.deregister(0);
    let ran = lab.finish_at(at(20));
    assert_eq!(ran.measurements.requests.lost_for(Cause::NoTarget), 1);
    assert_eq!(
        ran.measurements.losses[0].culprit.map(EntryId::index),
        Some(0)
    );
}
