//! `autoscaling:PutScheduledUpdateGroupAction` and its kin: what is scheduled, when it is carried out,
//! and what is refused.

use serde_json::{Value, json};

use super::fleet::{Fleet, GROUP, Site};

const PUT: &str = "autoscaling:PutScheduledUpdateGroupAction";
const DESCRIBE: &str = "autoscaling:DescribeScheduledActions";
const DELETE: &str = "autoscaling:DeleteScheduledAction";

/// Three instances between two and six, at 2026-01-01T00:00:00Z.
fn site() -> Site {
    Fleet::aws()
        .group(GROUP, (2, 6, 3), &["i-1", "i-2", "i-3"])
        .site()
}

/// The parameters of an action with `more` in them.
fn action(name: &str, more: &Value) -> Value {
    let mut params = json!({"AutoScalingGroupName": GROUP, "ScheduledActionName": name});
    let fields = params.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    params
}

fn put(site: &mut Site, name: &str, more: &Value) {
    let answer = site.accepted(PUT, action(name, more));
    assert_eq!(answer, json!({}));
}

/// Minimum, maximum and desired capacity.
fn sizes(site: &Site) -> (u32, u32, u32) {
    let group = &site.cloud().groups[0];
    (group.min_size, group.max_size, group.counts.desired)
}

fn described(site: &mut Site, params: Value) -> Vec<Value> {
    let answer = site.accepted(DESCRIBE, params);
    answer["ScheduledUpdateGroupActions"]
        .as_array()
        .unwrap()
        .clone()
}

/// A time without a zone is one in UTC.
#[test]
fn times_are_in_utc() {
    for start in [
        "2026-01-01T00:10:00",
        "2026-01-01T00:10:00Z",
        "2026-01-01T02:10:00+02:00",
    ] {
        let mut site = site();
        put(
            &mut site,
            "once",
            &json!({"DesiredCapacity": 5, "StartTime": start}),
        );
        site.run_to(599);
        assert_eq!(sizes(&site).2, 3, "{start}");
        site.run_to(600);
        assert_eq!(sizes(&site).2, 5, "{start}");
    }
}

/// An action is carried out once at its time, sets what it says and moves the desired capacity with
/// the sizes. R-SCHEDULE-1
#[test]
fn sizes_change_at_the_time() {
    for (more, after) in [
        (json!({"DesiredCapacity": 5}), (2, 6, 5)),
        (json!({"MinSize": 4}), (4, 6, 4)),
        (json!({"MaxSize": 2}), (2, 2, 2)),
        (json!({"MinSize": 0, "MaxSize": 9}), (0, 9, 3)),
        (
            json!({"MinSize": 1, "MaxSize": 8, "DesiredCapacity": 8}),
            (1, 8, 8),
        ),
        // beyond the sizes the group has by then it goes as far as they do
        (json!({"DesiredCapacity": 9}), (2, 6, 6)),
        // sizes that contradict those of the group are passed over
        (json!({"MinSize": 7}), (2, 6, 3)),
    ] {
        let mut site = site();
        let mut params = more.clone();
        params["StartTime"] = json!("2026-01-01T00:10:00Z");
        put(&mut site, "night", &params);
        site.run_to(600);
        assert_eq!(sizes(&site), after, "{more}");
        assert_eq!(described(&mut site, json!({})), Vec::<Value>::new());
        site.run_to(2_000);
        assert_eq!(sizes(&site), after, "{more}");
        let members = site.group(GROUP).1.len();
        assert_eq!(members, after.2 as usize, "{more}");
    }
}

/// The words of the activity: a seen example names the constraints, then the action. R-SCHEDULE-1
#[test]
fn activities_begin_with_the_action() {
    let mut site = site();
    let night = json!({"MinSize": 1, "MaxSize": 5, "DesiredCapacity": 2,
        "StartTime": "2026-01-01T00:10:00Z"});
    put(&mut site, "Scale-Down", &night);
    site.run_to(601);
    let cause = &site.cloud().activities[0].2.cause;
    let begin = "At 2026-01-01T00:10:00Z a scheduled action update of AutoScalingGroup \
                 constraints to min: 1, max: 5, desired: 2 changing the desired capacity from 3 \
                 to 2.  At 2026-01-01T00:10:00Z the scheduled action Scale-Down executed. Setting \
                 min size from 2 to 1. Setting max size from 6 to 5. Setting desired capacity \
                 from 3 to 2.  At 2026-01-01T00:10:00Z an instance was taken out of service in \
                 response to a difference between desired and actual capacity, shrinking the \
                 capacity from 3 to 2.  At 2026-01-01T00:10:00Z instance ";
    assert!(cause.starts_with(begin), "{cause}");
}

/// A recurrence comes round in UTC, first at the start if there is one, and not after the end.
/// R-SCHEDULE-2
#[test]
fn a_recurrence_comes_round() {
    let mut site = site();
    let flip = |desired: u32, minute: &str| {
        json!({"DesiredCapacity": desired, "Recurrence": format!("{minute} * * * *"),
            "EndTime": "2026-01-01T02:00:00Z", "TimeZone": "Etc/UTC"})
    };
    put(&mut site, "up", &flip(5, "10"));
    put(&mut site, "down", &flip(2, "40"));
    let mut early = flip(6, "20");
    early["StartTime"] = json!("2026-01-01T00:05:00Z");
    put(&mut site, "early", &early);
    let next: Vec<Value> = described(&mut site, json!({"AutoScalingGroupName": GROUP}));
    let next: Vec<&Value> = next.iter().map(|action| &action["StartTime"]).collect();
    assert_eq!(
        next,
        [
            "2026-01-01T00:10:00Z",
            "2026-01-01T00:40:00Z",
            "2026-01-01T00:05:00Z"
        ]
    );
    for (minute, desired) in [
        (4, 3),
        (5, 6),
        (10, 5),
        (20, 6),
        (40, 2),
        (69, 2),
        (70, 5),
        (80, 6),
        (100, 2),
        // 02:10 is after the end
        (130, 2),
    ] {
        site.run_to(minute * 60);
        assert_eq!(sizes(&site).2, desired, "after {minute} minutes");
    }
    assert_eq!(described(&mut site, json!({})), Vec::<Value>::new());
}

/// While its process is suspended an action is not carried out, and not made up for; a recurrence
/// goes on. R-SCHEDULE-3
#[test]
fn a_suspended_process_carries_nothing_out() {
    let mut site = site();
    let once = json!({"DesiredCapacity": 5, "StartTime": "2026-01-01T00:10:00Z"});
    put(&mut site, "once", &once);
    put(
        &mut site,
        "often",
        &json!({"DesiredCapacity": 6, "Recurrence": "15,45 * * * *"}),
    );
    let process = json!({"AutoScalingGroupName": GROUP, "ScalingProcesses": ["ScheduledActions"]});
    site.accepted("autoscaling:SuspendProcesses", process.clone());
    site.run_to(1_000);
    site.accepted("autoscaling:ResumeProcesses", process);
    site.run_to(45 * 60 - 1);
    assert_eq!(sizes(&site).2, 3);
    let left = described(&mut site, json!({}));
    assert_eq!(left.len(), 1, "the one that is over is gone: {left:?}");
    site.run_to(45 * 60);
    assert_eq!(sizes(&site).2, 6);
}

/// What is left out of an action that is there stays as it was; others are found by name, ARN and
/// time. R-SCHEDULE-1
#[test]
fn actions_are_changed_described_and_deleted() {
    let mut site = site();
    let first = json!({"MinSize": 1, "DesiredCapacity": 4, "Recurrence": "0 8 * * 1-5"});
    put(&mut site, "morning", &first);
    put(&mut site, "morning", &json!({"DesiredCapacity": 5}));
    let evening = json!({"DesiredCapacity": 2, "Time": "2026-01-01T20:00:00+01:00"});
    put(&mut site, "evening", &evening);
    let all = described(&mut site, json!({"AutoScalingGroupName": GROUP}));
    let arn = all[0]["ScheduledActionARN"].as_str().unwrap().to_owned();
    assert!(arn.ends_with(&format!(
        ":autoScalingGroupName/{GROUP}:scheduledActionName/morning"
    )));
    assert_eq!(
        all[0],
        json!({"AutoScalingGroupName": GROUP, "ScheduledActionName": "morning",
            "ScheduledActionARN": arn, "Time": "2026-01-01T08:00:00Z",
            "StartTime": "2026-01-01T08:00:00Z", "MinSize": 1, "DesiredCapacity": 5,
            "Recurrence": "0 8 * * 1-5"})
    );
    assert_eq!(all[1]["StartTime"], "2026-01-01T19:00:00Z");
    let names = |all: Vec<Value>| -> Vec<String> {
        let name = |action: &Value| action["ScheduledActionName"].as_str().unwrap().to_owned();
        all.iter().map(name).collect()
    };
    for (params, expected) in [
        (json!({}), vec!["morning", "evening"]),
        (
            json!({"ScheduledActionNames": [arn, "none"]}),
            vec!["morning"],
        ),
        (
            json!({"StartTime": "2026-01-01T12:00:00Z"}),
            vec!["evening"],
        ),
        (json!({"EndTime": "2026-01-01T12:00:00Z"}), vec!["morning"]),
        (json!({"MaxRecords": 1, "NextToken": "1"}), vec!["evening"]),
    ] {
        assert_eq!(names(described(&mut site, params)), expected);
    }
    let evening = json!({"AutoScalingGroupName": GROUP, "ScheduledActionName": "evening"});
    site.accepted(DELETE, evening.clone());
    site.invalid(DELETE, evening, "Scheduled action 'evening' not found");
    // a Thursday
    site.run_to(8 * 3_600);
    assert_eq!(sizes(&site), (1, 6, 5));
}

/// A run that lasts until everything has settled waits for an action that is carried out once, not
/// for one that never ends.
#[test]
fn settling_waits_for_what_is_scheduled_once() {
    let mut site = site();
    let often = json!({"MaxSize": 6, "Recurrence": "* * * * *"});
    put(&mut site, "often", &often);
    assert!(site.cloud().is_settled());
    let once = json!({"DesiredCapacity": 4, "StartTime": "2026-01-01T00:10:00Z"});
    put(&mut site, "once", &once);
    for (second, settled) in [(0, false), (599, false), (600, false), (700, true)] {
        site.run_to(second);
        assert_eq!(site.cloud().is_settled(), settled, "at {second} s");
    }
}

/// A group that is deleted does nothing by the clock.
#[test]
fn a_deleted_group_has_no_schedule() {
    let mut site = site();
    let once = json!({"DesiredCapacity": 5, "StartTime": "2026-01-01T00:10:00Z"});
    put(&mut site, "once", &once);
    site.accepted(
        "autoscaling:DeleteAutoScalingGroup",
        json!({"AutoScalingGroupName": GROUP, "ForceDelete": true}),
    );
    site.run_to(599);
    assert!(site.cloud().is_settled(), "nothing is to come");
    site.run_to(1_200);
    let group = &site.cloud().groups[0];
    assert!(group.scaling.scheduled.is_empty() && group.members.is_empty());
    assert_eq!(group.counts.desired, 0);
    assert!(site.cloud().is_settled());
}

#[test]
fn sizes_that_contradict_each_other_are_refused() {
    let mut site = site();
    let at = "2026-01-01T00:10:00Z";
    for (more, message) in [
        (
            json!({"StartTime": at}),
            "At least one of MinSize, MaxSize and DesiredCapacity must be specified",
        ),
        (json!({"MinSize": -1}), "MinSize must be at least 0, not -1"),
        (
            json!({"MinSize": 3, "MaxSize": 2}),
            "Min size must be less than or equal to max size",
        ),
        (
            json!({"MinSize": 2, "DesiredCapacity": 0}),
            "Desired capacity must be greater than or equal to min size",
        ),
        (
            json!({"MaxSize": 2, "DesiredCapacity": 3}),
            "Desired capacity must be less than or equal to max size",
        ),
    ] {
        site.invalid(PUT, action("second", &more), message);
    }
}

#[test]
fn times_that_never_come_are_refused() {
    let mut site = site();
    let at = "2026-01-01T00:10:00Z";
    put(
        &mut site,
        "first",
        &json!({"DesiredCapacity": 4, "StartTime": at}),
    );
    site.run_to(60);
    let start = "A start time or a recurrence that is to come must be specified";
    for (more, message) in [
        (json!({"MinSize": 1}), start),
        (
            json!({"MinSize": 1, "Recurrence": "0 8 * * *", "EndTime": "2026-01-01T07:00:00Z"}),
            start,
        ),
        (
            json!({"MinSize": 1, "StartTime": "2026-01-01T00:01:00Z"}),
            "Given start time is in the past",
        ),
        (
            json!({"MinSize": 1, "StartTime": "2025-01-01T00:00:00Z"}),
            "Given start time is in the past",
        ),
        (
            json!({"MinSize": 1, "StartTime": at, "EndTime": "2025-01-01T00:00:00Z"}),
            "Given end time is in the past",
        ),
        (
            json!({"MinSize": 1, "StartTime": at, "EndTime": at}),
            "Given end time is before the start time",
        ),
        (
            json!({"MinSize": 1, "StartTime": at, "Time": "2026-01-01T00:11:00Z"}),
            "Time and StartTime must be the same if both are specified",
        ),
        (
            json!({"MinSize": 1, "Recurrence": "0 8 * *"}),
            "Given recurrence string:0 8 * * is invalid",
        ),
        (
            json!({"MinSize": 1, "Recurrence": "*/+5 * * * *"}),
            "Given recurrence string:*/+5 * * * * is invalid",
        ),
        (
            json!({"MinSize": 1, "Recurrence": "0 8 * * *", "TimeZone": "Europe/Paris"}),
            "drainsim knows no time zone Europe/Paris: write the recurrence in UTC",
        ),
        (
            json!({"MinSize": 1, "StartTime": at, "TimeZone": "UTC"}),
            "A time zone can be specified only with a recurrence",
        ),
    ] {
        site.invalid(PUT, action("second", &more), message);
    }
    let taken = "Scheduled action with this scheduled start time already exists";
    site.refused(
        PUT,
        action("second", &json!({"MinSize": 1, "StartTime": at})),
        ("AlreadyExists", 400, taken),
    );
    let nobody = json!({"AutoScalingGroupName": "none", "ScheduledActionName": "x", "MinSize": 1});
    site.invalid(PUT, nobody, "AutoScalingGroup name not found - null");
}

#[test]
fn a_group_has_125_actions_at_most() {
    let mut site = site();
    let at = |number: usize| {
        let start = format!("2026-01-02T{:02}:{:02}:00Z", number / 60, number % 60);
        json!({"MinSize": 1, "StartTime": start})
    };
    for number in 0..125 {
        put(&mut site, &format!("n{number}"), &at(number));
    }
    site.refused(
        PUT,
        action("more", &at(125)),
        (
            "LimitExceeded",
            400,
            "Only 125 scheduled actions are allowed per Auto Scaling group",
        ),
    );
    put(&mut site, "n7", &json!({"MaxSize": 7}));
}

/// The start that an action keeps counts when it is given an end. R-SCHEDULE-1
#[test]
fn an_end_before_the_start_that_is_kept_is_refused() {
    let mut site = site();
    let once = json!({"DesiredCapacity": 6, "StartTime": "2026-01-01T00:20:00Z"});
    put(&mut site, "once", &once);
    site.run_to(20);
    for minute in [10, 20] {
        let end = json!({"EndTime": format!("2026-01-01T00:{minute}:00Z")});
        let message = "Given end time is before the start time";
        site.invalid(PUT, action("once", &end), message);
    }
    let end = json!({"EndTime": "2026-01-01T00:30:00Z"});
    put(&mut site, "once", &end);
    site.run_to(1_200);
    assert_eq!(sizes(&site).2, 6);
}

/// An end beyond all that a run can last is one that never comes, and both are shown as they were
/// put. R-SCHEDULE-2
#[test]
fn a_far_end_is_none() {
    let mut site = site();
    let far = "9000-01-01T00:00:00Z";
    put(
        &mut site,
        "often",
        &json!({"DesiredCapacity": 5, "Recurrence": "*/5 * * * *", "EndTime": far}),
    );
    put(
        &mut site,
        "late",
        &json!({"DesiredCapacity": 2, "StartTime": "2500-01-01T00:00:00Z", "EndTime": far}),
    );
    let shown = described(&mut site, json!({}));
    let times = |key: &str| [&shown[0][key], &shown[1][key]];
    assert_eq!(times("EndTime"), [far, far]);
    assert_eq!(
        times("StartTime"),
        ["2026-01-01T00:05:00Z", "2500-01-01T00:00:00Z"]
    );
    // it is after this start, too, though neither comes
    let never = json!({"StartTime": "8000-01-01T00:00:00Z", "EndTime": far});
    put(&mut site, "late", &never);
    let before = json!({"EndTime": "7000-01-01T00:00:00Z"});
    let message = "Given end time is before the start time";
    site.invalid(PUT, action("late", &before), message);
    site.run_to(300);
    assert_eq!(sizes(&site).2, 5);
}
