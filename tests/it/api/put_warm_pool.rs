//! `autoscaling:PutWarmPool` and `autoscaling:DescribeWarmPool`.

use serde_json::{Value, json};

use super::fleet::{Fleet, GROUP, Site, with_all};

const PUT: &str = "autoscaling:PutWarmPool";
const DESCRIBE: &str = "autoscaling:DescribeWarmPool";
const GROUPS: &str = "autoscaling:DescribeAutoScalingGroups";

fn site() -> Site {
    Fleet::aws().group(GROUP, (1, 4, 2), &["i-1", "i-2"]).site()
}

/// A request with more parameters.
fn params(more: Value) -> Value {
    with_all(json!({"AutoScalingGroupName": GROUP}), more)
}

fn put(site: &mut Site, more: Value) {
    assert_eq!(site.accepted(PUT, params(more)), json!({}));
}

fn described(site: &mut Site) -> Value {
    site.accepted(DESCRIBE, json!({"AutoScalingGroupName": GROUP}))
}

/// The answer of the user guide: a minimum of 0 and instances that are stopped and healthy.
#[test]
fn a_new_pool_has_the_defaults_and_is_filled() {
    let mut site = site();
    assert_eq!(described(&mut site), json!({"Instances": []}));
    put(&mut site, json!({}));
    assert_eq!(
        described(&mut site),
        json!({
            "WarmPoolConfiguration": {"MinSize": 0, "PoolState": "Stopped"},
            "Instances": [],
        })
    );
    site.run_to(100);
    let answer = described(&mut site);
    let id = answer["Instances"][0]["InstanceId"].clone();
    assert_eq!(
        answer["Instances"][0],
        json!({
            "InstanceId": id,
            "AvailabilityZone": "us-west-2a",
            "LifecycleState": "Warmed:Stopped",
            "HealthStatus": "Healthy",
            "LaunchTemplate": {"LaunchTemplateName": "web-v1"},
            "ProtectedFromScaleIn": false,
        })
    );
    assert_eq!(answer["Instances"][1]["AvailabilityZone"], "us-west-2b");
    assert_eq!(answer["Instances"].as_array().unwrap().len(), 2);
    let page = site.accepted(DESCRIBE, params(json!({"MaxRecords": 1})));
    let rest = params(json!({"MaxRecords": 1, "NextToken": page["NextToken"]}));
    let rest = site.accepted(DESCRIBE, rest);
    assert_eq!(rest["Instances"][0], answer["Instances"][1]);
    site.refused(
        DESCRIBE,
        params(json!({"NextToken": "x"})),
        ("InvalidNextToken", 400, "The NextToken value is not valid."),
    );
}

/// A group shows its pool, and not among its instances what is in it; by itself that is shown.
#[test]
fn a_group_shows_its_pool_apart() {
    let mut site = site();
    put(
        &mut site,
        json!({"MinSize": 1, "MaxGroupPreparedCapacity": 3}),
    );
    site.run_to(100);
    let answer = site.accepted(GROUPS, json!({}));
    let group = &answer["AutoScalingGroups"][0];
    assert_eq!(group["WarmPoolSize"], 1);
    assert_eq!(
        group["WarmPoolConfiguration"],
        json!({"MinSize": 1, "PoolState": "Stopped", "MaxGroupPreparedCapacity": 3})
    );
    assert_eq!(group["Instances"].as_array().unwrap().len(), 2);
    let id = described(&mut site)["Instances"][0]["InstanceId"].clone();
    let answer = site.accepted(
        "autoscaling:DescribeAutoScalingInstances",
        json!({"InstanceIds": [id]}),
    );
    let shown = &answer["AutoScalingInstances"][0];
    assert_eq!(shown["LifecycleState"], "Warmed:Stopped");
    assert_eq!(shown["HealthStatus"], "HEALTHY");
}

#[test]
fn what_a_call_does_not_say_stays() {
    let mut site = site();
    put(
        &mut site,
        json!({
            "MinSize": 1, "MaxGroupPreparedCapacity": 3, "PoolState": "Running",
            "InstanceReusePolicy": {"ReuseOnScaleIn": true},
        }),
    );
    put(&mut site, json!({"MinSize": 2}));
    let configuration = |site: &mut Site| described(site)["WarmPoolConfiguration"].clone();
    assert_eq!(
        configuration(&mut site),
        json!({
            "MinSize": 2,
            "PoolState": "Running",
            "MaxGroupPreparedCapacity": 3,
            "InstanceReusePolicy": {"ReuseOnScaleIn": true},
        })
    );
    put(
        &mut site,
        json!({"MaxGroupPreparedCapacity": -1, "InstanceReusePolicy": {}}),
    );
    assert_eq!(
        configuration(&mut site),
        json!({"MinSize": 2, "PoolState": "Running"})
    );
    put(&mut site, json!({"PoolState": "Hibernated"}));
    site.run_to(100);
    assert_eq!(
        described(&mut site)["Instances"][0]["LifecycleState"],
        "Warmed:Hibernated"
    );
}

#[test]
fn what_is_wrong_is_refused() {
    let mut site = site();
    let cases = [
        (
            json!({"MinSize": -1}),
            "1 validation error detected: Value '-1' at 'minSize' failed to satisfy constraint: \
             Member must have value greater than or equal to 0",
        ),
        (
            json!({"MaxGroupPreparedCapacity": -2}),
            "1 validation error detected: Value '-2' at 'maxGroupPreparedCapacity' failed to \
             satisfy constraint: Member must have value greater than or equal to -1",
        ),
        (
            json!({"PoolState": "Frozen"}),
            "1 validation error detected: Value 'Frozen' at 'poolState' failed to satisfy \
             constraint: Member must satisfy enum value set: [Stopped, Running, Hibernated]",
        ),
    ];
    for (more, message) in cases {
        site.invalid(PUT, params(more), message);
    }
    let none = json!({"AutoScalingGroupName": "none"});
    let message = "AutoScalingGroup name not found - null";
    site.invalid(PUT, none.clone(), message);
    site.invalid(DESCRIBE, none, message);
    site.accepted(
        "autoscaling:DeleteAutoScalingGroup",
        params(json!({"ForceDelete": true})),
    );
    site.invalid(
        PUT,
        params(json!({})),
        "Warm pools may not be put while the AutoScaling group is pending delete",
    );
}

/// What calls on members say of an instance of a pool.
#[test]
fn instances_of_a_pool_are_no_members_to_work_with() {
    let mut site = site();
    put(&mut site, json!({}));
    site.run_to(100);
    let answer = described(&mut site);
    let id = answer["Instances"][0]["InstanceId"].as_str().unwrap();
    let ids = json!([id]);
    let decrement = json!({"InstanceIds": ids, "ShouldDecrementDesiredCapacity": false});
    let cases = [
        (
            "autoscaling:DetachInstances",
            params(decrement.clone()),
            format!("The instance {id} is not in InService or Standby."),
        ),
        (
            "autoscaling:EnterStandby",
            params(decrement.clone()),
            format!("The instance {id} is not in InService."),
        ),
        (
            "autoscaling:ExitStandby",
            params(json!({"InstanceIds": ids})),
            format!("The instance {id} is not in Standby."),
        ),
        (
            "autoscaling:SetInstanceProtection",
            params(json!({"InstanceIds": ids, "ProtectedFromScaleIn": true})),
            format!("The instance {id} is not in InService or EnteringStandby or Standby."),
        ),
        (
            "autoscaling:TerminateInstanceInAutoScalingGroup",
            json!({"InstanceId": id, "ShouldDecrementDesiredCapacity": false}),
            format!("The instance {id} is in a warm pool and cannot be terminated."),
        ),
        (
            "autoscaling:AttachInstances",
            params(json!({"InstanceIds": ids})),
            format!("Instance {id} is already part of AutoScalingGroup:{GROUP}"),
        ),
    ];
    for (name, params, message) in cases {
        site.invalid(name, params, &message);
    }
}
