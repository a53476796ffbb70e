//! `ess:CreateScalingGroup`: a scaling group without instances, which does nothing until it is
//! enabled.
//!
//! Source: R-ESS-12.

use serde_json::{Map, Value, json};

use crate::api::alibaba::{self, CLIENT_TOKEN, REGION_ID};
use crate::api::params::{Fields, defaulted, optional, required, with_shared};
use crate::api::{
    ApiError, Call, Operation, Response, ess_source, scaling_group, scaling_group_hooks,
    scaling_group_request,
};
use crate::describe::{Kind, Param, Source};
use crate::engine::time::SimDuration;
use crate::model::cloud::Cloud;
use crate::model::hook::Hook;
use crate::model::ids::{LaunchTemplateId, ZoneId};
use crate::model::machine::Instance;
use crate::model::settings::{GroupRules, GroupSettings, GroupSourceSettings, Provider};
use crate::model::source::AttachedVia;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-createscalinggroup",
);

const DUPLICATE: &str = "InvalidScalingGroupName.Duplicate";

const OWN: [Param; 22] = [
    REGION_ID,
    required("MinSize", scaling_group_request::SIZE, "smallest size", API),
    required("MaxSize", scaling_group_request::SIZE, "largest size", API),
    optional(
        "ScalingGroupName",
        scaling_group_request::NAME,
        "name of the group, which no other has; its id if left out",
        API,
    ),
    optional(
        "InstanceId",
        Kind::Text { min: 1, max: 64 },
        "an instance whose launch template and zone the group takes",
        API,
    ),
    optional(
        "VSwitchId",
        Kind::Text { min: 1, max: 128 },
        "one vSwitch, where VSwitchIds are not given",
        API,
    ),
    defaulted(
        "GroupType",
        Kind::OneOf(&["ECS"]),
        "ECS",
        "type of its instances; there are no others",
        API,
    ),
    ess_source::SERVER_GROUPS[0],
    ess_source::SERVER_GROUPS[1],
    ess_source::SERVER_GROUPS[2],
    ess_source::SERVER_GROUPS[3],
    ess_source::SERVER_GROUPS[4],
    ess_source::SERVER_GROUPS[5],
    ess_source::SERVER_GROUPS[6],
    ess_source::SERVER_GROUPS[7],
    ess_source::SERVER_GROUPS[8],
    ess_source::SERVER_GROUPS[9],
    scaling_group_request::LAUNCHED[0],
    scaling_group_request::LAUNCHED[1],
    scaling_group_request::LAUNCHED[2],
    optional(
        "LifecycleHooks",
        Kind::List {
            of: &Kind::Struct(scaling_group_hooks::SPECIFICATION),
            min: 1,
            max: 50,
        },
        "lifecycle hooks of the group, 10 at most",
        API,
    ),
    CLIENT_TOKEN,
];

const PARAMS: [Param; OWN.len() + scaling_group_request::SETTINGS.len()] =
    with_shared(OWN, &scaling_group_request::SETTINGS);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:CreateScalingGroup",
    summary: "creates a scaling group, which does nothing until it is enabled",
    params: &PARAMS,
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        alibaba::PARAMETER_MISMATCH,
        scaling_group_request::CONFLICT,
        scaling_group_request::NO_TEMPLATE,
        scaling_group_request::NO_SWITCH,
        scaling_group::INSTANCE_NOT_FOUND,
        scaling_group_hooks::DUPLICATE,
        scaling_group_hooks::QUOTA,
        DUPLICATE,
    ],
    deviations: &[
        "without vSwitches and an instance it is in every zone of the scenario (assumed)",
        "a name of a launch template stands for its id; scaling configurations cannot be created",
        "quotas are not checked, and an expected number of instances is not a parameter",
        "classic balancers, vServer groups, databases, spot instances and tags are not parameters",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = alibaba::check(OPERATION.params, params)?;
    let token = fields.text("ClientToken");
    let asked = alibaba::asked(fields);
    alibaba::once(call, OPERATION.name, token, &asked, |call| {
        act(call, fields)
    })
}

fn act(call: &mut Call<'_, '_>, fields: Fields<'_>) -> Result<Map<String, Value>, ApiError> {
    let cloud = &*call.cloud;
    let name = fields.text("ScalingGroupName");
    check_name(cloud, name)?;
    let (min_size, max_size) = scaling_group_request::sizes(fields, (0, 0))?;
    let (template, zones) = place(cloud, fields)?;
    let sources = sources(cloud, fields)?;
    let rules = scaling_group_request::rules(fields, GroupRules::default())?;
    check_hooks(fields)?;
    let hooks = hooks(call, fields);
    let identifier = call.cloud.identifiers.alibaba_group();
    let settings = GroupSettings {
        name: name.unwrap_or(&identifier).to_owned(),
        provider: Provider::Alibaba,
        identifier: identifier.clone(),
        min_size,
        max_size,
        desired_capacity: 0,
        zones,
        launch_template: template.unwrap_or(LaunchTemplateId::from_index(0)),
        sources,
        elb_health_check: false,
        health_check_grace_period: SimDuration::ZERO,
        rules,
        hooks,
        instance_ids: Vec::new(),
    };
    call.cloud
        .ess_create_group(call.cx, settings, template.is_none());
    Ok(Map::from_iter([(
        "ScalingGroupId".to_owned(),
        json!(identifier),
    )]))
}

fn check_name(cloud: &Cloud, name: Option<&str>) -> Result<(), ApiError> {
    let mut groups = cloud.groups.iter();
    let taken = groups.any(|group| {
        group.provider == Provider::Alibaba && !group.is_gone() && name == Some(&group.name)
    });
    if taken {
        let message = "The specified value of parameter \"ScalingGroupName\" is duplicated.";
        return Err(alibaba::error(DUPLICATE, 400, message));
    }
    Ok(())
}

/// What is launched, if it is said, and where.
fn place(
    cloud: &Cloud,
    fields: Fields<'_>,
) -> Result<(Option<LaunchTemplateId>, Vec<ZoneId>), ApiError> {
    let model = fields.text("InstanceId").map(|id| {
        let found = cloud.instance_named(id);
        let found = found.ok_or_else(|| scaling_group::instance_not_found(id))?;
        Ok(&cloud.instances[found.index()])
    });
    let model: Option<&Instance> = model.transpose()?;
    let template = scaling_group_request::launched(cloud, fields)?
        .or(model.map(|model| model.launch_template));
    let zones = scaling_group_request::zones(cloud, fields)?;
    let everywhere = || (0..cloud.zones.len()).map(ZoneId::from_index).collect();
    let zones = zones
        .or(model.map(|model| vec![model.zone]))
        .unwrap_or_else(everywhere);
    Ok((template, zones))
}

/// Checks the lifecycle hooks of a group that is created.
fn check_hooks(fields: Fields<'_>) -> Result<(), ApiError> {
    let mut hooks: Vec<Hook> = Vec::new();
    for (item, place) in fields.items("LifecycleHooks").iter().zip(1..) {
        let item = Fields::of(item);
        scaling_group_hooks::check_new(&hooks, item)?;
        // one without a name will be called as its id, which is nobody else's
        hooks.push(scaling_group_hooks::new(format!("#{place}"), item));
    }
    Ok(())
}

/// The lifecycle hooks of a group that is created.
fn hooks(call: &mut Call<'_, '_>, fields: Fields<'_>) -> Vec<Hook> {
    let items = fields.items("LifecycleHooks").iter();
    items
        .map(|item| {
            let id = call.cloud.identifiers.alibaba_hook();
            scaling_group_hooks::new(id, Fields::of(item))
        })
        .collect()
}

/// The server groups a request names, each once.
fn sources(cloud: &Cloud, fields: Fields<'_>) -> Result<Vec<GroupSourceSettings>, ApiError> {
    let new = ess_source::NAMING.given(cloud, fields)?.into_iter();
    let sources = new.map(|new| GroupSourceSettings {
        target_group: new.target_group,
        port: new.port,
        weight: new.weight,
        attached_via: AttachedVia::Unknown,
    });
    Ok(sources.collect())
}
