//! The fleet being put together: what the readers of the sections add to, in one order.
//!
//! Positions in the lists follow the file even where something was wrong, so that reading can go on
//! and find the next problem. This module must never know the keys of a section.

use std::collections::BTreeMap;

use super::context::{Context, Thing};
use super::plan::Horizon;
use super::shape::Fields;
use super::workloads;
use super::{
    groups, instances, launch_templates, load_balancers, own_targets, settings, target_groups,
};
use crate::engine::random::{Stream, Streams};
use crate::engine::time::SimTime;
use crate::model::assumption::Assumptions;
use crate::model::identifier::Identifiers;
use crate::model::ids::{ListenerId, ZoneId};
use crate::model::lb::{Kind, default_kind};
use crate::model::settings::{
    FleetSettings, GroupSettings, InstanceSettings, LaunchTemplateSettings, ListenerSettings,
    LoadBalancerSettings, TargetGroupSettings, WorkloadSettings,
};

/// The fleet so far.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) zones: Vec<String>,
    pub(super) load_balancers: Vec<LoadBalancerSettings>,
    /// Load balancers of a kind that is not simulated; their details are not looked at.
    pub(super) unknown_kinds: Vec<usize>,
    pub(super) listeners: Vec<ListenerSettings>,
    /// Listeners as workloads name them: `front/https`.
    pub(super) listener_names: BTreeMap<String, ListenerId>,
    pub(super) target_groups: Vec<TargetGroupSettings>,
    /// The load balancer in front of each target group.
    pub(super) balancers: Vec<Option<usize>>,
    pub(super) launch_templates: Vec<LaunchTemplateSettings>,
    used_templates: Vec<usize>,
    pub(super) instances: Vec<InstanceSettings>,
    instance_by_id: BTreeMap<String, usize>,
    pub(super) groups: Vec<GroupSettings>,
    pub(super) workloads: Vec<WorkloadSettings>,
    /// The first possible arrival of each workload.
    pub(super) first_arrivals: Vec<SimTime>,
    pub(super) assumptions: Assumptions,
    zone_ids: BTreeMap<String, ZoneId>,
}

impl Draft {
    fn new(assumptions: Assumptions) -> Self {
        Self {
            zones: Vec::new(),
            load_balancers: Vec::new(),
            unknown_kinds: Vec::new(),
            listeners: Vec::new(),
            listener_names: BTreeMap::new(),
            target_groups: Vec::new(),
            balancers: Vec::new(),
            launch_templates: Vec::new(),
            used_templates: Vec::new(),
            instances: Vec::new(),
            instance_by_id: BTreeMap::new(),
            groups: Vec::new(),
            workloads: Vec::new(),
            first_arrivals: Vec::new(),
            assumptions,
            zone_ids: BTreeMap::new(),
        }
    }

    /// The kind of load balancer whose rules a target group follows, if it is simulated.
    pub(super) fn kind_behind(&self, target_group: usize) -> Option<&'static dyn Kind> {
        let balancer = self.balancers.get(target_group).copied().flatten();
        match balancer {
            Some(index) if self.unknown_kinds.contains(&index) => None,
            Some(index) => Some(self.load_balancers[index].kind),
            None => Some(default_kind(self.target_groups[target_group].provider)),
        }
    }

    /// The zone called `name`, a new one if it was not named before.
    pub(super) fn zone(&mut self, name: &str) -> ZoneId {
        if let Some(id) = self.zone_ids.get(name) {
            return *id;
        }
        let id = ZoneId::from_index(self.zones.len());
        self.zones.push(name.to_owned());
        self.zone_ids.insert(name.to_owned(), id);
        id
    }

    /// Notes that something runs from the launch template at `index`.
    pub(super) fn use_template(&mut self, index: usize) {
        if let Err(place) = self.used_templates.binary_search(&index) {
            self.used_templates.insert(place, index);
        }
    }

    /// Whether anything runs from the launch template at `index`.
    pub(super) fn uses_template(&self, index: usize) -> bool {
        self.used_templates.binary_search(&index).is_ok()
    }

    /// Adds a machine and returns its position.
    pub(super) fn add_instance(&mut self, instance: InstanceSettings) -> usize {
        let index = self.instances.len();
        self.instance_by_id.insert(instance.id.clone(), index);
        self.instances.push(instance);
        index
    }

    /// The position of the machine with this id.
    pub(super) fn instance_with_id(&self, id: &str) -> Option<usize> {
        self.instance_by_id.get(id).copied()
    }

    /// The settings a run needs.
    pub(super) fn finish(self, seed: u64, start_unix_s: i64, warm_up: SimTime) -> FleetSettings {
        FleetSettings {
            seed,
            start_unix_s,
            warm_up,
            zones: self.zones,
            load_balancers: self.load_balancers,
            listeners: self.listeners,
            target_groups: self.target_groups,
            launch_templates: self.launch_templates,
            instances: self.instances,
            groups: self.groups,
            workloads: self.workloads,
            assumptions: self.assumptions,
        }
    }
}

/// Gives everything in the file its name.
pub(super) fn names(cx: &mut Context, fields: &Fields<'_>) {
    let sections = [
        ("load_balancers", Thing::LoadBalancer),
        ("target_groups", Thing::TargetGroup),
        ("server_groups", Thing::TargetGroup),
        ("launch_templates", Thing::LaunchTemplate),
        ("instances", Thing::Instance),
        ("groups", Thing::Group),
        ("workloads", Thing::Workload),
    ];
    let mut before = 0;
    for (section, thing) in sections {
        // Server groups are numbered on from target groups.
        let offset = if section == "server_groups" {
            before
        } else {
            0
        };
        let entries = fields.map(section);
        for (index, (key, _)) in entries.iter().enumerate() {
            cx.name(key, thing, offset + index);
        }
        before = entries.len();
    }
    // those that stand for targets of load balancers come last
    let before = target_groups_in(fields);
    for (place, (_, key)) in own_targets::balancers(fields).enumerate() {
        cx.own_targets.insert(key.name.clone(), before + place);
    }
}

/// Target groups and server groups of the file.
fn target_groups_in(fields: &Fields<'_>) -> usize {
    fields.map("target_groups").len() + fields.map("server_groups").len()
}

/// Reads every section but the timeline and the verdict.
pub(super) fn read(cx: &mut Context, fields: &Fields<'_>, horizon: Option<Horizon>) -> Draft {
    let assumptions = settings::read(cx, fields);
    let mut draft = Draft::new(assumptions);
    for (key, node) in fields.map("launch_templates") {
        launch_templates::read(cx, &mut draft, key, node);
    }
    draft.balancers = vec![None; target_groups_in(fields)];
    let balancers = own_targets::balancers(fields);
    draft
        .balancers
        .extend(balancers.map(|(index, _)| Some(index)));
    for (key, node) in fields.map("load_balancers") {
        load_balancers::read(cx, &mut draft, key, node);
    }
    for (key, node) in fields.map("instances") {
        instances::read(cx, &mut draft, key, node);
    }
    target_groups::read_all(cx, &mut draft, fields);
    for (key, node) in fields.map("groups") {
        groups::read(cx, &mut draft, key, node);
    }
    for (key, node) in fields.map("workloads") {
        workloads::read(cx, &mut draft, key, node, horizon);
    }
    draft
}

/// The stream that identifiers of the thing called `name` come from.
pub(super) fn identifier_stream(seed: u64, purpose: &'static str, name: &str) -> Stream {
    let mut key = 0xcbf2_9ce4_8422_2325_u64;
    for byte in name.bytes() {
        key = (key ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    Streams::new(seed).stream(purpose, &[key])
}

/// An instance id in AWS's form for the instance called `name`.
pub(super) fn generated_instance_id(seed: u64, name: &str) -> String {
    Identifiers::new(identifier_stream(seed, "scenario.instance_id", name)).instance()
}

/// `prefix` and `length` letters and digits for the thing called `name`.
pub(super) fn generated_alibaba_id(seed: u64, prefix: &str, name: &str, length: usize) -> String {
    const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut stream = identifier_stream(seed, "scenario.alibaba_id", name);
    let mut id = prefix.to_owned();
    for _ in 0..length {
        let letter = usize::try_from(stream.below(36)).unwrap_or_default();
        id.push(char::from(LETTERS[letter]));
    }
    id
}
