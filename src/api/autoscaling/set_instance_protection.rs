//! `autoscaling:SetInstanceProtection`: whether a scale-in may take an instance.
//!
//! Source: R-ASG-13.

use serde_json::{Value, json};

use crate::api::params::required;
use crate::api::{ApiError, Call, Operation, Response, aws, members};
use crate::describe::{Kind, Source};
use crate::model::lifecycle::LifecycleState;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_SetInstanceProtection.html",
);

/// Most instances one call may name.
const LIMIT: usize = 50;

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:SetInstanceProtection",
    summary: "protects instances from being chosen by a scale-in, or protects them no longer",
    params: &[
        required(
            "InstanceIds",
            Kind::List {
                of: &aws::INSTANCE_ID,
                min: 1,
                max: LIMIT,
            },
            "ids of the instances, 50 at most",
            API,
        ),
        required(
            "AutoScalingGroupName",
            aws::GROUP_NAME,
            "name of the group",
            API,
        ),
        required(
            "ProtectedFromScaleIn",
            Kind::Boolean,
            "whether they are protected",
            API,
        ),
    ],
    errors: &[
        aws::VALIDATION_ERROR,
        aws::LIMIT_EXCEEDED,
        aws::RESOURCE_CONTENTION,
    ],
    deviations: &["the words of LimitExceeded are assumed"],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &["InstanceIds"])?;
    let group = aws::group(call.cloud, fields.given("AutoScalingGroupName"))?;
    let ids = fields.texts("InstanceIds");
    if ids.is_empty() {
        return Err(aws::missing("instanceIds"));
    }
    if ids.len() > LIMIT {
        return Err(aws::error(
            aws::LIMIT_EXCEEDED,
            format!("The protection of {LIMIT} instances at most may be set in one call."),
        ));
    }
    let instances = aws::members(call.cloud, group, &ids)?;
    members::check_states(
        call.cloud,
        &instances,
        &[
            LifecycleState::InService,
            LifecycleState::EnteringStandby,
            LifecycleState::Standby,
        ],
        "InService or EnteringStandby or Standby",
    )?;
    aws::meet_contention(call)?;
    let protected = fields.flag("ProtectedFromScaleIn");
    call.cloud
        .set_protection(call.cx, group, &instances, protected);
    Ok(json!({}))
}
