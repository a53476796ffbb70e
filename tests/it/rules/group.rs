//! EC2 Auto Scaling: detaching, attaching, launching, terminating, and the words of activities.

use drainsim::api::{Call, operation};
use drainsim::engine::time::SimTime;
use drainsim::model::activity::StatusCode;
use drainsim::model::assumption::DrainWait;
use drainsim::model::autoscaling::TerminationReason;
use drainsim::model::group::SourceState;
use drainsim::model::ids::InstanceId;
use drainsim::model::lifecycle::LifecycleState;
use drainsim::model::machine::MachineState;
use drainsim::model::source::AttachedVia;
use serde_json::json;

use crate::fleet::{ASG, Fleet, WEB, at, constant, secs, when};

fn fleet() -> Fleet {
    Fleet::aws()
        .delay(30)
        .with(|fleet| fleet.assumptions.ec2_terminate = constant(secs(20)))
}

/// The documented example: minimum 1, desired 4; one is detached with a decrement and the desired
/// capacity is 3. The instance leaves its targets, then the group, and runs on. R-ASG-2
#[test]
fn detaching_one_of_four_leaves_three() {
    let mut lab = fleet().group(1, 4, 4).lab();
    lab.run_to(at(10));
    lab.detach(ASG, &[InstanceId(1)], true);
    assert_eq!(lab.cloud().groups[0].counts.desired, 3);
    assert_eq!(lab.cloud().groups[0].actual(), 3);
    lab.run_to(at(100));
    assert_eq!(when(&lab, 1, LifecycleState::Detaching), Some(at(10)));
    assert_eq!(when(&lab, 1, LifecycleState::Detached), Some(at(40)));
    assert_eq!(lab.cloud().instances.len(), 4, "nothing replaces it");
    assert_eq!(lab.cloud().instances[1].state, MachineState::Running);
    assert_eq!(lab.cloud().instances[1].group, None);
}

/// A group waits for the displayed end of a drain, or with `asg.drain_wait: early` until nothing is
/// in flight. R-ASG-2
#[test]
fn a_group_waits_for_the_displayed_end() {
    for (wait, end) in [
        (DrainWait::DisplayedState, at(40)),
        (DrainWait::Early, at(12)),
    ] {
        let mut lab = fleet()
            .group(1, 2, 2)
            .with(|fleet| fleet.assumptions.drain_wait = wait)
            .requests(&[(9_000, 3_000), (9_000, 3_000)])
            .lab();
        lab.run_to(at(10));
        lab.detach(ASG, &[InstanceId(0)], true);
        lab.run_to(at(60));
        assert_eq!(when(&lab, 0, LifecycleState::Detached), Some(end));
    }
}

/// The words of a detachment: "shrinking the capacity from 2 to 1", progress 50, in progress.
/// R-ASG-7
#[test]
fn an_activity_tells_of_a_detachment() {
    let mut lab = fleet().group(1, 2, 2).lab();
    lab.run_to(at(61));
    let id = lab.cloud().instances[0].id.clone();
    let activity = lab.call(|cloud, cx| cloud.detach_instances(cx, ASG, &[InstanceId(0)], true)[0]);
    let told = &lab.cloud().activities[activity.index()].2;
    assert_eq!(told.description, format!("Detaching EC2 instance: {id}"));
    assert_eq!(
        told.cause,
        format!(
            "At 2026-01-01T00:01:01Z instance {id} was detached in response to a user request, \
             shrinking the capacity from 2 to 1."
        )
    );
    assert_eq!((told.status, told.progress), (StatusCode::InProgress, 50));
    lab.call(|cloud, cx| cloud.begin_detaching(cx, ASG, &[InstanceId(0)]));
    let told = &lab.cloud().activities[activity.index()].2;
    assert_eq!(told.status.name(), "WaitingForELBConnectionDraining");
    lab.run_to(at(100));
    let told = &lab.cloud().activities[activity.index()].2;
    assert_eq!((told.status, told.progress), (StatusCode::Successful, 100));
    assert_eq!(told.end, Some(at(91)));
}

/// What leaves no longer counts for the capacity: pending and in service do, so a replacement is
/// launched at once, beside the drain; and it is in service, its activity over, before its process
/// answers. Trap 6. R-ASG-3 R-ASG-5
#[test]
fn a_replacement_is_launched_beside_the_drain() {
    let mut lab = fleet().group(1, 2, 3).lab();
    lab.run_to(at(10));
    lab.detach(ASG, &[InstanceId(0)], false);
    assert_eq!(lab.cloud().groups[0].actual(), 1);
    lab.run_to(at(13));
    // launched at 12 s, running 30 s later, in service when registered
    assert_eq!(lab.cloud().instances[2].lifecycle, LifecycleState::Pending);
    assert_eq!(lab.cloud().groups[0].actual(), 2);
    lab.run_to(at(60));
    assert_eq!(when(&lab, 2, LifecycleState::InService), Some(at(42)));
    let launch = &lab.cloud().activities[1].2;
    assert_eq!((launch.start, launch.end), (at(12), Some(at(42))));
    let counts = lab.cloud().groups[0].counts;
    assert_eq!((counts.in_service, counts.serving), (2, 1));
    assert!(launch.cause.ends_with(
        "in response to a difference between desired and actual capacity, increasing the capacity \
         from 1 to 2."
    ));
    lab.run_to(at(90));
    assert_eq!(lab.cloud().groups[0].counts.serving, 2);
}

/// Attached instances raise the desired capacity and join every source. R-ASG-4
#[test]
fn attaching_raises_the_desired_capacity() {
    let mut lab = fleet()
        .machines(1)
        .with(|fleet| fleet.target_groups[0].targets.clear())
        .group(1, 1, 2)
        .lab();
    lab.run_to(at(10));
    lab.call(|cloud, cx| cloud.attach_instances(cx, ASG, &[InstanceId(0)]));
    let counts = lab.cloud().groups[0].counts;
    assert_eq!((counts.desired, counts.in_service), (2, 2));
    lab.run_to(at(20));
    assert_eq!(lab.cloud().groups[0].counts.serving, 2);
    assert!(lab.cloud().instances[0].serving);
}

/// Drain first, then terminate: the process is told when the drain is over. R-ASG-6
#[test]
fn a_member_drains_before_it_is_terminated() {
    let mut lab = fleet().group(0, 2, 2).lab();
    lab.run_to(at(10));
    let reason = TerminationReason::User { shrinking: None };
    lab.call(|cloud, cx| cloud.terminate_member(cx, InstanceId(0), &reason));
    lab.run_to(at(39));
    assert_eq!(lab.cloud().instances[0].state, MachineState::Running);
    lab.run_to(at(45));
    assert_eq!(lab.cloud().instances[0].state, MachineState::ShuttingDown);
    lab.run_to(at(100));
    assert_eq!(when(&lab, 0, LifecycleState::Terminated), Some(at(60)));
}

/// Scale-in takes from the zone with the most instances, there the first by id. R-ASG-8
#[test]
fn scale_in_takes_from_the_fullest_zone() {
    let mut lab = fleet().zones(2).group(0, 5, 5).lab();
    lab.run_to(at(10));
    lab.call(|cloud, cx| cloud.set_desired_capacity(cx, ASG, 4));
    let gone: Vec<u32> = (0..5)
        .filter(|&id| lab.cloud().instances[id as usize].lifecycle == LifecycleState::Terminating)
        .collect();
    // members 0, 2 and 4 are in the first zone, and their ids rise
    assert_eq!(gone, [0]);
    assert_eq!(lab.cloud().instances[0].zone.index(), 0);
}

/// Sources: `InService` when the fleet stands; Removing until every instance's drain is over, then
/// gone; attached, Added, and `InService` when an instance has passed a check. R-ASG-9
#[test]
fn a_source_goes_through_its_states() {
    let mut lab = fleet().registration(constant(secs(4))).group(1, 2, 2).lab();
    assert_eq!(
        lab.cloud().groups[0].sources[0].state,
        SourceState::InService
    );
    lab.run_to(at(10));
    lab.call(|cloud, cx| cloud.detach_sources(cx, ASG, &[0]));
    assert_eq!(
        lab.cloud().groups[0].sources[0].state,
        SourceState::Removing
    );
    lab.run_to(at(39));
    assert_eq!(lab.cloud().groups[0].sources.len(), 1);
    lab.run_to(at(41));
    assert_eq!(lab.cloud().groups[0].sources.len(), 0);
    assert_eq!(lab.cloud().groups[0].counts.in_service, 2);
    lab.call(|cloud, cx| cloud.attach_sources(cx, ASG, &[WEB], AttachedVia::TrafficSources));
    assert_eq!(lab.cloud().groups[0].sources[0].state, SourceState::Added);
    lab.run_to(at(46));
    assert_eq!(
        lab.cloud().groups[0].sources[0].state,
        SourceState::InService
    );
}

/// At its poll a group replaces members whose machine is gone, and, with ELB checks, those an
/// attached source reports as unhealthy. R-ASG-10
#[test]
fn the_health_poll_replaces_dead_members() {
    for by_hand in [true, false] {
        let mut lab = fleet()
            .group(1, 2, 3)
            .with(|fleet| fleet.assumptions.health_poll = secs(60))
            .lab();
        lab.run_to(at(10));
        lab.call(|cloud, cx| {
            if by_hand {
                cloud.terminate_machine(cx, InstanceId(0));
            } else {
                cloud.kill_process(cx, InstanceId(0));
            }
        });
        // two failed checks take up to 60 s, the next poll up to 60 s more
        lab.run_to(at(131));
        assert!(when(&lab, 0, LifecycleState::Terminating).is_some());
        let cause = &lab.cloud().activities[0].2.cause;
        let text = if by_hand {
            "in response to an EC2 health check indicating it has been terminated or stopped."
        } else {
            "in response to an ELB system health check failure."
        };
        assert!(cause.ends_with(text), "{cause}");
        lab.run_to(at(400));
        assert_eq!(lab.cloud().groups[0].counts.serving, 2);
        assert!(when(&lab, 0, LifecycleState::Terminated).is_some());
    }
}

/// What a group says when it replaces who fails its checks, launches and scales in, word for word;
/// that it waits for a drain, while it does. R-ASG-7
#[test]
fn activities_speak_as_the_service_does() {
    let mut lab = fleet()
        .group(1, 2, 3)
        .with(|fleet| fleet.assumptions.health_poll = secs(60))
        .lab();
    lab.call(|cloud, cx| cloud.kill_process(cx, InstanceId(0)));
    lab.run_to(at(300));
    lab.call(|cloud, cx| cloud.set_desired_capacity(cx, ASG, 1));
    lab.run_to(at(310));
    let cloud = lab.cloud();
    let told: Vec<(String, String)> = cloud
        .activities
        .iter()
        .map(|(_, _, activity)| {
            let cause = activity
                .cause
                .replace(&cloud.clock.seconds(activity.start), "T");
            (activity.description.clone(), cause)
        })
        .collect();
    let id = |index: usize| cloud.instances[index].id.as_str();
    let last = told[2].0.split(' ').nth(3).unwrap();
    let expected = [
        (
            format!("Terminating EC2 instance: {}", id(0)),
            "At T an instance was taken out of service in response to an ELB system health check \
             failure."
                .to_owned(),
        ),
        (
            format!("Launching a new EC2 instance: {}", id(2)),
            "At T an instance was launched in response to an unhealthy instance needing to be \
             replaced."
                .to_owned(),
        ),
        (
            format!("Terminating EC2 instance: {last} - Waiting For ELB Connection Draining."),
            format!(
                "At T an instance was taken out of service in response to a difference between \
                 desired and actual capacity, shrinking the capacity from 2 to 1.  At T instance \
                 {last} was selected for termination."
            ),
        ),
    ];
    assert_eq!(told, expected);
}

/// A member terminated while it boots is replaced as well. R-ASG-10
#[test]
fn a_member_terminated_while_booting_is_replaced() {
    let mut lab = fleet().group(1, 2, 3).lab();
    lab.call(|cloud, cx| cloud.set_desired_capacity(cx, ASG, 3));
    lab.run_to(at(10));
    lab.call(|cloud, cx| cloud.terminate_machine(cx, InstanceId(2)));
    lab.run_to(at(300));
    assert_eq!(lab.cloud().groups[0].counts.serving, 3);
    assert_eq!(lab.cloud().groups[0].counts.pending, 0);
}

/// Failed checks replace a tenth of the group at a time, one at least, and the next when the
/// replacement passes its checks. R-ASG-11
#[test]
fn failed_checks_replace_one_at_a_time() {
    let mut lab = fleet()
        .group(1, 4, 6)
        .with(|fleet| fleet.assumptions.health_poll = secs(60))
        .lab();
    lab.run_to(at(5));
    lab.call(|cloud, cx| {
        for member in 0..3 {
            cloud.kill_process(cx, InstanceId(member));
        }
    });
    lab.run_to(at(600));
    let mut at_polls: Vec<SimTime> = (0..3)
        .map(|id| when(&lab, id, LifecycleState::Terminating).unwrap())
        .collect();
    at_polls.sort_unstable();
    // launched after 2 s, in service after 32 s and healthy after 62 s, it is seen at the second
    // poll
    assert_eq!(at_polls[1], at_polls[0] + secs(120));
    assert_eq!(at_polls[2], at_polls[1] + secs(120));
}

/// A member of a target group that no listener forwards to is detached at once, and once.
/// R-ASG-2
#[test]
fn detaching_from_an_unused_target_group_is_over_at_once() {
    let mut lab = fleet()
        .with(|fleet| fleet.listeners.clear())
        .group(1, 2, 2)
        .lab();
    lab.run_to(at(10));
    lab.detach(ASG, &[InstanceId(0)], true);
    assert_eq!(lab.cloud().instances[0].lifecycle, LifecycleState::Detached);
    assert_eq!(lab.cloud().activities[0].2.status, StatusCode::Successful);
}

/// A source whose targets are healthy already is in service as soon as ELB checks are asked for, and
/// members that fail them are replaced from then on. R-ASG-9, R-ASG-10
#[test]
fn checks_asked_for_later_count() {
    let mut lab = fleet()
        .group(1, 2, 3)
        .with(|fleet| {
            fleet.groups[0].elb_health_check = false;
            fleet.groups[0].sources.clear();
            fleet.assumptions.health_poll = secs(60);
        })
        .lab();
    lab.run_to(at(10));
    lab.call(|cloud, cx| cloud.attach_sources(cx, ASG, &[WEB], AttachedVia::TrafficSources));
    lab.run_to(at(100));
    let counts = lab.cloud().groups[0].counts;
    assert_eq!(counts.serving, 2, "its targets are healthy");
    assert_eq!(lab.cloud().groups[0].sources[0].state, SourceState::Added);
    let update = operation("autoscaling:UpdateAutoScalingGroup").unwrap();
    let params = json!({"AutoScalingGroupName": "asg0", "HealthCheckType": "ELB"});
    lab.call(|cloud, cx| (update.apply)(&mut Call { cloud, cx }, &params).unwrap());
    assert_eq!(
        lab.cloud().groups[0].sources[0].state,
        SourceState::InService
    );
    lab.call(|cloud, cx| cloud.kill_process(cx, InstanceId(0)));
    // two failed checks take up to 60 s, the next poll up to 60 s more
    lab.run_to(at(221));
    assert!(when(&lab, 0, LifecycleState::Terminating).is_some());
    lab.run_to(at(500));
    assert_eq!(lab.cloud().groups[0].counts.serving, 2);
}
