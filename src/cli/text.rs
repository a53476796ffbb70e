//! Text in columns: wrapping and padding by characters.
//!
//! It must never know what the words mean.

/// Width of everything printed for people \[characters\].
pub(super) const WIDTH: usize = 80;

/// Number of characters of `text`.
pub(super) fn length(text: &str) -> usize {
    text.chars().count()
}

/// `text` and spaces up to `width`.
pub(super) fn left(text: &str, width: usize) -> String {
    let pad = width.saturating_sub(length(text));
    format!("{text}{}", " ".repeat(pad))
}

/// Spaces and `text` up to `width`.
pub(super) fn right(text: &str, width: usize) -> String {
    let pad = width.saturating_sub(length(text));
    format!("{}{text}", " ".repeat(pad))
}

/// `text`, shortened with `…` to `width`.
pub(super) fn fit(text: &str, width: usize) -> String {
    if length(text) <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{kept}…")
}

/// `text` in lines of at most [`WIDTH`] behind `indent` spaces; longer words stand alone.
pub(super) fn wrap(text: &str, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let room = WIDTH.saturating_sub(indent).max(20);
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        // What is already laid out, such as an example, stays as it is.
        if paragraph.starts_with(' ') {
            lines.push(format!("{pad}{paragraph}"));
            continue;
        }
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && length(&line) + 1 + length(word) > room {
                lines.push(format!("{pad}{line}"));
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(format!("{pad}{line}").trim_end().to_owned());
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapped_lines_fit_and_lose_no_word() {
        let text = "one two three four five six seven eight nine ten ".repeat(9);
        let wrapped = wrap(&text, 6);
        assert!(wrapped.lines().all(|line| length(line) <= WIDTH));
        assert!(wrapped.lines().all(|line| line.starts_with("      ")));
        let words: Vec<&str> = wrapped.split_whitespace().collect();
        assert_eq!(words, text.split_whitespace().collect::<Vec<_>>());
    }

    #[test]
    fn padding_counts_characters() {
        assert_eq!(left("µs", 4), "µs  ");
        assert_eq!(right("µs", 4), "  µs");
        assert_eq!(fit("abcdef", 4), "abc…");
    }
}
