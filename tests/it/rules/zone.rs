//! Zones of a load balancer that are enabled and disabled while it runs.

use drainsim::model::assumption::RemovedNode;
use drainsim::model::cloud::NodeState;
use drainsim::model::ids::ZoneId;
use drainsim::model::loss::Cause;
use drainsim::model::registration::TargetHealth;

use crate::fleet::{Fleet, Lab, at, constant, secs};

const A: ZoneId = ZoneId(0);
const B: ZoneId = ZoneId(1);

/// Two zones with a machine each, enabled both or only the first; a request every 100 ms.
fn fleet(enabled: usize, span_ms: u64) -> Fleet {
    let requests: Vec<(u64, u64)> = (0..1200).map(|n| (n * 100 + 50, span_ms)).collect();
    Fleet::aws()
        .zones(2)
        .machines(2)
        .with(|fleet| {
            fleet.load_balancers[0].zones.truncate(enabled);
            fleet.assumptions.node_lag = constant(secs(20));
        })
        .requests(&requests)
}

fn set(lab: &mut Lab, zones: &[ZoneId]) {
    lab.call(|cloud, cx| cloud.set_zones(cx, 0, zones));
}

fn health(lab: &Lab, instance: u32) -> TargetHealth {
    lab.cloud().registrations[instance as usize].health
}

/// Requests that came to a machine through a node.
fn through(lab: &Lab, instance: u32, node: u32) -> u64 {
    let traffic = lab.cloud().traffic_of(lab.registration(instance));
    let through = traffic.filter(|link| link.node.0 == node);
    through.map(|link| link.attempts).sum()
}

/// Targets of a zone that is enabled are checked and used by every node; clients find the new node
/// later. R-ZONE-1, R-ZONE-2
#[test]
fn an_enabled_zone_gets_a_node_and_its_targets_are_used() {
    let mut lab = fleet(1, 10).lab();
    lab.run_to(at(10));
    assert_eq!(health(&lab, 1), TargetHealth::ZoneNotEnabled);
    set(&mut lab, &[A, B]);
    assert_eq!(health(&lab, 1), TargetHealth::Registering);
    lab.run_to(at(11));
    assert_eq!(health(&lab, 1), TargetHealth::Healthy);
    lab.run_to(at(30));
    assert_eq!(lab.cloud().nodes[1].state, NodeState::Serving);
    assert!(through(&lab, 1, 0) > 80, "half of what the old node has");
    assert_eq!(through(&lab, 0, 1) + through(&lab, 1, 1), 0);
    lab.run_to(at(60));
    let both = through(&lab, 0, 1) + through(&lab, 1, 1);
    assert!((100..200).contains(&both), "half of 300: {both}");
    assert_eq!(lab.finish_at(at(121)).measurements.requests.lost(), 0);
}

/// Targets of a zone that is disabled are unused and get nothing once nodes have learnt; clients
/// come to its node a while longer, and what it carries then is finished. R-ZONE-1 to R-ZONE-3
#[test]
fn a_disabled_zone_loses_its_node_and_its_targets() {
    let mut lab = fleet(2, 10).propagation(constant(secs(5))).lab();
    lab.run_to(at(10));
    set(&mut lab, &[A]);
    assert_eq!(health(&lab, 1), TargetHealth::ZoneNotEnabled);
    lab.run_to(at(15));
    let used = through(&lab, 1, 0) + through(&lab, 1, 1);
    lab.run_to(at(30));
    assert_eq!(through(&lab, 1, 0) + through(&lab, 1, 1), used);
    assert_eq!(lab.cloud().nodes[1].state, NodeState::Gone);
    let by_the_node = through(&lab, 0, 1);
    assert!(by_the_node > 60, "clients came for another 20 s");
    lab.run_to(at(60));
    assert_eq!(through(&lab, 0, 1), by_the_node);
    assert_eq!(lab.finish_at(at(121)).measurements.requests.lost(), 0);
}

/// With `lb.removed_node: lose` what the node carries is lost, through the call that disabled its
/// zone. R-ZONE-3
#[test]
fn a_node_may_take_its_requests_with_it() {
    for (rule, loses) in [(RemovedNode::Finish, false), (RemovedNode::Lose, true)] {
        let mut lab = fleet(2, 4_000)
            .with(|fleet| fleet.assumptions.removed_node = rule)
            .lab();
        lab.run_to(at(10));
        set(&mut lab, &[A]);
        let ran = lab.finish_at(at(125));
        let lost = ran.measurements.requests.lost_for(Cause::NodeLost);
        assert_eq!((5..35).contains(&lost), loses, "half of 40: {lost}");
        assert_eq!(lost, ran.measurements.requests.lost());
        assert_eq!(lost, ran.measurements.lost_by_entry.iter().sum::<u64>());
    }
}

/// A zone that is back before clients have left its node keeps it; one node is replaced by another
/// without a moment without any. R-ZONE-1
#[test]
fn zones_may_be_changed_back_and_exchanged() {
    let mut lab = fleet(2, 10).propagation(constant(secs(5))).lab();
    lab.run_to(at(10));
    set(&mut lab, &[A]);
    lab.run_to(at(12));
    set(&mut lab, &[B, A]);
    assert_eq!(health(&lab, 1), TargetHealth::Healthy);
    lab.run_to(at(40));
    assert_eq!(lab.cloud().nodes.len(), 2);
    set(&mut lab, &[A]);
    lab.run_to(at(70));
    set(&mut lab, &[B]);
    lab.run_to(at(100));
    let states: Vec<NodeState> = lab.cloud().nodes.iter().map(|node| node.state).collect();
    assert_eq!(
        states,
        [NodeState::Gone, NodeState::Gone, NodeState::Serving]
    );
    let tally = lab.finish_at(at(121)).measurements.requests;
    assert_eq!(tally.lost(), 0);
}

/// With cross-zone off a node uses the targets of its zone; switching it counts for the targets
/// there are. R-ZONE-2
#[test]
fn cross_zone_is_switched_for_targets_there_are() {
    let key = "load_balancing.cross_zone.enabled";
    let mut lab = fleet(2, 10).propagation(constant(secs(5))).lab();
    let switch = |lab: &mut Lab, to: &str| {
        let change = [(key.to_owned(), to.to_owned())];
        lab.call(|cloud, cx| cloud.set_attributes(cx, crate::fleet::WEB, change));
    };
    lab.run_to(at(10));
    switch(&mut lab, "false");
    lab.run_to(at(15));
    let crossed = through(&lab, 0, 1) + through(&lab, 1, 0);
    assert!(crossed > 0);
    lab.run_to(at(40));
    assert_eq!(through(&lab, 0, 1) + through(&lab, 1, 0), crossed);
    switch(&mut lab, "true");
    lab.run_to(at(60));
    assert!(through(&lab, 0, 1) + through(&lab, 1, 0) > crossed + 50);
    assert_eq!(lab.finish_at(at(121)).measurements.requests.lost(), 0);
}
