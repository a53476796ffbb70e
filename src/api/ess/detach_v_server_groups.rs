//! `ess:DetachVServerGroups`: a scaling group and vServer groups of Classic Load Balancers part, with
//! or without its instances.
//!
//! With `ForceDetach` they are taken out of the vServer groups, which cuts what is in flight on them:
//! the page warns to stop the traffic first. Source: R-ESS-33, R-ACLB-2.

use serde_json::Value;

use crate::api::alibaba::{self, CLIENT_TOKEN, REGION_ID};
use crate::api::ess_clb::{self, ID};
use crate::api::ess_source::{self, PORT, Tells};
use crate::api::params::optional;
use crate::api::{ApiError, Call, Operation, Response, scaling_group};
use crate::describe::{Kind, Param, Source};

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-detachvservergroups",
);

const GROUP: &[Param] = &[ess_clb::group_id(API), ess_clb::group_port(API)];

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
    name: "ess:DetachVServerGroups",
    summary: "ends the association of a scaling group with vServer groups of Classic Load Balancers; \
              ForceDetach also removes its instances from them",
    params: &[
        REGION_ID,
        scaling_group::ID,
        CLIENT_TOKEN,
        ess_source::force_detach(API),
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
    ],
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        alibaba::GROUP_NOT_FOUND,
        alibaba::GROUP_STATUS,
        alibaba::IN_PROGRESS,
        alibaba::PARAMETER_MISMATCH,
    ],
    deviations: &[
        "what is done with ForceDetach is a scaling activity (assumed), which the answer does not name",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let checked = alibaba::check(OPERATION.params, params)?;
    let fields = checked.fields();
    let wanted = ess_clb::v_server_groups(fields)?;
    let act = (OPERATION.name, Tells::Never);
    ess_source::detach(call, act, fields, &wanted, |cloud, group| {
        // what matches nothing is passed over, as the page says
        let found = wanted.iter().filter_map(|wanted| {
            let found = wanted.found(cloud)?;
            Some((found, wanted.port))
        });
        let found: Vec<_> = found.collect();
        Ok(ess_source::attached(group, &found))
    })
}
