//! Every shipped scenario does what its file demands, in every variant, and its text reports are the
//! committed ones byte for byte. `DRAINSIM_BLESS=1` rewrites `reports/`.

use std::path::{Path, PathBuf};

use drainsim::experiment::run::{RunOptions, run};
use drainsim::report::{REPORTS, ReportOptions};
use drainsim::scenario::{LoadOptions, load, variants_of};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Shipped scenarios in order of their paths.
pub(crate) fn shipped() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![root().join("scenarios")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "yaml")
            {
                files.push(path);
            }
        }
    }
    files.sort();
    assert!(files.len() >= 10, "the library is found");
    files
}

fn options(variant: Option<String>) -> LoadOptions {
    LoadOptions {
        variant,
        ..LoadOptions::default()
    }
}

#[test]
fn every_shipped_scenario_and_variant_keeps_its_promises() {
    for file in shipped() {
        let variants = variants_of(&file).unwrap();
        for variant in std::iter::once(None).chain(variants.into_iter().map(Some)) {
            let scenario = load(&file, &options(variant)).unwrap().scenario;
            assert!(
                !scenario.expectations.is_empty(),
                "{} expects something",
                scenario.name
            );
            assert!(
                scenario.source.starts_with("https://"),
                "{} has a source",
                scenario.name
            );
            let outcome = run(&scenario, &RunOptions::default());
            let failed: Vec<_> = outcome
                .expectations
                .iter()
                .filter(|expectation| expectation.verdict.name() != "ok")
                .map(|expectation| format!("{} is {}", expectation.text, expectation.actual))
                .chain(
                    outcome
                        .timeline
                        .iter()
                        .filter_map(|entry| entry.unexpected.clone()),
                )
                .collect();
            assert!(outcome.passed(), "{}: {failed:?}", scenario.name);
        }
    }
}

#[test]
fn text_reports_are_the_committed_ones() {
    let bless = std::env::var_os("DRAINSIM_BLESS").is_some();
    let committed = ReportOptions {
        with_version: false,
    };
    for file in shipped() {
        let scenario = load(&file, &LoadOptions::default()).unwrap().scenario;
        let outcome = run(&scenario, &RunOptions::default());
        let topic = file
            .strip_prefix(root().join("scenarios"))
            .unwrap()
            .with_extension("");
        let folder = root().join("reports").join(topic);
        for report in REPORTS.iter().filter(|report| !report.is_plot()) {
            let bytes = report.render(&outcome, &committed).unwrap();
            let path = folder.join(report.name());
            if bless {
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::write(&path, &bytes).unwrap();
                continue;
            }
            let want = std::fs::read(&path).unwrap_or_default();
            assert!(
                want == bytes,
                "{} differs from what {} gives now; read the difference, then \
                 DRAINSIM_BLESS=1 cargo test",
                path.display(),
                scenario.name
            );
        }
    }
}

#[test]
fn a_run_repeats_itself_whatever_watches_it() {
    let file = root().join("scenarios/detach/detach-then-terminate.yaml");
    let scenario = load(&file, &LoadOptions::default()).unwrap().scenario;
    let plain = run(&scenario, &RunOptions::default());
    let watched = run(
        &scenario,
        &RunOptions {
            progress: Some(&|_, _| {}),
            ..RunOptions::default()
        },
    );
    assert_eq!(plain.digest, watched.digest);
    let mut other = scenario.clone();
    other.fleet.seed += 1;
    assert_ne!(plain.digest, run(&other, &RunOptions::default()).digest);
}

#[test]
fn replications_do_not_depend_on_the_number_of_threads() {
    let file = root().join("scenarios/detach/detach-then-terminate.yaml");
    let mut scenario = load(&file, &LoadOptions::default()).unwrap().scenario;
    scenario.horizon = drainsim::scenario::plan::Horizon::Settled;
    let replicate =
        || drainsim::experiment::replicate::replicate(&scenario, &RunOptions::default(), 4);
    let many = replicate();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    let one = pool.install(replicate);
    assert_eq!(many.digest, one.digest);
    assert_eq!(many.replications, one.replications);
    assert_eq!(many.replications.unwrap().count, 4);
}

/// A scenario that no file can be: two entries that wait for each other. The driver must name seed and
/// time of what it cannot go on with, so that a bug can be found again.
#[test]
fn a_bug_is_told_with_its_seed_and_time() {
    use drainsim::engine::time::SimDuration;
    use drainsim::model::ids::EntryId;
    use drainsim::scenario::plan::When;
    let file = root().join("scenarios/detach/detach-then-terminate.yaml");
    let mut scenario = load(&file, &LoadOptions::default()).unwrap().scenario;
    scenario.fleet.seed = 4711;
    scenario.timeline[0].when = When::After(EntryId(1), SimDuration::ZERO);
    let attempt = || run(&scenario, &RunOptions::default());
    let broken = std::panic::catch_unwind(std::panic::AssertUnwindSafe(attempt));
    let text = *broken.unwrap_err().downcast::<String>().unwrap();
    assert!(
        text.contains("seed 4711 broke at event 0, 0s simulated"),
        "{text}"
    );
    assert!(text.contains("`after` goes round in a circle"), "{text}");
}

/// A member that somebody deregistered by hand stays in service and serves nobody; nothing will bring
/// it back, so a run has settled when its drain is over, and losses are decided.
#[test]
fn a_run_settles_beside_a_member_deregistered_by_hand() {
    let file = root().join("scenarios/detach/detach-then-terminate.yaml");
    let set = [
        ("horizon", "settled"),
        ("/timeline/0/call", "elbv2:DeregisterTargets"),
        (
            "/timeline/0/params",
            "{TargetGroupArn: \"${web.arn}\", Targets: [{Id: i-0a1b2c3d4e5f60718}]}",
        ),
        ("/timeline/1/call", "autoscaling:DescribeAutoScalingGroups"),
        ("/timeline/1/params", "{}"),
        (
            "expect",
            "[requests.lost == 0, groups.web-asg.serving == 5]",
        ),
    ];
    let options = LoadOptions {
        set: set
            .map(|(path, value)| (path.to_owned(), value.to_owned()))
            .to_vec(),
        ..LoadOptions::default()
    };
    let outcome = run(
        &load(&file, &options).unwrap().scenario,
        &RunOptions::default(),
    );
    assert_eq!(outcome.stop, drainsim::experiment::outcome::Stop::Settled);
    // deregistered at 5 m with a delay of 120 s
    assert_eq!(outcome.measurements.end.as_nanos(), 420_000_000_000);
    assert!(outcome.passed(), "{:?}", outcome.expectations);
}
