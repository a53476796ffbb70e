//! `ess:CreateLifecycleHook`: from now on, instances of a scaling group wait for something when
//! they come or go.
//!
//! Source: R-ESS-15.

use serde_json::{Map, Value, json};

use crate::api::alibaba;
use crate::api::{ApiError, Call, Operation, Response, scaling_group, scaling_group_hooks};
use crate::describe::Source;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-createlifecyclehook",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:CreateLifecycleHook",
    summary: "makes the instances of a scaling group wait when they come or when they go",
    params: &[
        alibaba::ANY_REGION_ID,
        scaling_group::ID,
        scaling_group_hooks::NEW_TRANSITION,
        scaling_group_hooks::NEW_NAME,
        scaling_group_hooks::SETTINGS[0],
        scaling_group_hooks::SETTINGS[1],
        scaling_group_hooks::SETTINGS[2],
        scaling_group_hooks::SETTINGS[3],
    ],
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        alibaba::GROUP_NOT_FOUND,
        alibaba::GROUP_STATUS,
        scaling_group_hooks::DUPLICATE,
        scaling_group_hooks::QUOTA,
    ],
    deviations: &[
        scaling_group_hooks::MISSPELT,
        "nobody is notified: DescribeLifecycleActions tells the token",
        "actions under way keep the hook as it was (assumed)",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let checked = alibaba::check(OPERATION.params, params)?;
    let fields = checked.fields();
    let group = alibaba::group(call.cloud, fields.given("ScalingGroupId"))?;
    alibaba::check_not_deleting(call.cloud, group)?;
    scaling_group_hooks::check_new(&call.cloud.groups[group.index()].hooks, fields)?;
    let id = call.cloud.identifiers.alibaba_hook();
    let hook = scaling_group_hooks::new(id.clone(), fields);
    call.cloud.put_hook(group, hook);
    let body = Map::from_iter([("LifecycleHookId".to_owned(), json!(id))]);
    Ok(alibaba::answer(call, body))
}
