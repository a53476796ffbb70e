//! The registry of operations: every one is described, and none panics.

use std::collections::BTreeSet;

use drainsim::api::{OPERATIONS, Operation, has_type_of, operation, param_for, sends_text};
use drainsim::describe::{Kind, Param, Presence};
use serde_json::{Value, json};

use super::fleet::Fleet;

#[test]
fn names_are_unique_and_of_one_form() {
    let names: BTreeSet<&str> = OPERATIONS.iter().map(|operation| operation.name).collect();
    assert_eq!(names.len(), OPERATIONS.len());
    for name in names {
        let (service, action) = name.split_once(':').unwrap();
        assert!(
            service
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        );
        assert!(
            action.starts_with(|c: char| c.is_ascii_uppercase()),
            "{name}"
        );
        assert_eq!(operation(name).unwrap().name, name);
    }
    assert!(operation("autoscaling:detachinstances").is_none());
}

fn check_params(name: &str, params: &[Param]) {
    let keys: BTreeSet<&str> = params.iter().map(|param| param.key).collect();
    assert_eq!(keys.len(), params.len(), "{name}: a key twice");
    for param in params {
        assert!(!param.doc.is_empty(), "{name}: {} has no doc", param.key);
        assert!(
            param.source.place().starts_with("https://"),
            "{name}: {} has no source",
            param.key
        );
        if let Kind::Struct(params)
        | Kind::List {
            of: &Kind::Struct(params),
            ..
        } = param.kind
        {
            check_params(name, params);
        }
    }
}

/// Pages and lists show them in the order of the registry.
#[test]
fn operations_stand_in_the_order_of_their_names() {
    let named = |operation: &&Operation| {
        let (service, action) = operation.name.split_once(':').unwrap();
        // the older of two APIs before the newer one
        (service.replace("elasticloadbalancing", "elbv2"), action)
    };
    let names: Vec<(String, &str)> = OPERATIONS.iter().map(named).collect();
    assert!(names.is_sorted(), "{names:?}");
}

#[test]
fn every_operation_is_described() {
    for operation in OPERATIONS {
        let name = operation.name;
        assert!(!operation.summary.is_empty(), "{name}");
        assert!(!operation.params.is_empty(), "{name}");
        assert!(!operation.errors.is_empty(), "{name}");
        assert!(operation.source.place().starts_with("https://"), "{name}");
        check_params(name, operation.params);
    }
}

/// Texts for which the published model of Auto Scaling knows a length and no pattern.
const LENGTH_ALONE: [&str; 1] = ["LifecycleActionToken"];

/// Ranges are in order, defaults are values that the parameter takes, and what Auto Scaling is
/// told is text of its pattern, as its published model has it for all but a few.
#[test]
fn descriptors_are_coherent() {
    for operation in OPERATIONS {
        each_param(operation.params, &mut |param| {
            let place = format!("{}: {}", operation.name, param.key);
            check_kind(
                &param.kind,
                &place,
                operation.name.starts_with("autoscaling:") && !LENGTH_ALONE.contains(&param.key),
            );
            if let Presence::Default(default) = param.presence {
                let text = json!(default);
                let value = serde_json::from_str(default).unwrap_or_else(|_| text.clone());
                assert!(
                    has_type_of(&param.kind, &value) || has_type_of(&param.kind, &text),
                    "{place} has no default {default}"
                );
                if let Kind::Integer { min, max } = param.kind {
                    let default: i64 = default.parse().unwrap();
                    assert!((min..=max).contains(&default), "{place}");
                } else if let Kind::OneOf(words) = param.kind {
                    assert!(words.contains(&default), "{place}");
                }
            }
        });
    }
}

fn each_param(params: &'static [Param], look: &mut dyn FnMut(&'static Param)) {
    for param in params {
        look(param);
        if let Kind::Struct(params)
        | Kind::List {
            of: &Kind::Struct(params),
            ..
        } = param.kind
        {
            each_param(params, look);
        }
    }
}

fn check_kind(kind: &Kind, place: &str, has_patterns: bool) {
    match *kind {
        Kind::Integer { min, max } => assert!(min <= max, "{place}"),
        Kind::Number { min, max } => assert!(min <= max, "{place}"),
        Kind::Text { min, max } => {
            assert!(min <= max, "{place}");
            assert!(!has_patterns, "{place} is text without a pattern");
        }
        Kind::Pattern { min, max, pattern } => {
            assert!(min <= max && !pattern.text.is_empty(), "{place}");
        }
        Kind::OneOf(words) => {
            let distinct: BTreeSet<&&str> = words.iter().collect();
            assert!(
                !words.is_empty() && distinct.len() == words.len(),
                "{place}"
            );
        }
        Kind::List { of, min, max } => {
            assert!(min <= max, "{place}");
            check_kind(of, place, has_patterns);
        }
        Kind::Map(of) => check_kind(of, place, has_patterns),
        Kind::Boolean | Kind::Timestamp | Kind::Struct(_) | Kind::Any => {}
        Kind::Duration { .. } | Kind::Rate | Kind::Distribution | Kind::Arrivals => {
            panic!("{place}: no API has such a value")
        }
    }
}

/// Values just outside what a descriptor allows.
fn outside(kind: &Kind) -> Vec<Value> {
    let text = |length: usize| json!("n".repeat(length));
    let lengths = |min: usize, max: usize| {
        let short = min.checked_sub(1).map(text);
        let long = (max < 5_000).then(|| text(max + 1));
        short.into_iter().chain(long).collect()
    };
    match *kind {
        Kind::Integer { min, max } => {
            let values = [min.checked_sub(1), max.checked_add(1)];
            values
                .into_iter()
                .flatten()
                .map(|value| json!(value))
                .collect()
        }
        Kind::Number { min, max } => {
            let finite = [min - 1.0, max + 1.0]
                .into_iter()
                .filter(|value| value.is_finite());
            finite
                .filter(|value| value.abs() < 1e15)
                .map(|value| json!(value))
                .collect()
        }
        Kind::Text { min, max } | Kind::Pattern { min, max, .. } => lengths(min, max),
        Kind::OneOf(_) => vec![json!("no such word")],
        Kind::Boolean => vec![json!("maybe")],
        Kind::Timestamp => vec![json!("yesterday")],
        Kind::Struct(_) | Kind::Map(_) | Kind::List { .. } => vec![json!(7)],
        Kind::Duration { .. } | Kind::Rate | Kind::Distribution | Kind::Arrivals | Kind::Any => {
            Vec::new()
        }
    }
}

/// What a descriptor says is what is enforced: a value outside is refused by the front end, with
/// the parameter's name in its message.
#[test]
fn every_range_is_enforced() {
    let mut site = Fleet::aws().machine("i-9").site();
    for operation in OPERATIONS {
        let front_end = [
            "autoscaling:",
            "elasticloadbalancing:",
            "elb:",
            "elbv2:",
            "vpc-lattice:",
        ];
        if !front_end
            .iter()
            .any(|service| operation.name.starts_with(service))
        {
            continue;
        }
        for param in operation.params {
            let mut letters = param.key.chars();
            let first = letters.next().map(|letter| letter.to_ascii_lowercase());
            let path: String = first.into_iter().chain(letters).collect();
            for value in outside(&param.kind) {
                let mut params = json!({});
                params[param.key] = value.clone();
                let answer = site.call(operation.name, params);
                let refused = answer.expect_err("a value out of range is refused");
                let wanted = format!("at '{path}' failed to satisfy constraint");
                assert!(
                    refused.message.contains(&wanted),
                    "{}: {} = {value}: {refused}",
                    operation.name,
                    param.key
                );
            }
        }
    }
}

/// Every parameter in turn is given values of every type; each call is answered or refused with a
/// code the operation lists, which `Site::call` checks.
#[test]
fn no_value_makes_an_operation_panic() {
    let odd = [
        json!(null),
        json!(true),
        json!(-1),
        json!(u64::MAX),
        json!(0.5),
        json!(""),
        json!("${x}"),
        json!([]),
        json!([null, 1, "a", [], {}]),
        json!({}),
        json!("[[[["),
        json!("[1]"),
    ];
    for (fleet, alibaba) in [(Fleet::aws(), false), (Fleet::alibaba(), true)] {
        let own = |operation: &&&Operation| sends_text(operation.name) == alibaba;
        for operation in OPERATIONS.iter().filter(own) {
            let mut site = fleet.clone().machine("i-9").site();
            for value in &odd {
                let _ = site.call(operation.name, value.clone());
                for param in operation.params {
                    let mut params = everything(operation.params);
                    params[param.key] = value.clone();
                    let _ = site.call(operation.name, params);
                }
            }
        }
    }
}

fn everything(params: &[Param]) -> Value {
    let mut all = json!({});
    for param in params {
        all[param.key] = sample(&param.kind);
    }
    all
}

fn sample(kind: &Kind) -> Value {
    if let Kind::Boolean = kind {
        json!(false)
    } else if let Kind::Integer { min, .. } = kind {
        json!(min)
    } else if let Kind::List { of, .. } = kind {
        json!([sample(of)])
    } else if let Kind::Struct(params) = kind {
        everything(params)
    } else if let Kind::OneOf([word, ..]) = kind {
        json!(word)
    } else {
        json!("i-9")
    }
}

#[test]
fn texts_may_stand_for_booleans_and_numbers() {
    let number = Kind::Integer { min: 0, max: 9 };
    for (kind, value, expected) in [
        (Kind::Boolean, json!("True"), true),
        (Kind::Boolean, json!("yes"), false),
        (Kind::Boolean, json!(1), false),
        (number, json!("22"), true),
        (number, json!(1.5), false),
        (number, json!(null), true),
        (Kind::Text { min: 0, max: 9 }, json!(5), false),
    ] {
        assert_eq!(has_type_of(&kind, &value), expected, "{kind:?} {value}");
    }
    let detach = operation("ess:DetachServerGroups").unwrap();
    let param = param_for(detach.params, "ServerGroup.3.Port").unwrap();
    assert_eq!(param.key, "ServerGroup.N.Port");
}
