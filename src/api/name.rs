//! Names of operations: which spelling stands for which, and which stands for none.
//!
//! Elastic Load Balancing has two APIs, that of Classic Load Balancers of 2012 and the newer one of
//! 2015. IAM writes `elasticloadbalancing:` for both, the command line `elb` and `elbv2`, and some
//! operations are in both. This module must never know what an operation does.

use super::{OPERATIONS, Operation};

/// What IAM writes for both APIs.
const EITHER: &str = "elasticloadbalancing";
/// What the command line writes for the API of 2012.
const CLASSIC: &str = "elb";
/// What the command line writes for the API of 2015.
const NEWER: &str = "elbv2";

/// Operations that the published models of both APIs have, simulated or not. In the registry they
/// are named as the command line names them.
const IN_BOTH: &[&str] = &[
    "AddTags",
    "CreateLoadBalancer",
    "DeleteLoadBalancer",
    "DescribeAccountLimits",
    "DescribeLoadBalancerAttributes",
    "DescribeLoadBalancers",
    "DescribeTags",
    "ModifyLoadBalancerAttributes",
    "RemoveTags",
];

/// The other service under which an operation may be called.
fn alias(service: &str, action: &str) -> Option<&'static str> {
    match service {
        CLASSIC if !IN_BOTH.contains(&action) => Some(EITHER),
        EITHER => Some(NEWER),
        _ => None,
    }
}

fn parts(operation: &Operation) -> (&'static str, &'static str) {
    operation.name.split_once(':').unwrap_or_default()
}

/// The operation called `name`: its name in the registry or its other spelling.
pub fn operation(name: &str) -> Option<&'static Operation> {
    let (service, action) = name.split_once(':')?;
    let named = |operation: &&Operation| {
        let (own, of) = parts(operation);
        of == action && (own == service || alias(own, of) == Some(service))
    };
    OPERATIONS.iter().copied().find(named)
}

/// Every spelling of an operation, its name in the registry first.
pub fn spellings(operation: &Operation) -> Vec<String> {
    let (service, action) = parts(operation);
    let other = alias(service, action).map(|other| format!("{other}:{action}"));
    let mut all = vec![operation.name.to_owned()];
    all.extend(other);
    all
}

/// Whether `name` is of one API of Elastic Load Balancing, and the other has an operation that is
/// called the same.
pub fn is_in_both(name: &str) -> bool {
    name.split_once(':').is_some_and(|(service, action)| {
        [CLASSIC, NEWER].contains(&service) && IN_BOTH.contains(&action)
    })
}

/// What to write for a name that could mean an operation of either API of Elastic Load Balancing.
pub fn in_both(name: &str) -> Option<[String; 2]> {
    let (service, action) = name.split_once(':')?;
    let both = service == EITHER && IN_BOTH.contains(&action);
    both.then(|| [CLASSIC, NEWER].map(|service| format!("{service}:{action}")))
}

/// Operations of other services that have the action of `name`, spelt so that they are not taken
/// for one of these services; those of Elastic Load Balancing alone if `name` is of it.
pub fn namesakes(name: &str) -> Vec<String> {
    let (service, action) = name.split_once(':').unwrap_or(("", name));
    let balances = |service: &str| [EITHER, CLASSIC, NEWER].contains(&service);
    let found: Vec<(&str, &str)> = OPERATIONS
        .iter()
        .map(|operation| parts(operation))
        .filter(|(_, of)| of.eq_ignore_ascii_case(action))
        .collect();
    let close: Vec<&(&str, &str)> = found
        .iter()
        .filter(|(own, _)| balances(own) && balances(service))
        .collect();
    let shown = if close.is_empty() {
        found.iter().collect()
    } else {
        close
    };
    shown
        .into_iter()
        .map(|(own, of)| format!("{}:{of}", if *own == EITHER { NEWER } else { own }))
        .collect()
}
