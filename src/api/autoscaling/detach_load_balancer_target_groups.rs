//! `autoscaling:DetachLoadBalancerTargetGroups`: every instance of a group leaves target
//! groups.
//!
//! The older form of `DetachTrafficSources`. Source: R-ASG-9, R-SOURCE-2.

use serde_json::Value;

use crate::api::attachment::{self, ARNS, DETACH_ERRORS, OLDER_DEVIATION};
use crate::api::traffic_source::SourceType;
use crate::api::{ApiError, Call, Operation, Response};
use crate::describe::Source;
use crate::model::source::AttachedVia;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DetachLoadBalancerTargetGroups.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:DetachLoadBalancerTargetGroups",
    summary: "deregisters every instance of a group from the target groups named; instances run on, stay \
              members and are not replaced",
    params: &[attachment::group_name(API), attachment::arns(API)],
    errors: DETACH_ERRORS,
    deviations: &[OLDER_DEVIATION],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let wanted = (ARNS, SourceType::TargetGroup);
    let (group, named) = attachment::older(call, OPERATION.params, params, wanted)?;
    attachment::detach(call, group, &named, AttachedVia::LoadBalancers)
}
