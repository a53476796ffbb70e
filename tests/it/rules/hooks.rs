//! Lifecycle hooks: what instances wait for when they come and go.

use drainsim::engine::kernel::World;
use drainsim::engine::time::SimDuration;
use drainsim::model::activity::StatusCode;
use drainsim::model::hook::{ActionResult, Hook, Transition};
use drainsim::model::ids::{InstanceId, LifecycleActionId};
use drainsim::model::lifecycle::LifecycleState as S;
use drainsim::model::machine::MachineState;

use crate::fleet::{ASG, Fleet, Lab, at, constant, history, secs};

fn hook(transition: Transition, heartbeat: u64, default_result: ActionResult) -> Hook {
    Hook {
        id: String::new(),
        name: format!("{transition:?}-{heartbeat}"),
        transition,
        heartbeat: secs(heartbeat),
        default_result,
        notification_target: None,
        role: None,
        metadata: None,
    }
}

/// A group of two with these hooks; the delay is 30 s, a machine boots in 30 s and goes in 20 s.
fn lab(hooks: &[Hook]) -> Lab {
    Fleet::aws()
        .delay(30)
        .group(1, 2, 4)
        .with(|fleet| {
            fleet.assumptions.ec2_terminate = constant(secs(20));
            fleet.groups[0].hooks = hooks.to_vec();
        })
        .lab()
}

fn terminate_first(lab: &mut Lab) {
    lab.run_to(at(10));
    lab.call(|cloud, cx| cloud.terminate_by_user(cx, ASG, &[InstanceId(0)], true));
}

/// A launch that is abandoned is made again, as long as a run remembers them all; what stood at 0 s
/// does not count.
#[test]
fn launches_that_are_always_abandoned_end_with_the_run() {
    let mut lab = lab(&[hook(Transition::Launching, 30, ActionResult::Abandon)]);
    lab.kernel.world.most_history = 12;
    lab.run_to(at(1_000));
    assert!(!lab.cloud().is_exhausted(), "nobody was launched");
    lab.call(|cloud, cx| cloud.set_desired_capacity(cx, ASG, 3));
    // an instance, two activities and an action every 62 s
    for (second, exhausted) in [(1_180, false), (1_300, true)] {
        lab.run_to(at(second));
        assert_eq!(lab.cloud().is_exhausted(), exhausted, "at {second} s");
    }
}

/// Drain first, hook second: the hook begins when the balancer has let go, and the machine is
/// terminated when its action is over. R-HOOK-1
#[test]
fn a_termination_hook_runs_after_the_drain() {
    let mut lab = lab(&[hook(Transition::Terminating, 60, ActionResult::Abandon)]);
    terminate_first(&mut lab);
    lab.run_to(at(50));
    assert_eq!(lab.cloud().instances[0].state, MachineState::Running);
    let activity = &lab.cloud().activities[0].2;
    assert_eq!(activity.status, StatusCode::MidLifecycleAction);
    lab.call(|cloud, cx| cloud.complete_action(cx, LifecycleActionId(0), ActionResult::Continue));
    lab.run_to(at(200));
    assert_eq!(
        history(&lab, 0),
        [
            (S::Terminating, 10),
            (S::TerminatingWait, 40),
            (S::TerminatingProceed, 50),
            (S::Terminated, 70),
        ]
    );
    assert_eq!(lab.cloud().activities[0].2.status, StatusCode::Successful);
}

/// Without a heartbeat the action ends when its timeout does; each heartbeat gives it the whole
/// timeout again, and a hundred timeouts are the most. R-HOOK-2
#[test]
fn heartbeats_prolong_an_action() {
    let mut lab = lab(&[hook(Transition::Terminating, 30, ActionResult::Continue)]);
    terminate_first(&mut lab);
    lab.run_to(at(65));
    lab.call(|cloud, cx| cloud.record_heartbeat(cx, LifecycleActionId(0)));
    lab.run_to(at(94));
    assert_eq!(lab.cloud().instances[0].lifecycle, S::TerminatingWait);
    lab.run_to(at(96));
    assert_eq!(lab.cloud().instances[0].lifecycle, S::TerminatingProceed);
    let long = hook(Transition::Terminating, 7200, ActionResult::Continue);
    assert_eq!(long.global_timeout(), SimDuration::from_secs(172_800));
    let short = hook(Transition::Terminating, 30, ActionResult::Continue);
    assert_eq!(short.global_timeout(), SimDuration::from_secs(3_000));
}

/// The global timeout ends an action whatever heartbeats come. R-HOOK-2
#[test]
fn the_global_timeout_is_the_end() {
    let mut lab = lab(&[hook(Transition::Terminating, 30, ActionResult::Continue)]);
    terminate_first(&mut lab);
    // the action begins at 40 s and may last until 3,040 s
    for beat in 0..200 {
        lab.run_to(at(60 + 20 * beat));
        if lab.cloud().lifecycle_actions[0].result.is_none() {
            lab.call(|cloud, cx| cloud.record_heartbeat(cx, LifecycleActionId(0)));
        }
    }
    assert_eq!(history(&lab, 0)[2], (S::TerminatingProceed, 3_040));
}

/// A launched instance waits before it registers; CONTINUE lets it, and nobody else is launched.
/// R-HOOK-3
#[test]
fn a_launch_hook_runs_before_the_sources() {
    let mut lab = lab(&[hook(Transition::Launching, 300, ActionResult::Abandon)]);
    lab.call(|cloud, cx| cloud.set_desired_capacity(cx, ASG, 3));
    lab.run_to(at(100));
    assert_eq!(lab.cloud().instances[2].lifecycle, S::PendingWait);
    assert!(lab.cloud().instances[2].registrations.is_empty());
    lab.call(|cloud, cx| cloud.complete_action(cx, LifecycleActionId(0), ActionResult::Continue));
    lab.run_to(at(110));
    assert_eq!(
        history(&lab, 2),
        [
            (S::PendingWait, 32),
            (S::PendingProceed, 100),
            (S::InService, 100)
        ]
    );
    assert_eq!(lab.cloud().instances.len(), 3);
}

/// ABANDON, said or by default, terminates the launched instance, and the group launches another.
/// R-HOOK-3
#[test]
fn an_abandoned_launch_is_replaced() {
    let mut lab = lab(&[hook(Transition::Launching, 60, ActionResult::Abandon)]);
    lab.call(|cloud, cx| cloud.set_desired_capacity(cx, ASG, 3));
    lab.run_to(at(95));
    assert_eq!(
        history(&lab, 2)[..2],
        [(S::PendingWait, 32), (S::Terminating, 92)]
    );
    assert_eq!(lab.cloud().activities[0].2.status, StatusCode::Cancelled);
    assert_eq!(lab.cloud().instances.len(), 4, "another is launched");
    assert_eq!(lab.cloud().groups[0].counts.desired, 3);
}

/// Several hooks are all waited for; an ABANDON ends the wait for the others. R-HOOK-4
#[test]
fn all_hooks_are_waited_for_unless_one_is_abandoned() {
    for (result, ends) in [(ActionResult::Continue, 140), (ActionResult::Abandon, 50)] {
        let mut lab = lab(&[
            hook(Transition::Terminating, 60, ActionResult::Continue),
            hook(Transition::Terminating, 100, ActionResult::Continue),
        ]);
        terminate_first(&mut lab);
        lab.run_to(at(50));
        lab.call(|cloud, cx| cloud.complete_action(cx, LifecycleActionId(0), result));
        lab.run_to(at(300));
        assert_eq!(
            history(&lab, 0)[2],
            (S::TerminatingProceed, ends),
            "{result:?}"
        );
    }
}

/// A group may keep instances whose termination hook was abandoned: they do not count and stay
/// until a call terminates them. R-HOOK-5
#[test]
fn an_abandoned_instance_may_be_kept() {
    let mut lab = Fleet::aws()
        .delay(30)
        .group(1, 2, 4)
        .with(|fleet| {
            fleet.groups[0].hooks = vec![hook(Transition::Terminating, 60, ActionResult::Abandon)];
            fleet.groups[0].rules.retain_on_abandon = true;
        })
        .lab();
    terminate_first(&mut lab);
    lab.run_to(at(1_000));
    assert_eq!(lab.cloud().instances[0].lifecycle, S::TerminatingRetained);
    assert_eq!(lab.cloud().instances[0].state, MachineState::Running);
    assert_eq!(lab.cloud().groups[0].actual(), 1);
    lab.call(|cloud, cx| cloud.terminate_by_user(cx, ASG, &[InstanceId(0)], false));
    lab.run_to(at(1_100));
    assert_eq!(lab.cloud().instances[0].lifecycle, S::Terminated);
}

/// Detaching and standing by run no hooks. R-HOOK-1
#[test]
fn hooks_run_for_launches_and_terminations_only() {
    let mut lab = lab(&[
        hook(Transition::Terminating, 60, ActionResult::Abandon),
        hook(Transition::Launching, 60, ActionResult::Abandon),
    ]);
    lab.run_to(at(10));
    lab.call(|cloud, cx| {
        cloud.announce_standby(cx, ASG, &[InstanceId(0)], true);
        cloud.begin_standby(cx, ASG, &[InstanceId(0)]);
    });
    lab.run_to(at(60));
    lab.call(|cloud, cx| {
        cloud.announce_exit_standby(cx, ASG, &[InstanceId(0)]);
        cloud.join_again(cx, ASG, &[InstanceId(0)]);
    });
    lab.run_to(at(70));
    lab.detach(ASG, &[InstanceId(0)], true);
    lab.run_to(at(200));
    assert_eq!(
        history(&lab, 0),
        [
            (S::EnteringStandby, 10),
            (S::Standby, 40),
            (S::Pending, 60),
            (S::InService, 60),
            (S::Detaching, 70),
            (S::Detached, 100),
        ]
    );
    assert!(lab.cloud().lifecycle_actions.is_empty());
}
