//! Cost against scale: what a request costs with more targets, more requests in flight and more
//! arrivals, what the set-up costs, and how much memory each takes.
//!
//! `cargo bench --bench scale -- --out DIR --rounds N` prints a table and writes `scale.csv` and
//! `scale.png` (default `target/scale`, 5 rounds). Rounds are interleaved over the points and a
//! point is the median of its rounds, in processor time where the system tells it. On a machine that
//! does other work the caches are shared and the larger points look dearer than they are.

#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark reads the clock, prints and writes files"
)]

mod chart;
mod point;

use std::fmt::Write as _;
use std::path::PathBuf;

use point::{Point, Timing};

/// Requests timed at each point and round.
const REQUESTS: u32 = 2_000_000;
/// How much dearer than the first point of its curve a request may be.
const LIMIT: f64 = 2.0;
/// The cheaper algorithm, which all sweeps use.
const ROUND_ROBIN: &str = "round_robin";
/// The one whose choice depends on all targets.
const LEAST_OUTSTANDING: &str = "least_outstanding_requests";

/// A point and what all rounds found.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) point: Point,
    /// Cost of a request, median of the rounds \[ns\].
    pub(crate) ns: f64,
    /// Cost of a request, fastest round \[ns\].
    pub(crate) ns_least: f64,
    /// Set-up, median \[ms\].
    pub(crate) setup_ms: f64,
    /// Peak of memory \[MiB\].
    pub(crate) peak_mib: Option<f64>,
}

/// All points; those of a curve follow each other, the smallest first.
fn points() -> Vec<Point> {
    let base = Point {
        sweep: "targets",
        routing: ROUND_ROBIN,
        targets: 1_000,
        rate: 100_000,
        service_ms: 200,
    };
    let mut points = Vec::new();
    for routing in [ROUND_ROBIN, LEAST_OUTSTANDING] {
        for targets in [100, 300, 1_000, 3_000, 10_000, 30_000, 100_000] {
            points.push(Point {
                routing,
                targets,
                ..base
            });
        }
    }
    for service_ms in [2, 6, 20, 60, 200, 600, 2_000] {
        points.push(Point {
            sweep: "in_flight",
            rate: 1_000_000,
            service_ms,
            ..base
        });
    }
    for rate in [1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000] {
        points.push(Point {
            sweep: "arrival_rate",
            rate,
            ..base
        });
    }
    points
}

/// What was typed behind `cargo bench --bench scale --`.
#[derive(Debug)]
struct Arguments {
    out: PathBuf,
    rounds: usize,
    memory_of: Option<usize>,
    /// Whether cargo runs benchmarks; `cargo test --benches` does not say so.
    bench: bool,
}

fn arguments() -> Result<Arguments, String> {
    let mut arguments = Arguments {
        out: PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/scale"),
        rounds: 5,
        memory_of: None,
        bench: false,
    };
    let mut typed = std::env::args().skip(1);
    while let Some(key) = typed.next() {
        let mut value = || typed.next().ok_or(format!("{key} needs a value"));
        match key.as_str() {
            "--bench" => arguments.bench = true,
            "--out" => arguments.out = PathBuf::from(value()?),
            "--rounds" => {
                arguments.rounds = value()?.parse().map_err(|error| format!("{error}"))?;
            }
            "--memory-of" => {
                let index = value()?.parse().map_err(|error| format!("{error}"))?;
                arguments.memory_of = Some(index);
            }
            other => return Err(format!("`{other}` is none of --out, --rounds")),
        }
    }
    if arguments.rounds == 0 {
        return Err("--rounds must be at least 1".to_owned());
    }
    Ok(arguments)
}

/// The middle value; of an even number the upper one of the two.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn measure(points: &[Point], rounds: usize) -> Vec<Row> {
    let mut timings: Vec<Vec<Timing>> = vec![Vec::new(); points.len()];
    for round in 1..=rounds {
        eprintln!("round {round} of {rounds}");
        for (point, timings) in points.iter().zip(&mut timings) {
            timings.push(point.measure(REQUESTS));
        }
    }
    let rows = points.iter().zip(&timings).enumerate();
    rows.map(|(index, (&point, timings))| {
        let costs = timings.iter().map(|timing| timing.ns_per_request);
        Row {
            point,
            ns: median(costs.clone()),
            ns_least: costs.fold(f64::INFINITY, f64::min),
            setup_ms: median(timings.iter().map(|timing| timing.setup_ms)),
            peak_mib: Point::peak_mib(index),
        }
    })
    .collect()
}

/// The curves: rows of one sweep and algorithm.
fn curves(rows: &[Row]) -> impl Iterator<Item = &[Row]> {
    rows.chunk_by(|a, b| a.point.sweep == b.point.sweep && a.point.routing == b.point.routing)
}

fn table(rows: &[Row]) -> String {
    let mut text = "| sweep | routing | targets | requests/s | in flight | ns/request | least \
        | x smallest | set-up [ms] | peak [MiB] |\n\
        |---|---|--:|--:|--:|--:|--:|--:|--:|--:|\n"
        .to_owned();
    for curve in curves(rows) {
        for row in curve {
            let Row { point, .. } = row;
            let peak = row
                .peak_mib
                .map_or("-".to_owned(), |mib| format!("{mib:.0}"));
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {:.0} | {:.1} | {:.1} | {:.2} | {:.1} | {peak} |",
                point.sweep,
                point.routing,
                point.targets,
                point.rate,
                point.in_flight(),
                row.ns,
                row.ns_least,
                row.ns / curve[0].ns,
                row.setup_ms,
            );
        }
    }
    text
}

fn csv(rows: &[Row]) -> String {
    let mut text = "sweep,routing,targets,arrivals_per_s,in_flight,request_ns_median,\
        request_ns_min,setup_ms_median,peak_rss_mib\n"
        .to_owned();
    for row in rows {
        let Row { point, .. } = row;
        let peak = row
            .peak_mib
            .map_or(String::new(), |mib| format!("{mib:.1}"));
        let _ = writeln!(
            text,
            "{},{},{},{},{:.0},{:.1},{:.1},{:.2},{peak}",
            point.sweep,
            point.routing,
            point.targets,
            point.rate,
            point.in_flight(),
            row.ns,
            row.ns_least,
            row.setup_ms,
        );
    }
    text
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = arguments()?;
    let points = points();
    if let Some(index) = arguments.memory_of {
        let point = points.get(index).ok_or("no such point")?;
        if let Some(kib) = point.hold(REQUESTS) {
            println!("{kib}");
        }
        return Ok(());
    }
    if !arguments.bench {
        // a test wants to know that it works, not how fast
        points[0].measure(200_000);
        return Ok(());
    }
    let rows = measure(&points, arguments.rounds);
    println!("{}", table(&rows));
    for curve in curves(&rows) {
        let (first, last) = (&curve[0], &curve[curve.len() - 1]);
        let growth = curve
            .iter()
            .map(|row| row.ns / first.ns)
            .fold(0.0, f64::max);
        let verdict = if growth <= LIMIT { "within" } else { "ABOVE" };
        println!(
            "{} ({}): at most {growth:.2} times the smallest, {verdict} {LIMIT}; largest {:.2}",
            first.point.sweep,
            first.point.routing,
            last.ns / first.ns
        );
    }
    std::fs::create_dir_all(&arguments.out)?;
    std::fs::write(arguments.out.join("scale.csv"), csv(&rows))?;
    let curves: Vec<&[Row]> = curves(&rows).collect();
    std::fs::write(arguments.out.join("scale.png"), chart::png(&curves, LIMIT)?)?;
    println!("written to {}", arguments.out.display());
    Ok(())
}
