//! The fast lane of the calendar with 2e3, 2e5 and 2e6 events pending. Hold: pop the first event,
//! push one a service time later. Open, as a run does it: take what is due before the next Poisson
//! arrival, push its completion. Ties: a burst at one instant, half of it pushed while the other
//! half is handled. It exists because a request costs one such pair; the 4-ary heap beside it is
//! the reference the ladder is tested against.

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use drainsim::engine::calendar::heap::QuaternaryHeap;
use drainsim::engine::calendar::ladder::LadderWheel;
use drainsim::engine::random::Streams;
use drainsim::engine::time::SimDuration;
use drainsim::workload::args::{ArgValue, Args};
use drainsim::workload::dist::family;
use std::hint::black_box;
use std::ops::Range;

fn draws(distribution: &'static str, args: &Args) -> Vec<u64> {
    let sampler = family(distribution)
        .expect("registered")
        .build(args)
        .expect("in range");
    let mut stream = Streams::new(1).stream(distribution, &[]);
    let mut offsets = vec![SimDuration::ZERO; 1 << 16];
    sampler.fill(&mut stream, &mut offsets);
    offsets.into_iter().map(SimDuration::as_nanos).collect()
}

/// Log-normal offsets of mean 200 ms, the service times of W1 to W4.
fn offsets() -> Vec<u64> {
    let median = SimDuration::from_nanos(121_306_132);
    let args = Args::new()
        .with("median", ArgValue::Duration(median))
        .with("sigma", ArgValue::Number(1.0));
    draws("lognormal", &args)
}

/// Exponential gaps between arrivals which keep `pending` requests of mean 200 ms in flight.
fn gaps(pending: u64) -> Vec<u64> {
    let mean = SimDuration::from_nanos(200_000_000 / pending);
    draws(
        "exponential",
        &Args::new().with("mean", ArgValue::Duration(mean)),
    )
}

/// A queue as the hold model sees it.
trait Queue {
    fn empty() -> Self;
    fn push(&mut self, at: u64, sequence: u64, slot: u32);
    fn pop_before(&mut self, bound: u64) -> Option<u64>;
    fn pop(&mut self) -> u64 {
        self.pop_before(u64::MAX).expect("events are pending")
    }
}

impl Queue for LadderWheel {
    fn empty() -> Self {
        Self::new()
    }
    fn push(&mut self, at: u64, sequence: u64, slot: u32) {
        Self::push(self, at, sequence, slot);
    }
    fn pop_before(&mut self, bound: u64) -> Option<u64> {
        Self::pop_before(self, bound).map(|event| event.0)
    }
}

impl Queue for QuaternaryHeap {
    fn empty() -> Self {
        Self::new()
    }
    fn push(&mut self, at: u64, sequence: u64, slot: u32) {
        Self::push(self, at, sequence, slot);
    }
    fn pop_before(&mut self, bound: u64) -> Option<u64> {
        Self::pop_before(self, bound).map(|event| event.0)
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

/// Takes what is due before each arrival and pushes its completion.
fn open<Q: Queue>(queue: &mut Q, sequences: Range<u64>, offsets: &[u64], gaps: &[u64]) -> u64 {
    let (mut now, mut sum) = (0_u64, 0_u64);
    // the two cycle with different lengths, so that a pair of draws does not come again soon
    let draws = offsets.iter().cycle().zip(gaps[1..].iter().cycle());
    for (sequence, (&offset, &gap)) in sequences.zip(draws) {
        now += gap;
        while let Some(at) = queue.pop_before(now) {
            sum = sum.wrapping_mul(31).wrapping_add(at);
        }
        queue.push(now + offset, sequence, 0);
    }
    sum
}

/// A million events at one instant, half of them pushed while the others are handled.
fn ties<Q: Queue>(events: u64) -> u64 {
    let mut queue = Q::empty();
    for sequence in 0..events / 2 {
        queue.push(5_000_000_000, sequence, 0);
    }
    for sequence in events / 2..events {
        let at = queue.pop();
        queue.push(at, sequence, 0);
    }
    (0..events / 2)
        .map(|_| queue.pop())
        .fold(0, u64::wrapping_add)
}

fn bench<Q: Queue>(criterion: &mut Criterion, name: &str, offsets: &[u64]) {
    let mut group = criterion.benchmark_group(format!("hold/{name}"));
    group
        .throughput(Throughput::Elements(HOLDS))
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
    group.finish();
    let mut group = criterion.benchmark_group(format!("open/{name}"));
    group.sample_size(10);
    for pending in [2_000_u64, 200_000, 2_000_000] {
        let gaps = gaps(pending);
        // from empty, five service times on average: what a run does, its start included
        let requests = 5 * pending;
        group.throughput(Throughput::Elements(requests));
        group.bench_function(BenchmarkId::from_parameter(pending), |bencher| {
            bencher.iter(|| black_box(open(&mut Q::empty(), 0..requests, offsets, &gaps)));
        });
    }
    group.finish();
    let mut group = criterion.benchmark_group(format!("ties/{name}"));
    group.sample_size(10);
    for events in [10_000_u64, 1_000_000] {
        group.throughput(Throughput::Elements(events));
        group.bench_function(BenchmarkId::from_parameter(events), |bencher| {
            bencher.iter(|| black_box(ties::<Q>(events)));
        });
    }
    group.finish();
}

fn calendar(criterion: &mut Criterion) {
    let offsets = offsets();
    // both give the same events, so the times compare the same work
    let (mut ladder, mut heap) = (
        filled::<LadderWheel>(2_000, &offsets),
        filled::<QuaternaryHeap>(2_000, &offsets),
    );
    assert_eq!(
        hold(&mut ladder, 2_000, &offsets),
        hold(&mut heap, 2_000, &offsets),
        "the ladder and the heap hold alike"
    );
    let gaps = gaps(2_000);
    assert_eq!(
        open(&mut LadderWheel::empty(), 0..HOLDS, &offsets, &gaps),
        open(&mut QuaternaryHeap::empty(), 0..HOLDS, &offsets, &gaps),
        "the ladder and the heap run alike"
    );
    bench::<LadderWheel>(criterion, "ladder", &offsets);
    bench::<QuaternaryHeap>(criterion, "heap", &offsets);
}

criterion_group!(benches, calendar);
criterion_main!(benches);
