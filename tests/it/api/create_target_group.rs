//! `elasticloadbalancing:CreateTargetGroup`.

use serde_json::{Value, json};

use super::fleet::{Fleet, LISTENER, Site};

const CREATE: &str = "elasticloadbalancing:CreateTargetGroup";

fn site() -> Site {
    Fleet::aws()
        .machine("i-1")
        .registered(80)
        .machine("i-2")
        .site()
}

/// A good request for `name`, with `more` in it.
fn with(name: &str, more: Value) -> Value {
    let mut params = json!({"Name": name, "Protocol": "HTTP", "Port": 8080, "VpcId": "vpc-1"});
    for (key, value) in more.as_object().into_iter().flatten() {
        params[key] = value.clone();
    }
    params
}

fn created(site: &mut Site, params: Value) -> Value {
    site.accepted(CREATE, params)["TargetGroups"][0].clone()
}

/// Interval, timeout, successes and failures. R-HEALTH-2
fn checks(group: &Value) -> [u64; 4] {
    [
        "HealthCheckIntervalSeconds",
        "HealthCheckTimeoutSeconds",
        "HealthyThresholdCount",
        "UnhealthyThresholdCount",
    ]
    .map(|key| group[key].as_u64().unwrap())
}

/// R-TARGET-8
#[test]
fn defaults_follow_the_protocol() {
    let mut site = site();
    let nothing = json!(null);
    let table = [
        ("HTTP", 80, [30, 5, 5, 2], "HTTP", "traffic-port"),
        ("HTTPS", 443, [30, 5, 5, 2], "HTTP", "traffic-port"),
        ("TCP", 80, [30, 10, 5, 2], "TCP", "traffic-port"),
        ("TLS", 443, [30, 10, 5, 2], "TCP", "traffic-port"),
        ("UDP", 53, [30, 10, 5, 2], "TCP", "traffic-port"),
        ("TCP_UDP", 53, [30, 10, 5, 2], "TCP", "traffic-port"),
        ("GENEVE", 6081, [10, 5, 5, 2], "TCP", "80"),
    ];
    for (place, (protocol, port, expected, check, check_port)) in table.into_iter().enumerate() {
        let params = json!({"Protocol": protocol, "Port": port});
        let group = created(&mut site, with(&format!("tg{place}"), params));
        assert_eq!(checks(&group), expected, "{protocol}");
        assert_eq!(group["HealthCheckProtocol"], check);
        assert_eq!(group["HealthCheckPort"], check_port);
        assert_eq!(group["HealthCheckEnabled"], true);
        assert_eq!(group["TargetType"], "instance");
        assert_eq!(group["LoadBalancerArns"], json!([]));
        let web = check == "HTTP";
        let path = if web { json!("/") } else { nothing.clone() };
        assert_eq!(group["HealthCheckPath"], path);
    }
    let grpc = created(&mut site, with("grpc", json!({"ProtocolVersion": "GRPC"})));
    assert_eq!(grpc["Matcher"], json!({"GrpcCode": "12"}));
    let lambda = created(&mut site, json!({"Name": "f", "TargetType": "lambda"}));
    assert_eq!(checks(&lambda), [35, 30, 5, 5]);
    assert_eq!(lambda["HealthCheckEnabled"], false);
    assert_eq!(lambda["Port"], nothing);
}

/// Trap 2: connections outlive the delay where nothing terminates them, and that differs by protocol:
/// new groups of UDP and `TCP_UDP` terminate them, those of TCP and TLS do not. R-TARGET-7
#[test]
fn connection_termination_follows_the_protocol() {
    let mut site = site();
    for (protocol, deregistered, unhealthy) in [
        ("TCP", "false", "true"),
        ("TLS", "false", "true"),
        ("UDP", "true", "false"),
        ("TCP_UDP", "true", "false"),
    ] {
        let name = protocol.replace('_', "-");
        let group = created(&mut site, with(&name, json!({"Protocol": protocol})));
        let told = site.accepted(
            "elasticloadbalancing:DescribeTargetGroupAttributes",
            json!({"TargetGroupArn": group["TargetGroupArn"]}),
        );
        let told = told["Attributes"].as_array().unwrap();
        for (key, value) in [
            (
                "deregistration_delay.connection_termination.enabled",
                deregistered,
            ),
            (
                "target_health_state.unhealthy.connection_termination.enabled",
                unhealthy,
            ),
        ] {
            let expected = json!({"Key": key, "Value": value});
            assert!(told.contains(&expected), "{protocol}: {told:?}");
        }
    }
}

/// A blue/green deployment from nothing: create, register, forward. R-TARGET-8
#[test]
fn what_was_created_may_be_forwarded_to() {
    let mut site = site();
    let green = created(&mut site, with("green", json!({})));
    let arn = green["TargetGroupArn"].as_str().unwrap().to_owned();
    let place = "arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/green/";
    assert!(arn.starts_with(place), "{arn}");
    site.accepted(
        "elasticloadbalancing:RegisterTargets",
        json!({"TargetGroupArn": arn, "Targets": [{"Id": "i-2"}]}),
    );
    assert_eq!(site.health(&arn, "i-2", 8080), "unused Target.NotInUse");
    let actions = json!([{"Type": "forward", "TargetGroupArn": arn}]);
    site.accepted(
        "elasticloadbalancing:ModifyListener",
        json!({"ListenerArn": format!("{LISTENER}0"), "DefaultActions": actions}),
    );
    site.run_to(60);
    assert_eq!(site.health(&arn, "i-2", 8080), "healthy");
}

/// R-TARGET-8
#[test]
fn the_same_settings_give_the_same_target_group() {
    let mut site = site();
    let first = created(&mut site, with("green", json!({})));
    assert_eq!(created(&mut site, with("green", json!({}))), first);
    let text = "A target group with the same name 'green' exists, but with different settings";
    for other in [json!({"Port": 81}), json!({"HealthCheckPath": "/up"})] {
        site.refused(
            CREATE,
            with("green", other),
            ("DuplicateTargetGroupName", 400, text),
        );
    }
}

#[test]
fn what_does_not_go_together_is_refused() {
    let mut site = site();
    let long = "a".repeat(33);
    let named = |name: &str, wrong: &str| {
        (
            with(name, json!({})),
            format!("Target group name '{name}' {wrong}"),
        )
    };
    let letters = "can only contain characters that are alphanumeric characters or hyphens(-)";
    let lambda = |key: &str, value: Value| json!({"Name": "f", "TargetType": "lambda", key: value});
    let cases = [
        named(&long, "cannot be longer than '32' characters"),
        named("a_b", letters),
        named("-a", "cannot begin or end with '-'"),
        (
            json!({"Name": "x", "Port": 80, "VpcId": "vpc-1"}),
            "A protocol must be specified".to_owned(),
        ),
        (
            json!({"Name": "x", "Protocol": "HTTP", "VpcId": "vpc-1"}),
            "A port must be specified".to_owned(),
        ),
        (
            json!({"Name": "x", "Protocol": "HTTP", "Port": 80}),
            "A VPC ID must be specified".to_owned(),
        ),
        (
            lambda("Port", json!(80)),
            "Port cannot be specified for target groups with target type 'lambda'".to_owned(),
        ),
        (
            with("x", json!({"Protocol": "GENEVE"})),
            "The port of a target group with protocol 'GENEVE' must be 6081".to_owned(),
        ),
        (
            with("x", json!({"TargetType": "alb"})),
            "Protocol 'HTTP' is not supported for target groups with target type 'alb'".to_owned(),
        ),
        (
            with("x", json!({"Protocol": "TCP", "ProtocolVersion": "HTTP2"})),
            "A protocol version cannot be specified for target groups with protocol 'TCP'"
                .to_owned(),
        ),
        (
            with("x", json!({"Tags": [{"Key": "a"}, {"Key": "a"}]})),
            "The tag key 'a' is specified more than once".to_owned(),
        ),
    ];
    for (params, message) in cases {
        site.invalid(CREATE, params, &message);
    }
}

#[test]
fn health_checks_are_checked() {
    let mut site = site();
    let cases = [
        (
            json!({"HealthCheckEnabled": false}),
            "Health check enabled must be true for target groups with target type 'instance'",
        ),
        (
            json!({"HealthCheckIntervalSeconds": 5, "HealthCheckTimeoutSeconds": 5}),
            "Health check interval must be greater than the timeout.",
        ),
        (
            json!({"HealthCheckProtocol": "TCP"}),
            "Health check protocol 'TCP' is not supported for target groups with protocol 'HTTP'",
        ),
        (
            json!({"HealthCheckPort": "0"}),
            "Health check port '0' must be 'traffic-port' or between '1-65535' inclusive",
        ),
        (
            json!({"HealthCheckPath": "up"}),
            "Health check path 'up' must begin with a '/'",
        ),
        (
            json!({"Matcher": {"HttpCode": "200-500"}}),
            "Health check matcher HttpCode '200-500' must be between '200-499' inclusive",
        ),
        (
            json!({"Matcher": {"GrpcCode": "0"}}),
            "Health check matcher GrpcCode '0' must be between '0-99' inclusive",
        ),
        (
            json!({"HealthCheckIntervalSeconds": 301}),
            "1 validation error detected: Value '301' at 'healthCheckIntervalSeconds' failed to \
             satisfy constraint: Member must have value less than or equal to 300",
        ),
    ];
    for (more, message) in cases {
        site.invalid(CREATE, with("x", more), message);
    }
    let good = json!({"Matcher": {"HttpCode": "200,204"}, "HealthCheckPort": "8081"});
    let group = created(&mut site, with("x", good));
    assert_eq!(group["Matcher"]["HttpCode"], "200,204");
}

#[test]
fn a_target_group_has_fifty_tags_at_most() {
    let tags: Vec<Value> = (0..51).map(|n| json!({"Key": n.to_string()})).collect();
    site().refused(
        CREATE,
        with("x", json!({"Tags": tags})),
        (
            "TooManyTags",
            400,
            "You've reached the limit on the number of tags for this resource.",
        ),
    );
}
