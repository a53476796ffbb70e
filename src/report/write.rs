//! Report files: the only place that writes any.
//!
//! Everything is rendered before the first byte is written, and each file appears whole or not at
//! all. A folder that holds anything else than reports is refused, so nothing of the user's is ever
//! overwritten. It must never decide what a report holds.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{REPORTS, ReportError, ReportOptions};
use crate::experiment::outcome::Outcome;

/// Why reports could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The folder, or a file in it, cannot be read, created or written.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// What was tried: `create`, `read`, `write`.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The output path is a file.
    #[error("`{}` is not a folder", .0.display())]
    NotAFolder(PathBuf),
    /// The folder holds something that is no report.
    #[error("`{}` holds `{foreign}`, which is no report of drainsim", folder.display())]
    Foreign {
        /// The folder.
        folder: PathBuf,
        /// The first entry, in the order of names, that is no report.
        foreign: String,
    },
    /// A report could not be rendered.
    #[error("report `{report}`: {source}")]
    Report {
        /// Which one.
        report: &'static str,
        /// Why.
        source: ReportError,
    },
}

/// A folder that was found fit to hold reports.
#[derive(Debug)]
pub struct OutputFolder {
    path: PathBuf,
    created: bool,
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> WriteError {
    let path = path.to_owned();
    move |source| WriteError::Io {
        action,
        path,
        source,
    }
}

const TEMPORARY: (&str, &str) = (".drainsim-", ".tmp");

/// Whether drainsim may overwrite a file of this name; hidden files are nobody's report and stay.
fn is_ours(name: &str) -> bool {
    name.starts_with('.') || REPORTS.iter().any(|report| report.name() == name)
}

impl OutputFolder {
    /// Creates `path` if it is missing and makes sure that reports can be written into it.
    ///
    /// # Errors
    /// [`WriteError`] when it is a file, holds something that is no report, or is not writable.
    pub fn open(path: &Path) -> Result<Self, WriteError> {
        if path.exists() && !path.is_dir() {
            return Err(WriteError::NotAFolder(path.to_owned()));
        }
        let created = !path.exists();
        fs::create_dir_all(path).map_err(failed("create", path))?;
        let folder = Self {
            path: path.to_owned(),
            created,
        };
        if let Some(foreign) = folder.first_foreign()? {
            return Err(WriteError::Foreign {
                folder: folder.path,
                foreign,
            });
        }
        let probe = folder.temporary("probe");
        write_file(&probe, b"").map_err(failed("write into", path))?;
        fs::remove_file(&probe).map_err(failed("write into", path))?;
        Ok(folder)
    }

    fn temporary(&self, name: &str) -> PathBuf {
        self.path
            .join(format!("{}{name}{}", TEMPORARY.0, TEMPORARY.1))
    }

    fn first_foreign(&self) -> Result<Option<String>, WriteError> {
        let mut foreign: Option<String> = None;
        for entry in fs::read_dir(&self.path).map_err(failed("read", &self.path))? {
            let entry = entry.map_err(failed("read", &self.path))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_file = entry.file_type().is_ok_and(|kind| !kind.is_dir());
            let earlier = foreign.as_ref().is_none_or(|first| name < *first);
            if !(is_ours(&name) && (is_file || name.starts_with('.'))) && earlier {
                foreign = Some(name);
            }
        }
        Ok(foreign)
    }

    /// Renders every report, pictures only with `plots`, and writes them; reports of an earlier run
    /// that are not written this time are removed, so the folder never mixes two runs.
    ///
    /// # Errors
    /// [`WriteError`] when a report cannot be rendered (nothing is written then) or the disk
    /// refuses.
    pub fn write(
        &self,
        outcome: &Outcome,
        options: &ReportOptions,
        plots: bool,
    ) -> Result<(), WriteError> {
        let mut files = Vec::new();
        for report in REPORTS.iter().filter(|report| plots || !report.is_plot()) {
            let bytes = report
                .render(outcome, options)
                .map_err(|source| WriteError::Report {
                    report: report.name(),
                    source,
                })?;
            files.push((report.name(), bytes));
        }
        let stored = files.iter().try_for_each(|(name, bytes)| {
            let temporary = self.temporary(name);
            write_file(&temporary, bytes).map_err(failed("write", &self.path.join(name)))
        });
        if let Err(error) = stored {
            for (name, _) in &files {
                // Cleaning up is a courtesy; the error that led here is the one to tell.
                drop(fs::remove_file(self.temporary(name)));
            }
            return Err(error);
        }
        for report in REPORTS {
            let place = self.path.join(report.name());
            if files.iter().any(|(name, _)| *name == report.name()) {
                fs::rename(self.temporary(report.name()), &place)
                    .map_err(failed("write", &place))?;
            } else if place.exists() {
                fs::remove_file(&place).map_err(failed("remove", &place))?;
            }
        }
        Ok(())
    }

    /// Takes the folder away again if it was created here and nothing was written into it.
    pub fn discard(self) {
        if self.created {
            // It fails on a folder that is not empty, which is what is wanted.
            drop(fs::remove_dir(&self.path));
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this module is the one that writes files"
)]
fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::write(path, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Report, report, sample};

    fn names(path: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(path)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn writes_every_report_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/deep");
        let output = OutputFolder::open(&path).unwrap();
        let outcome = sample::detach_two();
        output
            .write(&outcome, &ReportOptions::default(), false)
            .unwrap();
        let mut expected: Vec<String> = REPORTS
            .iter()
            .filter(|report| !report.is_plot())
            .map(|report| report.name().to_owned())
            .collect();
        expected.sort();
        assert_eq!(names(&path), expected);
    }

    #[test]
    fn a_second_run_leaves_no_picture_of_the_first() {
        let folder = tempfile::tempdir().unwrap();
        write_file(&folder.path().join("losses.csv"), b"old").unwrap();
        if let Some(plot) = REPORTS.iter().find(|report| report.is_plot()) {
            write_file(&folder.path().join(plot.name()), b"old").unwrap();
        }
        let output = OutputFolder::open(folder.path()).unwrap();
        let outcome = sample::detach_two();
        output
            .write(&outcome, &ReportOptions::default(), false)
            .unwrap();
        let pictures = |name: &String| report(name).is_some_and(Report::is_plot);
        assert!(!names(folder.path()).iter().any(pictures));
        let length = fs::metadata(folder.path().join("losses.csv"))
            .unwrap()
            .len();
        assert_ne!(length, 3);
    }

    #[test]
    fn a_folder_with_anything_else_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        write_file(&folder.path().join("thesis.tex"), b"mine").unwrap();
        let error = OutputFolder::open(folder.path()).unwrap_err();
        assert!(
            matches!(error, WriteError::Foreign { ref foreign, .. } if foreign == "thesis.tex")
        );
        let file = folder.path().join("thesis.tex");
        assert!(matches!(
            OutputFolder::open(&file).unwrap_err(),
            WriteError::NotAFolder(_)
        ));
    }

    #[test]
    fn a_discarded_folder_is_gone_unless_it_was_there_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new");
        OutputFolder::open(&path).unwrap().discard();
        assert!(!path.exists());
        OutputFolder::open(folder.path()).unwrap().discard();
        assert!(folder.path().exists());
    }
}
