//! `autoscaling:DeleteAutoScalingGroup`: a group goes, by force with its instances.
//!
//! Source: R-ASG-18.

use serde_json::{Value, json};

use crate::api::params::{defaulted, required};
use crate::api::{ApiError, Call, Operation, Response, aws};
use crate::describe::{Kind, Source};
use crate::model::settings::DeletionProtection;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteAutoScalingGroup.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:DeleteAutoScalingGroup",
    summary: "deletes a group without instances, or by force with them: they are terminated at \
              once, without drains or hooks",
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
            "whether to delete it although it has instances",
            API,
        ),
    ],
    errors: &[
        aws::VALIDATION_ERROR,
        aws::RESOURCE_IN_USE,
        aws::SCALING_ACTIVITY_IN_PROGRESS,
        aws::RESOURCE_CONTENTION,
    ],
    deviations: &["deleting a group that is being deleted changes nothing (assumed)"],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let id = aws::group_or_null(call.cloud, fields.given("AutoScalingGroupName"))?;
    let group = &call.cloud.groups[id.index()];
    let force = fields.flag("ForceDelete");
    let refused = match group.rules.deletion_protection {
        DeletionProtection::None => false,
        DeletionProtection::Forced => force,
        DeletionProtection::All => true,
    };
    if refused {
        return Err(aws::validation_error(format!(
            "AutoScalingGroup {} is protected from deletion. Update its DeletionProtection first.",
            group.name
        )));
    }
    if !group.members.is_empty() && !force {
        if group.counts.leaving + group.counts.pending > 0 {
            return Err(aws::error(
                aws::SCALING_ACTIVITY_IN_PROGRESS,
                "You cannot delete an AutoScalingGroup while there are scaling activities in \
                 progress for that group.",
            ));
        }
        return Err(aws::error(
            aws::RESOURCE_IN_USE,
            "You cannot delete an AutoScalingGroup while there are instances or pending Spot \
             instance request(s) still in the group.",
        ));
    }
    aws::meet_contention(call)?;
    if !call.cloud.groups[id.index()].is_leaving() {
        call.cloud.delete_group(call.cx, id);
    }
    Ok(json!({}))
}
