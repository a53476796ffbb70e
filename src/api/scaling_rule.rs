//! Scaling rules of Alibaba Cloud as requests give them and answers show them.
//!
//! Source: R-ESS-23. This module must never change the cloud.

use serde_json::{Value, json};

use super::params::{Fields, double, optional, required};
use super::{ApiError, alibaba, capacity_adjustment};
use crate::describe::{Kind, Param, Source};
use crate::model::adjustment::{Adjustment, AdjustmentType, Step, StepFault};
use crate::model::cloud::Cloud;
use crate::model::scaling_rule::{RuleKind, ScalingRule};

/// No rule has this id.
pub(super) const NOT_FOUND: &str = "InvalidScalingRuleId.NotFound";
/// A least magnitude was given for something else than a percentage.
pub(super) const NO_MAGNITUDE: &str = "InvalidMinAdjustmentMagnitudeMismatchAdjustmentType";

/// What may be wrong with steps.
pub(super) const STEP_ERRORS: [&str; 8] = [
    "InvalidStepAdjustments.BothNull",
    "InvalidStepAdjustments.Gap",
    "InvalidStepAdjustments.LowerGtUpper",
    "InvalidStepAdjustments.MultipleNullLowerBound",
    "InvalidStepAdjustments.MultipleNullUpperBound",
    "InvalidStepAdjustments.NoNullLowerBound",
    "InvalidStepAdjustments.NoNullUpperBound",
    "InvalidStepAdjustments.Overlap",
];

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-createscalingrule",
);

/// Kind of an id or a name of a rule.
pub(super) const NAME: Kind = Kind::Text { min: 1, max: 64 };

/// Kind of an ARI of a rule.
pub(super) const ARI: Kind = Kind::Text { min: 1, max: 256 };

/// A metric, a threshold, or a difference of the two.
pub(super) const METRIC: Kind = Kind::Number {
    min: f64::MIN,
    max: f64::MAX,
};

/// Where metrics and thresholds end.
pub(super) const METRIC_LIMIT: f64 = 9.999_999e18;

/// One step of a step rule.
pub(super) const STEP: &[Param] = &[
    optional(
        "MetricIntervalLowerBound",
        METRIC,
        "where the step begins, as a difference from the threshold; none is minus infinity",
        API,
    ),
    optional(
        "MetricIntervalUpperBound",
        METRIC,
        "where it ends; none is infinity",
        API,
    ),
    required(
        "ScalingAdjustment",
        capacity_adjustment::VALUE,
        "by how much",
        API,
    ),
];

/// `InvalidScalingRuleId.NotFound`.
pub(super) fn not_found() -> ApiError {
    let message = "The specified scaling rule does not exist.";
    alibaba::error(NOT_FOUND, 404, message)
}

/// What a rule does, read from a request.
///
/// # Errors
/// `MissingParameter`, `InvalidParameter`, and those of [`STEP_ERRORS`] and [`NO_MAGNITUDE`].
pub(super) fn kind(fields: Fields<'_>) -> Result<(Adjustment, RuleKind), ApiError> {
    let adjustment = capacity_adjustment::adjustment(fields);
    let adjustment = adjustment.ok_or_else(|| alibaba::missing("AdjustmentType"))?;
    let percentage = adjustment.kind == AdjustmentType::PercentChangeInCapacity;
    if fields.get("MinAdjustmentMagnitude").is_some() && !percentage {
        let message = "MinAdjustmentMagnitude is not supported by the specified adjustment type.";
        return Err(alibaba::error(NO_MAGNITUDE, 400, message));
    }
    let kind = if fields.text("ScalingRuleType") == Some("StepScalingRule") {
        RuleKind::Step(steps(fields)?)
    } else {
        let by = capacity_adjustment::value(fields)?;
        RuleKind::Simple {
            by: by.ok_or_else(|| alibaba::missing("AdjustmentValue"))?,
            cooldown: fields.integer("Cooldown"),
        }
    };
    Ok((adjustment, kind))
}

/// The steps of a rule from the lowest to the highest.
fn steps(fields: Fields<'_>) -> Result<Vec<Step>, ApiError> {
    let items = fields.items("StepAdjustments");
    if items.is_empty() {
        return Err(alibaba::missing("StepAdjustments"));
    }
    let mut steps = Vec::new();
    for item in items {
        let item = Fields::of(item);
        steps.push(Step {
            lower: item.get("MetricIntervalLowerBound").and_then(double),
            upper: item.get("MetricIntervalUpperBound").and_then(double),
            by: item.integer("ScalingAdjustment").unwrap_or_default(),
        });
    }
    Step::sort(&mut steps);
    match Step::fault(&steps) {
        Some(fault) => Err(refusal(fault)),
        None => Ok(steps),
    }
}

/// The error for steps that have this fault.
fn refusal(fault: StepFault) -> ApiError {
    let (code, message) = match fault {
        StepFault::Unbounded => (
            STEP_ERRORS[0],
            "Both lower and upper bounds of a StepAdjustment cannot be left unspecified.",
        ),
        StepFault::Gap => (
            STEP_ERRORS[1],
            "StepAdjustment intervals cannot have gaps between them.",
        ),
        StepFault::Turned(place) => {
            let message = format!(
                "LowerBound must be less than the UpperBound for StepAdjustment :{}.",
                place + 1
            );
            return alibaba::error(STEP_ERRORS[2], 400, message);
        }
        StepFault::ManyLowest => (
            STEP_ERRORS[3],
            "At most one StepAdjustment may have an unspecified lower bound.",
        ),
        StepFault::ManyHighest => (
            STEP_ERRORS[4],
            "At most one StepAdjustment may have an unspecified upper bound.",
        ),
        StepFault::NoLowest => (
            STEP_ERRORS[5],
            "There must be a StepAdjustment with an unspecified lower bound when one \
             StepAdjustment has a negative lower bound.",
        ),
        StepFault::NoHighest => (
            STEP_ERRORS[6],
            "There must be a StepAdjustment with an unspecified upper bound when one \
             StepAdjustment has a positive upper bound.",
        ),
        StepFault::Overlap => (STEP_ERRORS[7], "StepAdjustment intervals cannot overlap."),
    };
    alibaba::error(code, 400, message)
}

/// A rule as answers show it.
pub(super) fn shape(cloud: &Cloud, rule: &ScalingRule) -> Value {
    let group = &cloud.groups[rule.group.index()];
    let mut shape = json!({
        "ScalingRuleId": rule.id,
        "ScalingRuleAri": rule.ari,
        "ScalingRuleName": rule.name,
        "ScalingRuleType": rule.kind.name(),
        "ScalingGroupId": group.identifier,
        "MinSize": group.min_size,
        "MaxSize": group.max_size,
        "AdjustmentType": capacity_adjustment::name(rule.adjustment.kind),
    });
    if rule.adjustment.min_magnitude > 0 {
        shape["MinAdjustmentMagnitude"] = json!(rule.adjustment.min_magnitude);
    }
    match &rule.kind {
        RuleKind::Simple { by, cooldown } => {
            shape["AdjustmentValue"] = json!(by);
            if let Some(cooldown) = cooldown {
                shape["Cooldown"] = json!(cooldown);
            }
        }
        RuleKind::Step(steps) => {
            shape["StepAdjustments"] = steps.iter().map(step).collect();
        }
    }
    shape
}

fn step(step: &Step) -> Value {
    let mut shape = json!({ "ScalingAdjustment": step.by });
    for (key, bound) in [
        ("MetricIntervalLowerBound", step.lower),
        ("MetricIntervalUpperBound", step.upper),
    ] {
        if let Some(bound) = bound {
            shape[key] = json!(bound);
        }
    }
    shape
}
