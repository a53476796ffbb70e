//! `autoscaling:DetachInstances`: instances leave their group and all its traffic sources, and run
//! on.
//!
//! Source: R-ASG-2.

use serde_json::{Value, json};

use crate::api::params::{optional, required};
use crate::api::{ApiError, Call, Operation, Response, aws, json, members};
use crate::describe::{Kind, Source};
use crate::model::lifecycle::LifecycleState;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DetachInstances.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:DetachInstances",
    summary: "takes instances out of a group and its traffic sources; they run on, and are \
              replaced unless the desired capacity shrinks",
    params: &[
        required(
            "AutoScalingGroupName",
            aws::GROUP_NAME,
            "name of the group",
            API,
        ),
        optional(
            "InstanceIds",
            aws::INSTANCE_IDS,
            "ids of the instances, 20 at most; an id given twice counts once (assumed)",
            API,
        ),
        required(
            "ShouldDecrementDesiredCapacity",
            Kind::Boolean,
            "whether the desired capacity shrinks by as many, so that none is replaced",
            API,
        ),
    ],
    errors: &[aws::VALIDATION_ERROR, aws::RESOURCE_CONTENTION],
    deviations: &[],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &["InstanceIds"])?;
    let group = aws::group(call.cloud, fields.given("AutoScalingGroupName"))?;
    let ids = members::ids(fields, "detach")?;
    let instances = aws::members(call.cloud, group, &ids)?;
    members::check_states(
        call.cloud,
        &instances,
        &[LifecycleState::InService, LifecycleState::Standby],
        "InService or Standby",
    )?;
    let decrement = fields.flag("ShouldDecrementDesiredCapacity");
    if decrement {
        members::check_shrinking(call.cloud, group, "detach", instances.len())?;
    }
    aws::meet_contention(call)?;
    let activities = call
        .cloud
        .detach_instances(call.cx, group, &instances, decrement);
    // the answer shows the activities as they begin
    let answer = json::activities(call.cloud, &activities);
    call.cloud.begin_detaching(call.cx, group, &instances);
    Ok(json!({ "Activities": answer }))
}
