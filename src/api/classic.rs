//! Classic Load Balancers as requests name them, and their instances as answers show them.
//!
//! Source: R-CLB-6. This module must never change the cloud.

use serde_json::{Value, json};

use super::ApiError;
use super::aws::{self, TEXT, error};
use super::params::{Fields, optional, required};
use super::target_group::BALANCER_NOT_FOUND;
use crate::describe::{Kind, Param, Source};
use crate::model::cloud::Cloud;
use crate::model::ids::{InstanceId, RegistrationId, TargetGroupId};
use crate::model::lb::Family;
use crate::model::registration::TargetHealth;

/// An instance that cannot be what the request takes it for.
pub(super) const INVALID_INSTANCE: &str = "InvalidInstance";

const INSTANCE: &[Param] = &[optional(
    "InstanceId",
    TEXT,
    "id of the instance",
    Source::Documented(
        "https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_Instance.html",
    ),
)];

/// The kind of a list of instances.
pub(super) const INSTANCES: Kind = Kind::List {
    of: &Kind::Struct(INSTANCE),
    min: 0,
    max: usize::MAX,
};

/// The parameter that names the load balancer.
pub(super) const fn name(source: Source) -> Param {
    required(
        "LoadBalancerName",
        TEXT,
        "name of the load balancer",
        source,
    )
}

/// A Classic Load Balancer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Balancer {
    /// Its position.
    pub(super) index: usize,
    /// The target group that stands for its instances.
    pub(super) instances: TargetGroupId,
}

impl Balancer {
    /// Classic Load Balancers in the order of the file.
    pub(super) fn all(cloud: &Cloud) -> impl Iterator<Item = Self> + '_ {
        (0..cloud.load_balancers.len()).filter_map(|index| {
            let classic = cloud.load_balancers[index].kind.family() == Family::Classic;
            let instances = cloud.instances_behind(index).filter(|_| classic)?;
            Some(Self { index, instances })
        })
    }

    /// The one with this name.
    ///
    /// # Errors
    /// `LoadBalancerNotFound`.
    pub(super) fn named(cloud: &Cloud, name: &str) -> Result<Self, ApiError> {
        let named = |found: &Self| cloud.load_balancers[found.index].name == name;
        Self::all(cloud).find(named).ok_or_else(|| {
            error(
                BALANCER_NOT_FOUND,
                format!("There is no ACTIVE Load Balancer named '{name}'"),
            )
        })
    }

    /// The registration of an instance, if it is registered or drains.
    pub(super) fn registration(self, cloud: &Cloud, id: &str) -> Option<RegistrationId> {
        let mut all = cloud.registrations_with_id(self.instances, id);
        all.find(|found| cloud.registrations[found.index()].is_shown())
    }

    /// The port on which an instance is or would be registered.
    pub(super) fn port(self, cloud: &Cloud, id: &str) -> u16 {
        let own = cloud.target_groups[self.instances.index()].port;
        let found = self.registration(cloud, id);
        found.map_or(own, |found| cloud.registrations[found.index()].port)
    }

    /// Its registered instances, without those that drain.
    pub(super) fn registered(self, cloud: &Cloud) -> Vec<Value> {
        let all = cloud.registrations_of(self.instances);
        let shown = all.map(|id| &cloud.registrations[id.index()]);
        shown
            .filter(|registration| registration.health.is_registered())
            .map(|registration| json!({ "InstanceId": registration.id }))
            .collect()
    }

    /// The instances a request names, each once, of those that are or were registered. Source:
    /// R-CLB-6.
    ///
    /// # Errors
    /// `InvalidInstance`.
    pub(super) fn known<'a>(
        self,
        cloud: &Cloud,
        fields: Fields<'a>,
    ) -> Result<Vec<&'a str>, ApiError> {
        let ids = ids(fields);
        let never = |id: &&&str| {
            let mut all = cloud.registrations_with_id(self.instances, id);
            all.next().is_none()
        };
        match ids.iter().find(never) {
            None => Ok(ids),
            Some(id) => Err(no_instance(id)),
        }
    }
}

/// The ids under `Instances`, each once.
pub(super) fn ids(fields: Fields<'_>) -> Vec<&str> {
    let items = fields.items("Instances").iter();
    let ids: Vec<&str> = items
        .map(|item| Fields::of(item).given("InstanceId"))
        .collect();
    aws::distinct(&ids)
}

/// The instance with this id.
///
/// # Errors
/// `InvalidInstance`.
pub(super) fn instance(cloud: &Cloud, id: &str) -> Result<InstanceId, ApiError> {
    aws::instance(cloud, id).ok_or_else(|| no_instance(id))
}

fn no_instance(id: &str) -> ApiError {
    error(
        INVALID_INSTANCE,
        format!("Could not find EC2 instance {id}."),
    )
}

/// The state of an instance, its reason code and its description. Source: R-CLB-6.
pub(super) fn state(health: TargetHealth) -> [&'static str; 3] {
    match health {
        TargetHealth::Healthy => ["InService", "N/A", "N/A"],
        TargetHealth::Draining => [
            "InService",
            "N/A",
            "Instance deregistration currently in progress.",
        ],
        TargetHealth::Registering => [
            "OutOfService",
            "ELB",
            "Instance registration is still in progress.",
        ],
        TargetHealth::InitialChecks => [
            "OutOfService",
            "Instance",
            "Instance has not passed the configured HealthyThreshold number of health checks \
             consecutively.",
        ],
        TargetHealth::FailedChecks | TargetHealth::TimedOut => [
            "OutOfService",
            "Instance",
            "Instance has failed at least the UnhealthyThreshold number of health checks \
             consecutively.",
        ],
        TargetHealth::NotRegistered => [
            "OutOfService",
            "Instance",
            "Instance is not currently registered with the LoadBalancer.",
        ],
        TargetHealth::NotInUse | TargetHealth::ZoneNotEnabled => [
            "OutOfService",
            "ELB",
            "Instance is in the EC2 Availability Zone for which LoadBalancer is not configured to \
             route traffic to.",
        ],
        TargetHealth::InvalidState => [
            "OutOfService",
            "Instance",
            "Instance is in terminated state.",
        ],
        TargetHealth::StoppedState => ["OutOfService", "Instance", "Instance is in stopped state."],
    }
}
