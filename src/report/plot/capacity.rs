//! `capacity.png`: what capacity did, as counts of instances and targets over time.
//!
//! One group and one target group share a panel; up to four have a panel each; more are added up.
//! Minima stand in the titles, since a dip of two among thousands cannot be seen. It must never
//! show a minimum from before the warm-up was over.

use super::axis::Scale;
use super::canvas::Rect;
use super::legend::{Item, Mark, item};
use super::page::{Form, GUTTER, Page};
use super::palette::{
    BLACK, Fill, GREEN, ORANGE, Pattern, SKY, Stroke, VERMILLION, dashed, fill, solid,
};
use crate::engine::time::SimTime;
use crate::experiment::outcome::Outcome;
use crate::metrics::measurements::Measurements;
use crate::report::phrase::thousands;
use crate::report::{Report, ReportError, ReportOptions};
use crate::stats::step_series::StepSeries;

/// The report `capacity.png`.
#[derive(Debug)]
pub(crate) struct CapacityPng;

const MISSING: Fill = fill(ORANGE, Pattern::Rising);
const IN_SERVICE: Stroke = solid(SKY, 8);
const HEALTHY: Stroke = solid(GREEN, 4);
const DESIRED: Stroke = dashed(BLACK, 2, (10, 6));
const DRAINING: Stroke = solid(VERMILLION, 3);

/// Instances of a group, or of all of them.
#[derive(Debug)]
struct Instances {
    desired: StepSeries,
    in_service: StepSeries,
    serving: StepSeries,
}

/// Targets of a target group, or of all of them.
#[derive(Debug)]
struct Targets {
    healthy: StepSeries,
    draining: StepSeries,
}

/// What one panel shows.
#[derive(Debug)]
struct Subject {
    name: String,
    instances: Option<Instances>,
    targets: Option<Targets>,
}

impl Report for CapacityPng {
    fn name(&self) -> &'static str {
        "capacity.png"
    }

    fn summary(&self) -> &'static str {
        "what capacity did: desired, in service, healthy and draining over time"
    }

    fn is_plot(&self) -> bool {
        true
    }

    fn render(&self, outcome: &Outcome, _: &ReportOptions) -> Result<Vec<u8>, ReportError> {
        let m = &outcome.measurements;
        let subjects = subjects(m);
        let columns = if subjects.len() > 1 { 2 } else { 1 };
        let width = (1152 - 30 * (columns - 1)) / columns;
        let subtitle = subtitle(m);
        let mut page = Page::new(outcome, "What capacity did", &subtitle, width - GUTTER);
        page.legend(&legend(&subjects));
        let rows = if subjects.len() > 2 { 2 } else { 1 };
        let height = (page.rest.bottom - page.rest.top) / rows;
        let base = page.rest;
        for (i, subject) in (0..).zip(&subjects) {
            let left = base.left + (i % columns) * (width + 30);
            let top = base.top + (i / columns) * height;
            let place = Rect {
                left,
                top,
                right: left + width,
                bottom: top + height,
            };
            draw(&mut page, m, subject, place);
        }
        page.canvas.into_png()
    }
}

/// The sum of several counts.
fn sum<'a>(all: impl Iterator<Item = &'a StepSeries>) -> StepSeries {
    let mut changes: Vec<(SimTime, i64)> = Vec::new();
    for series in all {
        let mut before = 0;
        for &(at, count) in series.points() {
            changes.push((at, i64::from(count) - before));
            before = i64::from(count);
        }
    }
    changes.sort_by_key(|change| change.0);
    let mut total = StepSeries::new(0);
    let mut count = 0;
    for (at, change) in changes {
        count += change;
        total.set(at, u32::try_from(count).unwrap_or(u32::MAX));
    }
    total
}

fn subjects(m: &Measurements) -> Vec<Subject> {
    let (groups, targets) = (m.groups.len(), m.target_groups.len());
    let instances = |from: usize, to: usize| {
        let all = || m.groups[from..to].iter();
        (from < to).then(|| Instances {
            desired: sum(all().map(|g| &g.desired)),
            in_service: sum(all().map(|g| &g.in_service)),
            serving: sum(all().map(|g| &g.serving)),
        })
    };
    let target_counts = |from: usize, to: usize| {
        let all = || m.target_groups[from..to].iter();
        (from < to).then(|| Targets {
            healthy: sum(all().map(|g| &g.healthy)),
            draining: sum(all().map(|g| &g.draining)),
        })
    };
    if groups <= 1 && targets <= 1 {
        return vec![Subject {
            name: String::new(),
            instances: instances(0, groups),
            targets: target_counts(0, targets),
        }];
    }
    if groups + targets > 4 {
        let all = |count: usize, what: &str| match count {
            1 => format!("the {what}"),
            _ => format!("all {} {what}s", thousands(count as u64)),
        };
        let both = [
            Subject {
                name: all(groups, "group"),
                instances: instances(0, groups),
                targets: None,
            },
            Subject {
                name: all(targets, "target group"),
                instances: None,
                targets: target_counts(0, targets),
            },
        ];
        return both.into_iter().filter(|s| !s.is_empty()).collect();
    }
    let each_group = (0..groups).map(|i| Subject {
        name: m.groups[i].name.clone(),
        instances: instances(i, i + 1),
        targets: None,
    });
    let each_target_group = (0..targets).map(|i| Subject {
        name: m.target_groups[i].name.clone(),
        instances: None,
        targets: target_counts(i, i + 1),
    });
    each_group.chain(each_target_group).collect()
}

impl Subject {
    fn is_empty(&self) -> bool {
        self.instances.is_none() && self.targets.is_none()
    }

    /// What stands above the panel: the numbers that cannot be seen in it.
    fn title(&self, m: &Measurements) -> String {
        let mut facts = Vec::new();
        if let Some(instances) = &self.instances {
            let least = u64::from(instances.serving.min(m.warm_up, m.end));
            let desired = u64::from(instances.desired.last());
            facts.push(format!(
                "serving at least {} of {}",
                thousands(least),
                thousands(desired)
            ));
        }
        if let Some(targets) = &self.targets {
            let least = u64::from(targets.healthy.min(m.warm_up, m.end));
            let most = u64::from(highest(&targets.draining));
            facts.push(format!("healthy at least {}", thousands(least)));
            facts.push(format!("draining up to {}", thousands(most)));
        }
        let what = match (self.name.as_str(), &self.instances) {
            ("", Some(_)) => "instances".to_owned(),
            ("", None) => "targets".to_owned(),
            (name, Some(_)) => format!("{name}: instances"),
            (name, None) => format!("{name}: targets"),
        };
        if facts.is_empty() {
            return what;
        }
        format!("{what}, {}", facts.join(", "))
    }

    fn largest(&self) -> u32 {
        let instances = self.instances.as_ref().map_or(0, |instances| {
            highest(&instances.desired).max(highest(&instances.in_service))
        });
        let targets = self.targets.as_ref().map_or(0, |targets| {
            highest(&targets.healthy).max(highest(&targets.draining))
        });
        instances.max(targets)
    }
}

fn highest(series: &StepSeries) -> u32 {
    let counts = series.points().iter().map(|&(_, count)| count);
    counts.max().unwrap_or(0)
}

fn legend(subjects: &[Subject]) -> Vec<Item> {
    let mut items = Vec::new();
    if subjects.iter().any(|subject| subject.instances.is_some()) {
        items.push(item(Mark::Line(DESIRED), "desired"));
        items.push(item(Mark::Line(IN_SERVICE), "in service"));
        items.push(item(Mark::Fill(MISSING), "missing: desired, not serving"));
    }
    if subjects.iter().any(|subject| subject.targets.is_some()) {
        items.push(item(Mark::Line(HEALTHY), "healthy targets"));
        items.push(item(Mark::Line(DRAINING), "draining targets"));
    }
    items
}

fn subtitle(m: &Measurements) -> String {
    let short = m.groups.iter().filter(|group| {
        let missing =
            |&(at, serving): &(SimTime, u32)| at >= m.warm_up && serving < group.desired.at(at);
        group.serving.points().iter().any(missing)
    });
    match (m.groups.len(), short.count()) {
        (0, _) => "no group: what is taken away is not replaced".to_owned(),
        (_, 0) => "no group ever served with fewer instances than desired".to_owned(),
        (1, _) => "the group served with fewer instances than desired for a while".to_owned(),
        (all, short) => format!(
            "{} of {} groups served with fewer instances than desired for a while",
            thousands(short as u64),
            thousands(all as u64)
        ),
    }
}

fn draw(page: &mut Page<'_>, m: &Measurements, subject: &Subject, place: Rect) {
    let scale = Scale::linear(f64::from(subject.largest()));
    let form = Form {
        whole: true,
        extra: 0,
    };
    let style = super::canvas::LABEL;
    let title = style.fit(&subject.title(m), place.right - place.left - GUTTER);
    let panel = page.panel(place, scale, &title, form);
    if let Some(instances) = &subject.instances {
        panel.between(
            &mut page.canvas,
            |at| instances.desired.at(at),
            |at| instances.serving.at(at),
            MISSING,
        );
        panel.series(&mut page.canvas, &instances.in_service, IN_SERVICE);
    }
    if let Some(targets) = &subject.targets {
        panel.series(&mut page.canvas, &targets.healthy, HEALTHY);
    }
    if let Some(instances) = &subject.instances {
        panel.series(&mut page.canvas, &instances.desired, DESIRED);
    }
    if let Some(targets) = &subject.targets {
        panel.series(&mut page.canvas, &targets.draining, DRAINING);
    }
    page.calls.draw(&mut page.canvas, &panel);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::time::SimDuration;

    #[test]
    fn a_sum_of_counts_follows_every_change() {
        let at = |secs| SimTime::ZERO + SimDuration::from_secs(secs);
        let mut a = StepSeries::new(3);
        a.set(at(5), 1);
        let mut b = StepSeries::new(2);
        b.set(at(5), 4);
        b.set(at(9), 0);
        let total = sum([&a, &b].into_iter());
        assert_eq!(
            [total.at(at(0)), total.at(at(5)), total.at(at(9))],
            [5, 5, 1]
        );
    }
}
