//! `ess:DetachServerGroups`: a scaling group and server groups part, with or without its instances.
//!
//! Without `ForceDetach` only the association ends: instances stay registered and keep receiving
//! traffic. Source: R-ESS-3.

use serde_json::Value;

use crate::api::alibaba::{self, CLIENT_TOKEN, REGION_ID};
use crate::api::ess_source::{self, PORT, SERVER_GROUP_ID, TYPE};
use crate::api::params::optional;
use crate::api::{ApiError, Call, Operation, Response, scaling_group};
use crate::describe::{Kind, Param, Source};

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-detachservergroups",
);

const ITEM: [Param; 3] = ess_source::server_group(API);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:DetachServerGroups",
    summary: "ends the association of a scaling group with server groups; ForceDetach also removes \
              its instances from them",
    params: &[
        REGION_ID,
        scaling_group::ID,
        CLIENT_TOKEN,
        ess_source::force_detach(API),
        optional(
            "ServerGroups",
            Kind::List {
                of: &Kind::Struct(&ITEM),
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

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    ess_source::detach_server_groups(call, &OPERATION, &ess_source::naming(&ITEM), params)
}
