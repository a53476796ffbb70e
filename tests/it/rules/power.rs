//! Power: instances that are stopped and started again, and what their targets show.

use drainsim::model::ids::InstanceId;
use drainsim::model::loss::Cause;
use drainsim::model::machine::{MachineState, ProcessState};
use drainsim::model::registration::TargetHealth;
use drainsim::model::settings::ShutdownThen;

use crate::fleet::{Fleet, Lab, at, constant, secs};

const MACHINE: InstanceId = InstanceId(0);

/// A machine that boots 30 s and is ready 10 s later, and another one beside it.
fn fleet(then: ShutdownThen, grace: u64) -> Fleet {
    Fleet::aws()
        .machines(2)
        .with(|fleet| fleet.assumptions.ec2_stop = constant(secs(20)))
        .machine(|template| {
            template.shutdown.then = then;
            template.shutdown.grace = secs(grace);
        })
}

fn state(lab: &Lab) -> MachineState {
    lab.cloud().instances[0].state
}

fn health(lab: &Lab) -> TargetHealth {
    lab.cloud().registrations[0].health
}

fn attempts(lab: &Lab) -> u64 {
    let traffic = lab.cloud().traffic_of(lab.registration(0));
    traffic.map(|link| link.attempts).sum()
}

/// A stopped instance drains nothing first. It is `stopping` until `ec2.stop` has passed and its
/// process has exited, then its target is unused. R-STOP-6
#[test]
fn a_host_stops_after_its_process() {
    for (grace, off) in [(5, 30), (45, 55)] {
        let mut lab = fleet(ShutdownThen::Ignore, grace).lab();
        lab.run_to(at(10));
        lab.call(|cloud, cx| cloud.stop_machine(cx, MACHINE, false));
        lab.step_to(at(off - 1), |lab| {
            assert_eq!(state(lab), MachineState::Stopping);
        });
        lab.run_to(at(off));
        assert_eq!(state(&lab), MachineState::Stopped);
        assert_eq!(health(&lab), TargetHealth::StoppedState);
        assert_eq!(health(&lab).reason(), Some("Target.InvalidState"));
        let description = "Target is in the stopped state";
        assert_eq!(health(&lab).description(), Some(description));
        assert!(lab.cloud().drains.is_empty());
    }
}

/// By force nothing in flight is finished. R-STOP-6
#[test]
fn force_kills_what_is_in_flight() {
    for (force, killed) in [(false, 0), (true, 1)] {
        let mut lab = Fleet::aws().machines(1).requests(&[(9_000, 5_000)]).lab();
        lab.run_to(at(10));
        lab.call(|cloud, cx| cloud.stop_machine(cx, MACHINE, force));
        let ran = lab.finish_at(at(60));
        let tally = &ran.measurements.requests;
        assert_eq!(tally.lost_for(Cause::KilledByTargetExit), killed);
    }
}

/// Force may follow a stop that takes too long. R-STOP-6
#[test]
fn force_ends_a_stop_under_way() {
    let mut lab = fleet(ShutdownThen::Ignore, 600).lab();
    lab.run_to(at(10));
    lab.call(|cloud, cx| cloud.stop_machine(cx, MACHINE, false));
    lab.run_to(at(100));
    assert_eq!(state(&lab), MachineState::Stopping);
    lab.call(|cloud, cx| cloud.stop_machine(cx, MACHINE, true));
    assert_eq!(state(&lab), MachineState::Stopped);
}

/// Started again, an instance boots and gets ready as after a launch, and its target is checked
/// like a new one: one success is enough. R-STOP-7
#[test]
fn a_started_machine_serves_again() {
    let mut lab = fleet(ShutdownThen::Finish, 30)
        .requests(&[(59_000, 10), (59_100, 10), (141_000, 10), (141_100, 10)])
        .lab();
    lab.run_to(at(10));
    lab.call(|cloud, cx| cloud.stop_machine(cx, MACHINE, false));
    lab.run_to(at(60));
    lab.call(|cloud, cx| cloud.start_machine(cx, MACHINE));
    lab.step_to(at(89), |lab| {
        assert_eq!(state(lab), MachineState::Pending);
        assert_eq!(health(lab), TargetHealth::StoppedState);
    });
    lab.run_to(at(90));
    assert_eq!(state(&lab), MachineState::Running);
    assert_eq!(health(&lab), TargetHealth::InitialChecks);
    // checked at 90 s, when it is not ready, at 120 s, when it is
    lab.step_to(at(119), |lab| {
        assert!(health(lab).is_initial());
    });
    lab.run_to(at(121));
    assert_eq!(health(&lab), TargetHealth::Healthy);
    assert_eq!(lab.cloud().process_state(MACHINE), ProcessState::Serving);
    assert_eq!(
        attempts(&lab),
        0,
        "nothing came while it was off or unchecked"
    );
    lab.run_to(at(150));
    assert_eq!(attempts(&lab), 1, "one of the last two requests");
    assert_eq!(lab.finish().measurements.requests.completed, 4);
}

/// A stopped instance can be terminated, and one that is stopping as well; what is gone cannot be
/// started. R-STOP-7
#[test]
fn a_stopped_machine_can_be_terminated() {
    for at_stop in [15, 60] {
        let mut lab = fleet(ShutdownThen::Finish, 30).lab();
        lab.run_to(at(10));
        lab.call(|cloud, cx| cloud.stop_machine(cx, MACHINE, false));
        lab.run_to(at(at_stop));
        lab.call(|cloud, cx| cloud.terminate_machine(cx, MACHINE));
        assert_eq!(state(&lab), MachineState::ShuttingDown);
        lab.run_to(at(at_stop + 20));
        assert_eq!(state(&lab), MachineState::Terminated);
        assert_eq!(health(&lab), TargetHealth::InvalidState);
        lab.call(|cloud, cx| cloud.start_machine(cx, MACHINE));
        assert_eq!(state(&lab), MachineState::Terminated);
    }
}

/// A member that is stopped is replaced at the next look at its health. R-STOP-6
#[test]
fn a_stopped_member_is_replaced() {
    let mut lab = Fleet::aws().group(1, 2, 3).delay(10).lab();
    lab.run_to(at(10));
    lab.call(|cloud, cx| cloud.stop_machine(cx, MACHINE, false));
    lab.run_to(at(400));
    assert_eq!(state(&lab), MachineState::Terminated);
    let cloud = lab.cloud();
    assert_eq!(cloud.groups[0].counts.in_service, 2);
    let (_, _, activity) = &cloud.activities[0];
    assert!(
        activity
            .cause
            .ends_with("an EC2 health check indicating it has been terminated or stopped.")
    );
}
