//! `ess:CreateLifecycleHook`, `ess:ModifyLifecycleHook`, `ess:DeleteLifecycleHook`,
//! `ess:DescribeLifecycleHooks`, `ess:DescribeLifecycleActions`, `ess:CompleteLifecycleAction` and
//! `ess:RecordLifecycleActionHeartbeat`. R-ESS-15, R-ESS-16

use serde_json::{Value, json};

use super::fleet::{
    BUSY, Fleet, NO_GROUP, SCALING_GROUP, SERVERS, Site, about_group, about_instances, with,
};

const CREATE: &str = "ess:CreateLifecycleHook";
const MODIFY: &str = "ess:ModifyLifecycleHook";
const DELETE: &str = "ess:DeleteLifecycleHook";
const HOOKS: &str = "ess:DescribeLifecycleHooks";
const ACTIONS: &str = "ess:DescribeLifecycleActions";
const COMPLETE: &str = "ess:CompleteLifecycleAction";
const HEARTBEAT: &str = "ess:RecordLifecycleActionHeartbeat";
const REMOVE: &str = "ess:RemoveInstances";

const NO_ACTION: (&str, u16, &str) = (
    "LifecycleHookIdAndLifecycleActionToken.Invalid",
    400,
    "The specified lifecycleActionToken and lifecycleHookId you provided does not match any in \
     process lifecycle action.",
);

/// Creates a hook and returns its id.
fn hook(site: &mut Site, transition: &str, more: Value) -> String {
    let mut params = json!({"ScalingGroupId": SCALING_GROUP, "LifecycleTransition": transition});
    for (key, value) in more.as_object().unwrap() {
        params[key] = value.clone();
    }
    let answer = site.accepted(CREATE, params);
    assert!(answer["RequestId"].is_string());
    let id = answer["LifecycleHookId"].as_str().unwrap();
    assert!(id.starts_with("ash-bp1"), "{id}");
    id.to_owned()
}

/// The only hook there is.
fn described(site: &mut Site) -> Value {
    let answer = site.accepted(HOOKS, json!({ "ScalingGroupId": SCALING_GROUP }));
    assert_eq!(answer["TotalCount"], 1);
    assert_eq!(answer["PageSize"], 50);
    answer["LifecycleHooks"][0].clone()
}

/// The lifecycle actions of an activity.
fn actions(site: &mut Site, activity: &Value) -> Vec<Value> {
    let answer = site.accepted(ACTIONS, json!({ "ScalingActivityId": activity }));
    let actions = answer["LifecycleActions"].as_array().unwrap();
    assert_eq!(answer["TotalCount"], actions.len());
    actions.clone()
}

fn complete(action: &Value, result: Value) -> Value {
    json!({"LifecycleHookId": action["LifecycleHookId"],
        "LifecycleActionToken": action["LifecycleActionToken"], "LifecycleActionResult": result})
}

fn heartbeat(action: &Value, seconds: Value) -> Value {
    json!({"lifecycleHookId": action["LifecycleHookId"],
        "lifecycleActionToken": action["LifecycleActionToken"], "heartbeatTimeout": seconds})
}

/// Hooks have the defaults of ESS, which are not those of AWS: trap 7.
#[test]
fn a_hook_has_defaults_and_can_be_changed() {
    let mut site = Fleet::alibaba().site();
    let id = hook(&mut site, "SCALE_IN", json!({}));
    let standard = json!({"LifecycleHookId": id, "LifecycleHookName": id,
        "LifecycleHookStatus": "Active", "ScalingGroupId": SCALING_GROUP,
        "LifecycleTransition": "SCALE_IN", "HeartbeatTimeout": 600, "DefaultResult": "CONTINUE"});
    assert_eq!(described(&mut site), standard);
    site.accepted(
        MODIFY,
        json!({"LifecycleHookId": id, "HeartbeatTimeout": "30", "DefaultResult": "ROLLBACK"}),
    );
    site.accepted(
        MODIFY,
        json!({"ScalingGroupId": SCALING_GROUP, "LifecycleHookName": id,
            "NotificationArn": "acs:mns:cn-hangzhou:1:queue/q", "NotificationMetadata": "tell"}),
    );
    let mut changed = standard;
    for (key, value) in [
        ("HeartbeatTimeout", json!(30)),
        ("DefaultResult", json!("ROLLBACK")),
        ("NotificationArn", json!("acs:mns:cn-hangzhou:1:queue/q")),
        ("NotificationMetadata", json!("tell")),
    ] {
        changed[key] = value;
    }
    assert_eq!(described(&mut site), changed);
    for (key, value, count) in [
        ("LifecycleHookIds", json!([id]), 1),
        ("LifecycleHookId.1", json!("ash-404"), 0),
        ("LifecycleHookName", json!("no"), 0),
    ] {
        let answer = site.accepted(HOOKS, with(json!({}), key, value));
        assert_eq!(answer["TotalCount"], count, "{key}");
    }
    site.accepted(DELETE, json!({ "LifecycleHookId": id }));
    assert_eq!(site.accepted(HOOKS, json!({}))["TotalCount"], 0);
}

#[test]
fn requests_about_hooks_are_checked() {
    let mut site = Fleet::alibaba().site();
    let new = json!({"ScalingGroupId": SCALING_GROUP, "LifecycleTransition": "SCALE_OUT",
        "LifecycleHookName": "h0"});
    for key in ["ScalingGroupId", "LifecycleTransition"] {
        site.not_supplied(CREATE, with(new.clone(), key, Value::Null), key);
    }
    for (key, value) in [
        ("LifecycleTransition", json!("launching")),
        ("HeartbeatTimeout", json!(29)),
        ("HeartbeatTimeout", json!(21_601)),
        ("DefaultResult", json!("STOP")),
        ("LifecycleHookName", json!("-")),
    ] {
        site.invalid_value(CREATE, with(new.clone(), key, value), key);
    }
    let lonely = with(new.clone(), "NotificationMetadata", json!("tell"));
    site.not_supplied(CREATE, lonely, "NotificationArn");
    let gone = with(new.clone(), "ScalingGroupId", json!("asg-gone"));
    site.refused(CREATE, gone, NO_GROUP);
    for number in 0..10 {
        let name = json!({ "LifecycleHookName": format!("h{number}") });
        hook(&mut site, "SCALE_OUT", name);
    }
    let message = "The specified value of parameter lifecycleHookName is duplicated.";
    let duplicate = ("InvalidLifecycleHookName.Duplicate", 400, message);
    site.refused(CREATE, new.clone(), duplicate);
    let message = "Lifecycle hook quota exceeded in the specified scaling group.";
    let many = with(new, "LifecycleHookName", json!("h10"));
    site.refused(CREATE, many, ("QuotaExceeded.LifecycleHook", 400, message));
    for operation in [MODIFY, DELETE] {
        site.not_supplied(operation, json!({}), "LifecycleHookId");
        site.not_supplied(operation, about_group(), "LifecycleHookName");
        site.refused(
            operation,
            json!({ "LifecycleHookId": "ash-404" }),
            (
                "InvalidLifecycleHookId.NotExist",
                400,
                "The specified lifecycleHookId not exist.",
            ),
        );
        site.refused(
            operation,
            with(about_group(), "LifecycleHookName", json!("no")),
            (
                "InvalidLifecycleHookName.NotExist",
                400,
                "The specified lifecycleHookName you provided not exist.",
            ),
        );
    }
}

/// All instances of an activity wait under one token, and go on together.
#[test]
fn instances_of_one_activity_go_on_together() {
    let mut site = Fleet::alibaba().site();
    hook(&mut site, "SCALE_IN", json!({}));
    hook(&mut site, "SCALE_OUT", json!({}));
    let answer = site.accepted(REMOVE, about_instances(&["i-bp1a", "i-bp1b"]));
    let activity = &answer["ScalingActivityId"];
    site.refused(REMOVE, about_instances(&["i-bp1c"]), BUSY);
    let [action] = &actions(&mut site, activity)[..] else {
        panic!("one hook is at work");
    };
    assert_eq!(action["InstanceIds"], json!(["i-bp1a", "i-bp1b"]));
    assert_eq!(action["LifecycleActionStatus"], "Pending");
    assert_eq!(action["LifecycleActionResult"], "CONTINUE");
    assert_eq!(site.scaling_state("i-bp1a"), "Removing:Wait");
    let group = site.scaling_group(SCALING_GROUP);
    assert_eq!(group["RemovingWaitCapacity"], 2);
    assert_eq!(group["RemovingCapacity"], 0);
    assert_eq!(site.server(SERVERS, "i-bp1a", 22), "healthy");
    assert_eq!(site.activity(activity)["StatusCode"], "InProgress");
    let params = with(
        complete(action, json!("CONTINUE")),
        "ClientToken",
        json!("t"),
    );
    let first = site.accepted(COMPLETE, params.clone());
    assert_eq!(site.accepted(COMPLETE, params), first);
    for id in ["i-bp1a", "i-bp1b"] {
        assert_eq!(site.scaling_state(id), "Removing");
        assert_eq!(site.server(SERVERS, id, 22), "draining");
    }
    site.refused(COMPLETE, complete(action, json!("CONTINUE")), NO_ACTION);
    site.run_to(60);
    assert_eq!(site.activity(activity)["StatusCode"], "Successful");
    let over = actions(&mut site, activity);
    assert_eq!(over[0]["LifecycleActionStatus"], "Completed");
    let pending = json!({"ScalingActivityId": activity, "LifecycleActionStatus": "Pending"});
    assert_eq!(site.accepted(ACTIONS, pending)["TotalCount"], 0);
}

/// Without a result the default one of the hook counts, as it does when time is up.
#[test]
fn the_default_result_counts_where_none_is_given() {
    for timed_out in [false, true] {
        let mut site = Fleet::alibaba().site();
        let settings = json!({"DefaultResult": "ROLLBACK", "HeartbeatTimeout": 60});
        hook(&mut site, "SCALE_IN", settings);
        let answer = site.accepted(REMOVE, about_instances(&["i-bp1a"]));
        let activity = &answer["ScalingActivityId"];
        let action = actions(&mut site, activity).remove(0);
        if timed_out {
            site.run_to(61);
        } else {
            site.accepted(COMPLETE, complete(&action, Value::Null));
        }
        assert_eq!(site.scaling_state("i-bp1a"), "InService");
        let over = site.activity(activity);
        assert_eq!(over["StatusCode"], "Failed");
        let words = "The lifecycle hook of instance \"i-bp1a\" ended with ROLLBACK.";
        assert_eq!(over["StatusMessage"], words);
        let action = actions(&mut site, activity).remove(0);
        let status = if timed_out { "Timeout" } else { "Completed" };
        assert_eq!(action["LifecycleActionStatus"], status);
        assert_eq!(action["LifecycleActionResult"], "ROLLBACK");
        site.accepted(REMOVE, about_instances(&["i-bp1a"]));
    }
}

/// Who stood by before it was to leave stands by again.
#[test]
fn a_rollback_puts_back_on_standby() {
    let mut site = Fleet::alibaba().site();
    let id = hook(&mut site, "SCALE_IN", json!({"DefaultResult": "ROLLBACK"}));
    site.accepted("ess:EnterStandby", about_instances(&["i-bp1a"]));
    site.accepted(REMOVE, about_instances(&["i-bp1a"]));
    assert_eq!(site.scaling_state("i-bp1a"), "Removing:Wait");
    site.accepted(DELETE, json!({ "LifecycleHookId": id }));
    assert_eq!(site.scaling_state("i-bp1a"), "Standby");
    site.accepted("ess:ExitStandby", about_instances(&["i-bp1a"]));
}

/// A wait is extended 20 times, and lasts six hours, at most.
#[test]
fn waits_are_extended_within_limits() {
    let mut site = Fleet::alibaba().site();
    hook(&mut site, "SCALE_IN", json!({"HeartbeatTimeout": 30}));
    let answer = site.accepted(REMOVE, about_instances(&["i-bp1a"]));
    let action = actions(&mut site, &answer["ScalingActivityId"]).remove(0);
    for time in 1..=20 {
        site.run_to(time * 20);
        site.accepted(HEARTBEAT, heartbeat(&action, json!(30)));
    }
    site.run_to(420);
    let message = "The specified lifecycleAction exceed lifecycleAction max record times.";
    let often = ("LifecycleAction.RecordTimesExceeded", 400, message);
    site.refused(HEARTBEAT, heartbeat(&action, json!(30)), often);
    assert_eq!(site.scaling_state("i-bp1a"), "Removing:Wait");
    site.run_to(431);
    assert_eq!(site.scaling_state("i-bp1a"), "Removing");
    site.refused(HEARTBEAT, heartbeat(&action, json!(30)), NO_ACTION);
    site.run_to(500);
    let answer = site.accepted(REMOVE, about_instances(&["i-bp1b"]));
    let action = actions(&mut site, &answer["ScalingActivityId"]).remove(0);
    site.run_to(520);
    let message = "The specified parameter heartbeatTime exceed lifecycleAction max suspend time.";
    let long = ("LifecycleAction.TimeExceeded", 400, message);
    site.refused(HEARTBEAT, heartbeat(&action, json!(21_600)), long);
    site.accepted(HEARTBEAT, heartbeat(&action, json!(21_580)));
    // 600 s without a time
    site.accepted(HEARTBEAT, heartbeat(&action, Value::Null));
    site.run_to(1_119);
    assert_eq!(site.scaling_state("i-bp1b"), "Removing:Wait");
    site.run_to(1_121);
    assert_eq!(site.scaling_state("i-bp1b"), "Removing");
}

#[test]
fn requests_about_actions_are_checked() {
    let mut site = Fleet::alibaba().site();
    site.not_supplied(ACTIONS, json!({}), "ScalingActivityId");
    let unknown = json!({ "ScalingActivityId": "asa-404" });
    site.invalid_value(ACTIONS, unknown, "ScalingActivityId");
    hook(&mut site, "SCALE_IN", json!({}));
    let answer = site.accepted(REMOVE, about_instances(&["i-bp1a"]));
    let activity = &answer["ScalingActivityId"];
    let about = json!({ "ScalingActivityId": activity });
    for (key, value) in [
        ("LifecycleActionStatus", json!("Over")),
        ("MaxResults", json!(51)),
        ("NextToken", json!("x")),
    ] {
        site.invalid_value(ACTIONS, with(about.clone(), key, value), key);
    }
    let action = actions(&mut site, activity).remove(0);
    for (operation, params, prefix) in [
        (COMPLETE, complete(&action, Value::Null), "L"),
        (HEARTBEAT, heartbeat(&action, Value::Null), "l"),
    ] {
        for key in ["ifecycleHookId", "ifecycleActionToken"] {
            let key = format!("{prefix}{key}");
            let left_out = with(params.clone(), &key, Value::Null);
            site.not_supplied(operation, left_out, &key);
            let other = with(params.clone(), &key, json!("other"));
            site.refused(operation, other, NO_ACTION);
        }
    }
    let result = complete(&action, json!("STOP"));
    site.invalid_value(COMPLETE, result, "LifecycleActionResult");
    let short = heartbeat(&action, json!(29));
    site.invalid_value(HEARTBEAT, short, "heartbeatTimeout");
}

/// A call may leave hooks out, deleting one ends the waits for it, and no wait outlives the
/// activity for which a deletion waits.
#[test]
fn hooks_are_left_out_deleted_and_waited_for() {
    let mut site = Fleet::alibaba().site();
    let id = hook(&mut site, "SCALE_IN", json!({}));
    let without = |context: Value| {
        with(
            about_instances(&["i-bp1a"]),
            "LifecycleHookContext",
            context,
        )
    };
    let flat = with(
        about_instances(&["i-bp1b"]),
        "LifecycleHookContext.DisableLifecycleHook",
        json!("true"),
    );
    site.accepted(
        "ess:ModifyScalingGroup",
        with(about_group(), "MinSize", json!(0)),
    );
    site.accepted(REMOVE, without(json!({ "IgnoredLifecycleHookIds": [id] })));
    assert_eq!(site.scaling_state("i-bp1a"), "Removing");
    site.run_to(60);
    site.accepted(REMOVE, flat);
    assert_eq!(site.scaling_state("i-bp1b"), "Removing");
    site.run_to(120);
    site.accepted(REMOVE, about_instances(&["i-bp1c"]));
    assert_eq!(site.scaling_state("i-bp1c"), "Removing:Wait");
    let force = with(about_group(), "ForceDelete", json!(true));
    site.accepted("ess:DeleteScalingGroup", force);
    assert_eq!(site.scaling_state("i-bp1d"), "InService");
    site.accepted(DELETE, json!({ "LifecycleHookId": id }));
    assert_eq!(site.scaling_state("i-bp1c"), "Removing");
    site.run_to(240);
    assert_eq!(site.scaling_group(SCALING_GROUP), Value::Null);
}

/// Attached instances wait if the call says so; hooks may come with a new group.
#[test]
fn a_new_group_may_have_hooks() {
    let mut site = Fleet::alibaba().machine("i-bp1z").site();
    let new = |hooks: Value| {
        json!({"RegionId": "r", "MinSize": 0, "MaxSize": 2, "LaunchTemplateId": "web-v1",
            "LifecycleHooks": hooks})
    };
    let one = json!({"LifecycleTransition": "SCALE_OUT", "LifecycleHookName": "warm-up"});
    let create = "ess:CreateScalingGroup";
    site.refused_with(
        create,
        new(json!([one, one])),
        "InvalidLifecycleHookName.Duplicate",
    );
    let answer = site.accepted(create, new(json!([one])));
    let about = json!({"RegionId": "r", "ScalingGroupId": answer["ScalingGroupId"]});
    site.accepted("ess:EnableScalingGroup", about.clone());
    let attach = with(about, "InstanceIds", json!(["i-bp1z"]));
    let hooked = with(attach, "LifecycleHook", json!(true));
    let answer = site.accepted("ess:AttachInstances", hooked);
    assert_eq!(site.scaling_state("i-bp1z"), "Pending:Wait");
    let action = actions(&mut site, &answer["ScalingActivityId"]).remove(0);
    site.accepted(COMPLETE, complete(&action, json!("CONTINUE")));
    assert_eq!(site.scaling_state("i-bp1z"), "InService");
}
