//! What the operations of AWS share: their errors, how they name things, and how they page.
//!
//! Texts are the services' own where one was seen; the others say the same in the same tone. This
//! module must never change the cloud.

use serde_json::Value;

use super::params::{self, Constraint, Fields, Spelling, Violation, violations};
use super::{ApiError, Call};
use crate::describe::{Chars, Kind, Param, Pattern, Piece};
use crate::model::cloud::Cloud;
use crate::model::group::Group;
use crate::model::ids::{GroupId, InstanceId};
use crate::model::settings::Provider;

/// Codes and statuses of AWS errors that several operations answer with.
pub(super) const VALIDATION_ERROR: &str = "ValidationError";
/// Another update of the group is under way.
pub(super) const RESOURCE_CONTENTION: &str = "ResourceContention";
/// A scaling activity of the group forbids it for now.
pub(super) const SCALING_ACTIVITY_IN_PROGRESS: &str = "ScalingActivityInProgress";
/// Something still uses it.
pub(super) const RESOURCE_IN_USE: &str = "ResourceInUse";
/// There are as many of a thing as there may be.
pub(super) const LIMIT_EXCEEDED: &str = "LimitExceeded";
/// There is one of this name, or at this time.
pub(super) const ALREADY_EXISTS: &str = "AlreadyExists";
/// A page token is not one of ours.
pub(super) const INVALID_NEXT_TOKEN: &str = "InvalidNextToken";
/// No such target group.
pub(super) const TARGET_GROUP_NOT_FOUND: &str = "TargetGroupNotFound";

/// What Auto Scaling lets names, ids and tokens be.
const XML: Pattern = Pattern {
    text: r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*",
    words: "no control characters",
    forms: &[&[Piece::Run {
        of: &[
            Chars::Range(' ', '\u{d7ff}'),
            Chars::Range('\u{e000}', '\u{fffd}'),
            // surrogate pairs
            Chars::Range('\u{10000}', '\u{10ffff}'),
            Chars::One('\r'),
            Chars::One('\n'),
            Chars::One('\t'),
        ],
        min: 0,
        max: usize::MAX,
    }]],
};
/// What Auto Scaling lets names of hooks and ids of reservations be.
const ASCII_TEXT: Pattern = Pattern {
    text: r"[A-Za-z0-9\-_\/]+",
    words: "letters, digits, `-`, `_` and `/`",
    forms: &[&[Piece::Run {
        of: &[
            Chars::Range('A', 'Z'),
            Chars::Range('a', 'z'),
            Chars::Range('0', '9'),
            Chars::One('-'),
            Chars::One('_'),
            Chars::One('/'),
        ],
        min: 1,
        max: usize::MAX,
    }]],
};
/// What the keys of attributes of load balancers and target groups may be.
const ATTRIBUTE: Pattern = Pattern {
    text: "^[a-zA-Z0-9._]+$",
    words: "letters, digits, dots and underscores",
    forms: &[&[Piece::Run {
        of: &[
            Chars::Range('a', 'z'),
            Chars::Range('A', 'Z'),
            Chars::Range('0', '9'),
            Chars::One('.'),
            Chars::One('_'),
        ],
        min: 1,
        max: usize::MAX,
    }]],
};

/// The kind of a text of Auto Scaling: `XmlStringMaxLen255` is `xml(1, 255)`, `XmlString` is
/// `xml(0, usize::MAX)`.
pub(super) const fn xml(min: usize, max: usize) -> Kind {
    Kind::Pattern {
        min,
        max,
        pattern: &XML,
    }
}

/// The kind of an `AsciiStringMaxLen255` of Auto Scaling.
pub(super) const ASCII: Kind = Kind::Pattern {
    min: 1,
    max: 255,
    pattern: &ASCII_TEXT,
};
/// The kind of a group name.
pub(super) const GROUP_NAME: Kind = xml(1, 255);
/// The kind of an instance id of Auto Scaling.
pub(super) const INSTANCE_ID: Kind = xml(1, 19);
/// The kind of a list of instance ids of which a call takes 20.
pub(super) const INSTANCE_IDS: Kind = Kind::List {
    of: &INSTANCE_ID,
    min: 1,
    max: 20,
};
/// The kind of a page token of Auto Scaling.
pub(super) const NEXT_TOKEN: Kind = xml(0, usize::MAX);
/// The kind of a text for which the model knows no bounds.
pub(super) const TEXT: Kind = Kind::Text {
    min: 0,
    max: usize::MAX,
};
/// The kind of a whole number for which the model knows no range.
pub(super) const INTEGER: Kind = Kind::Integer {
    min: i32::MIN as i64,
    max: i32::MAX as i64,
};
/// The kind of a target group ARN.
pub(super) const TARGET_GROUP_ARN: Kind = Kind::Text {
    min: 1,
    max: usize::MAX,
};
/// The kind of the key of an attribute of a load balancer or target group.
pub(super) const ATTRIBUTE_KEY: Kind = Kind::Pattern {
    min: 0,
    max: 256,
    pattern: &ATTRIBUTE,
};

/// An error the sender is to blame for.
pub(super) fn error(code: &'static str, message: impl Into<String>) -> ApiError {
    ApiError {
        code,
        message: message.into(),
        http_status: 400,
    }
}

/// A `ValidationError`.
pub(super) fn validation_error(message: impl Into<String>) -> ApiError {
    error(VALIDATION_ERROR, message)
}

/// Checks the shape of a request.
///
/// # Errors
/// `ValidationError` with everything that is wrong, in the words of the AWS front ends.
pub(super) fn check<'a>(
    params: &[Param],
    value: &'a Value,
    own: &[&str],
) -> Result<Fields<'a>, ApiError> {
    let found = violations(params, value, Spelling::Aws, own);
    if found.is_empty() {
        return Ok(Fields::of(value));
    }
    Err(violated(&found))
}

fn violated(found: &[Violation]) -> ApiError {
    let plural = if found.len() == 1 { "" } else { "s" };
    let texts: Vec<String> = found.iter().map(worded).collect();
    validation_error(format!(
        "{} validation error{plural} detected: {}",
        found.len(),
        texts.join("; ")
    ))
}

fn worded(violation: &Violation) -> String {
    let value = match &violation.value {
        Some(value) => format!("'{value}'"),
        None => "null".to_owned(),
    };
    let must = demanded(&violation.constraint);
    let path = &violation.path;
    format!("Value {value} at '{path}' failed to satisfy constraint: Member must {must}")
}

/// What a member must do or be.
fn demanded(constraint: &Constraint) -> String {
    match constraint {
        Constraint::NotNull => "not be null".to_owned(),
        Constraint::MinLength(min) => at_least("have length", min),
        Constraint::MaxLength(max) => at_most("have length", max),
        Constraint::Pattern(pattern) => {
            format!("satisfy regular expression pattern: {}", pattern.text)
        }
        Constraint::Members(all) => {
            let all = all
                .iter()
                .map(|one| format!("Member must {}", demanded(one)));
            let all: Vec<String> = all.collect();
            format!("satisfy constraint: [{}]", all.join(", "))
        }
        Constraint::MinValue(min) => at_least("have value", min),
        Constraint::MaxValue(max) => at_most("have value", max),
        Constraint::MinNumber(min) => at_least("have value", min),
        Constraint::MaxNumber(max) => at_most("have value", max),
        Constraint::OneOf(words) => {
            format!("satisfy enum value set: [{}]", words.join(", "))
        }
        Constraint::Type(name) => format!("be {name}"),
        Constraint::Known => "be a parameter of this operation".to_owned(),
    }
}

fn at_least(what: &str, bound: impl std::fmt::Display) -> String {
    format!("{what} greater than or equal to {bound}")
}

fn at_most(what: &str, bound: impl std::fmt::Display) -> String {
    format!("{what} less than or equal to {bound}")
}

/// What a parameter that an operation needs, though its model says optional, is answered with.
pub(super) fn missing(path: &str) -> ApiError {
    violated(&[Violation {
        path: path.to_owned(),
        value: None,
        constraint: Constraint::NotNull,
    }])
}

/// What a call that the service would accept is answered with now and then, when
/// `faults.contention_rate` says so. To be asked last, before anything changes.
///
/// # Errors
/// `ResourceContention`.
pub(super) fn meet_contention(call: &Call<'_, '_>) -> Result<(), ApiError> {
    if call.cloud.draws_contention(call.cx.now) {
        return Err(ApiError {
            code: RESOURCE_CONTENTION,
            message: "You already have a pending update to an Auto Scaling resource (for example, \
                      an Auto Scaling group, instance, or load balancer)."
                .to_owned(),
            http_status: 500,
        });
    }
    Ok(())
}

/// Checks that no scaling of a group is in progress or cooling down. Source: R-POLICY-3.
///
/// # Errors
/// `ScalingActivityInProgress`.
pub(super) fn check_cooldown(call: &Call<'_, '_>, group: GroupId) -> Result<(), ApiError> {
    match call.cloud.scaling_in_progress(call.cx.now, group) {
        Some(activity) => Err(error(
            SCALING_ACTIVITY_IN_PROGRESS,
            format!("Scaling activity {activity} is in progress and blocks this action"),
        )),
        None => Ok(()),
    }
}

/// The Auto Scaling group called `name`.
///
/// # Errors
/// `ValidationError` in the words of the operations on instances, which repeat the name.
pub(super) fn group(cloud: &Cloud, name: &str) -> Result<GroupId, ApiError> {
    cloud.group_named(Provider::Aws, name).ok_or_else(|| {
        validation_error(format!(
            "AutoScalingGroup name not found - AutoScalingGroup '{name}' not found"
        ))
    })
}

/// The Auto Scaling group called `name`.
///
/// # Errors
/// `ValidationError` in the words of the operations that do not repeat the name.
pub(super) fn group_or_null(cloud: &Cloud, name: &str) -> Result<GroupId, ApiError> {
    cloud
        .group_named(Provider::Aws, name)
        .ok_or_else(|| validation_error("AutoScalingGroup name not found - null"))
}

/// Checks that a group is not being deleted.
///
/// # Errors
/// `ValidationError`.
pub(super) fn check_stands(group: &Group) -> Result<(), ApiError> {
    if group.is_leaving() {
        return Err(validation_error(format!(
            "AutoScalingGroup {} is pending delete and cannot be updated.",
            group.name
        )));
    }
    Ok(())
}

/// The EC2 instance with this id. A machine known by an IP address is none, nor is a member of a
/// group of Alibaba Cloud.
pub(super) fn instance(cloud: &Cloud, id: &str) -> Option<InstanceId> {
    let instance = cloud.instance_named(id).filter(|_| id.starts_with("i-"))?;
    let group = cloud.instances[instance.index()].group;
    let foreign = group.is_some_and(|id| cloud.groups[id.index()].provider != Provider::Aws);
    (!foreign).then_some(instance)
}

/// The member with this id of a group of EC2 Auto Scaling, and its group.
///
/// # Errors
/// `ValidationError` where there is none.
pub(super) fn managed(cloud: &Cloud, id: &str) -> Result<(GroupId, InstanceId), ApiError> {
    instance(cloud, id)
        .and_then(|found| Some((cloud.instances[found.index()].group?, found)))
        .ok_or_else(|| not_managed(id))
}

/// The answer for an instance that is no member.
pub(super) fn not_managed(id: &str) -> ApiError {
    validation_error(format!(
        "Instance Id not found - No managed instance found for instance ID: {id}"
    ))
}

/// Each once, in the order of the first mention.
pub(super) fn distinct<'a>(ids: &[&'a str]) -> Vec<&'a str> {
    let mut seen = std::collections::BTreeSet::new();
    ids.iter().copied().filter(|id| seen.insert(*id)).collect()
}

/// Members of `group`.
///
/// # Errors
/// `ValidationError` for the first id that is none.
pub(super) fn members(
    cloud: &Cloud,
    group: GroupId,
    ids: &[&str],
) -> Result<Vec<InstanceId>, ApiError> {
    ids.iter()
        .map(|id| {
            let found = cloud.instance_named(id);
            found
                .filter(|found| cloud.instances[found.index()].group == Some(group))
                .ok_or_else(|| {
                    let name = &cloud.groups[group.index()].name;
                    validation_error(format!(
                        "The instance {id} is not part of Auto Scaling group {name}."
                    ))
                })
        })
        .collect()
}

/// The sizes message of the operations that add or take `count` instances: `verb` is `detach`.
pub(super) fn wrong_sizes(cloud: &Cloud, group: GroupId, verb: &str, count: usize) -> ApiError {
    let group = &cloud.groups[group.index()];
    let plural = if count == 1 { "" } else { "s" };
    validation_error(format!(
        "AutoScalingGroup {} has min-size={}, max-size={}, and desired-size={}. To {verb} {count} \
         instance{plural}, please update the AutoScalingGroup sizes appropriately.",
        group.name, group.min_size, group.max_size, group.counts.desired
    ))
}

/// One page of `all`, and the token of the next.
///
/// # Errors
/// `InvalidNextToken`.
pub(super) fn page<T>(
    fields: Fields<'_>,
    default: usize,
    all: Vec<T>,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let page = params::page(fields, ["MaxRecords", "NextToken"], default, all);
    let page =
        page.ok_or_else(|| error(INVALID_NEXT_TOKEN, "The NextToken value is not valid."))?;
    Ok((page.items, page.next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn violations_are_worded_as_the_services_word_them() {
        let members = Constraint::Members(vec![
            Constraint::MaxLength(2),
            Constraint::OneOf(&["a", "b"]),
        ]);
        for (constraint, text) in [
            (Constraint::NotNull, "not be null"),
            (
                Constraint::Pattern(&ATTRIBUTE),
                "satisfy regular expression pattern: ^[a-zA-Z0-9._]+$",
            ),
            (
                members,
                "satisfy constraint: [Member must have length less than or equal to 2, Member \
                 must satisfy enum value set: [a, b]]",
            ),
            (
                Constraint::MinNumber(0.5),
                "have value greater than or equal to 0.5",
            ),
            (
                Constraint::MaxNumber(9.0),
                "have value less than or equal to 9",
            ),
        ] {
            assert_eq!(demanded(&constraint), text);
        }
    }

    #[test]
    fn names_hold_what_xml_holds() {
        for name in [
            "",
            "web-asg",
            "Übung 1",
            "a\tb\r\n",
            "\u{1f600}",
            "\u{fffd}",
        ] {
            assert!(XML.matches(name), "{name:?}");
        }
        for name in ["\0", "a\u{7}", "\u{b}b", "\u{ffff}"] {
            assert!(!XML.matches(name), "{name:?}");
        }
    }
}
