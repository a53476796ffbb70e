//! Alibaba Cloud: calls of ESS and of server groups that make sense, in any order.
//!
//! Groups stand behind all four kinds of load balancers at once, and each call names what is there
//! and in a state for it when it can, so that most are accepted; `calls.rs` makes the others.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use drainsim::api::OPERATIONS;
use drainsim::model::cloud::Cloud;
use drainsim::model::group::Source;
use drainsim::model::hook::{ActionResult, Transition};
use drainsim::model::ids::{ListenerId, TargetGroupId, WorkloadId};
use drainsim::model::lb::{self, Family};
use drainsim::model::lifecycle::LifecycleState;
use drainsim::model::record::Record;
use drainsim::model::settings::{
    FleetSettings, GroupSourceSettings, LoadBalancerSettings, TargetSettings,
};
use drainsim::model::source::AttachedVia;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use serde_json::{Value, json};

use super::calls::{hooks, make};
use super::draining::{Learnt, overdue};
use super::lifecycle::{assert_edges, assert_sizes, first_states};
use super::requests::Choices;
use super::strategies::{Plan, calls_plan};
use super::{cases, has_settled};
use crate::fleet::{Lab, ms, target_attributes};

const KINDS: [&str; 4] = ["alibaba:alb", "alibaba:nlb", "alibaba:gwlb", "alibaba:clb"];

/// The weights of standing targets, in turn.
const WEIGHTS: [u32; 4] = [100, 0, 1, 50];

/// The fleet of a plan, each of its server groups behind a load balancer of its own: the kinds come
/// in turn, the second server group of a Classic one is a vServer group. All have traffic.
fn settings(plan: &Plan) -> FleetSettings {
    let mut settings = plan.settings(1);
    let (balancer, listener) = (
        settings.load_balancers[0].clone(),
        settings.listeners[0].clone(),
    );
    settings.load_balancers.clear();
    settings.listeners.clear();
    let first = usize::try_from(plan.seed % 4).unwrap();
    for index in 0..settings.target_groups.len() {
        let kind = lb::kind(KINDS[(first + index) % 4]).unwrap();
        let group = &mut settings.target_groups[index];
        kind.protocols()[0].clone_into(&mut group.protocol);
        group.attributes = target_attributes(kind, &[]);
        let delay = plan.targets[index].delay_s.max(1).to_string();
        if kind.family() == Family::ServerGroups {
            let on = plan.targets[index].drain_on.to_string();
            let given = [
                ("ConnectionDrainEnabled", on.as_str()),
                ("ConnectionDrainTimeout", delay.as_str()),
            ];
            group.attributes = target_attributes(kind, &given);
        }
        if let Some(port) = kind.port() {
            group.port = port;
            group.targets.dedup_by_key(|target| target.instance);
            group
                .targets
                .iter_mut()
                .for_each(|target| target.port = port);
        }
        weigh(&mut group.targets, plan.seed);
        let id = format!("lb-{index}");
        if kind.family() == Family::Slb && plan.seed.is_multiple_of(3) {
            group.identifier = format!("rsp-{index}");
        } else if kind.family() == Family::Slb {
            group.identifier.clone_from(&id);
        }
        settings.load_balancers.push(LoadBalancerSettings {
            name: id.clone(),
            kind,
            zones: balancer.zones.clone(),
            attributes: lb::Attributes::with_defaults(kind.attributes(), BTreeMap::new()),
            identifier: id,
        });
        let mut listener = listener.clone();
        listener.name = format!("l{index}");
        listener.identifier = format!("lsn-{index}");
        listener.load_balancer = index;
        listener.forward = vec![(TargetGroupId::from_index(index), 1)];
        settings.listeners.push(listener);
    }
    for (index, workload) in settings.workloads.iter_mut().enumerate() {
        let place = (index + first) % settings.target_groups.len();
        workload.listener = ListenerId::from_index(place);
    }
    let ports: Vec<_> = settings
        .load_balancers
        .iter()
        .map(|b| b.kind.port())
        .collect();
    for group in &mut settings.groups {
        serve(&mut group.sources, &ports, plan.seed);
    }
    settings.groups[0].hooks = hooks(plan);
    settings.assumptions.ess_hook_after_removal = plan.seed.is_multiple_of(2);
    settings
}

fn weigh(targets: &mut [TargetSettings], seed: u64) {
    for (place, target) in (seed..).zip(targets) {
        target.weight = WEIGHTS[usize::try_from(place % 4).unwrap()];
    }
}

/// Sources of a group as their kinds have them: of one port where there is no choice.
fn serve(sources: &mut Vec<GroupSourceSettings>, ports: &[Option<u16>], seed: u64) {
    for (place, source) in (seed..).zip(sources.iter_mut()) {
        let port = ports[source.target_group.index()];
        source.port = port.unwrap_or(source.port);
        source.weight = WEIGHTS[usize::try_from(place / 4 % 4).unwrap()];
        source.attached_via = AttachedVia::Unknown;
    }
    sources.dedup_by_key(|source| (source.target_group, source.port));
}

/// A call to come: what it is depends on the cloud at that time.
type ToCall = (u64, Vec<u8>);

fn to_call() -> impl Strategy<Value = ToCall> {
    let wait = prop_oneof![
        4 => Just(0_u64),
        4 => 1_u64..20,
        3 => 20_u64..200,
        1 => 200_u64..1_500,
    ];
    (wait, vec(any::<u8>(), 4..16))
}

/// Ids of members of a group in one of `states`, or of all members.
fn members(cloud: &Cloud, group: usize, states: &[LifecycleState]) -> Vec<String> {
    let members = cloud.groups[group].members.iter();
    let members = members.map(|id| &cloud.instances[id.index()]);
    let fit = members.filter(|one| states.is_empty() || states.contains(&one.lifecycle));
    fit.map(|one| one.id.clone()).collect()
}

/// Ids of machines of no group.
fn loose(cloud: &Cloud) -> Vec<String> {
    let loose = cloud.instances.iter().filter(|one| one.group.is_none());
    loose.map(|one| one.id.clone()).collect()
}

/// One to three of `ids`.
fn some(ids: &[String], choices: &mut Choices<'_>) -> Vec<String> {
    let (first, count) = (choices.below(ids.len()), 1 + choices.below(3));
    let from_first = ids.iter().cycle().skip(first).take(ids.len().min(count));
    from_first.cloned().collect()
}

/// A call that attaches a server group to a scaling group or detaches one from it.
fn of_source(cloud: &Cloud, group: usize, choices: &mut Choices<'_>) -> (String, Value) {
    let attach = choices.below(2) == 1;
    let sources = &cloud.groups[group].sources;
    let known: Option<&Source> = sources.get(choices.below(sources.len()));
    let place = choices.below(cloud.target_groups.len());
    let (target_group, port) = match known.filter(|_| !attach || choices.seldom(4)) {
        Some(source) => (source.target_group, source.port),
        None => (TargetGroupId::from_index(place), 80),
    };
    let target_group = &cloud.target_groups[target_group.index()];
    let id = &target_group.identifier;
    let weight = WEIGHTS[choices.below(4)];
    let balancer = target_group
        .load_balancer
        .map_or("", |index| cloud.load_balancers[index].identifier.as_str());
    let verb = if attach { "Attach" } else { "Detach" };
    let (what, key, item) = match lb::server_group_type(target_group.kind) {
        Some(kind) => {
            let mut item = json!({"ServerGroupId": id, "Type": kind});
            if target_group.kind.port().is_none() {
                item["Port"] = json!(port);
            }
            if attach && target_group.kind.port().is_none() {
                item["Weight"] = json!(weight);
            }
            ("ServerGroups", "ServerGroups", item)
        }
        None if id == balancer => ("LoadBalancers", "LoadBalancers", json!(id)),
        None => {
            let attribute = json!({"VServerGroupId": id, "Port": port});
            let item = json!({"LoadBalancerId": balancer, "VServerGroupAttributes": [attribute]});
            ("VServerGroups", "VServerGroups", item)
        }
    };
    let mut params = json!({"RegionId": "r", "ScalingGroupId": cloud.groups[group].identifier});
    params[key] = json!([item]);
    params[format!("Force{verb}")] = json!(choices.below(3) != 0);
    (format!("ess:{verb}{what}"), params)
}

/// A call to the load balancer of a server group.
fn of_servers(cloud: &Cloud, choices: &mut Choices<'_>) -> Option<(String, Value)> {
    let place = choices.below(cloud.target_groups.len());
    let id = TargetGroupId::from_index(place);
    let group = &cloud.target_groups[place];
    let service = lb::server_group_type(group.kind)?.to_ascii_lowercase();
    let server = |id: &str, port: u16| json!({"ServerId": id, "ServerType": "Ecs", "Port": port});
    let there: Vec<Value> = cloud
        .registrations_of(id)
        .map(|id| &cloud.registrations[id.index()])
        .map(|one| server(&one.id, one.port))
        .collect();
    let mut params = json!({"ServerGroupId": group.identifier});
    let deed = match choices.below(5) {
        0 => {
            let ids: Vec<String> = cloud.instances.iter().map(|one| one.id.clone()).collect();
            let port = group.kind.port().unwrap_or(80);
            let new = some(&ids, choices);
            let mut new: Vec<Value> = new.iter().map(|id| server(id, port)).collect();
            if group.kind.port().is_none() {
                new[0]["Weight"] = json!(WEIGHTS[choices.below(4)]);
            }
            params["Servers"] = json!(new);
            "AddServersToServerGroup"
        }
        1 => {
            let drain = json!({
                "ConnectionDrainEnabled": choices.below(2) == 1,
                "ConnectionDrainTimeout": 1 + choices.below(40),
            });
            if service == "nlb" {
                params["ConnectionDrainEnabled"] = drain["ConnectionDrainEnabled"].clone();
                params["ConnectionDrainTimeout"] = drain["ConnectionDrainTimeout"].clone();
            } else {
                params["ConnectionDrainConfig"] = drain;
            }
            "UpdateServerGroupAttribute"
        }
        deed => {
            if there.is_empty() {
                return None;
            }
            let mut server = there[choices.below(there.len())].clone();
            let weighs = deed > 2 && group.kind.port().is_none();
            if weighs {
                server["Weight"] = json!(WEIGHTS[choices.below(4)]);
            }
            params["Servers"] = json!([server]);
            if weighs {
                "UpdateServerGroupServersAttribute"
            } else {
                "RemoveServersFromServerGroup"
            }
        }
    };
    Some((format!("{service}:{deed}"), params))
}

/// A call about a lifecycle action that is waited for.
fn of_action(cloud: &Cloud, choices: &mut Choices<'_>) -> Option<(String, Value)> {
    let actions = cloud.lifecycle_actions.iter();
    let open: Vec<_> = actions.filter(|action| action.result.is_none()).collect();
    if open.is_empty() {
        return None;
    }
    let action = open[choices.below(open.len())];
    let (hook, token) = (&action.hook.id, &action.token);
    let result = ["CONTINUE", "ABANDON", "ROLLBACK"];
    Some(match choices.below(4) {
        0 => (
            "ess:RecordLifecycleActionHeartbeat".to_owned(),
            json!({"lifecycleHookId": hook, "lifecycleActionToken": token, "heartbeatTimeout": 40}),
        ),
        other => (
            "ess:CompleteLifecycleAction".to_owned(),
            json!({
                "LifecycleHookId": hook,
                "LifecycleActionToken": token,
                "LifecycleActionResult": result[other - 1],
            }),
        ),
    })
}

/// A call about instances of a scaling group.
fn of_instances(cloud: &Cloud, group: usize, choices: &mut Choices<'_>) -> Option<(String, Value)> {
    let in_service = || members(cloud, group, &[LifecycleState::InService]);
    let (action, ids, extra) = match choices.below(9) {
        0 | 1 => {
            let policy = ["release", "recycle"][choices.below(2)];
            let mut extra = json!({"RemovePolicy": policy});
            if choices.seldom(3) {
                extra["LifecycleHookContext"] = json!({"DisableLifecycleHook": true});
            }
            if choices.seldom(3) {
                extra["StopInstanceTimeout"] = json!(30);
            }
            ("RemoveInstances", members(cloud, group, &[]), extra)
        }
        2 | 3 => {
            let mut extra = json!({"LifecycleHook": choices.below(2) == 1});
            if choices.below(2) == 1 {
                extra["DetachOption"] = json!("both");
            }
            ("DetachInstances", members(cloud, group, &[]), extra)
        }
        4 => {
            let extra = json!({
                "Entrusted": choices.below(2) == 1,
                "LifecycleHook": choices.below(2) == 1,
            });
            ("AttachInstances", loose(cloud), extra)
        }
        5 | 6 => ("EnterStandby", in_service(), json!({})),
        7 => {
            let ids = members(cloud, group, &[LifecycleState::Standby]);
            ("ExitStandby", ids, json!({"Async": choices.below(2) == 1}))
        }
        _ => {
            let extra = json!({"ProtectedFromScaleIn": choices.below(2) == 1});
            ("SetInstancesProtection", in_service(), extra)
        }
    };
    let mut params = extra;
    params["RegionId"] = json!("r");
    params["ScalingGroupId"] = json!(cloud.groups[group].identifier);
    params["InstanceIds"] = json!(some(&ids, choices));
    (!ids.is_empty()).then(|| (format!("ess:{action}"), params))
}

/// A call about a scaling group as a whole.
fn of_group(cloud: &Cloud, group: usize, choices: &mut Choices<'_>) -> (String, Value) {
    let processes = ["ScaleIn", "ScaleOut", "HealthCheck"];
    let process = |choices: &mut Choices<'_>| json!([processes[choices.below(3)]]);
    let number = |choices: &mut Choices<'_>| choices.below(6);
    let (action, mut params) = match choices.below(13) {
        0..3 => (
            "ScaleWithAdjustment",
            json!({"AdjustmentType": "TotalCapacity", "AdjustmentValue": number(choices)}),
        ),
        3 | 4 => ("RebalanceInstances", json!({})),
        5 => ("DisableScalingGroup", json!({})),
        6 | 7 => ("EnableScalingGroup", json!({})),
        8 if choices.below(3) == 0 => ("DeleteScalingGroup", json!({"ForceDelete": true})),
        8 | 9 => {
            let least = number(choices);
            let policies = [["OldestInstance"], ["NewestInstance"]];
            let checks = ["NONE", "ECS", "LOAD_BALANCER"];
            let zones = ["PRIORITY", "BALANCE"];
            (
                "ModifyScalingGroup",
                json!({
                    "MinSize": least,
                    "MaxSize": least + number(choices),
                    "RemovalPolicies": policies[choices.below(2)],
                    "HealthCheckType": checks[choices.below(3)],
                    "MultiAZPolicy": zones[choices.below(2)],
                }),
            )
        }
        10 => ("SuspendProcesses", json!({"Processes": process(choices)})),
        11 => ("ResumeProcesses", json!({"Processes": process(choices)})),
        _ => {
            let transitions = ["SCALE_OUT", "SCALE_IN"];
            let mut hook = json!({"LifecycleTransition": transitions[choices.below(2)]});
            hook["HeartbeatTimeout"] = json!(30 + choices.below(60));
            ("CreateLifecycleHook", hook)
        }
    };
    params["ScalingGroupId"] = json!(cloud.groups[group].identifier);
    (format!("ess:{action}"), params)
}

/// The call that `choices` pick, if there is something to call about.
fn draw(cloud: &Cloud, choices: &mut Choices<'_>) -> Option<(String, Value)> {
    let about = choices.below(12);
    let group = choices.below(cloud.groups.len());
    match about {
        0..3 => Some(of_source(cloud, group, choices)),
        3..5 => of_servers(cloud, choices),
        5..8 => of_instances(cloud, group, choices),
        8 => of_action(cloud, choices),
        _ => Some(of_group(cloud, group, choices)),
    }
}

/// Whether every scaling group comes to rest: none launches what a hook turns away.
fn comes_to_rest(lab: &Lab) -> bool {
    let hooks = lab.cloud().groups.iter().flat_map(|group| &group.hooks);
    let turns_away = |transition, result| {
        transition == Transition::Launching && result != ActionResult::Continue
    };
    !hooks
        .clone()
        .any(|hook| turns_away(hook.transition, hook.default_result))
}

/// Makes the calls; each is written down before it is made.
fn run(plan: &Plan, calls: &[ToCall], made: &mut Vec<String>) {
    let mut lab = Lab::new(settings(plan), true);
    lab.kernel.world.most_machines = 40;
    let states = first_states(&lab);
    let learnt = RefCell::new(Learnt::default());
    let look = |lab: &Lab| {
        assert_sizes(lab);
        learnt.borrow_mut().read(lab);
        assert_eq!(overdue(lab, &learnt.borrow()), None, "at {}", lab.now());
    };
    for (wait, bytes) in calls {
        lab.step_to(lab.now() + ms(500 * wait), look);
        let Some((name, params)) = draw(lab.cloud(), &mut Choices(bytes)) else {
            continue;
        };
        let mut operations = OPERATIONS.iter().copied();
        let operation = operations.find(|one| one.name == name).unwrap();
        made.push(format!("{} {name} {params}", lab.now()));
        let answer = make(&mut lab, operation, &params);
        look(&lab);
        made.push(match &answer {
            Ok(answer) => format!("    {answer}"),
            Err(error) => format!("    {error}"),
        });
    }
    lab.step_to(lab.now() + ms(300_000), look);
    made.push("the end".to_owned());
    lab.run_to(lab.now() + ms(7_200_000));
    assert_edges(&states, &lab.kernel.observer.records);
    if comes_to_rest(&lab) {
        has_settled(&lab);
    }
    let cloud = lab.cloud();
    for index in 0..plan.workloads.len() {
        let counts = cloud.recorder().all(WorkloadId::from_index(index));
        assert_eq!(counts.arrived, counts.completed + counts.lost());
    }
    let weighed = lab.kernel.observer.records.iter();
    let weighed = weighed.filter_map(|(_, record)| {
        if let Record::Weighed(_, weight) = *record {
            return Some(weight);
        }
        None
    });
    assert!(weighed.max().is_none_or(|weight| weight <= 100));
}

proptest! {
    #![proptest_config(cases(120))]

    /// Invariants 1 to 6 for any sequence of calls of ESS and of server groups that make sense,
    /// and all that they begin ends. R-ESS-1, R-ESS-3, R-ESS-40, R-WEIGHT-1
    #[test]
    fn scaling_groups_stay_coherent(mut plan in calls_plan(), calls in vec(to_call(), 1..20)) {
        plan.alibaba = true;
        plan.alibaba_kind = 0;
        // a start that is slower makes a group replace its members for ever, and rightly
        for group in &mut plan.groups {
            group.grace = 120_000;
        }
        let mut made = Vec::new();
        let result = catch_unwind(AssertUnwindSafe(|| run(&plan, &calls, &mut made)));
        if let Err(panic) = result {
            let said = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or(panic.downcast_ref::<&str>().copied())
                .unwrap_or("a panic without words");
            return Err(TestCaseError::fail(format!("{said}\n{}", made.join("\n"))));
        }
    }
}
