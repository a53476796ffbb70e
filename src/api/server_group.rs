//! Servers of server groups as requests to Alibaba Cloud's load balancers name them, and the errors
//! of those requests.
//!
//! Source: R-ALB-1 to R-ALB-4. This module must never change the cloud but its
//! identifiers.

use std::net::IpAddr;

use serde_json::{Map, Value};

use super::params::{Fields, defaulted, optional, required};
use super::server_service::Service;
use super::{ApiError, Call, alibaba};
use crate::describe::{Kind, Param, Source};
use crate::model::cloud::{Cloud, TargetGroup};
use crate::model::ids::{InstanceId, RegistrationId, TargetGroupId};
use crate::model::machine::MachineState;
use crate::model::registration::TargetHealth;
use crate::model::settings::{Provider, TargetType};

/// The server is being removed.
pub(super) const CONFIGURING: &str = "ResourceInConfiguring.BackendServer";
/// The request would have been accepted if it had been meant.
pub(super) const DRY_RUN_OPERATION: &str = "DryRunOperation";

/// Most servers one call may name.
pub(super) const LIMIT: usize = 200;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-addserverstoservergroup",
);

/// The kind of a server group's id.
pub(super) const GROUP_ID: Kind = Kind::Text { min: 1, max: 128 };
/// The kind of a server's id.
pub(super) const ID: Kind = Kind::Text { min: 1, max: 128 };
/// The kind of a server's type.
pub(super) const TYPE: Kind = Kind::OneOf(&["Ecs", "Eni", "Eci", "Ip", "Fc"]);
/// The kind of a port.
pub(super) const PORT: Kind = Kind::Integer { min: 1, max: 65535 };
/// The kind of an address.
pub(super) const ADDRESS: Kind = Kind::Text { min: 1, max: 64 };

/// The server group.
pub(super) const SERVER_GROUP_ID: Param =
    required("ServerGroupId", GROUP_ID, "id of the server group", API);
/// The region.
pub(super) const REGION_ID: Param = optional(
    "RegionId",
    Kind::Text { min: 1, max: 64 },
    "region of the server group, as clients send it; any will do, a scenario has one",
    API,
);
/// Whether to check only.
pub(super) const DRY_RUN: Param = defaulted(
    "DryRun",
    Kind::Boolean,
    "false",
    "whether to check the request only, which is answered with DryRunOperation",
    API,
);

/// The id of a server, in a list.
pub(super) const SERVER_ID: Param = required(
    "ServerId",
    ID,
    "instance id, or IP address for a server group of addresses",
    API,
);
/// Its type.
pub(super) const SERVER_TYPE: Param = required(
    "ServerType",
    TYPE,
    "`Ecs` for an instance, `Ip` for an address; there are no servers of other types",
    API,
);
/// Its port.
pub(super) const SERVER_PORT: Param = optional("Port", PORT, "its port; required", API);
/// Its address.
pub(super) const SERVER_IP: Param = optional(
    "ServerIp",
    ADDRESS,
    "its address, where a network interface has several; without effect",
    API,
);

/// What operations on servers may say.
pub(super) const DEVIATIONS: [&str; 3] = [
    "what is wrong with the shape of a request is told as Auto Scaling tells it (assumed), and so \
     are client tokens used twice",
    "what stands for %s in messages is assumed",
    "a server group is never busy: it is not Configuring between two calls, and \
     IncorrectStatus.ServerGroup is never answered",
];

/// A server as a request names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Server {
    /// Instance id or address.
    pub(super) id: String,
    /// `Ecs`, `Eni`, `Eci`, `Ip` or `Fc`.
    pub(super) kind: String,
    /// Port; 0 for `Fc`, which has none.
    pub(super) port: u16,
    /// Address.
    pub(super) ip: Option<String>,
    /// Weight, if given \[0..=100\].
    pub(super) weight: Option<u32>,
    /// Description, if given.
    pub(super) description: Option<String>,
    /// Whether the address is one of another network.
    pub(super) remote: bool,
}

impl Server {
    /// What it is in a server group: two of the same id and port are one.
    pub(super) fn key(&self) -> (&str, u16) {
        (&self.id, self.port)
    }
}

/// The servers of a request, as a list or flattened as `Servers.1.ServerId`; there may be `limit`.
///
/// # Errors
/// `MissingParameter` and `InvalidParameter`.
pub(super) fn servers(
    fields: Fields<'_>,
    service: &Service,
    limit: usize,
) -> Result<Vec<Server>, ApiError> {
    let items = fields.items("Servers");
    if items.is_empty() {
        return Err(alibaba::missing("Servers"));
    }
    if items.len() > limit {
        return Err(alibaba::invalid("Servers"));
    }
    let numbered = items.iter().zip(1_usize..);
    numbered
        .map(|(value, place)| server(value, place, service))
        .collect()
}

fn server(value: &Value, place: usize, service: &Service) -> Result<Server, ApiError> {
    let prefix = format!("Servers.{place}.");
    let fields = Fields::of(value);
    let kind = fields.given("ServerType").to_owned();
    let port = match fields.port("Port").or(service.port) {
        Some(port) => port,
        None if kind == "Fc" => 0,
        None => return Err(alibaba::missing(&format!("{prefix}Port"))),
    };
    let description = fields.text("Description");
    let is_link = |text: &str| text.starts_with("http://") || text.starts_with("https://");
    if description.is_some_and(is_link) {
        return Err(alibaba::invalid(&format!("{prefix}Description")));
    }
    let weight = fields.integer("Weight");
    Ok(Server {
        id: fields.given("ServerId").to_owned(),
        kind,
        port,
        ip: fields.text("ServerIp").map(str::to_owned),
        weight: weight.and_then(|weight| u32::try_from(weight).ok()),
        description: description.map(str::to_owned),
        remote: fields.flag("RemoteIpEnabled"),
    })
}

/// Refuses a request that was only to be checked, when it has passed all checks.
///
/// # Errors
/// `DryRunOperation`.
pub(super) fn stop_if_dry(dry_run: bool) -> Result<(), ApiError> {
    if dry_run {
        let message = "Request validation has been passed with DryRun flag set.";
        return Err(alibaba::error(DRY_RUN_OPERATION, 400, message));
    }
    Ok(())
}

/// The type of a server group's servers.
pub(super) fn server_type(group: &TargetGroup) -> &'static str {
    match group.target_type {
        TargetType::Instance => "Ecs",
        TargetType::Ip => "Ip",
        TargetType::Lambda | TargetType::Alb => "Fc",
    }
}

/// The running machine with this instance id or address that is not one of another cloud.
pub(super) fn machine(cloud: &Cloud, id: &str, kind: TargetType) -> Option<InstanceId> {
    let has_form = match kind {
        TargetType::Instance => id.starts_with("i-"),
        TargetType::Ip => id.parse::<IpAddr>().is_ok(),
        TargetType::Lambda | TargetType::Alb => false,
    };
    let found = cloud.instance_named(id).filter(|_| has_form)?;
    let instance = &cloud.instances[found.index()];
    let foreign = instance
        .group
        .is_some_and(|id| cloud.groups[id.index()].provider != Provider::Alibaba);
    (instance.state == MachineState::Running && !foreign).then_some(found)
}

/// The registration of a server that the cloud shows.
///
/// # Errors
/// `ResourceNotFound.BackendServer`.
pub(super) fn registered(
    cloud: &Cloud,
    id: TargetGroupId,
    server: &Server,
    service: &Service,
) -> Result<RegistrationId, ApiError> {
    let is_of_type = server.kind == server_type(&cloud.target_groups[id.index()]);
    let found = cloud.registration_of(id, &server.id, server.port);
    found
        .filter(|_| is_of_type)
        .ok_or_else(|| service.no_server.error())
}

/// The registration of a server that is not being removed.
///
/// # Errors
/// `ResourceNotFound.BackendServer` and `ResourceInConfiguring.BackendServer`.
pub(super) fn standing(
    cloud: &Cloud,
    id: TargetGroupId,
    server: &Server,
    service: &Service,
) -> Result<RegistrationId, ApiError> {
    let found = registered(cloud, id, server, service)?;
    if cloud.registrations[found.index()].health == TargetHealth::Draining {
        let message = "The specified resource of BackendServer is being configured, please try \
                       again later.";
        return Err(alibaba::error(CONFIGURING, 400, message));
    }
    Ok(found)
}

/// The answer of an operation that works on in the background.
pub(super) fn job(call: &mut Call<'_, '_>) -> Map<String, Value> {
    let id = call.cloud.identifiers.uuid();
    let mut body = Map::new();
    body.insert("JobId".to_owned(), Value::String(id));
    body
}
