//! The validated scenario: what a file means once nothing in it is wrong.

use serde_json::Value;

use crate::api::Operation;
use crate::engine::time::{SimDuration, SimTime};
use crate::metrics::query::Query;
use crate::model::fault::Fault;
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
    /// What is done to it: the entries in the order of the file, then the steps of those that have
    /// some, also in that order.
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
    /// The entry it is a step of.
    pub parent: Option<EntryId>,
    /// Whether what comes after it is made even when it fails.
    pub goes_on: bool,
}

/// When an entry is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// At this time.
    At(SimTime),
    /// So long after another entry is over.
    After(EntryId, SimDuration),
    /// A step: so long after the one before it, or after its entry began.
    Next(SimDuration),
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
    /// Something goes wrong with the cloud from now on.
    Fault {
        /// What.
        fault: Fault,
        /// For so long; until the end if nothing is said.
        span: Option<SimDuration>,
        /// The parameters as they are written.
        params: Value,
    },
    /// Waits until something is so.
    Wait {
        /// What.
        condition: Condition,
        /// How often it is looked at; at every change if nothing is said.
        every: Option<SimDuration>,
        /// How long at most.
        timeout: SimDuration,
    },
    /// Does nothing for so long.
    Sleep(SimDuration),
    /// Makes its steps one after another, once or several times.
    Steps {
        /// How often.
        rounds: Rounds,
        /// Which.
        steps: Vec<EntryId>,
    },
}

/// How often steps are made.
#[derive(Debug, Clone)]
pub enum Rounds {
    /// Once.
    Once,
    /// Once for each member of a list, `${...}` references not yet resolved.
    Each(Value),
    /// Again and again.
    Repeat(Repeat),
}

/// How often steps are repeated.
#[derive(Debug, Clone)]
pub struct Repeat {
    /// So often at most.
    pub times: u32,
    /// Time from the end of one round to the beginning of the next.
    pub every: SimDuration,
    /// Until this is so at the end of a round.
    pub until: Option<Condition>,
    /// No round begins so long after the first, or later.
    pub timeout: Option<SimDuration>,
}

/// Something that is so or not at a moment: one of the alternatives, in which all tests hold.
#[derive(Debug, Clone)]
pub struct Condition {
    /// As written.
    pub text: String,
    /// The alternatives, which `or` joins; in each the tests that `and` joins.
    pub alternatives: Vec<Vec<Test>>,
}

/// One comparison of a condition.
#[derive(Debug, Clone)]
pub enum Test {
    /// A metric, as it stands at that moment.
    Metric(Expectation),
    /// A state or a piece of a response.
    Value {
        /// What is looked at.
        looked_at: LookedAt,
        /// How it is compared.
        comparison: Comparison,
        /// With what: a word or a number, `${...}` references not yet resolved.
        value: String,
    },
}

/// What a condition compares that is no metric. Names may be `${...}` references.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookedAt {
    /// The state of an instance as EC2 shows it.
    InstanceState(String),
    /// The lifecycle state of an instance as its group shows it.
    Lifecycle(String),
    /// The health of a target: target group, and id or `id:port`.
    TargetHealth(String, String),
    /// What a reference stands for.
    Reference(String),
    /// Every member of the list a reference stands for, of which there must be some.
    All(String),
    /// Some member of the list a reference stands for.
    Any(String),
    /// How many members the list has that a reference stands for.
    Count(String),
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
    /// It waits in vain.
    TimedOut,
    /// It is not made.
    NotMade,
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
    /// The group or target group it is about, when only a call of the timeline creates that.
    pub created: Option<String>,
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
