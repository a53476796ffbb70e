//! `autoscaling:AttachLoadBalancers`: every instance of a group in service joins Classic Load
//! Balancers.
//!
//! The older form of `AttachTrafficSources`. Source: R-ASG-9, R-SOURCE-2.

use serde_json::Value;

use crate::api::attachment::{self, ATTACH_DEVIATIONS, ATTACH_ERRORS, NAMES};
use crate::api::traffic_source::SourceType;
use crate::api::{ApiError, Call, Operation, Response};
use crate::describe::Source;
use crate::model::source::AttachedVia;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AttachLoadBalancers.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:AttachLoadBalancers",
    summary: "registers every instance of a group with further Classic Load Balancers",
    params: &[attachment::group_name(API), attachment::names(API)],
    errors: ATTACH_ERRORS,
    deviations: &ATTACH_DEVIATIONS,
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let wanted = (NAMES, SourceType::Classic);
    let (group, named) = attachment::older(call, OPERATION.params, params, wanted)?;
    attachment::attach(call, group, &named, AttachedVia::LoadBalancers)
}
