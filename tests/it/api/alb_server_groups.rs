//! `ess:AttachAlbServerGroups` and `ess:DetachAlbServerGroups`. R-ESS-30

use drainsim::model::settings::TargetType;
use serde_json::{Value, json};

use super::fleet::{Fleet, SCALING_GROUP, SERVERS, Site};

const ATTACH: &str = "ess:AttachAlbServerGroups";
const DETACH: &str = "ess:DetachAlbServerGroups";
const MORE: &str = "sgp-more";

/// A group that serves `SERVERS` on port 22, and a server group nobody serves.
fn site() -> Site {
    Fleet::alibaba()
        .target_group(MORE, TargetType::Instance)
        .site()
}

fn with(mut params: Value, more: Value) -> Value {
    for (key, value) in more.as_object().into_iter().flatten() {
        params[key] = value.clone();
    }
    params
}

fn base() -> Value {
    json!({"RegionId": "cn-hangzhou", "ScalingGroupId": SCALING_GROUP})
}

fn attach(item: Value) -> Value {
    with(
        base(),
        json!({"ForceAttach": true, "AlbServerGroups": [item]}),
    )
}

fn detach(item: Value) -> Value {
    with(
        base(),
        json!({"ForceDetach": true, "AlbServerGroups": [item]}),
    )
}

/// They attach and detach the sources that the newer calls see.
#[test]
fn both_generations_of_calls_see_the_same_server_groups() {
    let mut site = site();
    let answer = site.accepted(
        ATTACH,
        attach(json!({"AlbServerGroupId": MORE, "Port": 8080, "Weight": 50})),
    );
    assert!(answer["ScalingActivityId"].is_string());
    site.run_to(30);
    assert_eq!(site.server(MORE, "i-bp1a", 8080), "healthy");
    let newer = json!([{"ServerGroupId": MORE, "Type": "ALB", "Port": 8080}]);
    site.accepted(
        "ess:DetachServerGroups",
        with(base(), json!({"ServerGroups": newer})),
    );
    assert_eq!(site.cloud().groups[0].sources.len(), 1);
    let answer = site.accepted(
        DETACH,
        detach(json!({"AlbServerGroupId": SERVERS, "Port": 22})),
    );
    assert!(answer["ScalingActivityId"].is_string());
    assert_eq!(site.server(SERVERS, "i-bp1a", 22), "draining");
    site.run_to(60);
    assert!(site.cloud().groups[0].sources.is_empty());
}

/// False is the default of both: nobody is added, and nobody removed.
#[test]
fn without_force_only_the_association_changes() {
    let mut site = site();
    let item = json!([{"AlbServerGroupId": MORE, "Port": 22, "Weight": 100}]);
    let call = with(base(), json!({"AlbServerGroups": item}));
    assert_eq!(site.accepted(ATTACH, call).as_object().unwrap().len(), 1);
    assert_eq!(site.server(MORE, "i-bp1a", 22), "absent");
    let item = json!([{"AlbServerGroupId": SERVERS, "Port": 22}]);
    let call = with(base(), json!({"AlbServerGroups": item}));
    assert_eq!(site.accepted(DETACH, call).as_object().unwrap().len(), 1);
    site.run_to(30);
    assert_eq!(site.server(SERVERS, "i-bp1a", 22), "healthy");
    assert_eq!(site.cloud().groups[0].sources.len(), 1);
}

#[test]
fn every_spelling_is_understood() {
    let item = json!({"AlbServerGroupId": SERVERS, "Port": "22"});
    for spelling in [
        json!({"AlbServerGroups": [item]}),
        json!({"AlbServerGroup": [item]}),
        json!({"AlbServerGroup": json!([item]).to_string()}),
        json!({"AlbServerGroup.1.AlbServerGroupId": SERVERS, "AlbServerGroup.1.Port": 22}),
        json!({"AlbServerGroups.1.AlbServerGroupId": SERVERS, "AlbServerGroups.1.Port": 22}),
    ] {
        let mut site = site();
        site.accepted(DETACH, with(base(), spelling));
        assert!(site.cloud().groups[0].sources.is_empty());
    }
}

/// A mismatch is passed over.
#[test]
fn only_the_same_id_and_port_match() {
    for item in [
        json!({"AlbServerGroupId": SERVERS, "Port": 23}),
        json!({"AlbServerGroupId": "sgp-gone", "Port": 22}),
    ] {
        let mut site = site();
        site.accepted(DETACH, detach(item));
        assert_eq!(site.cloud().groups[0].sources.len(), 1);
        assert_eq!(site.server(SERVERS, "i-bp1a", 22), "healthy");
    }
}

#[test]
fn what_is_mandatory_is_asked_for() {
    let mut site = site();
    let whole = json!({"AlbServerGroupId": MORE, "Port": 1, "Weight": 1});
    for (operation, params, key) in [
        (ATTACH, base(), "AlbServerGroup"),
        (DETACH, base(), "AlbServerGroup"),
        (
            ATTACH,
            attach(with(whole.clone(), json!({"AlbServerGroupId": null}))),
            "AlbServerGroup.1.AlbServerGroupId",
        ),
        (
            ATTACH,
            attach(with(whole.clone(), json!({"Port": null}))),
            "AlbServerGroup.1.Port",
        ),
        (
            ATTACH,
            attach(with(whole, json!({"Weight": null}))),
            "AlbServerGroup.1.Weight",
        ),
        (
            DETACH,
            detach(json!({"AlbServerGroupId": SERVERS})),
            "AlbServerGroup.1.Port",
        ),
        (DETACH, with(base(), json!({"RegionId": null})), "RegionId"),
    ] {
        site.bad_parameter(operation, params, ("MissingParameter", key));
    }
}

#[test]
fn values_are_checked_in_the_words_of_the_cloud() {
    let mut site = site();
    let item = |id: &str, weight: u32| json!({"AlbServerGroupId": id, "Port": 1, "Weight": weight});
    for (operation, params, key) in [
        (ATTACH, attach(item(MORE, 101)), "AlbServerGroup.1.Weight"),
        (
            ATTACH,
            attach(item("sgp-gone", 1)),
            "AlbServerGroup.1.AlbServerGroupId",
        ),
        (
            DETACH,
            detach(json!({"AlbServerGroupId": SERVERS, "Port": 65536})),
            "AlbServerGroup.1.Port",
        ),
        (
            DETACH,
            with(base(), json!({"AlbServerGroup": "not json"})),
            "AlbServerGroup",
        ),
    ] {
        site.bad_parameter(operation, params, ("InvalidParameter", key));
    }
    let gone = json!({"AlbServerGroupId": SERVERS, "Port": 22});
    let gone = with(detach(gone), json!({"ScalingGroupId": "asg-gone"}));
    let message = "The specified scaling group does not exist.";
    site.refused(
        DETACH,
        gone,
        ("InvalidScalingGroupId.NotFound", 404, message),
    );
}

/// Only what is forced is a scaling activity, and of those there is one at a time. R-ESS-2
#[test]
fn one_scaling_activity_at_a_time() {
    let mut site = site();
    let item = json!({"AlbServerGroupId": SERVERS, "Port": 22});
    site.accepted(DETACH, detach(item.clone()));
    for (operation, params) in [
        (DETACH, detach(item)),
        (
            ATTACH,
            attach(json!({"AlbServerGroupId": MORE, "Port": 1, "Weight": 1})),
        ),
    ] {
        site.refused_with(operation, params, "ScalingActivityInProgress");
    }
}

#[test]
fn a_client_token_makes_a_repetition_harmless() {
    let mut site = site();
    let token = json!({"ClientToken": "t"});
    let item = json!({"AlbServerGroupId": SERVERS, "Port": 22});
    let call = with(detach(item), token);
    let first = site.accepted(DETACH, call.clone());
    site.run_to(60);
    assert_eq!(site.accepted(DETACH, call.clone()), first);
    let other = with(call, json!({"ForceDetach": false}));
    site.refused_with(DETACH, other, "IdempotentParameterMismatch");
}
