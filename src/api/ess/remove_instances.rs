//! `ess:RemoveInstances`: instances leave a scaling group and its server groups and are released.
//!
//! Source: R-ESS-5.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::api::alibaba::{self, CLIENT_TOKEN, REGION_ID};
use crate::api::aws::distinct;
use crate::api::params::{Fields, defaulted, optional, required};
use crate::api::{ApiError, Call, Operation, Response};
use crate::describe::{Kind, Source};
use crate::model::cloud::Cloud;
use crate::model::ids::{GroupId, InstanceId};
use crate::model::lifecycle::LifecycleState;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-removeinstances",
);

const INSTANCE_NOT_FOUND: &str = "InvalidInstanceId.NotFound";
const MIN_SIZE: &str = "IncorrectCapacity.MinSize";

/// Most instances one call may name.
const LIMIT: usize = 20;

const IDS: Kind = Kind::List {
    of: &Kind::Text { min: 1, max: 64 },
    min: 1,
    max: LIMIT,
};

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:RemoveInstances",
    summary: "takes instances out of a scaling group and its server groups and releases them",
    params: &[
        REGION_ID,
        required(
            "ScalingGroupId",
            Kind::Text { min: 1, max: 128 },
            "id of the scaling group",
            API,
        ),
        optional(
            "InstanceIds",
            IDS,
            "ids of 1 to 20 instances; this or one of the other spellings",
            API,
        ),
        optional("InstanceId", IDS, "the same, as older SDKs name it", API),
        optional(
            "InstanceId.N",
            Kind::Text { min: 1, max: 64 },
            "id of the N-th instance",
            API,
        ),
        defaulted(
            "RemovePolicy",
            Kind::OneOf(&["release", "recycle"]),
            "release",
            "what becomes of the instances; no group of a scenario supports `recycle`",
            API,
        ),
        optional(
            "StopInstanceTimeout",
            Kind::Integer { min: 30, max: 240 },
            "time after which a machine is stopped by force [s]; accepted without effect, the \
             launch template says how long its process takes",
            API,
        ),
        CLIENT_TOKEN,
    ],
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        alibaba::GROUP_NOT_FOUND,
        alibaba::IN_PROGRESS,
        alibaba::PARAMETER_MISMATCH,
        INSTANCE_NOT_FOUND,
        MIN_SIZE,
    ],
    deviations: &[
        "groups with an expected number of instances are not modelled: removed instances are \
         never replaced and DecreaseDesiredCapacity is not a parameter",
        "IgnoreInvalidInstance is not a parameter: one wrong id refuses the call",
    ],
    source: API,
    apply,
};

#[derive(Debug)]
struct Request<'a> {
    group: &'a str,
    ids: Vec<&'a str>,
    recycle: bool,
}

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = alibaba::check(OPERATION.params, params)?;
    let request = Request {
        group: fields.given("ScalingGroupId"),
        ids: ids(fields)?,
        recycle: fields.text("RemovePolicy") == Some("recycle"),
    };
    let token = fields.text("ClientToken");
    let timeout = fields.integer("StopInstanceTimeout");
    let asked = (fields.text("RegionId"), timeout, &request);
    alibaba::once(call, OPERATION.name, token, &asked, |call| {
        act(call, &request)
    })
}

/// The ids a request names, each once, in whichever spelling.
fn ids(fields: Fields<'_>) -> Result<Vec<&str>, ApiError> {
    let mut flat: BTreeMap<u32, &str> = BTreeMap::new();
    for (key, value) in fields.entries() {
        let place = key
            .strip_prefix("InstanceId.")
            .or(key.strip_prefix("InstanceIds."));
        if let (Some(place), Some(id)) = (place, value.as_str()) {
            let place = place.parse().map_err(|_| alibaba::invalid(key))?;
            flat.insert(place, id);
        }
    }
    let mut all = fields.texts("InstanceIds");
    all.extend(fields.texts("InstanceId"));
    all.extend(flat.into_values());
    match all.len() {
        0 => Err(alibaba::missing("InstanceId")),
        1..=LIMIT => Ok(distinct(&all)),
        _ => Err(alibaba::invalid("InstanceId")),
    }
}

fn act(call: &mut Call<'_, '_>, request: &Request<'_>) -> Result<Map<String, Value>, ApiError> {
    let group = alibaba::group(call.cloud, request.group)?;
    alibaba::idle(call.cloud, group)?;
    let instances = members(call.cloud, group, &request.ids)?;
    if request.recycle {
        let message = "The specified group does not support the specified RemovePolicy.";
        return Err(alibaba::error(alibaba::INVALID_PARAMETER, 400, message));
    }
    let entry = &call.cloud.groups[group.index()];
    let left = u32::try_from(instances.len())
        .ok()
        .and_then(|count| entry.actual().checked_sub(count));
    if left.is_none_or(|left| left < entry.min_size) {
        let message =
            "To remove the instances, the total capacity will be lesser than the MinSize.";
        return Err(alibaba::error(MIN_SIZE, 400, message));
    }
    let activity = call.cloud.ess_remove_instances(call.cx, group, &instances);
    let id = call.cloud.activities[activity.index()].2.id.clone();
    let mut body = Map::new();
    body.insert("ScalingActivityId".to_owned(), Value::String(id));
    Ok(body)
}

fn members(cloud: &Cloud, group: GroupId, ids: &[&str]) -> Result<Vec<InstanceId>, ApiError> {
    let is_member = |id: &InstanceId| {
        let instance = &cloud.instances[id.index()];
        instance.group == Some(group) && instance.lifecycle == LifecycleState::InService
    };
    ids.iter()
        .map(|id| {
            cloud.instance_named(id).filter(is_member).ok_or_else(|| {
                let message = format!("Instance \"{id}\" does not exist.");
                alibaba::error(INSTANCE_NOT_FOUND, 404, message)
            })
        })
        .collect()
}
