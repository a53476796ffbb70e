//! `ess:RemoveInstances`: instances leave a scaling group and its server groups and are released, or
//! stopped.
//!
//! Source: R-ESS-5, R-ESS-17, R-ESS-26.

use serde_json::{Map, Value};

use crate::api::alibaba::{self, ANY_REGION_ID, CLIENT_TOKEN};
use crate::api::params::{Fields, defaulted, optional};
use crate::api::{ApiError, Call, Operation, Response, scaling_group, scaling_group_hooks};
use crate::describe::{Kind, Param, Source};
use crate::engine::time::SimDuration;
use crate::model::hook::Transition;
use crate::model::membership::WayOut;
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
    summary: "takes instances out of a scaling group and its server groups and releases or stops them",
    params: &[
        ANY_REGION_ID,
        scaling_group::ID,
        scaling_group::INSTANCE_IDS,
        scaling_group::INSTANCE_ID,
        scaling_group::INSTANCE_ID_N,
        defaulted(
            "RemovePolicy",
            Kind::OneOf(&["release", "recycle"]),
            "release",
            "what becomes of the instances; `recycle` stops them, in groups whose ScalingPolicy is \
             `recycle`",
            API,
        ),
        optional(
            "StopInstanceTimeout",
            Kind::Integer { min: 30, max: 240 },
            "time after which a process that has not exited is killed [s]; without it, and when \
             recycling, the launch template says how long it may take",
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
        scaling_group::DECREASE,
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
        "groups with an expected number of instances are not modelled: removed instances are \
         never replaced",
        "LifecycleHookResult is not a parameter of the hook context: no page says what it does",
        "IgnoreInvalidInstance does not help a call all of whose instances are invalid (assumed)",
        "machines always stop, so nothing is rolled back; one that is stopped cannot be removed \
         (assumed)",
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
    timeout: Option<i64>,
    ignore: bool,
}

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let checked = alibaba::check(OPERATION.params, params)?;
    let fields = checked.fields();
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
        timeout: fields.integer("StopInstanceTimeout"),
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
    let recycle = request.recycle && call.cloud.groups[group.index()].rules.ess.recycles;
    let timeout = request.timeout.filter(|_| !recycle);
    let timeout = timeout.and_then(|seconds| u64::try_from(seconds).ok());
    let way_out = WayOut {
        recycle,
        stop_within: timeout.map(SimDuration::from_secs),
    };
    let mut hooks = call.cloud.hooks_of(group, Transition::Terminating);
    hooks.retain(|hook| !request.unhooked && !request.ignored_hooks.contains(&hook.id.as_str()));
    let activity = call.cloud.ess_remove_hooked(
        call.cx,
        group,
        (&found.instances, way_out),
        found.warning,
        &hooks,
    );
    Ok(alibaba::activity(call.cloud, activity))
}
