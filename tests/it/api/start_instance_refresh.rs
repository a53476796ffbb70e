//! `autoscaling:StartInstanceRefresh`.

use drainsim::engine::time::SimDuration;
use drainsim::model::maintenance::MaintenancePolicy;
use serde_json::{Value, json};

use super::fleet::{API, Fleet, GROUP, Site, WEB};

const START: &str = "autoscaling:StartInstanceRefresh";
const DESCRIBE: &str = "autoscaling:DescribeInstanceRefreshes";

fn fleet() -> Fleet {
    let mut fleet = Fleet::aws().group(GROUP, (0, 6, 2), &["i-1", "i-2"]);
    let mut next = fleet.0.launch_templates[0].clone();
    "web-v2".clone_into(&mut next.name);
    fleet.0.launch_templates.push(next);
    fleet
}

fn with(preferences: Value) -> Value {
    json!({"AutoScalingGroupName": GROUP, "Preferences": preferences})
}

fn described(site: &mut Site) -> Value {
    let answer = site.accepted(DESCRIBE, json!({"AutoScalingGroupName": GROUP}));
    answer["InstanceRefreshes"][0].clone()
}

/// The defaults are the documented ones: 90 and 100 %, the health check grace period as warm-up,
/// to wait for what stands in the way. R-REFRESH-1
#[test]
fn preferences_have_defaults() {
    let mut fleet = fleet();
    fleet.0.groups[0].health_check_grace_period = SimDuration::from_secs(300);
    let mut site = fleet.clone().site();
    let answer = site.accepted(START, json!({"AutoScalingGroupName": GROUP}));
    let refresh = described(&mut site);
    assert_eq!(answer["InstanceRefreshId"], refresh["InstanceRefreshId"]);
    let standard = json!({
        "MinHealthyPercentage": 90,
        "MaxHealthyPercentage": 100,
        "InstanceWarmup": 300,
        "SkipMatching": false,
        "AutoRollback": false,
        "ScaleInProtectedInstances": "Wait",
        "StandbyInstances": "Wait",
        "BakeTime": 0,
    });
    assert_eq!(refresh["Preferences"], standard);
    // the group's own percentages and warm-up come before those
    fleet.0.groups[0].rules.maintenance = Some(MaintenancePolicy {
        min_healthy: 100,
        max_healthy: 150,
    });
    fleet.0.groups[0].rules.default_instance_warmup = Some(SimDuration::from_secs(60));
    let mut site = fleet.clone().site();
    site.accepted(START, with(json!({"CheckpointPercentages": [50, 100]})));
    let shown = described(&mut site)["Preferences"].clone();
    for (key, value) in [
        ("MinHealthyPercentage", json!(100)),
        ("MaxHealthyPercentage", json!(150)),
        ("InstanceWarmup", json!(60)),
        ("CheckpointPercentages", json!([50, 100])),
        ("CheckpointDelay", json!(3600)),
    ] {
        assert_eq!(shown[key], value, "{key}");
    }
    // and the request's before all
    let mut site = fleet.site();
    site.accepted(
        START,
        with(json!({"MinHealthyPercentage": 50, "MaxHealthyPercentage": 100, "InstanceWarmup": 0})),
    );
    let shown = described(&mut site)["Preferences"].clone();
    assert_eq!(shown["MinHealthyPercentage"], json!(50));
    assert_eq!(shown["InstanceWarmup"], json!(0));
}

#[test]
fn contradicting_preferences_are_refused() {
    let mut site = fleet().site();
    for (preferences, message) in [
        (
            json!({"MaxHealthyPercentage": 150}),
            "MinHealthyPercentage must be specified when MaxHealthyPercentage is specified.",
        ),
        (
            json!({"MinHealthyPercentage": 50, "MaxHealthyPercentage": 151}),
            "The difference between MinHealthyPercentage and MaxHealthyPercentage cannot be \
             greater than 100.",
        ),
        (
            json!({"CheckpointPercentages": [50, 50]}),
            "CheckpointPercentages must be unique and in ascending order.",
        ),
        (
            json!({"CheckpointDelay": 60}),
            "CheckpointPercentages must be specified when CheckpointDelay is specified.",
        ),
        (
            json!({"AutoRollback": true}),
            "AutoRollback requires a DesiredConfiguration.",
        ),
        (
            json!({"MinHealthyPercentage": 101}),
            "1 validation error detected: Value '101' at 'preferences.minHealthyPercentage' failed \
             to satisfy constraint: Member must have value less than or equal to 100",
        ),
        (
            json!({"BakeTime": 172_801}),
            "1 validation error detected: Value '172801' at 'preferences.bakeTime' failed to \
             satisfy constraint: Member must have value less than or equal to 172800",
        ),
        (
            json!({"StandbyInstances": "Refresh"}),
            "1 validation error detected: Value 'Refresh' at 'preferences.standbyInstances' failed \
             to satisfy constraint: Member must satisfy enum value set: [Terminate, Ignore, Wait]",
        ),
    ] {
        site.invalid(START, with(preferences), message);
    }
    // 100 apart is allowed
    site.accepted(
        START,
        with(json!({"MinHealthyPercentage": 50, "MaxHealthyPercentage": 150})),
    );
}

#[test]
fn what_cannot_be_launched_is_refused() {
    let mut site = fleet().site();
    let desired = |configuration: Value| json!({"AutoScalingGroupName": GROUP, "DesiredConfiguration": configuration});
    site.invalid(
        START,
        desired(json!({"LaunchTemplate": {"LaunchTemplateName": "web-v9"}})),
        "You must use a valid fully-formed launch template. The specified launch template, with \
         template name web-v9, does not exist.",
    );
    site.invalid(
        START,
        desired(json!({})),
        "DesiredConfiguration must specify a LaunchTemplate or a MixedInstancesPolicy.",
    );
    site.invalid(
        START,
        json!({"AutoScalingGroupName": GROUP, "Strategy": "ReplaceRootVolume"}),
        "The ReplaceRootVolume strategy requires a mixed instances policy.",
    );
    site.invalid(
        START,
        json!({"AutoScalingGroupName": "none"}),
        "AutoScalingGroup name not found - null",
    );
}

/// A group is refreshed once at a time, and what the refresh decides is nobody else's meanwhile.
/// R-REFRESH-5
#[test]
fn an_active_refresh_blocks_others() {
    let mut site = fleet().site();
    site.accepted(
        START,
        json!({
            "AutoScalingGroupName": GROUP,
            "DesiredConfiguration": {"LaunchTemplate": {"LaunchTemplateName": "web-v2"}},
        }),
    );
    site.run_to(5);
    let refresh = described(&mut site);
    assert_eq!(refresh["Status"], "InProgress");
    assert_eq!(
        refresh["DesiredConfiguration"],
        json!({"LaunchTemplate": {"LaunchTemplateName": "web-v2"}})
    );
    site.refused(
        START,
        json!({"AutoScalingGroupName": GROUP}),
        (
            "InstanceRefreshInProgress",
            400,
            "An Instance Refresh is already in progress and blocks the execution of this Instance \
             Refresh.",
        ),
    );
    site.invalid(
        "autoscaling:UpdateAutoScalingGroup",
        json!({
            "AutoScalingGroupName": GROUP,
            "LaunchTemplate": {"LaunchTemplateName": "web-v1"},
        }),
        "An active instance refresh with a desired configuration exists. All configuration options \
         derived from the desired configuration are not available for update while the instance \
         refresh is active.",
    );
    for (name, params) in [
        (
            "autoscaling:AttachTrafficSources",
            json!({"AutoScalingGroupName": GROUP, "TrafficSources": [{"Identifier": WEB}]}),
        ),
        (
            "autoscaling:AttachLoadBalancerTargetGroups",
            json!({"AutoScalingGroupName": GROUP, "TargetGroupARNs": [WEB]}),
        ),
    ] {
        site.refused(
            name,
            params,
            (
                "InstanceRefreshInProgress",
                400,
                "An active instance refresh with a desired configuration exists.",
            ),
        );
    }
    // sizes may change, and when it is over everything may
    site.accepted(
        "autoscaling:UpdateAutoScalingGroup",
        json!({"AutoScalingGroupName": GROUP, "MaxSize": 8}),
    );
    site.run_to(600);
    assert_eq!(described(&mut site)["Status"], "Successful");
    site.accepted(START, json!({"AutoScalingGroupName": GROUP}));
}

/// Without a desired configuration sources may be attached meanwhile.
#[test]
fn a_plain_refresh_leaves_the_configuration_open() {
    let mut site = fleet()
        .target_group(API, drainsim::model::settings::TargetType::Instance)
        .site();
    site.accepted(START, json!({"AutoScalingGroupName": GROUP}));
    site.accepted(
        "autoscaling:AttachTrafficSources",
        json!({"AutoScalingGroupName": GROUP, "TrafficSources": [{"Identifier": API}]}),
    );
}
