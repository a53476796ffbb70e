//! `ess:AttachLoadBalancers`: a scaling group is associated with the default server groups of Classic
//! Load Balancers.
//!
//! Source: R-ESS-31, R-ESS-32.

use serde_json::Value;

use crate::api::alibaba::{self, CLIENT_TOKEN};
use crate::api::ess_clb::{
    self, ASYNC, BALANCER, BALANCER_N, BALANCERS, BALANCERS_N, ID, USUAL_WEIGHT,
};
use crate::api::ess_source::{self, Tells, WEIGHT};
use crate::api::params::optional;
use crate::api::{ApiError, Call, Operation, Response, scaling_group};
use crate::describe::{Kind, Param, Source};
use crate::model::cloud::Cloud;
use crate::model::ess::NewSource;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-attachloadbalancers",
);

const CONFIG: &[Param] = &[
    ess_clb::balancer_id(API),
    optional(
        "Weight",
        WEIGHT,
        "weight of the instances in its default server group; 50 if left out",
        API,
    ),
];

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:AttachLoadBalancers",
    summary: "associates a scaling group with Classic Load Balancers; ForceAttach also adds its \
              instances to their default server groups",
    params: &[
        ess_clb::REGION_ID,
        scaling_group::ID,
        CLIENT_TOKEN,
        ess_source::force_attach(API),
        ASYNC,
        BALANCERS,
        BALANCER,
        BALANCER_N,
        BALANCERS_N,
        optional(
            "LoadBalancerConfigs",
            Kind::List {
                of: &Kind::Struct(CONFIG),
                min: 1,
                max: ess_clb::LIMIT,
            },
            "load balancers with weights, as current SDKs send them, beside or instead of the ids",
            API,
        ),
        optional(
            "LoadBalancerConfig",
            Kind::Any,
            "the same, as a list or as JSON text",
            API,
        ),
        optional(
            "LoadBalancerConfig.N.LoadBalancerId",
            ID,
            "id of the N-th of them",
            API,
        ),
        optional("LoadBalancerConfig.N.Weight", WEIGHT, "its weight", API),
        optional("LoadBalancerConfigs.N.LoadBalancerId", ID, "the same", API),
        optional("LoadBalancerConfigs.N.Weight", WEIGHT, "the same", API),
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
        "that a load balancer runs, has a listener and health checks, and is in the network of the \
         scaling group is not checked",
        "what is done with ForceAttach is a scaling activity whether Async is true or not (assumed)",
    ],
    source: API,
    apply,
};

/// A load balancer and the weight to have in it.
type Wanted = (String, Option<u32>);

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = alibaba::check(OPERATION.params, params)?;
    let ids = ess_clb::balancers(fields)?;
    let mut wanted: Vec<Wanted> = Vec::new();
    let configs = alibaba::structures(fields, &["LoadBalancerConfigs", "LoadBalancerConfig"])?;
    for (config, place) in configs.iter().zip(1..) {
        let prefix = format!("LoadBalancerConfig.{place}.");
        let config = alibaba::structure(config, CONFIG, &prefix)?;
        let id = config.given("LoadBalancerId").to_owned();
        wanted.push((id, ess_source::weight(config)));
    }
    // what has a weight of its own comes first
    wanted.extend(ids.into_iter().map(|id| (id, None)));
    if wanted.is_empty() {
        return Err(alibaba::missing("LoadBalancer"));
    }
    if wanted.len() > ess_clb::LIMIT {
        return Err(alibaba::invalid("LoadBalancer"));
    }
    let act = (OPERATION.name, Tells::Asked);
    ess_source::attach(call, act, fields, &wanted, |cloud| {
        attachable(cloud, &wanted)
    })
}

fn attachable(cloud: &Cloud, wanted: &[Wanted]) -> Result<Vec<NewSource>, ApiError> {
    let mut new = Vec::new();
    for (id, weight) in wanted {
        let found = ess_clb::default_group(cloud, id);
        let target_group = found.ok_or_else(|| ess_clb::no_balancer(id))?;
        let source = NewSource {
            target_group,
            port: cloud.target_groups[target_group.index()].port,
            weight: weight.unwrap_or(USUAL_WEIGHT),
        };
        ess_source::push_new(&mut new, source);
    }
    Ok(new)
}
