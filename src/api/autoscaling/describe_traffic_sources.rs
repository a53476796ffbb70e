//! `autoscaling:DescribeTrafficSources`: what is attached to a group, and what is still leaving.
//!
//! It tells of all of them, whichever call attached them. Source: R-ASG-9, R-SOURCE-2.

use serde_json::{Value, json};

use crate::api::params::{defaulted, optional, required};
use crate::api::traffic_source::SourceType;
use crate::api::{ApiError, Call, Operation, Response, aws, json};
use crate::describe::{Kind, Source};

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeTrafficSources.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:DescribeTrafficSources",
    summary: "lists the traffic sources of a group with their states",
    params: &[
        required(
            "AutoScalingGroupName",
            aws::GROUP_NAME,
            "name of the group",
            API,
        ),
        optional(
            "TrafficSourceType",
            aws::xml(1, 255),
            "only sources of this type: `elb`, `elbv2` or `vpc-lattice`",
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
            Kind::Integer { min: 1, max: 50 },
            "50",
            "most sources in one answer",
            API,
        ),
    ],
    errors: &[aws::VALIDATION_ERROR, aws::INVALID_NEXT_TOKEN],
    deviations: &["that it also tells of what older calls attached is assumed"],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let group = aws::group_or_null(call.cloud, fields.given("AutoScalingGroupName"))?;
    let wanted = fields
        .text("TrafficSourceType")
        .map(SourceType::named)
        .transpose()?;
    let mut all = Vec::new();
    for source in &call.cloud.groups[group.index()].sources {
        let source_type = SourceType::of(call.cloud, source.target_group);
        if wanted.is_some_and(|wanted| wanted != source_type) {
            continue;
        }
        let identifier = &call.cloud.target_groups[source.target_group.index()].identifier;
        all.push(json!({
            "Identifier": identifier,
            // superseded by Identifier, still answered
            "TrafficSource": identifier,
            "State": source.state.name(),
            "Type": source_type.name(),
        }));
    }
    let (page, token) = aws::page(fields, 50, all)?;
    Ok(json::paged("TrafficSources", page, token))
}
