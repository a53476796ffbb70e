//! `autoscaling:ExecutePolicy`: a scaling policy is carried out now.
//!
//! Source: R-POLICY-1 to R-POLICY-5.

use serde_json::{Value, json};

use crate::api::params::{Fields, defaulted, double, optional, required};
use crate::api::scaling_policy::{self, DOUBLE};
use crate::api::{ApiError, Call, Operation, Response, aws};
use crate::describe::{Kind, Source};
use crate::model::adjustment::Step;
use crate::model::policy::PolicyKind;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_ExecutePolicy.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:ExecutePolicy",
    summary: "carries out a simple policy, or a step policy for the metric given",
    params: &[
        optional(
            "AutoScalingGroupName",
            aws::GROUP_NAME,
            "name of the group; needed unless the policy is named by its ARN (assumed)",
            API,
        ),
        required(
            "PolicyName",
            aws::xml(1, 1600),
            "name or ARN of the policy",
            API,
        ),
        defaulted(
            "HonorCooldown",
            Kind::Boolean,
            "false",
            "whether a simple policy is refused while a scaling is in progress or cooling down",
            API,
        ),
        optional(
            "MetricValue",
            DOUBLE,
            "value of the metric; required for a step policy, and only there",
            API,
        ),
        optional(
            "BreachThreshold",
            DOUBLE,
            "threshold it is compared with; required for a step policy, and only there",
            API,
        ),
    ],
    errors: &[
        aws::VALIDATION_ERROR,
        aws::SCALING_ACTIVITY_IN_PROGRESS,
        aws::RESOURCE_CONTENTION,
    ],
    deviations: &[
        "a policy that is not enabled, a target tracking and a predictive one are refused with \
         ValidationError (assumed)",
        "a scale-in that a warm-up blocks is answered like one that is carried out (assumed)",
        "HonorCooldown has no effect on a step policy",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let (id, place) = scaling_policy::named(call.cloud, fields)?;
    let group = &call.cloud.groups[id.index()];
    aws::check_stands(group)?;
    let policy = &group.scaling.policies[place];
    if !policy.enabled {
        return Err(aws::validation_error(format!(
            "ScalingPolicy '{}' is disabled",
            policy.name
        )));
    }
    let breach = match &policy.kind {
        PolicyKind::Simple { .. } => {
            refuse_metric(fields)?;
            if fields.flag("HonorCooldown") {
                aws::check_cooldown(call, id)?;
            }
            0.0
        }
        PolicyKind::Step { steps, .. } => breach(fields, steps)?,
        PolicyKind::Tracking(_) | PolicyKind::Predictive => {
            return Err(aws::validation_error(format!(
                "A policy of type {} cannot be executed",
                policy.kind.name()
            )));
        }
    };
    aws::meet_contention(call)?;
    call.cloud.execute_policy(call.cx, id, place, breach);
    Ok(json!({}))
}

fn refuse_metric(fields: Fields<'_>) -> Result<(), ApiError> {
    let given = ["MetricValue", "BreachThreshold"]
        .into_iter()
        .find(|key| fields.get(key).is_some());
    given.map_or(Ok(()), |key| {
        Err(aws::validation_error(format!(
            "{key} is only supported for policy type: StepScaling."
        )))
    })
}

/// How far the metric is above its threshold. Source: R-POLICY-2.
fn breach(fields: Fields<'_>, steps: &[Step]) -> Result<f64, ApiError> {
    let number = |key: &str| {
        fields.get(key).and_then(double).ok_or_else(|| {
            aws::validation_error(format!(
                "{key} must be specified for policy type: StepScaling."
            ))
        })
    };
    let (value, threshold) = (number("MetricValue")?, number("BreachThreshold")?);
    let breach = value - threshold;
    if Step::find(steps, breach).is_none() {
        return Err(aws::validation_error(format!(
            "No step adjustment found for metric value [{value:?}] and breach threshold \
             {threshold:?}"
        )));
    }
    Ok(breach)
}
