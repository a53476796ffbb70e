//! Conditions: what a wait waits for, and what ends a loop.
//!
//! Comparisons of metrics in the language of expectations, of states of instances and targets, and
//! of what references stand for, joined by `and` and `or`. Whether one holds is for the driver to
//! say, when it is looked at.

use std::ops::Range;

use super::context::{Context, Thing};
use super::diagnostic::Span;
use super::params::{self, Responses, within};
use super::plan::{Comparison, Condition, LookedAt, Test};
use super::tree::Node;
use super::{codes, expectation, suggest};
use crate::model::lifecycle::LifecycleState;

/// Most comparisons in one condition.
const MOST_TESTS: usize = 100;

/// Words for what has no state of its own.
const NONE: &str = "none";

/// How often a condition is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Looks {
    /// At every change that is recorded.
    AtChanges,
    /// Now and then.
    NowAndThen,
}

/// The condition in `node`, or a report.
pub(super) fn read(
    cx: &mut Context,
    node: &Node,
    looks: Looks,
    responses: &mut Responses,
) -> Option<Condition> {
    let text = node.text()?;
    let mut alternatives = vec![Vec::new()];
    let (parts, mut whole, mut tests) = (parts(text), true, 0);
    for (joined_by_or, range) in parts {
        if joined_by_or {
            alternatives.push(Vec::new());
        }
        tests += 1;
        if tests > MOST_TESTS {
            let message = format!("the condition has more than {MOST_TESTS} comparisons");
            malformed(cx, node.span, message, "make two entries of it");
            return None;
        }
        let span = within(cx, text, node.span, &range);
        match test(cx, &text[range], span, looks, responses) {
            Some(test) => alternatives.last_mut()?.push(test),
            None => whole = false,
        }
    }
    whole.then(|| Condition {
        text: text.trim().to_owned(),
        alternatives,
    })
}

/// The comparisons in `text`, each with whether an `or` stands before it rather than an `and`.
fn parts(text: &str) -> Vec<(bool, Range<usize>)> {
    let (mut parts, mut begun, mut or, mut depth) = (Vec::new(), 0, false, 0_u32);
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let joint = ["and", "or"].into_iter().find(|word| {
            let behind = rest[c.len_utf8()..].strip_prefix(*word);
            c.is_whitespace()
                && depth == 0
                && behind.is_some_and(|behind| behind.starts_with(char::is_whitespace))
        });
        if let Some(word) = joint {
            parts.push((or, trimmed(text, begun..at)));
            at += c.len_utf8() + word.len();
            (begun, or) = (at, word == "or");
            continue;
        }
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += c.len_utf8();
    }
    parts.push((or, trimmed(text, begun..text.len())));
    parts
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    let start = range.start + (part.len() - part.trim_start().len());
    start..start + part.trim().len()
}

fn malformed(cx: &mut Context, span: Span, message: impl Into<String>, help: &str) {
    cx.report(&codes::BAD_CONDITION, span, message).help(help);
}

fn test(
    cx: &mut Context,
    text: &str,
    span: Span,
    looks: Looks,
    responses: &mut Responses,
) -> Option<Test> {
    let sides = compared(text);
    let Some(looked_at) = looked_at(sides.map_or(text, |(left, ..)| left)) else {
        return metric(cx, text, span, looks);
    };
    let Some((left, comparison, value)) = sides else {
        let help = "write it as in `${health.response.State} == unused`";
        malformed(cx, span, "the condition compares nothing", help);
        return None;
    };
    let before = cx.found.len();
    let value = value.trim().trim_matches('"');
    for part in [left, value] {
        let node = Node {
            value: super::tree::Value::Text(part.to_owned()),
            span: within(cx, text, span, &range_of(text, part)),
        };
        params::check_references(cx, &node, responses);
    }
    check_names(cx, &looked_at, span);
    check_word(cx, &looked_at, comparison, value, span);
    (cx.found.len() == before).then(|| Test::Value {
        looked_at,
        comparison,
        value: value.to_owned(),
    })
}

/// Where `part`, a piece of `text`, stands in it.
fn range_of(text: &str, part: &str) -> Range<usize> {
    let start = text.find(part).unwrap_or_default();
    start..start + part.len()
}

fn metric(cx: &mut Context, text: &str, span: Span, looks: Looks) -> Option<Test> {
    let found = expectation::read_text(cx, text, span)?;
    let (name, query) = (found.query.metric.name(), &found.query);
    if query.at.is_some() {
        let message = format!("`{name}` is looked at when the condition is");
        malformed(cx, span, message, "remove the `@ time`");
        return None;
    }
    let labels = [
        query.cause.is_some(),
        query.code.is_some(),
        query.call.is_some(),
    ];
    let narrow = labels.iter().filter(|given| **given).count();
    if narrow > 1 || (query.call.is_some() && query.workload.is_some()) {
        let message = "a condition narrows losses by one label, or by one and the workload";
        malformed(cx, span, message, "remove the other labels");
        return None;
    }
    let steady = [
        "targets.",
        "groups.",
        "drains.",
        "requests.lost",
        "requests.unattributed",
    ];
    let told = steady.iter().any(|start| name.starts_with(start));
    if looks == Looks::AtChanges && !told {
        let message = format!("`{name}` changes with every request");
        let help = "say how often it is looked at: `every: 5s`";
        malformed(cx, span, message, help);
        return None;
    }
    Some(Test::Metric(found))
}

/// What the left side of a comparison looks at; `None` for a metric.
fn looked_at(left: &str) -> Option<LookedAt> {
    let left = left.trim();
    let behind = |word: &str| {
        let rest = left.strip_prefix(word)?.trim_start();
        rest.starts_with("${").then(|| rest.to_owned())
    };
    if left.starts_with("${") {
        return Some(LookedAt::Reference(left.to_owned()));
    }
    let listed = behind("all ")
        .map(LookedAt::All)
        .or_else(|| behind("any ").map(LookedAt::Any))
        .or_else(|| behind("count ").map(LookedAt::Count));
    if listed.is_some() {
        return listed;
    }
    if let Some(of) = left.strip_prefix("instances.") {
        let state = of.strip_suffix(".state");
        let lifecycle = of.strip_suffix(".lifecycle");
        let state = state.map(|name| LookedAt::InstanceState(name.to_owned()));
        return state.or_else(|| Some(LookedAt::Lifecycle(lifecycle?.to_owned())));
    }
    let of = left.strip_prefix("targets.")?.strip_suffix(".health")?;
    let (group, target) = of.split_once('.')?;
    Some(LookedAt::TargetHealth(group.to_owned(), target.to_owned()))
}

/// Left side, operator and right side of a comparison.
fn compared(text: &str) -> Option<(&str, Comparison, &str)> {
    let mut depth = 0_u32;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            '=' | '!' | '<' | '>' => {
                let rest = &text[at..];
                let found = expectation::COMPARISONS
                    .iter()
                    .find(|(sign, _)| rest.starts_with(sign))?;
                return Some((&text[..at], found.1, &rest[found.0.len()..]));
            }
            _ => {}
        }
    }
    None
}

/// Reports a target group or a machine that is not in the file.
fn check_names(cx: &mut Context, looked_at: &LookedAt, span: Span) {
    match looked_at {
        LookedAt::TargetHealth(group, _) if !group.contains("${") => {
            let created = cx.created.get(group) == Some(&Thing::TargetGroup);
            if !created {
                cx.find_text(group, span, Thing::TargetGroup);
            }
        }
        LookedAt::InstanceState(name) | LookedAt::Lifecycle(name)
            if !name.contains("${") && !name.starts_with("i-") =>
        {
            cx.find_text(name, span, Thing::Instance);
        }
        LookedAt::TargetHealth(..)
        | LookedAt::InstanceState(_)
        | LookedAt::Lifecycle(_)
        | LookedAt::Reference(_)
        | LookedAt::All(_)
        | LookedAt::Any(_)
        | LookedAt::Count(_) => {}
    }
}

/// Words that the state of an instance may be compared with.
const STATES: &[&str] = &[
    "pending",
    "running",
    "shutting-down",
    "stopping",
    "stopped",
    "terminated",
];

/// Words that the health of a target may be compared with.
const HEALTH: &[&str] = &[
    "initial",
    "healthy",
    "unhealthy",
    "unhealthy.draining",
    "unused",
    "draining",
    "unavailable",
];

/// Reports a state that does not exist, and words compared as if they were numbers.
fn check_word(
    cx: &mut Context,
    looked_at: &LookedAt,
    comparison: Comparison,
    value: &str,
    span: Span,
) {
    if value.is_empty() {
        let help = "write a word, a number or a reference behind the operator";
        malformed(cx, span, "a value is missing", help);
        return;
    }
    let ordered = !matches!(comparison, Comparison::Equal | Comparison::NotEqual);
    let is_number = value.parse::<f64>().is_ok() || value.contains("${");
    if ordered && !is_number {
        let message = format!("`{value}` is no number, so nothing is less or more than it");
        malformed(cx, span, message, "compare words with `==` or `!=`");
        return;
    }
    let mut words: Vec<&str> = match looked_at {
        LookedAt::InstanceState(_) => STATES.to_vec(),
        LookedAt::Lifecycle(_) => LifecycleState::ALL.map(LifecycleState::name).to_vec(),
        LookedAt::TargetHealth(..) => HEALTH.to_vec(),
        LookedAt::Reference(_) | LookedAt::All(_) | LookedAt::Any(_) | LookedAt::Count(_) => {
            return;
        }
    };
    words.push(NONE);
    if !value.contains("${") && !words.contains(&value) {
        let help = suggest::nearest(value, words.iter().copied()).map_or_else(
            || format!("write {}", suggest::listed(words.iter().copied(), "or")),
            |near| format!("did you mean `{near}`?"),
        );
        malformed(cx, span, format!("`{value}` is no such state"), &help);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_split_at_their_joints_but_not_inside_references_and_words() {
        let split = |text: &'static str| -> Vec<(bool, &str)> {
            let parts = parts(text);
            parts.into_iter().map(|(or, at)| (or, &text[at])).collect()
        };
        assert_eq!(split("a == 1"), [(false, "a == 1")]);
        assert_eq!(
            split(" a == 1  and b == 2 or c == 3"),
            [(false, "a == 1"), (false, "b == 2"), (true, "c == 3")]
        );
        // `sand` and `or-1` hold the words without being them
        assert_eq!(
            split("${x.and or} == sand"),
            [(false, "${x.and or} == sand")]
        );
        assert_eq!(split("a == or-1"), [(false, "a == or-1")]);
    }

    #[test]
    fn what_is_looked_at_is_told_from_metrics() {
        let read = |text: &str| looked_at(compared(text).unwrap().0);
        assert_eq!(read("targets.web.healthy == 2"), None);
        assert_eq!(read("requests.lost > 3"), None);
        assert_eq!(
            read("targets.web.10.0.0.7:8080.health == draining"),
            Some(LookedAt::TargetHealth(
                "web".to_owned(),
                "10.0.0.7:8080".to_owned()
            ))
        );
        assert_eq!(
            read("instances.${roll.item}.lifecycle != InService"),
            Some(LookedAt::Lifecycle("${roll.item}".to_owned()))
        );
        assert_eq!(
            read("count ${d.response.Targets} >= 2"),
            Some(LookedAt::Count("${d.response.Targets}".to_owned()))
        );
    }
}
