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

const NAMING: Naming = Naming {
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

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:AttachServerGroups",
    summary: "associates a scaling group with server groups; ForceAttach also adds its instances",
    params: &[
        REGION_ID,
        scaling_group::ID,
        CLIENT_TOKEN,
        ess_source::force_attach(API),
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
    ],
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        alibaba::GROUP_NOT_FOUND,
        alibaba::IN_PROGRESS,
        alibaba::PARAMETER_MISMATCH,
    ],
    deviations: &[
        "a server group that is attached already on this port stays as it is; ForceAttach adds \
         instances that are not in it (assumed)",
        "all servers of a server group have the same weight when requests are routed",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    ess_source::attach_server_groups(call, &OPERATION, &NAMING, params)
}
