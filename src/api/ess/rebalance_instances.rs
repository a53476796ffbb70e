//! `ess:RebalanceInstances`: the zones of a scaling group are evened out.
//!
//! Source: R-ESS-25.

use serde_json::Value;

use crate::api::alibaba::{self, ANY_REGION_ID};
use crate::api::{ApiError, Call, Operation, Response, scaling_group};
use crate::describe::Source;
use crate::model::scaling_process::ScalingProcess;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-rebalanceinstances",
);

/// The group is not balanced, or balanced already.
/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:RebalanceInstances",
    summary: "replaces instances of full zones by new ones in others, which are launched first",
    params: &[ANY_REGION_ID, scaling_group::ID],
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        alibaba::GROUP_NOT_FOUND,
        alibaba::IN_PROGRESS,
        alibaba::OPERATION_DENIED,
        alibaba::GROUP_STATUS,
    ],
    deviations: &[
        "zones are significantly unbalanced where one has two instances more than another (assumed)",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let checked = alibaba::check(OPERATION.params, params)?;
    let fields = checked.fields();
    let group = alibaba::group(call.cloud, fields.given("ScalingGroupId"))?;
    alibaba::check_may_begin(call.cloud, group, Some(ScalingProcess::Launch))?;
    alibaba::check_process(call.cloud, group, ScalingProcess::Terminate)?;
    let even = call.cloud.groups[group.index()].keeps_zones_even();
    if !even || call.cloud.ess_misplaced(group) == 0 {
        return Err(alibaba::denied());
    }
    let activity = call.cloud.ess_rebalance(call.cx, group);
    let body = alibaba::activity(call.cloud, activity);
    Ok(alibaba::answer(call, body))
}
