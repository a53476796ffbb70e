//! `autoscaling:DescribeScheduledActions`: what groups will do by the clock.
//!
//! Source: R-SCHEDULE-1.

use serde_json::Value;

use crate::api::params::{defaulted, optional, timestamp};
use crate::api::{ApiError, Call, Operation, Response, aws, json, scheduled_action};
use crate::describe::{Kind, Source};
use crate::model::schedule::ScheduledAction;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeScheduledActions.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:DescribeScheduledActions",
    summary: "lists scheduled actions that have not been carried out, or that recur",
    params: &[
        optional(
            "AutoScalingGroupName",
            aws::GROUP_NAME,
            "only those of this group",
            API,
        ),
        optional(
            "ScheduledActionNames",
            Kind::List {
                of: &aws::xml(1, 255),
                min: 0,
                max: 50,
            },
            "only these, by name or ARN; unknown ones are left out",
            API,
        ),
        optional(
            "StartTime",
            Kind::Timestamp,
            "only those that are carried out next at this time or later; not looked at with names",
            API,
        ),
        optional(
            "EndTime",
            Kind::Timestamp,
            "only those that are carried out next at this time or earlier; not looked at with names",
            API,
        ),
        optional(
            "IncludeManagedResources",
            Kind::Boolean,
            "accepted without effect: nothing is managed by another service",
            API,
        ),
        optional(
            "NextToken",
            aws::NEXT_TOKEN,
            "token of the page, from the answer before",
            API,
        ),
        defaulted(
            "MaxRecords",
            Kind::Integer { min: 1, max: 100 },
            "50",
            "most actions in one answer",
            API,
        ),
    ],
    errors: &[aws::VALIDATION_ERROR, aws::INVALID_NEXT_TOKEN],
    deviations: &[],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let cloud = &*call.cloud;
    let only = match fields.text("AutoScalingGroupName") {
        Some(name) => Some(aws::group_or_null(cloud, name)?),
        None => None,
    };
    let names = fields.texts("ScheduledActionNames");
    let time = |key: &str| fields.get(key).and_then(timestamp);
    let (from, to) = (time("StartTime"), time("EndTime"));
    let wanted = |action: &&ScheduledAction| {
        if !names.is_empty() {
            return names.contains(&action.name.as_str()) || names.contains(&action.arn.as_str());
        }
        let next = cloud.clock.at(action.next);
        from.is_none_or(|from| from <= next) && to.is_none_or(|to| next <= to)
    };
    let groups = cloud.groups.iter().enumerate();
    let groups = groups.filter(|(place, _)| only.is_none_or(|only| only.index() == *place));
    let shapes = groups.flat_map(|(_, group)| {
        let scheduled = group.scaling.scheduled.iter().filter(wanted);
        scheduled.map(|action| scheduled_action::shape(cloud, group, action))
    });
    let (page, token) = aws::page::<Value>(fields, 50, shapes.collect())?;
    Ok(json::paged("ScheduledUpdateGroupActions", page, token))
}
