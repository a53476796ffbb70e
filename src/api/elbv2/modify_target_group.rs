//! `elasticloadbalancing:ModifyTargetGroup`: how the targets of a group are checked.
//!
//! The check that is due is made as it was; the new settings count from then on. Source: R-HEALTH-2.

use serde_json::{Value, json};

use crate::api::params::required;
use crate::api::target_group::{self, Checked, HEALTH_CHECK};
use crate::api::{ApiError, Call, Operation, Response, aws};
use crate::describe::Source;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyTargetGroup.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "elasticloadbalancing:ModifyTargetGroup",
    summary: "changes how targets are checked, from the next check of each on",
    params: &[
        required(
            "TargetGroupArn",
            aws::TARGET_GROUP_ARN,
            "ARN of the target group",
            API,
        ),
        HEALTH_CHECK[0],
        HEALTH_CHECK[1],
        HEALTH_CHECK[2],
        HEALTH_CHECK[3],
        HEALTH_CHECK[4],
        HEALTH_CHECK[5],
        HEALTH_CHECK[6],
        HEALTH_CHECK[7],
        HEALTH_CHECK[8],
    ],
    errors: &[aws::VALIDATION_ERROR, aws::TARGET_GROUP_NOT_FOUND],
    deviations: &[
        "path, port, protocol and matcher of health checks have no effect: a process answers or does \
         not",
        "that the check which is due is made as planned is assumed",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let id = target_group::named(call.cloud, fields.given("TargetGroupArn"))?;
    let group = &call.cloud.target_groups[id.index()];
    let version = group.facts.get("ProtocolVersion").cloned();
    let of = Checked {
        protocol: &group.protocol,
        target_type: group.target_type,
        version: version.as_deref().unwrap_or("HTTP1"),
    };
    let mut facts = group.facts.clone();
    let settings = target_group::health_check(fields, of, group.health_check, &mut facts)?;
    call.cloud.target_groups[id.index()].facts = facts;
    call.cloud.set_health_check(call.cx, id, settings);
    Ok(json!({ "TargetGroups": [target_group::shape(call.cloud, id)] }))
}
