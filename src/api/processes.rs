//! What the operations on the processes of groups share: how they name them, on both clouds.
//!
//! This module must never change the cloud.

use super::params::{Fields, optional};
use super::{ApiError, alibaba};
use crate::describe::{Kind, Param, Source};
use crate::model::scaling_process::{ScalingProcess, Suspended};

/// The kind of a list of processes.
pub(super) const PROCESSES: Kind = Kind::List {
    of: &Kind::OneOf(&ScalingProcess::NAMES),
    min: 0,
    max: usize::MAX,
};

/// The processes that a request names; all of them where it names none.
pub(super) fn named(fields: Fields<'_>) -> Vec<ScalingProcess> {
    let names = fields.texts("ScalingProcesses");
    if names.is_empty() {
        return ScalingProcess::ALL.to_vec();
    }
    names
        .into_iter()
        .filter_map(ScalingProcess::named)
        .collect()
}

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-suspendprocesses",
);

/// Words of ESS, in the order of [`ESS_PROCESSES`].
const ESS_NAMES: [&str; 5] = [
    "ScaleIn",
    "ScaleOut",
    "HealthCheck",
    "AlarmNotification",
    "ScheduledAction",
];

/// What a scaling group of Alibaba Cloud does.
const ESS_PROCESSES: [ScalingProcess; 5] = [
    ScalingProcess::Terminate,
    ScalingProcess::Launch,
    ScalingProcess::HealthCheck,
    ScalingProcess::AlarmNotification,
    ScalingProcess::ScheduledActions,
];

const ESS_PROCESS: Kind = Kind::OneOf(&ESS_NAMES);

/// The processes of a scaling group that a call is about.
pub(super) const OF_SCALING_GROUP: Param = optional(
    "Processes",
    Kind::List {
        of: &ESS_PROCESS,
        min: 1,
        max: 100,
    },
    "the processes, 1 to 100; this or the other spelling",
    API,
);

/// The same, flattened.
pub(super) const OF_SCALING_GROUP_N: Param = optional(
    "Process.N",
    ESS_PROCESS,
    "the N-th process, as older SDKs send it",
    API,
);

/// What a call about processes of a scaling group asks for.
#[derive(Debug)]
pub(super) struct ScalingGroupProcesses<'a> {
    /// The id of the group.
    pub(super) group: &'a str,
    /// The processes, in the order in which they are named.
    pub(super) processes: Vec<ScalingProcess>,
}

/// The processes of a scaling group that a request must name.
///
/// # Errors
/// `MissingParameter` and `InvalidParameter`.
pub(super) fn of_scaling_group(fields: Fields<'_>) -> Result<ScalingGroupProcesses<'_>, ApiError> {
    let names = fields.texts("Processes");
    if names.is_empty() {
        return Err(alibaba::missing("Process"));
    }
    let named = |name: &&str| ESS_NAMES.iter().position(|other| other == name);
    let places = names.iter().filter_map(named);
    Ok(ScalingGroupProcesses {
        group: fields.given("ScalingGroupId"),
        processes: places.map(|place| ESS_PROCESSES[place]).collect(),
    })
}

/// The words of ESS for processes that are suspended.
pub(super) fn suspended_of_scaling_group(suspended: Suspended) -> Vec<&'static str> {
    let all = ESS_PROCESSES.iter().zip(ESS_NAMES);
    all.filter(|(process, _)| suspended.has(**process))
        .map(|(_, name)| name)
        .collect()
}
