//! `elasticloadbalancing:ModifyTargetGroupAttributes`.

use serde_json::{Value, json};

use drainsim::model::settings::TargetType;

use super::fleet::{ADDRESSES, Fleet, SERVERS, Site, WEB};

const MODIFY: &str = "elasticloadbalancing:ModifyTargetGroupAttributes";
const DELAY: &str = "deregistration_delay.timeout_seconds";
const SLOW_START: &str = "slow_start.duration_seconds";
const ALGORITHM: &str = "load_balancing.algorithm.type";

fn params(attributes: &[(&str, &str)]) -> Value {
    let pair = |&(key, value): &(&str, &str)| json!({"Key": key, "Value": value});
    let attributes: Vec<Value> = attributes.iter().map(pair).collect();
    json!({"TargetGroupArn": WEB, "Attributes": attributes})
}

fn site() -> Site {
    Fleet::aws()
        .machine("i-1")
        .registered(80)
        .machine("i-2")
        .registered(80)
        .site()
}

fn value(answer: &Value, key: &str) -> String {
    let attributes = answer["Attributes"].as_array().unwrap();
    let found = attributes.iter().find(|attribute| attribute["Key"] == key);
    found.unwrap()["Value"].as_str().unwrap().to_owned()
}

/// Moto rejects 3600, though its message says inclusive.
#[test]
fn the_delay_may_be_zero_to_an_hour() {
    let mut site = site();
    for good in ["0", "3600", "45"] {
        let answer = site.accepted(MODIFY, params(&[(DELAY, good)]));
        assert_eq!(value(&answer, DELAY), good);
        assert_eq!(value(&answer, ALGORITHM), "round_robin", "all are answered");
    }
    for bad in ["3601", "-1", "5m", ""] {
        site.invalid(
            MODIFY,
            params(&[(ALGORITHM, "weighted_random"), (DELAY, bad)]),
            &format!("'{DELAY}' value '{bad}' must be between '0-3600' inclusive"),
        );
    }
}

#[test]
fn a_drain_under_way_keeps_its_delay() {
    let mut site = site();
    let deregister = |id| json!({"TargetGroupArn": WEB, "Targets": [{"Id": id}]});
    site.accepted("elasticloadbalancing:DeregisterTargets", deregister("i-1"));
    site.run_to(5);
    site.accepted(MODIFY, params(&[(DELAY, "300")]));
    site.accepted("elasticloadbalancing:DeregisterTargets", deregister("i-2"));
    site.run_to(31);
    assert!(site.health(WEB, "i-1", 80).starts_with("unused"));
    site.run_to(304);
    assert!(site.health(WEB, "i-2", 80).starts_with("draining"));
    site.run_to(306);
    assert!(site.health(WEB, "i-2", 80).starts_with("unused"));
}

#[test]
fn slow_start_is_off_or_half_a_minute_to_a_quarter_of_an_hour() {
    let mut site = site();
    for good in ["30", "900", "0"] {
        site.accepted(MODIFY, params(&[(SLOW_START, good)]));
    }
    for bad in ["1", "29"] {
        let message =
            format!("'{SLOW_START}' value '{bad}' must be 0 or between '30-900' inclusive");
        site.invalid(MODIFY, params(&[(SLOW_START, bad)]), &message);
    }
    let message = format!("'{SLOW_START}' value '901' must be between '0-900' inclusive");
    site.invalid(MODIFY, params(&[(SLOW_START, "901")]), &message);
}

#[test]
fn slow_start_goes_with_round_robin_only() {
    for algorithm in ["least_outstanding_requests", "weighted_random"] {
        let message = format!("You cannot enable both slow start and the {algorithm} algorithm");
        let refusal = ("InvalidConfigurationRequest", 400, message.as_str());
        let mut site = site();
        let both = [(SLOW_START, "60"), (ALGORITHM, algorithm)];
        site.refused(MODIFY, params(&both), refusal);
        site.accepted(MODIFY, params(&both[..1]));
        site.refused(MODIFY, params(&both[1..]), refusal);
        site.accepted(MODIFY, params(&[(SLOW_START, "0"), (ALGORITHM, algorithm)]));
        site.refused(MODIFY, params(&both[..1]), refusal);
    }
}

#[test]
fn other_values_are_held_to_their_descriptors() {
    const SHARE: &str =
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage";
    let mut site = site();
    for share in ["off", "1", "100"] {
        let answer = site.accepted(MODIFY, params(&[(SHARE, share)]));
        assert_eq!(value(&answer, SHARE), share);
    }
    for share in ["0", "101", "x"] {
        let message =
            format!("'{SHARE}' value '{share}' must be 'off' or between '1-100' inclusive");
        site.invalid(MODIFY, params(&[(SHARE, share)]), &message);
    }
    site.invalid(
        MODIFY,
        params(&[(ALGORITHM, "random")]),
        "'load_balancing.algorithm.type' value 'random' must be one of [round_robin, \
         least_outstanding_requests, weighted_random]",
    );
    site.invalid(
        MODIFY,
        params(&[("deregistration_delay", "3")]),
        "Target group attribute key 'deregistration_delay' is not recognized",
    );
}

#[test]
fn server_groups_of_another_cloud_are_not_found() {
    Fleet::alibaba().site().refused(
        MODIFY,
        json!({"TargetGroupArn": SERVERS,
            "Attributes": [{"Key": "ConnectionDrainEnabled", "Value": "true"}]}),
        (
            "ValidationError",
            400,
            "'sgp-1gv2uidn2msy' is not a valid target group ARN",
        ),
    );
}

/// Attributes without effect are checked, kept and told. R-TARGET-7
#[test]
fn what_is_not_simulated_is_kept() {
    let mut site = site();
    for (key, value_given) in [
        ("stickiness.enabled", "true"),
        ("stickiness.lb_cookie.duration_seconds", "604800"),
        (
            "target_group_health.dns_failover.minimum_healthy_targets.count",
            "2",
        ),
        (
            "target_group_health.dns_failover.minimum_healthy_targets.percentage",
            "off",
        ),
    ] {
        let answer = site.accepted(MODIFY, params(&[(key, value_given)]));
        assert_eq!(value(&answer, key), value_given);
    }
    let told = site.accepted(
        "elasticloadbalancing:DescribeTargetGroupAttributes",
        json!({"TargetGroupArn": WEB}),
    );
    assert_eq!(value(&told, "stickiness.enabled"), "true");
    let key = "stickiness.lb_cookie.duration_seconds";
    let message = format!("'{key}' value '604801' must be between '1-604800' inclusive");
    site.invalid(MODIFY, params(&[(key, "604801")]), &message);
}

/// R-TARGET-7
#[test]
fn attributes_that_do_not_go_together_are_refused() {
    const CROSS_ZONE: &str = "load_balancing.cross_zone.enabled";
    const DNS: &str = "target_group_health.dns_failover.minimum_healthy_targets.count";
    const ROUTING: &str =
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count";
    let table: [(&[(&str, &str)], &str); 5] = [
        (
            &[("load_balancing.algorithm.anomaly_mitigation", "on")],
            "Anomaly mitigation needs the weighted_random algorithm",
        ),
        (
            &[("stickiness.enabled", "true"), (CROSS_ZONE, "false")],
            "You cannot enable stickiness when cross-zone load balancing is disabled",
        ),
        (
            &[
                ("stickiness.enabled", "true"),
                ("stickiness.type", "app_cookie"),
            ],
            "Stickiness by a cookie of the application needs the name of the cookie",
        ),
        (
            &[(DNS, "2"), (ROUTING, "3")],
            "The threshold of DNS failover must not be below that of unhealthy state routing",
        ),
        (
            &[(
                "deregistration_delay.connection_termination.enabled",
                "true",
            )],
            "A target group with protocol 'HTTP' does not support the attribute \
             deregistration_delay.connection_termination.enabled",
        ),
    ];
    for (attributes, message) in table {
        let refusal = ("InvalidConfigurationRequest", 400, message);
        site().refused(MODIFY, params(attributes), refusal);
    }
}

/// Cross-zone cannot be switched off while a target is one of all zones. R-TARGET-7
#[test]
fn targets_of_all_zones_need_cross_zone() {
    let mut site = Fleet::aws()
        .target_group(ADDRESSES, TargetType::Ip)
        .machine("10.0.0.5")
        .site();
    let register = "elasticloadbalancing:RegisterTargets";
    let all = json!([{"Id": "10.0.0.5", "AvailabilityZone": "all"}]);
    let targets = json!({"TargetGroupArn": ADDRESSES, "Targets": all});
    site.accepted(register, targets.clone());
    let told = site.accepted(
        "elasticloadbalancing:DescribeTargetHealth",
        json!({"TargetGroupArn": ADDRESSES}),
    );
    let target = &told["TargetHealthDescriptions"][0]["Target"];
    assert_eq!(target["AvailabilityZone"], "all");
    let off = json!({"TargetGroupArn": ADDRESSES,
        "Attributes": [{"Key": "load_balancing.cross_zone.enabled", "Value": "false"}]});
    let text = "You cannot disable cross-zone load balancing while a target is registered with \
                the Availability Zone 'all'";
    site.refused(
        MODIFY,
        off.clone(),
        ("InvalidConfigurationRequest", 400, text),
    );
    let deregister = json!({"TargetGroupArn": ADDRESSES, "Targets": [{"Id": "10.0.0.5"}]});
    site.accepted("elasticloadbalancing:DeregisterTargets", deregister);
    site.run_to(400);
    site.accepted(MODIFY, off);
    site.invalid(
        register,
        targets,
        "The Availability Zone 'all' cannot be specified for target '10.0.0.5' because cross-zone \
         load balancing is disabled",
    );
}

/// Target groups of other protocols have other attributes. R-TARGET-7
#[test]
fn attributes_follow_the_protocol() {
    let mut site = site();
    let mut create = |name: &str, more: Value| {
        let mut params = json!({"Name": name, "VpcId": "vpc-1"});
        for (key, value) in more.as_object().into_iter().flatten() {
            params[key] = value.clone();
        }
        if more["TargetType"] == "lambda" {
            params["VpcId"] = json!(null);
        }
        let answer = site.accepted("elasticloadbalancing:CreateTargetGroup", params);
        answer["TargetGroups"][0]["TargetGroupArn"].clone()
    };
    let udp = create("udp", json!({"Protocol": "UDP", "Port": 53}));
    let geneve = create("geneve", json!({"Protocol": "GENEVE", "Port": 6081}));
    let lambda = create("lambda", json!({"TargetType": "lambda"}));
    let with = |arn: &Value, key: &str, value: &str| json!({"TargetGroupArn": arn, "Attributes": [{"Key": key, "Value": value}]});
    let termination = "deregistration_delay.connection_termination.enabled";
    let answer = site.accepted(MODIFY, with(&udp, DELAY, "10"));
    assert_eq!(
        value(&answer, termination),
        "true",
        "as new groups of UDP have it"
    );
    let cases = [
        (
            with(
                &udp,
                "target_health_state.unhealthy.connection_termination.enabled",
                "true",
            ),
            "You cannot enable connection termination of unhealthy targets for protocol 'UDP'",
        ),
        (
            with(&geneve, "target_failover.on_unhealthy", "rebalance"),
            "The values of target_failover.on_deregistration and target_failover.on_unhealthy must \
             be the same",
        ),
        (
            with(&geneve, SLOW_START, "30"),
            "A target group with protocol 'GENEVE' does not support the attribute \
             slow_start.duration_seconds",
        ),
        (
            with(&lambda, DELAY, "30"),
            "A target group with target type 'lambda' does not support the attribute \
             deregistration_delay.timeout_seconds",
        ),
    ];
    for (params, message) in cases {
        site.refused(
            MODIFY,
            params,
            ("InvalidConfigurationRequest", 400, message),
        );
    }
}
