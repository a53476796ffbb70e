//! `autoscaling:PutScalingPolicy`.

use serde_json::{Value, json};

use super::fleet::{Fleet, GROUP, Site};

const PUT: &str = "autoscaling:PutScalingPolicy";

fn site() -> Site {
    Fleet::aws().group(GROUP, (1, 6, 2), &["i-1", "i-2"]).site()
}

/// A request for the policy `scale` with these parameters besides.
fn put(more: Value) -> Value {
    let mut params = json!({"AutoScalingGroupName": GROUP, "PolicyName": "scale"});
    let fields = params.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    params
}

/// A step policy with steps of (lower bound, upper bound), each by 1.
fn steps(bounds: &[(Option<f64>, Option<f64>)]) -> Value {
    let step = |(lower, upper): &(Option<f64>, Option<f64>)| {
        json!({"MetricIntervalLowerBound": lower, "MetricIntervalUpperBound": upper,
            "ScalingAdjustment": 1})
    };
    put(
        json!({"PolicyType": "StepScaling", "AdjustmentType": "ChangeInCapacity",
        "StepAdjustments": bounds.iter().map(step).collect::<Vec<Value>>()}),
    )
}

#[test]
fn a_policy_of_the_same_name_is_replaced_and_keeps_its_arn() {
    let mut site = site();
    let simple = put(json!({"AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": 1}));
    let first = site.accepted(PUT, simple.clone());
    let arn = first["PolicyARN"].as_str().unwrap();
    assert!(arn.starts_with("arn:aws:autoscaling:"), "{arn}");
    let end = format!(":autoScalingGroupName/{GROUP}:policyName/scale");
    assert!(arn.ends_with(&end), "{arn}");
    assert_eq!(first["Alarms"], json!([]));
    let again = site.accepted(PUT, steps(&[(Some(0.0), None)]));
    assert_eq!(again, first);
    let shown = site.accepted(
        "autoscaling:DescribePolicies",
        json!({"AutoScalingGroupName": GROUP}),
    );
    assert_eq!(shown["ScalingPolicies"].as_array().unwrap().len(), 1);
    assert_eq!(shown["ScalingPolicies"][0]["PolicyType"], "StepScaling");
}

/// Steps may not overlap nor leave gaps, and reach to infinity on the side on which they lie.
#[test]
fn steps_that_do_not_fit_are_refused() {
    let gap = "StepAdjustment intervals cannot have gaps between them";
    let overlap = "StepAdjustment intervals cannot overlap";
    let no_top = "There must be a StepAdjustment with an unspecified upper bound (i.e., upper \
                  bound is null) when one StepAdjustment has a positive upper bound";
    let no_bottom = "There must be a StepAdjustment with an unspecified lower bound (i.e., lower \
                     bound is null) when one StepAdjustment has a negative lower bound";
    let (none, at) = (None, |bound: f64| Some(bound));
    let cases = [
        (
            vec![(none, none)],
            "Both lower and upper bounds of a step adjustment cannot be left unspecified",
        ),
        (
            vec![(at(5.0), at(5.0))],
            "LowerBound must be less than the UpperBound for a StepAdjustment",
        ),
        (vec![(at(1.0), at(2.0))], no_top),
        (vec![(at(-20.0), at(-10.0))], no_bottom),
        (
            vec![(none, at(0.0)), (none, at(-10.0))],
            "At most one StepAdjustment may have an unspecified lower bound",
        ),
        (
            vec![(at(0.0), none), (at(10.0), none)],
            "At most one StepAdjustment may have an unspecified upper bound",
        ),
        (vec![(at(0.0), at(10.0)), (at(11.0), none)], gap),
        (vec![(at(0.0), at(10.0)), (at(9.5), none)], overlap),
        (
            vec![],
            "StepAdjustments must be specified for policy type: StepScaling.",
        ),
    ];
    let mut site = site();
    for (bounds, message) in cases {
        site.invalid(PUT, steps(&bounds), message);
    }
    let many: Vec<_> = (0..21)
        .map(|step| {
            let upper = (step < 20).then(|| f64::from(step + 1));
            (Some(f64::from(step)), upper)
        })
        .collect();
    site.accepted(PUT, steps(&many[1..]));
    site.invalid(
        PUT,
        steps(&many),
        "There can be at most 20 step adjustments per scaling policy",
    );
    // the order in which they are written does not matter, nor need they reach the threshold
    for bounds in [
        vec![(at(20.0), none), (at(0.0), at(10.0)), (at(10.0), at(20.0))],
        vec![(none, at(-20.0))],
        vec![(none, at(0.0)), (at(0.0), none)],
    ] {
        site.accepted(PUT, steps(&bounds));
    }
}

#[test]
fn a_type_takes_its_own_parameters() {
    let change = |more: Value| {
        let mut params = put(json!({"AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": 1}));
        let fields = params.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        params
    };
    let cases = [
        (
            put(json!({"ScalingAdjustment": 1})),
            "AdjustmentType must be specified for policy type: SimpleScaling.",
        ),
        (
            put(json!({"AdjustmentType": "ChangeInCapacity"})),
            "ScalingAdjustment must be specified for policy type: SimpleScaling.",
        ),
        (
            change(json!({"EstimatedInstanceWarmup": 60})),
            "EstimatedInstanceWarmup cannot be specified for policy type: SimpleScaling.",
        ),
        (
            change(json!({"PolicyType": "StepScaling"})),
            "StepAdjustments must be specified for policy type: StepScaling.",
        ),
        (
            change(json!({"PolicyType": "Sometimes"})),
            "Unsupported policy type: Sometimes. Valid types are SimpleScaling, StepScaling, \
             TargetTrackingScaling, PredictiveScaling.",
        ),
        (
            put(json!({"PolicyType": "TargetTrackingScaling"})),
            "TargetTrackingConfiguration must be specified for policy type: TargetTrackingScaling.",
        ),
        (
            change(json!({"AdjustmentType": "Twice"})),
            "Unsupported adjustment type: Twice. Valid types are ChangeInCapacity, ExactCapacity, \
             PercentChangeInCapacity.",
        ),
        (
            change(json!({"AdjustmentType": "ExactCapacity", "ScalingAdjustment": -1})),
            "ScalingAdjustment must not be negative with the adjustment type ExactCapacity.",
        ),
        (
            change(json!({"MinAdjustmentMagnitude": 2})),
            "MinAdjustmentMagnitude is only supported with the adjustment type \
             PercentChangeInCapacity.",
        ),
        (
            change(
                json!({"AdjustmentType": "PercentChangeInCapacity", "MinAdjustmentMagnitude": -2}),
            ),
            "MinAdjustmentMagnitude must not be negative.",
        ),
        (
            change(json!({"Cooldown": -1})),
            "Cooldown must be at least 0 and at most 2147483647, not -1.",
        ),
        (
            put(json!({"PolicyName": "scale", "AutoScalingGroupName": "none"})),
            "AutoScalingGroup name not found - null",
        ),
    ];
    let mut site = site();
    for (params, message) in cases {
        site.invalid(PUT, params, message);
    }
}

#[test]
fn a_group_has_fifty_policies_at_most() {
    let mut site = site();
    let policy = |number: u32| {
        put(
            json!({"PolicyName": format!("p{number}"), "AdjustmentType": "ExactCapacity",
            "ScalingAdjustment": 1}),
        )
    };
    for number in 0..50 {
        site.accepted(PUT, policy(number));
    }
    let message = "Only 50 scaling policies are allowed per Auto Scaling group";
    site.refused(PUT, policy(50), ("LimitExceeded", 400, message));
    site.accepted(PUT, policy(49));
}

/// What a target tracking policy tracks must be one metric, of the group's own.
#[test]
fn a_target_tracking_policy_needs_one_metric() {
    let label = "app/front/50dc6c495c0c9188/targetgroup/my-targets/73e2d6bc24d8a067";
    let requests = json!({"PredefinedMetricType": "ALBRequestCountPerTarget",
        "ResourceLabel": label});
    let tracks = |configuration: Value| {
        put(json!({"PolicyType": "TargetTrackingScaling",
            "TargetTrackingConfiguration": configuration}))
    };
    let predefined = |metric: Value| {
        tracks(json!({"PredefinedMetricSpecification": metric, "TargetValue": 1.5}))
    };
    let mut site = site();
    let one = "Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification \
               must be specified";
    for (params, message) in [
        (tracks(json!({"TargetValue": 1})), one),
        (
            tracks(
                json!({"TargetValue": 1, "PredefinedMetricSpecification": requests,
                "CustomizedMetricSpecification": {}}),
            ),
            one,
        ),
        (
            tracks(json!({"TargetValue": 0, "PredefinedMetricSpecification": requests})),
            "TargetValue must be greater than 0",
        ),
        (
            predefined(json!({"PredefinedMetricType": "ALBRequestCountPerTarget"})),
            "ResourceLabel must be specified for metric type ALBRequestCountPerTarget",
        ),
        (
            predefined(json!({"PredefinedMetricType": "ASGAverageNetworkIn",
                "ResourceLabel": label})),
            "ResourceLabel cannot be specified for metric type ASGAverageNetworkIn",
        ),
        (
            predefined(json!({"PredefinedMetricType": "ALBRequestCountPerTarget",
                "ResourceLabel": "app/x/1/targetgroup/y/2"})),
            "The target group of the resource label app/x/1/targetgroup/y/2 is not attached to the \
             Auto Scaling group",
        ),
    ] {
        site.invalid(PUT, params, message);
    }
    let params = predefined(requests);
    let answer = site.accepted(PUT, params.clone());
    assert_eq!(answer["Alarms"].as_array().unwrap().len(), 2);
    let shown = site.accepted("autoscaling:DescribePolicies", json!({}));
    let shown = &shown["ScalingPolicies"][0];
    assert_eq!(shown["PolicyType"], "TargetTrackingScaling");
    assert_eq!(shown["Alarms"], answer["Alarms"]);
    let configuration = &params["TargetTrackingConfiguration"];
    assert_eq!(&shown["TargetTrackingConfiguration"], configuration);
    let execute = json!({"AutoScalingGroupName": GROUP, "PolicyName": "scale"});
    let message = "A policy of type TargetTrackingScaling cannot be executed";
    site.invalid("autoscaling:ExecutePolicy", execute, message);
}
