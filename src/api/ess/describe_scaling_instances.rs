//! `ess:DescribeScalingInstances`: members of scaling groups with their states.
//!
//! Source: R-ESS-9.

use serde_json::{Value, json};

use crate::api::alibaba::{self, REGION_ID};
use crate::api::params::{Fields, optional};
use crate::api::{ApiError, Call, Operation, Response, scaling_group};
use crate::describe::{Kind, Source};
use crate::model::cloud::Cloud;
use crate::model::ids::InstanceId;
use crate::model::machine::Instance;
use crate::model::settings::Provider;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-describescalinginstances",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:DescribeScalingInstances",
    summary: "lists instances of scaling groups with their lifecycle states",
    params: &[
        REGION_ID,
        optional(
            "ScalingGroupId",
            scaling_group::GROUP_ID,
            "only instances of this scaling group",
            API,
        ),
        scaling_group::INSTANCE_IDS,
        scaling_group::INSTANCE_ID,
        scaling_group::INSTANCE_ID_N,
        optional(
            "LifecycleState",
            Kind::OneOf(&[
                "InService",
                "Pending",
                "Pending:Wait",
                "Protected",
                "Standby",
                "Stopped",
                "Removing",
                "Removing:Wait",
            ]),
            "only instances in this state",
            API,
        ),
        optional(
            "HealthStatus",
            Kind::OneOf(&["Healthy", "Unhealthy"]),
            "only instances in this health",
            API,
        ),
        optional(
            "CreationType",
            Kind::OneOf(&["AutoCreated", "Attached"]),
            "only instances that came in this way",
            API,
        ),
        scaling_group::PAGE_NUMBER,
        scaling_group::PAGE_SIZE,
    ],
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        alibaba::GROUP_NOT_FOUND,
    ],
    deviations: &[
        "what the model does not know of an instance is left out of the answer",
        "an instance is unhealthy while its machine does not run, unless it is protected or in \
         standby",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let checked = alibaba::check(OPERATION.params, params)?;
    let fields = checked.fields();
    let found = wanted(call.cloud, fields)?;
    let body = scaling_group::page(fields, "ScalingInstances", &found, |id| {
        shape(call.cloud, id)
    });
    Ok(alibaba::answer(call, body))
}

/// The instances a request asks for, in the order in which they joined their groups.
fn wanted(cloud: &Cloud, fields: Fields<'_>) -> Result<Vec<InstanceId>, ApiError> {
    let group = fields
        .text("ScalingGroupId")
        .map(|id| alibaba::group(cloud, id))
        .transpose()?;
    let ids = scaling_group::any_ids(fields);
    let is = |key: &str, word: &str| fields.text(key).is_none_or(|wanted| wanted == word);
    let groups = cloud.groups.iter().enumerate();
    let members = groups
        .filter(|(index, entry)| {
            entry.provider == Provider::Alibaba && group.is_none_or(|group| group.index() == *index)
        })
        .flat_map(|(_, entry)| entry.members.iter().copied());
    let members = members.filter(|member| {
        let instance = &cloud.instances[member.index()];
        (ids.is_empty() || ids.contains(&instance.id.as_str()))
            && is("LifecycleState", instance.scaling_state())
            && is("HealthStatus", health(instance))
            && is("CreationType", creation(instance))
    });
    Ok(members.collect())
}

fn health(instance: &Instance) -> &'static str {
    if instance.is_healthy_in_scaling_group() {
        "Healthy"
    } else {
        "Unhealthy"
    }
}

fn creation(instance: &Instance) -> &'static str {
    if instance.membership.attached.is_some() {
        "Attached"
    } else {
        "AutoCreated"
    }
}

fn shape(cloud: &Cloud, id: InstanceId) -> Value {
    let instance = &cloud.instances[id.index()];
    let group = instance.group.expect("it is a member");
    let group = &cloud.groups[group.index()];
    let template = &cloud.launch_templates[instance.launch_template.index()];
    let attached = instance.membership.attached;
    let came = attached.map_or(instance.launched_at, |attached| attached.at);
    json!({
        "InstanceId": instance.id,
        "ScalingGroupId": group.identifier,
        "LaunchTemplateId": template.name,
        "ZoneId": cloud.zones[instance.zone.index()],
        "LifecycleState": instance.scaling_state(),
        "HealthStatus": health(instance),
        "WarmupState": "NoNeedWarmup",
        "CreationType": creation(instance),
        "CreationTime": scaling_group::minutes(cloud.clock, came),
        "Entrusted": attached.is_none_or(|attached| attached.entrusted),
    })
}
