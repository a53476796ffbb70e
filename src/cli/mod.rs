//! The command line: arguments in, data on stdout, everything else on stderr, an exit code out.
//!
//! It reads no file itself, simulates nothing and computes no number; it wires the layers below
//! together and shows what they say. One file a command under `cmd/`.

pub mod args;
mod cmd;
pub mod diagnostics;
mod engine_room;
mod exit;
mod glossary;
mod operations;
mod page_text;
mod reference;
mod summary;
mod terminal;
mod text;

use std::panic;
use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command};
use exit::Exit;

/// Runs the command line of this process and gives its exit code.
///
/// A broken invariant ends in code 101, whatever thread it broke in.
pub fn main() -> ExitCode {
    panic::set_hook(Box::new(|report| terminal::complain(&bug(report))));
    let exit = panic::catch_unwind(dispatch).unwrap_or(Exit::Bug);
    ExitCode::from(exit.code())
}

fn dispatch() -> Exit {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return refuse(&error),
    };
    match &arguments.command {
        Command::Run(arguments) => cmd::run::run(arguments),
        Command::Check(arguments) => cmd::check::check(arguments),
        Command::Explain(arguments) => cmd::explain::explain(arguments),
        Command::List(arguments) => cmd::list::list(arguments),
        Command::Schema => cmd::schema::schema(),
    }
}

/// Shows help and version on stdout and complaints about arguments on stderr.
fn refuse(error: &clap::Error) -> Exit {
    let text = error.render().ansi().to_string();
    if error.use_stderr() {
        terminal::remark(text.trim_end());
        return Exit::BadInput;
    }
    terminal::answer(&text, Exit::Fine)
}

/// What is said when an invariant of ours breaks.
fn bug(report: &panic::PanicHookInfo<'_>) -> String {
    let what = report.payload_as_str().unwrap_or("no message came with it");
    let place = report.location().map_or_else(String::new, |location| {
        format!("\n  at {}:{}", location.file(), location.line())
    });
    format!(
        "this is a bug in drainsim, not in your scenario\n  {what}{place}\n\
         help: please report it with the scenario file, the seed and this text; version {}",
        env!("CARGO_PKG_VERSION")
    )
}
