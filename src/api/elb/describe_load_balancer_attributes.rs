//! `elb:DescribeLoadBalancerAttributes`: how a Classic Load Balancer drains and routes.
//!
//! Source: R-CLB-7.

use serde_json::{Value, json};

use crate::api::balancer_attribute::{self, SECTIONS};
use crate::api::classic::{self, Balancer};
use crate::api::target_group::BALANCER_NOT_FOUND;
use crate::api::{ApiError, Call, Operation, Response, aws};
use crate::describe::Source;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_DescribeLoadBalancerAttributes.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "elb:DescribeLoadBalancerAttributes",
    summary: "tells the attributes of a Classic Load Balancer",
    params: &[classic::name(API)],
    errors: &[aws::VALIDATION_ERROR, BALANCER_NOT_FOUND],
    deviations: &["which of them have an effect, the operation that sets them says"],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let balancer = Balancer::named(call.cloud, fields.given("LoadBalancerName"))?;
    let attributes = &call.cloud.load_balancers[balancer.index].attributes;
    let told = balancer_attribute::told(attributes, &SECTIONS);
    Ok(json!({ "LoadBalancerAttributes": told }))
}
