//! `ess:AttachServerGroups`: a scaling group is associated with server groups.
//!
//! Without `ForceAttach` only instances to come are added. Source: R-ESS-4.

use serde_json::{Map, Value};

use crate::api::alibaba::{self, CLIENT_TOKEN, REGION_ID, ServerGroup};
use crate::api::params::{defaulted, optional, required};
use crate::api::{ApiError, Call, Operation, Response};
use crate::describe::{Kind, Param, Source};
use crate::model::cloud::Cloud;
use crate::model::ess::NewSource;
use crate::model::group::SourceState;
use crate::model::ids::GroupId;
use crate::model::settings::{Provider, TargetType};

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-attachservergroups",
);

const SERVER_GROUP_ID: Kind = Kind::Text { min: 1, max: 128 };
const TYPE: Kind = Kind::OneOf(&["ALB", "NLB", "GWLB"]);
const PORT: Kind = Kind::Integer { min: 1, max: 65535 };
const WEIGHT: Kind = Kind::Integer { min: 0, max: 100 };

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
    optional(
        "Weight",
        WEIGHT,
        "weight of the instances in it; required for ALB and NLB, not to be given for GWLB",
        API,
    ),
];

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
        optional("ServerGroup.N.Weight", WEIGHT, "its weight", API),
    ],
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        alibaba::GROUP_NOT_FOUND,
        alibaba::IN_PROGRESS,
        alibaba::PARAMETER_MISMATCH,
    ],
    deviations: &["a server group that is attached already on this port is passed over (assumed)"],
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
        alibaba::idle(call.cloud, group)?;
    }
    let new = attachable(call.cloud, group, &request.server_groups)?;
    let activity = call
        .cloud
        .ess_attach_sources(call.cx, group, &new, request.force);
    Ok(activity.map_or_else(Map::new, |id| alibaba::activity(call.cloud, id)))
}

/// Server groups to attach, those left out that are attached.
fn attachable(
    cloud: &Cloud,
    group: GroupId,
    wanted: &[ServerGroup],
) -> Result<Vec<NewSource>, ApiError> {
    let mut new: Vec<NewSource> = Vec::new();
    for (wanted, place) in wanted.iter().zip(1..) {
        let key = |name| format!("ServerGroup.{place}.{name}");
        let is_server_group = cloud.target_group_named(&wanted.id).is_some_and(|id| {
            let group = &cloud.target_groups[id.index()];
            group.provider == Provider::Alibaba && group.target_type == TargetType::Instance
        });
        if !is_server_group {
            return Err(alibaba::invalid(&key("ServerGroupId")));
        }
        let target_group = alibaba::server_group_named(cloud, wanted)
            .ok_or_else(|| alibaba::invalid(&key("Type")))?;
        let same = |other, port| other == target_group && port == wanted.port;
        let sources = cloud.groups[group.index()].sources.iter();
        let attached = sources
            .filter(|source| source.state != SourceState::Removing)
            .any(|source| same(source.target_group, source.port));
        if attached || new.iter().any(|new| same(new.target_group, new.port)) {
            continue;
        }
        new.push(NewSource {
            target_group,
            port: wanted.port,
            weight: wanted.weight.unwrap_or(100),
        });
    }
    Ok(new)
}
