//! What the operations on the processes of groups share: how they name them, on both clouds, and
//! what else those of Alibaba Cloud take, answer and leave out.
//!
//! Only [`of_scaling_group`] changes the cloud, through the operation it is given. Source: R-ESS-14.

use serde_json::{Map, Value};

use super::params::{Fields, optional};
use super::{ApiError, Call, Operation, Response, alibaba, scaling_group};
use crate::describe::{Kind, Param, Source};
use crate::model::ids::GroupId;
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

/// What calls about processes of a scaling group take.
pub(super) const PARAMS: &[Param] = &[
    alibaba::ANY_REGION_ID,
    scaling_group::ID,
    ESS_LIST,
    ESS_LIST_N,
    alibaba::CLIENT_TOKEN,
];

/// What they may answer.
pub(super) const ERRORS: &[&str] = &[
    alibaba::MISSING_PARAMETER,
    alibaba::INVALID_PARAMETER,
    alibaba::GROUP_NOT_FOUND,
    alibaba::PARAMETER_MISMATCH,
];

/// What the model leaves out.
pub(super) const DEVIATIONS: &[&str] = &[
    "AlarmNotification and ScheduledAction have no effect: no alarm and no schedule scales a group",
];

/// The processes of a scaling group that a call is about.
const ESS_LIST: Param = optional(
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
const ESS_LIST_N: Param = optional(
    "Process.N",
    ESS_PROCESS,
    "the N-th process, as older SDKs send it",
    API,
);

/// Does with the processes of a scaling group what an operation is for.
///
/// # Errors
/// Those of [`ERRORS`].
pub(super) fn of_scaling_group(
    call: &mut Call<'_, '_>,
    operation: &Operation,
    params: &Value,
    act: impl FnOnce(&mut Call<'_, '_>, GroupId, &[ScalingProcess]),
) -> Result<Response, ApiError> {
    let checked = alibaba::check(operation.params, params)?;
    let fields = checked.fields();
    let processes = ess_named(fields)?;
    let id = fields.given("ScalingGroupId");
    let token = fields.text("ClientToken");
    let asked = (fields.text("RegionId"), id, &processes);
    alibaba::once(call, operation.name, token, &asked, |call| {
        let group = alibaba::group(call.cloud, id)?;
        act(call, group, &processes);
        Ok(Map::new())
    })
}

/// The processes of a scaling group that a request must name, in their order.
fn ess_named(fields: Fields<'_>) -> Result<Vec<ScalingProcess>, ApiError> {
    let names = fields.texts("Processes");
    if names.is_empty() {
        return Err(alibaba::missing("Process"));
    }
    let named = |name: &&str| ESS_NAMES.iter().position(|other| other == name);
    let places = names.iter().filter_map(named);
    Ok(places.map(|place| ESS_PROCESSES[place]).collect())
}

/// The words of ESS for processes that are suspended.
pub(super) fn suspended_of_scaling_group(suspended: Suspended) -> Vec<&'static str> {
    let all = ESS_PROCESSES.iter().zip(ESS_NAMES);
    all.filter(|(process, _)| suspended.has(**process))
        .map(|(_, name)| name)
        .collect()
}
