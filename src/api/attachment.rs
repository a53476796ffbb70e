//! Attaching sources to a group and detaching them, for the calls on traffic sources and for the
//! older ones on load balancers and on their target groups.
//!
//! The older calls see what older calls attached. Source: R-SOURCE-2.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::aws::{self, validation_error};
use super::params::{Fields, defaulted, optional, required};
use super::traffic_source::{self, Named, SourceType};
use super::{ApiError, Call, Response, json, refresh};
use crate::describe::{Kind, Param, Source};
use crate::model::ids::{GroupId, TargetGroupId};
use crate::model::source::AttachedVia;

/// What attaching may be refused with.
pub(super) const ATTACH_ERRORS: &[&str] = &[
    aws::VALIDATION_ERROR,
    refresh::IN_PROGRESS,
    aws::RESOURCE_CONTENTION,
];
/// What detaching may be refused with.
pub(super) const DETACH_ERRORS: &[&str] = &[aws::VALIDATION_ERROR, aws::RESOURCE_CONTENTION];

/// What operations that attach may say.
pub(super) const ATTACH_DEVIATIONS: [&str; 3] = [
    "InstanceRefreshInProgress is answered while a refresh with a desired configuration is active; \
     when else it is, is not documented",
    "attaching a source that is attached already changes nothing, whichever call attached it \
     (assumed)",
    "that a group may not have more sources is answered with ValidationError (assumed)",
];
/// What the older operations that tell or detach may say.
pub(super) const OLDER_DEVIATION: &str =
    "what the scenario attaches without `attached_via` is seen as well (assumed)";

/// The parameter that names the group.
pub(super) const fn group_name(source: Source) -> Param {
    required(
        "AutoScalingGroupName",
        aws::GROUP_NAME,
        "name of the group",
        source,
    )
}

/// Names of Classic Load Balancers.
pub(super) const NAMES: &str = "LoadBalancerNames";
/// ARNs of target groups.
pub(super) const ARNS: &str = "TargetGroupARNs";

const NAME_LIST: Kind = Kind::List {
    of: &aws::xml(1, 255),
    min: 1,
    max: traffic_source::LIMIT,
};
const ARN_LIST: Kind = Kind::List {
    of: &aws::xml(1, 511),
    min: 1,
    max: traffic_source::LIMIT,
};

/// The parameter that names Classic Load Balancers.
pub(super) const fn names(source: Source) -> Param {
    let doc = "names of the Classic Load Balancers, 10 at most";
    required(NAMES, NAME_LIST, doc, source)
}

/// The parameter that names target groups.
pub(super) const fn arns(source: Source) -> Param {
    let doc = "ARNs of the target groups, 10 at most";
    required(ARNS, ARN_LIST, doc, source)
}

/// Parameters of the older operations that tell.
pub(super) const fn describing(source: Source) -> [Param; 3] {
    [
        group_name(source),
        optional(
            "NextToken",
            aws::NEXT_TOKEN,
            "token of the page, from the answer before",
            source,
        ),
        defaulted(
            "MaxRecords",
            Kind::Integer { min: 1, max: 100 },
            "100",
            "most sources in one answer",
            source,
        ),
    ]
}

/// The group and the sources that a request of the older calls names under `key`.
///
/// # Errors
/// `ValidationError`.
pub(super) fn older<'a>(
    call: &Call<'_, '_>,
    params: &[Param],
    value: &'a Value,
    (key, source_type): (&str, SourceType),
) -> Result<(GroupId, Vec<Named<'a>>), ApiError> {
    let fields = aws::check(params, value, &[key])?;
    let group = aws::group_or_null(call.cloud, fields.given("AutoScalingGroupName"))?;
    let names = fields.texts(key);
    traffic_source::check_count(call.cloud, group, names.len())?;
    let named = names.into_iter().map(|name| (name, source_type));
    Ok((group, named.collect()))
}

/// Attaches sources; those that are attached stay as they are.
///
/// # Errors
/// [`ATTACH_ERRORS`].
pub(super) fn attach(
    call: &mut Call<'_, '_>,
    group: GroupId,
    named: &[Named<'_>],
    via: AttachedVia,
) -> Result<Response, ApiError> {
    aws::check_stands(&call.cloud.groups[group.index()])?;
    let mut new: Vec<TargetGroupId> = Vec::new();
    for &source in named {
        let target_group = traffic_source::attachable(call.cloud, source)?;
        let attached = traffic_source::attached(call.cloud, group, source, |_| true);
        if attached.is_none() && !new.contains(&target_group) {
            new.push(target_group);
        }
    }
    let sources = call.cloud.groups[group.index()].sources.iter();
    let before: Vec<TargetGroupId> = sources.map(|source| source.target_group).collect();
    traffic_source::check_quotas(call.cloud, &before, &new)?;
    let refreshes = call.cloud.active_refresh(group);
    if refreshes.is_some_and(|refresh| refresh.desired.is_some()) {
        return Err(aws::error(
            refresh::IN_PROGRESS,
            "An active instance refresh with a desired configuration exists.",
        ));
    }
    aws::meet_contention(call)?;
    call.cloud.attach_sources(call.cx, group, &new, via);
    Ok(json!({}))
}

/// Detaches sources. What the older calls do not see is not part of the group for them.
///
/// # Errors
/// [`DETACH_ERRORS`].
pub(super) fn detach(
    call: &mut Call<'_, '_>,
    group: GroupId,
    named: &[Named<'_>],
    via: AttachedVia,
) -> Result<Response, ApiError> {
    let older = via == AttachedVia::LoadBalancers;
    let mut places = BTreeSet::new();
    for &source in named {
        let place = traffic_source::attached(call.cloud, group, source, |source| {
            !older || source.attached_via.is_seen_by_older_calls()
        });
        places.insert(place.ok_or_else(|| {
            let what = if older {
                source.1.to_string()
            } else {
                "Traffic Sources".to_owned()
            };
            validation_error(format!(
                "Trying to remove {what} that are not part of the group"
            ))
        })?);
    }
    aws::meet_contention(call)?;
    let places: Vec<usize> = places.into_iter().collect();
    call.cloud.detach_sources(call.cx, group, &places);
    Ok(json!({}))
}

/// Tells the sources of a group of one type that the older calls see, under `list` with their
/// identifiers under `key`.
///
/// # Errors
/// `ValidationError`, `InvalidNextToken`.
pub(super) fn describe(
    call: &Call<'_, '_>,
    fields: Fields<'_>,
    source_type: SourceType,
    [list, key]: [&str; 2],
) -> Result<Response, ApiError> {
    let cloud = &*call.cloud;
    let group = aws::group_or_null(cloud, fields.given("AutoScalingGroupName"))?;
    let sources = cloud.groups[group.index()].sources.iter();
    let seen = sources.filter(|source| {
        source.attached_via.is_seen_by_older_calls()
            && SourceType::of(cloud, source.target_group) == source_type
    });
    let all = seen.map(|source| {
        let identifier = &cloud.target_groups[source.target_group.index()].identifier;
        let mut shape = Map::new();
        shape.insert(key.to_owned(), json!(identifier));
        shape.insert("State".to_owned(), json!(source.state.name()));
        Value::Object(shape)
    });
    let (page, token) = aws::page(fields, 100, all.collect())?;
    Ok(json::paged(list, page, token))
}
