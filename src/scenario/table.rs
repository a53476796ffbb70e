//! Tables: CSV files as others publish them, read into durations and instants.
//!
//! Time stamps and numbers are exact to the nanosecond, whatever their digits. A row that cannot be
//! used is shown with its file, line and column. This module must never know a distribution or an
//! arrival process.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::codes;
use super::context::Context;
use super::diagnostic::{Diagnostic, Span};
use super::tree::Node;
use super::{quantity, source, suggest};
use crate::engine::time::{SimDuration, SimTime};

/// Bad rows that are reported; a file with more is likely another file.
const BAD_ROWS: usize = 20;

/// Most rows of a CSV file.
pub(super) const ROW_LIMIT: usize = 10_000_000;
/// Largest number in a cell; what is larger is no time of anything that ran.
const CELL_LIMIT: i128 = 1_000_000_000_000_000;
const GIGA: i128 = 1_000_000_000;

/// The instants of a trace and, if asked for, the service time of each.
#[derive(Debug)]
pub(super) struct Trace {
    pub(super) times: Arc<[SimTime]>,
    pub(super) services: Option<Arc<[SimDuration]>>,
}

/// A column of a file, with what it is multiplied by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column<'n> {
    pub(super) name: &'n str,
    pub(super) span: Span,
    pub(super) per_unit: SimDuration,
}

/// A CSV file in memory, with its header.
struct Table<'n> {
    name: &'n str,
    span: Span,
    text: String,
    header: Vec<String>,
}

/// Where a cell stands: the byte its row begins at, the row's line, and the column.
struct Cell<'r> {
    text: &'r str,
    byte: usize,
    line: u64,
    column: &'r str,
}

impl<'n> Table<'n> {
    fn open(cx: &mut Context, file: &'n Node) -> Option<Self> {
        let name = file.text()?;
        let trusted = cx.trusted.contains(&file.span.source);
        let read = source::resolve(&cx.folder, name, trusted)
            .and_then(|path| source::read(&path, source::CSV_LIMIT));
        let text = match read {
            Ok(text) => text,
            Err(problem) => {
                cx.found.push((*problem).at(file.span));
                return None;
            }
        };
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = match reader.headers() {
            Ok(header) => header.iter().map(|cell| cell.trim().to_owned()).collect(),
            Err(error) => {
                let message = format!("`{name}` has no header that can be read: {error}");
                cx.report(&codes::BAD_CSV, file.span, message);
                return None;
            }
        };
        Some(Self {
            name,
            span: file.span,
            text,
            header,
        })
    }

    fn column(&self, cx: &mut Context, name: &str, span: Span) -> Option<usize> {
        let position = self.header.iter().position(|column| column == name);
        if position.is_none() {
            let columns = self.header.iter().map(String::as_str);
            let what = format!("the columns of `{}` are", self.name);
            let help = suggest::help(name, &what, columns);
            cx.report(
                &codes::BAD_CSV,
                span,
                format!("`{}` has no column `{name}`", self.name),
            )
            .maybe_help(help);
        }
        position
    }

    /// Hands each row to `take`, which reports what is wrong with it; stops after [`BAD_ROWS`].
    fn rows(
        &self,
        cx: &mut Context,
        mut take: impl FnMut(&mut Context, &Self, &csv::StringRecord) -> Option<()>,
    ) -> Option<usize> {
        let mut reader = csv::Reader::from_reader(self.text.as_bytes());
        let mut record = csv::StringRecord::new();
        let (mut count, mut bad) = (0, 0);
        while bad < BAD_ROWS {
            match reader.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    self.broken_row(cx, &error);
                    bad += 1;
                    continue;
                }
            }
            count += 1;
            if count > ROW_LIMIT {
                let message = format!("`{}` has more than {ROW_LIMIT} rows", self.name);
                cx.report(&codes::BAD_CSV, self.span, message);
                return None;
            }
            if take(cx, self, &record).is_none() {
                bad += 1;
            }
        }
        if bad > 0 {
            return None;
        }
        if count == 0 {
            let message = format!("`{}` has no rows below its header", self.name);
            cx.report(&codes::BAD_CSV, self.span, message);
            return None;
        }
        Some(count)
    }

    fn broken_row(&self, cx: &mut Context, error: &csv::Error) {
        let line = error.position().map_or(0, csv::Position::line);
        let what = if let csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } = error.kind()
        {
            format!("the row has {len} cells, and the header {expected_len}")
        } else {
            error.to_string()
        };
        let byte = error.position().map_or(0, csv::Position::byte);
        let byte = usize::try_from(byte).unwrap_or(0);
        let message = format!("`{}`, line {line}: {what}", self.name);
        let cell = Cell {
            text: "",
            byte,
            line,
            column: "",
        };
        self.report(cx, &cell, message, "this row", None);
    }

    fn cell<'r>(&'r self, record: &'r csv::StringRecord, column: usize) -> Cell<'r> {
        let position = record.position();
        Cell {
            text: record.get(column).unwrap_or_default().trim(),
            byte: position.map_or(0, |p| usize::try_from(p.byte()).unwrap_or(0)),
            line: position.map_or(0, csv::Position::line),
            column: self.header.get(column).map_or("", String::as_str),
        }
    }

    fn bad_cell(&self, cx: &mut Context, cell: &Cell<'_>, wanted: &str) {
        let message = format!(
            "`{}`, line {}, column `{}`: `{}` is not {wanted}",
            self.name, cell.line, cell.column, cell.text
        );
        self.report(cx, cell, message, &format!("expected {wanted}"), None);
    }

    fn report(
        &self,
        cx: &mut Context,
        cell: &Cell<'_>,
        message: String,
        label: &str,
        help: Option<String>,
    ) {
        let rest = self.text.get(cell.byte..).unwrap_or_default();
        // The position of a row may point at the end of the line before it.
        let rest = rest.trim_start_matches(['\r', '\n']);
        let row: String = rest
            .lines()
            .next()
            .unwrap_or_default()
            .chars()
            .take(500)
            .collect();
        let start = row.find(cell.text).unwrap_or(0);
        let end = if cell.text.is_empty() {
            row.len()
        } else {
            (start + cell.text.len()).min(row.len())
        };
        let line = usize::try_from(cell.line).unwrap_or(1);
        let source = cx.found.add_part(self.name, row, line.max(1));
        let span = Span { source, start, end };
        cx.found.push(
            Diagnostic::new(&codes::BAD_CSV, message)
                .at(span)
                .label(label)
                .related(self.span, "read because of this")
                .maybe_help(help),
        );
    }
}

/// The durations in the column `column` of the file `file`.
pub(super) fn durations(
    cx: &mut Context,
    file: &Node,
    column: &Node,
) -> Option<Arc<[SimDuration]>> {
    let table = Table::open(cx, file)?;
    let position = table.column(cx, column.text()?, column.span)?;
    let mut values = Vec::new();
    table.rows(cx, |cx, table, record| {
        let cell = table.cell(record, position);
        let seconds = decimal(cell.text).and_then(|value| u64::try_from(value).ok());
        let value = seconds
            .map(SimDuration::from_nanos)
            .or_else(|| quantity::duration(cell.text).ok());
        match value {
            Some(value) => values.push(value),
            None => table.bad_cell(cx, &cell, "a duration or a number of seconds"),
        }
        value.map(|_| ())
    })?;
    Some(values.into())
}

/// The instants in the column `time` of `file`, and the sum over the columns `service`.
///
/// Instants count from the earliest. Rows out of order are sorted, those of one instant in the
/// order of the file.
pub(super) fn trace(
    cx: &mut Context,
    file: &Node,
    time: &Node,
    service: Option<&[Column<'_>]>,
) -> Option<Trace> {
    let table = Table::open(cx, file)?;
    let time = table.column(cx, time.text()?, time.span);
    let mut columns = Vec::new();
    for column in service.unwrap_or_default() {
        columns.push((table.column(cx, column.name, column.span), column.per_unit));
    }
    let time = time?;
    let columns: Option<Vec<(usize, SimDuration)>> = columns
        .into_iter()
        .map(|(position, per_unit)| position.map(|position| (position, per_unit)))
        .collect();
    let columns = columns?;
    let mut rows: Vec<(i64, SimDuration)> = Vec::new();
    let mut form = None;
    table.rows(cx, |cx, table, record| {
        let at = instant(cx, table, &table.cell(record, time), &mut form)?;
        let mut total: u64 = 0;
        for &(position, per_unit) in &columns {
            let cell = table.cell(record, position);
            let part = amount(cell.text, per_unit);
            let sum = part.and_then(|part| total.checked_add(part));
            let Some(sum) = sum else {
                table.bad_cell(cx, &cell, "a number of zero or more");
                return None;
            };
            total = sum;
        }
        rows.push((at, SimDuration::from_nanos(total)));
        Some(())
    })?;
    rows.sort_by_key(|row| row.0);
    let first = rows[0].0;
    let times = rows
        .iter()
        .map(|row| SimTime::from_nanos(row.0.abs_diff(first)))
        .collect();
    let services = service.map(|_| rows.iter().map(|row| row.1).collect());
    Some(Trace { times, services })
}

/// How the instants of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Seconds,
    Stamp,
}

fn instant(
    cx: &mut Context,
    table: &Table<'_>,
    cell: &Cell<'_>,
    form: &mut Option<Form>,
) -> Option<i64> {
    let read = match decimal(cell.text) {
        Some(nanos) => Some((nanos, Form::Seconds)),
        None => stamp(cell.text).map(|nanos| (nanos, Form::Stamp)),
    };
    let expected = match form {
        None => "a time stamp or a number of seconds",
        Some(Form::Seconds) => "a number of seconds, like the rows above",
        Some(Form::Stamp) => "a time stamp, like the rows above",
    };
    let read = read.filter(|(_, is)| form.is_none_or(|form| form == *is));
    let nanos = read.and_then(|(nanos, _)| i64::try_from(nanos).ok());
    let Some((nanos, (_, is))) = nanos.zip(read) else {
        table.bad_cell(cx, cell, expected);
        return None;
    };
    *form = Some(is);
    Some(nanos)
}

/// Nanoseconds since 1970 of a time stamp with or without a zone; without one it is UTC.
fn stamp(text: &str) -> Option<i128> {
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Some(timestamp.as_nanosecond());
    }
    let civil: DateTime = text.parse().ok()?;
    let zoned = civil.to_zoned(TimeZone::UTC).ok()?;
    Some(zoned.timestamp().as_nanosecond())
}

/// A decimal number in billionths, exactly; digits behind the ninth are cut off.
fn decimal(text: &str) -> Option<i128> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !digits(whole) || !digits(fraction) {
        return exponent(text);
    }
    let whole: i128 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    if whole > CELL_LIMIT {
        return None;
    }
    let nine: String = fraction
        .chars()
        .chain("000000000".chars())
        .take(9)
        .collect();
    let value = whole * GIGA + nine.parse::<i128>().ok()?;
    Some(if negative { -value } else { value })
}

/// A number with an exponent in billionths, as near as a float comes.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the value is bounded by a test before the cast"
)]
fn exponent(text: &str) -> Option<i128> {
    let numeric = text.contains(['e', 'E']) && text.starts_with(|c: char| !c.is_alphabetic());
    let value: f64 = text.parse().ok().filter(|_| numeric)?;
    let scaled = (value * 1e9).round();
    (scaled.abs() < 1e24).then_some(scaled as i128)
}

/// `text` times `per_unit` in nanoseconds, rounded to the nearest.
fn amount(text: &str, per_unit: SimDuration) -> Option<u64> {
    let units = decimal(text).filter(|units| *units >= 0)?;
    let product = units.checked_mul(i128::from(per_unit.as_nanos()))?;
    u64::try_from((product + GIGA / 2) / GIGA).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_exact_to_the_billionth() {
        assert_eq!(decimal("12"), Some(12_000_000_000));
        assert_eq!(decimal("0.1"), Some(100_000_000));
        assert_eq!(decimal("-1.5"), Some(-1_500_000_000));
        assert_eq!(
            decimal("1699999999.123456789"),
            Some(1_699_999_999_123_456_789)
        );
        assert_eq!(decimal("1e-3"), Some(1_000_000));
        for text in [
            "",
            ".",
            "-",
            "1.2.3",
            "x",
            "0x10",
            "1 2",
            "99999999999999999999",
            "nan",
        ] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }

    #[test]
    fn time_stamps_keep_their_hundred_nanoseconds() {
        let first = stamp("2023-11-16 18:17:03.9799600").unwrap();
        let second = stamp("2023-11-16 18:17:04.0319601").unwrap();
        assert_eq!(second - first, 52_000_100);
        assert_eq!(stamp("2023-11-16T18:17:03.97996Z"), Some(first));
        assert_eq!(stamp("2023-11-16T19:17:03.97996+01:00"), Some(first));
        assert_eq!(stamp("yesterday"), None);
    }

    #[test]
    fn amounts_are_products() {
        let per = SimDuration::from_millis(40);
        assert_eq!(amount("44", per), Some(1_760_000_000));
        assert_eq!(amount("0.5", per), Some(20_000_000));
        assert_eq!(amount("-1", per), None);
        assert_eq!(amount("999999999999999", SimDuration::MAX), None);
    }
}
