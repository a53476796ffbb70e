//! `ess:AttachAlbServerGroups`: a scaling group is associated with server groups of Application Load
//! Balancers, by the older call.
//!
//! Source: R-ESS-30.

use serde_json::Value;

use crate::api::alibaba::{self, CLIENT_TOKEN, REGION_ID};
use crate::api::ess_source::{self, WEIGHT};
use crate::api::params::{optional, required, with_shared};
use crate::api::{ApiError, Call, Operation, Response, scaling_group};
use crate::describe::{Kind, Param, Source};

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-attachalbservergroups",
);

const ITEM: [Param; 3] = with_shared(
    ess_source::alb_server_group(API),
    &[required(
        "Weight",
        WEIGHT,
        "weight of the instances in it",
        API,
    )],
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:AttachAlbServerGroups",
    summary: "associates a scaling group with ALB server groups; ForceAttach also adds its instances",
    params: &with_shared::<6, 12>(
        [
            REGION_ID,
            scaling_group::ID,
            CLIENT_TOKEN,
            ess_source::force_attach(API),
            optional(
                "AlbServerGroups.N.Weight",
                WEIGHT,
                "weight of the instances in an ALB server group",
                API,
            ),
            optional("AlbServerGroup.N.Weight", WEIGHT, "the same", API),
        ],
        &ess_source::alb_server_groups(&Kind::Struct(&ITEM), API),
    ),
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
    let naming = ess_source::alb_naming(&ITEM);
    ess_source::attach_server_groups(call, &OPERATION, &naming, params)
}
