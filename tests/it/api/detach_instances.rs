//! `autoscaling:DetachInstances`.

use serde_json::{Value, json};

use super::fleet::{API, Fleet, GROUP, Site, WEB};
use drainsim::model::settings::TargetType;

const DETACH: &str = "autoscaling:DetachInstances";

fn params(ids: &[&str], decrement: bool) -> Value {
    json!({
        "AutoScalingGroupName": GROUP,
        "InstanceIds": ids,
        "ShouldDecrementDesiredCapacity": decrement,
    })
}

/// Two instances, of which one is needed at least.
fn pair() -> Site {
    let mut fleet = Fleet::aws().group(GROUP, (1, 4, 2), &["i-93633f9b", "i-5f2e8a0d"]);
    // 2015-04-12T15:02:16Z, as in the example of the API reference
    fleet.0.start_unix_s = 1_428_850_936;
    fleet.site()
}

/// The example of the page `detach_instances`; moto's Cause lacks the shrinking clause.
#[test]
fn the_example_of_the_reference_is_answered() {
    let mut site = pair();
    let answer = site.accepted(DETACH, params(&["i-93633f9b"], true));
    let activity = &answer["Activities"][0];
    assert_eq!(answer["Activities"].as_array().map(Vec::len), Some(1));
    assert_eq!(activity["AutoScalingGroupName"], GROUP);
    assert_eq!(
        activity["Cause"],
        "At 2015-04-12T15:02:16Z instance i-93633f9b was detached in response to a user request, \
         shrinking the capacity from 2 to 1."
    );
    assert_eq!(
        activity["Description"],
        "Detaching EC2 instance: i-93633f9b"
    );
    assert_eq!(activity["StartTime"], "2015-04-12T15:02:16.000Z");
    assert_eq!(activity["StatusCode"], "InProgress");
    assert_eq!(activity["Progress"], 50);
    assert_eq!(
        activity["Details"],
        r#"{"Subnet ID":"subnet-us-west-2a","Availability Zone":"us-west-2a"}"#
    );
    let id = activity["ActivityId"].as_str().unwrap();
    assert_eq!(
        id.split('-').map(str::len).collect::<Vec<_>>(),
        [8, 4, 4, 4, 12]
    );
    let keys: Vec<&String> = activity.as_object().unwrap().keys().collect();
    assert_eq!(keys.len(), 8, "{keys:?}");
    assert_eq!(site.group(GROUP).0, 1);
}

#[test]
fn capacity_in_the_causes_steps_per_instance() {
    let mut site = Fleet::aws()
        .group(GROUP, (0, 4, 3), &["i-1", "i-2", "i-3"])
        .site();
    let answer = site.accepted(DETACH, params(&["i-3", "i-1", "i-3"], true));
    let causes: Vec<&str> = answer["Activities"]
        .as_array()
        .unwrap()
        .iter()
        .map(|activity| activity["Cause"].as_str().unwrap())
        .collect();
    assert_eq!(causes.len(), 2, "an id given twice counts once");
    assert!(causes[0].ends_with(
        "i-3 was detached in response to a user request, shrinking the capacity from 3 to 2."
    ));
    assert!(causes[1].ends_with(
        "i-1 was detached in response to a user request, shrinking the capacity from 2 to 1."
    ));
}

/// Moto leaves a detached instance healthy in its target group for ever.
#[test]
fn a_detached_instance_drains_from_every_source_and_then_leaves_the_group() {
    let mut site = Fleet::aws()
        .target_group(API, TargetType::Instance)
        .attribute("deregistration_delay.timeout_seconds", "60")
        .group(GROUP, (1, 4, 2), &["i-1", "i-2"])
        .site();
    site.run_to(100);
    site.accepted(DETACH, params(&["i-1"], true));
    assert_eq!(site.lifecycle(GROUP, "i-1"), "Detaching");
    for group in [WEB, API] {
        assert_eq!(
            site.health(group, "i-1", 80),
            "draining Target.DeregistrationInProgress"
        );
        assert_eq!(site.health(group, "i-2", 80), "healthy");
    }
    site.run_to(159);
    assert_eq!(site.health(WEB, "i-1", 80), "unused Target.NotRegistered");
    assert_eq!(site.lifecycle(GROUP, "i-1"), "Detaching");
    let activity = latest(&mut site);
    assert_eq!(activity["StatusCode"], "WaitingForELBConnectionDraining");
    assert_eq!(activity["Progress"], 50);
    site.run_to(161);
    assert_eq!(site.lifecycle(GROUP, "i-1"), "", "it is out of the group");
    let activity = latest(&mut site);
    assert_eq!(activity["StatusCode"], "Successful");
    assert_eq!(activity["Progress"], 100);
    assert_eq!(activity["EndTime"], "2026-01-01T00:02:40.000Z");
    assert_eq!(activity["Description"], "Detaching EC2 instance: i-1");
    // it runs on: it may come back
    site.accepted(
        "autoscaling:AttachInstances",
        json!({"AutoScalingGroupName": GROUP, "InstanceIds": ["i-1"]}),
    );
}

fn latest(site: &mut Site) -> Value {
    let answer = site.accepted(
        "autoscaling:DescribeScalingActivities",
        json!({"AutoScalingGroupName": GROUP, "MaxRecords": 1}),
    );
    answer["Activities"][0].clone()
}

/// Trap 5: the minimum counts only when decrementing, and against desired.
#[test]
fn without_decrement_the_minimum_does_not_matter_and_a_replacement_is_launched() {
    let mut site = Fleet::aws().group(GROUP, (2, 4, 2), &["i-1", "i-2"]).site();
    let answer = site.accepted(DETACH, params(&["i-1"], false));
    let cause = answer["Activities"][0]["Cause"].as_str().unwrap();
    assert!(cause.ends_with("i-1 was detached in response to a user request."));
    // in parallel with the drain: 2 s to the launch, 35 s to boot
    site.run_to(3);
    let (desired, members) = site.group(GROUP);
    assert_eq!(desired, 2);
    let count = |state: &str| members.values().filter(|other| *other == state).count();
    assert_eq!(
        (count("Detaching"), count("InService"), count("Pending")),
        (1, 1, 1)
    );
    site.run_to(38);
    let (_, members) = site.group(GROUP);
    assert_eq!(
        members.values().collect::<Vec<_>>(),
        ["InService", "InService"]
    );
}

/// Moto goes below the minimum. The text was reported for one instance.
#[test]
fn decrement_below_the_minimum_is_refused() {
    let mut site = Fleet::aws().group(GROUP, (2, 4, 2), &["i-1", "i-2"]).site();
    for (ids, count) in [
        (&["i-1"][..], "1 instance"),
        (&["i-1", "i-2"], "2 instances"),
    ] {
        site.invalid(
            DETACH,
            params(ids, true),
            &format!(
                "AutoScalingGroup {GROUP} has min-size=2, max-size=4, and desired-size=2. To \
                 detach {count}, please update the AutoScalingGroup sizes appropriately."
            ),
        );
    }
}

/// For an id that is no member moto answers 200, lowers the desired capacity and
/// terminates another instance.
#[test]
fn an_id_that_is_no_member_refuses_the_whole_call() {
    let mut site = Fleet::aws()
        .group(GROUP, (0, 4, 2), &["i-1", "i-2"])
        .machine("i-9")
        .site();
    for id in ["i-9", "i-404"] {
        site.invalid(
            DETACH,
            params(&["i-1", id], true),
            &format!("The instance {id} is not part of Auto Scaling group {GROUP}."),
        );
    }
    assert_eq!(site.group(GROUP).0, 2);
    assert_eq!(site.lifecycle(GROUP, "i-1"), "InService");
}

#[test]
fn an_instance_that_is_leaving_is_refused() {
    let mut site = pair();
    site.accepted(DETACH, params(&["i-93633f9b"], false));
    site.invalid(
        DETACH,
        params(&["i-93633f9b"], false),
        "The instance i-93633f9b is not in InService or Standby.",
    );
    site.run_to(40);
    site.invalid(
        DETACH,
        params(&["i-93633f9b"], false),
        &format!("The instance i-93633f9b is not part of Auto Scaling group {GROUP}."),
    );
}

/// Moto accepts 21 ids. The limit comes before the ids are looked at.
#[test]
fn more_than_twenty_ids_are_refused() {
    let ids: Vec<String> = (0..21).map(|n| format!("i-{n}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut site = Fleet::aws().group(GROUP, (0, 40, 30), &ids).site();
    site.invalid(
        DETACH,
        params(&ids, false),
        "List exceeds the maximum number of instances to detach. Please retry your request with \
         fewer instances.",
    );
    let answer = site.accepted(DETACH, params(&ids[..20], false));
    assert_eq!(answer["Activities"].as_array().map(Vec::len), Some(20));
}

#[test]
fn the_shape_of_a_request_is_checked_first() {
    let mut site = pair();
    let long = "g".repeat(256);
    let cases = [
        (
            json!({"InstanceIds": ["i-1"]}),
            "2 validation errors detected: Value null at 'autoScalingGroupName' failed to satisfy \
             constraint: Member must not be null; Value null at 'shouldDecrementDesiredCapacity' \
             failed to satisfy constraint: Member must not be null"
                .to_owned(),
        ),
        (
            json!({"AutoScalingGroupName": "", "InstanceIds": ["i-1"],
                "ShouldDecrementDesiredCapacity": true}),
            "1 validation error detected: Value '' at 'autoScalingGroupName' failed to satisfy \
             constraint: Member must have length greater than or equal to 1"
                .to_owned(),
        ),
        (
            json!({"AutoScalingGroupName": long, "InstanceIds": ["i-1"],
                "ShouldDecrementDesiredCapacity": true}),
            format!(
                "1 validation error detected: Value '{long}' at 'autoScalingGroupName' failed to \
                 satisfy constraint: Member must have length less than or equal to 255"
            ),
        ),
        (
            params(&["i-1", "i-12345678901234567890"], true),
            "1 validation error detected: Value '[i-1, i-12345678901234567890]' at 'instanceIds' \
             failed to satisfy constraint: Member must satisfy constraint: [Member must have \
             length less than or equal to 19, Member must have length greater than or equal to 1, \
             Member must satisfy regular expression pattern: \
             [\\u0020-\\uD7FF\\uE000-\\uFFFD\\uD800\\uDC00-\\uDBFF\\uDFFF\\r\\n\\t]*]"
                .to_owned(),
        ),
        (
            params(&[], true),
            "1 validation error detected: Value '[]' at 'instanceIds' failed to satisfy \
             constraint: Member must have length greater than or equal to 1"
                .to_owned(),
        ),
        (
            json!({"AutoScalingGroupName": GROUP, "ShouldDecrementDesiredCapacity": true}),
            "1 validation error detected: Value null at 'instanceIds' failed to satisfy \
             constraint: Member must not be null"
                .to_owned(),
        ),
        (
            json!({"AutoScalingGroupName": "other", "InstanceIds": ["i-1"],
                "ShouldDecrementDesiredCapacity": true}),
            "AutoScalingGroup name not found - AutoScalingGroup 'other' not found".to_owned(),
        ),
    ];
    for (params, message) in cases {
        site.invalid(DETACH, params, &message);
    }
    // whatever is thrown at it, it answers
    for odd in [
        json!(null),
        json!([]),
        json!("x"),
        json!({"X": 1}),
        json!({"InstanceIds": 3}),
    ] {
        assert_eq!(site.call(DETACH, odd).unwrap_err().code, "ValidationError");
    }
}

#[test]
fn a_group_without_sources_lets_an_instance_go_at_once() {
    let mut fleet = Fleet::aws().group(GROUP, (0, 4, 2), &["i-1", "i-2"]);
    fleet.0.groups[0].sources.clear();
    let mut site = fleet.site();
    let answer = site.accepted(DETACH, params(&["i-1"], true));
    assert_eq!(answer["Activities"][0]["StatusCode"], "InProgress");
    assert_eq!(site.lifecycle(GROUP, "i-1"), "");
    assert_eq!(latest(&mut site)["StatusCode"], "Successful");
}

#[test]
fn a_name_holds_no_control_characters() {
    pair().invalid(
        DETACH,
        json!({"AutoScalingGroupName": "a\u{7}b", "InstanceIds": ["i-1"],
            "ShouldDecrementDesiredCapacity": true}),
        "1 validation error detected: Value 'a\u{7}b' at 'autoScalingGroupName' failed to satisfy \
         constraint: Member must satisfy regular expression pattern: \
         [\\u0020-\\uD7FF\\uE000-\\uFFFD\\uD800\\uDC00-\\uDBFF\\uDFFF\\r\\n\\t]*",
    );
}
