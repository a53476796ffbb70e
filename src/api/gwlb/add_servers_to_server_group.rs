//! `gwlb:AddServersToServerGroup`: servers join a server group of a Gateway Load Balancer.
//!
//! Source: R-AGWLB-2, R-AGWLB-5, as R-ALB-1.

use serde_json::Value;

use super::PORT;
use crate::api::alb::add_servers_to_server_group::{CONFLICT, OTHER_TYPE, add};
use crate::api::server_service::GWLB;
use crate::api::{ApiError, Call, Operation, Response, alibaba, server_group, server_params};
use crate::describe::{Kind, Param, Source};

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/slb/gateway-based-load-balancing-gwlb/developer-reference/api-gwlb-2024-04-15-addserverstoservergroup",
);

const ITEM: [Param; 4] = server_params::server(
    server_params::NO_FUNCTIONS,
    server_params::on_page(API, PORT),
);
const SERVER: Kind = Kind::Struct(&ITEM);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "gwlb:AddServersToServerGroup",
    summary: "adds servers to a server group of an Alibaba Cloud GWLB; one that drains is kept",
    params: &server_params::request(
        server_params::servers(&SERVER, server_group::LIMIT),
        server_params::NO_FUNCTIONS,
        server_params::on_page(API, PORT),
    ),
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        GWLB.other_request.code,
        GWLB.no_group.code,
        server_group::DRY_RUN_OPERATION,
        GWLB.duplicated.code,
        CONFLICT,
        OTHER_TYPE,
        GWLB.illegal_ip.code,
        GWLB.no_ecs.code,
        GWLB.no_eci.code,
        GWLB.no_eni.code,
    ],
    deviations: &[
        super::SHAPE,
        super::ERRORS,
        super::BUSY,
        super::FORWARDED,
        "a machine that does not run is not found (assumed)",
        "an IP address must be that of a machine of the scenario, else IllegalParam.ServerIp is \
         answered",
        "quotas and networks are not checked",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    add(call, (&OPERATION, &GWLB), params)
}
