//! `vpc-lattice:DeregisterTargets`: targets of VPC Lattice get no new traffic and drain for a minute.
//!
//! Source: R-LATTICE-1, R-LATTICE-4.

use serde_json::Value;

use crate::api::lattice::{self, NOT_FOUND, Outcomes, TARGETS, VALIDATION};
use crate::api::params::required;
use crate::api::{ApiError, Call, Operation, Response};
use crate::describe::Source;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/vpc-lattice/latest/APIReference/API_DeregisterTargets.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "vpc-lattice:DeregisterTargets",
    summary: "takes targets out of a target group of VPC Lattice: no new traffic, and what is in \
              flight has one minute to finish",
    params: &[
        lattice::identifier(API),
        required(
            "targets",
            TARGETS,
            "the targets; those that are not registered are told, and do not keep the others in",
            API,
        ),
    ],
    errors: &[VALIDATION, NOT_FOUND],
    deviations: &[
        "that a target which is not registered is unsuccessful is assumed, and so are its code and \
         message",
        "a target that drains already is successful and drains on (assumed)",
        "a target named without a port is the one on the target group's own port (assumed)",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = lattice::check(OPERATION.params, params)?;
    let id = lattice::target_group(call.cloud, fields.given("targetGroupIdentifier"))?;
    let targets = lattice::named(&call.cloud.target_groups[id.index()], fields);
    let mut outcomes = Outcomes::default();
    for target in targets {
        let outcome = match call.cloud.registration_of(id, target.0, target.1) {
            Some(registration) => {
                call.cloud.deregister(call.cx, registration);
                Ok(())
            }
            None => Err((
                "TargetNotRegistered",
                format!(
                    "The target {} is not registered on port {}",
                    target.0, target.1
                ),
            )),
        };
        outcomes.note(target, outcome);
    }
    Ok(outcomes.answer())
}
