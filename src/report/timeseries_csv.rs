//! `timeseries.csv`: one row a window of time, flows as sums over it and stocks at its end.
//!
//! The columns of a scenario are fixed by its file, not by what happened, so two runs of it line
//! up. It must never thin out windows.

use super::number::{millis, time_cell};
use super::table::Table;
use super::{Column, Report, ReportError, ReportOptions, column};
use crate::engine::time::SimTime;
use crate::experiment::outcome::Outcome;
use crate::metrics::measurements::{Measurements, Window};
use crate::model::loss::CAUSES;
use crate::stats::step_series::StepSeries;

/// The report `timeseries.csv`.
#[derive(Debug)]
pub(super) struct TimeseriesCsv;

const COLUMNS: &[Column] = &[
    column(
        "start_s",
        "when the window began; it ends where the next one begins",
    ),
    column("arrived", "requests that arrived in it"),
    column("completed", "requests completed in it"),
    column("lost", "requests lost in it"),
    column("lost.*", "requests lost in it, one column a cause"),
    column("in_flight", "requests in flight at its end"),
    column(
        "latency_ms_p50",
        "median latency of requests completed in it",
    ),
    column("latency_ms_p90", "90th percentile"),
    column("latency_ms_p99", "99th percentile"),
    column("latency_ms_max", "largest"),
    column("targets.*.registered", "registered targets at its end"),
    column("targets.*.healthy", "healthy targets at its end"),
    column(
        "targets.*.eligible",
        "targets the node with the fewest chooses among",
    ),
    column("targets.*.draining", "draining targets at its end"),
    column("groups.*.desired", "wanted size at its end"),
    column("groups.*.in_service", "instances in `InService` at its end"),
    column("groups.*.serving", "of those, healthy in every source"),
    column("groups.*.pending", "instances in `Pending` at its end"),
    column("groups.*.leaving", "instances on their way out at its end"),
];

impl Report for TimeseriesCsv {
    fn name(&self) -> &'static str {
        "timeseries.csv"
    }

    fn summary(&self) -> &'static str {
        "arrivals, losses by cause, latency and capacity in windows of time"
    }

    fn columns(&self) -> &'static [Column] {
        COLUMNS
    }

    fn render(&self, outcome: &Outcome, _: &ReportOptions) -> Result<Vec<u8>, ReportError> {
        let measurements = &outcome.measurements;
        let stocks = stocks(measurements);
        let mut headers = flow_headers();
        headers.extend(stocks.iter().map(|(header, _)| header.clone()));
        let mut table = Table::new(headers.iter().map(String::as_str))?;
        for window in &measurements.windows {
            let end = (window.start + measurements.window).min(measurements.end);
            let mut row = flow_cells(window);
            row.extend(stocks.iter().map(|(_, series)| stock_at(series, end)));
            table.row(&row)?;
        }
        table.finish()
    }
}

fn stock_at(series: &StepSeries, end: SimTime) -> String {
    series.at(end).to_string()
}

fn flow_headers() -> Vec<String> {
    let before = ["start_s", "arrived", "completed", "lost"];
    let after = [
        "in_flight",
        "latency_ms_p50",
        "latency_ms_p90",
        "latency_ms_p99",
        "latency_ms_max",
    ];
    let mut headers: Vec<String> = before.iter().map(|&name| name.to_owned()).collect();
    headers.extend(CAUSES.iter().map(|cause| format!("lost.{}", cause.name)));
    headers.extend(after.iter().map(|&name| name.to_owned()));
    headers
}

fn flow_cells(window: &Window) -> Vec<String> {
    let latency = |value: Option<u64>| value.map_or_else(String::new, millis);
    let mut cells = vec![
        time_cell(Some(window.start)),
        window.arrived.to_string(),
        window.completed.to_string(),
        window.lost_by_cause.iter().sum::<u64>().to_string(),
    ];
    cells.extend(window.lost_by_cause.iter().map(u64::to_string));
    cells.extend([
        window.in_flight.to_string(),
        latency(window.latency_p50),
        latency(window.latency_p90),
        latency(window.latency_p99),
        latency(window.latency_max),
    ]);
    cells
}

/// The counts over time, target groups first, each with its header.
fn stocks(measurements: &Measurements) -> Vec<(String, &StepSeries)> {
    let mut columns = Vec::new();
    for group in &measurements.target_groups {
        for (name, series) in [
            ("registered", &group.registered),
            ("healthy", &group.healthy),
            ("eligible", &group.eligible),
            ("draining", &group.draining),
        ] {
            columns.push((format!("targets.{}.{name}", group.name), series));
        }
    }
    for group in &measurements.groups {
        for (name, series) in [
            ("desired", &group.desired),
            ("in_service", &group.in_service),
            ("serving", &group.serving),
            ("pending", &group.pending),
            ("leaving", &group.leaving),
        ] {
            columns.push((format!("groups.{}.{name}", group.name), series));
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn windows_add_up_and_stocks_are_read_at_their_end() {
        let outcome = sample::detach_two();
        let bytes = TimeseriesCsv
            .render(&outcome, &ReportOptions::default())
            .unwrap();
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let headers = reader.headers().unwrap().clone();
        let column = |name: &str| headers.iter().position(|h| h == name).unwrap();
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let lost: u64 = rows
            .iter()
            .map(|row| row[column("lost")].parse::<u64>().unwrap())
            .sum();
        assert_eq!(lost, outcome.measurements.requests.lost());
        let draining = &outcome.measurements.target_groups[0].draining;
        let last = rows.last().unwrap();
        assert_eq!(
            last[column("targets.web.draining")],
            draining.at(outcome.measurements.end).to_string()
        );
    }
}
