//! What the operations of Alibaba Cloud share: their errors, idempotence, and lists in requests.
//!
//! Source: R-ESS-1, R-ESS-2, R-ESS-7. Only [`once`] changes the cloud, through the operation it is given.

use std::collections::BTreeMap;
use std::fmt::Debug;

use serde_json::{Map, Value};

use super::alibaba_spelling;
use super::common_error;
use super::params::{Constraint, Fields, Spelling, Violation, optional, required, violations};
use super::{ApiError, Call, Response};
use crate::describe::{Kind, Param, Presence, Source};
use crate::model::cloud::Cloud;
use crate::model::ess::RememberedCall;
use crate::model::ids::{ActivityId, GroupId};
use crate::model::scaling_process::ScalingProcess;
use crate::model::settings::Provider;

/// A mandatory parameter was left out.
pub(super) const MISSING_PARAMETER: &str = "MissingParameter";
/// A parameter has a value it cannot have.
pub(super) const INVALID_PARAMETER: &str = "InvalidParameter";
/// No such scaling group.
pub(super) const GROUP_NOT_FOUND: &str = "InvalidScalingGroupId.NotFound";
/// A scaling group is in a state in which this cannot be done.
pub(super) const GROUP_STATUS: &str = "IncorrectScalingGroupStatus";
/// A scaling group is set up so that this cannot be done.
pub(super) const OPERATION_DENIED: &str = "OperationDenied";
/// A scaling activity is under way.
pub(super) const IN_PROGRESS: &str = "ScalingActivityInProgress";
/// A client token was used for another request.
pub(super) const PARAMETER_MISMATCH: &str = "IdempotentParameterMismatch";

/// Where client tokens are told of.
const IDEMPOTENCE: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/how-to-ensure-idempotence",
);

/// The region.
pub(super) const REGION_ID: Param = required(
    "RegionId",
    Kind::Text { min: 1, max: 64 },
    "region of the scaling group; any will do, a scenario has one",
    Source::Documented(
        "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-detachservergroups",
    ),
);

/// The region, where it may be left out.
pub(super) const ANY_REGION_ID: Param = Param {
    presence: Presence::Optional,
    ..REGION_ID
};

/// The client token.
pub(super) const CLIENT_TOKEN: Param = optional(
    "ClientToken",
    Kind::Text { min: 1, max: 64 },
    "makes a repetition of the call have no effect and the same answer; ASCII",
    IDEMPOTENCE,
);

/// An error.
pub(super) fn error(code: &'static str, http_status: u16, message: impl Into<String>) -> ApiError {
    ApiError {
        code,
        message: message.into(),
        http_status,
    }
}

/// `MissingParameter`.
pub(super) fn missing(parameter: &str) -> ApiError {
    let message = format!(
        "The input parameter \"{parameter}\" that is mandatory for processing this request is not \
         supplied."
    );
    error(MISSING_PARAMETER, 400, message)
}

/// `InvalidParameter`.
pub(super) fn invalid(parameter: &str) -> ApiError {
    let message = format!("The specified value of parameter \"{parameter}\" is not valid.");
    error(INVALID_PARAMETER, 400, message)
}

/// A request of the right shape, in one spelling.
#[derive(Debug)]
pub(super) struct Checked(Value);

impl Checked {
    /// Its parameters.
    pub(super) fn fields(&self) -> Fields<'_> {
        Fields::of(&self.0)
    }
}

/// Checks the shape of a request, its client token included.
///
/// # Errors
/// `MissingParameter` or `InvalidParameter` for the first thing that is wrong.
pub(super) fn check(params: &[Param], value: &Value) -> Result<Checked, ApiError> {
    let checked = Checked(alibaba_spelling::plain(params, value)?);
    let mut found = violations(params, &checked.0, Spelling::Alibaba, &[]);
    for wrong in &mut found {
        wrong.path = alibaba_spelling::as_spelt(&wrong.path, value);
    }
    first_of(&found)?;
    if checked
        .fields()
        .text("ClientToken")
        .is_some_and(|token| !token.is_ascii())
    {
        return Err(invalid("ClientToken"));
    }
    Ok(checked)
}

fn first_of(found: &[Violation]) -> Result<(), ApiError> {
    let is_missing = |found: &&Violation| found.constraint == Constraint::NotNull;
    match found.iter().find(is_missing).or(found.first()) {
        None => Ok(()),
        Some(found) => {
            // one spelling for the members of all lists, the one of the page
            let path = found.path.replace("ServerGroups.", "ServerGroup.");
            let path = path.replace("GroupAttributes", "GroupAttribute");
            let path = path.replace("LoadBalancers.", "LoadBalancer.");
            let path = path.replace("LoadBalancerConfigs.", "LoadBalancerConfig.");
            Err(if found.constraint == Constraint::NotNull {
                missing(&path)
            } else {
                invalid(&path)
            })
        }
    }
}

/// The scaling group with this id.
///
/// # Errors
/// `InvalidScalingGroupId.NotFound`.
pub(super) fn group(cloud: &Cloud, id: &str) -> Result<GroupId, ApiError> {
    let found = cloud.group_named(Provider::Alibaba, id);
    found.ok_or_else(|| common_error::NO_GROUP.error())
}

/// `IncorrectScalingGroupStatus`.
pub(super) fn wrong_group_status() -> ApiError {
    common_error::WRONG_GROUP_STATUS.error()
}

/// `OperationDenied`.
pub(super) fn denied() -> ApiError {
    common_error::DENIED.error()
}

/// Checks that a group is not being deleted. Source: R-ESS-12.
///
/// # Errors
/// `IncorrectScalingGroupStatus`.
pub(super) fn check_not_deleting(cloud: &Cloud, group: GroupId) -> Result<(), ApiError> {
    if cloud.groups[group.index()].is_leaving() {
        return Err(wrong_group_status());
    }
    Ok(())
}

/// Checks that a group is enabled. Source: R-ESS-12.
///
/// # Errors
/// `IncorrectScalingGroupStatus`.
pub(super) fn check_active(cloud: &Cloud, group: GroupId) -> Result<(), ApiError> {
    if !cloud.groups[group.index()].is_active() {
        return Err(wrong_group_status());
    }
    Ok(())
}

/// Checks that a group does what is part of `process`. Source: R-ESS-14.
///
/// # Errors
/// `OperationDenied`.
pub(super) fn check_process(
    cloud: &Cloud,
    group: GroupId,
    process: ScalingProcess,
) -> Result<(), ApiError> {
    if !cloud.does(group, process) {
        return Err(denied());
    }
    Ok(())
}

/// Checks that a group has no scaling activity: it has one at a time. Source: R-ESS-2.
///
/// # Errors
/// `ScalingActivityInProgress`.
pub(super) fn check_idle(cloud: &Cloud, group: GroupId) -> Result<(), ApiError> {
    if cloud.groups[group.index()].busy.is_some() {
        return Err(common_error::BUSY.error());
    }
    Ok(())
}

/// Checks that a group may begin a scaling activity now that is part of `process`, if it is of
/// one: it is enabled, does that, and has no other.
///
/// # Errors
/// `IncorrectScalingGroupStatus`, `OperationDenied` and `ScalingActivityInProgress`.
pub(super) fn check_may_begin(
    cloud: &Cloud,
    group: GroupId,
    process: Option<ScalingProcess>,
) -> Result<(), ApiError> {
    check_active(cloud, group)?;
    if let Some(process) = process {
        check_process(cloud, group, process)?;
    }
    check_idle(cloud, group)
}

/// Makes a call once: with a client token that was used before for the same request it only
/// repeats the answer. Requests are the same when what is `asked` prints the same, however it was
/// spelt. Only accepted calls are remembered. Source: R-ESS-7.
///
/// # Errors
/// `IdempotentParameterMismatch` when the token was used for another request; what `act` answers.
pub(super) fn once(
    call: &mut Call<'_, '_>,
    operation: &'static str,
    token: Option<&str>,
    asked: &dyn Debug,
    act: impl FnOnce(&mut Call<'_, '_>) -> Result<Map<String, Value>, ApiError>,
) -> Result<Response, ApiError> {
    let Some(token) = token else {
        let body = act(call)?;
        return Ok(answer(call, body));
    };
    let now = call.cx.now;
    let lifetime = call.cloud.assumptions.ess_client_token_ttl;
    let still_known = |remembered: &RememberedCall| now < remembered.at + lifetime;
    let key = (operation, token.to_owned());
    let request = format!("{asked:?}");
    let known = call.cloud.client_tokens.get(&key);
    if let Some(remembered) = known.filter(|remembered| still_known(remembered)) {
        if remembered.request == request {
            let answer = serde_json::from_str(&remembered.answer);
            return Ok(answer.expect("it was written as JSON"));
        }
        return Err(common_error::OTHER_REQUEST.error());
    }
    let body = act(call)?;
    let answer = answer(call, body);
    let remembered = RememberedCall {
        at: now,
        request,
        answer: answer.to_string(),
    };
    let tokens = &mut call.cloud.client_tokens;
    tokens.retain(|_, remembered| still_known(remembered));
    tokens.insert(key, remembered);
    Ok(answer)
}

/// What a request asks for, its token apart; numbers are as good as texts.
pub(super) fn asked(fields: Fields<'_>) -> BTreeMap<&str, String> {
    let entries = fields.entries();
    let said = entries.filter(|(key, value)| *key != "ClientToken" && !value.is_null());
    said.map(|(key, value)| (key, value.as_str().map_or(value.to_string(), str::to_owned)))
        .collect()
}

/// An answer with its request id.
pub(super) fn answer(call: &mut Call<'_, '_>, mut body: Map<String, Value>) -> Response {
    let id = call.cloud.identifiers.alibaba_request();
    body.insert("RequestId".to_owned(), Value::String(id));
    Value::Object(body)
}

/// What is answered to a call that began a scaling activity.
pub(super) fn activity(cloud: &Cloud, activity: ActivityId) -> Map<String, Value> {
    let id = cloud.activities[activity.index()].2.id.clone();
    Map::from_iter([("ScalingActivityId".to_owned(), Value::String(id))])
}
