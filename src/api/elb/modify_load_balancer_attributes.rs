//! `elb:ModifyLoadBalancerAttributes`: how a Classic Load Balancer drains and routes.
//!
//! Drains under way keep the rules they began with. Source: R-CLB-1, R-CLB-3, R-CLB-7.

use serde_json::{Value, json};

use crate::api::attribute::INVALID_CONFIGURATION;
use crate::api::balancer_attribute::{self, ATTRIBUTE_NOT_FOUND, ATTRIBUTES, SECTIONS};
use crate::api::classic::{self, Balancer};
use crate::api::params::{Fields, required};
use crate::api::target_group::BALANCER_NOT_FOUND;
use crate::api::{ApiError, Call, Operation, Response, aws};
use crate::describe::{Kind, Source};

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_ModifyLoadBalancerAttributes.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "elb:ModifyLoadBalancerAttributes",
    summary: "changes attributes of a Classic Load Balancer; drains under way keep their rules",
    params: &[
        classic::name(API),
        required(
            "LoadBalancerAttributes",
            Kind::Struct(ATTRIBUTES),
            "what to change, all of it or nothing; what is left out stays as it is",
            API,
        ),
    ],
    errors: &[
        aws::VALIDATION_ERROR,
        BALANCER_NOT_FOUND,
        ATTRIBUTE_NOT_FOUND,
        INVALID_CONFIGURATION,
    ],
    deviations: &[
        "access logs and the desync mitigation mode are checked, kept and told, without effect",
        "requests under way are waited for as before an idle timeout was changed (assumed)",
        "ConnectionDraining without a Timeout has one of 300 s when it is turned on, and keeps it \
         when it is turned off (assumed)",
        "values out of range are refused with InvalidConfigurationRequest where the model knows no \
         range; code and texts are assumed",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let balancer = Balancer::named(call.cloud, fields.given("LoadBalancerName"))?;
    let name = fields.given("LoadBalancerName");
    let wanted = fields.get("LoadBalancerAttributes").map(Fields::of);
    let Some(wanted) = wanted else {
        return Err(aws::missing("loadBalancerAttributes"));
    };
    let changes = balancer_attribute::changes(wanted)?;
    call.cloud
        .set_balancer_attributes(call.cx, balancer.index, &changes);
    let named = SECTIONS
        .iter()
        .copied()
        .filter(|section| wanted.get(section).is_some());
    let named: Vec<&str> = named.collect();
    let attributes = &call.cloud.load_balancers[balancer.index].attributes;
    Ok(json!({
        "LoadBalancerName": name,
        "LoadBalancerAttributes": balancer_attribute::told(attributes, &named),
    }))
}
