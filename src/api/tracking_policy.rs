//! What requests say about a target tracking policy: which metric, and what it should be.
//!
//! Source: R-TRACK-1. This module must never change the cloud.

use super::ApiError;
use super::aws::{self, validation_error};
use super::params::{Fields, double, optional, required};
use super::scaling_policy::DOUBLE;
use crate::describe::{Kind, Param, Source};
use crate::engine::time::SimDuration;
use crate::model::cloud::Cloud;
use crate::model::ids::{GroupId, TargetGroupId};
use crate::model::tracking::{TrackedMetric, Tracking};

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_TargetTrackingConfiguration.html",
);

const REQUESTS: &str = "ALBRequestCountPerTarget";
const UTILISATION: &str = "ASGAverageCPUUtilization";
const HIGH_RESOLUTION: &str = "ASGAverageCPUUtilizationHighResolution";

const PREDEFINED: &[Param] = &[
    required(
        "PredefinedMetricType",
        Kind::OneOf(&[
            UTILISATION,
            HIGH_RESOLUTION,
            "ASGAverageNetworkIn",
            "ASGAverageNetworkOut",
            REQUESTS,
        ]),
        "the metric; networks have no readings here, and the utilisation of instances is the share \
         of their launch template's concurrency that is busy",
        API,
    ),
    optional(
        "ResourceLabel",
        aws::xml(1, 1023),
        "for ALBRequestCountPerTarget: which target group, by what the ARNs of its load balancer and \
         of itself end in; `${name.resource_label}` in a scenario",
        API,
    ),
];

/// What a target tracking policy is put with.
pub(super) const CONFIGURATION: &[Param] = &[
    optional(
        "PredefinedMetricSpecification",
        Kind::Struct(PREDEFINED),
        "one of the metrics that are there",
        API,
    ),
    optional(
        "CustomizedMetricSpecification",
        Kind::Any,
        "a metric of one's own: kept and shown, it has no readings here",
        API,
    ),
    required(
        "TargetValue",
        DOUBLE,
        "what the metric should be: requests of a minute for each target, or percent",
        API,
    ),
    optional(
        "DisableScaleIn",
        Kind::Boolean,
        "whether the policy never scales in; false if left out",
        API,
    ),
];

/// The policy that a request describes, without alarms.
///
/// # Errors
/// `ValidationError`.
pub(super) fn read(
    cloud: &Cloud,
    group: GroupId,
    fields: Fields<'_>,
    warmup: Option<SimDuration>,
) -> Result<Tracking, ApiError> {
    let given = fields.get("TargetTrackingConfiguration").map(Fields::of);
    let given = given.ok_or_else(|| aws::missing("targetTrackingConfiguration"))?;
    let predefined = given.get("PredefinedMetricSpecification").map(Fields::of);
    let metric = match (predefined, given.get("CustomizedMetricSpecification")) {
        (Some(predefined), None) => metric(cloud, group, predefined)?,
        (None, Some(_)) => TrackedMetric::Unknown,
        (None, None) | (Some(_), Some(_)) => {
            return Err(validation_error(
                "Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification must \
                 be specified",
            ));
        }
    };
    let target = given.get("TargetValue").and_then(double);
    let target = target
        .filter(|target| *target > 0.0)
        .ok_or_else(|| validation_error("TargetValue must be greater than 0"))?;
    let scales_in = !given.flag("DisableScaleIn");
    let alarms = [String::new(), String::new()];
    Ok(Tracking::new(metric, target, scales_in, warmup, alarms))
}

fn metric(
    cloud: &Cloud,
    group: GroupId,
    predefined: Fields<'_>,
) -> Result<TrackedMetric, ApiError> {
    let name = predefined.given("PredefinedMetricType");
    let label = predefined.text("ResourceLabel");
    if name != REQUESTS {
        return match label {
            Some(_) => Err(validation_error(format!(
                "ResourceLabel cannot be specified for metric type {name}"
            ))),
            None if [UTILISATION, HIGH_RESOLUTION].contains(&name) => {
                Ok(TrackedMetric::Utilisation)
            }
            None => Ok(TrackedMetric::Unknown),
        };
    }
    let label = label.ok_or_else(|| {
        validation_error(format!(
            "ResourceLabel must be specified for metric type {name}"
        ))
    })?;
    attached(cloud, group, label)
        .map(TrackedMetric::RequestsPerTarget)
        .ok_or_else(|| {
            validation_error(format!(
                "The target group of the resource label {label} is not attached to the Auto \
                 Scaling group"
            ))
        })
}

/// The target group with this label, if it is a source of the group.
fn attached(cloud: &Cloud, group: GroupId, label: &str) -> Option<TargetGroupId> {
    let sources = cloud.groups[group.index()].sources.iter();
    let mut targets = sources.map(|source| source.target_group);
    targets.find(|&id| cloud.resource_label(id).as_deref() == Some(label))
}
