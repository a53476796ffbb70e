//! `autoscaling:SetInstanceHealth`.

use drainsim::engine::time::SimDuration;
use serde_json::{Value, json};

use super::fleet::{Fleet, GROUP, Site};

const SET: &str = "autoscaling:SetInstanceHealth";

/// Two instances; the grace period is 300 s, and one more is in service since about 37 s.
fn site() -> (Site, String) {
    let mut fleet = Fleet::aws()
        .group(GROUP, (0, 4, 2), &["i-1", "i-2"])
        .machine("i-9");
    fleet.0.groups[0].health_check_grace_period = SimDuration::from_secs(300);
    let mut site = fleet.site();
    site.accepted(
        "autoscaling:SetDesiredCapacity",
        json!({"AutoScalingGroupName": GROUP, "DesiredCapacity": 3}),
    );
    site.run_to(100);
    let new = site.group(GROUP).1.into_keys();
    let new = new.into_iter().find(|id| id != "i-1" && id != "i-2");
    (site, new.expect("one was launched"))
}

fn params(id: &str, status: &str) -> Value {
    json!({"InstanceId": id, "HealthStatus": status})
}

/// It is gone, replaced, or marked to be: its health as it is described.
fn health(site: &mut Site, id: &str) -> String {
    let described = site.accepted("autoscaling:DescribeAutoScalingGroups", json!({}));
    let members = described["AutoScalingGroups"][0]["Instances"]
        .as_array()
        .unwrap();
    let found = members.iter().find(|member| member["InstanceId"] == id);
    found
        .map_or("", |member| member["HealthStatus"].as_str().unwrap())
        .to_owned()
}

#[test]
fn an_unhealthy_instance_is_replaced() {
    let (mut site, _) = site();
    site.run_to(130);
    assert_eq!(site.accepted(SET, params("i-1", "Unhealthy")), json!({}));
    assert_eq!(health(&mut site, "i-1"), "Unhealthy");
    // nobody looks at it first
    site.run_to(131);
    assert_eq!(site.lifecycle(GROUP, "i-1"), "Terminating");
    assert_eq!(site.group(GROUP).1.len(), 3);
    // 30 s of draining, 20 s of going
    site.run_to(300);
    let (desired, members) = site.group(GROUP);
    assert_eq!((desired, members.len()), (3, 3));
    assert!(!members.contains_key("i-1"));
    let causes: Vec<&str> = site
        .cloud()
        .activities
        .iter()
        .map(|(_, _, activity)| activity.cause.as_str())
        .collect();
    let said = |words: &str| causes.iter().any(|cause| cause.ends_with(words));
    assert!(said(
        "an instance was taken out of service in response to a user health-check."
    ));
    assert!(said(
        "an instance was launched in response to an unhealthy instance needing to be replaced."
    ));
}

#[test]
fn a_mark_may_be_taken_back() {
    let (mut site, _) = site();
    site.accepted(SET, params("i-1", "Unhealthy"));
    site.accepted(SET, params("i-1", "Healthy"));
    site.run_to(300);
    assert_eq!(site.lifecycle(GROUP, "i-1"), "InService");
}

#[test]
fn the_grace_period_is_respected_unless_the_call_says_otherwise() {
    let (mut site, new) = site();
    for respects in [json!(null), json!(true)] {
        let mut call = params(&new, "Unhealthy");
        call["ShouldRespectGracePeriod"] = respects;
        site.accepted(SET, call);
        assert_eq!(health(&mut site, &new), "Healthy");
    }
    let mut call = params(&new, "Unhealthy");
    call["ShouldRespectGracePeriod"] = json!(false);
    site.accepted(SET, call);
    assert_eq!(health(&mut site, &new), "Unhealthy");
    site.run_to(300);
    assert_eq!(site.lifecycle(GROUP, &new), "");
}

#[test]
fn what_is_wrong_is_refused() {
    let (mut site, _) = site();
    for id in ["i-9", "i-404"] {
        let message =
            format!("Instance Id not found - No managed instance found for instance ID: {id}");
        site.invalid(SET, params(id, "Unhealthy"), &message);
    }
    site.invalid(
        SET,
        params("i-1", "unhealthy"),
        "Valid instance health states are: [Healthy, Unhealthy].",
    );
    site.invalid(
        SET,
        json!({}),
        "2 validation errors detected: Value null at 'instanceId' failed to satisfy constraint: \
         Member must not be null; Value null at 'healthStatus' failed to satisfy constraint: \
         Member must not be null",
    );
    assert_eq!(health(&mut site, "i-1"), "Healthy");
}
