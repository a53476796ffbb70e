//! `elasticloadbalancing:DeregisterTargets`.

use serde_json::{Value, json};

use super::fleet::{ADDRESSES, Fleet, SERVERS, Site, WEB};
use drainsim::model::settings::TargetType;

const DEREGISTER: &str = "elasticloadbalancing:DeregisterTargets";
const DRAINING: &str = "draining Target.DeregistrationInProgress";
const UNUSED: &str = "unused Target.NotRegistered";

fn params(targets: Value) -> Value {
    json!({"TargetGroupArn": WEB, "Targets": targets})
}

/// `i-0f76fade` on the default port and on 8080, `i-2` on 8080 alone.
fn site() -> Site {
    let mut fleet = Fleet::aws()
        .machine("i-0f76fade")
        .registered(80)
        .registered(8080);
    fleet = fleet.machine("i-2").registered(8080);
    fleet.site()
}

/// The example of the page `deregister_targets`; moto shows `unused` at once, and its
/// draining has no end; also that two ports are two targets.
#[test]
fn a_target_drains_for_the_deregistration_delay() {
    let mut site = site();
    assert_eq!(
        site.accepted(DEREGISTER, params(json!([{"Id": "i-0f76fade"}]))),
        json!({})
    );
    assert_eq!(site.health(WEB, "i-0f76fade", 80), DRAINING);
    assert_eq!(site.health(WEB, "i-0f76fade", 8080), "healthy");
    site.run_to(29);
    assert_eq!(site.health(WEB, "i-0f76fade", 80), DRAINING, "quiet or not");
    site.run_to(30);
    assert_eq!(site.health(WEB, "i-0f76fade", 80), UNUSED);
}

/// Trap 9: moto raises `InvalidTarget`; the page says it succeeds.
#[test]
fn a_target_that_is_not_registered_is_passed_over() {
    let mut site = site();
    let targets = json!([{"Id": "i-404"}, {"Id": "i-2", "Port": 80}, {"Id": "10.1.1.1"}]);
    assert_eq!(site.accepted(DEREGISTER, params(targets)), json!({}));
    assert!(site.cloud().drains.is_empty());
}

/// Moto removes a target whatever the port; one registered with a port override is named
/// with it.
#[test]
fn id_and_port_must_both_match() {
    let mut site = site();
    site.accepted(DEREGISTER, params(json!([{"Id": "i-2"}])));
    assert_eq!(site.health(WEB, "i-2", 8080), "healthy");
    site.accepted(DEREGISTER, params(json!([{"Id": "i-2", "Port": 8080}])));
    assert_eq!(site.health(WEB, "i-2", 8080), DRAINING);
    assert_eq!(site.health(WEB, "i-0f76fade", 8080), "healthy");
}

#[test]
fn a_second_call_does_not_start_the_delay_anew() {
    let mut site = site();
    let target = params(json!([{"Id": "i-0f76fade"}, {"Id": "i-0f76fade", "Port": 80}]));
    site.accepted(DEREGISTER, target.clone());
    site.run_to(20);
    site.accepted(DEREGISTER, target);
    assert_eq!(site.cloud().drains.len(), 1);
    site.run_to(31);
    assert_eq!(site.health(WEB, "i-0f76fade", 80), UNUSED);
}

/// Trap 9: errors are not symmetrical; an unknown target group is one.
#[test]
fn an_unknown_target_group_is_refused() {
    let not_found = (
        "TargetGroupNotFound",
        400,
        "One or more target groups not found",
    );
    let params = |arn: &str| json!({"TargetGroupArn": arn, "Targets": [{"Id": "i-2"}]});
    for make in [site, || Fleet::alibaba().site()] {
        let mut site = make();
        site.refused(DEREGISTER, params(&format!("{WEB}0")), not_found);
        let balancer = "arn:aws:elasticloadbalancing:us-west-2:1:loadbalancer/web";
        for arn in ["web", SERVERS, balancer] {
            let message = format!("'{arn}' is not a valid target group ARN");
            site.invalid(DEREGISTER, params(arn), &message);
        }
    }
}

#[test]
fn the_shape_of_a_request_is_checked_first() {
    let mut site = site();
    site.invalid(
        DEREGISTER,
        params(json!([{"Id": "i-2", "Port": 0}, {"Port": 65536}])),
        "3 validation errors detected: Value '0' at 'targets.1.member.port' failed to satisfy \
         constraint: Member must have value greater than or equal to 1; Value null at \
         'targets.2.member.id' failed to satisfy constraint: Member must not be null; Value \
         '65536' at 'targets.2.member.port' failed to satisfy constraint: Member must have value \
         less than or equal to 65535",
    );
    site.invalid(
        DEREGISTER,
        params(json!([{"Id": "i-2", "AvailabilityZone": "all"}])),
        "An Availability Zone cannot be specified for target 'i-2' because the target type of the \
         target group is instance",
    );
    site.invalid(
        DEREGISTER,
        params(json!([{"Id": "i-2", "QuicServerId": "0x0123456789abcdef"}])),
        "A QUIC server ID cannot be specified for target 'i-2' because the protocol of the target \
         group is HTTP",
    );
}

#[test]
fn an_ip_target_may_be_named_with_a_zone() {
    let mut site = Fleet::aws()
        .target_group(ADDRESSES, TargetType::Ip)
        .machine("10.0.0.5")
        .registered(80)
        .site();
    let params = |zone| {
        json!({"TargetGroupArn": ADDRESSES,
            "Targets": [{"Id": "10.0.0.5", "AvailabilityZone": zone}]})
    };
    site.invalid(
        DEREGISTER,
        params("us-west-2z"),
        "The Availability Zone 'us-west-2z' specified for target '10.0.0.5' is not valid",
    );
    site.accepted(DEREGISTER, params("us-west-2a"));
    assert_eq!(site.health(ADDRESSES, "10.0.0.5", 80), DRAINING);
}

/// `elb` is the service of Classic Load Balancers and has no such operation: `families.rs`.
#[test]
fn either_service_name_is_understood() {
    for service in ["elbv2", "elasticloadbalancing"] {
        let name = format!("{service}:DeregisterTargets");
        site().accepted(&name, params(json!([{"Id": "i-0f76fade"}])));
    }
}
