//! `ess:DetachInstances`. R-ESS-10

use serde_json::{Value, json};

use super::fleet::{Fleet, SCALING_GROUP, SERVERS, Site, about_instances, with};

const DETACH: &str = "ess:DetachInstances";

fn members(site: &Site) -> Vec<String> {
    let members = site.cloud().groups[0].members.iter();
    members
        .map(|member| site.cloud().instances[member.index()].id.clone())
        .collect()
}

/// Trap 4: without the option nothing leaves the load balancer.
#[test]
fn instances_leave_the_group_and_stay_in_its_server_groups() {
    let mut site = Fleet::alibaba().site();
    let answer = site.accepted(DETACH, about_instances(&["i-bp1b", "i-bp1a", "i-bp1b"]));
    assert!(answer["RequestId"].is_string());
    let over = site.activity(&answer["ScalingActivityId"]);
    assert_eq!(over["StatusCode"], "Successful");
    assert_eq!(over["Progress"], 100);
    assert_eq!(over["TotalCapacity"], "2");
    assert_eq!(
        over["Description"],
        "Detach ECS instances \"i-bp1b, i-bp1a\""
    );
    assert!(
        over["Cause"]
            .as_str()
            .unwrap()
            .ends_with("shrinking the total capacity from \"4\" to \"2\".")
    );
    assert_eq!(members(&site), ["i-bp1c", "i-bp1d"]);
    site.run_to(600);
    for id in ["i-bp1a", "i-bp1b"] {
        assert_eq!(site.server(SERVERS, id, 22), "healthy", "it runs on");
    }
    assert!(site.cloud().drains.is_empty());
    assert_eq!(members(&site).len(), 2, "nobody replaces them");
}

#[test]
fn with_both_they_leave_the_server_groups_too() {
    let mut site = Fleet::alibaba().site();
    let both = with(
        about_instances(&["i-bp1a", "i-bp1b"]),
        "DetachOption",
        json!("both"),
    );
    let answer = site.accepted(DETACH, both);
    let id = &answer["ScalingActivityId"];
    assert_eq!(site.activity(id)["StatusCode"], "InProgress");
    assert_eq!(site.server(SERVERS, "i-bp1a", 22), "draining");
    let answer = site.accepted(
        "ess:DescribeScalingInstances",
        json!({"RegionId": "r", "LifecycleState": "Removing"}),
    );
    assert_eq!(answer["TotalCount"], 2);
    // one activity at a time, and who leaves is no member
    let message = "You cannot delete a scaling group or launch a new scaling activity while there \
                   is a scaling activity in progress for the specified scaling group.";
    let busy = ("ScalingActivityInProgress", 400, message);
    site.refused(DETACH, about_instances(&["i-bp1c"]), busy);
    // nodes learn within 5 s
    site.run_to(6);
    assert_eq!(site.activity(id)["StatusCode"], "Successful");
    assert_eq!(members(&site), ["i-bp1c", "i-bp1d"]);
    assert_eq!(site.server(SERVERS, "i-bp1a", 22), "absent");
    site.run_to(600);
    assert!(site.cloud().instances[0].group.is_none(), "it runs on");
}

/// A machine that dies on its way out of the server groups is out as well.
#[test]
fn one_that_dies_meanwhile_is_out_as_well() {
    let mut site = Fleet::alibaba().site();
    let both = with(about_instances(&["i-bp1a"]), "DetachOption", json!("both"));
    let answer = site.accepted(DETACH, both);
    site.host_goes(0);
    site.run_to(200);
    let over = site.activity(&answer["ScalingActivityId"]);
    assert_eq!(over["StatusCode"], "Successful");
    assert_eq!(members(&site).len(), 3);
}

/// Trap 5: the minimum always counts, whatever the expected number does.
#[test]
fn below_the_minimum_nobody_is_detached() {
    let mut site = Fleet::alibaba().site();
    let many = about_instances(&["i-bp1a", "i-bp1b", "i-bp1c"]);
    for decrease in [Value::Null, json!(true), json!("false")] {
        site.refused(
            DETACH,
            with(many.clone(), "DecreaseDesiredCapacity", decrease),
            (
                "IncorrectCapacity.MinSize",
                400,
                "To remove the instances, the total capacity will be lesser than the MinSize.",
            ),
        );
    }
}

#[test]
fn invalid_instances_may_be_ignored_with_a_warning() {
    let mut site = Fleet::alibaba().machine("i-bp1z").site();
    let not_found = |id: &str| format!("Instance \"{id}\" does not exist.");
    for id in ["i-bp1z", "i-404"] {
        let message = not_found(id);
        let refusal = ("InvalidInstanceId.NotFound", 404, message.as_str());
        site.refused(DETACH, about_instances(&["i-bp1a", id]), refusal);
        let all = with(about_instances(&[id]), "IgnoreInvalidInstance", json!(true));
        site.refused(DETACH, all, refusal);
    }
    let some = about_instances(&["i-404", "i-bp1a", "i-bp1z"]);
    let answer = site.accepted(DETACH, with(some, "IgnoreInvalidInstance", json!("True")));
    let over = site.activity(&answer["ScalingActivityId"]);
    assert_eq!(over["StatusCode"], "Warning");
    assert_eq!(over["Progress"], 100);
    let message = [not_found("i-404"), not_found("i-bp1z")].join(" ");
    assert_eq!(over["StatusMessage"], message);
    assert_eq!(members(&site), ["i-bp1b", "i-bp1c", "i-bp1d"]);
}

#[test]
fn requests_are_checked_whatever_their_spelling() {
    let mut site = Fleet::alibaba().site();
    let base = about_instances(&["i-bp1a"]);
    for (key, named) in [
        ("ScalingGroupId", "ScalingGroupId"),
        ("InstanceIds", "InstanceId"),
    ] {
        let message = format!(
            "The input parameter \"{named}\" that is mandatory for processing this request is not \
             supplied."
        );
        let refusal = ("MissingParameter", 400, message.as_str());
        site.refused(DETACH, with(base.clone(), key, Value::Null), refusal);
    }
    for (key, value) in [
        ("DetachOption", json!("none")),
        ("DecreaseDesiredCapacity", json!("no")),
        ("IgnoreInvalidInstance", json!(1)),
        ("LifecycleHook", json!("no")),
        ("InstanceIds", json!(vec!["i-bp1a"; 21])),
        ("InstanceId.x", json!("i-bp1a")),
        ("ClientToken", json!("t".repeat(65))),
    ] {
        let message = format!("The specified value of parameter \"{key}\" is not valid.");
        let refusal = ("InvalidParameter", 400, message.as_str());
        site.refused(DETACH, with(base.clone(), key, value), refusal);
    }
    site.refused(
        DETACH,
        with(base, "ScalingGroupId", json!("asg-gone")),
        (
            "InvalidScalingGroupId.NotFound",
            404,
            "The specified scaling group does not exist.",
        ),
    );
    let flat = json!({"RegionId": "r", "ScalingGroupId": SCALING_GROUP, "InstanceId.1": "i-bp1a",
        "InstanceId.2": "i-bp1b", "LifecycleHook": true});
    site.accepted(DETACH, flat);
    assert_eq!(members(&site).len(), 2);
}

#[test]
fn a_client_token_makes_a_repetition_harmless() {
    let mut site = Fleet::alibaba().site();
    let token = with(about_instances(&["i-bp1a"]), "ClientToken", json!("t"));
    let first = site.accepted(DETACH, token.clone());
    // the default is as good as the value
    let same = with(token.clone(), "DecreaseDesiredCapacity", json!(true));
    assert_eq!(site.accepted(DETACH, same), first);
    assert_eq!(site.cloud().activities.len(), 1);
    site.refused_with(
        DETACH,
        with(token, "DetachOption", json!("both")),
        "IdempotentParameterMismatch",
    );
}
