//! `elasticloadbalancing:DeleteTargetGroup`: a target group that nothing forwards to is no more.
//!
//! Source: R-TARGET-8.

use serde_json::{Value, json};

use crate::api::params::required;
use crate::api::{ApiError, Call, Operation, Response, aws, target_group};
use crate::describe::Source;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteTargetGroup.html",
);

const RESOURCE_IN_USE: &str = "ResourceInUse";

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "elasticloadbalancing:DeleteTargetGroup",
    summary: "deletes a target group that no listener or rule forwards to",
    params: &[required(
        "TargetGroupArn",
        aws::TARGET_GROUP_ARN,
        "ARN of the target group",
        API,
    )],
    errors: &[aws::VALIDATION_ERROR, RESOURCE_IN_USE],
    deviations: &[
        "deleting a target group that does not exist succeeds (assumed: its errors are not listed)",
        "a group that has it as a traffic source keeps it, and its instances no longer count as \
         serving",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let arn = fields.given("TargetGroupArn");
    if let Ok(id) = target_group::named(call.cloud, arn) {
        if call.cloud.is_forwarded_to(id) {
            return Err(aws::error(
                RESOURCE_IN_USE,
                format!("Target group '{arn}' is currently in use by a listener or a rule"),
            ));
        }
        call.cloud.delete_target_group(call.cx, id);
    }
    Ok(json!({}))
}
