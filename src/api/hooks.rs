//! What the operations on lifecycle hooks and lifecycle actions share: how a hook is named and how
//! an action under way is found.
//!
//! This module must never change the cloud.

use super::params::Fields;
use super::{ApiError, aws};
use crate::describe::{Chars, Kind, Pattern, Piece};
use crate::model::cloud::Cloud;
use crate::model::ids::{GroupId, LifecycleActionId};

/// What the name of a hook may be.
const NAME: Pattern = Pattern {
    text: r"[A-Za-z0-9\-_\/]+",
    words: "letters, digits, `-`, `_` and `/`",
    forms: &[&[Piece::Run {
        of: &[
            Chars::Range('A', 'Z'),
            Chars::Range('a', 'z'),
            Chars::Range('0', '9'),
            Chars::One('-'),
            Chars::One('_'),
            Chars::One('/'),
        ],
        min: 1,
        max: usize::MAX,
    }]],
};

/// The kind of the name of a hook.
pub(super) const HOOK_NAME: Kind = Kind::Pattern {
    min: 1,
    max: 255,
    pattern: &NAME,
};
/// The kind of a group name in the operations on lifecycle actions.
pub(super) const GROUP_NAME: Kind = aws::xml(1, 1600);
/// The kind of a lifecycle action token.
pub(super) const TOKEN: Kind = Kind::Text { min: 36, max: 36 };
/// The kind of a result.
pub(super) const RESULT: Kind = Kind::OneOf(&["CONTINUE", "ABANDON"]);

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
