//! Whole runs of W1 to W4, from the file to the outcome: what a planner waits for. Each asserts its
//! counts, so a faster run that does other work does not pass for one.

use criterion::{Criterion, criterion_group, criterion_main};
use drainsim::experiment::run::{RunOptions, run};
use drainsim::scenario::{LoadOptions, load};
use std::hint::black_box;
use std::path::Path;

fn whole(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("whole");
    group.sample_size(10);
    for name in ["w1", "w2", "w3", "w3-24", "w4"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("benches/scenarios")
            .join(format!("{name}.yaml"));
        let scenario = load(&path, &LoadOptions::default())
            .expect("the file is valid")
            .scenario;
        let outcome = run(&scenario, &RunOptions::default());
        assert!(outcome.passed(), "{name} does the work it should");
        let (arrived, digest) = (outcome.measurements.requests.arrived, outcome.digest);
        group.throughput(criterion::Throughput::Elements(arrived));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let outcome = run(black_box(&scenario), &RunOptions::default());
                assert_eq!(outcome.digest, digest, "a run repeats itself");
            });
        });
    }
    group.finish();
}

criterion_group!(benches, whole);
criterion_main!(benches);
