//! Errors whose texts name nothing of the request, and error answers in the clouds' own form.
//!
//! Source: R-ESS-1, R-FAULT-4. This module must never change the cloud.

use serde_json::{Value, json};

use super::alibaba::{
    GROUP_NOT_FOUND, GROUP_STATUS, IN_PROGRESS, OPERATION_DENIED, PARAMETER_MISMATCH,
};
use super::scaling_group::MIN_SIZE;
use super::{ApiError, Operation, sends_text};
use crate::model::fault::Refusal;

/// An error with the text it always has.
#[derive(Debug, Clone, Copy)]
pub(super) struct KnownError {
    /// Its code.
    pub(super) code: &'static str,
    http_status: u16,
    message: &'static str,
}

impl KnownError {
    /// The error with this code, HTTP status and message.
    pub(super) const fn new(code: &'static str, http_status: u16, message: &'static str) -> Self {
        Self {
            code,
            http_status,
            message,
        }
    }

    /// The error.
    pub(super) fn error(self) -> ApiError {
        ApiError {
            code: self.code,
            message: self.message.to_owned(),
            http_status: self.http_status,
        }
    }
}

/// There is no such scaling group.
pub(super) const NO_GROUP: KnownError = KnownError::new(
    GROUP_NOT_FOUND,
    404,
    "The specified scaling group does not exist.",
);
/// A scaling group is in a state in which this cannot be done.
pub(super) const WRONG_GROUP_STATUS: KnownError = KnownError::new(
    GROUP_STATUS,
    400,
    "The current status of the specified scaling group does not support this action.",
);
/// A scaling group is set up so that this cannot be done.
pub(super) const DENIED: KnownError = KnownError::new(
    OPERATION_DENIED,
    400,
    "This operation is denied because the specified scaling group does not support this action.",
);
/// A scaling activity is under way.
pub(super) const BUSY: KnownError = KnownError::new(
    IN_PROGRESS,
    400,
    "You cannot delete a scaling group or launch a new scaling activity while there is a scaling \
     activity in progress for the specified scaling group.",
);
/// Too few instances would be left.
pub(super) const TOO_FEW: KnownError = KnownError::new(
    MIN_SIZE,
    400,
    "To remove the instances, the total capacity will be lesser than the MinSize.",
);
/// A client token was used for another request.
pub(super) const OTHER_REQUEST: KnownError = KnownError::new(
    PARAMETER_MISMATCH,
    400,
    "The request uses the same client token as a previous, but non-identical request. Do not reuse a \
     client token with different requests, unless the requests are identical.",
);
/// There are too many calls.
pub(super) const THROTTLED: KnownError = KnownError::new(
    "Throttling",
    400,
    "Request was denied due to request throttling.",
);

/// What Auto Scaling of Alibaba Cloud answers with; to the last ones no state that is simulated
/// leads.
///
/// Source: <https://developer.alibaba.com/docs/doc.htm?articleId=112345&docType=1&treeId=606> and
/// the pages of its operations.
const ALIBABA: [KnownError; 12] = [
    NO_GROUP,
    WRONG_GROUP_STATUS,
    DENIED,
    BUSY,
    TOO_FEW,
    OTHER_REQUEST,
    THROTTLED,
    KnownError::new(
        "IncorrectLoadBalancerStatus",
        400,
        "The current status of the specified load balancer does not support this action.",
    ),
    KnownError::new(
        "IncorrectDBInstanceStatus",
        400,
        // as the page prints it: no scenario has a database whose id could stand here
        "The current status of DB instance \"XXX\" does not support this action.",
    ),
    KnownError::new(
        "Forbidden.Unauthorized",
        403,
        "A required authorization for the specified action is not supplied.",
    ),
    KnownError::new(
        "InternalError",
        500,
        "The request processing has failed due to some unknown error, exception or failure.",
    ),
    KnownError::new(
        "ServiceUnavailable",
        503,
        "The request has failed due to a temporary failure of the server.",
    ),
];

/// Code, message and HTTP status of what a call is answered that a scenario has refused.
pub fn refused(operation: &Operation, refusal: Refusal) -> (String, String, u16) {
    let mut known = ALIBABA.iter();
    let known = known.find(|known| sends_text(operation.name) && known.code == refusal.code);
    let message = refusal.message;
    let message = message.or_else(|| known.map(|known| known.message.to_owned()));
    let status = refusal.http_status;
    let status = status.or_else(|| known.map(|known| known.http_status));
    (
        refusal.code,
        message.unwrap_or_default(),
        status.unwrap_or(400),
    )
}

/// The body of the answer to a call that is refused, where its cloud sends JSON.
///
/// Source: <https://developer.alibaba.com/docs/doc.htm?articleId=112345&docType=1&treeId=606>
pub fn error_body(
    operation: &Operation,
    (code, message): (&str, &str),
    request_id: &str,
) -> Option<Value> {
    let (service, _) = operation.name.split_once(':')?;
    sends_text(operation.name).then(|| {
        json!({
            "RequestId": request_id,
            "HostId": format!("{service}.aliyuncs.com"),
            "Code": code,
            "Message": message,
        })
    })
}
