//! `elasticloadbalancing:ModifyListener`: where a listener forwards, with which weights.
//!
//! Its nodes learn of it later. Source: R-FORWARD-1, R-FORWARD-2.

use serde_json::{Value, json};

use crate::api::action::{
    self, ASSOCIATION_LIMIT, DEVIATIONS, INCOMPATIBLE, INVALID_ACTION, LIST, LISTENER_NOT_FOUND,
    TOO_MANY_GROUPS, TOO_MANY_TARGETS,
};
use crate::api::aws::{self, TEXT};
use crate::api::params::{optional, required};
use crate::api::{ApiError, Call, Operation, Response};
use crate::describe::{Kind, Source};

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyListener.html",
);

const ANYTHING: Kind = Kind::List {
    of: &Kind::Any,
    min: 0,
    max: usize::MAX,
};

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "elasticloadbalancing:ModifyListener",
    summary: "changes where a listener forwards: to other target groups, or with other weights",
    params: &[
        required("ListenerArn", TEXT, "ARN of the listener", API),
        optional(
            "Port",
            Kind::Integer { min: 1, max: 65535 },
            "port of the listener; without effect",
            API,
        ),
        optional(
            "Protocol",
            Kind::OneOf(&[
                "HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "GENEVE", "QUIC", "TCP_QUIC",
            ]),
            "protocol of the listener; without effect",
            API,
        ),
        optional("SslPolicy", TEXT, "security policy; without effect", API),
        optional(
            "Certificates",
            ANYTHING,
            "default certificate; without effect",
            API,
        ),
        optional(
            "DefaultActions",
            LIST,
            "what to do with requests that match no rule; as before if left out",
            API,
        ),
        optional("AlpnPolicy", ANYTHING, "ALPN policy; without effect", API),
        optional(
            "MutualAuthentication",
            Kind::Any,
            "client certificates; without effect",
            API,
        ),
    ],
    errors: &[
        aws::VALIDATION_ERROR,
        LISTENER_NOT_FOUND,
        aws::TARGET_GROUP_NOT_FOUND,
        ASSOCIATION_LIMIT,
        INCOMPATIBLE,
        INVALID_ACTION,
        TOO_MANY_GROUPS,
        TOO_MANY_TARGETS,
    ],
    deviations: &[
        DEVIATIONS[0],
        DEVIATIONS[1],
        DEVIATIONS[2],
        DEVIATIONS[3],
        "listeners have neither port nor protocol here, nor are any shown",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let id = action::listener(call.cloud, fields.given("ListenerArn"))?;
    let balancer = call.cloud.listeners[id.index()].load_balancer;
    let actions = fields.items("DefaultActions");
    if !actions.is_empty() {
        let forward = action::forward_of(call.cloud, balancer, actions)?;
        call.cloud.set_forward(call.cx, id, forward);
        call.cloud.listeners[id.index()].stickiness = action::stickiness(actions);
    }
    Ok(json!({ "Listeners": [action::listener_shape(call.cloud, id)] }))
}
