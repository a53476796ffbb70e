//! `autoscaling:PutScheduledUpdateGroupAction`: a group will have other sizes at a time.
//!
//! Source: R-SCHEDULE-1 to R-SCHEDULE-3.

use serde_json::{Value, json};

use crate::api::params::{required, with_shared};
use crate::api::{ApiError, Call, Operation, Response, aws, scheduled_action};
use crate::describe::{Param, Source};
use crate::model::schedule::ScheduledAction;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScheduledUpdateGroupAction.html",
);

/// The most scheduled actions of a group.
const ACTIONS: usize = 125;

const OWN: [Param; 2] = [
    required(
        "AutoScalingGroupName",
        aws::GROUP_NAME,
        "name of the group",
        API,
    ),
    required(
        "ScheduledActionName",
        scheduled_action::NAME,
        "name of the action; of one that is there what is left out stays as it was (assumed)",
        API,
    ),
];

const PARAMS: [Param; OWN.len() + scheduled_action::ACTION.len()] =
    with_shared(OWN, scheduled_action::ACTION);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:PutScheduledUpdateGroupAction",
    summary: "schedules other sizes of a group for a time of the virtual clock, once or recurring",
    params: &PARAMS,
    errors: &[
        aws::VALIDATION_ERROR,
        aws::ALREADY_EXISTS,
        aws::LIMIT_EXCEEDED,
        aws::RESOURCE_CONTENTION,
    ],
    deviations: &[
        "recurrences are read in UTC: another TimeZone is refused with ValidationError",
        "an action whose sizes contradict those the group has by then is passed over (assumed)",
        "texts of errors other than those about a start time and a desired capacity below the \
         minimum are assumed",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let id = aws::group_or_null(call.cloud, fields.given("AutoScalingGroupName"))?;
    let group = &call.cloud.groups[id.index()];
    aws::check_stands(group)?;
    let name = fields.given("ScheduledActionName");
    let scheduled = &group.scaling.scheduled;
    let old = scheduled.iter().find(|action| action.name == name);
    let sizes = scheduled_action::sizes(fields, old)?;
    let now = call.cx.now;
    let schedule = scheduled_action::schedule(call.cloud, now, fields, old)?;
    let next = call.cloud.first_time(now, &schedule).ok_or_else(|| {
        aws::validation_error("A start time or a recurrence that is to come must be specified")
    })?;
    let mut others = scheduled.iter().filter(|action| action.name != name);
    if others.any(|action| action.next == next) {
        return Err(aws::error(
            aws::ALREADY_EXISTS,
            "Scheduled action with this scheduled start time already exists",
        ));
    }
    if old.is_none() && scheduled.len() >= ACTIONS {
        return Err(aws::error(
            aws::LIMIT_EXCEEDED,
            format!("Only {ACTIONS} scheduled actions are allowed per Auto Scaling group"),
        ));
    }
    let kept = old.map(|old| (old.arn.clone(), old.time_zone.clone()));
    let group_name = group.name.clone();
    aws::meet_contention(call)?;
    let (arn, zone) = kept.unwrap_or_else(|| {
        let id = call.cloud.identifiers.uuid();
        let arn = format!(
            "arn:aws:autoscaling:us-east-1:123456789012:scheduledUpdateGroupAction:{id}:\
             autoScalingGroupName/{group_name}:scheduledActionName/{name}"
        );
        (arn, None)
    });
    let action = ScheduledAction {
        name: name.to_owned(),
        arn,
        schedule,
        min_size: sizes.min,
        max_size: sizes.max,
        desired_capacity: sizes.desired,
        time_zone: fields.text("TimeZone").map(str::to_owned).or(zone),
        next,
        entry: call.cloud.cause,
    };
    call.cloud.put_scheduled_action(call.cx, id, action);
    Ok(json!({}))
}
