//! What the order of events does not show: moved keys and memory. The order itself is held to the
//! heap's by property tests; these must never repeat that.

use super::*;

#[test]
fn a_burst_pushed_while_it_is_handled_moves_nothing() {
    let (mut wheel, mut sequence) = (LadderWheel::new(), 0);
    let mut push = |wheel: &mut LadderWheel, at| {
        wheel.push(at, sequence, 0);
        sequence += 1;
    };
    for _ in 0..50_000 {
        push(&mut wheel, 1_000);
    }
    push(&mut wheel, 1_001);
    assert_eq!(wheel.pop_before(1_000), Some((1_000, 0, 0)));
    let credit = wheel.credit;
    for expected in 1..100_000 {
        if expected <= 50_000 {
            push(&mut wheel, 1_000);
        }
        let (at, number, _) = wheel.pop_before(1_000).unwrap();
        // the one nanosecond later was numbered 50,000
        let number = if number > 50_000 { number - 1 } else { number };
        assert_eq!((at, number), (1_000, expected));
    }
    assert_eq!(wheel.credit, credit, "every tie went to the end");
    assert_eq!(wheel.pop_before(1_000), None);
    assert_eq!(wheel.pop_before(1_001), Some((1_001, 50_000, 0)));
    assert!(wheel.bottom.capacity() <= 4 * CROWD, "the burst is over");
}

#[test]
fn a_window_that_grows_crowded_is_split() {
    let mut wheel = LadderWheel::new();
    wheel.push(1 << 20, 0, 0);
    wheel.push((1 << 20) + 5, 1, 0);
    assert!(wheel.pop_before(1 << 20).is_some());
    let (wide, count) = (wheel.limit, 20_000);
    for step in 0..count {
        // backwards, so that each goes before all others but the first
        wheel.push((1 << 20) + 5 + 40 * (count - step), 2 + step, 0);
    }
    assert!(wheel.limit < wide);
    assert!(wheel.bottom.len() < 1_000, "{}", wheel.bottom.len());
    let mut times = Vec::new();
    while let Some((at, ..)) = wheel.pop_before(u64::MAX) {
        times.push(at);
    }
    let expected: Vec<u64> = (0..=count).map(|step| (1 << 20) + 5 + 40 * step).collect();
    assert_eq!(times, expected);
}

#[test]
fn memory_is_what_is_pending_and_a_chunk_a_bucket() {
    let (mut wheel, pending) = (LadderWheel::new(), 1_000_u64);
    for sequence in 0..pending {
        wheel.push(sequence * sequence * 977, sequence, 0);
    }
    for sequence in pending..200_000 {
        let (at, number, _) = wheel.pop_before(u64::MAX).unwrap();
        wheel.push(
            at + 1 + u64::from(number) * 7_919 % 400_000_000,
            sequence,
            0,
        );
    }
    let chunks = wheel.chunks.next.len();
    let bound = usize::try_from(pending).unwrap() / CHUNK as usize + LEVELS * BUCKETS;
    assert!(chunks <= bound, "{chunks} chunks");
    assert!(wheel.bottom.capacity() <= 4 * CROWD);
}
