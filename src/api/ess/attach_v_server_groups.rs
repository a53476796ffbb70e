//! `ess:AttachVServerGroups`: a scaling group is associated with vServer groups of Classic Load
//! Balancers.
//!
//! Source: R-ESS-31, R-ESS-33.

use serde_json::Value;

use crate::api::alibaba::{self, CLIENT_TOKEN, REGION_ID};
use crate::api::ess_clb;
use crate::api::ess_source::{self, Tells, WEIGHT};
use crate::api::params::{optional, with_shared};
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

const BALANCER: [Param; 3] = ess_clb::balancer(&Kind::Struct(GROUP), API);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:AttachVServerGroups",
    summary: "associates a scaling group with vServer groups of Classic Load Balancers; ForceAttach also \
              adds its instances",
    params: &with_shared::<6, 14>(
        [
            REGION_ID,
            scaling_group::ID,
            CLIENT_TOKEN,
            ess_source::force_attach(API),
            optional(
                "VServerGroup.N.VServerGroupAttribute.N.Weight",
                WEIGHT,
                "weight of the instances in a vServer group",
                API,
            ),
            optional(
                "VServerGroups.N.VServerGroupAttributes.N.Weight",
                WEIGHT,
                "the same",
                API,
            ),
        ],
        &ess_clb::v_server_group_params(&Kind::Struct(&BALANCER), API),
    ),
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
    let checked = alibaba::check(OPERATION.params, params)?;
    let fields = checked.fields();
    let wanted = ess_clb::v_server_groups(fields)?;
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
