//! Attributes of target groups as requests set them and answers tell them.
//!
//! Those that are simulated are described by the kind of load balancer; here are the others, which
//! are checked, kept and told. Source: R-TARGET-7. This module must never change the cloud.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::ApiError;
use super::aws::{error, validation_error};
use super::params::defaulted;
use crate::describe::{Kind, Param, Presence, Source};
use crate::model::cloud::{Cloud, TargetGroup};
use crate::model::ids::TargetGroupId;
use crate::model::lb::KINDS;
use crate::model::settings::{Provider, TargetType};

/// A configuration that does not go together, or not with the target group.
pub(super) const INVALID_CONFIGURATION: &str = "InvalidConfigurationRequest";

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html",
);

const DELAY: &str = "deregistration_delay.timeout_seconds";
const SLOW_START: &str = "slow_start.duration_seconds";
const ALGORITHM: &str = "load_balancing.algorithm.type";
const MITIGATION: &str = "load_balancing.algorithm.anomaly_mitigation";
const CROSS_ZONE: &str = "load_balancing.cross_zone.enabled";
const STICKY: &str = "stickiness.enabled";
const DNS_COUNT: &str = "target_group_health.dns_failover.minimum_healthy_targets.count";
const DNS_SHARE: &str = "target_group_health.dns_failover.minimum_healthy_targets.percentage";
const ROUTING_COUNT: &str =
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count";
const ROUTING_SHARE: &str =
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage";
const TERMINATION: &str = "deregistration_delay.connection_termination.enabled";
const UNHEALTHY_TERMINATION: &str = "target_health_state.unhealthy.connection_termination.enabled";
const UNHEALTHY_INTERVAL: &str = "target_health_state.unhealthy.draining_interval_seconds";
const ON_DEREGISTRATION: &str = "target_failover.on_deregistration";
const ON_UNHEALTHY: &str = "target_failover.on_unhealthy";

const fn kept(key: &'static str, kind: Kind, default: &'static str, doc: &'static str) -> Param {
    defaulted(key, kind, default, doc, API)
}

const SECONDS_OF_COOKIE: Kind = Kind::Integer {
    min: 1,
    max: 604_800,
};
const SHARE: Kind = Kind::Text { min: 1, max: 4 };
const FAILOVER: Kind = Kind::OneOf(&["rebalance", "no_rebalance"]);

const HEALTH: [Param; 4] = [
    kept(
        DNS_COUNT,
        SHARE,
        "1",
        "healthy targets below which DNS leaves a zone out",
    ),
    kept(
        DNS_SHARE,
        SHARE,
        "off",
        "healthy share below which DNS leaves a zone out",
    ),
    kept(
        ROUTING_COUNT,
        Kind::Integer { min: 1, max: 1000 },
        "1",
        "healthy targets to fail open below",
    ),
    kept(
        ROUTING_SHARE,
        SHARE,
        "off",
        "healthy share to fail open below",
    ),
];

const APPLICATION: &[Param] = &[
    HEALTH[0],
    HEALTH[1],
    kept(
        STICKY,
        Kind::Boolean,
        "false",
        "whether clients stay with a target",
    ),
    kept(
        "stickiness.type",
        Kind::OneOf(&["lb_cookie", "app_cookie"]),
        "lb_cookie",
        "whose cookie tells",
    ),
    kept(
        "stickiness.lb_cookie.duration_seconds",
        SECONDS_OF_COOKIE,
        "86400",
        "how long a cookie of the balancer holds",
    ),
    kept(
        "stickiness.app_cookie.duration_seconds",
        SECONDS_OF_COOKIE,
        "86400",
        "how long a cookie of the application holds",
    ),
    kept(
        "stickiness.app_cookie.cookie_name",
        Kind::Any,
        "",
        "name of the cookie of the application",
    ),
    kept(
        MITIGATION,
        Kind::OneOf(&["on", "off"]),
        "off",
        "whether anomalous targets get less",
    ),
];

const NETWORK: &[Param] = &[
    HEALTH[0],
    HEALTH[1],
    HEALTH[2],
    HEALTH[3],
    kept(
        CROSS_ZONE,
        Kind::OneOf(&["true", "false", "use_load_balancer_configuration"]),
        "use_load_balancer_configuration",
        "whether a node uses the targets of all zones",
    ),
    kept(
        STICKY,
        Kind::Boolean,
        "false",
        "whether clients stay with a target",
    ),
    kept(
        "stickiness.type",
        Kind::OneOf(&["source_ip"]),
        "source_ip",
        "what tells clients apart",
    ),
    kept(
        TERMINATION,
        Kind::Boolean,
        "false",
        "whether connections are closed at the deadline",
    ),
    kept(
        UNHEALTHY_TERMINATION,
        Kind::Boolean,
        "true",
        "whether those of unhealthy targets are",
    ),
    kept(
        UNHEALTHY_INTERVAL,
        Kind::Integer {
            min: 0,
            max: 360_000,
        },
        "0",
        "how long an unhealthy target drains",
    ),
    kept(
        "preserve_client_ip.enabled",
        Kind::Boolean,
        "true",
        "whether targets see clients",
    ),
    kept(
        "proxy_protocol_v2.enabled",
        Kind::Boolean,
        "false",
        "whether the header is sent",
    ),
];

const GATEWAY: &[Param] = &[
    kept(
        ON_DEREGISTRATION,
        FAILOVER,
        "no_rebalance",
        "what flows of a deregistered target do",
    ),
    kept(
        ON_UNHEALTHY,
        FAILOVER,
        "no_rebalance",
        "what flows of an unhealthy target do",
    ),
    kept(
        "send_tcp_reset.on_unhealthy.enabled",
        Kind::Boolean,
        "false",
        "whether flows are reset",
    ),
    kept(
        "send_tcp_reset.on_deregistration.enabled",
        Kind::Boolean,
        "false",
        "whether flows are reset",
    ),
    kept(
        STICKY,
        Kind::Boolean,
        "false",
        "whether flows are told apart by fewer fields",
    ),
    kept(
        "stickiness.type",
        Kind::OneOf(&["source_ip_dest_ip", "source_ip_dest_ip_proto"]),
        "source_ip_dest_ip",
        "by which",
    ),
];

const LAMBDA: &[Param] = &[kept(
    "lambda.multi_value_headers.enabled",
    Kind::Boolean,
    "false",
    "whether headers are lists",
)];

/// The attributes that a target group has, those that have an effect first.
fn of(group: &TargetGroup) -> Vec<Param> {
    let protocol = group.protocol.as_str();
    let others = match (group.target_type, protocol) {
        (TargetType::Lambda, _) => return LAMBDA.to_vec(),
        (_, "HTTP" | "HTTPS") => APPLICATION,
        (_, "GENEVE") => GATEWAY,
        _ => NETWORK,
    };
    // a kind that does not have its protocol knows of its delay only
    let known = group.kind.protocols().contains(&protocol);
    let simulated = group.kind.target_group_attributes().iter();
    let simulated = simulated.filter(|param| {
        let other = others.iter().any(|other| other.key == param.key);
        !other && (known || param.key == DELAY)
    });
    simulated.chain(others).copied().collect()
}

/// The attributes of a target group as answers tell them.
pub(super) fn told(cloud: &Cloud, id: TargetGroupId) -> Vec<Value> {
    let group = &cloud.target_groups[id.index()];
    let mut told = BTreeMap::new();
    for param in of(group) {
        if let Some(value) = value_of(group, &param) {
            told.insert(param.key, value);
        }
    }
    told.into_iter()
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect()
}

fn value_of<'a>(group: &'a TargetGroup, param: &Param) -> Option<&'a str> {
    let datagrams = matches!(group.protocol.as_str(), "UDP" | "TCP_UDP");
    let default = match param.presence {
        Presence::Default(_) if datagrams && param.key == TERMINATION => Some("true"),
        Presence::Default(_) if datagrams && param.key == UNHEALTHY_TERMINATION => Some("false"),
        Presence::Default(default) => Some(default),
        Presence::Required | Presence::Optional => None,
    };
    group.attributes.get(param.key).or(default)
}

/// The value of an attribute as it is kept.
///
/// # Errors
/// `ValidationError` for an unknown key and a value out of range; `InvalidConfigurationRequest` for
/// one that such a target group does not have.
pub(super) fn checked(group: &TargetGroup, key: &str, value: &str) -> Result<String, ApiError> {
    let params = of(group);
    let Some(param) = params.iter().find(|param| param.key == key) else {
        return Err(unknown(group, key));
    };
    let wrong = |must: String| {
        Err(validation_error(format!(
            "'{key}' value '{value}' must be {must}"
        )))
    };
    match param.kind {
        Kind::Integer { min, max } => match value.parse::<i64>() {
            Ok(number) if key == SLOW_START && (1..30).contains(&number) => {
                wrong(format!("0 or between '30-{max}' inclusive"))
            }
            Ok(number) if (min..=max).contains(&number) => Ok(number.to_string()),
            _ => wrong(format!("between '{min}-{max}' inclusive")),
        },
        Kind::OneOf(words) if !words.contains(&value) => {
            wrong(format!("one of [{}]", words.join(", ")))
        }
        Kind::Boolean if value != "true" && value != "false" => {
            wrong("one of [true, false]".to_owned())
        }
        // the one kind of text: a share or a count that can be off
        Kind::Text { .. } if value != "off" => {
            let max = if key == DNS_COUNT { 1000 } else { 100 };
            match value.parse::<u32>() {
                Ok(share) if (1..=max).contains(&share) => Ok(share.to_string()),
                _ => wrong(format!("'off' or between '1-{max}' inclusive")),
            }
        }
        Kind::OneOf(_)
        | Kind::Boolean
        | Kind::Text { .. }
        | Kind::Pattern { .. }
        | Kind::Timestamp
        | Kind::Duration { .. }
        | Kind::Rate
        | Kind::Number { .. }
        | Kind::Distribution
        | Kind::Arrivals
        | Kind::List { .. }
        | Kind::Struct(_)
        | Kind::Map(_)
        | Kind::Any => Ok(value.to_owned()),
    }
}

fn unknown(group: &TargetGroup, key: &str) -> ApiError {
    let kinds = KINDS.iter().filter(|kind| kind.provider() == Provider::Aws);
    let mut all = kinds
        .flat_map(|kind| kind.target_group_attributes())
        .chain(APPLICATION)
        .chain(NETWORK)
        .chain(GATEWAY)
        .chain(LAMBDA);
    if !all.any(|param| param.key == key) {
        return validation_error(format!(
            "Target group attribute key '{key}' is not recognized"
        ));
    }
    let text = match group.target_type {
        TargetType::Lambda => "target type 'lambda'".to_owned(),
        TargetType::Instance | TargetType::Ip | TargetType::Alb => {
            format!("protocol '{}'", group.protocol)
        }
    };
    error(
        INVALID_CONFIGURATION,
        format!("A target group with {text} does not support the attribute {key}"),
    )
}

/// Whether attributes go together once `changes` are made. Source: R-ROUTE-4, R-TARGET-7.
///
/// # Errors
/// `InvalidConfigurationRequest`.
pub(super) fn check_together(
    cloud: &Cloud,
    id: TargetGroupId,
    changes: &BTreeMap<String, String>,
) -> Result<(), ApiError> {
    let group = &cloud.target_groups[id.index()];
    let params = of(group);
    let after = |key: &str| {
        let changed = changes.get(key).map(String::as_str);
        let param = params.iter().find(|param| param.key == key);
        changed.or_else(|| param.and_then(|param| value_of(group, param)))
    };
    let is = |key: &str, value: &str| after(key) == Some(value);
    let algorithm = after(ALGORITHM).unwrap_or("round_robin");
    let slow = after(SLOW_START).is_some_and(|value| value != "0");
    let number = |key: &str| after(key).and_then(|value| value.parse::<u32>().ok());
    let below = |dns: &str, routing: &str| {
        number(dns)
            .zip(number(routing))
            .is_some_and(|(dns, routing)| dns < routing)
    };
    let touched = |keys: &[&str]| keys.iter().any(|key| changes.contains_key(*key));
    let wrong = if slow && algorithm != "round_robin" {
        format!("You cannot enable both slow start and the {algorithm} algorithm")
    } else if is(MITIGATION, "on") && algorithm != "weighted_random" {
        "Anomaly mitigation needs the weighted_random algorithm".to_owned()
    } else if is(STICKY, "true") && is(CROSS_ZONE, "false") {
        "You cannot enable stickiness when cross-zone load balancing is disabled".to_owned()
    } else if changes
        .get(CROSS_ZONE)
        .is_some_and(|value| value == "false")
        && cloud
            .registrations_of(id)
            .any(|id| cloud.registrations[id.index()].any_zone)
    {
        "You cannot disable cross-zone load balancing while a target is registered with the \
         Availability Zone 'all'"
            .to_owned()
    } else if is(STICKY, "true")
        && is("stickiness.type", "app_cookie")
        && is("stickiness.app_cookie.cookie_name", "")
    {
        "Stickiness by a cookie of the application needs the name of the cookie".to_owned()
    } else if touched(&[DNS_COUNT, ROUTING_COUNT]) && below(DNS_COUNT, ROUTING_COUNT)
        || touched(&[DNS_SHARE, ROUTING_SHARE]) && below(DNS_SHARE, ROUTING_SHARE)
    {
        "The threshold of DNS failover must not be below that of unhealthy state routing".to_owned()
    } else if is(UNHEALTHY_TERMINATION, "true")
        && after(UNHEALTHY_INTERVAL).is_some_and(|value| value != "0")
    {
        "A draining interval of unhealthy targets needs connection termination to be disabled"
            .to_owned()
    } else if changes
        .get(UNHEALTHY_TERMINATION)
        .is_some_and(|value| value == "true")
        && matches!(group.protocol.as_str(), "UDP" | "TCP_UDP")
    {
        format!(
            "You cannot enable connection termination of unhealthy targets for protocol '{}'",
            group.protocol
        )
    } else if after(ON_DEREGISTRATION) != after(ON_UNHEALTHY) {
        format!("The values of {ON_DEREGISTRATION} and {ON_UNHEALTHY} must be the same")
    } else {
        return Ok(());
    };
    Err(error(INVALID_CONFIGURATION, wrong))
}
