//! `autoscaling:DescribeAutoScalingInstances`: members of any group, by id.
//!
//! Source: R-ASG-1.

use serde_json::Value;

use crate::api::params::{defaulted, optional};
use crate::api::{ApiError, Call, Operation, Response, aws, group_shape, json};
use crate::describe::{Kind, Source};
use crate::model::settings::Provider;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingInstances.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:DescribeAutoScalingInstances",
    summary: "lists members of groups with their lifecycle states",
    params: &[
        optional(
            "InstanceIds",
            Kind::List {
                of: &aws::INSTANCE_ID,
                min: 0,
                max: 50,
            },
            "only these instances; an id of no member is left out of the answer",
            API,
        ),
        optional(
            "IncludeManagedResources",
            Kind::Boolean,
            "accepted without effect: nothing is managed by another service",
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
    errors: &[aws::VALIDATION_ERROR, aws::INVALID_NEXT_TOKEN],
    deviations: &["only what drainsim knows of an instance is answered"],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let cloud = &*call.cloud;
    let ids = fields.texts("InstanceIds");
    let groups = cloud.groups.iter();
    let members = groups
        .filter(|group| group.provider == Provider::Aws)
        .flat_map(|group| group.members.iter().map(move |&member| (member, group)))
        .filter(|(member, _)| {
            ids.is_empty() || ids.contains(&cloud.instances[member.index()].id.as_str())
        });
    let (page, token) = aws::page(fields, 50, members.collect())?;
    let shown = page.into_iter();
    let shown = shown.map(|(member, group)| group_shape::instance(cloud, member, group));
    Ok(json::paged("AutoScalingInstances", shown.collect(), token))
}
