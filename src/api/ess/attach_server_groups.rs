//! `ess:AttachServerGroups`: a scaling group is associated with server groups.
//!
//! Without `ForceAttach` only instances to come are added. Source: R-ESS-4.

use serde_json::Value;

use crate::api::alibaba::{self, CLIENT_TOKEN, REGION_ID};
use crate::api::{ApiError, Call, Operation, Response, ess_source, scaling_group};
use crate::describe::Source;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-attachservergroups",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:AttachServerGroups",
    summary: "associates a scaling group with server groups; ForceAttach also adds its instances",
    params: &[
        REGION_ID,
        scaling_group::ID,
        CLIENT_TOKEN,
        ess_source::force_attach(API),
        ess_source::SERVER_GROUPS[0],
        ess_source::SERVER_GROUPS[1],
        ess_source::SERVER_GROUPS[2],
        ess_source::SERVER_GROUPS[3],
        ess_source::SERVER_GROUPS[4],
        ess_source::SERVER_GROUPS[5],
        ess_source::SERVER_GROUPS[6],
        ess_source::SERVER_GROUPS[7],
        ess_source::SERVER_GROUPS[8],
        ess_source::SERVER_GROUPS[9],
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
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    ess_source::attach_server_groups(call, &OPERATION, &ess_source::NAMING, params)
}
