//! `nlb:UpdateServerGroupServersAttribute`: servers of a server group of a Network Load Balancer get
//! another weight.
//!
//! Source: R-WEIGHT-1, R-ANLB-5, as R-ALB-5.

use serde_json::Value;

use super::PORT;
use crate::api::alb::update_server_group_servers_attribute::{LIMIT, update};
use crate::api::params::{optional, with_shared};
use crate::api::server_params::{DESCRIPTION, WEIGHT};
use crate::api::server_service::NLB;
use crate::api::{ApiError, Call, Operation, Response, alibaba, server_group, server_params};
use crate::describe::{Kind, Param, Source};

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/slb/network-load-balancer/developer-reference/api-nlb-2022-04-30-updateservergroupserversattribute",
);

const ITEM: [Param; 6] = with_shared(
    server_params::server(
        server_params::NO_FUNCTIONS,
        server_params::on_page(API, PORT),
    ),
    &[
        optional(
            "Weight",
            WEIGHT,
            "its weight from now on, 0 for no new flows",
            API,
        ),
        optional(
            "Description",
            DESCRIPTION,
            "what to say about it from now on; not a link",
            API,
        ),
    ],
);
const SERVERS: Kind = Kind::List {
    of: &Kind::Struct(&ITEM),
    min: 1,
    max: LIMIT,
};

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "nlb:UpdateServerGroupServersAttribute",
    summary: "gives servers of a server group of an Alibaba Cloud NLB another weight; with 0 a \
              server gets no new flows and keeps what it has",
    params: &with_shared::<9, 11>(
        server_params::request(
            SERVERS,
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
        NLB.no_server.code,
        server_group::CONFIGURING,
    ],
    deviations: &[
        super::SHAPE,
        super::BUSY,
        super::FORWARDED,
        "one page allows 40 servers, another 200: 40 it is (assumed)",
        "a weight or description that is left out stays as it is, though the page names 100 as the \
         default (assumed)",
        "of a server that is named twice the last entry counts, and one that is being removed is \
         answered with ResourceInConfiguring.BackendServer (assumed)",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    update(call, (&OPERATION, &NLB), params)
}
