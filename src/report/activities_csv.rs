//! `activities.csv`: the scaling activities, in the cloud's own words.
//!
//! One row an activity as it stood when the run stopped. It must never reword what the cloud says.

use super::number::time_cell;
use super::subject::entry_name;
use super::table::Table;
use super::{Column, Report, ReportError, ReportOptions, column};
use crate::experiment::outcome::Outcome;

/// The report `activities.csv`.
#[derive(Debug)]
pub(super) struct ActivitiesCsv;

const COLUMNS: &[Column] = &[
    column("group", "name of the group"),
    column(
        "activity_id",
        "`ActivityId`, or `ScalingActivityId` on Alibaba Cloud",
    ),
    column("entry", "timeline entry that caused it, empty for none"),
    column("start_s", "when it began"),
    column("end_s", "when it ended, empty if the run stopped first"),
    column("status_code", "where it stood, in the cloud's word"),
    column("progress_percent", "how far it was"),
    column("description", "what it did"),
    column("cause", "why it began"),
    column("details", "subnet and zone, as JSON"),
];

impl Report for ActivitiesCsv {
    fn name(&self) -> &'static str {
        "activities.csv"
    }

    fn summary(&self) -> &'static str {
        "every scaling activity: what a group did and why"
    }

    fn columns(&self) -> &'static [Column] {
        COLUMNS
    }

    fn render(&self, outcome: &Outcome, _: &ReportOptions) -> Result<Vec<u8>, ReportError> {
        let mut table = Table::of(COLUMNS)?;
        for row in &outcome.measurements.activities {
            let activity = &row.activity;
            table.row([
                row.group.as_str(),
                &activity.id,
                entry_name(outcome, row.entry),
                &time_cell(Some(activity.start)),
                &time_cell(activity.end),
                activity.status.name(),
                &activity.progress.to_string(),
                &activity.description,
                &activity.cause,
                &activity.details,
            ])?;
        }
        table.finish()
    }
}
