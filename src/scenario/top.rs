//! The top of a file: its sections, the seed, the clock and the horizon.
//!
//! This module must never know what is inside a section.

use jiff::Timestamp;

use super::context::Context;
use super::plan::Horizon;
use super::section::{DURATION, TEXT, default, optional, required};
use super::shape::{self, Fields};
use super::tree::{Node, Value};
use super::{codes, groups, instances, launch_templates, load_balancers, target_groups};
use super::{quantity, timeline, workloads};
use crate::describe::{Kind, Param};
use crate::engine::time::{SimDuration, SimTime};

/// Longest horizon: 365 days.
pub(super) const HORIZON_LIMIT: SimDuration = SimDuration::from_secs(365 * 24 * 3600);

/// The keys of a variant.
pub(super) const VARIANT: &[Param] = &[
    optional(
        "set",
        Kind::Any,
        "values by their path, a JSON Pointer or the same with dots",
    ),
    optional(
        "expect",
        EXPECTATIONS,
        "the verdict of the variant; it replaces the file's",
    ),
];

const EXPECTATIONS: Kind = Kind::List {
    of: &Kind::Text { min: 1, max: 1000 },
    min: 0,
    max: 1000,
};

/// The keys of a scenario.
pub(super) const PARAMS: &[Param] = &[
    default("description", TEXT, "", "what the scenario shows"),
    default("source", TEXT, "", "where the situation comes from"),
    default(
        "seed",
        Kind::Integer {
            min: 0,
            max: i64::MAX,
        },
        "1",
        "the seed of every random stream",
    ),
    default(
        "start",
        Kind::Text { min: 1, max: 100 },
        "2026-01-01T00:00:00Z",
        "what the virtual clock shows at 0 s",
    ),
    required(
        "horizon",
        Kind::Any,
        "when the run stops: a duration, or `settled` for when every drain and replacement is over",
    ),
    default(
        "warm_up",
        DURATION,
        "0s",
        "requests that arrive earlier are left out of tallies",
    ),
    optional(
        "load_balancers",
        Kind::Map(&Kind::Struct(load_balancers::PARAMS)),
        "load balancers by name",
    ),
    optional(
        "target_groups",
        Kind::Map(&Kind::Struct(target_groups::PARAMS)),
        "target groups by name",
    ),
    optional(
        "server_groups",
        Kind::Map(&Kind::Struct(target_groups::PARAMS)),
        "Alibaba Cloud server groups by name",
    ),
    optional(
        "launch_templates",
        Kind::Map(&Kind::Struct(launch_templates::PARAMS)),
        "how machines behave, by name",
    ),
    optional(
        "instances",
        Kind::Map(&Kind::Struct(instances::PARAMS)),
        "machines outside groups, by name",
    ),
    optional(
        "groups",
        Kind::Map(&Kind::Struct(groups::PARAMS)),
        "Auto Scaling groups and scaling groups by name",
    ),
    optional(
        "workloads",
        Kind::Map(&Kind::Struct(workloads::PARAMS)),
        "streams of requests by name",
    ),
    optional(
        "settings",
        Kind::Any,
        "what no cloud documents, where it differs from the default",
    ),
    optional(
        "timeline",
        Kind::List {
            of: &Kind::Struct(timeline::PARAMS),
            min: 0,
            max: 10_000,
        },
        "what is done to the fleet",
    ),
    optional("expect", EXPECTATIONS, "the verdict of the run"),
    optional(
        "variants",
        Kind::Map(&Kind::Struct(VARIANT)),
        "the same file with other values and another verdict, by name",
    ),
];

/// When a run stops, or a report.
pub(super) fn horizon(cx: &mut Context, fields: &Fields<'_>) -> Option<Horizon> {
    let node = fields.node("horizon")?;
    if node.text() == Some("settled") {
        return Some(Horizon::Settled);
    }
    let value = shape::duration(cx, node, "horizon")?;
    if value == SimDuration::ZERO || value > HORIZON_LIMIT {
        let shown = quantity::show(value);
        let wanted = "more than 0s, at most 8760h (365 days), or `settled`";
        shape::out_of_range(cx, node, "horizon", &shown, wanted);
        return None;
    }
    Some(Horizon::At(SimTime::ZERO + value))
}

/// The warm-up, which ends before the horizon.
pub(super) fn warm_up(cx: &mut Context, fields: &Fields<'_>, horizon: Option<Horizon>) -> SimTime {
    let value = SimTime::ZERO + fields.duration("warm_up").unwrap_or_default();
    if let (Some(node), Some(Horizon::At(horizon))) = (fields.node("warm_up"), horizon)
        && value >= horizon
    {
        let wanted = quantity::show(horizon.since(SimTime::ZERO));
        cx.report(
            &codes::CONFLICT,
            node.span,
            "the warm-up does not end before the horizon",
        )
        .label(format!("less than {wanted} is needed"))
        .help("shorten `warm_up` or lengthen `horizon`");
    }
    value
}

/// What the virtual clock shows at 0 s \[Unix seconds\].
pub(super) fn start(cx: &mut Context, fields: &Fields<'_>) -> i64 {
    let text = fields.text("start").unwrap_or_default();
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return timestamp.as_second();
    }
    if let Some(node) = fields.node("start") {
        cx.report(
            &codes::BAD_TIME_STAMP,
            node.span,
            format!("`{text}` is not a time stamp"),
        )
        .help("write a date, a time and a zone, such as `2026-01-05T09:00:00Z`");
    }
    0
}

/// The seed of the file.
pub(super) fn seed(fields: &Fields<'_>) -> u64 {
    match fields.node("seed").map(|node| &node.value) {
        Some(Value::Integer(value, _)) => u64::try_from(*value).unwrap_or(1),
        _ => 1,
    }
}

/// A short text of the top.
pub(super) fn text(fields: &Fields<'_>, key: &'static str) -> String {
    let given = fields.node(key).and_then(Node::text);
    given.unwrap_or_default().trim_end().to_owned()
}
