//! `autoscaling:ExitStandby`: instances in standby join the traffic sources of their group again.
//!
//! Source: R-STANDBY-2.

use serde_json::{Value, json};

use crate::api::params::{optional, required};
use crate::api::{ApiError, Call, Operation, Response, aws, json, members};
use crate::describe::Source;
use crate::model::lifecycle::LifecycleState;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_ExitStandby.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:ExitStandby",
    summary: "puts instances in standby back in service; the desired capacity grows by as many",
    params: &[
        optional(
            "InstanceIds",
            aws::INSTANCE_IDS,
            "ids of the instances, 20 at most; an id given twice counts once (assumed)",
            API,
        ),
        required(
            "AutoScalingGroupName",
            aws::GROUP_NAME,
            "name of the group",
            API,
        ),
    ],
    errors: &[aws::VALIDATION_ERROR, aws::RESOURCE_CONTENTION],
    deviations: &[
        "a desired capacity that would exceed the maximum is refused, as AttachInstances refuses \
         it (assumed)",
        "the words for an instance that is not in standby, and while Launch is suspended, are \
         assumed",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &["InstanceIds"])?;
    let group = aws::group(call.cloud, fields.given("AutoScalingGroupName"))?;
    let ids = members::ids(fields, "move out of standby")?;
    let instances = aws::members(call.cloud, group, &ids)?;
    members::check_states(
        call.cloud,
        &instances,
        &[LifecycleState::Standby],
        "Standby",
    )?;
    let refused = "Instances may not be moved out of standby";
    members::check_launches(call.cloud, group, refused)?;
    members::check_growing(call.cloud, group, "move out of standby", instances.len())?;
    aws::meet_contention(call)?;
    let activities = call.cloud.announce_exit_standby(call.cx, group, &instances);
    // the answer shows the activities as they begin
    let answer = json::activities(call.cloud, &activities);
    call.cloud.join_again(call.cx, group, &instances);
    Ok(json!({ "Activities": answer }))
}
