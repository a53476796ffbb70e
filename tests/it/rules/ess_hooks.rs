//! Lifecycle hooks of Alibaba Cloud: who leaves serves on while it waits, and may come back.

use drainsim::model::activity::StatusCode;
use drainsim::model::ess::{Joining, Leaving};
use drainsim::model::hook::{ActionResult, Hook, Transition};
use drainsim::model::ids::{ActivityId, InstanceId, LifecycleActionId};
use drainsim::model::lifecycle::LifecycleState as S;
use drainsim::model::machine::MachineState;
use drainsim::model::membership::WayOut;
use drainsim::model::registration::TargetHealth;

use crate::fleet::{ASG, Fleet, Lab, at, constant, history, secs};

fn hook(transition: Transition, heartbeat: u64, default_result: ActionResult) -> Hook {
    Hook {
        id: format!("ash-{heartbeat}"),
        name: format!("{transition:?}-{heartbeat}"),
        transition,
        heartbeat: secs(heartbeat),
        default_result,
        notification_target: None,
        role: None,
        metadata: None,
    }
}

fn leaving(heartbeat: u64, result: ActionResult) -> Hook {
    hook(Transition::Terminating, heartbeat, result)
}

/// A group of three with these hooks; a removal reaches every node within 3 s, a machine goes in
/// 5 s, and drains cut after 30 s.
fn fleet(hooks: &[Hook]) -> Fleet {
    Fleet::alibaba()
        .attribute("ConnectionDrainEnabled", "true")
        .attribute("ConnectionDrainTimeout", "30")
        .propagation(constant(secs(3)))
        .with(|fleet| fleet.assumptions.ec2_terminate = constant(secs(5)))
        .group(1, 3, 5)
        .with(|fleet| fleet.groups[0].hooks = hooks.to_vec())
}

fn remove(lab: &mut Lab, ids: &[u32]) -> ActivityId {
    let ids: Vec<InstanceId> = ids.iter().copied().map(InstanceId).collect();
    lab.run_to(at(10));
    lab.call(|cloud, cx| cloud.ess_remove_instances(cx, ASG, &ids, WayOut::default(), None))
}

fn complete(lab: &mut Lab, action: u32, result: ActionResult) {
    lab.call(|cloud, cx| cloud.complete_action(cx, LifecycleActionId(action), result));
}

fn is_served(lab: &Lab, instance: usize) -> bool {
    let registrations = &lab.cloud().instances[instance].registrations;
    let registrations = registrations.iter();
    registrations
        .map(|id| &lab.cloud().registrations[id.index()])
        .any(|registration| registration.health == TargetHealth::Healthy)
}

fn status(lab: &Lab, activity: ActivityId) -> StatusCode {
    lab.cloud().activities[activity.index()].2.status
}

/// Hook first, removal second: while it waits it is in its server group and has not begun to drain.
/// Trap 7: AWS does it the other way round. R-ESS-17
#[test]
fn who_leaves_serves_on_while_it_waits() {
    let mut lab = fleet(&[leaving(60, ActionResult::Continue)])
        .requests(&[(40_000, 1_000)])
        .lab();
    let activity = remove(&mut lab, &[0]);
    lab.run_to(at(69));
    assert!(is_served(&lab, 0));
    assert_eq!(lab.cloud().drains.len(), 0);
    assert_eq!(lab.cloud().groups[0].busy, Some(activity));
    assert_eq!(status(&lab, activity), StatusCode::InProgress);
    lab.run_to(at(71));
    assert!(!is_served(&lab, 0));
    assert_eq!(lab.cloud().drains.len(), 1);
    lab.run_to(at(200));
    assert_eq!(
        history(&lab, 0),
        [
            (S::Removing, 10),
            (S::RemovingWait, 10),
            (S::Removing, 70),
            (S::Terminated, 78),
        ]
    );
    assert_eq!(status(&lab, activity), StatusCode::Successful);
    assert_eq!(lab.cloud().groups[0].busy, None);
}

/// The older page has it the other way round, and so has `ess.scale_in_hook`; put back, it
/// registers again. R-ESS-17
#[test]
fn the_other_order_drains_first() {
    for (result, expected) in [
        (
            ActionResult::Continue,
            vec![
                (S::Removing, 10),
                (S::RemovingWait, 13),
                (S::Removing, 73),
                (S::Terminated, 78),
            ],
        ),
        (
            ActionResult::Rollback,
            vec![
                (S::Removing, 10),
                (S::RemovingWait, 13),
                (S::Pending, 73),
                (S::InService, 73),
            ],
        ),
    ] {
        let mut lab = fleet(&[leaving(60, result)])
            .with(|fleet| fleet.assumptions.ess_hook_after_removal = true)
            .lab();
        remove(&mut lab, &[0]);
        lab.run_to(at(60));
        assert!(!is_served(&lab, 0));
        lab.run_to(at(200));
        assert_eq!(history(&lab, 0), expected);
        assert_eq!(is_served(&lab, 0), result == ActionResult::Rollback);
    }
}

/// A rollback puts who was to leave back as it was, and the activity has failed; with others gone
/// it warns. R-ESS-18
#[test]
fn a_rollback_puts_it_back() {
    for (others, expected) in [(false, StatusCode::Failed), (true, StatusCode::Warning)] {
        let mut lab = fleet(&[leaving(60, ActionResult::Continue)]).lab();
        let activity = remove(&mut lab, if others { &[0, 1] } else { &[0] });
        lab.run_to(at(20));
        complete(&mut lab, 0, ActionResult::Rollback);
        assert_eq!(lab.cloud().instances[0].lifecycle, S::InService);
        assert!(is_served(&lab, 0));
        lab.run_to(at(200));
        assert_eq!(status(&lab, activity), expected);
        let released = &lab.cloud().ess_activity(activity).unwrap().destroyed;
        let gone: &[InstanceId] = if others { &[InstanceId(1)] } else { &[] };
        assert_eq!(released, gone, "who came back was not released");
        let left = if others { 2 } else { 3 };
        let group = &lab.cloud().groups[0];
        assert_eq!((group.total(), group.counts.desired), (left, left));
        let told = lab.cloud().activities[activity.index()]
            .2
            .status_message
            .clone();
        assert!(told.unwrap().ends_with("ended with ROLLBACK."));
    }
}

/// Of several hooks who leaves waits for all, but ABANDON and ROLLBACK end the others early.
/// R-ESS-18
#[test]
fn abandoning_ends_the_other_hooks() {
    let hooks = [
        leaving(60, ActionResult::Continue),
        leaving(100, ActionResult::Continue),
    ];
    for (result, at_20, out_at) in [
        (ActionResult::Continue, S::RemovingWait, Some(118)),
        (ActionResult::Abandon, S::Removing, Some(28)),
        (ActionResult::Rollback, S::InService, None),
    ] {
        let mut lab = fleet(&hooks).lab();
        remove(&mut lab, &[0]);
        lab.run_to(at(20));
        complete(&mut lab, 0, result);
        assert_eq!(lab.cloud().instances[0].lifecycle, at_20);
        lab.run_to(at(300));
        let last = history(&lab, 0).pop().unwrap();
        assert_eq!(out_at.is_some(), last.0 == S::Terminated);
        assert_eq!(out_at.unwrap_or(20), last.1, "{result:?}");
    }
}

/// Instances of one activity wait under one token; what is not removed may wait as well, if the
/// call says so. R-ESS-15 R-ESS-17
#[test]
fn detaching_waits_only_if_it_is_told_to() {
    for hooked in [false, true] {
        let mut lab = fleet(&[leaving(60, ActionResult::Continue)]).lab();
        lab.run_to(at(10));
        let how = Leaving {
            leaves_sources: true,
            hooked,
            warning: None,
        };
        let ids = [InstanceId(0), InstanceId(1)];
        lab.call(|cloud, cx| cloud.ess_detach_instances(cx, ASG, &ids, how));
        assert_eq!(lab.cloud().lifecycle_actions.len(), 2 * usize::from(hooked));
        if hooked {
            let [first, second] = &lab.cloud().lifecycle_actions[..] else {
                panic!("two wait");
            };
            assert_eq!(first.token, second.token);
        }
        lab.run_to(at(200));
        let waited = [(S::RemovingWait, 10), (S::Detaching, 70), (S::Detached, 73)];
        let expected = if hooked {
            &waited[..]
        } else {
            &[(S::Detached, 13)]
        };
        assert_eq!(&history(&lab, 0)[1..], expected);
        assert_eq!(lab.cloud().instances[0].state, MachineState::Running);
    }
}

/// Who comes waits before it joins the server groups. All hooks are waited for, and what the last
/// of them says counts: abandoned, who was attached by hand runs on outside, and who was entrusted
/// is released. R-ESS-17 R-ESS-18
#[test]
fn who_comes_waits_before_it_joins() {
    let hooks = [
        hook(Transition::Launching, 60, ActionResult::Abandon),
        hook(Transition::Launching, 100, ActionResult::Continue),
    ];
    for (last, entrusted, end) in [
        (ActionResult::Continue, false, S::InService),
        (ActionResult::Abandon, false, S::Detached),
        (ActionResult::Rollback, true, S::Terminated),
    ] {
        let mut lab = fleet(&hooks)
            .with(|fleet| {
                let group = fleet.groups[0].clone();
                fleet.groups.push(group);
                "other".clone_into(&mut fleet.groups[1].name);
                "asg-other".clone_into(&mut fleet.groups[1].identifier);
                fleet.groups[1].hooks.clear();
            })
            .lab();
        lab.run_to(at(10));
        let id = InstanceId(3);
        let other = drainsim::model::ids::GroupId(1);
        let how = Leaving {
            leaves_sources: true,
            ..Leaving::default()
        };
        lab.call(|cloud, cx| cloud.ess_detach_instances(cx, other, &[id], how));
        lab.run_to(at(30));
        let how = Joining {
            entrusted,
            hooked: true,
            ..Joining::default()
        };
        let activity = lab.call(|cloud, cx| cloud.ess_attach_instances(cx, ASG, &[id], how));
        // the first one times out at 90 s with ABANDON, and the other is waited for
        lab.run_to(at(100));
        assert_eq!(lab.cloud().instances[3].lifecycle, S::PendingWait);
        assert!(!is_served(&lab, 3));
        assert_eq!(status(&lab, activity), StatusCode::InProgress);
        complete(&mut lab, 1, last);
        lab.run_to(at(200));
        assert_eq!(lab.cloud().instances[3].lifecycle, end);
        assert_eq!(is_served(&lab, 3), end == S::InService);
        let over = if end == S::InService {
            StatusCode::Successful
        } else {
            StatusCode::Failed
        };
        assert_eq!(status(&lab, activity), over);
        let desired = if end == S::InService { 4 } else { 3 };
        assert_eq!(lab.cloud().groups[0].counts.desired, desired);
    }
}

/// A machine that dies while it waits is gone when its wait is over.
#[test]
fn who_dies_while_it_waits_is_gone_then() {
    let mut lab = fleet(&[leaving(60, ActionResult::Continue)]).lab();
    let activity = remove(&mut lab, &[0]);
    lab.run_to(at(20));
    lab.call(|cloud, cx| cloud.terminate_machine(cx, InstanceId(0)));
    lab.run_to(at(200));
    assert_eq!(lab.cloud().instances[0].lifecycle, S::Terminated);
    assert_eq!(status(&lab, activity), StatusCode::Successful);
}

/// An action lasts six hours at most. R-ESS-16
#[test]
fn six_hours_are_the_most() {
    let mut lab = fleet(&[leaving(600, ActionResult::Continue)]).lab();
    remove(&mut lab, &[0]);
    let action = LifecycleActionId(0);
    for (seconds, exceeds) in [(21_600, false), (21_601, true)] {
        let now = at(10);
        let cloud = lab.cloud();
        assert_eq!(
            cloud.exceeds_longest_wait(now, action, secs(seconds)),
            exceeds
        );
    }
    lab.call(|cloud, cx| cloud.extend_action(cx, action, secs(21_600)));
    lab.run_to(at(21_609));
    assert_eq!(lab.cloud().instances[0].lifecycle, S::RemovingWait);
    lab.run_to(at(21_611));
    assert_eq!(lab.cloud().instances[0].lifecycle, S::Removing);
    assert!(lab.cloud().lifecycle_actions[0].timed_out);
}

/// A machine that dies before it has joined ends the wait, and the activity, all the same.
#[test]
fn who_dies_before_it_joins_holds_nobody_up() {
    let mut lab = fleet(&[hook(Transition::Launching, 60, ActionResult::Continue)]).lab();
    lab.run_to(at(10));
    let id = InstanceId(0);
    lab.call(|cloud, cx| cloud.ess_detach_instances(cx, ASG, &[id], Leaving::default()));
    let how = Joining {
        hooked: true,
        ..Joining::default()
    };
    let activity = lab.call(|cloud, cx| cloud.ess_attach_instances(cx, ASG, &[id], how));
    lab.run_to(at(20));
    lab.call(|cloud, cx| cloud.terminate_machine(cx, id));
    lab.run_to(at(300));
    assert!(!is_served(&lab, 0));
    assert_eq!(status(&lab, activity), StatusCode::Successful);
}
