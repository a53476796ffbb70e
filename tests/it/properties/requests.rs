//! Requests made up from the descriptors of operations: mostly sensible, sometimes odd.
//!
//! A request is drawn when it is made, so that it can name what is there then; what it draws from
//! are plain bytes, so that a failing one shrinks: no bytes at all are the plainest request. Names
//! come from the fleet and from what earlier requests and answers held under the same key, so an
//! operation that makes a thing feeds those that use it, and no operation is known by its name.

use std::collections::BTreeMap;

use drainsim::describe::{Kind, Param, Pattern, Piece, Presence};
use drainsim::model::cloud::Cloud;
use drainsim::model::ids::TargetGroupId;
use drainsim::model::lb::Family;
use drainsim::model::settings::LoadBalancerSettings;
use serde_json::{Map, Value, json};

/// Decisions, read from bytes; when there are none left, each is the first choice.
#[derive(Debug)]
pub(crate) struct Choices<'a>(pub(crate) &'a [u8]);

impl Choices<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *first
    }

    pub(super) fn below(&mut self, count: usize) -> usize {
        usize::from(self.byte()) % count.max(1)
    }

    fn one<T: Clone>(&mut self, items: &[T]) -> Option<T> {
        let place = self.below(items.len());
        items.get(place).cloned()
    }

    /// Once in `often`, and never without bytes.
    pub(super) fn seldom(&mut self, often: usize) -> bool {
        self.below(often) == often - 1
    }
}

/// Texts that requests may hold, by key.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    learnt: BTreeMap<String, Vec<String>>,
}

/// Texts kept for a key.
const KEPT: usize = 6;

/// The key under which texts of `key` are kept: `InstanceIds` and `InstanceId` are one.
fn family(key: &str) -> String {
    let last = key.rsplit('.').next().unwrap_or(key).to_ascii_lowercase();
    last.trim_end_matches('s').to_owned()
}

impl Pool {
    /// Takes in what a request or an answer names.
    pub(crate) fn learn(&mut self, key: &str, value: &Value) {
        match value {
            Value::String(text) => {
                let texts = self.learnt.entry(family(key)).or_default();
                if !texts.contains(text) {
                    texts.insert(0, text.clone());
                    texts.truncate(KEPT);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.learn(key, item)),
            Value::Object(fields) => fields
                .iter()
                .for_each(|(key, value)| self.learn(key, value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// What a request may say under `key` now.
    fn texts(&self, cloud: &Cloud, key: &str) -> Vec<String> {
        let family = family(key);
        let mut texts = match family.as_str() {
            "autoscalinggroupname" => names(cloud.groups.iter().map(|group| &group.name)),
            "scalinggroupid" => names(cloud.groups.iter().map(|group| &group.identifier)),
            "instanceid" | "id" | "targetid" | "serverid" => {
                // members of groups are what most is done to
                let members = cloud.groups.iter().flat_map(|group| &group.members);
                let members = members.map(|id| &cloud.instances[id.index()].id);
                let all = cloud.instances.iter().map(|instance| &instance.id);
                names(members.clone().chain(members).chain(all))
            }
            "listenerarn" | "rulearn" => {
                names(cloud.listeners.iter().map(|listener| &listener.identifier))
            }
            "loadbalancerarn" | "loadbalancer" | "loadbalancerid" => names(
                cloud
                    .load_balancers
                    .iter()
                    .map(|balancer| &balancer.identifier),
            ),
            "subnetid" | "subnet" | "vpczoneidentifier" => cloud
                .zones
                .iter()
                .map(|zone| format!("subnet-{zone}"))
                .collect(),
            "targetgrouparn" | "identifier" | "servergroupid" | "albservergroupid"
            | "vservergroupid" => names(cloud.target_groups.iter().map(|group| &group.identifier)),
            "targetgroupidentifier" => {
                // VPC Lattice names them in its own way, and there are fewer of them
                let groups = cloud.target_groups.iter();
                let lattice = groups.filter(|group| group.kind.family() == Family::Lattice);
                names(lattice.map(|group| &group.identifier))
            }
            "key" => {
                let groups = cloud.target_groups.iter();
                let keys = groups.flat_map(|group| group.attributes.iter());
                keys.map(|(key, _)| key.to_owned()).collect()
            }
            "loadbalancername" => balancers(cloud),
            "availabilityzone" => names(cloud.zones.iter()),
            "activityid" | "scalingactivityid" => {
                names(cloud.activities.iter().map(|(_, _, activity)| &activity.id))
            }
            "lifecyclehookname" | "lifecyclehookid" | "lifecycleactiontoken" => {
                of_hooks(cloud, &family)
            }
            "resourcelabel" => {
                let groups = (0..cloud.target_groups.len()).map(TargetGroupId::from_index);
                groups.filter_map(|id| cloud.resource_label(id)).collect()
            }
            "scheduledactionname" => scheduled(cloud),
            "launchtemplatename" | "launchtemplateid" | "activescalingconfigurationid" => {
                names(cloud.launch_templates.iter().map(|t| &t.name))
            }
            "vswitchid" => cloud
                .zones
                .iter()
                .map(|zone| format!("vsw-{zone}"))
                .collect(),
            other => owned(words(other)),
        };
        if let Some(learnt) = self.learnt.get(&family) {
            texts.extend(learnt.iter().cloned());
        }
        texts
    }
}

/// Names and ids of lifecycle hooks, and tokens of their actions.
fn of_hooks(cloud: &Cloud, family: &str) -> Vec<String> {
    let hooks = cloud.groups.iter().flat_map(|group| &group.hooks);
    match family {
        "lifecyclehookname" => names(hooks.map(|hook| &hook.name)),
        "lifecyclehookid" => names(hooks.map(|hook| &hook.id)),
        _ => names(cloud.lifecycle_actions.iter().map(|action| &action.token)),
    }
}

/// Names of scheduled actions.
fn scheduled(cloud: &Cloud) -> Vec<String> {
    let scaling = cloud.groups.iter().map(|group| &group.scaling);
    names(scaling.flat_map(|scaling| scaling.scheduled.iter().map(|action| &action.name)))
}

/// Names of load balancers: only Classic ones are known by name.
fn balancers(cloud: &Cloud) -> Vec<String> {
    let balancers = cloud.load_balancers.iter();
    let classic = |balancer: &&LoadBalancerSettings| balancer.kind.family() == Family::Classic;
    let (classic, others): (Vec<_>, Vec<_>) = balancers.partition(classic);
    let often = classic.iter().cycle().take(5 * classic.len());
    names(often.chain(&others).map(|balancer| &balancer.name))
}

/// Words that a request may say under a key.
fn words(family: &str) -> &'static [&'static str] {
    match family {
        "value" => &["0", "30", "true", "false", "round_robin", "off", "1"],
        "policytype" => &["StepScaling", "SimpleScaling", "TargetTrackingScaling"],
        "adjustmenttype" => &["ChangeInCapacity", "PercentChangeInCapacity"],
        "type" => &["elbv2", "elb", "vpc-lattice"],
        "recurrence" => &["*/2 * * * *", "1-59/3 * * * *", "0 0 30 2 *"],
        "timezone" => &["UTC", "Mars"],
        "healthstatus" => &["Unhealthy", "Healthy"],
        _ => &[],
    }
}

fn names<'a>(names: impl Iterator<Item = &'a String>) -> Vec<String> {
    names.cloned().collect()
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

/// Draws a request.
#[derive(Debug)]
pub(crate) struct Drawer<'a> {
    pub(crate) cloud: &'a Cloud,
    pub(crate) pool: &'a Pool,
    pub(crate) choices: Choices<'a>,
    /// Whether the operation makes new things, which have new names.
    pub(crate) creates: bool,
}

impl Drawer<'_> {
    /// The parameters of a call.
    pub(crate) fn request(&mut self, params: &[Param]) -> Value {
        if self.choices.seldom(200) {
            return self.odd();
        }
        self.structure(params)
    }

    fn structure(&mut self, params: &[Param]) -> Value {
        let mut fields = Map::new();
        for param in params {
            let left_out = match param.presence {
                Presence::Required => self.choices.seldom(100),
                // what has one field only is there to say it
                Presence::Optional if params.len() == 1 => self.choices.seldom(8),
                Presence::Optional | Presence::Default(_) => self.leaves_out(param),
            };
            if left_out {
                continue;
            }
            let value = if self.choices.seldom(60) {
                self.odd()
            } else {
                self.value(param.key, &param.kind)
            };
            // `N` of a flattened list
            fields.insert(param.key.replace(".N", ".1"), value);
        }
        if self.choices.seldom(150) {
            fields.insert("Nonsense".to_owned(), json!(1));
        }
        Value::Object(fields)
    }

    /// Whether a parameter that may be left out is: always without bytes, mostly when there is
    /// nothing to say.
    fn leaves_out(&mut self, param: &Param) -> bool {
        let often = match param.kind {
            // one way of several to write a list
            Kind::Any => 14,
            _ if param.key.contains(".N") => 15,
            // what only makes sense together with other things: page tokens
            Kind::Text { .. } | Kind::Pattern { .. }
                if self.pool.texts(self.cloud, param.key).is_empty() =>
            {
                14
            }
            // ids of what is to be acted on
            Kind::List { .. } | Kind::Struct(_) => 4,
            Kind::Duration { .. }
            | Kind::Rate
            | Kind::Integer { .. }
            | Kind::Number { .. }
            | Kind::Boolean
            | Kind::Timestamp
            | Kind::OneOf(_)
            | Kind::Distribution
            | Kind::Arrivals
            | Kind::Text { .. }
            | Kind::Pattern { .. }
            | Kind::Map(_) => 7,
        };
        self.choices.below(16) < often
    }

    fn value(&mut self, key: &str, kind: &Kind) -> Value {
        match kind {
            Kind::Boolean => json!(self.choices.below(2) == 1),
            Kind::Integer { min, max } if family(key) == "port" => {
                json!(self.port().clamp(*min, *max))
            }
            Kind::Integer { min, max } => json!(self.integer(*min, *max)),
            Kind::Number { min, max } => {
                let number = self.integer(-1_000, 1_000);
                json!((f64::from(i32::try_from(number).unwrap()) / 2.0).clamp(*min, *max))
            }
            Kind::OneOf(words) => json!(self.choices.one(words)),
            Kind::Text { min, max } => json!(self.text(key, *min, *max, None)),
            Kind::Pattern { min, max, pattern } => {
                json!(self.text(key, *min, *max, Some(pattern)))
            }
            Kind::Timestamp => {
                let minute = self.choices.below(10);
                json!(format!("2026-01-01T00:0{minute}:00Z"))
            }
            Kind::List { of, min, max } => self.list(key, of, *min, *max),
            Kind::Struct(params) => self.structure(params),
            Kind::Map(of) => {
                let name = self.text("name", 1, 9, None);
                json!({ name: self.value("value", of) })
            }
            Kind::Any => self.odd(),
            Kind::Duration { .. } | Kind::Rate | Kind::Distribution | Kind::Arrivals => {
                unreachable!("no operation takes what only scenarios have")
            }
        }
    }

    /// A port of some target; seldom another.
    fn port(&mut self) -> i64 {
        let ports: Vec<u16> = self
            .cloud
            .registrations
            .iter()
            .map(|one| one.port)
            .collect();
        let known = if self.choices.seldom(8) {
            None
        } else {
            self.choices.one(&ports)
        };
        i64::from(known.unwrap_or(80))
    }

    fn integer(&mut self, min: i64, max: i64) -> i64 {
        let small = i64::try_from(self.choices.below(7)).unwrap();
        match self.choices.below(12) {
            0..9 => small.clamp(min, max),
            9 => min.saturating_add(small).min(max),
            10 => max.saturating_sub(small).max(min),
            _ => (small * 37).clamp(min, max),
        }
    }

    fn list(&mut self, key: &str, of: &Kind, min: usize, max: usize) -> Value {
        let count = match self.choices.below(30) {
            0..15 => 1,
            15..23 => 2,
            23..28 => 3,
            28 => min,
            // one too many, where that is not too long to write
            _ => max.saturating_add(1).min(25),
        };
        Value::Array((0..count).map(|_| self.value(key, of)).collect())
    }

    fn text(&mut self, key: &str, min: usize, max: usize, pattern: Option<&Pattern>) -> String {
        let known = self.pool.texts(self.cloud, key);
        let often = if self.creates && key.ends_with("Name") {
            2
        } else {
            8
        };
        let invented = known.is_empty() || self.choices.seldom(often);
        let text = if invented {
            format!("n{}", self.choices.below(3))
        } else {
            self.choices.one(&known).unwrap_or_default()
        };
        let fits = |text: &str| {
            (min..=max).contains(&text.chars().count())
                && pattern.is_none_or(|pattern| pattern.matches(text))
        };
        match pattern {
            Some(pattern) if !fits(&text) => sample(pattern, min),
            _ if !fits(&text) => "n".repeat(min.clamp(1, max)),
            _ => text,
        }
    }

    fn odd(&mut self) -> Value {
        let odd = [
            json!(null),
            json!(""),
            json!(-1),
            json!(true),
            json!(0),
            json!("n0"),
            json!(7_000),
            json!(u64::MAX),
            json!(i64::MIN),
            json!(0.5),
            json!([]),
            json!({}),
            json!([null, 1, "a", [], {}]),
            json!("a\u{7}\u{fffe}"),
            json!("[[[["),
            json!("\u{1f600}".repeat(400)),
            json!("i-00000000000000000"),
            json!("arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/x/0"),
        ];
        self.choices.one(&odd).unwrap()
    }
}

/// A text of the first form of a pattern, `min` characters long at least where a run can grow.
fn sample(pattern: &Pattern, min: usize) -> String {
    let mut text = String::new();
    for piece in pattern.forms.first().copied().unwrap_or_default() {
        match piece {
            Piece::Literal(literal) => text.push_str(literal),
            Piece::Run {
                of,
                min: fewest,
                max: most,
            } => {
                let count = (*fewest).max(min).max(1).min(*most);
                let some = of.first().map_or('x', |set| set.some());
                text.extend(std::iter::repeat_n(some, count));
            }
        }
    }
    text
}
