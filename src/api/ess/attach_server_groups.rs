//! `ess:AttachServerGroups`: a scaling group is associated with server groups.
//!
//! Without `ForceAttach` only instances to come are added. Source: R-ESS-4.

use serde_json::{Map, Value};

use crate::api::alibaba::{self, CLIENT_TOKEN, REGION_ID, ServerGroup};
use crate::api::params::{defaulted, required};
use crate::api::{ApiError, Call, Operation, Response, scaling_group_request};
use crate::describe::{Kind, Source};

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-attachservergroups",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:AttachServerGroups",
    summary: "associates a scaling group with server groups; ForceAttach also adds its instances",
    params: &[
        REGION_ID,
        required(
            "ScalingGroupId",
            Kind::Text { min: 1, max: 128 },
            "id of the scaling group",
            API,
        ),
        CLIENT_TOKEN,
        defaulted(
            "ForceAttach",
            Kind::Boolean,
            "false",
            "whether to add the group's instances to the server groups, through a scaling activity",
            API,
        ),
        scaling_group_request::SERVER_GROUPS[0],
        scaling_group_request::SERVER_GROUPS[1],
        scaling_group_request::SERVER_GROUPS[2],
        scaling_group_request::SERVER_GROUPS[3],
        scaling_group_request::SERVER_GROUPS[4],
        scaling_group_request::SERVER_GROUPS[5],
    ],
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        alibaba::GROUP_NOT_FOUND,
        alibaba::GROUP_STATUS,
        alibaba::IN_PROGRESS,
        alibaba::PARAMETER_MISMATCH,
    ],
    deviations: &[
        "a server group that is attached already on this port is passed over (assumed)",
        "all servers of a server group have the same weight when requests are routed",
    ],
    source: API,
    apply,
};

#[derive(Debug)]
struct Request<'a> {
    group: &'a str,
    force: bool,
    server_groups: Vec<ServerGroup>,
}

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = alibaba::check(OPERATION.params, params)?;
    let request = Request {
        group: fields.given("ScalingGroupId"),
        force: fields.flag("ForceAttach"),
        server_groups: alibaba::server_groups(fields, scaling_group_request::SERVER_GROUP)?,
    };
    let token = fields.text("ClientToken");
    let asked = (fields.text("RegionId"), &request);
    alibaba::once(call, OPERATION.name, token, &asked, |call| {
        act(call, &request)
    })
}

fn act(call: &mut Call<'_, '_>, request: &Request<'_>) -> Result<Map<String, Value>, ApiError> {
    let group = alibaba::group(call.cloud, request.group)?;
    if request.force {
        alibaba::ready(call.cloud, group, None)?;
    } else {
        alibaba::stands(call.cloud, group)?;
    }
    let sources = &call.cloud.groups[group.index()].sources;
    let new = scaling_group_request::attachable(call.cloud, sources, &request.server_groups)?;
    let activity = call
        .cloud
        .ess_attach_sources(call.cx, group, &new, request.force);
    Ok(activity.map_or_else(Map::new, |id| alibaba::activity(call.cloud, id)))
}
