//! `elasticloadbalancing:DescribeListeners`: listeners with where they forward.
//!
//! Source: R-FORWARD-1.

use serde_json::Value;

use crate::api::action::{self, LISTENER_NOT_FOUND};
use crate::api::aws::{self, TEXT, validation_error};
use crate::api::params::optional;
use crate::api::target_group::{self, BALANCER_NOT_FOUND, page, paged, paging};
use crate::api::{ApiError, Call, Operation, Response};
use crate::describe::{Kind, Source};
use crate::model::ids::ListenerId;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeListeners.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "elasticloadbalancing:DescribeListeners",
    summary: "tells of the listeners of a load balancer, or of those named",
    params: &[
        optional("LoadBalancerArn", TEXT, "ARN of the load balancer", API),
        optional(
            "ListenerArns",
            Kind::List {
                of: &TEXT,
                min: 0,
                max: usize::MAX,
            },
            "ARNs of the listeners",
            API,
        ),
        paging(API)[0],
        paging(API)[1],
    ],
    errors: &[
        aws::VALIDATION_ERROR,
        BALANCER_NOT_FOUND,
        LISTENER_NOT_FOUND,
    ],
    deviations: &["listeners have neither port nor protocol here, nor are any shown"],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let cloud = &*call.cloud;
    let arns = fields.texts("ListenerArns");
    let found: Vec<ListenerId> = match (fields.text("LoadBalancerArn"), arns.as_slice()) {
        (Some(arn), []) => {
            let balancer = target_group::balancer(cloud, arn)?;
            let listeners = cloud.listeners.iter().enumerate();
            listeners
                .filter(|(_, of)| of.load_balancer == balancer && of.rule.is_none())
                .map(|(index, _)| ListenerId::from_index(index))
                .collect()
        }
        (None, [_, ..]) => {
            let found = arns.iter().map(|arn| action::listener(cloud, arn));
            found.collect::<Result<_, _>>()?
        }
        (Some(_), [_, ..]) | (None, []) => {
            return Err(validation_error(
                "You must specify either listener ARNs or a load balancer ARN",
            ));
        }
    };
    let (found, marker) = page(fields, found)?;
    let shapes = found
        .into_iter()
        .map(|id| action::listener_shape(cloud, id));
    Ok(paged("Listeners", shapes.collect(), marker))
}
