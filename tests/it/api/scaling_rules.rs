//! `ess:CreateScalingRule`, `ess:DescribeScalingRules`, `ess:ExecuteScalingRule` and
//! `ess:DeleteScalingRule`. R-ESS-23

use serde_json::{Value, json};

use super::fleet::{Fleet, SCALING_GROUP, Site};

const CREATE: &str = "ess:CreateScalingRule";
const EXECUTE: &str = "ess:ExecuteScalingRule";

fn simple(by: i64) -> Value {
    json!({"RegionId": "cn-qingdao", "ScalingGroupId": SCALING_GROUP,
        "AdjustmentType": "QuantityChangeInCapacity", "AdjustmentValue": by})
}

fn with(mut params: Value, key: &str, value: Value) -> Value {
    params[key] = value;
    params
}

/// A step rule with bounds and adjustments.
fn steps(steps: &[(Option<f64>, Option<f64>, i64)]) -> Value {
    let steps = steps.iter().map(|(lower, upper, by)| {
        json!({"MetricIntervalLowerBound": lower, "MetricIntervalUpperBound": upper,
            "ScalingAdjustment": by})
    });
    json!({"ScalingGroupId": SCALING_GROUP, "ScalingRuleType": "StepScalingRule",
        "AdjustmentType": "QuantityChangeInCapacity",
        "StepAdjustments": steps.collect::<Vec<Value>>()})
}

fn ari(site: &mut Site, params: Value) -> String {
    let answer = site.accepted(CREATE, params);
    answer["ScalingRuleAri"].as_str().unwrap().to_owned()
}

fn rules(site: &mut Site, params: Value) -> Vec<Value> {
    let params = with(params, "RegionId", json!("cn-qingdao"));
    let answer = site.accepted("ess:DescribeScalingRules", params);
    answer["ScalingRules"].as_array().unwrap().clone()
}

fn total(site: &Site) -> u32 {
    site.cloud().groups[0].total()
}

#[test]
fn a_rule_is_created_described_executed_and_deleted() {
    let mut site = Fleet::alibaba().site();
    let created = site.accepted(CREATE, with(simple(1), "Cooldown", json!("60")));
    let (id, ari) = (&created["ScalingRuleId"], &created["ScalingRuleAri"]);
    let id_text = id.as_str().unwrap();
    assert_eq!(
        ari.as_str().unwrap(),
        format!("ari:acs:ess:cn-qingdao:1234567890123456:scalingrule/{id_text}")
    );
    let shown = rules(&mut site, json!({"ScalingRuleId.1": id}));
    assert_eq!(
        shown,
        [
            json!({"ScalingRuleId": id, "ScalingRuleAri": ari, "ScalingRuleName": id,
            "ScalingRuleType": "SimpleScalingRule", "ScalingGroupId": SCALING_GROUP,
            "MinSize": 2, "MaxSize": 6, "Cooldown": 60, "AdjustmentValue": 1,
            "AdjustmentType": "QuantityChangeInCapacity"})
        ]
    );
    let answer = site.accepted(EXECUTE, json!({"ScalingRuleAri": ari}));
    assert_eq!(total(&site), 5);
    let activity = site.accepted(
        "ess:DescribeScalingActivities",
        json!({"RegionId": "r", "ScalingActivityIds": [answer["ScalingActivityId"]]}),
    );
    assert_eq!(
        activity["ScalingActivities"][0]["Cause"],
        format!(
            "A user requests to execute scaling rule \"{id_text}\", changing the Total Capacity \
             from \"4\" to \"5\"."
        )
    );
    site.accepted("ess:DeleteScalingRule", json!({"ScalingRuleId": id}));
    assert!(rules(&mut site, json!({})).is_empty());
    let gone = (
        "InvalidScalingRuleId.NotFound",
        404,
        "The specified scaling rule does not exist.",
    );
    site.refused("ess:DeleteScalingRule", json!({"ScalingRuleId": id}), gone);
    let message = "The specified scaling rule Ari does not exist.";
    let gone = ("InvalidScalingRuleAri.NotFound", 404, message);
    site.refused(EXECUTE, json!({"ScalingRuleAri": ari}), gone);
    // what it began goes on
    site.run_to(60);
    assert_eq!(site.cloud().groups[0].counts.in_service, 5);
}

#[test]
fn rules_are_found_by_what_they_are() {
    let mut site = Fleet::alibaba().site();
    let up = ari(&mut site, with(simple(1), "ScalingRuleName", json!("up")));
    ari(
        &mut site,
        with(simple(-1), "ScalingRuleName", json!("down")),
    );
    let step = steps(&[(Some(0.0), None, 2)]);
    ari(&mut site, with(step, "ScalingRuleName", json!("step.1")));
    for (asked, found) in [
        (json!({}), vec!["up", "down", "step.1"]),
        (
            json!({"ScalingGroupId": SCALING_GROUP}),
            vec!["up", "down", "step.1"],
        ),
        (json!({"ScalingRuleNames": ["down", "none"]}), vec!["down"]),
        (json!({"ScalingRuleName.1": "up"}), vec!["up"]),
        (json!({"ScalingRuleAris": [up]}), vec!["up"]),
        (
            json!({"ScalingRuleType": "StepScalingRule"}),
            vec!["step.1"],
        ),
        (json!({"ScalingRuleType": "PredictiveScalingRule"}), vec![]),
        (json!({"PageSize": 2, "PageNumber": 2}), vec!["step.1"]),
    ] {
        let shown = rules(&mut site, asked.clone());
        let names: Vec<&Value> = shown.iter().map(|rule| &rule["ScalingRuleName"]).collect();
        assert_eq!(names, found, "{asked}");
    }
    let message = "The specified value of parameter \"ScalingRuleName\" is duplicated.";
    let refusal = ("InvalidScalingRuleName.Duplicate", 400, message);
    site.refused(
        CREATE,
        with(simple(1), "ScalingRuleName", json!("up")),
        refusal,
    );
}

/// The step is that of the metric, as a difference from the threshold.
#[test]
fn a_step_rule_needs_a_metric() {
    let bounds = [
        (Some(0.0), Some(10.0), 1),
        (Some(10.0), None, 2),
        (None, Some(-5.0), -1),
    ];
    for (value, threshold, capacity) in [(50.0, 50.0, 5), (60.0, 50.0, 6), (40.0, 50.0, 3)] {
        let mut site = Fleet::alibaba().site();
        let gapless = [bounds[0], bounds[1], (Some(-5.0), Some(0.0), 0), bounds[2]];
        let ari = ari(&mut site, steps(&gapless));
        let params = json!({"ScalingRuleAri": ari, "MetricValue": value,
            "BreachThreshold": threshold});
        site.accepted(EXECUTE, params);
        assert_eq!(total(&site), capacity, "{value}");
    }
    let mut site = Fleet::alibaba().site();
    let ari = ari(&mut site, steps(&[(Some(0.0), None, 1)]));
    let params = json!({"ScalingRuleAri": ari, "MetricValue": 1, "BreachThreshold": 2});
    for (params, code, message) in [
        (
            with(params.clone(), "MetricValue", Value::Null),
            "MissingParameter.MetricValue",
            "Metric value must be specified for StepScalingRule.",
        ),
        (
            with(params.clone(), "BreachThreshold", Value::Null),
            "MissingParameter.BreachThreshold",
            "Breach threshold must be specified for StepScalingRule.",
        ),
        (
            with(params.clone(), "MetricValue", json!(1e19)),
            "MetricValueBeyondPermitRange",
            "Specific parameter \"MetricValue\" beyond permit range.",
        ),
        (
            with(params.clone(), "BreachThreshold", json!(-1e19)),
            "BreachThresholdBeyondPermitRange",
            "Specific parameter \"BreachThreshold\" beyond permit range.",
        ),
        (
            params.clone(),
            "InvalidStepAdjustments.NoStepFound",
            "No adjustment step found for a metric value of: 1.",
        ),
    ] {
        site.refused(EXECUTE, params, (code, 400, message));
    }
}

#[test]
fn an_execution_is_refused_that_changes_nothing_or_meets_another() {
    let mut site = Fleet::alibaba().site();
    let same = ari(
        &mut site,
        with(
            with(simple(4), "AdjustmentType", json!("TotalCapacity")),
            "RegionId",
            Value::Null,
        ),
    );
    assert!(same.starts_with("ari:acs:ess:cn-hangzhou:"));
    let message = "To execute the specified scaling rule, the total capacity will not change.";
    let refusal = ("IncorrectCapacity.NoChange", 400, message);
    site.refused(EXECUTE, json!({"ScalingRuleAri": same}), refusal);
    let more = ari(&mut site, simple(1));
    let once = json!({"ScalingRuleAri": more, "ClientToken": "t"});
    let answer = site.accepted(EXECUTE, once.clone());
    let error = site
        .call(EXECUTE, json!({"ScalingRuleAri": more}))
        .unwrap_err();
    assert_eq!(error.code, "ScalingActivityInProgress");
    assert_eq!(site.accepted(EXECUTE, once), answer);
    let other = json!({"ScalingRuleAri": same, "ClientToken": "t"});
    let error = site.call(EXECUTE, other).unwrap_err();
    assert_eq!(error.code, "IdempotentParameterMismatch");
    site.refused(
        EXECUTE,
        json!({}),
        (
            "MissingParameter",
            400,
            "The input parameter \"ScalingRuleAri\" that is mandatory for processing this request \
             is not supplied.",
        ),
    );
}

#[test]
fn steps_are_checked() {
    let mut site = Fleet::alibaba().site();
    for (bounds, code, message) in [
        (
            vec![(None, None, 1)],
            "BothNull",
            "Both lower and upper bounds of a StepAdjustment cannot be left unspecified.",
        ),
        (
            vec![(Some(0.0), Some(1.0), 1), (Some(2.0), None, 1)],
            "Gap",
            "StepAdjustment intervals cannot have gaps between them.",
        ),
        (
            vec![(Some(0.0), Some(2.0), 1), (Some(1.0), None, 1)],
            "Overlap",
            "StepAdjustment intervals cannot overlap.",
        ),
        (
            vec![(Some(2.0), Some(2.0), 1)],
            "LowerGtUpper",
            "LowerBound must be less than the UpperBound for StepAdjustment :1.",
        ),
        (
            vec![(None, Some(0.0), 1), (None, Some(1.0), 1)],
            "MultipleNullLowerBound",
            "At most one StepAdjustment may have an unspecified lower bound.",
        ),
        (
            vec![(Some(0.0), None, 1), (Some(1.0), None, 1)],
            "MultipleNullUpperBound",
            "At most one StepAdjustment may have an unspecified upper bound.",
        ),
        (
            vec![(Some(-1.0), Some(0.0), 1)],
            "NoNullLowerBound",
            "There must be a StepAdjustment with an unspecified lower bound when one \
             StepAdjustment has a negative lower bound.",
        ),
        (
            vec![(Some(0.0), Some(1.0), 1)],
            "NoNullUpperBound",
            "There must be a StepAdjustment with an unspecified upper bound when one \
             StepAdjustment has a positive upper bound.",
        ),
    ] {
        let code = format!("InvalidStepAdjustments.{code}");
        site.refused(CREATE, steps(&bounds), (&code, 400, message));
    }
    let flat = json!({"ScalingGroupId": SCALING_GROUP, "ScalingRuleType": "StepScalingRule",
        "AdjustmentType": "TotalCapacity", "StepAdjustment.1.MetricIntervalLowerBound": "0",
        "StepAdjustment.1.ScalingAdjustment": "5"});
    let ari = ari(&mut site, flat);
    let shown = rules(&mut site, json!({"ScalingRuleAri.1": ari}));
    let step = json!([{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 5}]);
    assert_eq!(shown[0]["StepAdjustments"], step);
}

#[test]
fn what_a_rule_needs_is_checked() {
    let mut site = Fleet::alibaba().site();
    for (key, value) in [
        ("ScalingRuleType", json!("TargetTrackingScalingRule")),
        ("AdjustmentValue", json!(1001)),
        ("Cooldown", json!(86401)),
        ("ScalingRuleName", json!("a")),
        ("ScalingRuleName", json!("-a")),
        ("ScalingRuleName", json!("a b")),
    ] {
        let message = format!("The specified value of parameter \"{key}\" is not valid.");
        let params = with(simple(1), key, value);
        site.refused(CREATE, params, ("InvalidParameter", 400, &message));
    }
    for key in ["ScalingGroupId", "AdjustmentType", "AdjustmentValue"] {
        let message = format!(
            "The input parameter \"{key}\" that is mandatory for processing this request is not \
             supplied."
        );
        let params = with(simple(1), key, Value::Null);
        site.refused(CREATE, params, ("MissingParameter", 400, &message));
    }
    site.refused(
        CREATE,
        with(simple(1), "MinAdjustmentMagnitude", json!(2)),
        (
            "InvalidMinAdjustmentMagnitudeMismatchAdjustmentType",
            400,
            "MinAdjustmentMagnitude is not supported by the specified adjustment type.",
        ),
    );
    let gone = with(simple(1), "ScalingGroupId", json!("asg-gone"));
    let message = "The specified scaling group does not exist.";
    site.refused(
        CREATE,
        gone,
        ("InvalidScalingGroupId.NotFound", 404, message),
    );
    let percent = with(
        simple(50),
        "AdjustmentType",
        json!("PercentChangeInCapacity"),
    );
    let ari = ari(&mut site, with(percent, "MinAdjustmentMagnitude", json!(2)));
    let shown = rules(&mut site, json!({"ScalingRuleAris": [ari]}));
    assert_eq!(shown[0]["MinAdjustmentMagnitude"], 2);
}
