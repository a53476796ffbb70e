//! `autoscaling:PutLifecycleHook`: from now on, instances wait for something when they come or go.
//!
//! Source: R-HOOK-1, R-HOOK-2.

use serde_json::{Value, json};

use crate::api::params::{Fields, optional, required};
use crate::api::{ApiError, Call, Operation, Response, aws, hooks, members};
use crate::describe::{Chars, Kind, Pattern, Piece, Source};
use crate::engine::time::SimDuration;
use crate::model::hook::{ActionResult, Hook, Transition};

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutLifecycleHook.html",
);

/// Most hooks of a group.
const LIMIT: usize = 50;

/// Heartbeat timeout of a hook that is not told one \[s\].
const HEARTBEAT: u64 = 3600;

/// What metadata may be.
const PRINTABLE: Pattern = Pattern {
    text: r"[\u0009\u000A\u000D\u0020-\u007e]+",
    words: "printable ASCII characters, tabs and line ends",
    forms: &[&[Piece::Run {
        of: &[
            Chars::One('\t'),
            Chars::One('\n'),
            Chars::One('\r'),
            Chars::Range(' ', '~'),
        ],
        min: 1,
        max: usize::MAX,
    }]],
};

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:PutLifecycleHook",
    summary: "makes the instances of a group wait when they are launched or terminated, or changes \
              how they do",
    params: &[
        required(
            "LifecycleHookName",
            hooks::HOOK_NAME,
            "name of the hook, unique in its group",
            API,
        ),
        required(
            "AutoScalingGroupName",
            aws::GROUP_NAME,
            "name of the group",
            API,
        ),
        optional(
            "LifecycleTransition",
            Kind::OneOf(&Transition::NAMES),
            "when it runs; required for a new hook",
            API,
        ),
        optional(
            "RoleARN",
            aws::xml(1, 255),
            "role with which the notification target is told; kept and shown",
            API,
        ),
        optional(
            "NotificationTargetARN",
            aws::xml(0, 255),
            "whom it notifies, empty for nobody any more; kept and shown",
            API,
        ),
        optional(
            "NotificationMetadata",
            Kind::Pattern {
                min: 1,
                max: 4000,
                pattern: &PRINTABLE,
            },
            "what it tells the target; kept and shown",
            API,
        ),
        optional(
            "HeartbeatTimeout",
            Kind::Integer { min: 30, max: 7200 },
            "time without a heartbeat after which an action ends [s]; 3600 for a new hook",
            API,
        ),
        optional(
            "DefaultResult",
            hooks::RESULT,
            "how an action ends then; ABANDON for a new hook",
            API,
        ),
    ],
    errors: &[
        aws::VALIDATION_ERROR,
        aws::LIMIT_EXCEEDED,
        aws::RESOURCE_CONTENTION,
    ],
    deviations: &[
        "nobody is notified, and no test message is sent",
        "actions under way keep the hook as it was (assumed)",
        "a new hook needs no role, whether it has a notification target or not",
        "the words for a range, a transition or a result that is not allowed are assumed",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let group = aws::group_or_null(call.cloud, fields.given("AutoScalingGroupName"))?;
    members::check_stands(call.cloud, group, "Lifecycle hooks may not be put")?;
    let name = fields.given("LifecycleHookName");
    let place = hooks::place(call.cloud, group, name);
    let all = &call.cloud.groups[group.index()].hooks;
    let hook = match place {
        Some(place) => changed(all[place].clone(), fields),
        None if all.len() >= LIMIT => {
            return Err(aws::error(
                aws::LIMIT_EXCEEDED,
                format!("AutoScalingGroup has {LIMIT} lifecycle hooks, which is the most."),
            ));
        }
        None => new(name, fields)?,
    };
    aws::meet_contention(call)?;
    call.cloud.put_hook(group, hook);
    Ok(json!({}))
}

fn new(name: &str, fields: Fields<'_>) -> Result<Hook, ApiError> {
    let Some(transition) = fields
        .text("LifecycleTransition")
        .and_then(Transition::named)
    else {
        return Err(aws::missing("lifecycleTransition"));
    };
    let hook = Hook {
        name: name.to_owned(),
        transition,
        heartbeat: SimDuration::from_secs(HEARTBEAT),
        default_result: ActionResult::Abandon,
        notification_target: None,
        role: None,
        metadata: None,
    };
    Ok(changed(hook, fields))
}

/// A hook with what a request says about it; the rest stays.
fn changed(mut hook: Hook, fields: Fields<'_>) -> Hook {
    if let Some(transition) = fields
        .text("LifecycleTransition")
        .and_then(Transition::named)
    {
        hook.transition = transition;
    }
    let heartbeat = fields.integer("HeartbeatTimeout");
    if let Some(seconds) = heartbeat.and_then(|seconds| u64::try_from(seconds).ok()) {
        hook.heartbeat = SimDuration::from_secs(seconds);
    }
    if let Some(result) = fields.text("DefaultResult").and_then(ActionResult::named) {
        hook.default_result = result;
    }
    if let Some(target) = fields.text("NotificationTargetARN") {
        hook.notification_target = Some(target.to_owned()).filter(|target| !target.is_empty());
    }
    for (kept, key) in [
        (&mut hook.role, "RoleARN"),
        (&mut hook.metadata, "NotificationMetadata"),
    ] {
        if let Some(text) = fields.text(key) {
            *kept = Some(text.to_owned());
        }
    }
    hook
}
