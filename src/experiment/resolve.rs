//! References, resolved: what `${...}` in the parameters of a call stands for when it is made.
//!
//! A reference that stands for nothing then makes the entry `not_made`. The reader of files has
//! checked that every name exists. This module must never change the cloud.

use serde_json::{Value, json};

use super::outcome::EntryResult;
use super::rows::Rows;
use crate::engine::time::SimTime;
use crate::model::cloud::Cloud;
use crate::model::ids::TargetGroupId;
use crate::model::lifecycle::LifecycleState;
use crate::scenario::plan::Scenario;
use crate::scenario::reference::{Piece, Reference, Segment, pieces};

/// What references may look at.
pub(super) struct Scope<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) cloud: &'a Cloud,
    pub(super) rows: &'a Rows,
    pub(super) now: SimTime,
}

impl Scope<'_> {
    /// `params` with every reference resolved; a list inside a list becomes part of it.
    ///
    /// # Errors
    /// A sentence that says which reference stands for nothing and why.
    pub(super) fn resolve(&self, params: &Value) -> Result<Value, String> {
        match params {
            Value::String(text) => self.text(text),
            Value::Array(items) => {
                let mut resolved = Vec::new();
                for item in items {
                    match (item, self.resolve(item)?) {
                        (Value::String(_), Value::Array(inner)) => resolved.extend(inner),
                        (_, other) => resolved.push(other),
                    }
                }
                Ok(Value::Array(resolved))
            }
            Value::Object(fields) => fields
                .iter()
                .map(|(key, value)| Ok((key.clone(), self.resolve(value)?)))
                .collect::<Result<_, String>>()
                .map(Value::Object),
            Value::Null | Value::Bool(_) | Value::Number(_) => Ok(params.clone()),
        }
    }

    fn text(&self, text: &str) -> Result<Value, String> {
        let found = pieces(text).map_err(|malformed| malformed.message)?;
        if let [Piece::Reference(reference, range)] = found.as_slice() {
            return self
                .reference(reference)
                .map_err(|why| explain(&text[range.clone()], &why));
        }
        let mut whole = String::new();
        for piece in &found {
            match piece {
                Piece::Text(plain) => whole += plain,
                Piece::Reference(reference, range) => {
                    let written = &text[range.clone()];
                    match self
                        .reference(reference)
                        .map_err(|why| explain(written, &why))?
                    {
                        Value::String(text) => whole += &text,
                        value @ (Value::Number(_) | Value::Bool(_)) => whole += &value.to_string(),
                        Value::Null | Value::Array(_) | Value::Object(_) => {
                            return Err(explain(written, "it is no text to put into another"));
                        }
                    }
                }
            }
        }
        Ok(Value::String(whole))
    }

    fn reference(&self, reference: &Reference) -> Result<Value, String> {
        let Reference { name, path } = reference;
        let mut balancers = self.cloud.load_balancers.iter();
        if let Some(balancer) = balancers.position(|balancer| balancer.name == *name) {
            return self.balancer(balancer, path);
        }
        let targets = &self.cloud.target_groups;
        // one that was deleted stays before one that was created again
        if let Some(index) = targets.iter().rposition(|group| group.name == *name) {
            let group = &targets[index];
            return match path.as_slice() {
                [Segment::Field(field)] => match field.as_str() {
                    "arn" | "id" => Ok(group.identifier.clone().into()),
                    "name" => Ok(group.name.clone().into()),
                    "port" => Ok(group.port.into()),
                    "resource_label" => {
                        let label = self.cloud.resource_label(TargetGroupId::from_index(index));
                        label
                            .map(Value::from)
                            .ok_or_else(|| "no load balancer forwards to it then".to_owned())
                    }
                    _ => Err("a target group has no such property".to_owned()),
                },
                _ => Err("a target group has no such property".to_owned()),
            };
        }
        if let Some(group) = self
            .cloud
            .groups
            .iter()
            .rposition(|group| group.name == *name)
        {
            return self.group(group, path);
        }
        let instances = &self.scenario.fleet.instances;
        if let Some(instance) = instances.iter().find(|instance| instance.name == *name) {
            return Ok(instance.id.clone().into());
        }
        match self.rows.plan_named(name) {
            Some(plan) => self.entry(plan, name, path),
            None => Err(format!("there is no `{name}` then")),
        }
    }

    /// A property of an entry of the timeline, as it was made last.
    fn entry(&self, plan: usize, name: &str, path: &[Segment]) -> Result<Value, String> {
        let row = self.rows.latest(plan);
        let (first, rest) = path
            .split_first()
            .ok_or("the reference names no property")?;
        let Segment::Field(first) = first else {
            return Err("an entry has no such property".to_owned());
        };
        let not_made = || format!("`{name}` was not made yet");
        let value = match first.as_str() {
            "response" => match row.map(|row| &row.result) {
                Some(EntryResult::Ok { response }) => response.clone(),
                Some(
                    EntryResult::Error { .. }
                    | EntryResult::NotMade { .. }
                    | EntryResult::Unfinished { .. },
                )
                | None => return Err(format!("`{name}` has no response")),
            },
            "outcome" => row.ok_or_else(not_made)?.result.name().into(),
            "error" => match &row.ok_or_else(not_made)?.result {
                EntryResult::Error {
                    code,
                    message,
                    http_status,
                    body,
                } => {
                    let mut error =
                        json!({ "code": code, "message": message, "http_status": http_status });
                    if let Some(body) = body {
                        error["body"] = body.clone();
                    }
                    error
                }
                EntryResult::Ok { .. }
                | EntryResult::NotMade { .. }
                | EntryResult::Unfinished { .. } => {
                    return Err(format!("`{name}` was not refused"));
                }
            },
            "item" => {
                let item = self.rows.item(plan).cloned();
                item.ok_or_else(|| format!("`{name}` goes over no list then"))?
            }
            "index" => {
                let round = self.rows.round(plan);
                round
                    .ok_or_else(|| format!("`{name}` has no rounds then"))?
                    .into()
            }
            _ => return Err("an entry has no such property".to_owned()),
        };
        walk(&value, rest).ok_or_else(|| format!("the {first} of `{name}` has no such field"))
    }

    fn balancer(&self, index: usize, path: &[Segment]) -> Result<Value, String> {
        let fields: Option<Vec<&str>> = path.iter().map(Segment::field).collect();
        let listeners = &self.cloud.listeners;
        let default = |name: &str| {
            listeners.iter().position(|listener| {
                listener.load_balancer == index && listener.rule.is_none() && listener.name == name
            })
        };
        let found = match fields.as_deref() {
            Some(["name"]) => return Ok(self.cloud.load_balancers[index].name.clone().into()),
            Some(["arn"]) => return Ok(self.cloud.load_balancers[index].identifier.clone().into()),
            Some(["listeners", name, "arn"]) => default(name),
            Some(["listeners", name, "rules", rule, "arn"]) => default(name).and_then(|of| {
                listeners.iter().position(|listener| {
                    let listener_of = listener.rule.map(|rule| rule.listener.index());
                    listener_of == Some(of) && listener.name == *rule
                })
            }),
            _ => None,
        };
        found.map_or_else(
            || Err("a load balancer has no such property".to_owned()),
            |found| Ok(listeners[found].identifier.clone().into()),
        )
    }

    fn group(&self, index: usize, path: &[Segment]) -> Result<Value, String> {
        let group = &self.cloud.groups[index];
        let members: Vec<Value> = group
            .members
            .iter()
            .map(|member| &self.cloud.instances[member.index()])
            .filter(|instance| {
                let state = instance.lifecycle;
                matches!(state, LifecycleState::Pending | LifecycleState::InService)
            })
            .map(|instance| Value::from(instance.id.clone()))
            .collect();
        let count = members.len();
        let some = |members: Vec<Value>| {
            if members.is_empty() {
                Err("the group has no instances then".to_owned())
            } else {
                Ok(Value::Array(members))
            }
        };
        let field = |field: &str| match field {
            "name" => Ok(group.name.clone().into()),
            "id" => Ok(group.identifier.clone().into()),
            _ => Err("a group has no such property".to_owned()),
        };
        match path {
            [Segment::Field(instances)] if instances == "instances" => some(members),
            [Segment::Field(instances), Segment::Index(index)] if instances == "instances" => {
                let member = members.get(*index).cloned();
                member.ok_or_else(|| format!("the group has {count} instances then"))
            }
            [Segment::Field(name)] => field(name),
            [call @ Segment::Call(..), Segment::Index(place)] => {
                let some = self.group(index, std::slice::from_ref(call))?;
                let one = some.get(place).cloned();
                one.ok_or_else(|| format!("only {} instances are asked for", count.min(*place)))
            }
            [Segment::Call(which, wanted)] => {
                let wanted = usize::try_from(*wanted).unwrap_or(usize::MAX);
                if wanted > count {
                    return Err(format!("the group has {count} instances then"));
                }
                match which.as_str() {
                    "oldest" => some(members[..wanted].to_vec()),
                    "newest" => some(members[count - wanted..].to_vec()),
                    _ => Err("a group has no such property".to_owned()),
                }
            }
            _ => Err("a group has no such property".to_owned()),
        }
    }
}

/// What `path` leads to from `value`; `[*]` gathers what it leads to from each member of a list.
fn walk(value: &Value, path: &[Segment]) -> Option<Value> {
    let Some((first, rest)) = path.split_first() else {
        return Some(value.clone());
    };
    match first {
        Segment::Field(field) => walk(value.get(field)?, rest),
        Segment::Index(index) => walk(value.get(index)?, rest),
        Segment::Call(..) => None,
        Segment::All => {
            let again = rest.contains(&Segment::All);
            let mut gathered = Vec::new();
            for member in value.as_array()? {
                match walk(member, rest) {
                    Some(Value::Array(inner)) if again => gathered.extend(inner),
                    Some(found) => gathered.push(found),
                    None => {}
                }
            }
            Some(Value::Array(gathered))
        }
    }
}

fn explain(written: &str, why: &str) -> String {
    format!("`{written}` stands for nothing: {why}")
}
