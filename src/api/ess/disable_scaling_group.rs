//! `ess:DisableScalingGroup`: a scaling group begins no activity any more.
//!
//! Source: R-ESS-12.

use serde_json::{Map, Value};

use crate::api::alibaba::{self, ANY_REGION_ID};
use crate::api::{ApiError, Call, Operation, Response, scaling_group};
use crate::describe::Source;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-disablescalinggroup",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:DisableScalingGroup",
    summary: "stops a scaling group from beginning scaling activities; one under way goes on",
    params: &[ANY_REGION_ID, scaling_group::ID],
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        alibaba::GROUP_NOT_FOUND,
        alibaba::GROUP_STATUS,
    ],
    deviations: &["with which code a group that is not enabled is refused is assumed"],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let checked = alibaba::check(OPERATION.params, params)?;
    let fields = checked.fields();
    let group = alibaba::group(call.cloud, fields.given("ScalingGroupId"))?;
    alibaba::check_active(call.cloud, group)?;
    call.cloud.ess_disable_group(group);
    Ok(alibaba::answer(call, Map::new()))
}
