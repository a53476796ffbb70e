//! Conditions, looked at: whether what a runbook waits for is so at this moment.
//!
//! What a reference stands for may not be there yet; a comparison with nothing does not hold,
//! whatever its operator. This module must never change anything.

use std::cmp::Ordering;

use serde_json::Value;

use super::resolve::Scope;
use super::verdict::{holds, satisfies};
use crate::metrics::collector::Collector;
use crate::model::cloud::Cloud;
use crate::model::ids::{InstanceId, TargetGroupId};
use crate::model::registration::TargetHealth;
use crate::scenario::plan::{Comparison, Condition, LookedAt, Test};

impl Scope<'_> {
    /// Whether `condition` holds, with what `collector` has been told so far.
    pub(super) fn is_so(&self, condition: &Condition, collector: &Collector) -> bool {
        condition
            .alternatives
            .iter()
            .any(|tests| tests.iter().all(|test| self.passes(test, collector)))
    }

    fn passes(&self, test: &Test, collector: &Collector) -> bool {
        match test {
            Test::Metric(expectation) => {
                let created = expectation.created.as_deref();
                let value = collector.glance(self.cloud, &expectation.query, created, self.now);
                holds(expectation, value)
            }
            Test::Value {
                looked_at,
                comparison,
                value,
            } => {
                let is = |found: &Value| {
                    let wanted = self.plain(value);
                    wanted.is_some_and(|wanted| compares(found, *comparison, &wanted))
                };
                self.looks(looked_at, &is)
            }
        }
    }

    /// Whether what is looked at is as `is` says.
    fn looks(&self, looked_at: &LookedAt, is: &dyn Fn(&Value) -> bool) -> bool {
        let listed = |text: &str| match self.resolved(text) {
            Some(Value::Array(members)) => Some(members),
            Some(_) | None => None,
        };
        match looked_at {
            LookedAt::InstanceState(name) => {
                let state = self.machine(name).map_or("none", |id| {
                    let instance = &self.cloud.instances[id.index()];
                    instance.state.name()
                });
                is(&state.into())
            }
            LookedAt::Lifecycle(name) => {
                let state = self.machine(name).map_or("none", |id| {
                    let instance = &self.cloud.instances[id.index()];
                    instance.lifecycle.name()
                });
                is(&state.into())
            }
            LookedAt::TargetHealth(group, target) => {
                let group = self.plain(group);
                let found = group.and_then(|group| named_target_group(self.cloud, &group));
                let target = self.plain(target);
                let health = found.zip(target).map_or("none", |(group, target)| {
                    self.health(group, &target).state()
                });
                is(&health.into())
            }
            LookedAt::Reference(text) => self.resolved(text).is_some_and(|found| is(&found)),
            LookedAt::All(text) => {
                listed(text).is_some_and(|members| !members.is_empty() && members.iter().all(is))
            }
            LookedAt::Any(text) => listed(text).is_some_and(|members| members.iter().any(is)),
            LookedAt::Count(text) => {
                listed(text).is_some_and(|members| is(&Value::from(members.len())))
            }
        }
    }

    /// What `text` stands for.
    fn resolved(&self, text: &str) -> Option<Value> {
        self.resolve(&Value::String(text.to_owned())).ok()
    }

    /// What `text` stands for, if that is a word or a number.
    fn plain(&self, text: &str) -> Option<String> {
        match self.resolved(text)? {
            Value::String(text) => Some(text),
            value @ (Value::Number(_) | Value::Bool(_)) => Some(value.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// The machine of this id, or of this name in the file.
    fn machine(&self, name: &str) -> Option<InstanceId> {
        let name = self.plain(name)?;
        let mut own = self.scenario.fleet.instances.iter();
        let own = own.find(|instance| instance.name == name);
        let id = own.map_or(name.as_str(), |instance| instance.id.as_str());
        self.cloud.instance_named(id)
    }

    /// The health of `id`, `id:port` or the name of an instance, as the API shows it.
    fn health(&self, group: TargetGroupId, target: &str) -> TargetHealth {
        let port = self.cloud.target_groups[group.index()].port;
        let split = target.rsplit_once(':');
        let split = split.filter(|(id, _)| !id.contains(':'));
        let (name, port) = split
            .and_then(|(id, port)| Some((id, port.parse().ok()?)))
            .unwrap_or((target, port));
        let mut own = self.scenario.fleet.instances.iter();
        let own = own.find(|instance| instance.name == name);
        let id = own.map_or(name, |instance| instance.id.as_str());
        let found = self.cloud.registration_of(group, id, port);
        found.map_or(TargetHealth::NotRegistered, |id| {
            self.cloud.registrations[id.index()].health
        })
    }
}

fn named_target_group(cloud: &Cloud, name: &str) -> Option<TargetGroupId> {
    let mut groups = cloud.target_groups.iter();
    let place = groups.rposition(|group| group.name == name);
    place.map(TargetGroupId::from_index)
}

/// Whether `found` compares with `wanted` in this way: as numbers where both are, else as words.
fn compares(found: &Value, comparison: Comparison, wanted: &str) -> bool {
    let text = match found {
        Value::String(text) => text.clone(),
        Value::Number(_) | Value::Bool(_) => found.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => return false,
    };
    let order = if let (Ok(found), Ok(wanted)) = (text.parse::<f64>(), wanted.parse::<f64>()) {
        found.partial_cmp(&wanted)
    } else {
        if !matches!(comparison, Comparison::Equal | Comparison::NotEqual) {
            return false;
        }
        let same = text == wanted;
        Some(if same {
            Ordering::Equal
        } else {
            Ordering::Less
        })
    };
    satisfies(order, comparison)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_compare_as_numbers_and_words_as_words() {
        use Comparison::{Equal, Greater, Less, NotEqual};
        for (found, comparison, wanted, holds) in [
            (json!(10), Greater, "9", true),
            (json!("10"), Greater, "9", true),
            (json!(2), Equal, "2.0", true),
            (json!("unused"), Equal, "unused", true),
            (json!("unused"), NotEqual, "draining", true),
            (json!("unused"), Less, "zebra", false),
            (json!(true), Equal, "true", true),
            (json!(null), NotEqual, "x", false),
            (json!([1]), NotEqual, "x", false),
        ] {
            assert_eq!(
                compares(&found, comparison, wanted),
                holds,
                "{found} {comparison:?} {wanted}"
            );
        }
    }
}
