//! What the operations on the processes of an Auto Scaling group share: how they name them.
//!
//! This module must never change the cloud.

use super::params::Fields;
use crate::describe::Kind;
use crate::model::scaling_process::ScalingProcess;

/// The kind of a list of processes.
pub(super) const PROCESSES: Kind = Kind::List {
    of: &Kind::OneOf(&ScalingProcess::NAMES),
    min: 0,
    max: usize::MAX,
};

/// The processes that a request names; all of them where it names none.
pub(super) fn named(fields: Fields<'_>) -> Vec<ScalingProcess> {
    let names = fields.texts("ScalingProcesses");
    if names.is_empty() {
        return ScalingProcess::ALL.to_vec();
    }
    names
        .into_iter()
        .filter_map(ScalingProcess::named)
        .collect()
}
