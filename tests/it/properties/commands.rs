//! What timelines ask of the cloud, as the API layer would let it through.

use drainsim::model::autoscaling::TerminationReason;
use drainsim::model::cloud::Cloud;
use drainsim::model::ess::{Joining, NewSource};
use drainsim::model::ess_activity::Trigger;
use drainsim::model::ess_scaling::ScalingRequest;
use drainsim::model::ess_standby::Standby;
use drainsim::model::group::SourceState;
use drainsim::model::ids::{GroupId, InstanceId, RegistrationId, TargetGroupId};
use drainsim::model::lifecycle::LifecycleState;
use drainsim::model::machine::MachineState;
use drainsim::model::membership::WayOut;
use drainsim::model::settings::{Provider, TargetType};
use drainsim::model::source::AttachedVia;
use proptest::prelude::*;

use crate::fleet::Lab;

/// What is asked of the cloud; numbers pick among what is there when it is made.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Command {
    /// A registration that stood at 0 s, by its number, whatever has become of it.
    DeregisterStanding(u8),
    Deregister(u8, u8),
    Register(u8, u8),
    Detach(u8, u8, u8, bool),
    DetachSource(u8, u8),
    AttachSource(u8, u8, bool),
    SetDesired(u8, u8),
    TerminateMember(u8, u8, bool),
    TerminateMachine(u8),
    StopProcess(u8),
    KillProcess(u8),
    AttachInstance(u8, u8),
    SetDelay(u8, u8),
    ForgetSource(u8, u8),
    RemoveInstances(u8, u8, u8),
    SetWeight(u8, u8, u8),
    Standby(u8, u8, bool),
    Enable(u8, bool),
}

/// The item that `number` picks, if there is one.
fn pick<T: Copy>(items: &[T], number: u8) -> Option<T> {
    (!items.is_empty()).then(|| items[usize::from(number) % items.len()])
}

fn group_of(cloud: &Cloud, number: u8, provider: Provider) -> Option<GroupId> {
    let all: Vec<_> = (0..cloud.groups.len())
        .filter(|&index| cloud.groups[index].provider == provider)
        .map(GroupId::from_index)
        .collect();
    pick(&all, number)
}

fn target_group_of(cloud: &Cloud, number: u8) -> TargetGroupId {
    TargetGroupId::from_index(usize::from(number) % cloud.target_groups.len())
}

fn members(cloud: &Cloud, group: GroupId, states: &[LifecycleState]) -> Vec<InstanceId> {
    let members = cloud.groups[group.index()].members.iter().copied();
    members
        .filter(|id| states.contains(&cloud.instances[id.index()].lifecycle))
        .collect()
}

fn instance_of(cloud: &Cloud, number: u8) -> Option<InstanceId> {
    let all: Vec<_> = (0..cloud.instances.len())
        .map(InstanceId::from_index)
        .collect();
    pick(&all, number)
}

/// A source of a group that is not being removed.
fn source_of(cloud: &Cloud, group: GroupId, number: u8) -> Option<usize> {
    let sources = &cloud.groups[group.index()].sources;
    let places: Vec<_> = (0..sources.len())
        .filter(|&place| sources[place].state != SourceState::Removing)
        .collect();
    pick(&places, number)
}

/// Weights of targets.
pub(super) const WEIGHTS: [u32; 4] = [100, 0, 1, 50];

impl Command {
    /// Makes the command, if the operation behind it would accept it; whether it was made.
    pub(crate) fn make(self, lab: &mut Lab, scale: u64) -> bool {
        match self {
            Self::Deregister(group, number) => {
                let group = target_group_of(lab.cloud(), group);
                let all: Vec<RegistrationId> = lab.cloud().registrations_of(group).collect();
                let Some(id) = pick(&all, number) else {
                    return false;
                };
                lab.call(|cloud, cx| cloud.deregister(cx, id));
            }
            Self::DeregisterStanding(number) => {
                let count = lab.cloud().registrations.len();
                if count == 0 {
                    return false;
                }
                let id = RegistrationId::from_index(usize::from(number) % count);
                lab.call(|cloud, cx| cloud.deregister(cx, id));
            }
            Self::Register(group, number) => return register(lab, group, number),
            Self::TerminateMachine(number) => {
                let Some(id) = instance_of(lab.cloud(), number) else {
                    return false;
                };
                lab.call(|cloud, cx| cloud.terminate_machine(cx, id));
            }
            Self::StopProcess(number) => {
                let Some(id) = instance_of(lab.cloud(), number) else {
                    return false;
                };
                lab.call(|cloud, cx| cloud.stop_process(cx, id));
            }
            Self::KillProcess(number) => {
                let Some(id) = instance_of(lab.cloud(), number) else {
                    return false;
                };
                lab.call(|cloud, cx| cloud.kill_process(cx, id));
            }
            Self::SetWeight(group, number, weight) => {
                let group = target_group_of(lab.cloud(), group);
                let all: Vec<RegistrationId> = lab.cloud().registrations_of(group).collect();
                let kind = lab.cloud().target_groups[group.index()].kind;
                let Some(id) = pick(&all, number).filter(|_| kind.has_weights()) else {
                    return false;
                };
                let weight = WEIGHTS[usize::from(weight) % WEIGHTS.len()];
                lab.call(|cloud, cx| cloud.set_weight(cx, id, weight));
            }
            Self::SetDelay(group, delay) => {
                let id = target_group_of(lab.cloud(), group);
                let key = match lab.cloud().target_groups[id.index()].provider {
                    Provider::Aws => "deregistration_delay.timeout_seconds",
                    Provider::Alibaba => "ConnectionDrainTimeout",
                };
                let change = (key.to_owned(), (u64::from(delay) * scale).to_string());
                lab.call(|cloud, cx| cloud.set_attributes(cx, id, [change]));
            }
            Self::Detach(..)
            | Self::DetachSource(..)
            | Self::AttachSource(..)
            | Self::SetDesired(..)
            | Self::TerminateMember(..)
            | Self::AttachInstance(..)
            | Self::ForgetSource(..)
            | Self::RemoveInstances(..)
            | Self::Standby(..)
            | Self::Enable(..) => {
                return self.make_aws(lab).or_else(|| self.make_ess(lab)).is_some();
            }
        }
        true
    }

    fn make_aws(self, lab: &mut Lab) -> Option<()> {
        let group = |lab: &Lab, number| group_of(lab.cloud(), number, Provider::Aws);
        match self {
            Self::Detach(number, first, count, decrement) => {
                let group = group(lab, number)?;
                detach(lab, group, first, count, decrement)?;
            }
            Self::DetachSource(number, source) => {
                let group = group(lab, number)?;
                let place = source_of(lab.cloud(), group, source)?;
                lab.call(|cloud, cx| cloud.detach_sources(cx, group, &[place]));
            }
            Self::AttachSource(number, target_group, _) => {
                let group = group(lab, number)?;
                let id = attachable(lab.cloud(), group, target_group)?;
                lab.call(|cloud, cx| cloud.attach_sources(cx, group, &[id], AttachedVia::Unknown));
            }
            Self::SetDesired(number, to) => {
                let group = group(lab, number)?;
                let desired = size_of(lab.cloud(), group, to);
                lab.call(|cloud, cx| cloud.set_desired_capacity(cx, group, desired));
            }
            Self::TerminateMember(number, member, decrement) => {
                let group = group(lab, number)?;
                terminate_member(lab, group, member, decrement)?;
            }
            Self::AttachInstance(number, instance) => {
                let group = group(lab, number)?;
                let cloud = lab.cloud();
                let free: Vec<_> = (0..cloud.instances.len())
                    .filter(|&index| {
                        let instance = &cloud.instances[index];
                        instance.group.is_none()
                            && instance.lifecycle == LifecycleState::Detached
                            && instance.state == MachineState::Running
                    })
                    .map(InstanceId::from_index)
                    .collect();
                let entry = &cloud.groups[group.index()];
                let id = pick(&free, instance).filter(|_| entry.counts.desired < entry.max_size)?;
                lab.call(|cloud, cx| cloud.attach_instances(cx, group, &[id]));
            }
            Self::ForgetSource(..)
            | Self::RemoveInstances(..)
            | Self::SetWeight(..)
            | Self::Standby(..)
            | Self::Enable(..)
            | Self::DeregisterStanding(_)
            | Self::Deregister(..)
            | Self::Register(..)
            | Self::TerminateMachine(_)
            | Self::StopProcess(_)
            | Self::KillProcess(_)
            | Self::SetDelay(..) => return None,
        }
        Some(())
    }

    fn make_ess(self, lab: &mut Lab) -> Option<()> {
        let group = |lab: &Lab, number| group_of(lab.cloud(), number, Provider::Alibaba);
        let idle = |lab: &Lab, number| {
            group(lab, number).filter(|group| {
                let group = &lab.cloud().groups[group.index()];
                group.busy.is_none() && group.is_active()
            })
        };
        match self {
            Self::DetachSource(number, source) => {
                let group = idle(lab, number)?;
                let place = source_of(lab.cloud(), group, source)?;
                lab.call(|cloud, cx| cloud.ess_detach_sources(cx, group, &[place]));
            }
            Self::ForgetSource(number, source) => {
                let group = group(lab, number)?;
                let place = source_of(lab.cloud(), group, source)?;
                lab.call(|cloud, cx| cloud.ess_forget_sources(cx, group, &[place]));
            }
            Self::AttachSource(number, target_group, force) => {
                let group = if force {
                    idle(lab, number)?
                } else {
                    group(lab, number)?
                };
                let source = NewSource {
                    target_group: attachable(lab.cloud(), group, target_group)?,
                    port: 80,
                    weight: 100,
                };
                lab.call(|cloud, cx| cloud.ess_attach_sources(cx, group, &[source], force));
            }
            Self::RemoveInstances(number, first, count) => {
                let group = idle(lab, number)?;
                remove_instances(lab, group, first, count)?;
            }
            Self::SetDesired(number, to) => {
                let group = idle(lab, number)?;
                scale(lab, group, to)?;
            }
            Self::AttachInstance(number, _) => {
                let group = idle(lab, number)?;
                rebalance(lab, group)?;
            }
            Self::Standby(number, member, enter) => {
                let group = idle(lab, number)?;
                move_standby(lab, group, member, enter)?;
            }
            Self::Enable(number, enable) => {
                let group = group(lab, number)?;
                enable_group(lab, group, enable)?;
            }
            Self::SetWeight(..)
            | Self::Detach(..)
            | Self::TerminateMember(..)
            | Self::DeregisterStanding(_)
            | Self::Deregister(..)
            | Self::Register(..)
            | Self::TerminateMachine(_)
            | Self::StopProcess(_)
            | Self::KillProcess(_)
            | Self::SetDelay(..) => return None,
        }
        Some(())
    }
}

fn move_standby(lab: &mut Lab, group: GroupId, member: u8, enter: bool) -> Option<()> {
    let (from, way) = if enter {
        (LifecycleState::InService, Standby::Enter)
    } else {
        (LifecycleState::Standby, Standby::Exit)
    };
    let id = pick(&members(lab.cloud(), group, &[from]), member)?;
    lab.call(|cloud, cx| cloud.ess_move_standby(cx, group, &[id], way, member.is_multiple_of(2)));
    Some(())
}

fn enable_group(lab: &mut Lab, group: GroupId, enable: bool) -> Option<()> {
    if lab.cloud().groups[group.index()].is_active() == enable {
        return None;
    }
    lab.call(|cloud, cx| {
        if enable {
            cloud.ess_enable_group(cx, group, &[], Joining::default());
        } else {
            cloud.ess_disable_group(group);
        }
    });
    Some(())
}

fn scale(lab: &mut Lab, group: GroupId, to: u8) -> Option<()> {
    let to = size_of(lab.cloud(), group, to);
    if to == lab.cloud().groups[group.index()].total() {
        return None;
    }
    let request = ScalingRequest {
        why: "A test requests to scale".to_owned(),
        trigger: Trigger::Api,
        metadata: None,
    };
    lab.call(|cloud, cx| cloud.ess_scale(cx, group, to, request));
    Some(())
}

/// What evens out the zones of a group.
fn rebalance(lab: &mut Lab, group: GroupId) -> Option<()> {
    let even = lab.cloud().groups[group.index()].keeps_zones_even();
    if !even || lab.cloud().ess_misplaced(group) == 0 {
        return None;
    }
    lab.call(|cloud, cx| cloud.ess_rebalance(cx, group));
    Some(())
}

/// One of the sizes a group may have.
fn size_of(cloud: &Cloud, group: GroupId, number: u8) -> u32 {
    let group = &cloud.groups[group.index()];
    group.min_size + u32::from(number) % (group.max_size - group.min_size + 1)
}

fn register(lab: &mut Lab, group: u8, number: u8) -> bool {
    let cloud = lab.cloud();
    let group = target_group_of(cloud, group);
    let Some(id) = instance_of(cloud, number) else {
        return false;
    };
    let instance = &cloud.instances[id.index()];
    if instance.state != MachineState::Running {
        return false;
    }
    let name = instance.id.clone();
    let port = 80 + u16::from(number % 2);
    lab.call(|cloud, cx| cloud.register(cx, group, &name, port, id));
    true
}

fn remove_instances(lab: &mut Lab, group: GroupId, first: u8, count: u8) -> Option<()> {
    let entry = &lab.cloud().groups[group.index()];
    let spare = entry.actual().saturating_sub(entry.min_size) as usize;
    let mut ids = members(lab.cloud(), group, &[LifecycleState::InService]);
    let first = usize::from(first) % ids.len().max(1);
    ids.rotate_left(first);
    ids.truncate(spare.min(usize::from(count)));
    if ids.is_empty() {
        return None;
    }
    let way_out = WayOut {
        recycle: lab.cloud().groups[group.index()].rules.ess.recycles,
        stop_within: None,
    };
    lab.call(|cloud, cx| cloud.ess_remove_instances(cx, group, &ids, way_out, None));
    Some(())
}

fn detach(lab: &mut Lab, group: GroupId, first: u8, count: u8, decrement: bool) -> Option<()> {
    let mut ids = members(lab.cloud(), group, &[LifecycleState::InService]);
    let first = usize::from(first) % ids.len().max(1);
    ids.rotate_left(first);
    ids.truncate(usize::from(count));
    let counts = lab.cloud().groups[group.index()].counts;
    let least = lab.cloud().groups[group.index()].min_size;
    let after = counts
        .desired
        .checked_sub(u32::try_from(ids.len()).unwrap());
    let allowed = !decrement || after.is_some_and(|after| after >= least);
    if ids.is_empty() || !allowed {
        return None;
    }
    lab.detach(group, &ids, decrement);
    Some(())
}

fn terminate_member(lab: &mut Lab, group: GroupId, member: u8, decrement: bool) -> Option<()> {
    let states = [LifecycleState::InService, LifecycleState::Pending];
    let id = pick(&members(lab.cloud(), group, &states), member)?;
    let entry = &lab.cloud().groups[group.index()];
    let (desired, least) = (entry.counts.desired, entry.min_size);
    if decrement && desired <= least {
        return None;
    }
    lab.call(|cloud, cx| {
        let shrinking = decrement.then(|| (desired, desired - 1));
        if decrement {
            cloud.groups[group.index()].counts.desired = desired - 1;
        }
        cloud.terminate_member(cx, id, &TerminationReason::User { shrinking });
    });
    Some(())
}

fn attachable(cloud: &Cloud, group: GroupId, number: u8) -> Option<TargetGroupId> {
    let id = target_group_of(cloud, number);
    let entry = &cloud.target_groups[id.index()];
    let sources = &cloud.groups[group.index()].sources;
    let attached = sources
        .iter()
        .any(|source| source.target_group == id && source.state != SourceState::Removing);
    (entry.target_type == TargetType::Instance && !attached).then_some(id)
}

/// Any command.
pub(super) fn any_command() -> impl Strategy<Value = Command> {
    let number = any::<u8>;
    prop_oneof![
        4 => (number(), number()).prop_map(|(a, b)| Command::Deregister(a, b)),
        2 => (number(), number()).prop_map(|(a, b)| Command::Register(a, b)),
        3 => (number(), number(), 1_u8..4, any::<bool>())
            .prop_map(|(a, b, c, d)| Command::Detach(a, b, c, d)),
        2 => (number(), number()).prop_map(|(a, b)| Command::DetachSource(a, b)),
        2 => (number(), number(), any::<bool>())
            .prop_map(|(a, b, c)| Command::AttachSource(a, b, c)),
        2 => (number(), number()).prop_map(|(a, b)| Command::SetDesired(a, b)),
        2 => (number(), number(), any::<bool>())
            .prop_map(|(a, b, c)| Command::TerminateMember(a, b, c)),
        2 => number().prop_map(Command::TerminateMachine),
        1 => number().prop_map(Command::StopProcess),
        1 => number().prop_map(Command::KillProcess),
        1 => (number(), number()).prop_map(|(a, b)| Command::AttachInstance(a, b)),
        1 => (number(), 0_u8..60).prop_map(|(a, b)| Command::SetDelay(a, b)),
        1 => (number(), number()).prop_map(|(a, b)| Command::ForgetSource(a, b)),
        2 => (number(), number(), 1_u8..4)
            .prop_map(|(a, b, c)| Command::RemoveInstances(a, b, c)),
        2 => (number(), number(), number())
            .prop_map(|(a, b, c)| Command::SetWeight(a, b, c)),
        1 => (number(), number(), any::<bool>())
            .prop_map(|(a, b, c)| Command::Standby(a, b, c)),
        1 => (number(), prop::bool::weighted(0.7)).prop_map(|(a, b)| Command::Enable(a, b)),
    ]
}
