//! Load balancers: their attributes while a run is under way.
//!
//! This module must never check what a call may ask for. Source: R-CLB-7.

use super::cloud::Cloud;
use super::event::Cx;
use super::ids::TargetGroupId;
use super::lb::Family;
use super::settings::{LoadBalancerSettings, Provider};

impl LoadBalancerSettings {
    /// The identifier of the target group that stands for targets it has of its own: its name on
    /// AWS, its id on Alibaba Cloud. Source: R-ACLB-1.
    pub fn own_targets(&self) -> Option<&str> {
        let identifier = match self.kind.provider() {
            Provider::Aws => &self.name,
            Provider::Alibaba => &self.identifier,
        };
        let has_own = self.kind.family().has_own_targets();
        has_own.then_some(identifier.as_str())
    }
}

impl Cloud {
    /// The target group that stands for the instances of a Classic Load Balancer.
    pub fn instances_behind(&self, balancer: usize) -> Option<TargetGroupId> {
        let mut groups = self.target_groups.iter();
        let place = groups.position(|group| {
            group.kind.family() == Family::Classic && group.load_balancer == Some(balancer)
        });
        place.map(TargetGroupId::from_index)
    }

    /// Sets attributes of a Classic Load Balancer, and of the target group that stands for its
    /// instances; the caller has checked them. Drains under way keep the rules they began with, and
    /// requests under way the time they are waited for. Source: R-CLB-7.
    pub fn set_balancer_attributes(
        &mut self,
        cx: &mut Cx<'_>,
        balancer: usize,
        changes: &[(&'static str, String)],
    ) {
        let entry = &mut self.load_balancers[balancer];
        for (key, value) in changes {
            entry.attributes.set((*key).to_owned(), value.clone());
        }
        let timeout = entry.kind.response_timeout(&entry.attributes);
        for workload in &mut self.workloads {
            let listener = &self.listeners[workload.listener.index()];
            if listener.load_balancer == balancer {
                workload.set_response_timeout(timeout);
            }
        }
        if let Some(instances) = self.instances_behind(balancer) {
            let known = self.load_balancers[balancer].kind.attributes();
            let simulated = changes
                .iter()
                .filter(|(key, _)| known.iter().any(|param| param.key == *key));
            let simulated = simulated.map(|(key, value)| ((*key).to_owned(), value.clone()));
            self.set_attributes(cx, instances, simulated);
        }
    }
}
