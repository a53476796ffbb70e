//! `losses.csv`: one row a lost request, up to the cap of the recorder.
//!
//! What lies beyond the cap is one last row with cause `not_listed`, so the column `count` always
//! adds up to the number of lost requests. It must never sum, sort or sample.

use super::number::time_cell;
use super::subject::entry_name;
use super::table::Table;
use super::{Column, Report, ReportError, ReportOptions, column};
use crate::experiment::outcome::Outcome;
use crate::model::loss::Loss;

/// The report `losses.csv`.
#[derive(Debug)]
pub(super) struct LossesCsv;

const COLUMNS: &[Column] = &[
    column("lost_at_s", "when it was lost"),
    column("arrived_s", "when it had arrived"),
    column("workload", "name of its workload"),
    column("request", "which of its workload's requests it was, from 0"),
    column(
        "cause",
        "why; `not_listed` in the row that stands for the rest",
    ),
    column("code", "what its client saw"),
    column("target", "target it was on, empty for none"),
    column("node", "load balancer node that carried it"),
    column("culprit", "timeline entry to blame, empty for none"),
    column("count", "requests the row stands for"),
];

impl Report for LossesCsv {
    fn name(&self) -> &'static str {
        "losses.csv"
    }

    fn summary(&self) -> &'static str {
        "every lost request: when, why, with which code, on which target, through which call"
    }

    fn columns(&self) -> &'static [Column] {
        COLUMNS
    }

    fn render(&self, outcome: &Outcome, _: &ReportOptions) -> Result<Vec<u8>, ReportError> {
        let mut table = Table::of(COLUMNS)?;
        for loss in &outcome.measurements.losses {
            table.row(cells(outcome, loss))?;
        }
        let rest = outcome.measurements.losses_not_listed;
        if rest > 0 {
            let rest = rest.to_string();
            table.row(["", "", "", "", "not_listed", "", "", "", "", &rest])?;
        }
        table.finish()
    }
}

fn cells(outcome: &Outcome, loss: &Loss) -> [String; COLUMNS.len()] {
    let measurements = &outcome.measurements;
    let name = |names: &[String], index: usize| names.get(index).cloned().unwrap_or_default();
    [
        time_cell(Some(loss.at)),
        time_cell(Some(loss.arrived)),
        measurements
            .workloads
            .get(loss.workload.index())
            .map_or_else(String::new, |(name, _)| name.clone()),
        loss.request.to_string(),
        loss.cause.name().to_owned(),
        loss.code.name().to_owned(),
        loss.target.map_or_else(String::new, |target| {
            name(&measurements.registrations, target.index())
        }),
        name(&measurements.nodes, loss.node.index()),
        entry_name(outcome, loss.culprit).to_owned(),
        "1".to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn counts_add_up_to_the_lost_requests_beyond_the_cap_too() {
        let mut outcome = sample::detach_two();
        outcome.measurements.losses.truncate(5);
        outcome.measurements.losses_not_listed = outcome.measurements.requests.lost() - 5;
        let bytes = LossesCsv
            .render(&outcome, &ReportOptions::default())
            .unwrap();
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let sum: u64 = reader
            .records()
            .map(|row| row.unwrap()[9].parse::<u64>().unwrap())
            .sum();
        assert_eq!(sum, outcome.measurements.requests.lost());
    }
}
