//! API operations: one file each, checked, applied and answered as the cloud does.
//!
//! An operation is a descriptor with a function. What the cloud would refuse is an [`ApiError`],
//! recorded and without effect; it is never an error of the simulator. This module must never know
//! a file format, the timeline, or how an answer is shown.

use serde_json::Value;

use crate::describe::{Param, Source};
use crate::model::cloud::Cloud;
use crate::model::event::Cx;

/// An operation of a cloud's API.
#[derive(Debug)]
pub struct Operation {
    /// As in an IAM action: `autoscaling:DetachInstances`.
    pub name: &'static str,
    /// One line.
    pub summary: &'static str,
    /// Parameters, spelt as in the API reference.
    pub params: &'static [Param],
    /// Error codes it may answer with.
    pub errors: &'static [&'static str],
    /// Where our behaviour is known to differ.
    pub deviations: &'static [&'static str],
    /// Its page of the API reference.
    pub source: Source,
    /// Checks the parameters, changes the cloud and answers. A refused call changes nothing but
    /// identifiers.
    pub apply: fn(&mut Call<'_, '_>, &Value) -> Result<Response, ApiError>,
}

/// What a call may touch.
#[derive(Debug)]
pub struct Call<'a, 'b> {
    /// The cloud it changes.
    pub cloud: &'a mut Cloud,
    /// The instant it is made in.
    pub cx: &'a mut Cx<'b>,
}

/// What the cloud answers to a call it refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ApiError {
    /// The code as it stands on the wire: `ValidationError`.
    pub code: &'static str,
    /// The message.
    pub message: String,
    /// HTTP status.
    pub http_status: u16,
}

/// What the cloud answers to a call it accepts, in its own JSON form.
pub type Response = Value;

/// Every operation.
pub static OPERATIONS: &[&Operation] = &[];

/// The operation called `name`. `elb:` and `elbv2:` stand for `elasticloadbalancing:`.
pub fn operation(name: &str) -> Option<&'static Operation> {
    let full = match name.split_once(':') {
        Some(("elbv2", operation)) => format!("elasticloadbalancing:{operation}"),
        _ => name.to_owned(),
    };
    OPERATIONS
        .iter()
        .copied()
        .find(|operation| operation.name == full)
}
