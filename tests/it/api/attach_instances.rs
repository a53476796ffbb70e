//! `autoscaling:AttachInstances`.

use serde_json::{Value, json};

use super::fleet::{Fleet, GROUP, Site, WEB};

const ATTACH: &str = "autoscaling:AttachInstances";

fn params(ids: &[&str]) -> Value {
    json!({"AutoScalingGroupName": GROUP, "InstanceIds": ids})
}

fn site() -> Site {
    Fleet::aws()
        .group(GROUP, (1, 3, 2), &["i-1", "i-2"])
        .group("other", (0, 3, 1), &["i-7"])
        .machine("i-8")
        .machine("i-9")
        .machine("10.0.0.5")
        .site()
}

#[test]
fn an_attached_instance_joins_the_sources_and_the_capacity_grows() {
    let mut site = site();
    assert_eq!(site.accepted(ATTACH, params(&["i-8", "i-8"])), json!({}));
    let (desired, members) = site.group(GROUP);
    assert_eq!(desired, 3);
    assert_eq!(members["i-8"], "InService");
    assert_eq!(
        site.health(WEB, "i-8", 80),
        "initial Elb.RegistrationInProgress"
    );
    site.run_to(10);
    assert_eq!(site.health(WEB, "i-8", 80), "healthy");
}

#[test]
fn above_the_maximum_nobody_joins() {
    let mut site = site();
    site.invalid(
        ATTACH,
        params(&["i-8", "i-9"]),
        &format!(
            "AutoScalingGroup {GROUP} has min-size=1, max-size=3, and desired-size=2. To attach 2 \
             instances, please update the AutoScalingGroup sizes appropriately."
        ),
    );
    assert_eq!(site.group(GROUP).1.len(), 2);
    site.accepted(ATTACH, params(&["i-8"]));
    site.invalid(
        ATTACH,
        params(&["i-9"]),
        &format!(
            "AutoScalingGroup {GROUP} has min-size=1, max-size=3, and desired-size=3. To attach 1 \
             instance, please update the AutoScalingGroup sizes appropriately."
        ),
    );
}

#[test]
fn only_running_machines_of_no_group_may_join() {
    let mut site = site();
    for id in ["i-404", "10.0.0.5"] {
        let message =
            format!("Invalid Instance ID(s): [{id}]. Please ensure they exist and try again.");
        site.invalid(ATTACH, params(&["i-8", id]), &message);
    }
    site.invalid(
        ATTACH,
        params(&["i-7"]),
        "Instance i-7 is already part of AutoScalingGroup:other",
    );
    site.accepted("ec2:TerminateInstances", json!({"InstanceIds": ["i-9"]}));
    site.invalid(
        ATTACH,
        params(&["i-9"]),
        "Instance i-9 is not in correct state. Instance(s) must be in 'running' state.",
    );
    let many: Vec<String> = (0..21).map(|n| format!("i-{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    site.invalid(
        ATTACH,
        params(&many),
        "List exceeds the maximum number of instances to attach. Please retry your request with \
         fewer instances.",
    );
    site.invalid(
        ATTACH,
        json!({"AutoScalingGroupName": "none", "InstanceIds": ["i-8"]}),
        "AutoScalingGroup name not found - AutoScalingGroup 'none' not found",
    );
}

#[test]
fn a_machine_in_a_zone_of_its_own_may_not_join() {
    let mut fleet = Fleet::aws().group(GROUP, (0, 3, 0), &[]).machine("i-8");
    fleet.0.groups[0].zones.remove(0);
    fleet.site().invalid(
        ATTACH,
        params(&["i-8"]),
        &format!(
            "The availability zone us-west-2a of instance i-8 is not part of Auto Scaling group \
             {GROUP}."
        ),
    );
}

#[test]
fn nobody_joins_while_launch_is_suspended_or_the_group_is_being_deleted() {
    let mut site = site();
    let launch = json!({"AutoScalingGroupName": GROUP, "ScalingProcesses": ["Launch"]});
    site.accepted("autoscaling:SuspendProcesses", launch);
    site.invalid(
        ATTACH,
        params(&["i-8"]),
        &format!(
            "Instances may not be attached while the Launch process of AutoScalingGroup {GROUP} is \
             suspended."
        ),
    );
    let delete = json!({"AutoScalingGroupName": GROUP, "ForceDelete": true});
    site.accepted("autoscaling:DeleteAutoScalingGroup", delete);
    site.invalid(
        ATTACH,
        params(&["i-8"]),
        "Instances may not be attached while the AutoScaling group is pending delete",
    );
}
