//! `ess:DetachServerGroups`, its client tokens, and `ess:DescribeScalingActivities`.

use serde_json::{Value, json};

use super::fleet::{Fleet, SCALING_GROUP, SERVERS, Site, with};
use drainsim::engine::time::SimDuration;

const DETACH: &str = "ess:DetachServerGroups";
const IDS: [&str; 4] = ["i-bp1a", "i-bp1b", "i-bp1c", "i-bp1d"];

/// The sample request of the page, without a token.
fn params(force: bool) -> Value {
    json!({
        "RegionId": "cn-hangzhou",
        "ScalingGroupId": SCALING_GROUP,
        "ForceDetach": force,
        "ServerGroup": format!(r#"[{{"ServerGroupId":"{SERVERS}","Type":"ALB","Port":22}}]"#),
    })
}

fn states(site: &Site) -> Vec<&'static str> {
    IDS.iter().map(|id| site.server(SERVERS, id, 22)).collect()
}

fn assert_request_id(answer: &Value) {
    let id = answer["RequestId"].as_str().unwrap();
    let lengths: Vec<usize> = id.split('-').map(str::len).collect();
    assert_eq!(lengths, [8, 4, 4, 4, 12]);
    assert!(
        id.bytes()
            .all(|b| b == b'-' || b.is_ascii_digit() || b.is_ascii_uppercase())
    );
}

/// The page `DetachServerGroups` and trap 4: nothing leaves the load balancer.
#[test]
fn without_force_instances_stay_registered() {
    let mut site = Fleet::alibaba().site();
    let answer = site.accepted(DETACH, params(false));
    assert_request_id(&answer);
    assert_eq!(
        answer.as_object().unwrap().len(),
        1,
        "no activity: {answer}"
    );
    assert!(site.cloud().groups[0].sources.is_empty());
    site.run_to(600);
    assert_eq!(states(&site), ["healthy"; 4]);
    assert!(site.cloud().activities.is_empty());
    assert!(site.cloud().drains.is_empty());
}

#[test]
fn with_force_they_are_removed_through_an_activity() {
    let mut site = Fleet::alibaba().site();
    let answer = site.accepted(DETACH, params(true));
    assert_request_id(&answer);
    let id = &answer["ScalingActivityId"];
    assert!(id.as_str().unwrap().starts_with("asa-"));
    assert_eq!(site.activity(id)["StatusCode"], "InProgress");
    assert_eq!(states(&site), ["draining"; 4]);
    // nodes learn within 5 s, and nothing is in flight
    site.run_to(6);
    assert_eq!(states(&site), ["absent"; 4]);
    let over = site.activity(id);
    assert_eq!(over["StatusCode"], "Successful");
    assert_eq!(over["Progress"], 100);
    assert_eq!(over["ScalingGroupId"], SCALING_GROUP);
    assert_eq!(over["StartTime"], "2026-01-01T00:00Z");
    assert_eq!(
        over["TotalCapacity"], "4",
        "the instances stay in the group"
    );
    assert!(site.cloud().groups[0].sources.is_empty());
}

/// SDKs of different ages send lists, JSON text and flattened keys, booleans and numbers as text.
/// Trap 12.
#[test]
fn every_spelling_of_the_server_groups_is_understood() {
    let item = json!({"ServerGroupId": SERVERS, "Type": "ALB", "Port": "22"});
    let base = json!({"RegionId": "r", "ScalingGroupId": SCALING_GROUP, "ForceDetach": "True"});
    let spellings = [
        json!({"ServerGroups": [item]}),
        json!({"ServerGroup": [item]}),
        json!({"ServerGroup": json!([item]).to_string()}),
        json!({"ServerGroup.1.ServerGroupId": SERVERS, "ServerGroup.1.Type": "ALB",
            "ServerGroup.1.Port": 22}),
    ];
    for spelling in spellings {
        let mut params = base.clone();
        for (key, value) in spelling.as_object().unwrap() {
            params[key] = value.clone();
        }
        let mut site = Fleet::alibaba().site();
        assert!(site.accepted(DETACH, params)["ScalingActivityId"].is_string());
        assert_eq!(states(&site), ["draining"; 4]);
    }
}

/// Trap 9: a mismatch is ignored.
#[test]
fn only_the_same_id_port_and_type_match() {
    for item in [
        json!({"ServerGroupId": SERVERS, "Type": "ALB", "Port": 23}),
        json!({"ServerGroupId": SERVERS, "Type": "NLB", "Port": 22}),
        json!({"ServerGroupId": SERVERS, "Type": "GWLB"}),
        json!({"ServerGroupId": "sgp-other", "Type": "ALB", "Port": 22}),
    ] {
        let mut site = Fleet::alibaba().site();
        let call = with(params(true), "ServerGroup", json!([item]));
        let answer = site.accepted(DETACH, call);
        assert_eq!(states(&site), ["healthy"; 4]);
        let id = &answer["ScalingActivityId"];
        assert_eq!(site.activity(id)["StatusCode"], "Successful");
        assert_eq!(site.cloud().groups[0].sources.len(), 1);
    }
}

fn without(key: &str) -> Value {
    with(params(true), key, Value::Null)
}

fn one(item: Value) -> Value {
    with(params(true), "ServerGroup", json!([item]))
}

#[test]
fn what_is_mandatory_is_asked_for() {
    let mut site = Fleet::alibaba().site();
    for (params, key) in [
        (without("RegionId"), "RegionId"),
        (without("ScalingGroupId"), "ScalingGroupId"),
        (without("ServerGroup"), "ServerGroup"),
        (
            one(json!({"Type": "ALB", "Port": 1})),
            "ServerGroup.1.ServerGroupId",
        ),
        (
            one(json!({"ServerGroupId": "s", "Port": 1})),
            "ServerGroup.1.Type",
        ),
        (
            one(json!({"ServerGroupId": "s", "Type": "ALB"})),
            "ServerGroup.1.Port",
        ),
        (
            one(json!({"ServerGroupId": "s", "Type": "NLB"})),
            "ServerGroup.1.Port",
        ),
    ] {
        let message = format!(
            "The input parameter \"{key}\" that is mandatory for processing this request is not \
             supplied."
        );
        site.refused(DETACH, params, ("MissingParameter", 400, &message));
    }
}

#[test]
fn values_are_checked_in_the_words_of_the_cloud() {
    let mut site = Fleet::alibaba().site();
    let port = "ServerGroup.1.Port";
    let set = |key: &str, value: &str| with(params(true), key, json!(value));
    for (params, key) in [
        (
            one(json!({"ServerGroupId": "s", "Type": "GWLB", "Port": 6081})),
            port,
        ),
        (
            one(json!({"ServerGroupId": "s", "Type": "ALB", "Port": 65536})),
            port,
        ),
        (
            one(json!({"ServerGroupId": "s", "Type": "ALB", "Port": 0})),
            port,
        ),
        (
            one(json!({"ServerGroupId": "s", "Type": "CLB", "Port": 1})),
            "ServerGroup.1.Type",
        ),
        (set("ServerGroup", "not json"), "ServerGroup"),
        (set("ForceDetach", "maybe"), "ForceDetach"),
        (set("ClientToken", &"t".repeat(65)), "ClientToken"),
        (set("ClientToken", "tökén"), "ClientToken"),
    ] {
        let message = format!("The specified value of parameter \"{key}\" is not valid.");
        site.refused(DETACH, params, ("InvalidParameter", 400, &message));
    }
    let message = "The specified scaling group does not exist.";
    site.refused(
        DETACH,
        set("ScalingGroupId", "asg-gone"),
        ("InvalidScalingGroupId.NotFound", 404, message),
    );
}

#[test]
fn one_scaling_activity_at_a_time() {
    const BUSY: (&str, u16, &str) = (
        "ScalingActivityInProgress",
        400,
        "You cannot delete a scaling group or launch a new scaling activity while there is a \
         scaling activity in progress for the specified scaling group.",
    );
    let mut site = Fleet::alibaba().site();
    site.accepted(DETACH, params(true));
    site.refused(DETACH, params(true), BUSY);
    let region = json!({"RegionId": "r", "ScalingGroupId": SCALING_GROUP});
    site.refused(
        "ess:RemoveInstances",
        with(region.clone(), "InstanceIds", json!(["i-bp1a"])),
        BUSY,
    );
    let item = json!([{"ServerGroupId": SERVERS, "Type": "ALB", "Port": 22, "Weight": 1}]);
    let attach = with(
        with(region, "ForceAttach", json!(true)),
        "ServerGroups",
        item,
    );
    site.refused("ess:AttachServerGroups", attach, BUSY);
    site.accepted(DETACH, params(false));
    site.run_to(10);
    site.accepted(DETACH, params(true));
}

#[test]
fn a_client_token_makes_a_repetition_harmless() {
    let mut site = Fleet::alibaba().site();
    let token = with(
        params(true),
        "ClientToken",
        json!("123e4567-e89b-12d3-a456-426655440000"),
    );
    let first = site.accepted(DETACH, token.clone());
    site.run_to(60);
    assert_eq!(
        site.accepted(DETACH, token.clone()),
        first,
        "with the same request id"
    );
    assert_eq!(site.cloud().activities.len(), 1);
    // the same request in another spelling
    let item = json!([{"ServerGroupId": SERVERS, "Type": "ALB", "Port": 22}]);
    let respelt = with(
        with(token.clone(), "ServerGroup", Value::Null),
        "ServerGroups",
        item,
    );
    assert_eq!(site.accepted(DETACH, respelt), first);
    match site.call(DETACH, with(token.clone(), "ForceDetach", json!(false))) {
        Err(error) => assert_eq!(
            (error.code, error.http_status),
            ("IdempotentParameterMismatch", 400)
        ),
        Ok(answer) => panic!("another request is refused, not answered with {answer}"),
    }
    // another operation may use the same token
    site.accepted(
        "ess:RemoveInstances",
        json!({"RegionId": "cn-hangzhou", "ScalingGroupId": SCALING_GROUP,
            "InstanceIds": ["i-bp1a"], "ClientToken": token["ClientToken"]}),
    );
}

#[test]
fn a_client_token_is_forgotten_after_a_while_and_refusals_are_not_remembered() {
    let mut fleet = Fleet::alibaba();
    fleet.0.assumptions.ess_client_token_ttl = SimDuration::from_secs(100);
    let mut site = fleet.site();
    let token = with(params(true), "ClientToken", json!("t"));
    let gone = with(token.clone(), "ScalingGroupId", json!("asg-gone"));
    assert!(site.call(DETACH, gone).is_err());
    let first = site.accepted(DETACH, token.clone());
    site.run_to(99);
    assert_eq!(site.accepted(DETACH, token.clone()), first);
    site.run_to(100);
    let again = site.accepted(DETACH, token);
    assert_ne!(again["RequestId"], first["RequestId"]);
    assert_ne!(again["ScalingActivityId"], first["ScalingActivityId"]);
}

#[test]
fn activities_are_described_in_pages() {
    let describe = "ess:DescribeScalingActivities";
    let mut site = Fleet::alibaba().site();
    let ids: Vec<Value> = (0..3)
        .map(|n| {
            site.run_to(n * 60);
            site.accepted(DETACH, params(true))["ScalingActivityId"].clone()
        })
        .collect();
    let base = json!({"RegionId": "r", "ScalingGroupId": SCALING_GROUP, "PageSize": 2});
    let page = |site: &mut Site, number: u8| {
        let answer = site.accepted(describe, with(base.clone(), "PageNumber", json!(number)));
        assert_request_id(&answer);
        assert_eq!(answer["TotalCount"], 3);
        let activities = answer["ScalingActivities"].as_array().unwrap().iter();
        activities
            .map(|activity| activity["ScalingActivityId"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(page(&mut site, 1), [ids[2].clone(), ids[1].clone()]);
    assert_eq!(page(&mut site, 2), [ids[0].clone()]);
    assert_eq!(page(&mut site, 3), [] as [Value; 0]);
    let failed = site.accepted(describe, with(base.clone(), "StatusCode", json!("Failed")));
    assert_eq!(failed["TotalCount"], 0);
    let flat = json!({"RegionId": "r", "ScalingActivityId.1": ids[1]});
    assert_eq!(site.accepted(describe, flat)["TotalCount"], 1);
    site.refused(
        describe,
        with(base, "PageSize", json!(51)),
        (
            "InvalidParameter",
            400,
            "The specified value of parameter \"PageSize\" is not valid.",
        ),
    );
}

/// The port of a GWLB is not said, that of an NLB is; either is removed as servers of an ALB are.
/// R-ESS-3
#[test]
fn server_groups_of_flows_are_detached_too() {
    let said = |kind: &str, port: Value| {
        let item = json!({"ServerGroupId": SERVERS, "Type": kind, "Port": port});
        with(params(true), "ServerGroup", json!([item]))
    };
    let message = |key: &str| format!("The specified value of parameter \"{key}\" is not valid.");
    let mut site = Fleet::alibaba_behind("alibaba:gwlb").site();
    let refusal = message("ServerGroup.1.Port");
    site.refused(
        DETACH,
        said("GWLB", json!(6081)),
        ("InvalidParameter", 400, &refusal),
    );
    site.accepted(DETACH, said("GWLB", Value::Null));
    assert_eq!(site.server(SERVERS, "i-bp1a", 6081), "draining");
    site.run_to(60);
    assert!(site.cloud().groups[0].sources.is_empty());
    let mut site = Fleet::alibaba_behind("alibaba:nlb").site();
    // another type is another server group, which is not attached
    site.accepted(DETACH, said("ALB", json!(22)));
    assert_eq!(states(&site), ["healthy"; 4]);
    site.run_to(1);
    site.accepted(DETACH, said("NLB", json!(22)));
    assert_eq!(states(&site), ["draining"; 4]);
}
