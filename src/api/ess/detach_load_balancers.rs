//! `ess:DetachLoadBalancers`: a scaling group and Classic Load Balancers part, with or without its
//! instances.
//!
//! With `ForceDetach` they are taken out of the default server groups, which cuts what is in flight
//! on them. Source: R-ESS-32, R-ACLB-2.

use serde_json::Value;

use crate::api::alibaba::{self, CLIENT_TOKEN};
use crate::api::ess_clb::{self, ASYNC, BALANCER, BALANCER_N, BALANCERS, BALANCERS_N};
use crate::api::ess_source::{self, Tells};
use crate::api::{ApiError, Call, Operation, Response, scaling_group};
use crate::describe::Source;
use crate::model::cloud::Cloud;
use crate::model::group::Group;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-detachloadbalancers",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:DetachLoadBalancers",
    summary: "ends the association of a scaling group with Classic Load Balancers; ForceDetach also \
              removes its instances from their default server groups",
    params: &[
        ess_clb::REGION_ID,
        scaling_group::ID,
        CLIENT_TOKEN,
        ess_source::force_detach(API),
        ASYNC,
        BALANCERS,
        BALANCER,
        BALANCER_N,
        BALANCERS_N,
    ],
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        alibaba::GROUP_NOT_FOUND,
        alibaba::GROUP_STATUS,
        alibaba::IN_PROGRESS,
        alibaba::PARAMETER_MISMATCH,
        ess_clb::BALANCER_NOT_FOUND,
    ],
    deviations: &[
        "what is done with ForceDetach is a scaling activity whether Async is true or not (assumed)",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let checked = alibaba::check(OPERATION.params, params)?;
    let fields = checked.fields();
    let wanted = ess_clb::balancers(fields);
    if wanted.is_empty() {
        return Err(alibaba::missing("LoadBalancer"));
    }
    let act = (OPERATION.name, Tells::Asked);
    ess_source::detach(call, act, fields, &wanted, |cloud, group| {
        attached(cloud, group, &wanted)
    })
}

/// Places of the sources of these load balancers.
fn attached(cloud: &Cloud, group: &Group, wanted: &[String]) -> Result<Vec<usize>, ApiError> {
    let mut places = Vec::new();
    for id in wanted {
        let found = ess_clb::default_group(cloud, id);
        let source = found.and_then(|found| {
            let port = cloud.target_groups[found.index()].port;
            ess_source::attached(group, &[(found, port)])
                .first()
                .copied()
        });
        let place = source.ok_or_else(|| {
            // the page of this operation writes it with capital letters
            let message = format!("The Load Balancer \"{id}\" does not exist.");
            alibaba::error(ess_clb::BALANCER_NOT_FOUND, 404, message)
        })?;
        if !places.contains(&place) {
            places.push(place);
        }
    }
    Ok(places)
}
