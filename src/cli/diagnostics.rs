//! Diagnostics on a terminal: the lines they are about, marked, with help below.
//!
//! This module must never decide what is a problem.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::scenario::diagnostic::{Diagnostic, Diagnostics, Severity, Span};

/// Most lines shown of one place.
const LINES: usize = 3;

/// Everything in `found` as text, with colours if `colour`.
pub fn render(found: &Diagnostics, colour: bool) -> String {
    let renderer = if colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let mut out = String::new();
    for diagnostic in found.iter() {
        out.push_str(&one(found, diagnostic, &renderer));
        out.push_str("\n\n");
    }
    match found.not_shown() {
        0 => {}
        more => {
            out.push_str("and ");
            out.push_str(&more.to_string());
            out.push_str(" more\n\n");
        }
    }
    out.push_str(&summary(found));
    out
}

/// `3 errors, 1 warning`
fn summary(found: &Diagnostics) -> String {
    let counted = |count: usize, what: &str| match count {
        0 => None,
        1 => Some(format!("1 {what}")),
        more => Some(format!("{more} {what}s")),
    };
    let parts = [
        counted(found.count(Severity::Error), "error"),
        counted(found.count(Severity::Warning), "warning"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() {
        return String::new();
    }
    format!("{}\n", parts.join(", "))
}

fn one(found: &Diagnostics, diagnostic: &Diagnostic, renderer: &Renderer) -> String {
    let level = match diagnostic.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(diagnostic.message.as_str());
    let mut group = Group::with_title(title.id(diagnostic.code.number));
    let primary = diagnostic.span.map(|span| Mark {
        span,
        label: &diagnostic.label,
        kind: AnnotationKind::Primary,
    });
    let related = diagnostic.related.iter().map(|(span, label)| Mark {
        span: *span,
        label,
        kind: AnnotationKind::Context,
    });
    let marks: Vec<Mark<'_>> = primary.into_iter().chain(related).collect();
    for near in together(found, &marks) {
        if let Some(snippet) = snippet(found, &near) {
            group = group.element(snippet);
        }
    }
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(note.as_str()));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    renderer.render(&[group])
}

/// A place to mark and what to say there.
#[derive(Clone, Copy)]
struct Mark<'d> {
    span: Span,
    label: &'d str,
    kind: AnnotationKind,
}

/// Marks that are shown in one piece of text: those near the first one of the same text.
fn together<'d>(found: &Diagnostics, marks: &[Mark<'d>]) -> Vec<Vec<Mark<'d>>> {
    let mut pieces: Vec<Vec<Mark<'d>>> = Vec::new();
    for mark in marks {
        let piece = pieces.iter_mut().find(|piece| {
            let first = piece[0].span;
            let between = Span {
                source: first.source,
                start: first.start.min(mark.span.start),
                end: first.end.max(mark.span.end),
            };
            let near = found.slice(between).matches('\n').count() < 200;
            first.source == mark.span.source && near
        });
        match piece {
            Some(piece) => piece.push(*mark),
            None => pieces.push(vec![*mark]),
        }
    }
    pieces
}

/// The lines of the marks, which are in one text; lines between them are folded away.
fn snippet<'d>(
    found: &'d Diagnostics,
    marks: &[Mark<'d>],
) -> Option<Snippet<'d, annotate_snippets::Annotation<'d>>> {
    let first = marks.iter().min_by_key(|mark| mark.span.start)?;
    let last = marks.iter().max_by_key(|mark| mark.span.start)?;
    let source = found.sources().get(first.span.source)?;
    let text = source.text.as_str();
    let before = text.get(..first.span.start)?;
    let begin = before.rfind('\n').map_or(0, |at| at + 1);
    let stop = end_of_lines(text, last.span);
    let shown = text.get(begin..stop)?.trim_end_matches(['\r', '\n']);
    let first_line = source.first_line + before.matches('\n').count();
    let mut snippet = Snippet::source(shown)
        .line_start(first_line)
        .path(&source.name);
    for mark in marks {
        let start = mark.span.start.saturating_sub(begin).min(shown.len());
        let end = mark.span.end.min(end_of_lines(text, mark.span));
        let end = end.saturating_sub(begin).clamp(start, shown.len());
        let mut annotation = mark.kind.span(start..end);
        if !mark.label.is_empty() {
            annotation = annotation.label(mark.label);
        }
        snippet = snippet.annotation(annotation);
    }
    Some(snippet)
}

/// Where the lines of `span` end, at most [`LINES`] of them.
fn end_of_lines(text: &str, span: Span) -> usize {
    let mut stop = span.start;
    for line in text
        .get(span.start..)
        .unwrap_or_default()
        .split_inclusive('\n')
        .take(LINES)
    {
        stop += line.len();
        if stop >= span.end {
            break;
        }
    }
    stop
}
