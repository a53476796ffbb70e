//! Forwarding: weights of listeners changed at run time, and target groups that come into use.

use drainsim::model::ids::{InstanceId, LaunchTemplateId, ListenerId, TargetGroupId, ZoneId};
use drainsim::model::lb;
use drainsim::model::loss::Cause;
use drainsim::model::registration::TargetHealth;
use drainsim::model::settings::{InstanceSettings, Provider, TargetSettings};

use crate::fleet::{Fleet, Lab, WEB, at, constant, ms, secs, target_group};

const GREEN: TargetGroupId = TargetGroupId(1);
const HTTPS: ListenerId = ListenerId(0);

/// One machine in `web`, which `https` forwards to, and another in `green`, which nobody uses. A
/// request every 100 ms that takes 10 ms.
fn blue_green(seconds: u64) -> Fleet {
    let requests: Vec<(u64, u64)> = (0..seconds * 10).map(|n| (n * 100 + 50, 10)).collect();
    Fleet::aws()
        .machines(1)
        .with(|fleet| {
            let kind = lb::kind("application").unwrap();
            let mut green = target_group("green", kind, Provider::Aws, &[]);
            fleet.instances.push(InstanceSettings {
                name: "g".to_owned(),
                id: "i-9".to_owned(),
                zone: ZoneId(0),
                launch_template: LaunchTemplateId(0),
            });
            green.targets.push(TargetSettings {
                instance: 1,
                id: "i-9".to_owned(),
                port: 80,
                weight: 100,
            });
            fleet.target_groups.push(green);
        })
        .requests(&requests)
}

fn forward(lab: &mut Lab, to: &[(TargetGroupId, u32)]) {
    lab.call(|cloud, cx| cloud.set_forward(cx, HTTPS, to.to_vec()));
}

fn health(lab: &Lab, group: TargetGroupId) -> TargetHealth {
    let registrations = &lab.cloud().registrations;
    let found = registrations.iter().rfind(|r| r.target_group == group);
    found.unwrap().health
}

/// Requests that machine number `instance` answered.
fn answered(lab: &Lab, instance: u32) -> u64 {
    let cloud = lab.cloud();
    let registrations = &cloud.instances[InstanceId(instance).index()].registrations;
    let traffic = registrations.iter().flat_map(|&id| cloud.traffic_of(id));
    traffic.map(|link| link.completed).sum()
}

/// A group that comes into use is checked before it gets traffic; requests follow the weights.
/// R-FORWARD-1, R-FORWARD-3
#[test]
fn requests_follow_the_weights() {
    let mut lab = blue_green(300).lab();
    lab.run_to(at(10));
    assert_eq!(health(&lab, GREEN), TargetHealth::NotInUse);
    assert_eq!(answered(&lab, 1), 0);
    forward(&mut lab, &[(WEB, 3), (GREEN, 1)]);
    assert_eq!(health(&lab, GREEN), TargetHealth::Registering);
    lab.run_to(at(100));
    assert_eq!(health(&lab, GREEN), TargetHealth::Healthy);
    let share = answered(&lab, 1);
    assert!((170..280).contains(&share), "a quarter of 900: {share}");
    forward(&mut lab, &[(GREEN, 1)]);
    assert_eq!(health(&lab, WEB), TargetHealth::NotInUse);
    let (blue, green) = (answered(&lab, 0), answered(&lab, 1));
    lab.run_to(at(110));
    assert_eq!(answered(&lab, 0), blue);
    assert_eq!(answered(&lab, 1), green + 100);
    assert_eq!(lab.cloud().drains.len(), 0, "nothing is deregistered");
}

/// A group that is switched to without having been in use has no healthy target yet. R-FORWARD-3
#[test]
fn a_switch_to_a_group_that_was_not_checked_finds_no_target() {
    let mut lab = blue_green(30).registration(constant(secs(5))).lab();
    lab.run_to(at(10));
    forward(&mut lab, &[(GREEN, 1)]);
    let ran = lab.finish_at(at(30));
    let tally = &ran.measurements.requests;
    assert_eq!(tally.lost_for(Cause::NoTarget), 50);
    assert_eq!(ran.measurements.lost_by_entry, [50]);
}

/// Nodes learn of a change one by one and forward as before until then; requests in flight on a
/// group that nobody uses any more are finished. R-FORWARD-2
#[test]
fn a_node_forwards_as_before_until_it_learns() {
    let mut lab = blue_green(40)
        .with(|fleet| fleet.assumptions.forwarding_alb = constant(secs(7)))
        .requests(&[(16_900, 20_000)])
        .lab();
    lab.run_to(at(10));
    forward(&mut lab, &[(WEB, 1), (GREEN, 0)]);
    lab.run_to(at(12));
    forward(&mut lab, &[(GREEN, 1)]);
    lab.run_to(at(19));
    let blue = answered(&lab, 0);
    assert_eq!(answered(&lab, 1), 0);
    lab.run_to(at(36));
    assert_eq!(answered(&lab, 0), blue, "the long one is still in flight");
    assert_eq!(answered(&lab, 1), 170);
    assert_eq!(lab.finish_at(at(40)).measurements.requests.lost(), 0);
}

/// Zero weight keeps a group in use: its targets stay healthy. R-FORWARD-1
#[test]
fn a_group_of_weight_zero_is_in_use() {
    let mut lab = blue_green(30).lab();
    lab.run_to(at(1));
    forward(&mut lab, &[(WEB, 1), (GREEN, 0)]);
    lab.run_to(at(10));
    assert_eq!(health(&lab, GREEN), TargetHealth::Healthy);
    assert_eq!(answered(&lab, 1), 0);
    forward(&mut lab, &[(WEB, 0), (GREEN, 1)]);
    let ran = lab.finish_at(at(30));
    assert_eq!(ran.measurements.requests.lost(), 0);
}

/// A group that is back before its nodes have learnt that it was out of use goes on as it was; one
/// that they have forgotten is checked anew. R-FORWARD-3
#[test]
fn a_group_is_forgotten_when_all_nodes_have_learnt() {
    for (back, health_then) in [(14, TargetHealth::Healthy), (16, TargetHealth::Registering)] {
        let mut lab = blue_green(60)
            .with(|fleet| fleet.assumptions.forwarding_alb = constant(secs(5)))
            .registration(constant(ms(500)))
            .lab();
        lab.run_to(at(1));
        forward(&mut lab, &[(WEB, 1), (GREEN, 0)]);
        lab.run_to(at(10));
        forward(&mut lab, &[(GREEN, 1)]);
        lab.run_to(at(back));
        forward(&mut lab, &[(WEB, 1)]);
        assert_eq!(health(&lab, WEB), health_then, "back at {back} s");
        lab.run_to(at(back + 1));
        assert_eq!(health(&lab, WEB), TargetHealth::Healthy);
        assert_eq!(lab.finish_at(at(60)).measurements.requests.lost(), 0);
    }
}

/// What answers by itself sends nothing to a target. R-FORWARD-2
#[test]
fn a_listener_that_forwards_nowhere_loses_what_comes() {
    for nowhere in [vec![], vec![(WEB, 0)]] {
        let mut lab = blue_green(20).lab();
        lab.run_to(at(10));
        forward(&mut lab, &nowhere);
        let ran = lab.finish_at(at(20));
        assert_eq!(ran.measurements.requests.lost_for(Cause::NoTarget), 100);
        assert_eq!(ran.measurements.lost_by_entry, [100]);
    }
}

/// A target that is deregistered from a group out of use is gone at once, unless something is still
/// in flight on it. R-FORWARD-3
#[test]
fn deregistering_from_a_group_out_of_use_waits_for_what_is_in_flight() {
    for (span, end) in [(500, 12), (10_000, 19)] {
        let mut lab = blue_green(40).requests(&[(9_000, span)]).lab();
        lab.run_to(at(10));
        forward(&mut lab, &[(GREEN, 1)]);
        lab.run_to(at(12));
        lab.deregister(0);
        let ran = lab.finish_at(at(320));
        let drain = ran.drain(0);
        assert_eq!(drain.quiet, Some(at(end)));
        assert_eq!(drain.cut, 0);
    }
}

/// A machine that is off is shown as that, whatever its group is used for. R-FORWARD-3
#[test]
fn a_machine_off_stays_off_in_a_group_that_comes_into_use() {
    let mut lab = blue_green(20).lab();
    lab.run_to(at(1));
    lab.call(|cloud, cx| cloud.stop_machine(cx, InstanceId(1), true));
    lab.run_to(at(30));
    assert_eq!(health(&lab, GREEN), TargetHealth::StoppedState);
    forward(&mut lab, &[(WEB, 1), (GREEN, 1)]);
    lab.run_to(at(40));
    assert_eq!(health(&lab, GREEN), TargetHealth::StoppedState);
    lab.call(|cloud, cx| cloud.start_machine(cx, InstanceId(1)));
    lab.run_to(at(71));
    assert!(health(&lab, GREEN).is_initial());
    lab.run_to(at(101));
    assert_eq!(health(&lab, GREEN), TargetHealth::Healthy);
}
