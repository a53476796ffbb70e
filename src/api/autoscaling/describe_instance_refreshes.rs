//! `autoscaling:DescribeInstanceRefreshes`: the instance refreshes of a group, the last one first.
//!
//! Source: R-REFRESH-4.

use serde_json::Value;

use crate::api::params::{defaulted, optional, required};
use crate::api::{ApiError, Call, Operation, Response, aws, json, refresh};
use crate::describe::{Kind, Source};
use crate::model::refresh::Refresh;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeInstanceRefreshes.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:DescribeInstanceRefreshes",
    summary: "lists instance refreshes of a group with their status and how far they are",
    params: &[
        required(
            "AutoScalingGroupName",
            aws::GROUP_NAME,
            "name of the group",
            API,
        ),
        optional(
            "InstanceRefreshIds",
            Kind::List {
                of: &aws::xml(1, 255),
                min: 0,
                max: usize::MAX,
            },
            "only these refreshes; an id of none is left out of the answer (assumed)",
            API,
        ),
        optional(
            "NextToken",
            aws::NEXT_TOKEN,
            "token of the page, from the answer before",
            API,
        ),
        defaulted(
            "MaxRecords",
            Kind::Integer { min: 1, max: 100 },
            "50",
            "most refreshes in one answer",
            API,
        ),
    ],
    errors: &[aws::VALIDATION_ERROR, aws::INVALID_NEXT_TOKEN],
    deviations: &[
        "refreshes of the whole run are told of, not of six weeks",
        "most status reasons are assumed; ProgressDetails is not answered",
        "ResourceContention is never answered",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let group = aws::group_or_null(call.cloud, fields.given("AutoScalingGroupName"))?;
    let ids = fields.texts("InstanceRefreshIds");
    let wanted = |refresh: &&Refresh| {
        refresh.group == group && (ids.is_empty() || ids.contains(&refresh.id.as_str()))
    };
    let all: Vec<&Refresh> = call.cloud.refreshes.iter().rev().filter(wanted).collect();
    let (page, token) = aws::page(fields, 50, all)?;
    let page = page.into_iter();
    let shown = page.map(|refresh| refresh::shape(call.cloud, refresh));
    Ok(json::paged("InstanceRefreshes", shown.collect(), token))
}
