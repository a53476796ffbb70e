//! `autoscaling:PutScalingPolicy`: a group gets a scaling policy, or another one of that name.
//!
//! Source: R-POLICY-1, R-POLICY-2, R-TRACK-1.

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
    summary: "gives a group a scaling policy: simple and step ones are carried out by ExecutePolicy, \
              target tracking ones by themselves",
    params: &PARAMS,
    errors: &[
        aws::VALIDATION_ERROR,
        aws::LIMIT_EXCEEDED,
        aws::RESOURCE_CONTENTION,
    ],
    deviations: &[
        "there are no CloudWatch alarms but those of target tracking: simple and step policies are \
         carried out by ExecutePolicy only",
        "of the metrics to track ALBRequestCountPerTarget has readings, and ASGAverageCPUUtilization \
         where launch templates limit concurrency; the others never scale, and keep others from \
         scaling in, as metrics without data do",
        "ASGAverageCPUUtilizationHighResolution has the same readings, one a minute",
        "a policy begins to read its metric when it is put, and anew with new alarms when it is put \
         again (assumed)",
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
    let kind = scaling_policy::kind(call.cloud, id, fields)?;
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
    let kind = scaling_policy::with_alarms(call.cloud, id, kind);
    let alarms = scaling_policy::alarms(&kind);
    let policy = Policy {
        name,
        arn: arn.clone(),
        enabled: fields.get("Enabled").is_none() || fields.flag("Enabled"),
        kind,
        shown: params.to_string(),
        entry: call.cloud.cause,
    };
    call.cloud.put_policy(call.cx, id, policy);
    Ok(json!({ "PolicyARN": arn, "Alarms": alarms }))
}
