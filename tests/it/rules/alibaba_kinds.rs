//! What the three kinds of load balancers of Alibaba Cloud have in common, and what they have not.

use drainsim::engine::time::SimTime;
use drainsim::model::drain::DrainOutcome;
use drainsim::model::ids::InstanceId;
use drainsim::model::lb;
use drainsim::model::loss::{Cause, Loss};
use drainsim::model::registration::TargetHealth;
use drainsim::model::routing::Algorithm;

use crate::fleet::{Fleet, Lab, Ran, at, secs, target_attributes};

const KINDS: [&str; 3] = ["alibaba:alb", "alibaba:nlb", "alibaba:gwlb"];

/// Draining turned on or off, with a timeout of 8 s.
fn draining(kind: &str, enabled: bool) -> Fleet {
    Fleet::alibaba_behind(kind)
        .attribute(
            "ConnectionDrainEnabled",
            if enabled { "true" } else { "false" },
        )
        .attribute("ConnectionDrainTimeout", "8")
}

/// The GWLB cuts at the timeout too.
fn cutting(kind: &str) -> Fleet {
    draining(kind, true).with(|fleet| fleet.assumptions.alibaba_gwlb_cuts = true)
}

/// One server, one flow of 20 s that arrives a second before the server is removed at 10 s.
fn removed(fleet: Fleet) -> Lab {
    let mut lab = fleet.machines(1).requests(&[(9_000, 20_000)]).lab();
    lab.run_to(at(10));
    lab.deregister(0);
    lab
}

fn lost(ran: &Ran) -> Vec<(SimTime, Cause, &str)> {
    let told = |loss: &Loss| (loss.at, loss.cause, loss.code.name());
    ran.measurements.losses.iter().map(told).collect()
}

/// Off, flows finish; on, they are cut at the timeout, with an answer by ALB and a reset by NLB.
/// The GWLB cuts none that are busy, unless it is told to, and then nobody hears of it. R-ANLB-1
/// R-AGWLB-1
#[test]
fn draining_off_finishes_and_on_cuts() {
    for kind in KINDS {
        let ran = removed(draining(kind, false)).finish_at(at(40));
        assert_eq!(lost(&ran), [], "{kind}");
        assert_eq!(ran.drain(0).quiet, Some(at(29)), "{kind}");
    }
    let ran = removed(draining("alibaba:gwlb", true)).finish_at(at(40));
    assert_eq!((lost(&ran), ran.drain(0).quiet), (vec![], Some(at(29))));
    for (kind, code) in KINDS.into_iter().zip(["500", "reset", "timeout"]) {
        let ran = removed(cutting(kind)).finish_at(at(40));
        assert_eq!(lost(&ran), [(at(18), Cause::CutAtDeadline, code)], "{kind}");
    }
}

/// Adding a draining server again rescues nothing on ALB and NLB, which have it twice then; on a
/// GWLB it is the same server all the time, whose drain is called off. R-ANLB-1 R-AGWLB-2
#[test]
fn adding_a_server_again_rescues_its_flows_on_gwlb_alone() {
    for (kind, cut) in KINDS.into_iter().zip([true, true, false]) {
        let mut lab = removed(cutting(kind));
        lab.run_to(at(12));
        lab.register(0);
        let ran = lab.finish_at(at(40));
        assert_eq!(lost(&ran).len(), usize::from(cut), "{kind}");
        let outcome = if cut {
            DrainOutcome::TimedOut
        } else {
            DrainOutcome::Cancelled
        };
        assert_eq!(ran.drain(0).outcome, outcome, "{kind}");
    }
}

/// An idle server is gone at once from ALB and NLB; a GWLB shows it as draining for the whole
/// timeout, and no longer, whatever still flows. Without draining nothing is shown. R-AGWLB-2
#[test]
fn only_a_gwlb_shows_the_whole_timeout() {
    for (kind, enabled, end) in [
        ("alibaba:alb", true, 10),
        ("alibaba:nlb", true, 10),
        ("alibaba:gwlb", true, 18),
        ("alibaba:gwlb", false, 10),
    ] {
        let mut lab = draining(kind, enabled).machines(1).lab();
        lab.run_to(at(10));
        lab.deregister(0);
        assert_eq!(lab.finish_at(at(40)).drain(0).end, Some(at(end)), "{kind}");
    }
    let mut lab = removed(draining("alibaba:gwlb", true));
    lab.run_to(at(17));
    assert_eq!(lab.cloud().registrations[0].health, TargetHealth::Draining);
    lab.run_to(at(19));
    assert_eq!(
        lab.cloud().registrations[0].health,
        TargetHealth::NotRegistered
    );
}

/// A server found unhealthy drains with the same timeout, but not on a GWLB, whose flows stay with
/// it. It stops answering checks when it begins to finish at 10 s. R-ANLB-1 R-AGWLB-4
#[test]
fn an_unhealthy_server_drains_but_on_gwlb() {
    // the last of the failed checks comes in the interval that ends here
    for (kind, verdict) in KINDS.into_iter().zip([Some((2, 16)), Some((5, 20)), None]) {
        let mut lab = cutting(kind)
            .machine(|template| template.shutdown.grace = secs(100))
            .machines(1)
            .requests(&[(9_000, 50_000)])
            .lab();
        lab.run_to(at(10));
        lab.call(|cloud, cx| cloud.stop_process(cx, InstanceId(0)));
        let ran = lab.finish_at(at(70));
        let Some((interval, latest)) = verdict else {
            assert_eq!(lost(&ran), [], "{kind}");
            continue;
        };
        let (cut, cause, _) = lost(&ran)[0];
        assert_eq!(cause, Cause::CutAtDeadline, "{kind}");
        let in_time = at(latest + 8 - interval) <= cut && cut <= at(latest + 8);
        assert!(in_time, "{kind}: {cut}");
    }
}

/// A flow may take as long as it likes; an ALB waits 60 s for an answer. R-ANLB-2
#[test]
fn only_an_alb_gives_up_waiting() {
    for (kind, expected) in KINDS.into_iter().zip([1, 0, 0]) {
        let lab = Fleet::alibaba_behind(kind).machines(1);
        let ran = lab
            .requests(&[(1_000, 7_200_000)])
            .lab()
            .finish_at(at(7_300));
        assert_eq!(lost(&ran).len(), expected, "{kind}");
    }
}

/// What an exit, a closed port and the want of a server look like: a reset from an NLB, and silence
/// from a GWLB, behind which it takes the connect timeout to find out. R-ANLB-4 R-AGWLB-4
#[test]
fn clients_of_flows_see_resets_or_nothing() {
    for (kind, cause, code, found_out) in [
        ("alibaba:nlb", Cause::KilledByTargetExit, "reset", 11),
        ("alibaba:gwlb", Cause::FlowBlackholed, "timeout", 21),
    ] {
        let fleet = draining(kind, false).machines(1);
        let mut lab = fleet.requests(&[(9_000, 50_000), (11_000, 1_000)]).lab();
        lab.run_to(at(10));
        lab.call(|cloud, cx| cloud.kill_process(cx, InstanceId(0)));
        let expected = [
            (at(10), cause, code),
            (at(found_out), Cause::UnreachableTarget, code),
        ];
        assert_eq!(lost(&lab.finish_at(at(40))), expected, "{kind}");
        let nobody = draining(kind, false).requests(&[(9_000, 1_000)]).lab();
        let expected = [(at(9), Cause::NoTarget, code)];
        assert_eq!(lost(&nobody.finish_at(at(40))), expected, "{kind}");
    }
}

/// Each flow comes from a port of its own, so that a hash over ports is a draw. R-ANLB-3 R-AGWLB-3
#[test]
fn schedulers_are_algorithms() {
    for (kind, scheduler, expected) in [
        ("alibaba:alb", "Wlc", Algorithm::LeastOutstandingRequests),
        ("alibaba:nlb", "Wrr", Algorithm::RoundRobin),
        ("alibaba:nlb", "rr", Algorithm::RoundRobin),
        ("alibaba:nlb", "Wlc", Algorithm::LeastOutstandingRequests),
        ("alibaba:nlb", "tch", Algorithm::WeightedRandom),
        ("alibaba:nlb", "qch", Algorithm::WeightedRandom),
        ("alibaba:gwlb", "5TCH", Algorithm::WeightedRandom),
    ] {
        let kind = lb::kind(kind).unwrap();
        let attributes = target_attributes(kind, &[("Scheduler", scheduler)]);
        let rules = kind.routing_rules(&attributes);
        assert_eq!(rules.algorithm, expected, "{scheduler}");
    }
    let gwlb = lb::kind("alibaba:gwlb").unwrap();
    let unsaid = target_attributes(gwlb, &[]);
    assert_eq!(
        gwlb.routing_rules(&unsaid).algorithm,
        Algorithm::WeightedRandom
    );
}
