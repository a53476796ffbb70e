//! `autoscaling:DetachTrafficSources`: every instance of a group leaves a source; group and desired
//! capacity stay as they are.
//!
//! Source: R-ASG-9.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::api::params::required;
use crate::api::traffic_source::{self, LIST};
use crate::api::{ApiError, Call, Operation, Response, aws};
use crate::describe::Source;

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
    errors: &[aws::VALIDATION_ERROR, aws::RESOURCE_CONTENTION],
    deviations: &[
        "a source that is not attached, or is being detached already, is answered with the text of \
         the older DetachLoadBalancerTargetGroups (assumed)",
        "Classic Load Balancers and VPC Lattice do not exist yet, so theirs are never attached",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &["TrafficSources"])?;
    let group = aws::group_or_null(call.cloud, fields.given("AutoScalingGroupName"))?;
    let mut places = BTreeSet::new();
    for (identifier, source_type) in traffic_source::named(call.cloud, group, fields)? {
        let place = traffic_source::attached(call.cloud, group, identifier, source_type);
        places.insert(place.ok_or_else(|| {
            aws::validation_error("Trying to remove Traffic Sources that are not part of the group")
        })?);
    }
    aws::meet_contention(call)?;
    let places: Vec<usize> = places.into_iter().collect();
    call.cloud.detach_sources(call.cx, group, &places);
    Ok(json!({}))
}
