//! What the operations of AWS share: their errors, how they name things, and how they page.
//!
//! Texts are the services' own where one was seen; the others say the same in the same tone. This
//! module must never change the cloud.

use serde_json::Value;

use super::params::{Constraint, Fields, Spelling, Violation, violations};
use super::{ApiError, Call};
use crate::describe::{Kind, Param};
use crate::model::cloud::Cloud;
use crate::model::ids::{GroupId, InstanceId, TargetGroupId};
use crate::model::settings::Provider;

/// Codes and statuses of AWS errors that several operations answer with.
pub(super) const VALIDATION_ERROR: &str = "ValidationError";
/// Another update of the group is under way.
pub(super) const RESOURCE_CONTENTION: &str = "ResourceContention";
/// A page token is not one of ours.
pub(super) const INVALID_NEXT_TOKEN: &str = "InvalidNextToken";
/// No such target group.
pub(super) const TARGET_GROUP_NOT_FOUND: &str = "TargetGroupNotFound";

/// The kind of a group name.
pub(super) const GROUP_NAME: Kind = Kind::Text { min: 1, max: 255 };
/// The kind of a list of instance ids of which a call takes 20.
pub(super) const INSTANCE_IDS: Kind = Kind::List {
    of: &Kind::Text { min: 1, max: 19 },
    min: 1,
    max: 20,
};
/// The kind of a target group ARN.
pub(super) const TARGET_GROUP_ARN: Kind = Kind::Text {
    min: 1,
    max: usize::MAX,
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
    let must = match violation.constraint {
        Constraint::NotNull => "not be null".to_owned(),
        Constraint::MinLength(min) => at_least("have length", min),
        Constraint::MaxLength(max) => at_most("have length", max),
        Constraint::MemberLength(min, max) => format!(
            "satisfy constraint: [Member must {}, Member must {}]",
            at_most("have length", max),
            at_least("have length", min)
        ),
        Constraint::MinValue(min) => at_least("have value", min),
        Constraint::MaxValue(max) => at_most("have value", max),
        Constraint::OneOf(words) => {
            format!("satisfy enum value set: [{}]", words.join(", "))
        }
        Constraint::Type(name) => format!("be {name}"),
        Constraint::Known => "be a parameter of this operation".to_owned(),
    };
    let path = &violation.path;
    format!("Value {value} at '{path}' failed to satisfy constraint: Member must {must}")
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

/// The target group with this ARN. A server group of Alibaba Cloud is none.
///
/// # Errors
/// `TargetGroupNotFound`.
pub(super) fn target_group(cloud: &Cloud, arn: &str) -> Result<TargetGroupId, ApiError> {
    let found = cloud.target_group_named(arn);
    found
        .filter(|id| cloud.target_groups[id.index()].provider == Provider::Aws)
        .ok_or_else(|| {
            error(
                TARGET_GROUP_NOT_FOUND,
                "One or more target groups not found",
            )
        })
}

/// The EC2 instance with this id. A machine known by an IP address is none, nor is a member of a
/// group of Alibaba Cloud.
pub(super) fn instance(cloud: &Cloud, id: &str) -> Option<InstanceId> {
    let instance = cloud.instance_named(id).filter(|_| id.starts_with("i-"))?;
    let group = cloud.instances[instance.index()].group;
    let foreign = group.is_some_and(|id| cloud.groups[id.index()].provider != Provider::Aws);
    (!foreign).then_some(instance)
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
    let size = fields
        .integer("MaxRecords")
        .and_then(|size| usize::try_from(size).ok())
        .unwrap_or(default);
    let from = match fields.text("NextToken") {
        None => 0,
        Some(token) => token
            .parse::<usize>()
            .ok()
            .filter(|from| *from > 0 && *from < all.len())
            .ok_or_else(|| error(INVALID_NEXT_TOKEN, "The NextToken value is not valid."))?,
    };
    let next = from.saturating_add(size);
    let token = (next < all.len()).then(|| next.to_string());
    Ok((all.into_iter().skip(from).take(size).collect(), token))
}
