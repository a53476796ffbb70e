//! `ess:DeleteScalingRule`: a scaling group loses a rule; what it began goes on.
//!
//! Source: R-ESS-23.

use serde_json::{Map, Value};

use crate::api::alibaba::{self, ANY_REGION_ID};
use crate::api::params::required;
use crate::api::scaling_rule::{self, NAME, NOT_FOUND};
use crate::api::{ApiError, Call, Operation, Response};
use crate::describe::Source;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-deletescalingrule",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:DeleteScalingRule",
    summary: "deletes a scaling rule; a scaling activity under way goes on",
    params: &[
        ANY_REGION_ID,
        required("ScalingRuleId", NAME, "id of the rule", API),
    ],
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        NOT_FOUND,
    ],
    deviations: &[],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let checked = alibaba::check(OPERATION.params, params)?;
    let fields = checked.fields();
    let id = fields.given("ScalingRuleId");
    if !call.cloud.scaling_rules().any(|rule| rule.id == id) {
        return Err(scaling_rule::not_found());
    }
    call.cloud.delete_scaling_rule(id);
    Ok(alibaba::answer(call, Map::new()))
}
