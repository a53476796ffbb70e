//! Drills: calls of a drain runbook one after another, under traffic, and what they cost.

use drainsim::api::{Call, operation};
use drainsim::model::hook::{ActionResult, Hook, Transition};
use drainsim::model::ids::WorkloadId;
use drainsim::model::lifecycle::LifecycleState as S;
use drainsim::model::settings::ShutdownThen;
use serde_json::{Value, json};

use crate::fleet::{Fleet, Lab, at, constant, poisson, secs, when};

/// The name of the group, and its first instance.
const GROUP: &str = "asg0";
const FIRST: &str = "i-a0000000000000000";

const WEB_ARN: &str =
    "arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/web/73e2d6bc24d8a067";

/// A group of `desired`, two at least, under 20 requests a second of 10 s each. Machines exit at
/// once when told to stop; the balancer learns of everything after 2 s.
fn fleet(desired: u32, delay: u64) -> Fleet {
    Fleet::aws()
        .delay(delay)
        .propagation(constant(secs(2)))
        .machine(|machine| machine.shutdown.then = ShutdownThen::Exit)
        .group(2, desired, 6)
        .traffic(poisson(20.0), constant(secs(10)))
}

fn make(lab: &mut Lab, name: &str, params: Value) -> Value {
    let operation = operation(name).expect("the operation is registered");
    lab.call(|cloud, cx| (operation.apply)(&mut Call { cloud, cx }, &params))
        .unwrap_or_else(|error| panic!("{name} is accepted, not {error}"))
}

fn lost(lab: &Lab) -> u64 {
    lab.cloud().recorder().all(WorkloadId(0)).lost()
}

/// When the first instance came to a state.
/// Patching in standby: with a delay longer than a request and its propagation nothing is lost,
/// although the process is killed meanwhile; with a shorter one something is.
#[test]
fn patching_in_standby_loses_nothing_if_the_delay_is_long_enough() {
    for (delay, harmless) in [(30, true), (5, false)] {
        let mut lab = fleet(3, delay).lab();
        lab.run_to(at(60));
        let one = json!({"AutoScalingGroupName": GROUP, "InstanceIds": [FIRST],
            "ShouldDecrementDesiredCapacity": true});
        make(&mut lab, "autoscaling:EnterStandby", one);
        lab.run_to(at(60 + delay + 1));
        assert_eq!(lab.cloud().instances[0].lifecycle, S::Standby);
        make(
            &mut lab,
            "ec2:StopInstances",
            json!({"InstanceIds": [FIRST]}),
        );
        lab.run_to(at(200));
        make(
            &mut lab,
            "ec2:StartInstances",
            json!({"InstanceIds": [FIRST]}),
        );
        lab.run_to(at(300));
        let one = json!({"AutoScalingGroupName": GROUP, "InstanceIds": [FIRST]});
        make(&mut lab, "autoscaling:ExitStandby", one);
        lab.run_to(at(400));
        assert_eq!(lost(&lab) == 0, harmless, "delay {delay} s");
        let group = &lab.cloud().groups[0];
        assert_eq!((group.counts.desired, group.counts.serving), (3, 3));
    }
}

/// Trap 7: on AWS the hook runs after the drain, so that a hook of any
/// length saves nothing which the delay cuts, and a default result of ABANDON after its heartbeat
/// timeout terminates all the same. A heartbeat by call puts that off. R-HOOK-1, R-HOOK-2
#[test]
fn trap_7_the_hook_comes_after_the_drain() {
    let run = |delay: u64| {
        let mut lab = fleet(3, delay).lab();
        lab.run_to(at(5));
        make(
            &mut lab,
            "autoscaling:PutLifecycleHook",
            json!({"AutoScalingGroupName": GROUP, "LifecycleHookName": "drain",
                "LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING",
                "HeartbeatTimeout": 60}),
        );
        lab.run_to(at(60));
        make(
            &mut lab,
            "autoscaling:TerminateInstanceInAutoScalingGroup",
            json!({"InstanceId": FIRST, "ShouldDecrementDesiredCapacity": true}),
        );
        lab.run_to(at(100));
        make(
            &mut lab,
            "autoscaling:RecordLifecycleActionHeartbeat",
            json!({"AutoScalingGroupName": GROUP, "LifecycleHookName": "drain",
                "InstanceId": FIRST}),
        );
        lab.run_to(at(400));
        lab
    };
    let lab = run(30);
    assert_eq!(when(&lab, 0, S::Terminating), Some(at(60)));
    assert_eq!(when(&lab, 0, S::TerminatingWait), Some(at(90)));
    // without the heartbeat at 100 s it would be 150 s
    assert_eq!(when(&lab, 0, S::TerminatingProceed), Some(at(160)));
    assert_eq!(lost(&lab), 0);
    // requests of 10 s, a delay of 5 s: cut although the machine runs on for more than a minute
    let lab = run(5);
    assert_eq!(when(&lab, 0, S::TerminatingWait), Some(at(65)));
    assert_eq!(when(&lab, 0, S::TerminatingProceed), Some(at(160)));
    assert!(lost(&lab) > 0);
}

/// Trap 7, the other half: detaching and standby run no hooks, and neither does coming back.
#[test]
fn trap_7_detaching_and_standby_run_no_hooks() {
    let hook = |transition| Hook {
        id: String::new(),
        name: format!("{transition:?}"),
        transition,
        heartbeat: secs(60),
        default_result: ActionResult::Abandon,
        notification_target: None,
        role: None,
        metadata: None,
    };
    let mut lab = fleet(4, 30)
        .with(|fleet| {
            let both = [Transition::Launching, Transition::Terminating];
            fleet.groups[0].hooks = both.map(hook).to_vec();
        })
        .lab();
    let one = json!({"AutoScalingGroupName": GROUP, "InstanceIds": [FIRST]});
    let mut leave = one.clone();
    leave["ShouldDecrementDesiredCapacity"] = json!(true);
    for (second, name, params) in [
        (10, "autoscaling:EnterStandby", &leave),
        (50, "autoscaling:ExitStandby", &one),
        (90, "autoscaling:DetachInstances", &leave),
        (130, "autoscaling:AttachInstances", &one),
    ] {
        lab.run_to(at(second));
        make(&mut lab, name, params.clone());
    }
    lab.run_to(at(200));
    assert!(lab.cloud().lifecycle_actions.is_empty());
    assert_eq!(lab.cloud().instances[0].lifecycle, S::InService);
    assert_eq!(lost(&lab), 0);
}

/// Detaching without a decrement while Launch is suspended leaves a hole until it is resumed.
#[test]
fn without_launch_a_detached_instance_leaves_a_hole() {
    let mut lab = fleet(3, 30).lab();
    let launch = json!({"AutoScalingGroupName": GROUP, "ScalingProcesses": ["Launch"]});
    make(&mut lab, "autoscaling:SuspendProcesses", launch.clone());
    lab.run_to(at(10));
    make(
        &mut lab,
        "autoscaling:DetachInstances",
        json!({"AutoScalingGroupName": GROUP, "InstanceIds": [FIRST],
            "ShouldDecrementDesiredCapacity": false}),
    );
    lab.run_to(at(300));
    let counts = lab.cloud().groups[0].counts;
    assert_eq!((counts.desired, counts.serving, counts.pending), (3, 2, 0));
    make(&mut lab, "autoscaling:ResumeProcesses", launch);
    lab.run_to(at(400));
    let counts = lab.cloud().groups[0].counts;
    assert_eq!((counts.desired, counts.serving), (3, 3));
}

/// Trap 1: a script that polls for the end of a drain is done as soon as a
/// Classic Load Balancer is, and waits the whole delay for an Application Load Balancer. R-CLB-2,
/// R-DRAIN-4
#[test]
fn trap_1_polling_ends_early_on_a_classic_load_balancer_alone() {
    let classic = |fleet: Fleet| fleet.propagation(constant(secs(2))).machines(2);
    // requests of 10 s that come until the balancer has learnt, 2 s after the call at 60 s
    let under_traffic = |fleet: Fleet| fleet.traffic(poisson(20.0), constant(secs(10)));
    let leave = |lab: &mut Lab, name: &str, params: Value, describe: (&str, Value), state: &str| {
        lab.run_to(at(60));
        make(lab, name, params);
        let mut polls = 0;
        loop {
            let answer = make(lab, describe.0, describe.1.clone()).to_string();
            if answer.contains(state) {
                return polls * 15;
            }
            polls += 1;
            assert!(polls < 40, "{answer}");
            lab.run_to(at(60 + 15 * polls));
        }
    };
    let id = "i-00000000000000000";
    let mut lab = under_traffic(classic(Fleet::classic_draining(300))).lab();
    let instances = json!({"LoadBalancerName": "front", "Instances": [{"InstanceId": id}]});
    let describe = ("elb:DescribeInstanceHealth", instances.clone());
    let waited = leave(
        &mut lab,
        "elb:DeregisterInstancesFromLoadBalancer",
        instances,
        describe,
        "Instance is not currently registered",
    );
    assert_eq!((waited, lost(&lab)), (15, 0));
    let mut lab = under_traffic(classic(Fleet::aws().delay(300)))
        .with(|fleet| fleet.target_groups[0].identifier = WEB_ARN.to_owned())
        .lab();
    let targets = json!({"TargetGroupArn": WEB_ARN, "Targets": [{"Id": id}]});
    let describe = ("elbv2:DescribeTargetHealth", targets.clone());
    let waited = leave(
        &mut lab,
        "elbv2:DeregisterTargets",
        targets,
        describe,
        "unused",
    );
    assert_eq!((waited, lost(&lab)), (300, 0));
}

/// Trap 4: `DetachTrafficSources` takes every instance from one balancer
/// at once and replaces nobody, so that nothing is left to serve; `DetachInstances` takes one
/// instance from every balancer and replaces it. The older calls do as the newer one does.
#[test]
fn trap_4_detaching_a_source_empties_it_and_detaching_an_instance_does_not() {
    let web = json!([{"Identifier": WEB_ARN}]);
    for (name, params, replaced, harmless) in [
        (
            "DetachTrafficSources",
            json!({"TrafficSources": web}),
            false,
            false,
        ),
        (
            "DetachLoadBalancerTargetGroups",
            json!({"TargetGroupARNs": [WEB_ARN]}),
            false,
            false,
        ),
        (
            "DetachInstances",
            json!({"InstanceIds": [FIRST], "ShouldDecrementDesiredCapacity": false}),
            true,
            true,
        ),
    ] {
        let mut lab = fleet(3, 30)
            .with(|fleet| fleet.target_groups[0].identifier = WEB_ARN.to_owned())
            .lab();
        lab.run_to(at(60));
        let mut params = params;
        params["AutoScalingGroupName"] = json!(GROUP);
        make(&mut lab, &format!("autoscaling:{name}"), params);
        lab.run_to(at(200));
        assert_eq!(lost(&lab) == 0, harmless, "{name}");
        let group = &lab.cloud().groups[0];
        assert_eq!(
            (group.counts.desired, group.members.len()),
            (3, 3),
            "{name}"
        );
        assert_eq!(lab.cloud().activities.is_empty(), !replaced, "{name}");
        assert_eq!(lab.cloud().instances[0].group.is_none(), replaced, "{name}");
    }
}
