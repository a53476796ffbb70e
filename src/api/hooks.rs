//! What the operations on lifecycle hooks and lifecycle actions share: how a hook is described and
//! named, and how an action under way is found.
//!
//! This module must never change the cloud.

use super::params::{Fields, optional, required};
use super::{ApiError, aws};
use crate::describe::{Chars, Kind, Param, Pattern, Piece, Source};
use crate::engine::time::SimDuration;
use crate::model::cloud::Cloud;
use crate::model::hook::{ActionResult, Hook, Transition};
use crate::model::ids::{GroupId, LifecycleActionId};

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutLifecycleHook.html",
);
const SPECIFICATION_API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LifecycleHookSpecification.html",
);

/// Most hooks of a group.
pub(super) const LIMIT: usize = 50;

/// The kind of the name of a hook.
pub(super) const HOOK_NAME: Kind = aws::ASCII;
/// The kind of a group name in the operations on lifecycle actions.
pub(super) const GROUP_NAME: Kind = aws::xml(1, 1600);
/// The kind of a lifecycle action token.
pub(super) const TOKEN: Kind = Kind::Text { min: 36, max: 36 };
/// The kind of a result.
pub(super) const RESULT: Kind = Kind::OneOf(&["CONTINUE", "ABANDON"]);

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

/// What a hook is besides its name.
pub(super) const SETTINGS: [Param; 6] = [
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
        RESULT,
        "how an action ends then; ABANDON for a new hook",
        API,
    ),
];

/// A hook of a group that is created.
pub(super) const SPECIFICATION: &[Param] = &[
    required(
        "LifecycleHookName",
        HOOK_NAME,
        "name of the hook, unique in its group",
        SPECIFICATION_API,
    ),
    required(
        "LifecycleTransition",
        Kind::OneOf(&Transition::NAMES),
        "when it runs",
        SPECIFICATION_API,
    ),
    SETTINGS[1],
    SETTINGS[2],
    SETTINGS[3],
    SETTINGS[4],
    SETTINGS[5],
];

/// What a group that has as many hooks as it may is answered with.
pub(super) fn too_many() -> ApiError {
    aws::error(
        aws::LIMIT_EXCEEDED,
        format!("AutoScalingGroup has {LIMIT} lifecycle hooks, which is the most."),
    )
}

/// The hooks of a group that is created.
///
/// # Errors
/// `ValidationError` for two of one name, `LimitExceeded` for too many.
pub(super) fn specified(fields: Fields<'_>) -> Result<Vec<Hook>, ApiError> {
    let mut hooks: Vec<Hook> = Vec::new();
    for item in fields.items("LifecycleHookSpecificationList") {
        let item = Fields::of(item);
        let hook = new(item.given("LifecycleHookName"), item)?;
        if hooks.iter().any(|other| other.name == hook.name) {
            return Err(aws::validation_error(format!(
                "The lifecycle hook name {} is specified more than once",
                hook.name
            )));
        }
        hooks.push(hook);
    }
    if hooks.len() > LIMIT {
        return Err(too_many());
    }
    Ok(hooks)
}

/// A new hook.
///
/// # Errors
/// `ValidationError` without a transition.
pub(super) fn new(name: &str, fields: Fields<'_>) -> Result<Hook, ApiError> {
    let Some(transition) = fields
        .text("LifecycleTransition")
        .and_then(Transition::named)
    else {
        return Err(aws::missing("lifecycleTransition"));
    };
    let hook = Hook {
        id: String::new(),
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
pub(super) fn changed(mut hook: Hook, fields: Fields<'_>) -> Hook {
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

/// The place of a hook in its group.
pub(super) fn place(cloud: &Cloud, group: GroupId, name: &str) -> Option<usize> {
    let hooks = &cloud.groups[group.index()].hooks;
    hooks.iter().position(|hook| hook.name == name)
}

/// The lifecycle action under way that a request names, by instance or by token. With both, both
/// must be its own.
///
/// # Errors
/// `ValidationError` where there is none.
pub(super) fn action(cloud: &Cloud, fields: Fields<'_>) -> Result<LifecycleActionId, ApiError> {
    let group = aws::group_or_null(cloud, fields.given("AutoScalingGroupName"))?;
    let (instance, token) = (
        fields.text("InstanceId"),
        fields.text("LifecycleActionToken"),
    );
    let named = match (token, instance) {
        (Some(token), _) => format!("token {token}"),
        (None, Some(id)) => format!("instance ID {id}"),
        (None, None) => return Err(aws::missing("instanceId")),
    };
    cloud
        .open_action(group, fields.given("LifecycleHookName"), |cloud, action| {
            token.is_none_or(|token| token == action.token)
                && instance.is_none_or(|id| id == cloud.instances[action.instance.index()].id)
        })
        .ok_or_else(|| {
            aws::validation_error(format!("No active Lifecycle Action found with {named}"))
        })
}
