//! Reading files: the only place of the program that does.
//!
//! A file is read whole or refused with a reason; the size is known before a byte is read and
//! bounded while reading, so a device or a growing file cannot eat the memory. This module must
//! never know what is in a file.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Component, Path, PathBuf};

use super::codes;
use super::diagnostic::Diagnostic;

/// Largest scenario file \[bytes\].
pub const SCENARIO_LIMIT: u64 = 4 * 1024 * 1024;
/// Largest CSV file \[bytes\].
pub const CSV_LIMIT: u64 = 256 * 1024 * 1024;

/// The text of the file at `path`, at most `limit` bytes of it.
///
/// # Errors
/// When it is missing, no plain file, too large, or not UTF-8.
pub(super) fn read(path: &Path, limit: u64) -> Result<String, Box<Diagnostic>> {
    let name = path.display();
    let metadata = std::fs::metadata(path).map_err(|error| Box::new(unreadable(path, &error)))?;
    if metadata.is_dir() {
        let message = format!("`{name}` is a directory, not a file");
        let problem = Diagnostic::new(&codes::UNREADABLE, message);
        return Err(Box::new(problem.help("name the file in it")));
    }
    if !metadata.is_file() {
        let message = format!("`{name}` is not a regular file");
        return Err(Box::new(Diagnostic::new(&codes::UNREADABLE, message)));
    }
    if metadata.len() > limit {
        return Err(Box::new(too_large(path, limit)));
    }
    let file = File::open(path).map_err(|error| Box::new(unreadable(path, &error)))?;
    let mut bytes = Vec::new();
    file.take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Box::new(unreadable(path, &error)))?;
    if bytes.len() as u64 > limit {
        return Err(Box::new(too_large(path, limit)));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let message = format!("`{name}` is not UTF-8 text: byte {offset} fits no character");
        let problem = Diagnostic::new(&codes::NOT_UTF8, message);
        Box::new(problem.help("save the file as UTF-8"))
    })?;
    match text.strip_prefix('\u{feff}') {
        Some(rest) => Ok(rest.to_owned()),
        None => Ok(text),
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostic {
    let name = path.display();
    let message = if error.kind() == ErrorKind::NotFound {
        format!("there is no file `{name}`")
    } else if error.kind() == ErrorKind::PermissionDenied {
        format!("`{name}` may not be read: permission denied")
    } else {
        format!("`{name}` cannot be read: {error}")
    };
    Diagnostic::new(&codes::UNREADABLE, message)
}

fn too_large(path: &Path, limit: u64) -> Diagnostic {
    let mebibytes = limit / (1024 * 1024);
    Diagnostic::new(
        &codes::TOO_LARGE,
        format!("`{}` is larger than {mebibytes} MiB", path.display()),
    )
    .note("files are held in memory, so their size is limited")
}

/// Where `name` written in a scenario in `folder` points to.
///
/// # Errors
/// When it leaves the folder and is not `trusted`: a scenario from elsewhere must not read just any
/// file.
pub(super) fn resolve(
    folder: &Path,
    name: &str,
    trusted: bool,
) -> Result<PathBuf, Box<Diagnostic>> {
    let path = Path::new(name);
    let leaves = path
        .components()
        .any(|part| !matches!(part, Component::Normal(_) | Component::CurDir));
    if leaves && !trusted {
        let message = format!("`{name}` is not below the folder of the scenario");
        let problem = Diagnostic::new(&codes::OUTSIDE_FOLDER, message).help(
            "move the file beside the scenario, or give its path on the command line with `--set`",
        );
        return Err(Box::new(problem));
    }
    Ok(folder.join(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_larger_than_its_limit_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("big");
        let file = File::create(&path).unwrap();
        file.set_len(11).unwrap();
        assert_eq!(read(&path, 10).unwrap_err().code.number, "DS0102");
        assert_eq!(read(&path, 11).unwrap().len(), 11);
    }

    #[test]
    fn a_directory_and_a_missing_file_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path(), 10).unwrap_err().code.number, "DS0101");
        let missing = folder.path().join("missing");
        assert_eq!(read(&missing, 10).unwrap_err().code.number, "DS0101");
    }

    #[test]
    fn only_a_trusted_path_may_leave_the_folder() {
        let folder = Path::new("scenarios");
        for path in ["../secret.csv", "/etc/passwd", "a/../../b.csv"] {
            assert!(resolve(folder, path, false).is_err(), "{path}");
            assert!(resolve(folder, path, true).is_ok(), "{path}");
        }
        let below = resolve(folder, "./data/trace.csv", false).unwrap();
        assert!(below.ends_with("data/trace.csv"));
    }
}
