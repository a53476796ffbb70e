//! What the operations on lifecycle hooks of scaling groups share: how a hook is described and
//! named, and how its actions under way are found.
//!
//! Source: R-ESS-15, R-ESS-16. This module must never change the cloud.

use super::alibaba;
use super::params::{Fields, optional, required};
use super::{ApiError, scaling_group, scaling_group_request};
use crate::describe::{Kind, Param, Source};
use crate::engine::time::SimDuration;
use crate::model::cloud::Cloud;
use crate::model::hook::{ActionResult, Hook, Transition};
use crate::model::ids::{GroupId, LifecycleActionId};

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-createlifecyclehook",
);

const MODIFY_API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-modifylifecyclehook",
);

/// A hook of this name is there already.
pub(super) const DUPLICATE: &str = "InvalidLifecycleHookName.Duplicate";
/// The group has as many hooks as it may.
pub(super) const QUOTA: &str = "QuotaExceeded.LifecycleHook";
/// No hook with this id.
pub(super) const NO_ID: &str = "InvalidLifecycleHookId.NotExist";
/// No hook with this name.
pub(super) const NO_NAME: &str = "InvalidLifecycleHookName.NotExist";
/// No action under way of this hook under this token.
pub(super) const NO_ACTION: &str = "LifecycleHookIdAndLifecycleActionToken.Invalid";

/// Most hooks of a group.
const LIMIT: usize = 10;

/// Heartbeat timeout of a hook that is not told one \[s\].
const HEARTBEAT: u64 = 600;

/// The kind of a heartbeat timeout \[s\].
pub(super) const TIMEOUT: Kind = Kind::Integer {
    min: 30,
    max: 21_600,
};
/// The kind of a result.
pub(super) const RESULT: Kind = Kind::OneOf(&["CONTINUE", "ABANDON", "ROLLBACK"]);
/// The kind of an id of a hook.
pub(super) const HOOK_ID: Kind = Kind::Text { min: 1, max: 128 };
/// The kind of a token of an action.
pub(super) const TOKEN: Kind = Kind::Text { min: 1, max: 64 };

const TRANSITION: Kind = Kind::OneOf(&Transition::ESS_NAMES);

/// The transition of a new hook.
pub(super) const NEW_TRANSITION: Param =
    required("LifecycleTransition", TRANSITION, "when it runs", API);

/// That of one that is changed.
pub(super) const OTHER_TRANSITION: Param = optional(
    "LifecycleTransition",
    TRANSITION,
    "when it runs",
    MODIFY_API,
);

/// The name of a new hook.
pub(super) const NEW_NAME: Param = optional(
    "LifecycleHookName",
    scaling_group_request::NAME,
    "its name, unique in its group; its id if left out",
    API,
);

/// What a hook is besides.
pub(super) const SETTINGS: [Param; 4] = [
    optional(
        "HeartbeatTimeout",
        TIMEOUT,
        "time after which instances wait no longer [s]; 600 for a new hook",
        API,
    ),
    optional(
        "DefaultResult",
        RESULT,
        "what becomes of them then; CONTINUE for a new hook",
        API,
    ),
    optional(
        "NotificationArn",
        Kind::Text { min: 1, max: 300 },
        "whom it notifies; kept and shown",
        API,
    ),
    optional(
        "NotificationMetadata",
        Kind::Text { min: 1, max: 4_096 },
        "what it tells whom it notifies; kept and shown",
        API,
    ),
];

/// A hook of a group that is created.
pub(super) const SPECIFICATION: &[Param] = &[
    NEW_TRANSITION,
    NEW_NAME,
    SETTINGS[0],
    SETTINGS[1],
    SETTINGS[2],
    SETTINGS[3],
];

/// How a request names a hook: by its id, or by its group and its name.
pub(super) const NAMED: [Param; 3] = [
    optional(
        "LifecycleHookId",
        HOOK_ID,
        "id of the hook; this or the group and the name of the hook",
        MODIFY_API,
    ),
    optional(
        "ScalingGroupId",
        scaling_group::GROUP_ID,
        "id of its scaling group",
        MODIFY_API,
    ),
    optional(
        "LifecycleHookName",
        Kind::Text { min: 1, max: 64 },
        "name of the hook",
        MODIFY_API,
    ),
];

/// How a request is answered that the pages answer with another code.
pub(super) const MISSPELT: &str =
    "values out of range are refused with InvalidParameter; the page spells it InvalidParamter";

/// A new hook with this id.
pub(super) fn new(id: String, fields: Fields<'_>) -> Hook {
    let name = fields.text("LifecycleHookName");
    let hook = Hook {
        name: name.unwrap_or(&id).to_owned(),
        id,
        transition: Transition::Launching,
        heartbeat: SimDuration::from_secs(HEARTBEAT),
        default_result: ActionResult::Continue,
        notification_target: None,
        role: None,
        metadata: None,
    };
    changed(hook, fields)
}

/// A hook with what a request says about it; the rest stays.
pub(super) fn changed(mut hook: Hook, fields: Fields<'_>) -> Hook {
    let transition = fields.text("LifecycleTransition");
    if let Some(transition) = transition.and_then(Transition::ess_named) {
        hook.transition = transition;
    }
    if let Some(span) = seconds(fields, "HeartbeatTimeout") {
        hook.heartbeat = span;
    }
    if let Some(result) = fields.text("DefaultResult").and_then(ActionResult::named) {
        hook.default_result = result;
    }
    for (kept, key) in [
        (&mut hook.notification_target, "NotificationArn"),
        (&mut hook.metadata, "NotificationMetadata"),
    ] {
        if let Some(text) = fields.text(key) {
            *kept = Some(text.to_owned());
        }
    }
    hook
}

/// A time in whole seconds that the check has found to be in range.
pub(super) fn seconds(fields: Fields<'_>, key: &str) -> Option<SimDuration> {
    let seconds = fields.integer(key)?;
    u64::try_from(seconds).ok().map(SimDuration::from_secs)
}

/// Checks what a new hook of a group with these hooks is told.
///
/// # Errors
/// `InvalidLifecycleHookName.Duplicate`, `QuotaExceeded.LifecycleHook` and `MissingParameter`.
pub(super) fn check_new(hooks: &[Hook], fields: Fields<'_>) -> Result<(), ApiError> {
    let name = fields.text("LifecycleHookName");
    if hooks.iter().any(|hook| name == Some(&hook.name)) {
        let message = "The specified value of parameter lifecycleHookName is duplicated.";
        return Err(alibaba::error(DUPLICATE, 400, message));
    }
    if fields.get("NotificationMetadata").is_some() && fields.get("NotificationArn").is_none() {
        return Err(alibaba::missing("NotificationArn"));
    }
    if hooks.len() >= LIMIT {
        let message = "Lifecycle hook quota exceeded in the specified scaling group.";
        return Err(alibaba::error(QUOTA, 400, message));
    }
    Ok(())
}

/// The hook a request names, with its group and its place there.
///
/// # Errors
/// `InvalidLifecycleHookId.NotExist`, `InvalidLifecycleHookName.NotExist`,
/// `InvalidScalingGroupId.NotFound` and `MissingParameter`.
pub(super) fn named(cloud: &Cloud, fields: Fields<'_>) -> Result<(GroupId, usize), ApiError> {
    if let Some(id) = fields.text("LifecycleHookId") {
        let groups = (0..cloud.groups.len()).map(GroupId::from_index);
        let mut found = groups.filter_map(|group| {
            let entry = &cloud.groups[group.index()];
            let hooks = (!entry.is_gone()).then_some(&entry.hooks)?;
            let place = hooks.iter().position(|hook| hook.id == id)?;
            Some((group, place))
        });
        return found
            .next()
            .ok_or_else(|| alibaba::error(NO_ID, 400, "The specified lifecycleHookId not exist."));
    }
    let Some(group) = fields.text("ScalingGroupId") else {
        return Err(alibaba::missing("LifecycleHookId"));
    };
    let Some(name) = fields.text("LifecycleHookName") else {
        return Err(alibaba::missing("LifecycleHookName"));
    };
    let group = alibaba::group(cloud, group)?;
    let hooks = &cloud.groups[group.index()].hooks;
    let place = hooks.iter().position(|hook| hook.name == name);
    let place = place.ok_or_else(|| {
        let message = "The specified lifecycleHookName you provided not exist.";
        alibaba::error(NO_NAME, 400, message)
    })?;
    Ok((group, place))
}

/// The actions under way of a hook under a token: all instances of one activity.
///
/// # Errors
/// `LifecycleHookIdAndLifecycleActionToken.Invalid`.
pub(super) fn actions(
    cloud: &Cloud,
    hook: &str,
    token: &str,
) -> Result<Vec<LifecycleActionId>, ApiError> {
    let found = cloud.ess_open_actions(hook, token);
    if found.is_empty() || hook.is_empty() {
        let message = "The specified lifecycleActionToken and lifecycleHookId you provided does \
                       not match any in process lifecycle action.";
        return Err(alibaba::error(NO_ACTION, 400, message));
    }
    Ok(found)
}
