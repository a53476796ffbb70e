//! Actions of listeners and rules as requests name them, and the shapes of both in answers.
//!
//! Only where an action forwards to has an effect. Source: R-FORWARD-1 to R-FORWARD-3. This module
//! must never change the cloud.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::ApiError;
use super::aws::{self, TEXT, error, validation_error};
use super::params::{Fields, optional, required};
use super::target_group;
use crate::describe::{Chars, Kind, Param, Pattern, Piece, Source};
use crate::model::cloud::Cloud;
use crate::model::ids::{ListenerId, TargetGroupId};
use crate::model::lb::Family;
use crate::model::listener::{Forward, Listener};

/// A target group is used by another load balancer.
pub(super) const ASSOCIATION_LIMIT: &str = "TargetGroupAssociationLimit";
/// The protocol of a target group does not go with the load balancer.
pub(super) const INCOMPATIBLE: &str = "IncompatibleProtocols";
/// Actions that do not go together.
pub(super) const INVALID_ACTION: &str = "InvalidLoadBalancerAction";
/// Too many target groups behind a load balancer.
pub(super) const TOO_MANY_GROUPS: &str = "TooManyUniqueTargetGroupsPerLoadBalancer";
/// Too many targets behind a load balancer.
pub(super) const TOO_MANY_TARGETS: &str = "TooManyTargets";
/// No such listener.
pub(super) const LISTENER_NOT_FOUND: &str = "ListenerNotFound";
/// No such rule.
pub(super) const RULE_NOT_FOUND: &str = "RuleNotFound";

/// Target groups one action may forward to.
const GROUPS_PER_ACTION: usize = 5;
/// Target groups one Application Load Balancer may have.
const GROUPS_PER_BALANCER: usize = 100;
/// Targets one Application Load Balancer may have.
const TARGETS_PER_BALANCER: usize = 1000;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Action.html",
);

const STICKINESS: &[Param] = &[
    optional(
        "Enabled",
        Kind::Boolean,
        "whether a client stays with its target group",
        API,
    ),
    optional(
        "DurationSeconds",
        aws::INTEGER,
        "for how long, 1 to 604800; required if enabled",
        API,
    ),
];

const GROUP: &[Param] = &[
    optional("TargetGroupArn", TEXT, "ARN of the target group", API),
    optional(
        "Weight",
        aws::INTEGER,
        "0 to 999, relative to the others; 1 if left out (assumed)",
        API,
    ),
];

const FORWARD: &[Param] = &[
    optional(
        "TargetGroups",
        Kind::List {
            of: &Kind::Struct(GROUP),
            min: 0,
            max: usize::MAX,
        },
        "target groups with their weights",
        API,
    ),
    optional(
        "TargetGroupStickinessConfig",
        Kind::Struct(STICKINESS),
        "stickiness between target groups; without effect",
        API,
    ),
];

const DIGITS: &[Chars] = &[Chars::Range('0', '9')];

/// What the protocol of a redirect may be.
const REDIRECT_PROTOCOL: Pattern = Pattern {
    text: r"^(HTTPS?|#\{protocol\})$",
    words: "HTTP, HTTPS or #{protocol}",
    forms: &[
        &[Piece::Literal("HTTP")],
        &[Piece::Literal("HTTPS")],
        &[Piece::Literal("#{protocol}")],
    ],
};

/// What the status of a fixed response may be.
const FIXED_STATUS: Pattern = Pattern {
    text: r"^(2|4|5)\d\d$",
    words: "2XX, 4XX or 5XX",
    forms: &[&[
        Piece::Run {
            of: &[Chars::One('2'), Chars::One('4'), Chars::One('5')],
            min: 1,
            max: 1,
        },
        Piece::Run {
            of: DIGITS,
            min: 2,
            max: 2,
        },
    ]],
};

/// The kind of a text that has a pattern and no bounds.
const fn patterned(pattern: &'static Pattern) -> Kind {
    Kind::Pattern {
        min: 0,
        max: usize::MAX,
        pattern,
    }
}

const REDIRECT: &[Param] = &[
    optional(
        "Protocol",
        patterned(&REDIRECT_PROTOCOL),
        "HTTP, HTTPS or #{protocol}",
        API,
    ),
    optional("Port", TEXT, "1 to 65535 or #{port}", API),
    optional("Host", Kind::Text { min: 1, max: 128 }, "host name", API),
    optional("Path", Kind::Text { min: 1, max: 128 }, "path", API),
    optional("Query", Kind::Text { min: 0, max: 128 }, "query", API),
    required(
        "StatusCode",
        Kind::OneOf(&["HTTP_301", "HTTP_302"]),
        "permanent or temporary",
        API,
    ),
];

const FIXED: &[Param] = &[
    optional(
        "MessageBody",
        Kind::Text { min: 0, max: 1024 },
        "the answer's body",
        API,
    ),
    required(
        "StatusCode",
        patterned(&FIXED_STATUS),
        "2XX, 4XX or 5XX",
        API,
    ),
    optional(
        "ContentType",
        Kind::Text { min: 0, max: 32 },
        "the answer's type",
        API,
    ),
];

/// What a request says about one action.
const ITEM: &[Param] = &[
    required(
        "Type",
        Kind::OneOf(&[
            "forward",
            "authenticate-oidc",
            "authenticate-cognito",
            "redirect",
            "fixed-response",
            "jwt-validation",
        ]),
        "what the action does",
        API,
    ),
    optional(
        "TargetGroupArn",
        TEXT,
        "the one target group to forward to",
        API,
    ),
    optional(
        "ForwardConfig",
        Kind::Struct(FORWARD),
        "target groups to forward to",
        API,
    ),
    optional(
        "RedirectConfig",
        Kind::Struct(REDIRECT),
        "where to redirect to; without effect but that nothing is forwarded",
        API,
    ),
    optional(
        "FixedResponseConfig",
        Kind::Struct(FIXED),
        "what to answer; without effect but that nothing is forwarded",
        API,
    ),
    optional(
        "AuthenticateOidcConfig",
        Kind::Any,
        "how users are authenticated; not looked at",
        API,
    ),
    optional(
        "AuthenticateCognitoConfig",
        Kind::Any,
        "how users are authenticated; not looked at",
        API,
    ),
    optional(
        "JwtValidationConfig",
        Kind::Any,
        "how tokens are validated; not looked at",
        API,
    ),
    optional(
        "Order",
        Kind::Integer {
            min: 1,
            max: 50_000,
        },
        "its place among the actions",
        API,
    ),
];

/// The kind of the list of actions.
pub(super) const LIST: Kind = Kind::List {
    of: &Kind::Struct(ITEM),
    min: 0,
    max: usize::MAX,
};

/// What operations that take actions may say.
pub(super) const DEVIATIONS: [&str; 4] = [
    "stickiness between target groups, authentication and conditions have no effect: a workload \
     names the listener or rule its requests match",
    "requests to a listener that redirects or answers by itself are lost with no_target and 503, \
     and it is described as one with a fixed response",
    "a forward whose weights are all zero answers 503 (assumed)",
    "the settings of authenticating and validating actions are not looked at",
];

/// Where actions forward to; nowhere when the balancer answers by itself.
///
/// # Errors
/// `ValidationError`, `InvalidLoadBalancerAction`, `TargetGroupNotFound`, and what a target group
/// may not be used for.
pub(super) fn forward_of(
    cloud: &Cloud,
    balancer: usize,
    actions: &[Value],
) -> Result<Forward, ApiError> {
    let mut ordered: Vec<Fields<'_>> = actions.iter().map(Fields::of).collect();
    ordered.sort_by_key(|action| action.integer("Order").unwrap_or(i64::MAX));
    let ends = |action: &Fields<'_>| {
        matches!(
            action.given("Type"),
            "forward" | "redirect" | "fixed-response"
        )
    };
    let Some((last, before)) = ordered.split_last() else {
        return Err(invalid("A list of actions must not be empty"));
    };
    if !ends(last) || before.iter().any(ends) {
        return Err(invalid(
            "The actions must hold exactly one of forward, redirect and fixed-response, as the \
             last action to be performed",
        ));
    }
    match last.given("Type") {
        "forward" => {
            let forward = forwards(cloud, *last)?;
            check_use(cloud, balancer, &forward)?;
            Ok(forward)
        }
        "redirect" if last.get("RedirectConfig").is_none() => {
            Err(invalid("A redirect action needs a RedirectConfig"))
        }
        "fixed-response" => check_fixed(*last).map(|()| Forward::new()),
        _ => Ok(Forward::new()),
    }
}

fn invalid(message: &str) -> ApiError {
    error(INVALID_ACTION, message)
}

fn check_fixed(action: Fields<'_>) -> Result<(), ApiError> {
    match action.get("FixedResponseConfig") {
        Some(_) => Ok(()),
        None => Err(invalid(
            "A fixed-response action needs a FixedResponseConfig",
        )),
    }
}

fn forwards(cloud: &Cloud, action: Fields<'_>) -> Result<Forward, ApiError> {
    let single = action.text("TargetGroupArn");
    let config = action.get("ForwardConfig").map(Fields::of);
    let groups = config.map_or(&[][..], |config| config.items("TargetGroups"));
    let named: Vec<Fields<'_>> = groups.iter().map(Fields::of).collect();
    if let (Some(arn), false) = (single, named.is_empty())
        && (named.len() > 1 || named[0].text("TargetGroupArn") != Some(arn))
    {
        return Err(invalid(
            "You cannot specify a target group ARN beside a forward configuration with other \
             target groups",
        ));
    }
    if let Some(config) = config.and_then(|config| config.get("TargetGroupStickinessConfig")) {
        check_stickiness(Fields::of(config))?;
    }
    let mut weights = BTreeMap::new();
    let mut forward = Forward::new();
    for group in &named {
        let arn = group.given("TargetGroupArn");
        let weight = group.integer("Weight").unwrap_or(1);
        let Some(weight) = u32::try_from(weight).ok().filter(|weight| *weight <= 999) else {
            return Err(validation_error(format!(
                "The weight '{weight}' of target group '{arn}' must be between '0-999' inclusive"
            )));
        };
        let id = target_group::named(cloud, arn)?;
        if weights.insert(id, weight).is_some() {
            return Err(invalid("A target group may be in an action only once"));
        }
        forward.push((id, weight));
    }
    match (single, forward.as_slice()) {
        (Some(arn), []) => forward.push((target_group::named(cloud, arn)?, 1)),
        (None, []) => return Err(invalid("A forward action needs a target group")),
        (Some(_) | None, _) => {}
    }
    if forward.len() > GROUPS_PER_ACTION {
        return Err(invalid(&format!(
            "An action may forward to {GROUPS_PER_ACTION} target groups at most"
        )));
    }
    Ok(forward)
}

/// For how long the actions of a request, which have been checked, make clients stay \[s\].
pub(super) fn stickiness(actions: &[Value]) -> Option<i64> {
    let last = Fields::of(actions.last()?);
    let config = Fields::of(last.get("ForwardConfig")?);
    let config = Fields::of(config.get("TargetGroupStickinessConfig")?);
    config
        .integer("DurationSeconds")
        .filter(|_| config.flag("Enabled"))
}

fn check_stickiness(config: Fields<'_>) -> Result<(), ApiError> {
    let duration = config.integer("DurationSeconds");
    let valid = match duration {
        Some(seconds) => (1..=604_800).contains(&seconds),
        None => !config.flag("Enabled"),
    };
    if valid {
        return Ok(());
    }
    Err(validation_error(
        "The duration of target group stickiness must be between '1-604800' inclusive",
    ))
}

/// Whether a load balancer may forward to all of these.
fn check_use(cloud: &Cloud, balancer: usize, forward: &Forward) -> Result<(), ApiError> {
    let kind = cloud.load_balancers[balancer].kind;
    for (id, _) in forward {
        let group = &cloud.target_groups[id.index()];
        if group.load_balancer.is_some_and(|other| other != balancer) {
            return Err(error(
                ASSOCIATION_LIMIT,
                format!(
                    "The following target groups cannot be associated with more than one load \
                     balancer: {}",
                    group.identifier
                ),
            ));
        }
        let family = group.kind.family() == kind.family();
        if !family || !kind.protocols().contains(&group.protocol.as_str()) {
            return Err(error(
                INCOMPATIBLE,
                "The specified protocols are not compatible.",
            ));
        }
    }
    let used = |index: &usize| {
        cloud.target_groups[*index].load_balancer == Some(balancer)
            || forward.iter().any(|(id, _)| id.index() == *index)
    };
    let groups: Vec<usize> = (0..cloud.target_groups.len()).filter(used).collect();
    if groups.len() > GROUPS_PER_BALANCER {
        return Err(error(
            TOO_MANY_GROUPS,
            "You've reached the limit on the number of unique target groups per load balancer \
             across all listeners.",
        ));
    }
    let joins = |(id, _): &(TargetGroupId, u32)| {
        cloud.target_groups[id.index()].load_balancer.is_none()
            && cloud.registrations_of(*id).next().is_some()
    };
    let targets = groups
        .iter()
        .map(|&index| cloud.registrations_of(TargetGroupId::from_index(index)));
    if forward.iter().any(joins)
        && targets.map(Iterator::count).sum::<usize>() > TARGETS_PER_BALANCER
    {
        return Err(error(
            TOO_MANY_TARGETS,
            "You've reached the limit on the number of targets.",
        ));
    }
    Ok(())
}

/// The listener with this ARN, not a rule.
///
/// # Errors
/// `ListenerNotFound`.
pub(super) fn listener(cloud: &Cloud, arn: &str) -> Result<ListenerId, ApiError> {
    let found = named(cloud, arn).filter(|id| cloud.listeners[id.index()].rule.is_none());
    found.ok_or_else(|| error(LISTENER_NOT_FOUND, "One or more listeners not found"))
}

/// The rule with this ARN, not a default one.
///
/// # Errors
/// `RuleNotFound`.
pub(super) fn rule(cloud: &Cloud, arn: &str) -> Result<ListenerId, ApiError> {
    let found = named(cloud, arn).filter(|id| cloud.listeners[id.index()].rule.is_some());
    found.ok_or_else(|| error(RULE_NOT_FOUND, "One or more rules not found"))
}

/// The listener whose default rule has this ARN.
pub(super) fn default_rule(cloud: &Cloud, arn: &str) -> Option<ListenerId> {
    let mut listeners = cloud.listeners.iter();
    let found =
        listeners.position(|listener| listener.rule.is_none() && default_rule_arn(listener) == arn);
    found
        .map(ListenerId::from_index)
        .filter(|id| is_ours(cloud, *id))
}

fn named(cloud: &Cloud, arn: &str) -> Option<ListenerId> {
    cloud.listener_named(arn).filter(|id| is_ours(cloud, *id))
}

/// Whether a listener is one of this API.
pub(super) fn is_ours(cloud: &Cloud, id: ListenerId) -> bool {
    let balancer = cloud.listeners[id.index()].load_balancer;
    cloud.load_balancers[balancer].kind.family() == Family::TargetGroups
}

fn default_rule_arn(listener: &Listener) -> String {
    let arn = &listener.identifier;
    let id = arn.rsplit('/').next().unwrap_or_default();
    format!("{}/{id}", arn.replacen(":listener/", ":listener-rule/", 1))
}

fn actions(cloud: &Cloud, listener: &Listener) -> Value {
    let arn = |id: TargetGroupId| &cloud.target_groups[id.index()].identifier;
    let forward = listener.forward();
    if forward.is_empty() {
        return json!([{ "Type": "fixed-response", "Order": 1 }]);
    }
    let groups: Vec<Value> = forward
        .iter()
        .map(|&(id, weight)| json!({ "TargetGroupArn": arn(id), "Weight": weight }))
        .collect();
    let mut action = json!({
        "Type": "forward",
        "Order": 1,
        "ForwardConfig": {
            "TargetGroups": groups,
            "TargetGroupStickinessConfig": match listener.stickiness {
                Some(seconds) => json!({ "Enabled": true, "DurationSeconds": seconds }),
                None => json!({ "Enabled": false }),
            },
        },
    });
    if let [(only, _)] = forward {
        action["TargetGroupArn"] = json!(arn(*only));
    }
    json!([action])
}

/// A listener as answers show it.
pub(super) fn listener_shape(cloud: &Cloud, id: ListenerId) -> Value {
    let listener = &cloud.listeners[id.index()];
    json!({
        "ListenerArn": listener.identifier,
        "LoadBalancerArn": cloud.load_balancers[listener.load_balancer].identifier,
        "DefaultActions": actions(cloud, listener),
    })
}

/// A rule as answers show it; a listener's own is its default rule.
pub(super) fn rule_shape(cloud: &Cloud, id: ListenerId) -> Value {
    let listener = &cloud.listeners[id.index()];
    let (arn, priority) = match listener.rule {
        Some(rule) => (listener.identifier.clone(), rule.priority.to_string()),
        None => (default_rule_arn(listener), "default".to_owned()),
    };
    json!({
        "RuleArn": arn,
        "Priority": priority,
        "Conditions": [],
        "Actions": actions(cloud, listener),
        "IsDefault": listener.rule.is_none(),
    })
}
