//! `ess:EnterStandby` and `ess:ExitStandby`. R-ESS-40

use serde_json::{Value, json};

use drainsim::model::settings::Provider;

use super::fleet::{Fleet, SCALING_GROUP, SERVERS, Site};

const ENTER: &str = "ess:EnterStandby";
const EXIT: &str = "ess:ExitStandby";

fn params(ids: &[&str]) -> Value {
    json!({"ScalingGroupId": SCALING_GROUP, "InstanceIds": ids})
}

fn with(mut params: Value, key: &str, value: Value) -> Value {
    params[key] = value;
    params
}

/// States of the instances, as they are described.
fn states(site: &mut Site) -> Vec<String> {
    let answer = site.accepted("ess:DescribeScalingInstances", json!({"RegionId": "r"}));
    let instances = answer["ScalingInstances"].as_array().unwrap().iter();
    instances
        .map(|one| one["LifecycleState"].as_str().unwrap().to_owned())
        .collect()
}

/// Weights of the servers, as they are listed.
fn weights(site: &mut Site) -> Vec<u64> {
    let answer = site.accepted(
        "alb:ListServerGroupServers",
        json!({"ServerGroupId": SERVERS}),
    );
    let servers = answer["Servers"].as_array().unwrap().iter();
    servers.map(|one| one["Weight"].as_u64().unwrap()).collect()
}

fn capacity(site: &mut Site, key: &str) -> u64 {
    let answer = site.accepted("ess:DescribeScalingGroups", json!({"RegionId": "r"}));
    answer["ScalingGroups"][0][key].as_u64().unwrap()
}

/// Who stands by is added to a server group without weight, and gets it when it serves again.
#[test]
fn who_stands_by_is_added_without_weight() {
    let mut site = Fleet::alibaba().site();
    site.accepted(ENTER, params(&["i-bp1a"]));
    let more = json!({"RegionId": "r", "ScalingGroupId": SCALING_GROUP, "ForceAttach": true,
        "ServerGroups": [{"ServerGroupId": SERVERS, "Type": "ALB", "Port": 8080, "Weight": 40}]});
    site.accepted("ess:AttachServerGroups", more);
    let sum = |site: &mut Site| weights(site).iter().sum::<u64>();
    assert_eq!(sum(&mut site), 3 * (100 + 40));
    site.accepted(EXIT, params(&["i-bp1a"]));
    assert_eq!(sum(&mut site), 4 * (100 + 40));
}

#[test]
fn who_stands_by_keeps_its_place_without_weight() {
    let mut site = Fleet::alibaba().site();
    let answer = site.accepted(ENTER, params(&["i-bp1b", "i-bp1a", "i-bp1b"]));
    assert!(answer["RequestId"].is_string());
    assert_eq!(answer.as_object().unwrap().len(), 1, "no activity");
    assert_eq!(
        states(&mut site),
        ["Standby", "Standby", "InService", "InService"]
    );
    assert_eq!(weights(&mut site), [0, 0, 100, 100]);
    assert_eq!(capacity(&mut site, "StandbyCapacity"), 2);
    assert_eq!(capacity(&mut site, "TotalCapacity"), 4);
    site.run_to(60);
    assert_eq!(site.cloud().target_groups[0].counts.eligible, 2);
    assert!(site.cloud().drains.is_empty(), "nothing drains");
    site.accepted(EXIT, params(&["i-bp1a"]));
    assert_eq!(
        states(&mut site),
        ["InService", "Standby", "InService", "InService"]
    );
    assert_eq!(weights(&mut site), [100, 0, 100, 100]);
    site.run_to(120);
    assert_eq!(site.cloud().target_groups[0].counts.eligible, 3);
}

#[test]
fn a_call_that_names_it_takes_it_away() {
    let mut site = Fleet::alibaba().site();
    site.accepted(ENTER, params(&["i-bp1a", "i-bp1b"]));
    let named = |id| json!({"RegionId": "r", "ScalingGroupId": SCALING_GROUP, "InstanceIds": [id]});
    site.accepted("ess:RemoveInstances", named("i-bp1a"));
    site.run_to(60);
    site.accepted("ess:DetachInstances", named("i-bp1b"));
    assert_eq!(states(&mut site), ["InService", "InService"]);
    assert_eq!(site.server(SERVERS, "i-bp1b", 22), "healthy");
    assert_eq!(
        weights(&mut site),
        [0, 100, 100],
        "it keeps what it weighed"
    );
}

#[test]
fn an_activity_tells_of_it_when_asked_to() {
    let mut site = Fleet::alibaba().site();
    let later = with(params(&["i-bp1a"]), "Async", json!(true));
    let answer = site.accepted(ENTER, later.clone());
    let shown = site.accepted(
        "ess:DescribeScalingActivities",
        json!({"RegionId": "r", "ScalingActivityId.1": answer["ScalingActivityId"]}),
    );
    let activity = &shown["ScalingActivities"][0];
    assert_eq!(activity["StatusCode"], "Successful");
    assert_eq!(
        activity["Description"],
        "Put ECS instances \"i-bp1a\" into the Standby state"
    );
    let remove =
        json!({"RegionId": "r", "ScalingGroupId": SCALING_GROUP, "InstanceIds": ["i-bp1d"]});
    site.accepted("ess:RemoveInstances", remove);
    let message = "You cannot delete a scaling group or launch a new scaling activity while there \
                   is a scaling activity in progress for the specified scaling group.";
    let busy = ("ScalingActivityInProgress", 400, message);
    site.refused(EXIT, later, busy);
    site.accepted(EXIT, params(&["i-bp1a"]));
}

#[test]
fn states_and_requests_are_checked() {
    let mut site = Fleet::alibaba().machine("i-bp1z").site();
    let wrong =
        |id: &str| format!("The current status of instance \"{id}\" does not support this action.");
    let refusal = |message: &'static str| ("IncorrectInstanceStatus", 400, message);
    let message: &'static str = wrong("i-bp1b").leak();
    site.refused(EXIT, params(&["i-bp1b"]), refusal(message));
    site.accepted(ENTER, params(&["i-bp1a"]));
    let message: &'static str = wrong("i-bp1a").leak();
    site.refused(ENTER, params(&["i-bp1b", "i-bp1a"]), refusal(message));
    assert_eq!(states(&mut site)[1], "InService", "all or none");
    let protect = with(params(&["i-bp1c"]), "ProtectedFromScaleIn", json!(true));
    site.accepted(
        "ess:SetInstancesProtection",
        with(protect, "RegionId", json!("r")),
    );
    let message: &'static str = wrong("i-bp1c").leak();
    site.refused(ENTER, params(&["i-bp1c"]), refusal(message));
    let message = "Instance \"i-bp1z\" does not exist.";
    let unknown = ("InvalidInstanceId.NotFound", 404, message);
    site.refused(ENTER, params(&["i-bp1z"]), unknown);
    let message = "The input parameter \"InstanceId\" that is mandatory for processing this request \
                   is not supplied.";
    site.refused(
        EXIT,
        with(params(&[]), "InstanceIds", Value::Null),
        ("MissingParameter", 400, message),
    );
    let message = "The specified value of parameter \"Async\" is not valid.";
    let invalid = ("InvalidParameter", 400, message);
    site.refused(
        ENTER,
        with(params(&["i-bp1b"]), "Async", json!("no")),
        invalid,
    );
    let message = "The specified scaling group does not exist.";
    let gone = with(params(&["i-bp1b"]), "ScalingGroupId", json!("asg-gone"));
    site.refused(
        ENTER,
        gone,
        ("InvalidScalingGroupId.NotFound", 404, message),
    );
}

#[test]
fn a_client_token_makes_a_repetition_harmless() {
    let mut site = Fleet::alibaba().site();
    let token = with(params(&["i-bp1a"]), "ClientToken", json!("t"));
    let first = site.accepted(ENTER, token.clone());
    site.accepted(EXIT, params(&["i-bp1a"]));
    assert_eq!(site.accepted(ENTER, token.clone()), first);
    assert_eq!(states(&mut site)[0], "InService");
    site.refused_with(
        ENTER,
        with(token, "InstanceIds", json!(["i-bp1b"])),
        "IdempotentParameterMismatch",
    );
}

/// Behind a Classic Load Balancer the weight afterwards is 50; a GWLB has no weights and goes on
/// sending.
#[test]
fn what_a_server_weighs_afterwards_is_for_its_kind() {
    let classic = || {
        Fleet::new(Provider::Alibaba).clb("lb-bp1front").group(
            SCALING_GROUP,
            (1, 6, 2),
            &["i-bp1a", "i-bp1b"],
        )
    };
    let gateway = || Fleet::alibaba_behind("alibaba:gwlb");
    for (fleet, standing_by, afterwards) in [(classic(), 0, 50), (gateway(), 100, 100)] {
        let mut site = fleet.site();
        let weight = |site: &Site| site.cloud().registrations[0].weight;
        site.accepted(ENTER, params(&["i-bp1a"]));
        assert_eq!(weight(&site), standing_by);
        site.run_to(60);
        site.accepted(EXIT, params(&["i-bp1a"]));
        assert_eq!(weight(&site), afterwards);
    }
}
