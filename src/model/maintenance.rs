//! Maintenance: how far replacing instances may take a group from its desired capacity.
//!
//! Source: R-ASG-16. This module must never replace anything.

/// An instance maintenance policy, or the healthy percentages of an instance refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaintenancePolicy {
    /// Share of the desired capacity that must stay in service \[%, 0..=100\].
    pub min_healthy: u32,
    /// Share of the desired capacity that may be there at once \[%, 100..=200\]. Above 100 an
    /// instance is launched before its predecessor goes.
    pub max_healthy: u32,
}

impl MaintenancePolicy {
    /// Whether an instance is launched before the one it replaces goes.
    pub fn launches_first(self) -> bool {
        self.max_healthy > 100
    }

    /// How many more members may be replaced now: of a group of `desired`, of which `in_service`
    /// serve, and which wants to have `wanted` at present. At least one, as long as nothing else
    /// is being replaced. Source: R-ASG-16.
    pub fn replaceable(self, desired: u32, in_service: u32, wanted: u32) -> u32 {
        if self.launches_first() {
            let room = share(self.max_healthy, desired).saturating_sub(wanted);
            return if wanted == desired { room.max(1) } else { room };
        }
        let room = in_service.saturating_sub(share(self.min_healthy, desired));
        if in_service >= desired {
            room.max(1)
        } else {
            room
        }
    }
}

/// So many percent of `of`, rounded up.
pub(super) fn share(percentage: u32, of: u32) -> u32 {
    let part = u64::from(of) * u64::from(percentage);
    u32::try_from(part.div_ceil(100)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::MaintenancePolicy;

    /// R-ASG-16: terminate first keeps the minimum, launch first respects the maximum, and one at
    /// least is replaced.
    #[test]
    fn what_may_be_replaced_follows_the_percentages() {
        let policy = |min_healthy, max_healthy| MaintenancePolicy {
            min_healthy,
            max_healthy,
        };
        let cases = [
            // (policy, desired, in service, wanted) -> replaceable
            (policy(90, 100), 10, 10, 10, 1),
            (policy(50, 100), 10, 10, 10, 5),
            (policy(50, 100), 10, 6, 10, 1),
            (policy(50, 100), 10, 5, 10, 0),
            (policy(100, 100), 1, 1, 1, 1),
            (policy(100, 100), 1, 0, 1, 0),
            (policy(0, 100), 4, 4, 4, 4),
            (policy(100, 110), 10, 10, 10, 1),
            (policy(100, 110), 1, 1, 1, 1),
            (policy(100, 200), 4, 4, 4, 4),
            (policy(100, 200), 4, 4, 6, 2),
            (policy(100, 110), 10, 10, 11, 0),
        ];
        for (policy, desired, in_service, wanted, expected) in cases {
            let found = policy.replaceable(desired, in_service, wanted);
            assert_eq!(
                found, expected,
                "{policy:?} {desired} {in_service} {wanted}"
            );
        }
    }
}
