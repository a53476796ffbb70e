//! `ess:EnterStandby`: members stop serving for a while without leaving their group.
//!
//! Source: R-ESS-40.

use serde_json::Value;

use crate::api::{ApiError, Call, Operation, Response, ess_standby};
use crate::describe::Source;
use crate::model::ess_standby::Standby;

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:EnterStandby",
    summary: "puts instances on standby: they stay in their server groups with weight 0, so what is in flight \
              finishes and nothing new comes",
    params: ess_standby::PARAMS,
    errors: ess_standby::ERRORS,
    deviations: &[
        "a GWLB has no weights: it goes on sending to an instance on standby (assumed)",
        "whether server groups of ALB and NLB are weighed as Classic Load Balancers are, as the newer \
         of two pages has it, is assumed",
        "without Async no scaling activity tells of it, and one under way does not matter (assumed)",
        "a protected instance is in a state of its own, which is refused (assumed)",
    ],
    source: Source::Documented(
        "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-enterstandby",
    ),
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    ess_standby::apply(call, &OPERATION, params, Standby::Enter)
}
