//! Listeners of a load balancer and their rules: where requests are forwarded.
//!
//! A rule has no conditions here: a workload says which rule its requests match. This module must
//! never know what a target group holds.

use std::collections::BTreeSet;

use super::context::{Context, Thing};
use super::fleet::Draft;
use super::section::{NAME, default, optional, required};
use super::shape::Fields;
use super::tree::{Key, Node};
use super::{arn, codes, fleet};
use crate::describe::{Kind as ValueKind, Param};
use crate::model::ids::{ListenerId, TargetGroupId};
use crate::model::lb::Family;
use crate::model::settings::{ListenerSettings, Provider, RuleSettings};

const FORWARDS: ValueKind = ValueKind::List {
    of: &ValueKind::Struct(FORWARD),
    min: 1,
    max: 100,
};

/// The keys of a listener.
pub(super) const LISTENER: &[Param] = &[
    optional("arn", NAME, "its ARN; generated from its name if left out"),
    optional(
        "forward",
        FORWARDS,
        "target groups with their weights; not for `classic`, which sends to its instances; one of \
         `alibaba:clb` without it sends to the default server group",
    ),
    optional(
        "rules",
        ValueKind::List {
            of: &ValueKind::Struct(RULE),
            min: 0,
            max: 1000,
        },
        "rules besides the default action, to which workloads send as `load-balancer/listener/rule`",
    ),
];

const RULE: &[Param] = &[
    required("name", NAME, "its name in this file"),
    optional("arn", NAME, "its ARN; generated from its name if left out"),
    required(
        "priority",
        ValueKind::Integer {
            min: 1,
            max: 50_000,
        },
        "its place among the rules of the listener",
    ),
    required("forward", FORWARDS, "target groups with their weights"),
];

const FORWARD: &[Param] = &[
    required("target_group", NAME, "the target group or server group"),
    default(
        "weight",
        ValueKind::Integer { min: 0, max: 999 },
        "1",
        "its share of the traffic, relative to the others",
    ),
];

/// Reads the listeners of the load balancer at `index`; one with `instances` of its own forwards to
/// them, always on AWS, where it does not say otherwise on Alibaba Cloud.
pub(super) fn read_all(
    cx: &mut Context,
    draft: &mut Draft,
    (index, balancer): (usize, &Key),
    instances: Option<usize>,
    fields: &Fields<'_>,
) {
    for (key, node) in fields.map("listeners") {
        let fields = Fields::new(node, key.span, LISTENER);
        let classic = draft.load_balancers[index].kind.family() == Family::Classic;
        let own = instances.filter(|_| classic || fields.node("forward").is_none());
        let forward = if let Some(own) = own {
            if classic {
                refuse_forward(cx, &fields);
            }
            vec![(TargetGroupId::from_index(own), 1)]
        } else {
            require_forward(cx, &fields, &key.name);
            forward(cx, draft, index, &fields)
        };
        let path = format!("{}/{}", balancer.name, key.name);
        let parent = draft.load_balancers[index].identifier.clone();
        let identifier = identifier(cx, draft, &fields, (&path, &parent), index);
        let listener = ListenerSettings {
            name: key.name.clone(),
            load_balancer: index,
            identifier: identifier.clone(),
            rule: None,
            forward,
        };
        let id = add(cx, draft, path.clone(), listener);
        rules(cx, draft, (id, &path, &identifier), &fields);
    }
}

fn require_forward(cx: &mut Context, fields: &Fields<'_>, name: &str) {
    if fields.node("forward").is_none() {
        cx.report(
            &codes::MISSING_KEY,
            fields.at,
            format!("`{name}` has no `forward`"),
        )
        .help("add `forward: [{ target_group: ... }]`");
    }
}

/// Reports a listener of a Classic Load Balancer that forwards to a target group.
fn refuse_forward(cx: &mut Context, listener: &Fields<'_>) {
    for key in ["forward", "rules"] {
        if listener.node(key).is_some() {
            cx.report(
                &codes::CONFLICT,
                listener.span(key),
                "a Classic Load Balancer has no target groups",
            )
            .help("write the listener as `{}`: it sends to the `instances` of its load balancer");
        }
    }
}

fn rules(
    cx: &mut Context,
    draft: &mut Draft,
    (listener, path, parent): (ListenerId, &str, &str),
    fields: &Fields<'_>,
) {
    let load_balancer = draft.listeners[listener.index()].load_balancer;
    let (mut names, mut priorities) = (BTreeSet::new(), BTreeSet::new());
    for item in fields.items("rules") {
        let rule = Fields::new(item, item.span, RULE);
        let forward = forward(cx, draft, load_balancer, &rule);
        let (Some(name), Some(priority)) = (rule.text("name"), rule.integer("priority")) else {
            continue;
        };
        if !names.insert(name) || !priorities.insert(priority) {
            let message = format!("`{path}` has two rules of this name or this priority");
            cx.report(&codes::CONFLICT, item.span, message)
                .help("give each rule a name and a priority of its own");
            continue;
        }
        let path = format!("{path}/{name}");
        let identifier = identifier(cx, draft, &rule, (&path, parent), load_balancer);
        let rule = ListenerSettings {
            name: name.to_owned(),
            load_balancer,
            identifier,
            rule: Some(RuleSettings { listener, priority }),
            forward,
        };
        add(cx, draft, path, rule);
    }
}

fn add(
    cx: &mut Context,
    draft: &mut Draft,
    path: String,
    listener: ListenerSettings,
) -> ListenerId {
    let id = ListenerId::from_index(draft.listeners.len());
    cx.listeners.insert(path.clone());
    draft.listener_names.insert(path, id);
    draft.listeners.push(listener);
    id
}

/// The ARN, the given one or one made from its parent's and the path; an id on Alibaba Cloud.
fn identifier(
    cx: &mut Context,
    draft: &Draft,
    fields: &Fields<'_>,
    (path, parent): (&str, &str),
    balancer: usize,
) -> String {
    let seed = cx.seed;
    let (resource, of) = if path.matches('/').count() == 1 {
        ("listener", ":loadbalancer/")
    } else {
        ("listener-rule", ":listener/")
    };
    match draft.load_balancers[balancer].kind.provider() {
        Provider::Aws => arn::read(cx, fields, resource).unwrap_or_else(|| {
            let id = arn::generated_id(seed, "scenario.listener_arn", path);
            format!("{}/{id}", parent.replacen(of, &format!(":{resource}/"), 1))
        }),
        Provider::Alibaba => {
            arn::refuse(cx, fields, "a listener of Alibaba Cloud");
            fleet::generated_alibaba_id(seed, "lsn-", path, 16)
        }
    }
}

fn forward(
    cx: &mut Context,
    draft: &mut Draft,
    balancer: usize,
    fields: &Fields<'_>,
) -> Vec<(TargetGroupId, u32)> {
    let mut forward = Vec::new();
    let (mut total, mut complete) = (0, true);
    for item in fields.items("forward") {
        let target = Fields::new(item, item.span, FORWARD);
        let weight = target.integer("weight").unwrap_or(1);
        total += weight;
        let Some(node) = target.node("target_group") else {
            complete = false;
            continue;
        };
        let Some(group) = cx.find(node, Thing::TargetGroup) else {
            complete = false;
            continue;
        };
        put_in_front(cx, draft, balancer, group, node);
        forward.push((TargetGroupId::from_index(group), weight));
    }
    if total == 0 && complete && !forward.is_empty() {
        cx.report(
            &codes::CONFLICT,
            fields.span("forward"),
            "all weights are zero, so nothing would be forwarded",
        )
        .help("give at least one target group a weight of 1 to 999");
    }
    forward
}

fn put_in_front(cx: &mut Context, draft: &mut Draft, balancer: usize, group: usize, node: &Node) {
    let Some(slot) = draft.balancers.get_mut(group) else {
        return;
    };
    match slot {
        Some(other) if *other != balancer => {
            let group = node.text().unwrap_or_default();
            // the Classic Load Balancer that it stands for may come later in the file
            let name = draft.load_balancers.get(*other);
            let name = name.map_or(group, |other| other.name.as_str()).to_owned();
            cx.report(
                &codes::SHARED_TARGET_GROUP,
                node.span,
                format!("`{group}` is already used by the load balancer `{name}`"),
            )
            .help("give each load balancer a target group of its own");
        }
        _ => *slot = Some(balancer),
    }
}
