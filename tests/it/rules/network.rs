//! Network Load Balancers: flows that outlive the delay, nodes that learn late, resets.

use drainsim::model::assumption::InitialChecks;
use drainsim::model::ids::{InstanceId, RegistrationId};
use drainsim::model::loss::Cause;

use crate::fleet::{Fleet, Lab, at, constant, secs};

/// Two targets, a flow each second that lasts ten, and ten of 20 minutes from 5 s on.
fn pair() -> Fleet {
    let short = (0..600).map(|second| (1_000 * second, 10_000));
    let long = (0..10).map(|place| (5_000 + 10 * place, 1_200_000));
    let mut flows: Vec<(u64, u64)> = short.chain(long).collect();
    flows.sort_unstable();
    Fleet::nlb().machines(2).requests(&flows).with(|fleet| {
        fleet.assumptions.propagation_nlb = constant(secs(120));
        fleet.assumptions.unhealthy_nlb = constant(secs(35));
    })
}

/// Flows ever sent to a machine.
fn flows(lab: &Lab, machine: u32) -> u64 {
    let traffic = lab.cloud().traffic_of(RegistrationId(machine));
    traffic.map(|traffic| traffic.attempts).sum()
}

/// Flows in flight on a machine.
fn held(lab: &Lab, machine: u32) -> u64 {
    let traffic = lab.cloud().traffic_of(RegistrationId(machine));
    traffic.map(|traffic| traffic.in_flight).sum()
}

/// A target gets new flows for two minutes after it was deregistered, whatever the delay, and they
/// are served. R-NLB-1
#[test]
fn new_flows_come_for_two_minutes() {
    for delay in [0, 5, 300] {
        let mut lab = pair().delay(delay).lab();
        lab.run_to(at(10));
        lab.deregister(0);
        lab.run_to(at(70));
        let before = flows(&lab, 0);
        lab.run_to(at(129));
        let late = flows(&lab, 0);
        assert!(late > before + 15, "delay {delay}: {before} {late}");
        lab.run_to(at(300));
        assert!(flows(&lab, 0) <= late + 1, "delay {delay}");
        let ran = lab.finish_at(at(1_300));
        assert_eq!(ran.measurements.requests.lost(), 0, "delay {delay}");
    }
}

/// Without termination flows go on beyond the delay, when the target is no longer shown as draining;
/// with it they are closed 5 s after it, and clients see a reset. R-NLB-2
#[test]
fn flows_outlive_the_delay_unless_they_are_terminated() {
    for (termination, lost) in [("false", 0), ("true", 10)] {
        let mut lab = pair()
            .delay(300)
            .attribute(
                "deregistration_delay.connection_termination.enabled",
                termination,
            )
            .lab();
        lab.run_to(at(10));
        lab.deregister(0);
        lab.deregister(1);
        lab.run_to(at(311));
        assert_eq!(lab.cloud().target_groups[0].counts.draining, 0);
        let ran = lab.finish_at(at(1_300));
        let cut = ran.measurements.losses.iter();
        let cut: Vec<_> = cut
            .filter(|loss| loss.cause == Cause::CutAtDeadline)
            .collect();
        assert_eq!(cut.len(), lost, "termination {termination}");
        for loss in cut {
            assert_eq!((loss.at, loss.code.name()), (at(315), "reset"));
        }
    }
}

/// Cross-zone is off unless the target group or the load balancer turns it on: a node sends only to
/// the targets of its zone. R-NLB-3
#[test]
fn a_node_keeps_to_its_zone() {
    for (value, lost) in [
        ("use_load_balancer_configuration", true),
        ("false", true),
        ("true", false),
    ] {
        let mut lab = Fleet::nlb()
            .zones(2)
            .attribute("load_balancing.cross_zone.enabled", value)
            .machines(1)
            .requests(&(0..100).map(|i| (100 * i, 10)).collect::<Vec<_>>())
            .lab();
        lab.run_to(at(30));
        let ran = lab.finish_at(at(60));
        assert_eq!(ran.measurements.requests.lost() > 0, lost, "{value}");
    }
}

/// A fleet one target of which stops taking connections at 10 s and finishes what it has; its third
/// check comes by 70 s at the latest.
fn failing(termination: &str, machines: u32) -> Lab {
    let mut lab = pair()
        .attribute(
            "target_health_state.unhealthy.connection_termination.enabled",
            termination,
        )
        .machine(|template| template.shutdown.grace = secs(3_000))
        .lab();
    lab.run_to(at(10));
    for machine in 0..machines {
        lab.call(|cloud, cx| cloud.stop_process(cx, InstanceId(machine)));
    }
    lab
}

/// Nodes learn late that a target is unhealthy, and send it nothing new then. R-NLB-4
#[test]
fn an_unhealthy_target_gets_flows_until_nodes_know() {
    let mut lab = failing("true", 1);
    let unhealthy = |lab: &Lab| lab.cloud().target_groups[0].counts.unhealthy;
    while unhealthy(&lab) == 0 {
        let next = lab.now() + secs(1);
        lab.run_to(next);
    }
    let found = lab.now();
    let eligible = |lab: &Lab| lab.cloud().target_groups[0].counts.eligible;
    lab.run_to(found + secs(33));
    assert_eq!(eligible(&lab), 2);
    lab.run_to(found + secs(35));
    assert_eq!(eligible(&lab), 1);
}

/// Nodes learn late that a target is unhealthy; then they send nothing new and reset its flows,
/// unless that is turned off or all targets are unhealthy. R-NLB-4
#[test]
fn the_flows_of_an_unhealthy_target_are_reset() {
    for (termination, machines) in [("true", 1), ("false", 1), ("true", 2)] {
        let mut lab = failing(termination, machines);
        lab.run_to(at(60));
        let held = [0, 1].map(|machine| held(&lab, machine));
        assert!(held.iter().all(|&held| held > 0));
        let ran = lab.finish_at(at(1_300));
        let losses = ran.measurements.losses.iter();
        let resets: Vec<_> = losses
            .filter(|loss| loss.cause == Cause::ResetUnhealthy)
            .collect();
        let reset = resets.len() as u64;
        match (termination, machines) {
            ("false", _) => assert_eq!(reset, 0),
            (_, 1) => assert_eq!(reset, held[0]),
            // the last one to fail keeps its flows, as nodes try all then
            _ => assert!(held.contains(&reset), "{reset} of {held:?}"),
        }
        for loss in resets {
            // two failed checks, 30 s apart, the first within 30 s; then 35 s
            assert!(at(75) <= loss.at && loss.at <= at(106), "{:?}", loss.at);
            assert_eq!(loss.code.name(), "reset");
        }
    }
}

/// Flows are drawn for targets, and a new target has to pass as many checks as a recovering one,
/// unless one is taken to be enough. R-NLB-5
#[test]
fn a_new_target_passes_all_its_checks() {
    for (checks, healthy_at) in [(InitialChecks::Threshold, 129), (InitialChecks::One, 10)] {
        let mut lab = pair()
            .with(|fleet| fleet.assumptions.nlb_initial_checks = checks)
            .lab();
        lab.run_to(at(5));
        lab.deregister(0);
        lab.run_to(at(10));
        let sent = flows(&lab, 0) + flows(&lab, 1);
        assert!(flows(&lab, 0) > 0 && flows(&lab, 0) < sent, "a draw");
        lab.call(|cloud, cx| {
            let id = cloud.registrations[0].id.clone();
            let group = cloud.registrations[0].target_group;
            cloud.register(cx, group, &id, 81, InstanceId(0));
        });
        lab.run_to(at(healthy_at));
        let healthy = |lab: &Lab| lab.cloud().target_groups[0].counts.healthy;
        assert_eq!(healthy(&lab), if healthy_at == 10 { 2 } else { 1 });
        lab.run_to(at(131));
        assert_eq!(healthy(&lab), 2);
    }
}
