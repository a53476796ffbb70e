//! `autoscaling:DescribeScalingActivities`: what groups have done and are doing.
//!
//! Source: R-ASG-7.

use std::cmp::Reverse;

use jiff::Timestamp;
use serde_json::Value;

use crate::api::params::{Fields, defaulted, optional, timestamp};
use crate::api::{ApiError, Call, Operation, Response, aws, json, tag};
use crate::describe::{Kind, Source};
use crate::model::activity::Activity;
use crate::model::cloud::Cloud;
use crate::model::group_admin::Deletion;
use crate::model::ids::ActivityId;
use crate::model::settings::Provider;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeScalingActivities.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:DescribeScalingActivities",
    summary: "lists scaling activities: those in progress first, then the latest first",
    params: &[
        optional(
            "ActivityIds",
            Kind::List {
                of: &aws::xml(0, usize::MAX),
                min: 0,
                max: usize::MAX,
            },
            "only these activities; an id of none is left out of the answer",
            API,
        ),
        optional(
            "AutoScalingGroupName",
            aws::GROUP_NAME,
            "only activities of this group",
            API,
        ),
        defaulted(
            "IncludeDeletedGroups",
            Kind::Boolean,
            "false",
            "whether activities of groups that are gone are listed too",
            API,
        ),
        optional(
            "Filters",
            Kind::List {
                of: &Kind::Struct(tag::FILTER),
                min: 0,
                max: usize::MAX,
            },
            "only activities with such a Status, StartTimeLowerBound, StartTimeUpperBound",
            API,
        ),
        optional(
            "IncludeManagedResources",
            Kind::Boolean,
            "accepted without effect: nothing is managed by another service",
            API,
        ),
        defaulted(
            "MaxRecords",
            Kind::Integer { min: 1, max: 100 },
            "100",
            "most activities in one answer",
            API,
        ),
        optional(
            "NextToken",
            aws::NEXT_TOKEN,
            "token of the page, from the answer before",
            API,
        ),
    ],
    errors: &[aws::VALIDATION_ERROR, aws::INVALID_NEXT_TOKEN],
    deviations: &[
        "activities of the whole run are kept, not of six weeks",
        "the words about filters that make no sense are assumed",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let cloud = &*call.cloud;
    let deleted = fields.flag("IncludeDeletedGroups");
    let name = fields.text("AutoScalingGroupName");
    if let Some(name) = name
        && !deleted
    {
        aws::group(cloud, name)?;
    }
    let filters = filters(fields)?;
    let ids: std::collections::BTreeSet<&str> = fields.texts("ActivityIds").into_iter().collect();
    let mut found: Vec<usize> = (0..cloud.activities.len())
        .filter(|&index| {
            let (of, _, activity) = &cloud.activities[index];
            let group = &cloud.groups[of.index()];
            group.provider == Provider::Aws
                && (deleted || group.deletion != Deletion::Done)
                && name.is_none_or(|name| name == group.name)
                && filters.iter().all(|filter| filter.passes(cloud, activity))
                && (ids.is_empty() || ids.contains(activity.id.as_str()))
        })
        .collect();
    found.sort_by_key(|&index| {
        let activity = &cloud.activities[index].2;
        (
            activity.status.is_over(),
            Reverse(activity.start),
            Reverse(index),
        )
    });
    let (page, token) = aws::page(fields, 100, found)?;
    let shown: Vec<Value> = page
        .into_iter()
        .map(|index| json::activity(cloud, ActivityId::from_index(index)))
        .collect();
    Ok(json::paged("Activities", shown, token))
}

/// A filter over activities.
enum Filter<'a> {
    From(Timestamp),
    Until(Timestamp),
    Status(Vec<&'a str>),
}

impl Filter<'_> {
    fn passes(&self, cloud: &Cloud, activity: &Activity) -> bool {
        let start = cloud.clock.at(activity.start);
        match self {
            Self::From(earliest) => start >= *earliest,
            Self::Until(latest) => start <= *latest,
            Self::Status(wanted) => wanted.contains(&activity.status.name()),
        }
    }
}

/// The filters of a request: an activity must pass all of them.
fn filters(fields: Fields<'_>) -> Result<Vec<Filter<'_>>, ApiError> {
    let filters = fields.items("Filters").iter().map(Fields::of);
    filters
        .map(|filter| {
            let name = filter.given("Name");
            match name {
                "StartTimeLowerBound" => bound(filter, name).map(Filter::From),
                "StartTimeUpperBound" => bound(filter, name).map(Filter::Until),
                "Status" if fields.text("AutoScalingGroupName").is_none() => {
                    Err(aws::validation_error(
                        "The Status filter can only be used in combination with the \
                         AutoScalingGroupName parameter",
                    ))
                }
                "Status" => Ok(Filter::Status(filter.texts("Values"))),
                _ => Err(aws::validation_error(format!(
                    "Filter name {name} is not valid. Valid names are: [StartTimeLowerBound, \
                     StartTimeUpperBound, Status]"
                ))),
            }
        })
        .collect()
}

/// The one time a bound names; without a zone it is in UTC.
fn bound(filter: Fields<'_>, name: &str) -> Result<Timestamp, ApiError> {
    let [value] = filter.items("Values") else {
        return Err(aws::validation_error(format!(
            "The {name} filter takes one value"
        )));
    };
    timestamp(value).ok_or_else(|| {
        aws::validation_error(format!("The {name} filter takes an ISO 8601 timestamp"))
    })
}
