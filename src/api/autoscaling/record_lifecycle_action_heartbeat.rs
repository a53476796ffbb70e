//! `autoscaling:RecordLifecycleActionHeartbeat`: what an instance waits for takes longer.
//!
//! Source: R-HOOK-2.

use serde_json::{Value, json};

use crate::api::params::{optional, required};
use crate::api::{ApiError, Call, Operation, Response, aws, hooks};
use crate::describe::Source;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RecordLifecycleActionHeartbeat.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:RecordLifecycleActionHeartbeat",
    summary: "gives a lifecycle action its whole heartbeat timeout again",
    params: &[
        required(
            "LifecycleHookName",
            hooks::HOOK_NAME,
            "name of the hook",
            API,
        ),
        required(
            "AutoScalingGroupName",
            hooks::GROUP_NAME,
            "name of the group",
            API,
        ),
        optional(
            "LifecycleActionToken",
            hooks::TOKEN,
            "token of the action; this or InstanceId, and if both, both must fit (assumed)",
            API,
        ),
        optional("InstanceId", aws::INSTANCE_ID, "id of the instance", API),
    ],
    errors: &[aws::VALIDATION_ERROR, aws::RESOURCE_CONTENTION],
    deviations: &["a hook that does not exist is answered like an action that does not (assumed)"],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let action = hooks::action(call.cloud, fields)?;
    aws::meet_contention(call)?;
    call.cloud.record_heartbeat(call.cx, action);
    Ok(json!({}))
}
