//! A CSV table in memory: a header, rows, and their bytes.
//!
//! It keeps line ends at `\n` so that files are the same everywhere, and must never know what a
//! column means.

use super::{Column, ReportError};

/// A CSV table being written.
#[derive(Debug)]
pub(super) struct Table(csv::Writer<Vec<u8>>);

impl Table {
    /// An empty table with these headers.
    pub(super) fn new<'a>(headers: impl IntoIterator<Item = &'a str>) -> Result<Self, ReportError> {
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::Any(b'\n'))
            .from_writer(Vec::new());
        writer.write_record(headers)?;
        Ok(Self(writer))
    }

    /// An empty table with the names of `columns` as headers.
    pub(super) fn of(columns: &[Column]) -> Result<Self, ReportError> {
        Self::new(columns.iter().map(|column| column.name))
    }

    /// Adds a row.
    pub(super) fn row<S: AsRef<[u8]>>(
        &mut self,
        cells: impl IntoIterator<Item = S>,
    ) -> Result<(), ReportError> {
        Ok(self.0.write_record(cells)?)
    }

    /// The bytes of the whole table.
    pub(super) fn finish(self) -> Result<Vec<u8>, ReportError> {
        self.0
            .into_inner()
            .map_err(|error| ReportError::Csv(csv::Error::from(error.into_error())))
    }
}
