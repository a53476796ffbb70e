//! Diagnostics: what is wrong with a scenario, where, and what to type instead.
//!
//! Everything found is collected, so that one reading of a file names all its problems. A
//! diagnostic is plain data; this module must never know a terminal, a colour or an exit code.

use std::fmt;

use super::codes::Code;

/// Most diagnostics that are shown; what lies behind is only counted.
pub const SHOWN: usize = 100;
/// Most diagnostics that are kept until they are sorted.
const KEPT: usize = 5_000;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The scenario cannot be run.
    Error,
    /// It can, but is unlikely to mean what its author thinks.
    Warning,
}

impl Severity {
    /// Its name: `error` or `warning`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// A text that diagnostics point into: a file, an argument, or a part of either.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceText {
    /// Its name: the path as given, or `--set`.
    pub name: String,
    /// The text, or the part of it that matters.
    pub text: String,
    /// Number of its first line \[>= 1\].
    pub first_line: usize,
}

/// A stretch of a source text \[bytes\].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Position of the text in [`Diagnostics::sources`].
    pub source: usize,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its entry in the registry.
    pub code: &'static Code,
    /// What is wrong, a lower-case fragment.
    pub message: String,
    /// Where; `None` when there is no text to point at.
    pub span: Option<Span>,
    /// What to say at that place, often empty.
    pub label: String,
    /// Other places that belong to it.
    pub related: Vec<(Span, String)>,
    /// What to type instead.
    pub help: Option<String>,
    /// Facts worth knowing.
    pub notes: Vec<String>,
}

impl Diagnostic {
    /// A problem of the kind `code`.
    pub fn new(code: &'static Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: clipped(message.into()),
            span: None,
            label: String::new(),
            related: Vec::new(),
            help: None,
            notes: Vec::new(),
        }
    }

    /// How bad it is: codes from `DS0900` on are warnings.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }

    /// Points at `span`.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// Says `label` at the place it points at.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = clipped(label.into());
        self
    }

    /// Points at another place, too.
    #[must_use]
    pub fn related(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related.push((span, label.into()));
        self
    }

    /// Says what to type instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(clipped(help.into()));
        self
    }

    /// Says what to type instead, where that is known.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help.map(clipped).or(self.help);
        self
    }

    /// Adds a fact worth knowing.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}

/// `text` with its middle left out if it is too long to be read, a value may have a megabyte; where
/// there are words, whole ones.
fn clipped(text: String) -> String {
    const LONGEST: usize = 400;
    if text.len() <= LONGEST {
        return text;
    }
    let characters = text.chars().count();
    let begin: String = text.chars().take(LONGEST / 2).collect();
    let skipped = characters.saturating_sub(LONGEST / 4);
    let end: String = text.chars().skip(skipped).collect();
    let begin = begin
        .rsplit_once(' ')
        .map_or(begin.as_str(), |(whole, _)| whole);
    let end = end.split_once(' ').map_or(end.as_str(), |(_, whole)| whole);
    format!("{begin} ... {end}")
}

/// Everything found in one scenario.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics {
    sources: Vec<SourceText>,
    items: Vec<Diagnostic>,
    not_kept: usize,
}

impl Diagnostics {
    /// Nothing found yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text that spans may point into and returns its position.
    pub fn add_source(&mut self, name: impl Into<String>, text: impl Into<String>) -> usize {
        self.add_part(name, text, 1)
    }

    /// Adds a part of a text, of which only its first line's number is known.
    pub fn add_part(
        &mut self,
        name: impl Into<String>,
        text: impl Into<String>,
        first_line: usize,
    ) -> usize {
        self.sources.push(SourceText {
            name: name.into(),
            text: text.into(),
            first_line,
        });
        self.sources.len() - 1
    }

    /// The texts that spans point into.
    pub fn sources(&self) -> &[SourceText] {
        &self.sources
    }

    /// The text under `span`.
    pub fn slice(&self, span: Span) -> &str {
        self.sources
            .get(span.source)
            .and_then(|source| source.text.get(span.start..span.end))
            .unwrap_or_default()
    }

    /// Adds a problem.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self.items.len() < KEPT {
            self.items.push(diagnostic);
        } else {
            self.not_kept += 1;
        }
    }

    /// Changes the problem added last.
    pub(super) fn amend_last(&mut self, change: impl FnOnce(Diagnostic) -> Diagnostic) {
        if self.not_kept == 0
            && let Some(last) = self.items.pop()
        {
            self.items.push(change(last));
        }
    }

    /// Problems found, those beyond the cap included.
    pub fn len(&self) -> usize {
        self.items.len() + self.not_kept
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Whether the scenario cannot be run.
    pub fn has_errors(&self) -> bool {
        self.items
            .iter()
            .any(|item| item.severity() == Severity::Error)
    }

    /// How many of `severity` there are; what is beyond the cap counts as errors.
    pub fn count(&self, severity: Severity) -> usize {
        let items = self.items.iter();
        let kept = items.filter(|item| item.severity() == severity).count();
        match severity {
            Severity::Error => kept + self.not_kept,
            Severity::Warning => kept,
        }
    }

    /// The problems to show, at most [`SHOWN`], in the order of the text.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.items.iter().take(SHOWN)
    }

    /// How many problems [`Self::iter`] leaves out.
    pub fn not_shown(&self) -> usize {
        self.items.len().saturating_sub(SHOWN) + self.not_kept
    }

    /// Whether suggestions are still worth their time: not when nobody will see them.
    pub(super) fn wants_suggestions(&self) -> bool {
        self.items.len() < SHOWN * 2
    }

    /// Puts everything in the order of the text; what points nowhere comes first.
    pub(super) fn sort(&mut self) {
        self.items.sort_by_key(|item| item.span);
        self.items.dedup();
    }

    /// Line and column \[characters, both >= 1\] of the start of `span`.
    pub fn position(&self, span: Span) -> Option<(usize, usize)> {
        let source = self.sources.get(span.source)?;
        let before = source.text.get(..span.start)?;
        let line = source.first_line + before.matches('\n').count();
        let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
        Some((line, column))
    }
}

impl fmt::Display for Diagnostics {
    /// One line a problem: `file:line:column: error[DS0301]: message`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, item) in self.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            if let Some(span) = item.span
                && let Some((line, column)) = self.position(span)
            {
                write!(f, "{}:{line}:{column}: ", self.sources[span.source].name)?;
            }
            let (severity, number) = (item.severity().name(), item.code.number);
            write!(f, "{severity}[{number}]: {}", item.message)?;
        }
        match self.not_shown() {
            0 => Ok(()),
            more => write!(f, "\nand {more} more"),
        }
    }
}

impl std::error::Error for Diagnostics {}

#[cfg(test)]
mod tests {
    use super::super::codes;
    use super::*;

    fn at(start: usize) -> Diagnostic {
        Diagnostic::new(&codes::UNKNOWN_KEY, format!("at {start}")).at(Span {
            source: 0,
            start,
            end: start + 1,
        })
    }

    #[test]
    fn diagnostics_come_in_the_order_of_the_text() {
        let mut found = Diagnostics::new();
        found.add_source("a.yaml", "one\ntwo\n");
        found.push(at(5));
        found.push(at(0));
        found.sort();
        assert_eq!(
            found.to_string(),
            "a.yaml:1:1: error[DS0303]: at 0\na.yaml:2:2: error[DS0303]: at 5"
        );
    }

    #[test]
    fn long_values_are_clipped_in_messages() {
        let problem = Diagnostic::new(&codes::UNKNOWN_KEY, "é".repeat(100_000)).help("short");
        assert!(problem.message.chars().count() < 400);
        assert_eq!(problem.help.as_deref(), Some("short"));
    }

    #[test]
    fn what_lies_behind_the_hundredth_is_counted() {
        let mut found = Diagnostics::new();
        found.add_source("a.yaml", "x".repeat(7_000));
        for start in 0..6_000 {
            found.push(at(start));
        }
        assert_eq!(found.iter().count(), SHOWN);
        assert_eq!(found.not_shown(), 5_900);
        assert_eq!(found.len(), 6_000);
    }
}
