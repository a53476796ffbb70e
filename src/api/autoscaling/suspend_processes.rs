//! `autoscaling:SuspendProcesses`: a group no longer does some of what it does by itself.
//!
//! Source: R-PROC-1.

use serde_json::{Value, json};

use crate::api::params::{optional, required};
use crate::api::{ApiError, Call, Operation, Response, aws, members, processes};
use crate::describe::Source;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_SuspendProcesses.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:SuspendProcesses",
    summary: "stops a group from doing some of what it does by itself, or all of it",
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
            "what to suspend; everything if left out or empty",
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
    members::check_stands(call.cloud, group, "Processes may not be suspended")?;
    let named = processes::named(fields);
    aws::meet_contention(call)?;
    call.cloud.suspend_processes(group, &named);
    Ok(json!({}))
}
