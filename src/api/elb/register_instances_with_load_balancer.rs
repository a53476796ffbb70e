//! `elb:RegisterInstancesWithLoadBalancer`: instances join a Classic Load Balancer.
//!
//! Source: R-CLB-6.

use serde_json::{Value, json};

use crate::api::classic::{self, Balancer, INSTANCES, INVALID_INSTANCE};
use crate::api::params::required;
use crate::api::target_group::BALANCER_NOT_FOUND;
use crate::api::{ApiError, Call, Operation, Response, aws};
use crate::describe::Source;
use crate::model::machine::MachineState;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_RegisterInstancesWithLoadBalancer.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "elb:RegisterInstancesWithLoadBalancer",
    summary: "registers instances with a Classic Load Balancer; one that drains is registered again",
    params: &[
        classic::name(API),
        required(
            "Instances",
            INSTANCES,
            "the instances, all of them or none; one that is registered stays as it is",
            API,
        ),
    ],
    errors: &[aws::VALIDATION_ERROR, BALANCER_NOT_FOUND, INVALID_INSTANCE],
    deviations: &[
        "that one instance which cannot be registered refuses the whole call is assumed, and so is \
         the text for one that is not running",
        "there is no quota of instances",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let balancer = Balancer::named(call.cloud, fields.given("LoadBalancerName"))?;
    let mut machines = Vec::new();
    for id in classic::ids(fields) {
        let machine = classic::instance(call.cloud, id)?;
        if call.cloud.instances[machine.index()].state != MachineState::Running {
            return Err(aws::error(
                INVALID_INSTANCE,
                format!("EC2 instance {id} is not in a running state."),
            ));
        }
        machines.push((id, machine));
    }
    for (id, machine) in machines {
        let port = balancer.port(call.cloud, id);
        call.cloud
            .register(call.cx, balancer.instances, id, port, machine);
    }
    Ok(json!({ "Instances": balancer.registered(call.cloud) }))
}
