//! `ess:ModifyLifecycleHook`: instances of a scaling group wait otherwise from now on.
//!
//! Source: R-ESS-15.

use serde_json::{Map, Value};

use crate::api::alibaba;
use crate::api::{ApiError, Call, Operation, Response, scaling_group_hooks};
use crate::describe::Source;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-modifylifecyclehook",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:ModifyLifecycleHook",
    summary: "changes a lifecycle hook of a scaling group; what is not said stays",
    params: &[
        alibaba::ANY_REGION_ID,
        scaling_group_hooks::NAMED[0],
        scaling_group_hooks::NAMED[1],
        scaling_group_hooks::NAMED[2],
        scaling_group_hooks::OTHER_TRANSITION,
        scaling_group_hooks::SETTINGS[0],
        scaling_group_hooks::SETTINGS[1],
        scaling_group_hooks::SETTINGS[2],
        scaling_group_hooks::SETTINGS[3],
    ],
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        alibaba::GROUP_NOT_FOUND,
        scaling_group_hooks::NO_ID,
        scaling_group_hooks::NO_NAME,
    ],
    deviations: &[
        scaling_group_hooks::MISSPELT,
        "a hook cannot be disabled: LifecycleHookStatus is not a parameter",
        "actions under way keep the hook as it was (assumed)",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let checked = alibaba::check(OPERATION.params, params)?;
    let fields = checked.fields();
    let (group, place) = scaling_group_hooks::named(call.cloud, fields)?;
    let hook = call.cloud.groups[group.index()].hooks[place].clone();
    let hook = scaling_group_hooks::changed(hook, fields);
    call.cloud.put_hook(group, hook);
    Ok(alibaba::answer(call, Map::new()))
}
