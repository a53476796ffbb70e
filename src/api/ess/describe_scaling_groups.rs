//! `ess:DescribeScalingGroups`: scaling groups with their sizes and how many instances are in which
//! state.
//!
//! Source: R-ESS-8, R-ESS-12.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::api::alibaba::{self, REGION_ID};
use crate::api::params::{Fields, optional};
use crate::api::{
    ApiError, Call, Operation, Response, ess_clb, ess_source, processes, scaling_group,
};
use crate::describe::{Kind, Source};
use crate::engine::time::NANOS_PER_SECOND;
use crate::model::cloud::Cloud;
use crate::model::group::Group;
use crate::model::settings::{DeletionProtection, Provider};

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-describescalinggroups",
);

const NAME: Kind = Kind::Text { min: 1, max: 64 };

/// Most groups one call may name.
const LIMIT: usize = 20;

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:DescribeScalingGroups",
    summary: "lists scaling groups with their sizes, server groups and load balancers",
    params: &[
        REGION_ID,
        optional(
            "ScalingGroupIds",
            Kind::List {
                of: &scaling_group::GROUP_ID,
                min: 1,
                max: LIMIT,
            },
            "only these scaling groups, 20 at most",
            API,
        ),
        optional(
            "ScalingGroupId.N",
            scaling_group::GROUP_ID,
            "the N-th of them, as older SDKs send it",
            API,
        ),
        optional(
            "ScalingGroupNames",
            Kind::List {
                of: &NAME,
                min: 1,
                max: LIMIT,
            },
            "only scaling groups with these names, 20 at most",
            API,
        ),
        optional(
            "ScalingGroupName.N",
            NAME,
            "the N-th of them, as older SDKs send it",
            API,
        ),
        optional(
            "ScalingGroupName",
            NAME,
            "only scaling groups whose name has this in it",
            API,
        ),
        optional(
            "GroupType",
            Kind::OneOf(&["ECS", "ECI"]),
            "only scaling groups of this type; every one is of `ECS`",
            API,
        ),
        scaling_group::PAGE_NUMBER,
        scaling_group::PAGE_SIZE,
    ],
    errors: &[alibaba::MISSING_PARAMETER, alibaba::INVALID_PARAMETER],
    deviations: &[
        "what the model does not know of a group is left out of the answer",
        "TotalCapacity leaves out instances that are being removed or are stopped (assumed)",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = alibaba::check(OPERATION.params, params)?;
    let found = wanted(call.cloud, fields)?;
    let region = fields.given("RegionId");
    let body = scaling_group::page(fields, "ScalingGroups", &found, |index| {
        shape(call.cloud, index, region)
    });
    Ok(alibaba::answer(call, body))
}

/// Positions of the groups a request asks for.
fn wanted(cloud: &Cloud, fields: Fields<'_>) -> Result<Vec<usize>, ApiError> {
    let ids = scaling_group::texts(fields, &["ScalingGroupIds", "ScalingGroupId"])?;
    let names = scaling_group::texts(fields, &["ScalingGroupNames", "ScalingGroupName"])?;
    for (named, key) in [(&ids, "ScalingGroupId"), (&names, "ScalingGroupName")] {
        if named.len() > LIMIT {
            return Err(alibaba::invalid(key));
        }
    }
    let part = fields.text("ScalingGroupName");
    let machines = fields.text("GroupType") != Some("ECI");
    let groups = cloud.groups.iter().enumerate().filter(|(_, group)| {
        machines
            && group.provider == Provider::Alibaba
            && !group.is_gone()
            && (ids.is_empty() || ids.contains(&group.identifier.as_str()))
            && (names.is_empty() || names.contains(&group.name.as_str()))
            && part.is_none_or(|part| group.name.contains(part))
    });
    Ok(groups.map(|(index, _)| index).collect())
}

fn shape(cloud: &Cloud, index: usize, region: &str) -> Value {
    let group = &cloud.groups[index];
    let count = |state: &str| {
        let members = group.members.iter();
        members
            .filter(|member| cloud.instances[member.index()].scaling_state() == state)
            .count()
    };
    let template = &cloud.launch_templates[group.launch_template.index()];
    let removal = group.rules.ess.removal_policies.iter();
    let removal: Vec<&str> = removal.map(|policy| policy.name()).collect();
    let mut shown = json!({
        "ScalingGroupId": group.identifier,
        "ScalingGroupName": group.name,
        "RegionId": region,
        "GroupType": "ECS",
        "LifecycleState": group.scaling_group_state(),
        "MinSize": group.min_size,
        "MaxSize": group.max_size,
        "EnableDesiredCapacity": false,
        "LaunchTemplateId": (!group.scaling_group.unconfigured).then_some(&template.name),
        "DefaultCooldown": group.rules.default_cooldown.as_nanos() / NANOS_PER_SECOND,
        "GroupDeletionProtection": group.rules.deletion_protection != DeletionProtection::None,
        "SuspendedProcesses": processes::suspended_of_scaling_group(group.suspended),
        "MultiAZPolicy": group.rules.ess.multi_az.name(),
        "RemovalPolicies": removal,
        "ScalingPolicy": group.rules.ess.scaling_policy(),
        "TotalCapacity": group.total(),
        "ActiveCapacity": count("InService"),
        "PendingCapacity": count("Pending"),
        "PendingWaitCapacity": count("Pending:Wait"),
        "ProtectedCapacity": count("Protected"),
        "StandbyCapacity": count("Standby"),
        "StoppedCapacity": count("Stopped"),
        "RemovingCapacity": count("Removing"),
        "RemovingWaitCapacity": count("Removing:Wait"),
        "CreationTime": scaling_group::minutes(cloud.clock, group.created),
    });
    if let (Value::Object(shown), Value::Object(sources)) = (&mut shown, sources(cloud, group)) {
        shown.extend(sources);
    }
    shown
}

/// The associations of a group, by what they are with. Source: R-ESS-34.
fn sources(cloud: &Cloud, group: &Group) -> Value {
    let (mut balancers, mut configs, mut v_groups) = (Vec::new(), Vec::new(), BTreeMap::new());
    let (mut alb, mut all) = (Vec::new(), Vec::new());
    for source in &group.sources {
        let target_group = &cloud.target_groups[source.target_group.index()];
        let (id, port, weight) = (&target_group.identifier, source.port, source.weight);
        if let Some(kind) = ess_source::type_of(target_group) {
            if kind == "ALB" {
                alb.push(json!({ "AlbServerGroupId": id, "Port": port, "Weight": weight }));
            }
            all.push(json!({ "ServerGroupId": id, "Type": kind, "Port": port, "Weight": weight }));
        } else if ess_clb::default_group(cloud, id).is_some() {
            balancers.push(id.as_str());
            configs.push(json!({ "LoadBalancerId": id, "Weight": weight }));
        } else if let Some(balancer) = target_group.load_balancer {
            let shape = json!({ "VServerGroupId": id, "Port": port, "Weight": weight });
            let of_balancer: &mut Vec<Value> = v_groups.entry(balancer).or_default();
            of_balancer.push(shape);
        }
    }
    let v_groups = v_groups.into_iter().map(|(balancer, groups)| {
        let id = &cloud.load_balancers[balancer].identifier;
        json!({ "LoadBalancerId": id, "VServerGroupAttributes": groups })
    });
    json!({
        "LoadBalancerIds": balancers,
        "LoadBalancerConfigs": configs,
        "VServerGroups": v_groups.collect::<Vec<_>>(),
        "AlbServerGroups": alb,
        "ServerGroups": all,
    })
}
