//! The verdict: expectations held against measurements.
//!
//! An expectation holds, fails, or cannot be known because the horizon came first, which is a
//! failure with a hint. It must never run or change anything, or decide an exit code.

use std::cmp::Ordering;

use super::outcome::{ExpectationOutcome, Verdict};
use crate::engine::time::SimDuration;
use crate::metrics::measurements::Measurements;
use crate::metrics::query::{Query, Value};
use crate::metrics::{MetricUnit, Subject};
use crate::scenario::plan::{Comparison, Expectation};

/// Judges every expectation, in their order.
///
/// `unsettled` says in a sentence what was not over when the run stopped, such as "a drain of web
/// is still open at 900s". It leaves expectations on losses, drains and replacement undecided, but
/// for those that nothing to come can change.
pub fn judge(
    expectations: &[Expectation],
    measurements: &Measurements,
    unsettled: Option<&str>,
) -> Vec<ExpectationOutcome> {
    let judge = |expectation: &Expectation| judge_one(expectation, measurements, unsettled);
    expectations.iter().map(judge).collect()
}

fn judge_one(
    expectation: &Expectation,
    measurements: &Measurements,
    unsettled: Option<&str>,
) -> ExpectationOutcome {
    let query = &asked(expectation, measurements);
    let value = query.metric.value(measurements, query);
    let holds = holds(expectation, value);
    let open = unsettled.filter(|_| query.metric.needs_settled());
    let (verdict, hint) = match (value, open) {
        (Value::Undecided, _) => (
            Verdict::Undecided,
            undecided_hint(query, measurements, open),
        ),
        (Value::Absent, _) => (Verdict::Failed, absent_hint(expectation)),
        (Value::Number(_) | Value::Infinite, Some(sentence))
            if !is_final(expectation, value, holds) =>
        {
            (Verdict::Undecided, unsettled_hint(sentence))
        }
        (Value::Number(_) | Value::Infinite, _) if holds => (Verdict::Ok, String::new()),
        (Value::Number(_) | Value::Infinite, _) => (Verdict::Failed, failed_hint(expectation)),
    };
    ExpectationOutcome {
        text: expectation.text.clone(),
        actual: written(value, query.metric.unit()),
        verdict,
        hint,
    }
}

/// What is looked at: what a call of the timeline created is found by its name.
fn asked(expectation: &Expectation, measurements: &Measurements) -> Query {
    let mut query = expectation.query.clone();
    let Some(name) = &expectation.created else {
        return query;
    };
    query.subject = match query.metric.subject() {
        Subject::TargetGroup => {
            let mut groups = measurements.target_groups.iter();
            groups.rposition(|group| group.name == *name)
        }
        Subject::Group => {
            let mut groups = measurements.groups.iter();
            groups.rposition(|group| group.name == *name)
        }
        Subject::Run => None,
    };
    query
}

/// Whether `value` is as the expectation wants it.
pub(super) fn holds(expectation: &Expectation, value: Value) -> bool {
    match value {
        Value::Number(number) => {
            let order = compare(number, expectation.value, expectation.query.metric.unit());
            satisfies(order, expectation.comparison)
        }
        Value::Infinite => satisfies(Some(Ordering::Greater), expectation.comparison),
        Value::Absent | Value::Undecided => false,
    }
}

fn absent_hint(expectation: &Expectation) -> String {
    expectation.created.as_ref().map_or_else(
        || "there was nothing to measure: no such request after the warm-up".to_owned(),
        |name| format!("no call of the timeline created `{name}`"),
    )
}

/// `actual` against `wanted`, durations to the nanosecond.
fn compare(actual: f64, wanted: f64, unit: MetricUnit) -> Option<Ordering> {
    match unit {
        MetricUnit::Duration if wanted >= 0.0 => {
            let nanos = |seconds| SimDuration::from_secs_f64(seconds);
            Some(nanos(actual).cmp(&nanos(wanted)))
        }
        MetricUnit::Duration
        | MetricUnit::Count
        | MetricUnit::Ratio
        | MetricUnit::InstanceSeconds => actual.partial_cmp(&wanted),
    }
}

/// Whether a value that stands in `order` to the wanted one satisfies `comparison`. What cannot be
/// ordered is equal to nothing.
pub(super) const fn satisfies(order: Option<Ordering>, comparison: Comparison) -> bool {
    let Some(order) = order else {
        return matches!(comparison, Comparison::NotEqual);
    };
    match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    }
}

/// Whether nothing to come can change what was found: the value can only grow, and growing further
/// leaves the expectation as it is.
fn is_final(expectation: &Expectation, value: Value, holds: bool) -> bool {
    let metric = expectation.query.metric;
    let Value::Number(number) = value else {
        return false;
    };
    if !metric.only_grows() {
        return false;
    }
    let beyond = compare(number, expectation.value, metric.unit()) == Some(Ordering::Greater);
    match expectation.comparison {
        Comparison::Greater | Comparison::GreaterOrEqual => holds,
        Comparison::Less | Comparison::LessOrEqual => !holds,
        Comparison::Equal | Comparison::NotEqual => beyond,
    }
}

fn unsettled_hint(sentence: &str) -> String {
    format!("{sentence}; lengthen the horizon or use `horizon: settled`")
}

fn undecided_hint(query: &Query, measurements: &Measurements, open: Option<&str>) -> String {
    if let Some(at) = query.at.filter(|&at| at > measurements.end) {
        let end = measurements.end;
        return format!("the run stopped at {end}, before {at}; lengthen the horizon");
    }
    if query.metric.labels().len() > 1 && measurements.losses_not_listed > 0 {
        let more = measurements.losses_not_listed;
        return format!(
            "{more} lost requests are counted but not listed one by one, so only one label at a \
             time can be told; split the expectation"
        );
    }
    let sentence = open.unwrap_or("it was not over when the run stopped");
    unsettled_hint(sentence)
}

fn failed_hint(expectation: &Expectation) -> String {
    match expectation.query.metric.name() {
        "requests.lost" | "requests.loss_ratio" => {
            "losses.csv has one row for each lost request".to_owned()
        }
        name if name.starts_with("drains.") => "drains.csv has one row for each drain".to_owned(),
        name => format!("`drainsim explain {name}` says how it is measured"),
    }
}

/// `value` as it would be written in a file.
fn written(value: Value, unit: MetricUnit) -> String {
    match value {
        Value::Infinite => "infinite".to_owned(),
        Value::Absent => "none".to_owned(),
        Value::Undecided => "unknown".to_owned(),
        Value::Number(number) => match unit {
            MetricUnit::Count => format!("{number:.0}"),
            MetricUnit::Duration => SimDuration::from_secs_f64(number).humane(),
            MetricUnit::Ratio => without_zeros(format!("{number:.6}")),
            MetricUnit::InstanceSeconds => without_zeros(format!("{number:.3}")),
        },
    }
}

/// `decimal` without the zeros at its end.
fn without_zeros(decimal: String) -> String {
    if !decimal.contains('.') {
        return decimal;
    }
    decimal
        .trim_end_matches('0')
        .trim_end_matches('.')
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::time::SimTime;
    use crate::metrics::tests::{measured, query};

    const OPEN: &str = "a drain of web is still open at 900s";

    fn expectation(path: &str, comparison: Comparison, value: f64) -> Expectation {
        Expectation {
            text: path.to_owned(),
            query: query(path),
            comparison,
            value,
            created: None,
        }
    }

    fn verdict_of(expectation: &Expectation, unsettled: Option<&str>) -> (Verdict, String) {
        let mut outcomes = judge(std::slice::from_ref(expectation), &measured(), unsettled);
        let outcome = outcomes.remove(0);
        assert_eq!(outcome.hint.is_empty(), outcome.verdict == Verdict::Ok);
        (outcome.verdict, outcome.actual)
    }

    #[test]
    fn numbers_compare_as_written() {
        use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
        use Verdict::{Failed, Ok};
        for (comparison, below, same, above) in [
            (Equal, Failed, Ok, Failed),
            (NotEqual, Ok, Failed, Ok),
            (Less, Failed, Failed, Ok),
            (LessOrEqual, Failed, Ok, Ok),
            (Greater, Ok, Failed, Failed),
            (GreaterOrEqual, Ok, Ok, Failed),
        ] {
            for (value, expected) in [(2.0, below), (3.0, same), (4.0, above)] {
                let expectation = expectation("requests.lost", comparison, value);
                assert_eq!(verdict_of(&expectation, None), (expected, "3".to_owned()));
            }
        }
    }

    #[test]
    fn a_duration_of_a_file_equals_the_one_measured() {
        // 0.097 s is no binary fraction, and neither are the nanoseconds it was counted in.
        let expectation = expectation("latency.max", Comparison::Equal, 0.097);
        assert_eq!(
            verdict_of(&expectation, None),
            (Verdict::Ok, "97ms".to_owned())
        );
    }

    #[test]
    fn infinite_is_larger_than_any_number() {
        let path = "latency_with_losses.p99";
        let (verdict, actual) = verdict_of(&expectation(path, Comparison::Less, 1e9), None);
        assert_eq!((verdict, actual.as_str()), (Verdict::Failed, "infinite"));
        let (verdict, _) = verdict_of(&expectation(path, Comparison::Greater, 1e9), None);
        assert_eq!(verdict, Verdict::Ok);
    }

    #[test]
    fn nothing_to_measure_fails_every_comparison() {
        let mut measurements = measured();
        measurements.latency = crate::stats::histogram::Histogram::new();
        for comparison in [Comparison::Less, Comparison::Greater, Comparison::NotEqual] {
            let expectation = expectation("latency.p99", comparison, 0.8);
            let outcome = judge(&[expectation], &measurements, None).remove(0);
            assert_eq!(outcome.verdict, Verdict::Failed);
            assert_eq!(outcome.actual, "none");
            assert!(!outcome.hint.is_empty());
        }
    }

    #[test]
    fn an_open_drain_leaves_only_what_it_can_change_undecided() {
        use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
        use Verdict::{Failed, Ok, Undecided};
        for (path, comparison, value, expected) in [
            ("requests.lost", Equal, 3.0, Undecided),
            ("requests.lost", Equal, 0.0, Failed),
            ("requests.lost", Equal, 9.0, Undecided),
            ("requests.lost", NotEqual, 0.0, Ok),
            ("requests.lost", NotEqual, 9.0, Undecided),
            ("requests.lost", Less, 3.0, Failed),
            ("requests.lost", Less, 4.0, Undecided),
            ("requests.lost", LessOrEqual, 2.0, Failed),
            ("requests.lost", LessOrEqual, 3.0, Undecided),
            ("requests.lost", Greater, 0.0, Ok),
            ("requests.lost", Greater, 3.0, Undecided),
            ("requests.lost", GreaterOrEqual, 3.0, Ok),
            ("requests.loss_ratio", Greater, 0.0, Undecided),
            ("drains.open", Greater, 0.0, Undecided),
            ("drains.needed", Greater, 30.0, Ok),
            ("latency_with_losses.p50", Less, 1.0, Undecided),
            ("groups.web-asg.capacity_deficit", Less, 100.0, Failed),
            // What an open drain has no part in is judged as ever.
            ("requests.arrived", Equal, 104.0, Ok),
            ("latency.p50", Less, 1.0, Ok),
            ("targets.web.eligible_min", Equal, 0.0, Ok),
        ] {
            let (verdict, _) = verdict_of(&expectation(path, comparison, value), Some(OPEN));
            assert_eq!(verdict, expected, "{path} {comparison:?} {value}");
        }
        let outcome = judge(
            &[expectation("drains.open", Equal, 0.0)],
            &measured(),
            Some(OPEN),
        )
        .remove(0);
        assert!(outcome.hint.starts_with(OPEN) && outcome.hint.contains("horizon: settled"));
    }

    #[test]
    fn a_time_beyond_the_end_is_undecided() {
        let mut late = expectation("targets.web.draining", Comparison::Equal, 0.0);
        late.query.at = Some(SimTime::from_nanos(901_000_000_000));
        assert_eq!(
            verdict_of(&late, None),
            (Verdict::Undecided, "unknown".to_owned())
        );
    }

    #[test]
    fn values_are_written_as_in_a_file() {
        for (path, text) in [
            ("requests.lost", "3"),
            ("requests.loss_ratio", "0.028846"),
            ("groups.web-asg.time_to_replace", "1m 40s"),
            ("groups.web-asg.capacity_deficit", "140"),
            ("drains.needed", "42s"),
        ] {
            let (_, actual) = verdict_of(&expectation(path, Comparison::GreaterOrEqual, 0.0), None);
            assert_eq!(actual, text);
        }
    }
}
