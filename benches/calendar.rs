//! The fast lane of the calendar under the hold model: pop the first event, push one a service
//! time later, with 2e3, 2e5 and 2e6 events pending. It exists because a request costs one such
//! pair; the 4-ary heap beside it is the reference the ladder is tested against.

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use drainsim::engine::calendar::heap::QuaternaryHeap;
use drainsim::engine::calendar::ladder::LadderWheel;
use drainsim::engine::random::Streams;
use drainsim::engine::time::SimDuration;
use drainsim::workload::args::{ArgValue, Args};
use drainsim::workload::dist::family;
use std::hint::black_box;

/// Log-normal offsets of mean 200 ms, the service times of W1 to W4.
fn offsets() -> Vec<u64> {
    let args = Args::new()
        .with(
            "median",
            ArgValue::Duration(SimDuration::from_nanos(121_306_132)),
        )
        .with("sigma", ArgValue::Number(1.0));
    let sampler = family("lognormal")
        .expect("registered")
        .build(&args)
        .expect("in range");
    let mut stream = Streams::new(1).stream("bench", &[]);
    let mut offsets = vec![SimDuration::ZERO; 1 << 16];
    sampler.fill(&mut stream, &mut offsets);
    offsets.into_iter().map(SimDuration::as_nanos).collect()
}

/// A queue as the hold model sees it.
trait Queue {
    fn empty() -> Self;
    fn push(&mut self, at: u64, sequence: u64, slot: u32);
    fn pop(&mut self) -> u64;
}

impl Queue for LadderWheel {
    fn empty() -> Self {
        Self::new()
    }
    fn push(&mut self, at: u64, sequence: u64, slot: u32) {
        Self::push(self, at, sequence, slot);
    }
    fn pop(&mut self) -> u64 {
        self.pop_before(u64::MAX).expect("events are pending").0
    }
}

impl Queue for QuaternaryHeap {
    fn empty() -> Self {
        Self::new()
    }
    fn push(&mut self, at: u64, sequence: u64, slot: u32) {
        Self::push(self, at, sequence, slot);
    }
    fn pop(&mut self) -> u64 {
        self.pop_before(u64::MAX).expect("events are pending").0
    }
}

const HOLDS: u64 = 100_000;

fn filled<Q: Queue>(pending: u64, offsets: &[u64]) -> Q {
    let mut queue = Q::empty();
    for (sequence, &offset) in (0..pending).zip(offsets.iter().cycle()) {
        // spread over the steady state rather than all from 0
        queue.push(offset + sequence * 200_000_000 / pending, sequence, 0);
    }
    queue
}

fn hold<Q: Queue>(queue: &mut Q, pending: u64, offsets: &[u64]) -> u64 {
    let mut last = 0;
    for (sequence, &offset) in (pending..pending + HOLDS).zip(offsets.iter().cycle()) {
        last = queue.pop();
        queue.push(last + offset, sequence, 0);
    }
    last
}

fn bench<Q: Queue>(criterion: &mut Criterion, name: &str, offsets: &[u64]) {
    let mut group = criterion.benchmark_group(name);
    group
        .throughput(criterion::Throughput::Elements(HOLDS))
        .sample_size(20);
    for pending in [2_000_u64, 200_000, 2_000_000] {
        group.bench_function(BenchmarkId::from_parameter(pending), |bencher| {
            bencher.iter_batched_ref(
                || filled::<Q>(pending, offsets),
                |queue| black_box(hold(queue, pending, offsets)),
                BatchSize::LargeInput,
            );
        });
    }
}

fn calendar(criterion: &mut Criterion) {
    let offsets = offsets();
    // both give the same events, so the times compare the same work
    let ends = |pending| {
        (
            hold(
                &mut filled::<LadderWheel>(pending, &offsets),
                pending,
                &offsets,
            ),
            hold(
                &mut filled::<QuaternaryHeap>(pending, &offsets),
                pending,
                &offsets,
            ),
        )
    };
    let (ladder, heap) = ends(2_000);
    assert_eq!(ladder, heap, "the ladder and the heap hold alike");
    bench::<LadderWheel>(criterion, "hold/ladder", &offsets);
    bench::<QuaternaryHeap>(criterion, "hold/heap", &offsets);
}

criterion_group!(benches, calendar);
criterion_main!(benches);
