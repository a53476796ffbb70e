//! `autoscaling:DescribeAutoScalingInstances`.

use serde_json::json;

use super::fleet::{Fleet, GROUP};

const DESCRIBE: &str = "autoscaling:DescribeAutoScalingInstances";

#[test]
fn members_of_all_groups_are_described() {
    let mut site = Fleet::aws()
        .group(GROUP, (1, 4, 2), &["i-1", "i-2"])
        .group("second", (0, 4, 1), &["i-7"])
        .machine("i-alone")
        .site();
    let answer = site.accepted(
        DESCRIBE,
        json!({"InstanceIds": ["i-7", "i-alone", "i-none"]}),
    );
    assert_eq!(
        answer,
        json!({"AutoScalingInstances": [{
            "InstanceId": "i-7",
            "AutoScalingGroupName": "second",
            "AvailabilityZone": "us-west-2a",
            "LifecycleState": "InService",
            "HealthStatus": "HEALTHY",
            "LaunchTemplate": {"LaunchTemplateName": "web-v1"},
            "ProtectedFromScaleIn": false,
        }]})
    );
    site.accepted("ec2:TerminateInstances", json!({"InstanceIds": ["i-7"]}));
    let answer = site.accepted(DESCRIBE, json!({"InstanceIds": ["i-7"]}));
    assert_eq!(
        answer["AutoScalingInstances"][0]["HealthStatus"],
        "UNHEALTHY"
    );
    let first = site.accepted(DESCRIBE, json!({"MaxRecords": 2}));
    assert_eq!(first["AutoScalingInstances"].as_array().unwrap().len(), 2);
    let token = first["NextToken"].clone();
    let rest = site.accepted(DESCRIBE, json!({"MaxRecords": 2, "NextToken": token}));
    assert_eq!(rest["AutoScalingInstances"][0]["InstanceId"], "i-7");
}

#[test]
fn fifty_are_asked_for_at_most() {
    let mut site = Fleet::aws().site();
    let ids: Vec<String> = (0..51).map(|n| format!("i-{n}")).collect();
    let list = ids.join(", ");
    site.invalid(
        DESCRIBE,
        json!({"InstanceIds": ids}),
        &format!(
            "1 validation error detected: Value '[{list}]' at 'instanceIds' failed to satisfy \
             constraint: Member must have length less than or equal to 50"
        ),
    );
}
