//! `elasticloadbalancing:DescribeRules`: rules with where they forward, default ones included.
//!
//! Source: R-FORWARD-1.

use serde_json::Value;

use crate::api::action::{self, LISTENER_NOT_FOUND, RULE_NOT_FOUND};
use crate::api::aws::{self, TEXT, validation_error};
use crate::api::params::optional;
use crate::api::target_group::{page, paged, paging};
use crate::api::{ApiError, Call, Operation, Response};
use crate::describe::{Kind, Source};
use crate::model::cloud::Cloud;
use crate::model::ids::ListenerId;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeRules.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "elasticloadbalancing:DescribeRules",
    summary: "tells of the rules of a listener by priority, or of those named",
    params: &[
        optional("ListenerArn", TEXT, "ARN of the listener", API),
        optional(
            "RuleArns",
            Kind::List {
                of: &TEXT,
                min: 0,
                max: usize::MAX,
            },
            "ARNs of the rules",
            API,
        ),
        paging(API)[0],
        paging(API)[1],
    ],
    errors: &[aws::VALIDATION_ERROR, LISTENER_NOT_FOUND, RULE_NOT_FOUND],
    deviations: &["conditions are not kept, and shown as none"],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let cloud = &*call.cloud;
    let arns = fields.texts("RuleArns");
    let found: Vec<ListenerId> = match (fields.text("ListenerArn"), arns.as_slice()) {
        (Some(arn), []) => rules_of(cloud, action::listener(cloud, arn)?),
        (None, [_, ..]) => {
            let named = |arn: &&str| match action::default_rule(cloud, arn) {
                Some(listener) => Ok(listener),
                None => action::rule(cloud, arn),
            };
            arns.iter().map(named).collect::<Result<_, _>>()?
        }
        (Some(_), [_, ..]) | (None, []) => {
            return Err(validation_error(
                "You must specify either listener rule ARNs or a listener ARN",
            ));
        }
    };
    let (found, marker) = page(fields, found)?;
    let shapes = found.into_iter().map(|id| action::rule_shape(cloud, id));
    Ok(paged("Rules", shapes.collect(), marker))
}

/// By priority, the default one last.
fn rules_of(cloud: &Cloud, listener: ListenerId) -> Vec<ListenerId> {
    let rules = cloud.listeners.iter().enumerate();
    let mut rules: Vec<(u32, ListenerId)> = rules
        .filter_map(|(index, of)| Some((of.rule?, ListenerId::from_index(index))))
        .filter(|(rule, _)| rule.listener == listener)
        .map(|(rule, id)| (rule.priority, id))
        .collect();
    rules.sort_unstable();
    let mut rules: Vec<ListenerId> = rules.into_iter().map(|(_, id)| id).collect();
    rules.push(listener);
    rules
}
