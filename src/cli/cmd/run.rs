//! `drainsim run`: simulates scenarios, prints the verdict and writes the reports.
//!
//! Every file is read and every output folder is checked before the first event, so that a long
//! run never ends in an error that could have been told at once. It must never judge by itself.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::args::{Format, RunArguments};
use crate::cli::engine_room::{self, Watch};
use crate::cli::exit::Exit;
use crate::cli::{summary, terminal};
use crate::engine::time::SimTime;
use crate::experiment::outcome::{Outcome, Stop};
use crate::report::write::{OutputFolder, WriteError};
use crate::report::{ReportOptions, report};
use crate::scenario::plan::{Horizon, Scenario};

/// Set by Ctrl-C.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// A scenario with the folder its reports go to.
#[derive(Debug)]
struct Job {
    scenario: Scenario,
    output: Option<OutputFolder>,
}

/// Runs every file.
pub(in crate::cli) fn run(arguments: &RunArguments) -> Exit {
    // Without a handler Ctrl-C still ends the process, only less politely.
    drop(ctrlc::set_handler(|| {
        INTERRUPTED.store(true, Ordering::Relaxed);
    }));
    let scenarios = match load_all(arguments) {
        Ok(scenarios) => scenarios,
        Err(exit) => return exit,
    };
    let jobs = match open_all(arguments, scenarios) {
        Ok(jobs) => jobs,
        Err(exit) => return exit,
    };
    let mut exit = Exit::Fine;
    for (i, job) in jobs.into_iter().enumerate() {
        if exit == Exit::Interrupted {
            // Folders made for runs that never began are taken away again.
            job.output.into_iter().for_each(OutputFolder::discard);
            continue;
        }
        exit = exit.max(run_job(arguments, job, i > 0));
    }
    exit
}

/// Reads every file; all problems of all files are told before giving up.
fn load_all(arguments: &RunArguments) -> Result<Vec<Scenario>, Exit> {
    let mut scenarios = Vec::new();
    let mut well = true;
    for path in &arguments.files {
        match engine_room::load(path, &arguments.changes, arguments.seed) {
            Ok(loaded) => {
                if !loaded.warnings.is_empty() && !arguments.quiet {
                    let colour = terminal::wants_colour();
                    terminal::remark(&engine_room::problems(&loaded.warnings, colour));
                }
                scenarios.push(loaded.scenario);
            }
            Err(problems) => {
                let colour = terminal::wants_colour();
                terminal::remark(&engine_room::problems(&problems, colour));
                well = false;
            }
        }
    }
    if well {
        Ok(scenarios)
    } else {
        Err(Exit::BadInput)
    }
}

/// Opens the output folder of every scenario.
fn open_all(arguments: &RunArguments, scenarios: Vec<Scenario>) -> Result<Vec<Job>, Exit> {
    let folders = folders(arguments).map_err(|problem| {
        terminal::complain(&problem);
        Exit::BadInput
    })?;
    let mut jobs: Vec<Job> = Vec::new();
    for (scenario, folder) in scenarios.into_iter().zip(folders) {
        let output = match folder.as_deref().map(OutputFolder::open).transpose() {
            Ok(output) => output,
            Err(error) => {
                terminal::complain(&with_help(&error));
                let opened = jobs.into_iter().filter_map(|job| job.output);
                opened.for_each(OutputFolder::discard);
                return Err(Exit::Surroundings);
            }
        };
        jobs.push(Job { scenario, output });
    }
    Ok(jobs)
}

/// An error with what to do about it, where that is known.
fn with_help(error: &WriteError) -> String {
    match error {
        WriteError::Foreign { .. } | WriteError::NotAFolder(_) => {
            format!("{error}\nhelp: name a folder that is new, empty, or holds reports only")
        }
        WriteError::Io { .. } | WriteError::Report { .. } => error.to_string(),
    }
}

/// The output folder of each file: `DIR` for one, `DIR/<stem>` for several.
fn folders(arguments: &RunArguments) -> Result<Vec<Option<PathBuf>>, String> {
    let Some(out) = &arguments.out else {
        return Ok(vec![None; arguments.files.len()]);
    };
    if arguments.files.len() == 1 {
        return Ok(vec![Some(out.clone())]);
    }
    let mut seen = BTreeSet::new();
    let mut folders = Vec::new();
    for file in &arguments.files {
        let stem = file.file_stem().unwrap_or(file.as_os_str());
        if !seen.insert(stem) {
            return Err(format!(
                "two files share the stem `{}`, so their reports would share a folder\n\
                 help: run them one by one, each with its own --out",
                Path::new(stem).display()
            ));
        }
        folders.push(Some(out.join(stem)));
    }
    Ok(folders)
}

/// Runs one scenario, prints what came of it, behind a blank line with `apart`, and writes its
/// reports.
fn run_job(arguments: &RunArguments, job: Job, apart: bool) -> Exit {
    let outcome = simulate(arguments, &job.scenario);
    if outcome.stop == Stop::Interrupted || INTERRUPTED.load(Ordering::Relaxed) {
        job.output.into_iter().for_each(OutputFolder::discard);
        let at = match arguments.replications {
            1 => format!(" at {} simulated", outcome.measurements.end),
            _ => String::new(),
        };
        terminal::remark(&format!("interrupted{at}, nothing was written"));
        return Exit::Interrupted;
    }
    let mut exit = verdict(&outcome);
    let options = ReportOptions {
        with_version: !arguments.without_version,
    };
    if let Some(output) = &job.output
        && let Err(error) = output.write(&outcome, &options, !arguments.no_plots)
    {
        terminal::complain(&error.to_string());
        exit = exit.max(Exit::Surroundings);
    }
    if arguments.quiet && arguments.format == Format::Text {
        return exit;
    }
    match arguments.format {
        Format::Text => {
            let before = if apart { "\n" } else { "" };
            terminal::answer(&format!("{before}{}", summary::text(&outcome)), exit)
        }
        Format::Json => json(&outcome, options, exit),
    }
}

/// What the shell is told about `outcome`.
fn verdict(outcome: &Outcome) -> Exit {
    let reached_its_end = match outcome.stop {
        Stop::Horizon | Stop::Settled => true,
        Stop::NeverSettled
        | Stop::EventLimit
        | Stop::TooManyInFlight
        | Stop::TooMuchHistory
        | Stop::Interrupted => false,
    };
    if reached_its_end && outcome.passed() {
        Exit::Fine
    } else {
        Exit::Failed
    }
}

fn json(outcome: &Outcome, options: ReportOptions, exit: Exit) -> Exit {
    let summary = report("summary.json").expect("summary.json is in the registry");
    match summary.render(outcome, &options) {
        Ok(bytes) => terminal::answer(&String::from_utf8_lossy(&bytes), exit),
        Err(error) => {
            terminal::complain(&error.to_string());
            exit.max(Exit::Surroundings)
        }
    }
}

fn simulate(arguments: &RunArguments, scenario: &Scenario) -> Outcome {
    let bar = progress_bar(arguments, scenario);
    let outcome = engine_room::simulate(
        scenario,
        arguments.replications,
        arguments.max_events,
        Watch {
            stop: &INTERRUPTED,
            progress: &|now, _events| bar.set_position(millis(now)),
        },
    );
    bar.finish_and_clear();
    outcome
}

fn millis(time: SimTime) -> u64 {
    time.as_nanos() / 1_000_000
}

/// A bar for one run to a known end, a spinner for anything else, nothing where nobody watches.
fn progress_bar(arguments: &RunArguments, scenario: &Scenario) -> ProgressBar {
    if arguments.quiet || !terminal::is_watched() {
        return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    }
    let template = |text: &str| {
        ProgressStyle::with_template(text).unwrap_or_else(|_| ProgressStyle::default_bar())
    };
    let bar = match scenario.horizon {
        Horizon::At(end) if arguments.replications == 1 => ProgressBar::new(millis(end).max(1))
            .with_style(template("{msg} [{wide_bar}] {percent} %")),
        Horizon::At(_) | Horizon::Settled => {
            ProgressBar::new_spinner().with_style(template("{spinner} {msg}"))
        }
    };
    let runs = match arguments.replications {
        1 => String::new(),
        count => format!(", {count} runs"),
    };
    bar.with_message(format!("{}{runs}", scenario.name))
}
