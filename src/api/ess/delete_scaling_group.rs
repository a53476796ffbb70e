//! `ess:DeleteScalingGroup`: a scaling group goes, by force with its instances.
//!
//! Source: R-ESS-13.

use serde_json::{Map, Value};

use crate::api::alibaba::{self, ANY_REGION_ID};
use crate::api::params::defaulted;
use crate::api::{ApiError, Call, Operation, Response, scaling_group};
use crate::describe::{Kind, Source};
use crate::model::settings::DeletionProtection;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-deletescalinggroup",
);

const IN_USE: &str = "InstanceInUse";

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:DeleteScalingGroup",
    summary: "deletes a scaling group without instances, or by force with them once its activity \
              is over",
    params: &[
        ANY_REGION_ID,
        scaling_group::ID,
        defaulted(
            "ForceDelete",
            Kind::Boolean,
            "false",
            "whether to delete it although it has instances or a scaling activity",
            API,
        ),
    ],
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        alibaba::GROUP_NOT_FOUND,
        alibaba::OPERATION_DENIED,
        alibaba::IN_PROGRESS,
        IN_USE,
    ],
    deviations: &[
        "with which code a protected group is refused is assumed",
        "instances leave its server groups through an activity, as RemoveInstances does it, \
         without lifecycle hooks (assumed)",
        "deleting a group that is being deleted changes nothing (assumed)",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let checked = alibaba::check(OPERATION.params, params)?;
    let fields = checked.fields();
    let id = alibaba::group(call.cloud, fields.given("ScalingGroupId"))?;
    let group = &call.cloud.groups[id.index()];
    if group.rules.deletion_protection != DeletionProtection::None {
        return Err(alibaba::denied());
    }
    if !group.is_leaving() {
        if !fields.flag("ForceDelete") {
            alibaba::check_idle(call.cloud, id)?;
            if !group.members.is_empty() {
                let message = "You cannot delete a scaling configuration or scaling group while \
                               there is an instance associated with it.";
                return Err(alibaba::error(IN_USE, 400, message));
            }
        }
        call.cloud.ess_delete_group(call.cx, id);
    }
    Ok(alibaba::answer(call, Map::new()))
}
