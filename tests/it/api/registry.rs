//! The registry of operations: every one is described, and none panics.

use std::collections::BTreeSet;

use drainsim::api::{OPERATIONS, has_type_of, operation, param_for};
use drainsim::describe::{Kind, Param};
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
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
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
    for fleet in [Fleet::aws(), Fleet::alibaba()] {
        for operation in OPERATIONS {
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
