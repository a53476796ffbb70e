//! `ess:RemoveInstances`.

use serde_json::{Value, json};

use super::fleet::{Fleet, SCALING_GROUP, SERVERS, Site};

const REMOVE: &str = "ess:RemoveInstances";

fn params(ids: &[&str]) -> Value {
    json!({"RegionId": "cn-hangzhou", "ScalingGroupId": SCALING_GROUP, "InstanceIds": ids})
}

fn status(site: &mut Site, id: &Value) -> Value {
    let answer = site.accepted(
        "ess:DescribeScalingActivities",
        json!({"RegionId": "cn-hangzhou", "ScalingActivityIds": [id]}),
    );
    answer["ScalingActivities"][0]["StatusCode"].clone()
}

#[test]
fn instances_leave_their_server_groups_and_are_released() {
    let mut site = Fleet::alibaba().machine("i-bp1z").site();
    let answer = site.accepted(REMOVE, params(&["i-bp1b", "i-bp1a", "i-bp1b"]));
    assert!(answer["RequestId"].is_string());
    let id = &answer["ScalingActivityId"];
    assert_eq!(status(&mut site, id), "InProgress");
    assert_eq!(site.server(SERVERS, "i-bp1a", 22), "draining");
    site.run_to(60);
    assert_eq!(status(&mut site, id), "Successful");
    assert_eq!(site.server(SERVERS, "i-bp1a", 22), "absent");
    assert_eq!(site.server(SERVERS, "i-bp1c", 22), "healthy");
    assert_eq!(site.cloud().groups[0].members.len(), 2);
    let activity = &site.cloud().activities[0].2;
    assert!(
        activity
            .cause
            .ends_with("shrinking the total capacity from \"4\" to \"2\"."),
        "{}",
        activity.cause
    );
}

/// Trap 4: after a detach without force, released machines stay in the server
/// group until its checks fail.
#[test]
fn a_released_instance_stays_in_a_server_group_the_group_has_forgotten() {
    let mut site = Fleet::alibaba().site();
    site.accepted(
        "ess:DetachServerGroups",
        json!({"RegionId": "r", "ScalingGroupId": SCALING_GROUP,
            "ServerGroup": [{"ServerGroupId": SERVERS, "Type": "ALB", "Port": 22}]}),
    );
    site.accepted(REMOVE, params(&["i-bp1a"]));
    assert_eq!(site.server(SERVERS, "i-bp1a", 22), "healthy");
    site.run_to(60);
    assert_eq!(site.server(SERVERS, "i-bp1a", 22), "unhealthy");
}

/// Trap 5: the minimum always counts, against the total.
#[test]
fn below_the_minimum_nobody_is_removed() {
    let mut site = Fleet::alibaba().site();
    site.refused(
        REMOVE,
        params(&["i-bp1a", "i-bp1b", "i-bp1c"]),
        (
            "IncorrectCapacity.MinSize",
            400,
            "To remove the instances, the total capacity will be lesser than the MinSize.",
        ),
    );
}

#[test]
fn what_is_no_member_is_not_found() {
    let mut site = Fleet::alibaba().machine("i-bp1z").site();
    for id in ["i-bp1z", "i-404"] {
        let message = format!("Instance \"{id}\" does not exist.");
        let refusal = ("InvalidInstanceId.NotFound", 404, message.as_str());
        site.refused(REMOVE, params(&["i-bp1a", id]), refusal);
    }
    let mut gone = params(&["i-bp1a"]);
    gone["ScalingGroupId"] = json!("asg-gone");
    let message = "The specified scaling group does not exist.";
    site.refused(
        REMOVE,
        gone,
        ("InvalidScalingGroupId.NotFound", 404, message),
    );
}

#[test]
fn policies_and_limits_are_checked() {
    let mut site = Fleet::alibaba().site();
    let with = |key: &str, value: Value| {
        let mut params = params(&["i-bp1a"]);
        params[key] = value;
        params
    };
    let message = "The specified group does not support the specified RemovePolicy.";
    let recycle = with("RemovePolicy", json!("recycle"));
    site.refused(REMOVE, recycle, ("InvalidParameter", 400, message));
    for (key, value) in [
        ("StopInstanceTimeout", json!(29)),
        ("StopInstanceTimeout", json!(241)),
        ("RemovePolicy", json!("keep")),
        ("InstanceIds", json!(vec!["i-bp1a"; 21])),
    ] {
        let message = format!("The specified value of parameter \"{key}\" is not valid.");
        site.refused(
            REMOVE,
            with(key, value),
            ("InvalidParameter", 400, &message),
        );
    }
    let message = "The input parameter \"InstanceId\" that is mandatory for processing this \
                   request is not supplied.";
    let nobody = with("InstanceIds", Value::Null);
    site.refused(REMOVE, nobody, ("MissingParameter", 400, message));
    let flat = json!({"RegionId": "r", "ScalingGroupId": SCALING_GROUP, "InstanceId.1": "i-bp1a",
        "RemovePolicy": "release", "StopInstanceTimeout": 240});
    site.accepted(REMOVE, flat);
}
