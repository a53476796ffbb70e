//! Health checks: when enough of them agree, without an event for each.
//!
//! A check's answer can only change when the target changes, so a checker counts the checks in
//! between by arithmetic and knows in advance when its verdict will change. It must never know
//! what a target is.

use super::settings::HealthCheckSettings;
use crate::engine::random::Stream;
use crate::engine::time::{SimDuration, SimTime};

/// What a check finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// The process answers.
    Pass,
    /// The port is closed: the check fails at once.
    Refused,
    /// Nobody answers: the check fails when its timeout is over.
    Silent,
}

/// Where in a period a periodic check falls, drawn in millionths of the period so that it scales
/// with it.
pub(super) fn phase_within(period: SimDuration, stream: &mut Stream) -> SimDuration {
    const PARTS: u64 = 1_000_000;
    let part = u128::from(period.as_nanos()) * u128::from(stream.below(PARTS));
    let nanos = u64::try_from(part / u128::from(PARTS)).expect("a part is less than the whole");
    SimDuration::from_nanos(nanos)
}

/// The health checks of one registration.
#[derive(Debug, Clone)]
pub(super) struct Checker {
    settings: HealthCheckSettings,
    /// Time of the first check.
    first: SimTime,
    /// What a check finds now.
    answer: Answer,
    /// Outcome of the last check made, before `counted_to`.
    passing: bool,
    /// Checks in a row with that outcome.
    streak: u64,
    /// Checks before this instant are in `streak`.
    counted_to: SimTime,
}

impl Checker {
    /// A checker that begins at `first`; nothing is known before.
    pub(super) fn new(settings: HealthCheckSettings, first: SimTime, answer: Answer) -> Self {
        Self {
            settings,
            first,
            answer,
            passing: answer == Answer::Pass,
            streak: 0,
            counted_to: first,
        }
    }

    /// Checks made before `at`.
    fn checks_before(&self, at: SimTime) -> u64 {
        if at <= self.first {
            return 0;
        }
        let span = at.since(self.first).as_nanos() - 1;
        span / self.settings.interval.as_nanos() + 1
    }

    /// Counts the checks made before `now`.
    fn count_to(&mut self, now: SimTime) {
        let made = self.checks_before(now) - self.checks_before(self.counted_to);
        self.counted_to = self.counted_to.max(now);
        if made == 0 {
            return;
        }
        let passing = self.answer == Answer::Pass;
        if passing == self.passing {
            self.streak += made;
        } else {
            self.passing = passing;
            self.streak = made;
        }
    }

    /// From `now` on checks find `answer`; a check at `now` already does.
    pub(super) fn set_answer(&mut self, now: SimTime, answer: Answer) {
        self.count_to(now);
        self.answer = answer;
    }

    /// The next check is made when it was due; from then on these settings count.
    pub(super) fn set_settings(&mut self, now: SimTime, settings: HealthCheckSettings) {
        self.count_to(now);
        let made = self.checks_before(now);
        self.first = self.first + self.settings.interval.times(made);
        self.counted_to = self.counted_to.max(now).min(self.first);
        self.settings = settings;
    }

    /// When `threshold` checks in a row will have found what a check finds now, if nothing
    /// changes: now, or later.
    pub(super) fn verdict_at(&mut self, now: SimTime, threshold: u32) -> SimTime {
        self.count_to(now);
        let same = (self.answer == Answer::Pass) == self.passing;
        let missing = u64::from(threshold).saturating_sub(if same { self.streak } else { 0 });
        if missing == 0 {
            return now;
        }
        let next = self.checks_before(now);
        let last = self.first + self.settings.interval.times(next + missing - 1);
        let wait = match self.answer {
            Answer::Silent => self.settings.timeout,
            Answer::Pass | Answer::Refused => SimDuration::ZERO,
        };
        last + wait
    }

    /// What a check finds now.
    pub(super) fn answer(&self) -> Answer {
        self.answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s(secs: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_secs(secs)
    }

    fn checker(first: u64) -> Checker {
        let settings = HealthCheckSettings {
            interval: SimDuration::from_secs(10),
            timeout: SimDuration::from_secs(4),
            healthy_threshold: 3,
            unhealthy_threshold: 2,
        };
        Checker::new(settings, s(first), Answer::Pass)
    }

    #[test]
    fn a_stopped_target_fails_at_its_second_check_after() {
        let mut checker = checker(5);
        checker.set_answer(s(21), Answer::Refused);
        // checks at 25 and 35 fail
        assert_eq!(checker.verdict_at(s(21), 2), s(35));
    }

    #[test]
    fn silence_is_known_when_the_timeout_is_over() {
        let mut checker = checker(5);
        checker.set_answer(s(21), Answer::Silent);
        assert_eq!(checker.verdict_at(s(21), 2), s(39));
    }

    #[test]
    fn a_change_at_the_instant_of_a_check_counts_for_it() {
        let mut checker = checker(5);
        checker.set_answer(s(25), Answer::Refused);
        assert_eq!(checker.verdict_at(s(25), 2), s(35));
    }

    #[test]
    fn a_change_no_check_saw_does_not_break_a_streak() {
        let mut checker = checker(5);
        checker.set_answer(s(21), Answer::Refused);
        checker.set_answer(s(24), Answer::Pass);
        // three passes in a row are long there: 5 and 15, and 25 to come
        assert_eq!(checker.verdict_at(s(24), 3), s(25));
        assert_eq!(checker.verdict_at(s(24), 2), s(24));
    }

    #[test]
    fn new_settings_count_from_the_next_check_on() {
        let mut checker = checker(5);
        checker.set_answer(s(21), Answer::Refused);
        // the next check is due at 25, the ones after it every 30 s
        let settings = HealthCheckSettings {
            interval: SimDuration::from_secs(30),
            ..checker.settings
        };
        checker.set_settings(s(22), settings);
        assert_eq!(checker.verdict_at(s(22), 2), s(55));
        checker.set_answer(s(40), Answer::Refused);
        assert_eq!(checker.verdict_at(s(40), 3), s(85));
    }

    #[test]
    fn counting_agrees_with_making_every_check() {
        // a target that flips at odd times, checked one by one beside the arithmetic
        let flips = [3_u64, 14, 15, 16, 33, 47, 48, 90, 91, 95, 130];
        for (number, &until) in flips.iter().enumerate() {
            let mut fast = checker(5);
            let (mut passing, mut streak, mut answer) = (true, 0_u64, true);
            let mut turn = 0;
            for second in 0..until {
                while turn < number && flips[turn] == second {
                    answer = !answer;
                    turn += 1;
                    let now = if answer {
                        Answer::Pass
                    } else {
                        Answer::Refused
                    };
                    fast.set_answer(s(second), now);
                }
                if second >= 5 && (second - 5) % 10 == 0 {
                    streak = if answer == passing { streak + 1 } else { 1 };
                    passing = answer;
                }
            }
            fast.count_to(s(until));
            assert_eq!(
                (fast.passing, fast.streak),
                (passing, streak),
                "until {until}"
            );
        }
    }
}
