//! `ess:SuspendProcesses`: a scaling group no longer does some of what it does.
//!
//! Source: R-ESS-14.

use serde_json::{Map, Value};

use crate::api::alibaba::{self, ANY_REGION_ID, CLIENT_TOKEN};
use crate::api::{ApiError, Call, Operation, Response, processes, scaling_group};
use crate::describe::Source;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-suspendprocesses",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:SuspendProcesses",
    summary: "stops a scaling group from some of what it does: calls that are part of it are refused",
    params: &[
        ANY_REGION_ID,
        scaling_group::ID,
        processes::OF_SCALING_GROUP,
        processes::OF_SCALING_GROUP_N,
        CLIENT_TOKEN,
    ],
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        alibaba::GROUP_NOT_FOUND,
        alibaba::PARAMETER_MISMATCH,
    ],
    deviations: &[
        "AlarmNotification and ScheduledAction have no effect: no scaling group does either yet",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = alibaba::check(OPERATION.params, params)?;
    let request = processes::of_scaling_group(fields)?;
    let token = fields.text("ClientToken");
    let asked = (fields.text("RegionId"), &request);
    alibaba::once(call, OPERATION.name, token, &asked, |call| {
        let group = alibaba::group(call.cloud, request.group)?;
        call.cloud.suspend_processes(group, &request.processes);
        Ok(Map::new())
    })
}
