//! Paths into a scenario: where `--set` and variants put their values.
//!
//! A path is a JSON Pointer, or the same with dots, where each segment is the longest key that
//! exists there, because attribute keys contain dots. Values are put into the tree before it is
//! checked, so they are checked like all others.

use super::codes;
use super::diagnostic::{Diagnostic, Diagnostics, Span};
use super::suggest;
use super::tree::{Key, Node, Value};
use crate::model::assumption::SETTINGS;
use crate::model::lb::KINDS;

/// Puts `value` at `path`, which stands at `span`.
pub(super) fn set(root: &mut Node, path: &str, span: Span, value: Node, found: &mut Diagnostics) {
    if let Err(problem) = try_set(root, path, span, value) {
        found.push((*problem).at(span));
    }
}

fn try_set(root: &mut Node, path: &str, span: Span, value: Node) -> Result<(), Box<Diagnostic>> {
    let steps = Steps::new(path)?;
    let mut at = 0;
    let mut node = root;
    let mut walked = String::new();
    loop {
        if matches!(node.value, Value::Null) {
            node.value = Value::Map(Vec::new());
        }
        let (step, next) = steps.next(node, at);
        let last = next == steps.parts.len();
        let kind = node.kind();
        match &mut node.value {
            Value::Map(entries) => {
                let position = entries.iter().position(|(key, _)| key.name == step);
                match position {
                    Some(position) if last => {
                        entries[position].1 = value;
                        return Ok(());
                    }
                    Some(position) => node = &mut entries[position].1,
                    None if last && steps.may_be_new(at, &step) => {
                        let key = Key { name: step, span };
                        entries.push((key, value));
                        return Ok(());
                    }
                    None => {
                        let keys = entries.iter().map(|(key, _)| key.name.as_str());
                        return Err(Box::new(missing(&steps.parts[at], &walked, keys)));
                    }
                }
            }
            Value::List(items) => {
                let count = items.len();
                let index: Option<usize> = step.parse().ok();
                let item = index.and_then(|index| items.get_mut(index));
                let Some(item) = item else {
                    let message =
                        format!("`{walked}` is a list of {count} items and has no item `{step}`");
                    let problem = Diagnostic::new(&codes::BAD_PATH, message);
                    return Err(Box::new(problem.help("items are counted from 0")));
                };
                if last {
                    *item = value;
                    return Ok(());
                }
                node = item;
            }
            Value::Null
            | Value::Bool(_)
            | Value::Integer(..)
            | Value::Float(..)
            | Value::Text(_) => {
                let message = format!("`{walked}` is {kind} and has nothing below it");
                return Err(Box::new(Diagnostic::new(&codes::BAD_PATH, message)));
            }
        }
        if !walked.is_empty() {
            walked.push(if steps.pointer { '/' } else { '.' });
        }
        walked.push_str(&steps.parts[at..next].join("."));
        at = next;
    }
}

fn missing<'k>(step: &str, walked: &str, keys: impl Iterator<Item = &'k str>) -> Diagnostic {
    let place = if walked.is_empty() {
        "the file".to_owned()
    } else {
        format!("`{walked}`")
    };
    let what = format!("the keys of {place} are");
    let help = suggest::help(step, &what, keys);
    Diagnostic::new(
        &codes::BAD_PATH,
        format!("the path leads nowhere: {place} has no `{step}`"),
    )
    .maybe_help(help)
    .note("only the last key of a path may be new")
}

struct Steps {
    parts: Vec<String>,
    pointer: bool,
}

impl Steps {
    fn new(path: &str) -> Result<Self, Box<Diagnostic>> {
        let empty = || {
            let problem = Diagnostic::new(&codes::BAD_PATH, format!("`{path}` is not a path"));
            let help = "write it as in `target_groups.web.port` or `/target_groups/web/port`";
            Box::new(problem.help(help))
        };
        if path.len() > 4096 {
            let message = "the path is longer than 4096 bytes";
            return Err(Box::new(Diagnostic::new(&codes::BAD_PATH, message)));
        }
        let pointer = path.starts_with('/');
        let parts: Vec<String> = if pointer {
            let steps = path[1..].split('/');
            steps
                .map(|step| step.replace("~1", "/").replace("~0", "~"))
                .collect()
        } else {
            path.split('.').map(str::to_owned).collect()
        };
        if parts.iter().any(String::is_empty) {
            return Err(empty());
        }
        Ok(Self { parts, pointer })
    }

    /// The key that the parts from `at` on begin with in `node`, and how far it reaches.
    fn next(&self, node: &Node, at: usize) -> (String, usize) {
        if self.pointer || !matches!(node.value, Value::Map(_)) {
            return (self.parts[at].clone(), at + 1);
        }
        for end in (at + 1..=self.parts.len()).rev() {
            let key = self.parts[at..end].join(".");
            if node.get(&key).is_some() {
                return (key, end);
            }
        }
        (self.parts[at..].join("."), self.parts.len())
    }

    /// Whether `step`, which begins with part `at`, may be a key that is not there yet: a single
    /// word, or a key with dots that the clouds or the settings have.
    fn may_be_new(&self, at: usize, step: &str) -> bool {
        if self.pointer || at + 1 == self.parts.len() {
            return true;
        }
        let attributes = KINDS.iter().flat_map(|kind| {
            kind.attributes()
                .iter()
                .chain(kind.target_group_attributes())
        });
        let mut keys = attributes
            .map(|param| param.key)
            .chain(SETTINGS.iter().map(|setting| setting.param.key));
        keys.any(|key| key == step)
    }
}

#[cfg(test)]
mod tests {
    use super::super::yaml;
    use super::*;

    const FILE: &str = "seed: 1\n\
        target_groups:\n  web:\n    attributes: { slow_start.duration_seconds: 30 }\n\
        settings:\n\
        timeline: [{ at: 1m }, { at: 2m }]\n";

    fn after(path: &str) -> Result<String, String> {
        let mut found = Diagnostics::new();
        let source = found.add_source("f", FILE);
        let mut root = yaml::parse(FILE, source, 0, &mut found).unwrap();
        let given = found.add_source("--set", path);
        let span = Span {
            source: given,
            start: 0,
            end: path.len(),
        };
        let value = Node {
            value: Value::Text("new".to_owned()),
            span,
        };
        set(&mut root, path, span, value, &mut found);
        if found.has_errors() {
            return Err(found.to_string());
        }
        let json = super::super::params::json(&root);
        Ok(json.to_string())
    }

    #[test]
    fn pointers_and_dotted_paths_reach_the_same_place() {
        let dotted = after("target_groups.web.attributes.slow_start.duration_seconds").unwrap();
        let pointer = after("/target_groups/web/attributes/slow_start.duration_seconds").unwrap();
        assert_eq!(dotted, pointer);
        assert!(dotted.contains(r#""slow_start.duration_seconds":"new""#));
        assert!(after("timeline.1.at").unwrap().contains(r#"{"at":"new"}]"#));
        assert!(after("seed").unwrap().contains(r#""seed":"new""#));
    }

    #[test]
    fn the_last_key_may_be_new() {
        let new = "target_groups.web.attributes.deregistration_delay.timeout_seconds";
        assert!(
            after(new)
                .unwrap()
                .contains(r#""deregistration_delay.timeout_seconds":"new""#)
        );
        assert!(
            after("settings.propagation.alb")
                .unwrap()
                .contains(r#"{"propagation.alb":"new"}"#)
        );
        assert!(
            after("target_groups.web.port")
                .unwrap()
                .contains(r#""port":"new""#)
        );
    }

    #[test]
    fn a_path_without_a_parent_is_refused() {
        let problem = after("target_group.web.port").unwrap_err();
        assert!(
            problem.contains("the file has no `target_group`"),
            "{problem}"
        );
        for path in [
            "target_groups.web.atributes.x",
            "timeline.2.at",
            "seed.x",
            "",
            "a..b",
            "/",
        ] {
            assert!(after(path).unwrap_err().contains("DS0112"), "{path}");
        }
    }
}
