//! Runbooks: waits, loops, faults and things created on the way, driven from the text of a file.

mod random;

use std::path::Path;

use drainsim::engine::time::SimTime;
use drainsim::experiment::outcome::{EntryOutcome, EntryResult, Outcome, Stop, Unfinished};
use drainsim::experiment::run::{RunOptions, run};
use drainsim::scenario::{LoadOptions, load_text};

use crate::fleet::at;

/// Four instances in service behind a balancer whose targets drain for 60 s; boot takes 30 s and
/// another 10 s until the process answers, lags are none.
const FLEET: &str = "
load_balancers:
  front:
    type: application
    zones: [a, b]
    listeners: { http: { forward: [{ target_group: web }] } }
target_groups:
  web:
    arn: arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/web/73e2d6bc24d8a067
    attributes: { deregistration_delay.timeout_seconds: 60 }
launch_templates:
  web-v1: { boot: 30s, ready: 10s }
groups:
  asg:
    min_size: 0
    max_size: 8
    desired_capacity: 4
    zones: [a, b]
    launch_template: web-v1
    traffic_sources: [web]
    instances:
      - { id: i-00000000000000001 }
      - { id: i-00000000000000002 }
      - { id: i-00000000000000003 }
      - { id: i-00000000000000004 }
workloads:
  shop:
    to: front/http
    arrivals: { constant: { rate: 20/s } }
    service_time: 200ms
settings: { propagation.alb: 0s, registration.alb: 0s }
";

const ONE: &str = "i-00000000000000001";

/// The outcome of the fleet with `timeline`, which stands two spaces deep, and `rest`.
fn outcome_of(horizon: &str, timeline: &str, rest: &str) -> Outcome {
    let text = format!("horizon: {horizon}\n{FLEET}\ntimeline:\n{timeline}\n{rest}\n");
    let loaded = load_text(
        "runbook.yaml",
        &text,
        Path::new("."),
        &LoadOptions::default(),
    );
    let loaded = loaded.unwrap_or_else(|found| {
        panic!("{}", drainsim::cli::diagnostics::render(&found, false));
    });
    let options = RunOptions {
        check_everything: true,
        ..RunOptions::default()
    };
    run(&loaded.scenario, &options)
}

/// The problems found in the fleet with `timeline`.
fn problems_of(timeline: &str, rest: &str) -> String {
    let text = format!("horizon: 20m\n{FLEET}\ntimeline:\n{timeline}\n{rest}\n");
    let found = load_text(
        "runbook.yaml",
        &text,
        Path::new("."),
        &LoadOptions::default(),
    );
    drainsim::cli::diagnostics::render(&found.unwrap_err(), false)
}

fn entry<'a>(outcome: &'a Outcome, name: &str) -> &'a EntryOutcome {
    let found = outcome.timeline.iter().find(|entry| entry.name == name);
    found.unwrap_or_else(|| panic!("there is no `{name}` among {:?}", names(outcome)))
}

fn names(outcome: &Outcome) -> Vec<&str> {
    outcome.timeline.iter().map(|e| e.name.as_str()).collect()
}

fn made_at(outcome: &Outcome, name: &str) -> Option<SimTime> {
    entry(outcome, name).at
}

fn ending(outcome: &Outcome, name: &str) -> &'static str {
    entry(outcome, name).result.name()
}

const DEREGISTER: &str = "
  - at: 100s
    as: deregister
    call: elbv2:DeregisterTargets
    params: { TargetGroupArn: \"${web.arn}\", Targets: [{ Id: i-00000000000000001 }] }
";

#[test]
fn a_wait_ends_when_what_it_waits_for_comes() {
    let timeline = format!(
        "{DEREGISTER}
  - {{ after: deregister, as: drained, wait_until: targets.web.draining == 0, timeout: 5m }}
  - {{ after: drained, delay: 5s, as: next, call: autoscaling:DescribeAutoScalingGroups }}"
    );
    let outcome = outcome_of("10m", &timeline, "");
    // 100 s and the deregistration delay of 60 s, and 5 s more
    assert_eq!(made_at(&outcome, "drained"), Some(at(100)));
    assert_eq!(made_at(&outcome, "next"), Some(at(165)));
    assert!(outcome.passed(), "{:?}", outcome.timeline);
}

#[test]
fn a_wait_that_looks_now_and_then_sees_it_at_its_next_look() {
    let timeline = format!(
        "{DEREGISTER}
  - after: deregister
    as: drained
    wait_until: targets.web.{ONE}.health == unused
    every: 25s
    timeout: 5m
  - {{ after: drained, as: next, call: autoscaling:DescribeAutoScalingGroups }}"
    );
    let outcome = outcome_of("10m", &timeline, "");
    // looks at 100, 125, 150 and 175 s; the target is unused from 160 s on
    assert_eq!(made_at(&outcome, "next"), Some(at(175)));
}

#[test]
fn a_wait_in_vain_stops_what_is_after_it_unless_it_says_otherwise() {
    let with = |more: &str| {
        let timeline = format!(
            "{DEREGISTER}
  - {{ after: deregister, as: drained, wait_until: targets.web.draining == 0, timeout: 30s{more} }}
  - {{ after: drained, as: next, call: autoscaling:DescribeAutoScalingGroups, expect: any }}
  - {{ after: next, as: last, call: autoscaling:DescribeAutoScalingGroups, expect: not_made }}"
        );
        outcome_of("10m", &timeline, "")
    };
    let stopped = with("");
    assert_eq!(ending(&stopped, "drained"), "timed_out");
    let (wait, next) = (entry(&stopped, "drained"), entry(&stopped, "next"));
    assert!(wait.unexpected.as_ref().unwrap().contains("within 30s"));
    assert_eq!((next.at, ending(&stopped, "next")), (None, "not_made"));
    assert!(
        next.unexpected
            .as_ref()
            .unwrap()
            .contains("`drained` failed")
    );
    assert_eq!(entry(&stopped, "last").unexpected, None);
    assert!(!stopped.passed());
    let went_on = with(", expect: timed_out, on_failure: go_on");
    assert_eq!(made_at(&went_on, "next"), Some(at(130)));
    assert_eq!(entry(&went_on, "drained").unexpected, None);
    // the last one is made now, which it was not to be
    let last = entry(&went_on, "last");
    assert_eq!(last.unexpected.as_deref(), Some("it was made"));
}

#[test]
fn a_wait_that_is_open_at_the_horizon_says_so() {
    let timeline = "  - { at: 1m, as: forever, wait_until: groups.asg.desired == 7, timeout: 1h, expect: any }";
    let outcome = outcome_of("5m", timeline, "");
    let forever = entry(&outcome, "forever");
    let EntryResult::Unfinished { how, .. } = &forever.result else {
        panic!("{forever:?}");
    };
    assert_eq!(*how, Unfinished::Open);
    assert!(forever.unexpected.is_some() && !outcome.passed());
    assert_eq!(outcome.measurements.end, at(300));
}

/// The waiter of the command line and of Terraform: 40 looks, 15 s apart.
#[test]
fn a_waiter_loop_asks_until_the_answer_is_right() {
    let timeline = format!(
        "{DEREGISTER}
  - after: deregister
    as: waiter
    repeat: {{ times: 40, every: 15s, until: \"all ${{health.response.TargetHealthDescriptions[*].TargetHealth.State}} == unused\" }}
    steps:
      - as: health
        call: elbv2:DescribeTargetHealth
        params: {{ TargetGroupArn: \"${{web.arn}}\", Targets: [{{ Id: {ONE} }}] }}
  - {{ after: waiter, as: next, call: autoscaling:DescribeAutoScalingGroups }}"
    );
    let outcome = outcome_of("20m", &timeline, "");
    // asked at 100, 115, 130, 145 and 160 s, when the delay of 60 s is over
    assert_eq!(
        names(&outcome),
        [
            "deregister",
            "waiter",
            "waiter[0].health",
            "waiter[1].health",
            "waiter[2].health",
            "waiter[3].health",
            "waiter[4].health",
            "next"
        ]
    );
    assert_eq!(made_at(&outcome, "waiter[4].health"), Some(at(160)));
    assert_eq!(made_at(&outcome, "next"), Some(at(160)));
    assert!(outcome.passed());
}

#[test]
fn a_waiter_gives_up_after_its_last_look() {
    let waiter = |repeat: &str| {
        let timeline = format!(
            "  - at: 100s
    as: waiter
    repeat: {{ {repeat}, until: \"count ${{groups.response.AutoScalingGroups}} == 2\" }}
    on_failure: go_on
    expect: timed_out
    steps: [{{ as: groups, call: autoscaling:DescribeAutoScalingGroups }}]
  - {{ after: waiter, as: next, call: autoscaling:DescribeAutoScalingGroups }}"
        );
        let outcome = outcome_of("20m", &timeline, "");
        let looks = names(&outcome)
            .iter()
            .filter(|n| n.ends_with(".groups"))
            .count();
        assert!(outcome.passed());
        (looks, made_at(&outcome, "next").unwrap())
    };
    // 40 looks at 100, 115, ..., 685 s; nothing is slept after the last
    assert_eq!(waiter("times: 40, every: 15s"), (40, at(685)));
    // the same looks within ten minutes, and the end of those
    assert_eq!(waiter("timeout: 10m, every: 15s"), (40, at(700)));
}

/// Detach, wait until the balancer and the group let go, terminate: one instance after another.
const ROLL: &str = "
  - at: 100s
    as: roll
    for_each: \"${asg.oldest(2)}\"
    steps:
      - as: detach
        call: autoscaling:DetachInstances
        params: { AutoScalingGroupName: asg, InstanceIds: [\"${roll.item}\"], ShouldDecrementDesiredCapacity: true }
      - { wait_until: \"instances.${roll.item}.lifecycle == Detached\", timeout: 10m }
      - sleep: 25s
      - as: terminate
        call: ec2:TerminateInstances
        params: { InstanceIds: [\"${roll.item}\"] }
";

#[test]
fn a_loop_rolls_over_the_members_of_a_group() {
    let timeline = format!(
        "{ROLL}
  - after: roll
    as: look
    call: ec2:TerminateInstances
    params: {{ InstanceIds: [\"${{terminate.response.TerminatingInstances[0].InstanceId}}\"] }}"
    );
    let outcome = outcome_of(
        "15m",
        &timeline,
        "expect: [requests.lost == 0, groups.asg.desired == 2, groups.asg.in_service == 2]",
    );
    assert_eq!(
        names(&outcome),
        [
            "roll",
            "roll[0].detach",
            "roll[0].step-2",
            "roll[0].step-3",
            "roll[0].terminate",
            "roll[1].detach",
            "roll[1].step-2",
            "roll[1].step-3",
            "roll[1].terminate",
            "look"
        ]
    );
    // each round: the delay of 60 s, and 25 s of sleep
    for (name, seconds) in [
        ("roll[0].detach", 100),
        ("roll[0].step-3", 160),
        ("roll[0].terminate", 185),
        ("roll[1].detach", 185),
        ("roll[1].terminate", 270),
        ("look", 270),
    ] {
        assert_eq!(made_at(&outcome, name), Some(at(seconds)), "{name}");
    }
    // behind the loop a name means its last making
    let second = serde_json::json!(["i-00000000000000002"]);
    assert_eq!(entry(&outcome, "look").params["InstanceIds"], second);
    assert!(
        outcome.passed(),
        "{:?} {:?}",
        outcome.expectations,
        outcome.timeline
    );
}

/// Whoever does not wait loses requests, and each loss is on the round that made it.
#[test]
fn losses_are_on_the_makings_that_caused_them() {
    let without_wait = ROLL
        .replace(
            "      - { wait_until: \"instances.${roll.item}.lifecycle == Detached\", timeout: 10m }\n",
            "",
        )
        .replace("sleep: 25s", "sleep: 1s");
    let slow = "variants: {}\nexpect:
  - requests.lost{call=terminate} > 0
  - requests.lost{call=roll} > 0
  - requests.lost{call=detach} == 0
  - requests.lost{cause=killed_by_target_exit, call=terminate} > 0
  - requests.unattributed == 0";
    let timeline = format!("  - {{ at: 10s, as: first, sleep: 1s }}\n{without_wait}");
    let text = format!("horizon: 15m\n{FLEET}\ntimeline:\n{timeline}\n{slow}\n")
        .replace("service_time: 200ms", "service_time: 20s")
        .replace(
            "web-v1: { boot: 30s, ready: 10s }",
            "web-v1: { boot: 30s, ready: 10s, shutdown: { when: terminate, then: exit } }",
        );
    let loaded = load_text("roll.yaml", &text, Path::new("."), &LoadOptions::default()).unwrap();
    let outcome = run(&loaded.scenario, &RunOptions::default());
    assert!(outcome.passed(), "{:?}", outcome.expectations);
    let by_round: Vec<u64> = (0..2)
        .map(|round| entry(&outcome, &format!("roll[{round}].terminate")).lost)
        .collect();
    assert!(by_round.iter().all(|lost| *lost > 0), "{by_round:?}");
    let all: u64 = outcome.timeline.iter().map(|entry| entry.lost).sum();
    assert_eq!(all, outcome.measurements.requests.lost());
    // what lists drains names the making, too
    let drains = outcome.measurements.drains.iter();
    let makers: Vec<&str> = drains
        .map(|drain| outcome.timeline[drain.entry.unwrap().index()].name.as_str())
        .collect();
    assert_eq!(makers, ["roll[0].detach", "roll[1].detach"]);
    for (index, entry) in outcome.timeline.iter().enumerate() {
        assert_eq!(entry.entry.index(), index);
    }
}

#[test]
fn a_step_that_fails_ends_its_loop_only_if_it_says_so() {
    let with = |more: &str| {
        let timeline = format!(
            "  - at: 100s
    as: roll
    for_each: [i-0000000000000dead, {ONE}]
    expect: any
    steps:
      - as: terminate
        call: ec2:TerminateInstances
        params: {{ InstanceIds: [\"${{roll.item}}\"] }}
        expect: any
{more}
  - {{ after: roll, as: next, call: autoscaling:DescribeAutoScalingGroups, expect: any }}"
        );
        outcome_of("10m", &timeline, "")
    };
    let on = with("");
    assert_eq!(ending(&on, "roll[0].terminate"), "error");
    assert_eq!(ending(&on, "roll[1].terminate"), "ok");
    assert_eq!(ending(&on, "next"), "ok");
    let off = with("        on_failure: stop");
    assert_eq!(names(&off), ["roll", "roll[0].terminate", "next"]);
    assert_eq!(ending(&off, "roll"), "stopped");
    assert_eq!(ending(&off, "next"), "not_made");
}

#[test]
fn a_name_in_a_loop_means_the_last_making_even_of_the_round_before() {
    let timeline = "
  - at: 10s
    as: poll
    repeat: { times: 3, every: 10s }
    steps:
      - as: shrink
        call: autoscaling:SetDesiredCapacity
        params: { AutoScalingGroupName: asg, DesiredCapacity: \"${poll.index}\" }
        expect: any
      - as: look
        call: autoscaling:DescribeAutoScalingGroups
        params: { AutoScalingGroupNames: [asg] }
  - at: 15s
    as: between
    wait_until: ${look.response.AutoScalingGroups[0].DesiredCapacity} == 2
    timeout: 10m
  - { after: between, as: end, sleep: 0s }";
    let outcome = outcome_of("5m", timeline, "");
    assert_eq!(made_at(&outcome, "poll[2].look"), Some(at(30)));
    assert_eq!(made_at(&outcome, "end"), Some(at(30)));
}

#[test]
fn loops_have_ends_even_without_time() {
    let timeline = "
  - at: 10s
    as: outer
    for_each: [1, 2, 3]
    steps:
      - repeat: { times: 100000 }
        steps: [{ sleep: 0s }]
  - { after: outer, as: next, sleep: 0s, expect: not_made }";
    let outcome = outcome_of("1m", timeline, "");
    assert_eq!(outcome.timeline.len(), 100_000);
    assert_eq!(ending(&outcome, "outer"), "stopped");
    assert_eq!(ending(&outcome, "next"), "not_made");
    assert_eq!(outcome.stop, Stop::Horizon);
}

#[test]
fn a_run_settles_only_when_its_waits_and_loops_are_over() {
    let timeline = format!("{ROLL}  - {{ after: roll, as: end, sleep: 3m }}");
    let outcome = outcome_of("settled", &timeline, "");
    assert_eq!(outcome.stop, Stop::Settled);
    // the loop is over at 270 s
    assert_eq!(outcome.measurements.end, at(270 + 180));
}

/// Trap 10: what a group does by itself, deregistering and terminating, is no call: it has an activity
/// and a drain, and one who replays the calls makes one only.
#[test]
fn what_a_group_does_by_itself_is_no_call() {
    let timeline = format!(
        "
  - at: 1m
    as: terminate
    call: autoscaling:TerminateInstanceInAutoScalingGroup
    params: {{ InstanceId: {ONE}, ShouldDecrementDesiredCapacity: true }}"
    );
    let outcome = outcome_of("10m", &timeline, "");
    assert_eq!(names(&outcome), ["terminate"]);
    assert_eq!(outcome.measurements.drains.len(), 1);
    let activities = &outcome.measurements.activities;
    assert_eq!(activities.len(), 1);
}

#[test]
fn the_same_seed_makes_the_same_runbook() {
    let render = || {
        let outcome = outcome_of("15m", ROLL, "");
        let options = drainsim::report::ReportOptions {
            with_version: false,
        };
        let reports = drainsim::report::REPORTS
            .iter()
            .filter(|report| !report.is_plot());
        let bytes: Vec<Vec<u8>> = reports
            .map(|report| report.render(&outcome, &options).unwrap())
            .collect();
        (outcome.digest, bytes)
    };
    assert_eq!(render(), render());
}

#[test]
fn conditions_join_with_and_before_or() {
    let wait = |condition: &str| {
        let timeline = format!(
            "{DEREGISTER}
  - {{ at: 99s, as: wait, wait_until: '{condition}', timeout: 5m, expect: any }}
  - {{ after: wait, as: next, sleep: 0s, expect: any }}"
        );
        made_at(&outcome_of("10m", &timeline, ""), "next").map(|at| at.as_nanos() / 1_000_000_000)
    };
    let draining = "targets.web.draining == 1";
    assert_eq!(wait(draining), Some(100));
    assert_eq!(
        wait(&format!("{draining} and groups.asg.desired == 4")),
        Some(100)
    );
    assert_eq!(
        wait(&format!("{draining} and groups.asg.desired == 5")),
        None
    );
    let no = "groups.asg.desired == 5";
    assert_eq!(wait(&format!("{no} or {draining}")), Some(100));
    // read as (no and draining) or desired == 4, which holds at once
    assert_eq!(
        wait(&format!("{no} and {draining} or groups.asg.desired == 4")),
        Some(99)
    );
    assert_eq!(wait("${deregister.outcome} == ok"), Some(100));
    assert_eq!(
        wait(&format!("targets.web.{ONE}.health == draining")),
        Some(100)
    );
    assert_eq!(
        wait("instances.i-0000000000000dead.state == none"),
        Some(99)
    );
    assert_eq!(wait("drains.completed == 1"), Some(160));
}

#[test]
fn what_is_wrong_with_a_runbook_is_told_all_at_once() {
    let said = problems_of(
        "
  - { at: 1m, wait_until: targets.web.draining == 0 }
  - { at: 1m, wait_until: latency.p99 < 1s, timeout: 1m }
  - { at: 1m, sleep: 5s, timeout: 3s }
  - { at: 1m, repeat: { every: 5s }, steps: [{ sleep: 1s }] }
  - { at: 1m, as: loop, for_each: [a], steps: [{ as: inner, at: 3m, sleep: 1s }] }
  - { after: inner, sleep: 1s }
  - { at: 1m, wait_until: instances.i-1.state == off, timeout: 1s }
  - { at: 1m, fault: throtling }",
        "",
    );
    for code in [
        "DS0411",
        "DS0409",
        "DS0408",
        "DS0405",
        "DS0410",
        "DS0412",
        "no such state",
    ] {
        assert!(said.contains(code), "{code} in {said}");
    }
    assert_eq!(said.matches("error[").count(), 8, "{said}");
}

fn codes(outcome: &Outcome) -> Vec<(&str, &str, u16)> {
    let refused = outcome
        .timeline
        .iter()
        .filter_map(|entry| match &entry.result {
            EntryResult::Error {
                code,
                message,
                http_status,
                ..
            } => Some((code.as_str(), message.as_str(), *http_status)),
            EntryResult::Ok { .. }
            | EntryResult::NotMade { .. }
            | EntryResult::Unfinished { .. } => None,
        });
    refused.collect()
}

/// Source: R-FAULT-1.
#[test]
fn a_throttled_call_is_refused_with_the_code_of_its_service_and_changes_nothing() {
    let timeline = format!(
        "  - {{ at: 90s, fault: throttling, params: {{ operations: [elbv2:DeregisterTargets, ec2, autoscaling], for: 60s }} }}
{DEREGISTER}    expect: {{ error: Throttling, message: Rate exceeded }}
  - {{ at: 110s, call: ec2:TerminateInstances, params: {{ InstanceIds: [{ONE}] }}, expect: {{ error: RequestLimitExceeded }} }}
  - {{ at: 120s, call: autoscaling:DescribeAutoScalingGroups, expect: {{ error: Throttling }} }}
  - {{ at: 130s, as: other, call: elbv2:DescribeTargetHealth, params: {{ TargetGroupArn: \"${{web.arn}}\" }} }}
  - {{ at: 150s, as: later, call: autoscaling:DescribeAutoScalingGroups }}"
    );
    let rest = "expect: [drains.count == 0, groups.asg.in_service_min == 4]";
    let outcome = outcome_of("10m", &timeline, rest);
    assert_eq!(
        codes(&outcome),
        [
            ("Throttling", "Rate exceeded", 400),
            ("RequestLimitExceeded", "Request limit exceeded.", 503),
            ("Throttling", "Rate exceeded", 400),
        ]
    );
    assert!(outcome.passed(), "{:?}", outcome.timeline);
}

/// A runbook that retries: the bucket of two is spent by a refused call and by one that is answered,
/// and holds the next again after 10 s.
#[test]
fn a_retry_loop_gets_through_when_the_bucket_fills_again() {
    let timeline = format!(
        "  - {{ at: 90s, fault: throttling, params: {{ operations: [ec2], bucket: 2, refill: 6/min }} }}
  - {{ at: 95s, call: ec2:TerminateInstances, params: {{ InstanceIds: [i-0000000000000dead] }}, expect: any }}
  - {{ at: 95s, call: ec2:TerminateInstances, params: {{ InstanceIds: [{ONE}] }} }}
  - at: 96s
    as: retry
    repeat: {{ times: 5, every: 4s, until: '${{try.outcome}} == ok' }}
    steps:
      - {{ as: try, call: ec2:TerminateInstances, params: {{ InstanceIds: [i-00000000000000002] }}, expect: any }}"
    );
    let outcome = outcome_of("10m", &timeline, "");
    let endings: Vec<&str> = outcome.timeline[4..]
        .iter()
        .map(|e| e.result.name())
        .collect();
    // at 96, 100 and 104 s it holds 0.1, 0.5 and 0.9 calls, at 108 s 1.3
    assert_eq!(endings, ["error", "error", "error", "ok"]);
    let retry = entry(&outcome, "retry");
    assert_eq!(
        retry.result,
        EntryResult::Ok {
            response: serde_json::json!({ "rounds": 4 })
        }
    );
}

#[test]
fn contention_refuses_what_changes_a_group_while_it_lasts() {
    let detach = |at: &str| {
        format!(
            "  - {{ at: {at}, call: autoscaling:DetachInstances, params: {{ AutoScalingGroupName: asg, \
             InstanceIds: [{ONE}], ShouldDecrementDesiredCapacity: true }}, expect: any }}\n"
        )
    };
    let fault = "  - { at: 1m, fault: resource_contention, params: { for: 1m } }\n";
    let timeline = format!("{fault}{}{}", detach("90s"), detach("120s"));
    let outcome = outcome_of("10m", &timeline, "");
    let [(code, _, status)] = codes(&outcome)[..] else {
        panic!("{:?}", outcome.timeline);
    };
    assert_eq!((code, status), ("ResourceContention", 500));
    assert_eq!(outcome.timeline[2].result.name(), "ok");
}

/// Source: R-FAULT-2.
#[test]
fn a_launch_without_capacity_fails_in_words_and_goes_to_the_next_zone() {
    let timeline = |zones: &str| {
        format!(
            "  - {{ at: 1m, fault: launch_failure, params: {{ {zones}for: 5m }} }}
  - {{ at: 100s, as: grow, call: autoscaling:SetDesiredCapacity, params: {{ AutoScalingGroupName: asg, DesiredCapacity: 5 }} }}"
        )
    };
    let outcome = outcome_of(
        "15m",
        &timeline("zones: [a], "),
        "expect: [groups.asg.in_service == 5]",
    );
    let seen: Vec<_> = outcome
        .measurements
        .activities
        .iter()
        .map(|one| {
            (
                one.activity.status.name(),
                one.activity.details.contains("subnet-a"),
            )
        })
        .collect();
    // zones are even, so the first is tried first
    assert_eq!(seen, [("Failed", true), ("Successful", false)]);
    let failed = &outcome.measurements.activities[0];
    assert_eq!(
        failed.activity.status_message.as_deref(),
        Some(
            "We currently do not have sufficient web-v1 capacity in the Availability Zone you requested \
             (a). Our system will be working on provisioning additional capacity. You can currently \
             get web-v1 capacity by not specifying an Availability Zone in your request or choosing b. \
             Launching EC2 instance failed."
        )
    );
    assert!(outcome.passed(), "{:?}", outcome.expectations);
    let name = |activity: usize| {
        let entry = outcome.measurements.activities[activity].entry;
        outcome.timeline[entry.unwrap().index()].name.as_str()
    };
    assert_eq!((name(0), name(1)), ("grow", "grow"));

    // without any zone it is tried again every minute; the fault is over at 360 s
    let outcome = outcome_of("15m", &timeline(""), "expect: [groups.asg.in_service == 5]");
    let failed = outcome.measurements.activities.iter();
    let failed = failed.filter(|one| one.activity.status.name() == "Failed");
    let times: Vec<SimTime> = failed.map(|one| one.activity.start).collect();
    let tries = [102, 162, 222, 282, 342].map(at);
    assert_eq!(
        times,
        tries.iter().flat_map(|at| [*at, *at]).collect::<Vec<_>>()
    );
    let launched = outcome.measurements.activities.last().unwrap();
    assert_eq!(launched.activity.start, at(402));
    assert!(outcome.passed(), "{:?}", outcome.expectations);
}

/// Source: R-FAULT-3. The target is `draining` from 100 s on.
#[test]
fn stale_reads_answer_as_it_was() {
    let look = |at: &str, name: &str| {
        format!(
            "  - {{ at: {at}, as: {name}, call: elbv2:DescribeTargetHealth, params: {{ TargetGroupArn: \
             \"${{web.arn}}\", Targets: [{{ Id: {ONE} }}] }} }}\n"
        )
    };
    let state = |outcome: &Outcome, name: &str| {
        let EntryResult::Ok { response } = &entry(outcome, name).result else {
            panic!("{:?}", entry(outcome, name));
        };
        let state = &response["TargetHealthDescriptions"][0]["TargetHealth"]["State"];
        state.as_str().unwrap().to_owned()
    };
    let fault = "  - { at: 90s, fault: stale_describes, params: { lag: 10s, for: 100s } }\n";
    let timeline = format!(
        "{fault}{DEREGISTER}{}{}{}{}{}",
        look("105s", "early"),
        look("110s", "late"),
        look("165s", "over"),
        look("189999ms", "last"),
        look("190s", "fresh"),
    );
    let outcome = outcome_of("10m", &timeline, "");
    assert_eq!(state(&outcome, "early"), "healthy");
    // as it was at 100 s, what was called then included
    assert_eq!(state(&outcome, "late"), "draining");
    assert_eq!(state(&outcome, "over"), "draining");
    assert_eq!(state(&outcome, "last"), "unused");
    assert_eq!(state(&outcome, "fresh"), "unused");

    // a poll every 4 s: its next time is known 4 s before, so it lags by no more
    let poll = format!(
        "{fault}{DEREGISTER}
  - at: 100s
    as: poll
    repeat: {{ times: 20, every: 4s, until: '${{see.response.TargetHealthDescriptions[0].TargetHealth.State}} == unused' }}
    steps: [{}]",
        look("0s", "see").trim().trim_start_matches("- ").replace("at: 0s, ", "")
    );
    let outcome = outcome_of("10m", &poll, "");
    // unused from 160 s on; asked at 160 s it is what it was at 156 s, asked at 164 s what it was at 160 s
    let last = outcome.timeline.last().unwrap();
    assert_eq!(last.at, Some(at(164)));
}

/// The page that tells of runbooks is true: each of its examples runs and does what it expects.
#[test]
fn the_examples_of_the_page_do_what_they_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/RUNBOOKS.md");
    let page = std::fs::read_to_string(path).unwrap();
    let blocks = page.split("```yaml\n").skip(1);
    let examples: Vec<&str> = blocks
        .map(|block| block.split("```").next().unwrap())
        .collect();
    assert!(examples.len() >= 6, "the examples are found");
    for example in examples {
        assert!(example.starts_with("timeline:\n"), "{example}");
        let text = format!("horizon: 15m\n{FLEET}\n{example}");
        let loaded = load_text("page.yaml", &text, Path::new("."), &LoadOptions::default());
        let loaded = loaded.unwrap_or_else(|found| {
            panic!("{}", drainsim::cli::diagnostics::render(&found, false));
        });
        let outcome = run(&loaded.scenario, &RunOptions::default());
        let said = outcome
            .timeline
            .iter()
            .filter_map(|entry| entry.unexpected.as_ref());
        let said: Vec<&String> = said.collect();
        assert!(
            outcome.passed(),
            "{example}: {said:?} {:?}",
            outcome.expectations
        );
    }
}

/// A blue/green script: the second group exists only once a call has created it.
#[test]
fn what_a_call_creates_can_be_waited_for_and_judged() {
    let timeline = |at: &str| {
        format!(
            "
  - at: 10s
    as: too-early
    call: autoscaling:DescribeTrafficSources
    params: {{ AutoScalingGroupName: \"${{green.name}}\" }}
    expect: not_made
  - {{ at: 20s, as: created, wait_until: groups.green.desired == 2, timeout: 10m }}
  - at: {at}
    as: create
    call: autoscaling:CreateAutoScalingGroup
    params:
      AutoScalingGroupName: green
      MinSize: 1
      MaxSize: 4
      DesiredCapacity: 2
      AvailabilityZones: [a, b]
      LaunchTemplate: {{ LaunchTemplateName: web-v1 }}
      TargetGroupARNs: [\"${{web.arn}}\"]
  - {{ after: created, as: serving, wait_until: groups.green.serving == 2, timeout: 10m }}
  - after: serving
    as: shrink
    call: autoscaling:TerminateInstanceInAutoScalingGroup
    params: {{ InstanceId: \"${{green.instances[0]}}\", ShouldDecrementDesiredCapacity: true }}"
        )
    };
    let rest = "expect:
  - groups.green.desired == 1
  - groups.green.desired @ 99s == 0
  - groups.green.in_service @ 5m == 1
  - groups.green.in_service_min == 0
  - requests.lost == 0";
    let outcome = outcome_of("10m", &timeline("100s"), rest);
    let said: Vec<_> = outcome
        .timeline
        .iter()
        .map(|e| (&e.name, &e.unexpected))
        .collect();
    assert!(outcome.passed(), "{said:?} {:?}", outcome.expectations);
    // it is launched 2 s later, boots for 30 s and answers 10 s after that
    let shrunk = made_at(&outcome, "shrink").unwrap();
    assert!(shrunk >= at(142) && shrunk < at(240), "{shrunk}");
    let groups = &outcome.measurements.groups;
    assert_eq!(groups[1].name, "green");

    // never created: an expectation on it cannot hold, and says why
    let never = timeline("100s").replace("DesiredCapacity: 2", "DesiredCapacity: 9");
    let never = never.replace("expect: not_made", "expect: any");
    let outcome = outcome_of("15m", &never, "expect: [groups.green.desired == 0]");
    let [judged] = &outcome.expectations[..] else {
        panic!("one expectation");
    };
    assert_eq!(judged.verdict.name(), "failed");
    assert_eq!(judged.hint, "no call of the timeline created `green`");
    assert_eq!(ending(&outcome, "created"), "timed_out");
}

#[test]
fn what_no_call_creates_is_still_unknown() {
    let said = problems_of(
        "  - { at: 1m, wait_until: groups.green.desired == 2, timeout: 1m }",
        "expect: [targets.green.healthy == 1]",
    );
    assert_eq!(said.matches("DS0503").count(), 2, "{said}");
}

/// A launch that failed for want of capacity says why in its answer, in both places. R-FAULT-2
#[test]
fn a_failed_launch_is_answered_with_its_reason() {
    let timeline = "
  - { at: 1m, fault: launch_failure, params: { zones: [a], for: 5m } }
  - { at: 100s, call: autoscaling:SetDesiredCapacity, params: { AutoScalingGroupName: asg, DesiredCapacity: 5 } }
  - { at: 10m, as: look, call: autoscaling:DescribeScalingActivities, params: { AutoScalingGroupName: asg } }";
    let outcome = outcome_of("15m", timeline, "");
    let EntryResult::Ok { response } = &entry(&outcome, "look").result else {
        panic!("{:?}", entry(&outcome, "look"));
    };
    let [launched, failed] = &response["Activities"].as_array().unwrap()[..] else {
        panic!("{response}");
    };
    assert_eq!(launched["StatusMessage"], serde_json::Value::Null);
    assert_eq!(failed["StatusCode"], "Failed");
    assert_eq!(failed["Progress"], 100);
    let message = failed["StatusMessage"].as_str().unwrap();
    assert!(message.starts_with("We currently do not have sufficient web-v1 capacity"));
    assert_eq!(
        failed["Description"],
        format!("Launching a new EC2 instance.  Status Reason: {message}")
    );
}
