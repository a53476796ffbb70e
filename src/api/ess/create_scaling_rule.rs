//! `ess:CreateScalingRule`: a scaling group gets a rule that can be executed.
//!
//! Source: R-ESS-23.

use serde_json::{Map, Value, json};

use crate::api::alibaba::{self, ANY_REGION_ID};
use crate::api::params::{defaulted, optional};
use crate::api::scaling_rule::{self, METRIC, NAME, NO_MAGNITUDE, STEP, STEP_ERRORS};
use crate::api::{ApiError, Call, Operation, Response, capacity_adjustment, scaling_group};
use crate::describe::{Kind, Source};
use crate::model::scaling_rule::ScalingRule;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-createscalingrule",
);

/// Another rule has this name.
const DUPLICATE: &str = "InvalidScalingRuleName.Duplicate";

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:CreateScalingRule",
    summary: "creates a simple or a step scaling rule; nothing scales before it is executed",
    params: &[
        ANY_REGION_ID,
        scaling_group::ID,
        optional(
            "ScalingRuleName",
            NAME,
            "2 to 64 letters, digits, `_`, `-` and `.`, the first a letter or digit; its id if \
             left out",
            API,
        ),
        defaulted(
            "ScalingRuleType",
            Kind::OneOf(&["SimpleScalingRule", "StepScalingRule"]),
            "SimpleScalingRule",
            "what it does; target tracking and predictive rules are not modelled",
            API,
        ),
        optional(
            "AdjustmentType",
            capacity_adjustment::TYPE,
            capacity_adjustment::TYPE_DOC,
            API,
        ),
        optional(
            "AdjustmentValue",
            capacity_adjustment::VALUE,
            capacity_adjustment::VALUE_DOC,
            API,
        ),
        capacity_adjustment::min_magnitude(API),
        optional(
            "Cooldown",
            Kind::Integer { min: 0, max: 86400 },
            "time after a simple rule in which no event executes another [s]; kept and shown, \
             there are no events",
            API,
        ),
        optional(
            "StepAdjustments",
            Kind::List {
                of: &Kind::Struct(STEP),
                min: 1,
                max: usize::MAX,
            },
            "the steps of a step rule; this or one of the other spellings",
            API,
        ),
        optional(
            "StepAdjustment",
            Kind::Any,
            "the steps, as a list or as JSON text",
            API,
        ),
        optional(
            "StepAdjustment.N.MetricIntervalLowerBound",
            METRIC,
            "where the N-th step begins",
            API,
        ),
        optional(
            "StepAdjustment.N.MetricIntervalUpperBound",
            METRIC,
            "where it ends",
            API,
        ),
        optional(
            "StepAdjustment.N.ScalingAdjustment",
            capacity_adjustment::VALUE,
            "by how much it adjusts",
            API,
        ),
    ],
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        alibaba::GROUP_NOT_FOUND,
        DUPLICATE,
        NO_MAGNITUDE,
        STEP_ERRORS[0],
        STEP_ERRORS[1],
        STEP_ERRORS[2],
        STEP_ERRORS[3],
        STEP_ERRORS[4],
        STEP_ERRORS[5],
        STEP_ERRORS[6],
        STEP_ERRORS[7],
    ],
    deviations: &[
        "what a step adjusts by is checked for any adjustment type, and quotas are not checked",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let checked = alibaba::check(OPERATION.params, params)?;
    let fields = checked.fields();
    let name = fields.text("ScalingRuleName").unwrap_or_default();
    let allowed = |c: char| c.is_alphanumeric() || ['_', '-', '.'].contains(&c);
    let is_name = name.chars().count() >= 2
        && name.chars().all(allowed)
        && name.chars().next().is_some_and(char::is_alphanumeric);
    if !name.is_empty() && !is_name {
        return Err(alibaba::invalid("ScalingRuleName"));
    }
    let (adjustment, kind) = scaling_rule::kind(fields)?;
    let group = alibaba::group(call.cloud, fields.given("ScalingGroupId"))?;
    if !name.is_empty() && call.cloud.scaling_rules().any(|rule| rule.name == name) {
        let message = "The specified value of parameter \"ScalingRuleName\" is duplicated.";
        return Err(alibaba::error(DUPLICATE, 400, message));
    }
    let region = fields.text("RegionId").unwrap_or("cn-hangzhou");
    let rule = ScalingRule {
        id: String::new(),
        ari: String::new(),
        name: name.to_owned(),
        group,
        adjustment,
        kind,
    };
    let rule = call.cloud.add_scaling_rule(region, rule);
    let body = Map::from_iter([
        ("ScalingRuleId".to_owned(), json!(rule.id)),
        ("ScalingRuleAri".to_owned(), json!(rule.ari)),
    ]);
    Ok(alibaba::answer(call, body))
}
