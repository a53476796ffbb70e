//! `ess:DeleteLifecycleHook`: instances wait for a hook no longer, those that do included.
//!
//! Source: R-ESS-15.

use serde_json::{Map, Value};

use crate::api::alibaba;
use crate::api::{ApiError, Call, Operation, Response, scaling_group_hooks};
use crate::describe::Source;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-deletelifecyclehook",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:DeleteLifecycleHook",
    summary: "deletes a lifecycle hook of a scaling group; who waits for it goes on",
    params: &[
        alibaba::ANY_REGION_ID,
        scaling_group_hooks::NAMED[0],
        scaling_group_hooks::NAMED[1],
        scaling_group_hooks::NAMED[2],
    ],
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        alibaba::GROUP_NOT_FOUND,
        scaling_group_hooks::NO_ID,
        scaling_group_hooks::NO_NAME,
    ],
    deviations: &["who waits goes on with the default result of the hook (assumed)"],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let checked = alibaba::check(OPERATION.params, params)?;
    let fields = checked.fields();
    let (group, place) = scaling_group_hooks::named(call.cloud, fields)?;
    call.cloud.delete_hook(call.cx, group, place);
    Ok(alibaba::answer(call, Map::new()))
}
