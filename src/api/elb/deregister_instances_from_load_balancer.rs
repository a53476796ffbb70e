//! `elb:DeregisterInstancesFromLoadBalancer`: instances leave a Classic Load Balancer.
//!
//! The answer comes at once, whatever is in flight. Source: R-CLB-1, R-CLB-2, R-CLB-6.

use serde_json::{Value, json};

use crate::api::classic::{self, Balancer, INSTANCES, INVALID_INSTANCE};
use crate::api::params::required;
use crate::api::target_group::BALANCER_NOT_FOUND;
use crate::api::{ApiError, Call, Operation, Response, aws};
use crate::describe::Source;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_DeregisterInstancesFromLoadBalancer.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "elb:DeregisterInstancesFromLoadBalancer",
    summary: "takes instances out of a Classic Load Balancer: what is in flight is cut unless \
              connection draining is on; answers with those that remain",
    params: &[
        classic::name(API),
        required(
            "Instances",
            INSTANCES,
            "the instances; one that was registered once has no effect",
            API,
        ),
    ],
    errors: &[aws::VALIDATION_ERROR, BALANCER_NOT_FOUND, INVALID_INSTANCE],
    deviations: &[
        "that an instance which never was registered refuses the whole call was observed; older \
         pages say that it has no effect",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let balancer = Balancer::named(call.cloud, fields.given("LoadBalancerName"))?;
    for id in balancer.known(call.cloud, fields)? {
        if let Some(registration) = balancer.registration(call.cloud, id) {
            call.cloud.deregister(call.cx, registration);
        }
    }
    Ok(json!({ "Instances": balancer.registered(call.cloud) }))
}
