//! `autoscaling:DescribeLifecycleHooks`: the lifecycle hooks of a group.
//!
//! Source: R-HOOK-2.

use serde_json::{Value, json};

use crate::api::params::{optional, required};
use crate::api::{ApiError, Call, Operation, Response, aws, hooks};
use crate::describe::{Kind, Source};
use crate::engine::time::NANOS_PER_SECOND;
use crate::model::hook::Hook;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeLifecycleHooks.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:DescribeLifecycleHooks",
    summary: "lists the lifecycle hooks of a group",
    params: &[
        required(
            "AutoScalingGroupName",
            aws::GROUP_NAME,
            "name of the group",
            API,
        ),
        optional(
            "LifecycleHookNames",
            Kind::List {
                of: &hooks::HOOK_NAME,
                min: 0,
                max: 50,
            },
            "only these hooks; a name of none is left out of the answer (assumed)",
            API,
        ),
    ],
    errors: &[aws::VALIDATION_ERROR],
    deviations: &["ResourceContention is never answered to a call that only describes"],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let group = aws::group_or_null(call.cloud, fields.given("AutoScalingGroupName"))?;
    let group = &call.cloud.groups[group.index()];
    let names = fields.texts("LifecycleHookNames");
    let wanted = |hook: &&Hook| names.is_empty() || names.contains(&hook.name.as_str());
    let shown = group.hooks.iter().filter(wanted);
    let shown: Vec<Value> = shown.map(|hook| shape(&group.name, hook)).collect();
    Ok(json!({ "LifecycleHooks": shown }))
}

fn shape(group: &str, hook: &Hook) -> Value {
    let mut shape = json!({
        "LifecycleHookName": hook.name,
        "AutoScalingGroupName": group,
        "LifecycleTransition": hook.transition.name(),
        "HeartbeatTimeout": hook.heartbeat.as_nanos() / NANOS_PER_SECOND,
        "GlobalTimeout": hook.global_timeout().as_nanos() / NANOS_PER_SECOND,
        "DefaultResult": hook.default_result.name(),
    });
    for (key, text) in [
        ("NotificationTargetARN", &hook.notification_target),
        ("RoleARN", &hook.role),
        ("NotificationMetadata", &hook.metadata),
    ] {
        if let Some(text) = text {
            shape[key] = json!(text);
        }
    }
    shape
}
