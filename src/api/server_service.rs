//! The services that manage server groups: ALB, NLB and GWLB of Alibaba Cloud, with what each calls
//! its errors and says of its servers.
//!
//! Source: R-ALB-1 to R-ALB-4, R-ANLB-5, R-AGWLB-5. This module must never change the cloud but its
//! identifiers; operations do, which it carries out once.

use std::fmt::Debug;

use serde_json::{Map, Value};

use super::common_error::{self, KnownError};
use super::server_group::{self, Server};
use super::{ApiError, Call, Operation, Response, alibaba};
use crate::model::cloud::{Cloud, TargetGroup};
use crate::model::ids::TargetGroupId;
use crate::model::lb::GENEVE_PORT;
use crate::model::registration::{Registration, TargetHealth};

/// What a service answers beside the request id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Nothing,
    Job,
    JobAndGroup,
}

/// A service that manages server groups.
#[derive(Debug, Clone, Copy)]
pub(super) struct Service {
    /// The kind of load balancers it is about.
    kind: &'static str,
    /// There is no such server group.
    pub(super) no_group: KnownError,
    /// The server group has no such server.
    pub(super) no_server: KnownError,
    /// There is no such instance.
    pub(super) no_ecs: KnownError,
    /// There is no such container.
    pub(super) no_eci: KnownError,
    /// There is no such network interface.
    pub(super) no_eni: KnownError,
    /// A server is named twice.
    pub(super) duplicated: KnownError,
    /// An address cannot be.
    pub(super) illegal_ip: KnownError,
    /// A client token was used for another request.
    pub(super) other_request: KnownError,
    /// The port of a server that says none.
    pub(super) port: Option<u16>,
    /// Port 0 is one that is forwarded to, which no server group here does.
    pub(super) no_port: Option<KnownError>,
    /// Servers have weights and descriptions.
    pub(super) weighted: bool,
    /// Draining is told of in a structure of its own.
    pub(super) nests_draining: bool,
    answer: Answer,
}

/// Application Load Balancers.
pub(super) const ALB: Service = Service {
    kind: "alibaba:alb",
    no_group: KnownError::new(
        "ResourceNotFound.ServerGroup",
        404,
        "The specified resource ServerGroup is not found.",
    ),
    no_server: KnownError::new(
        "ResourceNotFound.BackendServer",
        404,
        "The specified resource BackendServer is not found.",
    ),
    no_ecs: KnownError::new(
        "ResourceNotFound.Ecs",
        404,
        "The specified resource Ecs is not found.",
    ),
    no_eci: KnownError::new(
        "ResourceNotFound.Eci",
        404,
        "The specified resource Eci is not found.",
    ),
    no_eni: KnownError::new(
        "ResourceNotFound.Eni",
        404,
        "The specified resource Eni is not found.",
    ),
    duplicated: KnownError::new(
        "DuplicatedParam.BackendServer",
        400,
        "The param of BackendServer is duplicated.",
    ),
    illegal_ip: KnownError::new(
        "IllegalParam.ServerIp",
        400,
        "The param of ServerIp is illegal.",
    ),
    other_request: common_error::OTHER_REQUEST,
    port: None,
    no_port: None,
    weighted: true,
    nests_draining: true,
    answer: Answer::Job,
};

/// Network Load Balancers.
pub(super) const NLB: Service = Service {
    kind: "alibaba:nlb",
    no_group: KnownError::new(
        "ResourceNotFound.serverGroup",
        404,
        "The specified resource of serverGroup is not found.",
    ),
    no_server: KnownError::new(
        "ResourceNotFound.BackendServer",
        404,
        "The specified resource of BackendServer is not found.",
    ),
    no_ecs: KnownError::new(
        "ResourceNotFound.Ecs",
        404,
        "The specified resource of Ecs is not found.",
    ),
    no_eci: KnownError::new(
        "ResourceNotFound.Eci",
        404,
        "The specified resource of Eci is not found.",
    ),
    duplicated: KnownError::new(
        "DuplicatedParam.Server",
        400,
        "The param of Server is duplicated.",
    ),
    illegal_ip: KnownError::new("IllegalParam.IP", 400, "The param of IP is illegal."),
    other_request: KnownError::new(
        "IdempotenceSignatureMismatch",
        400,
        "The idempotence token of request is same with the prev one, but the signature is \
         different.",
    ),
    port: Some(0),
    no_port: Some(KnownError::new(
        "IllegalParam.RSPortConflictWithServerGroup",
        400,
        "The param of RSPortConflictWithServerGroup is illegal.",
    )),
    nests_draining: false,
    answer: Answer::JobAndGroup,
    ..ALB
};

/// Gateway Load Balancers; their errors are taken to be those of ALB.
pub(super) const GWLB: Service = Service {
    kind: "alibaba:gwlb",
    port: Some(GENEVE_PORT),
    weighted: false,
    answer: Answer::Nothing,
    ..ALB
};

/// A request about servers of a server group.
#[derive(Debug)]
pub(super) struct Request<'a> {
    group: &'a str,
    /// The servers, as they are named.
    pub(super) servers: Vec<Server>,
    dry_run: bool,
}

impl Request<'_> {
    /// Refuses a request that was only to be checked, when it has passed all checks.
    ///
    /// # Errors
    /// `DryRunOperation`.
    pub(super) fn stop_if_dry(&self) -> Result<(), ApiError> {
        server_group::stop_if_dry(self.dry_run)
    }
}

impl Service {
    /// Whether a server group is one of its load balancers'.
    pub(super) fn owns(&self, group: &TargetGroup) -> bool {
        group.kind.name() == self.kind
    }

    /// Its server group with this id.
    ///
    /// # Errors
    /// `ResourceNotFound.ServerGroup`, or `ResourceNotFound.serverGroup`.
    pub(super) fn group(&self, cloud: &Cloud, id: &str) -> Result<TargetGroupId, ApiError> {
        let found = cloud.target_group_named(id);
        found
            .filter(|id| self.owns(&cloud.target_groups[id.index()]))
            .ok_or_else(|| self.no_group.error())
    }

    /// Makes a call once, as [`alibaba::once`] does.
    ///
    /// # Errors
    /// That a client token was used for another request; what `act` answers.
    pub(super) fn once(
        &self,
        call: &mut Call<'_, '_>,
        operation: &Operation,
        token: Option<&str>,
        asked: &dyn Debug,
        act: impl FnOnce(&mut Call<'_, '_>) -> Result<Map<String, Value>, ApiError>,
    ) -> Result<Response, ApiError> {
        let refused = |error: ApiError| match error.code {
            alibaba::PARAMETER_MISMATCH => self.other_request.error(),
            _ => error,
        };
        alibaba::once(call, operation.name, token, asked, act).map_err(refused)
    }

    /// Carries out an operation that names servers of a server group, `limit` at most:
    /// `change` checks the servers, and changes them unless the call is dry.
    ///
    /// # Errors
    /// What the operation may answer.
    pub(super) fn change_servers(
        &self,
        call: &mut Call<'_, '_>,
        (operation, limit): (&Operation, usize),
        params: &Value,
        change: impl FnOnce(&mut Call<'_, '_>, TargetGroupId, &Request<'_>) -> Result<(), ApiError>,
    ) -> Result<Response, ApiError> {
        let checked = alibaba::check(operation.params, params)?;
        let fields = checked.fields();
        let request = Request {
            group: fields.given("ServerGroupId"),
            servers: server_group::servers(fields, self, limit)?,
            dry_run: fields.flag("DryRun"),
        };
        let token = fields.text("ClientToken");
        let asked = (fields.text("RegionId"), &request);
        self.once(call, operation, token, &asked, |call| {
            let id = self.group(call.cloud, request.group)?;
            change(call, id, &request)?;
            Ok(self.job(call, request.group))
        })
    }

    /// The answer of an operation that works on in the background on `group`.
    pub(super) fn job(&self, call: &mut Call<'_, '_>, group: &str) -> Map<String, Value> {
        if self.answer == Answer::Nothing {
            return Map::new();
        }
        let mut body = server_group::job(call);
        if self.answer == Answer::JobAndGroup {
            let group = Value::String(group.to_owned());
            body.insert("ServerGroupId".to_owned(), group);
        }
        body
    }

    /// Refuses a server of no port to a server group that forwards to one port.
    ///
    /// # Errors
    /// `IllegalParam.RSPortConflictWithServerGroup`.
    pub(super) fn check_port(&self, server: &Server) -> Result<(), ApiError> {
        match self.no_port {
            Some(refusal) if server.port == 0 => Err(refusal.error()),
            _ => Ok(()),
        }
    }
}

/// The status of a server.
pub(super) fn status(server: &Registration) -> &'static str {
    match server.health {
        TargetHealth::Registering => "Adding",
        TargetHealth::Draining if server.drains_for_the_whole_delay() => "Draining",
        TargetHealth::Draining => "Removing",
        TargetHealth::InitialChecks
        | TargetHealth::Healthy
        | TargetHealth::FailedChecks
        | TargetHealth::TimedOut
        | TargetHealth::NotRegistered
        | TargetHealth::NotInUse
        | TargetHealth::ZoneNotEnabled
        | TargetHealth::InvalidState
        | TargetHealth::StoppedState => "Available",
    }
}
