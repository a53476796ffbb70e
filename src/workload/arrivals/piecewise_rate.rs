//! Poisson arrivals at a rate that changes with time: a ramp, a peak, a day.
//!
//! Exact: a unit exponential is spent along the integral of the rate, which inverts in closed form
//! on every piece. Nothing is thinned away, so one draw makes one arrival.

use std::sync::Arc;

use super::{ArrivalProcess, BATCH, Process};
use crate::describe::{Kind, Param, Presence, Source};
use crate::engine::math::{from_count, sqrt, to_count};
use crate::engine::random::Stream;
use crate::engine::time::{SimDuration, SimTime};
use crate::workload::args::{ANY_DURATION, ArgError, Args, MAX_RATE};

/// The process, for the registry.
pub(super) static PROCESS: PiecewiseProcess = PiecewiseProcess;

/// Most points.
const MAX_POINTS: usize = 100_000;

/// `piecewise_rate {points, between}`
#[derive(Debug)]
pub(super) struct PiecewiseProcess;

/// A span over which the rate is constant or a straight line. Not of zero length.
#[derive(Debug, Clone, Copy)]
struct Piece {
    start: u64,
    /// Its length \[ns\]; infinite for the last one.
    length: f64,
    /// The rate at its start \[1/ns\].
    rate: f64,
    /// The change of the rate \[1/ns^2\].
    slope: f64,
}

impl Piece {
    /// The rate `offset` after the start \[1/ns\].
    fn rate_at(&self, offset: f64) -> f64 {
        (self.rate + self.slope * offset).max(0.0)
    }

    /// Mean arrivals from `offset` to the end.
    fn rest(&self, offset: f64) -> f64 {
        if self.length.is_infinite() {
            return if self.rate > 0.0 { f64::INFINITY } else { 0.0 };
        }
        0.5 * (self.rate_at(offset) + self.rate_at(self.length)) * (self.length - offset)
    }

    /// How far behind `offset` the mean number of arrivals reaches `wanted`, which is not above
    /// the rest. The root of a quadratic, in the form that does not cancel.
    fn advance(&self, offset: f64, wanted: f64) -> f64 {
        let rate = self.rate_at(offset);
        let root = sqrt((rate * rate + 2.0 * self.slope * wanted).max(0.0));
        2.0 * wanted / (rate + root)
    }
}

/// Poisson arrivals at a changing rate.
#[derive(Debug, Clone)]
pub struct PiecewiseRate {
    pieces: Arc<[Piece]>,
    /// The piece of the last arrival.
    piece: usize,
    /// The last arrival, after the start of its piece \[ns\].
    offset: f64,
}

impl PiecewiseRate {
    /// Through `points`, of which there is at least one, the first at 0 s, none before its
    /// predecessor.
    fn new(points: &[(SimTime, f64)], linear: bool) -> Self {
        let per_nano = |rate: f64| rate / 1e9;
        let mut pieces = Vec::with_capacity(points.len());
        for pair in points.windows(2) {
            let [(start, rate), (end, next)] = [pair[0], pair[1]];
            if start == end {
                continue;
            }
            let length = from_count(end.since(start).as_nanos());
            let rise = if linear { per_nano(next - rate) } else { 0.0 };
            pieces.push(Piece {
                start: start.as_nanos(),
                length,
                rate: per_nano(rate),
                slope: rise / length,
            });
        }
        if let Some(&(start, rate)) = points.last() {
            pieces.push(Piece {
                start: start.as_nanos(),
                length: f64::INFINITY,
                rate: per_nano(rate),
                slope: 0.0,
            });
        }
        Self {
            pieces: pieces.into(),
            piece: 0,
            offset: 0.0,
        }
    }

    /// The rate at `at` \[1/s\].
    pub(super) fn rate_at(&self, at: SimTime) -> f64 {
        let after = self
            .pieces
            .partition_point(|piece| piece.start <= at.as_nanos());
        let piece = &self.pieces[after.max(1) - 1];
        1e9 * piece.rate_at(from_count(at.as_nanos().saturating_sub(piece.start)))
    }

    pub(super) fn fill(&mut self, stream: &mut Stream, out: &mut Vec<SimTime>) {
        for _ in 0..BATCH {
            if self.piece == self.pieces.len() {
                return;
            }
            let Some(next) = self.next(stream) else {
                self.piece = self.pieces.len();
                return;
            };
            out.push(next);
        }
    }

    fn next(&mut self, stream: &mut Stream) -> Option<SimTime> {
        let mut wanted = stream.exponential();
        loop {
            let piece = self.pieces.get(self.piece)?;
            let rest = piece.rest(self.offset);
            if wanted < rest {
                self.offset = (self.offset + piece.advance(self.offset, wanted)).min(piece.length);
                let into = SimDuration::from_nanos(to_count(self.offset));
                let next = SimTime::from_nanos(piece.start) + into;
                return (next < SimTime::MAX).then_some(next);
            }
            wanted -= rest;
            self.piece += 1;
            self.offset = 0.0;
        }
    }
}

impl Process for PiecewiseProcess {
    fn name(&self) -> &'static str {
        "piecewise_rate"
    }

    fn summary(&self) -> &'static str {
        "independent arrivals at a rate that changes with time: a ramp, a peak, a day"
    }

    fn params(&self) -> &'static [Param] {
        const POINT: Kind = Kind::Struct(&[
            Param {
                key: "time",
                kind: ANY_DURATION,
                presence: Presence::Required,
                doc: "when, from 0 s",
                source: Source::Ours,
            },
            Param {
                key: "rate",
                kind: Kind::Rate,
                presence: Presence::Required,
                doc: "mean arrivals per time then",
                source: Source::Ours,
            },
        ]);
        const PARAMS: &[Param] = &[
            Param {
                key: "points",
                kind: Kind::List {
                    of: &POINT,
                    min: 1,
                    max: MAX_POINTS,
                },
                presence: Presence::Required,
                doc: "pairs `[time, rate]` in order, the first at 0s; the last rate holds on",
                source: Source::Ours,
            },
            Param {
                key: "between",
                kind: Kind::OneOf(&["step", "linear"]),
                presence: Presence::Default("step"),
                doc: "whether a rate holds until the next point or changes to it along a line",
                source: Source::Ours,
            },
        ];
        PARAMS
    }

    fn notes(&self) -> &'static [&'static str] {
        &[
            "a non-homogeneous Poisson process: arrivals within a span are Poisson, their mean \
             being the integral of the rate over it",
            "two points at one time make a jump; a rate may be `0/s`",
        ]
    }

    fn build(&self, args: &Args) -> Result<ArrivalProcess, ArgError> {
        let points = args
            .points("points")
            .ok_or_else(|| ArgError::missing("points", "[[0s, 100/s], [5m, 300/s]]"))?;
        check(points)?;
        let linear = args.word("between") == Some("linear");
        Ok(ArrivalProcess::PiecewiseRate(PiecewiseRate::new(
            points, linear,
        )))
    }
}

/// Whether `points` make a rate for all times.
fn check(points: &[(SimTime, f64)]) -> Result<(), ArgError> {
    let wrong = |message: String, help: &str| Err(ArgError::new("points", message, help));
    if points.len() > MAX_POINTS {
        return wrong(
            format!("{} points", points.len()),
            "give at most 100000 points",
        );
    }
    let Some(&(first, _)) = points.first() else {
        return wrong(
            "there is no point".to_owned(),
            "give at least `[0s, 300/s]`",
        );
    };
    if first != SimTime::ZERO {
        return wrong(
            format!("the first point is at {first}"),
            "begin with a point at 0s, so that the rate is known from the start",
        );
    }
    if let Some(pair) = points.windows(2).find(|pair| pair[1].0 < pair[0].0) {
        return wrong(
            format!(
                "the point at {} comes after the one at {}",
                pair[1].0, pair[0].0
            ),
            "put the points in the order of time",
        );
    }
    if let Some((time, rate)) = points
        .iter()
        .find(|(_, rate)| !(0.0..=MAX_RATE).contains(rate))
    {
        return wrong(
            format!("the rate at {time} is {rate}/s"),
            "give rates from 0/s to 1000000000/s",
        );
    }
    Ok(())
}
