//! `drainsim list`: everything that can be named, a line each.
//!
//! With `--long` everything about one topic. It must never have words of its own.

use crate::cli::args::ListArguments;
use crate::cli::exit::Exit;
use crate::cli::terminal::{self, Paint, paint};
use crate::cli::{operations, page_text, reference, text};
use crate::describe::Page;

/// Lists every topic, or one.
pub(in crate::cli) fn list(arguments: &ListArguments) -> Exit {
    let pages = reference::pages();
    let topics = reference::topics(&pages);
    let Some(wanted) = &arguments.topic else {
        let texts: Vec<String> = topics.iter().map(|topic| section(&pages, topic)).collect();
        return terminal::answer(&texts.join("\n"), Exit::Fine);
    };
    if let Some(topic) = topics.iter().find(|topic| is_called(topic, wanted)) {
        let text = if arguments.long {
            in_full(&pages, topic)
        } else {
            lines(&pages, topic)
        };
        return terminal::answer(&text, Exit::Fine);
    }
    let plurals: Vec<String> = topics.iter().map(|topic| plural(topic)).collect();
    terminal::complain(&format!(
        "no topic is called `{wanted}`\nhelp: there are {}",
        plurals.join(", ")
    ));
    Exit::BadInput
}

/// The plural of a topic.
fn plural(topic: &str) -> String {
    topic
        .strip_suffix("process")
        .map_or_else(|| format!("{topic}s"), |stem| format!("{stem}processes"))
}

/// Whether `word` is the singular or plural of `topic`, blanks written in any way or its last word.
fn is_called(topic: &str, word: &str) -> bool {
    let plain = |text: &str| text.to_ascii_lowercase().replace([' ', '-'], "_");
    let word = plain(word);
    let plural = plural(topic);
    let last = |text: &str| text.rsplit(' ').next().unwrap_or(text).to_owned();
    let first = topic.split(' ').next().unwrap_or(topic);
    [topic.to_owned(), plural.clone(), last(topic), last(&plural)]
        .iter()
        .any(|name| plain(name) == word)
        || first == word
        || format!("{first}s") == word
}

/// Everything there is to say: operations as in the docs, other topics as `explain` says it.
fn in_full(pages: &[Page], topic: &str) -> String {
    if topic == "operation" {
        return operations::page();
    }
    let pages = pages.iter().filter(|page| page.topic == topic);
    let texts: Vec<String> = pages.map(page_text::page).collect();
    texts.join("\n")
}

fn section(pages: &[Page], topic: &str) -> String {
    let heading = paint(Paint::Bold, &plural(topic));
    format!("{heading}\n{}", lines(pages, topic))
}

fn lines(pages: &[Page], topic: &str) -> String {
    let mut rows: Vec<(&str, &str)> = Vec::new();
    for page in pages.iter().filter(|page| page.topic == topic) {
        let row = (page.name.as_str(), page.summary.as_str());
        // An attribute that several kinds share is one name.
        if rows.iter().all(|other| other.0 != row.0) {
            rows.push(row);
        }
    }
    let width = rows
        .iter()
        .map(|row| text::length(row.0))
        .max()
        .unwrap_or(0);
    let mut lines = String::new();
    for (name, summary) in rows {
        let line = format!("  {}  {summary}\n", text::left(name, width));
        lines.push_str(&line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_called_by_singular_plural_and_their_main_word() {
        for word in ["loss cause", "loss-causes", "causes", "cause"] {
            assert!(is_called("loss cause", word), "{word}");
        }
        assert!(is_called("arrival process", "arrivals"));
        assert!(is_called("arrival process", "arrival_processes"));
        assert!(!is_called("loss cause", "operation"));
    }

    #[test]
    fn every_page_is_listed_once() {
        let pages = reference::pages();
        for topic in reference::topics(&pages) {
            let listed = lines(&pages, topic);
            for page in pages.iter().filter(|page| page.topic == topic) {
                let count = listed
                    .lines()
                    .filter(|line| line.split_whitespace().next() == page.name.split(' ').next())
                    .count();
                assert!(count >= 1, "{}", page.name);
            }
        }
    }
}
