//! Capacity: standby, protection, zones, processes, sizes and the end of a group.

use drainsim::engine::time::SimTime;
use drainsim::model::activity::StatusCode;
use drainsim::model::group_admin::{Deletion, Sizes};
use drainsim::model::ids::{EntryId, InstanceId, WorkloadId};
use drainsim::model::lifecycle::LifecycleState as S;
use drainsim::model::machine::MachineState;
use drainsim::model::maintenance::MaintenancePolicy;
use drainsim::model::record::Record;
use drainsim::model::registration::TargetHealth;
use drainsim::model::scaling_process::ScalingProcess;
use drainsim::model::settings::FleetSettings;
use drainsim::model::termination_policy::TerminationPolicy;

use crate::fleet::{ASG, Fleet, Lab, at, constant, secs, when};

fn fleet() -> Fleet {
    Fleet::aws()
        .delay(30)
        .with(|fleet| fleet.assumptions.ec2_terminate = constant(secs(20)))
}

/// A maintenance policy under which the new member is there before the old one goes.
fn launch_first(fleet: &mut FleetSettings) {
    fleet.groups[0].rules.maintenance = Some(MaintenancePolicy {
        min_healthy: 100,
        max_healthy: 200,
    });
}

fn stand_by(lab: &mut Lab, id: u32, decrement: bool) {
    lab.call(|cloud, cx| {
        cloud.announce_standby(cx, ASG, &[InstanceId(id)], decrement);
        cloud.begin_standby(cx, ASG, &[InstanceId(id)]);
    });
}

/// A capacity beyond all that EC2 has is launched as far as it goes; the rest fails and is tried
/// again, without a launch for each machine that is missing.
#[test]
fn a_capacity_that_nobody_has_is_launched_as_far_as_it_goes() {
    let mut lab = fleet().zones(2).group(1, 2, 2_000_000_000).lab();
    lab.kernel.world.most_machines = 5;
    lab.call(|cloud, cx| cloud.set_desired_capacity(cx, ASG, 2_000_000_000));
    lab.run_to(at(30));
    let cloud = lab.cloud();
    assert_eq!(cloud.groups[0].members.len(), 5);
    let failed = cloud
        .activities
        .iter()
        .filter(|(_, _, activity)| activity.status == StatusCode::Failed);
    assert_eq!(failed.count(), 2, "one for each zone");
}

/// A member on standby has left its sources, runs and does not count; the words and sizes are
/// those of the documented example. R-STANDBY-1
#[test]
fn a_member_on_standby_does_not_count() {
    let mut lab = fleet().zones(2).group(1, 4, 4).lab();
    lab.run_to(at(10));
    stand_by(&mut lab, 0, true);
    let id = lab.cloud().instances[0].id.clone();
    let activity = lab.cloud().activities[0].2.clone();
    assert_eq!(
        activity.description,
        format!("Moving EC2 instance to Standby: {id}")
    );
    assert_eq!(
        activity.cause,
        format!(
            "At 2026-01-01T00:00:10Z instance {id} was moved to standby in response to a user \
             request, shrinking the capacity from 4 to 3."
        )
    );
    assert_eq!(
        (activity.status, activity.progress),
        (StatusCode::InProgress, 50)
    );
    lab.run_to(at(100));
    assert_eq!(when(&lab, 0, S::EnteringStandby), Some(at(10)));
    assert_eq!(when(&lab, 0, S::Standby), Some(at(40)));
    let counts = lab.cloud().groups[0].counts;
    assert_eq!(
        (counts.desired, counts.in_service, counts.standby),
        (3, 3, 1)
    );
    assert_eq!(lab.cloud().instances[0].state, MachineState::Running);
    assert_eq!(lab.cloud().activities[0].2.status, StatusCode::Successful);
}

/// Without a decrement a member on standby is replaced; one that comes back raises the desired
/// capacity. R-STANDBY-2
#[test]
fn standby_without_a_decrement_is_replaced() {
    let mut lab = fleet().group(1, 2, 4).lab();
    lab.run_to(at(10));
    stand_by(&mut lab, 0, false);
    lab.run_to(at(100));
    let counts = lab.cloud().groups[0].counts;
    assert_eq!(
        (counts.desired, counts.in_service, counts.standby),
        (2, 2, 1)
    );
    lab.call(|cloud, cx| {
        cloud.announce_exit_standby(cx, ASG, &[InstanceId(0)]);
        cloud.join_again(cx, ASG, &[InstanceId(0)]);
    });
    let id = lab.cloud().instances[0].id.clone();
    let told = &lab.cloud().activities.last().unwrap().2;
    assert_eq!(
        told.description,
        format!("Moving EC2 instance out of Standby: {id}")
    );
    assert_eq!(
        told.cause,
        format!(
            "At 2026-01-01T00:01:40Z instance {id} was moved out of standby in response to a user \
             request, increasing the capacity from 2 to 3."
        )
    );
    lab.run_to(at(200));
    let counts = lab.cloud().groups[0].counts;
    assert_eq!(
        (counts.desired, counts.in_service, counts.serving),
        (3, 3, 3)
    );
}

/// Protected members are not taken by a scale-in; with all of them protected the desired capacity
/// drops all the same and an activity says why nobody goes. R-ASG-13
#[test]
fn a_scale_in_takes_no_protected_member() {
    let mut lab = fleet()
        .group(1, 2, 4)
        .with(|fleet| fleet.groups[0].rules.new_instances_protected = true)
        .lab();
    lab.run_to(at(10));
    lab.call(|cloud, cx| cloud.set_desired_capacity(cx, ASG, 1));
    lab.run_to(at(100));
    let counts = lab.cloud().groups[0].counts;
    assert_eq!((counts.desired, counts.in_service), (1, 2));
    let told = &lab.cloud().activities[0].2;
    assert_eq!(
        told.status_message.as_deref(),
        Some(
            "Could not scale to desired capacity because all remaining instances are protected \
             from scale-in."
        )
    );
    lab.call(|cloud, cx| cloud.set_protection(cx, ASG, &[InstanceId(1)], false));
    lab.run_to(at(200));
    assert_eq!(when(&lab, 1, S::Terminating), Some(at(100)));
    assert_eq!(when(&lab, 0, S::Terminating), None);
}

/// The termination policies decide within the fullest zone. R-ASG-8
#[test]
fn termination_policies_choose_within_a_zone() {
    for (policy, victim) in [
        (TerminationPolicy::OldestInstance, 0),
        (TerminationPolicy::NewestInstance, 4),
    ] {
        let mut lab = fleet()
            .zones(2)
            .group(1, 5, 5)
            .with(|fleet| fleet.groups[0].rules.termination_policies = vec![policy.clone()])
            .lab();
        lab.run_to(at(10));
        // the first zone has members 0, 2 and 4, the second 1 and 3
        lab.call(|cloud, cx| cloud.set_desired_capacity(cx, ASG, 4));
        assert_eq!(
            when(&lab, victim, S::Terminating),
            Some(at(10)),
            "{policy:?}"
        );
    }
}

/// Uneven zones are evened out: launch first, terminate then, at the next look. R-ASG-14
#[test]
fn uneven_zones_are_evened_out() {
    let mut lab = fleet().zones(2).group(1, 4, 4).lab();
    lab.run_to(at(10));
    // zone b loses both
    lab.detach(ASG, &[InstanceId(1), InstanceId(3)], true);
    lab.run_to(at(400));
    let zones = |lab: &Lab| {
        let group = &lab.cloud().groups[0];
        let mut zones: Vec<u32> = group
            .members
            .iter()
            .map(|id| lab.cloud().instances[id.index()].zone.0)
            .collect();
        zones.sort_unstable();
        zones
    };
    assert_eq!(zones(&lab), [0, 1]);
    let launched = when(&lab, 4, S::InService).unwrap();
    let left = (0..4)
        .find_map(|id| when(&lab, id, S::Terminating))
        .unwrap();
    let checked = launched + secs(30);
    assert_eq!(checked, left, "its replacement passes its check first");
    assert_eq!(lab.cloud().groups[0].counts.desired, 2);
    // nothing is moved while the process is suspended
    let mut lab = fleet().zones(2).group(1, 4, 4).lab();
    lab.call(|cloud, _| cloud.suspend_processes(ASG, &[ScalingProcess::AzRebalance]));
    lab.detach(ASG, &[InstanceId(1), InstanceId(3)], true);
    lab.run_to(at(400));
    assert_eq!(zones(&lab), [0, 0]);
}

/// While Terminate is suspended zones are evened out by launches alone, up to a tenth beyond the
/// largest size; once it is resumed those go who were replaced. R-PROC-2
#[test]
fn zones_are_evened_out_without_terminating() {
    let mut lab = fleet().zones(2).group(1, 4, 4).lab();
    lab.run_to(at(10));
    lab.detach(ASG, &[InstanceId(1), InstanceId(3)], true);
    lab.call(|cloud, cx| {
        cloud.suspend_processes(ASG, &[ScalingProcess::Terminate]);
        // two in zone a, none in zone b, and no more than two wanted
        cloud.groups[0].max_size = 2;
        cloud.set_desired_capacity(cx, ASG, 2);
    });
    lab.run_to(at(1_000));
    let group = &lab.cloud().groups[0];
    assert_eq!((group.counts.in_service, group.counts.desired), (3, 2));
    assert!((0..3).all(|id| when(&lab, id, S::Terminating).is_none()));
    lab.call(|cloud, cx| cloud.resume_processes(cx, ASG, &[ScalingProcess::Terminate]));
    let group = &lab.cloud().groups[0];
    assert_eq!((group.counts.in_service, group.counts.desired), (2, 2));
}

/// Suspended processes are not carried out, and caught up on when resumed. R-PROC-1
#[test]
fn suspended_processes_rest() {
    // Launch: no replacement until it is resumed
    let mut lab = fleet().group(1, 2, 4).lab();
    lab.call(|cloud, _| cloud.suspend_processes(ASG, &[ScalingProcess::Launch]));
    lab.detach(ASG, &[InstanceId(0)], false);
    lab.run_to(at(300));
    assert_eq!(lab.cloud().groups[0].counts.in_service, 1);
    lab.call(|cloud, cx| cloud.resume_processes(cx, ASG, &[ScalingProcess::Launch]));
    lab.run_to(at(400));
    assert_eq!(lab.cloud().groups[0].counts.in_service, 2);
    // Terminate: a smaller desired capacity takes nobody
    let mut lab = fleet().group(1, 2, 4).lab();
    lab.call(|cloud, cx| {
        cloud.suspend_processes(ASG, &[ScalingProcess::Terminate]);
        cloud.set_desired_capacity(cx, ASG, 1);
    });
    lab.run_to(at(300));
    assert_eq!(lab.cloud().groups[0].counts.in_service, 2);
    lab.call(|cloud, cx| cloud.resume_processes(cx, ASG, &[ScalingProcess::Terminate]));
    lab.run_to(at(400));
    assert_eq!(lab.cloud().groups[0].counts.in_service, 1);
    // AddToLoadBalancer: launched without being registered, not even later
    let mut lab = fleet().group(1, 2, 4).lab();
    lab.call(|cloud, cx| {
        cloud.suspend_processes(ASG, &[ScalingProcess::AddToLoadBalancer]);
        cloud.set_desired_capacity(cx, ASG, 3);
    });
    lab.run_to(at(300));
    lab.call(|cloud, cx| cloud.resume_processes(cx, ASG, &[ScalingProcess::AddToLoadBalancer]));
    lab.run_to(at(400));
    let counts = lab.cloud().groups[0].counts;
    assert_eq!((counts.in_service, counts.serving), (3, 2));
    assert!(lab.cloud().instances[2].registrations.is_empty());
    // HealthCheck: nobody is marked; ReplaceUnhealthy: marked and kept
    for (process, marked) in [
        (ScalingProcess::HealthCheck, false),
        (ScalingProcess::ReplaceUnhealthy, true),
        (ScalingProcess::Terminate, true),
    ] {
        let mut lab = fleet().group(1, 2, 4).lab();
        lab.call(|cloud, cx| {
            cloud.suspend_processes(ASG, &[process]);
            cloud.terminate_machine(cx, InstanceId(0));
        });
        lab.run_to(at(300));
        let member = &lab.cloud().instances[0];
        assert_eq!(member.lifecycle, S::InService, "{process:?}");
        assert_eq!(member.membership.unhealthy.is_some(), marked, "{process:?}");
        lab.call(|cloud, cx| cloud.resume_processes(cx, ASG, &[process]));
        lab.run_to(at(600));
        assert!(when(&lab, 0, S::Terminating).is_some(), "{process:?}");
    }
}

/// A mark of a call counts after the grace period, or at once if the call says so, and can be
/// taken back. R-ASG-15
#[test]
fn a_call_may_mark_a_member() {
    let mut lab = fleet()
        .group(1, 2, 4)
        .with(|fleet| fleet.groups[0].health_check_grace_period = secs(300))
        .lab();
    lab.call(|cloud, cx| cloud.set_desired_capacity(cx, ASG, 3));
    lab.run_to(at(60));
    let mark = |lab: &mut Lab, respects| {
        lab.call(|cloud, cx| cloud.set_member_health(cx, InstanceId(2), false, respects))
    };
    assert!(!mark(&mut lab, true), "it entered service 28 s ago");
    assert!(mark(&mut lab, false));
    lab.call(|cloud, cx| cloud.set_member_health(cx, InstanceId(2), true, true));
    lab.run_to(at(200));
    assert_eq!(lab.cloud().instances[2].lifecycle, S::InService);
    assert!(mark(&mut lab, false));
    lab.run_to(at(270));
    assert!(when(&lab, 2, S::Terminating).is_some());
    let launch = lab.cloud().activities.last().unwrap();
    assert!(
        launch.2.cause.ends_with(
            "an instance was launched in response to an unhealthy instance needing to be replaced."
        ),
        "{}",
        launch.2.cause
    );
}

/// With a maintenance policy above 100 % the replacement of a failed member is in service first.
/// R-ASG-16
#[test]
fn a_maintenance_policy_may_launch_first() {
    let mut lab = fleet().group(1, 2, 4).with(launch_first).lab();
    lab.run_to(at(5));
    lab.call(|cloud, cx| cloud.set_member_health(cx, InstanceId(0), false, true));
    lab.run_to(at(400));
    let left = when(&lab, 0, S::Terminating).unwrap();
    let launched = when(&lab, 2, S::InService).unwrap();
    assert_eq!(left, launched + secs(30), "a check passes first");
    assert_eq!(lab.cloud().groups[0].counts.in_service, 2);
}

/// A member that is terminated does not wait for sources that are being detached: its requests
/// there lose their machine. R-ASG-17
#[test]
fn sources_being_detached_are_not_waited_for() {
    for (waits, terminated) in [(false, at(31)), (true, at(60))] {
        let mut lab = fleet()
            .group(0, 1, 4)
            .with(|fleet| fleet.assumptions.waits_for_removing_sources = waits)
            .lab();
        lab.run_to(at(10));
        lab.call(|cloud, cx| cloud.detach_sources(cx, ASG, &[0]));
        lab.run_to(at(11));
        lab.call(|cloud, cx| cloud.set_desired_capacity(cx, ASG, 0));
        lab.run_to(at(100));
        assert_eq!(when(&lab, 0, S::Terminated), Some(terminated), "{waits}");
    }
}

/// A group deleted by force takes its members down at once, without drains or hooks. R-ASG-18
#[test]
fn a_forced_deletion_waits_for_nothing() {
    let mut lab = fleet()
        .group(1, 2, 4)
        .requests(&[(9_000, 20_000), (9_000, 20_000)])
        .machine(|machine| {
            machine.shutdown.then = drainsim::model::settings::ShutdownThen::Exit;
        })
        .lab();
    lab.run_to(at(10));
    lab.call(|cloud, cx| cloud.delete_group(cx, ASG));
    assert_eq!(lab.cloud().groups[0].deletion, Deletion::InProgress);
    let lost = lab.cloud().recorder().all(WorkloadId(0)).lost();
    assert_eq!(lost, 2);
    lab.run_to(at(31));
    assert_eq!(lab.cloud().groups[0].deletion, Deletion::Done);
    assert!(lab.cloud().groups[0].members.is_empty());
    lab.run_to(at(60));
    assert!(lab.cloud().is_settled());
}

/// A larger minimum or a smaller maximum moves the desired capacity, and the activities begin
/// with the request. R-ASG-19
#[test]
fn new_sizes_move_the_desired_capacity() {
    let sizes = |min, max, desired| Sizes { min, max, desired };
    assert_eq!(sizes(3, 6, 2).within().desired, 3);
    assert_eq!(sizes(0, 1, 2).within().desired, 1);
    assert_eq!(sizes(1, 4, 2).within().desired, 2);
    let mut lab = fleet().group(1, 2, 4).lab();
    lab.run_to(at(10));
    lab.call(|cloud, cx| cloud.update_group(cx, ASG, sizes(3, 6, 2).within()));
    lab.run_to(at(60));
    let told = &lab.cloud().activities[0].2;
    assert_eq!(
        told.cause,
        "At 2026-01-01T00:00:10Z a user request update of AutoScalingGroup constraints to min: 3, \
         max: 6, desired: 3 changing the desired capacity from 2 to 3.  At 2026-01-01T00:00:12Z an \
         instance was started in response to a difference between desired and actual capacity, \
         increasing the capacity from 2 to 3."
    );
    assert_eq!(lab.cloud().groups[0].counts.in_service, 3);
}

/// A replacement that is no longer needed when the capacity is lowered is not the reason of a later
/// launch. R-ASG-7
#[test]
fn a_replacement_that_was_not_launched_is_forgotten() {
    let mut lab = fleet().group(1, 4, 6).lab();
    lab.run_to(at(10));
    lab.call(|cloud, cx| cloud.set_member_health(cx, InstanceId(0), false, false));
    lab.run_to(at(11));
    assert_eq!(when(&lab, 0, S::Terminating), Some(at(10)));
    lab.call(|cloud, cx| cloud.set_desired_capacity(cx, ASG, 3));
    lab.run_to(at(300));
    assert_eq!(lab.cloud().instances.len(), 4, "nothing was launched");
    lab.call(|cloud, cx| cloud.set_desired_capacity(cx, ASG, 4));
    lab.run_to(at(400));
    let (_, _, launch) = lab.cloud().activities.last().unwrap();
    assert!(
        launch.cause.ends_with(
            "an instance was started in response to a difference between desired and actual \
             capacity, increasing the capacity from 3 to 4."
        ),
        "{}",
        launch.cause
    );
}

/// Launches are blamed on the entry that left the group short, not on one that comes between.
#[test]
fn launches_are_due_to_who_made_the_group_short() {
    let mut lab = fleet().group(1, 4, 8).lab();
    lab.run_to(at(10));
    lab.detach(ASG, &[InstanceId(0)], false);
    lab.run_to(at(11));
    lab.call(|cloud, cx| cloud.set_protection(cx, ASG, &[InstanceId(1)], true));
    lab.run_to(at(100));
    // whoever makes it shorter still is to blame from then on
    lab.detach(ASG, &[InstanceId(2)], false);
    lab.call(|cloud, cx| cloud.set_desired_capacity(cx, ASG, 6));
    lab.run_to(at(200));
    let launched = &lab.cloud().instances[4..];
    let blamed: Vec<Option<EntryId>> = launched.iter().map(|new| new.launched_by).collect();
    assert_eq!(blamed, [0, 3, 3, 3].map(|entry| Some(EntryId(entry))));
    let launches = lab.cloud().activities.iter();
    let launches =
        launches.filter(|(_, _, activity)| activity.description.starts_with("Launching"));
    let told: Vec<Option<EntryId>> = launches.map(|(_, entry, _)| *entry).collect();
    assert_eq!(told, blamed);
}

/// Who is replaced by one that was launched first stays while Terminate is suspended, and goes when
/// it is resumed. R-PROC-1, R-ASG-16
#[test]
fn a_suspended_terminate_keeps_who_was_replaced() {
    let mut lab = fleet().group(1, 2, 4).with(launch_first).lab();
    lab.run_to(at(5));
    lab.call(|cloud, cx| cloud.set_member_health(cx, InstanceId(0), false, true));
    lab.run_to(at(20));
    lab.call(|cloud, _| cloud.suspend_processes(ASG, &[ScalingProcess::Terminate]));
    lab.run_to(at(300));
    let counts = lab.cloud().groups[0].counts;
    assert_eq!((counts.in_service, counts.serving), (3, 3));
    assert!((0..3).all(|id| when(&lab, id, S::Terminating).is_none()));
    lab.call(|cloud, cx| cloud.resume_processes(cx, ASG, &[ScalingProcess::Terminate]));
    lab.run_to(at(400));
    assert_eq!(when(&lab, 0, S::Terminating), Some(at(300)));
    assert_eq!(lab.cloud().groups[0].counts.in_service, 2);
}

/// When a target of an instance was first told to be healthy.
fn healthy_at(lab: &Lab, instance: u32) -> SimTime {
    let wanted = Record::TargetHealth(lab.registration(instance), TargetHealth::Healthy);
    let mut records = lab.kernel.observer.records.iter();
    records.find(|(_, record)| *record == wanted).unwrap().0
}

/// Terminated first, the second of two that fail waits until the replacement of the first is healthy
/// and warm; launched first, the only member stays until the target of the new one is healthy.
/// R-ASG-11, R-ASG-16
#[test]
fn a_replacement_must_be_healthy_and_warm() {
    let mut lab = fleet()
        .group(1, 4, 6)
        .with(|fleet| {
            fleet.assumptions.health_poll = secs(60);
            let rules = &mut fleet.groups[0].rules;
            rules.default_instance_warmup = Some(secs(100));
            rules.maintenance = Some(MaintenancePolicy {
                min_healthy: 75,
                max_healthy: 100,
            });
        })
        .lab();
    lab.run_to(at(5));
    lab.call(|cloud, cx| {
        cloud.kill_process(cx, InstanceId(0));
        cloud.kill_process(cx, InstanceId(1));
    });
    lab.run_to(at(600));
    let mut left = [0, 1].map(|id| when(&lab, id, S::Terminating).unwrap());
    left.sort_unstable();
    let [first, second] = left;
    // launched after 2 s, in service after 32 s, healthy after 62 s, warm after 132 s
    assert_eq!(when(&lab, 4, S::InService), Some(first + secs(32)));
    assert_eq!(healthy_at(&lab, 4), first + secs(62));
    assert_eq!(second, first + secs(180), "the first look after 132 s");

    let mut lab = fleet().group(1, 1, 4).with(launch_first).lab();
    lab.run_to(at(5));
    lab.call(|cloud, cx| cloud.kill_process(cx, InstanceId(0)));
    lab.run_to(at(600));
    let healthy = healthy_at(&lab, 1);
    assert_eq!(healthy, when(&lab, 1, S::InService).unwrap() + secs(30));
    assert_eq!(when(&lab, 0, S::Terminating), Some(healthy));
}
