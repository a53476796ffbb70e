//! The page of operations: what each takes, answers with when it refuses, and where it differs.
//!
//! `list operations --long` prints it and `docs/OPERATIONS.md` holds it, so it is Markdown that reads
//! well as it is. It must never say what no descriptor says.

use super::text::wrap;
use crate::api::{OPERATIONS, Operation};
use crate::describe::{Kind, Param, Presence};

const HEAD: &str = "# Operations

Each call a scenario can make, as `drainsim list operations --long` prints it from the descriptors.
`*` marks what must be given, `= x` what holds otherwise; `1..255` is a range, of characters for a text,
of items for a list; which characters a text may hold and what each parameter does is on the page of
`drainsim explain service:Operation`. A call that is refused changes nothing. What is not said to
deviate behaves as its source says, as far as drainsim models the things it is about.
";

/// The page.
pub(super) fn page() -> String {
    let mut page = HEAD.to_owned();
    let mut service = "";
    for operation in OPERATIONS {
        let (of, _) = operation.name.split_once(':').unwrap_or_default();
        if of != service {
            page += &["\n## ", of, "\n"].concat();
            service = of;
        }
        page += &entry(operation);
    }
    page
}

fn entry(operation: &Operation) -> String {
    let mut text = format!("\n### {}\n\n", operation.name);
    text += &wrap(&format!("{}.", operation.summary), 0);
    let takes: Vec<String> = operation.params.iter().map(param).collect();
    text += &item(&format!("takes {}", takes.join("; ")));
    text += &item(&format!("refuses with {}", operation.errors.join(", ")));
    for deviation in operation.deviations {
        text += &item(&format!("deviates: {deviation}"));
    }
    let (mark, place) = (operation.source.mark(), operation.source.place());
    text + &item(&format!("{mark}: <{place}>"))
}

/// `text` as an item of a list.
fn item(text: &str) -> String {
    format!("- {}", wrap(text, 2).trim_start())
}

fn param(param: &Param) -> String {
    let (star, default) = match param.presence {
        Presence::Required => ("*", String::new()),
        Presence::Optional => ("", String::new()),
        Presence::Default(value) => ("", format!(" = {value}")),
    };
    format!("`{}`{star} {}{default}", param.key, kind(&param.kind))
}

/// What a value may be, in short.
fn kind(kind: &Kind) -> String {
    match kind {
        Kind::Boolean => "boolean".to_owned(),
        Kind::Integer { min, max } => {
            let (none, all) = (i64::from(i32::MIN), i64::from(i32::MAX));
            let least = (*min > none).then_some(*min);
            ranged("integer", least, (*max < all).then_some(*max))
        }
        Kind::Number { min, max } => {
            let bound = |bound: f64| (bound.abs() < 1e15).then_some(bound);
            ranged("number", bound(*min), bound(*max))
        }
        Kind::Text { min, max } | Kind::Pattern { min, max, .. } => sized("text", *min, *max),
        Kind::Timestamp => "time".to_owned(),
        Kind::OneOf(words) => words.join(" | "),
        Kind::List { of, min, max } => {
            format!("{} of {}", sized("list", *min, *max), self::kind(of))
        }
        Kind::Struct(params) => {
            let params: Vec<String> = params.iter().map(param).collect();
            format!("{{ {} }}", params.join("; "))
        }
        Kind::Map(of) => format!("map to {}", self::kind(of)),
        Kind::Any => "any value".to_owned(),
        Kind::Duration { .. } => "duration".to_owned(),
        Kind::Rate => "rate".to_owned(),
        Kind::Distribution => "distribution".to_owned(),
        Kind::Arrivals => "arrival process".to_owned(),
    }
}

fn sized(what: &str, min: usize, max: usize) -> String {
    let least = (min > 0).then_some(min);
    ranged(what, least, (max < usize::MAX).then_some(max))
}

fn ranged<T: ToString>(what: &str, min: Option<T>, max: Option<T>) -> String {
    let text = |bound: Option<T>| bound.map(|bound| bound.to_string()).unwrap_or_default();
    match (text(min), text(max)) {
        (min, max) if min.is_empty() && max.is_empty() => what.to_owned(),
        (min, max) => format!("{what} {min}..{max}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::describe::Source;

    #[test]
    fn kinds_are_told_in_short() {
        const WORD: Kind = Kind::OneOf(&["a", "b"]);
        const INNER: &[Param] = &[Param {
            key: "Type",
            kind: WORD,
            presence: Presence::Required,
            doc: "type",
            source: Source::Ours,
        }];
        let all = Kind::Integer {
            min: i64::from(i32::MIN),
            max: i64::from(i32::MAX),
        };
        let list = Kind::List {
            of: &Kind::Struct(INNER),
            min: 1,
            max: usize::MAX,
        };
        for (given, text) in [
            (Kind::Text { min: 1, max: 9 }, "text 1..9"),
            (Kind::Text { min: 0, max: 9 }, "text ..9"),
            (all, "integer"),
            (Kind::Integer { min: 0, max: 100 }, "integer 0..100"),
            (
                Kind::Number {
                    min: 0.5,
                    max: f64::INFINITY,
                },
                "number 0.5..",
            ),
            (list, "list 1.. of { `Type`* a | b }"),
        ] {
            assert_eq!(kind(&given), text);
        }
    }

    #[test]
    fn every_operation_is_on_the_page() {
        let page = page();
        for operation in OPERATIONS {
            assert!(page.contains(&format!("\n### {}\n", operation.name)));
        }
    }
}
