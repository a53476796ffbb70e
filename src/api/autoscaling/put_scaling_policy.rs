//! `autoscaling:PutScalingPolicy`: a group gets a scaling policy, or another one of that name.
//!
//! Source: R-POLICY-1, R-POLICY-2.

use serde_json::{Value, json};

use crate::api::params::{required, with_shared};
use crate::api::{ApiError, Call, Operation, Response, aws, scaling_policy};
use crate::describe::{Param, Source};
use crate::model::policy::Policy;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScalingPolicy.html",
);

/// The most policies of a group.
const POLICIES: usize = 50;

const OWN: [Param; 2] = [
    required(
        "AutoScalingGroupName",
        aws::GROUP_NAME,
        "name of the group",
        API,
    ),
    required(
        "PolicyName",
        aws::xml(1, 255),
        "name of the policy; one of that name is replaced and keeps its ARN",
        API,
    ),
];

const PARAMS: [Param; OWN.len() + scaling_policy::POLICY.len()] =
    with_shared(OWN, scaling_policy::POLICY);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:PutScalingPolicy",
    summary: "gives a group a simple or step scaling policy, which ExecutePolicy carries out",
    params: &PARAMS,
    errors: &[
        aws::VALIDATION_ERROR,
        aws::LIMIT_EXCEEDED,
        aws::RESOURCE_CONTENTION,
    ],
    deviations: &[
        "there are no CloudWatch alarms: simple and step policies are carried out by \
         ExecutePolicy only",
        "target tracking policies are refused with ValidationError: they are not simulated",
        "predictive policies are kept and shown unchecked and never scale",
        "texts of errors other than those about steps are assumed",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let id = aws::group_or_null(call.cloud, fields.given("AutoScalingGroupName"))?;
    let group = &call.cloud.groups[id.index()];
    aws::check_stands(group)?;
    let kind = scaling_policy::kind(fields)?;
    let name = fields.given("PolicyName").to_owned();
    let policies = &group.scaling.policies;
    let old = policies.iter().find(|policy| policy.name == name);
    if old.is_none() && policies.len() >= POLICIES {
        return Err(aws::error(
            aws::LIMIT_EXCEEDED,
            format!("Only {POLICIES} scaling policies are allowed per Auto Scaling group"),
        ));
    }
    let (old, group_name) = (old.map(|old| old.arn.clone()), group.name.clone());
    aws::meet_contention(call)?;
    let arn = old.unwrap_or_else(|| {
        format!(
            "arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:{}:autoScalingGroupName/\
             {group_name}:policyName/{name}",
            call.cloud.identifiers.uuid()
        )
    });
    let policy = Policy {
        name,
        arn: arn.clone(),
        enabled: fields.get("Enabled").is_none() || fields.flag("Enabled"),
        kind,
        shown: params.to_string(),
        entry: call.cloud.cause,
    };
    call.cloud.put_policy(id, policy);
    Ok(json!({ "PolicyARN": arn, "Alarms": [] }))
}
