//! The validated scenario: what a file means once nothing in it is wrong.

use serde_json::Value;

use crate::api::Operation;
use crate::engine::time::{SimDuration, SimTime};
use crate::metrics::query::Query;
use crate::model::ids::EntryId;
use crate::model::settings::FleetSettings;

/// A scenario ready to run.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The stem of its file, with `/variant` behind it if one was chosen.
    pub name: String,
    /// What it shows.
    pub description: String,
    /// Where the situation comes from.
    pub source: String,
    /// When the run stops.
    pub horizon: Horizon,
    /// The fleet and its traffic.
    pub fleet: FleetSettings,
    /// What is done to it, in the order of the file.
    pub timeline: Vec<Entry>,
    /// The verdict.
    pub expectations: Vec<Expectation>,
    /// Names of the variants in the file.
    pub variants: Vec<String>,
}

/// When a run stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Horizon {
    /// At this time.
    At(SimTime),
    /// When every drain and replacement is over.
    Settled,
}

/// One entry of the timeline.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its name: `as`, or `entry-N` counted from 1.
    pub name: String,
    /// When it is made.
    pub when: When,
    /// What it does.
    pub action: Action,
    /// What must come of it.
    pub expect: EntryExpect,
}

/// When an entry is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// At this time.
    At(SimTime),
    /// So long after another entry.
    After(EntryId, SimDuration),
}

/// What an entry does.
#[derive(Debug, Clone)]
pub enum Action {
    /// An API call.
    Call {
        /// The operation.
        operation: &'static Operation,
        /// Parameters, `${...}` references not yet resolved.
        params: Value,
    },
    /// What people and tools do that is no API call.
    Do {
        /// What.
        deed: Deed,
        /// Instance id, or a `${...}` reference to one.
        instance: String,
    },
}

/// What people and tools do to a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Tell its process to stop; it follows its shutdown rule.
    StopProcess,
    /// Kill its process at once; the host stays up.
    KillProcess,
}

impl Deed {
    /// Its name in a file.
    pub fn name(self) -> &'static str {
        match self {
            Self::StopProcess => "stop_process",
            Self::KillProcess => "kill_process",
        }
    }
}

/// What must come of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryExpect {
    /// The cloud accepts it.
    Ok,
    /// The cloud refuses it.
    Error {
        /// With this code.
        code: String,
        /// With this text somewhere in its message.
        message: Option<String>,
    },
    /// Either; nothing is demanded (`expect: any`).
    Any,
}

/// One line of the verdict.
#[derive(Debug, Clone)]
pub struct Expectation {
    /// As written.
    pub text: String,
    /// What is looked at.
    pub query: Query,
    /// How it is compared.
    pub comparison: Comparison,
    /// With what, in the metric's base unit: counts as they are, durations in seconds.
    pub value: f64,
}

/// How a metric is compared with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}
