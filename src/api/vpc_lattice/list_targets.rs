//! `vpc-lattice:ListTargets`: the states of the targets of a target group of VPC Lattice.
//!
//! Source: R-LATTICE-1, R-LATTICE-4.

use serde_json::{Map, Value, json};

use crate::api::lattice::{self, NOT_FOUND, SOME_TARGETS, VALIDATION};
use crate::api::params::{Fields, defaulted, optional};
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
    let (page, token) = page(fields, listed.map(shape).collect())?;
    let mut answer = Map::new();
    answer.insert("items".to_owned(), Value::Array(page));
    answer.extend(token.map(|token| ("nextToken".to_owned(), Value::String(token))));
    Ok(Value::Object(answer))
}

/// One page, and the token of the next.
fn page(fields: Fields<'_>, all: Vec<Value>) -> Result<(Vec<Value>, Option<String>), ApiError> {
    let size = fields.integer("maxResults");
    let size = size
        .and_then(|size| usize::try_from(size).ok())
        .unwrap_or(100);
    let from = match fields.text("nextToken") {
        None => 0,
        Some(token) => {
            let place = token.parse::<usize>().ok();
            let place = place.filter(|from| *from > 0 && *from < all.len());
            place.ok_or_else(|| aws::error(VALIDATION, "The nextToken is not valid."))?
        }
    };
    let next = from.saturating_add(size);
    let token = (next < all.len()).then(|| next.to_string());
    Ok((all.into_iter().skip(from).take(size).collect(), token))
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
