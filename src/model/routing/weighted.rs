//! Choosing among targets of unequal weights: in turn, by fewest outstanding requests, at random.
//!
//! Only where weights differ: a view whose targets weigh the same never comes here. A target of
//! weight 0 is not eligible and never comes here either. Source: R-WEIGHT-2.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::engine::random::Stream;
use crate::model::view::Link;

/// What one turn of a target of weight 1 takes. Weights that divide it have exact shares; most
/// that people write do.
const TURN: u64 = 1_163_962_800;

/// Positions of a view by their weights.
#[derive(Debug)]
pub(in crate::model) struct Weighted {
    /// The weights of all positions up to each one, added up.
    up_to: Vec<u64>,
    /// The next turn of each position, the earliest first.
    turns: BinaryHeap<Reverse<(u64, u32)>>,
    /// The turn that was taken last.
    clock: u64,
}

/// Time between two turns of a target.
fn stride(link: &Link) -> u64 {
    TURN / u64::from(link.history.weight)
}

impl Weighted {
    /// Positions 0.. of these links, all of some weight; turns go on from `clock`.
    pub(in crate::model) fn new(clock: u64, eligible: &[u32], links: &mut [Link]) -> Self {
        let mut weighted = Self {
            up_to: Vec::with_capacity(eligible.len()),
            turns: BinaryHeap::with_capacity(eligible.len()),
            clock,
        };
        let mut total = 0;
        for (&link, position) in eligible.iter().zip(0..) {
            let link = &mut links[link as usize];
            total += u64::from(link.history.weight);
            weighted.up_to.push(total);
            // a newcomer has its first turn half a stride from now, so that it is as often early
            // as late
            if link.history.turn == 0 || link.history.turn < clock {
                link.history.turn = clock + stride(link) / 2;
            }
            weighted.turns.push(Reverse((link.history.turn, position)));
        }
        weighted
    }

    /// The turn that was taken last.
    pub(in crate::model) fn clock(&self) -> u64 {
        self.clock
    }

    /// The position whose turn it is: over time each has as many as its weight, evenly spread.
    pub(in crate::model) fn in_turn(&mut self, eligible: &[u32], links: &mut [Link]) -> u32 {
        let mut next = self.turns.peek_mut().expect("the view has targets");
        let Reverse((turn, position)) = *next;
        self.clock = turn;
        let link = &mut links[eligible[position as usize] as usize];
        link.history.turn = turn + stride(link);
        *next = Reverse((link.history.turn, position));
        position
    }

    /// A position at random, each in proportion to its weight.
    pub(in crate::model) fn at_random(&self, stream: &mut Stream) -> u32 {
        let total = *self.up_to.last().expect("the view has targets");
        let drawn = stream.below(total);
        let position = self.up_to.partition_point(|&up_to| up_to <= drawn);
        u32::try_from(position).expect("positions fit 32 bits")
    }
}

/// The position with the fewest requests in flight for its weight, the first from `cursor`
/// on, around.
pub(in crate::model) fn least_outstanding(cursor: u32, eligible: &[u32], links: &[Link]) -> u32 {
    let count = u32::try_from(eligible.len()).expect("positions fit 32 bits");
    let load = |position: u32| {
        let link = &links[eligible[position as usize] as usize];
        (u64::from(link.in_flight), u64::from(link.history.weight))
    };
    let around = (cursor..count).chain(0..cursor);
    around
        .reduce(|best, other| {
            let ((held, weight), (others, its)) = (load(best), load(other));
            if others * weight < held * its {
                other
            } else {
                best
            }
        })
        .expect("the view has targets")
}
