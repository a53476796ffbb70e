//! `ess:DescribeLifecycleHooks`: the lifecycle hooks of scaling groups.
//!
//! Source: R-ESS-15.

use serde_json::{Value, json};

use crate::api::alibaba;
use crate::api::params::{defaulted, optional};
use crate::api::{ApiError, Call, Operation, Response, scaling_group, scaling_group_hooks};
use crate::describe::{Kind, Source};
use crate::engine::time::NANOS_PER_SECOND;
use crate::model::group::Group;
use crate::model::hook::Hook;
use crate::model::settings::Provider;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-describelifecyclehooks",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:DescribeLifecycleHooks",
    summary: "lists lifecycle hooks of scaling groups",
    params: &[
        alibaba::ANY_REGION_ID,
        optional(
            "ScalingGroupId",
            scaling_group::GROUP_ID,
            "only hooks of this scaling group",
            API,
        ),
        optional(
            "LifecycleHookName",
            Kind::Text { min: 1, max: 64 },
            "only hooks of this name",
            API,
        ),
        optional(
            "LifecycleHookIds",
            Kind::List {
                of: &scaling_group_hooks::HOOK_ID,
                min: 1,
                max: 50,
            },
            "only these hooks",
            API,
        ),
        optional(
            "LifecycleHookId.N",
            scaling_group_hooks::HOOK_ID,
            "the N-th of them, as older SDKs send it",
            API,
        ),
        scaling_group::PAGE_NUMBER,
        defaulted(
            "PageSize",
            Kind::Integer { min: 1, max: 50 },
            "50",
            "entries on a page",
            API,
        ),
    ],
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        alibaba::GROUP_NOT_FOUND,
    ],
    deviations: &["a hook that notifies nobody has no NotificationArn here"],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let checked = alibaba::check(OPERATION.params, params)?;
    let fields = checked.fields();
    let group = fields
        .text("ScalingGroupId")
        .map(|id| alibaba::group(call.cloud, id))
        .transpose()?;
    let ids = fields.texts("LifecycleHookIds");
    let name = fields.text("LifecycleHookName");
    let groups = call.cloud.groups.iter().enumerate();
    let groups = groups.filter(|(index, entry)| {
        entry.provider == Provider::Alibaba
            && !entry.is_gone()
            && group.is_none_or(|group| group.index() == *index)
    });
    let hooks = groups.flat_map(|(_, entry)| entry.hooks.iter().map(move |hook| (entry, hook)));
    let found: Vec<(&Group, &Hook)> = hooks
        .filter(|(_, hook)| {
            (ids.is_empty() || ids.contains(&hook.id.as_str()))
                && name.is_none_or(|name| name == hook.name)
        })
        .collect();
    let body = scaling_group::sized_page(fields, "LifecycleHooks", &found, 50, shape);
    Ok(alibaba::answer(call, body))
}

fn shape((group, hook): (&Group, &Hook)) -> Value {
    let mut shape = json!({
        "LifecycleHookId": hook.id,
        "LifecycleHookName": hook.name,
        "LifecycleHookStatus": "Active",
        "ScalingGroupId": group.identifier,
        "LifecycleTransition": hook.transition.ess_name(),
        "HeartbeatTimeout": hook.heartbeat.as_nanos() / NANOS_PER_SECOND,
        "DefaultResult": hook.default_result.name(),
    });
    for (key, text) in [
        ("NotificationArn", &hook.notification_target),
        ("NotificationMetadata", &hook.metadata),
    ] {
        if let Some(text) = text {
            shape[key] = json!(text);
        }
    }
    shape
}
