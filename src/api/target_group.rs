//! Target groups as requests set them up and answers show them.
//!
//! Health checks by protocol, names, and the shape. Source: R-HEALTH-2, R-TARGET-8. This module must
//! never change the cloud.

use serde_json::{Map, Value, json};

use super::ApiError;
use super::aws::{self, TEXT, error, validation_error};
use super::params::{self, Fields, optional};
use crate::describe::{Kind, Param, Source};
use crate::engine::time::SimDuration;
use crate::model::cloud::{Cloud, TargetGroup};
use crate::model::ids::TargetGroupId;
use crate::model::lb::Family;
use crate::model::settings::{HealthCheckSettings, TargetType};
use crate::model::target_group::Facts;

/// No such load balancer.
pub(super) const BALANCER_NOT_FOUND: &str = "LoadBalancerNotFound";

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// Protocols of target groups.
pub(super) const PROTOCOLS: Kind = Kind::OneOf(&[
    "HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "GENEVE", "QUIC", "TCP_QUIC",
]);

const CREATE: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html",
);

const MATCHER: &[Param] = &[
    optional(
        "HttpCode",
        TEXT,
        "codes of a success: `200`, `200,202`, `200-299`",
        CREATE,
    ),
    optional("GrpcCode", TEXT, "codes of a success over gRPC", CREATE),
];

/// Parameters of health checks, those of which modifying knows the same.
pub(super) const HEALTH_CHECK: [Param; 9] = [
    optional(
        "HealthCheckProtocol",
        PROTOCOLS,
        "protocol of the checks; without effect",
        CREATE,
    ),
    optional(
        "HealthCheckPort",
        TEXT,
        "`traffic-port` or a port; without effect",
        CREATE,
    ),
    optional(
        "HealthCheckEnabled",
        Kind::Boolean,
        "whether targets are checked; always true but for functions",
        CREATE,
    ),
    optional(
        "HealthCheckPath",
        Kind::Text { min: 1, max: 1024 },
        "path of the checks; without effect",
        CREATE,
    ),
    optional(
        "HealthCheckIntervalSeconds",
        Kind::Integer { min: 5, max: 300 },
        "time between checks of one target [s]",
        CREATE,
    ),
    optional(
        "HealthCheckTimeoutSeconds",
        Kind::Integer { min: 2, max: 120 },
        "time after which a check without an answer has failed [s]",
        CREATE,
    ),
    optional(
        "HealthyThresholdCount",
        Kind::Integer { min: 2, max: 10 },
        "successes that make an unhealthy target healthy",
        CREATE,
    ),
    optional(
        "UnhealthyThresholdCount",
        Kind::Integer { min: 2, max: 10 },
        "failures that make a healthy target unhealthy",
        CREATE,
    ),
    optional(
        "Matcher",
        Kind::Struct(MATCHER),
        "what counts as a success; without effect",
        CREATE,
    ),
];

/// What a target group is checked by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Checked<'a> {
    pub(super) protocol: &'a str,
    pub(super) target_type: TargetType,
    pub(super) version: &'a str,
}

impl Checked<'_> {
    fn is_http(self) -> bool {
        matches!(self.protocol, "HTTP" | "HTTPS")
    }

    /// The health checks a target group has that says nothing about them. Source: R-HEALTH-2.
    pub(super) fn defaults(self, check_protocol: &str) -> HealthCheckSettings {
        let (interval, timeout, unhealthy) = match (self.target_type, self.protocol) {
            (TargetType::Lambda, _) => (35, 30, 5),
            (_, "GENEVE") => (10, 5, 2),
            (_, "HTTP" | "HTTPS") => (30, 5, 2),
            _ if check_protocol == "HTTP" => (30, 6, 2),
            _ => (30, 10, 2),
        };
        HealthCheckSettings {
            interval: SimDuration::from_secs(interval),
            timeout: SimDuration::from_secs(timeout),
            healthy_threshold: 5,
            unhealthy_threshold: unhealthy,
        }
    }

    /// What answers tell of health checks that say nothing.
    pub(super) fn default_facts(self) -> Facts {
        let mut facts = Facts::new();
        if self.target_type == TargetType::Lambda {
            facts.insert("HealthCheckEnabled", "false".to_owned());
            return facts;
        }
        let grpc = self.version == "GRPC";
        let (protocol, port) = match self.protocol {
            "HTTP" | "HTTPS" => ("HTTP", "traffic-port"),
            "GENEVE" => ("TCP", "80"),
            _ => ("TCP", "traffic-port"),
        };
        facts.insert("HealthCheckEnabled", "true".to_owned());
        facts.insert("HealthCheckProtocol", protocol.to_owned());
        facts.insert("HealthCheckPort", port.to_owned());
        if self.is_http() {
            let path = if grpc { "/AWS.ALB/healthcheck" } else { "/" };
            let (key, code) = if grpc {
                ("GrpcCode", "12")
            } else {
                ("HttpCode", "200")
            };
            facts.insert("HealthCheckPath", path.to_owned());
            facts.insert(key, code.to_owned());
        }
        facts
    }
}

/// The health checks that `fields` make of those there were.
///
/// # Errors
/// `ValidationError` for values that do not fit the target group or each other.
pub(super) fn health_check(
    fields: Fields<'_>,
    of: Checked<'_>,
    before: HealthCheckSettings,
    facts: &mut Facts,
) -> Result<HealthCheckSettings, ApiError> {
    check_protocol(fields, of, facts)?;
    check_port(fields, facts)?;
    if fields.get("HealthCheckEnabled").is_some() {
        let enabled = fields.flag("HealthCheckEnabled");
        if !enabled && of.target_type != TargetType::Lambda {
            let kind = type_name(of.target_type);
            return Err(validation_error(format!(
                "Health check enabled must be true for target groups with target type '{kind}'"
            )));
        }
        facts.insert("HealthCheckEnabled", enabled.to_string());
    }
    if let Some(path) = fields.text("HealthCheckPath") {
        if !path.starts_with('/') {
            return Err(validation_error(format!(
                "Health check path '{path}' must begin with a '/'"
            )));
        }
        facts.insert("HealthCheckPath", path.to_owned());
    }
    check_matcher(fields, of, facts)?;
    let seconds = |key: &str, before: SimDuration| {
        let given = fields
            .integer(key)
            .and_then(|value| u64::try_from(value).ok());
        given.map_or(before, SimDuration::from_secs)
    };
    let count = |key: &str, before: u32| {
        let given = fields
            .integer(key)
            .and_then(|value| u32::try_from(value).ok());
        given.unwrap_or(before)
    };
    let settings = HealthCheckSettings {
        interval: seconds("HealthCheckIntervalSeconds", before.interval),
        timeout: seconds("HealthCheckTimeoutSeconds", before.timeout),
        healthy_threshold: count("HealthyThresholdCount", before.healthy_threshold),
        unhealthy_threshold: count("UnhealthyThresholdCount", before.unhealthy_threshold),
    };
    if settings.timeout >= settings.interval {
        return Err(validation_error(
            "Health check interval must be greater than the timeout.",
        ));
    }
    Ok(settings)
}

fn check_protocol(fields: Fields<'_>, of: Checked<'_>, facts: &mut Facts) -> Result<(), ApiError> {
    let Some(protocol) = fields.text("HealthCheckProtocol") else {
        return Ok(());
    };
    let fits = match protocol {
        "HTTP" | "HTTPS" => true,
        "TCP" => !of.is_http() && of.target_type != TargetType::Lambda,
        _ => false,
    };
    if !fits {
        return Err(validation_error(format!(
            "Health check protocol '{protocol}' is not supported for target groups with protocol \
             '{}'",
            of.protocol
        )));
    }
    facts.insert("HealthCheckProtocol", protocol.to_owned());
    Ok(())
}

fn check_port(fields: Fields<'_>, facts: &mut Facts) -> Result<(), ApiError> {
    let Some(port) = fields.text("HealthCheckPort") else {
        return Ok(());
    };
    if port != "traffic-port" && !port.parse::<u16>().is_ok_and(|port| port > 0) {
        return Err(validation_error(format!(
            "Health check port '{port}' must be 'traffic-port' or between '1-65535' inclusive"
        )));
    }
    facts.insert("HealthCheckPort", port.to_owned());
    Ok(())
}

fn check_matcher(fields: Fields<'_>, of: Checked<'_>, facts: &mut Facts) -> Result<(), ApiError> {
    let Some(matcher) = fields.get("Matcher").map(Fields::of) else {
        return Ok(());
    };
    let grpc = of.version == "GRPC";
    let highest = if of.is_http() { 499 } else { 599 };
    let matchers = [
        ("HttpCode", !grpc, (200, highest)),
        ("GrpcCode", grpc, (0, 99)),
    ];
    for (key, fits, (min, max)) in matchers {
        let Some(codes) = matcher.text(key) else {
            continue;
        };
        if !fits || !are_codes(codes, min, max) {
            return Err(validation_error(format!(
                "Health check matcher {key} '{codes}' must be between '{min}-{max}' inclusive"
            )));
        }
        facts.insert(key, codes.to_owned());
    }
    Ok(())
}

/// Whether a text is a code, a list of codes or a range of codes.
fn are_codes(text: &str, min: u32, max: u32) -> bool {
    let code = |text: &str| {
        let code = text.parse::<u32>().ok()?;
        (min..=max).contains(&code).then_some(code)
    };
    match text.split_once('-') {
        Some((from, to)) => match (code(from), code(to)) {
            (Some(from), Some(to)) => from <= to,
            (Some(_) | None, _) => false,
        },
        None => text.split(',').all(|text| code(text).is_some()),
    }
}

/// The word of the API.
pub(super) fn type_name(target_type: TargetType) -> &'static str {
    match target_type {
        TargetType::Instance => "instance",
        TargetType::Ip => "ip",
        TargetType::Lambda => "lambda",
        TargetType::Alb => "alb",
    }
}

/// Target groups of this API that stand.
pub(super) fn all(cloud: &Cloud) -> impl Iterator<Item = TargetGroupId> + '_ {
    let ours = |group: &TargetGroup| group.kind.family() == Family::TargetGroups && !group.deleted;
    let groups = cloud.target_groups.iter().enumerate();
    groups
        .filter(move |(_, group)| ours(group))
        .map(|(index, _)| TargetGroupId::from_index(index))
}

/// The target group of this API with this ARN: neither the instances of a Classic Load Balancer, nor
/// a target group of VPC Lattice, nor a server group of Alibaba Cloud.
///
/// # Errors
/// `TargetGroupNotFound`, and `ValidationError` for what is no ARN of a target group at all.
pub(super) fn named(cloud: &Cloud, arn: &str) -> Result<TargetGroupId, ApiError> {
    let found = cloud.target_group_named(arn);
    let ours =
        |id: &TargetGroupId| cloud.target_groups[id.index()].kind.family() == Family::TargetGroups;
    found.filter(ours).ok_or_else(|| {
        if may_be_arn(arn) {
            not_found()
        } else {
            validation_error(format!("'{arn}' is not a valid target group ARN"))
        }
    })
}

/// Whether a text has the form of an ARN of a target group.
fn may_be_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [arn, _, service, _, _, resource] = parts[..] else {
        return false;
    };
    arn == "arn" && service == "elasticloadbalancing" && resource.starts_with("targetgroup/")
}

/// `TargetGroupNotFound`.
pub(super) fn not_found() -> ApiError {
    error(
        aws::TARGET_GROUP_NOT_FOUND,
        "One or more target groups not found",
    )
}

/// The load balancer of this API with this ARN.
///
/// # Errors
/// `LoadBalancerNotFound`.
pub(super) fn balancer(cloud: &Cloud, arn: &str) -> Result<usize, ApiError> {
    let found = cloud.load_balancer_named(arn);
    found
        .filter(|id| cloud.load_balancers[*id].kind.family() == Family::TargetGroups)
        .ok_or_else(|| error(BALANCER_NOT_FOUND, "One or more load balancers not found"))
}

/// One page of `all` by `Marker` and `PageSize`, and the marker of the next.
///
/// # Errors
/// `ValidationError` for a marker that is none of ours.
pub(super) fn page<T>(
    fields: Fields<'_>,
    all: Vec<T>,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let page = params::page(fields, ["PageSize", "Marker"], 400, all).ok_or_else(|| {
        let marker = fields.given("Marker");
        validation_error(format!("Invalid marker '{marker}'"))
    })?;
    Ok((page.items, page.next))
}

/// An answer with a page of `items` under `key`.
pub(super) fn paged(key: &str, items: Vec<Value>, marker: Option<String>) -> Value {
    let mut answer = Map::new();
    answer.insert(key.to_owned(), Value::Array(items));
    if let Some(marker) = marker {
        answer.insert("NextMarker".to_owned(), Value::String(marker));
    }
    Value::Object(answer)
}

/// Parameters that page.
pub(super) const fn paging(source: Source) -> [Param; 2] {
    [
        optional("Marker", TEXT, "the page to begin with", source),
        optional(
            "PageSize",
            Kind::Integer { min: 1, max: 400 },
            "items of a page",
            source,
        ),
    ]
}

/// What answers tell of a target group: what it was told, and what stands in for the rest.
fn facts(group: &TargetGroup) -> Facts {
    let version = group.facts.get("ProtocolVersion");
    let mut facts = Checked {
        protocol: &group.protocol,
        target_type: group.target_type,
        version: version.map_or("HTTP1", String::as_str),
    }
    .default_facts();
    facts.extend(group.facts.iter().map(|(key, fact)| (*key, fact.clone())));
    facts
}

/// The port on which a target of this group is checked.
pub(super) fn checked_port(group: &TargetGroup, traffic_port: u16) -> String {
    let told = facts(group).remove("HealthCheckPort");
    told.filter(|port| port != "traffic-port")
        .unwrap_or_else(|| traffic_port.to_string())
}

/// A target group as answers show it.
pub(super) fn shape(cloud: &Cloud, id: TargetGroupId) -> Value {
    let group = &cloud.target_groups[id.index()];
    let facts = facts(group);
    let check = group.health_check;
    let seconds = |span: SimDuration| span.as_nanos() / NANOS_PER_SECOND;
    let balancers: Vec<&String> = group
        .load_balancer
        .iter()
        .map(|&balancer| &cloud.load_balancers[balancer].identifier)
        .collect();
    let mut shape = json!({
        "TargetGroupArn": group.identifier,
        "TargetGroupName": group.name,
        "TargetType": type_name(group.target_type),
        "HealthCheckIntervalSeconds": seconds(check.interval),
        "HealthCheckTimeoutSeconds": seconds(check.timeout),
        "HealthyThresholdCount": check.healthy_threshold,
        "UnhealthyThresholdCount": check.unhealthy_threshold,
        "LoadBalancerArns": balancers,
    });
    if group.target_type != TargetType::Lambda {
        shape["Protocol"] = json!(group.protocol);
        shape["Port"] = json!(group.port);
        if matches!(group.protocol.as_str(), "HTTP" | "HTTPS") {
            shape["ProtocolVersion"] = json!("HTTP1");
        }
    }
    for (key, fact) in facts {
        match key {
            "HttpCode" | "GrpcCode" => shape["Matcher"][key] = json!(fact),
            "HealthCheckEnabled" => shape[key] = json!(fact == "true"),
            _ => shape[key] = json!(fact),
        }
    }
    shape
}
