//! The section `load_balancers`, their listeners, and the attributes of the cloud.

use std::collections::{BTreeMap, BTreeSet};

use super::context::Context;
use super::fleet::Draft;
use super::listeners::LISTENER;
use super::section::{NAME, ZONES, optional, required};
use super::shape::{self, Fields};
use super::tree::{Key, Node};
use super::{arn, codes, fleet, listeners, own_targets, suggest, target_groups};
use crate::describe::{Kind as ValueKind, Param};
use crate::model::ids::ZoneId;
use crate::model::lb::{Attributes, KINDS, Kind, Values, kind};
use crate::model::settings::{LoadBalancerSettings, Provider};

/// The keys of a load balancer.
pub(super) const PARAMS: &[Param] = &[
    required("type", NAME, "the kind of load balancer"),
    required("zones", ZONES, "enabled zones, one node each"),
    optional("arn", NAME, "its ARN; generated from its name if left out"),
    optional(
        "id",
        NAME,
        "its id on Alibaba Cloud; generated from its name if left out",
    ),
    optional(
        "attributes",
        ValueKind::Any,
        "attributes by the cloud's own keys",
    ),
    optional(
        "listeners",
        ValueKind::Map(&ValueKind::Struct(LISTENER)),
        "listeners by name",
    ),
    optional(
        "instances",
        ValueKind::List {
            of: &ValueKind::Struct(own_targets::INSTANCE),
            min: 0,
            max: 200_000,
        },
        "instances registered by hand before 0 s; for `classic`, and `alibaba:clb`, whose default server \
         group they are in",
    ),
    optional(
        "instance_port",
        target_groups::PORT,
        "port of the instances, 80 if left out; for `classic` and `alibaba:clb`",
    ),
    optional(
        "health_check",
        ValueKind::Struct(target_groups::HEALTH_CHECK),
        "health checks of the instances; for `classic` and `alibaba:clb`, elsewhere target groups have \
         them",
    ),
];

/// Keys of load balancers with targets of their own, and those of target groups that others have
/// instead.
const OWN_TARGET_KEYS: &[(&str, &str)] = &[
    ("instances", "targets"),
    ("instance_port", "port"),
    ("health_check", "health_check"),
];

/// Kinds that the format has a place for, and that are not simulated yet.
const PLANNED: &[&str] = &["network", "gateway"];

/// Reads one load balancer with its listeners.
pub(super) fn read(cx: &mut Context, draft: &mut Draft, key: &Key, node: &Node) {
    let fields = Fields::new(node, key.span, PARAMS);
    let index = draft.load_balancers.len();
    let kind = fields.node("type").and_then(|node| find_kind(cx, node));
    let zones = zones(cx, draft, &fields);
    let attributes = if let Some(kind) = kind {
        let what = format!("a load balancer of type `{}`", kind.name());
        let params = (kind.attributes(), &[] as &[Values]);
        attributes(cx, fields.node("attributes"), params, &what)
    } else {
        draft.unknown_kinds.push(index);
        Attributes::default()
    };
    let known = kind;
    let kind = kind.unwrap_or(KINDS[0]);
    let identifier = identifier(cx, &fields, &key.name, kind);
    draft.load_balancers.push(LoadBalancerSettings {
        name: key.name.clone(),
        kind,
        zones,
        attributes,
        identifier,
    });
    let has_own_targets = known.is_some_and(|kind| kind.family().has_own_targets());
    if !has_own_targets {
        refuse_own_targets(cx, &fields, known);
    }
    let instances = cx
        .own_targets
        .get(&key.name)
        .copied()
        .filter(|_| has_own_targets);
    listeners::read_all(cx, draft, (index, key), instances, &fields);
}

/// Reports keys that only load balancers with targets of their own have.
fn refuse_own_targets(cx: &mut Context, fields: &Fields<'_>, kind: Option<&dyn Kind>) {
    let Some(kind) = kind else { return };
    for (key, other) in OWN_TARGET_KEYS {
        if fields.node(key).is_some() {
            let message = format!("a load balancer of type `{}` has no `{key}`", kind.name());
            cx.report(&codes::CONFLICT, fields.span(key), message)
                .help(format!("write `{other}` of a target group behind it"));
        }
    }
}

fn find_kind(cx: &mut Context, node: &Node) -> Option<&'static dyn Kind> {
    let name = node.text()?;
    if let Some(kind) = kind(name) {
        return Some(kind);
    }
    let simulated = suggest::listed(KINDS.iter().map(|kind| kind.name()), "and");
    if PLANNED.contains(&name) {
        cx.report(
            &codes::NOT_SIMULATED,
            node.span,
            format!("load balancers of type `{name}` are not simulated yet"),
        )
        .label(format!("this version simulates {simulated}"));
        return None;
    }
    let help = suggest::help(
        name,
        "this version simulates",
        KINDS.iter().map(|k| k.name()),
    );
    cx.report(
        &codes::UNKNOWN_WORD,
        node.span,
        format!("there is no load balancer type `{name}`"),
    )
    .maybe_help(help);
    None
}

/// The zones under `zones`, each once.
pub(super) fn zones(cx: &mut Context, draft: &mut Draft, fields: &Fields<'_>) -> Vec<ZoneId> {
    let mut zones = Vec::new();
    let mut seen = BTreeSet::new();
    for node in fields.items("zones") {
        let Some(name) = node.text() else { continue };
        if seen.insert(name) {
            zones.push(draft.zone(name));
        } else {
            cx.report(
                &codes::CONFLICT,
                node.span,
                format!("the zone `{name}` is listed twice"),
            )
            .help("list each zone once");
        }
    }
    zones
}

/// The ARN, or the id on Alibaba Cloud: the given one, or one generated from the name and the seed.
fn identifier(cx: &mut Context, fields: &Fields<'_>, name: &str, kind: &dyn Kind) -> String {
    let seed = cx.seed;
    match kind.provider() {
        Provider::Aws => {
            if fields.node("id").is_some() {
                let what = "a load balancer of AWS is identified by its ARN";
                cx.report(&codes::CONFLICT, fields.span("id"), what)
                    .help("write `arn: ...` instead of `id: ...`");
            }
            arn::read(cx, fields, "loadbalancer").unwrap_or_else(|| {
                let id = arn::generated_id(seed, "scenario.load_balancer_arn", name);
                let family = match kind.name() {
                    "network" => "net",
                    "gateway" => "gwy",
                    _ => "app",
                };
                arn::new(&format!("loadbalancer/{family}/{name}/{id}"))
            })
        }
        Provider::Alibaba => {
            arn::refuse(cx, fields, "a load balancer of Alibaba Cloud");
            let prefix = id_prefix(kind);
            let given = target_groups::alibaba_id(cx, fields, &prefix, "a load balancer");
            given.unwrap_or_else(|| fleet::generated_alibaba_id(seed, &prefix, name, 16))
        }
    }
}

/// What the ids of load balancers of a kind of Alibaba Cloud begin with.
fn id_prefix(kind: &dyn Kind) -> String {
    match kind.name() {
        "alibaba:clb" => "lb-".to_owned(),
        name => format!("{}-", name.trim_start_matches("alibaba:")),
    }
}

/// The attributes in `node`, checked against `params`, defaults filled in; `others` are values that
/// only the cloud has.
pub(super) fn attributes(
    cx: &mut Context,
    node: Option<&Node>,
    (params, others): (&'static [Param], &[Values]),
    what: &str,
) -> Attributes {
    let mut given = BTreeMap::new();
    let entries = match node.map(|node| (node, node.entries())) {
        Some((_, Some(entries))) => entries,
        Some((node, None)) => {
            shape::wrong_kind(cx, node, "attributes", "a map from attributes to values");
            &[]
        }
        None => &[],
    };
    for (key, node) in entries {
        let Some(param) = params.iter().find(|param| param.key == key.name) else {
            unknown_attribute(cx, key, params, what);
            continue;
        };
        if refuse_other(cx, node, param, others) {
            continue;
        }
        if let Some(value) = attribute(cx, node, param) {
            given.insert(key.name.clone(), value);
        }
    }
    Attributes::with_defaults(params, given)
}

/// Reports a value that only the cloud has.
fn refuse_other(cx: &mut Context, node: &Node, param: &Param, others: &[Values]) -> bool {
    let Some(text) = node.text() else {
        return false;
    };
    let is_other = |(key, values): &&Values| *key == param.key && values.contains(&text);
    if !others.iter().any(|other| is_other(&other)) {
        return false;
    }
    let message = format!("`{}: {text}` is not simulated yet", param.key);
    let problem = cx.report(&codes::NOT_SIMULATED, node.span, message);
    if let ValueKind::OneOf(words) = param.kind {
        let simulated = suggest::listed(words.iter().copied(), "and");
        problem.label(format!("this version simulates {simulated}"));
    }
    true
}

fn unknown_attribute(cx: &mut Context, key: &Key, params: &'static [Param], what: &str) {
    let keys = params.iter().map(|param| param.key);
    let help = suggest::help(&key.name, "simulated are", keys);
    cx.report(
        &codes::UNKNOWN_ATTRIBUTE,
        key.span,
        format!("{what} has no attribute `{}` that is simulated", key.name),
    )
    .maybe_help(help);
}

/// The value of an attribute as it travels on the wire.
fn attribute(cx: &mut Context, node: &Node, param: &Param) -> Option<String> {
    let key = param.key;
    let Some(text) = node.text() else {
        shape::wrong_kind(cx, node, key, "a number, `true`, `false` or text");
        return None;
    };
    match &param.kind {
        ValueKind::Integer { min, max } => {
            let value = text.parse::<i64>().ok();
            let slow_start = key == "slow_start.duration_seconds";
            let in_range = |value: &i64| {
                (*min..=*max).contains(value) && !(slow_start && (1..30).contains(value))
            };
            if let Some(value) = value.filter(in_range) {
                return Some(value.to_string());
            }
            let wanted = if slow_start {
                format!("0, or 30 to {max}")
            } else {
                format!("{min} to {max}")
            };
            if value.is_some() {
                shape::out_of_range(cx, node, key, text, &wanted);
            } else {
                shape::wrong_kind(cx, node, key, &format!("a whole number ({wanted})"));
            }
            None
        }
        ValueKind::Boolean => word(cx, node, key, text, &["true", "false"]),
        ValueKind::OneOf(words) => word(cx, node, key, text, words),
        ValueKind::Text { .. } if key.ends_with(".percentage") => {
            let share = text.parse::<u32>().ok();
            if text == "off" || share.is_some_and(|share| (1..=100).contains(&share)) {
                return Some(text.to_owned());
            }
            shape::out_of_range(cx, node, key, text, "`off`, or 1 to 100");
            None
        }
        ValueKind::Text { .. }
        | ValueKind::Pattern { .. }
        | ValueKind::Timestamp
        | ValueKind::Duration { .. }
        | ValueKind::Rate
        | ValueKind::Number { .. }
        | ValueKind::Distribution
        | ValueKind::Arrivals
        | ValueKind::List { .. }
        | ValueKind::Struct(_)
        | ValueKind::Map(_)
        | ValueKind::Any => Some(text.to_owned()),
    }
}

fn word(cx: &mut Context, node: &Node, key: &str, text: &str, words: &[&str]) -> Option<String> {
    if words.contains(&text) {
        return Some(text.to_owned());
    }
    shape::unknown_word(cx, node.span, key, text, words);
    None
}
