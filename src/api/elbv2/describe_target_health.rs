//! `elasticloadbalancing:DescribeTargetHealth`: the states of targets, with their reasons.
//!
//! Source: R-HEALTH-1.

use serde_json::{Value, json};

use crate::api::params::{optional, required};
use crate::api::target::{self, LIST, Target};
use crate::api::{ApiError, Call, Operation, Response, aws, target_group};
use crate::describe::{Kind, Source};
use crate::model::cloud::Cloud;
use crate::model::ids::TargetGroupId;
use crate::model::registration::TargetHealth;
use crate::model::settings::TargetType;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetHealth.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "elasticloadbalancing:DescribeTargetHealth",
    summary: "tells the state of each target, with reason and description",
    params: &[
        required(
            "TargetGroupArn",
            aws::TARGET_GROUP_ARN,
            "ARN of the target group",
            API,
        ),
        optional(
            "Targets",
            LIST,
            "only these; one that is not registered is `unused`. Without it: all registered and \
             draining ones",
            API,
        ),
        optional(
            "Include",
            Kind::List {
                of: &Kind::OneOf(&["AnomalyDetection", "All"]),
                min: 0,
                max: usize::MAX,
            },
            "what else to tell: `AnomalyDetection` or `All`",
            API,
        ),
    ],
    errors: &[aws::VALIDATION_ERROR, aws::TARGET_GROUP_NOT_FOUND],
    deviations: &["no target is ever anomalous, and AdministrativeOverride is left out"],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let cloud = &*call.cloud;
    let id = target_group::named(cloud, fields.given("TargetGroupArn"))?;
    let group = &cloud.target_groups[id.index()];
    let named = target::named(cloud, group, fields)?;
    let anomalies = !fields.items("Include").is_empty();
    let described: Vec<Value> = if named.is_empty() {
        cloud
            .registrations_of(id)
            .map(|registration| {
                let registration = &cloud.registrations[registration.index()];
                let target = Target {
                    id: &registration.id,
                    port: registration.port,
                    any_zone: registration.any_zone,
                    quic_server_id: registration.quic_server_id.as_deref(),
                };
                description(cloud, id, target, anomalies)
            })
            .collect()
    } else {
        named
            .into_iter()
            .map(|target| description(cloud, id, target, anomalies))
            .collect()
    };
    Ok(json!({ "TargetHealthDescriptions": described }))
}

fn description(cloud: &Cloud, id: TargetGroupId, target: Target<'_>, anomalies: bool) -> Value {
    let found = cloud.registration_of(id, target.id, target.port);
    let registration = found.map(|found| &cloud.registrations[found.index()]);
    let health = registration.map_or(TargetHealth::NotRegistered, |found| found.health);
    let mut shape = json!({
        "Target": { "Id": target.id, "Port": target.port },
        "HealthCheckPort": target_group::checked_port(&cloud.target_groups[id.index()], target.port),
        "TargetHealth": { "State": health.state() },
    });
    if let Some(reason) = health.reason() {
        shape["TargetHealth"]["Reason"] = json!(reason);
    }
    if let Some(description) = health.description() {
        shape["TargetHealth"]["Description"] = json!(description);
    }
    if let Some(registration) = registration
        && cloud.target_groups[id.index()].target_type == TargetType::Ip
    {
        let zone = &cloud.zones[registration.zone.index()];
        let zone = if registration.any_zone { "all" } else { zone };
        shape["Target"]["AvailabilityZone"] = json!(zone);
    }
    if let Some(server) = registration.and_then(|found| found.quic_server_id.as_deref()) {
        shape["Target"]["QuicServerId"] = json!(server);
    }
    if anomalies {
        shape["AnomalyDetection"] = json!({ "Result": "normal", "MitigationInEffect": "no" });
    }
    shape
}
