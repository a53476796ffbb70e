//! Scaling groups of Alibaba Cloud and their instances as requests name them, and pages of answers.
//!
//! Source: R-ESS-1, R-ESS-8. This module must never change the cloud.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::ApiError;
use super::alibaba;
use super::aws::distinct;
use super::params::{Fields, defaulted, integer, optional, required};
use crate::describe::{Kind, Param, Source};
use crate::engine::time::SimTime;
use crate::model::clock::Clock;
use crate::model::cloud::Cloud;
use crate::model::ids::{GroupId, InstanceId};
use crate::model::lifecycle::LifecycleState;
use crate::model::machine::MachineState;
use crate::model::settings::Provider;

/// No such instance, or not in this scaling group.
pub(super) const INSTANCE_NOT_FOUND: &str = "InvalidInstanceId.NotFound";
/// An instance is in a state in which this cannot be done.
pub(super) const INSTANCE_STATUS: &str = "IncorrectInstanceStatus";
/// An instance is in another scaling group.
pub(super) const IN_USE: &str = "InvalidInstanceId.InUse";
/// Too many instances would be there.
pub(super) const MAX_SIZE: &str = "IncorrectCapacity.MaxSize";
/// Too few instances would be left.
pub(super) const MIN_SIZE: &str = "IncorrectCapacity.MinSize";

/// Most instances one call may name.
const LIMIT: usize = 20;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-removeinstances",
);

const ATTACH_API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-attachinstances",
);

const PAGES: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-describescalinginstances",
);

/// Kind of an id of a scaling group.
pub(super) const GROUP_ID: Kind = Kind::Text { min: 1, max: 128 };

/// Kind of an id of an instance.
const INSTANCE: Kind = Kind::Text { min: 1, max: 64 };

const INSTANCES: Kind = Kind::List {
    of: &INSTANCE,
    min: 1,
    max: LIMIT,
};

/// The scaling group of a call.
pub(super) const ID: Param = required("ScalingGroupId", GROUP_ID, "id of the scaling group", API);

/// The instances of a call.
pub(super) const INSTANCE_IDS: Param = optional(
    "InstanceIds",
    INSTANCES,
    "ids of 1 to 20 instances; this or one of the other spellings",
    API,
);

/// The same, in the spelling of older SDKs.
pub(super) const INSTANCE_ID: Param = optional(
    "InstanceId",
    INSTANCES,
    "the same, as older SDKs name it",
    API,
);

/// The same, flattened.
pub(super) const INSTANCE_ID_N: Param =
    optional("InstanceId.N", INSTANCE, "id of the N-th instance", API);

/// Whether a scaling activity tells of what is done.
pub(super) const ASYNC: Param = defaulted(
    "Async",
    Kind::Boolean,
    "false",
    "whether it is done through a scaling activity, whose id is answered",
    API,
);

const WEIGHT: Kind = Kind::Integer { min: 1, max: 100 };

/// The weights of instances that are attached.
pub(super) const WEIGHTS: Param = optional(
    "LoadBalancerWeights",
    Kind::List {
        of: &WEIGHT,
        min: 1,
        max: LIMIT,
    },
    "weights of the instances behind Classic Load Balancers; accepted without effect, they get the \
     weight their group gives",
    ATTACH_API,
);

/// The same, flattened.
pub(super) const WEIGHT_N: Param = optional(
    "LoadBalancerWeight.N",
    WEIGHT,
    "weight of the N-th instance, as older SDKs send it",
    ATTACH_API,
);

/// How calls are answered that are part of a suspended process.
pub(super) const SUSPENDED: &str =
    "with which code a call is refused whose process is suspended is assumed: OperationDenied";

/// Which page of an answer.
pub(super) const PAGE_NUMBER: Param = defaulted(
    "PageNumber",
    Kind::Integer {
        min: 1,
        max: i32::MAX as i64,
    },
    "1",
    "which page",
    PAGES,
);

/// How much is on it.
pub(super) const PAGE_SIZE: Param = defaulted(
    "PageSize",
    Kind::Integer { min: 1, max: 50 },
    "10",
    "entries on a page",
    PAGES,
);

/// The texts a request names in a list or flattened, in whichever spelling, in their order.
///
/// # Errors
/// `InvalidParameter` for a place that is no number.
pub(super) fn texts<'a>(fields: Fields<'a>, keys: &[&str]) -> Result<Vec<&'a str>, ApiError> {
    let mut flat: BTreeMap<u32, &str> = BTreeMap::new();
    for (key, value) in fields.entries() {
        let place = keys
            .iter()
            .find_map(|name| key.strip_prefix(name)?.strip_prefix('.'));
        if let (Some(place), Some(text)) = (place, value.as_str()) {
            let place = place.parse().map_err(|_| alibaba::invalid(key))?;
            flat.insert(place, text);
        }
    }
    let mut all: Vec<&str> = keys.iter().flat_map(|key| fields.texts(key)).collect();
    all.extend(flat.into_values());
    Ok(all)
}

/// The instances a request may name, each once, in whichever spelling.
///
/// # Errors
/// `InvalidParameter` when there are too many.
pub(super) fn any_ids(fields: Fields<'_>) -> Result<Vec<&str>, ApiError> {
    let all = texts(fields, &["InstanceIds", "InstanceId"])?;
    if all.len() > LIMIT {
        return Err(alibaba::invalid("InstanceId"));
    }
    Ok(distinct(&all))
}

/// The instances a request must name, each once, in whichever spelling.
///
/// # Errors
/// `MissingParameter` and `InvalidParameter`.
pub(super) fn ids(fields: Fields<'_>) -> Result<Vec<&str>, ApiError> {
    let ids = any_ids(fields)?;
    if ids.is_empty() {
        return Err(alibaba::missing("InstanceId"));
    }
    Ok(ids)
}

/// `InvalidInstanceId.NotFound`.
pub(super) fn instance_not_found(id: &str) -> ApiError {
    let message = format!("Instance \"{id}\" does not exist.");
    alibaba::error(INSTANCE_NOT_FOUND, 404, message)
}

/// The member of a group with this id that is not on its way out.
pub(super) fn member(cloud: &Cloud, group: GroupId, id: &str) -> Option<InstanceId> {
    cloud.instance_named(id).filter(|found| {
        let instance = &cloud.instances[found.index()];
        instance.group == Some(group) && instance.is_in_total()
    })
}

/// Whether instances a call names in vain are passed over.
pub(super) const IGNORE_INVALID: Param = defaulted(
    "IgnoreInvalidInstance",
    Kind::Boolean,
    "false",
    "whether instances with which it cannot be done are passed over, and the activity warns",
    API,
);

/// What was found of the instances a request names.
#[derive(Debug)]
pub(super) struct Found {
    /// With these it can be done.
    pub(super) instances: Vec<InstanceId>,
    /// What was wrong with the others.
    pub(super) warning: Option<String>,
}

/// Looks for the instances a request names; those in vain are passed over if they may be and not
/// all are.
///
/// # Errors
/// What `find` answers for the first one in vain.
pub(super) fn found(
    ids: &[&str],
    ignore: bool,
    find: impl Fn(&str) -> Result<InstanceId, ApiError>,
) -> Result<Found, ApiError> {
    let mut instances = Vec::new();
    let mut faults = Vec::new();
    for id in ids {
        match find(id) {
            Ok(instance) => instances.push(instance),
            Err(error) => faults.push(error),
        }
    }
    let words: Vec<String> = faults.iter().map(|fault| fault.message.clone()).collect();
    match faults.into_iter().next() {
        Some(first) if !ignore || instances.is_empty() => Err(first),
        first => Ok(Found {
            instances,
            warning: first.map(|_| words.join(" ")),
        }),
    }
}

/// The members with these ids.
///
/// # Errors
/// `InvalidInstanceId.NotFound` for the first that is none, or is on its way out.
pub(super) fn members(
    cloud: &Cloud,
    group: GroupId,
    ids: &[&str],
) -> Result<Vec<InstanceId>, ApiError> {
    ids.iter()
        .map(|id| member(cloud, group, id).ok_or_else(|| instance_not_found(id)))
        .collect()
}

/// `IncorrectInstanceStatus`.
pub(super) fn wrong_status(id: &str) -> ApiError {
    let message = format!("The current status of instance \"{id}\" does not support this action.");
    alibaba::error(INSTANCE_STATUS, 400, message)
}

/// Checks that every instance is in this state.
///
/// # Errors
/// `IncorrectInstanceStatus` for the first that is not.
pub(super) fn check_state(
    cloud: &Cloud,
    instances: &[InstanceId],
    state: LifecycleState,
) -> Result<(), ApiError> {
    let mut instances = instances.iter().map(|id| &cloud.instances[id.index()]);
    let other = instances.find(|instance| instance.lifecycle != state);
    other.map_or(Ok(()), |other| Err(wrong_status(&other.id)))
}

/// Checks that the total capacity without so many instances is not below the minimum.
///
/// # Errors
/// `IncorrectCapacity.MinSize`.
pub(super) fn check_shrinking(cloud: &Cloud, group: GroupId, by: usize) -> Result<(), ApiError> {
    let group = &cloud.groups[group.index()];
    let left = u32::try_from(by)
        .ok()
        .and_then(|by| group.total().checked_sub(by));
    if left.is_none_or(|left| left < group.min_size) {
        let message =
            "To remove the instances, the total capacity will be lesser than the MinSize.";
        return Err(alibaba::error(MIN_SIZE, 400, message));
    }
    Ok(())
}

/// The page a request asks for of all that was found, under `key`.
pub(super) fn page<T: Copy>(
    fields: Fields<'_>,
    key: &str,
    found: &[T],
    show: impl Fn(T) -> Value,
) -> Map<String, Value> {
    sized_page(fields, key, found, 10, show)
}

/// The same, of a `standard` size.
pub(super) fn sized_page<T: Copy>(
    fields: Fields<'_>,
    key: &str,
    found: &[T],
    standard: usize,
    show: impl Fn(T) -> Value,
) -> Map<String, Value> {
    let number = |key, default| {
        let given = fields.integer(key);
        given
            .and_then(|given| usize::try_from(given).ok())
            .unwrap_or(default)
    };
    let (page, size) = (number("PageNumber", 1), number("PageSize", standard));
    let skipped = size.saturating_mul(page.saturating_sub(1));
    let shown = found.iter().skip(skipped).take(size);
    let shown: Vec<Value> = shown.map(|&one| show(one)).collect();
    let mut body = Map::new();
    body.insert("TotalCount".to_owned(), json!(found.len()));
    body.insert("PageNumber".to_owned(), json!(page));
    body.insert("PageSize".to_owned(), json!(size));
    body.insert(key.to_owned(), Value::Array(shown));
    body
}

/// A time as ESS tells it, to the minute.
pub(super) fn minutes(clock: Clock, at: SimTime) -> Option<String> {
    let seconds = clock.seconds(at);
    seconds.get(..16).map(|minutes| format!("{minutes}Z"))
}

/// The weights a request names, in whichever spelling: those of a repeated call must be the same.
///
/// # Errors
/// `InvalidParameter`.
pub(super) fn weights(fields: Fields<'_>) -> Result<BTreeMap<usize, i64>, ApiError> {
    let listed = fields.items("LoadBalancerWeights").iter();
    let listed = listed.filter_map(integer);
    let mut weights: BTreeMap<usize, i64> = (1..).zip(listed).collect();
    for (key, value) in fields.entries() {
        let Some(place) = key
            .strip_prefix("LoadBalancerWeight.")
            .filter(|_| !value.is_null())
        else {
            continue;
        };
        let place = place.parse().map_err(|_| alibaba::invalid(key))?;
        let weight = integer(value).filter(|weight| (1..=100).contains(weight));
        weights.insert(place, weight.ok_or_else(|| alibaba::invalid(key))?);
    }
    Ok(weights)
}

/// A running instance of no group that a scaling group may take in. Source: R-ESS-11.
///
/// # Errors
/// `InvalidInstanceId.NotFound`, `InvalidInstanceId.InUse` and `IncorrectInstanceStatus`.
pub(super) fn attachable(cloud: &Cloud, id: &str) -> Result<InstanceId, ApiError> {
    let found = cloud.instance_named(id).filter(|_| id.starts_with("i-"));
    let found = found.ok_or_else(|| instance_not_found(id))?;
    let instance = &cloud.instances[found.index()];
    match instance.group.map(|id| cloud.groups[id.index()].provider) {
        Some(Provider::Aws) => Err(instance_not_found(id)),
        Some(Provider::Alibaba) => {
            let message =
                format!("Instance \"{id}\" is already attached to another scaling group.");
            Err(alibaba::error(IN_USE, 400, message))
        }
        None if instance.state != MachineState::Running => Err(wrong_status(id)),
        None => Ok(found),
    }
}

/// Checks that the total capacity with so many more instances is not above the maximum, for which
/// each operation has its own `words`.
///
/// # Errors
/// `IncorrectCapacity.MaxSize`.
pub(super) fn check_growing(
    cloud: &Cloud,
    group: GroupId,
    by: usize,
    words: &str,
) -> Result<(), ApiError> {
    let group = &cloud.groups[group.index()];
    let room = group.max_size.saturating_sub(group.total());
    if u32::try_from(by).is_ok_and(|by| by <= room) {
        return Ok(());
    }
    let message =
        format!("To attach the instances, the total capacity will be greater than the {words}.");
    Err(alibaba::error(MAX_SIZE, 400, message))
}
