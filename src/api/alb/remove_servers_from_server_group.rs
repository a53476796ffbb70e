//! `alb:RemoveServersFromServerGroup`: servers leave a server group of an Application Load Balancer
//! and drain.
//!
//! Source: R-ALB-1, R-ALB-3, R-DRAIN-7.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::api::server_group::{SERVER_PORT, Server, TYPE};
use crate::api::server_service::{ALB, Service};
use crate::api::{ApiError, Call, Operation, Response, alibaba, server_group, server_params};
use crate::describe::{Kind, Param, Source};
use crate::model::cloud::Cloud;
use crate::model::ids::{RegistrationId, TargetGroupId};

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-removeserversfromservergroup",
);

const ITEM: [Param; 4] = server_params::server(TYPE, server_params::on_page(API, SERVER_PORT));
const SERVER: Kind = Kind::Struct(&ITEM);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "alb:RemoveServersFromServerGroup",
    summary: "removes servers from a server group of an Alibaba Cloud ALB: no new requests, and \
              what is in flight finishes or, with connection draining, has its timeout",
    params: &server_params::request(
        server_params::servers(&SERVER, server_group::LIMIT),
        TYPE,
        server_params::on_page(API, SERVER_PORT),
    ),
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        alibaba::PARAMETER_MISMATCH,
        ALB.no_group.code,
        server_group::DRY_RUN_OPERATION,
        ALB.no_server.code,
        server_group::CONFIGURING,
    ],
    deviations: &[
        server_group::DEVIATIONS[0],
        server_group::DEVIATIONS[1],
        server_group::DEVIATIONS[2],
        "that removing a server which is being removed is answered with \
         ResourceInConfiguring.BackendServer is assumed",
        "a server that is named twice is removed once, and one named with another type is not \
         found (assumed)",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    remove(call, (&OPERATION, &ALB), params)
}

/// Removes servers as `operation` describes it.
///
/// # Errors
/// What it may answer.
pub(in crate::api) fn remove(
    call: &mut Call<'_, '_>,
    (operation, service): (&Operation, &Service),
    params: &Value,
) -> Result<Response, ApiError> {
    let how = (operation, server_group::LIMIT);
    service.change_servers(call, how, params, |call, id, request| {
        let registered = registered(call.cloud, id, &request.servers, service)?;
        request.stop_if_dry()?;
        for registration in registered {
            call.cloud.deregister(call.cx, registration);
        }
        Ok(())
    })
}

/// The registrations of the servers, each once.
fn registered(
    cloud: &Cloud,
    id: TargetGroupId,
    servers: &[Server],
    service: &Service,
) -> Result<BTreeSet<RegistrationId>, ApiError> {
    servers
        .iter()
        .map(|server| server_group::standing(cloud, id, server, service))
        .collect()
}
