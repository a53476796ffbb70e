//! Processes of groups that can be suspended and resumed, by the names that AWS gives them.
//!
//! Source: R-PROC-1, R-ESS-14. This module must never carry a process out: whoever does asks here first.

use super::cloud::Cloud;
use super::event::Cx;
use super::ids::GroupId;
use super::settings::Provider;

/// What a group does by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum ScalingProcess {
    /// Launches instances it lacks.
    Launch,
    /// Terminates instances it has too many of.
    Terminate,
    /// Registers instances it launches.
    AddToLoadBalancer,
    /// Acts on alarms.
    AlarmNotification,
    /// Evens its zones out.
    AzRebalance,
    /// Looks at the health of its instances.
    HealthCheck,
    /// Replaces instances of a refresh.
    InstanceRefresh,
    /// Replaces instances marked unhealthy.
    ReplaceUnhealthy,
    /// Carries out scheduled actions.
    ScheduledActions,
}

impl ScalingProcess {
    /// Every process, in the order of their names.
    pub const ALL: [Self; 9] = [
        Self::AddToLoadBalancer,
        Self::AlarmNotification,
        Self::AzRebalance,
        Self::HealthCheck,
        Self::InstanceRefresh,
        Self::Launch,
        Self::ReplaceUnhealthy,
        Self::ScheduledActions,
        Self::Terminate,
    ];

    /// Their names, in the same order.
    pub const NAMES: [&'static str; 9] = [
        "AddToLoadBalancer",
        "AlarmNotification",
        "AZRebalance",
        "HealthCheck",
        "InstanceRefresh",
        "Launch",
        "ReplaceUnhealthy",
        "ScheduledActions",
        "Terminate",
    ];

    /// The cloud's word.
    pub fn name(self) -> &'static str {
        let place = Self::ALL.iter().position(|&other| other == self);
        place.map_or("", |place| Self::NAMES[place])
    }

    /// The process called `name`.
    pub fn named(name: &str) -> Option<Self> {
        let place = Self::NAMES.iter().position(|&other| other == name)?;
        Some(Self::ALL[place])
    }
}

/// Which processes of a group are suspended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Suspended(u16);

impl Suspended {
    /// Whether `process` is.
    pub fn has(self, process: ScalingProcess) -> bool {
        self.0 & (1 << process as u8) != 0
    }

    fn set(&mut self, process: ScalingProcess, on: bool) {
        let bit = 1 << process as u8;
        self.0 = if on { self.0 | bit } else { self.0 & !bit };
    }

    /// All that are, in the order of their names.
    pub fn iter(self) -> impl Iterator<Item = ScalingProcess> {
        ScalingProcess::ALL
            .into_iter()
            .filter(move |&process| self.has(process))
    }
}

impl Cloud {
    /// Whether a group carries `process` out.
    pub fn does(&self, group: GroupId, process: ScalingProcess) -> bool {
        !self.groups[group.index()].suspended.has(process)
    }

    /// Suspends processes.
    pub fn suspend_processes(&mut self, group: GroupId, processes: &[ScalingProcess]) {
        for &process in processes {
            self.groups[group.index()].suspended.set(process, true);
        }
    }

    /// Resumes processes; the group catches up on what it left undone.
    pub fn resume_processes(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        processes: &[ScalingProcess],
    ) {
        for &process in processes {
            self.groups[group.index()].suspended.set(process, false);
        }
        self.let_replaced_go(cx, group);
        self.compare_capacity(cx, group);
        self.expect_health_poll(cx, group);
        if self.groups[group.index()].provider == Provider::Alibaba {
            self.ess_expect_bounds(cx, group, false);
        }
    }
}
