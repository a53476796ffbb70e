//! Shutdown: when a process is told to stop, what it does then, and when its host is gone.

use drainsim::engine::time::SimTime;
use drainsim::model::ids::{EntryId, InstanceId};
use drainsim::model::loss::Cause;
use drainsim::model::machine::{MachineState, ProcessState};
use drainsim::model::settings::{ShutdownThen, ShutdownWhen};

use crate::fleet::{ASG, Fleet, Lab, at, constant, secs};

const MACHINE: InstanceId = InstanceId(0);

fn fleet(then: ShutdownThen, pre_stop: u64, grace: u64) -> Fleet {
    Fleet::aws().machines(1).machine(|template| {
        template.shutdown.then = then;
        template.shutdown.pre_stop = secs(pre_stop);
        template.shutdown.grace = secs(grace);
    })
}

/// When the process came into `state`, looked at after every event.
fn reaches(lab: &mut Lab, state: ProcessState, limit: SimTime) -> Option<SimTime> {
    while lab.kernel.step(limit, drainsim::engine::phase::Phase::Call) {
        if lab.cloud().process_state(MACHINE) == state {
            return Some(lab.now());
        }
    }
    None
}

/// A process with `when: detach` stops when its instance is detached, with `when: terminate` only
/// when it is terminated. R-STOP-1
#[test]
fn detaching_stops_only_those_that_listen_for_it() {
    for (when, serves) in [
        (ShutdownWhen::Detach, false),
        (ShutdownWhen::Terminate, true),
    ] {
        let mut lab = Fleet::aws()
            .machine(|template| template.shutdown.when = when)
            .group(0, 1, 1)
            .lab();
        lab.run_to(at(10));
        lab.detach(ASG, &[MACHINE], true);
        lab.run_to(at(20));
        assert_eq!(
            lab.cloud().process_state(MACHINE) == ProcessState::Serving,
            serves
        );
        assert_eq!(lab.cloud().instances[0].state, MachineState::Running);
    }
}

/// After `pre_stop` a process finishes what it has and refuses what is new, exits at once, or goes
/// on. R-STOP-2
#[test]
fn after_pre_stop_a_process_finishes_exits_or_goes_on() {
    let requests = [(9_000, 8_000), (14_000, 1_000), (16_000, 500)];
    // finish: the second completes within pre_stop, the third is refused, the first ends at 17 s
    let table = [
        (ShutdownThen::Finish, 2, 0, 1),
        (ShutdownThen::Exit, 1, 1, 1),
        (ShutdownThen::Ignore, 3, 0, 0),
    ];
    for (then, completed, killed, refused) in table {
        let mut lab = fleet(then, 5, 30).requests(&requests).lab();
        lab.run_to(at(10));
        lab.call(|cloud, cx| cloud.stop_process(cx, MACHINE));
        let ran = lab.finish_at(at(30));
        let tally = &ran.measurements.requests;
        assert_eq!(tally.completed, completed, "{then:?}");
        assert_eq!(
            tally.lost_for(Cause::KilledByTargetExit),
            killed,
            "{then:?}"
        );
        assert_eq!(
            tally.lost_for(Cause::UnreachableTarget),
            refused,
            "{then:?}"
        );
    }
}

/// When the grace is over the process is killed, whatever it does. R-STOP-3
#[test]
fn the_grace_is_the_end() {
    for then in [ShutdownThen::Finish, ShutdownThen::Ignore] {
        let mut lab = fleet(then, 5, 12).requests(&[(9_000, 50_000)]).lab();
        lab.run_to(at(10));
        lab.call(|cloud, cx| cloud.stop_process(cx, MACHINE));
        assert_eq!(
            reaches(&mut lab, ProcessState::Exited, at(60)),
            Some(at(22))
        );
        let ran = lab.finish_at(at(60));
        let loss = ran.measurements.losses[0];
        assert_eq!((loss.at, loss.cause), (at(22), Cause::KilledByTargetExit));
        assert_eq!(loss.culprit.map(EntryId::index), Some(0));
    }
}

/// A terminated host disappears when `ec2.terminate` has passed and its process has exited,
/// whichever is later. R-STOP-4
#[test]
fn a_host_waits_for_its_process() {
    for (grace, gone) in [(5, 30), (45, 55)] {
        let mut lab = fleet(ShutdownThen::Ignore, 0, grace)
            .with(|fleet| fleet.assumptions.ec2_terminate = constant(secs(20)))
            .lab();
        lab.run_to(at(10));
        lab.call(|cloud, cx| cloud.terminate_machine(cx, MACHINE));
        assert_eq!(lab.cloud().instances[0].state, MachineState::ShuttingDown);
        assert_eq!(
            reaches(&mut lab, ProcessState::Gone, at(90)),
            Some(at(gone))
        );
        assert_eq!(lab.cloud().instances[0].state, MachineState::Terminated);
    }
}

/// Terminating an instance outside of its group drains nothing first: its process is told at once
/// and nodes go on sending. R-STOP-5
#[test]
fn terminating_by_hand_drains_nothing() {
    let mut lab = fleet(ShutdownThen::Exit, 0, 30)
        .requests(&[(9_000, 5_000), (11_000, 10)])
        .lab();
    lab.run_to(at(10));
    lab.call(|cloud, cx| cloud.terminate_machine(cx, MACHINE));
    let ran = lab.finish_at(at(15));
    let tally = &ran.measurements.requests;
    assert_eq!(ran.measurements.drains.len(), 0);
    assert_eq!(tally.lost_for(Cause::KilledByTargetExit), 1);
    assert_eq!(tally.lost_for(Cause::UnreachableTarget), 1);
}

/// A process that was asked to stop in peace and is killed before loses through the kill.
/// R-LOSS-7
#[test]
fn the_kill_is_to_blame_for_what_it_kills() {
    let mut lab = fleet(ShutdownThen::Finish, 0, 60)
        .requests(&[(9_000, 30_000)])
        .lab();
    lab.run_to(at(10));
    lab.call(|cloud, cx| cloud.stop_process(cx, MACHINE));
    lab.run_to(at(12));
    lab.call(|cloud, cx| cloud.kill_process(cx, MACHINE));
    let ran = lab.finish_at(at(60));
    assert_eq!(ran.measurements.lost_by_entry, [0, 1]);
}
