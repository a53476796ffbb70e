//! `elasticloadbalancing:ModifyTargetGroup`.

use serde_json::json;

use super::fleet::{Fleet, NOBODYS, Site, WEB};

const MODIFY: &str = "elasticloadbalancing:ModifyTargetGroup";

fn site() -> Site {
    Fleet::aws().machine("i-1").registered(80).site()
}

#[test]
fn what_is_given_changes_and_the_rest_stays() {
    let answer = site().accepted(
        MODIFY,
        json!({"TargetGroupArn": WEB, "HealthCheckIntervalSeconds": 10, "HealthCheckPath": "/up"}),
    );
    let group = &answer["TargetGroups"][0];
    assert_eq!(group["HealthCheckIntervalSeconds"], 10);
    assert_eq!(group["HealthCheckTimeoutSeconds"], 5);
    assert_eq!(group["HealthCheckPath"], "/up");
    assert_eq!(group["Matcher"]["HttpCode"], "200");
}

/// A machine that is stopped by force at 40 s fails two checks: of the first after it, and one
/// interval later. With an interval of 300 s it is still healthy where it was not with 30 s.
/// R-HEALTH-2
#[test]
fn a_new_interval_counts_from_the_next_check_on() {
    for (interval, health) in [(30, "unhealthy Target.Timeout"), (300, "healthy")] {
        let mut fleet = Fleet::aws().machine("10.0.0.5");
        fleet.0.target_groups[0].target_type = drainsim::model::settings::TargetType::Ip;
        let mut site = fleet.registered(80).site();
        let params = json!({"TargetGroupArn": WEB, "HealthCheckIntervalSeconds": interval});
        site.accepted(MODIFY, params);
        site.run_to(40);
        site.host_goes(0);
        site.run_to(140);
        assert_eq!(site.health(WEB, "10.0.0.5", 80), health, "{interval}");
    }
}

#[test]
fn what_does_not_go_together_is_refused() {
    let mut site = site();
    let short = json!({"TargetGroupArn": WEB, "HealthCheckIntervalSeconds": 5});
    let message = "Health check interval must be greater than the timeout.";
    site.invalid(MODIFY, short, message);
    site.refused(
        MODIFY,
        json!({"TargetGroupArn": NOBODYS}),
        (
            "TargetGroupNotFound",
            400,
            "One or more target groups not found",
        ),
    );
}

/// The port that is checked is the traffic port or another one, as it was put. R-HEALTH-2
#[test]
fn another_port_is_checked() {
    let mut site = site();
    for (port, checked) in [("8081", "8081"), ("traffic-port", "80")] {
        site.accepted(
            MODIFY,
            json!({"TargetGroupArn": WEB, "HealthCheckPort": port}),
        );
        let answer = site.accepted(
            "elasticloadbalancing:DescribeTargetHealth",
            json!({"TargetGroupArn": WEB}),
        );
        let shown = &answer["TargetHealthDescriptions"][0];
        assert_eq!(shown["HealthCheckPort"], checked);
        assert_eq!(shown["Target"], json!({"Id": "i-1", "Port": 80}));
    }
}
