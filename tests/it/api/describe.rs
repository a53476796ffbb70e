//! `autoscaling:DescribeAutoScalingGroups` and `autoscaling:DescribeScalingActivities`.

use serde_json::{Value, json};

use super::fleet::{API, Fleet, GROUP, Site, WEB};
use drainsim::model::settings::TargetType;

const GROUPS: &str = "autoscaling:DescribeAutoScalingGroups";
const ACTIVITIES: &str = "autoscaling:DescribeScalingActivities";

fn site() -> Site {
    Fleet::aws()
        .target_group(API, TargetType::Instance)
        .group(GROUP, (1, 4, 2), &["i-1", "i-2"])
        .group("second", (0, 4, 1), &["i-7"])
        .site()
}

#[test]
fn a_group_is_described_with_members_and_sources() {
    let answer = site().accepted(GROUPS, json!({"AutoScalingGroupNames": [GROUP, "nobody"]}));
    let groups = answer["AutoScalingGroups"].as_array().unwrap();
    assert_eq!(groups.len(), 1);
    let expected = json!({
        "AutoScalingGroupName": GROUP,
        "AutoScalingGroupARN": groups[0]["AutoScalingGroupARN"],
        "LaunchTemplate": {"LaunchTemplateName": "web-v1"},
        "MinSize": 1,
        "MaxSize": 4,
        "DesiredCapacity": 2,
        "DefaultCooldown": 300,
        "AvailabilityZones": ["us-west-2a", "us-west-2b"],
        "VPCZoneIdentifier": "subnet-us-west-2a,subnet-us-west-2b",
        "LoadBalancerNames": [],
        "TargetGroupARNs": [WEB, API],
        "HealthCheckType": "EC2",
        "HealthCheckGracePeriod": 0,
        "CreatedTime": "2026-01-01T00:00:00.000Z",
        "SuspendedProcesses": [],
        "TerminationPolicies": ["Default"],
        "NewInstancesProtectedFromScaleIn": false,
        "DeletionProtection": "none",
        "Instances": [
            member("i-1", "us-west-2a"),
            member("i-2", "us-west-2b"),
        ],
        "Tags": [],
        "TrafficSources": [
            {"Identifier": WEB, "Type": "elbv2"},
            {"Identifier": API, "Type": "elbv2"},
        ],
    });
    assert_eq!(groups[0], expected);
    let arn = groups[0]["AutoScalingGroupARN"].as_str().unwrap();
    let end = format!(":autoScalingGroupName/{GROUP}");
    assert!(
        arn.starts_with("arn:aws:autoscaling:") && arn.ends_with(&end),
        "{arn}"
    );
}

fn member(id: &str, zone: &str) -> Value {
    json!({
        "InstanceId": id,
        "AvailabilityZone": zone,
        "LifecycleState": "InService",
        "HealthStatus": "Healthy",
        "LaunchTemplate": {"LaunchTemplateName": "web-v1"},
        "ProtectedFromScaleIn": false,
    })
}

#[test]
fn groups_come_in_pages() {
    let mut site = site();
    let first = site.accepted(GROUPS, json!({"MaxRecords": 1}));
    assert_eq!(first["AutoScalingGroups"][0]["AutoScalingGroupName"], GROUP);
    let second = site.accepted(GROUPS, json!({"NextToken": first["NextToken"]}));
    assert_eq!(
        second["AutoScalingGroups"][0]["AutoScalingGroupName"],
        "second"
    );
    assert_eq!(second.get("NextToken"), None);
    assert_eq!(
        Fleet::alibaba().site().accepted(GROUPS, json!({}))["AutoScalingGroups"],
        json!([]),
        "scaling groups of another cloud are not ours"
    );
}

/// Moto answers an empty list after several detaches.
#[test]
fn activities_are_kept_in_progress_first_and_the_latest_first() {
    let mut site = site();
    let detach = |group: &str, id: &str| {
        json!({"AutoScalingGroupName": group, "InstanceIds": [id],
            "ShouldDecrementDesiredCapacity": true})
    };
    site.accepted("autoscaling:DetachInstances", detach(GROUP, "i-1"));
    // its drain of 300 s is the longer one
    site.run_to(200);
    site.accepted("autoscaling:DetachInstances", detach("second", "i-7"));
    site.run_to(400);
    let names = |answer: &Value| -> Vec<String> {
        let activities = answer["Activities"].as_array().unwrap().iter();
        let text = |activity: &Value, key: &str| activity[key].as_str().unwrap().to_owned();
        activities
            .map(|one| {
                format!(
                    "{} {}",
                    text(one, "AutoScalingGroupName"),
                    text(one, "StatusCode")
                )
            })
            .collect()
    };
    let waiting = "second WaitingForELBConnectionDraining";
    let over = format!("{GROUP} Successful");
    let all = site.accepted(ACTIVITIES, json!({}));
    assert_eq!(names(&all), [waiting, over.as_str()]);
    site.run_to(501);
    let all = site.accepted(ACTIVITIES, json!({}));
    assert_eq!(names(&all), ["second Successful", over.as_str()]);

    let of_group = site.accepted(ACTIVITIES, json!({"AutoScalingGroupName": GROUP}));
    assert_eq!(names(&of_group), [over.as_str()]);
    let id = &of_group["Activities"][0]["ActivityId"];
    let by_id = site.accepted(ACTIVITIES, json!({"ActivityIds": [id, "nobody"]}));
    assert_eq!(by_id, of_group);
    let first = site.accepted(ACTIVITIES, json!({"MaxRecords": 1}));
    let second = site.accepted(ACTIVITIES, json!({"NextToken": first["NextToken"]}));
    assert_eq!(names(&second), [over]);
    site.invalid(
        ACTIVITIES,
        json!({"MaxRecords": 101}),
        "1 validation error detected: Value '101' at 'maxRecords' failed to satisfy constraint: \
         Member must have value less than or equal to 100",
    );
    site.invalid(
        ACTIVITIES,
        json!({"AutoScalingGroupName": "none"}),
        "AutoScalingGroup name not found - AutoScalingGroup 'none' not found",
    );
}
