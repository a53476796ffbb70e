//! `nlb:ListServerGroupServers`: the servers of server groups of Network Load Balancers.
//!
//! Source: R-ANLB-5, as R-ALB-3.

use serde_json::Value;

use crate::api::alb::list_server_group_servers::list;
use crate::api::server_service::NLB;
use crate::api::{ApiError, Call, Operation, Response, alibaba, server_params};
use crate::describe::Source;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/slb/network-load-balancer/developer-reference/api-nlb-2022-04-30-listservergroupservers",
);

/// Most ids one call may name.
const MOST_IDS: usize = 40;

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "nlb:ListServerGroupServers",
    summary: "lists servers of server groups of an Alibaba Cloud NLB with their states",
    params: &server_params::list(MOST_IDS, 100, API),
    errors: &[alibaba::MISSING_PARAMETER, alibaba::INVALID_PARAMETER],
    deviations: &[
        super::SHAPE,
        super::FORWARDED,
        "a server group that does not exist has no servers (assumed)",
        "no server is ever Configuring; ServerIps is not known, and neither zones nor addresses \
         beside instance ids are told",
        "a server is Adding until the first node knows it, and Removing until no flow is left on it \
         (assumed)",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    list(call, (&OPERATION, &NLB), params)
}
