//! Adjustments of the total capacity of a scaling group, as calls and scaling rules give them.
//!
//! Source: R-ESS-20. This module must never change the cloud.

use super::ApiError;
use super::alibaba;
use super::params::{Fields, optional};
use crate::describe::{Kind, Param, Source};
use crate::model::adjustment::{Adjustment, AdjustmentType};
use crate::model::cloud::Cloud;
use crate::model::ids::GroupId;
use crate::model::scaling_process::ScalingProcess;

/// The total capacity would stay as it is.
pub(super) const NO_CHANGE: &str = "IncorrectCapacity.NoChange";
/// More instances than one activity may scale.
pub(super) const TOO_MANY: &str = "QuotaExceeded.ScalingInstance";

/// The types with what each is called in the model, and the range of its value.
const TYPES: [(&str, AdjustmentType, [i64; 2]); 3] = [
    (
        "QuantityChangeInCapacity",
        AdjustmentType::ChangeInCapacity,
        [-1000, 1000],
    ),
    (
        "PercentChangeInCapacity",
        AdjustmentType::PercentChangeInCapacity,
        [-100, 10_000],
    ),
    ("TotalCapacity", AdjustmentType::ExactCapacity, [0, 2000]),
];

/// How a value is meant.
pub(super) const TYPE: Kind = Kind::OneOf(&[TYPES[0].0, TYPES[1].0, TYPES[2].0]);

/// What [`TYPE`] is.
pub(super) const TYPE_DOC: &str = "how AdjustmentValue is meant: so many instances more or fewer, \
                                   so many percent, or the number there are to be";

/// A value of any type.
pub(super) const VALUE: Kind = Kind::Integer {
    min: -1000,
    max: 10_000,
};

/// What [`VALUE`] is.
pub(super) const VALUE_DOC: &str = "by how much to adjust: -1000 to 1000 instances, -100 to 10000 \
                                    %, or 0 to 2000 instances for TotalCapacity";

/// How many a percentage scales at least.
pub(super) const fn min_magnitude(source: Source) -> Param {
    optional(
        "MinAdjustmentMagnitude",
        Kind::Integer { min: 0, max: 1000 },
        "instances a percentage scales at least; its range is assumed",
        source,
    )
}

/// How rounding and limits differ from what is documented.
pub(super) const DEVIATION: &str = "percentages are rounded as those of AWS, and more than 1000 \
                                    instances in one activity are refused with \
                                    QuotaExceeded.ScalingInstance (assumed)";

/// Most instances that one activity scales.
const MOST: u32 = 1000;

/// The adjustment under `AdjustmentType` and `MinAdjustmentMagnitude`.
pub(super) fn adjustment(fields: Fields<'_>) -> Option<Adjustment> {
    let (_, kind, _) = type_of(fields)?;
    let least = fields.integer("MinAdjustmentMagnitude").unwrap_or(0);
    Some(Adjustment {
        kind,
        min_magnitude: u32::try_from(least).unwrap_or_default(),
    })
}

/// What ESS calls a type.
pub(super) fn name(kind: AdjustmentType) -> &'static str {
    let found = TYPES.into_iter().find(|(_, other, _)| *other == kind);
    found.map_or("", |(name, ..)| name)
}

fn type_of(fields: Fields<'_>) -> Option<(&'static str, AdjustmentType, [i64; 2])> {
    let word = fields.text("AdjustmentType")?;
    TYPES.into_iter().find(|(name, ..)| *name == word)
}

/// The value under `AdjustmentValue`, if there is one.
///
/// # Errors
/// `InvalidParameter` when it is out of the range of its type.
pub(super) fn value(fields: Fields<'_>) -> Result<Option<i64>, ApiError> {
    let given = fields.integer("AdjustmentValue");
    if let (Some(value), Some((.., [least, most]))) = (given, type_of(fields))
        && !(least..=most).contains(&value)
    {
        return Err(alibaba::invalid("AdjustmentValue"));
    }
    Ok(given)
}

/// What the total capacity of a scaling group becomes by an adjustment: never beyond its sizes.
///
/// # Errors
/// `IncorrectCapacity.NoChange` and `QuotaExceeded.ScalingInstance`.
pub(super) fn total(
    cloud: &Cloud,
    id: GroupId,
    adjustment: Adjustment,
    by: i64,
) -> Result<u32, ApiError> {
    let group = &cloud.groups[id.index()];
    let from = group.total();
    let to = adjustment.apply(from, by);
    let to = to.min(group.max_size).max(group.min_size);
    if to == from {
        let message = "To execute the specified scaling rule, the total capacity will not change.";
        return Err(alibaba::error(NO_CHANGE, 400, message));
    }
    if to.abs_diff(from) > MOST {
        let message = "Scaling instance quota exceeded.";
        return Err(alibaba::error(TOO_MANY, 400, message));
    }
    let process = if to > from {
        ScalingProcess::Launch
    } else {
        ScalingProcess::Terminate
    };
    alibaba::check_process(cloud, id, process)?;
    Ok(to)
}
