//! Exit codes: what the process tells the shell.
//!
//! Fixed for scripts; this module must never know why a code was chosen.

/// How a command ended, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Exit {
    /// All is well.
    Fine,
    /// It ran and an expectation failed.
    Failed,
    /// The input was wrong or unreadable.
    BadInput,
    /// Output or permissions failed.
    Surroundings,
    /// Ctrl-C.
    Interrupted,
    /// An invariant of ours broke.
    Bug,
}

impl Exit {
    /// The code the shell sees.
    pub(super) fn code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Failed => 1,
            Self::BadInput => 2,
            Self::Surroundings => 3,
            Self::Interrupted => 130,
            Self::Bug => 101,
        }
    }
}
