//! `autoscaling:CreateAutoScalingGroup`: a group that launches its instances at once.
//!
//! Source: R-ASG-18, R-ASG-19.

use serde_json::{Value, json};

use crate::api::group_request::{self, HealthChecks};
use crate::api::params::{Fields, optional, required, with_shared};
use crate::api::traffic_source::{self, SourceType};
use crate::api::{ApiError, Call, Operation, Response, aws, group_params, hooks, tag};
use crate::describe::{Kind, Param, Source};
use crate::model::cloud::Cloud;
use crate::model::ids::{LaunchTemplateId, TargetGroupId, ZoneId};
use crate::model::settings::{GroupRules, GroupSettings, GroupSourceSettings, Provider};
use crate::model::source::AttachedVia;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html",
);

const OPERATOR: &[Param] = &[required(
    "Principal",
    aws::xml(1, 128),
    "service that manages the group",
    API,
)];

const OWN: [Param; 10] = [
    required(
        "AutoScalingGroupName",
        aws::GROUP_NAME,
        "name of the group, which no other has",
        API,
    ),
    required("MinSize", aws::INTEGER, "smallest size", API),
    required("MaxSize", aws::INTEGER, "largest size", API),
    optional(
        "InstanceId",
        aws::INSTANCE_ID,
        "an instance whose launch template and zone the group takes",
        API,
    ),
    optional(
        "TargetGroupARNs",
        Kind::List {
            of: &aws::xml(1, 511),
            min: 0,
            max: SourceType::TargetGroup.quota(),
        },
        "target groups its instances join",
        API,
    ),
    optional(
        "LoadBalancerNames",
        Kind::List {
            of: &aws::xml(1, 255),
            min: 0,
            max: SourceType::Classic.quota(),
        },
        "Classic Load Balancers its instances join",
        API,
    ),
    optional(
        "TrafficSources",
        traffic_source::LIST,
        "traffic sources its instances join",
        API,
    ),
    optional(
        "LifecycleHookSpecificationList",
        Kind::List {
            of: &Kind::Struct(hooks::SPECIFICATION),
            min: 0,
            max: usize::MAX,
        },
        "lifecycle hooks, which the first instances wait for as well",
        API,
    ),
    optional(
        "Tags",
        Kind::List {
            of: &Kind::Struct(tag::TAG),
            min: 0,
            max: usize::MAX,
        },
        "tags of the group; no operation here changes them",
        API,
    ),
    optional(
        "Operator",
        Kind::Struct(OPERATOR),
        "accepted without effect: permissions are not checked",
        API,
    ),
];

const PARAMS: [Param; OWN.len() + group_params::SHARED.len()] =
    with_shared(OWN, group_params::SHARED);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:CreateAutoScalingGroup",
    summary: "creates a group, which launches its instances and registers them with its sources",
    params: &PARAMS,
    errors: &[
        aws::VALIDATION_ERROR,
        aws::ALREADY_EXISTS,
        aws::LIMIT_EXCEEDED,
        aws::RESOURCE_CONTENTION,
    ],
    deviations: &[
        "launch configurations and mixed instances do not exist here and are refused with \
         ValidationError: LaunchTemplate or InstanceId says what is launched",
        "placement groups, capacity reservations and zonal shift are accepted without effect",
        "of two tags with one key the later counts (assumed); instances have no tags",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let cloud = &*call.cloud;
    let name = fields.given("AutoScalingGroupName");
    if cloud.group_named(Provider::Aws, name).is_some() {
        return Err(aws::error(
            aws::ALREADY_EXISTS,
            format!(
                "AutoScalingGroup by this name already exists - A group with the name {name} \
                 already exists"
            ),
        ));
    }
    group_request::check_launched(fields)?;
    let sizes = group_request::sizes(fields, None)?;
    let (launch_template, zones) = place(cloud, fields)?;
    let checks = group_request::health_checks(fields)?.unwrap_or(HealthChecks {
        text: "EC2".to_owned(),
        elb: false,
        lattice: false,
    });
    let rules = GroupRules {
        lattice_health_check: checks.lattice,
        health_check_type: checks.text,
        tags: tag::given(fields, name)?,
        ..group_request::rules(fields, GroupRules::default())?
    };
    let grace = group_request::seconds(fields, "HealthCheckGracePeriod")?;
    let sources = sources(cloud, fields)?;
    let hooks = hooks::specified(fields)?;
    aws::meet_contention(call)?;
    let settings = GroupSettings {
        name: name.to_owned(),
        provider: Provider::Aws,
        identifier: name.to_owned(),
        min_size: sizes.min,
        max_size: sizes.max,
        desired_capacity: sizes.desired,
        zones,
        launch_template,
        sources,
        elb_health_check: checks.elb,
        health_check_grace_period: grace.unwrap_or_default(),
        rules,
        hooks,
        instance_ids: Vec::new(),
    };
    call.cloud.create_group(call.cx, settings);
    Ok(json!({}))
}

/// What is launched and where.
fn place(cloud: &Cloud, fields: Fields<'_>) -> Result<(LaunchTemplateId, Vec<ZoneId>), ApiError> {
    let template = group_request::launch_template(cloud, fields)?;
    let model = fields
        .text("InstanceId")
        .map(|id| {
            aws::instance(cloud, id).ok_or_else(|| {
                aws::validation_error(format!(
                    "Invalid Instance ID(s): [{id}]. Please ensure they exist and try again."
                ))
            })
        })
        .transpose()?;
    let model = model.map(|id| &cloud.instances[id.index()]);
    let template = match (template, model) {
        (Some(template), None) => template,
        (None, Some(model)) => model.launch_template,
        (None, None) | (Some(_), Some(_)) => {
            return Err(aws::validation_error(
                "Valid requests must contain either LaunchTemplate, LaunchConfigurationName, \
                 InstanceId or MixedInstancesPolicy parameter.",
            ));
        }
    };
    let zones = group_request::zones(cloud, fields)?.or(model.map(|model| vec![model.zone]));
    let zones = zones.ok_or_else(|| {
        aws::validation_error("At least one Availability Zone or VPC Subnet is required.")
    })?;
    Ok((template, zones))
}

/// The sources a request names, each once. Source: R-SOURCE-2.
fn sources(cloud: &Cloud, fields: Fields<'_>) -> Result<Vec<GroupSourceSettings>, ApiError> {
    let arns = fields.texts("TargetGroupARNs").into_iter();
    let names = fields.texts("LoadBalancerNames").into_iter();
    let older = arns
        .map(|arn| (arn, SourceType::TargetGroup))
        .chain(names.map(|name| (name, SourceType::Classic)))
        .map(|named| (named, AttachedVia::LoadBalancers));
    let newer = traffic_source::typed(fields)?.into_iter();
    let newer = newer.map(|named| (named, AttachedVia::TrafficSources));
    let mut found: Vec<GroupSourceSettings> = Vec::new();
    for (named, attached_via) in older.chain(newer) {
        let target_group = traffic_source::attachable(cloud, named)?;
        if found
            .iter()
            .all(|source| source.target_group != target_group)
        {
            found.push(GroupSourceSettings {
                target_group,
                port: cloud.target_groups[target_group.index()].port,
                weight: 100,
                attached_via,
            });
        }
    }
    let all: Vec<TargetGroupId> = found.iter().map(|source| source.target_group).collect();
    traffic_source::check_quotas(cloud, &[], &all)?;
    Ok(found)
}
