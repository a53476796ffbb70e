//! `autoscaling:DeleteLifecycleHook`: instances wait for a hook no longer, those that do included.
//!
//! Source: R-HOOK-6.

use serde_json::{Value, json};

use crate::api::params::required;
use crate::api::{ApiError, Call, Operation, Response, aws, hooks};
use crate::describe::Source;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteLifecycleHook.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:DeleteLifecycleHook",
    summary: "deletes a lifecycle hook; its actions under way are abandoned for instances that are \
              launched and continued for those that are terminated",
    params: &[
        required(
            "LifecycleHookName",
            hooks::HOOK_NAME,
            "name of the hook",
            API,
        ),
        required(
            "AutoScalingGroupName",
            aws::GROUP_NAME,
            "name of the group",
            API,
        ),
    ],
    errors: &[aws::VALIDATION_ERROR, aws::RESOURCE_CONTENTION],
    deviations: &["of the message for a hook that does not exist only the beginning is known"],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let group = aws::group_or_null(call.cloud, fields.given("AutoScalingGroupName"))?;
    let name = fields.given("LifecycleHookName");
    let Some(place) = hooks::place(call.cloud, group, name) else {
        return Err(aws::validation_error(format!(
            "No Lifecycle Hook found with name {name} in AutoScalingGroup {}",
            call.cloud.groups[group.index()].name
        )));
    };
    aws::meet_contention(call)?;
    call.cloud.delete_hook(call.cx, group, place);
    Ok(json!({}))
}
