//! `elb:DescribeLoadBalancers`: Classic Load Balancers with their instances and health checks.
//!
//! Source: R-CLB-6.

use serde_json::{Value, json};

use crate::api::aws::{self, TEXT};
use crate::api::classic::Balancer;
use crate::api::params::{defaulted, optional};
use crate::api::target_group::{self, BALANCER_NOT_FOUND};
use crate::api::{ApiError, Call, Operation, Response};
use crate::describe::{Kind, Source};
use crate::engine::time::{NANOS_PER_SECOND, SimDuration};
use crate::model::cloud::Cloud;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_DescribeLoadBalancers.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "elb:DescribeLoadBalancers",
    summary: "tells of Classic Load Balancers: zones, instances, health checks",
    params: &[
        optional(
            "LoadBalancerNames",
            Kind::List {
                of: &TEXT,
                min: 0,
                max: usize::MAX,
            },
            "only these",
            API,
        ),
        optional("Marker", TEXT, "the page to begin with", API),
        defaulted(
            "PageSize",
            Kind::Integer { min: 1, max: 400 },
            "400",
            "load balancers of a page",
            API,
        ),
    ],
    errors: &[aws::VALIDATION_ERROR, BALANCER_NOT_FOUND],
    deviations: &[
        "names of hosts, listeners, policies and security groups are not simulated and left out",
        "a marker that is none of ours is answered with ValidationError (assumed)",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let cloud = &*call.cloud;
    let names = aws::distinct(&fields.texts("LoadBalancerNames"));
    let wanted: Vec<Balancer> = if names.is_empty() {
        Balancer::all(cloud).collect()
    } else {
        let named = names.iter().map(|name| Balancer::named(cloud, name));
        named.collect::<Result<_, ApiError>>()?
    };
    let (page, marker) = target_group::page(fields, wanted)?;
    let shapes = page.into_iter().map(|balancer| shape(cloud, balancer));
    Ok(target_group::paged(
        "LoadBalancerDescriptions",
        shapes.collect(),
        marker,
    ))
}

fn shape(cloud: &Cloud, balancer: Balancer) -> Value {
    let settings = &cloud.load_balancers[balancer.index];
    let zones: Vec<&String> = settings
        .zones
        .iter()
        .map(|zone| &cloud.zones[zone.index()])
        .collect();
    let subnets: Vec<String> = zones.iter().map(|zone| format!("subnet-{zone}")).collect();
    let group = &cloud.target_groups[balancer.instances.index()];
    let check = group.health_check;
    let seconds = |span: SimDuration| span.as_nanos() / NANOS_PER_SECOND;
    json!({
        "LoadBalancerName": settings.name,
        "AvailabilityZones": zones,
        "Subnets": subnets,
        "Instances": balancer.registered(cloud),
        "HealthCheck": {
            "Target": format!("{}:{}/", group.protocol, group.port),
            "Interval": seconds(check.interval),
            "Timeout": seconds(check.timeout),
            "HealthyThreshold": check.healthy_threshold,
            "UnhealthyThreshold": check.unhealthy_threshold,
        },
        "Scheme": "internet-facing",
    })
}
