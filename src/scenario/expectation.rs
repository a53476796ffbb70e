//! Expectations: `metric{label=value} @ time OPERATOR value`, read and checked.
//!
//! What a metric means is its own business; here only its name, labels and unit are looked at.

use std::ops::Range;

use super::context::{Context, Thing};
use super::diagnostic::Span;
use super::params::within;
use super::plan::{Comparison, Expectation};
use super::tree::Node;
use super::{codes, quantity, suggest};
use crate::engine::time::{SimDuration, SimTime};
use crate::metrics::query::Query;
use crate::metrics::{self, Label, METRICS, Metric, MetricUnit, Subject};
use crate::model::ids::EntryId;
use crate::model::loss::{CAUSES, CODES};

pub(super) const COMPARISONS: &[(&str, Comparison)] = &[
    ("==", Comparison::Equal),
    ("!=", Comparison::NotEqual),
    ("<=", Comparison::LessOrEqual),
    (">=", Comparison::GreaterOrEqual),
    ("<", Comparison::Less),
    (">", Comparison::Greater),
];

/// The expectation in `node`, or a report.
pub(super) fn read(cx: &mut Context, node: &Node) -> Option<Expectation> {
    read_text(cx, node.text()?, node.span)
}

/// The expectation in `text`, which stands at `span`, or a report.
pub(super) fn read_text(cx: &mut Context, text: &str, span: Span) -> Option<Expectation> {
    let mut reader = Reader {
        cx,
        text,
        span,
        at: 0,
        created: None,
    };
    let mut query = reader.metric()?;
    reader.labels(&mut query)?;
    reader.time(&mut query)?;
    let comparison = reader.comparison(query.metric)?;
    let value = reader.value(query.metric)?;
    Some(Expectation {
        text: text.trim().to_owned(),
        query,
        comparison,
        value,
        created: reader.created,
    })
}

struct Reader<'c, 't> {
    cx: &'c mut Context,
    text: &'t str,
    span: Span,
    at: usize,
    /// What the metric is about, when a call of the timeline creates it.
    created: Option<String>,
}

impl<'t> Reader<'_, 't> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// Takes characters while `wanted`, and says where they stand.
    fn take(&mut self, wanted: impl Fn(char) -> bool) -> (&'t str, Range<usize>) {
        let rest = self.rest();
        let length = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        let range = self.at..self.at + length;
        self.at = range.end;
        (&rest[..length], range)
    }

    fn span(&self, range: &Range<usize>) -> Span {
        within(self.cx, self.text, self.span, range)
    }

    /// The character at `at`, or the end of the text.
    fn here(&self) -> Range<usize> {
        let width = self.rest().chars().next().map_or(0, char::len_utf8);
        self.at..self.at + width
    }

    fn malformed<T>(&mut self, range: &Range<usize>, message: &str, help: &str) -> Option<T> {
        let span = self.span(range);
        self.cx
            .report(&codes::BAD_EXPECTATION, span, message)
            .help(help);
        None
    }

    fn metric(&mut self) -> Option<Query> {
        self.skip_space();
        let (path, range) = self.take(|c| c.is_ascii_alphanumeric() || "._-*".contains(c));
        if path.is_empty() {
            let here = self.here();
            let help = "write it as in `requests.lost == 0`";
            return self.malformed(&here, "the expectation does not begin with a metric", help);
        }
        let Some((metric, name)) = metrics::find(path) else {
            self.unknown_metric(path, &range);
            return None;
        };
        let subject = match (metric.subject(), name) {
            (Subject::Run, _) | (_, None) => None,
            (Subject::TargetGroup, Some(name)) => Some((name, Thing::TargetGroup)),
            (Subject::Group, Some(name)) => Some((name, Thing::Group)),
        };
        let subject = match subject {
            Some((name, thing)) => {
                let start = range.start + path.find(name).unwrap_or(0);
                if self.cx.created.get(name) == Some(&thing) {
                    self.created = Some(name.to_owned());
                    None
                } else {
                    Some(self.subject(name, thing, &(start..start + name.len()))?)
                }
            }
            None => None,
        };
        Some(Query {
            metric,
            subject,
            cause: None,
            code: None,
            workload: None,
            call: None,
            at: None,
        })
    }

    fn unknown_metric(&mut self, path: &str, range: &Range<usize>) {
        let named = metrics::names_like(path);
        let near = suggest::nearest(path, named.iter().map(String::as_str))
            .or_else(|| suggest::nearest(path, METRICS.iter().map(|metric| metric.name())));
        let help = near.or(named.first().map(String::as_str)).map_or_else(
            || "`drainsim list metrics` shows every metric".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        let span = self.span(range);
        self.cx
            .report(
                &codes::UNKNOWN_METRIC,
                span,
                format!("there is no metric `{path}`"),
            )
            .help(help);
    }

    /// The position of the `thing` called `name`.
    fn subject(&mut self, name: &str, thing: Thing, range: &Range<usize>) -> Option<usize> {
        if let Some(index) = self.cx.index_of(name, thing) {
            return Some(index);
        }
        let wants = self.cx.found.wants_suggestions();
        let names = self
            .cx
            .names
            .iter()
            .filter(|(_, named)| named.thing == thing);
        let names = names.map(|(name, _)| name.as_str()).take(1_000);
        let what = format!("the {} in this file are", thing.plural());
        let help = wants.then(|| suggest::help(name, &what, names)).flatten();
        let span = self.span(range);
        let message = format!("there is no `{name}` among the {}", thing.plural());
        self.cx
            .report(&codes::UNKNOWN_SUBJECT, span, message)
            .maybe_help(help);
        None
    }

    fn labels(&mut self, query: &mut Query) -> Option<()> {
        self.skip_space();
        if !self.rest().starts_with('{') {
            return Some(());
        }
        self.at += 1;
        loop {
            self.skip_space();
            let (label, label_range) = self.take(|c| c.is_ascii_alphanumeric() || c == '_');
            self.skip_space();
            if label.is_empty() || !self.rest().starts_with('=') {
                let here = self.here();
                let help = "write labels as in `requests.lost{cause=no_target}`";
                return self.malformed(&here, "a label and `=` are expected here", help);
            }
            self.at += 1;
            self.skip_space();
            let (value, range) = self.take(|c| !matches!(c, ',' | '}') && !c.is_whitespace());
            let value = value.trim_matches('"');
            self.label(query, (label, &label_range), (value, &range))?;
            self.skip_space();
            match self.rest().chars().next() {
                Some(',') => self.at += 1,
                Some('}') => {
                    self.at += 1;
                    return Some(());
                }
                _ => {
                    let here = self.here();
                    return self.malformed(&here, "the labels have no closing `}`", "add a `}`");
                }
            }
        }
    }

    fn label(
        &mut self,
        query: &mut Query,
        (label, label_range): (&str, &Range<usize>),
        (value, range): (&str, &Range<usize>),
    ) -> Option<()> {
        let allowed = query.metric.labels();
        let Some(kind) = allowed.iter().copied().find(|l| label_name(*l) == label) else {
            let metric = query.metric.name();
            let names = allowed.iter().map(|label| label_name(*label));
            let help = if allowed.is_empty() {
                Some(format!("remove the braces: `{metric}` has no labels"))
            } else {
                suggest::help(label, "its labels are", names)
            };
            let span = self.span(label_range);
            let message = format!("`{metric}` has no label `{label}`");
            self.cx
                .report(&codes::UNKNOWN_SUBJECT, span, message)
                .maybe_help(help);
            return None;
        };
        match kind {
            Label::Cause => {
                let cause = CAUSES.iter().find(|cause| cause.name == value);
                let names = CAUSES.iter().map(|cause| cause.name);
                query.cause = Some(self.known(cause, "loss cause", value, names, range)?.cause);
            }
            Label::Code => {
                let code = CODES.iter().find(|(_, name)| *name == value);
                let names = CODES.iter().map(|(_, name)| *name);
                query.code = Some(self.known(code, "code", value, names, range)?.0);
            }
            Label::Workload => {
                query.workload = Some(self.subject(value, Thing::Workload, range)?);
            }
            Label::Call => {
                let entry = self.subject(value, Thing::Entry, range)?;
                query.call = Some(EntryId::from_index(entry));
            }
        }
        Some(())
    }

    fn known<'v, T>(
        &mut self,
        found: Option<&'v T>,
        what: &str,
        given: &str,
        names: impl Iterator<Item = &'static str>,
        range: &Range<usize>,
    ) -> Option<&'v T> {
        if found.is_none() {
            let names: Vec<&str> = names.collect();
            let help = suggest::nearest(given, names.iter().copied()).map_or_else(
                || {
                    format!(
                        "write one of {}",
                        suggest::listed(names.iter().copied(), "or")
                    )
                },
                |near| format!("did you mean `{near}`?"),
            );
            let span = self.span(range);
            let message = format!("there is no {what} `{given}`");
            self.cx
                .report(&codes::UNKNOWN_SUBJECT, span, message)
                .help(help);
        }
        found
    }

    fn time(&mut self, query: &mut Query) -> Option<()> {
        self.skip_space();
        if !self.rest().starts_with('@') {
            return Some(());
        }
        let sign = self.here();
        self.at += 1;
        self.skip_space();
        let (text, range) = self.take(|c| !"=!<>".contains(c));
        let text = text.trim_end();
        let range = range.start..range.start + text.len();
        if !query.metric.has_time() {
            let metric = query.metric.name();
            let message = format!("`{metric}` is about the whole run and has no `@ time`");
            let help = "remove the time";
            return self.malformed(&(sign.start..range.end), &message, help);
        }
        match quantity::duration(text) {
            Ok(time) => query.at = Some(SimTime::ZERO + time),
            Err(problem) => {
                let help = problem.help.unwrap_or_default();
                return self.malformed(&range, &problem.message, &help);
            }
        }
        Some(())
    }

    fn comparison(&mut self, metric: &dyn Metric) -> Option<Comparison> {
        self.skip_space();
        let (sign, range) = self.take(|c| "=!<>~".contains(c));
        let found = COMPARISONS.iter().find(|(name, _)| *name == sign);
        if let Some((_, comparison)) = found {
            return Some(*comparison);
        }
        let name = metric.name();
        if sign.is_empty() {
            let here = self.here();
            let help = format!("write it as in `{name} == {}`", example(metric.unit()));
            let message = "an operator is expected here: `==`, `!=`, `<`, `<=`, `>` or `>=`";
            return self.malformed(&here, message, &help);
        }
        let help = if sign == "=" {
            "write `==`"
        } else {
            "write `==`, `!=`, `<`, `<=`, `>` or `>=`"
        };
        self.malformed(&range, &format!("`{sign}` is not an operator"), help)
    }

    fn value(&mut self, metric: &dyn Metric) -> Option<f64> {
        self.skip_space();
        let text = self.rest().trim_end();
        let range = self.at..self.at + text.len();
        let value = number(text, metric.unit());
        if value.is_none() {
            let name = metric.name();
            let (what, example) = (unit_name(metric.unit()), example(metric.unit()));
            let sign = if metric.unit() == MetricUnit::Count {
                "=="
            } else {
                "<"
            };
            let span = self.span(&range);
            let message = if text.is_empty() {
                format!("a value is missing: `{name}` is {what}")
            } else {
                format!("`{text}` is no value for `{name}`, which is {what}")
            };
            let help = text
                .parse::<f64>()
                .ok()
                .filter(|_| metric.unit() == MetricUnit::Duration);
            let help = help.map_or_else(
                || format!("write it as in `{name} {sign} {example}`"),
                |_| format!("write `{text}ms` or `{text}s`"),
            );
            self.cx.report(&codes::WRONG_UNIT, span, message).help(help);
        }
        value
    }
}

/// The number in `text` in the base unit of `unit`.
fn number(text: &str, unit: MetricUnit) -> Option<f64> {
    let finite = |text: &str| {
        text.trim()
            .parse()
            .ok()
            .filter(|value: &f64| value.is_finite())
    };
    match unit {
        MetricUnit::Count | MetricUnit::InstanceSeconds => finite(text),
        MetricUnit::Duration => quantity::duration(text).ok().map(SimDuration::as_secs_f64),
        MetricUnit::Ratio => match text.strip_suffix('%') {
            Some(percent) => finite(percent).map(|percent| percent / 100.0),
            None => finite(text),
        },
    }
}

fn label_name(label: Label) -> &'static str {
    match label {
        Label::Cause => "cause",
        Label::Code => "code",
        Label::Workload => "workload",
        Label::Call => "call",
    }
}

fn unit_name(unit: MetricUnit) -> &'static str {
    match unit {
        MetricUnit::Count => "a count",
        MetricUnit::Duration => "a duration",
        MetricUnit::Ratio => "a share",
        MetricUnit::InstanceSeconds => "in instance-seconds",
    }
}

fn example(unit: MetricUnit) -> &'static str {
    match unit {
        MetricUnit::Count => "0",
        MetricUnit::Duration => "800ms",
        MetricUnit::Ratio => "1%",
        MetricUnit::InstanceSeconds => "120",
    }
}
