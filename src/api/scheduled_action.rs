//! Scheduled actions as requests put them and answers show them.
//!
//! Times are points of the virtual clock; recurrences are read in UTC, as there is no time zone
//! database here. Source: R-SCHEDULE-1 to R-SCHEDULE-3. This module must never change the cloud.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::ApiError;
use super::aws::{self, validation_error};
use super::params::{Fields, optional, timestamp};
use crate::describe::{Kind, Param, Source};
use crate::engine::time::SimTime;
use crate::model::clock;
use crate::model::cloud::Cloud;
use crate::model::group::Group;
use crate::model::recurrence::Recurrence;
use crate::model::schedule::{Schedule, ScheduledAction};

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScheduledUpdateGroupAction.html",
);

/// Names of UTC: those of other zones need a database.
const UTC: [&str; 8] = [
    "UTC", "Etc/UTC", "UCT", "Etc/UCT", "GMT", "Etc/GMT", "Zulu", "Etc/Zulu",
];

/// The kind of a name of a scheduled action.
pub(super) const NAME: Kind = aws::xml(1, 255);

/// What a request says about an action, without its group and its name.
pub(super) const ACTION: &[Param] = &[
    optional(
        "Time",
        Kind::Timestamp,
        "the older name of StartTime; if both are given they must be the same",
        API,
    ),
    optional(
        "StartTime",
        Kind::Timestamp,
        "when it is carried out first, of the virtual clock; when the recurrence comes round first \
         if left out",
        API,
    ),
    optional("EndTime", Kind::Timestamp, "when the recurrence ends", API),
    optional(
        "Recurrence",
        aws::xml(1, 255),
        "cron expression of five fields: minute, hour, day of the month, month, day of the week",
        API,
    ),
    optional("MinSize", aws::INTEGER, "smallest size from then on", API),
    optional("MaxSize", aws::INTEGER, "largest size from then on", API),
    optional(
        "DesiredCapacity",
        aws::INTEGER,
        "desired capacity to begin with",
        API,
    ),
    optional(
        "TimeZone",
        aws::xml(1, 255),
        "time zone of the recurrence; UTC is the only one known here",
        API,
    ),
];

/// Sizes that an action sets.
#[derive(Debug, Clone, Copy)]
pub(super) struct GivenSizes {
    pub(super) min: Option<u32>,
    pub(super) max: Option<u32>,
    pub(super) desired: Option<u32>,
}

/// The sizes a request sets, over those of the action of this name.
///
/// # Errors
/// `ValidationError` for none, and for some that contradict each other.
pub(super) fn sizes(
    fields: Fields<'_>,
    old: Option<&ScheduledAction>,
) -> Result<GivenSizes, ApiError> {
    let given = |key: &str| match fields.integer(key) {
        None => Ok(None),
        Some(size) => u32::try_from(size)
            .map(Some)
            .map_err(|_| validation_error(format!("{key} must be at least 0, not {size}"))),
    };
    let min = given("MinSize")?.or(old.and_then(|old| old.min_size));
    let max = given("MaxSize")?.or(old.and_then(|old| old.max_size));
    let desired = given("DesiredCapacity")?.or(old.and_then(|old| old.desired_capacity));
    let above =
        |low: Option<u32>, high: Option<u32>| low.zip(high).is_some_and(|(low, high)| low > high);
    let wrong = if min.is_none() && max.is_none() && desired.is_none() {
        "At least one of MinSize, MaxSize and DesiredCapacity must be specified"
    } else if above(min, max) {
        "Min size must be less than or equal to max size"
    } else if above(min, desired) {
        "Desired capacity must be greater than or equal to min size"
    } else if above(desired, max) {
        "Desired capacity must be less than or equal to max size"
    } else {
        return Ok(GivenSizes { min, max, desired });
    };
    Err(validation_error(wrong))
}

/// When a request has the action carried out, over what the action of this name says.
///
/// # Errors
/// `ValidationError` for times of the past, what is no recurrence, and what never comes.
pub(super) fn schedule(
    cloud: &Cloud,
    now: SimTime,
    fields: Fields<'_>,
    old: Option<&ScheduledAction>,
) -> Result<Schedule, ApiError> {
    let now = cloud.clock.at(now);
    let given = |key: &str| fields.get(key).and_then(timestamp);
    let (time, start) = (given("Time"), given("StartTime"));
    if time.is_some() && start.is_some() && time != start {
        return Err(validation_error(
            "Time and StartTime must be the same if both are specified",
        ));
    }
    check_zone(fields)?;
    let to_come = |time: Option<Timestamp>, what: &str| match time {
        None => Ok(None),
        Some(time) if time > now => Ok(Some(time)),
        Some(_) => Err(validation_error(format!(
            "Given {what} time is in the past"
        ))),
    };
    // a start that has passed is none any more
    let kept = old
        .and_then(|old| old.schedule.start)
        .filter(|at| *at > now);
    let start = to_come(start.or(time), "start")?.or(kept);
    let end = to_come(given("EndTime"), "end")?.or(old.and_then(|old| old.schedule.end));
    if start.zip(end).is_some_and(|(start, end)| end <= start) {
        return Err(validation_error("Given end time is before the start time"));
    }
    let recurrence = match fields.text("Recurrence") {
        Some(text) => {
            let read = Recurrence::read(text).ok_or_else(|| {
                validation_error(format!("Given recurrence string:{text} is invalid"))
            })?;
            Some((text.to_owned(), read))
        }
        None => old.and_then(|old| old.schedule.recurrence.clone()),
    };
    Ok(Schedule {
        start,
        end,
        recurrence,
    })
}

fn check_zone(fields: Fields<'_>) -> Result<(), ApiError> {
    match fields.text("TimeZone") {
        Some(zone) if !UTC.contains(&zone) => Err(validation_error(format!(
            "drainsim knows no time zone {zone}: write the recurrence in UTC"
        ))),
        Some(_) if fields.get("Recurrence").is_none() => Err(validation_error(
            "A time zone can be specified only with a recurrence",
        )),
        Some(_) | None => Ok(()),
    }
}

/// The place of the action called `name` in its group.
///
/// # Errors
/// `ValidationError`.
pub(super) fn named(group: &Group, name: &str) -> Result<usize, ApiError> {
    let mut scheduled = group.scaling.scheduled.iter();
    let place = scheduled.position(|action| action.name == name || action.arn == name);
    place.ok_or_else(|| validation_error(format!("Scheduled action '{name}' not found")))
}

/// An action as answers show it.
pub(super) fn shape(cloud: &Cloud, group: &Group, action: &ScheduledAction) -> Value {
    let start = cloud.clock.seconds(action.next);
    let mut shape = json!({
        "AutoScalingGroupName": group.name,
        "ScheduledActionName": action.name,
        "ScheduledActionARN": action.arn,
        "Time": start,
        "StartTime": start,
    });
    for (key, size) in [
        ("MinSize", action.min_size),
        ("MaxSize", action.max_size),
        ("DesiredCapacity", action.desired_capacity),
    ] {
        if let Some(size) = size {
            shape[key] = json!(size);
        }
    }
    if let Some(end) = action.schedule.end {
        shape["EndTime"] = json!(clock::written(end));
    }
    if let Some((text, _)) = &action.schedule.recurrence {
        shape["Recurrence"] = json!(text);
    }
    if let Some(zone) = &action.time_zone {
        shape["TimeZone"] = json!(zone);
    }
    shape
}
