//! `ess:DescribeScalingActivities`: what scaling groups have done and are doing.
//!
//! Source: R-ESS-2, R-ESS-20.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::api::alibaba::{self, REGION_ID};
use crate::api::params::{Fields, optional};
use crate::api::{ApiError, Call, Operation, Response, scaling_group};
use crate::describe::{Kind, Source};
use crate::model::cloud::Cloud;
use crate::model::ess_activity::EssActivity;
use crate::model::ids::ActivityId;
use crate::model::settings::Provider;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-describescalingactivities",
);

const IDS: Kind = Kind::List {
    of: &Kind::Text { min: 1, max: 128 },
    min: 1,
    max: 20,
};

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:DescribeScalingActivities",
    summary: "lists scaling activities, the latest first",
    params: &[
        REGION_ID,
        optional(
            "ScalingGroupId",
            Kind::Text { min: 1, max: 128 },
            "only activities of this scaling group",
            API,
        ),
        optional(
            "ScalingActivityIds",
            IDS,
            "only these activities, 20 at most",
            API,
        ),
        optional(
            "ScalingActivityId.N",
            Kind::Text { min: 1, max: 128 },
            "the N-th of them, as older SDKs send it",
            API,
        ),
        optional(
            "StatusCode",
            Kind::OneOf(&["Successful", "Warning", "Failed", "InProgress", "Rejected"]),
            "only activities that stand so",
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
        "capacities of an activity under way are those of the group when it is asked",
        "what the model does not know of an activity is left out of the answer",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let checked = alibaba::check(OPERATION.params, params)?;
    let fields = checked.fields();
    let found = wanted(call.cloud, fields)?;
    let body = scaling_group::page(fields, "ScalingActivities", &found, |index| {
        activity(call.cloud, index)
    });
    Ok(alibaba::answer(call, body))
}

/// Positions of the activities a request asks for, the latest first.
fn wanted(cloud: &Cloud, fields: Fields<'_>) -> Result<Vec<usize>, ApiError> {
    let group = fields
        .text("ScalingGroupId")
        .map(|id| alibaba::group(cloud, id))
        .transpose()?;
    let ids = fields.texts("ScalingActivityIds");
    let ids: BTreeSet<&str> = ids.into_iter().collect();
    let status = fields.text("StatusCode");
    let mut found: Vec<usize> = (0..cloud.activities.len())
        .filter(|&index| {
            let (of, _, activity) = &cloud.activities[index];
            cloud.groups[of.index()].provider == Provider::Alibaba
                && group.is_none_or(|group| group == *of)
                && (ids.is_empty() || ids.contains(activity.id.as_str()))
                && status.is_none_or(|status| status == activity.status.name())
        })
        .collect();
    found.sort_by_key(|&index| (Reverse(cloud.activities[index].2.start), Reverse(index)));
    Ok(found)
}

fn activity(cloud: &Cloud, index: usize) -> Value {
    let (id, _, activity) = &cloud.activities[index];
    let group = &cloud.groups[id.index()];
    let minutes = |at| scaling_group::minutes(cloud.clock, at);
    let told = cloud.ess_activity(ActivityId::from_index(index));
    let after = told.and_then(|told| told.after);
    let after = after.unwrap_or_else(|| cloud.ess_totals(*id));
    let mut shape = json!({
        "ScalingActivityId": activity.id,
        "ScalingGroupId": group.identifier,
        "Description": activity.description,
        "Cause": activity.cause,
        "StartTime": minutes(activity.start),
        "StatusCode": activity.status.name(),
        "Progress": activity.progress,
        "TotalCapacity": after.total.to_string(),
        "AutoCreatedCapacity": after.auto_created.to_string(),
        "AttachedCapacity": after.attached.to_string(),
    });
    if let Some(told) = told {
        tell(cloud, told, &mut shape);
    }
    if let Some(message) = &activity.status_message {
        shape["StatusMessage"] = json!(message);
    }
    if let Some(end) = activity.end {
        shape["EndTime"] = json!(minutes(end));
    }
    shape
}

/// Adds what only activities of scaling groups tell.
fn tell(cloud: &Cloud, told: &EssActivity, shape: &mut Value) {
    for (capacity, instances, ids) in [
        ("CreatedCapacity", "CreatedInstances", &told.created),
        ("DestroyedCapacity", "DestroyedInstances", &told.destroyed),
        ("StartedCapacity", "StartedInstances", &told.started),
        ("StoppedCapacity", "StoppedInstances", &told.stopped),
    ] {
        let names = ids.iter().map(|id| cloud.instances[id.index()].id.as_str());
        shape[capacity] = json!(ids.len());
        shape[instances] = json!(names.collect::<Vec<_>>());
    }
    shape["ScalingInstanceNumber"] = json!(told.scaled());
    shape["TriggerSourceType"] = json!(told.trigger.name());
    if let Some(metadata) = &told.metadata {
        shape["ActivityMetadata"] = json!(metadata);
    }
    if let Some(shortfall) = told.shortfall {
        shape["ErrorCode"] = json!(shortfall.code);
        shape["ErrorMessage"] = json!(shortfall.message);
    }
}
