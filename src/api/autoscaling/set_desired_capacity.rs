//! `autoscaling:SetDesiredCapacity`: a group grows or shrinks to a size.
//!
//! Source: R-ASG-3, R-POLICY-3.

use serde_json::{Value, json};

use crate::api::params::{defaulted, required};
use crate::api::{ApiError, Call, Operation, Response, aws};
use crate::describe::{Kind, Source};

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_SetDesiredCapacity.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:SetDesiredCapacity",
    summary: "sets the desired capacity of a group between its sizes",
    params: &[
        required(
            "AutoScalingGroupName",
            aws::GROUP_NAME,
            "name of the group",
            API,
        ),
        required(
            "DesiredCapacity",
            aws::INTEGER,
            "instances the group is to have",
            API,
        ),
        defaulted(
            "HonorCooldown",
            Kind::Boolean,
            "false",
            "whether the call is refused while a scaling is in progress or cooling down",
            API,
        ),
    ],
    errors: &[
        aws::VALIDATION_ERROR,
        aws::SCALING_ACTIVITY_IN_PROGRESS,
        aws::RESOURCE_CONTENTION,
    ],
    deviations: &[
        "that the call itself begins a default cooldown is assumed: setting \
         asg.manual_scaling_cooldown",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let group = aws::group_or_null(call.cloud, fields.given("AutoScalingGroupName"))?;
    let wanted = fields.integer("DesiredCapacity").unwrap_or_default();
    let entry = &call.cloud.groups[group.index()];
    aws::check_stands(entry)?;
    let (min, max) = (entry.min_size, entry.max_size);
    let limit = if wanted > i64::from(max) {
        Some(("above max", max))
    } else if wanted < i64::from(min) {
        Some(("below min", min))
    } else {
        None
    };
    if let Some((side, limit)) = limit {
        return Err(aws::validation_error(format!(
            "New SetDesiredCapacity value {wanted} is {side} value {limit} for the \
             AutoScalingGroup."
        )));
    }
    let desired = u32::try_from(wanted).expect("it is between the sizes of the group");
    if fields.flag("HonorCooldown") {
        aws::check_cooldown(call, group)?;
    }
    aws::meet_contention(call)?;
    call.cloud.request_capacity(call.cx, group, desired);
    Ok(json!({}))
}
