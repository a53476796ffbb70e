//! Tests of the pictures: every shape of outcome gives a valid PNG, the same one each time.
//!
//! They must never compare with stored pixels, which are allowed to differ between builds.

use super::canvas::{HEIGHT, WIDTH};
use crate::model::loss::{CAUSES, Cause, Code};
use crate::report::sample::Sample;
use crate::report::{REPORTS, ReportOptions};

/// The usual sample with a change.
fn with(change: impl FnOnce(&mut Sample)) -> Sample {
    let mut sample = Sample::default();
    change(&mut sample);
    sample
}

fn lose(sample: &mut Sample, causes: usize, each: u64) {
    let causes = CAUSES[..causes].iter();
    sample.lost = causes.map(|d| (d.cause, Code::C502, each)).collect();
}

/// Nothing, one, and too many of everything.
fn shapes() -> Vec<(&'static str, Sample)> {
    vec![
        ("usual", Sample::default()),
        ("no-loss", with(|s| s.lost.clear())),
        (
            "one-cause",
            with(|s| s.lost = vec![(Cause::NoTarget, Code::C503, 1)]),
        ),
        ("six-causes", with(|s| (lose(s, 6, 40), s.drains = 40).1)),
        (
            "every-cause",
            with(|s| (lose(s, CAUSES.len(), 900), s.calls = 9).1),
        ),
        (
            "one-target",
            with(|s| (s.targets, s.drains, s.groups) = (1, 1, 0)),
        ),
        (
            "ten-thousand",
            with(|s| (s.targets, s.drains, s.groups) = (10_000, 200, 3)),
        ),
        (
            "two-groups",
            with(|s| (s.groups, s.horizon_s) = (2, 86_400 * 3)),
        ),
        ("one-window", with(|s| (s.windows, s.warm_up_s) = (1, 0))),
        (
            "many-windows",
            with(|s| (s.windows, s.horizon_s) = (3600, 3600)),
        ),
        ("no-calls", with(|s| (s.calls, s.drains) = (0, 0))),
        ("many-calls", with(|s| s.calls = 200)),
        (
            "short",
            with(|s| (s.horizon_s, s.warm_up_s, s.calls) = (60, 5, 1)),
        ),
    ]
}

#[test]
fn every_shape_gives_the_same_valid_picture_twice() {
    for (name, sample) in shapes() {
        let outcome = sample.build();
        for report in REPORTS.iter().filter(|report| report.is_plot()) {
            let options = ReportOptions::default();
            let bytes = report.render(&outcome, &options).unwrap();
            if name == "usual" || name == "many-calls" {
                assert_eq!(bytes, report.render(&outcome, &options).unwrap());
            }
            let decoder = png::Decoder::new(std::io::Cursor::new(&bytes));
            let reader = decoder.read_info().unwrap();
            let size = (reader.info().width, reader.info().height);
            assert_eq!(size, (WIDTH.unsigned_abs(), HEIGHT.unsigned_abs()));
        }
    }
}
