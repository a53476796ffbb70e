//! `ess:ScaleWithAdjustment`: a scaling group scales now, without a scaling rule.
//!
//! Source: R-ESS-20 to R-ESS-22.

use serde_json::{Map, Value};

use crate::api::alibaba::{self, ANY_REGION_ID, CLIENT_TOKEN};
use crate::api::params::{defaulted, optional, required};
use crate::api::{ApiError, Call, Operation, Response, capacity_adjustment, scaling_group};
use crate::describe::{Kind, Source};
use crate::model::adjustment::Adjustment;
use crate::model::ess_activity::Trigger;
use crate::model::ess_scaling::ScalingRequest;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-scalewithadjustment",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:ScaleWithAdjustment",
    summary: "launches or removes instances of a scaling group, within its sizes",
    params: &[
        ANY_REGION_ID,
        scaling_group::ID,
        required(
            "AdjustmentType",
            capacity_adjustment::TYPE,
            capacity_adjustment::TYPE_DOC,
            API,
        ),
        required(
            "AdjustmentValue",
            capacity_adjustment::VALUE,
            capacity_adjustment::VALUE_DOC,
            API,
        ),
        capacity_adjustment::min_magnitude(API),
        optional(
            "ActivityMetadata",
            Kind::Text { min: 0, max: 4096 },
            "kept with the scaling activity and shown; its length is assumed",
            API,
        ),
        defaulted(
            "SyncActivity",
            Kind::Boolean,
            "false",
            "only for scaling groups with an expected number of instances: without effect",
            API,
        ),
        defaulted(
            "ParallelTask",
            Kind::Boolean,
            "false",
            "without effect: a scaling group has one activity at a time",
            API,
        ),
        defaulted(
            "ExecutionMode",
            Kind::OneOf(&["None"]),
            "None",
            "what is done; `PlanOnly` is not modelled",
            API,
        ),
        CLIENT_TOKEN,
    ],
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        alibaba::GROUP_NOT_FOUND,
        alibaba::GROUP_STATUS,
        alibaba::IN_PROGRESS,
        alibaba::OPERATION_DENIED,
        alibaba::PARAMETER_MISMATCH,
        capacity_adjustment::NO_CHANGE,
        capacity_adjustment::TOO_MANY,
    ],
    deviations: &[
        "LifecycleHookContext and Overrides are not parameters",
        "an adjustment that changes nothing is refused like a scaling rule that does (assumed), \
         and so are the words of the activity's cause",
        capacity_adjustment::DEVIATION,
    ],
    source: API,
    apply,
};

#[derive(Debug)]
struct Request<'a> {
    group: &'a str,
    adjustment: Adjustment,
    by: i64,
    metadata: Option<&'a str>,
}

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let checked = alibaba::check(OPERATION.params, params)?;
    let fields = checked.fields();
    let missing = || alibaba::missing("AdjustmentType");
    let request = Request {
        group: fields.given("ScalingGroupId"),
        adjustment: capacity_adjustment::adjustment(fields).ok_or_else(missing)?,
        by: capacity_adjustment::value(fields)?.unwrap_or_default(),
        metadata: fields.text("ActivityMetadata"),
    };
    let token = fields.text("ClientToken");
    let flags = ["SyncActivity", "ParallelTask"].map(|key| fields.flag(key));
    let asked = (fields.text("RegionId"), flags, &request);
    alibaba::once(call, OPERATION.name, token, &asked, |call| {
        act(call, &request)
    })
}

fn act(call: &mut Call<'_, '_>, request: &Request<'_>) -> Result<Map<String, Value>, ApiError> {
    let group = alibaba::group(call.cloud, request.group)?;
    alibaba::check_may_begin(call.cloud, group, None)?;
    let to = capacity_adjustment::total(call.cloud, group, request.adjustment, request.by)?;
    let scaling = ScalingRequest {
        why: "A user requests to scale with adjustment".to_owned(),
        trigger: Trigger::Api,
        metadata: request.metadata.map(str::to_owned),
    };
    let activity = call.cloud.ess_scale(call.cx, group, to, scaling);
    Ok(alibaba::activity(call.cloud, activity))
}
