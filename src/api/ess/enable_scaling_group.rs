//! `ess:EnableScalingGroup`: a scaling group begins to work, and may take instances in.
//!
//! Source: R-ESS-12.

use serde_json::{Map, Value};

use crate::api::alibaba::{self, ANY_REGION_ID};
use crate::api::{ApiError, Call, Operation, Response, scaling_group, scaling_group_request};
use crate::describe::Source;
use crate::model::ess::Joining;
use crate::model::ids::InstanceId;
use crate::model::scaling_process::ScalingProcess;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-enablescalinggroup",
);

const NO_CONFIGURATION: &str = "MissingActiveScalingConfiguration";

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:EnableScalingGroup",
    summary: "makes a disabled scaling group work, and attaches instances to it",
    params: &[
        ANY_REGION_ID,
        scaling_group::ID,
        scaling_group_request::LAUNCHED[0],
        scaling_group_request::LAUNCHED[1],
        scaling_group_request::LAUNCHED[2],
        scaling_group_request::CONFIGURATION,
        scaling_group::INSTANCE_IDS,
        scaling_group::INSTANCE_ID,
        scaling_group::INSTANCE_ID_N,
        scaling_group::WEIGHTS,
        scaling_group::WEIGHT_N,
    ],
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        alibaba::GROUP_NOT_FOUND,
        alibaba::GROUP_STATUS,
        alibaba::OPERATION_DENIED,
        alibaba::IN_PROGRESS,
        scaling_group_request::CONFLICT,
        scaling_group_request::NO_TEMPLATE,
        scaling_group_request::NO_CONFIGURATION,
        scaling_group::INSTANCE_NOT_FOUND,
        scaling_group::INSTANCE_STATUS,
        scaling_group::IN_USE,
        scaling_group::MAX_SIZE,
        NO_CONFIGURATION,
    ],
    deviations: &[
        "a name of a launch template stands for its id and for that of a scaling configuration",
        scaling_group::SUSPENDED,
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let checked = alibaba::check(OPERATION.params, params)?;
    let fields = checked.fields();
    scaling_group::weights(fields);
    let ids = scaling_group::any_ids(fields);
    let id = alibaba::group(call.cloud, fields.given("ScalingGroupId"))?;
    alibaba::check_not_deleting(call.cloud, id)?;
    let group = &call.cloud.groups[id.index()];
    if group.is_active() {
        return Err(alibaba::wrong_group_status());
    }
    let template = scaling_group_request::launched(call.cloud, fields)?;
    if template.is_none() && group.scaling_group.unconfigured {
        let message =
            "An active scaling configuration for the specified scaling group is not supplied.";
        return Err(alibaba::error(NO_CONFIGURATION, 400, message));
    }
    let mut instances: Vec<InstanceId> = Vec::new();
    if !ids.is_empty() {
        alibaba::check_process(call.cloud, id, ScalingProcess::Launch)?;
        alibaba::check_idle(call.cloud, id)?;
        for name in &ids {
            instances.push(scaling_group::attachable(call.cloud, name)?);
        }
        scaling_group::check_growing(call.cloud, id, instances.len(), "max size")?;
    }
    let how = Joining {
        weights: scaling_group::weights_of(call.cloud, fields, &instances),
        ..Joining::default()
    };
    call.cloud.groups[id.index()].configure(template);
    call.cloud.ess_enable_group(call.cx, id, &instances, how);
    Ok(alibaba::answer(call, Map::new()))
}
