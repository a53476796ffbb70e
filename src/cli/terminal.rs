//! The terminal: where data and remarks go, with colour only where a terminal wants it.
//!
//! A reader that hangs up early is no error. This module must never know what is said.

use std::io::{self, ErrorKind, IsTerminal, Write};

use super::exit::Exit;

/// How a word stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paint {
    /// Good news.
    Good,
    /// Bad news.
    Bad,
    /// A heading.
    Bold,
}

/// `text` in colour; the terminal strips the colour where none is wanted.
pub(super) fn paint(paint: Paint, text: &str) -> String {
    let code = match paint {
        Paint::Good => "1;32",
        Paint::Bad => "1;31",
        Paint::Bold => "1",
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}

/// Writes data to stdout. A reader that has hung up changes nothing; any other failure does.
pub(super) fn answer(text: &str, exit: Exit) -> Exit {
    let mut stdout = anstream::stdout();
    let written = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
    match written {
        Ok(()) => exit,
        Err(error) if error.kind() == ErrorKind::BrokenPipe => exit,
        Err(error) => {
            complain(&format!("cannot write to stdout: {error}"));
            exit.max(Exit::Surroundings)
        }
    }
}

/// Writes a remark to stderr. Where that fails there is nobody left to tell.
pub(super) fn remark(text: &str) {
    let mut stderr = anstream::stderr();
    drop(writeln!(stderr, "{text}").and_then(|()| stderr.flush()));
}

/// Writes an error to stderr.
pub(super) fn complain(text: &str) {
    remark(&format!("{} {text}", paint(Paint::Bad, "error:")));
}

/// Whether stderr is watched by a person.
pub(super) fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// Whether stderr wants colour.
pub(super) fn wants_colour() -> bool {
    anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never
}
