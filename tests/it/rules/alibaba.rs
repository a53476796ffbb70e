//! Alibaba Cloud: draining that is off by default, server groups, and one activity at a time.

use drainsim::model::activity::StatusCode;
use drainsim::model::assumption::DrainOff;
use drainsim::model::ess::{Leaving, NewSource};
use drainsim::model::ids::{ActivityId, InstanceId};
use drainsim::model::lifecycle::LifecycleState;
use drainsim::model::loss::Cause;
use drainsim::model::machine::MachineState;
use drainsim::model::membership::WayOut;

use crate::fleet::{ASG, Fleet, Lab, WEB, at, constant, secs};

/// One server, one request of 20 s that arrives a second before the server is removed.
fn removed(enabled: &str, off: DrainOff) -> Lab {
    let mut lab = Fleet::alibaba()
        .attribute("ConnectionDrainEnabled", enabled)
        .attribute("ConnectionDrainTimeout", "8")
        .with(|fleet| fleet.assumptions.alibaba_alb_drain_off = off)
        .machines(1)
        .requests(&[(9_000, 20_000)])
        .lab();
    lab.run_to(at(10));
    lab.deregister(0);
    lab
}

/// Draining off lets requests finish, as the vendor's newer page says, or cuts them, as the older
/// one does; on, it cuts with 500 when its timeout is over. Trap 8. R-DRAIN-7
#[test]
fn draining_off_finishes_and_on_cuts() {
    let ran = removed("false", DrainOff::Finish).finish_at(at(40));
    assert_eq!(
        (ran.measurements.requests.lost(), ran.drain(0).quiet),
        (0, Some(at(29)))
    );
    for (enabled, cut_at) in [("false", at(10)), ("true", at(18))] {
        let ran = removed(enabled, DrainOff::Cut).finish_at(at(40));
        let loss = ran.measurements.losses[0];
        assert_eq!(
            (loss.at, loss.cause, loss.code.name()),
            (cut_at, Cause::CutAtDeadline, "500")
        );
    }
}

/// With nothing in flight a drain is over, and shown to be, at once. R-DRAIN-7
#[test]
fn an_idle_server_is_removed_at_once() {
    let mut lab = Fleet::alibaba()
        .attribute("ConnectionDrainEnabled", "true")
        .machines(1)
        .lab();
    lab.run_to(at(10));
    lab.deregister(0);
    assert_eq!(lab.finish_at(at(40)).drain(0).end, Some(at(10)));
}

/// Adding a draining server again does not rescue its sessions: trap 8. R-DRAIN-7
#[test]
fn adding_a_server_again_rescues_nothing() {
    let mut lab = removed("true", DrainOff::Finish);
    lab.run_to(at(12));
    lab.register(0);
    let ran = lab.finish_at(at(40));
    assert_eq!(ran.measurements.losses[0].at, at(18));
}

/// A server found unhealthy drains with the same timeout: what was in flight then is cut. It stops
/// answering checks when it begins to finish at 10 s; the third failed check, two seconds apart,
/// comes by 16 s, the cut 8 s later. R-DRAIN-7
#[test]
fn an_unhealthy_server_drains_too() {
    let mut lab = Fleet::alibaba()
        .attribute("ConnectionDrainEnabled", "true")
        .attribute("ConnectionDrainTimeout", "8")
        .machine(|template| template.shutdown.grace = secs(100))
        .machines(1)
        .requests(&[(9_000, 50_000)])
        .lab();
    lab.run_to(at(10));
    lab.call(|cloud, cx| cloud.stop_process(cx, InstanceId(0)));
    let ran = lab.finish_at(at(70));
    let loss = ran.measurements.losses[0];
    assert_eq!(loss.cause, Cause::CutAtDeadline);
    assert!(at(22) <= loss.at && loss.at <= at(24), "{}", loss.at);
}

fn group() -> Fleet {
    Fleet::alibaba()
        .attribute("ConnectionDrainEnabled", "true")
        .attribute("ConnectionDrainTimeout", "30")
        .propagation(constant(secs(3)))
        .with(|fleet| fleet.assumptions.ec2_terminate = constant(secs(5)))
        .group(1, 3, 5)
}

fn remove(lab: &mut Lab, id: u32) -> ActivityId {
    lab.call(|cloud, cx| {
        cloud.ess_remove_instances(cx, ASG, &[InstanceId(id)], WayOut::default(), None)
    })
}

fn status(lab: &Lab, activity: ActivityId) -> StatusCode {
    lab.cloud().activities[activity.index()].2.status
}

/// Without `ForceDetach` only the association ends: the servers stay and keep their traffic; a later
/// removal of an instance leaves it in the server group. R-ESS-3
#[test]
fn a_forgotten_server_group_keeps_its_servers() {
    let mut lab = group().lab();
    lab.run_to(at(10));
    lab.call(|cloud, cx| cloud.ess_forget_sources(cx, ASG, &[0]));
    assert!(lab.cloud().groups[0].sources.is_empty());
    assert_eq!(lab.cloud().activities.len(), 0);
    assert_eq!(lab.cloud().target_groups[0].counts.healthy, 3);
    remove(&mut lab, 0);
    lab.run_to(at(60));
    assert_eq!(lab.cloud().instances[0].state, MachineState::Terminated);
    assert_eq!(lab.cloud().target_groups[0].counts.registered, 3);
}

/// With `ForceDetach` the servers are removed through a scaling activity, which ends when every node
/// has learnt, or with `ess.waits_for_drain` when the drains are over; until then the group is
/// busy. R-ESS-2 R-ESS-3 R-ESS-6
#[test]
fn a_forced_detachment_is_an_activity() {
    for (waits, end) in [(false, at(13)), (true, at(20))] {
        let mut lab = group()
            .with(|fleet| fleet.assumptions.ess_waits_for_drain = waits)
            .requests(&[(9_000, 11_000), (9_000, 11_000), (9_000, 11_000)])
            .lab();
        lab.run_to(at(10));
        let activity = lab.call(|cloud, cx| cloud.ess_detach_sources(cx, ASG, &[0]));
        assert_eq!(lab.cloud().groups[0].busy, Some(activity));
        assert_eq!(status(&lab, activity), StatusCode::InProgress);
        lab.run_to(at(60));
        assert_eq!(status(&lab, activity), StatusCode::Successful);
        assert_eq!(lab.cloud().activities[activity.index()].2.end, Some(end));
        assert_eq!(
            (
                lab.cloud().groups[0].busy,
                lab.cloud().groups[0].sources.len()
            ),
            (None, 0)
        );
        assert_eq!(lab.cloud().groups[0].counts.in_service, 3);
    }
}

/// A server that was removed by hand before drains on; nobody waits for what every node has learnt
/// long ago. R-ESS-6 R-ESS-10
#[test]
fn what_was_removed_by_hand_is_not_waited_for() {
    // the removal reached every node at 13 s, and cuts at 40 s
    for (waits, left) in [(false, at(20)), (true, at(40))] {
        let draining = || {
            let mut lab = group()
                .with(|fleet| fleet.assumptions.ess_waits_for_drain = waits)
                .requests(&[(9_000, 60_000), (9_000, 60_000), (9_000, 60_000)])
                .lab();
            lab.run_to(at(10));
            for server in 0..3 {
                lab.deregister(server);
            }
            lab.run_to(at(20));
            lab
        };
        let end = |mut lab: Lab, activity: ActivityId| {
            lab.run_to(at(100));
            lab.cloud().activities[activity.index()].2.end
        };
        let mut lab = draining();
        let leaving = Leaving {
            leaves_sources: true,
            ..Leaving::default()
        };
        let activity =
            lab.call(|cloud, cx| cloud.ess_detach_instances(cx, ASG, &[InstanceId(0)], leaving));
        assert_eq!(end(lab, activity), Some(left));
        let mut lab = draining();
        let activity = lab.call(|cloud, cx| cloud.ess_detach_sources(cx, ASG, &[0]));
        assert_eq!(end(lab, activity), Some(left));
    }
}

/// Attaching with `ForceAttach` adds the members, without it only instances to come. R-ESS-4
#[test]
fn attaching_adds_members_only_when_forced() {
    for (force, registered) in [(true, 3), (false, 0)] {
        let mut lab = group().with(|fleet| fleet.groups[0].sources.clear()).lab();
        let source = NewSource {
            target_group: WEB,
            port: 80,
            weight: 100,
        };
        let activity = lab.call(|cloud, cx| cloud.ess_attach_sources(cx, ASG, &[source], force));
        assert_eq!(activity.is_some(), force);
        lab.run_to(at(30));
        assert_eq!(lab.cloud().target_groups[0].counts.registered, registered);
        assert_eq!(lab.cloud().groups[0].sources.len(), 1);
    }
}

/// A removed instance leaves its server groups, is released when the nodes have learnt, and the
/// capacity shrinks with it. R-ESS-5
#[test]
fn a_removed_instance_is_released() {
    let mut lab = group().lab();
    lab.run_to(at(10));
    let activity = remove(&mut lab, 1);
    assert_eq!(lab.cloud().instances[1].lifecycle, LifecycleState::Removing);
    assert_eq!(lab.cloud().groups[0].counts.desired, 2);
    lab.run_to(at(14));
    assert_eq!(lab.cloud().instances[1].state, MachineState::ShuttingDown);
    lab.run_to(at(60));
    assert_eq!(
        lab.cloud().instances[1].lifecycle,
        LifecycleState::Terminated
    );
    assert_eq!(lab.cloud().activities[activity.index()].2.end, Some(at(18)));
    assert_eq!(lab.cloud().groups[0].members.len(), 2);
}
