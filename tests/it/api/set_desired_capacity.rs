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
    // as the service does, each tells of all that go
    let at = "At 2026-01-01T00:00:00Z";
    let selected = ["i-2", "i-1", "i-4", "i-3"]
        .map(|id| format!("  {at} instance {id} was selected for termination."))
        .concat();
    let expected = format!(
        "{at} a user request explicitly set group desired capacity changing the desired capacity \
         from 6 to 2.  {at} an instance was taken out of service in response to a difference \
         between desired and actual capacity, shrinking the capacity from 6 to 2.{selected}"
    );
    assert_eq!(causes, [expected.as_str(); 4]);
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

/// A call that honors cooldowns waits for the one before it, which began when its instance was in
/// service at 37 s and lasts 300 s; one that does not is carried out.
#[test]
fn a_call_may_honor_the_cooldown_of_another() {
    let mut site = Fleet::aws().group(GROUP, (1, 6, 2), &["i-1", "i-2"]).site();
    site.accepted(SET, params(3));
    site.run_to(336);
    let (_, _, activity) = &site.cloud().activities[0];
    assert_eq!(
        activity.cause,
        "At 2026-01-01T00:00:00Z a user request explicitly set group desired capacity changing \
         the desired capacity from 2 to 3.  At 2026-01-01T00:00:02Z an instance was started in \
         response to a difference between desired and actual capacity, increasing the capacity \
         from 2 to 3."
    );
    let message = format!(
        "Scaling activity {} is in progress and blocks this action",
        activity.id
    );
    let blocked = ("ScalingActivityInProgress", 400, message.as_str());
    site.refused(SET, params(4), blocked);
    let now = json!({"AutoScalingGroupName": GROUP, "DesiredCapacity": 3});
    site.accepted(SET, now);
    site.refused(SET, params(4), blocked);
    site.run_to(337);
    site.accepted(SET, params(4));
    assert_eq!(site.group(GROUP).0, 4);
}

/// Setting `asg.manual_scaling_cooldown`.
#[test]
fn by_setting_only_policies_begin_cooldowns() {
    let mut fleet = Fleet::aws().group(GROUP, (1, 6, 2), &["i-1", "i-2"]);
    fleet.0.assumptions.manual_scaling_cooldown = false;
    let mut site = fleet.site();
    site.accepted(SET, params(3));
    site.accepted(SET, params(4));
    assert_eq!(site.group(GROUP).0, 4);
}
