//! `ess:RemoveInstances`: instances leave a scaling group and its server groups and are released.
//!
//! Source: R-ESS-5.

use serde_json::{Map, Value};

use crate::api::alibaba::{self, CLIENT_TOKEN, REGION_ID};
use crate::api::params::{defaulted, optional};
use crate::api::{ApiError, Call, Operation, Response, scaling_group};
use crate::describe::{Kind, Source};
use crate::model::scaling_process::ScalingProcess;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-removeinstances",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:RemoveInstances",
    summary: "takes instances out of a scaling group and its server groups and releases them",
    params: &[
        REGION_ID,
        scaling_group::ID,
        scaling_group::INSTANCE_IDS,
        scaling_group::INSTANCE_ID,
        scaling_group::INSTANCE_ID_N,
        defaulted(
            "RemovePolicy",
            Kind::OneOf(&["release", "recycle"]),
            "release",
            "what becomes of the instances; no group of a scenario supports `recycle`",
            API,
        ),
        optional(
            "StopInstanceTimeout",
            Kind::Integer { min: 30, max: 240 },
            "time after which a machine is stopped by force [s]; accepted without effect, the \
             launch template says how long its process takes",
            API,
        ),
        CLIENT_TOKEN,
    ],
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        alibaba::GROUP_NOT_FOUND,
        alibaba::GROUP_STATUS,
        alibaba::OPERATION_DENIED,
        alibaba::IN_PROGRESS,
        alibaba::PARAMETER_MISMATCH,
        scaling_group::INSTANCE_NOT_FOUND,
        scaling_group::MIN_SIZE,
    ],
    deviations: &[
        scaling_group::SUSPENDED,
        "groups with an expected number of instances are not modelled: removed instances are \
         never replaced and DecreaseDesiredCapacity is not a parameter",
        "IgnoreInvalidInstance is not a parameter: one wrong id refuses the call",
    ],
    source: API,
    apply,
};

#[derive(Debug)]
struct Request<'a> {
    group: &'a str,
    ids: Vec<&'a str>,
    recycle: bool,
}

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = alibaba::check(OPERATION.params, params)?;
    let request = Request {
        group: fields.given("ScalingGroupId"),
        ids: scaling_group::ids(fields)?,
        recycle: fields.text("RemovePolicy") == Some("recycle"),
    };
    let token = fields.text("ClientToken");
    let timeout = fields.integer("StopInstanceTimeout");
    let asked = (fields.text("RegionId"), timeout, &request);
    alibaba::once(call, OPERATION.name, token, &asked, |call| {
        act(call, &request)
    })
}

fn act(call: &mut Call<'_, '_>, request: &Request<'_>) -> Result<Map<String, Value>, ApiError> {
    let group = alibaba::group(call.cloud, request.group)?;
    alibaba::ready(call.cloud, group, Some(ScalingProcess::Terminate))?;
    let instances = scaling_group::members(call.cloud, group, &request.ids)?;
    if request.recycle {
        let message = "The specified group does not support the specified RemovePolicy.";
        return Err(alibaba::error(alibaba::INVALID_PARAMETER, 400, message));
    }
    scaling_group::check_shrinking(call.cloud, group, instances.len())?;
    let activity = call.cloud.ess_remove_instances(call.cx, group, &instances);
    Ok(alibaba::activity(call.cloud, activity))
}
