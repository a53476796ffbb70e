//! `autoscaling:CancelInstanceRefresh`: an instance refresh replaces nobody any more.
//!
//! Source: R-REFRESH-6.

use serde_json::{Value, json};

use crate::api::params::{Fields, defaulted, required};
use crate::api::{ApiError, Call, Operation, Response, aws, refresh};
use crate::describe::{Kind, Source};
use crate::model::refresh::RefreshStatus;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CancelInstanceRefresh.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:CancelInstanceRefresh",
    summary: "calls an instance refresh or its rollback off; what was replaced stays replaced",
    params: &[
        required(
            "AutoScalingGroupName",
            aws::GROUP_NAME,
            "name of the group",
            API,
        ),
        defaulted(
            "WaitForTransitioningInstances",
            Kind::Boolean,
            "true",
            "whether it is cancelled only when launches and terminations under way are over",
            API,
        ),
    ],
    errors: &[
        aws::VALIDATION_ERROR,
        refresh::NOT_FOUND,
        aws::RESOURCE_CONTENTION,
    ],
    deviations: &[
        "LimitExceeded is never answered",
        "a refresh that is being cancelled already is not found (assumed)",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let group = aws::group_or_null(call.cloud, fields.given("AutoScalingGroupName"))?;
    let may = |status: RefreshStatus| {
        status.goes_forward() || status == RefreshStatus::RollbackInProgress
    };
    let id = refresh::active(call.cloud, group, may)?;
    aws::meet_contention(call)?;
    call.cloud.cancel_refresh(call.cx, id, waits(fields));
    Ok(json!({"InstanceRefreshId": call.cloud.refreshes[id.index()].id}))
}

fn waits(fields: Fields<'_>) -> bool {
    let key = "WaitForTransitioningInstances";
    fields.get(key).is_none() || fields.flag(key)
}
