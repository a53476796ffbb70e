//! `autoscaling:RollbackInstanceRefresh`: what an instance refresh replaced is replaced again.
//!
//! Source: R-REFRESH-6.

use serde_json::{Value, json};

use crate::api::params::required;
use crate::api::{ApiError, Call, Operation, Response, aws, refresh};
use crate::describe::Source;
use crate::model::refresh::RefreshStatus;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RollbackInstanceRefresh.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:RollbackInstanceRefresh",
    summary: "takes an instance refresh back: what it launched is replaced by what the group \
              launched before",
    params: &[required(
        "AutoScalingGroupName",
        aws::GROUP_NAME,
        "name of the group",
        API,
    )],
    errors: &[
        aws::VALIDATION_ERROR,
        refresh::NOT_FOUND,
        refresh::IRREVERSIBLE,
        aws::RESOURCE_CONTENTION,
    ],
    deviations: &[
        "LimitExceeded is never answered",
        "launch templates have one version and an image, so that none but a missing desired \
         configuration stands in the way",
        "a rollback has neither checkpoints nor bake time (assumed)",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let group = aws::group_or_null(call.cloud, fields.given("AutoScalingGroupName"))?;
    let id = refresh::active(call.cloud, group, RefreshStatus::goes_forward)?;
    if call.cloud.refreshes[id.index()].desired.is_none() {
        return Err(aws::error(
            refresh::IRREVERSIBLE,
            "The instance refresh has no desired configuration and cannot be rolled back.",
        ));
    }
    aws::meet_contention(call)?;
    let reason = "The rollback was requested by a user.".to_owned();
    call.cloud.roll_refresh_back(call.cx, id, reason);
    Ok(json!({"InstanceRefreshId": call.cloud.refreshes[id.index()].id}))
}
