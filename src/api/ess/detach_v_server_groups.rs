//! `ess:DetachVServerGroups`: a scaling group and vServer groups of Classic Load Balancers part, with
//! or without its instances.
//!
//! With `ForceDetach` they are taken out of the vServer groups, which cuts what is in flight on them:
//! the page warns to stop the traffic first. Source: R-ESS-33, R-ACLB-2.

use serde_json::Value;

use crate::api::alibaba::{self, CLIENT_TOKEN, REGION_ID};
use crate::api::ess_clb;
use crate::api::ess_source::{self, Tells};
use crate::api::params::with_shared;
use crate::api::{ApiError, Call, Operation, Response, scaling_group};
use crate::describe::{Kind, Param, Source};

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-detachvservergroups",
);

const GROUP: &[Param] = &[ess_clb::group_id(API), ess_clb::group_port(API)];

const BALANCER: [Param; 3] = ess_clb::balancer(&Kind::Struct(GROUP), API);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:DetachVServerGroups",
    summary: "ends the association of a scaling group with vServer groups of Classic Load Balancers; \
              ForceDetach also removes its instances from them",
    params: &with_shared::<4, 12>(
        [
            REGION_ID,
            scaling_group::ID,
            CLIENT_TOKEN,
            ess_source::force_detach(API),
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
