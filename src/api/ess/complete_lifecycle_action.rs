//! `ess:CompleteLifecycleAction`: what the instances of a scaling activity waited for is done.
//!
//! Source: R-ESS-17, R-ESS-18.

use serde_json::{Map, Value};

use crate::api::alibaba::{self, CLIENT_TOKEN};
use crate::api::params::{optional, required};
use crate::api::{ApiError, Call, Operation, Response, scaling_group_hooks};
use crate::describe::Source;
use crate::model::hook::ActionResult;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-completelifecycleaction",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:CompleteLifecycleAction",
    summary: "ends the wait for a lifecycle hook, of every instance that waits under the token",
    params: &[
        alibaba::ANY_REGION_ID,
        required(
            "LifecycleHookId",
            scaling_group_hooks::HOOK_ID,
            "id of the hook",
            API,
        ),
        required(
            "LifecycleActionToken",
            scaling_group_hooks::TOKEN,
            "token of the action, as DescribeLifecycleActions tells it",
            API,
        ),
        optional(
            "LifecycleActionResult",
            scaling_group_hooks::RESULT,
            "CONTINUE to go on, ABANDON to end the other waits and go on or release who comes, \
             ROLLBACK to put who goes back; the default result of the hook if left out",
            API,
        ),
        CLIENT_TOKEN,
    ],
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        alibaba::PARAMETER_MISMATCH,
        scaling_group_hooks::NO_ACTION,
    ],
    deviations: &[scaling_group_hooks::MISSPELT],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let checked = alibaba::check(OPERATION.params, params)?;
    let fields = checked.fields();
    let hook = fields.given("LifecycleHookId");
    let action_token = fields.given("LifecycleActionToken");
    let result = fields.text("LifecycleActionResult");
    let asked = (fields.text("RegionId"), hook, action_token, result);
    let token = fields.text("ClientToken");
    alibaba::once(call, OPERATION.name, token, &asked, |call| {
        for id in scaling_group_hooks::actions(call.cloud, hook, action_token)? {
            let action = &call.cloud.lifecycle_actions[id.index()];
            if action.result.is_none() {
                let result = result.and_then(ActionResult::named);
                let result = result.unwrap_or(action.hook.default_result);
                call.cloud.complete_action(call.cx, id, result);
            }
        }
        Ok(Map::new())
    })
}
