//! Scenario files: from text to settings, a timeline and expectations, all problems at once.
//!
//! [`load`] reads a file, puts values of `--set` and variants into its tree, checks every section
//! against its descriptors, and builds a [`Scenario`]. The file format is described by tables
//! beside the readers, from which the JSON Schema comes, too. No text can make this layer panic,
//! hang or eat memory; it must never run anything.

mod action;
mod arn;
pub mod codes;
mod condition;
mod context;
pub mod diagnostic;
mod distribution;
mod expectation;
mod fleet;
mod group_rules;
mod groups;
mod instances;
mod launch_templates;
mod listeners;
mod load_balancers;
mod own_targets;
mod params;
mod path;
pub mod plan;
mod ports;
mod quantity;
pub mod reference;
pub mod schema;
mod section;
mod settings;
mod shape;
pub mod source;
mod suggest;
mod table;
mod target_groups;
mod targets;
mod timeline;
mod top;
mod tree;
mod warning;
mod workloads;
mod yaml;

#[cfg(test)]
mod tests;

use std::path::Path;

pub use params::PROPERTIES;
pub use schema::json_schema;

use context::Context;
use diagnostic::{Diagnostic, Diagnostics, Span};
use plan::{Expectation, Horizon, Scenario};
use shape::Fields;
use tree::{Key, Node, Value};

use crate::describe::Kind;
use crate::engine::time::SimTime;
use crate::model::cloud::MAX_MACHINES;
use crate::model::warm_pool::WarmPool;
use fleet::Draft;

/// Most instances and targets of a fleet.
pub const MACHINE_LIMIT: usize = MAX_MACHINES;
/// Most target groups, and most workloads.
pub const SECTION_LIMIT: usize = 1_000;

/// What is changed about a file while it is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoadOptions {
    /// The variant of the file to take.
    pub variant: Option<String>,
    /// Values by their path, applied after those of the variant.
    pub set: Vec<(String, String)>,
    /// The seed, whatever the file says.
    pub seed: Option<u64>,
}

/// A scenario ready to run, and what to say about it.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The scenario.
    pub scenario: Scenario,
    /// Warnings only.
    pub warnings: Diagnostics,
}

/// The scenario in the file at `path`.
///
/// # Errors
/// With everything that is wrong with it; nothing was run.
pub fn load(path: &Path, options: &LoadOptions) -> Result<Loaded, Diagnostics> {
    let name = path.display().to_string();
    let text = read(path)?;
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    load_text(&name, &text, folder, options)
}

/// The scenario in `text`, which came from a file called `name` in `folder`.
///
/// # Errors
/// With everything that is wrong with it.
pub fn load_text(
    name: &str,
    text: &str,
    folder: &Path,
    options: &LoadOptions,
) -> Result<Loaded, Diagnostics> {
    let mut found = Diagnostics::new();
    let Some(mut root) = parse_root(name, text, &mut found) else {
        found.sort();
        return Err(found);
    };
    let mut cx = Context::new(found, folder.to_owned());
    choose_variant(&mut cx, &mut root, options);
    for (path, value) in &options.set {
        set_argument(&mut cx, &mut root, path, value);
    }
    let stem = Path::new(name).file_stem().unwrap_or_default();
    let mut name = stem.to_string_lossy().into_owned();
    if let Some(variant) = &options.variant {
        name = format!("{name}/{variant}");
    }
    let scenario = build(&mut cx, &root, name, options.seed);
    cx.found.sort();
    match scenario {
        Some(scenario) if !cx.found.has_errors() => Ok(Loaded {
            scenario,
            warnings: cx.found,
        }),
        _ => Err(cx.found),
    }
}

/// The names of the variants in the file at `path`, in the order of the file.
///
/// # Errors
/// When it cannot be read as YAML; sections are not checked.
pub fn variants_of(path: &Path) -> Result<Vec<String>, Diagnostics> {
    let text = read(path)?;
    let mut found = Diagnostics::new();
    match parse_root(&path.display().to_string(), &text, &mut found) {
        Some(root) if !found.has_errors() => Ok(variant_names(&root)),
        _ => {
            found.sort();
            Err(found)
        }
    }
}

fn read(path: &Path) -> Result<String, Diagnostics> {
    source::read(path, source::SCENARIO_LIMIT).map_err(|problem| {
        let mut found = Diagnostics::new();
        found.push(*problem);
        found
    })
}

fn parse_root(name: &str, text: &str, found: &mut Diagnostics) -> Option<Node> {
    let source = found.add_source(name, text);
    let root = yaml::parse(text, source, 0, found);
    if found.has_errors() && root.is_none() {
        return None;
    }
    let start = Span {
        source,
        start: 0,
        end: 0,
    };
    let root = root.unwrap_or_else(|| Node::empty(start));
    match root.value {
        Value::Map(_) => Some(root),
        Value::Null => {
            found.push(
                Diagnostic::new(&codes::EMPTY_FILE, "the file is empty")
                    .at(start)
                    .help("begin with `horizon: 15m`; the README shows a whole scenario"),
            );
            None
        }
        Value::Bool(_)
        | Value::Integer(..)
        | Value::Float(..)
        | Value::Text(_)
        | Value::List(_) => {
            let message = format!("a scenario is a map, not {}", root.kind());
            found.push(
                Diagnostic::new(&codes::WRONG_KIND, message)
                    .at(root.span)
                    .help("begin with a key, such as `horizon: 15m`"),
            );
            None
        }
    }
}

fn variant_names(root: &Node) -> Vec<String> {
    let entries = root.get("variants").and_then(Node::entries);
    let names = entries.unwrap_or_default().iter().map(|(key, _)| &key.name);
    names.cloned().collect()
}

/// Puts the values of the chosen variant into the tree.
fn choose_variant(cx: &mut Context, root: &mut Node, options: &LoadOptions) {
    let Some(name) = &options.variant else { return };
    let variant = root.get("variants").and_then(|variants| variants.get(name));
    let Some(variant) = variant.cloned() else {
        let names = variant_names(root);
        let listed = names.iter().map(String::as_str);
        let help = suggest::help(name, "the file has", listed)
            .unwrap_or_else(|| "the file has no variants".to_owned());
        let entries = root.entries().unwrap_or_default();
        let section = entries.iter().find(|(key, _)| key.name == "variants");
        let span = section.map_or(beginning(root), |(key, _)| key.span);
        let message = format!("there is no variant `{name}`");
        cx.report(&codes::UNKNOWN_VARIANT, span, message).help(help);
        return;
    };
    let values = variant.get("set").and_then(Node::entries);
    for (key, value) in values.unwrap_or_default().iter().take(SECTION_LIMIT) {
        path::set(root, &key.name, key.span, value.clone(), &mut cx.found);
    }
    if let Some(expect) = variant.get("expect")
        && let Value::Map(entries) = &mut root.value
    {
        entries.retain(|(key, _)| key.name != "expect");
        let key = Key {
            name: "expect".to_owned(),
            span: expect.span,
        };
        entries.push((key, expect.clone()));
    }
}

/// Puts the value of one `--set` into the tree.
fn set_argument(cx: &mut Context, root: &mut Node, path: &str, value: &str) {
    let source = cx.found.add_source("--set", format!("{path}={value}"));
    cx.trusted.push(source);
    let offset = path.len() + 1;
    let span = |start, end| Span { source, start, end };
    let node = yaml::parse(value, source, offset, &mut cx.found);
    let node = node.unwrap_or_else(|| Node::empty(span(offset, offset + value.len())));
    path::set(root, path, span(0, path.len()), node, &mut cx.found);
}

/// The place where `root` begins, of no length.
fn beginning(root: &Node) -> Span {
    Span {
        end: root.span.start,
        ..root.span
    }
}

/// The scenario in the tree, if enough of it makes sense to have one.
fn build(cx: &mut Context, root: &Node, name: String, seed: Option<u64>) -> Option<Scenario> {
    let start = beginning(root);
    shape::check(cx, root, "", start, &Kind::Struct(top::PARAMS));
    let fields = Fields::new(root, start, top::PARAMS);
    cx.seed = seed.unwrap_or_else(|| top::seed(&fields));
    let horizon = top::horizon(cx, &fields);
    let warm_up = top::warm_up(cx, &fields, horizon);
    let start_unix_s = top::start(cx, &fields);
    fleet::names(cx, &fields);
    timeline::names(cx, &fields);
    check_counts(cx, &fields);
    let draft = fleet::read(cx, &fields, horizon);
    check_fleet(cx, &fields, &draft);
    timeline::created(cx, &fields);
    let timeline = timeline::read(cx, &draft, &fields, horizon);
    let expectations = expectations(cx, &fields, horizon);
    check_variants(cx, &fields);
    if cx.found.has_errors() {
        return None;
    }
    warning::collect(cx, &fields, &draft, &timeline, (horizon, warm_up));
    Some(Scenario {
        name,
        description: top::text(&fields, "description"),
        source: top::text(&fields, "source"),
        horizon: horizon.unwrap_or(Horizon::Settled),
        fleet: draft.finish(cx.seed, start_unix_s, warm_up),
        timeline: timeline.entries,
        expectations,
        variants: variant_names(root),
    })
}

fn expectations(
    cx: &mut Context,
    fields: &Fields<'_>,
    horizon: Option<Horizon>,
) -> Vec<Expectation> {
    let mut expectations = Vec::new();
    for node in fields.items("expect") {
        let Some(expectation) = expectation::read(cx, node) else {
            continue;
        };
        if let (Some(Horizon::At(end)), Some(at)) = (horizon, expectation.query.at)
            && at > end
        {
            let shown = |time: SimTime| quantity::show(time.since(SimTime::ZERO));
            let message = format!(
                "`{}` looks at an instant after the horizon",
                expectation.text
            );
            cx.report(&codes::LATE_INSTANT, node.span, message)
                .label(format!("the run stops at {}", shown(end)))
                .help("lengthen `horizon`, or look earlier");
        }
        expectations.push(expectation);
    }
    expectations
}

/// Reports variants that are malformed even if they are not the one chosen.
fn check_variants(cx: &mut Context, fields: &Fields<'_>) {
    for (key, variant) in fields.map("variants") {
        let variant = Fields::new(variant, key.span, top::VARIANT);
        if let Some(node) = variant.node("set")
            && node.entries().is_none()
        {
            shape::wrong_kind(cx, node, "set", "a map from paths to values");
        }
        if variant.map("set").len() > SECTION_LIMIT {
            let message = format!("the variant sets more than {SECTION_LIMIT} values");
            cx.report(&codes::TOO_MANY, variant.span("set"), message)
                .help("make a file of its own of it");
        }
        for node in variant.items("expect") {
            expectation::read(cx, node);
        }
    }
}

/// Reports sections with more entries than can be simulated.
fn check_counts(cx: &mut Context, fields: &Fields<'_>) {
    for section in ["target_groups", "server_groups", "workloads"] {
        let count = fields.map(section).len();
        if count > SECTION_LIMIT {
            cx.report(
                &codes::TOO_MANY,
                fields.span(section),
                format!("`{section}` has {count} entries"),
            )
            .label(format!("at most {SECTION_LIMIT} can be simulated"));
        }
    }
}

/// Reports a fleet with nothing in it, or with too much.
fn check_fleet(cx: &mut Context, fields: &Fields<'_>, draft: &Draft) {
    let desired: usize = draft
        .groups
        .iter()
        .map(|group| {
            let pool = group.rules.warm_pool.as_ref();
            let size = |pool: &WarmPool| pool.size(group.max_size, group.desired_capacity);
            group.desired_capacity as usize + pool.map_or(0, size) as usize
        })
        .sum();
    let targets: usize = draft
        .target_groups
        .iter()
        .map(|group| group.targets.len())
        .sum();
    let machines = desired + draft.instances.len() + targets;
    let section = ["groups", "target_groups", "server_groups", "instances"]
        .into_iter()
        .find(|section| fields.node(section).is_some());
    let span = section.map_or(fields.at, |section| fields.span(section));
    if machines > MACHINE_LIMIT {
        cx.report(
            &codes::TOO_MANY,
            span,
            format!("the fleet has {machines} instances and targets"),
        )
        .label(format!("at most {MACHINE_LIMIT} can be simulated"))
        .help("scale capacity and traffic down by the same factor");
    } else if machines == 0 && !cx.found.has_errors() {
        cx.report(
            &codes::EMPTY_FLEET,
            span,
            "the fleet is empty: no group has an instance and no target is listed",
        )
        .help("raise `desired_capacity` of a group, or list `targets` in a target group");
    }
}
