//! What the operations on instance refreshes share: preferences as requests give and answers show
//! them.
//!
//! This module must never change the cloud.

use serde_json::{Value, json};

use super::params::{Fields, defaulted, optional};
use super::{ApiError, aws, group_params};
use crate::describe::{Kind, Param, Source};
use crate::engine::time::{NANOS_PER_SECOND, SimDuration};
use crate::model::cloud::Cloud;
use crate::model::group::Group;
use crate::model::ids::{GroupId, RefreshId};
use crate::model::maintenance::MaintenancePolicy;
use crate::model::refresh::{Obstacle, Refresh, RefreshPreferences, RefreshStatus};

/// Another refresh is active.
pub(super) const IN_PROGRESS: &str = "InstanceRefreshInProgress";
/// No refresh is active.
pub(super) const NOT_FOUND: &str = "ActiveInstanceRefreshNotFound";
/// A refresh cannot be rolled back.
pub(super) const IRREVERSIBLE: &str = "IrreversibleInstanceRefresh";

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RefreshPreferences.html",
);

const CONFIGURATION: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DesiredConfiguration.html",
);

/// Two days, in seconds.
const DELAY: Kind = Kind::Integer {
    min: 0,
    max: 172_800,
};

const ALARMS: &[Param] = &[optional(
    "Alarms",
    Kind::List {
        of: &aws::xml(1, 255),
        min: 0,
        max: usize::MAX,
    },
    "names of alarms; none exist here",
    API,
)];

/// `RefreshPreferences`.
pub(super) const PREFERENCES: &[Param] = &[
    optional(
        "MinHealthyPercentage",
        Kind::Integer { min: 0, max: 100 },
        "share of the desired capacity that stays in service [%]; the group's policy or 90",
        API,
    ),
    optional(
        "MaxHealthyPercentage",
        Kind::Integer { min: 100, max: 200 },
        "share of the desired capacity that may be there at once [%]; the group's policy or 100. \
         Given, it launches first where the percentages leave no other way",
        API,
    ),
    optional(
        "InstanceWarmup",
        Kind::Integer {
            min: 0,
            max: i32::MAX as i64,
        },
        "time after InService until a replacement counts [s]; the group's default warm-up or \
         health check grace period",
        API,
    ),
    optional(
        "CheckpointPercentages",
        Kind::List {
            of: &Kind::Integer { min: 1, max: 100 },
            min: 0,
            max: usize::MAX,
        },
        "percentages at which it pauses, ascending [%]; it goes no further than the last",
        API,
    ),
    optional(
        "CheckpointDelay",
        DELAY,
        "for how long it pauses [s]; 3600 with CheckpointPercentages",
        API,
    ),
    defaulted(
        "SkipMatching",
        Kind::Boolean,
        "false",
        "whether instances that have the desired launch template stay",
        API,
    ),
    defaulted(
        "AutoRollback",
        Kind::Boolean,
        "false",
        "whether it is rolled back when it fails",
        API,
    ),
    defaulted(
        "ScaleInProtectedInstances",
        Kind::OneOf(&["Refresh", "Ignore", "Wait"]),
        "Wait",
        "what it does about instances protected from scale-in",
        API,
    ),
    defaulted(
        "StandbyInstances",
        Kind::OneOf(&["Terminate", "Ignore", "Wait"]),
        "Wait",
        "what it does about instances on standby",
        API,
    ),
    optional(
        "AlarmSpecification",
        Kind::Struct(ALARMS),
        "alarms that would make it fail; accepted without effect",
        API,
    ),
    defaulted(
        "BakeTime",
        DELAY,
        "0",
        "how long it waits at the end [s]",
        API,
    ),
];

/// `DesiredConfiguration`.
pub(super) const DESIRED: &[Param] = &[
    optional(
        "LaunchTemplate",
        Kind::Struct(group_params::LAUNCH_TEMPLATE),
        "what it launches",
        CONFIGURATION,
    ),
    optional(
        "MixedInstancesPolicy",
        Kind::Struct(&[]),
        "several instance types; not simulated",
        CONFIGURATION,
    ),
];

fn seconds(fields: Fields<'_>, key: &str) -> Option<SimDuration> {
    let seconds = u64::try_from(fields.integer(key)?).ok()?;
    Some(SimDuration::from_secs(seconds))
}

fn percentage(fields: Fields<'_>, key: &str) -> Option<u32> {
    u32::try_from(fields.integer(key)?).ok()
}

fn obstacle(word: Option<&str>) -> Obstacle {
    match word {
        Some("Refresh" | "Terminate") => Obstacle::Replace,
        Some("Ignore") => Obstacle::Ignore,
        _ => Obstacle::Wait,
    }
}

/// `InstanceRefreshInProgress`.
pub(super) fn in_progress() -> ApiError {
    aws::error(
        IN_PROGRESS,
        "An Instance Refresh is already in progress and blocks the execution of this Instance \
         Refresh.",
    )
}

/// The preferences a request gives, with what stands in for those it leaves out. Source:
/// R-REFRESH-1.
///
/// # Errors
/// `ValidationError` where they contradict each other.
pub(super) fn preferences(
    group: &Group,
    fields: Fields<'_>,
) -> Result<RefreshPreferences, ApiError> {
    let policy = group.rules.maintenance;
    let (min, max) = (
        percentage(fields, "MinHealthyPercentage"),
        percentage(fields, "MaxHealthyPercentage"),
    );
    if max.is_some() && min.is_none() {
        return Err(aws::validation_error(
            "MinHealthyPercentage must be specified when MaxHealthyPercentage is specified.",
        ));
    }
    let percentages = MaintenancePolicy {
        min_healthy: min
            .or(policy.map(|policy| policy.min_healthy))
            .unwrap_or(90),
        max_healthy: max
            .or(policy.map(|policy| policy.max_healthy))
            .unwrap_or(100),
    };
    if percentages.max_healthy > percentages.min_healthy + 100 {
        return Err(aws::validation_error(
            "The difference between MinHealthyPercentage and MaxHealthyPercentage cannot be \
             greater than 100.",
        ));
    }
    let checkpoints = checkpoints(fields)?;
    let rules = &group.rules;
    let standard = rules
        .default_instance_warmup
        .unwrap_or(group.health_check_grace_period);
    Ok(RefreshPreferences {
        percentages,
        maximum_given: max.is_some() || policy.is_some(),
        warmup: seconds(fields, "InstanceWarmup").unwrap_or(standard),
        checkpoints,
        checkpoint_delay: seconds(fields, "CheckpointDelay")
            .unwrap_or(SimDuration::from_secs(3_600)),
        skip_matching: fields.flag("SkipMatching"),
        auto_rollback: fields.flag("AutoRollback"),
        protected: obstacle(fields.text("ScaleInProtectedInstances")),
        standby: obstacle(fields.text("StandbyInstances")),
        bake: seconds(fields, "BakeTime").unwrap_or_default(),
    })
}

fn checkpoints(fields: Fields<'_>) -> Result<Vec<u32>, ApiError> {
    let items = fields.items("CheckpointPercentages").iter();
    let given: Vec<u32> = items
        .filter_map(super::params::integer)
        .filter_map(|item| u32::try_from(item).ok())
        .collect();
    if !given.is_sorted_by(|a, b| a < b) {
        return Err(aws::validation_error(
            "CheckpointPercentages must be unique and in ascending order.",
        ));
    }
    if given.is_empty() && fields.get("CheckpointDelay").is_some() {
        return Err(aws::validation_error(
            "CheckpointPercentages must be specified when CheckpointDelay is specified.",
        ));
    }
    Ok(given)
}

/// The active refresh of a group that a call may cancel, or roll back.
///
/// # Errors
/// `ActiveInstanceRefreshNotFound`.
pub(super) fn active(
    cloud: &Cloud,
    group: GroupId,
    fits: impl Fn(RefreshStatus) -> bool,
) -> Result<RefreshId, ApiError> {
    let group = &cloud.groups[group.index()];
    group
        .refresh
        .filter(|id| fits(cloud.refreshes[id.index()].status))
        .ok_or_else(|| {
            aws::error(
                NOT_FOUND,
                format!(
                    "No in progress or pending Instance Refresh found for Auto Scaling group {}",
                    group.name
                ),
            )
        })
}

/// A refresh as it is described.
pub(super) fn shape(cloud: &Cloud, refresh: &Refresh) -> Value {
    let mut shape = json!({
        "InstanceRefreshId": refresh.id,
        "AutoScalingGroupName": cloud.groups[refresh.group.index()].name,
        "Status": refresh.status.name(),
        "StartTime": cloud.clock.millis(refresh.start),
        "PercentageComplete": refresh.percentage,
        "InstancesToUpdate": refresh.to_update,
        "Preferences": shown(&refresh.preferences),
        "Strategy": "Rolling",
    });
    if let Some(reason) = &refresh.reason {
        shape["StatusReason"] = json!(reason);
    }
    if let Some(end) = refresh.end {
        shape["EndTime"] = json!(cloud.clock.millis(end));
    }
    if let Some(desired) = refresh.desired {
        let name = &cloud.launch_templates[desired.index()].name;
        shape["DesiredConfiguration"] = json!({"LaunchTemplate": {"LaunchTemplateName": name}});
    }
    if let Some(rollback) = &refresh.rollback {
        shape["RollbackDetails"] = json!({
            "RollbackReason": rollback.reason,
            "RollbackStartTime": cloud.clock.millis(rollback.start),
            "PercentageCompleteOnRollback": rollback.percentage,
            "InstancesToUpdateOnRollback": rollback.to_update,
        });
    }
    shape
}

fn shown(preferences: &RefreshPreferences) -> Value {
    let whole = |span: SimDuration| span.as_nanos() / NANOS_PER_SECOND;
    let word = |obstacle: Obstacle, replace: &'static str| match obstacle {
        Obstacle::Replace => replace,
        Obstacle::Ignore => "Ignore",
        Obstacle::Wait => "Wait",
    };
    let mut shape = json!({
        "MinHealthyPercentage": preferences.percentages.min_healthy,
        "MaxHealthyPercentage": preferences.percentages.max_healthy,
        "InstanceWarmup": whole(preferences.warmup),
        "SkipMatching": preferences.skip_matching,
        "AutoRollback": preferences.auto_rollback,
        "ScaleInProtectedInstances": word(preferences.protected, "Refresh"),
        "StandbyInstances": word(preferences.standby, "Terminate"),
        "BakeTime": whole(preferences.bake),
    });
    if !preferences.checkpoints.is_empty() {
        shape["CheckpointPercentages"] = json!(preferences.checkpoints);
        shape["CheckpointDelay"] = json!(whole(preferences.checkpoint_delay));
    }
    shape
}
