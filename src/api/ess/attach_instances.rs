//! `ess:AttachInstances`: running instances join a scaling group and its server groups.
//!
//! Source: R-ESS-11.

use serde_json::{Map, Value};

use crate::api::alibaba::{self, ANY_REGION_ID, CLIENT_TOKEN};
use crate::api::params::{Fields, defaulted};
use crate::api::{ApiError, Call, Operation, Response, scaling_group};
use crate::describe::{Kind, Source};
use crate::model::ess::Joining;
use crate::model::scaling_process::ScalingProcess;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-attachinstances",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:AttachInstances",
    summary: "takes running instances into a scaling group and its server groups",
    params: &[
        ANY_REGION_ID,
        scaling_group::ID,
        scaling_group::INSTANCE_IDS,
        scaling_group::INSTANCE_ID,
        scaling_group::INSTANCE_ID_N,
        scaling_group::WEIGHTS,
        scaling_group::WEIGHT_N,
        defaulted(
            "Entrusted",
            Kind::Boolean,
            "false",
            "whether the group releases the instances when they are removed from it",
            API,
        ),
        defaulted(
            "LifecycleHook",
            Kind::Boolean,
            "false",
            "whether the instances wait for the SCALE_OUT hooks of the group",
            API,
        ),
        scaling_group::IGNORE_INVALID,
        CLIENT_TOKEN,
    ],
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        alibaba::GROUP_NOT_FOUND,
        alibaba::GROUP_STATUS,
        alibaba::OPERATION_DENIED,
        alibaba::IN_PROGRESS,
        alibaba::PARAMETER_MISMATCH,
        scaling_group::INSTANCE_NOT_FOUND,
        scaling_group::INSTANCE_STATUS,
        scaling_group::IN_USE,
        scaling_group::MAX_SIZE,
    ],
    deviations: &[
        scaling_group::SUSPENDED,
        "every machine of a scenario is of the same account, region, network and type",
        "IgnoreInvalidInstance does not help a call all of whose instances are invalid (assumed)",
    ],
    source: API,
    apply,
};

#[derive(Debug)]
struct Request<'a> {
    group: &'a str,
    ids: Vec<&'a str>,
    entrusted: bool,
    hooked: bool,
    ignore: bool,
}

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let checked = alibaba::check(OPERATION.params, params)?;
    let fields = checked.fields();
    let request = Request {
        group: fields.given("ScalingGroupId"),
        ids: scaling_group::ids(fields)?,
        entrusted: fields.flag("Entrusted"),
        hooked: fields.flag("LifecycleHook"),
        ignore: fields.flag("IgnoreInvalidInstance"),
    };
    let token = fields.text("ClientToken");
    let asked = (
        fields.text("RegionId"),
        scaling_group::weights(fields),
        &request,
    );
    alibaba::once(call, OPERATION.name, token, &asked, |call| {
        act(call, fields, &request)
    })
}

fn act(
    call: &mut Call<'_, '_>,
    fields: Fields<'_>,
    request: &Request<'_>,
) -> Result<Map<String, Value>, ApiError> {
    let group = alibaba::group(call.cloud, request.group)?;
    alibaba::check_may_begin(call.cloud, group, Some(ScalingProcess::Launch))?;
    let found = scaling_group::found(&request.ids, request.ignore, |id| {
        scaling_group::attachable(call.cloud, id)
    })?;
    scaling_group::check_growing(call.cloud, group, found.instances.len(), "MaxSize")?;
    let weights = scaling_group::weights_of(call.cloud, fields, &found.instances);
    let activity = call.cloud.ess_attach_instances(
        call.cx,
        group,
        &found.instances,
        Joining {
            entrusted: request.entrusted,
            hooked: request.hooked,
            weights,
            warning: found.warning,
        },
    );
    Ok(alibaba::activity(call.cloud, activity))
}
