//! The outcome of a run: its measurements, what became of the timeline, and the verdict.
//!
//! The only thing reports see. It holds no wall-clock time, path or host name.

use crate::engine::time::SimTime;
use crate::metrics::measurements::Measurements;
use crate::model::ids::EntryId;

/// Everything there is to tell about one run.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Name of the scenario: the stem of its file, with `/variant` behind it if one was chosen.
    pub scenario: String,
    /// Its description.
    pub description: String,
    /// Seed of the run.
    pub seed: u64,
    /// What the virtual clock showed at 0 s \[Unix seconds\].
    pub start_unix_s: i64,
    /// Digest of all records.
    pub digest: u64,
    /// Events handled.
    pub events: u64,
    /// What stopped the run.
    pub stop: Stop,
    /// The numbers.
    pub measurements: Measurements,
    /// What became of each entry of the timeline, in the order of the file; behind an entry with
    /// steps each making of a step, in the order in which they were made.
    pub timeline: Vec<EntryOutcome>,
    /// What became of each expectation, in the order of the file.
    pub expectations: Vec<ExpectationOutcome>,
    /// Further runs of the same scenario with other seeds.
    pub replications: Option<Replications>,
}

/// What stopped a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The horizon of the file.
    Horizon,
    /// Every drain and replacement was over (`horizon: settled`).
    Settled,
    /// `horizon: settled` never came within its limit.
    NeverSettled,
    /// The limit on events.
    EventLimit,
    /// The limit on requests in flight.
    TooManyInFlight,
    /// The limit on instances, activities and the like that a run remembers.
    TooMuchHistory,
    /// Ctrl-C.
    Interrupted,
}

/// What became of one entry of the timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct EntryOutcome {
    /// Its place in the timeline of the outcome.
    pub entry: EntryId,
    /// Its name: `as`, or `entry-N` counted from 1; of a step `roll[2].detach`, with the entry it
    /// belongs to and the round, counted from 0.
    pub name: String,
    /// When it was made; `None` when it was not reached.
    pub at: Option<SimTime>,
    /// `call`, `do`, `fault`, `wait_until`, `sleep`, `repeat`, `for_each` or `steps`.
    pub kind: &'static str,
    /// `autoscaling:DetachInstances`, `stop_process`, a condition, ...
    pub what: String,
    /// The parameters as they were sent, references resolved.
    pub params: serde_json::Value,
    /// How it went.
    pub result: EntryResult,
    /// What the file expected of it, if that did not happen.
    pub unexpected: Option<String>,
    /// Requests lost that it is to blame for.
    pub lost: u64,
}

/// How an entry of the timeline went.
#[derive(Debug, Clone, PartialEq)]
pub enum EntryResult {
    /// The cloud accepted it and answered this.
    Ok {
        /// The answer in the cloud's own JSON form.
        response: serde_json::Value,
    },
    /// The cloud refused it.
    Error {
        /// The cloud's error code.
        code: String,
        /// The cloud's message.
        message: String,
        /// HTTP status.
        http_status: u16,
        /// The body of the answer in the cloud's own JSON form; only Alibaba Cloud's are made.
        body: Option<serde_json::Value>,
    },
    /// It could not be made: a reference was empty, or the run stopped before.
    NotMade {
        /// Why.
        reason: String,
    },
    /// It began and did not come to a good end.
    Unfinished {
        /// In which way.
        how: Unfinished,
        /// Why.
        reason: String,
    },
}

impl EntryResult {
    /// Its name in reports and references.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Ok { .. } => "ok",
            Self::Error { .. } => "error",
            Self::NotMade { .. } => "not_made",
            Self::Unfinished { how, .. } => how.name(),
        }
    }
}

/// How an entry ended that did not come to a good end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfinished {
    /// What it waited for did not come in time.
    TimedOut,
    /// One of its steps failed.
    Stopped,
    /// It was under way when the run stopped.
    Open,
}

impl Unfinished {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::TimedOut => "timed_out",
            Self::Stopped => "stopped",
            Self::Open => "open",
        }
    }
}

/// What became of one expectation.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpectationOutcome {
    /// As written in the file.
    pub text: String,
    /// The value found, as it would be written in a file: `3`, `812ms`, `unknown`.
    pub actual: String,
    /// The judgement.
    pub verdict: Verdict,
    /// What to do about it, empty for `ok`.
    pub hint: String,
}

/// A judgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Ok,
    /// It does not.
    Failed,
    /// The horizon came before it could be known.
    Undecided,
}

impl Verdict {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::Undecided => "undecided",
        }
    }
}

/// Several runs of one scenario, the first being the outcome they hang on.
#[derive(Debug, Clone, PartialEq)]
pub struct Replications {
    /// How many runs, the first included.
    pub count: u32,
    /// In how many the whole verdict was ok.
    pub passed: u32,
    /// In how many each expectation was ok, in the order of the file.
    pub expectations_ok: Vec<u32>,
    /// In how many at least one request was lost.
    pub with_losses: u32,
    /// Metrics over the runs.
    pub metrics: Vec<ReplicatedMetric>,
}

/// One metric over several runs.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplicatedMetric {
    /// Its name, with its unit behind it: `latency_ms_p99`.
    pub name: String,
    /// Mean over the runs that have it.
    pub mean: f64,
    /// Half the width of the 95 % confidence interval of the mean (Student's t).
    pub half_width: f64,
    /// Smallest.
    pub min: f64,
    /// Largest.
    pub max: f64,
}

impl Outcome {
    /// Whether every expectation held and every entry went as the file demands.
    pub fn passed(&self) -> bool {
        self.expectations.iter().all(|e| e.verdict == Verdict::Ok)
            && self.timeline.iter().all(|e| e.unexpected.is_none())
            && self
                .replications
                .as_ref()
                .is_none_or(|r| r.passed == r.count)
    }
}
