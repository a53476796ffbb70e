//! `autoscaling:TerminateInstanceInAutoScalingGroup`.

use serde_json::{Value, json};

use super::fleet::{Fleet, GROUP, Site, WEB};

const TERMINATE: &str = "autoscaling:TerminateInstanceInAutoScalingGroup";

fn one(id: &str, decrement: bool) -> Value {
    json!({"InstanceId": id, "ShouldDecrementDesiredCapacity": decrement})
}

fn several(ids: &[&str], decrement: bool) -> Value {
    json!({
        "AutoScalingGroupName": GROUP,
        "InstanceIds": ids,
        "ShouldDecrementDesiredCapacity": decrement,
    })
}

fn site() -> Site {
    Fleet::aws()
        .group(GROUP, (1, 6, 3), &["i-1", "i-2", "i-3"])
        .machine("i-9")
        .site()
}

#[test]
fn a_member_drains_before_it_is_terminated() {
    let mut site = site();
    let answer = site.accepted(TERMINATE, one("i-1", true));
    let activity = &answer["Activity"];
    assert_eq!(activity["Description"], "Terminating EC2 instance: i-1");
    assert_eq!(activity["StatusCode"], "InProgress");
    assert_eq!(activity["Progress"], 0);
    assert_eq!(
        activity["Cause"],
        "At 2026-01-01T00:00:00Z instance i-1 was taken out of service in response to a user \
         request, shrinking the capacity from 3 to 2."
    );
    assert_eq!(
        site.health(WEB, "i-1", 80),
        "draining Target.DeregistrationInProgress"
    );
    assert_eq!(site.lifecycle(GROUP, "i-1"), "Terminating");
    let answer = site.accepted(
        "autoscaling:DescribeScalingActivities",
        json!({"ActivityIds": [activity["ActivityId"]]}),
    );
    let waiting = &answer["Activities"][0];
    assert_eq!(
        waiting["Description"],
        "Terminating EC2 instance: i-1 - Waiting For ELB Connection Draining."
    );
    assert_eq!(waiting["StatusCode"], "WaitingForELBConnectionDraining");
    assert_eq!(waiting["Progress"], 50);
    // 30 s of drain, then 20 s until the host is gone
    site.run_to(49);
    assert_eq!(site.lifecycle(GROUP, "i-1"), "Terminating");
    site.run_to(51);
    assert_eq!(site.lifecycle(GROUP, "i-1"), "");
    let (desired, members) = site.group(GROUP);
    assert_eq!((desired, members.len()), (2, 2), "it is not replaced");
}

#[test]
fn several_members_go_in_one_call() {
    let mut site = site();
    let answer = site.accepted(TERMINATE, several(&["i-3", "i-1", "i-3"], true));
    let causes: Vec<&str> = answer["Activities"]
        .as_array()
        .unwrap()
        .iter()
        .map(|activity| activity["Cause"].as_str().unwrap())
        .collect();
    assert_eq!(causes.len(), 2);
    assert!(causes[0].contains("i-3") && causes[0].ends_with("from 3 to 2."));
    assert!(causes[1].contains("i-1") && causes[1].ends_with("from 2 to 1."));
    site.run_to(200);
    let (desired, members) = site.group(GROUP);
    assert_eq!(desired, 1);
    assert_eq!(members.keys().collect::<Vec<_>>(), ["i-2"]);
}

#[test]
fn without_decrement_it_is_replaced() {
    let mut site = site();
    let answer = site.accepted(TERMINATE, one("i-1", false));
    assert_eq!(
        answer["Activity"]["Cause"],
        "At 2026-01-01T00:00:00Z instance i-1 was taken out of service in response to a user \
         request."
    );
    site.run_to(40);
    let (desired, members) = site.group(GROUP);
    assert_eq!(desired, 3);
    let in_service = members.values().filter(|state| *state == "InService");
    assert_eq!(
        in_service.count(),
        3,
        "the replacement boots while the old one drains"
    );
}

#[test]
fn decrement_at_the_minimum_is_refused() {
    let mut site = Fleet::aws().group(GROUP, (1, 2, 1), &["i-1"]).site();
    site.invalid(
        TERMINATE,
        one("i-1", true),
        "Currently, desiredSize equals minSize (1). Terminating instance without replacement will \
         violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to \
         false or lower group's min size.",
    );
    site.accepted(TERMINATE, one("i-1", false));
}

#[test]
fn what_is_no_member_or_is_leaving_is_refused() {
    let mut site = site();
    for id in ["i-9", "i-404"] {
        site.invalid(
            TERMINATE,
            one(id, false),
            &format!("Instance Id not found - No managed instance found for instance ID: {id}"),
        );
        site.invalid(
            TERMINATE,
            several(&["i-1", id], false),
            &format!("The instance {id} is not part of Auto Scaling group {GROUP}."),
        );
    }
    site.accepted(TERMINATE, one("i-1", false));
    blocked(&mut site, "i-1");
    site.invalid(
        TERMINATE,
        json!({"ShouldDecrementDesiredCapacity": false}),
        "1 validation error detected: Value null at 'instanceId' failed to satisfy constraint: \
         Member must not be null",
    );
    site.invalid(
        TERMINATE,
        json!({"InstanceIds": ["i-2"], "ShouldDecrementDesiredCapacity": false}),
        "1 validation error detected: Value null at 'autoScalingGroupName' failed to satisfy \
         constraint: Member must not be null",
    );
    site.invalid(
        TERMINATE,
        json!({"InstanceId": "i-2", "InstanceIds": ["i-2"], "AutoScalingGroupName": GROUP,
            "ShouldDecrementDesiredCapacity": false}),
        "InstanceId and InstanceIds cannot be specified in the same request.",
    );
}

/// It is refused because of the activity under way for the instance.
fn blocked(site: &mut Site, id: &str) {
    let found = site.cloud().instance_named(id).unwrap();
    let activity = site.cloud().instances[found.index()].activity.unwrap();
    let activity = site.cloud().activities[activity.index()].2.id.clone();
    let message = format!("Scaling activity {activity} is in progress and blocks this action");
    let expected = ("ScalingActivityInProgress", 400, message.as_str());
    site.refused(TERMINATE, one(id, false), expected);
}

/// Whoever leaves already, or is on the way to standby (keikoproj/upgrade-manager issue 77).
#[test]
fn an_activity_under_way_blocks_it() {
    let mut site = site();
    let group = json!({"AutoScalingGroupName": GROUP, "InstanceIds": ["i-1"],
        "ShouldDecrementDesiredCapacity": false});
    site.accepted("autoscaling:EnterStandby", group);
    blocked(&mut site, "i-1");
    let other = json!({"AutoScalingGroupName": GROUP, "InstanceIds": ["i-2"],
        "ShouldDecrementDesiredCapacity": false});
    site.accepted("autoscaling:DetachInstances", other);
    blocked(&mut site, "i-2");
    // once it stands by it may be terminated
    site.run_to(31);
    site.accepted(TERMINATE, one("i-1", false));
}

/// One that waits for a launch hook and one that is kept after its termination hook may be
/// terminated; one that waits for a termination hook is on its way.
#[test]
fn hooks_do_not_protect_an_instance() {
    let hook = |name: &str, transition: &str| {
        json!({"AutoScalingGroupName": GROUP, "LifecycleHookName": name,
            "LifecycleTransition": format!("autoscaling:EC2_INSTANCE_{transition}")})
    };
    let mut fleet = Fleet::aws().group(GROUP, (0, 4, 1), &["i-1"]);
    fleet.0.groups[0].rules.retain_on_abandon = true;
    let mut site = fleet.site();
    let put = "autoscaling:PutLifecycleHook";
    site.accepted(put, hook("come", "LAUNCHING"));
    site.accepted(put, hook("go", "TERMINATING"));
    site.accepted(
        "autoscaling:SetDesiredCapacity",
        json!({"AutoScalingGroupName": GROUP, "DesiredCapacity": 2}),
    );
    site.accepted(TERMINATE, one("i-1", false));
    site.run_to(50);
    assert_eq!(site.lifecycle(GROUP, "i-1"), "Terminating:Wait");
    blocked(&mut site, "i-1");
    site.accepted(
        "autoscaling:CompleteLifecycleAction",
        json!({"AutoScalingGroupName": GROUP, "LifecycleHookName": "go", "InstanceId": "i-1",
            "LifecycleActionResult": "ABANDON"}),
    );
    assert_eq!(site.lifecycle(GROUP, "i-1"), "Terminating:Retained");
    site.accepted(TERMINATE, one("i-1", false));
    let waiting = site.group(GROUP).1.into_iter();
    let mut waiting = waiting.filter(|(_, state)| state == "Pending:Wait");
    let (new, _) = waiting.next().expect("one was launched");
    site.accepted(TERMINATE, one(&new, false));
    assert_eq!(site.lifecycle(GROUP, &new), "Terminating");
    site.run_to(80);
    assert_eq!(site.lifecycle(GROUP, "i-1"), "");
    assert_eq!(site.lifecycle(GROUP, &new), "");
}
