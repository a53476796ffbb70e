//! Any calls with any parameters: nothing panics, invariants hold, and what is refused or only
//! described changes nothing.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::{fmt, mem};

use drainsim::api::{ApiError, Call, OPERATIONS, Operation, sends_text};
use drainsim::engine::random::Streams;
use drainsim::model::cloud::Cloud;
use drainsim::model::event::Cx;
use drainsim::model::hook::{ActionResult, Hook, Transition};
use drainsim::model::identifier::Identifiers;
use drainsim::model::ids::{ListenerId, TargetGroupId};
use drainsim::model::lb;
use drainsim::model::settings::{FleetSettings, GroupSourceSettings, RuleSettings};
use drainsim::model::source::AttachedVia;
use drainsim::model::warm_pool::{PoolState, WarmPool};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use serde_json::Value;

use super::cases;
use super::lifecycle::{assert_edges, assert_sizes, first_states};
use super::requests::{Choices, Drawer, Pool};
use super::strategies::{Plan, calls_plan};
use crate::fleet::{Lab, ms, target_group};

/// A call to come: what else it is depends on the cloud at that time.
#[derive(Clone)]
struct ToCall {
    /// Since the call before, in half seconds.
    wait: u64,
    /// Picks the operation.
    operation: u16,
    /// Picks the parameters.
    choices: Vec<u8>,
}

impl fmt::Debug for ToCall {
    /// On one line: the calls as made stand in the message.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{} {:?}", self.operation, self.wait, self.choices)
    }
}

fn to_call() -> impl Strategy<Value = ToCall> {
    let wait = prop_oneof![
        4 => Just(0_u64),
        4 => 1_u64..20,
        3 => 20_u64..200,
        1 => 200_u64..1_200,
    ];
    (wait, any::<u16>(), vec(any::<u8>(), 0..48)).prop_map(|(wait, operation, choices)| ToCall {
        wait,
        operation,
        choices,
    })
}

/// The operation that `number` picks; most are of the fleet's own cloud.
fn operation_of(alibaba: bool, number: u16) -> &'static Operation {
    let number = usize::from(number);
    let own: Vec<&Operation> = OPERATIONS
        .iter()
        .copied()
        .filter(|operation| sends_text(operation.name) == alibaba)
        .collect();
    // two draws of one number, so that no place in the list goes with the seldom case
    let (place, seldom) = (number / 32, number % 32 == 31);
    if seldom {
        OPERATIONS[place % OPERATIONS.len()]
    } else {
        own[place % own.len()]
    }
}

/// Whether the name of an operation begins with one of `words`.
fn begins(name: &str, words: &[&str]) -> bool {
    let (_, action) = name.split_once(':').unwrap();
    words.iter().any(|word| action.starts_with(word))
}

/// Whether an operation only tells.
fn only_tells(name: &str) -> bool {
    begins(name, &["Describe", "List", "Get"])
}

/// Whether an operation makes new things.
fn creates(name: &str) -> bool {
    begins(name, &["Create", "Put"])
}

/// An ARN of Elastic Load Balancing.
fn arn(resource: &str) -> String {
    format!("arn:aws:elasticloadbalancing:us-west-2:123456789012:{resource}")
}

/// The fleet of a plan. On AWS its things are named as AWS names them, the first listener has a
/// rule, and the first group also serves a Classic Load Balancer and a service of VPC Lattice; on
/// Alibaba Cloud it also serves a Classic Load Balancer, which has a vServer group, too.
fn settings(plan: &Plan) -> FleetSettings {
    let mut settings = plan.settings(1);
    settings.groups[0].hooks = hooks(plan);
    settings.assumptions.ess_hook_after_removal = plan.seed.is_multiple_of(2);
    if plan.alibaba {
        add_balancer(&mut settings, "alibaba:clb", "lb-bp1front");
        add_v_server_group(&mut settings, "rsp-bp1more");
        return settings;
    }
    for (index, group) in settings.target_groups.iter_mut().enumerate() {
        group.identifier = arn(&format!("targetgroup/tg{index}/{index:016x}"));
    }
    settings.load_balancers[0].identifier = arn("loadbalancer/app/front/00000000000000aa");
    for (index, listener) in settings.listeners.iter_mut().enumerate() {
        listener.identifier = arn(&format!("listener/app/front/00000000000000aa/{index:016x}"));
    }
    let mut rule = settings.listeners[0].clone();
    "rule".clone_into(&mut rule.name);
    rule.identifier =
        arn("listener-rule/app/front/00000000000000aa/0000000000000000/00000000000000bb");
    rule.rule = Some(RuleSettings {
        listener: ListenerId(0),
        priority: 1,
    });
    settings.listeners.push(rule);
    settings.groups[0].rules.warm_pool = warm_pool(plan);
    let lattice = "arn:aws:vpc-lattice:us-west-2:123456789012:targetgroup/tg-0c07b012010e38cf4";
    add_balancer(&mut settings, "classic", "old");
    add_balancer(&mut settings, "lattice", lattice);
    settings
}

/// Lifecycle hooks of the first group, which nobody may complete, or none.
pub(super) fn hooks(plan: &Plan) -> Vec<Hook> {
    let hook = |transition, default_result| Hook {
        id: format!("ash-{transition:?}"),
        name: format!("{transition:?}"),
        transition,
        heartbeat: ms(30_000),
        default_result,
        notification_target: None,
        role: None,
        metadata: None,
    };
    let launching = match plan.seed % 5 {
        0 => ActionResult::Continue,
        1 => ActionResult::Abandon,
        _ => return Vec::new(),
    };
    let terminating = if plan.alibaba && launching == ActionResult::Abandon {
        ActionResult::Rollback
    } else {
        ActionResult::Continue
    };
    vec![
        hook(Transition::Launching, launching),
        hook(Transition::Terminating, terminating),
    ]
}

/// A warm pool of the first group, or none.
fn warm_pool(plan: &Plan) -> Option<WarmPool> {
    let state = match plan.seed % 4 {
        0 => PoolState::Stopped,
        1 => PoolState::Running,
        2 => PoolState::Hibernated,
        _ => return None,
    };
    let group = &plan.groups[0];
    let pool = WarmPool {
        most_prepared: Some(group.desired + 2),
        state,
        reuse_on_scale_in: !plan.seed.is_multiple_of(3),
        ..WarmPool::default()
    };
    Some(pool)
}

/// Adds a server group behind the last load balancer that no group serves.
fn add_v_server_group(settings: &mut FleetSettings, identifier: &str) {
    let id = TargetGroupId::from_index(settings.target_groups.len());
    let mut group = settings.target_groups.last().unwrap().clone();
    identifier.clone_into(&mut group.identifier);
    identifier.clone_into(&mut group.name);
    settings.target_groups.push(group);
    let mut listener = settings.listeners.last().unwrap().clone();
    identifier.clone_into(&mut listener.name);
    identifier.clone_into(&mut listener.identifier);
    listener.forward = vec![(id, 1)];
    settings.listeners.push(listener);
}

/// Adds a load balancer of `kind` with a target group that is called `identifier`.
fn add_balancer(settings: &mut FleetSettings, kind: &str, identifier: &str) {
    let kind = lb::kind(kind).unwrap();
    let id = TargetGroupId::from_index(settings.target_groups.len());
    let attributes = lb::Attributes::with_defaults(kind.attributes(), BTreeMap::new());
    let mut group = target_group(kind.name(), kind, kind.provider(), &[]);
    identifier.clone_into(&mut group.identifier);
    if kind.family().has_own_targets() {
        // its instances have the attributes of the balancer
        group.attributes = attributes.clone();
    }
    settings.target_groups.push(group);
    let mut balancer = settings.load_balancers[0].clone();
    identifier.clone_into(&mut balancer.name);
    identifier.clone_into(&mut balancer.identifier);
    (balancer.kind, balancer.attributes) = (kind, attributes);
    let mut listener = settings.listeners[0].clone();
    kind.name().clone_into(&mut listener.name);
    kind.name().clone_into(&mut listener.identifier);
    listener.load_balancer = settings.load_balancers.len();
    listener.forward = vec![(id, 1)];
    settings.load_balancers.push(balancer);
    settings.listeners.push(listener);
    settings.groups[0].sources.push(GroupSourceSettings {
        target_group: id,
        port: 80,
        weight: 100,
        attached_via: AttachedVia::Unknown,
    });
}

/// Where two texts part, with what stands around it.
fn difference(before: &str, after: &str) -> String {
    let same = before
        .bytes()
        .zip(after.bytes())
        .take_while(|(a, b)| a == b)
        .count();
    let around = |text: &str| -> String {
        let text = text.get(same.saturating_sub(120)..).unwrap_or(text);
        text.chars().take(240).collect()
    };
    format!("before: {}\nafter:  {}", around(before), around(after))
}

/// Everything there is but what makes identifiers, which any call may ask for one.
fn fingerprint(cloud: &mut Cloud, cx: &Cx<'_>) -> String {
    let none = Identifiers::new(Streams::new(0).stream("none", &[]));
    let identifiers = mem::replace(&mut cloud.identifiers, none);
    let print = format!("{cloud:?} {:?}", cx.calendar);
    cloud.identifiers = identifiers;
    print
}

/// Makes one call and checks what holds for every call.
pub(super) fn make(
    lab: &mut Lab,
    operation: &Operation,
    params: &Value,
) -> Result<Value, ApiError> {
    let told = lab.kernel.observer.records.len();
    let (answer, before, after) = lab.call(|cloud, cx| {
        let before = fingerprint(cloud, cx);
        let answer = (operation.apply)(&mut Call { cloud, cx }, params);
        let after = fingerprint(cloud, cx);
        (answer, before, after)
    });
    if answer.is_err() || only_tells(operation.name) {
        assert!(
            before == after,
            "the call changed something\n{}",
            difference(&before, &after)
        );
        assert_eq!(told, lab.kernel.observer.records.len(), "it made records");
    }
    match &answer {
        // trap 12: also one that says nothing, which clients look into all the same
        Ok(answer) => assert!(answer.is_object(), "an answer is an object"),
        Err(error) => {
            assert!(
                operation.errors.contains(&error.code),
                "{} is not among its errors",
                error.code
            );
            assert!((400..600).contains(&error.http_status));
            assert!(!error.message.is_empty());
        }
    }
    answer
}

/// Makes the calls; each is written down before it is made.
fn run(plan: &Plan, calls: &[ToCall], made: &mut Vec<String>) {
    let mut lab = Lab::new(settings(plan), true);
    // a capacity of billions is asked for now and then, and every event counts all machines
    lab.kernel.world.most_machines = 40;
    let states = first_states(&lab);
    let mut pool = Pool::default();
    for call in calls {
        lab.step_to(lab.now() + ms(500 * call.wait), assert_sizes);
        let operation = operation_of(plan.alibaba, call.operation);
        let mut drawer = Drawer {
            cloud: lab.cloud(),
            pool: &pool,
            choices: Choices(&call.choices),
            creates: creates(operation.name),
        };
        let params = drawer.request(operation.params);
        made.push(format!("{} {} {params}", lab.now(), operation.name));
        let answer = make(&mut lab, operation, &params);
        assert_sizes(&lab);
        made.push(match &answer {
            Ok(answer) => format!("    {answer}"),
            Err(error) => format!("    {error}"),
        });
        if let Ok(answer) = answer {
            pool.learn("", &params);
            pool.learn("", &answer);
        }
    }
    lab.step_to(lab.now() + ms(300_000), assert_sizes);
    assert_edges(&states, &lab.kernel.observer.records);
}

proptest! {
    #![proptest_config(cases(300))]

    /// Invariants 1 to 6, lifecycle edges, and refusals without effect, for any sequence of calls
    /// of any operation with any parameters. R-ASG-1, R-ASG-3
    #[test]
    fn any_calls_keep_the_cloud_coherent(plan in calls_plan(), calls in vec(to_call(), 1..14)) {
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
