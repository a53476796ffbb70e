//! Tags of groups: how a request gives them, how an answer shows them, and how a filter asks for
//! them.
//!
//! This module must never change the cloud.

use serde_json::{Value, json};

use super::params::{Fields, optional, required};
use super::{ApiError, aws};
use crate::describe::{Kind, Param, Source};
use crate::model::group::Group;
use crate::model::tag::Tag;

const API: Source =
    Source::Documented("https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_Tag.html");

/// The one type of resource that has such tags.
const RESOURCE_TYPE: &str = "auto-scaling-group";

/// A tag as requests write it.
pub(super) const TAG: &[Param] = &[
    optional(
        "ResourceId",
        aws::xml(0, usize::MAX),
        "name of the group",
        API,
    ),
    optional(
        "ResourceType",
        aws::xml(0, usize::MAX),
        "auto-scaling-group",
        API,
    ),
    required("Key", aws::xml(1, 128), "the key", API),
    optional(
        "Value",
        aws::xml(0, 256),
        "the value; empty if left out",
        API,
    ),
    optional(
        "PropagateAtLaunch",
        Kind::Boolean,
        "whether new instances are to have it; kept and shown",
        API,
    ),
];

/// A filter as requests write it.
pub(in crate::api) const FILTER: &[Param] = &[
    optional(
        "Name",
        aws::xml(0, usize::MAX),
        "what is looked at",
        FILTERS,
    ),
    optional(
        "Values",
        Kind::List {
            of: &aws::xml(0, usize::MAX),
            min: 0,
            max: usize::MAX,
        },
        "what it may be: any of these",
        FILTERS,
    ),
];

const FILTERS: Source =
    Source::Documented("https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_Filter.html");

/// The tags a request gives the group `name`; of two with one key the later counts.
///
/// # Errors
/// `ValidationError` for the tag of something else.
pub(super) fn given(fields: Fields<'_>, name: &str) -> Result<Vec<Tag>, ApiError> {
    let mut tags: Vec<Tag> = Vec::new();
    for tag in fields.items("Tags") {
        let tag = Fields::of(tag);
        let of = tag.text("ResourceType").unwrap_or(RESOURCE_TYPE);
        let id = tag.text("ResourceId").unwrap_or(name);
        if of != RESOURCE_TYPE || id != name {
            return Err(aws::validation_error(format!(
                "Tags of the request must be of the {RESOURCE_TYPE} {name}, not of the {of} {id}"
            )));
        }
        let key = tag.given("Key");
        tags.retain(|tag| tag.key != key);
        tags.push(Tag {
            key: key.to_owned(),
            value: tag.text("Value").unwrap_or_default().to_owned(),
            propagate_at_launch: tag.flag("PropagateAtLaunch"),
        });
    }
    Ok(tags)
}

/// The tags of a group.
pub(super) fn shown(group: &Group) -> Vec<Value> {
    let tags = group.rules.tags.iter();
    tags.map(|tag| {
        json!({
            "ResourceId": group.name,
            "ResourceType": RESOURCE_TYPE,
            "Key": tag.key,
            "Value": tag.value,
            "PropagateAtLaunch": tag.propagate_at_launch,
        })
    })
    .collect()
}

/// A filter over the tags of groups.
#[derive(Debug, Clone)]
pub(super) struct Filter<'a> {
    of: Looked<'a>,
    values: Vec<&'a str>,
}

#[derive(Debug, Clone, Copy)]
enum Looked<'a> {
    Key,
    Value,
    ValueOf(&'a str),
}

/// The filters of a request: a group must pass all of them.
///
/// # Errors
/// `ValidationError` for one of no known name.
pub(super) fn filters(fields: Fields<'_>) -> Result<Vec<Filter<'_>>, ApiError> {
    let filters = fields.items("Filters").iter().map(Fields::of);
    filters
        .map(|filter| {
            let name = filter.given("Name");
            let of = match (name, name.strip_prefix("tag:")) {
                ("tag-key", _) => Looked::Key,
                ("tag-value", _) => Looked::Value,
                (_, Some(key)) => Looked::ValueOf(key),
                _ => {
                    return Err(aws::validation_error(format!(
                        "Filter name {name} is not valid. Valid names are: [tag-key, tag-value, \
                         tag:<key>]"
                    )));
                }
            };
            let values = filter.texts("Values");
            Ok(Filter { of, values })
        })
        .collect()
}

impl Filter<'_> {
    /// Whether a group passes.
    pub(super) fn passes(&self, group: &Group) -> bool {
        group.rules.tags.iter().any(|tag| match self.of {
            Looked::Key => self.values.contains(&tag.key.as_str()),
            Looked::Value => self.values.contains(&tag.value.as_str()),
            Looked::ValueOf(key) => tag.key == key && self.values.contains(&tag.value.as_str()),
        })
    }
}
