//! `autoscaling:DescribeAutoScalingInstances`.

use serde_json::json;

use super::fleet::{Fleet, GROUP, Site};

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

/// The health of an instance as it is described alone and with its group.
fn health(site: &mut Site, id: &str) -> [String; 2] {
    let alone = site.accepted(DESCRIBE, json!({"InstanceIds": [id]}));
    let group = site.accepted("autoscaling:DescribeAutoScalingGroups", json!({}));
    let members = group["AutoScalingGroups"][0]["Instances"].as_array();
    let member = members.unwrap().iter().find(|one| one["InstanceId"] == id);
    [&alone["AutoScalingInstances"][0], member.unwrap()]
        .map(|shown| shown["HealthStatus"].as_str().unwrap().to_owned())
}

/// The health of who stands by is not looked at, nor anybody's while health checks are suspended: a
/// terminated instance is shown as it was last seen. R-STANDBY-1, R-PROC-1
#[test]
fn health_that_nobody_looks_at_is_shown_as_it_was() {
    let mut site = Fleet::aws().group(GROUP, (1, 4, 2), &["i-1", "i-2"]).site();
    site.accepted(
        "autoscaling:EnterStandby",
        json!({"AutoScalingGroupName": GROUP, "InstanceIds": ["i-1"],
            "ShouldDecrementDesiredCapacity": true}),
    );
    let checks = json!({"AutoScalingGroupName": GROUP, "ScalingProcesses": ["HealthCheck"]});
    site.accepted("autoscaling:SuspendProcesses", checks.clone());
    site.run_to(100);
    let both = json!({"InstanceIds": ["i-1", "i-2"]});
    site.accepted("ec2:TerminateInstances", both);
    for second in [100, 300] {
        site.run_to(second);
        assert_eq!(site.lifecycle(GROUP, "i-1"), "Standby");
        assert_eq!(health(&mut site, "i-1"), ["HEALTHY", "Healthy"]);
        assert_eq!(health(&mut site, "i-2"), ["HEALTHY", "Healthy"]);
    }
    site.accepted("autoscaling:ResumeProcesses", checks);
    assert_eq!(health(&mut site, "i-1"), ["HEALTHY", "Healthy"]);
    assert_eq!(health(&mut site, "i-2"), ["UNHEALTHY", "Unhealthy"]);
}
