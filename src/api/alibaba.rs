//! What the operations of Alibaba Cloud share: their errors, idempotence, and lists in requests.
//!
//! Source: R-ESS-1, R-ESS-2, R-ESS-7. Only [`once`] changes the cloud, through the operation it is given.

use std::collections::BTreeMap;
use std::fmt::Debug;

use serde_json::{Map, Value};

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

/// The message of [`PARAMETER_MISMATCH`].
pub(super) const OTHER_REQUEST: &str = "The request uses the same client token as a previous, but \
     non-identical request. Do not reuse a client token with different requests, unless the requests \
     are identical.";

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

/// Checks the shape of a request, its client token included.
///
/// # Errors
/// `MissingParameter` or `InvalidParameter` for the first thing that is wrong.
pub(super) fn check<'a>(params: &[Param], value: &'a Value) -> Result<Fields<'a>, ApiError> {
    first_of(&violations(params, value, Spelling::Alibaba, &[]), "")?;
    let fields = Fields::of(value);
    if fields
        .text("ClientToken")
        .is_some_and(|token| !token.is_ascii())
    {
        return Err(invalid("ClientToken"));
    }
    Ok(fields)
}

fn first_of(found: &[Violation], prefix: &str) -> Result<(), ApiError> {
    let is_missing = |found: &&Violation| found.constraint == Constraint::NotNull;
    match found.iter().find(is_missing).or(found.first()) {
        None => Ok(()),
        Some(found) => {
            // one spelling for the members of all lists, the one of the page
            let path = format!("{prefix}{}", found.path);
            let path = path.replace("ServerGroups.", "ServerGroup.");
            let path = path.replace("GroupAttributes.", "GroupAttribute.");
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
    cloud.group_named(Provider::Alibaba, id).ok_or_else(|| {
        let message = "The specified scaling group does not exist.";
        error(GROUP_NOT_FOUND, 404, message)
    })
}

/// `IncorrectScalingGroupStatus`.
pub(super) fn wrong_group_status() -> ApiError {
    let message = "The current status of the specified scaling group does not support this action.";
    error(GROUP_STATUS, 400, message)
}

/// `OperationDenied`.
pub(super) fn denied() -> ApiError {
    let message = "This operation is denied because the specified scaling group does not support \
                   this action.";
    error(OPERATION_DENIED, 400, message)
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
        let message = "You cannot delete a scaling group or launch a new scaling activity while \
                       there is a scaling activity in progress for the specified scaling group.";
        return Err(error(IN_PROGRESS, 400, message));
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
        return Err(error(PARAMETER_MISMATCH, 400, OTHER_REQUEST));
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

/// The structures of a list that a request holds under one of `keys`: as a list, as JSON text, or
/// flattened as `ServerGroup.1.ServerGroupId`. What is flattened twice is so in its structure.
///
/// # Errors
/// `InvalidParameter`.
pub(super) fn structures(fields: Fields<'_>, keys: &[&str]) -> Result<Vec<Value>, ApiError> {
    let mut items = Vec::new();
    let mut flat: BTreeMap<u32, Map<String, Value>> = BTreeMap::new();
    for (key, value) in fields.entries() {
        let mut parts = key.splitn(3, '.');
        if !parts.next().is_some_and(|first| keys.contains(&first)) || value.is_null() {
            continue;
        }
        match (parts.next(), parts.next()) {
            (Some(index), Some(member)) => {
                let index = index.parse().map_err(|_| invalid(key))?;
                flat.entry(index)
                    .or_default()
                    .insert(member.to_owned(), value.clone());
            }
            _ => items.extend(list(key, value)?),
        }
    }
    items.extend(flat.into_values().map(Value::Object));
    Ok(items)
}

/// The texts that a request holds under one of `keys`: in a list, as JSON text, or flattened as
/// `LoadBalancer.1`.
///
/// # Errors
/// `InvalidParameter`.
pub(super) fn texts(fields: Fields<'_>, keys: &[&str]) -> Result<Vec<String>, ApiError> {
    let text = |key: &str, value: &Value| {
        let text = value.as_str().filter(|text| !text.is_empty());
        text.map(str::to_owned).ok_or_else(|| invalid(key))
    };
    let mut all = Vec::new();
    let mut flat: BTreeMap<u32, String> = BTreeMap::new();
    for (key, value) in fields.entries() {
        let (name, place) = key
            .split_once('.')
            .map_or((key, None), |(name, place)| (name, Some(place)));
        if !keys.contains(&name) || value.is_null() {
            continue;
        }
        if let Some(place) = place {
            let place = place.parse().map_err(|_| invalid(key))?;
            flat.insert(place, text(key, value)?);
        } else {
            for value in list(key, value)? {
                all.push(text(key, &value)?);
            }
        }
    }
    all.extend(flat.into_values());
    Ok(all)
}

fn list(key: &str, value: &Value) -> Result<Vec<Value>, ApiError> {
    let parsed = match value {
        Value::String(text) => serde_json::from_str(text).map_err(|_| invalid(key))?,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            value.clone()
        }
    };
    match parsed {
        Value::Array(items) => Ok(items),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            Err(invalid(key))
        }
    }
}

/// Checks the shape of one structure of a list; `prefix` is its path with a dot behind it.
///
/// # Errors
/// `MissingParameter` and `InvalidParameter`.
pub(super) fn structure<'a>(
    value: &'a Value,
    item: &[Param],
    prefix: &str,
) -> Result<Fields<'a>, ApiError> {
    if !value.is_object() {
        return Err(invalid(prefix.trim_end_matches('.')));
    }
    first_of(&violations(item, value, Spelling::Alibaba, &[]), prefix)?;
    Ok(Fields::of(value))
}
