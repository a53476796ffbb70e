//! `ess:AttachServerGroups`.

use serde_json::{Value, json};

use super::fleet::{Fleet, SCALING_GROUP, SERVERS, Site};
use drainsim::model::settings::TargetType;

const ATTACH: &str = "ess:AttachServerGroups";
const MORE: &str = "sgp-more";

/// A group that serves `SERVERS`, and a server group nobody serves.
fn site() -> Site {
    Fleet::alibaba()
        .target_group(MORE, TargetType::Instance)
        .site()
}

fn params(force: bool, id: &str, port: u16) -> Value {
    json!({
        "RegionId": "cn-hangzhou",
        "ScalingGroupId": SCALING_GROUP,
        "ForceAttach": force,
        "ServerGroups": [{"ServerGroupId": id, "Type": "ALB", "Port": port, "Weight": 50}],
    })
}

#[test]
fn with_force_instances_are_added_through_an_activity() {
    let mut site = site();
    let answer = site.accepted(ATTACH, params(true, MORE, 8080));
    assert!(
        answer["ScalingActivityId"]
            .as_str()
            .unwrap()
            .starts_with("asa-")
    );
    assert!(answer["RequestId"].is_string());
    assert_eq!(site.server(MORE, "i-bp1a", 8080), "initial");
    site.run_to(30);
    assert_eq!(site.server(MORE, "i-bp1a", 8080), "healthy");
    let source = &site.cloud().groups[0].sources[1];
    assert_eq!((source.port, source.weight), (8080, 50));
}

#[test]
fn without_force_only_instances_to_come_are() {
    let mut site = site();
    let answer = site.accepted(ATTACH, params(false, MORE, 22));
    assert_eq!(answer.as_object().unwrap().len(), 1);
    site.run_to(30);
    assert_eq!(site.server(MORE, "i-bp1a", 22), "absent");
    assert_eq!(site.cloud().groups[0].sources.len(), 2);
}

#[test]
fn an_attached_server_group_stays_as_it_is() {
    let mut site = site();
    site.accepted(ATTACH, params(false, SERVERS, 22));
    assert_eq!(site.cloud().groups[0].sources.len(), 1);
    site.accepted(ATTACH, params(false, SERVERS, 23));
    assert_eq!(
        site.cloud().groups[0].sources.len(),
        2,
        "another port is another one"
    );
}

/// What is attached stays as it is, and `ForceAttach` adds the instances that are not in it, as the
/// page of `AttachLoadBalancers` says of that. R-ESS-4
#[test]
fn with_force_instances_are_added_to_what_is_attached() {
    let mut site = site();
    site.accepted(ATTACH, params(false, MORE, 22));
    let answer = site.accepted(ATTACH, params(true, MORE, 22));
    assert!(answer["ScalingActivityId"].is_string());
    site.run_to(30);
    assert_eq!(site.server(MORE, "i-bp1a", 22), "healthy");
    assert_eq!(site.cloud().groups[0].sources.len(), 2);
}

#[test]
fn what_cannot_be_attached_is_refused() {
    let mut site = site();
    let item = |item: Value| {
        let mut params = params(true, MORE, 22);
        params["ServerGroups"] = json!([item]);
        params
    };
    for (item, code, key) in [
        (
            json!({"ServerGroupId": MORE, "Type": "ALB", "Port": 22}),
            "MissingParameter",
            "Weight",
        ),
        (
            json!({"ServerGroupId": MORE, "Type": "ALB", "Port": 22, "Weight": 101}),
            "InvalidParameter",
            "Weight",
        ),
        (
            json!({"ServerGroupId": MORE, "Type": "ALB", "Weight": 1}),
            "MissingParameter",
            "Port",
        ),
        (
            json!({"ServerGroupId": MORE, "Type": "GWLB", "Weight": 1}),
            "InvalidParameter",
            "Weight",
        ),
        (
            json!({"ServerGroupId": MORE, "Type": "NLB", "Port": 22, "Weight": 1}),
            "InvalidParameter",
            "Type",
        ),
        (
            json!({"ServerGroupId": "sgp-gone", "Type": "ALB", "Port": 22, "Weight": 1}),
            "InvalidParameter",
            "ServerGroupId",
        ),
    ]
    .map(|(value, code, key)| (item(value), code, key))
    {
        let message = match code {
            "MissingParameter" => format!(
                "The input parameter \"ServerGroup.1.{key}\" that is mandatory for processing this \
                 request is not supplied."
            ),
            _ => format!("The specified value of parameter \"ServerGroup.1.{key}\" is not valid."),
        };
        site.refused(ATTACH, item, (code, 400, &message));
    }
}
