//! The section `timeline`: what is done to the fleet, when, and what must come of it.

use super::action;
use super::context::{Context, Thing};
use super::diagnostic::Span;
use super::fleet::Draft;
use super::params::Responses;
use super::plan::{Action, Entry, EntryExpect, Horizon, When};
use super::section::{DURATION, NAME, default, optional, required};
use super::shape::{self, Fields};
use super::tree::{Key, Node};
use super::{codes, quantity};
use crate::describe::{Kind, Param};
use crate::engine::time::{SimDuration, SimTime};
use crate::model::ids::EntryId;

/// Most entries, steps included.
const ENTRY_LIMIT: usize = 10_000;

/// A condition as text.
const CONDITION: Kind = Kind::Text { min: 1, max: 2000 };

/// The keys of `repeat`.
pub(super) const REPEAT: &[Param] = &[
    optional(
        "times",
        Kind::Integer {
            min: 1,
            max: 100_000,
        },
        "so often at most",
    ),
    optional(
        "every",
        DURATION,
        "time from the end of one round to the beginning of the next; 0s if left out",
    ),
    optional(
        "until",
        CONDITION,
        "what ends it, looked at when a round is over",
    ),
    optional(
        "timeout",
        DURATION,
        "no round begins so long after the first",
    ),
];

/// The keys of an entry.
pub(super) const PARAMS: &[Param] = &[
    optional("at", DURATION, "when it is made"),
    optional(
        "after",
        NAME,
        "the entry it is made after, once that is over",
    ),
    optional(
        "delay",
        DURATION,
        "so long after that entry, or after the step before it; 0s if left out",
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
    optional("fault", NAME, "what goes wrong with the cloud from then on"),
    optional(
        "wait_until",
        CONDITION,
        "a condition that is waited for: `targets.web.draining == 0`",
    ),
    optional(
        "timeout",
        DURATION,
        "with `wait_until`: how long it is waited for at most",
    ),
    optional(
        "every",
        DURATION,
        "with `wait_until`: how often the condition is looked at; at every change if left out",
    ),
    optional("sleep", DURATION, "nothing is done for so long"),
    optional(
        "repeat",
        Kind::Struct(REPEAT),
        "its steps are made again and again",
    ),
    optional(
        "for_each",
        Kind::Any,
        "its steps are made for each member of a list, or of what a reference stands for",
    ),
    optional("steps", Kind::Any, "entries made one after another"),
    optional("params", Kind::Any, "parameters of the call, deed or fault"),
    default(
        "expect",
        Kind::Any,
        "ok",
        "what must come of it: `ok`, `any`, `timed_out`, `not_made` or `{ error: CODE, message: \
         TEXT }`",
    ),
    optional(
        "on_failure",
        Kind::OneOf(&["go_on", "stop"]),
        "whether what comes after it is made when it fails; `stop` for waits and for entries with \
         steps, `go_on` for all others if left out",
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

/// The timeline with the time of each entry, where that is known.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    pub(super) entries: Vec<Entry>,
    /// How many of them are no steps.
    count: usize,
    pub(super) times: Vec<Option<SimTime>>,
    /// How many entries each follows through `after`; of two at one time the fewer comes first.
    depths: Vec<usize>,
    pub(super) spans: Vec<Span>,
}

/// An entry of the file, or a step of one.
struct Item<'t> {
    node: &'t Node,
    /// The entry it is a step of.
    parent: Option<usize>,
    /// Its place among its like.
    place: usize,
}

impl Item<'_> {
    fn name(&self) -> Key {
        let given = self.node.get("as");
        let given = given.and_then(|node| Some((node, node.text()?)));
        let kind = if self.parent.is_some() {
            "step"
        } else {
            "entry"
        };
        let (name, span) = given.map_or_else(
            || (format!("{kind}-{}", self.place + 1), self.node.span),
            |(node, text)| (text.to_owned(), node.span),
        );
        Key { name, span }
    }
}

/// The entries in the order of the file, then their steps, an entry's own before those of the next.
fn items<'t>(fields: &Fields<'t>) -> Vec<Item<'t>> {
    fn add<'t>(items: &mut Vec<Item<'t>>, nodes: &'t [Node], parent: Option<usize>) {
        let first = items.len();
        items.extend(nodes.iter().enumerate().map(|(place, node)| Item {
            node,
            parent,
            place,
        }));
        for index in first..first + nodes.len() {
            let steps = items[index].node.get("steps").and_then(Node::items);
            add(items, steps.unwrap_or_default(), Some(index));
        }
    }
    let mut items = Vec::new();
    add(&mut items, fields.items("timeline"), None);
    items
}

/// Gives the entries their names, so that earlier ones may refer to later ones.
pub(super) fn names(cx: &mut Context, fields: &Fields<'_>) {
    for (index, item) in items(fields).iter().enumerate() {
        let key = item.name();
        if item.node.get("as").is_some() {
            shape::check_name(cx, &key.name, key.span);
            cx.name(&key, Thing::Entry, index);
        } else if item.parent.is_none() && !cx.names.contains_key(&key.name) {
            cx.name(&key, Thing::Entry, index);
        }
    }
}

/// Notes the groups and target groups that calls of the timeline create.
pub(super) fn created(cx: &mut Context, fields: &Fields<'_>) {
    for item in items(fields) {
        let call = item.node.get("call").and_then(Node::text);
        let (key, thing) = match call.and_then(|call| call.split_once(':')) {
            Some((_, "CreateAutoScalingGroup")) => ("AutoScalingGroupName", Thing::Group),
            Some((_, "CreateTargetGroup")) => ("Name", Thing::TargetGroup),
            Some(_) | None => continue,
        };
        let name = item.node.get("params").and_then(|params| params.get(key));
        let Some((node, name)) = name.and_then(|node| Some((node, node.text()?))) else {
            continue;
        };
        match cx.names.get(name).map(|named| (named.thing, named.span)) {
            Some((Thing::Entry, span)) => {
                let message = format!("the name `{name}` is already given to a timeline entry");
                cx.report(&codes::NAME_TAKEN, node.span, message)
                    .related(span, "given here first")
                    .help("rename the entry; references would not know which is meant");
            }
            // what the file has already, the cloud will refuse to create again
            Some(_) => {}
            None if name.contains("${") => {}
            None => {
                cx.created.insert(name.to_owned(), thing);
            }
        }
    }
}

/// Reads the timeline.
pub(super) fn read(
    cx: &mut Context,
    draft: &Draft,
    fields: &Fields<'_>,
    horizon: Option<Horizon>,
) -> Timeline {
    let items = items(fields);
    let count = fields.items("timeline").len();
    if items.len() > ENTRY_LIMIT.max(count) {
        let message = format!("the timeline has {} entries and steps", items.len());
        cx.report(&codes::TOO_MANY, fields.span("timeline"), message)
            .label(format!("at most {ENTRY_LIMIT} can be simulated"));
    }
    let mut timeline = Timeline {
        count,
        ..Timeline::default()
    };
    let mut responses = Vec::new();
    for item in &items {
        let entry = Fields::new(item.node, item.node.span, PARAMS);
        if item.parent.is_some() {
            shape::check_struct(cx, item.node, "steps", item.node.span, PARAMS, &[]);
        }
        let mut asked = Responses::new();
        let action = action::read(cx, draft, &entry, &mut asked);
        responses.push(asked);
        let when = match item.parent {
            Some(_) => step_when(cx, &entry),
            None => when(cx, &entry, item.node, count).unwrap_or(When::At(SimTime::ZERO)),
        };
        let expect = expect(cx, &entry);
        timeline.spans.push(when_span(&entry));
        let action = action.unwrap_or(Action::Sleep(SimDuration::ZERO));
        timeline.entries.push(Entry {
            name: item.name().name,
            when,
            goes_on: goes_on(&entry, &action),
            action,
            expect,
            parent: item.parent.map(EntryId::from_index),
        });
    }
    for (index, item) in items.iter().enumerate() {
        let parent = item
            .parent
            .map(|parent| &mut timeline.entries[parent].action);
        if let Some(Action::Steps { steps, .. }) = parent {
            steps.push(EntryId::from_index(index));
        }
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

fn goes_on(entry: &Fields<'_>, action: &Action) -> bool {
    match entry.text("on_failure") {
        Some("go_on") => true,
        Some("stop") => false,
        Some(_) | None => !matches!(action, Action::Wait { .. } | Action::Steps { .. }),
    }
}

/// Steps follow each other, and say no time of their own.
fn step_when(cx: &mut Context, entry: &Fields<'_>) -> When {
    for key in ["at", "after"] {
        if entry.node(key).is_some() {
            let message = format!("a step is made after the one before it, and has no `{key}`");
            cx.report(&codes::NO_TIME, entry.span(key), message)
                .help("remove it, or write `delay: 30s`");
        }
    }
    When::Next(entry.duration("delay").unwrap_or_default())
}

fn when_span(entry: &Fields<'_>) -> Span {
    let given = ["at", "after"].into_iter().find_map(|key| entry.node(key));
    given.map_or(entry.at, |node| node.span)
}

fn when(cx: &mut Context, entry: &Fields<'_>, item: &Node, count: usize) -> Option<When> {
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
            if other >= count {
                let name = node.text().unwrap_or_default();
                let message = format!("`{name}` is a step, and nothing outside is made after it");
                cx.report(&codes::STEP_NAMED, node.span, message)
                    .help("name the entry that it is a step of, or make this one a step, too");
                return None;
            }
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

/// Words for what must come of an entry.
const WORDS: &[&str] = &["ok", "any", "timed_out", "not_made"];

fn expect(cx: &mut Context, entry: &Fields<'_>) -> EntryExpect {
    let Some(node) = entry.node("expect") else {
        return EntryExpect::Ok;
    };
    match node.text() {
        Some("ok") => return EntryExpect::Ok,
        Some("any") => return EntryExpect::Any,
        Some("timed_out") => return EntryExpect::TimedOut,
        Some("not_made") => return EntryExpect::NotMade,
        Some(other) => {
            shape::unknown_word(cx, node.span, "expect", other, WORDS);
            cx.found.amend_last(|problem| {
                problem.help(format!(
                    "write a word, or `{{ error: {other} }}` for an error of the cloud"
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
    for first in 0..timeline.count {
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
                // no step is walked to: `after` names none
                When::Next(_) => break None,
            }
        };
        let (mut time, mut depth) = (end, depths[at]);
        for (index, delay) in chain.into_iter().rev() {
            let span = span_of(&timeline.entries[at].action);
            time = time.zip(span).map(|(time, span)| time + span + delay);
            at = index;
            depth += 1;
            depths[index] = depth;
            times[index] = time;
            state[index] = Walk::Done;
        }
    }
    timeline.times = times;
    timeline.depths = depths;
}

/// How long an entry takes, if that is known.
fn span_of(action: &Action) -> Option<SimDuration> {
    match action {
        Action::Call { .. } | Action::Do { .. } | Action::Fault { .. } => Some(SimDuration::ZERO),
        Action::Sleep(span) => Some(*span),
        Action::Wait { .. } | Action::Steps { .. } => None,
    }
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
