//! `ess:DetachAlbServerGroups`: a scaling group and server groups of Application Load Balancers part,
//! by the older call.
//!
//! Source: R-ESS-30.

use serde_json::Value;

use crate::api::alibaba::{self, CLIENT_TOKEN, REGION_ID};
use crate::api::ess_source;
use crate::api::params::with_shared;
use crate::api::{ApiError, Call, Operation, Response, scaling_group};
use crate::describe::{Kind, Param, Source};

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-detachalbservergroups",
);

const ITEM: [Param; 2] = ess_source::alb_server_group(API);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:DetachAlbServerGroups",
    summary: "ends the association of a scaling group with ALB server groups; ForceDetach also \
              removes its instances from them",
    params: &with_shared::<4, 10>(
        [
            REGION_ID,
            scaling_group::ID,
            CLIENT_TOKEN,
            ess_source::force_detach(API),
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
        "a server group that is not attached with this id and port is passed over (assumed)",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let naming = ess_source::alb_naming(&ITEM);
    ess_source::detach_server_groups(call, &OPERATION, &naming, params)
}
