//! The errors of Auto Scaling of Alibaba Cloud: each is answered to some call.
//!
//! To some of its table no state leads that is simulated; the fault `call_error` raises them:
//! - `IncorrectLoadBalancerStatus`: load balancers are always active;
//! - `IncorrectDBInstanceStatus`: there are no databases;
//! - `Forbidden.Unauthorized`: there is no authorisation;
//! - `InternalError` and `ServiceUnavailable`: nothing breaks;
//! - `Throttling`: quotas are the scenario's (also the fault `throttling`).
//!
//! The second text of `InvalidParameter`, `The specified group does not support the specified
//! RemovePolicy.`, is one of a mirror of an older page: the current one says that such a group
//! releases.
//!
//! Source: R-ESS-1, R-FAULT-4.

use std::path::Path;

use drainsim::experiment::outcome::{EntryResult, Outcome};
use drainsim::experiment::run::{RunOptions, run};
use drainsim::scenario::{LoadOptions, load_text};
use serde_json::{Value, json};

use super::fleet::{
    BUSY, DENIED, Fleet, NO_GROUP, SCALING_GROUP, SERVERS, Site, WRONG_STATUS, about_group,
    about_instances, with,
};

const DETACH: &str = "ess:DetachServerGroups";
const ATTACH: &str = "ess:AttachInstances";
const REMOVE: &str = "ess:RemoveInstances";

fn detach(force: bool) -> Value {
    let item = json!([{"ServerGroupId": SERVERS, "Type": "ALB", "Port": 22}]);
    with(
        with(about_group(), "ForceDetach", json!(force)),
        "ServerGroups",
        item,
    )
}

/// What is answered: code, status and message.
type Answer = (&'static str, u16, &'static str);

/// A row of the table that a state leads to: the call that leads to it, the one that is refused,
/// and the answer.
type Row = (Option<(&'static str, Value)>, (&'static str, Value), Answer);

/// Rows about the state of a scaling group and its instances.
fn rows_of_states() -> Vec<Row> {
    const BELOW: Answer = (
        "IncorrectCapacity.MinSize",
        400,
        "To remove the instances, the total capacity will be lesser than the MinSize.",
    );
    const BEYOND: Answer = (
        "IncorrectCapacity.MaxSize",
        400,
        "To attach the instances, the total capacity will be greater than the MaxSize.",
    );
    let one = || (REMOVE, about_instances(&["i-bp1a"]));
    let three = about_instances(&["i-bp1a", "i-bp1b", "i-bp1c"]);
    let disable = ("ess:DisableScalingGroup", about_group());
    let scale_in = with(about_group(), "Processes", json!(["ScaleIn"]));
    vec![
        (Some(disable), one(), WRONG_STATUS),
        (Some((DETACH, detach(true))), one(), BUSY),
        (Some(("ess:SuspendProcesses", scale_in)), one(), DENIED),
        (None, (REMOVE, three), BELOW),
        (
            None,
            (ATTACH, about_instances(&["i-1", "i-2", "i-3"])),
            BEYOND,
        ),
    ]
}

/// Rows about requests.
fn rows_of_requests() -> Vec<Row> {
    const INVALID: Answer = (
        "InvalidParameter",
        400,
        "The specified value of parameter \"ForceDetach\" is not valid.",
    );
    const MISSING: Answer = (
        "MissingParameter",
        400,
        "The input parameter \"ServerGroup\" that is mandatory for processing this request is not \
         supplied.",
    );
    const NO_INSTANCE: Answer = (
        "InvalidInstanceId.NotFound",
        404,
        "Instance \"i-nobodys\" does not exist.",
    );
    const NO_BALANCER: Answer = (
        "InvalidLoadBalancerId.NotFound",
        404,
        "The Load Balancer \"lb-nobodys\" does not exist.",
    );
    const MISMATCH: Answer = (
        "IdempotentParameterMismatch",
        400,
        "The request uses the same client token as a previous, but non-identical request. Do not \
         reuse a client token with different requests, unless the requests are identical.",
    );
    let token = |force| with(detach(force), "ClientToken", json!("t"));
    let maybe = with(detach(true), "ForceDetach", json!("maybe"));
    let nobodys = with(detach(true), "ScalingGroupId", json!("asg-nobodys"));
    let balancer = with(about_group(), "LoadBalancers", json!(["lb-nobodys"]));
    vec![
        (None, (DETACH, maybe), INVALID),
        (None, (DETACH, about_group()), MISSING),
        (None, (DETACH, nobodys), NO_GROUP),
        (None, (REMOVE, about_instances(&["i-nobodys"])), NO_INSTANCE),
        (None, ("ess:DetachLoadBalancers", balancer), NO_BALANCER),
        (
            Some((DETACH, token(false))),
            (DETACH, token(true)),
            MISMATCH,
        ),
    ]
}

fn rows() -> impl Iterator<Item = Row> {
    rows_of_states().into_iter().chain(rows_of_requests())
}

fn site() -> Site {
    let machines = Fleet::alibaba()
        .machine("i-1")
        .machine("i-2")
        .machine("i-3");
    machines.site()
}

/// R-ESS-1
#[test]
fn each_error_that_a_state_leads_to_is_answered() {
    for (before, (name, params), expected) in rows() {
        let mut site = site();
        if let Some((name, params)) = before {
            site.accepted(name, params);
        }
        site.refused(name, params, expected);
    }
}

/// A scenario with a scaling group behind an ALB, and `timeline`; or what is wrong with it.
fn outcome_or_problems(seed: u64, timeline: &str) -> Result<Outcome, String> {
    let text = format!(
        "
horizon: 5m
load_balancers:
  front:
    type: alibaba:alb
    zones: [h]
    listeners: {{ http: {{ forward: [{{ target_group: web }}] }} }}
server_groups: {{ web: {{ id: {SERVERS}, port: 22 }} }}
launch_templates: {{ web-v1: {{}} }}
groups:
  web-sg:
    provider: alibaba
    id: {SCALING_GROUP}
    min_size: 2
    max_size: 6
    desired_capacity: 4
    zones: [h]
    launch_template: web-v1
    traffic_sources: [{{ server_group: web, port: 22, type: ALB, weight: 100 }}]
workloads:
  w: {{ to: front/http, arrivals: {{ constant: {{ rate: 1/s }} }}, service_time: 100ms }}
timeline:
{timeline}
"
    );
    let options = LoadOptions {
        seed: Some(seed),
        ..LoadOptions::default()
    };
    let loaded = load_text("errors.yaml", &text, Path::new("."), &options);
    let loaded = loaded.map_err(|found| drainsim::cli::diagnostics::render(&found, false))?;
    Ok(run(&loaded.scenario, &RunOptions::default()))
}

fn outcome_of(seed: u64, timeline: &str) -> Outcome {
    outcome_or_problems(seed, timeline).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The timeline of a fault and of calls, each of which may have any answer.
fn detaching(fault: &str, times: usize) -> String {
    let call = format!(
        "  - {{ after: entry-1, call: {DETACH}, expect: any, params: {{ RegionId: r, \
             ScalingGroupId: {SCALING_GROUP}, ForceDetach: true, \
             ServerGroup: [{{ ServerGroupId: {SERVERS}, Type: ALB, Port: 22 }}] }} }}\n"
    );
    format!("  - {{ at: 10s, fault: {fault} }}\n") + &call.repeat(times)
}

fn error(result: &EntryResult) -> (&str, u16, &str, &Value) {
    if let EntryResult::Error {
        code,
        message,
        http_status,
        body: Some(body),
    } = result
    {
        return (code, *http_status, message, body);
    }
    panic!("it is refused, with a body, not {result:?}");
}

/// Those that no state leads to.
const NO_STATE: [Answer; 6] = [
    (
        "IncorrectLoadBalancerStatus",
        400,
        "The current status of the specified load balancer does not support this action.",
    ),
    (
        "IncorrectDBInstanceStatus",
        400,
        "The current status of DB instance \"XXX\" does not support this action.",
    ),
    (
        "Forbidden.Unauthorized",
        403,
        "A required authorization for the specified action is not supplied.",
    ),
    (
        "Throttling",
        400,
        "Request was denied due to request throttling.",
    ),
    (
        "InternalError",
        500,
        "The request processing has failed due to some unknown error, exception or failure.",
    ),
    (
        "ServiceUnavailable",
        503,
        "The request has failed due to a temporary failure of the server.",
    ),
];

/// R-ESS-1, R-FAULT-4: what no state leads to, a fault does, once; the call after it is accepted.
#[test]
fn each_error_is_answered_when_a_fault_says_so() {
    // those whose texts say nothing of the request need none
    let of_states = rows().map(|(_, _, expected)| expected);
    let general = of_states.filter(|(_, _, message)| !message.contains('"'));
    let general = general.filter(|(code, _, _)| *code != "IncorrectCapacity.MaxSize");
    let all: Vec<_> = general.chain(NO_STATE).collect();
    assert_eq!(all.len(), 12);
    for expected in all {
        let code = expected.0;
        let fault = format!("call_error, params: {{ code: {code}, operations: [ess], times: 1 }}");
        let outcome = outcome_of(1, &detaching(&fault, 2));
        let (code, status, message, _) = error(&outcome.timeline[1].result);
        assert_eq!((code, status, message), expected);
        assert_eq!(outcome.timeline[2].result.name(), "ok");
        assert_eq!(outcome.measurements.drains.len(), 4);
    }
}

/// A code that only the scenario knows comes with its words, or without any.
#[test]
fn other_codes_have_the_words_of_the_scenario() {
    let said = "call_error, params: { code: Odd, message: Very odd., http_status: 418, for: 5s }";
    for (fault, expected) in [
        (said, ("Odd", 418, "Very odd.")),
        (
            "call_error, params: { code: Odd, operations: [ess:DetachServerGroups] }",
            ("Odd", 400, ""),
        ),
    ] {
        let outcome = outcome_of(1, &detaching(fault, 2));
        for entry in &outcome.timeline[1..] {
            let (code, status, message, _) = error(&entry.result);
            assert_eq!((code, status, message), expected);
        }
    }
    let elsewhere = "call_error, params: { code: Odd, operations: [alb, ess:AttachInstances] }";
    let outcome = outcome_of(1, &detaching(elsewhere, 1));
    assert_eq!(outcome.timeline[1].result.name(), "ok");
}

/// R-FAULT-4: refusals have the body of Alibaba Cloud, with a request id that is the same in every
/// run of a seed and another in every answer.
#[test]
fn a_refusal_has_a_body_with_a_request_id() {
    let calls = detaching("call_error, params: { code: Throttling, times: 2 }", 3);
    let ids = |seed| {
        let outcome = outcome_of(seed, &calls);
        let mut ids = Vec::new();
        for entry in &outcome.timeline[1..3] {
            let (code, _, message, body) = error(&entry.result);
            let id = body["RequestId"].clone();
            let expected = json!({"RequestId": id, "HostId": "ess.aliyuncs.com", "Code": code,
                "Message": message});
            assert_eq!(body, &expected);
            ids.push(id);
        }
        let EntryResult::Ok { response } = &outcome.timeline[3].result else {
            panic!("{:?}", outcome.timeline[3]);
        };
        ids.push(response["RequestId"].clone());
        ids
    };
    let first = ids(1);
    assert_eq!(ids(1), first);
    assert!(
        first
            .iter()
            .all(|id| id.as_str().is_some_and(|id| id.len() == 36))
    );
    assert!(first[0] != first[1] && first[1] != first[2]);
    assert_ne!(ids(2)[0], first[0]);
}

/// R-FAULT-4: a runbook may look at the body.
#[test]
fn a_runbook_may_look_at_the_body() {
    let timeline = detaching("call_error, params: { code: Throttling, times: 1 }", 1)
        .replace("call: ess:Detach", "as: first, call: ess:Detach")
        + "  - { at: 20s, call: ess:DescribeScalingGroups, params: { RegionId: \
           '${first.error.body.RequestId}' } }\n";
    let outcome = outcome_of(1, &timeline);
    let (.., body) = error(&outcome.timeline[1].result);
    assert_eq!(outcome.timeline[2].params["RegionId"], body["RequestId"]);
    assert_eq!(outcome.timeline[2].result.name(), "ok");
}

/// R-ESS-19: a file may spell the lists of a request as clients do.
#[test]
fn lists_in_a_file_may_be_spelt_in_any_way() {
    let suspend = |list: &str| {
        let timeline = format!(
            "  - {{ at: 10s, call: ess:SuspendProcesses, params: {{ ScalingGroupId: \
             {SCALING_GROUP}, RegionId: r, {list} }} }}\n"
        );
        outcome_or_problems(1, &timeline)
    };
    for list in [
        "Processes: [ScaleIn]",
        "Processes: '[\"ScaleIn\"]'",
        "Processes.1: ScaleIn",
        "Process.1: ScaleIn",
    ] {
        let outcome = suspend(list).unwrap_or_else(|problems| panic!("{list}: {problems}"));
        assert_eq!(outcome.timeline[0].result.name(), "ok", "{list}");
    }
    for (list, problem) in [
        (
            "Processes: ScaleIn",
            "`Processes` takes a list, not a string",
        ),
        ("Processes.one: ScaleIn", "has no parameter `Processes.one`"),
        (
            "Processes.1.Name: ScaleIn",
            "has no parameter `Processes.1.Name`",
        ),
    ] {
        let problems = suspend(list).expect_err(list);
        assert!(problems.contains(problem), "{list}: {problems}");
    }
}
