//! Distributions and arrival processes: from their maps in a file to ready samplers.
//!
//! The families describe their own parameters; what is read here is only text, files and spans.
//! This module must never know a family by its formula.

use std::sync::Arc;

use super::context::Context;
use super::shape::{self, Fields};
use super::table::{self, Column};
use super::tree::{Key, Node, Value};
use super::{codes, quantity, suggest};
use crate::describe::{Kind, Param, Presence};
use crate::engine::time::{SimDuration, SimTime};
use crate::workload::args::{ArgError, ArgValue, Args};
use crate::workload::arrivals::{ARRIVALS, ArrivalProcess, process};
use crate::workload::dist::{FAMILIES, Sampler, family};

/// Arrivals with what a reader wants to know about them beforehand.
#[derive(Debug)]
pub(super) struct Arrivals {
    pub(super) process: ArrivalProcess,
    /// Service times that came with a trace.
    pub(super) services: Option<Arc<[SimDuration]>>,
    /// The highest rate that was written \[1/s\].
    pub(super) rate: Option<f64>,
    /// No request arrives before this.
    pub(super) first: SimTime,
}

/// The sampler that `node` describes: a bare duration or one family with its parameters.
pub(super) fn sampler(cx: &mut Context, node: &Node, name: &str) -> Option<Sampler> {
    if node.text().is_some() {
        return shape::duration(cx, node, name).map(Sampler::from_constant);
    }
    let (key, body) = one_family(cx, node, name, "a duration or one distribution")?;
    let Some(family) = family(&key.name) else {
        let names = FAMILIES.iter().map(|family| family.name());
        unknown_family(cx, key, "distribution", names);
        return None;
    };
    let mut args = arguments(cx, key, body, family.params())?;
    if key.name == "empirical" {
        let values = table::durations(cx, body.get("file")?, body.get("column")?)?;
        args.insert("file", ArgValue::Durations(values));
    }
    match family.build(&args) {
        Ok(sampler) => Some(sampler),
        Err(error) => {
            refused(cx, key, body, &error);
            None
        }
    }
}

/// The arrivals that `node` describes: one arrival process with its parameters.
pub(super) fn arrivals(cx: &mut Context, node: &Node, name: &str) -> Option<Arrivals> {
    let (key, body) = one_family(cx, node, name, "one arrival process")?;
    let Some(process) = process(&key.name) else {
        let names = ARRIVALS.iter().map(|process| process.name());
        unknown_family(cx, key, "arrival process", names);
        return None;
    };
    let mut args = arguments(cx, key, body, process.params())?;
    let mut services = None;
    if key.name == "trace" {
        let fields = Fields::new(body, key.span, process.params());
        let columns = service_columns(cx, body);
        let asked = body.get("service").map(|_| columns.as_slice());
        let trace = table::trace(cx, fields.node("file")?, fields.node("time")?, asked)?;
        args.insert("file", ArgValue::Times(trace.times));
        services = trace.services;
    }
    let (rate, first) = outlook(&args);
    match process.build(&args) {
        Ok(process) => Some(Arrivals {
            process,
            services,
            rate,
            first,
        }),
        Err(error) => {
            refused(cx, key, body, &error);
            None
        }
    }
}

/// The highest rate among `args` and the first instant at which it is not zero.
fn outlook(args: &Args) -> (Option<f64>, SimTime) {
    if let Some(rate) = args.rate("rate") {
        return (Some(rate), SimTime::ZERO);
    }
    let Some(points) = args.points("points") else {
        return (None, SimTime::ZERO);
    };
    let highest = points.iter().map(|point| point.1).fold(0.0, f64::max);
    let busy = points.iter().position(|point| point.1 > 0.0);
    // Under linear interpolation traffic begins after the last point without any.
    let first = match (busy, args.word("between")) {
        (None, _) => SimTime::MAX,
        (Some(index), Some("linear")) => points[index.saturating_sub(1)].0,
        (Some(index), _) => points[index].0,
    };
    (Some(highest), first)
}

fn one_family<'n>(
    cx: &mut Context,
    node: &'n Node,
    name: &str,
    wanted: &str,
) -> Option<(&'n Key, &'n Node)> {
    let Value::Map(entries) = &node.value else {
        shape::wrong_kind(cx, node, name, wanted);
        return None;
    };
    if let [(key, body)] = entries.as_slice() {
        return Some((key, body));
    }
    let count = entries.len();
    cx.report(
        &codes::WRONG_KIND,
        node.span,
        format!("`{name}` takes {wanted}, not a map with {count} keys"),
    )
    .help(format!(
        "put the parameters behind a name: `{name}: {{ lognormal: {{ mean: 250ms, cv: 1.5 }} }}`"
    ));
    None
}

fn unknown_family<'s>(
    cx: &mut Context,
    key: &Key,
    what: &str,
    names: impl Iterator<Item = &'s str>,
) {
    let help = suggest::help(&key.name, "there are", names);
    cx.report(
        &codes::UNKNOWN_FAMILY,
        key.span,
        format!("there is no {what} `{}`", key.name),
    )
    .maybe_help(help);
}

/// Reports why a family refused its arguments.
fn refused(cx: &mut Context, key: &Key, body: &Node, error: &ArgError) {
    let span = error
        .key
        .and_then(|key| body.get(key))
        .map_or(key.span, |node| node.span);
    cx.report(
        &codes::BAD_DISTRIBUTION,
        span,
        format!("`{}`: {}", key.name, error.message),
    )
    .help(error.help.clone());
}

/// The checked values of `body`, defaults filled in.
fn arguments(cx: &mut Context, key: &Key, body: &Node, params: &'static [Param]) -> Option<Args> {
    let before = cx.found.len();
    shape::check_struct(
        cx,
        body,
        &key.name,
        key.span,
        params,
        &["points", "service"],
    );
    if cx.found.len() > before {
        return None;
    }
    let mut args = Args::new();
    for param in params {
        let value = match (body.get(param.key), param.presence) {
            (Some(node), _) => argument(cx, node, param),
            (None, Presence::Default(default)) => default_argument(default, &param.kind),
            (None, Presence::Required | Presence::Optional) => None,
        };
        if let Some(value) = value {
            args.insert(param.key, value);
        }
    }
    (cx.found.len() == before).then_some(args)
}

fn argument(cx: &mut Context, node: &Node, param: &Param) -> Option<ArgValue> {
    if param.key == "points" {
        return points(cx, node).map(ArgValue::Points);
    }
    let text = node.text().unwrap_or_default();
    match &param.kind {
        Kind::Duration { .. } => quantity::duration(text).ok().map(ArgValue::Duration),
        Kind::Rate => quantity::rate(text).ok().map(ArgValue::Rate),
        Kind::Integer { .. } | Kind::Number { .. } => shape::number(node).map(ArgValue::Number),
        Kind::Text { .. } => Some(ArgValue::Text(text.to_owned())),
        Kind::OneOf(words) => word(words, text),
        Kind::List { of, .. } => list(node, of),
        Kind::Boolean
        | Kind::Pattern { .. }
        | Kind::Timestamp
        | Kind::Distribution
        | Kind::Arrivals
        | Kind::Struct(_)
        | Kind::Map(_)
        | Kind::Any => None,
    }
}

fn default_argument(text: &'static str, kind: &Kind) -> Option<ArgValue> {
    match kind {
        Kind::Duration { .. } => quantity::duration(text).ok().map(ArgValue::Duration),
        Kind::Rate => quantity::rate(text).ok().map(ArgValue::Rate),
        Kind::Integer { .. } | Kind::Number { .. } => text.parse().ok().map(ArgValue::Number),
        Kind::Text { .. } => Some(ArgValue::Text(text.to_owned())),
        Kind::OneOf(words) => word(words, text),
        Kind::List { .. }
        | Kind::Pattern { .. }
        | Kind::Timestamp
        | Kind::Boolean
        | Kind::Distribution
        | Kind::Arrivals
        | Kind::Struct(_)
        | Kind::Map(_)
        | Kind::Any => None,
    }
}

fn word(words: &'static [&'static str], text: &str) -> Option<ArgValue> {
    let mut words = words.iter();
    words
        .find(|word| **word == text)
        .map(|word| ArgValue::Word(word))
}

fn list(node: &Node, of: &Kind) -> Option<ArgValue> {
    let items = node.items()?;
    if matches!(of, Kind::Duration { .. }) {
        let read = |item: &Node| quantity::duration(item.text()?).ok();
        let values: Option<Vec<SimDuration>> = items.iter().map(read).collect();
        return values.map(|values| ArgValue::Durations(values.into()));
    }
    let values: Option<Vec<f64>> = items.iter().map(shape::number).collect();
    values.map(ArgValue::Numbers)
}

/// Instants with rates: `[[0s, 100/s], [5m, 300/s]]`, or maps with `time` and `rate`.
fn points(cx: &mut Context, node: &Node) -> Option<Vec<(SimTime, f64)>> {
    let Value::List(items) = &node.value else {
        shape::wrong_kind(cx, node, "points", "a list of `[time, rate]`");
        return None;
    };
    let mut points = Vec::new();
    for item in items {
        let pair = match &item.value {
            Value::List(pair) if pair.len() == 2 => Some((&pair[0], &pair[1])),
            Value::Map(_) => item.get("time").zip(item.get("rate")),
            Value::Null
            | Value::Bool(_)
            | Value::Integer(..)
            | Value::Float(..)
            | Value::Text(_)
            | Value::List(_) => None,
        };
        let Some((at, rate)) = pair else {
            shape::wrong_kind(
                cx,
                item,
                "points",
                "a time with a rate, such as `[5m, 300/s]`",
            );
            continue;
        };
        let at = shape::duration(cx, at, "points");
        if let (Some(at), Some(rate)) = (at, shape::rate(cx, rate, "points")) {
            points.push((SimTime::ZERO + at, rate));
        }
    }
    (points.len() == items.len()).then_some(points)
}

fn service_columns<'n>(cx: &mut Context, body: &'n Node) -> Vec<Column<'n>> {
    let Some(node) = body.get("service") else {
        return Vec::new();
    };
    let Some(entries) = node.entries() else {
        shape::wrong_kind(
            cx,
            node,
            "service",
            "a map from columns to durations per unit",
        );
        return Vec::new();
    };
    let mut columns = Vec::new();
    for (key, value) in entries {
        if let Some(per_unit) = shape::duration(cx, value, &key.name) {
            columns.push(Column {
                name: &key.name,
                span: key.span,
                per_unit,
            });
        }
    }
    columns
}
