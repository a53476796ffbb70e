//! `autoscaling:EnterStandby` and `autoscaling:ExitStandby`.

use serde_json::{Value, json};

use super::fleet::{Fleet, GROUP, Site, WEB};

const ENTER: &str = "autoscaling:EnterStandby";
const EXIT: &str = "autoscaling:ExitStandby";
const IDS: [&str; 4] = ["i-1", "i-2", "i-3", "i-4"];

/// Four instances, of which `min` are needed; the delay is 30 s.
fn site(min: u32) -> Site {
    Fleet::aws().group(GROUP, (min, 5, 4), &IDS).site()
}

fn enter(ids: &[&str], decrement: bool) -> Value {
    json!({"AutoScalingGroupName": GROUP, "InstanceIds": ids,
        "ShouldDecrementDesiredCapacity": decrement})
}

fn exit(ids: &[&str]) -> Value {
    json!({"AutoScalingGroupName": GROUP, "InstanceIds": ids})
}

fn latest(site: &mut Site) -> Value {
    let answer = site.accepted(
        "autoscaling:DescribeScalingActivities",
        json!({"AutoScalingGroupName": GROUP, "MaxRecords": 1}),
    );
    answer["Activities"][0].clone()
}

/// The example of the user guide: four instances, one steps aside and comes back.
#[test]
fn an_instance_stands_by_and_comes_back() {
    let mut site = site(1);
    let answer = site.accepted(ENTER, enter(&["i-1"], true));
    let activity = &answer["Activities"][0];
    assert_eq!(
        activity["Description"],
        "Moving EC2 instance to Standby: i-1"
    );
    assert_eq!(
        activity["Cause"],
        "At 2026-01-01T00:00:00Z instance i-1 was moved to standby in response to a user request, \
         shrinking the capacity from 4 to 3."
    );
    assert_eq!(activity["StatusCode"], "InProgress");
    assert_eq!(activity["Progress"], 50);
    assert_eq!(site.lifecycle(GROUP, "i-1"), "EnteringStandby");
    assert_eq!(
        site.health(WEB, "i-1", 80),
        "draining Target.DeregistrationInProgress"
    );
    site.run_to(31);
    let (desired, members) = site.group(GROUP);
    assert_eq!((desired, members.len()), (3, 4), "nobody replaces it");
    assert_eq!(members["i-1"], "Standby");
    assert_eq!(latest(&mut site)["StatusCode"], "Successful");
    site.run_to(100);
    let answer = site.accepted(EXIT, exit(&["i-1"]));
    let activity = &answer["Activities"][0];
    assert_eq!(
        activity["Description"],
        "Moving EC2 instance out of Standby: i-1"
    );
    assert_eq!(
        activity["Cause"],
        "At 2026-01-01T00:01:40Z instance i-1 was moved out of standby in response to a user \
         request, increasing the capacity from 3 to 4."
    );
    assert_eq!(activity["StatusCode"], "PreInService");
    assert_eq!(activity["Progress"], 30);
    site.run_to(120);
    assert_eq!(site.health(WEB, "i-1", 80), "healthy");
    let (desired, members) = site.group(GROUP);
    assert_eq!((desired, members.len()), (4, 4));
    assert_eq!(members["i-1"], "InService");
}

#[test]
fn without_decrement_it_is_replaced() {
    let mut site = site(4);
    let answer = site.accepted(ENTER, enter(&["i-1"], false));
    assert_eq!(
        answer["Activities"][0]["Cause"],
        "At 2026-01-01T00:00:00Z instance i-1 was moved to standby in response to a user request."
    );
    site.run_to(60);
    let (desired, members) = site.group(GROUP);
    assert_eq!((desired, members.len()), (4, 5));
    let serving = members.values().filter(|state| *state == "InService");
    assert_eq!(serving.count(), 4);
    // back, the group is one larger
    site.accepted(EXIT, exit(&["i-1"]));
    assert_eq!(site.group(GROUP).0, 5);
    site.run_to(200);
    assert_eq!(site.group(GROUP).1.len(), 5);
}

/// The guard of the minimum size, in the words that were seen.
#[test]
fn the_minimum_stays_in_service() {
    let mut site = site(3);
    for (ids, count) in [
        (&["i-1", "i-2"][..], "2 instances"),
        (&IDS[..], "4 instances"),
    ] {
        site.invalid(
            ENTER,
            enter(ids, true),
            &format!(
                "AutoScalingGroup {GROUP} has min-size=3, max-size=5, and desired-size=4. To place \
                 into standby {count}, please update the AutoScalingGroup sizes appropriately."
            ),
        );
    }
    site.accepted(ENTER, enter(&["i-1", "i-1"], true));
    site.invalid(
        ENTER,
        enter(&["i-2"], true),
        &format!(
            "AutoScalingGroup {GROUP} has min-size=3, max-size=5, and desired-size=3. To place \
             into standby 1 instance, please update the AutoScalingGroup sizes appropriately."
        ),
    );
    // without a decrement the minimum does not matter
    site.accepted(ENTER, enter(&["i-2"], false));
}

#[test]
fn only_who_is_in_service_may_stand_by_and_only_who_stands_by_may_come_back() {
    let mut site = site(0);
    site.invalid(EXIT, exit(&["i-1"]), "The instance i-1 is not in Standby.");
    site.accepted(ENTER, enter(&["i-1"], true));
    for second in [0, 40] {
        site.run_to(second);
        site.invalid(
            ENTER,
            enter(&["i-2", "i-1"], true),
            "The instance i-1 is not in InService.",
        );
    }
    for (name, params) in [(ENTER, enter(&["i-9"], true)), (EXIT, exit(&["i-9"]))] {
        let message = format!("The instance i-9 is not part of Auto Scaling group {GROUP}.");
        site.invalid(name, params, &message);
    }
    let nobody = "AutoScalingGroup name not found - AutoScalingGroup 'nobody' not found";
    let mut params = enter(&["i-2"], true);
    params["AutoScalingGroupName"] = json!("nobody");
    site.invalid(ENTER, params, nobody);
    let mut params = exit(&["i-1"]);
    params["AutoScalingGroupName"] = json!("nobody");
    site.invalid(EXIT, params, nobody);
    let many: Vec<String> = (0..21).map(|number| format!("i-{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for (name, params, verb) in [
        (ENTER, enter(&many, true), "place into standby"),
        (EXIT, exit(&many), "move out of standby"),
    ] {
        let message = format!(
            "List exceeds the maximum number of instances to {verb}. Please retry your request \
             with fewer instances."
        );
        site.invalid(name, params, &message);
    }
    for (name, mut params) in [(ENTER, enter(&[], true)), (EXIT, exit(&[]))] {
        params.as_object_mut().unwrap().remove("InstanceIds");
        site.invalid(
            name,
            params,
            "1 validation error detected: Value null at 'instanceIds' failed to satisfy \
             constraint: Member must not be null",
        );
    }
}

#[test]
fn nobody_comes_back_above_the_maximum_or_while_launch_is_suspended() {
    let mut site = site(0);
    site.accepted(ENTER, enter(&["i-1", "i-2"], false));
    site.run_to(60);
    site.invalid(
        EXIT,
        exit(&["i-1", "i-2"]),
        &format!(
            "AutoScalingGroup {GROUP} has min-size=0, max-size=5, and desired-size=4. To move out \
             of standby 2 instances, please update the AutoScalingGroup sizes appropriately."
        ),
    );
    let launch = json!({"AutoScalingGroupName": GROUP, "ScalingProcesses": ["Launch"]});
    site.accepted("autoscaling:SuspendProcesses", launch.clone());
    site.invalid(
        EXIT,
        exit(&["i-1"]),
        &format!(
            "Instances may not be moved out of standby while the Launch process of \
             AutoScalingGroup {GROUP} is suspended."
        ),
    );
    site.accepted("autoscaling:ResumeProcesses", launch);
    site.accepted(EXIT, exit(&["i-1"]));
}

/// Detaching takes it out of the group at once, terminating ends it; its place in the capacity is
/// not taken twice.
#[test]
fn an_instance_in_standby_may_be_detached_or_terminated() {
    let mut site = site(0);
    site.accepted(ENTER, enter(&["i-1", "i-2"], true));
    site.run_to(40);
    site.accepted("autoscaling:DetachInstances", enter(&["i-1"], false));
    assert_eq!(site.lifecycle(GROUP, "i-1"), "");
    site.accepted(
        "autoscaling:TerminateInstanceInAutoScalingGroup",
        json!({"InstanceId": "i-2", "ShouldDecrementDesiredCapacity": false}),
    );
    site.run_to(100);
    let (desired, members) = site.group(GROUP);
    assert_eq!((desired, members.len()), (2, 2));
    // the user guide warns: with a decrement an instance that serves goes
    site.accepted(ENTER, enter(&["i-3"], true));
    site.run_to(140);
    site.accepted("autoscaling:DetachInstances", enter(&["i-3"], true));
    assert_eq!(site.group(GROUP).0, 0);
    assert_eq!(site.lifecycle(GROUP, "i-4"), "Terminating");
}

/// The user guide: an instance that was terminated in standby is found out when it is back.
#[test]
fn one_that_died_in_standby_is_replaced_when_it_is_back() {
    let mut site = site(0);
    site.accepted(ENTER, enter(&["i-1"], true));
    site.run_to(40);
    site.accepted("ec2:TerminateInstances", json!({"InstanceIds": ["i-1"]}));
    site.run_to(200);
    assert_eq!(site.lifecycle(GROUP, "i-1"), "Standby", "it is not checked");
    site.accepted(EXIT, exit(&["i-1"]));
    site.run_to(500);
    let (desired, members) = site.group(GROUP);
    assert_eq!((desired, members.len()), (4, 4));
    assert!(!members.contains_key("i-1"));
}

/// Whoever comes back is no new instance: it is as protected as it was.
#[test]
fn who_comes_back_is_not_protected_as_new() {
    let mut site = site(0);
    site.accepted(
        "autoscaling:SetInstanceProtection",
        json!({"AutoScalingGroupName": GROUP, "InstanceIds": ["i-2"],
            "ProtectedFromScaleIn": true}),
    );
    site.accepted(ENTER, enter(&["i-1", "i-2"], true));
    site.run_to(40);
    site.accepted(
        "autoscaling:UpdateAutoScalingGroup",
        json!({"AutoScalingGroupName": GROUP, "NewInstancesProtectedFromScaleIn": true}),
    );
    site.accepted(EXIT, exit(&["i-1", "i-2"]));
    site.accepted(
        "autoscaling:SetDesiredCapacity",
        json!({"AutoScalingGroupName": GROUP, "DesiredCapacity": 5}),
    );
    site.run_to(200);
    let described = site.accepted("autoscaling:DescribeAutoScalingGroups", json!({}));
    let members = described["AutoScalingGroups"][0]["Instances"].as_array();
    let mut protected = members.unwrap().iter().map(|member| {
        assert_eq!(member["LifecycleState"], "InService");
        let id = member["InstanceId"].as_str().unwrap();
        let known = IDS.iter().find(|known| **known == id);
        let protected = member["ProtectedFromScaleIn"].as_bool().unwrap();
        (known.copied().unwrap_or("new"), protected)
    });
    let expected = [
        ("i-1", false),
        ("i-2", true),
        ("i-3", false),
        ("i-4", false),
        ("new", true),
    ];
    for (id, is) in expected {
        let found = protected.find(|(other, _)| *other == id);
        assert_eq!(found, Some((id, is)));
    }
}
