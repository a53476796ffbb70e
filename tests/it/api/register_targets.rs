//! `elasticloadbalancing:RegisterTargets`.

use serde_json::{Value, json};

use super::fleet::{ADDRESSES, API, Fleet, Site, WEB};
use drainsim::model::assumption::IpReregister;
use drainsim::model::settings::TargetType;

const REGISTER: &str = "elasticloadbalancing:RegisterTargets";
const DEREGISTER: &str = "elasticloadbalancing:DeregisterTargets";

fn params(targets: Value) -> Value {
    json!({"TargetGroupArn": WEB, "Targets": targets})
}

fn addresses(targets: Value) -> Value {
    json!({"TargetGroupArn": ADDRESSES, "Targets": targets})
}

fn site() -> Site {
    Fleet::aws()
        .machine("i-1")
        .registered(80)
        .machine("i-2")
        .machine("10.0.0.5")
        .site()
}

fn ip_fleet() -> Fleet {
    Fleet::aws()
        .target_group(ADDRESSES, TargetType::Ip)
        .attribute("deregistration_delay.timeout_seconds", "30")
        .machine("10.0.0.5")
        .registered(80)
        .machine("54.1.2.3")
        .machine("i-1")
}

/// For moto the second registration of an id replaces the first.
#[test]
fn the_same_id_on_two_ports_is_two_targets() {
    let mut site = site();
    let targets = json!([{"Id": "i-2"}, {"Id": "i-2", "Port": 8080}, {"Id": "i-2", "Port": 80}]);
    assert_eq!(site.accepted(REGISTER, params(targets)), json!({}));
    for port in [80, 8080] {
        assert_eq!(
            site.health(WEB, "i-2", port),
            "initial Elb.RegistrationInProgress"
        );
    }
    site.run_to(10);
    let answer = site.accepted(
        "elasticloadbalancing:DescribeTargetHealth",
        json!({"TargetGroupArn": WEB}),
    );
    let described = answer["TargetHealthDescriptions"].as_array().unwrap();
    assert_eq!(described.len(), 3);
    assert!(
        described
            .iter()
            .all(|one| one["TargetHealth"] == json!({"State": "healthy"}))
    );
}

#[test]
fn a_draining_target_comes_back() {
    let mut site = site();
    let target = params(json!([{"Id": "i-1"}]));
    site.accepted(DEREGISTER, target.clone());
    site.run_to(10);
    site.accepted(REGISTER, target.clone());
    assert!(site.health(WEB, "i-1", 80).starts_with("initial"));
    site.run_to(100);
    assert_eq!(site.health(WEB, "i-1", 80), "healthy");
    site.accepted(REGISTER, target);
    assert_eq!(site.health(WEB, "i-1", 80), "healthy", "it stays as it is");
}

/// moto's text for an instance that is not running; the whole list is refused.
#[test]
fn a_machine_that_does_not_run_cannot_be_registered() {
    let mut site = site();
    site.accepted("ec2:TerminateInstances", json!({"InstanceIds": ["i-1"]}));
    site.refused(
        REGISTER,
        params(json!([{"Id": "i-2"}, {"Id": "i-1", "Port": 8080}])),
        (
            "InvalidTarget",
            400,
            "The following targets are not in a running state and cannot be registered: 'i-1'",
        ),
    );
    assert_eq!(site.health(WEB, "i-2", 80), "unused Target.NotRegistered");
}

#[test]
fn unknown_targets_and_target_groups_are_refused() {
    let mut site = site();
    site.refused(
        REGISTER,
        params(json!([{"Id": "i-404"}])),
        (
            "InvalidTarget",
            400,
            "The specified target does not exist, is not in the same VPC as the target group, or \
             has an unsupported instance type.",
        ),
    );
    site.invalid(
        REGISTER,
        params(json!([{"Id": "10.0.0.5"}])),
        "Instance ID '10.0.0.5' is not valid",
    );
    site.refused(
        REGISTER,
        json!({"TargetGroupArn": format!("{WEB}0"), "Targets": [{"Id": "i-2"}]}),
        (
            "TargetGroupNotFound",
            400,
            "One or more target groups not found",
        ),
    );
    site.invalid(
        REGISTER,
        params(json!([{"Id": "i-2", "AvailabilityZone": "us-west-2a"}])),
        "An Availability Zone cannot be specified for target 'i-2' because the target type of the \
         target group is instance",
    );
}

#[test]
fn a_target_group_of_addresses_takes_private_ones_of_known_machines() {
    let mut site = ip_fleet().site();
    site.invalid(
        REGISTER,
        addresses(json!([{"Id": "i-1"}])),
        "The IP address 'i-1' is not valid",
    );
    site.invalid(
        REGISTER,
        addresses(json!([{"Id": "54.1.2.3"}])),
        "The IP address '54.1.2.3' is publicly routable; specify one of a subnet of the VPC, of \
         the RFC 1918 ranges or of 100.64.0.0/10",
    );
    site.refused(
        REGISTER,
        addresses(json!([{"Id": "10.9.9.9"}])),
        (
            "InvalidTarget",
            400,
            "No machine of the scenario has the IP address '10.9.9.9'",
        ),
    );
    site.accepted(
        REGISTER,
        addresses(json!([{"Id": "10.0.0.5", "Port": 81, "AvailabilityZone": "all"}])),
    );
    assert!(
        site.health(ADDRESSES, "10.0.0.5", 81)
            .starts_with("initial")
    );
}

#[test]
fn a_draining_address_waits_for_its_deadline_or_is_refused() {
    let target = addresses(json!([{"Id": "10.0.0.5"}]));
    let mut site = ip_fleet().site();
    site.accepted(DEREGISTER, target.clone());
    site.run_to(5);
    site.accepted(REGISTER, target.clone());
    assert!(
        site.health(ADDRESSES, "10.0.0.5", 80)
            .starts_with("draining")
    );
    site.run_to(90);
    assert_eq!(site.health(ADDRESSES, "10.0.0.5", 80), "healthy");

    let mut fleet = ip_fleet();
    fleet.0.assumptions.ip_reregister = IpReregister::Reject;
    let mut site = fleet.site();
    site.accepted(DEREGISTER, target.clone());
    site.refused(
        REGISTER,
        target,
        (
            "InvalidTarget",
            400,
            "The target '10.0.0.5' is deregistering and cannot be registered before its \
             deregistration delay has elapsed",
        ),
    );
}

#[test]
fn a_target_group_has_a_thousand_targets_at_most() {
    let mut site = Fleet::aws().machine("i-1").site();
    let ports = |from: u32, to: u32| {
        let targets = (from..=to).map(|port| json!({"Id": "i-1", "Port": port}));
        params(Value::Array(targets.collect()))
    };
    site.accepted(REGISTER, ports(1, 999));
    site.refused(
        REGISTER,
        ports(1000, 1001),
        (
            "TooManyTargets",
            400,
            "You've reached the limit on the number of targets.",
        ),
    );
    site.accepted(REGISTER, ports(1, 1000));
}

/// A target group of QUIC, which only a call can create. R-TARGET-5
#[test]
fn targets_of_quic_have_a_server_id_of_their_own() {
    let mut site = Fleet::aws().machine("i-1").machine("i-2").site();
    let answer = site.accepted(
        "elasticloadbalancing:CreateTargetGroup",
        json!({"Name": "quic", "Protocol": "QUIC", "Port": 443, "VpcId": "vpc-1"}),
    );
    let arn = &answer["TargetGroups"][0]["TargetGroupArn"];
    let target = |id: &str, server: Value| {
        let target = json!({"Id": id, "QuicServerId": server});
        json!({"TargetGroupArn": arn, "Targets": [target]})
    };
    let (one, two) = ("0x00000000000000a1", "0x00000000000000a2");
    let register = "elasticloadbalancing:RegisterTargets";
    let cases = [
        (
            json!(null),
            "The QUIC server ID of target 'i-1' is required".to_owned(),
        ),
        (
            json!("0x12"),
            "The QUIC server ID '0x12' of target 'i-1' must match ^0x[0-9a-f]{16}$".to_owned(),
        ),
    ];
    for (server, message) in cases {
        site.invalid(register, target("i-1", server), &message);
    }
    site.accepted(register, target("i-1", json!(one)));
    site.accepted(register, target("i-1", json!(one)));
    site.invalid(
        register,
        target("i-1", json!(two)),
        "The QUIC server ID of target 'i-1' cannot be changed while it is registered",
    );
    site.invalid(
        register,
        target("i-2", json!(one)),
        "The QUIC server ID of target 'i-2' is used by another target",
    );
    site.accepted(register, target("i-2", json!(two)));
    let told = site.accepted(
        "elasticloadbalancing:DescribeTargetHealth",
        json!({"TargetGroupArn": arn}),
    );
    let told = &told["TargetHealthDescriptions"];
    assert_eq!(told[1]["Target"]["QuicServerId"], two);
}

/// A thousand targets behind one load balancer, in whatever groups. R-TARGET-3
#[test]
fn a_load_balancer_has_a_thousand_targets_at_most() {
    let mut fleet = Fleet::aws();
    for port in 1000..1600 {
        fleet = if port == 1000 {
            fleet.machine("i-1")
        } else {
            fleet
        };
        fleet = fleet.registered(port);
    }
    let mut site = fleet
        .target_group(API, TargetType::Instance)
        .machine("i-2")
        .site();
    let named = |from: u16, count: u16| {
        let target = |port: u16| json!({"Id": "i-2", "Port": port});
        let targets: Vec<Value> = (from..from + count).map(target).collect();
        json!({"TargetGroupArn": API, "Targets": targets})
    };
    let register = "elasticloadbalancing:RegisterTargets";
    let limit = "You've reached the limit on the number of targets.";
    site.refused(register, named(1, 401), ("TooManyTargets", 400, limit));
    site.accepted(register, named(1, 400));
    site.refused(register, named(401, 1), ("TooManyTargets", 400, limit));
}
