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

/// The lines around a place, and where it is in them.
struct Excerpt<'f> {
    name: &'f str,
    text: &'f str,
    first_line: usize,
    start: usize,
    end: usize,
}

fn excerpt(found: &Diagnostics, span: Span) -> Option<Excerpt<'_>> {
    let source = found.sources().get(span.source)?;
    let text = source.text.as_str();
    let before = text.get(..span.start)?;
    let begin = before.rfind('\n').map_or(0, |at| at + 1);
    let mut stop = begin;
    for line in text[begin..].split_inclusive('\n').take(LINES) {
        stop += line.len();
        if stop >= span.end {
            break;
        }
    }
    let shown = text[begin..stop].trim_end_matches(['\r', '\n']);
    let start = (span.start - begin).min(shown.len());
    let end = (span.end - begin).clamp(start, shown.len());
    Some(Excerpt {
        name: &source.name,
        text: shown,
        first_line: source.first_line + before.matches('\n').count(),
        start,
        end,
    })
}

fn one(found: &Diagnostics, diagnostic: &Diagnostic, renderer: &Renderer) -> String {
    let level = match diagnostic.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(diagnostic.message.as_str());
    let mut group = Group::with_title(title.id(diagnostic.code.number));
    if let Some(place) = diagnostic.span.and_then(|span| excerpt(found, span)) {
        let mut mark = AnnotationKind::Primary.span(place.start..place.end);
        if !diagnostic.label.is_empty() {
            mark = mark.label(diagnostic.label.as_str());
        }
        group = group.element(
            Snippet::source(place.text)
                .line_start(place.first_line)
                .path(place.name)
                .annotation(mark),
        );
    }
    for (span, label) in &diagnostic.related {
        if let Some(place) = excerpt(found, *span) {
            group = group.element(
                Snippet::source(place.text)
                    .line_start(place.first_line)
                    .path(place.name)
                    .annotation(
                        AnnotationKind::Context
                            .span(place.start..place.end)
                            .label(label.as_str()),
                    ),
            );
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
