//! How answers show a group and its members.
//!
//! This module must never change the cloud.

use serde_json::{Value, json};

use super::{json, tag};
use crate::engine::time::{NANOS_PER_SECOND, SimDuration};
use crate::model::cloud::Cloud;
use crate::model::group::Group;
use crate::model::group_admin::Deletion;
use crate::model::ids::InstanceId;
use crate::model::lb::Family;
use crate::model::machine::Instance;
use crate::model::scaling_process::ScalingProcess;
use crate::model::settings::DeletionProtection;
use crate::model::termination_policy::TerminationPolicy;

fn seconds(span: SimDuration) -> u64 {
    span.as_nanos() / NANOS_PER_SECOND
}

/// A group, with its members unless they are not asked for.
pub(super) fn group(cloud: &Cloud, group: &Group, with_members: bool) -> Value {
    let zones: Vec<&String> = group
        .zones
        .iter()
        .map(|zone| &cloud.zones[zone.index()])
        .collect();
    let subnets: Vec<String> = zones.iter().map(|zone| format!("subnet-{zone}")).collect();
    let rules = &group.rules;
    let policies = rules.termination_policies.iter();
    let policies: Vec<&str> = policies.map(TerminationPolicy::name).collect();
    let suspended = group.suspended.iter().map(|process| {
        json!({
            "ProcessName": process.name(),
            "SuspensionReason": "User suspended",
        })
    });
    let mut shape = json!({
        "AutoScalingGroupName": group.name,
        "AutoScalingGroupARN": group.arn,
        "LaunchTemplate": launch_template(cloud, group),
        "MinSize": group.min_size,
        "MaxSize": group.max_size,
        "DesiredCapacity": group.counts.desired,
        "DefaultCooldown": seconds(rules.default_cooldown),
        "AvailabilityZones": zones,
        "VPCZoneIdentifier": subnets.join(","),
        "LoadBalancerNames": identifiers(cloud, group, Family::Classic),
        "TargetGroupARNs": identifiers(cloud, group, Family::TargetGroups),
        "HealthCheckType": rules.health_check_type,
        "HealthCheckGracePeriod": seconds(group.health_check_grace_period),
        "CreatedTime": cloud.clock.millis(group.created),
        "SuspendedProcesses": suspended.collect::<Vec<Value>>(),
        "TerminationPolicies": policies,
        "NewInstancesProtectedFromScaleIn": rules.new_instances_protected,
        "Tags": tag::shown(group),
        "TrafficSources": json::traffic_sources(cloud, group),
        "DeletionProtection": match rules.deletion_protection {
            DeletionProtection::None => "none",
            DeletionProtection::Forced => "prevent-force-deletion",
            DeletionProtection::All => "prevent-all-deletion",
        },
    });
    let in_group = |id: &&InstanceId| !cloud.instances[id.index()].lifecycle.is_warmed();
    let members = group.members.iter().filter(|_| with_members);
    let members = members.filter(in_group);
    shape["Instances"] = members.map(|&id| member(cloud, id)).collect();
    if let Some(warmup) = rules.default_instance_warmup {
        shape["DefaultInstanceWarmup"] = json!(seconds(warmup));
    }
    if let Some(lifetime) = rules.max_instance_lifetime {
        shape["MaxInstanceLifetime"] = json!(seconds(lifetime));
    }
    if let Some(policy) = rules.maintenance {
        shape["InstanceMaintenancePolicy"] = json!({
            "MinHealthyPercentage": policy.min_healthy,
            "MaxHealthyPercentage": policy.max_healthy,
        });
    }
    if rules.retain_on_abandon {
        shape["InstanceLifecyclePolicy"] =
            json!({ "RetentionTriggers": { "TerminateHookAbandon": "retain" } });
    }
    if let Some(pool) = warm_pool(group) {
        shape["WarmPoolConfiguration"] = pool;
        shape["WarmPoolSize"] = json!(group.counts.warmed);
    }
    if group.deletion == Deletion::InProgress {
        shape["Status"] = json!("Delete in progress");
    }
    shape
}

/// The launch template of a group, with the version a call named.
fn launch_template(cloud: &Cloud, group: &Group) -> Value {
    let name = &cloud.launch_templates[group.launch_template.index()].name;
    let mut shape = json!({ "LaunchTemplateName": name });
    if let Some(version) = &group.rules.launch_template_version {
        shape["Version"] = json!(version);
    }
    shape
}

/// What a group is told about its warm pool, if it has one.
pub(super) fn warm_pool(group: &Group) -> Option<Value> {
    let pool = group.rules.warm_pool?;
    let mut shape = json!({
        "MinSize": pool.min_size,
        "PoolState": pool.state.name(),
    });
    if let Some(most) = pool.most_prepared {
        shape["MaxGroupPreparedCapacity"] = json!(most);
    }
    if pool.reuse_on_scale_in {
        shape["InstanceReusePolicy"] = json!({ "ReuseOnScaleIn": true });
    }
    if group.deletes_pool() {
        shape["Status"] = json!("PendingDelete");
    }
    Some(shape)
}

/// Identifiers of a group's sources of one family.
fn identifiers<'a>(cloud: &'a Cloud, group: &'a Group, family: Family) -> Vec<&'a str> {
    let sources = group.sources.iter();
    let groups = sources.map(|source| &cloud.target_groups[source.target_group.index()]);
    groups
        .filter(|group| group.kind.family() == family)
        .map(|group| group.identifier.as_str())
        .collect()
}

/// A member as its group shows it.
pub(super) fn member(cloud: &Cloud, id: InstanceId) -> Value {
    let instance = &cloud.instances[id.index()];
    let template = &cloud.launch_templates[instance.launch_template.index()].name;
    json!({
        "InstanceId": instance.id,
        "AvailabilityZone": cloud.zones[instance.zone.index()],
        "LifecycleState": instance.lifecycle.name(),
        "HealthStatus": health(cloud, instance, ["Healthy", "Unhealthy"]),
        "LaunchTemplate": { "LaunchTemplateName": template },
        "ProtectedFromScaleIn": instance.membership.protected,
    })
}

/// A member as it is shown by itself, with its group and its health in capitals.
pub(super) fn instance(cloud: &Cloud, id: InstanceId, group: &Group) -> Value {
    let mut shape = member(cloud, id);
    let instance = &cloud.instances[id.index()];
    shape["AutoScalingGroupName"] = json!(group.name);
    shape["HealthStatus"] = json!(health(cloud, instance, ["HEALTHY", "UNHEALTHY"]));
    shape
}

fn health<'a>(cloud: &Cloud, instance: &Instance, [healthy, unhealthy]: [&'a str; 2]) -> &'a str {
    // who stands by is not looked at, nor is anybody while health checks are suspended
    let looks = |group| cloud.does(group, ScalingProcess::HealthCheck);
    let looked_at = instance.lifecycle.counts() && instance.group.is_some_and(looks);
    if instance.membership.unhealthy.is_some() || (looked_at && instance.is_failing()) {
        unhealthy
    } else {
        healthy
    }
}
