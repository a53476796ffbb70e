//! What requests say about a scaling policy: described, checked by its type, and shown again.
//!
//! This module must never change the cloud but its identifiers.

use serde_json::{Value, json};

use super::ApiError;
use super::aws::{self, validation_error};
use super::params::{Fields, double, optional, required};
use super::tracking_policy;
use crate::describe::{Kind, Param, Source};
use crate::engine::time::SimDuration;
use crate::model::adjustment::{Adjustment, AdjustmentType, Step, StepFault};
use crate::model::cloud::Cloud;
use crate::model::group::Group;
use crate::model::ids::GroupId;
use crate::model::policy::{Policy, PolicyKind};

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScalingPolicy.html",
);

/// The most steps of a policy.
const STEPS: usize = 20;

/// The kind of a number with a fraction for which the model knows no range.
pub(super) const DOUBLE: Kind = Kind::Number {
    min: f64::MIN,
    max: f64::MAX,
};

const STEP: &[Param] = &[
    optional(
        "MetricIntervalLowerBound",
        DOUBLE,
        "where the step begins, as a difference from the threshold; none is minus infinity",
        API,
    ),
    optional(
        "MetricIntervalUpperBound",
        DOUBLE,
        "where it ends; none is infinity",
        API,
    ),
    required("ScalingAdjustment", aws::INTEGER, "by how much", API),
];

/// The parameters of a policy, without its group and name.
pub(super) const POLICY: &[Param] = &[
    optional(
        "PolicyType",
        aws::xml(1, 64),
        "SimpleScaling (if left out), StepScaling, TargetTrackingScaling or PredictiveScaling",
        API,
    ),
    optional(
        "AdjustmentType",
        aws::xml(1, 255),
        "ChangeInCapacity, ExactCapacity or PercentChangeInCapacity",
        API,
    ),
    optional(
        "MinAdjustmentStep",
        aws::INTEGER,
        "the older name of MinAdjustmentMagnitude",
        API,
    ),
    optional(
        "MinAdjustmentMagnitude",
        aws::INTEGER,
        "by how many instances a percentage scales at least",
        API,
    ),
    optional(
        "ScalingAdjustment",
        aws::INTEGER,
        "by how much a simple policy scales",
        API,
    ),
    optional(
        "Cooldown",
        aws::INTEGER,
        "cooldown of a simple policy [s]; the group's if left out",
        API,
    ),
    optional(
        "MetricAggregationType",
        aws::xml(1, 32),
        "Minimum, Maximum or Average; shown only, as alarms are not simulated",
        API,
    ),
    optional(
        "StepAdjustments",
        Kind::List {
            of: &Kind::Struct(STEP),
            min: 0,
            max: usize::MAX,
        },
        "steps of a step policy, 20 at most",
        API,
    ),
    optional(
        "EstimatedInstanceWarmup",
        aws::INTEGER,
        "warm-up of the instances a step or target tracking policy launches [s]; if left out the \
         default warm-up of the group, else its default cooldown",
        API,
    ),
    optional(
        "TargetTrackingConfiguration",
        Kind::Struct(tracking_policy::CONFIGURATION),
        "what a target tracking policy tracks",
        API,
    ),
    optional(
        "Enabled",
        Kind::Boolean,
        "whether it may be carried out; true if left out",
        API,
    ),
    optional(
        "PredictiveScalingConfiguration",
        Kind::Any,
        "kept and shown; it never scales",
        API,
    ),
];

/// What a policy of a type must have, and what others must not.
const OF_TYPES: &[(&str, &[&str], &[&str])] = &[
    (
        "SimpleScaling",
        &["AdjustmentType", "ScalingAdjustment"],
        &["Cooldown", "MinAdjustmentMagnitude", "MinAdjustmentStep"],
    ),
    (
        "StepScaling",
        &["AdjustmentType", "StepAdjustments"],
        &[
            "MetricAggregationType",
            "EstimatedInstanceWarmup",
            "MinAdjustmentMagnitude",
        ],
    ),
    (
        "TargetTrackingScaling",
        &["TargetTrackingConfiguration"],
        &["EstimatedInstanceWarmup"],
    ),
    (
        "PredictiveScaling",
        &["PredictiveScalingConfiguration"],
        &[],
    ),
];

/// Parameters of every type.
const OF_ALL: [&str; 4] = [
    "AutoScalingGroupName",
    "PolicyName",
    "PolicyType",
    "Enabled",
];

/// What a policy does, read from a request.
///
/// # Errors
/// `ValidationError`.
pub(super) fn kind(
    cloud: &Cloud,
    group: GroupId,
    fields: Fields<'_>,
) -> Result<PolicyKind, ApiError> {
    let name = fields.text("PolicyType").unwrap_or("SimpleScaling");
    let Some((_, needs, takes)) = OF_TYPES.iter().find(|(other, ..)| *other == name) else {
        return Err(validation_error(format!(
            "Unsupported policy type: {name}. Valid types are SimpleScaling, StepScaling, \
             TargetTrackingScaling, PredictiveScaling."
        )));
    };
    if let Some(missing) = needs.iter().find(|key| fields.get(key).is_none()) {
        return Err(validation_error(format!(
            "{missing} must be specified for policy type: {name}."
        )));
    }
    let known = |key: &str| OF_ALL.contains(&key) || needs.contains(&key) || takes.contains(&key);
    let mut given = fields.entries().filter(|(_, value)| !value.is_null());
    if let Some((other, _)) = given.find(|(key, _)| !known(key)) {
        return Err(validation_error(format!(
            "{other} cannot be specified for policy type: {name}."
        )));
    }
    match name {
        "PredictiveScaling" => Ok(PolicyKind::Predictive),
        "TargetTrackingScaling" => {
            let warmup = seconds(fields, "EstimatedInstanceWarmup", 3600)?;
            let tracking = tracking_policy::read(cloud, group, fields, warmup)?;
            Ok(PolicyKind::Tracking(tracking))
        }
        "StepScaling" => {
            let adjustment = adjustment(fields)?;
            Ok(PolicyKind::Step {
                adjustment,
                steps: steps(fields, adjustment.kind)?,
                warmup: seconds(fields, "EstimatedInstanceWarmup", 3600)?,
            })
        }
        _ => {
            let adjustment = adjustment(fields)?;
            let by = fields.integer("ScalingAdjustment").unwrap_or_default();
            check_exact(adjustment.kind, by)?;
            Ok(PolicyKind::Simple {
                adjustment,
                by,
                cooldown: seconds(fields, "Cooldown", i64::from(i32::MAX))?,
            })
        }
    }
}

fn adjustment(fields: Fields<'_>) -> Result<Adjustment, ApiError> {
    let name = fields.given("AdjustmentType");
    let kind = AdjustmentType::named(name).ok_or_else(|| {
        validation_error(format!(
            "Unsupported adjustment type: {name}. Valid types are ChangeInCapacity, \
             ExactCapacity, PercentChangeInCapacity."
        ))
    })?;
    let key = if fields.get("MinAdjustmentMagnitude").is_some() {
        "MinAdjustmentMagnitude"
    } else {
        "MinAdjustmentStep"
    };
    let least = fields.integer(key);
    if least.is_some() && kind != AdjustmentType::PercentChangeInCapacity {
        return Err(validation_error(format!(
            "{key} is only supported with the adjustment type PercentChangeInCapacity."
        )));
    }
    let min_magnitude = u32::try_from(least.unwrap_or(0))
        .map_err(|_| validation_error(format!("{key} must not be negative.")))?;
    Ok(Adjustment {
        kind,
        min_magnitude,
    })
}

fn check_exact(kind: AdjustmentType, by: i64) -> Result<(), ApiError> {
    if kind == AdjustmentType::ExactCapacity && by < 0 {
        return Err(validation_error(
            "ScalingAdjustment must not be negative with the adjustment type ExactCapacity.",
        ));
    }
    Ok(())
}

/// A time in whole seconds up to `most`.
fn seconds(fields: Fields<'_>, key: &str, most: i64) -> Result<Option<SimDuration>, ApiError> {
    let Some(given) = fields.integer(key) else {
        return Ok(None);
    };
    let span = u64::try_from(given).ok().filter(|_| given <= most);
    let span = span.ok_or_else(|| {
        validation_error(format!(
            "{key} must be at least 0 and at most {most}, not {given}."
        ))
    })?;
    Ok(Some(SimDuration::from_secs(span)))
}

/// The steps of a policy from the lowest to the highest. Source: R-POLICY-2.
fn steps(fields: Fields<'_>, kind: AdjustmentType) -> Result<Vec<Step>, ApiError> {
    let items = fields.items("StepAdjustments");
    if items.is_empty() {
        return Err(validation_error(
            "StepAdjustments must be specified for policy type: StepScaling.",
        ));
    }
    if items.len() > STEPS {
        return Err(validation_error(
            "There can be at most 20 step adjustments per scaling policy",
        ));
    }
    let mut steps = Vec::new();
    for item in items {
        let item = Fields::of(item);
        let by = item.integer("ScalingAdjustment").unwrap_or_default();
        check_exact(kind, by)?;
        steps.push(Step {
            lower: item.get("MetricIntervalLowerBound").and_then(double),
            upper: item.get("MetricIntervalUpperBound").and_then(double),
            by,
        });
    }
    Step::sort(&mut steps);
    match Step::fault(&steps) {
        Some(fault) => Err(validation_error(words(fault))),
        None => Ok(steps),
    }
}

/// What is said of steps that have this fault.
fn words(fault: StepFault) -> &'static str {
    match fault {
        StepFault::Unbounded => {
            "Both lower and upper bounds of a step adjustment cannot be left unspecified"
        }
        StepFault::Turned(_) => "LowerBound must be less than the UpperBound for a StepAdjustment",
        StepFault::ManyLowest => "At most one StepAdjustment may have an unspecified lower bound",
        StepFault::ManyHighest => "At most one StepAdjustment may have an unspecified upper bound",
        StepFault::NoLowest => {
            "There must be a StepAdjustment with an unspecified lower bound (i.e., lower bound is \
             null) when one StepAdjustment has a negative lower bound"
        }
        StepFault::NoHighest => {
            "There must be a StepAdjustment with an unspecified upper bound (i.e., upper bound is \
             null) when one StepAdjustment has a positive upper bound"
        }
        StepFault::Overlap => "StepAdjustment intervals cannot overlap",
        StepFault::Gap => "StepAdjustment intervals cannot have gaps between them",
    }
}

/// The group and place of the policy a request names, by its name or ARN.
///
/// # Errors
/// `ValidationError`.
pub(super) fn named(cloud: &Cloud, fields: Fields<'_>) -> Result<(GroupId, usize), ApiError> {
    let name = fields.given("PolicyName");
    let not_found = || validation_error(format!("ScalingPolicy '{name}' not found"));
    if let Some(group) = fields.text("AutoScalingGroupName") {
        let group = aws::group_or_null(cloud, group)?;
        let place = cloud.policy_named(group, name).ok_or_else(not_found)?;
        return Ok((group, place));
    }
    if !name.starts_with("arn:") {
        return Err(aws::missing("autoScalingGroupName"));
    }
    let mut groups = (0..cloud.groups.len()).map(GroupId::from_index);
    let found = groups.find_map(|group| Some((group, cloud.policy_named(group, name)?)));
    found.ok_or_else(not_found)
}

/// A policy as answers show it.
pub(super) fn shape(group: &Group, policy: &Policy) -> Value {
    let mut shape = json!({ "PolicyType": "SimpleScaling" });
    if let (Some(shape), Ok(Value::Object(given))) =
        (shape.as_object_mut(), serde_json::from_str(&policy.shown))
    {
        shape.extend(given.into_iter().filter(|(_, value)| !value.is_null()));
    }
    if let PolicyKind::Step { .. } = policy.kind
        && shape.get("MetricAggregationType").is_none()
    {
        shape["MetricAggregationType"] = json!("Average");
    }
    if let PolicyKind::Simple { .. } = policy.kind {
        shape["StepAdjustments"] = json!([]);
    }
    shape["AutoScalingGroupName"] = json!(group.name);
    shape["PolicyName"] = json!(policy.name);
    shape["PolicyARN"] = json!(policy.arn);
    shape["Enabled"] = json!(policy.enabled);
    shape["Alarms"] = alarms(&policy.kind);
    shape
}

/// A policy with alarms of its own, if it is one of those that have some.
pub(super) fn with_alarms(cloud: &mut Cloud, group: GroupId, kind: PolicyKind) -> PolicyKind {
    let PolicyKind::Tracking(mut tracking) = kind else {
        return kind;
    };
    let name = cloud.groups[group.index()].name.clone();
    tracking.alarms = ["High", "Low"].map(|side| {
        let id = cloud.identifiers.uuid();
        format!("TargetTracking-{name}-Alarm{side}-{id}")
    });
    PolicyKind::Tracking(tracking)
}

/// The alarms of a policy as answers show them.
pub(super) fn alarms(kind: &PolicyKind) -> Value {
    let names: &[String] = match kind {
        PolicyKind::Tracking(tracking) => &tracking.alarms,
        PolicyKind::Simple { .. } | PolicyKind::Step { .. } | PolicyKind::Predictive => &[],
    };
    let alarms = names.iter().map(|name| {
        json!({
            "AlarmName": name,
            "AlarmARN": format!("arn:aws:cloudwatch:us-east-1:123456789012:alarm:{name}"),
        })
    });
    alarms.collect()
}
