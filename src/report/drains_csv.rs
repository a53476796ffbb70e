//! `drains.csv`: one row a drain, in the order in which they began.
//!
//! In every row `in_flight_at_start + arrived_during = completed + cut + lost_other +
//! in_flight_at_end`. It must never leave a drain out.

use super::number::{seconds, time_cell};
use super::subject::entry_name;
use super::table::Table;
use super::{Column, Report, ReportError, ReportOptions, column};
use crate::experiment::outcome::Outcome;

/// The report `drains.csv`.
#[derive(Debug)]
pub(super) struct DrainsCsv;

const COLUMNS: &[Column] = &[
    column(
        "target",
        "target id, `id:port` where the port is not the group's",
    ),
    column("target_group", "name of its target group"),
    column("entry", "timeline entry that began it, empty for none"),
    column("start_s", "when the deregistration was accepted"),
    column(
        "quiet_s",
        "when nothing was in flight any more and no node sent more",
    ),
    column("end_s", "when it ended, empty if the run stopped first"),
    column(
        "outcome",
        "`completed`, `timed_out`, `target_lost`, `cancelled` or `open`",
    ),
    column(
        "delay_s",
        "deregistration delay, empty where nothing is ever cut",
    ),
    column("in_flight_at_start", "requests in flight when it began"),
    column(
        "arrived_during",
        "requests sent to it later by nodes that had not learnt",
    ),
    column("completed", "of those, completed"),
    column("cut", "of those, cut at the deadline"),
    column("lost_other", "of those, lost in another way"),
    column("in_flight_at_end", "of those, still in flight at the end"),
    column(
        "needed_s",
        "delay that would have let its last request finish",
    ),
];

impl Report for DrainsCsv {
    fn name(&self) -> &'static str {
        "drains.csv"
    }

    fn summary(&self) -> &'static str {
        "every drain: what was in flight, what was cut, how long would have been enough"
    }

    fn columns(&self) -> &'static [Column] {
        COLUMNS
    }

    fn render(&self, outcome: &Outcome, _: &ReportOptions) -> Result<Vec<u8>, ReportError> {
        let mut table = Table::of(COLUMNS)?;
        for drain in &outcome.measurements.drains {
            table.row([
                drain.target.clone(),
                drain.target_group_name.clone(),
                entry_name(outcome, drain.entry).to_owned(),
                time_cell(Some(drain.start)),
                time_cell(drain.quiet),
                time_cell(drain.end),
                drain.outcome.name().to_owned(),
                drain
                    .delay
                    .map_or_else(String::new, |d| seconds(u128::from(d.as_nanos()))),
                drain.in_flight_at_start.to_string(),
                drain.arrived_during.to_string(),
                drain.completed.to_string(),
                drain.cut.to_string(),
                drain.lost_other.to_string(),
                drain.in_flight_at_end.to_string(),
                seconds(u128::from(drain.needed.as_nanos())),
            ])?;
        }
        table.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn every_row_balances() {
        let outcome = sample::detach_two();
        let bytes = DrainsCsv
            .render(&outcome, &ReportOptions::default())
            .unwrap();
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), outcome.measurements.drains.len());
        for row in rows {
            let count = |i: usize| row[i].parse::<u64>().unwrap();
            assert_eq!(
                count(8) + count(9),
                count(10) + count(11) + count(12) + count(13)
            );
        }
    }
}
