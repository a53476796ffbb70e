//! Target groups: those of the file, and those that are created, changed and deleted at run time.
//!
//! A target group that was deleted keeps its place, so that what refers to it goes on. This module
//! must never decide who forwards to one: `listener` does. Source: R-TARGET-8.

use std::collections::BTreeMap;

use super::cloud::Cloud;
use super::event::Cx;
use super::ids::{EntryId, RegistrationId, TargetGroupId};
use super::lb::{Attributes, DrainRules, Family, KINDS, Kind, default_kind};
use super::record::TargetCounts;
use super::settings::{
    HealthCheckSettings, ListenerSettings, Provider, TargetGroupSettings, TargetType,
};

/// Facts that answers tell and nothing acts on, by the API's own keys.
pub type Facts = BTreeMap<&'static str, String>;

/// A target group as it stands.
#[derive(Debug)]
pub struct TargetGroup {
    /// Name in the file.
    pub name: String,
    /// Whose cloud.
    pub provider: Provider,
    /// Protocol.
    pub protocol: String,
    /// Default port.
    pub port: u16,
    /// What ids are.
    pub target_type: TargetType,
    /// ARN or server group id.
    pub identifier: String,
    /// Attributes.
    pub attributes: Attributes,
    /// Health checks.
    pub health_check: HealthCheckSettings,
    /// The kind of load balancer it is for.
    pub kind: &'static dyn Kind,
    /// Position of the load balancer that forwards to it.
    pub load_balancer: Option<usize>,
    /// Its counts.
    pub counts: TargetCounts,
    /// What answers tell of it and nothing acts on, by the API's own keys.
    pub facts: Facts,
    /// It was deleted, and its ARN names nothing.
    pub deleted: bool,
    pub(super) drain_rules: DrainRules,
    /// What nodes know of it, past ones included.
    pub(super) views: Vec<u32>,
    /// What last changed which nodes may choose its targets.
    pub(super) refit_by: Option<EntryId>,
}

impl Cloud {
    /// Target groups, each with the load balancer whose listeners forward to it.
    pub(super) fn add_target_groups(
        &mut self,
        target_groups: &[TargetGroupSettings],
        listeners: &[ListenerSettings],
    ) {
        let mut forwarded = vec![None; target_groups.len()];
        for listener in listeners {
            for (target_group, _) in &listener.forward {
                forwarded[target_group.index()] = Some(listener.load_balancer);
            }
        }
        for (index, target_group) in target_groups.iter().enumerate() {
            // a Classic Load Balancer has its instances whether it has a listener or not
            let own = self.load_balancers.iter().position(|balancer| {
                balancer.own_targets() == Some(target_group.identifier.as_str())
            });
            self.add_target_group(target_group, forwarded[index].or(own));
        }
    }

    /// Adds a target group without targets.
    pub(super) fn add_target_group(
        &mut self,
        settings: &TargetGroupSettings,
        load_balancer: Option<usize>,
    ) -> TargetGroupId {
        let kind = load_balancer.map_or_else(
            || default_kind(settings.provider),
            |index| self.load_balancers[index].kind,
        );
        let id = TargetGroupId::from_index(self.target_groups.len());
        self.target_groups.push(TargetGroup {
            name: settings.name.clone(),
            provider: settings.provider,
            protocol: settings.protocol.clone(),
            port: settings.port,
            target_type: settings.target_type,
            identifier: settings.identifier.clone(),
            attributes: settings.attributes.clone(),
            health_check: settings.health_check,
            kind,
            load_balancer,
            counts: TargetCounts::default(),
            drain_rules: kind.drain_rules(&settings.attributes, &self.assumptions),
            facts: Facts::new(),
            deleted: false,
            views: Vec::new(),
            refit_by: None,
        });
        self.add_missing_views(id);
        id
    }

    /// Adds a target group that nothing forwards to, with what else answers tell of it.
    pub fn create_target_group(
        &mut self,
        settings: &TargetGroupSettings,
        facts: Facts,
    ) -> TargetGroupId {
        let id = self.add_target_group(settings, None);
        let kind = kind_for(&settings.protocol);
        let group = &mut self.target_groups[id.index()];
        group.kind = kind;
        group.attributes = Attributes::default();
        group.attributes.complete(kind.target_group_attributes());
        group.drain_rules = kind.drain_rules(&group.attributes, &self.assumptions);
        group.facts = facts;
        id
    }

    /// Deletes a target group that nothing forwards to: its targets are deregistered. Source:
    /// R-TARGET-8.
    pub fn delete_target_group(&mut self, cx: &mut Cx<'_>, id: TargetGroupId) {
        let registered: Vec<RegistrationId> = self.registrations_of(id).collect();
        for registration in registered {
            self.deregister(cx, registration);
        }
        self.target_groups[id.index()].deleted = true;
    }

    /// Changes the health checks of a target group; the next check is made when it was due, and the
    /// new settings count from then on.
    pub fn set_health_check(
        &mut self,
        cx: &mut Cx<'_>,
        id: TargetGroupId,
        settings: HealthCheckSettings,
    ) {
        self.target_groups[id.index()].health_check = settings;
        let registered: Vec<RegistrationId> = self.registrations_of(id).collect();
        for registration in registered {
            if let Some(checker) = &mut self.registrations[registration.index()].checker {
                checker.set_settings(cx.now, settings);
                self.expect_verdict(cx, registration);
            }
        }
    }

    /// The target group with this ARN or server group id.
    pub fn target_group_named(&self, identifier: &str) -> Option<TargetGroupId> {
        self.target_groups
            .iter()
            .position(|group| group.identifier == identifier && !group.deleted)
            .map(TargetGroupId::from_index)
    }
}

/// The kind of load balancer whose target groups have this protocol; where none is simulated, the
/// rules of any.
fn kind_for(protocol: &str) -> &'static dyn Kind {
    let fits = |kind: &&&dyn Kind| {
        kind.family() == Family::TargetGroups && kind.protocols().contains(&protocol)
    };
    KINDS
        .iter()
        .find(fits)
        .map_or_else(|| default_kind(Provider::Aws), |kind| *kind)
}
