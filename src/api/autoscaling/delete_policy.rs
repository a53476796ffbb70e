//! `autoscaling:DeletePolicy`: a group loses a scaling policy; what it began goes on.
//!
//! Source: R-POLICY-1.

use serde_json::{Value, json};

use crate::api::params::{optional, required};
use crate::api::{ApiError, Call, Operation, Response, aws, scaling_policy};
use crate::describe::Source;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeletePolicy.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:DeletePolicy",
    summary: "deletes a scaling policy and its alarms; a scaling under way and its cooldown go on",
    params: &[
        optional(
            "AutoScalingGroupName",
            aws::GROUP_NAME,
            "name of the group; needed unless the policy is named by its ARN (assumed)",
            API,
        ),
        required(
            "PolicyName",
            aws::xml(1, 1600),
            "name or ARN of the policy",
            API,
        ),
    ],
    errors: &[aws::VALIDATION_ERROR, aws::RESOURCE_CONTENTION],
    deviations: &["the text for a policy that does not exist is assumed"],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let (group, place) = scaling_policy::named(call.cloud, fields)?;
    aws::meet_contention(call)?;
    call.cloud.delete_policy(call.cx, group, place);
    Ok(json!({}))
}
