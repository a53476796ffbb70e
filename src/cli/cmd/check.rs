//! `drainsim check`: reads and validates scenarios, with all their variants, and runs none.
//!
//! All problems of all files come at once. It must never write a file.

use std::path::Path;

use crate::cli::args::{Changes, CheckArguments};
use crate::cli::exit::Exit;
use crate::cli::{engine_room, terminal};
use crate::scenario::diagnostic::Diagnostics;

/// Checks every file.
pub(in crate::cli) fn check(arguments: &CheckArguments) -> Exit {
    let mut exit = Exit::Fine;
    for path in &arguments.files {
        let result = check_file(path, &arguments.changes, arguments.quiet);
        exit = exit.max(match result {
            Ok(line) if arguments.quiet => {
                drop(line);
                Exit::Fine
            }
            Ok(line) => terminal::answer(&line, Exit::Fine),
            Err(()) => Exit::BadInput,
        });
    }
    exit
}

/// Checks a file and its variants; the line to print if all are well.
fn check_file(path: &Path, changes: &Changes, quiet: bool) -> Result<String, ()> {
    let tell = |problems: &Diagnostics| {
        terminal::remark(&engine_room::problems(problems, terminal::wants_colour()));
    };
    let loaded = engine_room::load(path, changes, None).map_err(|problems| tell(&problems))?;
    if !loaded.warnings.is_empty() && !quiet {
        tell(&loaded.warnings);
    }
    let mut others = Vec::new();
    if changes.variant.is_none() {
        others.clone_from(&loaded.scenario.variants);
    }
    let mut well = Ok(());
    for variant in &others {
        let changes = Changes {
            variant: Some(variant.clone()),
            ..changes.clone()
        };
        if let Err(problems) = engine_room::load(path, &changes, None) {
            terminal::complain(&format!("variant `{variant}` of `{}`", path.display()));
            tell(&problems);
            well = Err(());
        }
    }
    well?;
    let variants = match others.len() {
        0 => String::new(),
        1 => ", 1 variant".to_owned(),
        count => format!(", {count} variants"),
    };
    let entries = loaded.scenario.timeline.len();
    let plural = if entries == 1 { "entry" } else { "entries" };
    Ok(format!(
        "{}: ok ({entries} timeline {plural}{variants})\n",
        path.display()
    ))
}
