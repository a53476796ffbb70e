//! Arrivals at the instants of a file, once and in order.

use std::sync::Arc;

use super::{ArrivalProcess, BATCH, Process};
use crate::describe::{Kind, Param, Presence, Source};
use crate::engine::time::SimTime;
use crate::workload::args::{ArgError, Args, SOME_DURATION};

/// The process, for the registry.
pub(super) static PROCESS: TraceProcess = TraceProcess;

/// `trace {file, time, service}`
#[derive(Debug)]
pub(super) struct TraceProcess;

/// Recorded arrivals.
#[derive(Debug, Clone)]
pub struct Trace {
    times: Arc<[SimTime]>,
    next: usize,
}

impl Trace {
    /// How many arrivals there are.
    pub(super) fn len(&self) -> usize {
        self.times.len()
    }

    pub(super) fn fill(&mut self, out: &mut Vec<SimTime>) {
        let end = self.times.len().min(self.next + BATCH);
        out.extend_from_slice(&self.times[self.next..end]);
        self.next = end;
    }
}

impl Process for TraceProcess {
    fn name(&self) -> &'static str {
        "trace"
    }

    fn summary(&self) -> &'static str {
        "arrivals at the instants of a CSV file, with the service times it implies"
    }

    fn params(&self) -> &'static [Param] {
        const PARAMS: &[Param] = &[
            Param {
                key: "file",
                kind: Kind::Text { min: 1, max: 4096 },
                presence: Presence::Required,
                doc: "a CSV file with a header, relative to the scenario",
                source: Source::Ours,
            },
            Param {
                key: "time",
                kind: Kind::Text { min: 1, max: 256 },
                presence: Presence::Required,
                doc: "the column of arrival times: time stamps or seconds, the first being 0s",
                source: Source::Ours,
            },
            Param {
                key: "service",
                kind: Kind::Map(&SOME_DURATION),
                presence: Presence::Optional,
                doc: "columns and the service time each unit of them takes, summed over columns; \
                      without it the workload's `service_time` is drawn",
                source: Source::Ours,
            },
        ];
        PARAMS
    }

    fn notes(&self) -> &'static [&'static str] {
        &["replayed once, whatever the seed; after the last row nothing arrives"]
    }

    fn build(&self, args: &Args) -> Result<ArrivalProcess, ArgError> {
        let times = args
            .times("file")
            .ok_or_else(|| ArgError::missing("file", "trace.csv"))?;
        let wrong = |message: String, help: &str| Err(ArgError::new("file", message, help));
        if times.is_empty() {
            return wrong(
                "the file has no rows".to_owned(),
                "give a file with arrivals",
            );
        }
        if let Some(row) = times.windows(2).position(|pair| pair[1] < pair[0]) {
            return wrong(
                format!("row {} is earlier than the row before it", row + 2),
                "sort the file by time",
            );
        }
        if times.last() == Some(&SimTime::MAX) {
            return wrong(
                "the last arrival lies beyond the end of time".to_owned(),
                "shorten it",
            );
        }
        Ok(ArrivalProcess::Trace(Trace {
            times: Arc::clone(times),
            next: 0,
        }))
    }
}
