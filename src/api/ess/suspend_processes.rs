//! `ess:SuspendProcesses`: a scaling group no longer does some of what it does.
//!
//! Source: R-ESS-14.

use serde_json::Value;

use crate::api::{ApiError, Call, Operation, Response, processes};
use crate::describe::Source;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-suspendprocesses",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:SuspendProcesses",
    summary: "stops a scaling group from some of what it does: calls that are part of it are refused",
    params: processes::PARAMS,
    errors: processes::ERRORS,
    deviations: processes::DEVIATIONS,
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    processes::of_scaling_group(call, &OPERATION, params, |call, group, processes| {
        call.cloud.suspend_processes(group, processes);
    })
}
