//! `ess:AttachServerGroups`: a scaling group is associated with server groups.
//!
//! Without `ForceAttach` only instances to come are added. Source: R-ESS-4.

use serde_json::Value;

use crate::api::alibaba::{self, CLIENT_TOKEN, REGION_ID};
use crate::api::ess_source::{self, Naming, PORT, SERVER_GROUP_ID, TYPE, WEIGHT};
use crate::api::params::{optional, required};
use crate::api::{ApiError, Call, Operation, Response, scaling_group};
use crate::describe::{Kind, Param, Source};

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-attachservergroups",
);

/// How server groups are named.
pub(in crate::api) const NAMING: Naming = Naming {
    keys: &["ServerGroups", "ServerGroup"],
    id: "ServerGroupId",
    kind: None,
    item: ITEM,
};

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

/// The server groups of a request, in every spelling.
pub(in crate::api) const SERVER_GROUPS: [Param; 10] = [
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
        "ServerGroups.N.ServerGroupId",
        SERVER_GROUP_ID,
        "id of the N-th server group",
        API,
    ),
    optional("ServerGroups.N.Type", TYPE, "its type", API),
    optional("ServerGroups.N.Port", PORT, "its port", API),
    optional("ServerGroups.N.Weight", WEIGHT, "its weight", API),
    optional(
        "ServerGroup.N.ServerGroupId",
        SERVER_GROUP_ID,
        "id of the N-th server group",
        API,
    ),
    optional("ServerGroup.N.Type", TYPE, "its type", API),
    optional("ServerGroup.N.Port", PORT, "its port", API),
    optional("ServerGroup.N.Weight", WEIGHT, "its weight", API),
];

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:AttachServerGroups",
    summary: "associates a scaling group with server groups; ForceAttach also adds its instances",
    params: &[
        REGION_ID,
        scaling_group::ID,
        CLIENT_TOKEN,
        ess_source::force_attach(API),
        SERVER_GROUPS[0],
        SERVER_GROUPS[1],
        SERVER_GROUPS[2],
        SERVER_GROUPS[3],
        SERVER_GROUPS[4],
        SERVER_GROUPS[5],
        SERVER_GROUPS[6],
        SERVER_GROUPS[7],
        SERVER_GROUPS[8],
        SERVER_GROUPS[9],
    ],
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        alibaba::GROUP_NOT_FOUND,
        alibaba::GROUP_STATUS,
        alibaba::IN_PROGRESS,
        alibaba::PARAMETER_MISMATCH,
    ],
    deviations: &["a server group that is attached already on this port is passed over (assumed)"],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    ess_source::attach_server_groups(call, &OPERATION, &NAMING, params)
}
