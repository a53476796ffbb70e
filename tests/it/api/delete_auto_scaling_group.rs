//! `autoscaling:DeleteAutoScalingGroup`.

use serde_json::{Value, json};

use super::fleet::{API, CLASSIC, Fleet, GROUP, Site, WEB};
use drainsim::model::settings::TargetType;

const DELETE: &str = "autoscaling:DeleteAutoScalingGroup";
const UPDATE: &str = "autoscaling:UpdateAutoScalingGroup";
const DESCRIBE: &str = "autoscaling:DescribeAutoScalingGroups";

fn site() -> Site {
    Fleet::aws().group(GROUP, (1, 4, 2), &["i-1", "i-2"]).site()
}

#[test]
fn a_group_with_instances_stays() {
    let mut site = site();
    site.refused(
        DELETE,
        json!({"AutoScalingGroupName": GROUP}),
        (
            "ResourceInUse",
            400,
            "You cannot delete an AutoScalingGroup while there are instances or pending Spot \
             instance request(s) still in the group.",
        ),
    );
    site.accepted(
        UPDATE,
        json!({"AutoScalingGroupName": GROUP, "MinSize": 0, "MaxSize": 0}),
    );
    site.refused(
        DELETE,
        json!({"AutoScalingGroupName": GROUP}),
        (
            "ScalingActivityInProgress",
            400,
            "You cannot delete an AutoScalingGroup while there are scaling activities in progress \
             for that group.",
        ),
    );
    // 30 s of draining, 20 s of going
    site.run_to(60);
    site.accepted(DELETE, json!({"AutoScalingGroupName": GROUP}));
    let answer = site.accepted(DESCRIBE, json!({}));
    assert_eq!(answer["AutoScalingGroups"], json!([]));
    let again = "AutoScalingGroup name not found - null";
    site.invalid(DELETE, json!({"AutoScalingGroupName": GROUP}), again);
}

/// R-ASG-18: by force the instances go at once, and the group is shown until they are gone; its
/// name is free then.
#[test]
fn force_takes_the_instances_along() {
    let mut site = site();
    site.run_to(10);
    site.accepted(
        DELETE,
        json!({"AutoScalingGroupName": GROUP, "ForceDelete": true}),
    );
    assert_eq!(site.server(WEB, "i-1", 80), "draining");
    let answer = site.accepted(DESCRIBE, json!({}));
    assert_eq!(
        answer["AutoScalingGroups"][0]["Status"],
        "Delete in progress"
    );
    site.invalid(
        UPDATE,
        json!({"AutoScalingGroupName": GROUP, "MinSize": 0}),
        "AutoScalingGroup my-auto-scaling-group is pending delete and cannot be updated.",
    );
    site.accepted(
        DELETE,
        json!({"AutoScalingGroupName": GROUP, "ForceDelete": true}),
    );
    site.run_to(31);
    let answer = site.accepted(DESCRIBE, json!({}));
    assert_eq!(answer["AutoScalingGroups"], json!([]));
    site.accepted(
        "autoscaling:CreateAutoScalingGroup",
        json!({
            "AutoScalingGroupName": GROUP,
            "MinSize": 1,
            "MaxSize": 1,
            "LaunchTemplate": {"LaunchTemplateName": "web-v1"},
            "AvailabilityZones": ["us-west-2a"],
        }),
    );
    site.run_to(100);
    assert_eq!(site.group(GROUP).1.len(), 1);
}

#[test]
fn a_protected_group_stays() {
    let mut site = site();
    let protect = |site: &mut Site, how: &str| {
        site.accepted(
            UPDATE,
            json!({"AutoScalingGroupName": GROUP, "DeletionProtection": how}),
        );
    };
    let message = "AutoScalingGroup my-auto-scaling-group is protected from deletion. Update its \
                   DeletionProtection first.";
    for how in ["prevent-force-deletion", "prevent-all-deletion"] {
        protect(&mut site, how);
        let force = json!({"AutoScalingGroupName": GROUP, "ForceDelete": true});
        site.invalid(DELETE, force, message);
    }
    site.invalid(DELETE, json!({"AutoScalingGroupName": GROUP}), message);
    protect(&mut site, "none");
    site.accepted(
        DELETE,
        json!({"AutoScalingGroupName": GROUP, "ForceDelete": true}),
    );
}

/// A group that is being deleted is given no other capacity and no sources, and settles.
/// R-ASG-18
#[test]
fn a_group_that_goes_takes_no_orders() {
    let mut site = Fleet::aws()
        .classic(CLASSIC)
        .group(GROUP, (1, 4, 2), &["i-1", "i-2"])
        .target_group(API, TargetType::Instance)
        .site();
    site.run_to(10);
    site.accepted(
        DELETE,
        json!({"AutoScalingGroupName": GROUP, "ForceDelete": true}),
    );
    for (name, key, value) in [
        ("SetDesiredCapacity", "DesiredCapacity", json!(3)),
        (
            "AttachTrafficSources",
            "TrafficSources",
            json!([{"Identifier": API}]),
        ),
        ("AttachLoadBalancers", "LoadBalancerNames", json!([CLASSIC])),
        (
            "AttachLoadBalancerTargetGroups",
            "TargetGroupARNs",
            json!([API]),
        ),
    ] {
        site.invalid(
            &format!("autoscaling:{name}"),
            json!({"AutoScalingGroupName": GROUP, key: value}),
            "AutoScalingGroup my-auto-scaling-group is pending delete and cannot be updated.",
        );
    }
    site.run_to(100);
    assert!(site.cloud().is_settled());
}

/// `AutoScalingGroupState` of each activity.
fn states_in_activities(site: &mut Site, params: &Value) -> Vec<Value> {
    let answer = site.accepted("autoscaling:DescribeScalingActivities", params.clone());
    let activities = answer["Activities"].as_array().unwrap().iter();
    activities
        .map(|activity| activity["AutoScalingGroupState"].clone())
        .collect()
}

/// Activities of a group that is gone are listed where they are asked for, and say so.
#[test]
fn activities_outlive_their_group() {
    let mut site = site();
    site.accepted(
        "autoscaling:SetDesiredCapacity",
        json!({"AutoScalingGroupName": GROUP, "DesiredCapacity": 3}),
    );
    site.run_to(100);
    let force = json!({"AutoScalingGroupName": GROUP, "ForceDelete": true});
    site.accepted(DELETE, force);
    let all = json!({"AutoScalingGroupName": GROUP, "IncludeDeletedGroups": true});
    let told = states_in_activities(&mut site, &all);
    assert_eq!(told, [Value::Null], "it is still there");
    site.run_to(200);
    let told = states_in_activities(&mut site, &all);
    assert_eq!(told, ["Deleted"]);
    let told = states_in_activities(&mut site, &json!({}));
    assert_eq!(told, Vec::<Value>::new());
}
