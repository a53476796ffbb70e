//! `ess:AttachInstances`. R-ESS-11

use serde_json::{Value, json};

use super::fleet::{Fleet, SCALING_GROUP, SERVERS, Site, about_instances, with};

const ATTACH: &str = "ess:AttachInstances";

fn fleet() -> Fleet {
    Fleet::alibaba()
        .machine("i-bp1x")
        .machine("i-bp1y")
        .machine("i-bp1z")
}

fn described(site: &mut Site, id: &str) -> Value {
    let answer = site.accepted(
        "ess:DescribeScalingInstances",
        json!({"RegionId": "r", "InstanceIds": [id]}),
    );
    answer["ScalingInstances"][0].clone()
}

#[test]
fn running_instances_join_the_group_and_its_server_groups() {
    let mut site = fleet().site();
    site.run_to(120);
    let answer = site.accepted(ATTACH, about_instances(&["i-bp1y", "i-bp1x", "i-bp1y"]));
    assert!(answer["RequestId"].is_string());
    let over = site.activity(&answer["ScalingActivityId"]);
    assert_eq!(over["StatusCode"], "Successful");
    assert_eq!(over["TotalCapacity"], "6");
    assert_eq!(
        over["Description"],
        "Attach ECS instances \"i-bp1y, i-bp1x\""
    );
    assert!(
        over["Cause"]
            .as_str()
            .unwrap()
            .ends_with("increasing the total capacity from \"4\" to \"6\".")
    );
    let one = described(&mut site, "i-bp1x");
    assert_eq!(one["LifecycleState"], "InService");
    assert_eq!(one["CreationType"], "Attached");
    assert_eq!(one["CreationTime"], "2026-01-01T00:02Z");
    assert_eq!(one["Entrusted"], false);
    site.run_to(240);
    assert_eq!(site.server(SERVERS, "i-bp1x", 22), "healthy");
    assert_eq!(site.server(SERVERS, "i-bp1z", 22), "absent");
}

/// R-ESS-5: what was attached and is not entrusted to the group is removed, not released.
#[test]
fn only_the_entrusted_are_released_when_they_are_removed() {
    for (entrusted, runs) in [(Value::Null, true), (json!("True"), false)] {
        let mut site = fleet().site();
        site.accepted(
            ATTACH,
            with(about_instances(&["i-bp1x"]), "Entrusted", entrusted),
        );
        site.run_to(60);
        let answer = site.accepted(
            "ess:RemoveInstances",
            about_instances(&["i-bp1x", "i-bp1a"]),
        );
        site.run_to(200);
        let over = site.activity(&answer["ScalingActivityId"]);
        assert_eq!(over["StatusCode"], "Successful");
        assert_eq!(site.server(SERVERS, "i-bp1x", 22), "absent");
        let group = site.cloud().groups[0].members.len();
        assert_eq!(group, 3);
        // who runs may come again
        let again = site.call(ATTACH, about_instances(&["i-bp1x"]));
        assert_eq!(again.is_ok(), runs, "{again:?}");
    }
}

#[test]
fn who_was_detached_may_come_again_on_top_of_its_servers() {
    let mut site = Fleet::alibaba().site();
    site.accepted("ess:DetachInstances", about_instances(&["i-bp1a"]));
    site.run_to(30);
    site.accepted(ATTACH, about_instances(&["i-bp1a"]));
    assert_eq!(site.server(SERVERS, "i-bp1a", 22), "healthy");
    assert_eq!(site.cloud().groups[0].counts.serving, 4);
}

#[test]
fn who_cannot_come_is_refused_or_ignored() {
    let mut site = fleet().site();
    site.host_goes(0);
    for (id, code, status, message) in [
        (
            "i-404",
            "InvalidInstanceId.NotFound",
            404,
            "Instance \"i-404\" does not exist.",
        ),
        (
            "i-bp1b",
            "InvalidInstanceId.InUse",
            400,
            "Instance \"i-bp1b\" is already attached to another scaling group.",
        ),
        (
            "i-bp1x",
            "IncorrectInstanceStatus",
            400,
            "The current status of instance \"i-bp1x\" does not support this action.",
        ),
    ] {
        let refusal = (code, status, message);
        site.refused(ATTACH, about_instances(&["i-bp1y", id]), refusal);
        let all = with(about_instances(&[id]), "IgnoreInvalidInstance", json!(true));
        site.refused(ATTACH, all, refusal);
    }
    let some = about_instances(&["i-404", "i-bp1y", "i-bp1b"]);
    let answer = site.accepted(ATTACH, with(some, "IgnoreInvalidInstance", json!(true)));
    let over = site.activity(&answer["ScalingActivityId"]);
    assert_eq!(over["StatusCode"], "Warning");
    assert_eq!(
        over["StatusMessage"],
        "Instance \"i-404\" does not exist. Instance \"i-bp1b\" is already attached to another \
         scaling group."
    );
    assert_eq!(over["TotalCapacity"], "5");
}

#[test]
fn above_the_maximum_nobody_is_attached() {
    let mut site = fleet().site();
    site.refused(
        ATTACH,
        about_instances(&["i-bp1x", "i-bp1y", "i-bp1z"]),
        (
            "IncorrectCapacity.MaxSize",
            400,
            "To attach the instances, the total capacity will be greater than the MaxSize.",
        ),
    );
}

#[test]
fn one_activity_at_a_time() {
    let mut site = fleet().site();
    site.accepted("ess:RemoveInstances", about_instances(&["i-bp1a"]));
    let message = "You cannot delete a scaling group or launch a new scaling activity while there \
                   is a scaling activity in progress for the specified scaling group.";
    let busy = ("ScalingActivityInProgress", 400, message);
    site.refused(ATTACH, about_instances(&["i-bp1x"]), busy);
    site.run_to(60);
    site.accepted(ATTACH, about_instances(&["i-bp1x"]));
}

#[test]
fn requests_are_checked_whatever_their_spelling() {
    let mut site = fleet().site();
    let base = about_instances(&["i-bp1x"]);
    for (key, named) in [
        ("ScalingGroupId", "ScalingGroupId"),
        ("InstanceIds", "InstanceId"),
    ] {
        let message = format!(
            "The input parameter \"{named}\" that is mandatory for processing this request is not \
             supplied."
        );
        let refusal = ("MissingParameter", 400, message.as_str());
        site.refused(ATTACH, with(base.clone(), key, Value::Null), refusal);
    }
    for (key, value) in [
        ("Entrusted", json!("no")),
        ("IgnoreInvalidInstance", json!(1)),
        ("LifecycleHook", json!("no")),
        ("LoadBalancerWeight.1", json!(101)),
        ("LoadBalancerWeight.x", json!(50)),
        ("InstanceIds", json!(vec!["i-bp1x"; 21])),
        ("ClientToken", json!("t".repeat(65))),
    ] {
        let message = format!("The specified value of parameter \"{key}\" is not valid.");
        let refusal = ("InvalidParameter", 400, message.as_str());
        site.refused(ATTACH, with(base.clone(), key, value), refusal);
    }
    site.refused(
        ATTACH,
        with(base, "ScalingGroupId", json!("asg-gone")),
        (
            "InvalidScalingGroupId.NotFound",
            404,
            "The specified scaling group does not exist.",
        ),
    );
    let flat = json!({"RegionId": "r", "ScalingGroupId": SCALING_GROUP, "InstanceId.1": "i-bp1x",
        "InstanceId.2": "i-bp1y", "LoadBalancerWeight.1": "50", "LoadBalancerWeight.2": 100});
    site.accepted(ATTACH, flat);
    assert_eq!(site.cloud().groups[0].members.len(), 6);
}

#[test]
fn a_client_token_makes_a_repetition_harmless() {
    let mut site = fleet().site();
    let weights = with(
        about_instances(&["i-bp1x"]),
        "LoadBalancerWeights",
        json!([50]),
    );
    let token = with(weights, "ClientToken", json!("t"));
    let first = site.accepted(ATTACH, token.clone());
    assert_eq!(site.accepted(ATTACH, token.clone()), first);
    assert_eq!(site.cloud().groups[0].members.len(), 5);
    for (key, value) in [
        ("LoadBalancerWeights", json!([60])),
        ("Entrusted", json!(true)),
    ] {
        site.refused_with(
            ATTACH,
            with(token.clone(), key, value),
            "IdempotentParameterMismatch",
        );
    }
}
