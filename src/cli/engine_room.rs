//! The engine room: every call from the command line into the layers that read and simulate.
//!
//! One place to see what the commands need from below. It must never print.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use serde_json::Value;

use super::args::Changes;
use crate::describe::{Page, Source};
use crate::engine::time::SimTime;
use crate::experiment::outcome::Outcome;
use crate::experiment::replicate::replicate;
use crate::experiment::run::RunOptions;
use crate::scenario::codes::CODES;
use crate::scenario::diagnostic::Diagnostics;
use crate::scenario::plan::Scenario;
use crate::scenario::{self, LoadOptions, Loaded};

/// Reads and validates a scenario.
///
/// # Errors
/// Every problem of the file at once.
pub(super) fn load(
    path: &Path,
    changes: &Changes,
    seed: Option<u64>,
) -> Result<Loaded, Diagnostics> {
    let options = LoadOptions {
        variant: changes.variant.clone(),
        set: changes.set.clone(),
        seed,
    };
    scenario::load(path, &options)
}

/// Problems as text, ready for stderr.
pub(super) fn problems(diagnostics: &Diagnostics, colour: bool) -> String {
    super::diagnostics::render(diagnostics, colour)
}

/// What watches a run.
#[derive(Clone, Copy)]
pub(super) struct Watch<'a> {
    /// Stops the run when it becomes true.
    pub(super) stop: &'a AtomicBool,
    /// Told the simulated time and the events so far, now and then.
    pub(super) progress: &'a (dyn Fn(SimTime, u64) + Sync),
}

/// Runs a scenario, `replications` times.
pub(super) fn simulate(
    scenario: &Scenario,
    replications: u32,
    max_events: u64,
    watch: Watch<'_>,
) -> Outcome {
    let options = RunOptions {
        max_events,
        stop: Some(watch.stop),
        progress: Some(watch.progress),
        ..RunOptions::default()
    };
    replicate(scenario, &options, replications)
}

/// The JSON Schema of scenario files.
pub(super) fn schema() -> Value {
    scenario::json_schema()
}

/// A page for every diagnostic.
pub(super) fn diagnostic_pages() -> Vec<Page> {
    let pages = CODES.iter().map(|code| {
        let mut notes = vec![code.explanation.to_owned()];
        if !code.example.is_empty() {
            notes.push(format!("example:\n{}", code.example));
        }
        Page {
            topic: "diagnostic",
            name: code.number.to_owned(),
            summary: code.title.to_owned(),
            params: &[],
            notes,
            source: Source::Ours,
        }
    });
    pages.collect()
}
