//! `drainsim schema`: the JSON Schema of scenario files on stdout.
//!
//! It must never describe what the loader does not read.

use crate::cli::engine_room;
use crate::cli::exit::Exit;
use crate::cli::terminal;

/// Prints the schema.
pub(in crate::cli) fn schema() -> Exit {
    terminal::answer(&format!("{:#}\n", engine_room::schema()), Exit::Fine)
}
