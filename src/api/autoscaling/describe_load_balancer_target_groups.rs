//! `autoscaling:DescribeLoadBalancerTargetGroups`: target groups of a group, and those
//! still leaving.
//!
//! The older form of `DescribeTrafficSources`. Source: R-ASG-9, R-SOURCE-2.

use serde_json::Value;

use crate::api::attachment::{self, OLDER_DEVIATION};
use crate::api::traffic_source::SourceType;
use crate::api::{ApiError, Call, Operation, Response, aws};
use crate::describe::Source;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeLoadBalancerTargetGroups.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:DescribeLoadBalancerTargetGroups",
    summary: "lists the target groups of a group with their states",
    params: &attachment::describing(API),
    errors: &[aws::VALIDATION_ERROR, aws::INVALID_NEXT_TOKEN],
    deviations: &[OLDER_DEVIATION],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let keys = ["LoadBalancerTargetGroups", "LoadBalancerTargetGroupARN"];
    attachment::describe(call, fields, SourceType::TargetGroup, keys)
}
