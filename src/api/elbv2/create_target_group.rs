//! `elasticloadbalancing:CreateTargetGroup`: a target group that nothing forwards to yet.
//!
//! Source: R-TARGET-8.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::api::aws::{self, TEXT, validation_error};
use crate::api::params::{Fields, optional, required};
use crate::api::target_group::{self, Checked, HEALTH_CHECK, PROTOCOLS};
use crate::api::{ApiError, Call, Operation, Response};
use crate::describe::{Chars, Kind, Param, Pattern, Piece, Source};
use crate::model::cloud::Cloud;
use crate::model::ids::TargetGroupId;
use crate::model::lb::Attributes;
use crate::model::settings::{Provider, TargetGroupSettings, TargetType};
use crate::model::target_group::Facts;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html",
);

const DUPLICATE: &str = "DuplicateTargetGroupName";
const TOO_MANY: &str = "TooManyTargetGroups";
const TOO_MANY_TAGS: &str = "TooManyTags";

/// Target groups in a Region.
const GROUPS: usize = 3000;
/// Tags of a target group.
const TAGS: usize = 50;
/// Longest name.
const NAME: usize = 32;
/// The port of GENEVE.
const GENEVE: u16 = 6081;

/// What the key and the value of a tag may be.
const TAG_TEXT: Pattern = Pattern {
    text: r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$",
    words: "letters, digits, blanks and _ . : / = + - @",
    forms: &[&[Piece::Run {
        of: &[
            Chars::Letter,
            Chars::Blank,
            Chars::Number,
            Chars::One('_'),
            Chars::One('.'),
            Chars::One(':'),
            Chars::One('/'),
            Chars::One('='),
            Chars::One('+'),
            Chars::One('-'),
            Chars::One('@'),
        ],
        min: 0,
        max: usize::MAX,
    }]],
};

const fn tag_text(min: usize, max: usize) -> Kind {
    Kind::Pattern {
        min,
        max,
        pattern: &TAG_TEXT,
    }
}

const TAG: &[Param] = &[
    required("Key", tag_text(1, 128), "key of the tag", API),
    optional("Value", tag_text(0, 256), "value of the tag", API),
];

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "elasticloadbalancing:CreateTargetGroup",
    summary: "creates a target group; the same settings again give the same target group",
    params: &[
        required(
            "Name",
            TEXT,
            "name, 32 letters, digits and hyphens at most",
            API,
        ),
        optional("Protocol", PROTOCOLS, "protocol; not for functions", API),
        optional(
            "ProtocolVersion",
            Kind::OneOf(&["GRPC", "HTTP1", "HTTP2"]),
            "version of HTTP, HTTP1 if left out; without effect",
            API,
        ),
        optional(
            "Port",
            Kind::Integer { min: 1, max: 65535 },
            "port of the targets; not for functions",
            API,
        ),
        optional("VpcId", TEXT, "VPC of the targets; not looked at", API),
        HEALTH_CHECK[0],
        HEALTH_CHECK[1],
        HEALTH_CHECK[2],
        HEALTH_CHECK[3],
        HEALTH_CHECK[4],
        HEALTH_CHECK[5],
        HEALTH_CHECK[6],
        HEALTH_CHECK[7],
        HEALTH_CHECK[8],
        optional(
            "TargetType",
            Kind::OneOf(&["instance", "ip", "lambda", "alb"]),
            "what the ids of targets are, `instance` if left out",
            API,
        ),
        optional(
            "Tags",
            Kind::List {
                of: &Kind::Struct(TAG),
                min: 1,
                max: usize::MAX,
            },
            "tags; without effect",
            API,
        ),
        optional(
            "IpAddressType",
            Kind::OneOf(&["ipv4", "ipv6"]),
            "kind of addresses, `ipv4` if left out; without effect",
            API,
        ),
        optional(
            "TargetControlPort",
            Kind::Integer { min: 1, max: 65535 },
            "port of the target optimizer; without effect",
            API,
        ),
    ],
    errors: &[aws::VALIDATION_ERROR, DUPLICATE, TOO_MANY, TOO_MANY_TAGS],
    deviations: &[
        "a target group of a protocol that no simulated load balancer has is kept and described, \
         and nothing can forward to it",
        "there is one VPC, whatever it is called",
        "path, port, protocol and matcher of health checks have no effect: a process answers or does \
         not",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let name = fields.given("Name");
    check_name(name)?;
    check_tags(fields)?;
    let target_type = target_type(fields);
    let (protocol, port) = place(fields, target_type)?;
    let version = version(fields, protocol)?;
    let of = Checked {
        protocol,
        target_type,
        version,
    };
    let mut facts = of.default_facts();
    let check_protocol = fields.text("HealthCheckProtocol").unwrap_or("TCP");
    let defaults = of.defaults(check_protocol);
    let health_check = target_group::health_check(fields, of, defaults, &mut facts)?;
    tell(fields, of, &mut facts);
    let mut settings = TargetGroupSettings {
        name: name.to_owned(),
        provider: Provider::Aws,
        protocol: protocol.to_owned(),
        port,
        target_type,
        identifier: String::new(),
        attributes: Attributes::with_defaults(
            crate::model::lb::default_kind(Provider::Aws).target_group_attributes(),
            std::collections::BTreeMap::new(),
        ),
        health_check,
        targets: Vec::new(),
    };
    let id = if let Some(id) = same(call.cloud, &settings, &facts)? {
        id
    } else {
        settings.identifier = arn(call.cloud, name);
        call.cloud.create_target_group(&settings, facts)
    };
    Ok(json!({ "TargetGroups": [target_group::shape(call.cloud, id)] }))
}

fn check_name(name: &str) -> Result<(), ApiError> {
    let wrong = if name.chars().count() > NAME {
        format!("cannot be longer than '{NAME}' characters")
    } else if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        "can only contain characters that are alphanumeric characters or hyphens(-)".to_owned()
    } else if name.starts_with('-') || name.ends_with('-') {
        "cannot begin or end with '-'".to_owned()
    } else {
        return Ok(());
    };
    Err(validation_error(format!(
        "Target group name '{name}' {wrong}"
    )))
}

fn check_tags(fields: Fields<'_>) -> Result<(), ApiError> {
    let tags = fields.items("Tags");
    if tags.len() > TAGS {
        let message = "You've reached the limit on the number of tags for this resource.";
        return Err(aws::error(TOO_MANY_TAGS, message));
    }
    let mut seen = BTreeSet::new();
    for tag in tags {
        let key = Fields::of(tag).given("Key");
        if !seen.insert(key) {
            return Err(validation_error(format!(
                "The tag key '{key}' is specified more than once"
            )));
        }
    }
    Ok(())
}

fn target_type(fields: Fields<'_>) -> TargetType {
    match fields.text("TargetType") {
        Some("ip") => TargetType::Ip,
        Some("lambda") => TargetType::Lambda,
        Some("alb") => TargetType::Alb,
        _ => TargetType::Instance,
    }
}

/// Protocol and port; functions have neither.
fn place(fields: Fields<'_>, target_type: TargetType) -> Result<(&str, u16), ApiError> {
    if target_type == TargetType::Lambda {
        for (key, what) in [
            ("Protocol", "Protocol"),
            ("Port", "Port"),
            ("VpcId", "VPC ID"),
        ] {
            if fields.get(key).is_some() {
                return Err(validation_error(format!(
                    "{what} cannot be specified for target groups with target type 'lambda'"
                )));
            }
        }
        return Ok(("HTTP", 80));
    }
    let protocol = fields.text("Protocol");
    let protocol = protocol.ok_or_else(|| validation_error("A protocol must be specified"))?;
    let port = fields.port("Port");
    let port = port.ok_or_else(|| validation_error("A port must be specified"))?;
    if fields.text("VpcId").is_none() {
        return Err(validation_error("A VPC ID must be specified"));
    }
    if protocol == "GENEVE" && port != GENEVE {
        return Err(validation_error(format!(
            "The port of a target group with protocol 'GENEVE' must be {GENEVE}"
        )));
    }
    if target_type == TargetType::Alb && protocol != "TCP" {
        return Err(validation_error(format!(
            "Protocol '{protocol}' is not supported for target groups with target type 'alb'"
        )));
    }
    Ok((protocol, port))
}

fn version<'a>(fields: Fields<'a>, protocol: &str) -> Result<&'a str, ApiError> {
    match fields.text("ProtocolVersion") {
        Some(_) if !matches!(protocol, "HTTP" | "HTTPS") => Err(validation_error(format!(
            "A protocol version cannot be specified for target groups with protocol '{protocol}'"
        ))),
        version => Ok(version.unwrap_or("HTTP1")),
    }
}

/// What else answers tell of it.
fn tell(fields: Fields<'_>, of: Checked<'_>, facts: &mut Facts) {
    let http = matches!(of.protocol, "HTTP" | "HTTPS") && of.target_type != TargetType::Lambda;
    if http {
        facts.insert("ProtocolVersion", of.version.to_owned());
    }
    if let Some(vpc) = fields.text("VpcId") {
        facts.insert("VpcId", vpc.to_owned());
    }
    if of.target_type != TargetType::Lambda {
        let addresses = fields.text("IpAddressType").unwrap_or("ipv4");
        facts.insert("IpAddressType", addresses.to_owned());
    }
}

/// The target group that was created with the same settings.
fn same(
    cloud: &Cloud,
    wanted: &TargetGroupSettings,
    facts: &Facts,
) -> Result<Option<TargetGroupId>, ApiError> {
    let mut groups = target_group::all(cloud);
    let named = groups.find(|id| cloud.target_groups[id.index()].name == wanted.name);
    let Some(id) = named else {
        if target_group::all(cloud).count() >= GROUPS {
            let message = "You've reached the limit on the number of target groups for your AWS \
                           account.";
            return Err(aws::error(TOO_MANY, message));
        }
        return Ok(None);
    };
    let group = &cloud.target_groups[id.index()];
    let equal = group.protocol == wanted.protocol
        && group.port == wanted.port
        && group.target_type == wanted.target_type
        && group.health_check == wanted.health_check
        && group.facts == *facts;
    if equal {
        return Ok(Some(id));
    }
    Err(aws::error(
        DUPLICATE,
        format!(
            "A target group with the same name '{}' exists, but with different settings",
            wanted.name
        ),
    ))
}

/// An ARN in the account and Region of the others.
fn arn(cloud: &mut Cloud, name: &str) -> String {
    let first = target_group::all(cloud).next();
    let place = first.and_then(|id| {
        let arn = &cloud.target_groups[id.index()].identifier;
        let (place, _) = arn.split_once(":targetgroup/")?;
        Some(place.to_owned())
    });
    let place =
        place.unwrap_or_else(|| "arn:aws:elasticloadbalancing:us-east-1:123456789012".to_owned());
    let id = cloud.identifiers.target_group();
    format!("{place}:targetgroup/{name}/{id}")
}
