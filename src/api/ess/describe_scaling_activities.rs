//! `ess:DescribeScalingActivities`: what scaling groups have done and are doing.
//!
//! Source: R-ESS-2.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::api::alibaba::{self, REGION_ID};
use crate::api::params::{Fields, defaulted, optional};
use crate::api::{ApiError, Call, Operation, Response};
use crate::describe::{Kind, Source};
use crate::model::cloud::Cloud;
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
        defaulted(
            "PageNumber",
            Kind::Integer {
                min: 1,
                max: i32::MAX as i64,
            },
            "1",
            "which page",
            API,
        ),
        defaulted(
            "PageSize",
            Kind::Integer { min: 1, max: 50 },
            "10",
            "activities on a page",
            API,
        ),
    ],
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        alibaba::GROUP_NOT_FOUND,
    ],
    deviations: &["TotalCapacity is that of the group when it is asked, not of the activity"],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = alibaba::check(OPERATION.params, params)?;
    let found = wanted(call.cloud, fields)?;
    let number = |key, default| {
        let given = fields.integer(key);
        given
            .and_then(|given| usize::try_from(given).ok())
            .unwrap_or(default)
    };
    let (page, size) = (number("PageNumber", 1), number("PageSize", 10));
    let skipped = size.saturating_mul(page.saturating_sub(1));
    let shown: Vec<Value> = found
        .iter()
        .skip(skipped)
        .take(size)
        .map(|&index| activity(call.cloud, index))
        .collect();
    let mut body = Map::new();
    body.insert("TotalCount".to_owned(), json!(found.len()));
    body.insert("PageNumber".to_owned(), json!(page));
    body.insert("PageSize".to_owned(), json!(size));
    body.insert("ScalingActivities".to_owned(), Value::Array(shown));
    Ok(alibaba::answer(call, body))
}

/// Positions of the activities a request asks for, the latest first.
fn wanted(cloud: &Cloud, fields: Fields<'_>) -> Result<Vec<usize>, ApiError> {
    let group = fields
        .text("ScalingGroupId")
        .map(|id| alibaba::group(cloud, id))
        .transpose()?;
    let mut ids: BTreeSet<&str> = fields.texts("ScalingActivityIds").into_iter().collect();
    let flat = fields
        .entries()
        .filter(|(key, _)| key.starts_with("ScalingActivityId."));
    ids.extend(flat.filter_map(|(_, value)| value.as_str()));
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
    let (group, _, activity) = &cloud.activities[index];
    let group = &cloud.groups[group.index()];
    let minutes = |at| {
        // the API tells times to the minute
        let seconds = cloud.clock.seconds(at);
        seconds.get(..16).map(|minutes| format!("{minutes}Z"))
    };
    let mut shape = json!({
        "ScalingActivityId": activity.id,
        "ScalingGroupId": group.identifier,
        "Description": activity.description,
        "Cause": activity.cause,
        "StartTime": minutes(activity.start),
        "StatusCode": activity.status.name(),
        "Progress": activity.progress,
        "TotalCapacity": group.actual().to_string(),
    });
    if let Some(end) = activity.end {
        shape["EndTime"] = json!(minutes(end));
    }
    shape
}
