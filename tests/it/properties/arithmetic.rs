//! The arithmetic of Auto Scaling groups against a plain, slow reference.
//!
//! The reference knows one group in one zone and goes from second to second. It is written from
//! the documented rules and shares nothing with the model but the API it is asked through.

use std::collections::BTreeSet;

use drainsim::api::{Call, operation};
use drainsim::model::group::Group;
use drainsim::model::record::InstanceCounts;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::cases;
use crate::fleet::{Fleet, Lab, at, constant, secs};

/// From being short to launching.
const LAUNCH_DELAY: u64 = 2;
/// From launching to running.
const BOOT: u64 = 30;
/// The deregistration delay, which a group waits for.
const DRAIN: u64 = 10;
/// From being told to terminate to being gone.
const END: u64 = 20;

/// Where a member stands, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Pending(u64),
    InService,
    Detaching(u64),
    Terminating(u64),
    EnteringStandby(u64),
    Standby,
}

#[derive(Debug, Clone)]
struct Member {
    id: String,
    state: State,
    launched: u64,
    protected: bool,
}

impl Member {
    fn counts(&self) -> bool {
        matches!(self.state, State::Pending(_) | State::InService)
    }
}

/// The group as the documentation would have it.
#[derive(Debug)]
struct Reference {
    now: u64,
    min: u64,
    max: u64,
    desired: u64,
    members: Vec<Member>,
    /// Running machines outside the group.
    loose: BTreeSet<String>,
    launch_at: Option<u64>,
    launches: bool,
    terminates: bool,
}

impl Reference {
    fn actual(&self) -> u64 {
        self.members.iter().filter(|member| member.counts()).count() as u64
    }

    /// To `to`, second by second.
    fn advance(&mut self, to: u64) {
        while self.now < to {
            self.now += 1;
            let now = self.now;
            for member in &mut self.members {
                member.state = match member.state {
                    State::Pending(until) if until == now => State::InService,
                    State::EnteringStandby(until) if until == now => State::Standby,
                    State::Pending(_)
                    | State::InService
                    | State::Detaching(_)
                    | State::Terminating(_)
                    | State::EnteringStandby(_)
                    | State::Standby => member.state,
                };
            }
            self.let_go();
            if self.launch_at == Some(now) {
                self.launch_at = None;
                while self.launches && self.actual() < self.desired {
                    self.members.push(Member {
                        // its id is the model's to draw
                        id: String::new(),
                        state: State::Pending(now + BOOT),
                        launched: now,
                        protected: false,
                    });
                }
            }
        }
    }

    /// Members whose time is up are gone.
    fn let_go(&mut self) {
        let now = self.now;
        let gone = |member: &Member| {
            matches!(
                member.state,
                State::Detaching(until) | State::Terminating(until) if until <= now
            )
        };
        for member in self.members.iter().filter(|member| gone(member)) {
            if matches!(member.state, State::Detaching(_)) {
                self.loose.insert(member.id.clone());
            }
        }
        self.members.retain(|member| !gone(member));
    }

    /// Launches are ahead when something is missing, and what is too much goes now.
    fn compare(&mut self) {
        if self.launches && self.actual() < self.desired && self.launch_at.is_none() {
            self.launch_at = Some(self.now + LAUNCH_DELAY);
        }
        while self.terminates && self.actual() > self.desired {
            // longest into its running hour, then the least id
            let victim = self
                .members
                .iter()
                .enumerate()
                .filter(|(_, member)| member.counts() && !member.protected)
                .max_by(|(_, a), (_, b)| {
                    let into = |member: &Member| (self.now - member.launched) % 3600;
                    into(a).cmp(&into(b)).then(b.id.cmp(&a.id))
                });
            let Some((place, _)) = victim else {
                return;
            };
            self.terminate(place);
        }
    }

    fn terminate(&mut self, place: usize) {
        let member = &mut self.members[place];
        // one that is not registered, or has drained before, does not drain
        let drain = match member.state {
            State::InService => DRAIN,
            State::EnteringStandby(until) => until - self.now,
            State::Pending(_) | State::Standby | State::Detaching(_) | State::Terminating(_) => 0,
        };
        member.state = State::Terminating(self.now + drain + END);
    }

    /// Places of members; `None` where one of the ids is of nobody.
    fn places(&self, ids: &[String]) -> Option<Vec<usize>> {
        let distinct: BTreeSet<&String> = ids.iter().collect();
        let place = |id: &String| self.members.iter().position(|member| member.id == *id);
        // in the order of the first mention
        let mut places: Vec<usize> = distinct
            .into_iter()
            .map(place)
            .collect::<Option<Vec<_>>>()?;
        places.sort_by_key(|&place| ids.iter().position(|id| *id == self.members[place].id));
        Some(places).filter(|places| !places.is_empty())
    }

    fn are(&self, places: &[usize], allowed: impl Fn(State) -> bool) -> bool {
        places
            .iter()
            .all(|&place| allowed(self.members[place].state))
    }

    /// Takes a step of `request`; whether it is accepted.
    fn accepts(&mut self, request: &Request, ids: &[String]) -> bool {
        self.take(request, ids).is_some()
    }

    fn take(&mut self, request: &Request, ids: &[String]) -> Option<()> {
        match *request {
            Request::Attach(_) => self.attach(ids)?,
            Request::Detach(_, decrement) => self.detach(ids, decrement)?,
            Request::Terminate(_, decrement) => self.terminate_named(ids, decrement)?,
            Request::SetDesired(desired) => {
                let allowed = (self.min..=self.max).contains(&desired);
                self.desired = Some(desired).filter(|_| allowed)?;
            }
            Request::EnterStandby(_, decrement) => self.enter_standby(ids, decrement)?,
            Request::ExitStandby(_) => self.exit_standby(ids)?,
            Request::Protect(_, protected) => self.protect(ids, protected)?,
            Request::Suspend(launches, terminates) => {
                self.launches &= !launches;
                self.terminates &= !terminates;
            }
            Request::Resume(launches, terminates) => {
                self.launches |= launches;
                self.terminates |= terminates;
            }
            Request::Update(min, max, desired) => self.update(min, max, desired)?,
        }
        self.compare();
        Some(())
    }

    fn detach(&mut self, ids: &[String], decrement: bool) -> Option<()> {
        let places = self.places(ids)?;
        let may = |state| matches!(state, State::InService | State::Standby);
        self.shrink(&places, decrement, may)?;
        for place in places {
            let member = &mut self.members[place];
            // what stands by has drained before
            let drain = if member.state == State::Standby {
                0
            } else {
                DRAIN
            };
            member.state = State::Detaching(self.now + drain);
        }
        self.let_go();
        Some(())
    }

    fn terminate_named(&mut self, ids: &[String], decrement: bool) -> Option<()> {
        let places = self.places(ids)?;
        // an activity that takes it out of service blocks the call
        let may = |state| matches!(state, State::Pending(_) | State::InService | State::Standby);
        self.shrink(&places, decrement, may)?;
        for place in places {
            self.terminate(place);
        }
        Some(())
    }

    fn enter_standby(&mut self, ids: &[String], decrement: bool) -> Option<()> {
        let places = self.places(ids)?;
        self.shrink(&places, decrement, |state| state == State::InService)?;
        for place in places {
            self.members[place].state = State::EnteringStandby(self.now + DRAIN);
        }
        Some(())
    }

    fn exit_standby(&mut self, ids: &[String]) -> Option<()> {
        let places = self.places(ids)?;
        let after = self.desired + places.len() as u64;
        let stand_by = self.are(&places, |state| state == State::Standby);
        // coming back needs the Launch process, as attaching does
        if !stand_by || after > self.max || !self.launches {
            return None;
        }
        self.desired = after;
        for place in places {
            self.members[place].state = State::InService;
        }
        Some(())
    }

    fn protect(&mut self, ids: &[String], protected: bool) -> Option<()> {
        let places = self.places(ids)?;
        let may = |state| {
            matches!(
                state,
                State::InService | State::EnteringStandby(_) | State::Standby
            )
        };
        if !self.are(&places, may) {
            return None;
        }
        for place in places {
            self.members[place].protected = protected;
        }
        Some(())
    }

    /// A minimum above the desired capacity raises it, a maximum below lowers it.
    fn update(&mut self, min: Option<u64>, max: Option<u64>, desired: Option<u64>) -> Option<()> {
        let (min, max) = (min.unwrap_or(self.min), max.unwrap_or(self.max));
        let moved = self.desired.max(min).min(max);
        let desired = desired.unwrap_or(moved);
        if min > max || !(min..=max).contains(&desired) {
            return None;
        }
        (self.min, self.max, self.desired) = (min, max, desired);
        Some(())
    }

    fn attach(&mut self, ids: &[String]) -> Option<()> {
        let mut distinct = Vec::new();
        for id in ids {
            if !distinct.contains(id) {
                distinct.push(id.clone());
            }
        }
        let all_loose = distinct.iter().all(|id| self.loose.contains(id));
        let after = self.desired + distinct.len() as u64;
        if distinct.is_empty() || !all_loose || after > self.max || !self.launches {
            return None;
        }
        self.desired = after;
        for id in distinct {
            self.loose.remove(&id);
            self.members.push(Member {
                id,
                state: State::InService,
                launched: 0,
                protected: false,
            });
        }
        Some(())
    }

    fn shrink(
        &mut self,
        places: &[usize],
        decrement: bool,
        may: impl Fn(State) -> bool,
    ) -> Option<()> {
        let left = self.desired.checked_sub(places.len() as u64);
        let enough = left.is_some_and(|left| left >= self.min);
        if !self.are(places, may) || (decrement && !enough) {
            return None;
        }
        if decrement {
            self.desired -= places.len() as u64;
        }
        Some(())
    }

    /// What has been launched since gets the ids that the model drew, in launch order.
    fn adopt(&mut self, lab: &Lab, group: &Group) {
        let known: BTreeSet<String> = self.members.iter().map(|m| m.id.clone()).collect();
        let ids = group
            .members
            .iter()
            .map(|id| &lab.cloud().instances[id.index()].id);
        let mut new = ids.filter(|id| !known.contains(*id));
        for member in self.members.iter_mut().filter(|m| m.id.is_empty()) {
            if let Some(id) = new.next() {
                member.id.clone_from(id);
            }
        }
    }

    fn counts(&self) -> (u64, u64, u64) {
        let count = |is: fn(State) -> bool| {
            let members = self.members.iter();
            members.filter(|member| is(member.state)).count() as u64
        };
        (
            count(|state| matches!(state, State::Pending(_))),
            count(|state| state == State::InService),
            count(|state| {
                matches!(
                    state,
                    State::Detaching(_) | State::Terminating(_) | State::EnteringStandby(_)
                )
            }),
        )
    }
}

/// A call; numbers pick among the ids there are.
#[derive(Debug, Clone)]
enum Request {
    Attach(Vec<u8>),
    Detach(Vec<u8>, bool),
    Terminate(Vec<u8>, bool),
    SetDesired(u64),
    EnterStandby(Vec<u8>, bool),
    ExitStandby(Vec<u8>),
    Protect(Vec<u8>, bool),
    /// Launching, terminating.
    Suspend(bool, bool),
    Resume(bool, bool),
    /// Minimum, maximum, desired.
    Update(Option<u64>, Option<u64>, Option<u64>),
}

/// The processes named; no name at all would mean every process.
fn processes(launches: bool, terminates: bool) -> Value {
    let names = [
        ("AZRebalance", true),
        ("Launch", launches),
        ("Terminate", terminates),
    ];
    let named = names.into_iter().filter(|(_, named)| *named);
    named.map(|(name, _)| name).collect()
}

impl Request {
    fn picks(&self) -> &[u8] {
        match self {
            Self::Attach(picks)
            | Self::Detach(picks, _)
            | Self::Terminate(picks, _)
            | Self::EnterStandby(picks, _)
            | Self::ExitStandby(picks)
            | Self::Protect(picks, _) => picks,
            Self::SetDesired(_) | Self::Suspend(..) | Self::Resume(..) | Self::Update(..) => &[],
        }
    }

    /// The operation and its parameters.
    fn call(&self, ids: &[String]) -> (&'static str, Value) {
        let mut params = json!({ "AutoScalingGroupName": "asg0" });
        if !self.picks().is_empty() {
            params["InstanceIds"] = json!(ids);
        }
        let name = match self {
            Self::Attach(_) => "AttachInstances",
            Self::Detach(_, decrement) => {
                params["ShouldDecrementDesiredCapacity"] = json!(decrement);
                "DetachInstances"
            }
            Self::Terminate(_, decrement) => {
                params["ShouldDecrementDesiredCapacity"] = json!(decrement);
                "TerminateInstanceInAutoScalingGroup"
            }
            Self::SetDesired(desired) => {
                params["DesiredCapacity"] = json!(desired);
                "SetDesiredCapacity"
            }
            Self::EnterStandby(_, decrement) => {
                params["ShouldDecrementDesiredCapacity"] = json!(decrement);
                "EnterStandby"
            }
            Self::ExitStandby(_) => "ExitStandby",
            Self::Protect(_, protected) => {
                params["ProtectedFromScaleIn"] = json!(protected);
                "SetInstanceProtection"
            }
            Self::Suspend(launches, terminates) => {
                params["ScalingProcesses"] = processes(*launches, *terminates);
                "SuspendProcesses"
            }
            Self::Resume(launches, terminates) => {
                params["ScalingProcesses"] = processes(*launches, *terminates);
                "ResumeProcesses"
            }
            Self::Update(min, max, desired) => {
                params["MinSize"] = json!(min);
                params["MaxSize"] = json!(max);
                params["DesiredCapacity"] = json!(desired);
                "UpdateAutoScalingGroup"
            }
        };
        (name, params)
    }
}

fn request() -> impl Strategy<Value = Request> {
    let picks = || vec(any::<u8>(), 1..4);
    let size = || prop::option::of(0_u64..8);
    prop_oneof![
        2 => picks().prop_map(Request::Attach),
        3 => (picks(), any::<bool>()).prop_map(|(picks, d)| Request::Detach(picks, d)),
        3 => (picks(), any::<bool>()).prop_map(|(picks, d)| Request::Terminate(picks, d)),
        3 => (0_u64..8).prop_map(Request::SetDesired),
        2 => (picks(), any::<bool>()).prop_map(|(picks, d)| Request::EnterStandby(picks, d)),
        2 => picks().prop_map(Request::ExitStandby),
        1 => (picks(), any::<bool>()).prop_map(|(picks, on)| Request::Protect(picks, on)),
        1 => any::<(bool, bool)>().prop_map(|(l, t)| Request::Suspend(l, t)),
        1 => any::<(bool, bool)>().prop_map(|(l, t)| Request::Resume(l, t)),
        2 => (size(), size(), size()).prop_map(|(min, max, d)| Request::Update(min, max, d)),
    ]
}

/// One group of `sizes` (minimum, desired, maximum) and three machines outside.
fn lab((min, desired, max): (u32, u32, u32)) -> Lab {
    let fleet = Fleet::aws().machines(3).group(min, desired, max);
    let fleet = fleet.delay(DRAIN).with(|settings| {
        settings.target_groups[0].targets.clear();
        settings.groups[0].elb_health_check = false;
        settings.launch_templates[0].boot = constant(secs(BOOT));
        settings.assumptions.replacement_launch_delay = constant(secs(LAUNCH_DELAY));
        settings.assumptions.ec2_terminate = constant(secs(END));
    });
    fleet.lab()
}

fn first((min, desired, max): (u32, u32, u32), lab: &Lab) -> Reference {
    let cloud = lab.cloud();
    let instances = cloud.instances.iter();
    let (members, loose): (Vec<_>, Vec<_>) = instances.partition(|i| i.group.is_some());
    Reference {
        now: 0,
        min: min.into(),
        max: max.into(),
        desired: desired.into(),
        members: members
            .into_iter()
            .map(|instance| Member {
                id: instance.id.clone(),
                state: State::InService,
                launched: 0,
                protected: false,
            })
            .collect(),
        loose: loose.into_iter().map(|i| i.id.clone()).collect(),
        launch_at: None,
        launches: true,
        terminates: true,
    }
}

/// Both say the same of sizes, counts and members.
fn assert_same(reference: &mut Reference, lab: &Lab) {
    let group = &lab.cloud().groups[0];
    reference.adopt(lab, group);
    let told = |state: State| match state {
        State::Pending(_) => "Pending",
        State::InService => "InService",
        State::Detaching(_) => "Detaching",
        State::Terminating(_) => "Terminating",
        State::EnteringStandby(_) => "EnteringStandby",
        State::Standby => "Standby",
    };
    let mut expected: Vec<(&str, &str)> = reference
        .members
        .iter()
        .map(|member| (member.id.as_str(), told(member.state)))
        .collect();
    expected.sort_unstable();
    let mut members: Vec<(&str, &str)> = group
        .members
        .iter()
        .map(|id| &lab.cloud().instances[id.index()])
        .map(|instance| (instance.id.as_str(), instance.lifecycle.name()))
        .collect();
    members.sort_unstable();
    assert_eq!(members, expected, "members at {} s", reference.now);
    let InstanceCounts {
        desired,
        pending,
        in_service,
        leaving,
        ..
    } = group.counts;
    let sizes = (group.min_size, group.max_size, desired);
    let sizes = (sizes.0.into(), sizes.1.into(), sizes.2.into());
    assert_eq!(sizes, (reference.min, reference.max, reference.desired));
    let counts = (pending.into(), in_service.into(), leaving.into());
    assert_eq!(counts, reference.counts(), "counts at {} s", reference.now);
}

proptest! {
    #![proptest_config(cases(300))]

    /// Desired capacity, sizes, launches, victims and members after every step of a random history
    /// are those of the reference. R-ASG-3, R-ASG-4, R-ASG-6, R-ASG-8
    #[test]
    fn the_arithmetic_agrees_with_the_reference(
        (min, more, room) in (0_u32..3, 0_u32..4, 0_u32..4),
        steps in vec((prop_oneof![Just(0_u64), 1_u64..70], request()), 1..16),
    ) {
        let sizes = (min, min + more, min + more + room);
        let mut lab = lab(sizes);
        let mut reference = first(sizes, &lab);
        for (wait, request) in steps {
            reference.advance(reference.now + wait);
            lab.run_to(at(reference.now));
            assert_same(&mut reference, &lab);
            let mut there: Vec<String> = reference.members.iter().map(|m| m.id.clone()).collect();
            there.extend(reference.loose.iter().cloned());
            there.push("i-0".to_owned());
            let pick = |number: &u8| there[usize::from(*number) % there.len()].clone();
            let ids: Vec<String> = request.picks().iter().map(pick).collect();
            let (name, params) = request.call(&ids);
            let Some(operation) = operation(&format!("autoscaling:{name}")) else {
                continue;
            };
            let answer = lab.call(|cloud, cx| {
                (operation.apply)(&mut Call { cloud, cx }, &params)
            });
            let accepted = reference.accepts(&request, &ids);
            prop_assert_eq!(
                answer.is_ok(),
                accepted,
                "{} {} at {} s: {:?}",
                name, params, reference.now, answer
            );
            assert_same(&mut reference, &lab);
        }
        reference.advance(reference.now + 200);
        lab.run_to(at(reference.now));
        assert_same(&mut reference, &lab);
    }
}
