//! `autoscaling:SetDesiredCapacity`.

use serde_json::{Value, json};

use super::fleet::{Fleet, GROUP, WEB};

const SET: &str = "autoscaling:SetDesiredCapacity";

fn params(capacity: i64) -> Value {
    json!({"AutoScalingGroupName": GROUP, "DesiredCapacity": capacity, "HonorCooldown": true})
}

#[test]
fn a_group_grows_to_its_desired_capacity() {
    let mut site = Fleet::aws().group(GROUP, (1, 6, 2), &["i-1", "i-2"]).site();
    assert_eq!(site.accepted(SET, params(5)), json!({}));
    assert_eq!(site.group(GROUP).0, 5);
    site.run_to(60);
    let (_, members) = site.group(GROUP);
    assert_eq!(members.len(), 5);
    assert!(members.values().all(|state| state == "InService"));
}

/// Several at once: no more than asked for, and none is launched again.
#[test]
fn a_group_shrinks_by_as_many_as_asked() {
    let ids = ["i-1", "i-2", "i-3", "i-4", "i-5", "i-6"];
    let mut site = Fleet::aws().group(GROUP, (1, 6, 6), &ids).site();
    site.accepted(SET, params(2));
    let (desired, members) = site.group(GROUP);
    let leaving = members.values().filter(|state| *state == "Terminating");
    assert_eq!((desired, leaving.count()), (2, 4));
    let causes: Vec<&str> = site
        .cloud()
        .activities
        .iter()
        .map(|(_, _, activity)| activity.cause.as_str())
        .collect();
    for (cause, step) in causes.iter().zip(["6 to 5", "5 to 4", "4 to 3", "3 to 2"]) {
        assert!(
            cause.contains(&format!("shrinking the capacity from {step}.  At")),
            "{cause}"
        );
    }
    site.run_to(200);
    assert_eq!(site.group(GROUP).1.len(), 2);
    assert_eq!(site.cloud().activities.len(), 4, "nobody was launched");
    let healthy = ids
        .iter()
        .filter(|id| site.server(WEB, id, 80) == "healthy");
    assert_eq!(healthy.count(), 2);
}

#[test]
fn the_sizes_are_limits() {
    let mut site = Fleet::aws().group(GROUP, (1, 4, 2), &["i-1", "i-2"]).site();
    site.invalid(
        SET,
        params(5),
        "New SetDesiredCapacity value 5 is above max value 4 for the AutoScalingGroup.",
    );
    site.invalid(
        SET,
        params(0),
        "New SetDesiredCapacity value 0 is below min value 1 for the AutoScalingGroup.",
    );
    site.invalid(
        SET,
        params(-1),
        "New SetDesiredCapacity value -1 is below min value 1 for the AutoScalingGroup.",
    );
    site.invalid(
        SET,
        json!({"AutoScalingGroupName": "none", "DesiredCapacity": 1}),
        "AutoScalingGroup name not found - null",
    );
}
