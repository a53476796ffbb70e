//! `autoscaling:DetachTrafficSources`: every instance of a group leaves a source; group and desired
//! capacity stay as they are.
//!
//! Source: R-ASG-9, R-SOURCE-1 to R-SOURCE-3.

use serde_json::Value;

use crate::api::attachment::{self, DETACH_ERRORS};
use crate::api::params::required;
use crate::api::traffic_source::{self, LIST};
use crate::api::{ApiError, Call, Operation, Response, aws};
use crate::describe::Source;
use crate::model::source::AttachedVia;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DetachTrafficSources.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:DetachTrafficSources",
    summary: "deregisters every instance of a group from traffic sources; instances run on, stay \
              members and are not replaced",
    params: &[
        required(
            "AutoScalingGroupName",
            aws::GROUP_NAME,
            "name of the group",
            API,
        ),
        required(
            "TrafficSources",
            LIST,
            "the traffic sources, 10 at most",
            API,
        ),
    ],
    errors: DETACH_ERRORS,
    deviations: &[
        "a source that is not attached, or is being detached already, is answered with the text of \
         the older DetachLoadBalancerTargetGroups (assumed)",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &["TrafficSources"])?;
    let group = aws::group_or_null(call.cloud, fields.given("AutoScalingGroupName"))?;
    let named = traffic_source::named(call.cloud, group, fields)?;
    attachment::detach(call, group, &named, AttachedVia::TrafficSources)
}
