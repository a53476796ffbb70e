//! `autoscaling:DeleteLifecycleHook`.

use drainsim::engine::time::SimDuration;
use drainsim::model::warm_pool::{PoolState, WarmPool};
use drainsim::workload::dist::Sampler;
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

/// Of two that wait on their way into a pool which has become too large one is abandoned; the
/// other, which goes with it as a surplus, is not completed again. R-HOOK-6, R-WARM-2
#[test]
fn a_hook_is_deleted_while_its_pool_shrinks() {
    let mut fleet = Fleet::aws().group(GROUP, (0, 8, 4), &["i-1", "i-2", "i-3", "i-4"]);
    fleet.0.groups[0].rules.warm_pool = Some(WarmPool {
        most_prepared: Some(6),
        min_size: 0,
        state: PoolState::Stopped,
        reuse_on_scale_in: false,
    });
    let delay = SimDuration::from_secs(50);
    fleet.0.assumptions.replacement_launch_delay = Sampler::from_constant(delay);
    let mut site = fleet.site();
    put(&mut site, "warm-up", "LAUNCHING");
    site.accepted(
        "autoscaling:PutWarmPool",
        json!({"AutoScalingGroupName": GROUP, "MaxGroupPreparedCapacity": 8}),
    );
    site.run_to(110);
    // the group is to draw two, but both are gone before it does
    site.accepted(
        "autoscaling:SetDesiredCapacity",
        json!({"AutoScalingGroupName": GROUP, "DesiredCapacity": 6}),
    );
    let ids: Vec<String> = site.cloud().instances[4..]
        .iter()
        .map(|instance| instance.id.clone())
        .collect();
    let states = |site: &Site| -> Vec<&'static str> {
        let pooled = site.cloud().instances[4..8].iter();
        pooled.map(|instance| instance.lifecycle.name()).collect()
    };
    site.accepted("ec2:TerminateInstances", json!({"InstanceIds": ids[..2]}));
    assert_eq!(states(&site)[2..], ["Warmed:Pending:Wait"; 2]);
    site.accepted(DELETE, named("warm-up"));
    assert_eq!(states(&site)[2..], ["Warmed:Terminating"; 2]);
    site.run_to(600);
    assert_eq!(states(&site), ["Warmed:Terminated"; 4]);
    assert!(site.cloud().is_settled());
}
