//! `ec2:StopInstances`.

use serde_json::{Value, json};

use super::fleet::{Fleet, GROUP, Site, WEB};

const STOP: &str = "ec2:StopInstances";
const WRONG: &str = "IncorrectInstanceState";

const RUNNING: (u8, &str) = (16, "running");
const STOPPING: (u8, &str) = (64, "stopping");
const STOPPED: (u8, &str) = (80, "stopped");

fn site() -> Site {
    Fleet::aws()
        .group(GROUP, (1, 3, 2), &["i-1", "i-2"])
        .machine("i-9")
        .registered(80)
        .site()
}

fn change(id: &str, from: (u8, &str), to: (u8, &str)) -> Value {
    let state = |(code, name)| json!({"Code": code, "Name": name});
    json!({"StoppingInstances": [
        {"InstanceId": id, "CurrentState": state(to), "PreviousState": state(from)}
    ]})
}

/// R-STOP-6
#[test]
fn a_machine_is_stopped_and_its_target_is_unused() {
    let mut site = site();
    let ids = json!({"InstanceIds": ["i-9", "i-9"]});
    let stopping = change("i-9", RUNNING, STOPPING);
    assert_eq!(site.accepted(STOP, ids.clone()), stopping);
    assert_eq!(site.health(WEB, "i-9", 80), "healthy", "nothing drains");
    let again = change("i-9", STOPPING, STOPPING);
    assert_eq!(site.accepted(STOP, ids.clone()), again);
    site.run_to(21);
    assert_eq!(site.accepted(STOP, ids), change("i-9", STOPPED, STOPPED));
    assert_eq!(site.health(WEB, "i-9", 80), "unused Target.InvalidState");
    let told = site.accepted(
        "elasticloadbalancing:DescribeTargetHealth",
        json!({"TargetGroupArn": WEB, "Targets": [{"Id": "i-9"}]}),
    );
    assert_eq!(
        told["TargetHealthDescriptions"][0]["TargetHealth"]["Description"],
        "Target is in the stopped state"
    );
    let register = json!({"TargetGroupArn": WEB, "Targets": [{"Id": "i-9", "Port": 81}]});
    let text = "The following targets are not in a running state and cannot be registered: 'i-9'";
    site.refused(
        "elasticloadbalancing:RegisterTargets",
        register,
        ("InvalidTarget", 400, text),
    );
}

#[test]
fn force_does_not_wait() {
    let mut site = site();
    for key in ["Force", "SkipOsShutdown"] {
        let params = json!({"InstanceIds": ["i-9"], key: true});
        site.accepted(STOP, params);
    }
    site.run_to(20);
    let params = json!({"InstanceIds": ["i-9"]});
    assert_eq!(site.accepted(STOP, params), change("i-9", STOPPED, STOPPED));
}

#[test]
fn a_stopped_member_is_replaced() {
    let mut site = site();
    site.accepted(STOP, json!({"InstanceIds": ["i-1"]}));
    site.run_to(300);
    let (desired, members) = site.group(GROUP);
    assert_eq!((desired, members.len()), (2, 2));
    assert!(!members.contains_key("i-1"));
}

#[test]
fn what_cannot_be_stopped_refuses_the_whole_call() {
    let mut site = site();
    site.accepted("ec2:TerminateInstances", json!({"InstanceIds": ["i-2"]}));
    let text = "The instance 'i-2' is not in a state from which it can be stopped.";
    site.refused(
        STOP,
        json!({"InstanceIds": ["i-9", "i-2"]}),
        (WRONG, 400, text),
    );
    site.accepted(
        "autoscaling:SetDesiredCapacity",
        json!({"AutoScalingGroupName": GROUP, "DesiredCapacity": 3}),
    );
    site.run_to(10);
    let (_, members) = site.group(GROUP);
    let (new, _) = members
        .iter()
        .find(|(_, state)| *state == "Pending")
        .unwrap();
    let text =
        format!("Instance '{new}' cannot be stopped as it has never reached the 'running' state.");
    site.refused(STOP, json!({"InstanceIds": [new]}), (WRONG, 400, &text));
    site.refused(
        STOP,
        json!({"InstanceIds": ["i-9"], "Hibernate": true}),
        (
            "UnsupportedHibernationConfiguration",
            400,
            "The instance cannot be hibernated because it is not enabled for hibernation.",
        ),
    );
    site.refused(
        STOP,
        json!({"InstanceIds": ["i-9"], "DryRun": true}),
        (
            "DryRunOperation",
            412,
            "Request would have succeeded, but DryRun flag is set.",
        ),
    );
    site.refused(
        STOP,
        json!({"InstanceIds": ["i-x"]}),
        (
            "InvalidInstanceID.NotFound",
            400,
            "The instance ID 'i-x' does not exist",
        ),
    );
}
