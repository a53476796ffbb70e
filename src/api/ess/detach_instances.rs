//! `ess:DetachInstances`: instances leave a scaling group and run on.
//!
//! Without `DetachOption` they stay in its server groups and keep receiving traffic. Source:
//! R-ESS-10.

use serde_json::{Map, Value};

use crate::api::alibaba::{self, ANY_REGION_ID, CLIENT_TOKEN};
use crate::api::params::{defaulted, optional};
use crate::api::{ApiError, Call, Operation, Response, scaling_group};
use crate::describe::{Kind, Source};
use crate::model::ess::Leaving;
use crate::model::scaling_process::ScalingProcess;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-detachinstances",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:DetachInstances",
    summary: "takes instances out of a scaling group; they run on, and stay in its server groups \
              unless DetachOption is `both`",
    params: &[
        ANY_REGION_ID,
        scaling_group::ID,
        scaling_group::INSTANCE_IDS,
        scaling_group::INSTANCE_ID,
        scaling_group::INSTANCE_ID_N,
        optional(
            "DetachOption",
            Kind::OneOf(&["both"]),
            "`both`: they leave its server groups, too; left out, they stay in them",
            API,
        ),
        scaling_group::DECREASE,
        defaulted(
            "LifecycleHook",
            Kind::Boolean,
            "false",
            "whether the instances wait for the SCALE_IN hooks of the group",
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
        scaling_group::MIN_SIZE,
    ],
    deviations: &[
        scaling_group::SUSPENDED,
        "groups with an expected number of instances are not modelled: detached instances are \
         never replaced",
        "IgnoreInvalidInstance does not help a call all of whose instances are invalid (assumed)",
    ],
    source: API,
    apply,
};

#[derive(Debug)]
struct Request<'a> {
    group: &'a str,
    ids: Vec<&'a str>,
    both: bool,
    hooked: bool,
    ignore: bool,
}

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let checked = alibaba::check(OPERATION.params, params)?;
    let fields = checked.fields();
    let request = Request {
        group: fields.given("ScalingGroupId"),
        ids: scaling_group::ids(fields)?,
        both: fields.get("DetachOption").is_some(),
        hooked: fields.flag("LifecycleHook"),
        ignore: fields.flag("IgnoreInvalidInstance"),
    };
    let token = fields.text("ClientToken");
    let decrease = scaling_group::decreases(fields);
    let asked = (fields.text("RegionId"), decrease, &request);
    alibaba::once(call, OPERATION.name, token, &asked, |call| {
        act(call, &request)
    })
}

fn act(call: &mut Call<'_, '_>, request: &Request<'_>) -> Result<Map<String, Value>, ApiError> {
    let group = alibaba::group(call.cloud, request.group)?;
    alibaba::check_may_begin(call.cloud, group, Some(ScalingProcess::Terminate))?;
    let found = scaling_group::found(&request.ids, request.ignore, |id| {
        let member = scaling_group::member(call.cloud, group, id);
        member.ok_or_else(|| scaling_group::instance_not_found(id))
    })?;
    scaling_group::check_shrinking(call.cloud, group, found.instances.len())?;
    let activity = call.cloud.ess_detach_instances(
        call.cx,
        group,
        &found.instances,
        Leaving {
            leaves_sources: request.both,
            hooked: request.hooked,
            warning: found.warning,
        },
    );
    Ok(alibaba::activity(call.cloud, activity))
}
