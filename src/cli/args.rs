//! The arguments: commands, flags and their help.
//!
//! It knows what can be typed and in which form, and must never act on it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Everything typed behind `drainsim`.
#[derive(Debug, Parser)]
#[command(
    name = "drainsim",
    version,
    about = "predicts which requests are lost when machines are taken out of a live fleet",
    after_help = "examples:\n  \
        drainsim run detach.yaml                 simulate and judge\n  \
        drainsim run detach.yaml --out report    the same, with CSV, JSON and PNG files\n  \
        drainsim check detach.yaml               all problems of a file at once\n  \
        drainsim explain cut_at_deadline         what a word means\n\n\
        exit codes: 0 fine, 1 an expectation failed, 2 the input is wrong,\n\
        3 output or permissions failed, 101 a bug of drainsim, 130 Ctrl-C",
    disable_help_subcommand = true
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// A command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// simulate scenarios, print what was lost and judge it
    Run(RunArguments),
    /// read and validate scenarios, without running them
    Check(CheckArguments),
    /// say what a code, cause, metric, setting, operation or term means
    Explain(ExplainArguments),
    /// name everything a scenario can name, a line each
    List(ListArguments),
    /// print the JSON Schema of scenario files
    Schema,
}

/// What `run` was asked.
#[derive(Debug, Args)]
#[command(after_help = "examples:\n  \
    drainsim run detach.yaml --seed 11 --replications 200\n  \
    drainsim run detach.yaml --variant too-short --out report\n  \
    drainsim run detach.yaml --set /horizon=20m --format json | jq .requests.lost")]
pub struct RunArguments {
    /// scenario files
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// write reports to this folder; of several files each gets `DIR/<stem>`
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// seed of all random streams, instead of the file's
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// number of runs, each with a seed of its own
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub replications: u32,
    /// what to change in the files first
    #[command(flatten)]
    pub changes: Changes,
    /// what to print on stdout
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// leave the PNG files out of the reports
    #[arg(long)]
    pub no_plots: bool,
    /// leave the version out of summary.json, for reports kept under version control
    #[arg(long)]
    pub without_version: bool,
    /// print nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
    /// stop a run after this many events
    #[arg(long, value_name = "N", default_value_t = crate::experiment::run::MAX_EVENTS,
          value_parser = clap::value_parser!(u64).range(1..))]
    pub max_events: u64,
}

/// What is changed in a scenario before it is used.
#[derive(Debug, Args, Clone)]
pub struct Changes {
    /// change a value: a JSON Pointer or dotted path, `=`, and the new value as YAML
    #[arg(long = "set", value_name = "PATH=VALUE", value_parser = assignment)]
    pub set: Vec<(String, String)>,
    /// use this variant of the file
    #[arg(long, value_name = "NAME")]
    pub variant: Option<String>,
}

/// What `check` was asked.
#[derive(Debug, Args)]
#[command(after_help = "example:\n  drainsim check scenarios/*.yaml")]
pub struct CheckArguments {
    /// scenario files
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// what to change in the files first
    #[command(flatten)]
    pub changes: Changes,
    /// print nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
}

/// What `explain` was asked.
#[derive(Debug, Args)]
#[command(after_help = "examples:\n  \
    drainsim explain cut_at_deadline\n  \
    drainsim explain autoscaling:DetachInstances\n  \
    drainsim explain needed_s")]
pub struct ExplainArguments {
    /// the word to explain
    #[arg(required = true, value_name = "WORD")]
    pub words: Vec<String>,
}

/// What `list` was asked.
#[derive(Debug, Args)]
#[command(
    after_help = "examples:\n  drainsim list\n  drainsim list operations\n  drainsim list operations --long"
)]
pub struct ListArguments {
    /// only this topic: `operations`, `metrics`, `settings`, ...
    #[arg(value_name = "TOPIC")]
    pub topic: Option<String>,
    /// with parameters, ranges, errors, deviations and sources
    #[arg(long, requires = "topic")]
    pub long: bool,
}

/// What is printed on stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// one screen for people
    Text,
    /// summary.json
    Json,
}

/// Splits `PATH=VALUE` at its first `=`.
fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((path, value)) if !path.is_empty() => Ok((path.to_owned(), value.to_owned())),
        Some(_) | None => Err("write PATH=VALUE, such as `/horizon=20m`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn an_assignment_is_split_at_its_first_equals_sign() {
        assert_eq!(
            assignment("/expect/0=requests.lost == 0"),
            Ok(("/expect/0".to_owned(), "requests.lost == 0".to_owned()))
        );
        assert!(assignment("=1").is_err());
        assert!(assignment("/horizon").is_err());
    }

    #[test]
    fn no_run_is_asked_for_zero_times() {
        let parse = |n| Arguments::try_parse_from(["drainsim", "run", "a", "--replications", n]);
        assert!(parse("0").is_err());
        assert!(parse("2").is_ok());
    }
}
