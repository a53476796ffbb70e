//! `ess:ScaleWithAdjustment`. R-ESS-20

use serde_json::{Value, json};

use super::fleet::{Fleet, SCALING_GROUP, SERVERS, Site};

const SCALE: &str = "ess:ScaleWithAdjustment";

fn params(kind: &str, by: i64) -> Value {
    json!({"ScalingGroupId": SCALING_GROUP, "AdjustmentType": kind, "AdjustmentValue": by})
}

fn with(key: &str, value: Value) -> Value {
    let mut params = params("QuantityChangeInCapacity", 1);
    params[key] = value;
    params
}

fn activity(site: &mut Site, id: &Value) -> Value {
    let answer = site.accepted(
        "ess:DescribeScalingActivities",
        json!({"RegionId": "cn-hangzhou", "ScalingActivityIds": [id]}),
    );
    answer["ScalingActivities"][0].clone()
}

#[test]
fn instances_are_launched_and_join_the_server_groups() {
    let mut site = Fleet::alibaba().site();
    let mut params = params("QuantityChangeInCapacity", 2);
    params["ActivityMetadata"] = json!("{\"by\":\"hand\"}");
    let answer = site.accepted(SCALE, params);
    let id = &answer["ScalingActivityId"];
    site.run_to(30);
    let under_way = activity(&mut site, id);
    assert_eq!(under_way["StatusCode"], "InProgress");
    assert_eq!(under_way["Progress"], 0);
    site.run_to(36);
    let over = activity(&mut site, id);
    for (key, value) in [
        ("StatusCode", json!("Successful")),
        ("Progress", json!(100)),
        ("Description", json!("Add \"2\" ECS instances")),
        (
            "Cause",
            json!(
                "A user requests to scale with adjustment, changing the Total Capacity from \"4\" to \"6\"."
            ),
        ),
        ("StatusMessage", json!("\"2\" ECS instances are added")),
        ("ActivityMetadata", json!("{\"by\":\"hand\"}")),
        ("TriggerSourceType", json!("APIs")),
        ("TotalCapacity", json!("6")),
        ("AutoCreatedCapacity", json!("6")),
        ("AttachedCapacity", json!("0")),
        ("CreatedCapacity", json!(2)),
        ("DestroyedCapacity", json!(0)),
        ("ScalingInstanceNumber", json!(2)),
    ] {
        assert_eq!(over[key], value, "{key}");
    }
    let created = over["CreatedInstances"].as_array().unwrap().clone();
    let name = created[0].as_str().unwrap();
    assert_eq!(site.server(SERVERS, name, 22), "initial");
    site.run_to(120);
    assert_eq!(site.server(SERVERS, name, 22), "healthy");
}

#[test]
fn instances_leave_the_server_groups_and_are_released() {
    let mut site = Fleet::alibaba().site();
    let answer = site.accepted(SCALE, params("TotalCapacity", 3));
    let id = &answer["ScalingActivityId"];
    assert_eq!(activity(&mut site, id)["StatusCode"], "InProgress");
    site.run_to(120);
    let over = activity(&mut site, id);
    assert_eq!(over["StatusCode"], "Successful");
    assert_eq!(over["Description"], "Remove \"1\" ECS instance");
    assert_eq!(over["StatusMessage"], "\"1\" ECS instances are removed");
    assert_eq!(over["TotalCapacity"], "3");
    assert_eq!(over["DestroyedInstances"], json!(["i-bp1b"]));
    assert_eq!(site.server(SERVERS, "i-bp1b", 22), "absent");
}

/// Sizes limit what is done, they refuse nothing; 4 instances, 2 to 6.
#[test]
fn an_adjustment_stops_at_the_sizes() {
    for (kind, by, least, total) in [
        ("QuantityChangeInCapacity", 9, 0, 6),
        ("QuantityChangeInCapacity", -1000, 0, 2),
        ("PercentChangeInCapacity", 25, 0, 5),
        ("PercentChangeInCapacity", 25, 2, 6),
        ("PercentChangeInCapacity", -10, 0, 3),
        ("PercentChangeInCapacity", -100, 0, 2),
        ("TotalCapacity", 2000, 0, 6),
        ("TotalCapacity", 0, 0, 2),
    ] {
        let mut site = Fleet::alibaba().site();
        let mut params = params(kind, by);
        params["MinAdjustmentMagnitude"] = json!(least);
        site.accepted(SCALE, params);
        assert_eq!(site.cloud().groups[0].total(), total, "{kind} {by}");
        assert_eq!(site.cloud().groups[0].counts.desired, total);
    }
}

#[test]
fn what_changes_nothing_and_what_is_too_much_is_refused() {
    let mut site = Fleet::alibaba().site();
    let message = "To execute the specified scaling rule, the total capacity will not change.";
    for (kind, by) in [
        ("TotalCapacity", 4),
        ("QuantityChangeInCapacity", 0),
        ("PercentChangeInCapacity", 0),
    ] {
        let refusal = ("IncorrectCapacity.NoChange", 400, message);
        site.refused(SCALE, params(kind, by), refusal);
    }
    let mut site = Fleet::new(drainsim::model::settings::Provider::Alibaba)
        .group(SCALING_GROUP, (0, 5000, 0), &[])
        .site();
    let refusal = (
        "QuotaExceeded.ScalingInstance",
        400,
        "Scaling instance quota exceeded.",
    );
    site.refused(SCALE, params("TotalCapacity", 1001), refusal);
    site.accepted(SCALE, params("TotalCapacity", 1000));
}

#[test]
fn a_group_scales_once_at_a_time() {
    let mut site = Fleet::alibaba().site();
    let with_token = with("ClientToken", json!("t"));
    let answer = site.accepted(SCALE, with_token.clone());
    let message = "You cannot delete a scaling group or launch a new scaling activity while there \
                   is a scaling activity in progress for the specified scaling group.";
    let refusal = ("ScalingActivityInProgress", 400, message);
    site.refused(SCALE, params("QuantityChangeInCapacity", -1), refusal);
    let again = site.accepted(SCALE, with_token);
    assert_eq!(answer, again);
    let other = with("ClientToken", json!("t"));
    let mut other = other;
    other["AdjustmentValue"] = json!(2);
    let error = site.call(SCALE, other).unwrap_err();
    assert_eq!(error.code, "IdempotentParameterMismatch");
    site.run_to(60);
    site.accepted(SCALE, params("QuantityChangeInCapacity", 1));
}

#[test]
fn parameters_are_checked() {
    let mut site = Fleet::alibaba().site();
    let invalid = |key: &str| format!("The specified value of parameter \"{key}\" is not valid.");
    for (key, value) in [
        ("AdjustmentType", json!("ChangeInCapacity")),
        ("AdjustmentValue", json!(1001)),
        ("AdjustmentValue", json!(-1001)),
        ("AdjustmentValue", json!("many")),
        ("MinAdjustmentMagnitude", json!(-1)),
        ("ExecutionMode", json!("PlanOnly")),
        ("SyncActivity", json!("maybe")),
        ("LifecycleHookContext", json!({})),
    ] {
        let message = invalid(key);
        site.refused(SCALE, with(key, value), ("InvalidParameter", 400, &message));
    }
    let message = invalid("AdjustmentValue");
    for (kind, by) in [
        ("PercentChangeInCapacity", -101),
        ("PercentChangeInCapacity", 10_001),
        ("TotalCapacity", -1),
        ("TotalCapacity", 2001),
    ] {
        let refusal = ("InvalidParameter", 400, message.as_str());
        site.refused(SCALE, params(kind, by), refusal);
    }
    for key in ["ScalingGroupId", "AdjustmentType", "AdjustmentValue"] {
        let message = format!(
            "The input parameter \"{key}\" that is mandatory for processing this request is not \
             supplied."
        );
        let left_out = with(key, Value::Null);
        site.refused(SCALE, left_out, ("MissingParameter", 400, &message));
    }
    let message = "The specified scaling group does not exist.";
    let gone = with("ScalingGroupId", json!("asg-gone"));
    site.refused(
        SCALE,
        gone,
        ("InvalidScalingGroupId.NotFound", 404, message),
    );
}
