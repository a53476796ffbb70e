//! What `ess:EnterStandby` and `ess:ExitStandby` share: what they take, check and answer.
//!
//! Source: R-ESS-40.

use serde_json::{Map, Value};

use super::alibaba::{self, CLIENT_TOKEN};
use super::scaling_group;
use super::{ApiError, Call, Operation, Response};
use crate::describe::Param;
use crate::model::ess_standby::Standby;
use crate::model::lifecycle::LifecycleState;

/// What both take.
pub(super) const PARAMS: &[Param] = &[
    alibaba::ANY_REGION_ID,
    scaling_group::ID,
    scaling_group::INSTANCE_IDS,
    scaling_group::INSTANCE_ID,
    scaling_group::INSTANCE_ID_N,
    scaling_group::ASYNC,
    CLIENT_TOKEN,
];

/// What both may answer.
pub(super) const ERRORS: &[&str] = &[
    alibaba::MISSING_PARAMETER,
    alibaba::INVALID_PARAMETER,
    alibaba::GROUP_NOT_FOUND,
    alibaba::GROUP_STATUS,
    alibaba::IN_PROGRESS,
    alibaba::PARAMETER_MISMATCH,
    scaling_group::INSTANCE_NOT_FOUND,
    scaling_group::INSTANCE_STATUS,
];

#[derive(Debug)]
struct Request<'a> {
    group: &'a str,
    ids: Vec<&'a str>,
    is_async: bool,
}

/// Carries one of the two out.
///
/// # Errors
/// Those of [`ERRORS`].
pub(super) fn apply(
    call: &mut Call<'_, '_>,
    operation: &Operation,
    params: &Value,
    way: Standby,
) -> Result<Response, ApiError> {
    let checked = alibaba::check(operation.params, params)?;
    let fields = checked.fields();
    let request = Request {
        group: fields.given("ScalingGroupId"),
        ids: scaling_group::ids(fields)?,
        is_async: fields.flag("Async"),
    };
    let token = fields.text("ClientToken");
    let asked = (fields.text("RegionId"), &request);
    alibaba::once(call, operation.name, token, &asked, |call| {
        act(call, &request, way)
    })
}

fn act(
    call: &mut Call<'_, '_>,
    request: &Request<'_>,
    way: Standby,
) -> Result<Map<String, Value>, ApiError> {
    let group = alibaba::group(call.cloud, request.group)?;
    if request.is_async {
        alibaba::check_may_begin(call.cloud, group, None)?;
    } else {
        alibaba::check_not_deleting(call.cloud, group)?;
    }
    let members = scaling_group::members(call.cloud, group, &request.ids)?;
    let state = match way {
        Standby::Enter => LifecycleState::InService,
        Standby::Exit => LifecycleState::Standby,
    };
    scaling_group::check_state(call.cloud, &members, state)?;
    for &member in &members {
        let instance = &call.cloud.instances[member.index()];
        if instance.membership.protected {
            return Err(scaling_group::wrong_status(&instance.id));
        }
    }
    let activity = call
        .cloud
        .ess_move_standby(call.cx, group, &members, way, request.is_async);
    Ok(activity.map_or_else(Map::new, |id| alibaba::activity(call.cloud, id)))
}
