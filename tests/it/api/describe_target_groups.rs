//! `elasticloadbalancing:DescribeTargetGroups` and `DescribeTargetGroupAttributes`.

use drainsim::model::settings::TargetType;
use serde_json::{Value, json};

use super::fleet::{API, FRONT, Fleet, NOBODYS, Site, WEB};

const DESCRIBE: &str = "elasticloadbalancing:DescribeTargetGroups";
const ATTRIBUTES: &str = "elasticloadbalancing:DescribeTargetGroupAttributes";

fn site() -> Site {
    Fleet::aws()
        .target_group(API, TargetType::Ip)
        .unused()
        .site()
}

fn arns(site: &mut Site, params: Value) -> Vec<Value> {
    let answer = site.accepted(DESCRIBE, params);
    let groups = answer["TargetGroups"].as_array().unwrap();
    let arn = |group: &Value| group["TargetGroupArn"].clone();
    groups.iter().map(arn).collect()
}

#[test]
fn target_groups_are_found_in_four_ways() {
    let mut site = site();
    assert_eq!(arns(&mut site, json!({})), [WEB, API]);
    assert_eq!(arns(&mut site, json!({"LoadBalancerArn": FRONT})), [WEB]);
    assert_eq!(arns(&mut site, json!({"TargetGroupArns": [API]})), [API]);
    assert_eq!(arns(&mut site, json!({"Names": ["target-group-1"]})), [API]);
    assert_eq!(arns(&mut site, json!({"Marker": "1"})), [API]);
    let answer = site.accepted(DESCRIBE, json!({"TargetGroupArns": [WEB]}));
    assert_eq!(
        answer["TargetGroups"][0],
        json!({
            "TargetGroupArn": WEB,
            "TargetGroupName": "target-group-0",
            "TargetType": "instance",
            "Protocol": "HTTP",
            "ProtocolVersion": "HTTP1",
            "Port": 80,
            "HealthCheckEnabled": true,
            "HealthCheckProtocol": "HTTP",
            "HealthCheckPort": "traffic-port",
            "HealthCheckPath": "/",
            "HealthCheckIntervalSeconds": 30,
            "HealthCheckTimeoutSeconds": 5,
            "HealthyThresholdCount": 5,
            "UnhealthyThresholdCount": 2,
            "Matcher": {"HttpCode": "200"},
            "LoadBalancerArns": [FRONT],
        })
    );
}

#[test]
fn what_does_not_exist_is_refused() {
    let mut site = site();
    let groups = (
        "TargetGroupNotFound",
        400,
        "One or more target groups not found",
    );
    site.refused(DESCRIBE, json!({"TargetGroupArns": [WEB, NOBODYS]}), groups);
    site.refused(DESCRIBE, json!({"Names": ["x"]}), groups);
    site.refused(ATTRIBUTES, json!({"TargetGroupArn": NOBODYS}), groups);
    let balancers = (
        "LoadBalancerNotFound",
        400,
        "One or more load balancers not found",
    );
    site.refused(DESCRIBE, json!({"LoadBalancerArn": WEB}), balancers);
    site.invalid(
        DESCRIBE,
        json!({"Names": ["x"], "TargetGroupArns": [WEB]}),
        "Only one of target group ARNs, names and a load balancer ARN can be specified",
    );
}

/// R-TARGET-7
#[test]
fn attributes_are_told() {
    let mut site = site();
    let answer = site.accepted(ATTRIBUTES, json!({"TargetGroupArn": WEB}));
    let attributes = answer["Attributes"].as_array().unwrap();
    let delay = json!({"Key": "deregistration_delay.timeout_seconds", "Value": "30"});
    assert!(attributes.contains(&delay));
    let slow = json!({"Key": "slow_start.duration_seconds", "Value": "0"});
    assert!(attributes.contains(&slow));
}
