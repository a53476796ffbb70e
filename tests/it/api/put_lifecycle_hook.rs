//! `autoscaling:PutLifecycleHook` and `autoscaling:DescribeLifecycleHooks`.

use serde_json::{Value, json};

use super::fleet::{Fleet, GROUP, Site, with_all};

const PUT: &str = "autoscaling:PutLifecycleHook";
const DESCRIBE: &str = "autoscaling:DescribeLifecycleHooks";
const LAUNCHING: &str = "autoscaling:EC2_INSTANCE_LAUNCHING";
const TERMINATING: &str = "autoscaling:EC2_INSTANCE_TERMINATING";

fn site() -> Site {
    Fleet::aws().group(GROUP, (0, 4, 1), &["i-1"]).site()
}

/// A request on the hook `drain` with more parameters.
fn params(more: Value) -> Value {
    with_all(
        json!({"AutoScalingGroupName": GROUP, "LifecycleHookName": "drain"}),
        more,
    )
}

fn hooks(site: &mut Site) -> Value {
    site.accepted(DESCRIBE, json!({"AutoScalingGroupName": GROUP}))["LifecycleHooks"].clone()
}

/// Defaults and the global timeout of the API reference: 3600 s, ABANDON, the smaller of 48 hours
/// and a hundred heartbeat timeouts.
#[test]
fn a_new_hook_has_the_defaults() {
    let mut site = site();
    let put = params(json!({"LifecycleTransition": TERMINATING}));
    assert_eq!(site.accepted(PUT, put), json!({}));
    assert_eq!(
        hooks(&mut site),
        json!([{
            "LifecycleHookName": "drain",
            "AutoScalingGroupName": GROUP,
            "LifecycleTransition": TERMINATING,
            "HeartbeatTimeout": 3600,
            "GlobalTimeout": 172_800,
            "DefaultResult": "ABANDON",
        }])
    );
}

#[test]
fn what_a_call_does_not_say_stays() {
    let mut site = site();
    let target = "arn:aws:sns:us-west-2:123456789012:drains";
    let role = "arn:aws:iam::123456789012:role/notifier";
    site.accepted(
        PUT,
        params(json!({
            "LifecycleTransition": LAUNCHING, "HeartbeatTimeout": 30, "DefaultResult": "CONTINUE",
            "NotificationTargetARN": target, "RoleARN": role, "NotificationMetadata": "a b",
        })),
    );
    let mut expected = json!({
        "LifecycleHookName": "drain", "AutoScalingGroupName": GROUP,
        "LifecycleTransition": LAUNCHING, "HeartbeatTimeout": 30, "GlobalTimeout": 3000,
        "DefaultResult": "CONTINUE", "NotificationTargetARN": target, "RoleARN": role,
        "NotificationMetadata": "a b",
    });
    assert_eq!(hooks(&mut site), json!([expected]));
    site.accepted(PUT, params(json!({"HeartbeatTimeout": 7200})));
    expected["HeartbeatTimeout"] = json!(7200);
    expected["GlobalTimeout"] = json!(172_800);
    assert_eq!(hooks(&mut site), json!([expected]));
    // an empty target is none
    let put = json!({"NotificationTargetARN": "", "LifecycleTransition": TERMINATING});
    site.accepted(PUT, params(put));
    expected["LifecycleTransition"] = json!(TERMINATING);
    expected
        .as_object_mut()
        .unwrap()
        .remove("NotificationTargetARN");
    assert_eq!(hooks(&mut site), json!([expected]));
}

#[test]
fn what_is_wrong_is_refused() {
    let mut site = site();
    let cases = [
        (
            json!({}),
            "1 validation error detected: Value null at 'lifecycleTransition' failed to satisfy \
             constraint: Member must not be null",
        ),
        (
            json!({"LifecycleTransition": "launching"}),
            "1 validation error detected: Value 'launching' at 'lifecycleTransition' failed to \
             satisfy constraint: Member must satisfy enum value set: \
             [autoscaling:EC2_INSTANCE_LAUNCHING, autoscaling:EC2_INSTANCE_TERMINATING]",
        ),
        (
            json!({"LifecycleTransition": LAUNCHING, "HeartbeatTimeout": 29}),
            "1 validation error detected: Value '29' at 'heartbeatTimeout' failed to satisfy \
             constraint: Member must have value greater than or equal to 30",
        ),
        (
            json!({"LifecycleTransition": LAUNCHING, "HeartbeatTimeout": 7201}),
            "1 validation error detected: Value '7201' at 'heartbeatTimeout' failed to satisfy \
             constraint: Member must have value less than or equal to 7200",
        ),
        (
            json!({"LifecycleTransition": LAUNCHING, "DefaultResult": "RETRY"}),
            "1 validation error detected: Value 'RETRY' at 'defaultResult' failed to satisfy \
             constraint: Member must satisfy enum value set: [CONTINUE, ABANDON]",
        ),
        (
            json!({"LifecycleHookName": "a b", "LifecycleTransition": LAUNCHING}),
            "1 validation error detected: Value 'a b' at 'lifecycleHookName' failed to satisfy \
             constraint: Member must satisfy regular expression pattern: [A-Za-z0-9\\-_\\/]+",
        ),
        (
            json!({"AutoScalingGroupName": "nobody", "LifecycleTransition": LAUNCHING}),
            "AutoScalingGroup name not found - null",
        ),
    ];
    for (more, message) in cases {
        site.invalid(PUT, params(more), message);
    }
    assert_eq!(hooks(&mut site), json!([]));
}

#[test]
fn a_group_has_fifty_hooks_at_most() {
    let mut site = site();
    let put =
        |name: &str| params(json!({"LifecycleHookName": name, "LifecycleTransition": LAUNCHING}));
    for number in 0..50 {
        site.accepted(PUT, put(&format!("hook-{number}")));
    }
    site.refused(
        PUT,
        put("one-more"),
        (
            "LimitExceeded",
            400,
            "AutoScalingGroup has 50 lifecycle hooks, which is the most.",
        ),
    );
    // one that is there may be changed
    site.accepted(PUT, put("hook-7"));
    let some = json!({"AutoScalingGroupName": GROUP, "LifecycleHookNames": ["hook-7", "nobody"]});
    let answer = site.accepted(DESCRIBE, some);
    assert_eq!(answer["LifecycleHooks"].as_array().map(Vec::len), Some(1));
    assert_eq!(answer["LifecycleHooks"][0]["LifecycleHookName"], "hook-7");
}

#[test]
fn a_group_that_is_being_deleted_gets_no_hook() {
    let mut site = site();
    let delete = json!({"AutoScalingGroupName": GROUP, "ForceDelete": true});
    site.accepted("autoscaling:DeleteAutoScalingGroup", delete);
    site.invalid(
        PUT,
        params(json!({"LifecycleTransition": LAUNCHING})),
        "Lifecycle hooks may not be put while the AutoScaling group is pending delete",
    );
}
