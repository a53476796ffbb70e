//! Warnings: what can be run but hardly means what its author thinks.

use super::codes;
use super::context::Context;
use super::fleet::Draft;
use super::plan::{Action, Horizon};
use super::quantity;
use super::shape::Fields;
use super::timeline::Timeline;
use super::tree::Node;
use crate::engine::time::{SimDuration, SimTime};

/// Adds every warning about a scenario without errors.
pub(super) fn collect(
    cx: &mut Context,
    fields: &Fields<'_>,
    draft: &Draft,
    timeline: &Timeline,
    (horizon, warm_up): (Option<Horizon>, SimTime),
) {
    if let Some(Horizon::At(end)) = horizon {
        open_drain(cx, draft, timeline, end);
        never_arrives(cx, fields, draft, end);
    }
    unused_target_groups(cx, fields, draft);
    unused_templates(cx, fields, draft);
    zones(cx, fields, draft);
    long_warm_up(cx, fields, timeline, warm_up);
}

/// Whether a call with this name takes targets out of service.
fn takes_out(operation: &str) -> bool {
    let name = operation
        .split_once(':')
        .map_or(operation, |(_, name)| name);
    [
        "Detach",
        "Deregister",
        "Terminate",
        "Remove",
        "EnterStandby",
    ]
    .iter()
    .any(|verb| name.starts_with(verb))
}

fn open_drain(cx: &mut Context, draft: &Draft, timeline: &Timeline, end: SimTime) {
    let delay = (0..draft.target_groups.len())
        .map(|index| {
            let group = &draft.target_groups[index];
            let balancer = draft.balancers[index].map(|index| &draft.load_balancers[index]);
            balancer.map_or(SimDuration::ZERO, |balancer| {
                let rules = balancer
                    .kind
                    .drain_rules(&group.attributes, &draft.assumptions);
                rules.delay
            })
        })
        .max()
        .unwrap_or_default();
    for (index, entry) in timeline.entries.iter().enumerate() {
        let Action::Call { operation, .. } = &entry.action else {
            continue;
        };
        let Some(time) = timeline.times[index].filter(|_| takes_out(operation.name)) else {
            continue;
        };
        if time + delay > end {
            let (shown, needed) = (
                quantity::show(end.since(SimTime::ZERO)),
                quantity::show((time + delay).since(SimTime::ZERO)),
            );
            cx.report(
                &codes::OPEN_DRAIN,
                timeline.spans[index],
                format!(
                    "the drain that `{}` begins may still be open at the horizon",
                    entry.name
                ),
            )
            .label(format!(
                "with a delay of {} it may last until {needed}; the run stops at {shown}",
                quantity::show(delay)
            ))
            .help("lengthen `horizon`, or write `horizon: settled`");
        }
    }
}

fn never_arrives(cx: &mut Context, fields: &Fields<'_>, draft: &Draft, end: SimTime) {
    for (index, (key, _)) in fields.map("workloads").iter().enumerate() {
        if draft
            .first_arrivals
            .get(index)
            .is_some_and(|first| *first >= end)
        {
            let message = format!("no request of `{}` arrives before the horizon", key.name);
            cx.report(&codes::NEVER_ARRIVES, key.span, message)
                .help("lengthen `horizon`, or let its requests arrive earlier");
        }
    }
}

fn unused_target_groups(cx: &mut Context, fields: &Fields<'_>, draft: &Draft) {
    let sections = fields
        .map("target_groups")
        .iter()
        .chain(fields.map("server_groups"));
    for (index, (key, _)) in sections.enumerate() {
        if draft.balancers[index].is_none() {
            let message = format!("no listener forwards to `{}`", key.name);
            cx.report(&codes::UNUSED_TARGET_GROUP, key.span, message)
                .label("it gets no traffic")
                .help("forward to it from a listener, or remove it");
        }
    }
}

fn unused_templates(cx: &mut Context, fields: &Fields<'_>, draft: &Draft) {
    for (index, (key, _)) in fields.map("launch_templates").iter().enumerate() {
        let called = fields
            .items("timeline")
            .iter()
            .any(|entry| mentions(entry, &key.name));
        if !draft.uses_template(index) && !called {
            let message = format!("nothing runs from the launch template `{}`", key.name);
            cx.report(&codes::UNUSED_TEMPLATE, key.span, message)
                .help("name it in a group, or remove it");
        }
    }
}

/// Whether `name` stands anywhere in `node`: a call may launch from a template or switch to it.
fn mentions(node: &Node, name: &str) -> bool {
    node.text() == Some(name)
        || node
            .items()
            .is_some_and(|items| items.iter().any(|item| mentions(item, name)))
        || node
            .entries()
            .is_some_and(|entries| entries.iter().any(|(_, value)| mentions(value, name)))
}

fn zones(cx: &mut Context, fields: &Fields<'_>, draft: &Draft) {
    for (index, (key, _)) in fields.map("groups").iter().enumerate() {
        let group = &draft.groups[index];
        let mut told = Vec::new();
        for source in &group.sources {
            let Some(balancer) = draft.balancers[source.target_group.index()] else {
                continue;
            };
            let balancer = &draft.load_balancers[balancer];
            for zone in &group.zones {
                if balancer.zones.contains(zone) || told.contains(zone) {
                    continue;
                }
                told.push(*zone);
                let zone = &draft.zones[zone.index()];
                let message = format!(
                    "`{}` launches in zone `{zone}`, which `{}` does not enable",
                    key.name, balancer.name
                );
                cx.report(&codes::ZONE_NOT_ENABLED, key.span, message)
                    .label(format!("its targets in `{zone}` will be unused"))
                    .help(format!("add `{zone}` to the zones of `{}`", balancer.name));
            }
        }
    }
}

fn long_warm_up(cx: &mut Context, fields: &Fields<'_>, timeline: &Timeline, warm_up: SimTime) {
    let first = timeline.times.iter().flatten().min().copied();
    if let (Some(first), Some(node)) = (first, fields.node("warm_up"))
        && warm_up > first
    {
        cx.report(
            &codes::LONG_WARM_UP,
            node.span,
            "the first entry of the timeline is made before the warm-up is over",
        )
        .label(format!(
            "it is made at {}, and losses until here are not tallied",
            quantity::show(first.since(SimTime::ZERO))
        ))
        .help("shorten `warm_up`, or make the entry later");
    }
}
