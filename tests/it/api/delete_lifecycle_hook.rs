//! `autoscaling:DeleteLifecycleHook`.

use serde_json::{Value, json};

use super::fleet::{Fleet, GROUP, Site};

const DELETE: &str = "autoscaling:DeleteLifecycleHook";

fn site() -> Site {
    Fleet::aws().group(GROUP, (0, 4, 2), &["i-1", "i-2"]).site()
}

fn put(site: &mut Site, name: &str, transition: &str) {
    site.accepted(
        "autoscaling:PutLifecycleHook",
        json!({"AutoScalingGroupName": GROUP, "LifecycleHookName": name,
            "LifecycleTransition": format!("autoscaling:EC2_INSTANCE_{transition}")}),
    );
}

fn named(name: &str) -> Value {
    json!({"AutoScalingGroupName": GROUP, "LifecycleHookName": name})
}

/// An instance that is terminated goes on, although ABANDON is what a timeout would bring.
/// R-HOOK-6
#[test]
fn an_instance_that_leaves_goes_on_leaving() {
    let mut site = site();
    put(&mut site, "drain", "TERMINATING");
    site.accepted(
        "autoscaling:TerminateInstanceInAutoScalingGroup",
        json!({"InstanceId": "i-1", "ShouldDecrementDesiredCapacity": true}),
    );
    site.run_to(40);
    assert_eq!(site.lifecycle(GROUP, "i-1"), "Terminating:Wait");
    assert_eq!(site.accepted(DELETE, named("drain")), json!({}));
    assert_eq!(site.lifecycle(GROUP, "i-1"), "Terminating:Proceed");
    site.run_to(61);
    assert_eq!(site.lifecycle(GROUP, "i-1"), "");
    // it is gone: nobody waits for it any more
    site.invalid(
        DELETE,
        named("drain"),
        &format!("No Lifecycle Hook found with name drain in AutoScalingGroup {GROUP}"),
    );
    site.accepted(
        "autoscaling:TerminateInstanceInAutoScalingGroup",
        json!({"InstanceId": "i-2", "ShouldDecrementDesiredCapacity": true}),
    );
    site.run_to(130);
    assert_eq!(site.group(GROUP).1.len(), 0);
}

/// An instance that is launched is terminated, even where the other of two hooks is still waited
/// for, and its replacement has the hooks that are left. R-HOOK-6
#[test]
fn an_instance_that_comes_is_terminated() {
    let mut site = site();
    put(&mut site, "warm-up", "LAUNCHING");
    put(&mut site, "register", "LAUNCHING");
    site.accepted(
        "autoscaling:SetDesiredCapacity",
        json!({"AutoScalingGroupName": GROUP, "DesiredCapacity": 3}),
    );
    site.run_to(50);
    let new = site.cloud().instances[2].id.clone();
    assert_eq!(site.lifecycle(GROUP, &new), "Pending:Wait");
    site.accepted(DELETE, named("warm-up"));
    assert_eq!(site.lifecycle(GROUP, &new), "Terminating");
    site.run_to(100);
    let next = site.cloud().instances[3].id.clone();
    assert_eq!(site.lifecycle(GROUP, &next), "Pending:Wait");
    site.accepted(
        "autoscaling:CompleteLifecycleAction",
        json!({"AutoScalingGroupName": GROUP, "LifecycleHookName": "register",
            "InstanceId": next, "LifecycleActionResult": "CONTINUE"}),
    );
    assert_eq!(site.lifecycle(GROUP, &next), "InService");
}

#[test]
fn a_group_that_does_not_exist_has_no_hooks() {
    site().invalid(
        DELETE,
        json!({"AutoScalingGroupName": "nobody", "LifecycleHookName": "drain"}),
        "AutoScalingGroup name not found - null",
    );
}
