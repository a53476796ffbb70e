//! The reference: a page for everything that can be named, collected from every registry.
//!
//! `explain` and `list` both read it, so neither can know a word the other does not. It must never
//! describe a thing itself: words belong beside the code they describe.

use std::slice;

use super::{engine_room, glossary};
use crate::api::OPERATIONS;
use crate::describe::{Page, Param, Source};
use crate::metrics::{self, METRICS, Metric};
use crate::model::assumption::SETTINGS;
use crate::model::fault::FAULTS;
use crate::model::lb::KINDS;
use crate::model::loss::{CAUSES, CODES, Code};
use crate::model::routing::ALGORITHMS;
use crate::report::REPORTS;
use crate::workload::arrivals::ARRIVALS;
use crate::workload::dist::FAMILIES;

/// Every page, topic by topic.
pub(super) fn pages() -> Vec<Page> {
    let mut pages = Vec::new();
    pages.extend(operations());
    pages.extend(kinds());
    pages.extend(attributes());
    pages.extend(algorithms());
    pages.extend(distributions());
    pages.extend(arrivals());
    pages.extend(settings());
    pages.extend(faults());
    pages.extend(metric_pages());
    pages.extend(causes());
    pages.extend(codes());
    pages.extend(reports());
    pages.extend(glossary::pages());
    pages.extend(engine_room::diagnostic_pages());
    pages
}

/// The topics in the order of the pages.
pub(super) fn topics(pages: &[Page]) -> Vec<&'static str> {
    let mut topics: Vec<&'static str> = pages.iter().map(|page| page.topic).collect();
    topics.dedup();
    topics
}

/// The pages whose name is `word`, without regard to case; short forms are understood: an operation
/// without its service, a metric with the name of its subject.
pub(super) fn find<'a>(pages: &'a [Page], word: &str) -> Vec<&'a Page> {
    let exact = |wanted: &str| -> Vec<&'a Page> {
        let named = |page: &&Page| page.name.eq_ignore_ascii_case(wanted);
        pages.iter().filter(named).collect()
    };
    let found = exact(word);
    if !found.is_empty() {
        return found;
    }
    let short = |page: &&Page| {
        let name = page.name.split_once(':').map_or("", |(_, name)| name);
        page.topic == "operation" && name.eq_ignore_ascii_case(word)
    };
    let found: Vec<&Page> = pages.iter().filter(short).collect();
    if !found.is_empty() {
        return found;
    }
    if let Some(operation) = crate::api::operation(word) {
        return exact(operation.name);
    }
    if let Some(both) = crate::api::in_both(word) {
        return both.iter().flat_map(|name| exact(name)).collect();
    }
    if let Some((metric, _)) = metrics::find(word) {
        return exact(metric.name());
    }
    // `in_flight` and `in flight`, `warm_up` and `warm-up` are one word.
    let plain = |text: &str| text.to_ascii_lowercase().replace([' ', '-'], "_");
    let same = |page: &&Page| plain(&page.name) == plain(word);
    pages.iter().filter(same).collect()
}

/// The parameters spelt `key`, each with the page it stands on.
pub(super) fn parameters<'a>(pages: &'a [Page], key: &str) -> Vec<(&'a Page, &'static Param)> {
    let on_page = |page: &'a Page| {
        let named = |param: &&'static Param| param.key.eq_ignore_ascii_case(key);
        let params = page.params.iter().filter(named);
        params.map(move |param| (page, param))
    };
    pages.iter().flat_map(on_page).collect()
}

/// Names that look like `word`, the likeliest first, at most five.
pub(super) fn similar<'a>(names: impl Iterator<Item = &'a str>, word: &str) -> Vec<&'a str> {
    let word = word.to_ascii_lowercase();
    let score = |name: &str| {
        let name = name.to_ascii_lowercase();
        let tail = name.rsplit([':', '.']).next().unwrap_or(&name);
        strsim::jaro_winkler(&name, &word).max(strsim::jaro_winkler(tail, &word))
    };
    let mut scored: Vec<(f64, &str)> = names.map(|name| (score(name), name)).collect();
    scored.retain(|(score, _)| *score > 0.8);
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    scored.dedup_by_key(|(_, name)| *name);
    scored.into_iter().take(5).map(|(_, name)| name).collect()
}

fn strings(notes: &[&str]) -> Vec<String> {
    notes.iter().map(|&note| note.to_owned()).collect()
}

fn operations() -> impl Iterator<Item = Page> {
    OPERATIONS.iter().map(|operation| {
        let mut notes = Vec::new();
        if !operation.errors.is_empty() {
            notes.push(format!("errors: {}", operation.errors.join(", ")));
        }
        let deviations = operation.deviations.iter();
        notes.extend(deviations.map(|text| format!("known deviation: {text}")));
        Page {
            topic: "operation",
            name: operation.name.to_owned(),
            summary: operation.summary.to_owned(),
            params: operation.params,
            notes,
            source: operation.source,
        }
    })
}

fn kinds() -> impl Iterator<Item = Page> {
    KINDS.iter().map(|kind| Page {
        topic: "load balancer",
        name: kind.name().to_owned(),
        summary: kind.summary().to_owned(),
        params: kind.attributes(),
        notes: vec![
            format!(
                "protocols of its target groups: {}",
                kind.protocols().join(", ")
            ),
            format!(
                "attributes of its target groups: {}",
                keys(kind.target_group_attributes())
            ),
        ],
        source: kind.source(),
    })
}

fn keys(params: &[Param]) -> String {
    let keys: Vec<&str> = params.iter().map(|param| param.key).collect();
    keys.join(", ")
}

fn attributes() -> impl Iterator<Item = Page> {
    KINDS.iter().flat_map(|kind| {
        let page = |whose: &str, param: &'static Param| Page {
            topic: "attribute",
            name: param.key.to_owned(),
            summary: param.doc.to_owned(),
            params: slice::from_ref(param),
            notes: vec![format!("an attribute of {whose} of kind `{}`", kind.name())],
            source: param.source,
        };
        let own = kind.attributes().iter();
        let own: Vec<Page> = own.map(|param| page("load balancers", param)).collect();
        let groups = kind.target_group_attributes().iter();
        let groups: Vec<Page> = groups
            .map(|param| page("target groups behind load balancers", param))
            .collect();
        own.into_iter().chain(groups)
    })
}

fn algorithms() -> impl Iterator<Item = Page> {
    ALGORITHMS.iter().map(|algorithm| Page {
        topic: "routing algorithm",
        name: algorithm.name.to_owned(),
        summary: algorithm.summary.to_owned(),
        params: &[],
        notes: Vec::new(),
        source: algorithm.source,
    })
}

fn distributions() -> impl Iterator<Item = Page> {
    FAMILIES.iter().map(|family| Page {
        topic: "distribution",
        name: family.name().to_owned(),
        summary: family.summary().to_owned(),
        params: family.params(),
        notes: strings(family.notes()),
        source: family.source(),
    })
}

fn arrivals() -> impl Iterator<Item = Page> {
    ARRIVALS.iter().map(|process| Page {
        topic: "arrival process",
        name: process.name().to_owned(),
        summary: process.summary().to_owned(),
        params: process.params(),
        notes: strings(process.notes()),
        source: process.source(),
    })
}

fn settings() -> impl Iterator<Item = Page> {
    SETTINGS.iter().map(|setting| Page {
        topic: "setting",
        name: setting.param.key.to_owned(),
        summary: setting.param.doc.to_owned(),
        params: slice::from_ref(&setting.param),
        notes: Vec::new(),
        source: setting.param.source,
    })
}

fn faults() -> impl Iterator<Item = Page> {
    FAULTS.iter().map(|fault| Page {
        topic: "fault",
        name: fault.name.to_owned(),
        summary: fault.summary.to_owned(),
        params: fault.params,
        notes: strings(fault.notes),
        source: fault.source,
    })
}

fn metric_pages() -> impl Iterator<Item = Page> {
    METRICS.iter().map(|metric| Page {
        topic: "metric",
        name: metric.name().to_owned(),
        summary: metric.summary().to_owned(),
        params: &[],
        notes: metric_notes(*metric),
        source: metric.source(),
    })
}

fn metric_notes(metric: &dyn Metric) -> Vec<String> {
    use metrics::{Label, MetricUnit};
    let unit = match metric.unit() {
        MetricUnit::Count => "compared with a number",
        MetricUnit::Duration => "compared with a duration, such as `800ms`",
        MetricUnit::Ratio => "compared with a number or a share, such as `0.1%`",
        MetricUnit::InstanceSeconds => "compared with a number of instance seconds",
    };
    let mut notes = vec![unit.to_owned()];
    let labels = metric.labels().iter().map(|label| match label {
        Label::Cause => "cause",
        Label::Code => "code",
        Label::Workload => "workload",
        Label::Call => "call",
    });
    let labels: Vec<&str> = labels.collect();
    if !labels.is_empty() {
        notes.push(format!(
            "may be narrowed by {{{}=...}}",
            labels.join("=..., ")
        ));
    }
    if metric.has_time() {
        notes.push("may be followed by `@ 6m`; without it, the value at the end".to_owned());
    }
    if metric.needs_settled() {
        notes.push("undecided while a drain or replacement is open at the horizon".to_owned());
    }
    notes
}

fn causes() -> impl Iterator<Item = Page> {
    CAUSES.iter().map(|cause| Page {
        topic: "loss cause",
        name: cause.name.to_owned(),
        summary: cause.summary.to_owned(),
        params: &[],
        notes: vec![format!("culprit: {}", cause.culprit)],
        source: cause.source,
    })
}

fn codes() -> impl Iterator<Item = Page> {
    CODES.iter().map(|&(code, name)| Page {
        topic: "code",
        name: name.to_owned(),
        summary: match code {
            Code::C460 => "the client closed the connection first: logged, and seen by nobody",
            Code::C500 => "internal server error: an Alibaba ALB cut the request",
            Code::C502 => "bad gateway: the target went away, refused, or was cut",
            Code::C503 => "service unavailable: there was no target to send it to",
            Code::C504 => {
                "gateway timeout: no connection or no answer in time; a Classic Load \
                           Balancer also where a request was cut or its target went away"
            }
            Code::C408 => {
                "request timeout: the client gave up first, as a Classic Load Balancer \
                           logs it"
            }
            Code::Reset => {
                "connection reset: a balancer of flows cut the flow, had no target for it, or \
                           passed on that its target refused it"
            }
            Code::Timeout => {
                "no answer at all, as from a host or an appliance that is gone: the client \
                           stopped waiting"
            }
        }
        .to_owned(),
        params: &[],
        notes: vec!["what the client of a lost request sees".to_owned()],
        source: Source::Ours,
    })
}

fn reports() -> impl Iterator<Item = Page> {
    REPORTS.iter().map(|report| {
        let columns = report.columns().iter();
        Page {
            topic: "report",
            name: report.name().to_owned(),
            summary: report.summary().to_owned(),
            params: &[],
            notes: columns
                .map(|c| format!("`{}`: {}", c.name, c.doc))
                .collect(),
            source: Source::Ours,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_found_by_its_name_and_has_a_summary() {
        let pages = pages();
        for page in &pages {
            assert!(find(&pages, &page.name).contains(&page), "{}", page.name);
            assert!(!page.summary.trim().is_empty(), "{}", page.name);
        }
    }

    #[test]
    fn no_topic_has_two_words_for_one_thing() {
        let pages = pages();
        for (i, page) in pages.iter().enumerate() {
            let twin = pages[..i]
                .iter()
                .find(|other| other.topic == page.topic && other.name == page.name);
            // Several kinds of load balancer may have an attribute of one name.
            assert!(twin.is_none() || page.topic == "attribute", "{}", page.name);
        }
    }

    #[test]
    fn short_forms_are_understood() {
        let pages = pages();
        let names = |word: &str| -> Vec<String> {
            let found = find(&pages, word);
            found.into_iter().map(|page| page.name.clone()).collect()
        };
        assert_eq!(names("in_flight"), ["in flight"]);
        assert_eq!(names("Cut_At_Deadline"), ["cut_at_deadline"]);
        assert_eq!(
            names("groups.web-asg.time_to_replace"),
            ["groups.*.time_to_replace"]
        );
        // of the two operations of that name there is one
        assert_eq!(
            names("elasticloadbalancing:ModifyLoadBalancerAttributes"),
            ["elb:ModifyLoadBalancerAttributes"]
        );
        assert_eq!(
            names("elbv2:DeregisterTargets"),
            ["elasticloadbalancing:DeregisterTargets"]
        );
        assert_eq!(names("registertargets").len(), 2);
        assert!(names("no-such-word").is_empty());
    }

    #[test]
    fn a_misspelt_word_has_suggestions() {
        let pages = pages();
        let names = pages.iter().map(|page| page.name.as_str());
        assert_eq!(similar(names, "cut_at_deadlin")[0], "cut_at_deadline");
    }
}
