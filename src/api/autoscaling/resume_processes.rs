//! `autoscaling:ResumeProcesses`: a group does again what it was told not to do.
//!
//! Source: R-PROC-1.

use serde_json::{Value, json};

use crate::api::params::{optional, required};
use crate::api::{ApiError, Call, Operation, Response, aws, members, processes};
use crate::describe::Source;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_ResumeProcesses.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:ResumeProcesses",
    summary: "lets a group do again what was suspended; it catches up",
    params: &[
        required(
            "AutoScalingGroupName",
            aws::GROUP_NAME,
            "name of the group",
            API,
        ),
        optional(
            "ScalingProcesses",
            processes::PROCESSES,
            "what to resume; everything if left out or empty",
            API,
        ),
    ],
    errors: &[aws::VALIDATION_ERROR, aws::RESOURCE_CONTENTION],
    deviations: &[
        "ResourceInUse is never answered: when it would be is not documented",
        "the words for a process that does not exist are assumed",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let group = aws::group_or_null(call.cloud, fields.given("AutoScalingGroupName"))?;
    members::check_stands(call.cloud, group, "Processes may not be resumed")?;
    let named = processes::named(fields);
    aws::meet_contention(call)?;
    call.cloud.resume_processes(call.cx, group, &named);
    Ok(json!({}))
}
