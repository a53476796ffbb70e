//! `autoscaling:CompleteLifecycleAction` and `autoscaling:RecordLifecycleActionHeartbeat`.

use serde_json::{Value, json};

use super::fleet::{Fleet, GROUP, Site};

const COMPLETE: &str = "autoscaling:CompleteLifecycleAction";
const BEAT: &str = "autoscaling:RecordLifecycleActionHeartbeat";

/// Two instances and a hook `drain` of 60 s, to which `i-1` comes at 30 s.
fn site() -> Site {
    let mut site = Fleet::aws().group(GROUP, (0, 4, 2), &["i-1", "i-2"]).site();
    site.accepted(
        "autoscaling:PutLifecycleHook",
        json!({"AutoScalingGroupName": GROUP, "LifecycleHookName": "drain",
            "LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING", "HeartbeatTimeout": 60}),
    );
    site.accepted(
        "autoscaling:TerminateInstanceInAutoScalingGroup",
        json!({"InstanceId": "i-1", "ShouldDecrementDesiredCapacity": true}),
    );
    site
}

/// A request on the hook `drain` with more parameters; CONTINUE where a result is needed.
fn params(name: &str, more: Value) -> Value {
    let mut params = json!({"AutoScalingGroupName": GROUP, "LifecycleHookName": "drain"});
    if name == COMPLETE {
        params["LifecycleActionResult"] = json!("CONTINUE");
    }
    for (key, value) in more.as_object().unwrap() {
        params[key] = value.clone();
    }
    params
}

fn token(site: &Site) -> String {
    site.cloud().lifecycle_actions[0].token.clone()
}

#[test]
fn an_action_is_named_by_instance_or_by_token() {
    for by_token in [false, true] {
        let mut site = site();
        site.run_to(40);
        let token = token(&site);
        assert_eq!(
            token.split('-').map(str::len).collect::<Vec<_>>(),
            [8, 4, 4, 4, 12]
        );
        let named = if by_token {
            json!({"LifecycleActionToken": token})
        } else {
            json!({"InstanceId": "i-1"})
        };
        assert_eq!(site.accepted(BEAT, params(BEAT, named.clone())), json!({}));
        assert_eq!(site.lifecycle(GROUP, "i-1"), "Terminating:Wait");
        let complete = params(COMPLETE, named);
        assert_eq!(site.accepted(COMPLETE, complete), json!({}));
        assert_eq!(site.lifecycle(GROUP, "i-1"), "Terminating:Proceed");
    }
}

/// Without a heartbeat the hook ends at 90 s; the second of two at 80 s and 130 s makes it 190 s.
#[test]
fn each_heartbeat_restarts_the_timeout() {
    let mut site = site();
    for second in [80, 130] {
        site.run_to(second);
        site.accepted(BEAT, params(BEAT, json!({"InstanceId": "i-1"})));
    }
    site.run_to(189);
    assert_eq!(site.lifecycle(GROUP, "i-1"), "Terminating:Wait");
    site.run_to(191);
    assert_eq!(site.lifecycle(GROUP, "i-1"), "Terminating:Proceed");
}

/// Before its action begins, after it ended, for others, for another hook: the messages that
/// were seen.
#[test]
fn without_an_action_under_way_the_call_is_refused() {
    let none = "00000000-0000-4000-8000-000000000000";
    for name in [BEAT, COMPLETE] {
        let mut site = site();
        let by_instance = params(name, json!({"InstanceId": "i-1"}));
        let refusal = "No active Lifecycle Action found with instance ID i-1";
        // it drains still
        site.invalid(name, by_instance.clone(), refusal);
        site.run_to(40);
        site.invalid(
            name,
            params(name, json!({"InstanceId": "i-2"})),
            "No active Lifecycle Action found with instance ID i-2",
        );
        let other = json!({"InstanceId": "i-1", "LifecycleHookName": "other"});
        site.invalid(name, params(name, other), refusal);
        let refusal_of =
            |token: &str| format!("No active Lifecycle Action found with token {token}");
        let unknown = json!({"LifecycleActionToken": none});
        site.invalid(name, params(name, unknown), &refusal_of(none));
        // token and instance must fit together
        let token = token(&site);
        let both = json!({"LifecycleActionToken": token, "InstanceId": "i-2"});
        site.invalid(name, params(name, both), &refusal_of(&token));
        site.accepted(COMPLETE, params(COMPLETE, json!({"InstanceId": "i-1"})));
        site.invalid(name, by_instance, refusal);
        let again = json!({"LifecycleActionToken": token});
        site.invalid(name, params(name, again), &refusal_of(&token));
    }
}

#[test]
fn the_shape_of_a_request_is_checked() {
    let mut site = site();
    site.run_to(40);
    let cases = [
        (
            BEAT,
            json!({}),
            "1 validation error detected: Value null at 'instanceId' failed to satisfy \
             constraint: Member must not be null",
        ),
        (
            BEAT,
            json!({"LifecycleActionToken": "short"}),
            "1 validation error detected: Value 'short' at 'lifecycleActionToken' failed to \
             satisfy constraint: Member must have length greater than or equal to 36",
        ),
        (
            COMPLETE,
            json!({"InstanceId": "i-1", "LifecycleActionResult": "DONE"}),
            "1 validation error detected: Value 'DONE' at 'lifecycleActionResult' failed to \
             satisfy constraint: Member must satisfy enum value set: [CONTINUE, ABANDON]",
        ),
        (
            COMPLETE,
            json!({"InstanceId": "i-1", "AutoScalingGroupName": "nobody"}),
            "AutoScalingGroup name not found - null",
        ),
    ];
    for (name, more, message) in cases {
        site.invalid(name, params(name, more), message);
    }
    assert_eq!(site.lifecycle(GROUP, "i-1"), "Terminating:Wait");
}

/// A launch that waits for its hook is at 40 %; abandoned, it is cancelled, and says by whom.
/// R-HOOK-3
#[test]
fn an_abandoned_launch_says_why() {
    for (completes, why) in [
        (true, "Lifecycle Action Completed with ABANDON Result"),
        (false, "Heartbeat Timeout"),
    ] {
        let mut site = Fleet::aws().group(GROUP, (0, 4, 2), &["i-1", "i-2"]).site();
        site.accepted(
            "autoscaling:PutLifecycleHook",
            json!({"AutoScalingGroupName": GROUP, "LifecycleHookName": "warm",
                "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING",
                "HeartbeatTimeout": 60}),
        );
        site.accepted(
            "autoscaling:SetDesiredCapacity",
            json!({"AutoScalingGroupName": GROUP, "DesiredCapacity": 3}),
        );
        // it waits from 37 to 97 s
        site.run_to(90);
        let launch = &activities(&mut site)[0];
        assert_eq!(launch["StatusCode"], "MidLifecycleAction");
        assert_eq!(launch["Progress"], 40);
        assert_eq!(launch["StatusMessage"], Value::Null);
        let token = token(&site);
        if completes {
            site.accepted(
                COMPLETE,
                json!({"AutoScalingGroupName": GROUP, "LifecycleHookName": "warm",
                    "LifecycleActionToken": token, "LifecycleActionResult": "ABANDON"}),
            );
        }
        site.run_to(98);
        let all = activities(&mut site);
        let launch = all.iter().find(|one| one["StatusCode"] == "Cancelled");
        let launch = launch.unwrap_or_else(|| panic!("{all:?}"));
        let message = format!(
            "Instance failed to complete user's Lifecycle Action: Lifecycle Action with token \
             {token} was abandoned: {why}"
        );
        let id = &site.cloud().instances[2].id;
        assert_eq!(launch["StatusMessage"], message);
        assert_eq!(launch["Progress"], 100);
        assert_eq!(
            launch["Description"],
            format!("Launching a new EC2 instance: {id}.  Status Reason: {message}")
        );
    }
}

fn activities(site: &mut Site) -> Vec<Value> {
    let answer = site.accepted(
        "autoscaling:DescribeScalingActivities",
        json!({"AutoScalingGroupName": GROUP}),
    );
    answer["Activities"].as_array().unwrap().clone()
}
