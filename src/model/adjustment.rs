//! Adjustments: what a scaling policy, or a scaling rule, makes of a capacity.
//!
//! Source: R-POLICY-1, R-POLICY-2, R-ESS-20. This module must never know a group.

/// How the number of an adjustment is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdjustmentType {
    /// So many more or fewer.
    ChangeInCapacity,
    /// So many.
    ExactCapacity,
    /// So many percent more or fewer.
    PercentChangeInCapacity,
}

impl AdjustmentType {
    /// Every type.
    pub const ALL: [Self; 3] = [
        Self::ChangeInCapacity,
        Self::ExactCapacity,
        Self::PercentChangeInCapacity,
    ];

    /// The cloud's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::ChangeInCapacity => "ChangeInCapacity",
            Self::ExactCapacity => "ExactCapacity",
            Self::PercentChangeInCapacity => "PercentChangeInCapacity",
        }
    }

    /// The type called `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What the numbers of a policy mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Adjustment {
    /// How they are meant.
    pub kind: AdjustmentType,
    /// By how many a percentage scales at least.
    pub min_magnitude: u32,
}

impl Adjustment {
    /// What `capacity` becomes by an adjustment of `by`. Source: R-POLICY-1.
    pub fn apply(self, capacity: u32, by: i64) -> u32 {
        let becomes = match self.kind {
            AdjustmentType::ExactCapacity => i128::from(by),
            AdjustmentType::ChangeInCapacity => i128::from(capacity) + i128::from(by),
            AdjustmentType::PercentChangeInCapacity => {
                i128::from(capacity) + self.share(capacity, by)
            }
        };
        u32::try_from(becomes.max(0)).unwrap_or(u32::MAX)
    }

    /// `by` percent of `capacity`, rounded towards zero, but to one instance what is less than one.
    fn share(self, capacity: u32, by: i64) -> i128 {
        let hundredths = i128::from(capacity) * i128::from(by);
        let whole = match hundredths / 100 {
            0 => hundredths.signum(),
            whole => whole,
        };
        let least = i128::from(self.min_magnitude) * i128::from(by.signum());
        if by < 0 {
            whole.min(least)
        } else {
            whole.max(least)
        }
    }
}

/// One step of a step scaling policy. Bounds are differences from the threshold of the alarm; none
/// is infinite. Source: R-POLICY-2.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// Where it begins.
    pub lower: Option<f64>,
    /// Where it ends.
    pub upper: Option<f64>,
    /// By how much it adjusts.
    pub by: i64,
}

/// What is wrong with the steps of a policy or rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepFault {
    /// One has no bounds.
    Unbounded,
    /// The one in this place ends where it begins, or before.
    Turned(usize),
    /// Several have no lower bound.
    ManyLowest,
    /// Several have no upper bound.
    ManyHighest,
    /// One begins below the threshold, and none has no lower bound.
    NoLowest,
    /// One ends above the threshold, and none has no upper bound.
    NoHighest,
    /// Two are for the same.
    Overlap,
    /// There is something between two of them.
    Gap,
}

impl Step {
    /// Brings steps into order, the lowest first.
    pub fn sort(steps: &mut [Self]) {
        let bound = |step: &Self| step.lower.unwrap_or(f64::NEG_INFINITY);
        steps.sort_by(|a, b| bound(a).total_cmp(&bound(b)));
    }

    /// What is wrong with steps that are in order. Source: R-POLICY-2.
    pub fn fault(steps: &[Self]) -> Option<StepFault> {
        let count = |is: fn(&Self) -> bool| steps.iter().filter(|step| is(step)).count();
        if count(|step| step.lower.is_none() && step.upper.is_none()) > 0 {
            return Some(StepFault::Unbounded);
        }
        let turned = |step: &Self| matches!((step.lower, step.upper), (Some(l), Some(u)) if l >= u);
        if let Some(place) = steps.iter().position(turned) {
            return Some(StepFault::Turned(place));
        }
        let lowest = count(|step| step.lower.is_none());
        let highest = count(|step| step.upper.is_none());
        if lowest > 1 {
            return Some(StepFault::ManyLowest);
        }
        if highest > 1 {
            return Some(StepFault::ManyHighest);
        }
        if lowest == 0 && count(|step| step.lower.is_some_and(|lower| lower < 0.0)) > 0 {
            return Some(StepFault::NoLowest);
        }
        if highest == 0 && count(|step| step.upper.is_some_and(|upper| upper > 0.0)) > 0 {
            return Some(StepFault::NoHighest);
        }
        for pair in steps.windows(2) {
            let end = pair[0].upper.unwrap_or(f64::INFINITY);
            let begin = pair[1].lower.unwrap_or(f64::NEG_INFINITY);
            if begin < end {
                return Some(StepFault::Overlap);
            }
            if end < begin {
                return Some(StepFault::Gap);
            }
        }
        None
    }

    /// The step for a metric that is `breach` above its threshold: above it the lower bound
    /// belongs to a step, below it the upper one. Source: R-POLICY-2.
    pub fn find(steps: &[Self], breach: f64) -> Option<Self> {
        let above = |step: &&Self| {
            breach >= 0.0
                && step.lower.is_none_or(|lower| lower <= breach)
                && step.upper.is_none_or(|upper| breach < upper)
        };
        let below = |step: &&Self| {
            breach <= 0.0
                && step.lower.is_none_or(|lower| lower < breach)
                && step.upper.is_none_or(|upper| breach <= upper)
        };
        let found = steps.iter().find(above);
        found.or_else(|| steps.iter().find(below)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adjusted(kind: AdjustmentType, min_magnitude: u32, capacity: u32, by: i64) -> u32 {
        Adjustment {
            kind,
            min_magnitude,
        }
        .apply(capacity, by)
    }

    /// R-POLICY-1: the documented examples of rounding are 12.7 to 12, 0.67 to 1, -0.58 to -1 and
    /// -6.67 to -6; and 25 % of 4 with a least magnitude of 2.
    #[test]
    fn percentages_are_rounded_as_documented() {
        use AdjustmentType::PercentChangeInCapacity as Percent;
        let cases = [
            // (capacity, percent, least magnitude) -> capacity
            (127, 10, 0, 139),
            (67, 1, 0, 68),
            (58, -1, 0, 57),
            (667, -1, 0, 661),
            (10, 10, 0, 11),
            (11, 30, 0, 14),
            (14, -10, 0, 13),
            (13, -30, 0, 10),
            (4, 25, 2, 6),
            (4, -25, 2, 2),
            (100, 25, 2, 125),
            (4, 0, 2, 4),
            (0, 50, 0, 0),
            (0, 50, 3, 3),
            (3, -200, 0, 0),
        ];
        for (capacity, by, least, expected) in cases {
            let found = adjusted(Percent, least, capacity, by);
            assert_eq!(found, expected, "{by} % of {capacity}, {least} at least");
        }
    }

    #[test]
    fn changes_and_exact_capacities_stay_in_range() {
        use AdjustmentType::{ChangeInCapacity, ExactCapacity};
        assert_eq!(adjusted(ChangeInCapacity, 5, 4, 2), 6);
        assert_eq!(adjusted(ChangeInCapacity, 0, 4, -9), 0);
        assert_eq!(adjusted(ChangeInCapacity, 0, u32::MAX, 1), u32::MAX);
        assert_eq!(adjusted(ExactCapacity, 0, 4, 9), 9);
        assert_eq!(adjusted(ExactCapacity, 0, 4, -1), 0);
    }

    /// R-POLICY-2: with a threshold of 50 the steps of the guide are 50 to 60, 60 to 70 and from 70
    /// on; below it 40 to 50, 30 to 40 and to 30.
    #[test]
    fn bounds_belong_to_the_step_further_from_the_threshold() {
        let step = |lower, upper, by| Step { lower, upper, by };
        let out = [
            step(Some(0.0), Some(10.0), 0),
            step(Some(10.0), Some(20.0), 10),
            step(Some(20.0), None, 30),
        ];
        let inward = [
            step(Some(-10.0), Some(0.0), 0),
            step(Some(-20.0), Some(-10.0), -10),
            step(None, Some(-20.0), -30),
        ];
        let found = |steps: &[Step], value: f64| Step::find(steps, value - 50.0).map(|s| s.by);
        for (value, by) in [(50.0, 0), (59.9, 0), (60.0, 10), (69.9, 10), (70.0, 30)] {
            assert_eq!(found(&out, value), Some(by), "{value}");
        }
        for (value, by) in [(50.0, 0), (40.1, 0), (40.0, -10), (30.1, -10), (30.0, -30)] {
            assert_eq!(found(&inward, value), Some(by), "{value}");
        }
        assert_eq!(found(&out, 49.9), None);
        assert_eq!(found(&inward, 50.1), None);
    }
}
