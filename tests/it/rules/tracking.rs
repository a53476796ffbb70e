//! Target tracking: what is read, when an alarm is one, what is wanted, and who has a say.

use drainsim::api::{Call, operation};
use drainsim::engine::time::SimTime;
use serde_json::{Value, json};

use crate::fleet::{Fleet, Lab, arrivals_at, at, at_ms, constant, secs};

const FRONT: &str = "app/front/50dc6c495c0c9188";
const WEB: &str = "targetgroup/web/73e2d6bc24d8a067";
const LABEL: &str = "app/front/50dc6c495c0c9188/targetgroup/web/73e2d6bc24d8a067";

/// Requests of a tenth of a second: (requests a minute, for so many minutes), one after the other.
fn arrivals(phases: &[(u64, u64)]) -> Vec<SimTime> {
    let mut times = Vec::new();
    let mut minute = 0;
    for &(rate, minutes) in phases {
        for _ in 0..minutes {
            // a millisecond after the whole minute, so that each is in a minute for certain
            times.extend(
                (0..rate).map(|number| at_ms(minute * 60_000 + 1 + number * 60_000 / rate)),
            );
            minute += 1;
        }
    }
    times
}

/// A group of `desired`, one at least and nine at most; an instance serves 42 s after it is wanted.
fn fleet(desired: u32, phases: &[(u64, u64)]) -> Fleet {
    let times = arrivals(phases);
    Fleet::aws()
        .delay(10)
        .group(1, desired, 9)
        .traffic(arrivals_at(times), constant(secs(1)))
        .with(|fleet| {
            let arn = "arn:aws:elasticloadbalancing:us-west-2:123456789012";
            fleet.load_balancers[0].identifier = format!("{arn}:loadbalancer/{FRONT}");
            fleet.target_groups[0].identifier = format!("{arn}:{WEB}");
        })
}

/// So many instances, and requests a minute for a third of an hour.
fn large(desired: u32, rate: u64) -> Fleet {
    let fleet = fleet(desired, &[(rate, 20)]);
    fleet.with(|fleet| fleet.groups[0].max_size = 30)
}

fn make(lab: &mut Lab, name: &str, params: &Value) -> Value {
    let operation = operation(name).expect("the operation is registered");
    lab.call(|cloud, cx| (operation.apply)(&mut Call { cloud, cx }, params))
        .unwrap_or_else(|error| panic!("{name} is accepted, not {error}"))
}

/// Puts a policy that tracks requests for each target, or with `None` the utilisation.
fn put(lab: &mut Lab, name: &str, label: Option<&str>, target: f64, more: &Value) -> Value {
    let metric = match label {
        Some(label) => json!({"PredefinedMetricType": "ALBRequestCountPerTarget",
            "ResourceLabel": label}),
        None => json!({"PredefinedMetricType": "ASGAverageCPUUtilization"}),
    };
    let mut configuration = json!({"PredefinedMetricSpecification": metric, "TargetValue": target});
    let fields = configuration.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    put_as(lab, name, &configuration)
}

fn put_as(lab: &mut Lab, name: &str, configuration: &Value) -> Value {
    make(
        lab,
        "autoscaling:PutScalingPolicy",
        &json!({"AutoScalingGroupName": "asg0", "PolicyName": name,
            "PolicyType": "TargetTrackingScaling", "EstimatedInstanceWarmup": 60,
            "TargetTrackingConfiguration": configuration}),
    )
}

/// Puts policies.
type Puts<'a> = &'a dyn Fn(&mut Lab);

fn desired(lab: &mut Lab, second: u64) -> u32 {
    lab.run_to(at(second));
    lab.cloud().groups[0].counts.desired
}

/// Two targets with 600 requests a minute each that should have 300: after three readings the
/// group is to have four, and stays there. R-TRACK-1, R-TRACK-2, R-TRACK-3
#[test]
fn requests_for_each_target_are_kept_near_the_target() {
    let mut lab = fleet(2, &[(1_200, 20)]).lab();
    put(&mut lab, "requests", Some(LABEL), 300.0, &json!({}));
    assert_eq!(desired(&mut lab, 179), 2);
    assert_eq!(desired(&mut lab, 180), 4);
    // 1,200 requests for four targets are what they should be
    assert_eq!(desired(&mut lab, 1_200), 4);
    assert_eq!(lab.cloud().groups[0].counts.serving, 4);
}

/// What is wanted is rounded up: 500 for each of two that should have 300 are 3.33 of them.
/// R-TRACK-3
#[test]
fn capacity_is_rounded_up_both_ways() {
    let mut lab = fleet(2, &[(1_000, 5)]).lab();
    put(&mut lab, "requests", Some(LABEL), 300.0, &json!({}));
    assert_eq!(desired(&mut lab, 180), 4);
    // 600 requests for five targets that should have 250 are 2.4 of them
    let mut lab = fleet(5, &[(600, 20)]).lab();
    put(&mut lab, "requests", Some(LABEL), 250.0, &json!({}));
    assert_eq!(desired(&mut lab, 899), 5);
    assert_eq!(desired(&mut lab, 900), 3);
}

/// While instances warm up the same breach does not scale again: they count as if they helped
/// already. A larger one does. R-TRACK-6
#[test]
fn a_breach_that_goes_on_scales_once() {
    let mut lab = fleet(1, &[(600, 3), (2_400, 10)])
        .with(|fleet| {
            // nothing new is in service before the end
            fleet.launch_templates[0].boot = constant(secs(3_000));
        })
        .lab();
    put(&mut lab, "requests", Some(LABEL), 300.0, &json!({}));
    assert_eq!(desired(&mut lab, 180), 2);
    assert_eq!(desired(&mut lab, 239), 2);
    // 2,400 for the one that helps are eight
    assert_eq!(desired(&mut lab, 240), 8);
    assert_eq!(desired(&mut lab, 300), 8);
}

/// Scaling in needs fifteen readings below 90 % of the target, and somebody who may. R-TRACK-2
#[test]
fn scaling_in_is_slow_and_may_be_off() {
    for (rate, more, after) in [
        (800, json!({}), 3),
        (810, json!({}), 3),
        (809, json!({"DisableScaleIn": true}), 3),
        (500, json!({}), 2),
        (500, json!({"DisableScaleIn": true}), 3),
        (30, json!({}), 1),
    ] {
        let mut lab = fleet(3, &[(rate, 20)]).lab();
        put(&mut lab, "requests", Some(LABEL), 300.0, &more);
        assert_eq!(desired(&mut lab, 899), 3, "{rate} {more}");
        assert_eq!(desired(&mut lab, 901), after, "{rate} {more}");
    }
    // for ten targets 2,700 are 90 %, for which nine would do; fewer are below it
    for (rate, more, after) in [
        (2_700, json!({}), 10),
        (2_690, json!({}), 9),
        (2_690, json!({"DisableScaleIn": true}), 10),
    ] {
        let mut lab = large(10, rate).lab();
        put(&mut lab, "requests", Some(LABEL), 300.0, &more);
        assert_eq!(desired(&mut lab, 901), after, "{rate} {more}");
    }
}

/// The mean share of busy servers: 16 requests at once, on two instances of ten servers, are 80 %.
/// R-TRACK-4
#[test]
fn utilisation_is_the_share_of_busy_servers() {
    let mut lab = fleet(2, &[(960, 12)])
        .machine(|machine| machine.concurrency = Some(10))
        .lab();
    put(&mut lab, "busy", None, 45.0, &json!({}));
    assert_eq!(desired(&mut lab, 179), 2);
    assert_eq!(desired(&mut lab, 180), 4);
    assert_eq!(desired(&mut lab, 720), 4);
    // without a limit there is nothing to be busy of
    let mut lab = fleet(2, &[(960, 12)]).lab();
    put(&mut lab, "busy", None, 45.0, &json!({}));
    assert_eq!(desired(&mut lab, 720), 2);
}

/// Of several policies the one that wants most scales out; scaling in waits until all agree, and a
/// metric without readings never does. R-TRACK-5
#[test]
fn several_policies_must_agree_to_scale_in() {
    let mut lab = fleet(2, &[(1_200, 4)]).lab();
    put(&mut lab, "some", Some(LABEL), 300.0, &json!({}));
    put(&mut lab, "more", Some(LABEL), 200.0, &json!({}));
    assert_eq!(desired(&mut lab, 180), 6);

    let custom = json!({"TargetValue": 5.0, "CustomizedMetricSpecification":
        {"MetricName": "Depth", "Namespace": "Queue", "Statistic": "Average"}});
    let quiet = json!({"DisableScaleIn": true});
    // what the second policy does, and the capacity after a quarter of an hour with 100 requests for
    // each of three
    let cases: [(&str, Puts<'_>, u32); 5] = [
        ("alone", &|_| (), 1),
        (
            "wants fewer as well",
            &|lab| {
                put(lab, "other", Some(LABEL), 200.0, &json!({}));
            },
            2,
        ),
        (
            "is content",
            &|lab| {
                put(lab, "other", Some(LABEL), 105.0, &json!({}));
            },
            3,
        ),
        (
            "only scales out",
            &|lab| {
                put(lab, "other", Some(LABEL), 105.0, &quiet);
            },
            1,
        ),
        (
            "has no readings",
            &|lab| {
                put_as(lab, "other", &custom);
            },
            3,
        ),
    ];
    for (what, other, after) in cases {
        let mut lab = fleet(3, &[(300, 20)]).lab();
        put(&mut lab, "requests", Some(LABEL), 300.0, &json!({}));
        other(&mut lab);
        assert_eq!(desired(&mut lab, 901), after, "another that {what}");
    }
    // at 94 % the second would do with 19, but does not ask for that
    let mut lab = large(20, 2_000).lab();
    put(&mut lab, "requests", Some(LABEL), 300.0, &json!({}));
    put(&mut lab, "other", Some(LABEL), 106.4, &json!({}));
    assert_eq!(desired(&mut lab, 901), 20);
}

/// While `AlarmNotification` is suspended alarms have no effect; resumed, they are looked at again.
/// R-TRACK-6
#[test]
fn alarms_wait_for_their_process() {
    let mut lab = fleet(2, &[(1_200, 20)]).lab();
    put(&mut lab, "requests", Some(LABEL), 300.0, &json!({}));
    let process =
        json!({"AutoScalingGroupName": "asg0", "ScalingProcesses": ["AlarmNotification"]});
    make(&mut lab, "autoscaling:SuspendProcesses", &process);
    assert_eq!(desired(&mut lab, 400), 2);
    make(&mut lab, "autoscaling:ResumeProcesses", &process);
    assert_eq!(desired(&mut lab, 419), 2);
    assert_eq!(desired(&mut lab, 420), 4);
}

/// Activities name alarm and policy as a seen one does; they are blamed on who put the policy.
/// R-TRACK-1
#[test]
fn activities_name_the_alarm() {
    let mut lab = fleet(2, &[(1_200, 4)]).lab();
    let answer = put(&mut lab, "requests", Some(LABEL), 300.0, &json!({}));
    let alarms = answer["Alarms"].as_array().unwrap();
    assert_eq!(alarms.len(), 2);
    let high = alarms[0]["AlarmName"].as_str().unwrap();
    let low = alarms[1]["AlarmName"].as_str().unwrap();
    assert!(high.starts_with("TargetTracking-asg0-AlarmHigh-"), "{high}");
    assert!(low.starts_with("TargetTracking-asg0-AlarmLow-"), "{low}");
    lab.run_to(at(200));
    let (_, entry, activity) = &lab.cloud().activities[0];
    assert_eq!(entry.map(|entry| entry.0), Some(0));
    assert_eq!(
        activity.cause,
        format!(
            "At 2026-01-01T00:03:00Z a monitor alarm {high} in state ALARM triggered policy \
             requests changing the desired capacity from 2 to 4.  At 2026-01-01T00:03:02Z an \
             instance was started in response to a difference between desired and actual capacity, \
             increasing the capacity from 2 to 4."
        )
    );
}

/// A policy that is deleted, disabled or put with another target no longer scales as it did.
#[test]
fn a_policy_that_is_gone_does_not_scale() {
    let mut lab = fleet(2, &[(1_200, 20)]).lab();
    put(&mut lab, "requests", Some(LABEL), 300.0, &json!({}));
    lab.run_to(at(100));
    make(
        &mut lab,
        "autoscaling:DeletePolicy",
        &json!({"AutoScalingGroupName": "asg0", "PolicyName": "requests"}),
    );
    assert_eq!(desired(&mut lab, 600), 2);
    put(&mut lab, "requests", Some(LABEL), 300.0, &json!({}));
    lab.run_to(at(700));
    // its readings begin anew, with the first whole minute
    put(&mut lab, "requests", Some(LABEL), 400.0, &json!({}));
    assert_eq!(desired(&mut lab, 899), 2);
    assert_eq!(desired(&mut lab, 900), 3);
    make(
        &mut lab,
        "autoscaling:DeleteAutoScalingGroup",
        &json!({"AutoScalingGroupName": "asg0", "ForceDelete": true}),
    );
    assert_eq!(desired(&mut lab, 1_200), 0);
    let group = &lab.cloud().groups[0];
    assert!(group.members.is_empty() && group.scaling.policies.is_empty());
    assert!(lab.cloud().is_settled());
}

/// A disabled policy is kept and does not scale, be it put so or put again; enabled, it does.
/// R-TRACK-6
#[test]
fn a_disabled_policy_does_not_scale() {
    let enabled = |lab: &mut Lab, enabled: bool| {
        make(
            lab,
            "autoscaling:PutScalingPolicy",
            &json!({"AutoScalingGroupName": "asg0", "PolicyName": "requests",
                "PolicyType": "TargetTrackingScaling", "Enabled": enabled,
                "TargetTrackingConfiguration": {"TargetValue": 300.0,
                    "PredefinedMetricSpecification": {"ResourceLabel": LABEL,
                        "PredefinedMetricType": "ALBRequestCountPerTarget"}}}),
        );
    };
    let mut lab = fleet(2, &[(1_200, 30)]).lab();
    enabled(&mut lab, false);
    assert_eq!(desired(&mut lab, 600), 2);
    enabled(&mut lab, true);
    lab.run_to(at(700));
    enabled(&mut lab, false);
    assert_eq!(desired(&mut lab, 1_200), 2);
    assert_eq!(lab.cloud().groups[0].scaling.policies.len(), 1);
    enabled(&mut lab, true);
    assert_eq!(desired(&mut lab, 1_379), 2);
    assert_eq!(desired(&mut lab, 1_380), 4);
}
