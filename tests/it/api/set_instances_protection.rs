//! `ess:SetInstancesProtection`. R-ESS-9

use serde_json::{Value, json};

use super::fleet::{Fleet, SCALING_GROUP, Site, with};

const PROTECT: &str = "ess:SetInstancesProtection";

fn params(ids: &[&str], protected: bool) -> Value {
    json!({"RegionId": "cn-hangzhou", "ScalingGroupId": SCALING_GROUP, "InstanceIds": ids,
        "ProtectedFromScaleIn": protected})
}

/// States and health of the instances, as they are described.
fn described(site: &mut Site) -> Vec<String> {
    let answer = site.accepted("ess:DescribeScalingInstances", json!({"RegionId": "r"}));
    let instances = answer["ScalingInstances"].as_array().unwrap().iter();
    let words = instances.map(|one| {
        let word = |key: &str| one[key].as_str().unwrap().to_owned();
        [word("LifecycleState"), word("HealthStatus")].join(" ")
    });
    words.collect()
}

#[test]
fn protected_instances_are_in_a_state_of_their_own() {
    let mut site = Fleet::alibaba().site();
    let (serves, kept) = ("InService Healthy", "Protected Healthy");
    let answer = site.accepted(PROTECT, params(&["i-bp1a", "i-bp1b"], true));
    assert!(answer["RequestId"].is_string());
    assert_eq!(answer.as_object().unwrap().len(), 1, "no activity");
    assert_eq!(described(&mut site), [kept, kept, serves, serves]);
    let group = site.accepted("ess:DescribeScalingGroups", json!({"RegionId": "r"}));
    let group = &group["ScalingGroups"][0];
    assert_eq!(group["ProtectedCapacity"], 2);
    assert_eq!(group["ActiveCapacity"], 2);
    assert_eq!(group["TotalCapacity"], 4);
    site.accepted(PROTECT, params(&["i-bp1a"], false));
    assert_eq!(described(&mut site), [serves, kept, serves, serves]);
}

#[test]
fn the_health_of_who_is_protected_is_not_looked_at() {
    let mut site = Fleet::alibaba().site();
    site.accepted(PROTECT, params(&["i-bp1a"], true));
    site.host_goes(0);
    assert_eq!(described(&mut site)[0], "Protected Healthy");
    site.accepted(PROTECT, params(&["i-bp1a"], false));
    assert_eq!(described(&mut site)[0], "InService Unhealthy");
}

#[test]
fn a_call_that_names_it_removes_it_all_the_same() {
    let mut site = Fleet::alibaba().site();
    site.accepted(PROTECT, params(&["i-bp1a"], true));
    site.accepted(
        "ess:RemoveInstances",
        json!({"RegionId": "r", "ScalingGroupId": SCALING_GROUP, "InstanceId.1": "i-bp1a"}),
    );
    assert_eq!(described(&mut site)[0], "Removing Healthy");
    // who is leaving is no member any more, and protecting needs no idle group
    let message = "Instance \"i-bp1a\" does not exist.";
    let refusal = ("InvalidInstanceId.NotFound", 404, message);
    site.refused(PROTECT, params(&["i-bp1a"], false), refusal);
    site.accepted(PROTECT, params(&["i-bp1b"], true));
    site.run_to(60);
    assert_eq!(site.cloud().groups[0].members.len(), 3);
}

#[test]
fn requests_are_checked_whatever_their_spelling() {
    let mut site = Fleet::alibaba().machine("i-bp1z").site();
    let base = params(&["i-bp1a"], true);
    let missing = |key: &str| {
        format!(
            "The input parameter \"{key}\" that is mandatory for processing this request is not \
             supplied."
        )
    };
    for (key, named) in [
        ("ScalingGroupId", "ScalingGroupId"),
        ("InstanceIds", "InstanceId"),
        ("ProtectedFromScaleIn", "ProtectedFromScaleIn"),
    ] {
        let refusal = ("MissingParameter", 400, &*missing(named));
        site.refused(PROTECT, with(base.clone(), key, Value::Null), refusal);
    }
    for (key, value) in [
        ("ProtectedFromScaleIn", json!("yes")),
        ("InstanceIds", json!(vec!["i-bp1a"; 21])),
        ("InstanceId.x", json!("i-bp1a")),
        ("ClientToken", json!("t".repeat(65))),
        ("ClientToken", json!("é")),
    ] {
        let message = format!("The specified value of parameter \"{key}\" is not valid.");
        let refusal = ("InvalidParameter", 400, message.as_str());
        site.refused(PROTECT, with(base.clone(), key, value), refusal);
    }
    site.refused(
        PROTECT,
        with(base.clone(), "ScalingGroupId", json!("asg-gone")),
        (
            "InvalidScalingGroupId.NotFound",
            404,
            "The specified scaling group does not exist.",
        ),
    );
    let message = "Instance \"i-bp1z\" does not exist.";
    let refusal = ("InvalidInstanceId.NotFound", 404, message);
    site.refused(PROTECT, params(&["i-bp1a", "i-bp1z"], true), refusal);
    let flat = json!({"RegionId": "r", "ScalingGroupId": SCALING_GROUP, "InstanceId.1": "i-bp1a",
        "InstanceId.2": "i-bp1b", "ProtectedFromScaleIn": "True"});
    site.accepted(PROTECT, flat);
    assert!(
        site.cloud().instances[1..3]
            .iter()
            .all(|one| one.membership.protected)
    );
}

#[test]
fn a_client_token_makes_a_repetition_harmless() {
    let mut site = Fleet::alibaba().site();
    let token = with(params(&["i-bp1a"], true), "ClientToken", json!("t"));
    let first = site.accepted(PROTECT, token.clone());
    site.accepted(PROTECT, params(&["i-bp1a"], false));
    assert_eq!(site.accepted(PROTECT, token.clone()), first);
    assert_eq!(described(&mut site)[0], "InService Healthy");
    site.refused_with(
        PROTECT,
        with(token, "ProtectedFromScaleIn", json!(false)),
        "IdempotentParameterMismatch",
    );
}
