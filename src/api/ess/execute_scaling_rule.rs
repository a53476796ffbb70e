//! `ess:ExecuteScalingRule`: a scaling group does now what a rule says.
//!
//! Source: R-ESS-23.

use serde_json::{Map, Value};

use crate::api::alibaba::{self, ANY_REGION_ID, CLIENT_TOKEN};
use crate::api::params::{Fields, double, optional, required};
use crate::api::scaling_rule::{ARI, METRIC, METRIC_LIMIT};
use crate::api::{ApiError, Call, Operation, Response, capacity_adjustment};
use crate::describe::Source;
use crate::model::adjustment::Step;
use crate::model::ess_activity::Trigger;
use crate::model::ess_scaling::ScalingRequest;
use crate::model::scaling_rule::RuleKind;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-executescalingrule",
);

/// No rule has this identifier.
const NOT_FOUND: &str = "InvalidScalingRuleAri.NotFound";
/// No step is for this metric.
const NO_STEP: &str = "InvalidStepAdjustments.NoStepFound";

/// What a step rule must be given: its key, the code without it, what then is said, and the code
/// when it is beyond its range.
const NUMBERS: [(&str, &str, &str, &str); 2] = [
    (
        "MetricValue",
        "MissingParameter.MetricValue",
        "Metric value must be specified for StepScalingRule.",
        "MetricValueBeyondPermitRange",
    ),
    (
        "BreachThreshold",
        "MissingParameter.BreachThreshold",
        "Breach threshold must be specified for StepScalingRule.",
        "BreachThresholdBeyondPermitRange",
    ),
];

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:ExecuteScalingRule",
    summary: "launches or removes instances as a scaling rule says, within the sizes of its group",
    params: &[
        ANY_REGION_ID,
        required("ScalingRuleAri", ARI, "identifier of the rule", API),
        optional(
            "MetricValue",
            METRIC,
            "value of the metric, -9.999999E18 to 9.999999E18; required for a step rule",
            API,
        ),
        optional(
            "BreachThreshold",
            METRIC,
            "threshold it is compared with, in the same range; required for a step rule",
            API,
        ),
        CLIENT_TOKEN,
    ],
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        alibaba::GROUP_STATUS,
        alibaba::IN_PROGRESS,
        alibaba::OPERATION_DENIED,
        alibaba::PARAMETER_MISMATCH,
        capacity_adjustment::NO_CHANGE,
        capacity_adjustment::TOO_MANY,
        NOT_FOUND,
        NO_STEP,
        NUMBERS[0].1,
        NUMBERS[0].3,
        NUMBERS[1].1,
        NUMBERS[1].3,
    ],
    deviations: &[
        "a metric on a bound belongs to the step further from the threshold, as on AWS (assumed)",
        capacity_adjustment::DEVIATION,
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let checked = alibaba::check(OPERATION.params, params)?;
    let fields = checked.fields();
    let ari = fields.given("ScalingRuleAri");
    let token = fields.text("ClientToken");
    let given = NUMBERS.map(|(key, ..)| fields.get(key).and_then(double));
    let asked = (fields.text("RegionId"), ari, given);
    alibaba::once(call, OPERATION.name, token, &asked, |call| {
        act(call, fields, ari)
    })
}

fn act(
    call: &mut Call<'_, '_>,
    fields: Fields<'_>,
    ari: &str,
) -> Result<Map<String, Value>, ApiError> {
    let Some(rule) = call.cloud.scaling_rules().find(|rule| rule.ari == ari) else {
        let message = "The specified scaling rule Ari does not exist.";
        return Err(alibaba::error(NOT_FOUND, 404, message));
    };
    let group = rule.group;
    alibaba::check_may_begin(call.cloud, group, None)?;
    let by = match &rule.kind {
        RuleKind::Simple { by, .. } => *by,
        RuleKind::Step(steps) => step(fields, steps)?.by,
    };
    let to = capacity_adjustment::total(call.cloud, group, rule.adjustment, by)?;
    let scaling = ScalingRequest {
        why: format!("A user requests to execute scaling rule \"{}\"", rule.id),
        trigger: Trigger::Api,
        metadata: None,
    };
    let activity = call.cloud.ess_scale(call.cx, group, to, scaling);
    Ok(alibaba::activity(call.cloud, activity))
}

/// The step of a rule that the given metric is in.
fn step(fields: Fields<'_>, steps: &[Step]) -> Result<Step, ApiError> {
    let mut given = [0.0; 2];
    for (place, (key, missing, message, beyond)) in NUMBERS.into_iter().enumerate() {
        let number = fields.get(key).and_then(double);
        let number = number.ok_or_else(|| alibaba::error(missing, 400, message))?;
        if number.abs() > METRIC_LIMIT {
            let message = format!("Specific parameter \"{key}\" beyond permit range.");
            return Err(alibaba::error(beyond, 400, message));
        }
        given[place] = number;
    }
    let [value, threshold] = given;
    Step::find(steps, value - threshold).ok_or_else(|| {
        let message = format!("No adjustment step found for a metric value of: {value}.");
        alibaba::error(NO_STEP, 400, message)
    })
}
