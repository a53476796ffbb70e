//! `ess:RemoveInstances`: instances leave a scaling group and its server groups and are released.
//!
//! Source: R-ESS-5, R-ESS-17.

use serde_json::{Map, Value};

use crate::api::alibaba::{self, CLIENT_TOKEN, REGION_ID};
use crate::api::params::{Fields, defaulted, optional};
use crate::api::{ApiError, Call, Operation, Response, scaling_group, scaling_group_hooks};
use crate::describe::{Kind, Param, Source};
use crate::model::hook::Transition;
use crate::model::scaling_process::ScalingProcess;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-removeinstances",
);

const CONTEXT: &[Param] = &[
    defaulted(
        "DisableLifecycleHook",
        Kind::Boolean,
        "false",
        "whether they wait for none",
        API,
    ),
    optional(
        "IgnoredLifecycleHookIds",
        Kind::List {
            of: &scaling_group_hooks::HOOK_ID,
            min: 0,
            max: 50,
        },
        "ids of hooks they do not wait for",
        API,
    ),
];

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:RemoveInstances",
    summary: "takes instances out of a scaling group and its server groups and releases them",
    params: &[
        REGION_ID,
        scaling_group::ID,
        scaling_group::INSTANCE_IDS,
        scaling_group::INSTANCE_ID,
        scaling_group::INSTANCE_ID_N,
        defaulted(
            "RemovePolicy",
            Kind::OneOf(&["release", "recycle"]),
            "release",
            "what becomes of the instances; no group of a scenario supports `recycle`",
            API,
        ),
        optional(
            "StopInstanceTimeout",
            Kind::Integer { min: 30, max: 240 },
            "time after which a machine is stopped by force [s]; accepted without effect, the \
             launch template says how long its process takes",
            API,
        ),
        optional(
            "LifecycleHookContext",
            Kind::Struct(CONTEXT),
            "which SCALE_IN hooks of the group the instances wait for; all if left out",
            API,
        ),
        optional(
            "LifecycleHookContext.DisableLifecycleHook",
            Kind::Boolean,
            "the same, flattened",
            API,
        ),
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
        "groups with an expected number of instances are not modelled: removed instances are \
         never replaced and DecreaseDesiredCapacity is not a parameter",
        "LifecycleHookResult is not a parameter of the hook context: no page says what it does",
        "IgnoreInvalidInstance is not a parameter: one wrong id refuses the call",
    ],
    source: API,
    apply,
};

#[derive(Debug)]
struct Request<'a> {
    group: &'a str,
    ids: Vec<&'a str>,
    recycle: bool,
    unhooked: bool,
    ignored_hooks: Vec<&'a str>,
}

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = alibaba::check(OPERATION.params, params)?;
    let context = fields.get("LifecycleHookContext").map(Fields::of);
    let flat = "LifecycleHookContext.DisableLifecycleHook";
    let request = Request {
        unhooked: fields.flag(flat)
            || context.is_some_and(|context| context.flag("DisableLifecycleHook")),
        ignored_hooks: context
            .map(|context| context.texts("IgnoredLifecycleHookIds"))
            .unwrap_or_default(),
        group: fields.given("ScalingGroupId"),
        ids: scaling_group::ids(fields)?,
        recycle: fields.text("RemovePolicy") == Some("recycle"),
    };
    let token = fields.text("ClientToken");
    let timeout = fields.integer("StopInstanceTimeout");
    let asked = (fields.text("RegionId"), timeout, &request);
    alibaba::once(call, OPERATION.name, token, &asked, |call| {
        act(call, &request)
    })
}

fn act(call: &mut Call<'_, '_>, request: &Request<'_>) -> Result<Map<String, Value>, ApiError> {
    let group = alibaba::group(call.cloud, request.group)?;
    alibaba::ready(call.cloud, group, Some(ScalingProcess::Terminate))?;
    let instances = scaling_group::members(call.cloud, group, &request.ids)?;
    if request.recycle {
        let message = "The specified group does not support the specified RemovePolicy.";
        return Err(alibaba::error(alibaba::INVALID_PARAMETER, 400, message));
    }
    scaling_group::check_shrinking(call.cloud, group, instances.len())?;
    let mut hooks = call.cloud.hooks_of(group, Transition::Terminating);
    hooks.retain(|hook| !request.unhooked && !request.ignored_hooks.contains(&hook.id.as_str()));
    let activity = call
        .cloud
        .ess_remove_hooked(call.cx, group, &instances, &hooks);
    Ok(alibaba::activity(call.cloud, activity))
}
