//! The section `launch_templates`: how a machine behaves, in a group or not.

use super::context::Context;
use super::distribution;
use super::fleet::Draft;
use super::section::{DURATION, count, default, optional};
use super::shape::Fields;
use super::tree::{Key, Node};
use crate::describe::{Kind, Param};
use crate::engine::time::SimDuration;
use crate::model::settings::{
    LaunchTemplateSettings, ShutdownSettings, ShutdownThen, ShutdownWhen,
};
use crate::workload::dist::Sampler;

/// The keys of a launch template.
pub(super) const PARAMS: &[Param] = &[
    optional(
        "boot",
        Kind::Distribution,
        "Pending until running; the setting `ec2.boot` if left out",
    ),
    default(
        "ready",
        Kind::Distribution,
        "0s",
        "running until the process answers",
    ),
    optional(
        "concurrency",
        count(1),
        "requests served at once; unlimited if left out",
    ),
    optional(
        "queue",
        count(0),
        "requests that may wait behind those; unlimited if left out",
    ),
    optional("shutdown", Kind::Struct(SHUTDOWN), "how its process stops"),
];

const SHUTDOWN: &[Param] = &[
    default(
        "when",
        Kind::OneOf(&["terminate", "detach"]),
        "terminate",
        "what tells the process to stop: termination, or leaving the group as well",
    ),
    default(
        "pre_stop",
        DURATION,
        "0s",
        "time it goes on serving after the signal",
    ),
    default(
        "then",
        Kind::OneOf(&["finish", "exit", "ignore"]),
        "exit",
        "what it does then: finish what it has, exit at once, or go on until it is killed",
    ),
    default(
        "grace",
        DURATION,
        "90s",
        "time after the signal at which it is killed",
    ),
];

/// Reads one launch template.
pub(super) fn read(cx: &mut Context, draft: &mut Draft, key: &Key, node: &Node) {
    let fields = Fields::new(node, key.span, PARAMS);
    let boot = fields
        .node("boot")
        .and_then(|node| distribution::sampler(cx, node, "boot"));
    let ready = fields
        .node("ready")
        .and_then(|node| distribution::sampler(cx, node, "ready"));
    draft.launch_templates.push(LaunchTemplateSettings {
        name: key.name.clone(),
        boot: boot.unwrap_or_else(|| draft.assumptions.ec2_boot.clone()),
        ready: ready.unwrap_or_else(|| Sampler::from_constant(SimDuration::ZERO)),
        concurrency: fields.integer("concurrency"),
        queue: fields.integer("queue"),
        shutdown: shutdown(&fields),
    });
}

fn shutdown(fields: &Fields<'_>) -> ShutdownSettings {
    let empty = Node::empty(fields.at);
    let node = fields.node("shutdown").unwrap_or(&empty);
    let fields = Fields::new(node, node.span, SHUTDOWN);
    let duration = |key| fields.duration(key).unwrap_or_default();
    ShutdownSettings {
        when: match fields.text("when") {
            Some("detach") => ShutdownWhen::Detach,
            _ => ShutdownWhen::Terminate,
        },
        pre_stop: duration("pre_stop"),
        then: match fields.text("then") {
            Some("finish") => ShutdownThen::Finish,
            Some("ignore") => ShutdownThen::Ignore,
            _ => ShutdownThen::Exit,
        },
        grace: duration("grace"),
    }
}
