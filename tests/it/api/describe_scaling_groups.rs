//! `ess:DescribeScalingGroups` and `ess:DescribeScalingInstances`. R-ESS-8

use serde_json::{Value, json};

use super::fleet::{Fleet, SCALING_GROUP, SERVERS, Site};

const GROUPS: &str = "ess:DescribeScalingGroups";
const INSTANCES: &str = "ess:DescribeScalingInstances";

fn with(mut params: Value, key: &str, value: Value) -> Value {
    params[key] = value;
    params
}

fn region() -> Value {
    json!({"RegionId": "cn-hangzhou"})
}

/// Ids of what is on the page that is asked for.
fn listed(site: &mut Site, name: &str, params: Value) -> Vec<String> {
    let (list, id) = match name {
        GROUPS => ("ScalingGroups", "ScalingGroupId"),
        _ => ("ScalingInstances", "InstanceId"),
    };
    let answer = site.accepted(name, params);
    let entries = answer[list].as_array().unwrap().iter();
    entries
        .map(|entry| entry[id].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_group_is_described_with_its_sizes_and_server_groups() {
    let mut site = Fleet::alibaba().site();
    let answer = site.accepted(GROUPS, region());
    assert!(answer["RequestId"].is_string());
    assert_eq!(
        (&answer["TotalCount"], &answer["PageNumber"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(
        answer["ScalingGroups"][0],
        json!({
            "ScalingGroupId": SCALING_GROUP,
            "ScalingGroupName": SCALING_GROUP,
            "RegionId": "cn-hangzhou",
            "GroupType": "ECS",
            "LifecycleState": "Active",
            "MinSize": 2,
            "MaxSize": 6,
            "EnableDesiredCapacity": false,
            "PendingWaitCapacity": 0,
            "RemovingWaitCapacity": 0,
            "DefaultCooldown": 300,
            "GroupDeletionProtection": false,
            "SuspendedProcesses": [],
            "LaunchTemplateId": "web-v1",
            "MultiAZPolicy": "PRIORITY",
            "RemovalPolicies": ["OldestScalingConfiguration", "OldestInstance"],
            "ScalingPolicy": "release",
            "TotalCapacity": 4,
            "ActiveCapacity": 4,
            "PendingCapacity": 0,
            "ProtectedCapacity": 0,
            "StandbyCapacity": 0,
            "StoppedCapacity": 0,
            "RemovingCapacity": 0,
            "CreationTime": "2026-01-01T00:00Z",
            "LoadBalancerIds": [],
            "LoadBalancerConfigs": [],
            "VServerGroups": [],
            "AlbServerGroups": [{"AlbServerGroupId": SERVERS, "Port": 22, "Weight": 100}],
            "ServerGroups": [
                {"ServerGroupId": SERVERS, "Type": "ALB", "Port": 22, "Weight": 100},
            ],
        })
    );
}

/// What a group is associated with is listed by its kind. R-ESS-31 R-ESS-34
#[test]
fn load_balancers_and_v_server_groups_are_listed_apart() {
    let mut site = Fleet::alibaba()
        .clb("lb-bp1front")
        .v_server_group("rsp-bp1a")
        .v_server_group("rsp-bp1b")
        .site();
    let group = json!({"RegionId": "r", "ScalingGroupId": SCALING_GROUP});
    let balancers = json!(["lb-bp1front"]);
    let call = with(group.clone(), "LoadBalancers", balancers.clone());
    site.accepted("ess:AttachLoadBalancers", call);
    let groups = json!([
        {"VServerGroupId": "rsp-bp1a", "Port": 80},
        {"VServerGroupId": "rsp-bp1b", "Port": 81, "Weight": 0},
    ]);
    let v_groups = json!([{"LoadBalancerId": "lb-bp1front", "VServerGroupAttributes": groups}]);
    let call = with(group, "VServerGroups", v_groups);
    site.accepted("ess:AttachVServerGroups", call);
    let answer = site.accepted(GROUPS, region());
    let shown = &answer["ScalingGroups"][0];
    assert_eq!(shown["LoadBalancerIds"], balancers);
    assert_eq!(
        shown["LoadBalancerConfigs"],
        json!([{"LoadBalancerId": "lb-bp1front", "Weight": 50}])
    );
    assert_eq!(
        shown["VServerGroups"],
        json!([{
            "LoadBalancerId": "lb-bp1front",
            "VServerGroupAttributes": [
                {"VServerGroupId": "rsp-bp1a", "Port": 80, "Weight": 50},
                {"VServerGroupId": "rsp-bp1b", "Port": 81, "Weight": 0},
            ],
        }])
    );
    assert_eq!(shown["ServerGroups"].as_array().unwrap().len(), 1);
}

#[test]
fn who_is_removed_counts_no_longer() {
    let mut site = Fleet::alibaba().site();
    site.accepted(
        "ess:RemoveInstances",
        json!({"RegionId": "r", "ScalingGroupId": SCALING_GROUP, "InstanceIds": ["i-bp1a"]}),
    );
    let counts = |site: &mut Site| {
        let answer = site.accepted(GROUPS, region());
        let group = &answer["ScalingGroups"][0];
        ["TotalCapacity", "ActiveCapacity", "RemovingCapacity"].map(|key| group[key].clone())
    };
    assert_eq!(counts(&mut site), [json!(3), json!(3), json!(1)]);
    let removing = with(region(), "LifecycleState", json!("Removing"));
    assert_eq!(listed(&mut site, INSTANCES, removing), ["i-bp1a"]);
    site.run_to(60);
    assert_eq!(counts(&mut site), [json!(3), json!(3), json!(0)]);
}

#[test]
fn groups_are_found_by_id_name_and_part_of_a_name() {
    let mut site = Fleet::alibaba()
        .group("asg-other", (0, 2, 1), &["i-bp2a"])
        .site();
    let both = [SCALING_GROUP, "asg-other"];
    for (key, value, expected) in [
        ("ScalingGroupIds", json!(["asg-other"]), &both[1..]),
        ("ScalingGroupIds", json!(["asg-gone"]), &[]),
        ("ScalingGroupId.1", json!(SCALING_GROUP), &both[..1]),
        ("ScalingGroupNames", json!([SCALING_GROUP]), &both[..1]),
        ("ScalingGroupName.2", json!("asg-other"), &both[1..]),
        ("ScalingGroupName", json!("asg-"), &both[..]),
        ("ScalingGroupName", json!("oth"), &both[1..]),
        ("GroupType", json!("ECS"), &both[..]),
        ("GroupType", json!("ECI"), &[]),
        ("PageSize", json!("1"), &both[..1]),
        ("PageNumber", json!(2), &[]),
    ] {
        let found = listed(&mut site, GROUPS, with(region(), key, value));
        assert_eq!(found, expected, "{key}");
    }
}

/// Every filter of instances; 2014 flattens lists, and text is as good as a number.
#[test]
fn instances_are_found_by_group_id_and_state() {
    let mut site = Fleet::alibaba()
        .group("asg-other", (0, 2, 1), &["i-bp2a"])
        .machine("i-bp1z")
        .site();
    let all = ["i-bp1a", "i-bp1b", "i-bp1c", "i-bp1d", "i-bp2a"];
    for (key, value, expected) in [
        ("ScalingGroupId", json!(SCALING_GROUP), &all[..4]),
        ("ScalingGroupId", json!("asg-other"), &all[4..]),
        ("InstanceIds", json!(["i-bp1a", "i-bp1z"]), &all[..1]),
        ("InstanceId.7", json!("i-bp2a"), &all[4..]),
        ("LifecycleState", json!("InService"), &all[..]),
        ("LifecycleState", json!("Removing:Wait"), &[]),
        ("HealthStatus", json!("Healthy"), &all[..]),
        ("HealthStatus", json!("Unhealthy"), &[]),
        ("CreationType", json!("AutoCreated"), &all[..]),
        ("CreationType", json!("Attached"), &[]),
        ("PageSize", json!("2"), &all[..2]),
    ] {
        let found = listed(&mut site, INSTANCES, with(region(), key, value));
        assert_eq!(found, expected, "{key}");
    }
}

#[test]
fn an_instance_is_described_with_its_state() {
    let mut site = Fleet::alibaba().site();
    let one = with(region(), "InstanceIds", json!(["i-bp1b"]));
    let answer = site.accepted(INSTANCES, one.clone());
    assert!(answer["RequestId"].is_string());
    assert_eq!(
        answer["ScalingInstances"],
        json!([{
            "InstanceId": "i-bp1b",
            "ScalingGroupId": SCALING_GROUP,
            "LaunchTemplateId": "web-v1",
            "ZoneId": "us-west-2b",
            "LifecycleState": "InService",
            "HealthStatus": "Healthy",
            "WarmupState": "NoNeedWarmup",
            "CreationType": "AutoCreated",
            "CreationTime": "2026-01-01T00:00Z",
            "Entrusted": true,
        }])
    );
    site.host_goes(1);
    let answer = site.accepted(INSTANCES, one);
    assert_eq!(answer["ScalingInstances"][0]["HealthStatus"], "Unhealthy");
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let mut site = Fleet::alibaba().site();
    for (name, key, value) in [
        (GROUPS, "PageSize", json!(51)),
        (GROUPS, "PageNumber", json!(0)),
        (GROUPS, "GroupType", json!("VM")),
        (GROUPS, "ScalingGroupIds", json!(vec!["asg-1"; 21])),
        (GROUPS, "ScalingGroupNames", json!(vec!["web"; 21])),
        (INSTANCES, "PageSize", json!(0)),
        (INSTANCES, "LifecycleState", json!("Detaching")),
        (INSTANCES, "HealthStatus", json!("healthy")),
        (INSTANCES, "CreationType", json!("Managed")),
        (INSTANCES, "InstanceIds", json!(vec!["i-1"; 21])),
    ] {
        let message = format!("The specified value of parameter \"{key}\" is not valid.");
        let refusal = ("InvalidParameter", 400, message.as_str());
        site.refused(name, with(region(), key, value), refusal);
    }
    for name in [GROUPS, INSTANCES] {
        let message = "The input parameter \"RegionId\" that is mandatory for processing this \
                       request is not supplied.";
        site.refused(name, json!({}), ("MissingParameter", 400, message));
    }
    site.refused(
        INSTANCES,
        with(region(), "ScalingGroupId", json!("asg-gone")),
        (
            "InvalidScalingGroupId.NotFound",
            404,
            "The specified scaling group does not exist.",
        ),
    );
}
