//! `ess:AttachVServerGroups`: a scaling group is associated with vServer groups of Classic Load
//! Balancers.
//!
//! Source: R-ESS-31, R-ESS-33.

use serde_json::Value;

use crate::api::alibaba::{self, CLIENT_TOKEN, REGION_ID};
use crate::api::ess_clb::{self, ID};
use crate::api::ess_source::{self, PORT, Tells, WEIGHT};
use crate::api::params::optional;
use crate::api::{ApiError, Call, Operation, Response, scaling_group};
use crate::describe::{Kind, Param, Source};
use crate::model::cloud::Cloud;
use crate::model::ess::NewSource;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-attachvservergroups",
);

const GROUP: &[Param] = &[
    ess_clb::group_id(API),
    ess_clb::group_port(API),
    ess_clb::group_weight(API),
];

const GROUPS: Kind = Kind::List {
    of: &Kind::Struct(GROUP),
    min: 1,
    max: ess_clb::LIMIT,
};

const BALANCER: &[Param] = &[
    ess_clb::balancer_id(API),
    optional(
        "VServerGroupAttributes",
        GROUPS,
        "1 to 5 vServer groups of it; this or one of the other spellings",
        API,
    ),
    optional(
        "VServerGroupAttribute",
        Kind::Any,
        "the same, as a list or as JSON text",
        API,
    ),
];

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:AttachVServerGroups",
    summary: "associates a scaling group with vServer groups of Classic Load Balancers; ForceAttach also \
              adds its instances",
    params: &[
        REGION_ID,
        scaling_group::ID,
        CLIENT_TOKEN,
        ess_source::force_attach(API),
        optional(
            "VServerGroups",
            Kind::List {
                of: &Kind::Struct(BALANCER),
                min: 1,
                max: ess_clb::LIMIT,
            },
            "vServer groups of 1 to 5 load balancers, as current SDKs send them; this or one of the \
             other spellings",
            API,
        ),
        optional(
            "VServerGroup",
            Kind::Any,
            "the same, as a list or as JSON text",
            API,
        ),
        optional(
            "VServerGroup.N.LoadBalancerId",
            ID,
            "id of the N-th load balancer",
            API,
        ),
        optional(
            "VServerGroup.N.VServerGroupAttribute.N.VServerGroupId",
            ID,
            "id of a vServer group of it",
            API,
        ),
        optional(
            "VServerGroup.N.VServerGroupAttribute.N.Port",
            PORT,
            "its port",
            API,
        ),
        optional(
            "VServerGroup.N.VServerGroupAttribute.N.Weight",
            WEIGHT,
            "its weight",
            API,
        ),
        optional(
            "VServerGroups.N.LoadBalancerId",
            ID,
            "id of the N-th load balancer",
            API,
        ),
        optional(
            "VServerGroups.N.VServerGroupAttributes.N.VServerGroupId",
            ID,
            "id of a vServer group of it",
            API,
        ),
        optional(
            "VServerGroups.N.VServerGroupAttributes.N.Port",
            PORT,
            "its port",
            API,
        ),
        optional(
            "VServerGroups.N.VServerGroupAttributes.N.Weight",
            WEIGHT,
            "its weight",
            API,
        ),
    ],
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        alibaba::GROUP_NOT_FOUND,
        alibaba::GROUP_STATUS,
        alibaba::IN_PROGRESS,
        alibaba::PARAMETER_MISMATCH,
        ess_clb::BALANCER_NOT_FOUND,
        ess_clb::NOT_OF_BALANCER,
    ],
    deviations: &[
        "that a load balancer runs, has a listener and health checks, and is in the network of the \
         scaling group is not checked",
        "a vServer group that is attached already on this port stays as it is; ForceAttach adds \
         instances that are not in it (assumed)",
        "what is done with ForceAttach is a scaling activity (assumed), which the answer does not name",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = alibaba::check(OPERATION.params, params)?;
    let wanted = ess_clb::v_server_groups(fields, [BALANCER, GROUP])?;
    let act = (OPERATION.name, Tells::Never);
    ess_source::attach(call, act, fields, &wanted, |cloud| {
        attachable(cloud, &wanted)
    })
}

fn attachable(cloud: &Cloud, wanted: &[ess_clb::VServerGroup]) -> Result<Vec<NewSource>, ApiError> {
    let mut new = Vec::new();
    for wanted in wanted {
        let balancer = &wanted.balancer;
        if !ess_clb::is_there(cloud, balancer) {
            return Err(ess_clb::no_balancer(balancer));
        }
        let target_group = wanted.found(cloud).ok_or_else(|| {
            let message = format!("Invalid VServerGroupId For LoadBalancer \"{balancer}\".");
            alibaba::error(ess_clb::NOT_OF_BALANCER, 400, message)
        })?;
        let source = NewSource {
            target_group,
            port: wanted.port,
            weight: wanted.weight,
        };
        ess_source::push_new(&mut new, source);
    }
    Ok(new)
}
