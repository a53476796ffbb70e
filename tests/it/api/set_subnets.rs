//! `elasticloadbalancing:SetSubnets`.

use serde_json::{Value, json};

use super::fleet::{FRONT, Fleet, Site, WEB};

const SET: &str = "elasticloadbalancing:SetSubnets";

/// Three zones, of which the load balancer has the first two; a machine in the first.
fn site() -> Site {
    let mut fleet = Fleet::aws().machine("i-1").registered(80);
    fleet.0.zones.push("us-west-2c".to_owned());
    fleet.site()
}

fn subnets(zones: &[&str]) -> Value {
    let ids: Vec<String> = zones
        .iter()
        .map(|zone| format!("subnet-us-west-2{zone}"))
        .collect();
    json!({"LoadBalancerArn": FRONT, "Subnets": ids})
}

/// R-ZONE-1, R-ZONE-2
#[test]
fn zones_are_those_of_the_subnets() {
    let mut site = site();
    let answer = site.accepted(SET, subnets(&["b", "c", "c"]));
    assert_eq!(
        answer,
        json!({"IpAddressType": "ipv4", "AvailabilityZones": [
            {"ZoneName": "us-west-2b", "SubnetId": "subnet-us-west-2b", "LoadBalancerAddresses": []},
            {"ZoneName": "us-west-2c", "SubnetId": "subnet-us-west-2c", "LoadBalancerAddresses": []},
        ]})
    );
    assert_eq!(site.health(WEB, "i-1", 80), "unused Target.NotInUse");
    let told = site.accepted(
        "elasticloadbalancing:DescribeTargetHealth",
        json!({"TargetGroupArn": WEB}),
    );
    assert_eq!(
        told["TargetHealthDescriptions"][0]["TargetHealth"]["Description"],
        "Target is in an Availability Zone that is not enabled for the load balancer"
    );
    site.run_to(30);
    let mappings = json!([{"SubnetId": "subnet-us-west-2a"}, {"SubnetId": "subnet-us-west-2b"}]);
    site.accepted(
        SET,
        json!({"LoadBalancerArn": FRONT, "SubnetMappings": mappings}),
    );
    let registering = "initial Elb.RegistrationInProgress";
    assert_eq!(site.health(WEB, "i-1", 80), registering);
    site.run_to(60);
    assert_eq!(site.health(WEB, "i-1", 80), "healthy");
}

#[test]
fn what_are_no_two_zones_is_refused() {
    let mut site = site();
    let two = "At least two subnets in two different Availability Zones must be specified";
    for few in [&["a"][..], &["a", "a"]] {
        site.invalid(SET, subnets(few), two);
    }
    let either = "Either subnets or subnet mappings must be specified";
    site.invalid(SET, json!({"LoadBalancerArn": FRONT}), either);
    let mut both = subnets(&["a", "b"]);
    both["SubnetMappings"] = json!([{"SubnetId": "subnet-us-west-2a"}]);
    site.invalid(SET, both, either);
    site.refused(
        SET,
        subnets(&["a", "d"]),
        (
            "SubnetNotFound",
            400,
            "The subnet ID 'subnet-us-west-2d' does not exist",
        ),
    );
    let mut other = subnets(&["a", "b"]);
    other["LoadBalancerArn"] = json!(WEB);
    site.refused(
        SET,
        other,
        (
            "LoadBalancerNotFound",
            400,
            "One or more load balancers not found",
        ),
    );
}
