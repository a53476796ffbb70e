//! `ess:ResumeProcesses`: a scaling group does again what it was stopped from.
//!
//! Source: R-ESS-14.

use serde_json::Value;

use crate::api::{ApiError, Call, Operation, Response, processes};
use crate::describe::Source;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-resumeprocesses",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:ResumeProcesses",
    summary: "lets a scaling group do again what it was stopped from",
    params: processes::PARAMS,
    errors: processes::ERRORS,
    deviations: processes::DEVIATIONS,
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    processes::of_scaling_group(call, &OPERATION, params, |call, group, processes| {
        call.cloud.resume_processes(call.cx, group, processes);
    })
}
