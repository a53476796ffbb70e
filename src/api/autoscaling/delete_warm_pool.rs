//! `autoscaling:DeleteWarmPool`: a pool goes with its instances, by force without their hooks.
//!
//! Source: R-WARM-7.

use serde_json::{Value, json};

use crate::api::params::{defaulted, required};
use crate::api::{ApiError, Call, Operation, Response, aws};
use crate::describe::{Kind, Source};
use crate::model::lifecycle::LifecycleState;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteWarmPool.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:DeleteWarmPool",
    summary: "deletes the warm pool of a group: it is shown as PendingDelete until its instances \
              are terminated",
    params: &[
        required(
            "AutoScalingGroupName",
            aws::GROUP_NAME,
            "name of the group",
            API,
        ),
        defaulted(
            "ForceDelete",
            Kind::Boolean,
            "false",
            "whether instances go at once, without lifecycle actions",
            API,
        ),
    ],
    errors: &[
        aws::VALIDATION_ERROR,
        aws::LIMIT_EXCEEDED,
        aws::RESOURCE_CONTENTION,
        aws::SCALING_ACTIVITY_IN_PROGRESS,
        aws::RESOURCE_IN_USE,
    ],
    deviations: &[
        "LimitExceeded and ResourceInUse are never answered; the guide asks for ForceDelete where \
         the pool has instances and does not say what becomes of them without: they are \
         terminated (assumed)",
        "ScalingActivityInProgress is answered without ForceDelete while instances are on their \
         way into the pool; its words are assumed",
        "while Terminate is suspended a pool that is deleted without force keeps its instances \
         (assumed)",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let id = aws::group_or_null(call.cloud, fields.given("AutoScalingGroupName"))?;
    let force = fields.flag("ForceDelete");
    let group = &call.cloud.groups[id.index()];
    if group.rules.warm_pool.is_none() {
        return Err(aws::validation_error(format!(
            "No warm pool found for AutoScalingGroup {}.",
            group.name
        )));
    }
    let enters = group.members.iter().any(|member| {
        matches!(
            call.cloud.instances[member.index()].lifecycle,
            LifecycleState::WarmedPending
                | LifecycleState::WarmedPendingWait
                | LifecycleState::WarmedPendingProceed
        )
    });
    if enters && !force {
        return Err(aws::error(
            aws::SCALING_ACTIVITY_IN_PROGRESS,
            "You cannot delete a warm pool while there are scaling activities in progress for it.",
        ));
    }
    aws::meet_contention(call)?;
    call.cloud.delete_warm_pool(call.cx, id, force);
    Ok(json!({}))
}
