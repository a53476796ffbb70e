//! Pages as text: what `explain` prints.
//!
//! It must never know a registry.

use super::terminal::{Paint, paint};
use super::text::wrap;
use crate::describe::{Kind, Page, Param, Presence, Source};
use crate::engine::time::SimDuration;

/// A page in full.
pub(super) fn page(page: &Page) -> String {
    let mut text = format!("{}  {}\n", paint(Paint::Bold, &page.name), page.topic);
    text.push_str(&wrap(&page.summary, 2));
    for note in &page.notes {
        text.push_str(&wrap(note, 2));
    }
    if !page.params.is_empty() {
        text.push('\n');
    }
    for each in page.params {
        // An attribute's or setting's only parameter is itself: its words stand above already.
        let is_itself = each.key == page.name;
        text.push_str(&param(each, is_itself));
    }
    let is_told = page.params.iter().any(|param| param.source == page.source);
    if page.source != Source::Ours && !is_told {
        text.push_str(&source("source: ", page.source, 2));
    }
    text
}

/// A parameter: its key, what it takes, what it does and where that comes from.
pub(super) fn param(param: &Param, brief: bool) -> String {
    let presence = match param.presence {
        Presence::Required => "required".to_owned(),
        Presence::Optional => "optional".to_owned(),
        Presence::Default(value) => format!("default {value}"),
    };
    let mut text = wrap(
        &format!("{}: {}; {presence}", param.key, kind(param.kind)),
        2,
    );
    if !brief {
        text.push_str(&wrap(param.doc, 6));
    }
    if param.source != Source::Ours {
        text.push_str(&source("", param.source, 6));
    }
    if let Kind::Struct(inner) = param.kind {
        for each in inner {
            text.push_str(&wrap(
                &format!(
                    "{}.{}: {}; {}",
                    param.key,
                    each.key,
                    kind(each.kind),
                    each.doc
                ),
                6,
            ));
        }
    }
    text
}

/// The mark of a source and its place.
fn source(before: &str, source: Source, indent: usize) -> String {
    let place = source.place();
    let pad = " ".repeat(indent);
    if place.is_empty() {
        return format!("{pad}{before}{}\n", source.mark());
    }
    // An address stays whole, so that it can be copied.
    format!("{pad}{before}{}: {place}\n", source.mark())
}

/// What a value may be.
fn kind(kind: Kind) -> String {
    match kind {
        Kind::Duration { min_ns, max_ns } => {
            let text = |ns| SimDuration::from_nanos(ns).humane();
            match (min_ns, max_ns) {
                (0, u64::MAX) => "a duration".to_owned(),
                (min, u64::MAX) => format!("a duration from {}", text(min)),
                (min, max) => format!("a duration, {} to {}", text(min), text(max)),
            }
        }
        Kind::Rate => "a rate such as 300/s".to_owned(),
        Kind::Integer { min, max } => match (min, max) {
            (min, i64::MAX) => format!("a whole number from {min}"),
            (min, max) => format!("a whole number, {min} to {max}"),
        },
        Kind::Number { min, max } => number(min, max),
        Kind::Boolean => "true or false".to_owned(),
        Kind::Text { min, max } => {
            if max == usize::MAX {
                "text".to_owned()
            } else {
                format!("text of {min} to {max} characters")
            }
        }
        Kind::Pattern { min, max, pattern } => {
            let text = self::kind(Kind::Text { min, max });
            format!("{text}: {}", pattern.words)
        }
        Kind::Timestamp => "a time such as 2026-01-05T09:00:00Z".to_owned(),
        Kind::OneOf(words) => format!("one of {}", words.join(", ")),
        Kind::Distribution => "a duration or a distribution".to_owned(),
        Kind::Arrivals => "an arrival process".to_owned(),
        Kind::List { of, min, max } => {
            let count = if max == usize::MAX {
                format!("{min} or more")
            } else {
                format!("{min} to {max}")
            };
            format!("a list of {count} (each {})", self::kind(*of))
        }
        Kind::Struct(params) => {
            let keys: Vec<&str> = params.iter().map(|param| param.key).collect();
            format!("a map with {}", keys.join(", "))
        }
        Kind::Map(of) => format!("a map from names to values (each {})", self::kind(*of)),
        Kind::Any => "any value".to_owned(),
    }
}

fn number(min: f64, max: f64) -> String {
    let bounded = |bound: f64| bound.is_finite() && bound.abs() < 1e15;
    match (bounded(min), bounded(max)) {
        (true, true) => format!("a number, {min} to {max}"),
        (true, false) => format!("a number from {min}"),
        (false, true) => format!("a number up to {max}"),
        (false, false) => "a number".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_read_like_speech() {
        let hour = 3_600_000_000_000;
        let cases = [
            (
                Kind::Duration {
                    min_ns: 0,
                    max_ns: hour,
                },
                "a duration, 0s to 1h",
            ),
            (
                Kind::Duration {
                    min_ns: 0,
                    max_ns: u64::MAX,
                },
                "a duration",
            ),
            (
                Kind::Integer { min: 0, max: 3600 },
                "a whole number, 0 to 3600",
            ),
            (
                Kind::Number {
                    min: 0.0,
                    max: f64::INFINITY,
                },
                "a number from 0",
            ),
            (Kind::OneOf(&["a", "b"]), "one of a, b"),
            (
                Kind::List {
                    of: &Kind::Boolean,
                    min: 1,
                    max: 20,
                },
                "a list of 1 to 20 (each true or false)",
            ),
        ];
        for (given, text) in cases {
            assert_eq!(kind(given), text);
        }
    }
}
