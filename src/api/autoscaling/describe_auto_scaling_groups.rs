//! `autoscaling:DescribeAutoScalingGroups`: sizes, members and traffic sources of groups.
//!
//! Source: R-ASG-1.

use serde_json::Value;

use crate::api::params::{defaulted, optional};
use crate::api::{ApiError, Call, Operation, Response, aws, group_shape, json, tag};
use crate::describe::{Kind, Source};
use crate::model::group::Group;
use crate::model::group_admin::Deletion;
use crate::model::settings::Provider;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingGroups.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:DescribeAutoScalingGroups",
    summary: "lists groups with their sizes, instances and traffic sources",
    params: &[
        optional(
            "AutoScalingGroupNames",
            Kind::List {
                of: &aws::GROUP_NAME,
                min: 0,
                max: usize::MAX,
            },
            "only these groups; a name of none is left out of the answer",
            API,
        ),
        defaulted(
            "IncludeInstances",
            Kind::Boolean,
            "true",
            "whether instances are listed",
            API,
        ),
        optional(
            "IncludeManagedResources",
            Kind::Boolean,
            "accepted without effect: nothing is managed by another service",
            API,
        ),
        optional(
            "Filters",
            Kind::List {
                of: &Kind::Struct(tag::FILTER),
                min: 0,
                max: usize::MAX,
            },
            "only groups with such tags: tag-key, tag-value, tag:<key>",
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
            "most groups in one answer",
            API,
        ),
    ],
    errors: &[aws::VALIDATION_ERROR, aws::INVALID_NEXT_TOKEN],
    deviations: &[
        "only what drainsim knows of a group is answered; HealthStatus is Unhealthy once the \
         machine no longer runs",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let names = fields.texts("AutoScalingGroupNames");
    let filters = tag::filters(fields)?;
    let wanted = |group: &&Group| {
        group.provider == Provider::Aws
            && group.deletion != Deletion::Done
            && filters.iter().all(|filter| filter.passes(group))
            && (names.is_empty() || names.contains(&group.name.as_str()))
    };
    let all: Vec<&Group> = call.cloud.groups.iter().filter(wanted).collect();
    let (page, token) = aws::page(fields, 50, all)?;
    let with_members = fields.get("IncludeInstances").is_none() || fields.flag("IncludeInstances");
    let shown = page.into_iter();
    let page = shown.map(|group| group_shape::group(call.cloud, group, with_members));
    Ok(json::paged("AutoScalingGroups", page.collect(), token))
}
