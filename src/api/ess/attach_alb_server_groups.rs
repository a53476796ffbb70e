//! `ess:AttachAlbServerGroups`: a scaling group is associated with server groups of Application Load
//! Balancers, by the older call.
//!
//! Source: R-ESS-30.

use serde_json::Value;

use crate::api::alibaba::{self, CLIENT_TOKEN, REGION_ID};
use crate::api::ess_source::{self, Naming, PORT, SERVER_GROUP_ID, WEIGHT};
use crate::api::params::{optional, required};
use crate::api::{ApiError, Call, Operation, Response, scaling_group};
use crate::describe::{Kind, Param, Source};

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-attachalbservergroups",
);

const NAMING: Naming = Naming {
    keys: &["AlbServerGroups", "AlbServerGroup"],
    id: "AlbServerGroupId",
    kind: Some("ALB"),
    item: ITEM,
};

const ITEM: &[Param] = &[
    required(
        "AlbServerGroupId",
        SERVER_GROUP_ID,
        "id of the ALB server group",
        API,
    ),
    required("Port", PORT, "port of the instances in it", API),
    required("Weight", WEIGHT, "weight of the instances in it", API),
];

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:AttachAlbServerGroups",
    summary: "associates a scaling group with ALB server groups; ForceAttach also adds its instances",
    params: &[
        REGION_ID,
        scaling_group::ID,
        CLIENT_TOKEN,
        ess_source::force_attach(API),
        optional(
            "AlbServerGroups",
            Kind::List {
                of: &Kind::Struct(ITEM),
                min: 1,
                max: usize::MAX,
            },
            "the ALB server groups, as current SDKs send them; this or one of the other spellings",
            API,
        ),
        optional(
            "AlbServerGroup",
            Kind::Any,
            "the ALB server groups, as a list or as JSON text",
            API,
        ),
        optional(
            "AlbServerGroups.N.AlbServerGroupId",
            SERVER_GROUP_ID,
            "id of the N-th ALB server group",
            API,
        ),
        optional("AlbServerGroups.N.Port", PORT, "its port", API),
        optional("AlbServerGroups.N.Weight", WEIGHT, "its weight", API),
        optional(
            "AlbServerGroup.N.AlbServerGroupId",
            SERVER_GROUP_ID,
            "id of the N-th ALB server group",
            API,
        ),
        optional("AlbServerGroup.N.Port", PORT, "its port", API),
        optional("AlbServerGroup.N.Weight", WEIGHT, "its weight", API),
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
        "a server group that is attached already on this port stays as it is; ForceAttach adds \
         instances that are not in it (assumed)",
        "that a server group is Available and in the network of the scaling group is not checked",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    ess_source::attach_server_groups(call, &OPERATION, &NAMING, params)
}
