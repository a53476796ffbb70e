//! `nlb:AddServersToServerGroup`: servers join a server group of a Network Load Balancer.
//!
//! Source: R-ANLB-5, as R-ALB-1, R-ALB-2.

use serde_json::Value;

use super::PORT;
use crate::api::alb::add_servers_to_server_group::{CONFLICT, OTHER_TYPE, add};
use crate::api::params::{defaulted, optional, with_shared};
use crate::api::server_params::{DESCRIPTION, WEIGHT};
use crate::api::server_service::NLB;
use crate::api::{ApiError, Call, Operation, Response, alibaba, server_group, server_params};
use crate::describe::{Kind, Param, Source};

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/slb/network-load-balancer/developer-reference/api-nlb-2022-04-30-addserverstoservergroup",
);

const ITEM: [Param; 6] = with_shared(
    server_params::server(
        server_params::NO_FUNCTIONS,
        server_params::on_page(API, PORT),
    ),
    &[
        defaulted("Weight", WEIGHT, "100", "its weight", API),
        optional(
            "Description",
            DESCRIPTION,
            "what to say about it; not a link",
            API,
        ),
    ],
);
const SERVER: Kind = Kind::Struct(&ITEM);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "nlb:AddServersToServerGroup",
    summary: "adds servers to a server group of an Alibaba Cloud NLB; one that drains is added \
              beside what drains",
    params: &with_shared::<9, 11>(
        server_params::request(
            server_params::servers(&SERVER, server_group::LIMIT),
            server_params::NO_FUNCTIONS,
            server_params::on_page(API, PORT),
        ),
        &server_params::weighed(API),
    ),
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        NLB.other_request.code,
        NLB.no_group.code,
        server_group::DRY_RUN_OPERATION,
        NLB.duplicated.code,
        CONFLICT,
        OTHER_TYPE,
        NO_PORT,
        NLB.illegal_ip.code,
        NLB.no_ecs.code,
        NLB.no_eci.code,
        NLB.no_eni.code,
    ],
    deviations: &[
        super::SHAPE,
        super::BUSY,
        super::FORWARDED,
        "that a server which is there already is answered with Conflict.BackendServer, as ALB does, \
         is assumed",
        "there is no server group that forwards to all ports: port 0 is refused, with a code whose \
         cause is assumed",
        "a machine that does not run is not found (assumed)",
        "an IP address must be that of a machine of the scenario, else IllegalParam.IP is answered",
        "quotas and networks are not checked",
    ],
    source: API,
    apply,
};

const NO_PORT: &str = match NLB.no_port {
    Some(refusal) => refusal.code,
    None => "",
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    add(call, (&OPERATION, &NLB), params)
}
