//! `ess:RecordLifecycleActionHeartbeat`: what the instances of a scaling activity wait for takes
//! longer.
//!
//! Source: R-ESS-16.

use serde_json::{Map, Value};

use crate::api::alibaba;
use crate::api::params::{defaulted, required};
use crate::api::{ApiError, Call, Operation, Response, scaling_group_hooks};
use crate::describe::Source;
use crate::engine::time::SimDuration;
use crate::model::ess_hook::MOST_BEATS;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-recordlifecycleactionheartbeat",
);

const TOO_LONG: &str = "LifecycleAction.TimeExceeded";
const TOO_OFTEN: &str = "LifecycleAction.RecordTimesExceeded";

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:RecordLifecycleActionHeartbeat",
    summary: "lets the instances that wait for a lifecycle hook under a token wait longer",
    params: &[
        alibaba::ANY_REGION_ID,
        required(
            "lifecycleHookId",
            scaling_group_hooks::HOOK_ID,
            "id of the hook",
            API,
        ),
        required(
            "lifecycleActionToken",
            scaling_group_hooks::TOKEN,
            "token of the action, as DescribeLifecycleActions tells it",
            API,
        ),
        defaulted(
            "heartbeatTimeout",
            scaling_group_hooks::TIMEOUT,
            "600",
            "how long they wait from now on [s]",
            API,
        ),
    ],
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        scaling_group_hooks::NO_ACTION,
        TOO_LONG,
        TOO_OFTEN,
    ],
    deviations: &[
        scaling_group_hooks::MISSPELT,
        "that the time counts from the call on is assumed",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let checked = alibaba::check(OPERATION.params, params)?;
    let fields = checked.fields();
    let span = scaling_group_hooks::seconds(fields, "heartbeatTimeout")
        .unwrap_or(SimDuration::from_secs(600));
    let actions = scaling_group_hooks::actions(
        call.cloud,
        fields.given("lifecycleHookId"),
        fields.given("lifecycleActionToken"),
    )?;
    for &id in &actions {
        if call.cloud.lifecycle_actions[id.index()].beats >= MOST_BEATS {
            let message = "The specified lifecycleAction exceed lifecycleAction max record times.";
            return Err(alibaba::error(TOO_OFTEN, 400, message));
        }
        if call.cloud.exceeds_longest_wait(call.cx.now, id, span) {
            let message =
                "The specified parameter heartbeatTime exceed lifecycleAction max suspend time.";
            return Err(alibaba::error(TOO_LONG, 400, message));
        }
    }
    for id in actions {
        call.cloud.extend_action(call.cx, id, span);
    }
    Ok(alibaba::answer(call, Map::new()))
}
