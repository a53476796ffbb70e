//! `autoscaling:StartInstanceRefresh`: the members of a group are replaced, a few at a time.
//!
//! Source: R-REFRESH-1.

use serde_json::{Value, json};

use crate::api::params::{Fields, defaulted, optional, required};
use crate::api::{ApiError, Call, Operation, Response, aws, group_request, refresh};
use crate::describe::{Kind, Source};

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_StartInstanceRefresh.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:StartInstanceRefresh",
    summary: "replaces the instances of a group, a few at a time",
    params: &[
        required(
            "AutoScalingGroupName",
            aws::GROUP_NAME,
            "name of the group",
            API,
        ),
        defaulted(
            "Strategy",
            Kind::OneOf(&["Rolling", "ReplaceRootVolume"]),
            "Rolling",
            "how instances are updated",
            API,
        ),
        optional(
            "DesiredConfiguration",
            Kind::Struct(refresh::DESIRED),
            "what is launched, and the group's own once the refresh has succeeded",
            API,
        ),
        optional(
            "Preferences",
            Kind::Struct(refresh::PREFERENCES),
            "how far and how fast it goes",
            API,
        ),
    ],
    errors: &[
        aws::VALIDATION_ERROR,
        refresh::IN_PROGRESS,
        aws::RESOURCE_CONTENTION,
    ],
    deviations: &[
        "ReplaceRootVolume and MixedInstancesPolicy are not simulated and refused with \
         ValidationError",
        "there are no alarms, so AlarmSpecification has no effect; instances of a warm pool are \
         left alone",
        "a scale-out during a refresh does not make it wait at a checkpoint again",
        "LimitExceeded is never answered; the words about contradicting preferences are assumed",
        "a refresh that has begun is InProgress at the instant of the call",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let id = aws::group_or_null(call.cloud, fields.given("AutoScalingGroupName"))?;
    let group = &call.cloud.groups[id.index()];
    aws::check_stands(group)?;
    if fields.text("Strategy") == Some("ReplaceRootVolume") {
        return Err(aws::validation_error(
            "The ReplaceRootVolume strategy requires a mixed instances policy.",
        ));
    }
    let none = json!({});
    let given = |key| Fields::of(fields.get(key).unwrap_or(&none));
    let preferences = refresh::preferences(group, given("Preferences"))?;
    let desired = match fields.get("DesiredConfiguration") {
        None => None,
        Some(configuration) => {
            let template = group_request::launch_template(call.cloud, Fields::of(configuration))?;
            Some(template.ok_or_else(|| {
                aws::validation_error(
                    "DesiredConfiguration must specify a LaunchTemplate or a \
                     MixedInstancesPolicy.",
                )
            })?)
        }
    };
    if preferences.auto_rollback && desired.is_none() {
        return Err(aws::validation_error(
            "AutoRollback requires a DesiredConfiguration.",
        ));
    }
    if group.refresh.is_some() {
        return Err(refresh::in_progress());
    }
    aws::meet_contention(call)?;
    let refresh = call.cloud.start_refresh(call.cx, id, preferences, desired);
    Ok(json!({"InstanceRefreshId": call.cloud.refreshes[refresh.index()].id}))
}
