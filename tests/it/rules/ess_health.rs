//! Scaling groups of Alibaba Cloud that keep themselves, where other things are under way. R-ESS-24

use drainsim::model::activity::StatusCode;
use drainsim::model::ess_activity::Trigger;
use drainsim::model::ess_scaling::ScalingRequest;
use drainsim::model::ess_standby::Standby;
use drainsim::model::hook::{ActionResult, Hook, Transition};
use drainsim::model::ids::{ActivityId, EntryId, InstanceId};
use drainsim::model::lifecycle::LifecycleState;
use drainsim::model::membership::WayOut;
use drainsim::model::scaling_process::ScalingProcess;

use crate::fleet::{ASG, Fleet, Lab, at, constant, secs};

fn group(min: u32, desired: u32) -> Fleet {
    Fleet::alibaba()
        .propagation(constant(secs(3)))
        .with(|fleet| {
            fleet.assumptions.ec2_terminate = constant(secs(5));
            fleet.launch_templates[0].boot = constant(secs(20));
            fleet.launch_templates[0].ready = constant(secs(10));
        })
        .group(min, desired, 9)
}

fn hook(transition: Transition, default_result: ActionResult) -> Hook {
    Hook {
        id: "ash-1".to_owned(),
        name: "wait".to_owned(),
        transition,
        heartbeat: secs(200),
        default_result,
        notification_target: None,
        role: None,
        metadata: None,
    }
}

fn scale(lab: &mut Lab, to: u32) -> ActivityId {
    let request = ScalingRequest {
        why: "A test requests to scale".to_owned(),
        trigger: Trigger::Api,
        metadata: None,
    };
    lab.call(|cloud, cx| cloud.ess_scale(cx, ASG, to, request))
}

fn kill(lab: &mut Lab, id: u32) {
    lab.call(|cloud, cx| cloud.terminate_machine(cx, InstanceId(id)));
}

fn is_member(lab: &Lab, id: u32) -> bool {
    lab.cloud().instances[id as usize].group.is_some()
}

/// Who dies where nobody looks at it is removed once it is in service again, and a run does not
/// settle before that. R-ESS-9 R-ESS-18
#[test]
fn who_died_unseen_is_removed_later() {
    let standby: fn(&mut Lab, bool) = |lab, into| {
        let way = [Standby::Exit, Standby::Enter][usize::from(into)];
        lab.call(|cloud, cx| cloud.ess_move_standby(cx, ASG, &[InstanceId(0)], way, false));
    };
    let protected: fn(&mut Lab, bool) = |lab, into| {
        lab.call(|cloud, cx| cloud.set_protection(cx, ASG, &[InstanceId(0)], into));
    };
    let unlooked: fn(&mut Lab, bool) = |lab, into| {
        lab.call(|cloud, cx| {
            cloud.groups[0].rules.ess.health_check = !into;
            cloud.ess_resize_group(cx, ASG, (1, 9));
        });
    };
    let rolled_back: fn(&mut Lab, bool) = |lab, into| {
        let removed = &[InstanceId(0)];
        if into {
            let hook = hook(Transition::Terminating, ActionResult::Rollback);
            lab.call(|cloud, cx| {
                cloud.put_hook(ASG, hook);
                cloud.ess_remove_instances(cx, ASG, removed, WayOut::default(), None);
            });
        } else {
            lab.call(|cloud, cx| cloud.delete_hook(cx, ASG, 0));
        }
    };
    for shelter in [standby, protected, unlooked, rolled_back] {
        let mut lab = group(1, 3).lab();
        lab.run_to(at(10));
        shelter(&mut lab, true);
        kill(&mut lab, 0);
        lab.run_to(at(210));
        assert!(is_member(&lab, 0));
        shelter(&mut lab, false);
        assert!(!lab.cloud().is_settled());
        lab.run_to(at(300));
        assert!(!is_member(&lab, 0) && lab.cloud().is_settled());
    }
}

/// While scaling in or the health check is suspended nobody unhealthy is removed. R-ESS-14
#[test]
fn nobody_unhealthy_is_removed_while_that_is_suspended() {
    for process in [ScalingProcess::Terminate, ScalingProcess::HealthCheck] {
        let mut lab = group(1, 3).lab();
        lab.call(|cloud, _| cloud.suspend_processes(ASG, &[process]));
        kill(&mut lab, 0);
        lab.run_to(at(300));
        assert!(is_member(&lab, 0) && lab.cloud().is_settled());
        lab.call(|cloud, cx| cloud.resume_processes(cx, ASG, &[process]));
        assert!(!lab.cloud().is_settled());
        lab.run_to(at(400));
        assert!(!is_member(&lab, 0) && lab.cloud().is_settled());
    }
}

/// So is who dies while it waits for the hooks of a launch. R-ESS-17
#[test]
fn who_died_in_a_launch_hook_is_removed_later() {
    let mut lab = group(1, 2).lab();
    let hook = hook(Transition::Launching, ActionResult::Continue);
    lab.call(|cloud, _| cloud.put_hook(ASG, hook));
    scale(&mut lab, 3);
    lab.run_to(at(30));
    assert_eq!(
        lab.cloud().instances[2].lifecycle,
        LifecycleState::PendingWait
    );
    kill(&mut lab, 2);
    lab.run_to(at(400));
    assert!(!is_member(&lab, 2) && lab.cloud().is_settled());
}

/// An activity never waits for somebody who died before it was in service, whatever else the group
/// looks at. R-ESS-13
#[test]
fn who_does_not_come_is_given_up_by_every_group() {
    for deleted in [false, true] {
        let mut lab = group(1, 2)
            .with(|fleet| fleet.groups[0].rules.ess.health_check = deleted)
            .lab();
        let activity = scale(&mut lab, 3);
        lab.run_to(at(5));
        if deleted {
            lab.call(|cloud, cx| cloud.ess_delete_group(cx, ASG));
        }
        kill(&mut lab, 2);
        lab.run_to(at(200));
        assert_eq!(
            lab.cloud().activities[activity.index()].2.status,
            StatusCode::Failed
        );
        assert!(lab.cloud().is_settled());
        assert_eq!(lab.cloud().groups[0].is_gone(), deleted);
    }
}

/// A group without server groups has nobody that does not serve, and removes who is unhealthy all
/// the same.
#[test]
fn a_run_waits_for_the_removal_of_who_serves_nowhere() {
    let mut lab = group(1, 2)
        .with(|fleet| fleet.groups[0].sources.clear())
        .lab();
    lab.run_to(at(10));
    kill(&mut lab, 0);
    lab.step_to(at(300), |lab| {
        assert!(!lab.cloud().is_settled() || !is_member(lab, 0));
    });
    assert!(lab.cloud().is_settled());
}

/// A run waits for who is launched until it serves, as on AWS, but not for who has no weight.
#[test]
fn a_run_waits_until_who_comes_serves() {
    let mut lab = group(1, 1).lab();
    scale(&mut lab, 2);
    lab.step_to(at(100), |lab| {
        let counts = &lab.cloud().groups[0].counts;
        assert!(!lab.cloud().is_settled() || counts.serving == 2);
    });
    assert!(lab.cloud().is_settled());
    let mut lab = group(1, 1)
        .with(|fleet| fleet.groups[0].sources[0].weight = 0)
        .lab();
    scale(&mut lab, 2);
    lab.run_to(at(100));
    assert_eq!(lab.cloud().groups[0].counts.serving, 0);
    assert!(lab.cloud().is_settled());
}

/// Where all are protected a group beyond its largest size says so once, as on AWS, and goes back to
/// it when it may. R-ASG-13 R-ESS-9
#[test]
fn a_group_of_protected_instances_stays_too_large() {
    let mut lab = group(1, 3).lab();
    let all = [0, 1, 2].map(InstanceId);
    lab.call(|cloud, cx| {
        cloud.set_protection(cx, ASG, &all, true);
        cloud.ess_resize_group(cx, ASG, (1, 2));
    });
    lab.run_to(at(1000));
    assert_eq!(lab.cloud().activities.len(), 1);
    assert_eq!(lab.cloud().activities[0].2.status, StatusCode::Failed);
    assert!(lab.cloud().is_settled());
    lab.call(|cloud, cx| cloud.set_protection(cx, ASG, &all[..1], false));
    assert!(!lab.cloud().is_settled());
    lab.run_to(at(1100));
    assert_eq!(lab.cloud().groups[0].total(), 2);
    assert!(lab.cloud().is_settled());
}

/// What a larger smallest size asks for while an activity is under way is due to who asked.
#[test]
fn a_launch_is_due_to_who_asked_for_it() {
    let mut lab = group(1, 3).lab();
    lab.call(|cloud, cx| {
        cloud.ess_remove_instances(cx, ASG, &[InstanceId(0)], WayOut::default(), None);
    });
    lab.call(|cloud, cx| cloud.ess_resize_group(cx, ASG, (3, 9)));
    lab.run_to(at(100));
    let causes = lab.cloud().activities.iter().map(|(_, cause, _)| *cause);
    assert!(causes.eq([Some(EntryId(0)), Some(EntryId(1))]));
}

/// What a deletion cuts is due to it, though an activity was under way when it was asked for.
/// R-ESS-13
#[test]
fn what_a_deletion_cuts_is_due_to_it() {
    let mut lab = group(1, 3).lab();
    lab.call(|cloud, cx| {
        cloud.ess_remove_instances(cx, ASG, &[InstanceId(0)], WayOut::default(), None)
    });
    lab.call(|cloud, cx| cloud.ess_delete_group(cx, ASG));
    lab.run_to(at(100));
    assert!(lab.cloud().groups[0].is_gone());
    let causes = lab.cloud().drains.iter().map(|drain| drain.entry);
    let expected = [0, 1, 1].map(|entry| Some(EntryId(entry)));
    assert!(causes.eq(expected));
}

/// Who is removed because its machine is gone is not put back by a hook: it would be removed again
/// for ever. R-ESS-18 R-ESS-24
#[test]
fn who_is_gone_is_not_put_back() {
    let mut lab = group(2, 3)
        .with(|fleet| {
            let hook = hook(Transition::Terminating, ActionResult::Rollback);
            fleet.groups[0].hooks = vec![hook];
        })
        .lab();
    lab.run_to(at(10));
    kill(&mut lab, 0);
    lab.run_to(at(900));
    assert!(!is_member(&lab, 0));
    assert_eq!(lab.cloud().activities.len(), 1);
    assert!(lab.cloud().groups[0].busy.is_none());
}
