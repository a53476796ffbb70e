//! Verdicts: what health checks make of a target, and what the nodes that know of it make of that.
//!
//! Keeps the counts of each target group and of each view in step with its registrations. This
//! module must never look into a process: it asks what a check would find.

use super::cloud::Cloud;
use super::event::{Cx, Timer, schedule};
use super::health::{Answer, Checker};
use super::ids::{LinkId, RegistrationId, TargetGroupId};
use super::record::{Record, TargetCounts};
use super::registration::TargetHealth;
use super::view::{Link, Standing};
use crate::engine::time::{SimDuration, SimTime};

impl Cloud {
    /// The first node that learns of a registration starts its health checks.
    pub(super) fn start_checks(&mut self, cx: &mut Cx<'_>, id: RegistrationId) {
        let registration = &self.registrations[id.index()];
        let health = registration.health;
        if registration.checker.is_some() || health.is_off() || health.is_out_of_use() {
            return;
        }
        let settings = self.target_groups[registration.target_group.index()].health_check;
        let answer = self.processes[registration.instance.index()].answer();
        let before = registration.health;
        // what gets no requests may not be checked. Source: R-WEIGHT-1
        let checked = self.is_checked(id);
        let entry = &mut self.registrations[id.index()];
        entry.checker = checked.then(|| Checker::new(settings, cx.now, answer));
        if before == TargetHealth::Registering {
            entry.health = TargetHealth::InitialChecks;
            self.count_health(cx, id, Some(before), Some(TargetHealth::InitialChecks));
        }
        self.expect_verdict(cx, id);
    }

    /// The stopped machine behind a registration runs again: it is checked like a new target, by
    /// the nodes that know of it. Source: R-STOP-7.
    pub(super) fn check_anew(&mut self, cx: &mut Cx<'_>, id: RegistrationId) {
        let registration = &self.registrations[id.index()];
        let health = self.health_when_registered(registration);
        self.set_verdict(cx, id, Standing::Initial, health);
        if self.is_known(id) {
            self.start_checks(cx, id);
        }
    }

    /// The machine behind a registration answers differently from now on.
    pub(super) fn answer_changed(&mut self, cx: &mut Cx<'_>, id: RegistrationId) {
        let instance = self.registrations[id.index()].instance;
        let answer = self.processes[instance.index()].answer();
        let cause = self.cause;
        let registration = &mut self.registrations[id.index()];
        registration.changed_by = cause;
        if let Some(checker) = &mut registration.checker {
            checker.set_answer(cx.now, answer);
            self.expect_verdict(cx, id);
        }
    }

    /// Schedules the change of verdict that the present answers will lead to, if any.
    pub(super) fn expect_verdict(&mut self, cx: &mut Cx<'_>, id: RegistrationId) {
        let registration = &mut self.registrations[id.index()];
        let group = &self.target_groups[registration.target_group.index()];
        let settings = group.health_check;
        let Some(checker) = &mut registration.checker else {
            return;
        };
        let passes = checker.answer() == Answer::Pass;
        let threshold = match (registration.verdict, passes) {
            (Standing::Initial, true) => group.kind.initial_checks(&settings, &self.assumptions),
            (Standing::Unhealthy, true) => settings.healthy_threshold,
            (Standing::Initial | Standing::Healthy, false) => settings.unhealthy_threshold,
            (Standing::Healthy, true) | (Standing::Unhealthy, false) | (Standing::Absent, _) => {
                cx.calendar.cancel(&Timer::HealthVerdict(id));
                return;
            }
        };
        let at = checker.verdict_at(cx.now, threshold);
        schedule(cx, at, Timer::HealthVerdict(id));
    }

    pub(super) fn on_health_verdict(&mut self, cx: &mut Cx<'_>, id: RegistrationId) {
        let registration = &self.registrations[id.index()];
        if registration.over {
            return;
        }
        self.cause = registration.changed_by.or(registration.entry);
        let checker = registration
            .checker
            .as_ref()
            .expect("verdicts come from checks");
        match checker.answer() {
            Answer::Pass => self.set_verdict(cx, id, Standing::Healthy, TargetHealth::Healthy),
            Answer::Refused => {
                self.set_verdict(cx, id, Standing::Unhealthy, TargetHealth::FailedChecks);
            }
            Answer::Silent => {
                self.set_verdict(cx, id, Standing::Unhealthy, TargetHealth::TimedOut);
            }
        }
    }

    /// The nodes take a target for something else from now on.
    pub(super) fn set_verdict(
        &mut self,
        cx: &mut Cx<'_>,
        id: RegistrationId,
        verdict: Standing,
        health: TargetHealth,
    ) {
        let registration = &mut self.registrations[id.index()];
        let first = std::mem::replace(&mut registration.verdict, verdict) == Standing::Initial;
        let before = registration.health;
        let target_group = registration.target_group;
        if verdict == Standing::Unhealthy {
            registration.unhealthy_at = cx.now;
            let rules = self.target_groups[target_group.index()].drain_rules;
            if rules.starts_on_unhealthy {
                schedule(cx, cx.now + rules.delay, Timer::CutUnhealthy(id));
            }
            self.spare_unhealthy(cx, id);
        }
        let hidden = before.is_out_of_use() && !health.is_off();
        if before.is_registered() && !hidden {
            self.registrations[id.index()].health = health;
            self.count_health(cx, id, Some(before), Some(health));
        }
        let kind = self.target_groups[target_group.index()].kind;
        match kind.unhealthy_propagation(&self.assumptions) {
            Some(lag) if verdict == Standing::Unhealthy => {
                let sightings = &mut self.registrations[id.index()].sightings;
                *sightings += 1;
                let key = [u64::from(id.0), *sightings];
                let drawn = lag.sample(&mut self.streams.stream("unhealthy lag", &key));
                schedule(cx, cx.now + drawn, Timer::VerdictSeen(id));
            }
            _ => {
                cx.calendar.cancel(&Timer::VerdictSeen(id));
                self.see_verdict(cx, id, first);
                if verdict == Standing::Unhealthy {
                    self.reset_unhealthy(cx, id);
                }
            }
        }
        self.refresh_serving_of(cx, id);
    }

    pub(super) fn on_verdict_seen(&mut self, cx: &mut Cx<'_>, id: RegistrationId) {
        let registration = &self.registrations[id.index()];
        self.cause = registration.changed_by;
        if !registration.over {
            self.see_verdict(cx, id, false);
            self.reset_unhealthy(cx, id);
        }
    }

    /// The nodes take a target for what its checks say; whether that is their `first` verdict.
    fn see_verdict(&mut self, cx: &mut Cx<'_>, id: RegistrationId, first: bool) {
        let registration = &mut self.registrations[id.index()];
        registration.seen = registration.verdict;
        let healthy = registration.seen == Standing::Healthy;
        for link in registration.links.clone() {
            if healthy {
                self.enter_slow_start(cx.now, LinkId(link), first);
            }
            self.restand(cx, LinkId(link));
        }
    }

    /// A target enters slow start only if another healthy one is out of it; at its first verdict
    /// one that was registered together with it does not count. Source: R-ROUTE-4.
    fn enter_slow_start(&mut self, now: SimTime, id: LinkId, first: bool) {
        let view = self.links[id.index()].view as usize;
        if self.views[view].rules.slow_start == SimDuration::ZERO {
            return;
        }
        let since = |link: &Link| self.registrations[link.registration as usize].since;
        let own = since(&self.links[id.index()]);
        let others = self.views[view].links.iter().any(|&other| {
            let link = &self.links[other.index()];
            other != id
                && link.counted == Standing::Healthy
                && link.history.slow_until <= now
                && !(first && since(link) == own)
        });
        self.views[view].enter_slow_start(now, &mut self.links[id.index()], others);
    }

    /// Brings what a view counts a link as up to date.
    pub(super) fn restand(&mut self, cx: &mut Cx<'_>, id: LinkId) {
        let link = &mut self.links[id.index()];
        let registration = &self.registrations[link.registration as usize];
        let standing = if link.known && link.history.weight > 0 {
            registration.seen
        } else {
            Standing::Absent
        };
        let before = std::mem::replace(&mut link.counted, standing);
        let target_group = registration.target_group;
        if before != standing {
            self.views[link.view as usize].restand(before, standing, self.cause);
            self.recount_eligible(cx, target_group);
        }
    }

    /// Eligible targets of the node that has the fewest.
    pub(super) fn least_eligible(&self, id: TargetGroupId) -> u32 {
        self.views_with_traffic(id)
            .map(|view| self.views[view as usize].eligible_count())
            .min()
            .unwrap_or(0)
    }

    pub(super) fn recount_eligible(&mut self, cx: &mut Cx<'_>, id: TargetGroupId) {
        let eligible = self.least_eligible(id);
        let counts = &mut self.target_groups[id.index()].counts;
        if counts.eligible != eligible {
            counts.eligible = eligible;
            cx.records.push(Record::TargetCounts(id, *counts));
        }
    }

    /// Moves a registration from one count of its group to another.
    pub(super) fn count_health(
        &mut self,
        cx: &mut Cx<'_>,
        id: RegistrationId,
        before: Option<TargetHealth>,
        after: Option<TargetHealth>,
    ) {
        if before == after {
            return;
        }
        let target_group = self.registrations[id.index()].target_group;
        let counts = &mut self.target_groups[target_group.index()].counts;
        let change = |counts: &mut TargetCounts, health: TargetHealth, by: i32| {
            let add = |count: &mut u32| {
                *count = count
                    .checked_add_signed(by)
                    .expect("a count is not negative");
            };
            if health.is_registered() {
                add(&mut counts.registered);
            }
            if health == TargetHealth::Healthy {
                add(&mut counts.healthy);
            } else if health.is_unhealthy() {
                add(&mut counts.unhealthy);
            } else if health.is_initial() {
                add(&mut counts.initial);
            } else if health == TargetHealth::Draining {
                add(&mut counts.draining);
            }
        };
        if let Some(before) = before {
            change(counts, before, -1);
        }
        if let Some(after) = after {
            change(counts, after, 1);
            cx.records.push(Record::TargetHealth(id, after));
        }
        cx.records.push(Record::TargetCounts(target_group, *counts));
    }
}
