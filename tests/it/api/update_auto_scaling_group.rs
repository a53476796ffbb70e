//! `autoscaling:UpdateAutoScalingGroup`.

use serde_json::{Value, json};

use super::fleet::{Fleet, GROUP, Site, WEB};

const UPDATE: &str = "autoscaling:UpdateAutoScalingGroup";

fn site() -> Site {
    Fleet::aws().group(GROUP, (1, 4, 2), &["i-1", "i-2"]).site()
}

fn update(site: &mut Site, mut changes: Value) {
    changes["AutoScalingGroupName"] = json!(GROUP);
    assert_eq!(site.accepted(UPDATE, changes), json!({}));
}

/// R-ASG-19: a minimum above the desired capacity raises it, a maximum below lowers it.
#[test]
fn sizes_move_the_desired_capacity() {
    let cases = [
        (json!({"MinSize": 3}), (3, 4, 3)),
        (json!({"MaxSize": 1}), (1, 1, 1)),
        (json!({"MinSize": 0, "MaxSize": 9}), (0, 9, 2)),
        (
            json!({"MinSize": 0, "MaxSize": 0, "DesiredCapacity": 0}),
            (0, 0, 0),
        ),
        (json!({"DesiredCapacity": 4}), (1, 4, 4)),
    ];
    for (changes, expected) in cases {
        let mut site = site();
        update(&mut site, changes.clone());
        let group = &site.cloud().groups[0];
        let found = (group.min_size, group.max_size, group.counts.desired);
        assert_eq!(found, expected, "{changes}");
        site.run_to(200);
        assert_eq!(site.group(GROUP).1.len(), expected.2 as usize, "{changes}");
    }
}

/// Another template is launched from now on; members keep theirs. Zones that are left are
/// emptied, launch first.
#[test]
fn a_zone_that_is_left_is_emptied() {
    let mut site = site();
    update(&mut site, json!({"AvailabilityZones": ["us-west-2a"]}));
    site.run_to(300);
    let zones: Vec<u32> = site.cloud().groups[0]
        .members
        .iter()
        .map(|id| site.cloud().instances[id.index()].zone.0)
        .collect();
    assert_eq!(zones, [0, 0]);
    assert_eq!(site.server(WEB, "i-1", 80), "healthy");
    assert_eq!(site.lifecycle(GROUP, "i-2"), "");
}

#[test]
fn a_policy_can_be_cleared() {
    let mut site = site();
    let policy = |min: i64, max: i64| {
        json!({
            "InstanceMaintenancePolicy":
                {"MinHealthyPercentage": min, "MaxHealthyPercentage": max},
            "DefaultInstanceWarmup": 60,
        })
    };
    update(&mut site, policy(90, 110));
    assert!(site.cloud().groups[0].rules.maintenance.is_some());
    update(&mut site, policy(-1, -1));
    assert!(site.cloud().groups[0].rules.maintenance.is_none());
    assert!(
        site.cloud().groups[0]
            .rules
            .default_instance_warmup
            .is_some()
    );
    update(&mut site, json!({"DefaultInstanceWarmup": -1}));
    assert!(
        site.cloud().groups[0]
            .rules
            .default_instance_warmup
            .is_none()
    );
}

#[test]
fn wrong_requests_change_nothing() {
    let mut site = site();
    site.invalid(
        UPDATE,
        json!({"AutoScalingGroupName": "none", "MinSize": 1}),
        "AutoScalingGroup name not found - null",
    );
    site.invalid(
        UPDATE,
        json!({"AutoScalingGroupName": GROUP, "MinSize": 5}),
        "Max bound, 4, must be greater than or equal to min bound, 5",
    );
    site.invalid(
        UPDATE,
        json!({"AutoScalingGroupName": GROUP, "MinSize": -1}),
        "Min bound must be at least 0, not -1",
    );
    site.invalid(
        UPDATE,
        json!({"AutoScalingGroupName": GROUP, "VPCZoneIdentifier": "subnet-nowhere"}),
        "The subnet ID 'subnet-nowhere' does not exist",
    );
    site.invalid(
        UPDATE,
        json!({"AutoScalingGroupName": GROUP, "LaunchTemplate": {"LaunchTemplateName": "v1"}}),
        "1 validation error detected: Value 'v1' at 'launchTemplate.launchTemplateName' failed to \
         satisfy constraint: Member must have length greater than or equal to 3",
    );
}
