//! `elasticloadbalancing:ModifyTargetGroupAttributes`: how a target group drains and is routed to.
//!
//! A drain under way keeps the delay it began with. Source: R-DRAIN-1, R-TARGET-7.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::api::attribute::{self, INVALID_CONFIGURATION};
use crate::api::params::{Fields, required};
use crate::api::{ApiError, Call, Operation, Response, aws, target_group};
use crate::describe::{Kind, Param, Source};

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyTargetGroupAttributes.html",
);

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
        "stickiness, anomaly mitigation and DNS failover are checked, kept and told, without effect; \
         so are, behind Network and Gateway Load Balancers, client addresses, the interval in which \
         an unhealthy target drains, and `rebalance`",
        "the texts of attributes that do not go together are assumed",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let id = target_group::named(call.cloud, fields.given("TargetGroupArn"))?;
    let group = &call.cloud.target_groups[id.index()];
    let mut changes = BTreeMap::new();
    for item in fields.items("Attributes") {
        let item = Fields::of(item);
        let (key, value) = (item.given("Key"), item.given("Value"));
        changes.insert(key.to_owned(), attribute::checked(group, key, value)?);
    }
    attribute::check_together(call.cloud, id, &changes)?;
    call.cloud.set_attributes(call.cx, id, changes);
    let attributes = attribute::told(call.cloud, id);
    Ok(json!({ "Attributes": attributes }))
}
