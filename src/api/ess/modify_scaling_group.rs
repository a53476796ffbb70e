//! `ess:ModifyScalingGroup`: other sizes, zones, or what is launched.
//!
//! Source: R-ESS-12.

use serde_json::{Map, Value};

use crate::api::alibaba::{self, ANY_REGION_ID};
use crate::api::params::{optional, with_shared};
use crate::api::{ApiError, Call, Operation, Response, scaling_group, scaling_group_request};
use crate::describe::{Param, Source};

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-modifyscalinggroup",
);

const OWN: [Param; 8] = [
    ANY_REGION_ID,
    scaling_group::ID,
    optional("MinSize", scaling_group_request::SIZE, "smallest size", API),
    optional("MaxSize", scaling_group_request::SIZE, "largest size", API),
    scaling_group_request::LAUNCHED[0],
    scaling_group_request::LAUNCHED[1],
    scaling_group_request::LAUNCHED[2],
    scaling_group_request::CONFIGURATION,
];

const PARAMS: [Param; OWN.len() + scaling_group_request::SETTINGS.len()] =
    with_shared(OWN, &scaling_group_request::SETTINGS);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:ModifyScalingGroup",
    summary: "changes a scaling group; instances there are keep what they were launched with",
    params: &PARAMS,
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        alibaba::GROUP_NOT_FOUND,
        alibaba::GROUP_STATUS,
        scaling_group_request::CONFLICT,
        scaling_group_request::NO_TEMPLATE,
        scaling_group_request::NO_CONFIGURATION,
        scaling_group_request::NO_SWITCH,
    ],
    deviations: &[
        "a group cannot be renamed: ScalingGroupName is not a parameter",
        "a name of a launch template stands for its id and for that of a scaling configuration",
        "quotas are not checked, and an expected number of instances is not a parameter",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = alibaba::check(OPERATION.params, params)?;
    let id = alibaba::group(call.cloud, fields.given("ScalingGroupId"))?;
    alibaba::stands(call.cloud, id)?;
    let group = &call.cloud.groups[id.index()];
    let sizes = scaling_group_request::sizes(fields, (group.min_size, group.max_size))?;
    let template = scaling_group_request::launched(call.cloud, fields)?;
    let zones = scaling_group_request::zones(call.cloud, fields)?;
    let rules = scaling_group_request::rules(fields, group.rules.clone())?;
    let group = &mut call.cloud.groups[id.index()];
    group.rules = rules;
    if let Some(zones) = zones {
        group.zones = zones;
    }
    group.configure(template);
    call.cloud.ess_resize_group(call.cx, id, sizes);
    Ok(alibaba::answer(call, Map::new()))
}
