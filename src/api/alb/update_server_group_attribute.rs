//! `alb:UpdateServerGroupAttribute`: how a server group of an Application Load Balancer drains, and
//! how its nodes choose a server.
//!
//! Source: R-ALB-4, R-DRAIN-5, R-DRAIN-7.

use serde_json::{Map, Value};

use crate::api::alibaba::{self, CLIENT_TOKEN};
use crate::api::params::{Fields, optional};
use crate::api::server_group::{self, DRY_RUN, REGION_ID, SERVER_GROUP_ID};
use crate::api::server_service::{ALB, Service};
use crate::api::{ApiError, Call, Operation, Response};
use crate::describe::{Kind, Param, Source};

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-updateservergroupattribute",
);

/// Whether draining is on.
pub(in crate::api) const ENABLED: &str = "ConnectionDrainEnabled";
/// For how long.
pub(in crate::api) const TIMEOUT: &str = "ConnectionDrainTimeout";

/// Where flows of unhealthy servers go, where that can be said.
pub(in crate::api) const FAILOVER: &str = "ServerFailoverMode";

/// Seconds.
const SPAN: Kind = Kind::Integer { min: 0, max: 900 };

const DRAIN: &[Param] = &[
    optional(
        ENABLED,
        Kind::Boolean,
        "whether what is in flight on a removed or unhealthy server is cut",
        API,
    ),
    optional(TIMEOUT, SPAN, "after which time it is cut [s]", API),
];

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "alb:UpdateServerGroupAttribute",
    summary: "changes how a server group of an Alibaba Cloud ALB drains and how servers are \
              chosen; what drains already keeps its timeout",
    params: &[
        REGION_ID,
        SERVER_GROUP_ID,
        optional(
            "Scheduler",
            Kind::OneOf(&["Wrr", "Wlc"]),
            "how servers are chosen: weighted round robin or weighted least connections",
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
        DRY_RUN,
        CLIENT_TOKEN,
    ],
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        alibaba::PARAMETER_MISMATCH,
        ALB.no_group.code,
        server_group::DRY_RUN_OPERATION,
    ],
    deviations: &[
        server_group::DEVIATIONS[0],
        server_group::DEVIATIONS[1],
        server_group::DEVIATIONS[2],
        "other parameters are not known: name, health checks, slow start, session persistence and \
         what goes with them; of the schedulers `Sch` is not simulated",
        "load balancers have no editions here: draining may be turned on for all",
        "a request that changes nothing is accepted (assumed)",
    ],
    source: API,
    apply,
};

#[derive(Debug)]
struct Request<'a> {
    group: &'a str,
    scheduler: Option<&'a str>,
    enabled: Option<bool>,
    timeout: Option<i64>,
    failover: Option<&'a str>,
    dry_run: bool,
}

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    update(call, (&OPERATION, &ALB), params)
}

/// Changes a server group as `operation` describes it.
///
/// # Errors
/// What it may answer.
pub(in crate::api) fn update(
    call: &mut Call<'_, '_>,
    (operation, service): (&Operation, &Service),
    params: &Value,
) -> Result<Response, ApiError> {
    let checked = alibaba::check(operation.params, params)?;
    let fields = checked.fields();
    let nested = fields.get("ConnectionDrainConfig").map(Fields::of);
    let nested = nested.filter(|_| service.nests_draining);
    let flat = |key: &str| {
        if service.nests_draining {
            format!("ConnectionDrainConfig.{key}")
        } else {
            key.to_owned()
        }
    };
    let enabled = |fields: Fields<'_>, key: &str| fields.get(key).map(|_| fields.flag(key));
    let request = Request {
        group: fields.given("ServerGroupId"),
        scheduler: fields.text("Scheduler"),
        enabled: nested
            .and_then(|nested| enabled(nested, ENABLED))
            .or_else(|| enabled(fields, &flat(ENABLED))),
        timeout: nested
            .and_then(|nested| nested.integer(TIMEOUT))
            .or_else(|| fields.integer(&flat(TIMEOUT))),
        failover: fields
            .text(FAILOVER)
            .filter(|_| operation.params.iter().any(|param| param.key == FAILOVER)),
        dry_run: fields.flag("DryRun"),
    };
    let token = fields.text("ClientToken");
    let asked = (fields.text("RegionId"), &request);
    service.once(call, operation, token, &asked, |call| {
        act(call, &request, service)
    })
}

fn act(
    call: &mut Call<'_, '_>,
    request: &Request<'_>,
    service: &Service,
) -> Result<Map<String, Value>, ApiError> {
    let id = service.group(call.cloud, request.group)?;
    server_group::stop_if_dry(request.dry_run)?;
    let changes = [
        ("Scheduler", request.scheduler.map(str::to_owned)),
        (ENABLED, request.enabled.map(|enabled| enabled.to_string())),
        (TIMEOUT, request.timeout.map(|timeout| timeout.to_string())),
        (FAILOVER, request.failover.map(str::to_owned)),
    ];
    let changes = changes
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?)));
    call.cloud.set_attributes(call.cx, id, changes);
    Ok(service.job(call, request.group))
}
