//! `calls.csv`: one row an entry of the timeline, with what was sent and what was answered.
//!
//! Parameters and answers stand in it as JSON text in the cloud's own form. It must never judge.

use super::number::time_cell;
use super::subject::entry_outcome;
use super::table::Table;
use super::{Column, Report, ReportError, ReportOptions, column};
use crate::experiment::outcome::{EntryResult, Outcome};

/// The report `calls.csv`.
#[derive(Debug)]
pub(super) struct CallsCsv;

const COLUMNS: &[Column] = &[
    column(
        "name",
        "name of the entry: `as`, or `entry-N`; of a step as in `roll[2].detach`",
    ),
    column("at_s", "when it was made, empty if it was not reached"),
    column("kind", "`call`, `do`, `fault`, `wait_until`, `sleep`, ..."),
    column("what", "operation, deed, fault or condition"),
    column(
        "outcome",
        "`ok`, `error`, `not_made`, `timed_out`, `stopped` or `open`",
    ),
    column("error_code", "the cloud's error code"),
    column("http_status", "HTTP status of the error"),
    column(
        "message",
        "the cloud's error message, or why it was not made or not finished",
    ),
    column(
        "unexpected",
        "what the file expected instead, empty if it happened",
    ),
    column("lost", "requests lost that it is to blame for"),
    column("params", "parameters as sent, as JSON"),
    column("response", "the cloud's answer, as JSON"),
];

impl Report for CallsCsv {
    fn name(&self) -> &'static str {
        "calls.csv"
    }

    fn summary(&self) -> &'static str {
        "every timeline entry: what was sent, what was answered, what it cost"
    }

    fn columns(&self) -> &'static [Column] {
        COLUMNS
    }

    fn render(&self, outcome: &Outcome, _: &ReportOptions) -> Result<Vec<u8>, ReportError> {
        let mut table = Table::of(COLUMNS)?;
        for entry in &outcome.timeline {
            let (code, status, message, response) = match &entry.result {
                EntryResult::Ok { response } => {
                    ("", String::new(), "", serde_json::to_string(response)?)
                }
                EntryResult::Error {
                    code,
                    message,
                    http_status,
                    ..
                } => (
                    code.as_str(),
                    http_status.to_string(),
                    message.as_str(),
                    String::new(),
                ),
                EntryResult::NotMade { reason } | EntryResult::Unfinished { reason, .. } => {
                    ("", String::new(), reason.as_str(), String::new())
                }
            };
            table.row([
                entry.name.as_str(),
                &time_cell(entry.at),
                entry.kind,
                &entry.what,
                entry_outcome(entry),
                code,
                &status,
                message,
                entry.unexpected.as_deref().unwrap_or_default(),
                &entry.lost.to_string(),
                &serde_json::to_string(&entry.params)?,
                &response,
            ])?;
        }
        table.finish()
    }
}
