//! `autoscaling:DescribeAutoScalingGroups`: sizes, members and traffic sources of groups.
//!
//! Source: R-ASG-1.

use serde_json::{Value, json};

use crate::api::params::{defaulted, optional};
use crate::api::{ApiError, Call, Operation, Response, aws, json};
use crate::describe::{Kind, Source};
use crate::engine::time::NANOS_PER_SECOND;
use crate::model::cloud::Cloud;
use crate::model::group::Group;
use crate::model::ids::InstanceId;
use crate::model::settings::Provider;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingGroups.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:DescribeAutoScalingGroups",
    summary: "lists groups with their sizes, instances and traffic sources",
    params: &[
        optional(
            "AutoScalingGroupNames",
            Kind::List {
                of: &aws::GROUP_NAME,
                min: 0,
                max: usize::MAX,
            },
            "only these groups; a name of none is left out of the answer",
            API,
        ),
        optional(
            "NextToken",
            aws::NEXT_TOKEN,
            "token of the page, from the answer before",
            API,
        ),
        defaulted(
            "MaxRecords",
            Kind::Integer { min: 1, max: 100 },
            "50",
            "most groups in one answer",
            API,
        ),
    ],
    errors: &[aws::VALIDATION_ERROR, aws::INVALID_NEXT_TOKEN],
    deviations: &[
        "only what drainsim knows of a group is answered; HealthStatus is Unhealthy once the \
         machine no longer runs",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let names = fields.texts("AutoScalingGroupNames");
    let wanted = |group: &&Group| {
        group.provider == Provider::Aws
            && (names.is_empty() || names.contains(&group.name.as_str()))
    };
    let all: Vec<&Group> = call.cloud.groups.iter().filter(wanted).collect();
    let (page, token) = aws::page(fields, 50, all)?;
    let page = page.into_iter().map(|group| shape(call.cloud, group));
    Ok(json::paged("AutoScalingGroups", page.collect(), token))
}

fn shape(cloud: &Cloud, group: &Group) -> Value {
    let zones: Vec<&String> = group
        .zones
        .iter()
        .map(|zone| &cloud.zones[zone.index()])
        .collect();
    let sources = json::traffic_sources(cloud, group);
    let arns: Vec<&Value> = sources.iter().map(|source| &source["Identifier"]).collect();
    let template = &cloud.launch_templates[group.launch_template.index()].name;
    let members = group.members.iter();
    let instances: Vec<Value> = members.map(|&id| member(cloud, id)).collect();
    json!({
        "AutoScalingGroupName": group.name,
        "LaunchTemplate": { "LaunchTemplateName": template },
        "MinSize": group.min_size,
        "MaxSize": group.max_size,
        "DesiredCapacity": group.counts.desired,
        "AvailabilityZones": zones,
        "LoadBalancerNames": [],
        "TargetGroupARNs": arns,
        "HealthCheckType": if group.elb_health_check { "EC2,ELB" } else { "EC2" },
        "HealthCheckGracePeriod":
            group.health_check_grace_period.as_nanos() / NANOS_PER_SECOND,
        "Instances": instances,
        "TrafficSources": sources,
    })
}

fn member(cloud: &Cloud, id: InstanceId) -> Value {
    let instance = &cloud.instances[id.index()];
    let template = &cloud.launch_templates[instance.launch_template.index()].name;
    let healthy = !instance.state.is_unhealthy();
    json!({
        "InstanceId": instance.id,
        "AvailabilityZone": cloud.zones[instance.zone.index()],
        "LifecycleState": instance.lifecycle.name(),
        "HealthStatus": if healthy { "Healthy" } else { "Unhealthy" },
        "LaunchTemplate": { "LaunchTemplateName": template },
        "ProtectedFromScaleIn": false,
    })
}
