//! Gateway Load Balancers: flows that stay with a drained or dead appliance.

use drainsim::model::ids::InstanceId;
use drainsim::model::loss::Cause;

use crate::fleet::{Fleet, Lab, Ran, at, constant, secs};

/// Two appliances, and twenty flows of 20 minutes from 5 s on.
fn pair() -> Fleet {
    let flows: Vec<(u64, u64)> = (0..20)
        .map(|place| (5_000 + 10 * place, 1_200_000))
        .collect();
    Fleet::gwlb().machines(2).requests(&flows)
}

fn held(lab: &Lab, machine: u32) -> u64 {
    let traffic = lab.cloud().traffic_of(lab.registration(machine));
    traffic.map(|traffic| traffic.in_flight).sum()
}

fn lost(ran: &Ran, cause: Cause) -> Vec<(drainsim::engine::time::SimTime, &'static str)> {
    let losses = ran.measurements.losses.iter();
    losses
        .filter(|loss| loss.cause == cause)
        .map(|loss| (loss.at, loss.code.name()))
        .collect()
}

/// Flows stay with a deregistered appliance beyond the delay, unless they are reset when it is over.
/// R-GWLB-1
#[test]
fn flows_stay_with_a_deregistered_appliance() {
    for on in [false, true] {
        let mut lab = pair()
            .delay(100)
            .attribute(
                "send_tcp_reset.on_deregistration.enabled",
                if on { "true" } else { "false" },
            )
            .lab();
        lab.run_to(at(10));
        let held = held(&lab, 0);
        assert!(held > 0);
        lab.deregister(0);
        let ran = lab.finish_at(at(1_300));
        let expected = if on { held } else { 0 };
        let cut = lost(&ran, Cause::CutAtDeadline);
        assert_eq!(cut.len() as u64, expected);
        assert!(cut.iter().all(|&one| one == (at(110), "reset")));
        assert_eq!(ran.measurements.requests.lost(), expected);
    }
}

/// Flows on an appliance that dies vanish, and so do new ones until it fails its health checks.
/// R-GWLB-2
#[test]
fn the_flows_of_a_dead_appliance_vanish() {
    let flows: Vec<(u64, u64)> = (0..400).map(|place| (100 * place, 15_000)).collect();
    let mut lab = Fleet::gwlb().machines(2).requests(&flows).lab();
    lab.run_to(at(10));
    let held = held(&lab, 0);
    lab.call(|cloud, cx| cloud.kill_process(cx, InstanceId(0)));
    let ran = lab.finish_at(at(100));
    let vanished = lost(&ran, Cause::FlowBlackholed);
    assert_eq!(vanished.len() as u64, held);
    assert!(vanished.iter().all(|&one| one == (at(10), "timeout")));
    let new = lost(&ran, Cause::UnreachableTarget);
    assert!(!new.is_empty());
    // found dead within two checks 10 s apart, and given up by their clients after 10 s
    assert!(
        new.iter()
            .all(|&(at_, code)| at_ <= at(41) && code == "timeout")
    );
}

/// Flows stay with an appliance that fails its checks and still works, unless they are reset then.
/// Nodes learn of a deregistration a minute late by default. R-GWLB-3
#[test]
fn flows_stay_with_an_unhealthy_appliance() {
    for on in [false, true] {
        let mut lab = pair()
            .attribute(
                "send_tcp_reset.on_unhealthy.enabled",
                if on { "true" } else { "false" },
            )
            .machine(|template| template.shutdown.grace = secs(3_000))
            .propagation(constant(secs(60)))
            .lab();
        lab.run_to(at(10));
        let held = held(&lab, 0);
        lab.call(|cloud, cx| cloud.stop_process(cx, InstanceId(0)));
        let ran = lab.finish_at(at(1_300));
        let reset = lost(&ran, Cause::ResetUnhealthy);
        assert_eq!(reset.len() as u64, if on { held } else { 0 });
        assert!(
            reset
                .iter()
                .all(|&(at_, code)| at_ <= at(31) && code == "reset")
        );
    }
}
