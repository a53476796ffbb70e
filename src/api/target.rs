//! Targets as requests name them: id, port and what else may be said about one.
//!
//! Source: R-TARGET-1 to R-TARGET-6. This module must never change the cloud.

use std::net::IpAddr;

use super::ApiError;
use super::aws::{error, validation_error};
use super::params::{Fields, optional, required};
use crate::describe::{Kind, Param, Source};
use crate::model::cloud::{Cloud, TargetGroup};
use crate::model::settings::TargetType;

/// A target that cannot be one of this target group.
pub(super) const INVALID_TARGET: &str = "InvalidTarget";

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetDescription.html",
);

/// What a request says about one target.
pub(super) const ITEM: &[Param] = &[
    required(
        "Id",
        Kind::Text {
            min: 1,
            max: usize::MAX,
        },
        "instance id, or IP address for a target group of type `ip`",
        API,
    ),
    optional(
        "Port",
        Kind::Integer { min: 1, max: 65535 },
        "port, when it is not the target group's own",
        API,
    ),
    optional(
        "AvailabilityZone",
        Kind::Text {
            min: 1,
            max: usize::MAX,
        },
        "a zone or `all`; not for instances",
        API,
    ),
    optional(
        "QuicServerId",
        Kind::Text { min: 1, max: 256 },
        "server id; only for QUIC and TCP_QUIC",
        API,
    ),
];

/// The kind of the list of targets.
pub(super) const LIST: Kind = Kind::List {
    of: &Kind::Struct(ITEM),
    min: 1,
    max: usize::MAX,
};

/// A target as a request names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Target<'a> {
    /// Its id.
    pub(super) id: &'a str,
    /// Its port, the target group's default when none was given. Source: R-TARGET-2.
    pub(super) port: u16,
    /// Registered for all zones.
    pub(super) any_zone: bool,
    /// Its QUIC server id.
    pub(super) quic_server_id: Option<&'a str>,
}

/// The distinct targets a request names for a target group.
///
/// # Errors
/// `ValidationError` for a zone or a server id that such a target cannot have.
pub(super) fn named<'a>(
    cloud: &Cloud,
    group: &TargetGroup,
    fields: Fields<'a>,
) -> Result<Vec<Target<'a>>, ApiError> {
    let mut seen = std::collections::BTreeSet::new();
    let mut targets = Vec::new();
    for item in fields.items("Targets") {
        let item = Fields::of(item);
        let zone = item.text("AvailabilityZone");
        let target = Target {
            id: item.given("Id"),
            port: item.port("Port").unwrap_or(group.port),
            any_zone: zone == Some("all"),
            quic_server_id: item.text("QuicServerId"),
        };
        if let Some(zone) = zone {
            check_zone(cloud, group, target.id, zone)?;
        }
        check_server_id(group, target)?;
        if seen.insert((target.id, target.port)) {
            targets.push(target);
        }
    }
    Ok(targets)
}

/// A server id is for QUIC only: `0x` and 16 hexadecimal digits. Source: R-TARGET-5.
fn check_server_id(group: &TargetGroup, target: Target<'_>) -> Result<(), ApiError> {
    let Some(server) = target.quic_server_id else {
        return Ok(());
    };
    if !is_quic(group) {
        return Err(validation_error(format!(
            "A QUIC server ID cannot be specified for target '{}' because the protocol of the \
             target group is {}",
            target.id, group.protocol
        )));
    }
    let valid = |digit: u8| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit);
    let digits = server.strip_prefix("0x").map(str::as_bytes);
    if digits.is_some_and(|digits| digits.len() == 16 && digits.iter().all(|&digit| valid(digit))) {
        return Ok(());
    }
    Err(validation_error(format!(
        "The QUIC server ID '{server}' of target '{}' must match ^0x[0-9a-f]{{16}}$",
        target.id
    )))
}

/// Whether the targets of a group have server ids.
pub(super) fn is_quic(group: &TargetGroup) -> bool {
    matches!(group.protocol.as_str(), "QUIC" | "TCP_QUIC")
}

fn check_zone(cloud: &Cloud, group: &TargetGroup, id: &str, zone: &str) -> Result<(), ApiError> {
    match group.target_type {
        TargetType::Instance => Err(validation_error(format!(
            "An Availability Zone cannot be specified for target '{id}' because the target type of \
             the target group is instance"
        ))),
        TargetType::Alb => Err(validation_error(format!(
            "An Availability Zone cannot be specified for target '{id}' because the target type of \
             the target group is alb"
        ))),
        TargetType::Lambda if zone == "all" => Ok(()),
        TargetType::Ip if zone == "all" || cloud.zones.iter().any(|name| name == zone) => Ok(()),
        TargetType::Ip | TargetType::Lambda => Err(validation_error(format!(
            "The Availability Zone '{zone}' specified for target '{id}' is not valid"
        ))),
    }
}

/// Checks that an id has the form that the target group's type asks for.
///
/// # Errors
/// `ValidationError`.
pub(super) fn check_form(group: &TargetGroup, id: &str) -> Result<(), ApiError> {
    match group.target_type {
        TargetType::Instance if id.starts_with("i-") => Ok(()),
        TargetType::Instance => Err(validation_error(format!("Instance ID '{id}' is not valid"))),
        TargetType::Lambda | TargetType::Alb => Err(no_such_target()),
        TargetType::Ip => match id.parse::<IpAddr>() {
            Ok(address) if is_private(address) => Ok(()),
            Ok(_) => Err(validation_error(format!(
                "The IP address '{id}' is publicly routable; specify one of a subnet of the VPC, \
                 of the RFC 1918 ranges or of 100.64.0.0/10"
            ))),
            Err(_) => Err(validation_error(format!(
                "The IP address '{id}' is not valid"
            ))),
        },
    }
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            address.is_private() || (first == 100 && (64..128).contains(&second))
        }
        // addresses of a subnet are global unicast in IPv6
        IpAddr::V6(_) => true,
    }
}

/// `InvalidTarget` in the words of the API model.
pub(super) fn no_such_target() -> ApiError {
    error(
        INVALID_TARGET,
        "The specified target does not exist, is not in the same VPC as the target group, or has \
         an unsupported instance type.",
    )
}
