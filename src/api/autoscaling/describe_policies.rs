//! `autoscaling:DescribePolicies`: the scaling policies of one group or of all.
//!
//! Source: R-POLICY-1.

use serde_json::Value;

use crate::api::params::{defaulted, optional};
use crate::api::{ApiError, Call, Operation, Response, aws, json, scaling_policy};
use crate::describe::{Kind, Source};

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribePolicies.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:DescribePolicies",
    summary: "lists scaling policies as they were put",
    params: &[
        optional(
            "AutoScalingGroupName",
            aws::GROUP_NAME,
            "only those of this group",
            API,
        ),
        optional(
            "PolicyNames",
            Kind::List {
                of: &aws::xml(1, 1600),
                min: 0,
                max: 50,
            },
            "only these, by name or ARN; unknown ones are left out",
            API,
        ),
        optional(
            "PolicyTypes",
            Kind::List {
                of: &aws::xml(1, 64),
                min: 0,
                max: usize::MAX,
            },
            "only those of these types",
            API,
        ),
        defaulted(
            "IncludeManagedResources",
            Kind::Boolean,
            "true",
            "accepted without effect: no group is managed",
            API,
        ),
        optional(
            "NextToken",
            aws::NEXT_TOKEN,
            "token of the page, from the answer before",
            API,
        ),
        defaulted(
            "MaxRecords",
            Kind::Integer { min: 1, max: 100 },
            "50",
            "most policies in one answer",
            API,
        ),
    ],
    errors: &[aws::VALIDATION_ERROR, aws::INVALID_NEXT_TOKEN],
    deviations: &[
        "a policy is shown as it was put, its defaults filled in; Alarms are those of target tracking",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let only = match fields.text("AutoScalingGroupName") {
        Some(name) => Some(aws::group_or_null(call.cloud, name)?),
        None => None,
    };
    let (names, types) = (fields.texts("PolicyNames"), fields.texts("PolicyTypes"));
    let groups = call.cloud.groups.iter().enumerate();
    let groups = groups.filter(|(place, _)| only.is_none_or(|only| only.index() == *place));
    let shapes = groups.flat_map(|(_, group)| {
        let policies = group.scaling.policies.iter();
        policies.map(|policy| scaling_policy::shape(group, policy))
    });
    let among = |shape: &Value, key: &str, wanted: &[&str]| {
        shape[key]
            .as_str()
            .is_some_and(|text| wanted.contains(&text))
    };
    let shapes = shapes.filter(|shape| {
        (names.is_empty()
            || among(shape, "PolicyName", &names)
            || among(shape, "PolicyARN", &names))
            && (types.is_empty() || among(shape, "PolicyType", &types))
    });
    let (page, token) = aws::page(fields, 50, shapes.collect())?;
    Ok(json::paged("ScalingPolicies", page, token))
}
