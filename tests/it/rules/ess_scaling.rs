//! Scaling groups of Alibaba Cloud that scale: where they launch, and whom they remove.

use drainsim::model::activity::StatusCode;
use drainsim::model::ess::Joining;
use drainsim::model::ess_activity::Trigger;
use drainsim::model::ess_rules::MultiAz;
use drainsim::model::ess_scaling::ScalingRequest;
use drainsim::model::fault::Fault;
use drainsim::model::hook::{ActionResult, Hook, Transition};
use drainsim::model::ids::{ActivityId, InstanceId, ZoneId};
use drainsim::model::lifecycle::LifecycleState;
use drainsim::model::machine::MachineState;
use drainsim::model::removal_policy::RemovalPolicy;

use crate::fleet::{ASG, Fleet, Lab, at, constant, history, secs};

/// A group of 1 to 9 instances over two zones, in turn.
fn group(desired: u32) -> Fleet {
    Fleet::alibaba()
        .propagation(constant(secs(3)))
        .with(|fleet| {
            fleet.zones = ["a", "b"].map(str::to_owned).to_vec();
            fleet.load_balancers[0].zones = vec![ZoneId(0), ZoneId(1)];
            fleet.assumptions.ec2_terminate = constant(secs(5));
            fleet.launch_templates[0].boot = constant(secs(20));
            fleet.launch_templates[0].ready = constant(secs(10));
        })
        .group(1, desired, 9)
}

fn balanced(desired: u32) -> Fleet {
    group(desired).with(|fleet| fleet.groups[0].rules.ess.multi_az = MultiAz::Balance)
}

fn scale(lab: &mut Lab, to: u32) -> ActivityId {
    lab.call(|cloud, cx| {
        let request = ScalingRequest {
            why: "A test requests to scale".to_owned(),
            trigger: Trigger::Api,
            metadata: None,
        };
        cloud.ess_scale(cx, ASG, to, request)
    })
}

fn status(lab: &Lab, activity: ActivityId) -> StatusCode {
    lab.cloud().activities[activity.index()].2.status
}

fn message(lab: &Lab, activity: ActivityId) -> &str {
    let activity = &lab.cloud().activities[activity.index()].2;
    activity.status_message.as_deref().unwrap_or_default()
}

/// Zones of the members with a number from `first` on.
fn zones_from(lab: &Lab, first: usize) -> Vec<u32> {
    let instances = lab.cloud().instances[first..].iter();
    instances.map(|instance| instance.zone.0).collect()
}

/// Members that leave.
fn leaving(lab: &Lab) -> Vec<u32> {
    let members = lab.cloud().groups[0].members.iter();
    members
        .filter(|id| lab.cloud().instances[id.index()].lifecycle == LifecycleState::Removing)
        .map(|id| id.0)
        .collect()
}

/// The activity is in progress until the last instance is in service, which it is once its machine
/// runs; it serves when its process is ready. R-ESS-20 R-ESS-21
#[test]
fn a_scale_out_is_over_when_all_are_in_service() {
    let mut lab = group(2).lab();
    lab.run_to(at(10));
    let activity = scale(&mut lab, 4);
    assert_eq!(lab.cloud().groups[0].counts.pending, 2);
    assert_eq!(lab.cloud().groups[0].busy, Some(activity));
    assert!(!lab.cloud().is_settled());
    lab.run_to(at(29));
    assert_eq!(status(&lab, activity), StatusCode::InProgress);
    lab.run_to(at(30));
    assert_eq!(status(&lab, activity), StatusCode::Successful);
    assert_eq!(message(&lab, activity), "\"2\" ECS instances are added");
    assert_eq!(history(&lab, 2), [(LifecycleState::InService, 30)]);
    assert_eq!(lab.cloud().groups[0].counts.serving, 2);
    lab.run_to(at(60));
    assert_eq!(lab.cloud().groups[0].counts.serving, 4);
    assert!(lab.cloud().is_settled());
}

/// By priority all instances go to the first zone, and scaling in empties the last; evenly both are
/// used alike. R-ESS-21 R-ESS-22
#[test]
fn zones_are_used_in_their_order_or_evenly() {
    let mut lab = group(2).lab();
    scale(&mut lab, 5);
    assert_eq!(zones_from(&lab, 2), [0, 0, 0]);
    lab.run_to(at(60));
    scale(&mut lab, 3);
    assert_eq!(
        leaving(&lab),
        [0, 1],
        "the only one of the last zone, then the oldest"
    );

    let mut lab = balanced(1).lab();
    scale(&mut lab, 4);
    assert_eq!(zones_from(&lab, 1), [1, 0, 1]);
    lab.run_to(at(60));
    scale(&mut lab, 2);
    assert_eq!(leaving(&lab), [0, 1]);
}

/// A zone without machines is passed over; without any the activity warns or fails, and nothing is
/// tried again. R-ESS-21
#[test]
fn what_cannot_be_launched_is_told() {
    let refuse = |lab: &mut Lab, zones: Vec<ZoneId>| {
        lab.call(|cloud, cx| {
            let fault = Fault::LaunchFailure { zones };
            cloud.faults.begin(fault, cx.now, at(1000));
        });
    };
    let mut lab = group(2).lab();
    refuse(&mut lab, vec![ZoneId(0)]);
    scale(&mut lab, 4);
    assert_eq!(zones_from(&lab, 2), [1, 1]);
    lab.run_to(at(60));
    refuse(&mut lab, Vec::new());
    let activity = scale(&mut lab, 6);
    assert_eq!(status(&lab, activity), StatusCode::Failed);
    assert_eq!(
        message(&lab, activity),
        "The specified ECS resource is out of stock in this region. Please try again later."
    );
    assert_eq!(lab.cloud().groups[0].busy, None);
    lab.run_to(at(2000));
    assert_eq!(lab.cloud().groups[0].total(), 4);

    let mut lab = group(2).lab();
    lab.call(|cloud, _| cloud.most_machines = 3);
    let activity = scale(&mut lab, 4);
    lab.run_to(at(60));
    assert_eq!(status(&lab, activity), StatusCode::Warning);
    assert_eq!(lab.cloud().groups[0].counts.desired, 3);
}

/// The activity is in progress until all have left, which wait for the nodes to learn; machines are
/// released. R-ESS-20 R-ESS-22
#[test]
fn a_scale_in_is_over_when_all_are_gone() {
    let mut lab = group(3).lab();
    lab.run_to(at(10));
    let activity = scale(&mut lab, 1);
    lab.run_to(at(17));
    assert_eq!(status(&lab, activity), StatusCode::InProgress);
    lab.run_to(at(60));
    assert_eq!(status(&lab, activity), StatusCode::Successful);
    assert_eq!(lab.cloud().activities[0].2.end, Some(at(18)));
    assert_eq!(lab.cloud().groups[0].members.len(), 1);
}

/// Trap 4: a server group that was only forgotten is not left. R-ESS-22
#[test]
fn a_forgotten_server_group_is_not_left() {
    let mut lab = group(2).lab();
    lab.call(|cloud, cx| cloud.ess_forget_sources(cx, ASG, &[0]));
    scale(&mut lab, 1);
    lab.run_to(at(60));
    assert_eq!(lab.cloud().instances[1].state, MachineState::Terminated);
    assert_eq!(lab.cloud().target_groups[0].counts.registered, 2);
}

/// Who is protected or stands by is never taken; where nobody else is left the activity tells.
/// R-ESS-9 R-ESS-22
#[test]
fn nobody_protected_is_taken() {
    let mut lab = group(3).lab();
    lab.call(|cloud, cx| cloud.set_protection(cx, ASG, &[InstanceId(0), InstanceId(1)], true));
    let activity = scale(&mut lab, 1);
    assert_eq!(leaving(&lab), [2]);
    lab.run_to(at(60));
    assert_eq!(status(&lab, activity), StatusCode::Warning);
    let activity = scale(&mut lab, 1);
    assert_eq!(status(&lab, activity), StatusCode::Failed);
    assert_eq!(lab.cloud().groups[0].counts.desired, 2);
}

/// Of a zone those go first that the removal policies name; who was attached has no launch template
/// and goes last unless only age counts. R-ESS-22
#[test]
fn removal_policies_say_who_goes_first() {
    use RemovalPolicy::{NewestInstance, OldestInstance, OldestScalingConfiguration};
    for (policies, first) in [
        (vec![OldestScalingConfiguration, OldestInstance], [1, 2]),
        (vec![OldestScalingConfiguration, NewestInstance], [3, 2]),
        (vec![NewestInstance], [3, 0]),
        (vec![OldestInstance], [1, 2]),
    ] {
        let mut fleet = group(2).with(|fleet| {
            fleet.zones.truncate(1);
            fleet.load_balancers[0].zones.truncate(1);
            fleet.groups[0].zones.truncate(1);
            fleet.groups[0].rules.ess.removal_policies = policies.clone();
        });
        fleet = fleet.machines(1);
        let mut lab = fleet.lab();
        // machine 0 is attached at 10 s, members are 1 and 2, and 3 is launched at 60 s
        lab.run_to(at(10));
        lab.call(|cloud, cx| {
            let machine = &mut cloud.instances[0];
            assert!(machine.group.is_none());
            cloud.ess_attach_instances(
                cx,
                ASG,
                &[InstanceId(0)],
                Joining {
                    entrusted: true,
                    ..Joining::default()
                },
            )
        });
        lab.run_to(at(60));
        scale(&mut lab, 4);
        lab.run_to(at(120));
        scale(&mut lab, 2);
        let mut first = first.to_vec();
        first.sort_unstable();
        let mut gone = leaving(&lab);
        gone.sort_unstable();
        assert_eq!(gone, first, "{policies:?}");
    }
}

/// Kills the machine of an instance.
fn kill(lab: &mut Lab, id: u32) {
    lab.call(|cloud, cx| cloud.terminate_machine(cx, InstanceId(id)));
}

/// An instance whose machine does not run is removed, below the smallest size too; then the group
/// launches what it lacks to that, and no more. R-ESS-24
#[test]
fn an_unhealthy_instance_is_removed_and_the_smallest_size_kept() {
    for (min, after) in [(3, 3), (1, 2)] {
        let mut lab = group(3).with(|fleet| fleet.groups[0].min_size = min).lab();
        lab.run_to(at(100));
        kill(&mut lab, 1);
        assert!(!lab.cloud().is_settled());
        lab.run_to(at(400));
        assert_eq!(lab.cloud().groups[0].total(), after);
        assert_eq!(lab.cloud().groups[0].counts.in_service, after);
        let activities = &lab.cloud().activities;
        let (_, cause, removal) = &activities[0];
        assert_eq!(removal.description, "Remove \"1\" ECS instance");
        assert_eq!(removal.status, StatusCode::Successful);
        assert!(cause.is_some(), "it inherits what stopped the machine");
        let told = lab.cloud().ess_activity(ActivityId(0)).unwrap();
        assert_eq!(told.trigger, Trigger::Ess);
        assert_eq!(activities.len(), if min == 3 { 2 } else { 1 });
        if let Some((.., launch)) = activities.get(1) {
            assert_eq!(
                launch.cause,
                "The total capacity is smaller than the MinSize, changing the Total Capacity from \
                 \"2\" to \"3\"."
            );
        }
        assert!(lab.cloud().is_settled());
    }
}

/// Nobody looks at who is protected, or at anybody where the group checks nothing. R-ESS-9 R-ESS-24
#[test]
fn nobody_unhealthy_is_removed_where_nobody_looks() {
    let mut lab = group(2).lab();
    lab.call(|cloud, cx| cloud.set_protection(cx, ASG, &[InstanceId(0)], true));
    kill(&mut lab, 0);
    lab.run_to(at(300));
    assert_eq!(lab.cloud().groups[0].total(), 2);
    let mut lab = group(2)
        .with(|fleet| fleet.groups[0].rules.ess.health_check = false)
        .lab();
    kill(&mut lab, 0);
    lab.run_to(at(300));
    assert_eq!(lab.cloud().groups[0].total(), 2);
}

/// Who was attached and is not entrusted to the group is taken out of it, not released. R-ESS-24
#[test]
fn an_unhealthy_attached_instance_only_leaves() {
    let mut lab = group(2).machines(1).lab();
    lab.call(|cloud, cx| cloud.ess_attach_instances(cx, ASG, &[InstanceId(0)], Joining::default()));
    lab.call(|cloud, cx| cloud.stop_machine(cx, InstanceId(0), false));
    lab.run_to(at(300));
    let instance = &lab.cloud().instances[0];
    assert_eq!(instance.state, MachineState::Stopped);
    assert_eq!(instance.group, None);
}

/// Who dies before it is in service is given up by the activity that launched it, which then ends;
/// what is missing to the smallest size is launched again. R-ESS-24
#[test]
fn an_instance_that_does_not_start_is_given_up() {
    let mut lab = group(2)
        .with(|fleet| {
            fleet.groups[0].min_size = 2;
            fleet.launch_templates[0].boot = constant(secs(200));
        })
        .lab();
    let activity = scale(&mut lab, 4);
    lab.run_to(at(10));
    kill(&mut lab, 2);
    kill(&mut lab, 3);
    lab.run_to(at(150));
    assert_eq!(status(&lab, activity), StatusCode::Failed);
    assert_eq!(lab.cloud().groups[0].busy, None);
    assert_eq!(lab.cloud().groups[0].total(), 2);
}

/// While machines cannot be had a group below its smallest size tries again and again. R-ESS-24
#[test]
fn a_group_below_its_smallest_size_tries_again() {
    let mut lab = group(2)
        .with(|fleet| {
            fleet.groups[0].min_size = 2;
            fleet.assumptions.launch_retry_delay = secs(100);
        })
        .lab();
    lab.call(|cloud, cx| {
        let fault = Fault::LaunchFailure { zones: Vec::new() };
        cloud.faults.begin(fault, cx.now, at(400));
    });
    kill(&mut lab, 0);
    lab.run_to(at(390));
    let failed = lab.cloud().activities.iter();
    let failed = failed.filter(|(.., activity)| activity.status == StatusCode::Failed);
    assert!((2..=4).contains(&failed.count()));
    lab.run_to(at(700));
    assert_eq!(lab.cloud().groups[0].counts.in_service, 2);
}

/// A balanced group all of whose instances but one are in the first zone.
fn uneven(total: u32, max: u32) -> Lab {
    let mut lab = balanced(2)
        .with(|fleet| fleet.groups[0].max_size = max)
        .lab();
    lab.call(|cloud, cx| {
        let fault = Fault::LaunchFailure {
            zones: vec![ZoneId(1)],
        };
        cloud.faults.begin(fault, cx.now, at(90));
    });
    scale(&mut lab, total);
    lab.run_to(at(100));
    lab
}

/// Members by zone.
fn by_zone(lab: &Lab) -> [usize; 2] {
    let members = lab.cloud().groups[0].members.iter();
    let zones: Vec<u32> = members
        .map(|id| lab.cloud().instances[id.index()].zone.0)
        .collect();
    [0, 1].map(|zone| zones.iter().filter(|other| **other == zone).count())
}

/// Instances of the full zone are replaced by ones of the other, which are launched first and serve
/// before anybody goes; of the largest size a tenth more is allowed, one at least, so that it goes
/// on in rounds. R-ESS-25
#[test]
fn rebalancing_replaces_what_is_too_much_in_a_zone() {
    for (max, most, rounds) in [(9, 8, 1), (6, 7, 2)] {
        let mut lab = uneven(6, max);
        assert_eq!(by_zone(&lab), [5, 1]);
        assert_eq!(lab.cloud().ess_misplaced(ASG), 2);
        let activity = lab.call(|cloud, cx| cloud.ess_rebalance(cx, ASG));
        assert!(leaving(&lab).is_empty());
        let mut largest = 0;
        lab.step_to(at(600), |lab| {
            let group = &lab.cloud().groups[0];
            largest = largest.max(group.total());
            assert!(group.counts.in_service >= 6);
        });
        assert_eq!((by_zone(&lab), largest), ([3, 3], most));
        let told = lab.cloud().ess_activity(activity).unwrap();
        assert_eq!((told.created.len(), told.destroyed.len()), (2, 2));
        assert_eq!(status(&lab, activity), StatusCode::Successful);
        let end = lab.cloud().activities[activity.index()].2.end.unwrap();
        // each round boots in 20 s, and leaves in 3 s and 5 s
        assert_eq!(end, at(100 + 28 * rounds));
        assert_eq!(lab.cloud().groups[0].counts.desired, 6);
    }
}

/// One activity replaces 20 at most. R-ESS-25
#[test]
fn rebalancing_replaces_twenty_at_most() {
    let mut lab = uneven(60, 60);
    assert_eq!(lab.cloud().ess_misplaced(ASG), 29);
    lab.call(|cloud, cx| cloud.ess_rebalance(cx, ASG));
    lab.run_to(at(1000));
    assert_eq!(by_zone(&lab), [39, 21]);
    assert_eq!(lab.cloud().groups[0].busy, None);
}

/// Where the other zone has no machines nothing is replaced. R-ESS-25
#[test]
fn rebalancing_without_machines_fails() {
    let mut lab = uneven(6, 9);
    lab.call(|cloud, cx| {
        let fault = Fault::LaunchFailure {
            zones: vec![ZoneId(1)],
        };
        cloud.faults.begin(fault, cx.now, at(1000));
    });
    let activity = lab.call(|cloud, cx| cloud.ess_rebalance(cx, ASG));
    assert_eq!(status(&lab, activity), StatusCode::Failed);
    lab.run_to(at(300));
    assert_eq!(by_zone(&lab), [5, 1]);
}

/// Nobody goes in the stead of those whose hooks send them away: new ones serve first. R-ESS-18
/// R-ESS-25
#[test]
fn rebalancing_spares_those_whose_replacements_do_not_come() {
    for (result, zones, state) in [
        (ActionResult::Abandon, [5, 1], StatusCode::Failed),
        (ActionResult::Continue, [3, 3], StatusCode::Successful),
    ] {
        let mut lab = uneven(6, 9);
        lab.call(|cloud, _| cloud.put_hook(ASG, launching(result)));
        let activity = lab.call(|cloud, cx| cloud.ess_rebalance(cx, ASG));
        lab.step_to(at(600), |lab| {
            assert!(lab.cloud().groups[0].counts.in_service >= 6);
        });
        assert_eq!((by_zone(&lab), status(&lab, activity)), (zones, state));
        assert_eq!(lab.cloud().groups[0].counts.desired, 6);
    }
}

fn launching(default_result: ActionResult) -> Hook {
    Hook {
        id: "ash-1".to_owned(),
        name: "come".to_owned(),
        transition: Transition::Launching,
        heartbeat: secs(60),
        default_result,
        notification_target: None,
        role: None,
        metadata: None,
    }
}
