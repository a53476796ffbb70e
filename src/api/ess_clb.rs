//! Classic Load Balancers and their vServer groups as ESS calls name them.
//!
//! Source: R-ESS-31 to R-ESS-33. This module must never change the cloud.

use serde_json::Value;

use super::ApiError;
use super::alibaba;
use super::ess_source::{PORT, WEIGHT, weight};
use super::params::{Fields, defaulted, optional, required};
use crate::describe::{Kind, Param, Source};
use crate::model::cloud::Cloud;
use crate::model::ids::TargetGroupId;
use crate::model::lb::Family;

/// No such load balancer, or not attached.
pub(super) const BALANCER_NOT_FOUND: &str = "InvalidLoadBalancerId.NotFound";
/// A vServer group of another load balancer.
pub(super) const NOT_OF_BALANCER: &str = "InvalidVServerGroupId.ForLoadBalancer";

/// Most load balancers of a call, and most vServer groups of one of them.
pub(super) const LIMIT: usize = 5;

/// The weight of instances where nobody says one. Source: R-ESS-31.
pub(super) const USUAL_WEIGHT: u32 = 50;

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

/// The keys load balancers come under.
const KEYS: &[&str] = &["LoadBalancers", "LoadBalancer"];

/// The load balancers of a request.
///
/// # Errors
/// `InvalidParameter` when there are too many, or one is no text.
pub(super) fn balancers(fields: Fields<'_>) -> Result<Vec<String>, ApiError> {
    let ids = alibaba::texts(fields, KEYS)?;
    if ids.len() > LIMIT {
        return Err(alibaba::invalid("LoadBalancer"));
    }
    Ok(ids)
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

/// The keys vServer groups come under, and those of one load balancer.
const V_KEYS: [&[&str]; 2] = [
    &["VServerGroups", "VServerGroup"],
    &["VServerGroupAttributes", "VServerGroupAttribute"],
];

/// The vServer groups of a request, whose structures are `balancer`s with `group`s in them. They
/// may come in lists, as JSON text, or flattened once or twice.
///
/// # Errors
/// `MissingParameter` and `InvalidParameter`.
pub(super) fn v_server_groups(
    fields: Fields<'_>,
    [balancer, group]: [&[Param]; 2],
) -> Result<Vec<VServerGroup>, ApiError> {
    let items = alibaba::structures(fields, V_KEYS[0])?;
    check_count(&items, "VServerGroup")?;
    let mut all = Vec::new();
    for (item, place) in items.iter().zip(1..) {
        let prefix = format!("VServerGroup.{place}.");
        let plain = without_flattened(item);
        let fields = alibaba::structure(&plain, balancer, &prefix)?;
        let key = format!("{prefix}VServerGroupAttribute");
        let items = alibaba::structures(Fields::of(item), V_KEYS[1])?;
        check_count(&items, &key)?;
        for (item, place) in items.iter().zip(1..) {
            let one = alibaba::structure(item, group, &format!("{key}.{place}."))?;
            all.push(VServerGroup {
                balancer: fields.given("LoadBalancerId").to_owned(),
                id: one.given("VServerGroupId").to_owned(),
                port: one.port("Port").unwrap_or_default(),
                weight: weight(one).unwrap_or(USUAL_WEIGHT),
            });
        }
    }
    Ok(all)
}

/// A structure without the members of it that are flattened.
fn without_flattened(item: &Value) -> Value {
    let mut plain = item.clone();
    if let Value::Object(members) = &mut plain {
        members.retain(|key, _| !key.contains('.'));
    }
    plain
}

fn check_count(items: &[Value], key: &str) -> Result<(), ApiError> {
    match items.len() {
        0 => Err(alibaba::missing(key)),
        1..=LIMIT => Ok(()),
        _ => Err(alibaba::invalid(key)),
    }
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
