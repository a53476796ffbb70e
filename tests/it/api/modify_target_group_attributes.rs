//! `elasticloadbalancing:ModifyTargetGroupAttributes`.

use serde_json::{Value, json};

use super::fleet::{Fleet, SERVERS, Site, WEB};

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

/// field.md: moto rejects 3600, though its message says inclusive.
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
            "TargetGroupNotFound",
            400,
            "One or more target groups not found",
        ),
    );
}
