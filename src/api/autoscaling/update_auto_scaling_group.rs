//! `autoscaling:UpdateAutoScalingGroup`: other sizes, zones, template, health checks, policies.
//!
//! Source: R-ASG-19.

use serde_json::{Value, json};

use crate::api::params::{optional, required, with_shared};
use crate::api::{ApiError, Call, Operation, Response, aws};
use crate::api::{group_params, group_request};
use crate::describe::{Param, Source};
use crate::model::group_admin::Sizes;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_UpdateAutoScalingGroup.html",
);

const OWN: [Param; 3] = [
    required(
        "AutoScalingGroupName",
        aws::GROUP_NAME,
        "name of the group",
        API,
    ),
    optional("MinSize", aws::INTEGER, "smallest size", API),
    optional("MaxSize", aws::INTEGER, "largest size", API),
];

const PARAMS: [Param; OWN.len() + group_params::SHARED.len()] =
    with_shared(OWN, group_params::SHARED);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:UpdateAutoScalingGroup",
    summary: "changes a group; a larger minimum or a smaller maximum moves its desired capacity",
    params: &PARAMS,
    errors: &[aws::VALIDATION_ERROR, aws::RESOURCE_CONTENTION],
    deviations: &[
        "ScalingActivityInProgress is never answered",
        "launch configurations and mixed instances do not exist here and are refused with \
         ValidationError",
        "placement groups, capacity reservations and zonal shift are accepted without effect",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let id = aws::group_or_null(call.cloud, fields.given("AutoScalingGroupName"))?;
    let group = &call.cloud.groups[id.index()];
    aws::check_stands(group)?;
    let now = Sizes {
        min: group.min_size,
        max: group.max_size,
        desired: group.counts.desired,
    };
    group_request::check_launched(fields)?;
    let sizes = group_request::sizes(fields, Some(now))?;
    let zones = group_request::zones(call.cloud, fields)?;
    let template = group_request::launch_template(call.cloud, fields)?;
    let refreshes = call.cloud.active_refresh(id);
    if template.is_some() && refreshes.is_some_and(|refresh| refresh.desired.is_some()) {
        return Err(aws::validation_error(
            "An active instance refresh with a desired configuration exists. All configuration \
             options derived from the desired configuration are not available for update while \
             the instance refresh is active.",
        ));
    }
    let checks = group_request::health_checks(fields)?;
    let rules = group_request::rules(fields, group.rules.clone())?;
    let grace = group_request::seconds(fields, "HealthCheckGracePeriod")?;
    aws::meet_contention(call)?;
    let group = &mut call.cloud.groups[id.index()];
    group.rules = rules;
    if let Some(checks) = checks {
        group.elb_health_check = checks.elb;
        group.rules.lattice_health_check = checks.lattice;
        group.rules.health_check_type = checks.text;
    }
    if let Some(grace) = grace {
        group.health_check_grace_period = grace;
    }
    if let Some(zones) = zones {
        group.zones = zones;
    }
    if let Some(template) = template {
        group.launch_template = template;
    }
    call.cloud.update_group(call.cx, id, sizes);
    Ok(json!({}))
}
