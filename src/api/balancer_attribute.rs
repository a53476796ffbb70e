//! Attributes of Classic Load Balancers as requests set them and answers tell them.
//!
//! They come in sections, and are kept under `Section.Attribute`. Source: R-CLB-7. This module must
//! never change the cloud.

use serde_json::{Map, Value, json};

use super::ApiError;
use super::attribute::INVALID_CONFIGURATION;
use super::aws::{INTEGER, TEXT, error};
use super::params::{Fields, optional, required};
use crate::describe::{Chars, Kind, Param, Pattern, Piece, Source};
use crate::model::lb::Attributes;
use crate::model::lb::classic::{CROSS_ZONE_ENABLED, DRAINING, DRAINING_TIMEOUT, IDLE_TIMEOUT};

/// No such attribute.
pub(super) const ATTRIBUTE_NOT_FOUND: &str = "LoadBalancerAttributeNotFound";

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_LoadBalancerAttributes.html",
);

const LOG_ENABLED: &str = "AccessLog.Enabled";
const LOG_BUCKET: &str = "AccessLog.S3BucketName";
const LOG_INTERVAL: &str = "AccessLog.EmitInterval";
const LOG_PREFIX: &str = "AccessLog.S3BucketPrefix";
/// The one additional attribute.
const DESYNC: &str = "elb.http.desyncmitigationmode";

/// What keys and values of additional attributes may be.
const ADDITIONAL: Pattern = Pattern {
    text: "^[a-zA-Z0-9.]+$",
    words: "letters, digits and dots",
    forms: &[&[Piece::Run {
        of: &[
            Chars::Range('a', 'z'),
            Chars::Range('A', 'Z'),
            Chars::Range('0', '9'),
            Chars::One('.'),
        ],
        min: 1,
        max: usize::MAX,
    }]],
};
const ADDITIONAL_TEXT: Kind = Kind::Pattern {
    min: 0,
    max: 256,
    pattern: &ADDITIONAL,
};

const CROSS_ZONE: &[Param] = &[required(
    "Enabled",
    Kind::Boolean,
    "whether a node chooses among the instances of all zones",
    API,
)];
const LOG: &[Param] = &[
    required("Enabled", Kind::Boolean, "whether requests are logged", API),
    optional("S3BucketName", TEXT, "where to; required if enabled", API),
    optional("EmitInterval", INTEGER, "5 or 60, how often [min]", API),
    optional("S3BucketPrefix", TEXT, "under what prefix", API),
];
const DRAIN: &[Param] = &[
    required(
        "Enabled",
        Kind::Boolean,
        "whether requests in flight on a deregistered instance may finish",
        API,
    ),
    optional("Timeout", INTEGER, "for how long, 1 to 3600 [s]", API),
];
const CONNECTION: &[Param] = &[required(
    "IdleTimeout",
    Kind::Integer { min: 1, max: 3600 },
    "time an instance may take to answer [s]",
    API,
)];
const MORE: &[Param] = &[
    optional(
        "Key",
        ADDITIONAL_TEXT,
        "`elb.http.desyncmitigationmode`",
        API,
    ),
    optional(
        "Value",
        ADDITIONAL_TEXT,
        "`monitor`, `defensive` or `strictest`",
        API,
    ),
];

/// The attributes, in their sections.
pub(super) const ATTRIBUTES: &[Param] = &[
    optional(
        "CrossZoneLoadBalancing",
        Kind::Struct(CROSS_ZONE),
        "among which instances a node chooses",
        API,
    ),
    optional(
        "AccessLog",
        Kind::Struct(LOG),
        "access logs; without effect",
        API,
    ),
    optional(
        "ConnectionDraining",
        Kind::Struct(DRAIN),
        "what becomes of requests in flight on a deregistered instance",
        API,
    ),
    optional(
        "ConnectionSettings",
        Kind::Struct(CONNECTION),
        "how long an instance is waited for",
        API,
    ),
    optional(
        "AdditionalAttributes",
        Kind::List {
            of: &Kind::Struct(MORE),
            min: 0,
            max: usize::MAX,
        },
        "the desync mitigation mode; without effect",
        API,
    ),
];

/// The sections of [`ATTRIBUTES`].
pub(super) const SECTIONS: [&str; 5] = [
    "CrossZoneLoadBalancing",
    "AccessLog",
    "ConnectionDraining",
    "ConnectionSettings",
    "AdditionalAttributes",
];

/// A configuration that does not go together; this API has a status of its own for it.
fn invalid(message: String) -> ApiError {
    ApiError {
        http_status: 409,
        ..error(INVALID_CONFIGURATION, message)
    }
}

/// The attributes that a request changes, and their new values.
///
/// # Errors
/// `InvalidConfigurationRequest`, `LoadBalancerAttributeNotFound`.
pub(super) fn changes(wanted: Fields<'_>) -> Result<Vec<(&'static str, String)>, ApiError> {
    let section = |key: &str| wanted.get(key).map(Fields::of);
    let mut changes = Vec::new();
    if let Some(given) = section("CrossZoneLoadBalancing") {
        changes.push((CROSS_ZONE_ENABLED, given.flag("Enabled").to_string()));
    }
    if let Some(given) = section("AccessLog") {
        log(given, &mut changes)?;
    }
    if let Some(given) = section("ConnectionDraining") {
        let enabled = given.flag("Enabled");
        changes.push((DRAINING, enabled.to_string()));
        match given.integer("Timeout").or(enabled.then_some(300)) {
            Some(timeout) if (1..=3600).contains(&timeout) => {
                changes.push((DRAINING_TIMEOUT, timeout.to_string()));
            }
            Some(timeout) => {
                return Err(invalid(format!(
                    "The timeout of connection draining must be between 1 and 3600 seconds, not \
                     {timeout}"
                )));
            }
            None => {}
        }
    }
    if let Some(timeout) =
        section("ConnectionSettings").and_then(|given| given.integer("IdleTimeout"))
    {
        changes.push((IDLE_TIMEOUT, timeout.to_string()));
    }
    for item in wanted.items("AdditionalAttributes") {
        let item = Fields::of(item);
        let (key, value) = (item.given("Key"), item.given("Value"));
        if key != DESYNC {
            return Err(error(
                ATTRIBUTE_NOT_FOUND,
                format!("The load balancer attribute '{key}' does not exist"),
            ));
        }
        if !["monitor", "defensive", "strictest"].contains(&value) {
            return Err(invalid(format!(
                "The value '{value}' of the attribute {DESYNC} must be one of [monitor, \
                 defensive, strictest]"
            )));
        }
        changes.push((DESYNC, value.to_owned()));
    }
    Ok(changes)
}

fn log(given: Fields<'_>, changes: &mut Vec<(&'static str, String)>) -> Result<(), ApiError> {
    let enabled = given.flag("Enabled");
    changes.push((LOG_ENABLED, enabled.to_string()));
    let bucket = given.text("S3BucketName");
    if enabled && bucket.is_none() {
        let message = "Access logs need the name of an S3 bucket".to_owned();
        return Err(invalid(message));
    }
    let texts = [
        (LOG_BUCKET, bucket),
        (LOG_PREFIX, given.text("S3BucketPrefix")),
    ];
    for (key, text) in texts {
        changes.extend(text.map(|text| (key, text.to_owned())));
    }
    match given.integer("EmitInterval") {
        None => Ok(()),
        Some(interval @ (5 | 60)) => {
            changes.push((LOG_INTERVAL, interval.to_string()));
            Ok(())
        }
        Some(interval) => Err(invalid(format!(
            "The interval of access logs must be 5 or 60 minutes, not {interval}"
        ))),
    }
}

/// Sections of attributes as answers tell them.
pub(super) fn told(attributes: &Attributes, sections: &[&str]) -> Value {
    let mut told = Map::new();
    let mut tell = |section: &str, shape: Value| {
        if sections.contains(&section) {
            told.insert(section.to_owned(), shape);
        }
    };
    let flag = |key: &str| attributes.is_true(key);
    let number = |key: &str| attributes.number(key);
    tell(
        "CrossZoneLoadBalancing",
        json!({ "Enabled": flag(CROSS_ZONE_ENABLED) }),
    );
    let mut log = json!({ "Enabled": flag(LOG_ENABLED) });
    for (key, text) in [
        ("S3BucketName", attributes.get(LOG_BUCKET)),
        ("S3BucketPrefix", attributes.get(LOG_PREFIX)),
    ] {
        if let Some(text) = text {
            log[key] = json!(text);
        }
    }
    if let Some(interval) = number(LOG_INTERVAL) {
        log["EmitInterval"] = json!(interval);
    }
    tell("AccessLog", log);
    let draining = json!({ "Enabled": flag(DRAINING), "Timeout": number(DRAINING_TIMEOUT) });
    tell("ConnectionDraining", draining);
    tell(
        "ConnectionSettings",
        json!({ "IdleTimeout": number(IDLE_TIMEOUT) }),
    );
    let mode = attributes.get(DESYNC).unwrap_or("defensive");
    tell(
        "AdditionalAttributes",
        json!([{ "Key": DESYNC, "Value": mode }]),
    );
    Value::Object(told)
}
