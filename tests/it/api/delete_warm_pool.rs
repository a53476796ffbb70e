//! `autoscaling:DeleteWarmPool`.

use serde_json::{Value, json};

use super::fleet::{Fleet, GROUP, Site};

const DELETE: &str = "autoscaling:DeleteWarmPool";
const PUT: &str = "autoscaling:PutWarmPool";
const DESCRIBE: &str = "autoscaling:DescribeWarmPool";

fn group() -> Value {
    json!({"AutoScalingGroupName": GROUP})
}

fn force() -> Value {
    json!({"AutoScalingGroupName": GROUP, "ForceDelete": true})
}

/// A group of two with a pool of two, put at 0 s.
fn site() -> Site {
    let mut site = Fleet::aws().group(GROUP, (1, 4, 2), &["i-1", "i-2"]).site();
    site.accepted(PUT, group());
    site
}

/// A pool is shown until its instances are gone.
#[test]
fn a_pool_goes_with_its_instances() {
    let mut site = site();
    site.run_to(100);
    assert_eq!(site.accepted(DELETE, group()), json!({}));
    let answer = site.accepted(DESCRIBE, group());
    assert_eq!(answer["WarmPoolConfiguration"]["Status"], "PendingDelete");
    let states = answer["Instances"].as_array().unwrap().iter();
    let states: Vec<&Value> = states.map(|shown| &shown["LifecycleState"]).collect();
    assert_eq!(states, ["Warmed:Terminating", "Warmed:Terminating"]);
    site.invalid(
        PUT,
        group(),
        "The warm pool of AutoScalingGroup my-auto-scaling-group is pending delete and cannot be \
         updated.",
    );
    // a second time changes nothing
    site.accepted(DELETE, group());
    site.run_to(130);
    assert_eq!(site.accepted(DESCRIBE, group()), json!({"Instances": []}));
    let none = "No warm pool found for AutoScalingGroup my-auto-scaling-group.";
    site.invalid(DELETE, group(), none);
    assert_eq!(site.group(GROUP).1.len(), 2, "the group is as it was");
    site.accepted(PUT, group());
    site.run_to(300);
    let answer = site.accepted(DESCRIBE, group());
    assert_eq!(answer["Instances"].as_array().unwrap().len(), 2);
}

/// An empty pool is gone at once.
#[test]
fn an_empty_pool_is_gone_at_once() {
    let mut site = site();
    site.accepted(DELETE, group());
    assert_eq!(site.accepted(DESCRIBE, group()), json!({"Instances": []}));
    site.run_to(100);
    assert_eq!(site.accepted(DESCRIBE, group()), json!({"Instances": []}));
}

/// While instances are on their way in only force deletes a pool, with their lifecycle actions.
#[test]
fn force_ends_what_is_under_way() {
    let mut site = site();
    site.accepted(
        "autoscaling:PutLifecycleHook",
        json!({
            "AutoScalingGroupName": GROUP,
            "LifecycleHookName": "prepare",
            "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING",
        }),
    );
    site.run_to(60);
    let refused = (
        "ScalingActivityInProgress",
        400,
        "You cannot delete a warm pool while there are scaling activities in progress for it.",
    );
    site.refused(DELETE, group(), refused);
    let answer = site.accepted(DESCRIBE, group());
    let waiting = &answer["Instances"][0];
    assert_eq!(waiting["LifecycleState"], "Warmed:Pending:Wait");
    site.accepted(DELETE, force());
    site.invalid(
        "autoscaling:CompleteLifecycleAction",
        json!({
            "AutoScalingGroupName": GROUP,
            "LifecycleHookName": "prepare",
            "InstanceId": waiting["InstanceId"],
            "LifecycleActionResult": "CONTINUE",
        }),
        &format!(
            "No active Lifecycle Action found with instance ID {}",
            waiting["InstanceId"].as_str().unwrap()
        ),
    );
    site.run_to(90);
    assert_eq!(site.accepted(DESCRIBE, group()), json!({"Instances": []}));
}

/// A group with nothing but a pool has instances still.
#[test]
fn a_group_with_a_pool_is_deleted_by_force_only() {
    let mut site = site();
    site.run_to(100);
    site.accepted(
        "autoscaling:UpdateAutoScalingGroup",
        json!({"AutoScalingGroupName": GROUP, "MinSize": 0, "DesiredCapacity": 0}),
    );
    site.run_to(300);
    let name = "autoscaling:DeleteAutoScalingGroup";
    site.refused(
        name,
        group(),
        (
            "ResourceInUse",
            400,
            "You cannot delete an AutoScalingGroup while there are instances or pending Spot \
             instance request(s) still in the group.",
        ),
    );
    site.accepted(name, force());
    site.run_to(400);
    let message = "AutoScalingGroup name not found - null";
    site.invalid(DESCRIBE, group(), message);
    site.invalid(DELETE, group(), message);
}
