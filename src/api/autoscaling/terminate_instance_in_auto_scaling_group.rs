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
use crate::model::settings::Provider;

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
    errors: &[aws::VALIDATION_ERROR, aws::RESOURCE_CONTENTION],
    deviations: &[
        "ScalingActivityInProgress is never answered",
        "an instance that is leaving already is refused with ValidationError (assumed)",
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
            let found = cloud.instance_named(id);
            let group = found.and_then(|found| cloud.instances[found.index()].group);
            let group = group.filter(|id| cloud.groups[id.index()].provider == Provider::Aws);
            let wanted = fields.text("AutoScalingGroupName");
            match (found, group) {
                (Some(found), Some(group))
                    if wanted.is_none_or(|name| name == cloud.groups[group.index()].name) =>
                {
                    Ok((group, vec![found]))
                }
                _ => Err(aws::validation_error(format!(
                    "Instance Id not found - No managed instance found for instance ID: {id}"
                ))),
            }
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

fn check_states(cloud: &Cloud, instances: &[InstanceId]) -> Result<(), ApiError> {
    for id in instances {
        let instance = &cloud.instances[id.index()];
        let stays = matches!(
            instance.lifecycle,
            LifecycleState::Pending | LifecycleState::InService
        );
        if !stays {
            return Err(aws::validation_error(format!(
                "The instance {} is in the state {} and cannot be terminated.",
                instance.id,
                instance.lifecycle.name()
            )));
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
