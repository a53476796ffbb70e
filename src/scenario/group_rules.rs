//! What a group is told beyond its sizes: hooks, policies, percentages; and what only groups of one
//! cloud are told.
//!
//! The ranges are the API's, so that a group in a file is one that a call could have made.

use std::collections::BTreeSet;

use super::context::Context;
use super::section::{NAME, TEXT, count, default, optional, required};
use super::shape::{self, Fields};
use super::tree::{Node, Value};
use super::{codes, fleet};
use crate::describe::{Kind, Param};
use crate::engine::time::{NANOS_PER_SECOND, SimDuration};
use crate::model::ess_rules::{EssRules, MultiAz};
use crate::model::hook::{ActionResult, Hook, Transition};
use crate::model::maintenance::MaintenancePolicy;
use crate::model::removal_policy::RemovalPolicy;
use crate::model::settings::{GroupRules, Provider};
use crate::model::termination_policy::TerminationPolicy;
use crate::model::warm_pool::{PoolState, WarmPool};

/// The keys of a lifecycle hook.
pub(super) const HOOK: &[Param] = &[
    required("name", NAME, "its name, unique in its group"),
    required(
        "transition",
        Kind::OneOf(&["launching", "terminating"]),
        "when it runs",
    ),
    optional(
        "heartbeat_timeout",
        Kind::Duration {
            min_ns: 30 * NANOS_PER_SECOND,
            max_ns: 21_600 * NANOS_PER_SECOND,
        },
        "time without a heartbeat after which its action ends; 3600s if left out and 7200s at \
         most, on Alibaba Cloud 600s and 21600s",
    ),
    optional(
        "default_result",
        Kind::OneOf(&["CONTINUE", "ABANDON", "ROLLBACK"]),
        "how its action ends then; ABANDON if left out, on Alibaba Cloud CONTINUE; ROLLBACK there \
         only",
    ),
    optional(
        "metadata",
        TEXT,
        "what it tells whom it notifies; shown only",
    ),
];

/// The keys of an instance maintenance policy.
pub(super) const MAINTENANCE: &[Param] = &[
    required(
        "min_healthy_percentage",
        Kind::Integer { min: 0, max: 100 },
        "share of the desired capacity that stays in service [%]",
    ),
    required(
        "max_healthy_percentage",
        Kind::Integer { min: 100, max: 200 },
        "share of the desired capacity that may be there at once [%]",
    ),
];

/// The keys of a warm pool.
pub(super) const WARM_POOL: &[Param] = &[
    optional(
        "max_group_prepared_capacity",
        count(0),
        "instances the group and its pool may have together; `max_size` if left out",
    ),
    default("min_size", count(0), "0", "fewest instances of the pool"),
    default(
        "pool_state",
        Kind::OneOf(&PoolState::NAMES),
        "Stopped",
        "how its instances are kept",
    ),
    default(
        "reuse_on_scale_in",
        Kind::Boolean,
        "false",
        "whether a scale-in takes instances back into the pool",
    ),
];

/// Keys that only groups of AWS have.
const AWS_ONLY: [&str; 7] = [
    "default_cooldown",
    "default_instance_warmup",
    "termination_policies",
    "new_instances_protected_from_scale_in",
    "instance_maintenance_policy",
    "terminate_hook_abandon",
    "warm_pool",
];

/// Keys that only scaling groups of Alibaba Cloud have.
const ALIBABA_ONLY: [&str; 3] = ["multi_az_policy", "removal_policies", "scaling_policy"];

/// Reports what a group of this cloud cannot have.
pub(super) fn refuse(cx: &mut Context, fields: &Fields<'_>, provider: Provider) {
    let keys: &[&str] = match provider {
        Provider::Aws => &ALIBABA_ONLY,
        Provider::Alibaba => &AWS_ONLY,
    };
    for key in keys {
        let Some(node) = fields.node(key) else {
            continue;
        };
        if matches!(&node.value, Value::List(items) if items.is_empty()) {
            continue;
        }
        match provider {
            Provider::Aws => cx
                .report(
                    &codes::CONFLICT,
                    fields.span(key),
                    format!("`{key}` is of scaling groups of Alibaba Cloud only"),
                )
                .help("remove it, or write `provider: alibaba`"),
            Provider::Alibaba => cx
                .report(
                    &codes::NOT_SIMULATED,
                    fields.span(key),
                    format!("`{key}` is not simulated for scaling groups of Alibaba Cloud yet"),
                )
                .help(if *key == "termination_policies" {
                    "write `removal_policies`, or remove it"
                } else {
                    "remove it"
                }),
        };
    }
}

/// Reports health checks that a group of this cloud cannot have.
pub(super) fn refuse_checks(cx: &mut Context, fields: &Fields<'_>, provider: Provider) {
    let aws: &[&str] = &["EC2", "EBS", "ELB", "VPC_LATTICE"];
    let alibaba: &[&str] = &["ECS", "NONE"];
    // a word that no cloud has is told of already
    let (known, others) = match provider {
        Provider::Aws => (aws, alibaba),
        Provider::Alibaba => (alibaba, aws),
    };
    for node in fields.items("health_check_type") {
        if let Some(word) = node.text()
            && others.contains(&word)
        {
            let message = format!("a group of this cloud has no health check `{word}`");
            cx.report(&codes::CONFLICT, node.span, message)
                .help(format!("its health checks are {}", known.join(", ")));
        }
    }
}

/// The rules of a group.
pub(super) fn rules(cx: &mut Context, fields: &Fields<'_>) -> GroupRules {
    let standard = GroupRules::default();
    GroupRules {
        default_cooldown: fields
            .duration("default_cooldown")
            .unwrap_or(standard.default_cooldown),
        default_instance_warmup: fields.duration("default_instance_warmup"),
        termination_policies: policies(cx, fields)
            .unwrap_or_else(|| standard.termination_policies.clone()),
        new_instances_protected: fields
            .node("new_instances_protected_from_scale_in")
            .is_some_and(|node| matches!(node.value, Value::Bool(true))),
        maintenance: fields
            .node("instance_maintenance_policy")
            .and_then(|node| maintenance(cx, node)),
        retain_on_abandon: fields.text("terminate_hook_abandon") == Some("retain"),
        lattice_health_check: has_check(fields, "VPC_LATTICE"),
        health_check_type: check_type(fields).unwrap_or_else(|| standard.health_check_type.clone()),
        warm_pool: fields.node("warm_pool").map(warm_pool),
        ess: ess(fields),
        ..standard
    }
}

/// What only a scaling group is told.
fn ess(fields: &Fields<'_>) -> EssRules {
    let standard = EssRules::default();
    let policies = fields.items("removal_policies").iter();
    let policies: Vec<RemovalPolicy> = policies
        .filter_map(|node| RemovalPolicy::named(node.text()?))
        .collect();
    EssRules {
        multi_az: fields
            .text("multi_az_policy")
            .and_then(MultiAz::named)
            .unwrap_or_default(),
        removal_policies: if policies.is_empty() {
            standard.removal_policies
        } else {
            policies
        },
        recycles: fields.text("scaling_policy") == Some("recycle"),
        health_check: !has_check(fields, "NONE"),
    }
}

/// The types of health checks as the API writes them.
fn check_type(fields: &Fields<'_>) -> Option<String> {
    let types = fields.items("health_check_type").iter();
    let types: Vec<&str> = types.filter_map(Node::text).collect();
    (!types.is_empty()).then(|| types.join(","))
}

/// Whether `health_check_type` lists `name`.
pub(super) fn has_check(fields: &Fields<'_>, name: &str) -> bool {
    let types = fields.items("health_check_type");
    types.iter().any(|node| node.text() == Some(name))
}

fn policies(cx: &mut Context, fields: &Fields<'_>) -> Option<Vec<TerminationPolicy>> {
    fields.node("termination_policies")?;
    let mut policies = Vec::new();
    for node in fields.items("termination_policies") {
        let Some(name) = node.text() else { continue };
        match TerminationPolicy::named(name) {
            Some(policy) => policies.push(policy),
            None => shape::unknown_word(
                cx,
                node.span,
                "termination_policies",
                name,
                &TerminationPolicy::NAMES,
            ),
        }
    }
    Some(policies).filter(|policies| !policies.is_empty())
}

fn maintenance(cx: &mut Context, node: &Node) -> Option<MaintenancePolicy> {
    let fields = Fields::new(node, node.span, MAINTENANCE);
    let policy = MaintenancePolicy {
        min_healthy: fields.integer("min_healthy_percentage")?,
        max_healthy: fields.integer("max_healthy_percentage")?,
    };
    if policy.max_healthy > policy.min_healthy + 100 {
        cx.report(
            &codes::CONFLICT,
            node.span,
            "the percentages are more than 100 apart",
        )
        .help("raise `min_healthy_percentage` or lower `max_healthy_percentage`");
    }
    Some(policy)
}

fn warm_pool(node: &Node) -> WarmPool {
    let fields = Fields::new(node, node.span, WARM_POOL);
    WarmPool {
        most_prepared: fields.integer("max_group_prepared_capacity"),
        min_size: fields.integer("min_size").unwrap_or(0),
        state: fields
            .text("pool_state")
            .and_then(PoolState::named)
            .unwrap_or_default(),
        reuse_on_scale_in: fields
            .node("reuse_on_scale_in")
            .is_some_and(|node| matches!(node.value, Value::Bool(true))),
    }
}

/// What the hooks of a cloud are when they are not told, and what they may be.
struct HookRules {
    heartbeat: SimDuration,
    longest: SimDuration,
    result: ActionResult,
    most: usize,
}

fn hook_rules(provider: Provider) -> HookRules {
    let (heartbeat, longest, result, most) = match provider {
        Provider::Aws => (3_600, 7_200, ActionResult::Abandon, 50),
        Provider::Alibaba => (600, 21_600, ActionResult::Continue, 10),
    };
    HookRules {
        heartbeat: SimDuration::from_secs(heartbeat),
        longest: SimDuration::from_secs(longest),
        result,
        most,
    }
}

/// The lifecycle hooks of a group.
pub(super) fn hooks(
    cx: &mut Context,
    fields: &Fields<'_>,
    group: &str,
    provider: Provider,
) -> Vec<Hook> {
    let rules = hook_rules(provider);
    let mut names = BTreeSet::new();
    let mut hooks = Vec::new();
    for node in fields.items("lifecycle_hooks") {
        let hook = Fields::new(node, node.span, HOOK);
        let Some(name) = hook.text("name") else {
            continue;
        };
        if !names.insert(name.to_owned()) {
            let message = format!("the group has two lifecycle hooks called `{name}`");
            cx.report(&codes::CONFLICT, hook.span("name"), message)
                .help("rename one of the two");
        }
        let heartbeat = hook.duration("heartbeat_timeout");
        if heartbeat.is_some_and(|span| span > rules.longest) {
            let message = "a lifecycle hook of AWS waits 7200s at most";
            cx.report(
                &codes::OUT_OF_RANGE,
                hook.span("heartbeat_timeout"),
                message,
            );
        }
        let result = hook.text("default_result").and_then(ActionResult::named);
        if provider == Provider::Aws && result == Some(ActionResult::Rollback) {
            let message = "only hooks of Alibaba Cloud end with ROLLBACK";
            cx.report(&codes::CONFLICT, hook.span("default_result"), message)
                .help("write `CONTINUE` or `ABANDON`");
        }
        let id = match provider {
            Provider::Aws => String::new(),
            Provider::Alibaba => {
                let path = format!("{group}/{name}");
                fleet::generated_alibaba_id(cx.seed, "ash-", &path, 20)
            }
        };
        hooks.push(Hook {
            id,
            name: name.to_owned(),
            transition: match hook.text("transition") {
                Some("launching") => Transition::Launching,
                _ => Transition::Terminating,
            },
            heartbeat: heartbeat.unwrap_or(rules.heartbeat),
            default_result: result.unwrap_or(rules.result),
            notification_target: None,
            role: None,
            metadata: hook.text("metadata").map(str::to_owned),
        });
    }
    if hooks.len() > rules.most {
        let message = format!(
            "a group of this cloud has {} lifecycle hooks at most",
            rules.most
        );
        cx.report(
            &codes::OUT_OF_RANGE,
            fields.span("lifecycle_hooks"),
            message,
        );
    }
    hooks
}
