//! Classic Load Balancers and their vServer groups as ESS calls name them.
//!
//! Source: R-ESS-31 to R-ESS-33. This module must never change the cloud.

use super::ApiError;
use super::alibaba;
use super::ess_source::{PORT, WEIGHT, weight};
use super::params::{Fields, defaulted, optional, required};
use crate::describe::{Kind, Param, Source};
use crate::model::cloud::Cloud;
use crate::model::ids::TargetGroupId;
use crate::model::lb::{Family, USUAL_WEIGHT};

/// No such load balancer, or not attached.
pub(super) const BALANCER_NOT_FOUND: &str = "InvalidLoadBalancerId.NotFound";
/// A vServer group of another load balancer.
pub(super) const NOT_OF_BALANCER: &str = "InvalidVServerGroupId.ForLoadBalancer";

/// Most load balancers of a call, and most vServer groups of one of them.
pub(super) const LIMIT: usize = 5;

/// Kind of an id of a load balancer or a vServer group.
pub(super) const ID: Kind = Kind::Text { min: 1, max: 128 };

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-detachloadbalancers",
);

/// The region, which calls on load balancers need not say.
pub(super) const REGION_ID: Param = optional(
    "RegionId",
    Kind::Text { min: 1, max: 64 },
    "region of the scaling group; any will do, a scenario has one",
    API,
);

/// Whether the answer names a scaling activity.
pub(super) const ASYNC: Param = defaulted(
    "Async",
    Kind::Boolean,
    "false",
    "whether it is done in the background, and the answer names the scaling activity",
    API,
);

/// Load balancers, as current SDKs send them.
pub(super) const BALANCERS: Param = optional(
    "LoadBalancers",
    Kind::List {
        of: &ID,
        min: 1,
        max: LIMIT,
    },
    "ids of 1 to 5 Classic Load Balancers; this or one of the other spellings",
    API,
);

/// The same as a list or as JSON text.
pub(super) const BALANCER: Param = optional(
    "LoadBalancer",
    Kind::Any,
    "the same, as a list or as JSON text",
    API,
);

/// The same, flattened.
pub(super) const BALANCER_N: Param = optional(
    "LoadBalancer.N",
    ID,
    "id of the N-th Classic Load Balancer",
    API,
);

/// The same, flattened by current SDKs.
pub(super) const BALANCERS_N: Param = optional("LoadBalancers.N", ID, "the same", API);

/// The load balancers of a request.
pub(super) fn balancers(fields: Fields<'_>) -> Vec<String> {
    let ids = fields.texts("LoadBalancers").into_iter();
    ids.map(str::to_owned).collect()
}

/// Whether there is a Classic Load Balancer with this id. Its default server group may be missing
/// from a fleet that has no use for it.
pub(super) fn is_there(cloud: &Cloud, id: &str) -> bool {
    let mut balancers = cloud.load_balancers.iter();
    balancers.any(|one| one.kind.family() == Family::Slb && one.identifier == id)
}

/// The default server group of the Classic Load Balancer with this id.
pub(super) fn default_group(cloud: &Cloud, id: &str) -> Option<TargetGroupId> {
    let found = cloud.target_group_named(id)?;
    let group = &cloud.target_groups[found.index()];
    let balancer = &cloud.load_balancers[group.load_balancer?];
    let own = group.kind.family() == Family::Slb && balancer.own_targets() == Some(id);
    own.then_some(found)
}

/// `InvalidLoadBalancerId.NotFound` of a load balancer to attach.
pub(super) fn no_balancer(id: &str) -> ApiError {
    let message = format!("The load balancer \"{id}\" does not exist.");
    alibaba::error(BALANCER_NOT_FOUND, 404, message)
}

/// A vServer group as a request names it.
#[derive(Debug)]
pub(super) struct VServerGroup {
    /// `lb-...`
    pub(super) balancer: String,
    /// `rsp-...`
    pub(super) id: String,
    /// Port.
    pub(super) port: u16,
    /// Weight of instances in it.
    pub(super) weight: u32,
}

impl VServerGroup {
    /// The vServer group with this id behind its load balancer.
    pub(super) fn found(&self, cloud: &Cloud) -> Option<TargetGroupId> {
        let found = cloud.target_group_named(&self.id)?;
        let group = &cloud.target_groups[found.index()];
        let balancer = &cloud.load_balancers[group.load_balancer?];
        let ours = group.kind.family() == Family::Slb
            && balancer.identifier == self.balancer
            && balancer.own_targets() != Some(&self.id);
        ours.then_some(found)
    }
}

/// The vServer groups of a request.
///
/// # Errors
/// `MissingParameter` when there are none, or none of one of the load balancers.
pub(super) fn v_server_groups(fields: Fields<'_>) -> Result<Vec<VServerGroup>, ApiError> {
    let balancers = fields.items("VServerGroups");
    if balancers.is_empty() {
        return Err(alibaba::missing("VServerGroup"));
    }
    let mut all = Vec::new();
    for (balancer, place) in balancers.iter().map(Fields::of).zip(1..) {
        let groups = balancer.items("VServerGroupAttributes");
        if groups.is_empty() {
            let key = format!("VServerGroup.{place}.VServerGroupAttribute");
            return Err(alibaba::missing(&key));
        }
        for group in groups.iter().map(Fields::of) {
            all.push(VServerGroup {
                balancer: balancer.given("LoadBalancerId").to_owned(),
                id: group.given("VServerGroupId").to_owned(),
                port: group.port("Port").unwrap_or_default(),
                weight: weight(group).unwrap_or(USUAL_WEIGHT),
            });
        }
    }
    Ok(all)
}

/// One to five of a kind.
const fn some(of: &'static Kind) -> Kind {
    Kind::List {
        of,
        min: 1,
        max: LIMIT,
    }
}

/// A load balancer in a request, of which vServer groups are named as `group`.
pub(super) const fn balancer(group: &'static Kind, source: Source) -> [Param; 3] {
    [
        balancer_id(source),
        optional(
            "VServerGroupAttributes",
            some(group),
            "1 to 5 vServer groups of it; this or one of the other spellings",
            source,
        ),
        optional(
            "VServerGroupAttribute",
            Kind::Any,
            "the same, as a list or as JSON text",
            source,
        ),
    ]
}

/// The vServer groups of a request, by their load balancers, in whichever spelling.
pub(super) const fn v_server_group_params(balancer: &'static Kind, source: Source) -> [Param; 8] {
    [
        optional(
            "VServerGroups",
            some(balancer),
            "vServer groups of 1 to 5 load balancers, as current SDKs send them; this or one of the \
             other spellings",
            source,
        ),
        optional(
            "VServerGroup",
            Kind::Any,
            "the same, as a list or as JSON text",
            source,
        ),
        optional(
            "VServerGroup.N.LoadBalancerId",
            ID,
            "id of the N-th load balancer",
            source,
        ),
        optional(
            "VServerGroup.N.VServerGroupAttribute.N.VServerGroupId",
            ID,
            "id of a vServer group of it",
            source,
        ),
        optional(
            "VServerGroup.N.VServerGroupAttribute.N.Port",
            PORT,
            "its port",
            source,
        ),
        optional(
            "VServerGroups.N.LoadBalancerId",
            ID,
            "id of the N-th load balancer",
            source,
        ),
        optional(
            "VServerGroups.N.VServerGroupAttributes.N.VServerGroupId",
            ID,
            "id of a vServer group of it",
            source,
        ),
        optional(
            "VServerGroups.N.VServerGroupAttributes.N.Port",
            PORT,
            "its port",
            source,
        ),
    ]
}

/// The id of the load balancer in a structure.
pub(super) const fn balancer_id(source: Source) -> Param {
    required("LoadBalancerId", ID, "id of the load balancer", source)
}

/// The id of the vServer group in a structure.
pub(super) const fn group_id(source: Source) -> Param {
    required("VServerGroupId", ID, "id of the vServer group", source)
}

/// The port in a structure.
pub(super) const fn group_port(source: Source) -> Param {
    required("Port", PORT, "port of the instances in it", source)
}

/// The weight in a structure.
pub(super) const fn group_weight(source: Source) -> Param {
    defaulted(
        "Weight",
        WEIGHT,
        "50",
        "weight of the instances in it",
        source,
    )
}
