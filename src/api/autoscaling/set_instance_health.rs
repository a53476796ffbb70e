//! `autoscaling:SetInstanceHealth`: whether a group takes an instance for healthy.
//!
//! Source: R-ASG-15.

use serde_json::{Value, json};

use crate::api::params::{defaulted, required};
use crate::api::{ApiError, Call, Operation, Response, aws};
use crate::describe::{Kind, Source};

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_SetInstanceHealth.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:SetInstanceHealth",
    summary: "marks an instance as unhealthy, so that its group replaces it, or as healthy",
    params: &[
        required("InstanceId", aws::INSTANCE_ID, "id of the instance", API),
        required("HealthStatus", aws::xml(1, 32), "Healthy or Unhealthy", API),
        defaulted(
            "ShouldRespectGracePeriod",
            Kind::Boolean,
            "true",
            "whether Unhealthy means nothing within the grace period of the group",
            API,
        ),
    ],
    errors: &[aws::VALIDATION_ERROR, aws::RESOURCE_CONTENTION],
    deviations: &[
        "within the grace period the call is accepted without effect (assumed)",
        "a member marked in standby is healthy again when it is back in service (assumed)",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let healthy = match fields.given("HealthStatus") {
        "Healthy" => true,
        "Unhealthy" => false,
        _ => {
            return Err(aws::validation_error(
                "Valid instance health states are: [Healthy, Unhealthy].",
            ));
        }
    };
    let (_, instance) = aws::managed(call.cloud, fields.given("InstanceId"))?;
    let respects_grace =
        fields.get("ShouldRespectGracePeriod").is_none() || fields.flag("ShouldRespectGracePeriod");
    aws::meet_contention(call)?;
    // a mark that the grace period forbids is no error
    call.cloud
        .set_member_health(call.cx, instance, healthy, respects_grace);
    Ok(json!({}))
}
