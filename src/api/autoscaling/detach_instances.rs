//! `autoscaling:DetachInstances`: instances leave their group and all its traffic sources, and run
//! on.
//!
//! Source: R-ASG-2.

use serde_json::{Value, json};

use crate::api::params::{optional, required};
use crate::api::{ApiError, Call, Operation, Response, aws, json};
use crate::describe::{Kind, Source};
use crate::model::cloud::Cloud;
use crate::model::ids::{GroupId, InstanceId};
use crate::model::lifecycle::LifecycleState;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DetachInstances.html",
);

/// Most instances one call may name.
const LIMIT: usize = 20;

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
    let ids = fields.texts("InstanceIds");
    if ids.is_empty() {
        return Err(aws::missing("instanceIds"));
    }
    if ids.len() > LIMIT {
        return Err(aws::validation_error(
            "List exceeds the maximum number of instances to detach. Please retry your request \
             with fewer instances.",
        ));
    }
    let instances = aws::members(call.cloud, group, &aws::distinct(&ids))?;
    check_states(call.cloud, &instances)?;
    let decrement = fields.flag("ShouldDecrementDesiredCapacity");
    if decrement {
        check_sizes(call.cloud, group, instances.len())?;
    }
    aws::meet_contention(call)?;
    let activities = call
        .cloud
        .detach_instances(call.cx, group, &instances, decrement);
    // the answer shows the activities as they begin
    let shown: Vec<Value> = activities
        .iter()
        .map(|&id| json::activity(call.cloud, id))
        .collect();
    call.cloud.begin_detaching(call.cx, group, &instances);
    Ok(json!({ "Activities": shown }))
}

fn check_states(cloud: &Cloud, instances: &[InstanceId]) -> Result<(), ApiError> {
    for id in instances {
        let instance = &cloud.instances[id.index()];
        if instance.lifecycle != LifecycleState::InService {
            return Err(aws::validation_error(format!(
                "The instance {} is not in InService or Standby.",
                instance.id
            )));
        }
    }
    Ok(())
}

fn check_sizes(cloud: &Cloud, group: GroupId, count: usize) -> Result<(), ApiError> {
    let entry = &cloud.groups[group.index()];
    let left = u32::try_from(count)
        .ok()
        .and_then(|count| entry.counts.desired.checked_sub(count));
    if left.is_none_or(|left| left < entry.min_size) {
        return Err(aws::wrong_sizes(cloud, group, "detach", count));
    }
    Ok(())
}
