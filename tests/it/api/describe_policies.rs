//! `autoscaling:DescribePolicies` and `autoscaling:DeletePolicy`.

use serde_json::{Value, json};

use super::fleet::{Fleet, GROUP, Site};

const DESCRIBE: &str = "autoscaling:DescribePolicies";
const DELETE: &str = "autoscaling:DeletePolicy";

/// Two groups; the first has the policies `out` and `steps`, the second another `out`.
fn site() -> Site {
    let mut site = Fleet::aws()
        .group(GROUP, (1, 6, 1), &["i-1"])
        .group("other", (1, 6, 1), &["i-2"])
        .site();
    for (group, name, more) in [
        (
            GROUP,
            "out",
            json!({"ScalingAdjustment": 1, "Cooldown": 60}),
        ),
        (
            GROUP,
            "steps",
            json!({"PolicyType": "StepScaling", "StepAdjustments":
                [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 2}]}),
        ),
        ("other", "out", json!({"ScalingAdjustment": 3})),
    ] {
        let mut params = json!({"AutoScalingGroupName": group, "PolicyName": name,
            "AdjustmentType": "ChangeInCapacity"});
        let fields = params.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        site.accepted("autoscaling:PutScalingPolicy", params);
    }
    site
}

/// Group and name of each policy of an answer.
fn names(answer: &Value) -> Vec<(&str, &str)> {
    let policies = answer["ScalingPolicies"].as_array().unwrap().iter();
    policies
        .map(|policy| {
            let text = |key: &str| policy[key].as_str().unwrap();
            (text("AutoScalingGroupName"), text("PolicyName"))
        })
        .collect()
}

#[test]
fn policies_are_chosen_by_group_name_and_type() {
    let mut site = site();
    let all = site.accepted(DESCRIBE, json!({}));
    let everything = [(GROUP, "out"), (GROUP, "steps"), ("other", "out")];
    assert_eq!(names(&all), everything);
    let arn = all["ScalingPolicies"][2]["PolicyARN"].clone();
    for (params, expected) in [
        (json!({"AutoScalingGroupName": GROUP}), &everything[..2]),
        (json!({"PolicyNames": ["steps", "none"]}), &everything[1..2]),
        (json!({"PolicyNames": [arn]}), &everything[2..]),
        (json!({"PolicyTypes": ["StepScaling"]}), &everything[1..2]),
        (json!({"MaxRecords": 2}), &everything[..2]),
        (json!({"MaxRecords": 2, "NextToken": "2"}), &everything[2..]),
    ] {
        let answer = site.accepted(DESCRIBE, params.clone());
        assert_eq!(names(&answer), expected, "{params}");
    }
    let token = json!({"NextToken": "7"});
    let message = "The NextToken value is not valid.";
    site.refused(DESCRIBE, token, ("InvalidNextToken", 400, message));
    let group = json!({"AutoScalingGroupName": "none"});
    site.invalid(DESCRIBE, group, "AutoScalingGroup name not found - null");
}

#[test]
fn a_policy_is_shown_as_it_was_put() {
    let answer = site().accepted(DESCRIBE, json!({"AutoScalingGroupName": GROUP}));
    let mut simple = answer["ScalingPolicies"][0].clone();
    assert!(
        simple
            .as_object_mut()
            .unwrap()
            .remove("PolicyARN")
            .is_some()
    );
    assert_eq!(
        simple,
        json!({"AutoScalingGroupName": GROUP, "PolicyName": "out", "PolicyType": "SimpleScaling",
            "AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": 1, "Cooldown": 60,
            "StepAdjustments": [], "Alarms": [], "Enabled": true})
    );
    let steps = &answer["ScalingPolicies"][1];
    assert_eq!(steps["MetricAggregationType"], "Average");
    assert_eq!(
        steps["StepAdjustments"],
        json!([{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 2}])
    );
}

#[test]
fn a_policy_is_deleted_by_its_name_or_arn() {
    let mut site = site();
    let all = site.accepted(DESCRIBE, json!({}));
    let arn = all["ScalingPolicies"][2]["PolicyARN"].as_str().unwrap();
    site.accepted(DELETE, json!({"PolicyName": arn}));
    let named = json!({"AutoScalingGroupName": GROUP, "PolicyName": "out"});
    site.accepted(DELETE, named.clone());
    site.invalid(DELETE, named, "ScalingPolicy 'out' not found");
    let message = "1 validation error detected: Value null at 'autoScalingGroupName' failed to \
                   satisfy constraint: Member must not be null";
    site.invalid(DELETE, json!({"PolicyName": "steps"}), message);
    let left = site.accepted(DESCRIBE, json!({}));
    assert_eq!(names(&left), [(GROUP, "steps")]);
}

/// With its group a policy is gone.
#[test]
fn a_deleted_group_has_no_policies() {
    let mut site = site();
    site.accepted(
        "autoscaling:DeleteAutoScalingGroup",
        json!({"AutoScalingGroupName": GROUP, "ForceDelete": true}),
    );
    let left = site.accepted(DESCRIBE, json!({}));
    assert_eq!(names(&left), [("other", "out")]);
}
