//! `autoscaling:TerminateInstanceInAutoScalingGroup`: members drain and are terminated.
//!
//! Source: R-ASG-6.

use serde_json::{Value, json};

use crate::api::params::{Fields, optional, required};
use crate::api::{ApiError, Call, Operation, Response, aws, json};
use crate::describe::{Kind, Source};
use crate::model::cloud::Cloud;
use crate::model::ids::{GroupId, InstanceId};
use crate::model::lifecycle::LifecycleState;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_TerminateInstanceInAutoScalingGroup.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:TerminateInstanceInAutoScalingGroup",
    summary: "terminates members of a group after their targets have drained; they are replaced \
              unless the desired capacity shrinks",
    params: &[
        optional(
            "InstanceId",
            aws::INSTANCE_ID,
            "id of the one instance; either this or InstanceIds",
            API,
        ),
        optional(
            "InstanceIds",
            Kind::List {
                of: &aws::INSTANCE_ID,
                min: 1,
                max: 100,
            },
            "ids of instances of the group named; an id given twice counts once (assumed)",
            API,
        ),
        optional(
            "AutoScalingGroupName",
            aws::GROUP_NAME,
            "name of the group; required with InstanceIds",
            API,
        ),
        required(
            "ShouldDecrementDesiredCapacity",
            Kind::Boolean,
            "whether the desired capacity shrinks by as many, so that none is replaced",
            API,
        ),
    ],
    errors: &[
        aws::VALIDATION_ERROR,
        aws::SCALING_ACTIVITY_IN_PROGRESS,
        aws::RESOURCE_CONTENTION,
    ],
    deviations: &[
        "ScalingActivityInProgress is answered for an instance that is entering standby, which was \
         seen, and for one that is being detached or terminated, which is assumed",
        "the words for an instance of a warm pool are assumed",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let (group, instances) = named(call.cloud, fields)?;
    check_states(call.cloud, &instances)?;
    let decrement = fields.flag("ShouldDecrementDesiredCapacity");
    if decrement {
        check_sizes(call.cloud, group, instances.len())?;
    }
    aws::meet_contention(call)?;
    let activities = call
        .cloud
        .terminate_by_user(call.cx, group, &instances, decrement);
    let mut shown: Vec<Value> = activities
        .iter()
        .map(|&id| json::announced(call.cloud, id))
        .collect();
    Ok(if fields.get("InstanceId").is_some() {
        json!({ "Activity": shown.remove(0) })
    } else {
        json!({ "Activities": shown })
    })
}

/// The instances a request names and their group.
fn named(cloud: &Cloud, fields: Fields<'_>) -> Result<(GroupId, Vec<InstanceId>), ApiError> {
    let ids = fields.texts("InstanceIds");
    match (fields.text("InstanceId"), ids.is_empty()) {
        (Some(id), true) => {
            let (group, found) = aws::managed(cloud, id)?;
            let wanted = fields.text("AutoScalingGroupName");
            if wanted.is_some_and(|name| name != cloud.groups[group.index()].name) {
                return Err(aws::not_managed(id));
            }
            Ok((group, vec![found]))
        }
        (None, false) => {
            let Some(name) = fields.text("AutoScalingGroupName") else {
                return Err(aws::missing("autoScalingGroupName"));
            };
            let group = aws::group(cloud, name)?;
            let instances = aws::members(cloud, group, &aws::distinct(&ids))?;
            Ok((group, instances))
        }
        (None, true) => Err(aws::missing("instanceId")),
        (Some(_), false) => Err(aws::validation_error(
            "InstanceId and InstanceIds cannot be specified in the same request.",
        )),
    }
}

/// Whether all may be terminated: every member may that is not on its way out already, or on its
/// way to standby, as was seen of one that still drained.
fn check_states(cloud: &Cloud, instances: &[InstanceId]) -> Result<(), ApiError> {
    for id in instances {
        let instance = &cloud.instances[id.index()];
        if instance.lifecycle.is_warmed() {
            return Err(aws::validation_error(format!(
                "The instance {} is in a warm pool and cannot be terminated.",
                instance.id
            )));
        }
        let stays = matches!(
            instance.lifecycle,
            LifecycleState::Pending
                | LifecycleState::PendingWait
                | LifecycleState::PendingProceed
                | LifecycleState::InService
                | LifecycleState::Standby
                | LifecycleState::TerminatingRetained
        );
        if !stays {
            let activity = instance.activity.map(|id| &cloud.activities[id.index()].2);
            let which = activity.map_or_else(String::new, |activity| format!(" {}", activity.id));
            return Err(aws::error(
                aws::SCALING_ACTIVITY_IN_PROGRESS,
                format!("Scaling activity{which} is in progress and blocks this action"),
            ));
        }
    }
    Ok(())
}

fn check_sizes(cloud: &Cloud, group: GroupId, count: usize) -> Result<(), ApiError> {
    let entry = &cloud.groups[group.index()];
    let (desired, min) = (entry.counts.desired, entry.min_size);
    let left = u32::try_from(count)
        .ok()
        .and_then(|count| desired.checked_sub(count));
    if left.is_some_and(|left| left >= min) {
        return Ok(());
    }
    let relation = if desired == min {
        format!("desiredSize equals minSize ({min})")
    } else {
        format!("desiredSize is {desired} and minSize is {min}")
    };
    Err(aws::validation_error(format!(
        "Currently, {relation}. Terminating instance without replacement will violate group's min \
         size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's \
         min size."
    )))
}
