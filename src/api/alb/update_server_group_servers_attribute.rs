//! `alb:UpdateServerGroupServersAttribute`: servers of a server group get another weight.
//!
//! Source: R-WEIGHT-1, R-ALB-5.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::api::params::{optional, with_shared};
use crate::api::server_group::{SERVER_PORT, Server, TYPE};
use crate::api::server_params::{DESCRIPTION, WEIGHT};
use crate::api::server_service::{ALB, Service};
use crate::api::{ApiError, Call, Operation, Response, alibaba, server_group, server_params};
use crate::describe::{Kind, Param, Source};
use crate::model::ids::RegistrationId;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-updateservergroupserversattribute",
);

/// Most servers one call may name.
pub(in crate::api) const LIMIT: usize = 40;

const ITEM: [Param; 6] = with_shared(
    server_params::server(TYPE, server_params::on_page(API, SERVER_PORT)),
    &[
        optional(
            "Weight",
            WEIGHT,
            "its weight from now on, 0 for no new requests",
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
const SERVER: Kind = Kind::Struct(&ITEM);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "alb:UpdateServerGroupServersAttribute",
    summary: "gives servers of a server group of an Alibaba Cloud ALB another weight; with 0 a \
              server gets no new requests and finishes what it has",
    params: &with_shared::<9, 11>(
        server_params::request(
            server_params::servers(&SERVER, LIMIT),
            TYPE,
            server_params::on_page(API, SERVER_PORT),
        ),
        &server_params::weighed(API),
    ),
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        ALB.other_request.code,
        ALB.no_group.code,
        server_group::DRY_RUN_OPERATION,
        ALB.no_server.code,
        server_group::CONFIGURING,
    ],
    deviations: &[
        server_group::DEVIATIONS[0],
        server_group::DEVIATIONS[1],
        server_group::DEVIATIONS[2],
        "a weight or description that is left out stays as it is, though the page names 100 as the \
         default (assumed)",
        "of a server that is named twice the last entry counts, and one that is being removed is \
         answered with ResourceInConfiguring.BackendServer (assumed)",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    update(call, (&OPERATION, &ALB), params)
}

/// Updates servers as `operation` describes it.
///
/// # Errors
/// What it may answer.
pub(in crate::api) fn update(
    call: &mut Call<'_, '_>,
    (operation, service): (&Operation, &Service),
    params: &Value,
) -> Result<Response, ApiError> {
    let how = (operation, LIMIT);
    service.change_servers(call, how, params, |call, id, request| {
        let found: BTreeMap<RegistrationId, &Server> = request
            .servers
            .iter()
            .map(|server| {
                Ok((
                    server_group::standing(call.cloud, id, server, service)?,
                    server,
                ))
            })
            .collect::<Result<_, ApiError>>()?;
        request.stop_if_dry()?;
        for (registration, server) in found {
            if let Some(weight) = server.weight {
                call.cloud.set_weight(call.cx, registration, weight);
            }
            if let Some(description) = &server.description {
                call.cloud.registrations[registration.index()].description =
                    Some(description.clone());
            }
        }
        Ok(())
    })
}
