//! `ess:DescribeScalingRules`: the scaling rules there are.
//!
//! Source: R-ESS-23.

use serde_json::Value;

use crate::api::alibaba::{self, REGION_ID};
use crate::api::params::{Fields, defaulted, optional};
use crate::api::scaling_rule::{self, ARI, NAME};
use crate::api::{ApiError, Call, Operation, Response, scaling_group};
use crate::describe::{Kind, Source};
use crate::model::cloud::Cloud;
use crate::model::scaling_rule::ScalingRule;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-describescalingrules",
);

const NAMES: Kind = Kind::List {
    of: &NAME,
    min: 0,
    max: usize::MAX,
};

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:DescribeScalingRules",
    summary: "lists scaling rules in the order in which they were created",
    params: &[
        REGION_ID,
        optional(
            "ScalingGroupId",
            scaling_group::GROUP_ID,
            "only rules of this scaling group",
            API,
        ),
        optional("ScalingRuleIds", NAMES, "only rules with these ids", API),
        optional(
            "ScalingRuleId.N",
            NAME,
            "the N-th of them, as older SDKs send it",
            API,
        ),
        optional(
            "ScalingRuleNames",
            NAMES,
            "only rules with these names",
            API,
        ),
        optional(
            "ScalingRuleName.N",
            NAME,
            "the N-th of them, as older SDKs send it",
            API,
        ),
        optional(
            "ScalingRuleAris",
            Kind::List {
                of: &ARI,
                min: 0,
                max: usize::MAX,
            },
            "only rules with these identifiers",
            API,
        ),
        optional(
            "ScalingRuleAri.N",
            ARI,
            "the N-th of them, as older SDKs send it",
            API,
        ),
        optional(
            "ScalingRuleType",
            Kind::OneOf(&[
                "SimpleScalingRule",
                "StepScalingRule",
                "TargetTrackingScalingRule",
                "PredictiveScalingRule",
            ]),
            "only rules of this type",
            API,
        ),
        defaulted(
            "ShowAlarmRules",
            Kind::Boolean,
            "false",
            "whether to show tasks that execute the rules: there are none",
            API,
        ),
        scaling_group::PAGE_NUMBER,
        scaling_group::PAGE_SIZE,
    ],
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        alibaba::GROUP_NOT_FOUND,
    ],
    deviations: &["ids, names and identifiers of no rule are passed over (assumed)"],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let checked = alibaba::check(OPERATION.params, params)?;
    let fields = checked.fields();
    let found = wanted(call.cloud, fields)?;
    let body = scaling_group::page(fields, "ScalingRules", &found, |rule| {
        scaling_rule::shape(call.cloud, rule)
    });
    Ok(alibaba::answer(call, body))
}

/// The rules a request asks for.
fn wanted<'a>(cloud: &'a Cloud, fields: Fields<'_>) -> Result<Vec<&'a ScalingRule>, ApiError> {
    let group = fields
        .text("ScalingGroupId")
        .map(|id| alibaba::group(cloud, id))
        .transpose()?;
    let ids = fields.texts("ScalingRuleIds");
    let names = fields.texts("ScalingRuleNames");
    let aris = fields.texts("ScalingRuleAris");
    let kind = fields.text("ScalingRuleType");
    let is = |wanted: &[&str], word: &str| wanted.is_empty() || wanted.contains(&word);
    let rules = cloud.scaling_rules().filter(|rule| {
        group.is_none_or(|group| group == rule.group)
            && is(&ids, &rule.id)
            && is(&names, &rule.name)
            && is(&aris, &rule.ari)
            && kind.is_none_or(|kind| kind == rule.kind.name())
    });
    Ok(rules.collect())
}
