//! `autoscaling:AttachTrafficSources`: every instance of a group in service joins a source.
//!
//! Source: R-ASG-9, R-SOURCE-1 to R-SOURCE-3.

use serde_json::Value;

use crate::api::attachment::{self, ATTACH_DEVIATIONS, ATTACH_ERRORS};
use crate::api::params::{optional, required};
use crate::api::traffic_source::{self, LIST};
use crate::api::{ApiError, Call, Operation, Response, aws};
use crate::describe::{Kind, Source};
use crate::model::source::AttachedVia;

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
    errors: ATTACH_ERRORS,
    deviations: &ATTACH_DEVIATIONS,
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &["TrafficSources"])?;
    let group = aws::group_or_null(call.cloud, fields.given("AutoScalingGroupName"))?;
    let named = traffic_source::named(call.cloud, group, fields)?;
    attachment::attach(call, group, &named, AttachedVia::TrafficSources)
}
