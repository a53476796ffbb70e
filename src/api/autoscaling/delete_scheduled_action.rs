//! `autoscaling:DeleteScheduledAction`: a group loses a scheduled action.
//!
//! Source: R-SCHEDULE-1.

use serde_json::{Value, json};

use crate::api::params::required;
use crate::api::{ApiError, Call, Operation, Response, aws, scheduled_action};
use crate::describe::Source;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteScheduledAction.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:DeleteScheduledAction",
    summary: "deletes a scheduled action; what it did stays",
    params: &[
        required(
            "AutoScalingGroupName",
            aws::GROUP_NAME,
            "name of the group",
            API,
        ),
        required(
            "ScheduledActionName",
            scheduled_action::NAME,
            "name of the action",
            API,
        ),
    ],
    errors: &[aws::VALIDATION_ERROR, aws::RESOURCE_CONTENTION],
    deviations: &["the text for an action that does not exist is assumed"],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let id = aws::group_or_null(call.cloud, fields.given("AutoScalingGroupName"))?;
    let group = &call.cloud.groups[id.index()];
    let place = scheduled_action::named(group, fields.given("ScheduledActionName"))?;
    aws::meet_contention(call)?;
    call.cloud.delete_scheduled_action(call.cx, id, place);
    Ok(json!({}))
}
