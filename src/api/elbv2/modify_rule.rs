//! `elasticloadbalancing:ModifyRule`: where a rule forwards, with which weights.
//!
//! Its nodes learn of it later. Source: R-FORWARD-1, R-FORWARD-2.

use serde_json::{Value, json};

use crate::api::action::{
    self, ASSOCIATION_LIMIT, DEVIATIONS, INCOMPATIBLE, INVALID_ACTION, LIST, RULE_NOT_FOUND,
    TOO_MANY_GROUPS, TOO_MANY_TARGETS,
};
use crate::api::aws::{self, TEXT};
use crate::api::params::{defaulted, optional, required};
use crate::api::{ApiError, Call, Operation, Response};
use crate::describe::{Kind, Param, Source};

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyRule.html",
);

const NOT_PERMITTED: &str = "OperationNotPermitted";

const TEXTS: Kind = Kind::List {
    of: &TEXT,
    min: 0,
    max: usize::MAX,
};

const CONDITION: &[Param] = &[
    optional(
        "Field",
        Kind::Text { min: 0, max: 64 },
        "what of a request is looked at: `path-pattern`, `host-header`",
        API,
    ),
    optional("Values", TEXTS, "what it may be", API),
    optional("RegexValues", TEXTS, "what it may match", API),
    optional("HostHeaderConfig", Kind::Any, "host names", API),
    optional("PathPatternConfig", Kind::Any, "paths", API),
    optional("HttpHeaderConfig", Kind::Any, "header fields", API),
    optional("QueryStringConfig", Kind::Any, "queries", API),
    optional("HttpRequestMethodConfig", Kind::Any, "methods", API),
    optional("SourceIpConfig", Kind::Any, "addresses of clients", API),
];

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "elasticloadbalancing:ModifyRule",
    summary: "changes where a rule forwards: to other target groups, or with other weights",
    params: &[
        required("RuleArn", TEXT, "ARN of the rule", API),
        optional(
            "Conditions",
            Kind::List {
                of: &Kind::Struct(CONDITION),
                min: 0,
                max: usize::MAX,
            },
            "which requests match; without effect",
            API,
        ),
        optional(
            "Actions",
            LIST,
            "what to do with requests that match; as before if left out",
            API,
        ),
        optional(
            "Transforms",
            Kind::List {
                of: &Kind::Any,
                min: 0,
                max: usize::MAX,
            },
            "how requests are rewritten; without effect",
            API,
        ),
        defaulted(
            "ResetTransforms",
            Kind::Boolean,
            "false",
            "whether to remove all transforms; without effect",
            API,
        ),
    ],
    errors: &[
        aws::VALIDATION_ERROR,
        RULE_NOT_FOUND,
        NOT_PERMITTED,
        aws::TARGET_GROUP_NOT_FOUND,
        ASSOCIATION_LIMIT,
        INCOMPATIBLE,
        INVALID_ACTION,
        TOO_MANY_GROUPS,
        TOO_MANY_TARGETS,
    ],
    deviations: &[
        DEVIATIONS[0],
        DEVIATIONS[1],
        DEVIATIONS[2],
        DEVIATIONS[3],
        "conditions are not kept, and shown as none",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let arn = fields.given("RuleArn");
    if action::default_rule(call.cloud, arn).is_some() {
        return Err(aws::error(
            NOT_PERMITTED,
            format!("Default rule '{arn}' cannot be modified"),
        ));
    }
    let id = action::rule(call.cloud, arn)?;
    let balancer = call.cloud.listeners[id.index()].load_balancer;
    let actions = fields.items("Actions");
    if !actions.is_empty() {
        let forward = action::forward_of(call.cloud, balancer, actions)?;
        call.cloud.set_forward(call.cx, id, forward);
        call.cloud.listeners[id.index()].stickiness = action::stickiness(actions);
    }
    Ok(json!({ "Rules": [action::rule_shape(call.cloud, id)] }))
}
