//! `ess:RemoveInstances`.

use drainsim::engine::time::SimDuration;
use drainsim::model::settings::ShutdownThen;
use serde_json::{Value, json};

use super::fleet::{Fleet, SCALING_GROUP, SERVERS, Site};

const REMOVE: &str = "ess:RemoveInstances";

fn params(ids: &[&str]) -> Value {
    json!({"RegionId": "cn-hangzhou", "ScalingGroupId": SCALING_GROUP, "InstanceIds": ids})
}

fn activity(site: &mut Site, id: &Value) -> Value {
    let answer = site.accepted(
        "ess:DescribeScalingActivities",
        json!({"RegionId": "cn-hangzhou", "ScalingActivityIds": [id]}),
    );
    answer["ScalingActivities"][0].clone()
}

fn status(site: &mut Site, id: &Value) -> Value {
    activity(site, id)["StatusCode"].clone()
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

/// R-ESS-26: who is removed is stopped only where both the group and the call say so; the next
/// scale-out starts the stopped before it launches anybody.
#[test]
fn what_is_recycled_is_stopped_and_started_again() {
    for (group, call, stopped) in [
        (true, "recycle", true),
        (true, "release", false),
        (false, "recycle", false),
    ] {
        let mut fleet = Fleet::alibaba();
        fleet.0.groups[0].rules.ess.recycles = group;
        let mut site = fleet.site();
        let mut request = params(&["i-bp1a"]);
        request["RemovePolicy"] = json!(call);
        let answer = site.accepted(REMOVE, request);
        site.run_to(200);
        let over = activity(&mut site, &answer["ScalingActivityId"]);
        assert_eq!(over["StatusCode"], "Successful");
        assert_eq!(over["StoppedCapacity"], u32::from(stopped));
        assert_eq!(over["DestroyedCapacity"], u32::from(!stopped));
        let described = site.accepted(
            "ess:DescribeScalingInstances",
            json!({"RegionId": "r", "LifecycleState": "Stopped"}),
        );
        assert_eq!(described["TotalCount"], u32::from(stopped));
        assert_eq!(site.server(SERVERS, "i-bp1a", 22), "absent");
        let answer = site.accepted(
            "ess:ScaleWithAdjustment",
            json!({"ScalingGroupId": SCALING_GROUP, "AdjustmentType": "TotalCapacity",
                "AdjustmentValue": 5}),
        );
        site.run_to(400);
        let over = activity(&mut site, &answer["ScalingActivityId"]);
        assert_eq!(over["StartedCapacity"], u32::from(stopped));
        assert_eq!(over["CreatedCapacity"], 2 - u32::from(stopped));
        let back = if stopped { "healthy" } else { "absent" };
        assert_eq!(site.server(SERVERS, "i-bp1a", 22), back);
    }
}

/// R-ESS-26: a process that does not exit is killed when the timeout is over; without one it has as
/// long as its launch template says.
#[test]
fn a_timeout_kills_what_does_not_stop() {
    for (timeout, released) in [(json!(30), true), (Value::Null, false)] {
        let mut fleet = Fleet::alibaba().shutdown(ShutdownThen::Ignore);
        fleet.0.launch_templates[0].shutdown.grace = SimDuration::from_secs(600);
        let mut site = fleet.site();
        let mut request = params(&["i-bp1a"]);
        request["StopInstanceTimeout"] = timeout;
        site.accepted(REMOVE, request);
        site.run_to(120);
        assert_eq!(site.cloud().groups[0].members.len() == 3, released);
        site.run_to(900);
        assert_eq!(site.cloud().groups[0].members.len(), 3);
    }
}

/// Who is named in vain is passed over where that is asked for, and the activity warns.
#[test]
fn what_is_no_member_may_be_ignored() {
    let mut site = Fleet::alibaba().site();
    let mut request = params(&["i-404", "i-bp1a"]);
    request["IgnoreInvalidInstance"] = json!(true);
    let answer = site.accepted(REMOVE, request);
    site.run_to(120);
    let over = activity(&mut site, &answer["ScalingActivityId"]);
    assert_eq!(over["StatusCode"], "Warning");
    assert_eq!(over["StatusMessage"], "Instance \"i-404\" does not exist.");
    assert_eq!(site.cloud().groups[0].members.len(), 3);
}

/// Current SDKs do not send a region with calls about instances of a group; a group without an
/// expected number of instances has none to shrink.
#[test]
fn no_region_has_to_be_named() {
    for (operation, id, key) in [
        (REMOVE, "i-bp1a", "DecreaseDesiredCapacity"),
        ("ess:DetachInstances", "i-bp1a", "DecreaseDesiredCapacity"),
        ("ess:AttachInstances", "i-bp1z", "Entrusted"),
        (
            "ess:SetInstancesProtection",
            "i-bp1a",
            "ProtectedFromScaleIn",
        ),
    ] {
        let mut site = Fleet::alibaba().machine("i-bp1z").site();
        let mut request = json!({"ScalingGroupId": SCALING_GROUP, "InstanceIds": [id]});
        request[key] = json!(false);
        site.accepted(operation, request);
    }
}
