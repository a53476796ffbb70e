//! `elasticloadbalancing:DescribeTargetHealth`.

use serde_json::json;

use super::fleet::{ADDRESSES, Fleet, NOBODYS, WEB};
use drainsim::model::settings::TargetType;

const DESCRIBE: &str = "elasticloadbalancing:DescribeTargetHealth";
const DEREGISTER: &str = "elasticloadbalancing:DeregisterTargets";

#[test]
fn registered_and_draining_targets_are_listed_with_reasons() {
    let mut site = Fleet::aws()
        .machine("i-1")
        .registered(80)
        .machine("i-2")
        .registered(8080)
        .machine("i-3")
        .registered(80)
        .site();
    site.accepted(
        DEREGISTER,
        json!({"TargetGroupArn": WEB, "Targets": [{"Id": "i-2", "Port": 8080}]}),
    );
    site.run_to(5);
    site.accepted(
        DEREGISTER,
        json!({"TargetGroupArn": WEB, "Targets": [{"Id": "i-3"}]}),
    );
    site.run_to(31);
    let draining = json!({
        "State": "draining",
        "Reason": "Target.DeregistrationInProgress",
        "Description": "Target deregistration is in progress",
    });
    assert_eq!(
        site.accepted(DESCRIBE, json!({"TargetGroupArn": WEB})),
        json!({"TargetHealthDescriptions": [
            {"Target": {"Id": "i-1", "Port": 80}, "HealthCheckPort": "80",
                "TargetHealth": {"State": "healthy"}},
            {"Target": {"Id": "i-3", "Port": 80}, "HealthCheckPort": "80",
                "TargetHealth": draining},
        ]})
    );
}

/// A waiter for `target_deregistered` polls until every target it names is `unused`.
#[test]
fn a_target_named_that_is_not_registered_is_unused() {
    let mut site = Fleet::aws().machine("i-1").registered(8080).site();
    let answer = site.accepted(
        DESCRIBE,
        json!({"TargetGroupArn": WEB, "Targets": [{"Id": "i-1"}, {"Id": "nobody", "Port": 9}]}),
    );
    let unused = json!({
        "State": "unused",
        "Reason": "Target.NotRegistered",
        "Description": "Target is not registered to the target group",
    });
    for (index, target) in [
        json!({"Id": "i-1", "Port": 80}),
        json!({"Id": "nobody", "Port": 9}),
    ]
    .into_iter()
    .enumerate()
    {
        let described = &answer["TargetHealthDescriptions"][index];
        assert_eq!(described["Target"], target);
        assert_eq!(described["TargetHealth"], unused);
    }
}

#[test]
fn a_target_group_nobody_forwards_to_is_not_in_use() {
    let mut fleet = Fleet::aws().machine("i-1").registered(80);
    fleet.0.listeners.clear();
    let mut site = fleet.site();
    assert_eq!(site.health(WEB, "i-1", 80), "unused Target.NotInUse");
}

#[test]
fn zones_of_addresses_and_anomalies_are_told_where_asked_for() {
    let mut site = Fleet::aws()
        .target_group(ADDRESSES, TargetType::Ip)
        .machine("10.0.0.5")
        .registered(80)
        .site();
    let answer = site.accepted(
        DESCRIBE,
        json!({"TargetGroupArn": ADDRESSES, "Include": ["All"]}),
    );
    let described = &answer["TargetHealthDescriptions"][0];
    assert_eq!(described["Target"]["AvailabilityZone"], "us-west-2a");
    assert_eq!(
        described["AnomalyDetection"],
        json!({"Result": "normal", "MitigationInEffect": "no"})
    );
    site.invalid(
        DESCRIBE,
        json!({"TargetGroupArn": ADDRESSES, "Include": ["Everything"]}),
        "1 validation error detected: Value '[Everything]' at 'include' failed to satisfy \
         constraint: Member must satisfy constraint: [Member must satisfy enum value set: \
         [AnomalyDetection, All]]",
    );
    site.refused(
        DESCRIBE,
        json!({"TargetGroupArn": NOBODYS}),
        (
            "TargetGroupNotFound",
            400,
            "One or more target groups not found",
        ),
    );
}
