//! `vpc-lattice:ListTargets`: the states of the targets of a target group of VPC Lattice.
//!
//! Source: R-LATTICE-1, R-LATTICE-4.

use serde_json::{Map, Value, json};

use crate::api::lattice::{self, NOT_FOUND, SOME_TARGETS, VALIDATION};
use crate::api::params::{self, defaulted, optional};
use crate::api::{ApiError, Call, Operation, Response, aws};
use crate::describe::{Kind, Source};
use crate::model::registration::{Registration, TargetHealth};

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/vpc-lattice/latest/APIReference/API_ListTargets.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "vpc-lattice:ListTargets",
    summary: "lists the targets of a target group of VPC Lattice with their states",
    params: &[
        lattice::identifier(API),
        optional(
            "targets",
            SOME_TARGETS,
            "only these; one that is not registered is not listed (assumed)",
            API,
        ),
        defaulted(
            "maxResults",
            Kind::Integer { min: 1, max: 100 },
            "100",
            "targets of a page; the default is assumed",
            API,
        ),
        optional(
            "nextToken",
            Kind::Text { min: 1, max: 2048 },
            "token of the page, from the answer before",
            API,
        ),
    ],
    errors: &[VALIDATION, NOT_FOUND],
    deviations: &[
        "no target is ever UNAVAILABLE",
        "only failed health checks have a reason code: no other was seen",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = lattice::check(OPERATION.params, params)?;
    let cloud = &*call.cloud;
    let id = lattice::target_group(cloud, fields.given("targetGroupIdentifier"))?;
    let wanted = lattice::named(&cloud.target_groups[id.index()], fields);
    let registered = cloud
        .registrations_of(id)
        .map(|id| &cloud.registrations[id.index()]);
    let listed = registered
        .filter(|target| wanted.is_empty() || wanted.contains(&(target.id.as_str(), target.port)));
    let keys = ["maxResults", "nextToken"];
    let page = params::page(fields, keys, 100, listed.map(shape).collect())
        .ok_or_else(|| aws::error(VALIDATION, "The nextToken is not valid."))?;
    let mut answer = Map::new();
    answer.insert("items".to_owned(), Value::Array(page.items));
    answer.extend(
        page.next
            .map(|token| ("nextToken".to_owned(), Value::String(token))),
    );
    Ok(Value::Object(answer))
}

fn shape(target: &Registration) -> Value {
    let mut shape = json!({
        "id": target.id,
        "port": target.port,
        "status": status(target.health),
    });
    if target.health.is_unhealthy() {
        shape["reasonCode"] = json!("HealthCheckFailed");
    }
    shape
}

fn status(health: TargetHealth) -> &'static str {
    match health {
        TargetHealth::Registering | TargetHealth::InitialChecks => "INITIAL",
        TargetHealth::Healthy => "HEALTHY",
        TargetHealth::FailedChecks | TargetHealth::TimedOut => "UNHEALTHY",
        TargetHealth::Draining => "DRAINING",
        TargetHealth::NotRegistered
        | TargetHealth::NotInUse
        | TargetHealth::ZoneNotEnabled
        | TargetHealth::InvalidState
        | TargetHealth::StoppedState => "UNUSED",
    }
}
