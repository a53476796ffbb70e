//! `autoscaling:SetInstanceProtection`.

use serde_json::{Value, json};

use super::fleet::{Fleet, GROUP, Site};

const PROTECT: &str = "autoscaling:SetInstanceProtection";
const TERMINATE: &str = "autoscaling:TerminateInstanceInAutoScalingGroup";

fn site() -> Site {
    Fleet::aws()
        .group(GROUP, (0, 4, 3), &["i-1", "i-2", "i-3"])
        .site()
}

fn params(ids: &[&str], protected: bool) -> Value {
    json!({"AutoScalingGroupName": GROUP, "InstanceIds": ids, "ProtectedFromScaleIn": protected})
}

fn desire(site: &mut Site, capacity: u32) {
    site.accepted(
        "autoscaling:SetDesiredCapacity",
        json!({"AutoScalingGroupName": GROUP, "DesiredCapacity": capacity}),
    );
}

#[test]
fn a_scale_in_spares_who_is_protected() {
    let mut site = site();
    assert_eq!(
        site.accepted(PROTECT, params(&["i-1", "i-2"], true)),
        json!({})
    );
    desire(&mut site, 1);
    site.run_to(100);
    assert_eq!(
        site.group(GROUP).1.into_keys().collect::<Vec<_>>(),
        ["i-1", "i-2"]
    );
    assert_eq!(site.group(GROUP).0, 1, "the desired capacity drops anyway");
    let answer = site.accepted(
        "autoscaling:DescribeScalingActivities",
        json!({"AutoScalingGroupName": GROUP}),
    );
    let told = answer["Activities"].as_array().unwrap();
    let message = "Could not scale to desired capacity because all remaining instances are \
                   protected from scale-in.";
    assert!(
        told.iter()
            .any(|activity| activity["Description"] == message)
    );
    // once it is not protected any more it goes
    site.accepted(PROTECT, params(&["i-1"], false));
    assert_eq!(site.lifecycle(GROUP, "i-1"), "Terminating");
}

/// Protection is from scale-in only, and lost on leaving the group.
#[test]
fn calls_take_who_is_protected() {
    let mut site = site();
    site.accepted(PROTECT, params(&["i-1", "i-2"], true));
    let one = json!({"InstanceId": "i-1", "ShouldDecrementDesiredCapacity": true});
    site.accepted(TERMINATE, one);
    let detach = json!({"AutoScalingGroupName": GROUP, "InstanceIds": ["i-2"],
        "ShouldDecrementDesiredCapacity": true});
    site.accepted("autoscaling:DetachInstances", detach);
    site.run_to(40);
    let attach = json!({"AutoScalingGroupName": GROUP, "InstanceIds": ["i-2"]});
    site.accepted("autoscaling:AttachInstances", attach);
    let described = site.accepted("autoscaling:DescribeAutoScalingGroups", json!({}));
    let members = described["AutoScalingGroups"][0]["Instances"]
        .as_array()
        .unwrap();
    let again = members.iter().find(|member| member["InstanceId"] == "i-2");
    assert_eq!(again.unwrap()["ProtectedFromScaleIn"], false);
}

/// There are too many, all protected: one that joins and is not protected goes instead. R-ASG-13
#[test]
fn a_surplus_takes_the_next_who_is_not_protected() {
    let mut site = Fleet::aws()
        .group(GROUP, (0, 4, 2), &["i-1", "i-2"])
        .machine("i-9")
        .site();
    site.accepted(PROTECT, params(&["i-1", "i-2"], true));
    desire(&mut site, 1);
    let attach = json!({"AutoScalingGroupName": GROUP, "InstanceIds": ["i-9"]});
    site.accepted("autoscaling:AttachInstances", attach);
    assert_eq!(site.group(GROUP).0, 2);
    assert_eq!(site.lifecycle(GROUP, "i-9"), "Terminating");
}

#[test]
fn states_members_and_numbers_are_checked() {
    let mut site = site();
    let standby = json!({"AutoScalingGroupName": GROUP, "InstanceIds": ["i-1"],
        "ShouldDecrementDesiredCapacity": true});
    site.accepted("autoscaling:EnterStandby", standby);
    site.accepted(PROTECT, params(&["i-1"], true));
    site.run_to(40);
    site.accepted(PROTECT, params(&["i-1"], false));
    let one = json!({"InstanceId": "i-2", "ShouldDecrementDesiredCapacity": true});
    site.accepted(TERMINATE, one);
    site.invalid(
        PROTECT,
        params(&["i-3", "i-2"], true),
        "The instance i-2 is not in InService or EnteringStandby or Standby.",
    );
    site.invalid(
        PROTECT,
        params(&["i-3", "i-9"], true),
        &format!("The instance i-9 is not part of Auto Scaling group {GROUP}."),
    );
    let many: Vec<String> = (0..51).map(|number| format!("i-{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    site.refused(
        PROTECT,
        params(&many, true),
        (
            "LimitExceeded",
            400,
            "The protection of 50 instances at most may be set in one call.",
        ),
    );
    site.invalid(
        PROTECT,
        json!({"AutoScalingGroupName": GROUP}),
        "2 validation errors detected: Value null at 'instanceIds' failed to satisfy constraint: \
         Member must not be null; Value null at 'protectedFromScaleIn' failed to satisfy \
         constraint: Member must not be null",
    );
}
