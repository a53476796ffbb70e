//! `elasticloadbalancing:ModifyTargetGroupAttributes`: how a target group drains and is routed to.
//!
//! A drain under way keeps the delay it began with. Source: R-DRAIN-1, R-TARGET-7.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::api::params::{Fields, required};
use crate::api::{ApiError, Call, Operation, Response, aws};
use crate::describe::{Kind, Param, Source};
use crate::model::cloud::TargetGroup;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyTargetGroupAttributes.html",
);

const INVALID_CONFIGURATION: &str = "InvalidConfigurationRequest";

const SLOW_START: &str = "slow_start.duration_seconds";
const ALGORITHM: &str = "load_balancing.algorithm.type";

const ITEM: &[Param] = &[
    required(
        "Key",
        aws::ATTRIBUTE_KEY,
        "key of the attribute: `deregistration_delay.timeout_seconds`",
        API,
    ),
    required("Value", aws::TEXT, "its value, as text", API),
];

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "elasticloadbalancing:ModifyTargetGroupAttributes",
    summary: "changes attributes of a target group; drains under way keep their delay",
    params: &[
        required(
            "TargetGroupArn",
            aws::TARGET_GROUP_ARN,
            "ARN of the target group",
            API,
        ),
        required(
            "Attributes",
            Kind::List {
                of: &Kind::Struct(ITEM),
                min: 1,
                max: usize::MAX,
            },
            "keys and values, all of them or none; the last value of a key counts (assumed)",
            API,
        ),
    ],
    errors: &[
        aws::VALIDATION_ERROR,
        aws::TARGET_GROUP_NOT_FOUND,
        INVALID_CONFIGURATION,
    ],
    deviations: &[
        "attributes that drainsim does not model are answered like unknown ones",
        "load_balancing.cross_zone.enabled counts for targets registered after the change",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let id = aws::target_group(call.cloud, fields.given("TargetGroupArn"))?;
    let group = &call.cloud.target_groups[id.index()];
    let mut changes = BTreeMap::new();
    for item in fields.items("Attributes") {
        let item = Fields::of(item);
        let (key, value) = (item.given("Key"), item.given("Value"));
        changes.insert(key.to_owned(), checked(group, key, value)?);
    }
    check_together(group, &changes)?;
    call.cloud.set_attributes(call.cx, id, changes);
    let attributes: Vec<Value> = call.cloud.target_groups[id.index()]
        .attributes
        .iter()
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect();
    Ok(json!({ "Attributes": attributes }))
}

/// The value of an attribute as it is kept.
fn checked(group: &TargetGroup, key: &str, value: &str) -> Result<String, ApiError> {
    let params = group.kind.target_group_attributes();
    let Some(param) = params.iter().find(|param| param.key == key) else {
        return Err(aws::validation_error(format!(
            "Target group attribute key '{key}' is not recognized"
        )));
    };
    let wrong = |must: String| {
        Err(aws::validation_error(format!(
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
        // the one kind of text: a share that can be off
        Kind::Text { .. } if value != "off" => match value.parse::<u32>() {
            Ok(share) if (1..=100).contains(&share) => Ok(share.to_string()),
            _ => wrong("'off' or between '1-100' inclusive".to_owned()),
        },
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

/// Slow start goes with round robin only. Source: R-ROUTE-4.
fn check_together(group: &TargetGroup, changes: &BTreeMap<String, String>) -> Result<(), ApiError> {
    let after = |key: &str| {
        let changed = changes.get(key).map(String::as_str);
        changed.or_else(|| group.attributes.get(key))
    };
    let slow = after(SLOW_START).is_some_and(|value| value != "0");
    match after(ALGORITHM) {
        Some(algorithm) if slow && algorithm != "round_robin" => Err(aws::error(
            INVALID_CONFIGURATION,
            format!("You cannot enable both slow start and the {algorithm} algorithm"),
        )),
        _ => Ok(()),
    }
}
