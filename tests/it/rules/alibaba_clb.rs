//! Classic Load Balancers of Alibaba Cloud: what removing a server cuts, and what is theirs.

use drainsim::model::ids::{InstanceId, TargetGroupId};
use drainsim::model::lb;
use drainsim::model::loss::Cause;
use drainsim::model::settings::TargetType;

use crate::fleet::{ASG, Fleet, WEB, at, constant, secs};

/// Two servers, each with a request that is under way when it is removed at 10 s, one of 2 s and one
/// of 30 s.
fn removed(fleet: Fleet) -> crate::fleet::Ran {
    let mut lab = fleet
        .propagation(constant(secs(3)))
        .machines(2)
        .requests(&[(9_000, 2_000), (9_500, 30_000)])
        .lab();
    lab.run_to(at(10));
    lab.deregister(0);
    lab.deregister(1);
    lab.finish_at(at(60))
}

/// What is in flight on a removed server is cut when the node learns, and its client sees 502. What
/// is over by then is not lost. R-ACLB-2
#[test]
fn removing_a_server_cuts_what_is_in_flight_on_it() {
    let ran = removed(Fleet::clb());
    let [loss] = ran.measurements.losses.as_slice() else {
        panic!("one is cut: {:?}", ran.measurements.losses);
    };
    assert_eq!((loss.at, loss.cause), (at(13), Cause::CutAtDeadline));
    assert_eq!(loss.code.name(), "502");
    // the drain is over when the node has learnt
    assert_eq!(ran.drain(0).end, Some(at(13)));
}

/// With `ConnectionDrain`, which TCP and UDP listeners have, it may go on for as long as that says.
/// R-ACLB-3
#[test]
fn draining_puts_the_cut_off() {
    let draining = |seconds: &str| {
        Fleet::clb()
            .attribute("ConnectionDrain", "on")
            .attribute("ConnectionDrainTimeout", seconds)
    };
    let ran = removed(draining("20"));
    assert_eq!(ran.measurements.losses[0].at, at(30));
    assert!(removed(draining("40")).measurements.losses.is_empty());
    let kind = lb::kind("alibaba:clb").unwrap();
    let attributes = lb::Attributes::with_defaults(kind.attributes(), [].into());
    assert_eq!(attributes.get("ConnectionDrain"), Some("off"));
}

/// A load balancer has a default server group with its own id, whether a listener sends to it or
/// not. R-ACLB-1
#[test]
fn the_default_server_group_has_the_id_of_its_load_balancer() {
    let fleet = Fleet::clb().with(|fleet| {
        let mut other = fleet.target_groups[0].clone();
        "front".clone_into(&mut other.name);
        "lb-bp1front".clone_into(&mut other.identifier);
        fleet.target_groups.push(other);
        "lb-bp1front".clone_into(&mut fleet.load_balancers[0].identifier);
    });
    let lab = fleet.lab();
    let group = lab.cloud().target_group_named("lb-bp1front").unwrap();
    assert_eq!(group, TargetGroupId(1));
    let group = &lab.cloud().target_groups[1];
    assert_eq!(
        (group.load_balancer, group.kind.name()),
        (Some(0), "alibaba:clb")
    );
    assert_eq!(group.target_type, TargetType::Instance);
}

/// A server that fails its checks gets no requests any more, yet a scaling group keeps its instance.
/// R-ACLB-4
#[test]
fn scaling_groups_do_not_ask_it_for_health() {
    let mut lab = Fleet::clb()
        .machine(|template| template.shutdown.grace = secs(1))
        .group(1, 2, 3)
        .lab();
    lab.run_to(at(10));
    lab.call(|cloud, cx| cloud.stop_process(cx, InstanceId(0)));
    lab.run_to(at(300));
    assert_eq!(lab.cloud().target_groups[0].counts.healthy, 1);
    assert_eq!(lab.cloud().groups[ASG.index()].counts.in_service, 2);
    assert!(lab.cloud().activities.is_empty());
}

/// An answer may take 60 s, and servers get requests in turn. R-ACLB-5
#[test]
fn a_request_waits_for_its_timeout() {
    let ran = Fleet::clb()
        .machines(1)
        .requests(&[(1_000, 59_000), (2_000, 61_000)])
        .lab()
        .finish_at(at(100));
    let [loss] = ran.measurements.losses.as_slice() else {
        panic!("one is late: {:?}", ran.measurements.losses);
    };
    assert_eq!((loss.at, loss.cause), (at(62), Cause::ResponseTimeout));
    assert_eq!(loss.code.name(), "504");
    let lab = Fleet::clb().machines(2).lab();
    let group = &lab.cloud().target_groups[WEB.index()];
    let rules = group.kind.routing_rules(&group.attributes);
    assert_eq!(rules.algorithm, lb_algorithm("round_robin"));
}

fn lb_algorithm(name: &str) -> drainsim::model::routing::Algorithm {
    drainsim::model::routing::algorithm(name).unwrap()
}

/// Members that are taken out of it through a scaling activity lose what is in flight on them when
/// the node learns, which ends the activity; forgotten, they lose nothing. R-ACLB-2 R-ESS-6
#[test]
fn a_forced_detachment_cuts_what_is_in_flight() {
    for (force, lost) in [(true, 2), (false, 0)] {
        let mut lab = Fleet::clb()
            .propagation(constant(secs(3)))
            .group(1, 2, 3)
            .requests(&[(9_000, 20_000), (9_000, 20_000)])
            .lab();
        lab.run_to(at(10));
        lab.call(|cloud, cx| {
            if force {
                cloud.ess_detach_sources(cx, ASG, &[0]);
            } else {
                cloud.ess_forget_sources(cx, ASG, &[0]);
            }
        });
        lab.run_to(at(20));
        let ends = lab.cloud().activities.iter().map(|(_, _, one)| one.end);
        let ends: Vec<_> = ends.collect();
        assert_eq!(ends, if force { vec![Some(at(13))] } else { vec![] });
        let losses = lab.finish_at(at(60)).measurements.losses;
        assert_eq!(losses.len(), lost);
        assert!(losses.iter().all(|loss| loss.at == at(13)));
    }
}
