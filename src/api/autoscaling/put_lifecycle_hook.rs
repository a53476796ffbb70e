//! `autoscaling:PutLifecycleHook`: from now on, instances wait for something when they come or go.
//!
//! Source: R-HOOK-1, R-HOOK-2.

use serde_json::{Value, json};

use crate::api::params::required;
use crate::api::{ApiError, Call, Operation, Response, aws, hooks, members};
use crate::describe::Source;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutLifecycleHook.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:PutLifecycleHook",
    summary: "makes the instances of a group wait when they are launched or terminated, or changes \
              how they do",
    params: &[
        required(
            "LifecycleHookName",
            hooks::HOOK_NAME,
            "name of the hook, unique in its group",
            API,
        ),
        required(
            "AutoScalingGroupName",
            aws::GROUP_NAME,
            "name of the group",
            API,
        ),
        hooks::SETTINGS[0],
        hooks::SETTINGS[1],
        hooks::SETTINGS[2],
        hooks::SETTINGS[3],
        hooks::SETTINGS[4],
        hooks::SETTINGS[5],
    ],
    errors: &[
        aws::VALIDATION_ERROR,
        aws::LIMIT_EXCEEDED,
        aws::RESOURCE_CONTENTION,
    ],
    deviations: &[
        "nobody is notified, and no test message is sent",
        "actions under way keep the hook as it was (assumed)",
        "a new hook needs no role, whether it has a notification target or not",
        "the words for a range, a transition or a result that is not allowed are assumed",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let group = aws::group_or_null(call.cloud, fields.given("AutoScalingGroupName"))?;
    members::check_stands(call.cloud, group, "Lifecycle hooks may not be put")?;
    let name = fields.given("LifecycleHookName");
    let place = hooks::place(call.cloud, group, name);
    let all = &call.cloud.groups[group.index()].hooks;
    let hook = match place {
        Some(place) => hooks::changed(all[place].clone(), fields),
        None if all.len() >= hooks::LIMIT => {
            return Err(hooks::too_many());
        }
        None => hooks::new(name, fields)?,
    };
    aws::meet_contention(call)?;
    call.cloud.put_hook(group, hook);
    Ok(json!({}))
}
