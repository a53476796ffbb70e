//! `ess:DetachServerGroups`: a scaling group and server groups part, with or without its instances.
//!
//! Without `ForceDetach` only the association ends: instances stay registered and keep receiving
//! traffic. Source: R-ESS-3.

use serde_json::{Map, Value};

use crate::api::alibaba::{self, CLIENT_TOKEN, REGION_ID, ServerGroup};
use crate::api::params::{defaulted, optional, required};
use crate::api::{ApiError, Call, Operation, Response};
use crate::describe::{Kind, Param, Source};
use crate::model::cloud::Cloud;
use crate::model::group::SourceState;
use crate::model::ids::GroupId;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-detachservergroups",
);

const SERVER_GROUP_ID: Kind = Kind::Text { min: 1, max: 128 };
const TYPE: Kind = Kind::OneOf(&["ALB", "NLB", "GWLB"]);
const PORT: Kind = Kind::Integer { min: 1, max: 65535 };

const ITEM: &[Param] = &[
    required(
        "ServerGroupId",
        SERVER_GROUP_ID,
        "id of the server group",
        API,
    ),
    required("Type", TYPE, "`ALB`, `NLB` or `GWLB`", API),
    optional(
        "Port",
        PORT,
        "port of the instances in it; required for ALB and NLB, not to be given for GWLB",
        API,
    ),
];

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:DetachServerGroups",
    summary: "ends the association of a scaling group with server groups; ForceDetach also removes \
              its instances from them",
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
            "ForceDetach",
            Kind::Boolean,
            "false",
            "whether to remove the group's instances from the server groups, through a scaling \
             activity",
            API,
        ),
        optional(
            "ServerGroups",
            Kind::List {
                of: &Kind::Struct(ITEM),
                min: 1,
                max: usize::MAX,
            },
            "the server groups, as current SDKs send them; this or one of the other spellings",
            API,
        ),
        optional(
            "ServerGroup",
            Kind::Any,
            "the server groups, as a list or as JSON text",
            API,
        ),
        optional(
            "ServerGroup.N.ServerGroupId",
            SERVER_GROUP_ID,
            "id of the N-th server group",
            API,
        ),
        optional("ServerGroup.N.Type", TYPE, "its type", API),
        optional("ServerGroup.N.Port", PORT, "its port", API),
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
        "a server group that is not attached with this id, port and type is passed over (assumed)",
        "ScalingActivityId is answered with ForceDetach only, as the page says; its sample differs",
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
        force: fields.flag("ForceDetach"),
        server_groups: alibaba::server_groups(fields, ITEM)?,
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
    let places = attached(call.cloud, group, &request.server_groups);
    if request.force {
        let activity = call.cloud.ess_detach_sources(call.cx, group, &places);
        return Ok(alibaba::activity(call.cloud, activity));
    }
    call.cloud.ess_forget_sources(call.cx, group, &places);
    Ok(Map::new())
}

/// Places of the attached sources that match; one that is being detached matches no more.
fn attached(cloud: &Cloud, group: GroupId, wanted: &[ServerGroup]) -> Vec<usize> {
    let wanted: Vec<_> = wanted
        .iter()
        .filter_map(|wanted| {
            let found = alibaba::server_group_named(cloud, wanted)?;
            Some((found, wanted.port))
        })
        .collect();
    let sources = cloud.groups[group.index()].sources.iter().enumerate();
    sources
        .filter(|(_, source)| {
            source.state != SourceState::Removing
                && wanted.contains(&(source.target_group, source.port))
        })
        .map(|(place, _)| place)
        .collect()
}
