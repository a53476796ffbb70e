//! Reports: an outcome in, bytes out; one file and one line of [`REPORTS`] each.
//!
//! Reports show what a run found; they must never compute a verdict, touch a file (only `write`
//! does) or hold a wall-clock time, a path or a host name. The same outcome gives the same bytes.

mod activities_csv;
mod calls_csv;
mod drains_csv;
mod losses_csv;
pub(crate) mod number;
#[cfg(any(feature = "plot", feature = "cli", test))]
pub(crate) mod phrase;
#[cfg(feature = "plot")]
mod plot;
#[cfg(test)]
pub(crate) mod sample;
pub(crate) mod subject;
mod summary_json;
mod table;
mod timeseries_csv;
pub mod write;

use std::fmt::Debug;

use crate::experiment::outcome::Outcome;

/// A report about one outcome.
pub trait Report: Debug + Sync {
    /// Its file name: `drains.csv`.
    fn name(&self) -> &'static str;

    /// What it holds, in one line.
    fn summary(&self) -> &'static str;

    /// Its columns or keys with their meaning, for the reference; empty for pictures.
    fn columns(&self) -> &'static [Column] {
        &[]
    }

    /// Whether it is a picture.
    fn is_plot(&self) -> bool {
        false
    }

    /// Its bytes.
    ///
    /// # Errors
    /// [`ReportError`] when an encoder refuses; nothing has been written then.
    fn render(&self, outcome: &Outcome, options: &ReportOptions) -> Result<Vec<u8>, ReportError>;
}

/// One column of a table, or one key of a JSON object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its header, with the unit last.
    pub name: &'static str,
    /// What stands in it.
    pub doc: &'static str,
}

/// A column called `name`, which holds what `doc` says.
const fn column(name: &'static str, doc: &'static str) -> Column {
    Column { name, doc }
}

/// What is asked of all reports of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportOptions {
    /// Whether reports name the version that wrote them; committed reports leave it out.
    pub with_version: bool,
}

impl Default for ReportOptions {
    fn default() -> Self {
        Self { with_version: true }
    }
}

/// Why a report has no bytes.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The CSV encoder refused.
    #[error("cannot encode CSV: {0}")]
    Csv(#[from] csv::Error),
    /// The JSON encoder refused.
    #[error("cannot encode JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The plot could not be drawn or encoded.
    #[error("cannot draw: {0}")]
    Plot(String),
}

/// Every report, in the order in which they are written.
pub static REPORTS: &[&dyn Report] = &[
    &summary_json::SummaryJson,
    &timeseries_csv::TimeseriesCsv,
    &drains_csv::DrainsCsv,
    &calls_csv::CallsCsv,
    &activities_csv::ActivitiesCsv,
    &losses_csv::LossesCsv,
    #[cfg(feature = "plot")]
    &plot::losses::LossesPng,
    #[cfg(feature = "plot")]
    &plot::capacity::CapacityPng,
    #[cfg(feature = "plot")]
    &plot::latency::LatencyPng,
];

/// The report called `name`.
pub fn report(name: &str) -> Option<&'static dyn Report> {
    REPORTS.iter().copied().find(|report| report.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extension(name: &str) -> &str {
        name.rsplit('.').next().unwrap()
    }

    #[test]
    fn names_are_unique_file_names_and_described() {
        for (i, report) in REPORTS.iter().enumerate() {
            let name = report.name();
            assert!(
                name.chars()
                    .all(|c| c.is_ascii_lowercase() || c == '_' || c == '.'),
                "{name}"
            );
            assert!(REPORTS[..i].iter().all(|other| other.name() != name));
            assert!(!report.summary().is_empty());
            assert_eq!(report.is_plot(), extension(name) == "png");
            assert_eq!(report.columns().is_empty(), report.is_plot(), "{name}");
        }
    }

    #[test]
    fn every_header_is_described_and_every_description_is_a_header() {
        let outcome = sample::detach_two();
        for report in REPORTS.iter().filter(|r| extension(r.name()) == "csv") {
            let bytes = report.render(&outcome, &ReportOptions::default()).unwrap();
            let text = String::from_utf8(bytes).unwrap();
            let header: Vec<&str> = text.lines().next().unwrap().split(',').collect();
            for column in report.columns() {
                let stem = column.name.split('*').next().unwrap();
                let found = header
                    .iter()
                    .any(|h| *h == column.name || (stem != column.name && h.starts_with(stem)));
                assert!(found, "{}: {} is no header", report.name(), column.name);
            }
            for name in header {
                let described = report.columns().iter().any(|column| {
                    column.name == name
                        || column
                            .name
                            .split_once('*')
                            .is_some_and(|(a, b)| name.starts_with(a) && name.ends_with(b))
                });
                assert!(described, "{}: {name} is not described", report.name());
            }
        }
    }
}
