//! `autoscaling:CompleteLifecycleAction`: what an instance waited for is done, well or badly.
//!
//! Source: R-HOOK-3, R-HOOK-4.

use serde_json::{Value, json};

use crate::api::params::{optional, required};
use crate::api::{ApiError, Call, Operation, Response, aws, hooks};
use crate::describe::Source;
use crate::model::hook::ActionResult;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CompleteLifecycleAction.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:CompleteLifecycleAction",
    summary: "ends the wait of an instance for a lifecycle hook",
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
        required(
            "LifecycleActionResult",
            hooks::RESULT,
            "CONTINUE to go on, ABANDON to terminate the instance or end its other waits",
            API,
        ),
        optional("InstanceId", aws::INSTANCE_ID, "id of the instance", API),
    ],
    errors: &[aws::VALIDATION_ERROR, aws::RESOURCE_CONTENTION],
    deviations: &[
        "nobody is notified, so a script knows an action by its instance and not by its token",
        "a hook that does not exist is answered like an action that does not (assumed)",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let action = hooks::action(call.cloud, fields)?;
    let result = ActionResult::named(fields.given("LifecycleActionResult"));
    let result = result.expect("the check knows the results");
    aws::meet_contention(call)?;
    call.cloud.complete_action(call.cx, action, result);
    Ok(json!({}))
}
