//! `alb:AddServersToServerGroup`: servers join a server group of an Application Load Balancer.
//!
//! Source: R-ALB-1, R-ALB-2, R-DRAIN-7.

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde_json::Value;

use crate::api::params::{defaulted, optional, with_shared};
use crate::api::server_group::{SERVER_PORT, Server, TYPE};
use crate::api::server_params::{DESCRIPTION, WEIGHT};
use crate::api::server_service::{ALB, Service};
use crate::api::{ApiError, Call, Operation, Response, alibaba, server_group, server_params};
use crate::describe::{Kind, Param, Source};
use crate::model::TargetDetails;
use crate::model::cloud::Cloud;
use crate::model::ids::{InstanceId, TargetGroupId};
use crate::model::registration::TargetHealth;
use crate::model::settings::TargetType;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-addserverstoservergroup",
);

/// The server is there already.
pub(in crate::api) const CONFLICT: &str = "Conflict.BackendServer";
/// The server is of another type than the server group.
pub(in crate::api) const OTHER_TYPE: &str = "Mismatch.ServerType";

const ITEM: [Param; 7] = with_shared(
    server_params::server(TYPE, server_params::on_page(API, SERVER_PORT)),
    &[
        defaulted("Weight", WEIGHT, "100", "its weight", API),
        optional(
            "Description",
            DESCRIPTION,
            "what to say about it; not a link",
            API,
        ),
        defaulted(
            "RemoteIpEnabled",
            Kind::Boolean,
            "false",
            "whether an address is one of another network; without effect",
            API,
        ),
    ],
);
const SERVER: Kind = Kind::Struct(&ITEM);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "alb:AddServersToServerGroup",
    summary: "adds servers to a server group of an Alibaba Cloud ALB; one that drains is added \
              beside what drains",
    params: &with_shared::<9, 12>(
        server_params::request(
            server_params::servers(&SERVER, server_group::LIMIT),
            TYPE,
            server_params::on_page(API, SERVER_PORT),
        ),
        &[
            optional("Servers.N.Weight", WEIGHT, "its weight", API),
            optional(
                "Servers.N.Description",
                DESCRIPTION,
                "what to say about it",
                API,
            ),
            optional(
                "Servers.N.RemoteIpEnabled",
                Kind::Boolean,
                "whether it is one of another network",
                API,
            ),
        ],
    ),
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        alibaba::PARAMETER_MISMATCH,
        ALB.no_group.code,
        server_group::DRY_RUN_OPERATION,
        ALB.duplicated.code,
        CONFLICT,
        OTHER_TYPE,
        ALB.illegal_ip.code,
        ALB.no_ecs.code,
        ALB.no_eci.code,
        ALB.no_eni.code,
    ],
    deviations: &[
        server_group::DEVIATIONS[0],
        server_group::DEVIATIONS[1],
        server_group::DEVIATIONS[2],
        "a machine that does not run is not found (assumed)",
        "an IP address must be that of a machine of the scenario, else IllegalParam.ServerIp is \
         answered",
        "quotas and networks are not checked",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    add(call, (&OPERATION, &ALB), params)
}

/// Adds servers as `operation` describes it.
///
/// # Errors
/// What it may answer.
pub(in crate::api) fn add(
    call: &mut Call<'_, '_>,
    (operation, service): (&Operation, &Service),
    params: &Value,
) -> Result<Response, ApiError> {
    let how = (operation, server_group::LIMIT);
    service.change_servers(call, how, params, |call, id, request| {
        check_distinct(&request.servers, service)?;
        let machines: Vec<InstanceId> = request
            .servers
            .iter()
            .map(|server| machine(call.cloud, id, server, service))
            .collect::<Result<_, _>>()?;
        check_new(call.cloud, id, &request.servers)?;
        request.stop_if_dry()?;
        for (server, machine) in request.servers.iter().zip(machines) {
            let mut details = TargetDetails {
                description: server.description.clone(),
                ..TargetDetails::default()
            };
            if let Some(weight) = server.weight {
                details.weight = weight;
            }
            let key = (id, server.id.as_str(), server.port);
            call.cloud.register_in(call.cx, key, machine, details);
        }
        Ok(())
    })
}

fn check_distinct(servers: &[Server], service: &Service) -> Result<(), ApiError> {
    let mut seen = BTreeSet::new();
    if servers.iter().all(|server| seen.insert(server.key())) {
        return Ok(());
    }
    Err(service.duplicated.error())
}

/// The machine behind a server.
fn machine(
    cloud: &Cloud,
    id: TargetGroupId,
    server: &Server,
    service: &Service,
) -> Result<InstanceId, ApiError> {
    let group = &cloud.target_groups[id.index()];
    let illegal_ip = || service.illegal_ip.error();
    let is_instance = matches!(server.kind.as_str(), "Ecs" | "Eni" | "Eci");
    let fits = match group.target_type {
        TargetType::Instance => is_instance,
        TargetType::Ip => server.kind == "Ip",
        TargetType::Lambda | TargetType::Alb => server.kind == "Fc",
    };
    if !fits {
        let message = format!(
            "The ServerType is mismatched for {} and {}.",
            server.id, group.identifier
        );
        return Err(alibaba::error(OTHER_TYPE, 400, message));
    }
    service.check_port(server)?;
    // the address of an instance may be said as well
    let is_address = |ip: &str| ip.parse::<IpAddr>().is_ok() && (is_instance || ip == server.id);
    if server.ip.as_deref().is_some_and(|ip| !is_address(ip)) {
        return Err(illegal_ip());
    }
    let found = server_group::machine(cloud, &server.id, group.target_type);
    match server.kind.as_str() {
        "Ecs" => found.ok_or_else(|| service.no_ecs.error()),
        "Eci" => Err(service.no_eci.error()),
        "Eni" => Err(service.no_eni.error()),
        _ => found.ok_or_else(illegal_ip),
    }
}

/// A server may be in a server group once on a port; one that drains has left it.
fn check_new(cloud: &Cloud, id: TargetGroupId, servers: &[Server]) -> Result<(), ApiError> {
    let is_there = |server: &&Server| {
        let found = cloud.registration_of(id, &server.id, server.port);
        found.is_some_and(|found| {
            cloud.registrations[found.index()].health != TargetHealth::Draining
        })
    };
    match servers.iter().find(is_there) {
        None => Ok(()),
        Some(server) => Err(alibaba::error(
            CONFLICT,
            400,
            format!(
                "There is already BackendServer having the same configuration with {}:{}.",
                server.id, server.port
            ),
        )),
    }
}
