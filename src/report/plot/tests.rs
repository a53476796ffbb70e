//! Tests of the pictures: every shape of outcome gives a valid PNG, the same one each time.
//!
//! They must never compare with stored pixels, which are allowed to differ between builds.

use super::canvas::{HEIGHT, WIDTH};
use crate::model::loss::{CAUSES, Cause, Code};
use crate::report::sample::Sample;
use crate::report::{REPORTS, ReportOptions};

/// The shapes that have broken plots before: nothing, one, too many of everything.
fn shapes() -> Vec<(&'static str, Sample)> {
    let default = Sample::default;
    let six = CAUSES[..6].iter().map(|d| (d.cause, Code::C502, 40));
    let every = CAUSES.iter().map(|d| (d.cause, Code::C504, 900));
    vec![
        ("usual", default()),
        (
            "no-loss",
            Sample {
                lost: vec![],
                ..default()
            },
        ),
        (
            "one-cause",
            Sample {
                lost: vec![(Cause::NoTarget, Code::C503, 1)],
                ..default()
            },
        ),
        (
            "six-causes",
            Sample {
                lost: six.collect(),
                drains: 40,
                ..default()
            },
        ),
        (
            "every-cause",
            Sample {
                lost: every.collect(),
                calls: 9,
                ..default()
            },
        ),
        (
            "one-target",
            Sample {
                targets: 1,
                drains: 1,
                groups: 0,
                ..default()
            },
        ),
        (
            "ten-thousand",
            Sample {
                targets: 10_000,
                drains: 200,
                groups: 3,
                ..default()
            },
        ),
        (
            "two-groups",
            Sample {
                groups: 2,
                horizon_s: 86_400 * 3,
                ..default()
            },
        ),
        (
            "one-window",
            Sample {
                windows: 1,
                warm_up_s: 0,
                ..default()
            },
        ),
        (
            "many-windows",
            Sample {
                windows: 3600,
                horizon_s: 3600,
                ..default()
            },
        ),
        (
            "no-calls",
            Sample {
                calls: 0,
                drains: 0,
                ..default()
            },
        ),
        (
            "many-calls",
            Sample {
                calls: 200,
                ..default()
            },
        ),
        (
            "short",
            Sample {
                horizon_s: 60,
                warm_up_s: 5,
                calls: 1,
                ..default()
            },
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
