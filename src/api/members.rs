//! What the operations on several instances of an Auto Scaling group share: their list of ids, the
//! states they ask for, the sizes they must keep to.
//!
//! This module must never change the cloud.

use super::params::Fields;
use super::{ApiError, aws};
use crate::model::cloud::Cloud;
use crate::model::ids::{GroupId, InstanceId};
use crate::model::lifecycle::LifecycleState;
use crate::model::scaling_process::ScalingProcess;

/// Most instances one call may name.
const LIMIT: usize = 20;

/// The ids of a request, each once: `verb` is `detach`.
///
/// # Errors
/// `ValidationError` for none and for too many.
pub(super) fn ids<'a>(fields: Fields<'a>, verb: &str) -> Result<Vec<&'a str>, ApiError> {
    let ids = fields.texts("InstanceIds");
    if ids.is_empty() {
        return Err(aws::missing("instanceIds"));
    }
    if ids.len() > LIMIT {
        return Err(aws::validation_error(format!(
            "List exceeds the maximum number of instances to {verb}. Please retry your request \
             with fewer instances."
        )));
    }
    Ok(aws::distinct(&ids))
}

/// Whether all instances are in one of `states`, which `words` calls by name.
///
/// # Errors
/// `ValidationError` for the first that is not.
pub(super) fn check_states(
    cloud: &Cloud,
    instances: &[InstanceId],
    states: &[LifecycleState],
    words: &str,
) -> Result<(), ApiError> {
    for id in instances {
        let instance = &cloud.instances[id.index()];
        if !states.contains(&instance.lifecycle) {
            return Err(aws::validation_error(format!(
                "The instance {} is not in {words}.",
                instance.id
            )));
        }
    }
    Ok(())
}

/// Whether the desired capacity may shrink by `count`.
///
/// # Errors
/// `ValidationError` with the sizes.
pub(super) fn check_shrinking(
    cloud: &Cloud,
    group: GroupId,
    verb: &str,
    count: usize,
) -> Result<(), ApiError> {
    let entry = &cloud.groups[group.index()];
    let left = u32::try_from(count)
        .ok()
        .and_then(|count| entry.counts.desired.checked_sub(count));
    if left.is_none_or(|left| left < entry.min_size) {
        return Err(aws::wrong_sizes(cloud, group, verb, count));
    }
    Ok(())
}

/// Whether the desired capacity may grow by `count`.
///
/// # Errors
/// `ValidationError` with the sizes.
pub(super) fn check_growing(
    cloud: &Cloud,
    group: GroupId,
    verb: &str,
    count: usize,
) -> Result<(), ApiError> {
    let entry = &cloud.groups[group.index()];
    let after = u32::try_from(count)
        .ok()
        .and_then(|count| entry.counts.desired.checked_add(count));
    if after.is_none_or(|after| after > entry.max_size) {
        return Err(aws::wrong_sizes(cloud, group, verb, count));
    }
    Ok(())
}

/// Whether the group may bring instances into service: `refused` is `Instances may not be
/// attached`. Source: R-PROC-1.
///
/// # Errors
/// `ValidationError` while `Launch` is suspended; the text is assumed.
pub(super) fn check_launches(cloud: &Cloud, group: GroupId, refused: &str) -> Result<(), ApiError> {
    let group = &cloud.groups[group.index()];
    if group.suspended.has(ScalingProcess::Launch) {
        return Err(aws::validation_error(format!(
            "{refused} while the Launch process of AutoScalingGroup {} is suspended.",
            group.name
        )));
    }
    Ok(())
}

/// Whether the group stands: `refused` is `Processes may not be suspended`.
///
/// # Errors
/// `ValidationError` while it is being deleted, in the words seen for processes.
pub(super) fn check_stands(cloud: &Cloud, group: GroupId, refused: &str) -> Result<(), ApiError> {
    if cloud.groups[group.index()].is_leaving() {
        return Err(aws::validation_error(format!(
            "{refused} while the AutoScaling group is pending delete"
        )));
    }
    Ok(())
}
