//! The section `timeline`: what is done to the fleet, when, and what must come of it.

use serde_json::Value as Json;

use super::context::{Context, Thing};
use super::diagnostic::Span;
use super::fleet::Draft;
use super::params::{self, Responses};
use super::plan::{Action, Deed, Entry, EntryExpect, Horizon, When};
use super::section::{DURATION, NAME, default, optional, required};
use super::shape::{self, Fields};
use super::tree::{Key, Node, Value};
use super::{codes, quantity, suggest};
use crate::api::{self, OPERATIONS};
use crate::describe::{Kind, Param};
use crate::engine::time::SimTime;
use crate::model::ids::EntryId;

/// The keys of an entry.
pub(super) const PARAMS: &[Param] = &[
    optional("at", DURATION, "when it is made"),
    optional("after", NAME, "the entry it is made after"),
    optional(
        "delay",
        DURATION,
        "so long after that entry; 0s if left out",
    ),
    optional("as", NAME, "its name; `entry-N` if left out"),
    optional(
        "call",
        NAME,
        "an API call: `service:Operation`, as in an IAM action",
    ),
    optional(
        "do",
        Kind::OneOf(&["stop_process", "kill_process"]),
        "what people and tools do that is no API call",
    ),
    optional("fault", NAME, "a fault; not simulated yet"),
    optional("wait_until", NAME, "a condition; not simulated yet"),
    optional("timeout", DURATION, "for `wait_until`; not simulated yet"),
    optional("params", Kind::Any, "parameters of the call or deed"),
    default(
        "expect",
        Kind::Any,
        "ok",
        "what must come of it: `ok`, `any` or `{ error: CODE, message: TEXT }`",
    ),
];

const ERROR: &[Param] = &[
    required("error", NAME, "the cloud's error code"),
    optional(
        "message",
        Kind::Text { min: 1, max: 1000 },
        "text somewhere in the cloud's message",
    ),
];

const DEED: &[Param] = &[required(
    "instance",
    NAME,
    "an instance id, the name of an entry of `instances`, or a reference",
)];

/// The timeline with the time of each entry, where that is known.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    pub(super) entries: Vec<Entry>,
    pub(super) times: Vec<Option<SimTime>>,
    /// How many entries each follows through `after`; of two at one time the fewer comes first.
    depths: Vec<usize>,
    pub(super) spans: Vec<Span>,
}

/// Gives the entries their names, so that earlier ones may refer to later ones.
pub(super) fn names(cx: &mut Context, fields: &Fields<'_>) {
    for (index, item) in fields.items("timeline").iter().enumerate() {
        let key = name(item, index);
        if item.get("as").is_some() {
            shape::check_name(cx, &key.name, key.span);
            cx.name(&key, Thing::Entry, index);
        } else if !cx.names.contains_key(&key.name) {
            cx.name(&key, Thing::Entry, index);
        }
    }
}

fn name(item: &Node, index: usize) -> Key {
    let given = item.get("as").and_then(|node| Some((node, node.text()?)));
    let (name, span) = given.map_or_else(
        || (format!("entry-{}", index + 1), item.span),
        |(node, text)| (text.to_owned(), node.span),
    );
    Key { name, span }
}

/// Reads the timeline.
pub(super) fn read(
    cx: &mut Context,
    draft: &Draft,
    fields: &Fields<'_>,
    horizon: Option<Horizon>,
) -> Timeline {
    let items = fields.items("timeline");
    let mut timeline = Timeline::default();
    let mut responses = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let entry = Fields::new(item, item.span, PARAMS);
        let mut asked = Responses::new();
        let action = action(cx, draft, &entry, &mut asked);
        responses.push(asked);
        let when = when(cx, &entry, item).unwrap_or(When::At(SimTime::ZERO));
        let expect = expect(cx, &entry);
        timeline.spans.push(when_span(&entry));
        timeline.entries.push(Entry {
            name: name(item, index).name,
            when,
            action: action.unwrap_or(Action::Do {
                deed: Deed::StopProcess,
                instance: String::new(),
            }),
            expect,
        });
    }
    resolve_times(cx, &mut timeline);
    check_horizon(cx, &timeline, horizon);
    for (index, asked) in responses.into_iter().enumerate() {
        for (other, span) in asked {
            check_earlier(cx, &timeline, index, other, span);
        }
    }
    timeline
}

fn when_span(entry: &Fields<'_>) -> Span {
    let given = ["at", "after"].into_iter().find_map(|key| entry.node(key));
    given.map_or(entry.at, |node| node.span)
}

fn when(cx: &mut Context, entry: &Fields<'_>, item: &Node) -> Option<When> {
    let (at, after) = (entry.node("at"), entry.node("after"));
    match (at, after) {
        (Some(_), None) => {
            if entry.node("delay").is_some() {
                cx.report(
                    &codes::NO_TIME,
                    entry.span("delay"),
                    "`delay` goes with `after`, not with `at`",
                )
                .help("add the delay to `at`");
            }
            Some(When::At(SimTime::ZERO + entry.duration("at")?))
        }
        (None, Some(node)) => {
            let other = cx.find(node, Thing::Entry)?;
            let delay = entry.duration("delay").unwrap_or_default();
            Some(When::After(EntryId::from_index(other), delay))
        }
        (Some(_), Some(_)) => {
            cx.report(
                &codes::NO_TIME,
                entry.span("after"),
                "the entry has both `at` and `after`",
            )
            .related(entry.span("at"), "and this")
            .help("keep one of the two");
            None
        }
        (None, None) => {
            cx.report(
                &codes::NO_TIME,
                item.span,
                "the entry does not say when it is made",
            )
            .help("add `at: 5m`, or `after: <name of an entry>`");
            None
        }
    }
}

fn action(
    cx: &mut Context,
    draft: &Draft,
    entry: &Fields<'_>,
    responses: &mut Responses,
) -> Option<Action> {
    for key in ["fault", "wait_until"] {
        if entry.node(key).is_some() {
            cx.report(
                &codes::NOT_SIMULATED,
                entry.span(key),
                format!("`{key}` is not supported in this version"),
            )
            .help("a timeline entry has `call` or `do`");
            return None;
        }
    }
    match (entry.node("call"), entry.node("do")) {
        (Some(node), None) => call(cx, entry, node, responses),
        (None, Some(node)) => deed(cx, draft, entry, node, responses),
        (Some(_), Some(_)) => {
            cx.report(
                &codes::NOT_ONE_ACTION,
                entry.span("do"),
                "the entry has both `call` and `do`",
            )
            .related(entry.span("call"), "and this")
            .help("make two entries of it");
            None
        }
        (None, None) => {
            cx.report(&codes::NOT_ONE_ACTION, entry.at, "the entry does nothing")
                .help("add `call: autoscaling:DetachInstances`, or another operation");
            None
        }
    }
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
    let names = || OPERATIONS.iter().map(|operation| operation.name);
    let bare = |full: &'static str| full.split_once(':').map_or(full, |(_, bare)| bare);
    let wanted = name.split_once(':').map_or(name, |(_, bare)| bare);
    // Whoever writes the right operation of the wrong service is helped best by its full name.
    let same = names().find(|full| bare(full).eq_ignore_ascii_case(wanted));
    let help = same
        .map(|full| format!("did you mean `{full}`?"))
        .or_else(|| suggest::help(name, "this version knows", names()))
        .unwrap_or_else(|| "`drainsim list operations` shows every operation".to_owned());
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

fn expect(cx: &mut Context, entry: &Fields<'_>) -> EntryExpect {
    let Some(node) = entry.node("expect") else {
        return EntryExpect::Ok;
    };
    match node.text() {
        Some("ok") => return EntryExpect::Ok,
        Some("any") => return EntryExpect::Any,
        Some(other) => {
            shape::unknown_word(cx, node.span, "expect", other, &["ok", "any"]);
            cx.found.amend_last(|problem| {
                problem.help(format!(
                    "write `ok`, `any`, or `{{ error: {other} }}` for an error of the cloud"
                ))
            });
            return EntryExpect::Any;
        }
        None => {}
    }
    shape::check_struct(cx, node, "expect", entry.span("expect"), ERROR, &[]);
    let text = |key| node.get(key).and_then(Node::text).map(str::to_owned);
    EntryExpect::Error {
        code: text("error").unwrap_or_default(),
        message: text("message"),
    }
}

/// Follows `after` to entries that have a time; reports those that never get one.
fn resolve_times(cx: &mut Context, timeline: &mut Timeline) {
    let count = timeline.entries.len();
    let mut times: Vec<Option<SimTime>> = vec![None; count];
    let mut depths = vec![0; count];
    let mut state = vec![Walk::New; count];
    for first in 0..count {
        let mut chain = Vec::new();
        let mut at = first;
        let end = loop {
            match state[at] {
                Walk::Done => break times[at],
                Walk::Open => {
                    report_cycle(cx, timeline, at);
                    break None;
                }
                Walk::New => {}
            }
            state[at] = Walk::Open;
            match timeline.entries[at].when {
                When::At(time) => {
                    state[at] = Walk::Done;
                    times[at] = Some(time);
                    break Some(time);
                }
                When::After(other, delay) => {
                    chain.push((at, delay));
                    at = other.index();
                }
            }
        };
        let (mut time, mut depth) = (end, depths[at]);
        for (index, delay) in chain.into_iter().rev() {
            time = time.map(|time: SimTime| time + delay);
            depth += 1;
            depths[index] = depth;
            times[index] = time;
            state[index] = Walk::Done;
        }
    }
    timeline.times = times;
    timeline.depths = depths;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Walk {
    New,
    Open,
    Done,
}

fn report_cycle(cx: &mut Context, timeline: &Timeline, start: usize) {
    let mut names = vec![format!("`{}`", timeline.entries[start].name)];
    let mut at = start;
    while let When::After(other, _) = timeline.entries[at].when {
        at = other.index();
        names.push(format!("`{}`", timeline.entries[at].name));
        if at == start || names.len() > 20 {
            break;
        }
    }
    cx.report(
        &codes::CYCLE,
        timeline.spans[start],
        format!("the entries wait for each other: {}", names.join(" after ")),
    )
    .help("give one of them a time with `at`");
}

fn check_horizon(cx: &mut Context, timeline: &Timeline, horizon: Option<Horizon>) {
    let Some(Horizon::At(end)) = horizon else {
        return;
    };
    for (index, time) in timeline.times.iter().enumerate() {
        if let Some(time) = time.filter(|time| *time > end) {
            let shown = |time: SimTime| quantity::show(time.since(SimTime::ZERO));
            let name = &timeline.entries[index].name;
            cx.report(
                &codes::AFTER_HORIZON,
                timeline.spans[index],
                format!("`{name}` is made at {}, after the horizon", shown(time)),
            )
            .label(format!("the run stops at {}", shown(end)))
            .help("lengthen `horizon`, or make the entry earlier");
        }
    }
}

fn check_earlier(cx: &mut Context, timeline: &Timeline, entry: usize, other: usize, span: Span) {
    let rank = |index: usize| Some((timeline.times[index]?, timeline.depths[index], index));
    let (Some(own), Some(others)) = (rank(entry), rank(other)) else {
        return;
    };
    if others < own {
        return;
    }
    let name = &timeline.entries[other].name;
    let message = if entry == other {
        format!("`{name}` refers to its own response")
    } else {
        format!("`{name}` is not made before this entry, so its response is not known")
    };
    cx.report(&codes::NOT_EARLIER, span, message)
        .help("refer to an entry that is made earlier, or make this one `after` it");
}
