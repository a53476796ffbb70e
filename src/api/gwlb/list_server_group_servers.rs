//! `gwlb:ListServerGroupServers`: the servers of server groups of Gateway Load Balancers.
//!
//! Source: R-AGWLB-2, R-AGWLB-5.

use serde_json::Value;

use crate::api::alb::list_server_group_servers::list;
use crate::api::server_service::GWLB;
use crate::api::{ApiError, Call, Operation, Response, alibaba, server_params};
use crate::describe::Source;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/slb/gateway-based-load-balancing-gwlb/developer-reference/api-gwlb-2024-04-15-listservergroupservers",
);

/// Most ids one call may name.
const MOST_IDS: usize = 200;

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "gwlb:ListServerGroupServers",
    summary: "lists servers of server groups of an Alibaba Cloud GWLB with their states",
    params: &server_params::list(MOST_IDS, 1000, API),
    errors: &[alibaba::MISSING_PARAMETER, alibaba::INVALID_PARAMETER],
    deviations: &[
        super::SHAPE,
        super::FORWARDED,
        "a server group that does not exist has no servers (assumed)",
        "ServerIps and Skip are not known, and addresses are not told beside instance ids",
        "a server is Adding until the first node knows it (assumed); with draining it is Draining \
         from the beginning, without it Removing until no flow is left on it, and it is never \
         Replacing",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    list(call, (&OPERATION, &GWLB), params)
}
