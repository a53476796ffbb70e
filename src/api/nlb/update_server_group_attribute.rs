//! `nlb:UpdateServerGroupAttribute`: how a server group of a Network Load Balancer drains, and how
//! its nodes choose a server.
//!
//! Source: R-ANLB-3, R-ANLB-5, R-DRAIN-5, as R-ALB-4.

use serde_json::Value;

use crate::api::alb::update_server_group_attribute::{ENABLED, TIMEOUT, update};
use crate::api::params::optional;
use crate::api::server_params::on_page;
use crate::api::server_service::NLB;
use crate::api::{ApiError, Call, Operation, Response, alibaba, server_group};
use crate::describe::{Kind, Source};

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/slb/network-load-balancer/developer-reference/api-nlb-2022-04-30-updateservergroupattribute",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "nlb:UpdateServerGroupAttribute",
    summary: "changes how a server group of an Alibaba Cloud NLB drains and how servers are \
              chosen; what drains already keeps its timeout",
    params: &[
        on_page(API, server_group::REGION_ID),
        on_page(API, server_group::SERVER_GROUP_ID),
        optional(
            "Scheduler",
            Kind::OneOf(&["Wrr", "Wlc", "rr", "tch", "qch"]),
            "how servers are chosen: weighted round robin, weighted least connections, round \
             robin, or a hash over addresses and ports or over QUIC ids",
            API,
        ),
        optional(
            ENABLED,
            Kind::Boolean,
            "whether the flows of a removed or unhealthy server are cut",
            API,
        ),
        optional(
            TIMEOUT,
            Kind::Integer { min: 0, max: 900 },
            "after which time they are cut [s]",
            API,
        ),
        on_page(API, server_group::DRY_RUN),
        on_page(API, alibaba::CLIENT_TOKEN),
    ],
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        NLB.other_request.code,
        NLB.no_group.code,
        server_group::DRY_RUN_OPERATION,
    ],
    deviations: &[
        super::SHAPE,
        super::BUSY,
        super::FORWARDED,
        "other parameters are not known: name, health checks and client addresses; of the \
         schedulers `sch` is not simulated, and that `qch` goes with UDP only is not checked",
        "a request that changes nothing is accepted (assumed)",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    update(call, (&OPERATION, &NLB), params)
}
