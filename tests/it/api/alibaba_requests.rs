//! What holds for every operation of Alibaba Cloud: client tokens, spellings, request ids.
//!
//! Source: R-ESS-1, R-ESS-7, R-ESS-19.

use drainsim::api::{OPERATIONS, Operation, operation, sends_text};
use drainsim::describe::Kind;
use drainsim::engine::time::SimDuration;
use drainsim::model::ess_rules::MultiAz;
use drainsim::model::settings::{Provider, TargetType};
use serde_json::{Map, Value, json};

use super::fleet::{Fleet, SCALING_GROUP, SERVERS, Site, about_group, about_instances, with};

const ARI: &str = "the rule that was created";
const RULE: &str = "the id of that rule";
const ACTIVITY: &str = "the activity that was begun";
const HOOK: &str = "the hook that was created";
const TOKEN: &str = "the token of its action";

/// The site an operation is called on: a scaling group behind an ALB and a Classic Load Balancer,
/// and more of each; or server groups of an NLB or a GWLB.
fn site(name: &str, lifetime: u64) -> Site {
    let mut fleet = match name.split_once(':').unwrap().0 {
        "nlb" => Fleet::alibaba_behind("alibaba:nlb").machine("i-bp1z"),
        "gwlb" => Fleet::alibaba_behind("alibaba:gwlb").machine("i-bp1z"),
        _ => Fleet::new(Provider::Alibaba)
            .target_group(SERVERS, TargetType::Instance)
            .clb("lb-bp1front")
            .v_server_group("rsp-bp1web")
            .group(
                SCALING_GROUP,
                (0, 8, 4),
                &["i-bp1a", "i-bp1b", "i-bp1c", "i-bp1d"],
            )
            .target_group("sgp-other", TargetType::Instance)
            .clb("lb-bp1back")
            .v_server_group("rsp-bp1other")
            .machine("i-bp1y")
            .machine("i-bp1z"),
    };
    fleet.0.groups[0].rules.ess.multi_az = MultiAz::Balance;
    fleet.0.assumptions.ess_client_token_ttl = SimDuration::from_secs(lifetime);
    fleet.site()
}

fn group(more: Value) -> Value {
    let mut params = about_group();
    for (key, value) in more.as_object().unwrap() {
        params[key] = value.clone();
    }
    params
}

fn servers(port: u16, id: &str, more: &Value) -> Value {
    let mut server = json!({"ServerId": id, "ServerType": "Ecs", "Port": port});
    for (key, value) in more.as_object().unwrap() {
        server[key] = value.clone();
    }
    json!({"RegionId": "cn-hangzhou", "ServerGroupId": SERVERS, "Servers": [server]})
}

type Calls = Vec<(&'static str, Value)>;

fn requests_of_balancers() -> Calls {
    let mut calls = Vec::new();
    for (names, port) in [
        (
            [
                "alb:AddServersToServerGroup",
                "alb:RemoveServersFromServerGroup",
                "alb:UpdateServerGroupAttribute",
                "alb:ListServerGroupServers",
            ],
            22,
        ),
        (
            [
                "nlb:AddServersToServerGroup",
                "nlb:RemoveServersFromServerGroup",
                "nlb:UpdateServerGroupAttribute",
                "nlb:ListServerGroupServers",
            ],
            22,
        ),
        (
            [
                "gwlb:AddServersToServerGroup",
                "gwlb:RemoveServersFromServerGroup",
                "gwlb:UpdateServerGroupAttribute",
                "gwlb:ListServerGroupServers",
            ],
            6081,
        ),
    ] {
        let about = json!({"RegionId": "cn-hangzhou", "ServerGroupId": SERVERS});
        let [add, remove, update, list] = names;
        calls.push((add, servers(port, "i-bp1z", &json!({}))));
        calls.push((remove, servers(port, "i-bp1a", &json!({}))));
        calls.push((update, about.clone()));
        let mut named = with(about, "ServerIds", json!(["i-bp1a", "i-bp1b"]));
        if list.starts_with("alb") {
            named["Tag"] = json!([{"Key": "k", "Value": "v"}]);
        }
        calls.push((list, named));
    }
    for name in [
        "alb:UpdateServerGroupServersAttribute",
        "nlb:UpdateServerGroupServersAttribute",
    ] {
        calls.push((name, servers(22, "i-bp1a", &json!({"Weight": 7}))));
    }
    calls
}

fn requests_of_sources() -> Calls {
    let mut calls = Vec::new();
    for (force, [alb, lb, sg, vsg], [id, balancer, v_server_group], weight) in [
        (
            "ForceAttach",
            [
                "ess:AttachAlbServerGroups",
                "ess:AttachLoadBalancers",
                "ess:AttachServerGroups",
                "ess:AttachVServerGroups",
            ],
            ["sgp-other", "lb-bp1back", "rsp-bp1other"],
            json!({"Weight": 50}),
        ),
        (
            "ForceDetach",
            [
                "ess:DetachAlbServerGroups",
                "ess:DetachLoadBalancers",
                "ess:DetachServerGroups",
                "ess:DetachVServerGroups",
            ],
            [SERVERS, "lb-bp1front", "rsp-bp1web"],
            json!({}),
        ),
    ] {
        let one = |mut item: Value| {
            for (key, value) in weight.as_object().unwrap() {
                item[key] = value.clone();
            }
            json!([item])
        };
        let item = one(json!({"AlbServerGroupId": id, "Port": 22}));
        calls.push((alb, group(json!({force: true, "AlbServerGroups": item}))));
        let item = one(json!({"ServerGroupId": id, "Type": "ALB", "Port": 22}));
        calls.push((sg, group(json!({force: true, "ServerGroups": item}))));
        let item = one(json!({"VServerGroupId": v_server_group, "Port": 22}));
        let item = json!([{"LoadBalancerId": balancer, "VServerGroupAttributes": item}]);
        calls.push((vsg, group(json!({force: true, "VServerGroups": item}))));
        let mut call = group(json!({force: true, "LoadBalancers": [balancer]}));
        if lb == "ess:AttachLoadBalancers" {
            call["LoadBalancerConfigs"] = json!([{"LoadBalancerId": "lb-bp1back", "Weight": 9}]);
        }
        calls.push((lb, call));
    }
    calls
}

fn requests_of_groups() -> Calls {
    let settings = json!({
        "VSwitchIds": ["vsw-us-west-2b", "vsw-us-west-2a"],
        "HealthCheckTypes": ["ECS", "NONE"],
        "RemovalPolicies": ["OldestInstance", "NewestInstance"],
    });
    let mut create = with(group(settings.clone()), "ScalingGroupId", Value::Null);
    create["MinSize"] = json!(0);
    create["MaxSize"] = json!(2);
    create["LaunchTemplateId"] = json!("web-v1");
    create["ServerGroups"] =
        json!([{"ServerGroupId": SERVERS, "Type": "ALB", "Port": 22, "Weight": 50}]);
    create["LifecycleHooks"] = json!([
        {"LifecycleTransition": "SCALE_IN", "LifecycleHookName": "save"},
        {"LifecycleTransition": "SCALE_OUT", "LifecycleHookName": "warm"},
    ]);
    let steps = json!([
        {"MetricIntervalUpperBound": 5, "ScalingAdjustment": 1},
        {"MetricIntervalLowerBound": 5, "ScalingAdjustment": 2},
    ]);
    let rule = json!({"AdjustmentType": "QuantityChangeInCapacity", "StepAdjustments": steps,
        "ScalingRuleType": "StepScalingRule"});
    let process = json!({"Processes": ["ScaleIn", "HealthCheck"]});
    let region = |more: Value| with(group(more), "ScalingGroupId", Value::Null);
    vec![
        ("ess:CreateScalingGroup", create),
        ("ess:CreateScalingRule", group(rule)),
        (
            "ess:DeleteScalingGroup",
            group(json!({"ForceDelete": true})),
        ),
        (
            "ess:DeleteScalingRule",
            region(json!({"ScalingRuleId": RULE})),
        ),
        (
            "ess:DescribeScalingActivities",
            group(json!({"ScalingActivityIds": [ACTIVITY, "asa-1"]})),
        ),
        (
            "ess:DescribeScalingGroups",
            region(
                json!({"ScalingGroupIds": [SCALING_GROUP], "ScalingGroupNames": [SCALING_GROUP]}),
            ),
        ),
        (
            "ess:DescribeScalingRules",
            region(
                json!({"ScalingRuleIds": [RULE], "ScalingRuleNames": ["rule"],
                "ScalingRuleAris": [ARI]}),
            ),
        ),
        ("ess:DisableScalingGroup", about_group()),
        (
            "ess:ExecuteScalingRule",
            region(json!({"ScalingRuleAri": ARI})),
        ),
        ("ess:ModifyScalingGroup", group(settings)),
        ("ess:RebalanceInstances", about_group()),
        ("ess:ResumeProcesses", group(process.clone())),
        (
            "ess:ScaleWithAdjustment",
            group(json!({"AdjustmentType": "QuantityChangeInCapacity", "AdjustmentValue": 1})),
        ),
        ("ess:SuspendProcesses", group(process)),
    ]
}

fn requests_of_instances() -> Calls {
    let ids = json!({"InstanceIds": ["i-bp1y", "i-bp1z"], "LoadBalancerWeights": [7, 8]});
    vec![
        ("ess:EnableScalingGroup", group(ids.clone())),
        ("ess:DescribeScalingInstances", about_instances(&["i-bp1a"])),
        ("ess:AttachInstances", group(ids)),
        (
            "ess:DetachInstances",
            about_instances(&["i-bp1a", "i-bp1b"]),
        ),
        ("ess:EnterStandby", about_instances(&["i-bp1a", "i-bp1b"])),
        ("ess:ExitStandby", about_instances(&["i-bp1a", "i-bp1b"])),
        (
            "ess:RemoveInstances",
            about_instances(&["i-bp1a", "i-bp1b"]),
        ),
        (
            "ess:SetInstancesProtection",
            with(
                about_instances(&["i-bp1a"]),
                "ProtectedFromScaleIn",
                json!(true),
            ),
        ),
    ]
}

fn requests_of_hooks() -> Calls {
    let region = |more: Value| with(group(more), "ScalingGroupId", Value::Null);
    let action = json!({"LifecycleHookId": HOOK, "LifecycleActionToken": TOKEN});
    vec![
        (
            "ess:CreateLifecycleHook",
            group(json!({"LifecycleTransition": "SCALE_IN", "LifecycleHookName": "save"})),
        ),
        (
            "ess:ModifyLifecycleHook",
            region(json!({"LifecycleHookId": HOOK, "HeartbeatTimeout": 60})),
        ),
        (
            "ess:DeleteLifecycleHook",
            region(json!({"LifecycleHookId": HOOK})),
        ),
        (
            "ess:DescribeLifecycleHooks",
            group(json!({"LifecycleHookIds": [HOOK]})),
        ),
        (
            "ess:DescribeLifecycleActions",
            region(json!({"ScalingActivityId": ACTIVITY})),
        ),
        ("ess:CompleteLifecycleAction", region(action)),
        (
            "ess:RecordLifecycleActionHeartbeat",
            region(json!({"lifecycleHookId": HOOK, "lifecycleActionToken": TOKEN})),
        ),
    ]
}

/// A valid request of every operation, with every list it takes.
fn requests() -> Calls {
    let mut all = requests_of_balancers();
    all.extend(requests_of_sources());
    all.extend(requests_of_groups());
    all.extend(requests_of_instances());
    all.extend(requests_of_hooks());
    all
}

/// Makes the calls that an operation presupposes, and puts what they answered into its request.
fn prepared(site: &mut Site, name: &str, params: &Value) -> Value {
    let before: Calls = match name {
        "ess:EnableScalingGroup" => vec![("ess:DisableScalingGroup", about_group())],
        "ess:ExitStandby" => vec![("ess:EnterStandby", about_instances(&["i-bp1a", "i-bp1b"]))],
        "ess:ResumeProcesses" => {
            let processes = group(json!({"Processes": ["ScaleIn"]}));
            vec![("ess:SuspendProcesses", processes)]
        }
        "ess:RebalanceInstances" => {
            vec![(
                "ess:AttachInstances",
                about_instances(&["i-bp1y", "i-bp1z"]),
            )]
        }
        _ => Vec::new(),
    };
    for ((name, params), second) in before.into_iter().zip([60, 120]) {
        site.accepted(name, params);
        site.run_to(second);
    }
    let mut text = params.to_string();
    if text.contains(RULE) || text.contains(ARI) {
        let rule = json!({"AdjustmentType": "QuantityChangeInCapacity", "AdjustmentValue": 1,
            "ScalingRuleName": "rule"});
        let rule = site.accepted("ess:CreateScalingRule", group(rule));
        text = text.replace(RULE, rule["ScalingRuleId"].as_str().unwrap());
        text = text.replace(ARI, rule["ScalingRuleAri"].as_str().unwrap());
    }
    if text.contains(HOOK) {
        let hook = group(json!({"LifecycleTransition": "SCALE_IN"}));
        let hook = site.accepted("ess:CreateLifecycleHook", hook);
        text = text.replace(HOOK, hook["LifecycleHookId"].as_str().unwrap());
    }
    if text.contains(TOKEN) {
        let answer = site.accepted("ess:RemoveInstances", about_instances(&["i-bp1a"]));
        let activity = json!({"ScalingActivityId": answer["ScalingActivityId"]});
        let actions = site.accepted("ess:DescribeLifecycleActions", activity);
        let token = &actions["LifecycleActions"][0]["LifecycleActionToken"];
        text = text.replace(TOKEN, token.as_str().unwrap());
    }
    if text.contains(ACTIVITY) {
        let answer = site.accepted("ess:RemoveInstances", about_instances(&["i-bp1a"]));
        text = text.replace(ACTIVITY, answer["ScalingActivityId"].as_str().unwrap());
    }
    serde_json::from_str(&text).unwrap()
}

fn state(site: &Site) -> String {
    format!("{:?}", site.cloud())
}

/// Every operation of Alibaba Cloud is tried.
#[test]
fn every_operation_has_a_request() {
    let mut missing: Vec<&str> = OPERATIONS.iter().map(|one| one.name).collect();
    let requests = requests();
    missing.retain(|name| sends_text(name) && !requests.iter().any(|(other, _)| other == name));
    assert_eq!(missing, [] as [&str; 0]);
}

/// Every answer has a request id, another for every call and the same in every run. R-ESS-1
#[test]
fn every_answer_has_a_request_id() {
    for (name, params) in requests() {
        let run = || {
            let mut site = site(name, 100);
            let params = prepared(&mut site, name, &params);
            site.accepted(name, params)
        };
        let answer = run();
        let id = answer["RequestId"].as_str().unwrap_or_default();
        let lengths: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12], "{name}: {answer}");
        assert_eq!(id.to_uppercase(), id);
        assert_eq!(run(), answer, "{name}");
    }
}

/// The operations that take a client token.
fn with_token() -> impl Iterator<Item = (&'static str, Value)> {
    requests().into_iter().filter(|(name, _)| {
        let params = operation(name).unwrap().params;
        params.iter().any(|param| param.key == "ClientToken")
    })
}

/// A client token has 64 ASCII characters at most, and its case counts. R-ESS-7
#[test]
fn client_tokens_are_short_and_ascii() {
    assert!(with_token().count() >= 28);
    for (name, params) in with_token() {
        let mut site = site(name, 100);
        let params = prepared(&mut site, name, &params);
        let token = |token: &str| with(params.clone(), "ClientToken", json!(token));
        for wrong in [
            "t".repeat(65),
            "tök".to_owned(),
            "令牌".to_owned(),
            String::new(),
        ] {
            let refusal = ("InvalidParameter", "ClientToken");
            site.bad_parameter(name, token(&wrong), refusal);
        }
        let long = "aZ09-_.:~ ".repeat(7)[..64].to_owned();
        let first = site.accepted(name, token(&long));
        // the same in other letters is another token
        let other = site.call(name, token(&long.to_lowercase()));
        assert!(
            other.is_err() || other.unwrap()["RequestId"] != first["RequestId"],
            "{name}"
        );
    }
}

/// With its token a call that is repeated has the same answer and no effect; another one is refused,
/// until the token is forgotten. R-ESS-7
#[test]
fn a_client_token_makes_every_operation_harmless() {
    for (name, params) in with_token() {
        let mut site = site(name, 100);
        let params = prepared(&mut site, name, &params);
        let params = with(params, "ClientToken", json!("once"));
        let first = site.accepted(name, params.clone());
        let now = site.cloud().client_tokens.values().next().unwrap().at;
        let after = state(&site);
        assert_eq!(site.accepted(name, params.clone()), first, "{name}");
        assert_eq!(state(&site), after, "{name} has an effect");
        let seconds = now.as_nanos() / 1_000_000_000;
        site.run_to(seconds + 99);
        let after = state(&site);
        assert_eq!(site.accepted(name, params.clone()), first, "{name}");
        assert_eq!(state(&site), after, "{name} has an effect later");
        let other = site.call(name, with(params.clone(), "RegionId", json!("elsewhere")));
        let mismatch = if name.starts_with("nlb") {
            "IdempotenceSignatureMismatch"
        } else {
            "IdempotentParameterMismatch"
        };
        let error = other.expect_err(name);
        assert_eq!((error.code, error.http_status), (mismatch, 400), "{name}");
        site.run_to(seconds + 100);
        match site.call(name, params) {
            Ok(again) => assert_ne!(again["RequestId"], first["RequestId"], "{name}"),
            // such as that it is there already
            Err(error) => assert_ne!(error.code, mismatch, "{name}"),
        }
    }
}

/// How lists are spelt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spelling {
    /// `Xs: [..]`
    Nested,
    /// `Xs: "[..]"`
    Json,
    /// `Xs.1.Y`
    Flat,
    /// `X: [..]`
    OlderNested,
    /// `X: "[..]"`
    OlderJson,
    /// `X.1.Y`
    OlderFlat,
}

const SPELLINGS: [Spelling; 6] = [
    Spelling::Nested,
    Spelling::Json,
    Spelling::Flat,
    Spelling::OlderNested,
    Spelling::OlderJson,
    Spelling::OlderFlat,
];

/// The key that older SDKs use for a list.
fn singular(key: &str) -> String {
    match key {
        "Processes" => "Process".to_owned(),
        "RemovalPolicies" => "RemovalPolicy".to_owned(),
        _ => key.strip_suffix('s').unwrap_or(key).to_owned(),
    }
}

/// The lists an operation takes, under the keys of current SDKs.
fn lists(operation: &Operation) -> Vec<&'static str> {
    let is_list = |key: &str| {
        let same = |param: &&drainsim::describe::Param| param.key == key;
        let found = operation.params.iter().find(same);
        found.is_some_and(|param| matches!(param.kind, Kind::List { .. }))
    };
    let keys = operation.params.iter().map(|param| param.key);
    keys.filter(|key| is_list(key) && !is_list(&format!("{key}s")))
        .collect()
}

/// The key of a list in this spelling, if there is one in it.
fn key_in(operation: &Operation, key: &str, spelling: Spelling) -> Option<String> {
    let older = singular(key);
    let mut params = operation.params.iter();
    match spelling {
        Spelling::Nested | Spelling::Json | Spelling::Flat => Some(key.to_owned()),
        Spelling::OlderNested | Spelling::OlderJson => params
            .any(|param| param.key == older && matches!(param.kind, Kind::Any | Kind::List { .. }))
            .then_some(older),
        Spelling::OlderFlat => params
            .any(|param| param.key.starts_with(&format!("{older}.N")))
            .then_some(older),
    }
}

/// Writes `value` under `key` as it travels, everything as text.
fn flatten(into: &mut Map<String, Value>, key: &str, value: &Value, older: bool) {
    match value {
        Value::Array(items) => {
            for (item, place) in items.iter().zip(1..) {
                flatten(into, &format!("{key}.{place}"), item, older);
            }
        }
        Value::Object(members) => {
            for (member, value) in members {
                let member = if older && value.is_array() {
                    singular(member)
                } else {
                    member.clone()
                };
                flatten(into, &format!("{key}.{member}"), value, older);
            }
        }
        Value::Null => {}
        Value::String(_) => {
            into.insert(key.to_owned(), value.clone());
        }
        Value::Bool(_) | Value::Number(_) => {
            into.insert(key.to_owned(), json!(value.to_string()));
        }
    }
}

/// A request in this spelling; `None` where it has no list that is spelt so.
fn spelt(operation: &Operation, params: &Value, spelling: Spelling) -> Option<Value> {
    let mut all = Map::new();
    let mut any = false;
    for (key, value) in params.as_object().unwrap() {
        let key_so = key_in(operation, key, spelling).filter(|_| value.is_array());
        let Some(key) = key_so else {
            all.insert(key.clone(), value.clone());
            continue;
        };
        any = true;
        match spelling {
            Spelling::Nested | Spelling::OlderNested => {
                all.insert(key, value.clone());
            }
            Spelling::Json | Spelling::OlderJson => {
                all.insert(key, json!(value.to_string()));
            }
            Spelling::Flat => flatten(&mut all, &key, value, false),
            Spelling::OlderFlat => flatten(&mut all, &key, value, true),
        }
    }
    any.then_some(Value::Object(all))
}

/// Lists flattened under either key, nested, or JSON text are the same request: the same answer, the
/// same state after, and the same to a client token. R-ESS-19
#[test]
fn every_spelling_of_a_list_is_the_same_request() {
    let mut tried = 0;
    for (name, params) in requests() {
        let operation = operation(name).unwrap();
        for key in lists(operation) {
            assert!(params[key].is_array(), "{name}: no {key} in the request");
        }
        let run = |spelling| {
            let mut site = site(name, 100);
            let params = prepared(&mut site, name, &params);
            let params = spelt(operation, &params, spelling)?;
            let answer = site.accepted(name, params);
            Some((answer, state(&site)))
        };
        let Some(first) = run(Spelling::Nested) else {
            continue;
        };
        for spelling in SPELLINGS {
            if let Some(other) = run(spelling) {
                tried += 1;
                assert_eq!(other.0, first.0, "{name}, {spelling:?}");
                assert!(other.1 == first.1, "{name}, {spelling:?}: another state");
            }
        }
    }
    assert!(tried > 100, "{tried}");
}

/// R-ESS-7, R-ESS-19
#[test]
fn a_client_token_does_not_look_at_the_spelling() {
    for (name, params) in with_token() {
        let operation = operation(name).unwrap();
        let mut site = site(name, 100);
        let params = prepared(&mut site, name, &params);
        let params = with(params, "ClientToken", json!("t"));
        let first = site.accepted(name, params.clone());
        for spelling in SPELLINGS {
            if let Some(other) = spelt(operation, &params, spelling) {
                assert_eq!(site.accepted(name, other), first, "{name}, {spelling:?}");
            }
        }
        // and neither at how numbers and booleans are written
        let mut text = params.clone();
        for (_, value) in text.as_object_mut().unwrap() {
            if value.is_boolean() || value.is_number() {
                *value = json!(value.to_string());
            }
        }
        assert_eq!(site.accepted(name, text), first, "{name}");
    }
}

/// The port of a server group is said for ALB and NLB, and never for GWLB. R-ESS-3, R-ESS-4
#[test]
fn ports_are_said_where_they_are_not_given() {
    for (kind, own, port) in [
        ("ALB", "alibaba:alb", json!(22)),
        ("NLB", "alibaba:nlb", json!(22)),
        ("GWLB", "alibaba:gwlb", Value::Null),
    ] {
        for name in [
            "ess:AttachServerGroups",
            "ess:DetachServerGroups",
            "ess:CreateScalingGroup",
        ] {
            let wrong = if port.is_null() {
                json!(6081)
            } else {
                Value::Null
            };
            let call = |port: &Value| {
                let mut item = json!({"ServerGroupId": SERVERS, "Type": kind, "Port": port});
                if name != "ess:DetachServerGroups" && kind != "GWLB" {
                    item["Weight"] = json!(50);
                }
                let mut call = group(json!({"ServerGroups": [item]}));
                if name == "ess:CreateScalingGroup" {
                    call = with(call, "ScalingGroupId", Value::Null);
                    call["MinSize"] = json!(0);
                    call["MaxSize"] = json!(1);
                }
                call
            };
            let code = if kind == "GWLB" {
                "InvalidParameter"
            } else {
                "MissingParameter"
            };
            for spelling in SPELLINGS {
                let mut site = Fleet::alibaba_behind(own).site();
                let spelt = |port| spelt(operation(name).unwrap(), &call(port), spelling).unwrap();
                site.bad_parameter(name, spelt(&wrong), (code, "ServerGroup.1.Port"));
                site.accepted(name, spelt(&port));
            }
        }
    }
}
