//! `ess:ExitStandby`: members that stood by serve again.
//!
//! Source: R-ESS-40.

use serde_json::Value;

use crate::api::{ApiError, Call, Operation, Response, ess_standby};
use crate::describe::Source;
use crate::model::ess_standby::Standby;

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:ExitStandby",
    summary: "takes instances off standby: they serve again, with their weight",
    params: ess_standby::PARAMS,
    errors: ess_standby::ERRORS,
    deviations: &[
        "behind a Classic Load Balancer an instance has weight 50 afterwards, elsewhere that with \
         which the server group is attached (assumed)",
        "without Async no scaling activity tells of it, and one under way does not matter (assumed)",
        "a protected instance is in a state of its own, which is refused (assumed)",
    ],
    source: Source::Documented(
        "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-exitstandby",
    ),
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    ess_standby::apply(call, &OPERATION, params, Standby::Exit)
}
