//! `nlb:RemoveServersFromServerGroup`: servers leave a server group of a Network Load Balancer and
//! drain.
//!
//! Source: R-ANLB-1, R-ANLB-5, as R-ALB-1, R-ALB-3.

use serde_json::Value;

use super::PORT;
use crate::api::alb::remove_servers_from_server_group::remove;
use crate::api::server_service::NLB;
use crate::api::{ApiError, Call, Operation, Response, alibaba, server_group, server_params};
use crate::describe::{Kind, Param, Source};

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/slb/network-load-balancer/developer-reference/api-nlb-2022-04-30-removeserversfromservergroup",
);

const ITEM: [Param; 4] = server_params::server(
    server_params::NO_FUNCTIONS,
    server_params::on_page(API, PORT),
);
const SERVER: Kind = Kind::Struct(&ITEM);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "nlb:RemoveServersFromServerGroup",
    summary: "removes servers from a server group of an Alibaba Cloud NLB: no new flows, and those \
              there are live on or, with connection draining, have its timeout",
    params: &server_params::request(
        server_params::servers(&SERVER, server_group::LIMIT),
        server_params::NO_FUNCTIONS,
        server_params::on_page(API, PORT),
    ),
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        NLB.other_request.code,
        NLB.no_group.code,
        server_group::DRY_RUN_OPERATION,
        NLB.no_server.code,
        server_group::CONFIGURING,
    ],
    deviations: &[
        super::SHAPE,
        super::BUSY,
        super::FORWARDED,
        "that removing a server which is being removed is answered with \
         ResourceInConfiguring.BackendServer, as ALB does, is assumed",
        "a server that is named twice is removed once, and one named with another type is not \
         found (assumed)",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    remove(call, (&OPERATION, &NLB), params)
}
