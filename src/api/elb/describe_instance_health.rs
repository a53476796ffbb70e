//! `elb:DescribeInstanceHealth`: the states of the instances of a Classic Load Balancer.
//!
//! A draining instance is `InService`, and no longer than it drains. Source: R-CLB-2, R-CLB-6.

use serde_json::{Value, json};

use crate::api::classic::{self, Balancer, INSTANCES, INVALID_INSTANCE};
use crate::api::params::optional;
use crate::api::target_group::BALANCER_NOT_FOUND;
use crate::api::{ApiError, Call, Operation, Response, aws};
use crate::describe::Source;
use crate::model::cloud::Cloud;
use crate::model::registration::TargetHealth;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_DescribeInstanceHealth.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "elb:DescribeInstanceHealth",
    summary: "tells the state of each instance of a Classic Load Balancer",
    params: &[
        classic::name(API),
        optional(
            "Instances",
            INSTANCES,
            "only these; one that was registered once is OutOfService. Without it: all registered \
             and draining ones",
            API,
        ),
    ],
    errors: &[aws::VALIDATION_ERROR, BALANCER_NOT_FOUND, INVALID_INSTANCE],
    deviations: &[
        "no instance is ever `Unknown`",
        "that an instance which never was registered is answered with InvalidInstance was observed, \
         its text when it was to be deregistered",
        "which reason code goes with which description is assumed where no answer was seen",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let cloud = &*call.cloud;
    let balancer = Balancer::named(cloud, fields.given("LoadBalancerName"))?;
    let mut ids: Vec<String> = Vec::new();
    ids.extend(
        balancer
            .known(cloud, fields)?
            .into_iter()
            .map(str::to_owned),
    );
    if ids.is_empty() {
        let all = cloud.registrations_of(balancer.instances);
        // those of terminated instances are not returned unless they are asked for
        let all =
            all.filter(|id| cloud.registrations[id.index()].health != TargetHealth::InvalidState);
        ids.extend(all.map(|id| cloud.registrations[id.index()].id.clone()));
    }
    let states: Vec<Value> = ids.iter().map(|id| shape(cloud, balancer, id)).collect();
    Ok(json!({ "InstanceStates": states }))
}

fn shape(cloud: &Cloud, balancer: Balancer, id: &str) -> Value {
    let found = balancer.registration(cloud, id);
    let health = found.map_or(TargetHealth::NotRegistered, |found| {
        cloud.registrations[found.index()].health
    });
    let [state, reason, description] = classic::state(health);
    json!({
        "InstanceId": id,
        "State": state,
        "ReasonCode": reason,
        "Description": description,
    })
}
