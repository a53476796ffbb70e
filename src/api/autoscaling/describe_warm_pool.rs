//! `autoscaling:DescribeWarmPool`: the settings of the pool of a group, and what is in it.
//!
//! Source: R-WARM-1.

use serde_json::Value;

use crate::api::params::{defaulted, optional, required};
use crate::api::{ApiError, Call, Operation, Response, aws, group_shape, json};
use crate::describe::{Kind, Source};
use crate::model::ids::InstanceId;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeWarmPool.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:DescribeWarmPool",
    summary: "shows the warm pool of a group with its instances",
    params: &[
        required(
            "AutoScalingGroupName",
            aws::GROUP_NAME,
            "name of the group",
            API,
        ),
        defaulted(
            "MaxRecords",
            Kind::Integer { min: 1, max: 50 },
            "50",
            "most instances in one answer",
            API,
        ),
        optional(
            "NextToken",
            aws::NEXT_TOKEN,
            "token of the page, from the answer before",
            API,
        ),
    ],
    errors: &[
        aws::VALIDATION_ERROR,
        aws::INVALID_NEXT_TOKEN,
        aws::LIMIT_EXCEEDED,
        aws::RESOURCE_CONTENTION,
    ],
    deviations: &[
        "LimitExceeded and ResourceContention are never answered",
        "only what drainsim knows of an instance is answered",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let id = aws::group_or_null(call.cloud, fields.given("AutoScalingGroupName"))?;
    let cloud = &*call.cloud;
    let group = &cloud.groups[id.index()];
    let members = group.members.iter().copied();
    let pooled: Vec<InstanceId> = members
        .filter(|member| cloud.instances[member.index()].lifecycle.is_warmed())
        .collect();
    let (page, token) = aws::page(fields, 50, pooled)?;
    let page = page
        .into_iter()
        .map(|member| group_shape::member(cloud, member));
    let mut answer = json::paged("Instances", page.collect(), token);
    if let Some(pool) = group_shape::warm_pool(group) {
        answer["WarmPoolConfiguration"] = pool;
    }
    Ok(answer)
}
