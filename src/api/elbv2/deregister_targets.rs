//! `elasticloadbalancing:DeregisterTargets`: targets get no new traffic and drain.
//!
//! Source: R-TARGET-4.

use serde_json::{Value, json};

use crate::api::params::required;
use crate::api::target::{self, LIST};
use crate::api::{ApiError, Call, Operation, Response, aws, target_group};
use crate::describe::Source;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeregisterTargets.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "elasticloadbalancing:DeregisterTargets",
    summary: "takes targets out of a target group: no new traffic, and what is in flight has the \
              deregistration delay to finish",
    params: &[
        required(
            "TargetGroupArn",
            aws::TARGET_GROUP_ARN,
            "ARN of the target group",
            API,
        ),
        required(
            "Targets",
            LIST,
            "the targets; one that is not registered with this id and port is passed over",
            API,
        ),
    ],
    errors: &[aws::VALIDATION_ERROR, aws::TARGET_GROUP_NOT_FOUND],
    deviations: &[
        "a target named without a port is the one on the target group's own port, if there is one \
         (assumed)",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let id = target_group::named(call.cloud, fields.given("TargetGroupArn"))?;
    let targets = target::named(call.cloud, &call.cloud.target_groups[id.index()], fields)?;
    for target in targets {
        if let Some(registration) = call.cloud.registration_of(id, target.id, target.port) {
            call.cloud.deregister(call.cx, registration);
        }
    }
    Ok(json!({}))
}
