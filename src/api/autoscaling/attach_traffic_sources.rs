//! `autoscaling:AttachTrafficSources`: every instance of a group in service joins a source.
//!
//! Source: R-ASG-9.

use serde_json::{Value, json};

use crate::api::params::{optional, required};
use crate::api::traffic_source::{self, LIST};
use crate::api::{ApiError, Call, Operation, Response, aws, refresh};
use crate::describe::{Kind, Source};

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AttachTrafficSources.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:AttachTrafficSources",
    summary: "registers every instance of a group with further traffic sources",
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
        optional(
            "SkipZonalShiftValidation",
            Kind::Boolean,
            "whether to go on although cross-zone load balancing is off; accepted without effect",
            API,
        ),
    ],
    errors: &[
        aws::VALIDATION_ERROR,
        refresh::IN_PROGRESS,
        aws::RESOURCE_CONTENTION,
    ],
    deviations: &[
        "InstanceRefreshInProgress is answered while a refresh with a desired configuration is \
         active; when else it is, is not documented",
        "attaching a source that is attached already changes nothing (assumed)",
        "Classic Load Balancers and VPC Lattice do not exist yet, so theirs may not be valid",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &["TrafficSources"])?;
    let group = aws::group_or_null(call.cloud, fields.given("AutoScalingGroupName"))?;
    let mut new = Vec::new();
    for (identifier, source_type) in traffic_source::named(call.cloud, group, fields)? {
        let target_group = traffic_source::attachable(call.cloud, identifier, source_type)?;
        let attached = traffic_source::attached(call.cloud, group, identifier, source_type);
        if attached.is_none() && !new.contains(&target_group) {
            new.push(target_group);
        }
    }
    let refreshes = call.cloud.active_refresh(group);
    if refreshes.is_some_and(|refresh| refresh.desired.is_some()) {
        return Err(aws::error(
            refresh::IN_PROGRESS,
            "An active instance refresh with a desired configuration exists.",
        ));
    }
    aws::meet_contention(call)?;
    call.cloud.attach_sources(call.cx, group, &new);
    Ok(json!({}))
}
