//! `autoscaling:ExecutePolicy`: what policies make of a group, when, and in which words.

use drainsim::engine::time::SimDuration;
use drainsim::model::hook::{ActionResult, Hook, Transition};
use serde_json::{Value, json};

use super::fleet::{Fleet, GROUP, Site};

const EXECUTE: &str = "autoscaling:ExecutePolicy";
const BLOCKED: &str = "ScalingActivityInProgress";

/// `count` instances between `min` and `max`; an instance is in service 37 s after it is wanted
/// and drains for 30 s.
fn fleet((min, max, count): (u32, u32, u32)) -> Fleet {
    let ids: Vec<String> = (0..count).map(|number| format!("i-{number}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    Fleet::aws().group(GROUP, (min, max, count), &ids)
}

fn put(site: &mut Site, name: &str, more: Value) {
    let mut params = json!({"AutoScalingGroupName": GROUP, "PolicyName": name});
    let fields = params.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    site.accepted("autoscaling:PutScalingPolicy", params);
}

fn simple(site: &mut Site, name: &str, kind: &str, by: i64) {
    let more = json!({"AdjustmentType": kind, "ScalingAdjustment": by, "Cooldown": 60});
    put(site, name, more);
}

/// The policies `out` and `in` of the guide: 10 % at 10 and 30 % at 20 from the threshold.
fn guide(site: &mut Site, warmup: Option<u32>) {
    for (name, sign) in [("out", 1), ("in", -1)] {
        let bounds = [(0, Some(10), 0), (10, Some(20), 10), (20, None, 30)];
        let step = |(near, far, by): (i64, Option<i64>, i64)| {
            let (near, far) = (json!(sign * near), json!(far.map(|far| sign * far)));
            let (lower, upper) = if sign > 0 { (near, far) } else { (far, near) };
            json!({"MetricIntervalLowerBound": lower, "MetricIntervalUpperBound": upper,
                "ScalingAdjustment": sign * by})
        };
        let more = json!({"PolicyType": "StepScaling", "AdjustmentType": "PercentChangeInCapacity",
            "EstimatedInstanceWarmup": warmup, "StepAdjustments": bounds.map(step)});
        put(site, name, more);
    }
}

fn execute(name: &str) -> Value {
    json!({"AutoScalingGroupName": GROUP, "PolicyName": name})
}

/// Executes a step policy for a metric with a threshold of 50; the desired capacity then.
fn breach(site: &mut Site, name: &str, value: f64) -> u64 {
    let mut params = execute(name);
    params["MetricValue"] = json!(value);
    params["BreachThreshold"] = json!(50);
    site.accepted(EXECUTE, params);
    site.group(GROUP).0
}

fn honoring(name: &str) -> Value {
    let mut params = execute(name);
    params["HonorCooldown"] = json!(true);
    params
}

fn hook(transition: Transition, heartbeat: u64) -> Hook {
    Hook {
        id: String::new(),
        name: "hook".to_owned(),
        transition,
        heartbeat: SimDuration::from_secs(heartbeat),
        default_result: ActionResult::Continue,
        notification_target: None,
        role: None,
        metadata: None,
    }
}

/// The trace of the step scaling guide: 10, 11, 14, 13, 10.
#[test]
fn the_trace_of_the_guide() {
    let mut site = fleet((1, 20, 10)).site();
    guide(&mut site, Some(60));
    assert_eq!(breach(&mut site, "out", 59.0), 10);
    assert_eq!(breach(&mut site, "out", 60.0), 11);
    site.run_to(200);
    assert_eq!(breach(&mut site, "out", 70.0), 14);
    site.run_to(400);
    assert_eq!(site.group(GROUP).1.len(), 14);
    assert_eq!(breach(&mut site, "in", 41.0), 14);
    assert_eq!(breach(&mut site, "in", 40.0), 13);
    site.run_to(600);
    assert_eq!(breach(&mut site, "in", 30.0), 10);
    site.run_to(800);
    assert_eq!(site.group(GROUP).1.len(), 10);
}

/// While instances warm up the same breach scales once, a larger one for the rest, and nothing
/// scales in; the numbers are those of the guide: 10, 11, 13.
#[test]
fn a_breach_that_goes_on_scales_once() {
    let mut site = fleet((1, 20, 10)).site();
    guide(&mut site, Some(60));
    assert_eq!(breach(&mut site, "out", 60.0), 11);
    for second in [1, 20, 50] {
        site.run_to(second);
        assert_eq!(breach(&mut site, "out", 62.0), 11, "at {second} s");
        assert_eq!(breach(&mut site, "in", 30.0), 11, "at {second} s");
    }
    assert_eq!(breach(&mut site, "out", 70.0), 13);
    // the last two are in service at 87 s and warm at 147 s
    site.run_to(146);
    assert_eq!(breach(&mut site, "in", 40.0), 13);
    site.run_to(147);
    // 10 % of 13 is 1.3
    assert_eq!(breach(&mut site, "in", 40.0), 12);
    // the one that is being terminated still counts
    assert_eq!(breach(&mut site, "in", 40.0), 12);
}

/// Without a warm-up of its own a policy takes the default warm-up of the group, and without that
/// its default cooldown of 300 s.
#[test]
fn a_warm_up_falls_back() {
    for (own, default, warm) in [
        (Some(60), Some(100), 97),
        (None, Some(100), 137),
        (None, None, 337),
    ] {
        let mut fleet = fleet((1, 20, 10));
        fleet.0.groups[0].rules.default_instance_warmup = default.map(SimDuration::from_secs);
        let mut site = fleet.site();
        guide(&mut site, own);
        assert_eq!(breach(&mut site, "out", 60.0), 11);
        site.run_to(warm - 1);
        assert_eq!(breach(&mut site, "in", 40.0), 11, "{own:?} {default:?}");
        site.run_to(warm);
        assert_eq!(breach(&mut site, "in", 40.0), 10, "{own:?} {default:?}");
    }
}

/// What each adjustment makes of a group of 2 to 6 that has 4.
#[test]
fn adjustments_stay_within_the_sizes() {
    for (kind, by, expected) in [
        ("ChangeInCapacity", 1, 5),
        ("ChangeInCapacity", 9, 6),
        ("ChangeInCapacity", -9, 2),
        ("ExactCapacity", 3, 3),
        ("ExactCapacity", 0, 2),
        ("PercentChangeInCapacity", 49, 5),
        ("PercentChangeInCapacity", 50, 6),
        ("PercentChangeInCapacity", -20, 3),
        ("PercentChangeInCapacity", -70, 2),
    ] {
        let mut site = fleet((2, 6, 4)).site();
        simple(&mut site, "p", kind, by);
        site.accepted(EXECUTE, execute("p"));
        assert_eq!(site.group(GROUP).0, expected, "{kind} {by}");
    }
}

#[test]
fn activities_begin_with_the_policy() {
    let mut site = fleet((1, 4, 2)).site();
    simple(&mut site, "Scale Up", "ChangeInCapacity", 1);
    simple(&mut site, "Scale Down", "ChangeInCapacity", -1);
    site.accepted(EXECUTE, execute("Scale Up"));
    site.run_to(60);
    site.accepted(EXECUTE, execute("Scale Down"));
    let causes: Vec<&str> = site
        .cloud()
        .activities
        .iter()
        .map(|(_, _, activity)| activity.cause.as_str())
        .collect();
    assert_eq!(
        causes[0],
        "At 2026-01-01T00:00:00Z a user request executed policy Scale Up changing the desired \
         capacity from 2 to 3.  At 2026-01-01T00:00:02Z an instance was started in response to a \
         difference between desired and actual capacity, increasing the capacity from 2 to 3."
    );
    let begin = "At 2026-01-01T00:01:00Z a user request executed policy Scale Down changing the \
                 desired capacity from 3 to 2.  At 2026-01-01T00:01:00Z an instance was taken out \
                 of service in response to a difference between desired and actual capacity, \
                 shrinking the capacity from 3 to 2.  At ";
    assert!(causes[1].starts_with(begin), "{}", causes[1]);
    assert_eq!(causes.len(), 2);
}

/// A cooldown of 60 s begins when the last instance is in service, at 37 s, or when it has left
/// its sources, at 30 s; a launch hook of 40 s delays it, a termination hook does not.
#[test]
fn a_cooldown_begins_when_the_scaling_is_over() {
    let launch = || vec![hook(Transition::Launching, 40)];
    let terminate = || vec![hook(Transition::Terminating, 400)];
    for (by, hooks, over) in [
        (2, vec![], 97),
        (2, launch(), 137),
        (2, terminate(), 97),
        (-2, vec![], 90),
        (-2, launch(), 90),
        (-2, terminate(), 90),
    ] {
        let mut fleet = fleet((1, 9, 4));
        fleet.0.groups[0].hooks = hooks;
        let mut site = fleet.site();
        simple(&mut site, "p", "ChangeInCapacity", by);
        site.accepted(EXECUTE, honoring("p"));
        for second in [3, 36, over - 1] {
            site.run_to(second);
            let activity = site.cloud().activities[0].2.id.clone();
            let message =
                format!("Scaling activity {activity} is in progress and blocks this action");
            site.refused(EXECUTE, honoring("p"), (BLOCKED, 400, &message));
        }
        site.run_to(over);
        site.accepted(EXECUTE, honoring("p"));
        let desired = u64::try_from((4 + 2 * by).max(1)).unwrap();
        assert_eq!(site.group(GROUP).0, desired, "by {by}");
    }
}

/// Who does not honor a cooldown does not wait; a policy that changes nothing begins none; and
/// the group's cooldown of 300 s stands in for a policy without its own.
#[test]
fn cooldowns_are_for_those_who_honor_them() {
    let mut site = fleet((1, 4, 4)).site();
    simple(&mut site, "out", "ChangeInCapacity", 1);
    put(
        &mut site,
        "in",
        json!({"AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": -1}),
    );
    site.accepted(EXECUTE, honoring("out"));
    site.accepted(EXECUTE, honoring("in"));
    assert_eq!(site.group(GROUP).0, 3);
    site.run_to(329);
    assert_eq!(
        site.call(EXECUTE, honoring("in")).unwrap_err().code,
        BLOCKED
    );
    site.accepted(EXECUTE, execute("in"));
    assert_eq!(site.group(GROUP).0, 2);
    site.run_to(658);
    assert_eq!(
        site.call(EXECUTE, honoring("in")).unwrap_err().code,
        BLOCKED
    );
    site.run_to(659);
    site.accepted(EXECUTE, honoring("in"));
    assert_eq!(site.group(GROUP).0, 1);
}

#[test]
fn what_cannot_be_executed_is_refused() {
    let mut site = fleet((1, 4, 2)).site();
    simple(&mut site, "simple", "ChangeInCapacity", 1);
    guide(&mut site, None);
    put(
        &mut site,
        "off",
        json!({"AdjustmentType": "ExactCapacity", "ScalingAdjustment": 1, "Enabled": false}),
    );
    put(
        &mut site,
        "forecast",
        json!({"PolicyType": "PredictiveScaling", "PredictiveScalingConfiguration":
            {"MetricSpecifications": []}}),
    );
    let with = |name: &str, value: Value, threshold: Value| {
        let mut params = execute(name);
        params["MetricValue"] = value;
        params["BreachThreshold"] = threshold;
        params
    };
    for (params, message) in [
        (execute("none"), "ScalingPolicy 'none' not found"),
        (execute("off"), "ScalingPolicy 'off' is disabled"),
        (
            execute("forecast"),
            "A policy of type PredictiveScaling cannot be executed",
        ),
        (
            with("simple", json!(1), json!(null)),
            "MetricValue is only supported for policy type: StepScaling.",
        ),
        (
            with("out", json!(null), json!(50)),
            "MetricValue must be specified for policy type: StepScaling.",
        ),
        (
            with("out", json!(60), json!(null)),
            "BreachThreshold must be specified for policy type: StepScaling.",
        ),
        (
            with("out", json!(49.5), json!(50)),
            "No step adjustment found for metric value [49.5] and breach threshold 50.0",
        ),
    ] {
        site.invalid(EXECUTE, params, message);
    }
    assert_eq!(site.group(GROUP).0, 2);
}

fn suspend(site: &mut Site, suspended: bool) {
    let name = if suspended { "Suspend" } else { "Resume" };
    site.accepted(
        &format!("autoscaling:{name}Processes"),
        json!({"AutoScalingGroupName": GROUP, "ScalingProcesses": ["Launch"]}),
    );
}

fn set_capacity(site: &mut Site, desired: u32) {
    site.accepted(
        "autoscaling:SetDesiredCapacity",
        json!({"AutoScalingGroupName": GROUP, "DesiredCapacity": desired}),
    );
}

/// A scaling that is taken back before anything was launched leaves a cooldown that ends, and not
/// the warm-up of what it was to launch. R-POLICY-3, R-POLICY-5
#[test]
fn what_is_taken_back_leaves_nothing_behind() {
    let mut fleet = fleet((1, 8, 4));
    fleet.0.assumptions.manual_scaling_cooldown = false;
    let mut site = fleet.clone().site();
    simple(&mut site, "out", "ChangeInCapacity", 1);
    site.accepted(EXECUTE, execute("out"));
    suspend(&mut site, true);
    site.run_to(199);
    let refused = site.call(EXECUTE, honoring("out")).unwrap_err();
    assert_eq!(refused.code, BLOCKED, "nothing is launched yet");
    site.run_to(200);
    set_capacity(&mut site, 4);
    suspend(&mut site, false);
    // it is over as of now, and its cooldown takes 60 s
    site.run_to(259);
    let refused = site.call(EXECUTE, honoring("out")).unwrap_err();
    assert_eq!(refused.code, BLOCKED);
    site.run_to(260);
    site.accepted(EXECUTE, honoring("out"));
    assert_eq!(site.group(GROUP).0, 5);

    let mut site = fleet.site();
    guide(&mut site, Some(3_000));
    // 30 % of four are one
    assert_eq!(breach(&mut site, "out", 70.0), 5);
    suspend(&mut site, true);
    site.run_to(200);
    set_capacity(&mut site, 4);
    suspend(&mut site, false);
    site.run_to(400);
    set_capacity(&mut site, 5);
    site.run_to(800);
    assert_eq!(
        breach(&mut site, "out", 70.0),
        6,
        "the one a user asked for does not warm up"
    );
}
