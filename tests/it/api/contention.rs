//! `ResourceContention`, which Auto Scaling answers now and then when a setting says so.

use serde_json::{Value, json};

use super::fleet::{CLASSIC, Fleet, GROUP, WEB};

fn calls() -> Vec<(&'static str, Value)> {
    let sources = json!({"AutoScalingGroupName": GROUP, "TrafficSources": [{"Identifier": WEB}]});
    vec![
        (
            "autoscaling:AttachInstances",
            json!({"AutoScalingGroupName": GROUP, "InstanceIds": ["i-9"]}),
        ),
        ("autoscaling:AttachTrafficSources", sources.clone()),
        ("autoscaling:DetachTrafficSources", sources),
        (
            "autoscaling:DetachInstances",
            json!({"AutoScalingGroupName": GROUP,
            "InstanceIds": ["i-1"], "ShouldDecrementDesiredCapacity": true}),
        ),
        (
            "autoscaling:SetDesiredCapacity",
            json!({"AutoScalingGroupName": GROUP, "DesiredCapacity": 2}),
        ),
        (
            "autoscaling:TerminateInstanceInAutoScalingGroup",
            json!({"InstanceId": "i-1", "ShouldDecrementDesiredCapacity": true}),
        ),
        (
            "autoscaling:EnterStandby",
            json!({"AutoScalingGroupName": GROUP, "InstanceIds": ["i-1"],
                "ShouldDecrementDesiredCapacity": true}),
        ),
        (
            "autoscaling:SetInstanceProtection",
            json!({"AutoScalingGroupName": GROUP, "InstanceIds": ["i-1"],
                "ProtectedFromScaleIn": true}),
        ),
        (
            "autoscaling:SetInstanceHealth",
            json!({"InstanceId": "i-1", "HealthStatus": "Unhealthy"}),
        ),
        (
            "autoscaling:SuspendProcesses",
            json!({"AutoScalingGroupName": GROUP}),
        ),
        (
            "autoscaling:ResumeProcesses",
            json!({"AutoScalingGroupName": GROUP}),
        ),
        (
            "autoscaling:PutLifecycleHook",
            json!({"AutoScalingGroupName": GROUP, "LifecycleHookName": "drain",
                "LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING"}),
        ),
        (
            "autoscaling:AttachLoadBalancerTargetGroups",
            json!({"AutoScalingGroupName": GROUP, "TargetGroupARNs": [WEB]}),
        ),
        (
            "autoscaling:DetachLoadBalancerTargetGroups",
            json!({"AutoScalingGroupName": GROUP, "TargetGroupARNs": [WEB]}),
        ),
        (
            "autoscaling:AttachLoadBalancers",
            json!({"AutoScalingGroupName": GROUP, "LoadBalancerNames": [CLASSIC]}),
        ),
        (
            "autoscaling:DetachLoadBalancers",
            json!({"AutoScalingGroupName": GROUP, "LoadBalancerNames": [CLASSIC]}),
        ),
    ]
}

fn fleet(rate: f64) -> Fleet {
    let mut fleet = Fleet::aws()
        .classic(CLASSIC)
        .group(GROUP, (1, 4, 2), &["i-1", "i-2"])
        .machine("i-9");
    fleet.0.assumptions.contention_rate = rate;
    fleet
}

#[test]
fn every_call_that_changes_a_group_may_meet_it() {
    let mut site = fleet(1.0).site();
    for (name, params) in calls() {
        site.refused(
            name,
            params,
            (
                "ResourceContention",
                500,
                "You already have a pending update to an Auto Scaling resource (for example, an \
                 Auto Scaling group, instance, or load balancer).",
            ),
        );
    }
}

#[test]
fn a_call_that_is_wrong_anyway_is_told_so() {
    let mut site = fleet(1.0).site();
    site.invalid(
        "autoscaling:SetDesiredCapacity",
        json!({"AutoScalingGroupName": GROUP, "DesiredCapacity": 9}),
        "New SetDesiredCapacity value 9 is above max value 4 for the AutoScalingGroup.",
    );
    site.accepted(
        "autoscaling:DescribeTrafficSources",
        json!({"AutoScalingGroupName": GROUP}),
    );
}

#[test]
fn without_the_setting_nobody_meets_it() {
    for (name, params) in calls() {
        fleet(0.0).site().accepted(name, params);
    }
}

/// At a rate of one half a fair coin decides: 200 flips give 60 to 140 heads.
#[test]
fn the_rate_is_a_share_of_the_calls() {
    let mut site = fleet(0.5).site();
    let met = (1..=200)
        .filter(|&second| {
            site.run_to(second);
            let (name, params) = calls().swap_remove(4);
            site.call(name, params).is_err()
        })
        .count();
    assert!((60..=140).contains(&met), "{met} of 200");
}
