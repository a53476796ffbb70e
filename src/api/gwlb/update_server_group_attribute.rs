//! `gwlb:UpdateServerGroupAttribute`: how a server group of a Gateway Load Balancer drains.
//!
//! Source: R-AGWLB-1, R-AGWLB-3 to R-AGWLB-5, R-DRAIN-5, as R-ALB-4.

use serde_json::Value;

use crate::api::alb::update_server_group_attribute::{ENABLED, FAILOVER, TIMEOUT, update};
use crate::api::params::optional;
use crate::api::server_params::on_page;
use crate::api::server_service::GWLB;
use crate::api::{ApiError, Call, Operation, Response, alibaba, server_group};
use crate::describe::{Kind, Param, Source};

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/slb/gateway-based-load-balancing-gwlb/developer-reference/api-gwlb-2024-04-15-updateservergroupattribute",
);

/// Seconds.
const SPAN: Kind = Kind::Integer { min: 1, max: 3600 };

const DRAIN: &[Param] = &[
    optional(
        ENABLED,
        Kind::Boolean,
        "whether a removed server is Draining for a while",
        API,
    ),
    optional(TIMEOUT, SPAN, "for how long [s]", API),
];

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "gwlb:UpdateServerGroupAttribute",
    summary: "changes how a server group of an Alibaba Cloud GWLB drains; what drains already keeps \
              its timeout",
    params: &[
        on_page(API, server_group::REGION_ID),
        on_page(API, server_group::SERVER_GROUP_ID),
        optional(
            "Scheduler",
            Kind::OneOf(&["5TCH"]),
            "how servers are chosen: a hash over addresses, ports and protocol",
            API,
        ),
        optional(
            "ConnectionDrainConfig",
            Kind::Struct(DRAIN),
            "connection draining; what is left out stays as it is",
            API,
        ),
        optional(
            "ConnectionDrainConfig.ConnectionDrainEnabled",
            Kind::Boolean,
            "the same, as it travels",
            API,
        ),
        optional(
            "ConnectionDrainConfig.ConnectionDrainTimeout",
            SPAN,
            "the same, as it travels [s]",
            API,
        ),
        optional(
            FAILOVER,
            Kind::OneOf(&["NoRebalance"]),
            "where the flows of an unhealthy server go: on to it",
            API,
        ),
        on_page(API, server_group::DRY_RUN),
        on_page(API, alibaba::CLIENT_TOKEN),
    ],
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        GWLB.other_request.code,
        GWLB.no_group.code,
        server_group::DRY_RUN_OPERATION,
    ],
    deviations: &[
        super::SHAPE,
        super::ERRORS,
        super::BUSY,
        super::FORWARDED,
        "other parameters are not known: name and health checks; the schedulers `3TCH` and `2TCH` \
         and the failover mode `Rebalance` are not simulated",
        "a request that changes nothing is accepted (assumed)",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    update(call, (&OPERATION, &GWLB), params)
}
