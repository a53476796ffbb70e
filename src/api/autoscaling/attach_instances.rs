//! `autoscaling:AttachInstances`: running instances join a group and its traffic sources.
//!
//! Source: R-ASG-4.

use serde_json::{Value, json};

use crate::api::params::{optional, required};
use crate::api::{ApiError, Call, Operation, Response, aws, members};
use crate::describe::Source;
use crate::model::cloud::Cloud;
use crate::model::ids::{GroupId, InstanceId};
use crate::model::machine::MachineState;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AttachInstances.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:AttachInstances",
    summary: "takes running instances into a group; its desired capacity grows by as many",
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
    ],
    errors: &[aws::VALIDATION_ERROR, aws::RESOURCE_CONTENTION],
    deviations: &[
        "every machine of a scenario is in the same account, region and network",
        "the words while Launch is suspended or the group is being deleted are assumed",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &["InstanceIds"])?;
    let group = aws::group(call.cloud, fields.given("AutoScalingGroupName"))?;
    let ids = members::ids(fields, "attach")?;
    let instances = attachable(call.cloud, group, &ids)?;
    members::check_stands(call.cloud, group, "Instances may not be attached")?;
    members::check_launches(call.cloud, group, "Instances may not be attached")?;
    members::check_growing(call.cloud, group, "attach", instances.len())?;
    aws::meet_contention(call)?;
    call.cloud.attach_instances(call.cx, group, &instances);
    Ok(json!({}))
}

fn attachable(cloud: &Cloud, group: GroupId, ids: &[&str]) -> Result<Vec<InstanceId>, ApiError> {
    let mut instances = Vec::new();
    for id in ids {
        let found = aws::instance(cloud, id).ok_or_else(|| {
            aws::validation_error(format!(
                "Invalid Instance ID(s): [{id}]. Please ensure they exist and try again."
            ))
        })?;
        let instance = &cloud.instances[found.index()];
        if let Some(other) = instance.group {
            let name = &cloud.groups[other.index()].name;
            return Err(aws::validation_error(format!(
                "Instance {id} is already part of AutoScalingGroup:{name}"
            )));
        }
        if instance.state != MachineState::Running {
            return Err(aws::validation_error(format!(
                "Instance {id} is not in correct state. Instance(s) must be in 'running' state."
            )));
        }
        if !cloud.groups[group.index()].zones.contains(&instance.zone) {
            let zone = &cloud.zones[instance.zone.index()];
            return Err(aws::validation_error(format!(
                "The availability zone {zone} of instance {id} is not part of Auto Scaling group \
                 {}.",
                cloud.groups[group.index()].name
            )));
        }
        instances.push(found);
    }
    Ok(instances)
}
