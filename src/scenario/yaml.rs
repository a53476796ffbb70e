//! Reading YAML into a tree.
//!
//! YAML 1.2, so JSON is read as it is and `no` is text. It stands on the events of the parser, not
//! on a deserialiser, because every key and value must know its place. Depth, size and aliases are
//! bounded here, so nothing above needs to fear a file. This module must never know what a key
//! means.

use std::borrow::Cow;
use std::collections::BTreeMap;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Tag};

use super::codes;
use super::diagnostic::{Diagnostic, Diagnostics, Span};
use super::tree::{Key, Node, Value};

/// Most levels of maps and lists inside one another.
const DEPTH_LIMIT: usize = 64;
/// Most values in a file, aliases counted as often as they are used.
const NODE_LIMIT: usize = 200_000;

/// The tree of `text`, which is the part of source `source` that begins at byte `offset`.
///
/// Problems go to `found`; `None` when there is no tree to go on with.
pub(super) fn parse(
    text: &str,
    source: usize,
    offset: usize,
    found: &mut Diagnostics,
) -> Option<Node> {
    let options = granit_parser::options! {
        emit_comments: false,
        flow_nesting_limit: DEPTH_LIMIT * 2,
        block_nesting_limit: DEPTH_LIMIT * 2,
        max_directive_bytes: 128,
    };
    let mut composer = Composer {
        text,
        source,
        offset,
        events: Parser::new_from_str_with_options(text, options),
        anchors: BTreeMap::new(),
        nodes: 0,
        tag: None,
        found,
    };
    match composer.document() {
        Ok(node) => node,
        Err(problem) => {
            composer.found.push(*problem);
            None
        }
    }
}

type Events<'t> = Parser<'t, granit_parser::StrInput<'t>>;

struct Composer<'t, 'd> {
    text: &'t str,
    source: usize,
    offset: usize,
    events: Events<'t>,
    /// Anchored values with their number of nodes and depth; `None` while still being read.
    anchors: BTreeMap<usize, Option<(Node, usize, usize)>>,
    nodes: usize,
    /// Where the tag of the last event stands.
    tag: Option<Span>,
    found: &'d mut Diagnostics,
}

/// A problem that ends the reading.
type Fatal = Box<Diagnostic>;

impl<'t> Composer<'t, '_> {
    fn next(&mut self) -> Result<(Event<'t>, Span), Fatal> {
        match self.events.next_event() {
            Some(Ok((event, span))) => {
                let range = span.byte_range().unwrap_or(0..0);
                let tag = span.tag_span().and_then(|tag| tag.byte_range());
                self.tag = tag.map(|tag| self.span(tag.start, tag.end));
                Ok((event, self.span(range.start, range.end)))
            }
            Some(Err(error)) => Err(self.syntax(&error)),
            None => Ok((
                Event::StreamEnd,
                self.span(self.text.len(), self.text.len()),
            )),
        }
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span {
            source: self.source,
            start: self.offset + start,
            end: self.offset + end.max(start),
        }
    }

    fn syntax(&self, error: &ScanError) -> Fatal {
        use granit_parser::ErrorKind;
        let start = error.marker().byte_offset().unwrap_or(0);
        let start = floor_boundary(self.text, start);
        let end = self.text[start..]
            .chars()
            .next()
            .map_or(start, |next| start + next.len_utf8());
        let kind = error.kind();
        let problem = if matches!(kind, ErrorKind::UnknownAnchor) {
            Diagnostic::new(&codes::SYNTAX, "the alias names no anchor above it")
                .help("a value that begins with `*` must be quoted")
        } else if kind.to_string().contains("nesting limit")
            || kind.to_string().contains("recursion limit")
        {
            too_deep()
        } else {
            let hint = self.syntax_help(start);
            Diagnostic::new(&codes::SYNTAX, format!("this is not YAML: {kind}")).maybe_help(hint)
        };
        Box::new(problem.at(self.span(start, end)))
    }

    /// What usually lies behind a syntax error at byte `start`.
    fn syntax_help(&self, start: usize) -> Option<String> {
        let line_start = self.text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line = self.text[line_start..].lines().next().unwrap_or_default();
        if line
            .chars()
            .take_while(|c| c.is_whitespace())
            .any(|c| c == '\t')
        {
            return Some("indent with spaces; YAML does not allow tabs there".to_owned());
        }
        if let Some((bracket, line)) = unclosed(&self.text[..start]) {
            return Some(format!(
                "close the `{bracket}` of line {line}, or put quotes around it"
            ));
        }
        if line.matches(": ").count() > 1 && !line.contains('{') {
            return Some("put quotes around a text that contains `: `".to_owned());
        }
        None
    }

    fn document(&mut self) -> Result<Option<Node>, Fatal> {
        let mut root = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => return Ok(root),
                Event::DocumentStart(..) if root.is_some() => {
                    return Err(Box::new(
                        Diagnostic::new(&codes::UNSUPPORTED_YAML, "a second document begins here")
                            .at(span)
                            .help("write one scenario a file, and drop the `---`"),
                    ));
                }
                Event::DocumentStart(..) => {
                    let (event, span) = self.next()?;
                    root = Some(self.node(event, span, 0)?.0);
                }
                // A value outside a document does not exist; the rest is punctuation.
                Event::StreamStart
                | Event::DocumentEnd
                | Event::Alias(_)
                | Event::Anchor(..)
                | Event::UnresolvedAlias(_)
                | Event::Scalar(..)
                | Event::SequenceStart(..)
                | Event::SequenceEnd
                | Event::MappingStart(..)
                | Event::MappingEnd
                | _ => {}
            }
        }
    }

    /// One value, with its number of nodes and its depth.
    fn node(
        &mut self,
        event: Event<'t>,
        span: Span,
        depth: usize,
    ) -> Result<(Node, usize, usize), Fatal> {
        if depth > DEPTH_LIMIT {
            return Err(Box::new(too_deep().at(span)));
        }
        self.count(1, span)?;
        let (anchor, read) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value = self.scalar(text, style, tag.as_deref(), span);
                (anchor, (Node { value, span }, 1, 1))
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.open(anchor, tag.as_deref(), span);
                (anchor, self.list(span, depth)?)
            }
            Event::MappingStart(_, anchor, tag) => {
                self.open(anchor, tag.as_deref(), span);
                (anchor, self.map(span, depth)?)
            }
            Event::Alias(id) => return self.alias(id, span, depth),
            Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(..)
            | Event::DocumentEnd
            | Event::Anchor(..)
            | Event::UnresolvedAlias(_)
            | Event::SequenceEnd
            | Event::MappingEnd => {
                return Err(Box::new(
                    Diagnostic::new(&codes::SYNTAX, "a value is missing here").at(span),
                ));
            }
            _ => (
                0,
                (
                    Node {
                        value: Value::Null,
                        span,
                    },
                    1,
                    1,
                ),
            ),
        };
        if anchor != 0 {
            self.anchors.insert(anchor, Some(read.clone()));
        }
        Ok(read)
    }

    fn open(&mut self, anchor: usize, tag: Option<&Tag>, span: Span) {
        if anchor != 0 {
            self.anchors.insert(anchor, None);
        }
        if let Some(tag) = tag
            && !tag.is_yaml_core_schema()
        {
            self.refuse_tag(tag, span);
        }
    }

    fn refuse_tag(&mut self, tag: &Tag, span: Span) {
        self.found.push(
            Diagnostic::new(
                &codes::UNSUPPORTED_YAML,
                format!("the tag `{}` means nothing here", tag.original()),
            )
            .at(self.tag.unwrap_or(span))
            .help("remove the tag; a value's kind follows from its key"),
        );
    }

    fn count(&mut self, more: usize, span: Span) -> Result<(), Fatal> {
        self.nodes += more;
        if self.nodes <= NODE_LIMIT {
            return Ok(());
        }
        Err(Box::new(
            Diagnostic::new(
                &codes::TOO_MANY_VALUES,
                "the file has more than 200,000 values",
            )
            .at(span)
            .label("the limit is passed here")
            .note("an alias counts as often as it is used, with everything in it"),
        ))
    }

    fn alias(
        &mut self,
        id: usize,
        span: Span,
        depth: usize,
    ) -> Result<(Node, usize, usize), Fatal> {
        let Some(Some((_, nodes, levels))) = self.anchors.get(&id) else {
            return Err(Box::new(
                Diagnostic::new(
                    &codes::SYNTAX,
                    "the alias stands inside the value it repeats",
                )
                .at(span),
            ));
        };
        let (nodes, levels) = (*nodes, *levels);
        if depth + levels > DEPTH_LIMIT + 1 {
            return Err(Box::new(too_deep().at(span)));
        }
        // Counted before it is copied, so too much is never copied.
        self.count(nodes, span)?;
        let node = self.anchors.get(&id).and_then(Option::as_ref);
        let (node, ..) = node.expect("it was there a moment ago");
        let mut node = node.clone();
        node.span = span;
        Ok((node, nodes, levels))
    }

    fn list(&mut self, start: Span, depth: usize) -> Result<(Node, usize, usize), Fatal> {
        let (mut items, mut nodes, mut levels) = (Vec::new(), 1, 0);
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::SequenceEnd) {
                let span = self.whole(start, span);
                let value = Value::List(items);
                return Ok((Node { value, span }, nodes, levels + 1));
            }
            let (item, more, below) = self.node(event, span, depth + 1)?;
            items.push(item);
            nodes += more;
            levels = levels.max(below);
        }
    }

    fn map(&mut self, start: Span, depth: usize) -> Result<(Node, usize, usize), Fatal> {
        let mut entries: Vec<(Key, Node)> = Vec::new();
        let mut first: BTreeMap<String, Span> = BTreeMap::new();
        let (mut nodes, mut levels) = (1, 0);
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::MappingEnd) {
                let span = self.whole(start, span);
                let value = Value::Map(entries);
                return Ok((Node { value, span }, nodes, levels + 1));
            }
            let key = self.key(event, span, depth)?;
            let (event, span) = self.next()?;
            let (value, more, below) = self.node(event, span, depth + 1)?;
            nodes += more + 1;
            levels = levels.max(below);
            let Some(key) = key else { continue };
            if let Some(earlier) = first.get(&key.name) {
                self.found.push(duplicate(&key, *earlier));
                continue;
            }
            first.insert(key.name.clone(), key.span);
            entries.push((key, value));
        }
    }

    fn key(&mut self, event: Event<'t>, span: Span, depth: usize) -> Result<Option<Key>, Fatal> {
        // As written: the key `on` or `80` is that text, whatever the value would be.
        let written = if let Event::Scalar(text, ..) = &event {
            Some(text.clone().into_owned())
        } else {
            None
        };
        let (node, ..) = self.node(event, span, depth + 1)?;
        let name = written.or_else(|| node.text().map(str::to_owned));
        if name.is_none() {
            self.found.push(
                Diagnostic::new(
                    &codes::UNSUPPORTED_YAML,
                    format!("{} cannot be a key", node.kind()),
                )
                .at(node.span)
                .help("keys are text"),
            );
        }
        Ok(name.map(|name| Key { name, span }))
    }

    /// From the start of a collection to its end; block collections end with their first line.
    fn whole(&self, start: Span, end: Span) -> Span {
        let text = &self.text[start.start - self.offset..];
        if text.starts_with(['{', '[']) {
            return Span {
                end: end.end,
                ..start
            };
        }
        let line = text.lines().next().unwrap_or_default().trim_end();
        Span {
            end: start.start + line.len(),
            ..start
        }
    }

    fn scalar(
        &mut self,
        text: Cow<'t, str>,
        style: ScalarStyle,
        tag: Option<&Tag>,
        span: Span,
    ) -> Value {
        match tag {
            Some(tag) if tag.is_yaml_core_schema_tag("str") => Value::Text(text.into_owned()),
            Some(tag) if !tag.is_yaml_core_schema() && tag.suffix() != "!" => {
                self.refuse_tag(tag, span);
                Value::Text(text.into_owned())
            }
            Some(_) | None => match style {
                ScalarStyle::Plain => plain(&text),
                ScalarStyle::SingleQuoted
                | ScalarStyle::DoubleQuoted
                | ScalarStyle::Literal
                | ScalarStyle::Folded => Value::Text(text.into_owned()),
            },
        }
    }
}

fn too_deep() -> Diagnostic {
    Diagnostic::new(
        &codes::TOO_DEEP,
        format!("maps and lists are nested more than {DEPTH_LIMIT} levels deep"),
    )
}

fn duplicate(key: &Key, earlier: Span) -> Diagnostic {
    let mut problem = Diagnostic::new(
        &codes::DUPLICATE_KEY,
        format!("the key `{}` is given twice", key.name),
    )
    .at(key.span)
    .related(earlier, "given here first")
    .help("remove one of the two, or rename it");
    if key.name == "<<" {
        problem = problem.note("merge keys belong to YAML 1.1; files here are YAML 1.2");
    }
    problem
}

/// The last bracket of `text` that is not closed, and its line.
fn unclosed(text: &str) -> Option<(char, usize)> {
    let mut open = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let mut quote = None;
        for (at, c) in line.char_indices() {
            match (quote, c) {
                (Some(mark), _) if mark == c => quote = None,
                (None, '"' | '\'') => quote = Some(c),
                (None, '#') if at == 0 || line[..at].ends_with(' ') => break,
                (None, '[' | '{') => open.push((c, index + 1)),
                (None, ']' | '}') => {
                    open.pop();
                }
                _ => {}
            }
        }
    }
    open.pop()
}

/// The largest character boundary at or before byte `at`.
fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// What an unquoted scalar means in YAML 1.2's core schema.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    if let Some(value) = integer(text) {
        return Value::Integer(value, text.to_owned());
    }
    match float(text) {
        Some(value) => Value::Float(value, text.to_owned()),
        None => Value::Text(text.to_owned()),
    }
}

fn integer(text: &str) -> Option<i128> {
    let digits = |digits: &str, radix| {
        let valid = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
        valid.then(|| i128::from_str_radix(digits, radix).ok())?
    };
    if let Some(rest) = text.strip_prefix("0x") {
        return digits(rest, 16);
    }
    if let Some(rest) = text.strip_prefix("0o") {
        return digits(rest, 8);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let value = digits(unsigned, 10)?;
    Some(if text.starts_with('-') { -value } else { value })
}

fn float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let numeric = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && unsigned.chars().any(|c| c.is_ascii_digit())
        && unsigned
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'));
    if !numeric {
        return None;
    }
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

#[cfg(test)]
mod tests;
