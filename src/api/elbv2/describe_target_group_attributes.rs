//! `elasticloadbalancing:DescribeTargetGroupAttributes`: how a target group drains and is routed to.
//!
//! Source: R-TARGET-7.

use serde_json::{Value, json};

use crate::api::params::required;
use crate::api::{ApiError, Call, Operation, Response, attribute, aws, target_group};
use crate::describe::Source;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetGroupAttributes.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "elasticloadbalancing:DescribeTargetGroupAttributes",
    summary: "tells the attributes of a target group",
    params: &[required(
        "TargetGroupArn",
        aws::TARGET_GROUP_ARN,
        "ARN of the target group",
        API,
    )],
    errors: &[aws::VALIDATION_ERROR, aws::TARGET_GROUP_NOT_FOUND],
    deviations: &["which of them have an effect, the operation that sets them says"],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let id = target_group::named(call.cloud, fields.given("TargetGroupArn"))?;
    let attributes = attribute::told(call.cloud, id);
    Ok(json!({ "Attributes": attributes }))
}
