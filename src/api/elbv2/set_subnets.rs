//! `elasticloadbalancing:SetSubnets`: the zones in which a load balancer has nodes.
//!
//! Source: R-ZONE-1 to R-ZONE-3.

use serde_json::{Value, json};

use crate::api::aws::{self, TEXT};
use crate::api::params::{Fields, optional, required};
use crate::api::target_group::{self, BALANCER_NOT_FOUND};
use crate::api::{ApiError, Call, Operation, Response};
use crate::describe::{Kind, Param, Source};
use crate::model::cloud::Cloud;
use crate::model::ids::ZoneId;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_SetSubnets.html",
);

const SUBNET_NOT_FOUND: &str = "SubnetNotFound";

/// Before the name of its zone in the id of a subnet.
const SUBNET: &str = "subnet-";

const MAPPING: &[Param] = &[
    optional("SubnetId", TEXT, "id of the subnet", API),
    optional(
        "AllocationId",
        TEXT,
        "Elastic IP address; without effect",
        API,
    ),
    optional("PrivateIPv4Address", TEXT, "address; without effect", API),
    optional("IPv6Address", TEXT, "address; without effect", API),
    optional("SourceNatIpv6Prefix", TEXT, "prefix; without effect", API),
];

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "elasticloadbalancing:SetSubnets",
    summary: "enables exactly the zones of these subnets for a load balancer",
    params: &[
        required("LoadBalancerArn", TEXT, "ARN of the load balancer", API),
        optional(
            "Subnets",
            Kind::List {
                of: &TEXT,
                min: 0,
                max: usize::MAX,
            },
            "ids of subnets in two zones at least; either these or mappings",
            API,
        ),
        optional(
            "SubnetMappings",
            Kind::List {
                of: &Kind::Struct(MAPPING),
                min: 0,
                max: usize::MAX,
            },
            "the subnets with their addresses",
            API,
        ),
        optional(
            "IpAddressType",
            Kind::OneOf(&["ipv4", "dualstack", "dualstack-without-public-ipv4"]),
            "kind of addresses; without effect",
            API,
        ),
        optional(
            "EnablePrefixForIpv6SourceNat",
            Kind::OneOf(&["on", "off"]),
            "whether to use a prefix; without effect",
            API,
        ),
    ],
    errors: &[aws::VALIDATION_ERROR, BALANCER_NOT_FOUND, SUBNET_NOT_FOUND],
    deviations: &[
        "each zone of the scenario has one subnet: `subnet-` and the name of the zone",
        "when clients find a new node and leave one that was taken away is the setting \
         propagation.lb_node; what such a node carries follows lb.removed_node",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let balancer = target_group::balancer(call.cloud, fields.given("LoadBalancerArn"))?;
    let zones = zones(call.cloud, &subnets(fields)?)?;
    call.cloud.set_zones(call.cx, balancer, &zones);
    let described: Vec<Value> = zones
        .iter()
        .map(|zone| {
            let name = &call.cloud.zones[zone.index()];
            let subnet = format!("{SUBNET}{name}");
            json!({ "ZoneName": name, "SubnetId": subnet, "LoadBalancerAddresses": [] })
        })
        .collect();
    let addresses = fields.text("IpAddressType").unwrap_or("ipv4");
    Ok(json!({ "AvailabilityZones": described, "IpAddressType": addresses }))
}

fn subnets(fields: Fields<'_>) -> Result<Vec<&str>, ApiError> {
    let plain = fields.texts("Subnets");
    let mapped = fields.items("SubnetMappings").iter();
    let mapped: Vec<&str> = mapped
        .map(|mapping| Fields::of(mapping).given("SubnetId"))
        .collect();
    match (plain.is_empty(), mapped.is_empty()) {
        (false, true) => Ok(plain),
        (true, false) => Ok(mapped),
        (true, true) | (false, false) => Err(aws::validation_error(
            "Either subnets or subnet mappings must be specified",
        )),
    }
}

fn zones(cloud: &Cloud, subnets: &[&str]) -> Result<Vec<ZoneId>, ApiError> {
    let mut zones = Vec::new();
    for subnet in aws::distinct(subnets) {
        let place = subnet
            .strip_prefix(SUBNET)
            .and_then(|zone| cloud.zones.iter().position(|name| name == zone));
        let Some(place) = place else {
            let message = format!("The subnet ID '{subnet}' does not exist");
            return Err(aws::error(SUBNET_NOT_FOUND, message));
        };
        zones.push(ZoneId::from_index(place));
    }
    if zones.len() < 2 {
        return Err(aws::validation_error(
            "At least two subnets in two different Availability Zones must be specified",
        ));
    }
    Ok(zones)
}
