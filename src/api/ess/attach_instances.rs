//! `ess:AttachInstances`: running instances join a scaling group and its server groups.
//!
//! Source: R-ESS-11.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::api::alibaba::{self, CLIENT_TOKEN, REGION_ID};
use crate::api::params::{Fields, defaulted, integer, optional};
use crate::api::{ApiError, Call, Operation, Response, scaling_group};
use crate::describe::{Kind, Source};
use crate::model::cloud::Cloud;
use crate::model::ids::{GroupId, InstanceId};
use crate::model::machine::MachineState;
use crate::model::settings::Provider;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-attachinstances",
);

const IN_USE: &str = "InvalidInstanceId.InUse";
const MAX_SIZE: &str = "IncorrectCapacity.MaxSize";

const WEIGHT: Kind = Kind::Integer { min: 1, max: 100 };

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:AttachInstances",
    summary: "takes running instances into a scaling group and its server groups",
    params: &[
        REGION_ID,
        scaling_group::ID,
        scaling_group::INSTANCE_IDS,
        scaling_group::INSTANCE_ID,
        scaling_group::INSTANCE_ID_N,
        optional(
            "LoadBalancerWeights",
            Kind::List {
                of: &WEIGHT,
                min: 1,
                max: 20,
            },
            "weights of the instances behind classic balancers; accepted without effect, there \
             are none",
            API,
        ),
        optional(
            "LoadBalancerWeight.N",
            WEIGHT,
            "weight of the N-th instance, as older SDKs send it",
            API,
        ),
        defaulted(
            "Entrusted",
            Kind::Boolean,
            "false",
            "whether the group releases the instances when they are removed from it",
            API,
        ),
        defaulted(
            "LifecycleHook",
            Kind::Boolean,
            "false",
            "whether lifecycle hooks run; accepted without effect, no group of a scenario has one",
            API,
        ),
        scaling_group::IGNORE_INVALID,
        CLIENT_TOKEN,
    ],
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        alibaba::GROUP_NOT_FOUND,
        alibaba::IN_PROGRESS,
        alibaba::PARAMETER_MISMATCH,
        scaling_group::INSTANCE_NOT_FOUND,
        scaling_group::INSTANCE_STATUS,
        IN_USE,
        MAX_SIZE,
    ],
    deviations: &[
        "every machine of a scenario is of the same account, region, network and type",
        "IgnoreInvalidInstance does not help a call all of whose instances are invalid (assumed)",
    ],
    source: API,
    apply,
};

#[derive(Debug)]
struct Request<'a> {
    group: &'a str,
    ids: Vec<&'a str>,
    entrusted: bool,
    ignore: bool,
}

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = alibaba::check(OPERATION.params, params)?;
    let request = Request {
        group: fields.given("ScalingGroupId"),
        ids: scaling_group::ids(fields)?,
        entrusted: fields.flag("Entrusted"),
        ignore: fields.flag("IgnoreInvalidInstance"),
    };
    let token = fields.text("ClientToken");
    let hook = fields.flag("LifecycleHook");
    let asked = (fields.text("RegionId"), hook, weights(fields)?, &request);
    alibaba::once(call, OPERATION.name, token, &asked, |call| {
        act(call, &request)
    })
}

/// The weights a request names, in whichever spelling: those of a repeated call must be the same.
fn weights(fields: Fields<'_>) -> Result<BTreeMap<usize, i64>, ApiError> {
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

fn act(call: &mut Call<'_, '_>, request: &Request<'_>) -> Result<Map<String, Value>, ApiError> {
    let group = alibaba::group(call.cloud, request.group)?;
    alibaba::idle(call.cloud, group)?;
    let found = scaling_group::found(&request.ids, request.ignore, |id| {
        attachable(call.cloud, id)
    })?;
    check_growing(call.cloud, group, found.instances.len())?;
    let activity = call.cloud.ess_attach_instances(
        call.cx,
        group,
        &found.instances,
        request.entrusted,
        found.warning,
    );
    Ok(alibaba::activity(call.cloud, activity))
}

fn attachable(cloud: &Cloud, id: &str) -> Result<InstanceId, ApiError> {
    let found = cloud.instance_named(id).filter(|_| id.starts_with("i-"));
    let found = found.ok_or_else(|| scaling_group::instance_not_found(id))?;
    let instance = &cloud.instances[found.index()];
    match instance.group.map(|id| cloud.groups[id.index()].provider) {
        Some(Provider::Aws) => Err(scaling_group::instance_not_found(id)),
        Some(Provider::Alibaba) => {
            let message =
                format!("Instance \"{id}\" is already attached to another scaling group.");
            Err(alibaba::error(IN_USE, 400, message))
        }
        None if instance.state != MachineState::Running => Err(scaling_group::wrong_status(id)),
        None => Ok(found),
    }
}

fn check_growing(cloud: &Cloud, group: GroupId, by: usize) -> Result<(), ApiError> {
    let group = &cloud.groups[group.index()];
    let room = group.max_size.saturating_sub(group.total());
    if u32::try_from(by).is_ok_and(|by| by <= room) {
        return Ok(());
    }
    let message = "To attach the instances, the total capacity will be greater than the MaxSize.";
    Err(alibaba::error(MAX_SIZE, 400, message))
}
