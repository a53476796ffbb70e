//! Making: a call, a deed or a fault of the timeline is carried out at this instant.
//!
//! Faults come before the cloud: a throttled call never reaches its operation, and a stale read is
//! answered with what an earlier moment said. This module must never decide what is made next.

use serde_json::{Value, json};

use super::driver::Driver;
use super::outcome::EntryResult;
use crate::api::{self, ApiError, Call, Operation, Response};
use crate::engine::time::{SimDuration, SimTime};
use crate::model::fault::Fault;
use crate::model::ids::EntryId;
use crate::scenario::plan::{Action, Deed, Entry};

/// What a call that only reads was answered ahead of its time.
#[derive(Debug)]
pub(super) struct Peeked {
    /// How far ahead.
    lag: SimDuration,
    /// When it is made.
    due: SimTime,
    /// Parameters and answer; nothing when a reference stood for nothing then.
    answer: Option<(Value, Result<Response, ApiError>)>,
}

/// How far behind reads may be at some time of a run of `timeline`.
pub(super) fn lags(timeline: &[Entry]) -> Vec<SimDuration> {
    let mut lags: Vec<SimDuration> = Vec::new();
    for entry in timeline {
        if let Action::Fault {
            fault: Fault::StaleDescribes { lag },
            ..
        } = &entry.action
            && !lags.contains(lag)
        {
            lags.push(*lag);
        }
    }
    lags
}

/// Whether an operation only reads.
fn reads(operation: &Operation) -> bool {
    let name = operation.name.split_once(':');
    name.is_some_and(|(_, name)| name.starts_with("Describe") || name.starts_with("List"))
}

impl Driver<'_> {
    /// Makes the call, deed or fault at `plan`, whose row is `row`.
    pub(super) fn make(&mut self, plan: usize, row: usize) {
        let id = EntryId::from_index(row);
        let (params, result) = match &self.entry(plan).action {
            Action::Call { operation, params } => self.call(plan, id, operation, params),
            Action::Do { deed, instance } => self.do_deed(id, *deed, instance),
            Action::Fault {
                fault,
                span,
                params,
            } => {
                let until = span.map_or(SimTime::MAX, |span| self.kernel.now() + span);
                let fault = fault.clone();
                self.kernel
                    .apply(|cloud, cx| cloud.faults.begin(fault, cx.now, until));
                let response = json!({});
                (params.clone(), EntryResult::Ok { response })
            }
            Action::Wait { .. } | Action::Sleep(_) | Action::Steps { .. } => return,
        };
        if let EntryResult::Ok { response } = &result {
            let text = response.to_string();
            self.kernel.observer.fold_text(&text);
            self.rows.bytes += text.len();
        }
        let outcome = &mut self.rows.list[row];
        outcome.params = params;
        outcome.result = result;
    }

    fn call(
        &mut self,
        plan: usize,
        id: EntryId,
        operation: &'static Operation,
        params: &Value,
    ) -> (Value, EntryResult) {
        let resolved = match self.scope().resolve(params) {
            Err(reason) => return (params.clone(), EntryResult::NotMade { reason }),
            Ok(resolved) => resolved,
        };
        let now = self.kernel.now();
        let throttled = self
            .kernel
            .apply(|cloud, _| cloud.is_throttled(operation.name, id, now));
        if throttled {
            let error = Err(api::throttled(operation));
            return (resolved, self.result(id, operation, error));
        }
        let refused = self
            .kernel
            .apply(|cloud, _| cloud.refuses(operation.name, now));
        if let Some(refusal) = refused {
            let (code, message, status) = api::refused(operation, refusal);
            let refused = self.refused(id, operation, (code, message, status));
            return (resolved, refused);
        }
        if let Some((params, answer)) = self.stale(plan, operation) {
            return (params, self.result(id, operation, answer));
        }
        let answer = self.answer(Some(id), operation, &resolved);
        (resolved, self.result(id, operation, answer))
    }

    fn result(
        &self,
        id: EntryId,
        operation: &Operation,
        answer: Result<Response, ApiError>,
    ) -> EntryResult {
        match answer {
            Ok(response) => EntryResult::Ok { response },
            Err(error) => {
                let error = (error.code.to_owned(), error.message, error.http_status);
                self.refused(id, operation, error)
            }
        }
    }

    fn refused(
        &self,
        id: EntryId,
        operation: &Operation,
        (code, message, http_status): (String, String, u16),
    ) -> EntryResult {
        let request = self.kernel.world.refusal_id(id, self.kernel.now());
        EntryResult::Error {
            body: api::error_body(operation, (&code, &message), &request),
            code,
            message,
            http_status,
        }
    }

    /// What the cloud answers now.
    fn answer(
        &mut self,
        cause: Option<EntryId>,
        operation: &'static Operation,
        params: &Value,
    ) -> Result<Response, ApiError> {
        self.kernel.apply(|cloud, cx| {
            cloud.cause = cause;
            let answer = (operation.apply)(&mut Call { cloud, cx }, params);
            cloud.cause = None;
            cloud.assert_coherent(cx.now);
            answer
        })
    }

    /// What a stale read was answered ahead of its time, if reads are stale now.
    fn stale(
        &mut self,
        plan: usize,
        operation: &'static Operation,
    ) -> Option<(Value, Result<Response, ApiError>)> {
        let peeked = self.peeked.remove(&plan)?;
        let now = self.kernel.now();
        let lag = self.kernel.world.faults.lag(now)?;
        if !reads(operation) {
            return None;
        }
        let mine = |peeked: &Peeked| peeked.lag == lag && peeked.due == now;
        peeked.into_iter().find(mine)?.answer
    }

    /// Has the call at `plan`, to be made at `at`, answered ahead of that if reads may be stale
    /// then: as long before as the fault says, or now if that is later.
    pub(super) fn schedule_peeks(&mut self, plan: usize, at: SimTime) {
        if self.lags.is_empty() {
            return;
        }
        let Action::Call { operation, .. } = &self.entry(plan).action else {
            return;
        };
        let now = self.kernel.now();
        if !reads(operation) || at <= now {
            return;
        }
        self.peeked.remove(&plan);
        for lag in self.lags.clone() {
            let ahead = at.as_nanos().saturating_sub(lag.as_nanos());
            let when = SimTime::from_nanos(ahead).max(now);
            let peeked = Peeked {
                lag,
                due: at,
                answer: None,
            };
            self.peeked.entry(plan).or_default().push(peeked);
            let task = super::agenda::Task::Peek(plan);
            self.agenda.add(when, (u32::MAX, plan), task);
        }
    }

    /// Answers the call at `plan` ahead of its time.
    pub(super) fn peek(&mut self, plan: usize) {
        let Action::Call { operation, params } = &self.entry(plan).action else {
            return;
        };
        let now = self.kernel.now();
        let Some(peeked) = self.peeked.get(&plan) else {
            return;
        };
        let due = |peeked: &Peeked| {
            let ahead = peeked.due.as_nanos().saturating_sub(peeked.lag.as_nanos());
            peeked.answer.is_none() && ahead <= now.as_nanos()
        };
        let places: Vec<usize> = (0..peeked.len()).filter(|&at| due(&peeked[at])).collect();
        if places.is_empty() {
            return;
        }
        let Ok(params) = self.scope().resolve(params) else {
            return;
        };
        let answer = self.answer(None, operation, &params);
        for place in places {
            if let Some(peeked) = self.peeked.get_mut(&plan) {
                peeked[place].answer = Some((params.clone(), answer.clone()));
            }
        }
    }

    fn do_deed(&mut self, id: EntryId, deed: Deed, instance: &str) -> (Value, EntryResult) {
        let wanted = json!({ "instance": instance });
        let params = match self.scope().resolve(&wanted) {
            Ok(params) => params,
            Err(reason) => return (wanted, EntryResult::NotMade { reason }),
        };
        let name = params["instance"].as_str().unwrap_or_default().to_owned();
        let Some(machine) = self.kernel.world.instance_named(&name) else {
            let reason = format!("there is no instance `{name}` at that time");
            return (params, EntryResult::NotMade { reason });
        };
        self.kernel.apply(|cloud, cx| {
            cloud.cause = Some(id);
            match deed {
                Deed::StopProcess => cloud.stop_process(cx, machine),
                Deed::KillProcess => cloud.kill_process(cx, machine),
            }
            cloud.cause = None;
            cloud.assert_coherent(cx.now);
        });
        let response = json!({});
        (params, EntryResult::Ok { response })
    }
}
