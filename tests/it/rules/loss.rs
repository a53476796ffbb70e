//! Losses: what the client of a lost request sees, why it was lost, and who is to blame.

use drainsim::model::ids::{EntryId, InstanceId};
use drainsim::model::loss::{CAUSES, CODES, Cause, Loss};
use drainsim::model::settings::ShutdownThen;

use crate::fleet::{Fleet, Lab, at, at_ms, constant, ms, secs};

const MACHINE: InstanceId = InstanceId(0);

fn only_loss(lab: Lab) -> Loss {
    let ran = lab.finish_at(at(200));
    let [loss] = ran.measurements.losses.as_slice() else {
        panic!("one is lost: {:?}", ran.measurements.losses);
    };
    *loss
}

/// Causes and codes are closed sets, each with its own place and words.
#[test]
fn causes_and_codes_stand_in_order() {
    for (place, descriptor) in CAUSES.iter().enumerate() {
        assert_eq!(descriptor.cause.index(), place);
        let same = CAUSES.iter().filter(|other| other.name == descriptor.name);
        assert_eq!(same.count(), 1, "{}", descriptor.name);
    }
    for (place, (code, name)) in CODES.iter().enumerate() {
        assert_eq!((code.index(), code.name()), (place, *name));
    }
}

/// A target that exits with requests in flight loses them with 502. R-LOSS-1
#[test]
fn an_exit_loses_with_502() {
    let mut lab = Fleet::aws().machines(1).requests(&[(9_000, 5_000)]).lab();
    lab.run_to(at(10));
    lab.call(|cloud, cx| cloud.kill_process(cx, MACHINE));
    let loss = only_loss(lab);
    assert_eq!((loss.at, loss.cause), (at(10), Cause::KilledByTargetExit));
    assert_eq!(
        (loss.code.name(), loss.culprit.map(|e| e.0)),
        ("502", Some(0))
    );
}

/// Without a target the answer is 503, and what took the last one away is to blame. R-LOSS-2
#[test]
fn no_target_answers_503() {
    let mut lab = Fleet::aws().machines(2).requests(&[(13_000, 10)]).lab();
    lab.run_to(at(10));
    lab.deregister(0);
    lab.run_to(at(11));
    lab.deregister(1);
    let loss = only_loss(lab);
    assert_eq!(
        (loss.at, loss.cause, loss.target),
        (at(13), Cause::NoTarget, None)
    );
    assert_eq!(
        (loss.code.name(), loss.culprit.map(|e| e.0)),
        ("503", Some(1))
    );
}

/// An answer that takes longer than the idle timeout of 60 s is a 504, of which nobody is the
/// culprit; one that takes 60 s is in time. R-LOSS-3
#[test]
fn a_late_answer_is_a_504() {
    let lab = Fleet::aws()
        .machines(1)
        .requests(&[(0, 60_000), (1_000, 60_001)])
        .lab();
    let loss = only_loss(lab);
    assert_eq!((loss.at, loss.cause), (at(61), Cause::ResponseTimeout));
    assert_eq!((loss.code.name(), loss.culprit), ("504", None));
}

/// A host that is gone is given 10 s to answer the connection, then the client gets 504. R-LOSS-4
#[test]
fn a_gone_host_is_a_504_after_ten_seconds() {
    let mut lab = Fleet::aws()
        .propagation(constant(secs(30)))
        .machines(1)
        .machine(|template| template.shutdown.then = ShutdownThen::Exit)
        .with(|fleet| fleet.assumptions.ec2_terminate = constant(secs(2)))
        .requests(&[(11_000, 10), (13_000, 10)])
        .lab();
    lab.run_to(at(10));
    lab.deregister(0);
    lab.call(|cloud, cx| cloud.terminate_machine(cx, MACHINE));
    let ran = lab.finish_at(at(60));
    let seen: Vec<_> = ran
        .measurements
        .losses
        .iter()
        .map(|loss| (loss.at, loss.cause, loss.code.name()))
        .collect();
    let expected = [
        (at(11), Cause::RefusedStaleRoute, "502"),
        (at(23), Cause::TimeoutStaleRoute, "504"),
    ];
    assert_eq!(seen, expected);
    assert_eq!(
        ran.measurements.lost_by_entry,
        [0, 2],
        "the exit is to blame"
    );
}

/// A client that gives up first is logged as 460; with a try left it tries again. R-LOSS-5
#[test]
fn a_client_gives_up_and_tries_again() {
    let lab = |retries| {
        Fleet::aws()
            .machines(1)
            .requests(&[(0, 9_000)])
            .client(Some(ms(4_000)), retries)
            .lab()
    };
    let loss = only_loss(lab(0));
    assert_eq!(
        (loss.at, loss.cause, loss.code.name()),
        (at(4), Cause::ClientGaveUp, "460")
    );
    let loss = only_loss(lab(2));
    assert_eq!((loss.at, loss.arrived), (at(12), at(0)));
}

/// A closed port is a 502 at once: with a registration in force the target is unreachable, before
/// its process is ready it is not ready. R-LOSS-6
#[test]
fn a_closed_port_is_a_502() {
    let mut lab = Fleet::aws().machines(1).requests(&[(11_000, 10)]).lab();
    lab.run_to(at(10));
    lab.call(|cloud, cx| cloud.kill_process(cx, MACHINE));
    let loss = only_loss(lab);
    assert_eq!(
        (loss.at, loss.cause, loss.code.name()),
        (at(11), Cause::UnreachableTarget, "502")
    );

    // a new instance that fails its first checks gets requests only because its node fails open
    let mut lab = Fleet::aws()
        .machine(|template| {
            template.boot = constant(secs(0));
            template.ready = constant(secs(25));
        })
        .with(|fleet| {
            fleet.target_groups[0].health_check.interval = secs(10);
            fleet.assumptions.replacement_launch_delay = constant(secs(0));
        })
        .group(0, 0, 1)
        .with(|fleet| fleet.groups[0].elb_health_check = false)
        .requests(&[(15_000, 10)])
        .lab();
    lab.call(|cloud, cx| cloud.set_desired_capacity(cx, crate::fleet::ASG, 1));
    let loss = only_loss(lab);
    assert_eq!((loss.at, loss.cause), (at(15), Cause::RefusedNotReady));
    assert_eq!(
        loss.culprit.map(|e| e.0),
        Some(0),
        "the call that launched it"
    );
}

/// What a node that fails open sends to a target that was never healthy is lost through whoever
/// took the last healthy one, not through who launched the other. R-LOSS-7
#[test]
fn failing_open_is_blamed_on_who_took_the_last_healthy_target() {
    let mut lab = Fleet::aws()
        .delay(5)
        .machine(|template| template.ready = constant(secs(200)))
        .propagation(constant(secs(1)))
        .with(|fleet| {
            fleet.target_groups[0].health_check.interval = secs(10);
            fleet.assumptions.replacement_launch_delay = constant(secs(0));
        })
        .group(1, 1, 2)
        .with(|fleet| fleet.groups[0].elb_health_check = false)
        .requests(&[(150_000, 10)])
        .lab();
    let entry = |cloud: &mut drainsim::model::cloud::Cloud, number| {
        cloud.cause = Some(EntryId(number));
    };
    lab.call(|cloud, cx| {
        entry(cloud, 0);
        cloud.set_desired_capacity(cx, crate::fleet::ASG, 2);
    });
    lab.run_to(at(100));
    lab.call(|cloud, cx| {
        entry(cloud, 1);
        cloud.detach_instances(cx, crate::fleet::ASG, &[MACHINE], true);
        cloud.begin_detaching(cx, crate::fleet::ASG, &[MACHINE]);
    });
    let loss = only_loss(lab);
    assert_eq!((loss.at, loss.cause), (at(150), Cause::RefusedNotReady));
    assert_eq!(loss.culprit, Some(EntryId(1)));
}

/// Every loss has one culprit at most, and effects inherit the entry that started them: what a
/// terminated member's drain cuts is the termination's. R-LOSS-7
#[test]
fn effects_inherit_their_entry() {
    let mut lab = Fleet::aws()
        .delay(5)
        .group(0, 2, 2)
        .requests(&[(9_000, 30_000), (9_000, 30_000)])
        .lab();
    lab.run_to(at(5));
    lab.call(|_, _| ());
    lab.run_to(at(10));
    lab.call(|cloud, cx| cloud.set_desired_capacity(cx, crate::fleet::ASG, 1));
    let loss = only_loss(lab);
    assert_eq!((loss.at, loss.cause), (at(15), Cause::CutAtDeadline));
    assert_eq!(loss.culprit.map(|e| e.0), Some(1));
}

/// A full waiting room is a 503 at once; who waits is served in order. R-LOSS-8
#[test]
fn a_full_waiting_room_is_a_503() {
    let lab = Fleet::aws()
        .machines(1)
        .machine(|template| {
            template.concurrency = Some(1);
            template.queue = Some(1);
        })
        .requests(&[(0, 5_000), (1_000, 2_000), (2_000, 1_000)])
        .lab();
    let ran = lab.finish_at(at(20));
    let loss = ran.measurements.losses[0];
    assert_eq!(
        (loss.at, loss.cause, loss.code.name()),
        (at_ms(2_000), Cause::QueueOverflow, "503")
    );
    // the second waits from 1 s to 5 s and takes 2 s
    assert_eq!(ran.measurements.latency.max(), Some(6_000_000_000));
}
