//! What an entry of the timeline does: a call, a deed, a fault, a wait, or steps of its own.
//!
//! When it is made and what must come of it is for the section's reader. This module must never
//! know what a call or a fault does.

use serde_json::Value as Json;

use super::condition::{self, Looks};
use super::context::{Context, Thing};
use super::fleet::Draft;
use super::params::{self, Responses};
use super::plan::{Action, Deed, Repeat, Rounds};
use super::section::{NAME, required};
use super::shape::{self, Fields};
use super::timeline::REPEAT;
use super::tree::{Node, Value};
use super::{codes, suggest};
use crate::api::{self, OPERATIONS};
use crate::describe::Param;
use crate::engine::time::SimDuration;
use crate::model::fault::{FAULTS, Fault, NOT_SIMULATED, Refusal, Throttle};
use crate::model::ids::ZoneId;

const DEED: &[Param] = &[required(
    "instance",
    NAME,
    "an instance id, the name of an entry of `instances`, or a reference",
)];

/// The keys of which an entry has exactly one, each with the keys that go with it.
const ACTIONS: &[(&str, &[&str])] = &[
    ("call", &["params"]),
    ("do", &["params"]),
    ("fault", &["params"]),
    ("wait_until", &["timeout", "every"]),
    ("sleep", &[]),
    ("repeat", &["steps"]),
    ("for_each", &["steps"]),
    ("steps", &[]),
];

/// Most looks of one wait, and most rounds of one loop.
const MOST_LOOKS: u64 = 100_000;

/// What `entry` does, or a report.
pub(super) fn read(
    cx: &mut Context,
    draft: &Draft,
    entry: &Fields<'_>,
    responses: &mut Responses,
) -> Option<Action> {
    let key = one_action(cx, entry)?;
    let node = entry.node(key)?;
    match key {
        "call" => call(cx, entry, node, responses),
        "do" => deed(cx, draft, entry, node, responses),
        "fault" => fault(cx, draft, entry, node),
        "wait_until" => wait(cx, entry, node),
        "sleep" => entry.duration("sleep").map(Action::Sleep),
        "repeat" => {
            let repeat = repeat(cx, entry, node)?;
            steps(cx, entry, Rounds::Repeat(repeat))
        }
        "for_each" => {
            let list = list(cx, node, responses)?;
            steps(cx, entry, Rounds::Each(list))
        }
        _ => steps(cx, entry, Rounds::Once),
    }
}

/// The key that says what the entry does; reports that there is none, or two, or a stray key.
fn one_action(cx: &mut Context, entry: &Fields<'_>) -> Option<&'static str> {
    let mut given = ACTIONS.iter().filter(|(key, _)| entry.node(key).is_some());
    let Some((first, with)) = given.next() else {
        cx.report(&codes::NOT_ONE_ACTION, entry.at, "the entry does nothing")
            .help("add `call: autoscaling:DetachInstances`, or another operation");
        return None;
    };
    if let Some((second, _)) = given.find(|(key, _)| !with.contains(key)) {
        cx.report(
            &codes::NOT_ONE_ACTION,
            entry.span(second),
            format!("the entry has both `{first}` and `{second}`"),
        )
        .related(entry.span(first), "and this")
        .help("make two entries of it");
        return None;
    }
    let stray = ["params", "timeout", "every"]
        .into_iter()
        .find(|key| entry.node(key).is_some() && !with.contains(key));
    if let Some(stray) = stray {
        let message = format!("`{stray}` does not go with `{first}`");
        let help = if *first == "repeat" {
            format!("write it under `repeat`: `repeat: {{ {stray}: ... }}`")
        } else {
            "remove it".to_owned()
        };
        cx.report(&codes::STRAY_KEY, entry.span(stray), message)
            .help(help);
        return None;
    }
    Some(first)
}

fn call(
    cx: &mut Context,
    entry: &Fields<'_>,
    node: &Node,
    responses: &mut Responses,
) -> Option<Action> {
    let name = node.text()?;
    let Some(operation) = api::operation(name) else {
        unknown_operation(cx, node, name);
        return None;
    };
    let empty = Node {
        value: Value::Map(Vec::new()),
        span: node.span,
    };
    let params = entry.node("params").unwrap_or(&empty);
    params::check(cx, params, operation.name, operation.params, responses);
    let mut params = params::json(params);
    if params.is_null() {
        params = Json::Object(serde_json::Map::new());
    }
    Some(Action::Call { operation, params })
}

fn unknown_operation(cx: &mut Context, node: &Node, name: &str) {
    if let Some([classic, newer]) = api::in_both(name) {
        let message = format!("`{name}` is the name of two operations of Elastic Load Balancing");
        let places = [
            (&classic, "for a Classic Load Balancer"),
            (&newer, "for any other"),
        ];
        let known = |name: &String| api::operation(name).is_some();
        let (there, missing): (Vec<_>, Vec<_>) =
            places.into_iter().partition(|(name, _)| known(name));
        let there: Vec<String> = there
            .iter()
            .map(|(name, place)| format!("`{name}` {place}"))
            .collect();
        let help = if there.is_empty() {
            "leave it out: this version simulates neither".to_owned()
        } else {
            format!("write {}", there.join(", "))
        };
        let mut problem = cx
            .report(&codes::UNKNOWN_OPERATION, node.span, message)
            .help(help);
        for (name, place) in missing {
            problem = problem.note(format!("`{name}`, {place}, is not simulated"));
        }
        return;
    }
    // Whoever writes the right operation of the wrong service is helped best by its full name.
    let same = api::namesakes(name);
    let help = if same.is_empty() {
        let names: Vec<String> = OPERATIONS
            .iter()
            .copied()
            .flat_map(api::spellings)
            .collect();
        suggest::help(name, "this version knows", names.iter().map(String::as_str))
            .unwrap_or_else(|| "`drainsim list operations` shows every operation".to_owned())
    } else {
        let same = same.iter().map(String::as_str);
        let same = suggest::listed(same, "or");
        if api::is_in_both(name) {
            format!("leave it out: this version has only {same}, which is another operation")
        } else {
            format!("did you mean {same}?")
        }
    };
    cx.report(
        &codes::UNKNOWN_OPERATION,
        node.span,
        format!("there is no operation `{name}`"),
    )
    .help(help);
}

fn deed(
    cx: &mut Context,
    draft: &Draft,
    entry: &Fields<'_>,
    node: &Node,
    responses: &mut Responses,
) -> Option<Action> {
    let deed = match node.text() {
        Some("stop_process") => Deed::StopProcess,
        Some("kill_process") => Deed::KillProcess,
        _ => return None,
    };
    let Some(params) = entry.node("params") else {
        cx.report(
            &codes::MISSING_KEY,
            node.span,
            format!("`{}` does not say of which instance", deed.name()),
        )
        .help("add `params: { instance: i-93633f9b }`");
        return None;
    };
    let at = entry.span("params");
    shape::check_struct(cx, params, "params", at, DEED, &[]);
    params::check_references(cx, params, responses);
    let node = params.get("instance")?;
    let text = node.text()?;
    let named = cx
        .names
        .get(text)
        .filter(|named| named.thing == Thing::Instance);
    let named = named.and_then(|named| draft.instances.get(named.index));
    let instance = named.map_or_else(|| text.to_owned(), |instance| instance.id.clone());
    let known = named.is_some()
        || draft.instance_with_id(text).is_some()
        || cx.ids.contains_key(text)
        || text.contains("${")
        || text.starts_with("i-");
    if !known {
        cx.find(node, Thing::Instance);
    }
    Some(Action::Do { deed, instance })
}

/// A fault, or a report.
fn fault(cx: &mut Context, draft: &Draft, entry: &Fields<'_>, node: &Node) -> Option<Action> {
    let name = node.text()?;
    let Some(kind) = FAULTS.iter().find(|kind| kind.name == name) else {
        if NOT_SIMULATED.contains(&name) {
            let message = format!("the fault `{name}` is not simulated in this version");
            let names = FAULTS.iter().map(|kind| kind.name);
            cx.report(&codes::NOT_SIMULATED, node.span, message)
                .help(format!("the faults are {}", suggest::listed(names, "and")));
            return None;
        }
        let names = FAULTS.iter().map(|kind| kind.name);
        let help = suggest::help(name, "the faults are", names);
        cx.report(
            &codes::UNKNOWN_FAULT,
            node.span,
            format!("there is no fault `{name}`"),
        )
        .maybe_help(help);
        return None;
    };
    let empty = Node {
        value: Value::Map(Vec::new()),
        span: node.span,
    };
    let given = entry.node("params").unwrap_or(&empty);
    let before = cx.found.len();
    shape::check_struct(cx, given, "params", entry.span("params"), kind.params, &[]);
    let params = Fields::new(given, entry.span("params"), kind.params);
    let fault = match kind.name {
        "throttling" => throttling(cx, &params)?,
        "resource_contention" => Fault::ResourceContention {
            rate: params.number("rate").unwrap_or(1.0),
        },
        "launch_failure" => Fault::LaunchFailure {
            zones: zones(cx, draft, &params),
        },
        "call_error" => call_error(cx, &params)?,
        _ => Fault::StaleDescribes {
            lag: params.duration("lag").unwrap_or_default(),
        },
    };
    (cx.found.len() == before).then(|| Action::Fault {
        fault,
        span: params.duration("for"),
        params: params::json(given),
    })
}

fn call_error(cx: &mut Context, params: &Fields<'_>) -> Option<Fault> {
    let status = params.integer("http_status");
    Some(Fault::CallError {
        operations: operations(cx, params)?,
        refusal: Refusal {
            code: params.text("code")?.to_owned(),
            message: params.text("message").map(str::to_owned),
            http_status: status.and_then(|status| u16::try_from(status).ok()),
        },
        times: params.integer("times"),
    })
}

/// The operations and services that a fault is about.
fn operations(cx: &mut Context, params: &Fields<'_>) -> Option<Vec<String>> {
    let mut operations = Vec::new();
    for node in params.items("operations") {
        let name = node.text()?;
        let services = || {
            let names = OPERATIONS.iter().map(|operation| operation.name);
            let services = names.filter_map(|name| Some(name.split_once(':')?.0));
            services.chain(["elbv2"])
        };
        if api::operation(name).is_none() && !services().any(|service| service == name) {
            unknown_operation(cx, node, name);
        }
        operations.push(name.to_owned());
    }
    Some(operations)
}

fn throttling(cx: &mut Context, params: &Fields<'_>) -> Option<Fault> {
    let operations = operations(cx, params)?;
    if let (Some(_), Some(_)) = (params.node("share"), params.node("bucket")) {
        let message = "a throttle has a share or a bucket, not both";
        cx.report(&codes::CONFLICT, params.span("share"), message)
            .related(params.span("bucket"), "and this")
            .help("make two entries of it");
        return None;
    }
    if let (Some(_), None) = (params.node("refill"), params.node("bucket")) {
        let message = "`refill` does not go without `bucket`";
        cx.report(&codes::STRAY_KEY, params.span("refill"), message)
            .help("add `bucket: 10`");
        return None;
    }
    let rule = match params.number("bucket") {
        Some(size) => Throttle::Bucket {
            size,
            refill: match params.node("refill") {
                Some(node) => shape::rate(cx, node, "refill")?,
                None => 0.0,
            },
        },
        None => Throttle::Share(params.number("share").unwrap_or(1.0)),
    };
    Some(Fault::Throttling { operations, rule })
}

fn zones(cx: &mut Context, draft: &Draft, params: &Fields<'_>) -> Vec<ZoneId> {
    let mut zones = Vec::new();
    for node in params.items("zones") {
        let name = node.text().unwrap_or_default();
        if let Some(index) = draft.zones.iter().position(|zone| zone == name) {
            zones.push(ZoneId::from_index(index));
            continue;
        }
        let known = draft.zones.iter().map(String::as_str);
        let help = suggest::help(name, "the zones in this file are", known);
        let message = format!("there is no zone `{name}` in this file");
        cx.report(&codes::UNKNOWN_NAME, node.span, message)
            .maybe_help(help);
    }
    zones
}

fn wait(cx: &mut Context, entry: &Fields<'_>, node: &Node) -> Option<Action> {
    let every = entry.node("every").and_then(|_| entry.duration("every"));
    let looks = if every.is_some() {
        Looks::NowAndThen
    } else {
        Looks::AtChanges
    };
    // what it looks at may be made while it waits
    let condition = condition::read(cx, node, looks, &mut Responses::new());
    if entry.node("timeout").is_none() {
        cx.report(&codes::NO_END, node.span, "the wait has no `timeout`")
            .help("add `timeout: 10m`");
        return None;
    }
    let timeout = entry.duration("timeout")?;
    if let Some(every) = every {
        check_rounds(cx, entry.node("every")?, every, timeout)?;
    }
    Some(Action::Wait {
        condition: condition?,
        every,
        timeout,
    })
}

/// Reports a period in which there would be too many rounds.
fn check_rounds(
    cx: &mut Context,
    node: &Node,
    every: SimDuration,
    within: SimDuration,
) -> Option<()> {
    let rounds = within.as_nanos().checked_div(every.as_nanos());
    if rounds.is_some_and(|rounds| rounds <= MOST_LOOKS) {
        return Some(());
    }
    let shown = super::quantity::show(every);
    let wanted = format!("a period that fits the timeout at most {MOST_LOOKS} times");
    shape::out_of_range(cx, node, "every", &shown, &wanted);
    None
}

fn repeat(cx: &mut Context, entry: &Fields<'_>, node: &Node) -> Option<Repeat> {
    let fields = Fields::new(node, entry.span("repeat"), REPEAT);
    let until = match fields.node("until") {
        Some(node) => {
            let read = condition::read(cx, node, Looks::NowAndThen, &mut Responses::new());
            Some(read?)
        }
        None => None,
    };
    let every = fields.node("every").and_then(|_| fields.duration("every"));
    let timeout = fields
        .node("timeout")
        .and_then(|_| fields.duration("timeout"));
    let times = fields.node("times").and_then(|_| fields.integer("times"));
    let times = match (times, timeout) {
        (Some(times), _) => times,
        (None, Some(timeout)) => {
            let place = fields.node("every").or_else(|| fields.node("timeout"))?;
            check_rounds(cx, place, every.unwrap_or_default(), timeout)?;
            u32::MAX
        }
        (None, None) => {
            let message = "`repeat` does not say how often at most";
            cx.report(&codes::NO_END, entry.span("repeat"), message)
                .help("add `times: 40`, or `timeout: 10m` with `every: 15s`");
            return None;
        }
    };
    Some(Repeat {
        times,
        every: every.unwrap_or_default(),
        until,
        timeout,
    })
}

/// The list that a loop goes over.
fn list(cx: &mut Context, node: &Node, responses: &mut Responses) -> Option<Json> {
    let is_reference = node.text().is_some_and(|text| text.contains("${"));
    if node.items().is_none() && !is_reference {
        let wanted = "a list, or a reference to one such as `${web-asg.oldest(2)}`";
        shape::wrong_kind(cx, node, "for_each", wanted);
        return None;
    }
    params::check_references(cx, node, responses);
    Some(params::json(node))
}

/// An entry with steps; the section's reader adds them.
fn steps(cx: &mut Context, entry: &Fields<'_>, rounds: Rounds) -> Option<Action> {
    let Some(node) = entry.node("steps") else {
        cx.report(&codes::MISSING_KEY, entry.at, "the entry has no `steps`")
            .help("add `steps: [{ call: ... }]`");
        return None;
    };
    match node.items() {
        Some([]) => {
            cx.report(&codes::OUT_OF_RANGE, node.span, "`steps` is empty")
                .help("add a step, such as `- sleep: 25s`");
            return None;
        }
        Some(_) => {}
        None => {
            shape::wrong_kind(cx, node, "steps", "a list of entries");
            return None;
        }
    }
    Some(Action::Steps {
        rounds,
        steps: Vec::new(),
    })
}
